"""Differences of two models as dots with their intervals, 0 marked: who is better, how surely."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.inspection.comparison_words import decimals_for, range_text

_GAP, _DOT, _CAP = 8, 4.5, 5.0
_MOST_TICKS = 5
_WIDEST = 6.0  # times the narrowest interval
_LEAST = 1e-4  # of the scale: errors that differ by less than their last digit are equal to the eye


@dataclass(frozen=True)
class Whisker:
    """One difference: A less B, so that below 0 A is better.

    Parameters
    ----------
    label : str
    value : float
    low, high : float or None
        Its interval; None where there is none.
    tip : str
        What it is, in a sentence.
    """

    label: str
    value: float
    low: float | None
    high: float | None
    tip: str = ""

    @property
    def text(self) -> str:
        """The figures in words."""
        if self.low is None or self.high is None:
            return f"{self.label} {self.value:+.4f}".replace("-", "−")
        decimals = min(decimals_for(self.low, self.high) + 1, 6)
        value = f"{self.value:+.{decimals}f}".replace("-", "−")
        return f"{self.label} {value}, 95 %: {range_text(self.low, self.high, is_signed=True)}"

    @property
    def is_sure(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low is not None and self.high is not None and not self.low <= 0 <= self.high


class Whiskers(QWidget):
    """The dots, one below the other on one scale; the figures of each stand in its tooltip."""

    accessible_role = "chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self.whiskers: tuple[Whisker, ...] = ()
        self.setObjectName("comparisonWhiskers")
        self.setAccessibleName("Differences of A and B with their intervals")
        self.setWhatsThis(
            "How much the errors of A and B differ: a dot for the difference, A less B, and a line "
            "for its 95 % interval. Left of 0 A is better, right of it B. Where the line crosses "
            "0, neither is surely better.")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    def show_whiskers(self, whiskers: Sequence[Whisker]) -> None:
        """Show other differences."""
        self.whiskers = tuple(whiskers)
        self.setAccessibleDescription("; ".join(each.text for each in self.whiskers))
        self.setVisible(bool(self.whiskers))
        self.updateGeometry()
        self.update()

    # -- sizes --------------------------------------------------------------------------------

    @property
    def _line(self) -> int:
        return self.fontMetrics().height()

    @property
    def _row(self) -> int:
        return self._line + 8

    def sizeHint(self) -> QSize:
        """Return room for the rows, the words above and the numbers below."""
        return QSize(320, len(self.whiskers) * self._row + 2 * self._line + 8)

    def minimumSizeHint(self) -> QSize:
        """Return the same height, less wide."""
        return QSize(220, self.sizeHint().height())

    def _plot(self) -> QRectF:
        """Return where the dots are drawn."""
        wide = max((self.fontMetrics().horizontalAdvance(each.label) for each in self.whiskers),
                   default=0)
        left = wide + 2 * _GAP
        top = self._line + 4
        return QRectF(left, top, max(self.width() - left - 2 * _GAP, 10),
                      len(self.whiskers) * self._row)

    def _range(self) -> tuple[float, float]:
        """Return the ends of the scale: 0 and the intervals, both sides of 0 with some room.

        An interval far wider than others is cut off: it would leave nothing to see of these.
        """
        ends, widest = [0.0], _WIDEST * min(map(_width, self.whiskers), default=0.0)
        for each in self.whiskers:
            is_whole = _width(each) <= widest or not widest
            ends += [end for end in (each.value, *((each.low, each.high) if is_whole else ()))
                     if end is not None]
        low, high = min(ends), max(ends)
        size = max(high - low, _LEAST)
        return min(low, -0.12 * size) - 0.08 * size, max(high, 0.12 * size) + 0.08 * size

    def _x(self, value: float) -> float:
        low, high = self._range()
        plot = self._plot()
        return plot.left() + (value - low) / (high - low) * plot.width()

    def ticks(self) -> list[float]:
        """Return the numbers along the scale: as many as stand beside each other."""
        low, high = self._range()
        found: list[float] = []
        for most in range(_MOST_TICKS, 0, -1):
            step = nice_step((high - low) / most)
            found = [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
            boxes = self.tick_boxes(found)
            if all(one[0] + one[1] + _GAP <= next_[0] for one, next_ in pairwise(boxes)):
                break
        return found

    def tick_boxes(self, ticks: Sequence[float]) -> list[tuple[float, float]]:
        """Return where the texts of numbers begin, and how wide they are: none is cut off."""
        wide = [self.fontMetrics().horizontalAdvance(text) for text in self.tick_texts(ticks)]
        return [(min(max(self._x(tick) - each / 2, 0.0), self.width() - each), each)
                for tick, each in zip(ticks, wide, strict=True)]

    def tick_texts(self, ticks: Sequence[float]) -> list[str]:
        """Return numbers along the scale as they are written, with the digits that differ."""
        decimals = max(-math.floor(math.log10(ticks[1] - ticks[0]) + 1e-9), 0) if len(
            ticks) > 1 else 4
        return [f"{tick:+.{decimals}f}".replace("-", "−") if abs(tick) > 1e-12 else "0"
                for tick in ticks]

    # -- painting -----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw scale, zero and the dots."""
        if not self.whiskers:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_scale(painter)
        for place, each in enumerate(self.whiskers):
            self._paint_whisker(painter, place, each)
        painter.end()

    def _paint_scale(self, painter: QPainter) -> None:
        theme, plot, zero = self._theme, self._plot(), self._x(0.0)
        painter.fillRect(plot, QColor(theme.plot_ground))
        ticks = self.ticks()
        for tick, text, (left, _) in zip(
                ticks, self.tick_texts(ticks), self.tick_boxes(ticks), strict=True):
            x = self._x(tick)
            painter.setPen(QPen(QColor(theme.grid), 1))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
            painter.setPen(QColor(theme.muted))
            painter.drawText(QPointF(left, plot.bottom() + self._line), text)
        painter.setPen(QPen(QColor(theme.text), 1.5))
        painter.drawLine(QPointF(zero, plot.top() - 2), QPointF(zero, plot.bottom() + 2))
        self._paint_sides(painter, zero)

    def _paint_sides(self, painter: QPainter, zero: float) -> None:
        """Write on which side which of the two is better."""
        painter.setPen(QColor(self._theme.muted))
        metrics, baseline = self.fontMetrics(), self.fontMetrics().ascent()
        left, right = "◂ A better", "B better ▸"
        room = metrics.horizontalAdvance(left)
        at = min(max(zero - room - _GAP, 0.0),
                 self.width() - room - metrics.horizontalAdvance(right) - 2 * _GAP)
        painter.drawText(QPointF(at, baseline), left)
        painter.drawText(QPointF(max(zero + _GAP, at + room + _GAP), baseline), right)

    def _paint_whisker(self, painter: QPainter, place: int, each: Whisker) -> None:
        theme, plot = self._theme, self._plot()
        middle = plot.top() + (place + 0.5) * self._row
        painter.setPen(QColor(theme.text))
        painter.drawText(QRectF(_GAP, middle - self._row / 2, plot.left() - 2 * _GAP, self._row),
                         Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, each.label)
        colour = QColor(theme.accent if each.is_sure else theme.muted)
        painter.setPen(QPen(colour, 2))
        if each.low is not None and each.high is not None:
            left = max(self._x(each.low), plot.left())
            right = min(self._x(each.high), plot.right())
            painter.drawLine(QPointF(left, middle), QPointF(right, middle))
            for end, is_cut, side in ((left, left == plot.left(), 1),
                                      (right, right == plot.right(), -1)):
                bend = side * _CAP if is_cut else 0.0  # an arrow: it goes on beyond
                painter.drawLine(QPointF(end + bend, middle - _CAP), QPointF(end, middle))
                painter.drawLine(QPointF(end, middle), QPointF(end + bend, middle + _CAP))
        # Filled where it is sure, hollow where it is not: not told by colour alone.
        painter.setBrush(colour if each.is_sure else QColor(theme.plot_ground))
        painter.drawEllipse(QPointF(self._x(each.value), middle), _DOT, _DOT)

    def event(self, event: QEvent) -> bool:
        """Tell the figures of the dot under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = int((event.pos().y() - self._plot().top()) // self._row)
            if 0 <= place < len(self.whiskers):
                each = self.whiskers[place]
                QToolTip.showText(event.globalPos(), f"<span>{each.text}. {each.tip}</span>", self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)


def _width(whisker: Whisker) -> float:
    """Return how wide an interval is; 0 where there is none."""
    if whisker.low is None or whisker.high is None:
        return 0.0
    return whisker.high - whisker.low


def nice_step(least: float) -> float:
    """Return the smallest of 1, 2 or 5 times a power of ten that is not below ``least``."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * k for k in (1, 2, 5, 10) if power * k >= least * (1 - 1e-9))
