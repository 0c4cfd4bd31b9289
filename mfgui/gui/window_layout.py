"""Where the panels stand: matrices in the centre, docks around, kept from one start to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QTabWidget

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow

SETUP_WIDTH = 280
CURVE_HEIGHT = 270  # at least: figures, rates and the sentence of the end take their share
WIDE = 1600  # from here on there is room for a third column
_AREA = Qt.DockWidgetArea


class WindowLayout(QObject):
    """The docks of the window: setup left, curve above, report right, messages below."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._has_left_empty = False
        self.docks: dict[str, QDockWidget] = {}

    @property
    def has_left_empty(self) -> bool:
        """Whether there was something to show in the panels yet."""
        return self._has_left_empty

    def place(self, setup: Any, curve: Any, messages: Any, report: Any) -> None:
        """Put docks around the panels, hidden until there is something to show in them."""
        window, corner = self._window, Qt.Corner
        for where in (corner.TopLeftCorner, corner.BottomLeftCorner):
            window.setCorner(where, _AREA.LeftDockWidgetArea)
        for where in (corner.TopRightCorner, corner.BottomRightCorner):
            window.setCorner(where, _AREA.RightDockWidgetArea)
        self.docks.update(
            setup=self._dock(setup, "setupDock", _AREA.LeftDockWidgetArea),
            curve=self._dock(curve, "curveDock", _AREA.TopDockWidgetArea),
            messages=self._dock(messages, "messagesDock", _AREA.BottomDockWidgetArea),
            report=self._dock(report, "reportDock", _AREA.TopDockWidgetArea))
        window.setTabPosition(_AREA.TopDockWidgetArea, QTabWidget.TabPosition.North)
        self._place_report()
        for dock in self.docks.values():
            dock.hide()

    def _dock(self, panel: Any, name: str, area: Qt.DockWidgetArea) -> QDockWidget:
        """Return a dock around the panel."""
        dock = QDockWidget(panel.title, self._window)
        dock.setObjectName(name)
        dock.setWidget(panel)
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable
                         | QDockWidget.DockWidgetFeature.DockWidgetMovable)
        self._window.addDockWidget(area, dock)
        return dock

    def _place_report(self) -> None:
        """Put the report at the right where there is room, otherwise behind the curve."""
        window, report = self._window, self.docks["report"]
        if window.width() >= WIDE:
            window.addDockWidget(_AREA.RightDockWidgetArea, report)
        else:
            window.addDockWidget(_AREA.TopDockWidgetArea, report)
            window.tabifyDockWidget(self.docks["curve"], report)
        report.hide()

    def reset(self) -> None:
        """Put every dock back where it was at the very first start."""
        window = self._window
        window.stored.forget_docks()
        for name, where in (("setup", _AREA.LeftDockWidgetArea), ("curve", _AREA.TopDockWidgetArea),
                            ("messages", _AREA.BottomDockWidgetArea)):
            window.addDockWidget(where, self.docks[name])
            self.docks[name].setVisible(name != "messages")
        self._place_report()
        window.resizeDocks([self.docks["setup"]], [SETUP_WIDTH], Qt.Orientation.Horizontal)
        window.resizeDocks([self.docks["curve"]], [max(window.height() * 3 // 10, CURVE_HEIGHT)],
                           Qt.Orientation.Vertical)

    def leave_empty(self) -> None:
        """Show the docks, once there is something to show in them."""
        window = self._window
        if self._has_left_empty:
            return
        self._has_left_empty = True
        if not window.stored.restore_docks(window) or self.docks["setup"].isHidden():
            self.reset()
        elif window.width() < WIDE and window.dockWidgetArea(
                self.docks["report"]) == _AREA.RightDockWidgetArea:
            self._place_report()  # the window was wider last time

    def raise_curve(self) -> None:
        """Bring the curve before the report, unless it was closed."""
        if not self.docks["curve"].isHidden():
            self.docks["curve"].raise_()
