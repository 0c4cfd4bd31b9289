"""Pictures of many curves, painted by a worker: the GUI thread only has to show them.

50 curves of two points a pixel column took the GUI thread 15 to 30 ms to paint, on every tick of a
drag. Here a worker paints them into an image, a little wider and higher than what is in view: a
drag moves the image at once, and the next one comes a moment later. What has not changed since the
last picture, as the finished runs beside one that trains, is not painted again. Lines whose single
points are seen are painted by Qt, with smooth edges; envelopes by ``inspection/curve_image``.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from mfgui.gui.widgets.curve_bounds import Box, steady, whole_box, widened
from mfgui.gui.widgets.curve_lines import Scale
from mfgui.inspection.curve_image import PixelArray, by_rows, empty_image, paint_line
from mfgui.inspection.envelopes import Envelope, Line, PreparedLine, View
from mfgui.inspection.extremes import FloatArray

MARGIN = 0.2  # of the visible width and height, painted beyond either side
FAINT = 70  # of 255: how much of the line behind its smoothed one is seen
MARK_PX = 8  # at most one mark of what is not finite in so many pixels
_FAR = 3e4  # pixels; Qt's painter cannot take a value of 1e300
Style = Qt.PenStyle | tuple[float, ...]
# Dashes and gaps of an envelope, in pixel columns.
PATTERNS: dict[Qt.PenStyle, tuple[float, ...]] = {
    Qt.PenStyle.SolidLine: (), Qt.PenStyle.DashLine: (14, 8), Qt.PenStyle.DotLine: (3, 6),
    Qt.PenStyle.DashDotLine: (14, 6, 3, 6), Qt.PenStyle.DashDotDotLine: (14, 5, 3, 5, 3, 5)}


@dataclass(frozen=True, eq=False)
class DrawnCurve:
    """A curve to draw.

    Parameters
    ----------
    key : tuple
        The same for a line that has only grown since.
    line : Line
    colour : str
    style : PenStyle, or dashes and gaps in pixels
    is_live : bool
        Whether it grows now: it is painted apart, on top.
    is_drawn : bool
        Whether the line is to be painted; otherwise only marks of what is not finite.
    row : int
        Of which row in the legend it is the line.
    """

    key: tuple[Any, ...]
    line: Line
    colour: str
    style: Style
    is_live: bool = False
    is_drawn: bool = True
    row: int = -1

    def pen(self, width: float = 1.0, alpha: int = 255) -> QPen:
        """Return what to draw it with."""
        colour = QColor(self.colour)
        colour.setAlpha(alpha)
        if isinstance(self.style, tuple):
            return QPen(pg.mkPen(colour, width=width, dash=list(self.style)))
        return QPen(pg.mkPen(colour, width=width, style=self.style))


@dataclass(frozen=True, eq=False)
class CurveRequest:
    """What is to be painted.

    Parameters
    ----------
    curves : tuple of DrawnCurve
    box : Box or None
        What is in view, in the axes' units; None: everything.
    levels : tuple of float
        Values that are to be in view with everything, unless they lie too far off.
    width, height : int
        Of what is in view, in pixels.
    ratio : float
        Pixels of the screen to one of these.
    scale : Scale
    half_life : float
        Of the smoothing, in epochs; 0 for none.
    """

    curves: tuple[DrawnCurve, ...]
    box: Box | None
    levels: tuple[float, ...]
    width: int
    height: int
    ratio: float
    scale: Scale
    half_life: float = 0.0


@dataclass(frozen=True, eq=False)
class DrawnLine:
    """What is drawn of a curve; ``odd`` are the places of what is not finite."""

    curve: DrawnCurve
    raw: Envelope
    smooth: Envelope | None
    odd: FloatArray


@dataclass(frozen=True, eq=False)
class Layer:
    """An image, and the array that its pixels are."""

    image: QImage
    pixels: PixelArray


@dataclass(frozen=True, eq=False)
class CurvePicture:
    """The painted curves.

    Parameters
    ----------
    request : CurveRequest
    box : Box
        What is to be in view.
    room : Box
        What the images show.
    layers : tuple of Layer
        One over the other.
    lines : tuple of DrawnLine
    """

    request: CurveRequest
    box: Box
    room: Box
    layers: tuple[Layer, ...]
    lines: tuple[DrawnLine, ...]


class CurvePainter:
    """Paints what is asked for; used by one thread at a time."""

    def __init__(self) -> None:
        self._prepared: dict[tuple[Any, ...], PreparedLine] = {}
        self._lines: dict[tuple[Any, ...], tuple[Any, DrawnLine]] = {}
        self._fixed: tuple[Any, Layer] | None = None
        self._whole: Box | None = None
        self._whole_scale = Scale()

    def paint(self, request: CurveRequest) -> CurvePicture | None:
        """Return the picture; None where there is nothing that could be seen."""
        self._prepare(request.curves)
        box = request.box or self._whole_box(request)
        if box is None:
            return None
        room = widened(box, MARGIN)
        n_columns = max(round(request.width * (1 + 2 * MARGIN) * request.ratio), 10)
        view = View(room.left, room.right, n_columns, request.scale.is_seconds,
                    request.scale.is_log_x, request.scale.is_log_y)
        lines = tuple(self._line(curve, view, request) for curve in request.curves)
        size = n_columns, max(round(request.height * (1 + 2 * MARGIN) * request.ratio), 10)
        return CurvePicture(request, box, room, self._layers(lines, room, size, request), lines)

    def _whole_box(self, request: CurveRequest) -> Box | None:
        """Return what shows all curves, with room ahead of one that grows."""
        box = whole_box([self._prepared[curve.key] for curve in request.curves], request.levels,
                        request.scale)
        is_growing = any(curve.is_live for curve in request.curves)
        before = self._whole if is_growing and request.scale == self._whole_scale else None
        self._whole = steady(before, box) if box is not None else None
        self._whole_scale = request.scale
        return self._whole

    def _prepare(self, curves: Sequence[DrawnCurve]) -> None:
        """Bring what is kept of each line up to date; what is drawn no more is let go."""
        keys = {curve.key for curve in curves}
        self._prepared = {key: line for key, line in self._prepared.items() if key in keys}
        self._lines = {key: line for key, line in self._lines.items() if key in keys}
        for curve in curves:
            self._prepared.setdefault(curve.key, PreparedLine()).take(curve.line)

    def _line(self, curve: DrawnCurve, view: View, request: CurveRequest) -> DrawnLine:
        """Return what to draw of a curve, the same as before where nothing has changed."""
        made_for = view, curve.line.size, request.half_life, curve.is_drawn
        before, drawn = self._lines.get(curve.key, (None, None))
        if drawn is None or before != made_for:
            prepared = self._prepared[curve.key]
            smooth = (prepared.smooth_envelope(view, request.half_life)
                      if request.half_life and curve.is_drawn else None)
            drawn = DrawnLine(curve, prepared.envelope(view), smooth, prepared.odd_places(
                view, max(round(MARK_PX * request.ratio), 1)))
        drawn = drawn if drawn.curve is curve else replace(drawn, curve=curve)
        self._lines[curve.key] = made_for, drawn
        return drawn

    def _layers(
        self, lines: Sequence[DrawnLine], room: Box, size: tuple[int, int], request: CurveRequest
    ) -> tuple[Layer, ...]:
        """Return what stands still, and what grows."""
        fixed = [line for line in lines if not line.curve.is_live and line.curve.is_drawn]
        live = [line for line in lines if line.curve.is_live and line.curve.is_drawn]
        made_for = room, size, request.ratio, request.scale, request.half_life, tuple(
            (line.curve.key, line.curve.line.size, line.curve.colour, line.curve.style)
            for line in fixed)
        if self._fixed is None or self._fixed[0] != made_for:
            self._fixed = made_for, painted(fixed, room, size, request.ratio)
        if not live:
            return (self._fixed[1],)
        return self._fixed[1], painted(live, room, size, request.ratio)


def painted(
    lines: Iterable[DrawnLine], room: Box, size: tuple[int, int], ratio: float
) -> Layer:
    """Return an image of lines."""
    columns, smooth_edged = empty_image(size[1], size[0]), []
    x_scale, y_scale = size[0] / (room.right - room.left), size[1] / (room.high - room.low)
    for line, envelope, pen in strokes(lines, ratio):
        x = (envelope.x - room.left) * x_scale
        y = (room.high - envelope.y) * y_scale
        if line.raw.is_reduced:
            paint_line(columns, x, y, line.curve.colour, pen.color().alpha(), _pattern(pen, ratio),
                       room.left * x_scale, max(round(ratio), 1))
        else:
            smooth_edged.append((x, y, pen))
    pixels = by_rows(columns)
    image = QImage(pixels.data, *size, 4 * size[0], QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    painter = QPainter(image)
    painter.scale(1 / ratio, 1 / ratio)  # from pixels of the screen
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for x, y, pen in smooth_edged:
        draw_line(painter, np.clip(x, -_FAR, _FAR), np.clip(y, -_FAR, _FAR), pen)
    painter.end()
    return Layer(image, pixels)


def _pattern(pen: QPen, ratio: float) -> tuple[float, ...]:
    """Return a pen's dashes and gaps in columns."""
    if pen.style() == Qt.PenStyle.CustomDashLine:
        return tuple(length * pen.widthF() for length in pen.dashPattern())
    return tuple(length * ratio for length in PATTERNS[pen.style()])


