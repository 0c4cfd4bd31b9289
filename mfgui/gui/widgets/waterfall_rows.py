"""The rows of a waterfall: label, perhaps the rating that was given, bar and number."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from mfgui.gui.theme import LIGHT, Theme, mixed
from mfgui.gui.widgets.inspector_words import minus
from mfgui.gui.widgets.waterfall_bars import BarPainter, axis_of, steps
from mfgui.inspection.bars import value_text
from mfgui.inspection.explanation import Bar, Waterfall

RATED, SHARE = "rated", "share"  # what the two columns of numbers are, where there are two
_PAD = 8.0
_LEAST_LABEL = 60.0
_LABEL_SHARE = 0.54  # of the width, at most, with the column of ratings
_Align = Qt.AlignmentFlag


@dataclass(frozen=True)
class Columns:
    """Where the columns stand, in pixels from the left; an empty one has no width."""

    label: tuple[float, float]
    rated: tuple[float, float]
    bar: tuple[float, float]
    number: tuple[float, float]


class Rows:
    """Paints the rows of one waterfall; where each stands, the view knows.

    Parameters
    ----------
    waterfall : Waterfall or None
    total_word : str
        What the total is.
    """

    def __init__(self, waterfall: Waterfall | None, total_word: str) -> None:
        bars = waterfall.bars if waterfall is not None else ()
        self.bars, self.total_word = bars, total_word
        pairs = [_given(bar) for bar in bars]
        self._rated, self._labels = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        self._numbers = [minus(bar.printed) for bar in bars]
        self.total = minus(waterfall.printed_total) if waterfall is not None else ""
        self._steps = steps(waterfall) if waterfall is not None else []
        self._axis = axis_of(waterfall) if waterfall is not None else None
        self._bar_painter = BarPainter()
        self.set_theme(LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self._bar_painter.set_theme(theme)

    @property
    def has_ratings(self) -> bool:
        """Whether there is a column of ratings, and so a line that names the columns."""
        return any(self._rated)

    def columns(self, width: float, font: QFont) -> Columns:
        """Return where the columns stand in so much room."""
        plain, bold = QFontMetrics(font), QFontMetrics(bold_of(font))
        numbers = _widest(plain, self._numbers + [SHARE] * self.has_ratings)
        numbers = max(numbers, bold.horizontalAdvance(self.total)) + 1
        rated = _widest(plain, [*self._rated, RATED]) + _PAD if self.has_ratings else 0.0
        wanted = max(
            bold.horizontalAdvance(self.total_word) + 1 - rated, _LEAST_LABEL,
            *(plain.horizontalAdvance(label) + 1 - rated * (not given)  # which has that room too
              for label, given in zip(self._labels, self._rated, strict=True)))
        label_end = _PAD + min(wanted, _LABEL_SHARE * width - rated)
        bar_begin = label_end + rated + _PAD
        number_begin = width - _PAD - numbers
        return Columns((_PAD, label_end), (label_end, label_end + rated),
                       (bar_begin, max(number_begin - _PAD, bar_begin + 10)),
                       (number_begin, width - _PAD))

    # -- painting -----------------------------------------------------------------------------

    def paint_head(self, painter: QPainter, height: int, columns: Columns) -> None:
        """Name the columns of numbers."""
        for column, word in ((columns.rated, RATED), (columns.number, SHARE)):
            self._text(painter, 0.0, height, column, word, colour=self._theme.muted)

    def paint_mark(
        self, painter: QPainter, top: float, height: int, width: float, *, is_framed: bool
    ) -> None:
        """Lay a ground under a row that is pointed at, a frame round the one of the keys."""
        painter.setPen(QColor(self._theme.accent) if is_framed else Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mixed(self._theme.plot_ground, self._theme.accent, 0.12)))
        painter.drawRoundedRect(QRectF(2.5, top + 0.5, width - 5, height - 1), 3, 3)

    def paint_row(
        self, painter: QPainter, row: int, top: float, height: int, columns: Columns
    ) -> None:
        """Paint a bar with its label and numbers, and the line that leads to the next one."""
        assert self._axis is not None
        given = self._rated[row]
        label = columns.label if given else (columns.label[0], columns.rated[1])
        self._text(painter, top, height, label, self._labels[row], is_right=False)
        self._text(painter, top, height, columns.rated, given, colour=self._theme.muted)
        self._text(painter, top, height, columns.number, self._numbers[row])
        lane = _lane(top, height, columns)
        if row + 1 < len(self.bars):
            self._bar_painter.connect(painter, self._steps[row][1], self._axis, lane,
                                      _lane(top + height, height, columns))
        self._bar_painter.paint(painter, self.bars[row].kind, self._steps[row], self._axis, lane)

    def paint_total(
        self, painter: QPainter, top: float, height: int, columns: Columns
    ) -> None:
        """Paint the sum below a rule."""
        assert self._axis is not None
        painter.setPen(QColor(self._theme.border))
        painter.drawLine(QPointF(_PAD, top + 1.5), QPointF(columns.number[1], top + 1.5))
        painter.setFont(bold_of(painter.font()))
        top += 4
        # The word may take the room of the ratings: there is none of the total.
        label = (columns.label[0], columns.rated[1])
        self._text(painter, top, height, label, self.total_word, is_right=False)
        self._text(painter, top, height, columns.number, self.total)
        self._bar_painter.paint(painter, "total", self._steps[-1], self._axis,
                                _lane(top, height, columns))

    def _text(
        self, painter: QPainter, top: float, height: int, column: tuple[float, float],
        text: str, *, is_right: bool = True, colour: str = "",
    ) -> None:
        """Write into a column; what is too long loses its middle."""
        begin, end = column
        elided = painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideMiddle, int(end - begin))
        painter.setPen(QColor(colour or self._theme.text))
        side = _Align.AlignRight if is_right else _Align.AlignLeft
        painter.drawText(QRectF(begin, top, end - begin, height), side | _Align.AlignVCenter,
                         elided)


def bold_of(font: QFont) -> QFont:
    """Return the font as headings have it."""
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold


def _given(bar: Bar) -> tuple[str, str]:
    """Return what was given, for a column of its own, and the label without it."""
    words = "at all" if bar.kind == "implicit_share" else (
        value_text(bar.observed) if bar.observed is not None else "")
    if not words or not bar.label.startswith(f"rated {words}"):
        return "", bar.label
    return words, bar.label.removeprefix(f"rated {words}").removeprefix(": ").removeprefix(" by ")


def _widest(metrics: QFontMetrics, texts: list[str]) -> float:
    return float(max((metrics.horizontalAdvance(text) for text in texts), default=0))


def _lane(top: float, height: int, columns: Columns) -> QRectF:
    """Return a row's room for its bar."""
    return QRectF(columns.bar[0], top + 3, columns.bar[1] - columns.bar[0], height - 6)
