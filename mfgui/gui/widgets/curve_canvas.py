"""The empty plot of the learning curve: axes, colours, keys and menu, without a line."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QContextMenuEvent,
    QCursor,
    QMouseEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.curve_bounds import Box
from mfgui.gui.widgets.curve_lines import Scale
from mfgui.gui.widgets.focus_frame import FocusFrame
from mfgui.gui.widgets.plain_axis import PlainAxis
from mfgui.gui.widgets.plot_menu import add_entries

HELP = ("What each epoch reached. Left and Right read one epoch after another, Home and End the "
        "first and the last, Esc lets go; of several runs Up and Down choose another one. The "
        "wheel zooms, dragging pans, 0 or Fit shows everything; the menu key, or a right click, "
        "offers to export. A triangle at the top edge marks a value that is not finite.")


class CurveCanvas(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A plot with axes of plain numbers and a menu of its own.

    Signals
    -------
    export_requested : "picture" or "values", from the menu
    """

    export_requested = Signal(str)
    accessible_role = "chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"bottom": PlainAxis("bottom", is_whole=True), "left": PlainAxis("left")}
        super().__init__(parent, axisItems=axes)
        self._theme, self._scale = LIGHT, Scale()
        self._axis_words: tuple[str, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.layout.setContentsMargins(4, 2, 4, 4)  # the frame of the keys covers no label
        item.showGrid(x=True, y=True, alpha=1.0)
        for name in ("bottom", "left"):
            item.getAxis(name).setZValue(-1000)  # the grid stays under the curves
        item.vb.disableAutoRange()
        item.vb.setLimits(minXRange=0.01, minYRange=1e-9)
        self.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        FocusFrame(self)
        self.setAccessibleName("Learning curve")
        self.setWhatsThis(HELP)
        self.tell_record("")

    def fit(self) -> None:
        """Show everything."""
        raise NotImplementedError

    def set_scale(self, scale: Scale) -> None:
        """Make axes logarithmic; or let x be seconds."""
        self._scale = scale
        item = self.getPlotItem()
        item.getAxis("bottom").setLogMode(x=scale.is_log_x, y=False)
        item.getAxis("bottom").set_whole(not scale.is_seconds)
        item.getAxis("left").setLogMode(x=False, y=scale.is_log_y)
        item.vb.setLimits(minXRange=1e-6 if scale.is_seconds else 0.01)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours: pyqtgraph ignores the palette."""
        self._theme = theme
        self.setBackground(theme.plot_ground)
        for name in ("bottom", "left"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.text))
            axis.setTickPen(pg.mkPen(theme.grid))

    @property
    def visible_values(self) -> tuple[float, float]:
        """The least and the largest y in view, in the units of the data."""
        low, high = self.getPlotItem().vb.viewRange()[1]
        if self._scale.is_log_y:
            low, high = (10.0 ** min(max(end, -300.0), 300.0) for end in (low, high))
        return low, high

    def show_box(self, box: Box) -> bool:
        """Show a part of the plot; return whether the range along x is another."""
        view = self.getPlotItem().vb
        before = view.viewRange()[0]
        view.setRange(xRange=(box.left, box.right), yRange=(box.low, box.high), padding=0)
        return bool(view.viewRange()[0] != before)

    def write_axis_labels(self, left: str, bottom: str) -> None:
        """Name the axes, only where the words change: each time would lay the plot out anew."""
        words = left, bottom, self._theme.text
        if words != self._axis_words:
            self._axis_words = words
            self.getPlotItem().setLabel("left", left, color=self._theme.text)
            self.getPlotItem().setLabel("bottom", bottom, color=self._theme.text)

    def tell_record(self, text: str) -> None:
        """Tell those who do not see it the record that is read; "": how to read one."""
        self.setAccessibleDescription(
            text or "Left and right arrow keys read one epoch after another.")
        if text and self.hasFocus() and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show everything again."""
        self.fit()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu by key; the mouse opens it on release, for a right drag zooms."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.menu().popup(event.globalPos())
        event.accept()

    def _on_mouse_clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            self.menu().popup(QCursor.pos())

    def menu(self) -> QMenu:
        """Return the plot's own menu."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("&Fit", self.fit)
        menu.addSeparator()
        add_entries(menu, self.export_requested.emit)
        return menu
