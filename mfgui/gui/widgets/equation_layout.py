"""Where each equation stands: sections in one to three columns, names beside formulas."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF

from mfgui.gui.widgets.math_boxes import BoxMaker, Row, broken
from mfgui.inspection.equations import Equations
from mfgui.inspection.formula import Line

COLUMN, GUTTER, MARGIN = 400.0, 28.0, 10.0
MOST_COLUMNS = 3
NAME_SIGNS = 15  # room for a name, in digits
LEAST_BESIDE = 400.0  # names stand above formulas in narrower columns
BETWEEN_LINES, BEFORE_HEADING = 5.0, 10.0
_WRAP = int(Qt.TextFlag.TextWordWrap)


@dataclass(frozen=True)
class Words:
    """Text of a name, a heading or a note, and where it stands."""

    text: str
    kind: str
    place: QRectF


@dataclass(frozen=True)
class Placed:
    """A line of a formula: its row, and the left end of the line it stands on."""

    row: Row
    x: float
    y: float


@dataclass(frozen=True)
class Layout:
    """All that is to be drawn."""

    words: tuple[Words, ...]
    rows: tuple[Placed, ...]
    height: float


@dataclass
class _Block:
    """A heading or an equation, laid out from 0, 0."""

    words: list[Words]
    rows: list[Placed]
    height: float
    is_heading: bool = False


class Arranger:
    """Lays equations out in a width.

    Parameters
    ----------
    font : QFont
        Of names and notes; headings are bold.
    decimals : int
    is_whole : bool
    """

    def __init__(self, font: QFont, decimals: int, *, is_whole: bool) -> None:
        self.metrics = QFontMetricsF(font)
        bold = QFont(font)
        bold.setBold(True)
        self.bold_metrics = QFontMetricsF(bold)
        small = QFont(font)
        small.setPixelSize(note_size(font))
        self.note_metrics = QFontMetricsF(small)
        self.size = 1.18 * self.metrics.ascent()
        self.maker = BoxMaker(self.size, decimals, is_whole=is_whole)

    def arrange(self, equations: Equations, width: float) -> Layout:
        """Return where everything stands."""
        inner = max(width - 2 * MARGIN, 120.0)
        title = self._title(equations, inner)
        n_columns = int(min(max((inner + GUTTER) // (COLUMN + GUTTER), 1), MOST_COLUMNS))
        column = (inner - GUTTER * (n_columns - 1)) / n_columns
        blocks = self._blocks(equations, column)
        words = [_moved_words(each, MARGIN, 6.0) for each in title.words]
        rows: list[Placed] = []
        top = 6.0 + title.height
        bottom = top
        for number, part in enumerate(_columns(blocks, n_columns)):
            x, y = MARGIN + number * (column + GUTTER), top
            for block in part:
                if block.is_heading and y > top:
                    y += BEFORE_HEADING
                words += [_moved_words(each, x, y) for each in block.words]
                rows += [Placed(each.row, each.x + x, each.y + y) for each in block.rows]
                y += block.height
            bottom = max(bottom, y)
        return Layout(tuple(words), tuple(rows), bottom + MARGIN)

    def _title(self, equations: Equations, width: float) -> _Block:
        """Return who, what, and why there is no more than there is."""
        words, y = [], 0.0
        for text, kind, metrics in ((equations.title, "title", self.bold_metrics),
                                    (equations.sentence, "sentence", self.metrics)):
            if text:
                place = self._wrapped(metrics, text, 0.0, y, width)
                words.append(Words(text, kind, place))
                y += place.height() + 4
        return _Block(words, [], y)

    def _blocks(self, equations: Equations, width: float) -> list[_Block]:
        blocks = []
        for section in equations.sections:
            height = self.bold_metrics.height()
            place = QRectF(0, 0, width, height)
            blocks.append(_Block([Words(section.title, "heading", place)], [], height + 3, True))
            blocks += [self._line(line, width) for line in section.lines]
        return blocks

    def _line(self, line: Line, width: float) -> _Block:
        """Return an equation: its name, its formula on as many lines as it needs, its note."""
        words, rows, y = [], [], 0.0
        left = 0.0
        name_height = self.note_metrics.height()
        if width >= LEAST_BESIDE:
            left = NAME_SIGNS * self.note_metrics.horizontalAdvance("0")
        else:
            words.append(Words(line.name, "name", QRectF(0, 0, width, name_height)))
            y = name_height
        boxes = self.maker.boxes(line.formula)
        for number, row in enumerate(broken(boxes, width - left, 1.2 * self.size)):
            base = y + row.ascent
            if left and not number:
                words.append(Words(line.name, "name", QRectF(
                    0, base - self.note_metrics.ascent(), left - 6, name_height)))
            rows.append(Placed(row, left, base))
            y = base + row.descent
        if line.note:
            place = self._wrapped(self.note_metrics, line.note, left, y, width - left)
            words.append(Words(line.note, "note", place))
            y += place.height()
        return _Block(words, rows, y + BETWEEN_LINES)

    def _wrapped(
        self, metrics: QFontMetricsF, text: str, x: float, y: float, width: float
    ) -> QRectF:
        """Return the place that a text takes where it is broken into lines."""
        found = metrics.boundingRect(QRectF(0, 0, width, 1e5), _WRAP, text)
        return QRectF(x, y, width, found.height() + 1)


def note_size(font: QFont) -> int:
    """Return the size of names and notes in pixels, a little smaller than the rest."""
    return max(round(0.92 * QFontMetricsF(font).ascent() * 1.08), 9)


def _moved_words(words: Words, x: float, y: float) -> Words:
    return Words(words.text, words.kind, words.place.translated(x, y))


def _columns(blocks: list[_Block], n_columns: int) -> list[list[_Block]]:
    """Return the blocks in columns as low as can be, in order, a heading never last in one."""
    total = sum(block.height for block in blocks)
    low, high = total / n_columns, total + BEFORE_HEADING * len(blocks)
    for _ in range(12):
        middle = (low + high) / 2
        if len(_filled(blocks, middle)) <= n_columns:
            high = middle
        else:
            low = middle
    return _filled(blocks, high)


def _filled(blocks: list[_Block], limit: float) -> list[list[_Block]]:
    """Return columns filled one after the other, none higher than ``limit`` if that can be."""
    columns: list[list[_Block]] = [[]]
    y = 0.0
    for position, block in enumerate(blocks):
        needed = block.height
        if block.is_heading and position + 1 < len(blocks):
            needed += blocks[position + 1].height
        gap = BEFORE_HEADING if block.is_heading and columns[-1] else 0.0
        if columns[-1] and y + gap + needed > limit:
            columns.append([])
            y, gap = 0.0, 0.0
        columns[-1].append(block)
        y += gap + block.height
    return columns