def strokes(
    lines: Iterable[DrawnLine], width: float
) -> Iterable[tuple[DrawnLine, Envelope, QPen]]:
    """Return line by line what is drawn and how, the faint ones first."""
    lines = list(lines)
    for line in lines:
        if line.smooth is not None:
            faint = line.curve.pen(width, FAINT)
            faint.setStyle(Qt.PenStyle.SolidLine)
            yield line, line.raw, faint
    for line in lines:
        yield line, line.smooth or line.raw, line.curve.pen(width)


def draw_line(painter: QPainter, x: FloatArray, y: FloatArray, pen: QPen) -> None:
    """Draw a line with gaps where y is NaN; a point that stands alone is a dot."""
    is_point = np.isfinite(y)
    if not is_point.any():
        return
    painter.setPen(pen)
    painter.drawPath(pg.functions.arrayToQPath(x, y, connect="finite"))
    beside = np.concatenate(([False], is_point, [False]))
    alone = np.flatnonzero(is_point & ~beside[:-2] & ~beside[2:])
    if alone.size:
        dot = QPen(pen)
        dot.setStyle(Qt.PenStyle.SolidLine)
        dot.setCapStyle(Qt.PenCapStyle.RoundCap)
        dot.setWidthF(4 * pen.widthF())
        painter.setPen(dot)
        for k in alone:
            painter.drawPoint(QPointF(float(x[k]), float(y[k])))


def marks_of(picture: CurvePicture) -> list[tuple[float, str]]:
    """Return the places of what is not finite with the colours of their curves, few enough."""
    width = MARK_PX * (picture.box.right - picture.box.left) / max(picture.request.width, 1)
    found: dict[int, tuple[float, str]] = {}
    for line in reversed(picture.lines):
        for x in line.odd.tolist():
            found.setdefault(math.floor(x / width) if width > 0 else 0, (x, line.curve.colour))
    return list(found.values())
