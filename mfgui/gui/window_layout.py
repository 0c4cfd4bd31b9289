"""Where the panels stand: matrices in the centre, docks around, kept from one start to the next.

Each panel says where its dock stands at first (``Panel.area``). Those of the right are tabs of one
column where the window is wide; where it is narrow they are tabs behind the curve. A dock that is a
tab has no title bar: it would say the tab's word again, and take a line from the matrices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QTabWidget, QWidget

from mfgui.gui.stored_state import LAYOUT_VERSION
from mfgui.jobs.help_terms import PANELS

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.panels.base import Panel

SETUP_WIDTH = 280
COLUMN_WIDTH = 400  # of what stands at the right
CENTRE_WIDTH = 800  # three matrices that can be read
AROUND_TAB = 26  # pixels beside the word of a tab
CURVE_HEIGHT = 246  # at least: figures, rates and the sentence of the end take their share
WIDE = 1600  # from here on there is room for a third column
AFTER_DRAG_MS = 100
_AREA = Qt.DockWidgetArea
AREAS = {"left": _AREA.LeftDockWidgetArea, "top": _AREA.TopDockWidgetArea,
         "bottom": _AREA.BottomDockWidgetArea, "right": _AREA.RightDockWidgetArea}


class NoBar(QWidget):
    """The title bar of a dock that is a tab: none."""

    def sizeHint(self) -> QSize:
        """Return no room at all."""
        return QSize(0, 0)

    minimumSizeHint = sizeHint


class WindowLayout(QObject):
    """The docks of the window: setup left, curve above, messages below, the others by room."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._has_left_empty = False
        self._panels: dict[str, Panel] = {}
        self.docks: dict[str, QDockWidget] = {}
        self._bars = QTimer(self)  # once for all docks that move together
        self._bars.setSingleShot(True)
        self._bars.timeout.connect(self._show_bars)

    @property
    def has_left_empty(self) -> bool:
        """Whether there was something to show in the panels yet."""
        return self._has_left_empty

    def place(self, panels: Mapping[str, Panel]) -> None:
        """Put docks around the panels, hidden until there is something to show in them."""
        window, corner = self._window, Qt.Corner
        for where in (corner.TopLeftCorner, corner.BottomLeftCorner):
            window.setCorner(where, _AREA.LeftDockWidgetArea)
        for where in (corner.TopRightCorner, corner.BottomRightCorner):
            window.setCorner(where, _AREA.RightDockWidgetArea)
        for area in AREAS.values():
            window.setTabPosition(area, QTabWidget.TabPosition.North)
        # Without it Qt lets nobody drag a dock by its tab.
        window.setDockOptions(window.dockOptions() | QMainWindow.DockOption.GroupedDragging)
        self._panels = {name: panel for name, panel in panels.items() if panel.area}
        for name, panel in self._panels.items():
            self.docks[name] = self._dock(panel, name)
        self._arrange()

    def _dock(self, panel: Panel, name: str) -> QDockWidget:
        """Return a dock around the panel; What's This anywhere in it says what it is.

        It has no tooltip: that would lie over everything in it that has none.
        """
        dock = QDockWidget(panel.title, self._window)
        dock.setObjectName(f"{name}Dock")
        dock.setWhatsThis(PANELS[name][1])
        dock.setWidget(panel)
        # Qt tells a panel itself nothing where its dock comes before another one's.
        dock.visibilityChanged.connect(lambda is_there: panel.catch_up() if is_there else None)
        for signal in (dock.dockLocationChanged, dock.visibilityChanged, dock.topLevelChanged):
            signal.connect(lambda *_: self._bars.start(0))
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable
                         | QDockWidget.DockWidgetFeature.DockWidgetMovable)
        return dock

    def _area(self, panel: Panel) -> Qt.DockWidgetArea:
        """Return where a panel stands at first, by the room there is."""
        if panel.area == "right" and self._window.width() < WIDE:
            return _AREA.TopDockWidgetArea
        return AREAS[panel.area]

    def _arrange(self) -> None:
        """Put every dock into its area, as a tab behind the first one there; all are hidden.

        Docks that are seen on their way left a tab bar behind, of the first two of the column.
        """
        for dock in self.docks.values():
            dock.hide()
        firsts: dict[Qt.DockWidgetArea, QDockWidget] = {}
        for name, panel in self._panels.items():
            area, dock = self._area(panel), self.docks[name]
            self._window.addDockWidget(area, dock)
            if area in firsts:
                self._window.tabifyDockWidget(firsts[area], dock)
            firsts.setdefault(area, dock)

    def _show_bars(self) -> None:
        """Give docks that are no tabs their title bar, and take it from those that are."""
        if QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._bars.start(AFTER_DRAG_MS)  # a dock is perhaps being dragged by its bar
            return
        for dock in self.docks.values():
            is_tab = not dock.isFloating() and any(
                not other.isHidden() for other in self._window.tabifiedDockWidgets(dock))
            bar = dock.titleBarWidget()
            if is_tab and bar is None:
                dock.setTitleBarWidget(NoBar(dock))
            elif not is_tab and bar is not None:
                dock.setTitleBarWidget(None)  # type: ignore[arg-type]  # Qt's own again
                bar.deleteLater()

    def reset(self) -> None:
        """Put every dock back where it was at the very first start."""
        window = self._window
        window.stored.forget_docks()
        self._arrange()
        for name, panel in self._panels.items():
            self.docks[name].setVisible(panel.is_shown_first)
        horizontal = {"setup": SETUP_WIDTH}
        if column := [name for name, panel in self._panels.items()
                      if self._area(panel) == _AREA.RightDockWidgetArea and panel.is_shown_first]:
            horizontal[column[0]] = COLUMN_WIDTH
        window.resizeDocks([self.docks[name] for name in horizontal], list(horizontal.values()),
                           Qt.Orientation.Horizontal)
        window.resizeDocks([self.docks["curve"]], [max(window.height() * 3 // 10, CURVE_HEIGHT)],
                           Qt.Orientation.Vertical)
        for area in (_AREA.TopDockWidgetArea, _AREA.RightDockWidgetArea):
            self._raise_first(area)

    def _raise_first(self, area: Qt.DockWidgetArea) -> None:
        """Bring the first of an area's tabs to the front."""
        for name, panel in self._panels.items():
            if panel.is_shown_first and self._area(panel) == area:
                self.docks[name].raise_()
                return

    def leave_empty(self) -> None:
        """Show the docks, once there is something to show in them."""
        window = self._window
        if self._has_left_empty:
            return
        self._has_left_empty = True
        if not window.stored.restore_docks(window) or self.docks["setup"].isHidden():
            self.reset()
        elif window.width() < WIDE and any(
                window.dockWidgetArea(dock) == _AREA.RightDockWidgetArea and not dock.isHidden()
                for dock in self.docks.values()):
            self.reset()  # the window was wider last time

    def be_empty(self) -> None:
        """Hide the docks, for there is nothing to show in them any more; where they are is kept."""
        if self._has_left_empty:
            self._window.stored.save_layout(self._window, has_docks=True)
            self._has_left_empty = False
            for dock in self.docks.values():
                dock.hide()

    def take(self, state: QByteArray) -> None:
        """Put the docks where a project has them, as far as that fits this window."""
        window = self._window
        if not window.restoreState(state, LAYOUT_VERSION):
            return
        is_narrow = window.width() < WIDE and any(
            window.dockWidgetArea(dock) == _AREA.RightDockWidgetArea and not dock.isHidden()
            for dock in self.docks.values())
        if is_narrow or self.docks["setup"].isHidden():
            self.reset()

    def raise_curve(self) -> None:
        """Bring the curve before its neighbours, unless it was closed."""
        if not self.docks["curve"].isHidden():
            self.docks["curve"].raise_()

    def show(self, name: str) -> None:
        """Open a panel's dock and bring it to the front."""
        dock = self.docks[name]
        is_new = dock.isHidden()
        dock.show()
        dock.raise_()
        if is_new:
            QTimer.singleShot(AFTER_DRAG_MS, dock, lambda: self._widen(dock))  # once it is placed

    def _widen(self, dock: QDockWidget) -> None:
        """Let the column at the right have the room of its tabs' words, if the centre can spare it.

        One more tab than at first would cut them all off.
        """
        window = self._window
        if window.dockWidgetArea(dock) != _AREA.RightDockWidgetArea or dock.isFloating():
            return
        words = [each.windowTitle() for each in (dock, *window.tabifiedDockWidgets(dock))
                 if not each.isHidden()]
        metrics = window.fontMetrics()
        wanted = sum(metrics.horizontalAdvance(word) + AROUND_TAB for word in words)
        more = min(wanted - dock.width(), window.centralWidget().width() - CENTRE_WIDTH)
        if more > 0:
            window.resizeDocks([dock], [dock.width() + more], Qt.Orientation.Horizontal)
