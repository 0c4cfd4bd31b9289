"""The plot of the learning curve: lines, seams, marks and a cross-line that reads a record.

Pens are 1 px wide and a line is reduced to its peaks before it is drawn (``curve_data``): a 2-px
antialiased pen took 2.6 s at a million points. The view follows the records until a person pans
or zooms, then stays until Fit; the ranges come from running bounds, since pyqtgraph's automatic
range would look at the reduced line.

Several runs, and smoothed curves, are painted by a worker (``curve_overlay``); the lines of one run
as it is are drawn here, at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from mfgui.gui.theme import Theme
from mfgui.gui.widgets.curve_bounds import Box, padded
from mfgui.gui.widgets.curve_canvas import CurveCanvas
from mfgui.gui.widgets.curve_cursor import CurveCursor
from mfgui.gui.widgets.curve_data import TRIAL, VIEWS, CurveData
from mfgui.gui.widgets.curve_levels import CurveLevels
from mfgui.gui.widgets.curve_lines import GrowingPairs, Scale
from mfgui.gui.widgets.curve_marks import CurveMarks
from mfgui.gui.widgets.curve_overlay import CurveOverlay
from mfgui.gui.widgets.curve_painter import DrawnCurve
from mfgui.gui.widgets.curve_pens import curve_pen, drawn_columns
from mfgui.gui.widgets.curve_pointer import CurvePointer
from mfgui.gui.widgets.curve_runs import RunCurve
from mfgui.jobs.run_curves import MEASURES
from mfgui.training.events import Notice

AXIS_WORDS = {"rmse": "RMSE", "loss": "loss", "ranking": "ranking, at 10"}


class CurvePlot(CurveCanvas):
    """A plot of the columns of one view of ``CurveData``.

    Signals
    -------
    record_pointed : position of the record under the pointer or cursor, or None
    """

    record_pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view, self._data, self._is_following = "rmse", CurveData(), True
        self._lines: dict[tuple[int, str], pg.PlotDataItem] = {}
        self.marks, self.levels = CurveMarks(self.getPlotItem()), CurveLevels(self.getPlotItem())
        self._runs: list[RunCurve] = []
        self._measure, self._half_life, self._is_fitting = "", 0.0, False
        self.overlay = CurveOverlay(self.getPlotItem(), self)
        self.pointer = CurvePointer(self.getPlotItem(), self)
        self.cursor_ = CurveCursor(self.getPlotItem(), self)
        self._connect()
        self.fit()

    def _connect(self) -> None:
        box = self.getPlotItem().vb
        box.sigRangeChangedManually.connect(self._on_range_changed_manually)
        box.sigXRangeChanged.connect(self._on_x_range_changed)
        box.sigYRangeChanged.connect(self._on_y_range_changed)
        box.sigResized.connect(self._draw_all)
        self.overlay.range_wanted.connect(self._show_box)
        self.overlay.drawn.connect(self._show_strong)
        self.pointer.moved.connect(self._show_strong)
        self.cursor_.moved.connect(self.record_pointed)

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

    def set_scale(self, scale: Scale) -> None:
        """Make axes logarithmic, what they cannot show is left out; or draw over seconds."""
        super().set_scale(scale)
        self._drop_lines()
        self.marks.set_scale(scale)
        self.cursor_.set_data(self._data, scale)
        self._take_curves()
        self.fit()

    def set_smoothing(self, half_life: float) -> None:
        """Draw smoothed lines, the lines as they are faint behind them; 0: only those."""
        self._half_life = half_life
        self._drop_lines()
        self._take_curves()
        self.draw()

    def show_runs(
        self, runs: Sequence[RunCurve], measure: str, *, is_growth: bool = False
    ) -> None:
        """Draw one column of several runs; none: the columns of the one run."""
        is_other = bool(runs) != bool(self._runs) or measure != self._measure
        self._runs, self._measure = list(runs), measure
        self._take_curves(is_growth=is_growth and not is_other)
        if is_other:
            self._drop_lines()
            self.cursor_.move_to(None)
            self.marks.set_shown(is_shown=not runs)
            self.fit()
        self._name_axes()

    @property
    def is_several(self) -> bool:
        """Whether it draws several runs."""
        return bool(self._runs)

    def _take_curves(self, *, is_growth: bool = False) -> None:
        """Hand the worker what it draws."""
        if self._runs:
            curves = [DrawnCurve(run.key, run.line, run.colour, run.style, run.is_live, row=run.row)
                      for run in self._runs if run.line is not None]
            curves.sort(key=lambda curve: curve.is_live)
        else:
            curves = drawn_columns(self._data, VIEWS[self._view], self._theme,
                                   is_drawn=self._half_life > 0)
        self.pointer.set_curves(self._runs, self._scale)
        self.overlay.set_curves(
            curves, self._scale, self._half_life, tuple(self.drawn_levels().values()),
            is_whole=self._is_following and bool(self._runs), is_growth=is_growth)

    def drawn_levels(self) -> dict[str, float]:
        """Return what has to be beaten, where RMSE is drawn."""
        is_rmse = self._measure.endswith("_rmse") if self._runs else self._view == "rmse"
        return self._data.levels if is_rmse else {}

    def _show_strong(self) -> None:
        self.pointer.strengthen(self.overlay.shown.picture if self._runs else None)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        super().set_theme(theme)
        self.cursor_.set_theme(theme)
        self.pointer.set_theme(theme)
        self._drop_lines()
        self.marks.set_theme(theme)
        self.draw()

    def _name_axes(self) -> None:
        """Write what is drawn over what."""
        over = ("seconds of training" if self._scale.is_seconds
                else "epochs trained" if self._data.is_shifted else "epoch")
        what = AXIS_WORDS[self._view]
        if self._runs:  # short, for a low dock: the list above says on which ratings
            what = "RMSE" if self._measure.endswith("_rmse") else MEASURES[self._measure]
        self.write_axis_labels(what, over)

    def draw(self) -> None:
        """Bring the plot up to date with the data."""
        if not self._runs:
            self._take_curves(is_growth=True)
            if not (self._is_following and self._set_whole_range()):
                self._draw_all()  # otherwise the change of the range has drawn the lines
        self._name_axes()

    def _on_x_range_changed(self, *_range: object) -> None:
        """Draw what is in view now, unless that is what was just painted."""
        if not (self._is_fitting and self._runs):
            self._draw_all()

    def _on_y_range_changed(self, *_range: object) -> None:
        if self.overlay.is_active and not self._is_fitting:
            self.overlay.redraw(is_whole=self._is_following and bool(self._runs))

    def _draw_all(self) -> None:
        """Draw what is visible of each line."""
        self.overlay.redraw(is_whole=self._is_following and bool(self._runs))
        self.levels.draw(self.drawn_levels(), self._scale, self._theme)
        if self._runs:
            return
        low, high = self.getPlotItem().vb.viewRange()[0]
        n_columns = max(int(self.getPlotItem().vb.width()), 50)
        for segment in self._data.drawn_segments:
            if self._half_life and segment.number != TRIAL:
                continue  # the worker draws them
            for column in VIEWS[self._view]:
                if column in segment.lines:
                    key = (segment.number, column)
                    self._draw_line(key, segment.lines[column], (low, high, n_columns))
        self.marks.draw_seams(self._data, self._theme)
        self.marks.arrange()

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
        if self._runs:
            self.overlay.redraw(is_whole=True)
        self.draw()

    def _show_box(self, box: Box) -> None:
        """Show what the worker found to be everything."""
        self._is_fitting = True
        self.show_box(box)
        self._is_fitting = False
        self.levels.draw(self.drawn_levels(), self._scale, self._theme)

    @property
    def is_following(self) -> bool:
        """Whether the view still follows the records, that is until a person zooms."""
        return self._is_following

    def _set_whole_range(self) -> bool:
        """Show all of the data; return whether the range along x changed."""
        bounds = self._data.bounds(self._view, self._scale)
        if bounds is None:
            return False
        return self.show_box(padded(*bounds, self._scale))

    def _on_range_changed_manually(self, _axes: object) -> None:
        self._is_following = False
        self.overlay.redraw()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the record under the pointer."""
        super().mouseMoveEvent(event)
        place = self.mapToScene(event.position().toPoint())
        if self._runs:
            self.pointer.move_near(place)
        else:
            self.cursor_.move_near(place, self.marks)

    def leaveEvent(self, event: QEvent) -> None:
        """Stop reading when the pointer leaves."""
        super().leaveEvent(event)
        self.cursor_.move_to(None)
        self.pointer.move_to(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read epoch after epoch with the arrow keys; 0 shows everything."""
        if event.key() == Qt.Key.Key_0:
            self.fit()
        elif not (self.pointer if self._runs else self.cursor_).take_key(event.key()):
            super().keyPressEvent(event)

    @contextmanager
    def exact(self) -> Iterator[None]:
        """Draw lines where there are images on the screen: what is exported can be enlarged."""
        with self.overlay.shown.exact(), self.pointer.hidden():
            yield

    def shut_down(self) -> None:
        """End the worker."""
        self.overlay.shut_down()
