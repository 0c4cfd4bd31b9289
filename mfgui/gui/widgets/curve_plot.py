"""The plot of the learning curve: lines, seams, marks and a cross-line that reads a record.

Pens are 1 px wide and a line is reduced to its peaks before it is drawn (``curve_data``): a 2-px
antialiased pen took 2.6 s at a million points. The view follows the records until a person pans
or zooms, then stays until Fit; the ranges come from running bounds, since pyqtgraph's automatic
range would look at the reduced line.
"""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QContextMenuEvent,
    QCursor,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.curve_cursor import CurveCursor
from mfgui.gui.widgets.curve_data import TRIAL, VIEWS, CurveData
from mfgui.gui.widgets.curve_levels import CurveLevels
from mfgui.gui.widgets.curve_lines import GrowingPairs, Scale
from mfgui.gui.widgets.curve_marks import CurveMarks
from mfgui.gui.widgets.curve_pens import curve_pen
from mfgui.gui.widgets.focus_frame import FocusFrame
from mfgui.gui.widgets.plain_axis import PlainAxis
from mfgui.training.events import Notice

HELP = ("What each epoch reached. Left and Right read one epoch after another, Home and End the "
        "first and the last, Esc lets go. The wheel zooms, dragging pans, 0 or Fit shows "
        "everything; the menu key, or a right click, offers to export.")
AXIS_WORDS = {"rmse": "RMSE", "loss": "loss", "ranking": "ranking, at 10"}


class CurvePlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A plot of the columns of one view of ``CurveData``.

    Signals
    -------
    record_pointed : position of the record under the pointer or cursor, or None
    export_requested : "picture" or "values", from the menu
    """

    record_pointed = Signal(object)
    export_requested = Signal(str)
    accessible_role = "chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"bottom": PlainAxis("bottom", is_whole=True), "left": PlainAxis("left")}
        super().__init__(parent, axisItems=axes)
        self._theme, self._view, self._data = LIGHT, "rmse", CurveData()
        self._scale, self._is_following = Scale(), True
        self._lines: dict[tuple[int, str], pg.PlotDataItem] = {}
        self.marks, self.levels = CurveMarks(self.getPlotItem()), CurveLevels(self.getPlotItem())
        self._axis_words: tuple[str, ...] = ()
        self.cursor_ = CurveCursor(self.getPlotItem(), self)
        self.cursor_.moved.connect(self.record_pointed)
        self._set_up()

    def _set_up(self) -> None:
        """Arrange what never changes."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.showGrid(x=True, y=True, alpha=1.0)
        for name in ("bottom", "left"):
            item.getAxis(name).setZValue(-1000)  # the grid stays under the curves
        item.vb.disableAutoRange()
        item.vb.setLimits(minXRange=0.01, minYRange=1e-9)
        self.scene().sigMouseClicked.connect(self._on_mouse_clicked)
        item.vb.sigRangeChangedManually.connect(self._on_range_changed_manually)
        item.vb.sigXRangeChanged.connect(self._draw_all)
        item.vb.sigResized.connect(self._draw_all)
        FocusFrame(self)
        self.setAccessibleName("Learning curve")
        self.setWhatsThis(HELP)
        self.tell_record("")
        self.fit()

    def tell_record(self, text: str) -> None:
        """Tell those who do not see it the record that is read; "": how to read one."""
        self.setAccessibleDescription(
            text or "Left and right arrow keys read one epoch after another.")
        if text and self.hasFocus() and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    # what it shows

    def set_data(self, data: CurveData) -> None:
        """Show another run from its beginning; the view follows it."""
        self._data = data
        self._drop_lines()
        self.marks.clear()
        self.cursor_.set_data(data, self._scale)
        self.draw()
        self.fit()

    def set_view(self, view: str) -> None:
        """Show one of ``VIEWS``."""
        if view != self._view:
            self._view = view
            self._drop_lines()
            self.draw()
            self.fit()

    def set_log(self, *, is_log_x: bool, is_log_y: bool) -> None:
        """Make axes logarithmic; what they cannot show is left out."""
        self._scale = Scale(is_log_x, is_log_y)
        item = self.getPlotItem()
        item.getAxis("bottom").setLogMode(x=is_log_x, y=False)
        item.getAxis("left").setLogMode(x=False, y=is_log_y)
        self._drop_lines()
        self.marks.set_scale(self._scale)
        self.cursor_.set_data(self._data, self._scale)
        self.fit()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours: pyqtgraph ignores the palette."""
        self._theme = theme
        self.setBackground(theme.plot_ground)
        for name in ("bottom", "left"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(theme.border))
            axis.setTextPen(pg.mkPen(theme.text))
            axis.setTickPen(pg.mkPen(theme.grid))
        self.cursor_.set_theme(theme)
        self._drop_lines()
        self.marks.set_theme(theme)
        self.draw()

    def _write_axis_labels(self) -> None:
        """Name the axes, only where the words change: each time would lay the plot out anew."""
        words = (AXIS_WORDS[self._view],
                 "epochs trained" if self._data.is_shifted else "epoch", self._theme.text)
        if words != self._axis_words:
            self._axis_words = words
            self.getPlotItem().setLabel("left", words[0], color=words[2])
            self.getPlotItem().setLabel("bottom", words[1], color=words[2])

    def draw(self) -> None:
        """Bring the plot up to date with the data."""
        if not (self._is_following and self._set_whole_range()):
            self._draw_all()  # otherwise the change of the range has drawn the lines
        self._write_axis_labels()

    def _draw_all(self) -> None:
        """Draw what is visible of each line."""
        low, high = self.getPlotItem().vb.viewRange()[0]
        n_columns = max(int(self.getPlotItem().vb.width()), 50)
        for segment in self._data.drawn_segments:
            for column in VIEWS[self._view]:
                if column in segment.lines:
                    key = (segment.number, column)
                    self._draw_line(key, segment.lines[column], (low, high, n_columns))
        self.marks.draw_seams(self._data, self._theme)
        self.marks.arrange()
        self.levels.draw(self._data.levels if self._view == "rmse" else {}, self._scale,
                         self._theme)

    def _draw_line(
        self, key: tuple[int, str], pairs: GrowingPairs, part: tuple[float, float, int]
    ) -> None:
        """Draw one segment of one column."""
        column = "trial" if key[0] == TRIAL else key[1]
        if key not in self._lines:
            self._lines[key] = pg.PlotDataItem(pen=curve_pen(column, self._theme))
            self.addItem(self._lines[key])
        points = pairs.drawn(self._scale, *part)
        # A line of one point shows nothing; a dot says that training began.
        symbol = "o" if points.x.size == 1 or column == "trial" else None
        self._lines[key].setData(
            points.x, points.y, antialias=not points.is_reduced, skipFiniteCheck=True,
            symbol=symbol, symbolSize=5, symbolPen=None,
            symbolBrush=curve_pen(column, self._theme).color())

    def draw_trial(self) -> None:
        """Draw the steps of a copy as they are now, or no longer."""
        for key in [key for key in self._lines if key[0] == TRIAL]:
            self.removeItem(self._lines.pop(key))
        self.draw()

    def add_mark(self, notice: Notice) -> None:
        """Mark a notice at its epoch."""
        self.marks.add_notice(notice, self._data, self._theme)

    def _drop_lines(self) -> None:
        for line in self._lines.values():
            self.removeItem(line)
        self._lines.clear()

    # looking around

    def fit(self) -> None:
        """Show everything, and keep showing it as it grows."""
        self._is_following = True
        self.draw()

    @property
    def visible_values(self) -> tuple[float, float]:
        """The least and the largest y in view, in the units of the data."""
        low, high = self.getPlotItem().vb.viewRange()[1]
        if self._scale.is_log_y:
            low, high = (10.0 ** min(max(end, -300.0), 300.0) for end in (low, high))
        return low, high

    @property
    def is_following(self) -> bool:
        """Whether the view still follows the records, that is until a person zooms."""
        return self._is_following

    def _set_whole_range(self) -> bool:
        """Show all of the data; return whether the range along x changed."""
        bounds = self._data.bounds(self._view, self._scale)
        if bounds is None:
            return False
        box = self.getPlotItem().vb
        left, right, low, high = bounds
        if right <= left:
            right = left + (0.5 if self._scale.is_log_x else 1)
        if high <= low:
            room = abs(high) * 0.1 or 1.0
            low, high = low - room, high + room
        before = box.viewRange()[0]
        box.setRange(xRange=(left, right), yRange=(low, high), padding=0.04)
        return bool(box.viewRange()[0] != before)

    def _on_range_changed_manually(self, _axes: object) -> None:
        self._is_following = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the record under the pointer."""
        super().mouseMoveEvent(event)
        self.cursor_.move_near(self.mapToScene(event.position().toPoint()), self.marks)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show everything again."""
        self.fit()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Stop reading when the pointer leaves."""
        super().leaveEvent(event)
        self.cursor_.move_to(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read epoch after epoch with the arrow keys; 0 shows everything."""
        if event.key() == Qt.Key.Key_0:
            self.fit()
        elif not self.cursor_.take_key(event.key()):
            super().keyPressEvent(event)

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
        menu.addAction("Export &picture...", lambda: self.export_requested.emit("picture"))
        menu.addAction("Export &values...", lambda: self.export_requested.emit("values"))
        return menu
