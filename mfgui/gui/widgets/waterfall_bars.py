"""Where the bars of a waterfall lie and how each is painted, in the theme's colours.

Each bar begins where the one before it ended, so that the eye can follow the sum. Most of a
prediction is often its mean, beside which a share of 0.1 would be a hair's breadth: then the axis
is broken between 0 and what moves, and the two bars that begin at 0 say so by a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from mfgui.gui.theme import LIGHT, Theme, mixed
from mfgui.inspection.explanation import Waterfall

BASES = ("mean", "offset")  # where a prediction begins, before anything of user or item
RESTS = ("factors", "ratings", "remainder", "clipped")  # not one thing, but what is left over
_BREAK_FROM = 1.5  # the axis is broken where 0 lies this many times what moves away from it
_GAP_PX = 5.0
_THINNEST_PX = 1.5


@dataclass(frozen=True)
class Axis:
    """The values from the left to the right edge.

    Parameters
    ----------
    low, high : float
    is_broken : bool
        Whether 0 lies outside, and what begins there is drawn from the edge nearest to it.
    """

    low: float
    high: float
    is_broken: bool

    def place(self, value: float, room: QRectF) -> float:
        """Return where a value lies, in pixels."""
        inside = min(max(value, self.low), self.high)
        return room.left() + room.width() * (inside - self.low) / (self.high - self.low)


def steps(waterfall: Waterfall) -> list[tuple[float, float]]:
    """Return where each bar begins and ends; the last one is the total, from 0."""
    found, reached = [], 0.0
    for bar in waterfall.bars:
        found.append((reached, reached + bar.value))
        reached += bar.value
    return [*found, (0.0, waterfall.total)]


def axis_of(waterfall: Waterfall) -> Axis:
    """Return the axis that shows every step, broken where 0 is far from all of them."""
    levels = [end for _, end in steps(waterfall)]
    low, high = min(levels), max(levels)
    has_base = bool(waterfall.bars) and waterfall.bars[0].kind in BASES
    away = max(low, -high)  # from 0 to the nearest level; below 0 where 0 lies among them
    if has_base and away > _BREAK_FROM * (high - low):
        room = 0.3 * (high - low) or 0.1 * abs(high) or 1.0
        return Axis(low - room, high + room / 6, True) if low > 0 else Axis(
            low - room / 6, high + room, True)
    low, high = min(low, 0.0), max(high, 0.0)
    return Axis(low, high if high > low else low + 1.0, False)


class BarPainter:
    """Paints one bar after the other; told apart by sign, hatch and colour."""

    def __init__(self) -> None:
        self.set_theme(LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.theme = theme
        self._above, self._below = QColor(theme.series[0]), QColor(theme.series[1])
        self._base = QColor(mixed(theme.muted, theme.plot_ground, 0.35))
        self._total = QColor(mixed(theme.text, theme.plot_ground, 0.15))

    def paint(
        self, painter: QPainter, kind: str, step: tuple[float, float], axis: Axis, lane: QRectF
    ) -> None:
        """Paint the bar of a kind ("total" is one more) from begin to end of its step."""
        ends = sorted(axis.place(value, lane) for value in step)
        width = max(ends[1] - ends[0], _THINNEST_PX)
        bar = QRectF(min(ends[0], lane.right() - width), lane.top(), width, lane.height())
        colour, brush = self._look(kind, step[1] - step[0])
        painter.setPen(QPen(colour, 1.0))
        painter.setBrush(brush)
        painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
        if axis.is_broken and 0.0 in step:
            self._break(painter, bar, is_left=axis.low > 0)

    def _look(self, kind: str, value: float) -> tuple[QColor, QBrush]:
        """Return outline and filling: full above 0, hatched below, dotted where it is a rest."""
        if kind == "total":
            return self._total, QBrush(self._total)
        if kind in BASES:
            return self._base, QBrush(self._base)
        colour = self._above if value >= 0 else self._below
        if kind in RESTS:
            return colour, QBrush(colour, Qt.BrushStyle.Dense6Pattern)
        pattern = Qt.BrushStyle.SolidPattern if value >= 0 else Qt.BrushStyle.BDiagPattern
        return colour, QBrush(colour, pattern)

    def _break(self, painter: QPainter, bar: QRectF, *, is_left: bool) -> None:
        """Cut a slanted gap into a bar whose beginning at 0 is not shown."""
        x = bar.left() + 6 if is_left else bar.right() - 6 - _GAP_PX
        painter.setPen(QPen(QColor(self.theme.plot_ground), 2.0))
        for offset in (0.0, _GAP_PX):
            painter.drawLine(QPointF(x + offset, bar.bottom() + 1),
                             QPointF(x + offset + 3, bar.top() - 1))

    def connect(
        self, painter: QPainter, level: float, axis: Axis, lane: QRectF, next_lane: QRectF
    ) -> None:
        """Draw the line from a bar's end to the beginning of the next."""
        x = axis.place(level, lane)
        painter.setPen(QPen(QColor(self.theme.muted), 1.0))
        painter.drawLine(QPointF(x, lane.bottom()), QPointF(x, next_lane.top()))
