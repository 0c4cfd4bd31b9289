"""Reads all curves at one place at once, by the pointer or by the keys."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, Qt, Signal

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.curve_lines import Scale
from mfgui.gui.widgets.curve_marks import put_upright
from mfgui.gui.widgets.curve_painter import CurvePicture
from mfgui.gui.widgets.curve_runs import RunCurve
from mfgui.inspection.extremes import FloatArray

_MOST_ABOVE = 300  # power of ten of any x


class CurvePointer(QObject):
    """An upright line, a dot on each curve, and one curve that is drawn stronger.

    Signals
    -------
    moved : another place is read, or none, or another curve is the nearest
    """

    moved = Signal()

    def __init__(self, item: pg.PlotItem, parent: QObject) -> None:
        super().__init__(parent)
        self._item, self._scale, self._theme = item, Scale(), LIGHT
        self._curves: list[RunCurve] = []
        self.x: float | None = None
        self.row: int | None = None
        self._chosen: int | None = None
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._dots = pg.ScatterPlotItem(size=6, pen=None, pxMode=True)
        self._strong = pg.PlotCurveItem(connect="finite", skipFiniteCheck=False)
        for each in (self._line, self._dots, self._strong):
            each.hide()
            item.addItem(each, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the theme's colours."""
        self._theme = theme
        self._line.setPen(pg.mkPen(theme.muted, width=1))

    def set_curves(self, curves: Sequence[RunCurve], scale: Scale) -> None:
        """Read these curves; the place stays while the axis is the same."""
        self._curves = list(curves)
        if scale != self._scale:
            self._scale, self.x, self.row = scale, None, self._chosen
        if self.row not in {curve.row for curve in self._curves}:
            self.row = None
        self._show()

    def choose(self, row: int | None) -> None:
        """Draw one curve stronger whatever is pointed at; None: the nearest."""
        self._chosen = row
        if row is not None:
            self.row = row
        elif self.x is None:
            self.row = None
        self.moved.emit()

    # what is read

    def positions(self) -> dict[int, int]:
        """Return for each curve the position of the record nearest to the place."""
        if self.x is None:
            return {}
        return {curve.row: _nearest(xs, self.x) for curve, xs in self._lines() if xs.size}

    def _lines(self) -> list[tuple[RunCurve, FloatArray]]:
        return [(curve, curve.line.x(is_seconds=self._scale.is_seconds))
                for curve in self._curves if curve.line is not None]

    # moving

    def move_to(self, x: float | None, row: int | None = None) -> None:
        """Read at a place, in the units of the data."""
        row = self._chosen if self._chosen is not None else row
        if (x, row) == (self.x, self.row):
            return
        self.x, self.row = x, row
        self._show()
        self.moved.emit()

    def move_near(self, place: QPointF) -> None:
        """Read at a place in the scene; the curve that is nearest there is drawn stronger."""
        box = self._item.vb
        if not box.sceneBoundingRect().contains(place):
            self.move_to(None)
            return
        point = box.mapSceneToView(place)
        x = 10.0 ** min(point.x(), _MOST_ABOVE) if self._scale.is_log_x else point.x()
        self.move_to(x, self._nearest_row(x, point.y()))

    def _nearest_row(self, x: float, y: float) -> int | None:
        """Return the curve whose record nearest to ``x`` is nearest to ``y``."""
        best, row = math.inf, None
        for curve, xs in self._lines():
            assert curve.line is not None
            if not xs.size:
                continue
            height = self._height(float(curve.line.values[_nearest(xs, x)]))
            if abs(height - y) < best:
                best, row = abs(height - y), curve.row
        return row

    def _height(self, value: float) -> float:
        """Return where a value stands on the axis; NaN where it has no place."""
        if not self._scale.is_log_y:
            return value if math.isfinite(value) else math.nan
        return math.log10(value) if 0 < value < math.inf else math.nan

    def take_key(self, key: int) -> bool:
        """Go to the next record of one curve, or to another curve; return whether it was a key."""
        keys, lines = Qt.Key, [(curve, xs) for curve, xs in self._lines() if xs.size]
        if not lines:
            return False
        if key == keys.Key_Escape:
            self._chosen = None
            self.move_to(None)
            return True
        at = next((k for k, (curve, _) in enumerate(lines) if curve.row == self.row),
                  next((k for k, (curve, _) in enumerate(lines) if curve.is_shown), 0))
        if key in (keys.Key_Up, keys.Key_Down):
            at = (at + (1 if key == keys.Key_Down else -1)) % len(lines)
        elif key not in (keys.Key_Left, keys.Key_Right, keys.Key_Home, keys.Key_End):
            return False
        curve, xs = lines[at]
        self._chosen = None if self._chosen is None else curve.row
        self.move_to(float(xs[_step(xs, self.x, key)]), curve.row)
        return True

    # drawing

    def _show(self) -> None:
        """Put the upright line and the dots where they belong."""
        self._line.setVisible(self.x is not None)
        self._dots.setVisible(self.x is not None)
        if self.x is None:
            return
        put_upright(self._line, self.x, self._scale)
        spots, positions = [], self.positions()
        for curve, xs in self._lines():
            if curve.row not in positions:
                continue
            assert curve.line is not None
            x = float(xs[positions[curve.row]])
            y = self._height(float(curve.line.values[positions[curve.row]]))
            if math.isfinite(y) and (x > 0 or not self._scale.is_log_x):
                spots.append({"pos": (math.log10(x) if self._scale.is_log_x else x, y),
                              "brush": curve.colour})
        self._dots.setData(spots)

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Leave no trace of what is read, as in a picture for others."""
        items = [item for item in (self._line, self._dots, self._strong) if item.isVisible()]
        for item in items:
            item.hide()
        try:
            yield
        finally:
            for item in items:
                item.show()

    def strengthen(self, picture: CurvePicture | None) -> None:
        """Draw the curve that is read stronger, from what the newest picture has of it."""
        lines = picture.lines if picture is not None else ()
        line = next((line for line in lines if self.row is not None
                     and line.curve.row == self.row and line.curve.is_drawn), None)
        self._strong.setVisible(line is not None)
        if line is not None:
            envelope = line.smooth or line.raw
            self._strong.setData(envelope.x, envelope.y, pen=line.curve.pen(2.5))


def _nearest(xs: FloatArray, x: float) -> int:
    """Return the position of the x nearest to a place; there must be one."""
    right = int(np.searchsorted(xs, x))
    if right == 0 or right == xs.size:
        return min(right, xs.size - 1)
    return right if xs[right] - x < x - xs[right - 1] else right - 1


def _step(xs: FloatArray, x: float | None, key: int) -> int:
    """Return the position that a key leads to."""
    keys, last = Qt.Key, xs.size - 1
    if key in (keys.Key_Home, keys.Key_End):
        return 0 if key == keys.Key_Home else last
    if x is None:
        return last if key == keys.Key_Left else 0
    at = _nearest(xs, x)
    if key in (keys.Key_Up, keys.Key_Down):
        return at
    # Past all records at the same x: where parts meet there are two.
    if key == keys.Key_Left:
        return max(int(np.searchsorted(xs, xs[at])) - 1, 0)
    return min(int(np.searchsorted(xs, xs[at], "right")), last)
