"""Formulas as boxes to be drawn: each has a width, a height above and a depth below its line."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from mfgui.inspection.formula import (
    TIMES,
    Formula,
    Fraction,
    Number,
    Part,
    Sign,
    Symbol,
    Vector,
    number_parts,
    shown_entries,
)

SERIF = ("STIX Two Text", "Cambria", "Times New Roman", "Liberation Serif", "Nimbus Roman",
         "DejaVu Serif")
SCRIPT = 0.72  # of the size: indices, powers
FRACTION = 0.9
MOST_ENTRIES = 256  # of a vector on the screen; a copy has them all
_UPRIGHT = frozenset("Σ∂")


class Face:
    """A font with the widths of its signs: laying out asks for them again and again."""

    def __init__(self, font: QFont) -> None:
        self.font, self.metrics = font, QFontMetricsF(font)
        self._widths: dict[str, float] = {}

    def width(self, text: str) -> float:
        """Return how far a text goes; digits and signs have no kerning."""
        widths, total = self._widths, 0.0
        for sign in text:
            if sign not in widths:
                widths[sign] = self.metrics.horizontalAdvance(sign)
            total += widths[sign]
        return total


@lru_cache(maxsize=64)
def face(size: float, *, is_italic: bool = False) -> Face:
    """Return the face of formulas in a size in pixels."""
    font = QFont()
    font.setFamilies(list(SERIF))
    font.setPixelSize(max(round(size), 7))
    font.setItalic(is_italic)
    return Face(font)


class Box:
    """Something to draw on a line: its reference point lies at the left on the line."""

    width: float = 0.0
    ascent: float = 0.0
    descent: float = 0.0
    # 0: the line is not broken before it, 1: only where there is no other way, 2: gladly.
    break_before: int = 0

    def paint(self, painter: QPainter, x: float, y: float) -> None:
        """Draw it."""
        raise NotImplementedError


class Text(Box):
    """Signs of one face."""

    def __init__(self, text: str, size: float, *, is_italic: bool = False) -> None:
        self.text, self.face = text, face(size, is_italic=is_italic)
        self.width = self.face.width(text)
        self.ascent, self.descent = self.face.metrics.ascent(), self.face.metrics.descent()

    def paint(self, painter: QPainter, x: float, y: float) -> None:
        """Draw the text in the painter's colour."""
        painter.setFont(self.face.font)
        painter.drawText(QPointF(x, y), self.text)


class Row(Box):
    """Boxes beside each other, some raised or lowered."""

    def __init__(self, parts: list[tuple[Box, float]]) -> None:
        self.parts = parts
        self.width = sum(box.width for box, _ in parts)
        self.ascent = max((box.ascent + up for box, up in parts), default=0.0)
        self.descent = max((box.descent - up for box, up in parts), default=0.0)

    def paint(self, painter: QPainter, x: float, y: float) -> None:
        """Draw one after the other."""
        for box, up in self.parts:
            box.paint(painter, x, y - up)
            x += box.width


class Hatted(Box):
    """A letter under a hat."""

    def __init__(self, letter: Text) -> None:
        self.letter = letter
        self.width, self.descent = letter.width, letter.descent
        self.x_height = letter.face.metrics.xHeight()
        self.ascent = max(letter.ascent, 1.75 * self.x_height)

    def paint(self, painter: QPainter, x: float, y: float) -> None:
        """Draw the letter, and two strokes that meet above it."""
        self.letter.paint(painter, x, y)
        height = self.x_height
        middle = x + 0.56 * self.width  # an italic letter leans
        low, high, half = y - 1.25 * height, y - 1.6 * height, 0.34 * height
        painter.drawPolyline([QPointF(middle - half, low), QPointF(middle, high),
                              QPointF(middle + half, low)])


class Over(Box):
    """One row above another, a line between."""

    def __init__(self, top: Row, bottom: Row, axis: float) -> None:
        self.top, self.bottom, self.axis = top, bottom, axis
        self.width = max(top.width, bottom.width) + 4
        self.ascent = axis + 2 + top.ascent + top.descent
        self.descent = bottom.ascent + bottom.descent + 2 - axis

    def paint(self, painter: QPainter, x: float, y: float) -> None:
        """Draw both, each in the middle."""
        line = y - self.axis
        painter.drawLine(QPointF(x + 1, line), QPointF(x + self.width - 1, line))
        for row, base in ((self.top, line - 2 - self.top.descent),
                          (self.bottom, line + 2 + self.bottom.ascent)):
            row.paint(painter, x + (self.width - row.width) / 2, base)


class Bracketed(Box):
    """Rows of numbers between tall brackets, each column to the right."""

    GAP, ARM, BETWEEN = 9.0, 4.0, 2.0

    def __init__(self, cells: list[list[Box]], axis: float) -> None:
        self.cells = cells
        self.widths = [max(box.width for box in column) for column in zip(*cells, strict=True)]
        self.heights = [max(box.ascent + box.descent for box in row) + self.BETWEEN
                        for row in cells]
        height = sum(self.heights)
        self.width = sum(self.widths) + self.GAP * (len(self.widths) - 1) + 4 * self.ARM
        self.ascent, self.descent = height / 2 + axis, height / 2 - axis

    def paint(self, painter: QPainter, x: float, y: float) -> None:
        """Draw brackets and numbers."""
        top, bottom, right = y - self.ascent, y + self.descent, x + self.width - 1
        for side, arm in ((x + 1, self.ARM), (right, -self.ARM)):
            painter.drawPolyline([QPointF(side + arm, top), QPointF(side, top),
                                  QPointF(side, bottom), QPointF(side + arm, bottom)])
        for row, height in zip(self.cells, self.heights, strict=True):
            at = x + 2 * self.ARM
            for box, width in zip(row, self.widths, strict=True):
                box.paint(painter, at + width - box.width, top + height - box.descent - 1)
                at += width + self.GAP
            top += height


class BoxMaker:
    """Makes boxes of formulas in one size.

    Parameters
    ----------
    size : float
        In pixels.
    decimals : int
    is_whole : bool
        Whether long vectors are shown whole.
    """

    def __init__(self, size: float, decimals: int, *, is_whole: bool) -> None:
        self.size, self.decimals, self.is_whole = size, decimals, is_whole
        self.axis = 0.5 * face(size).metrics.xHeight()

    def boxes(self, formula: Formula) -> list[Box]:
        """Return a formula's boxes; lines are broken between some of them."""
        result: list[Box] = []
        for part in formula:
            result.extend(self._boxes(part))
        return result

    def _boxes(self, part: Part) -> list[Box]:
        if isinstance(part, Sign):
            text = Text(part.text, self.size)
            text.break_before = 2 if part.can_break else int(part == TIMES)
            return [text]
        if isinstance(part, Symbol):
            return [self._symbol(part)]
        if isinstance(part, Number):
            return [self._number(part)]
        if isinstance(part, Vector):
            return self._vector(part)
        if isinstance(part, Fraction):
            small = BoxMaker(FRACTION * self.size, self.decimals, is_whole=self.is_whole)
            top, bottom = (Row([(box, 0.0) for box in small.boxes(each)])
                           for each in (part.top, part.bottom))
            return [Over(top, bottom, self.axis)]
        return [Bracketed([[self._digits(float(value)) for value in row] for row in part.values],
                          self.axis)]

    def _symbol(self, symbol: Symbol) -> Box:
        letter = Text(symbol.letter, self.size, is_italic=symbol.letter not in _UPRIGHT)
        parts: list[tuple[Box, float]] = [(Hatted(letter) if symbol.has_hat else letter, 0.0)]
        if symbol.is_primed:
            parts.append((Text("\N{PRIME}", self.size), 0.0))
        if symbol.index:
            parts.append((Text(symbol.index, SCRIPT * self.size, is_italic=True),
                          -0.22 * self.size))
        return Row(parts)

    def _number(self, number: Number) -> Box:
        box = self._digits(number.value, is_given=number.is_given)
        if not (number.is_bracketed and number.value < 0):
            return box
        return Row([(Text("(", self.size), 0.0), (box, 0.0), (Text(")", self.size), 0.0)])

    def _digits(self, value: float, *, is_given: bool = False) -> Box:
        digits, power = number_parts(value, self.decimals, is_given=is_given)
        if power is None:
            return Text(digits, self.size)
        raised = Text(str(power).replace("-", "\N{MINUS SIGN}"), SCRIPT * self.size)
        return Row([(Text(f"{digits}·10", self.size), 0.0), (raised, 0.38 * self.size)])

    def _vector(self, vector: Vector) -> list[Box]:
        """Return one box an entry, its comma with it, so that a long one may be broken."""
        values = shown_entries(vector.values, is_whole=self.is_whole)
        if len(values) > MOST_ENTRIES:
            values = [*values[: MOST_ENTRIES - 2], None, values[-1]]
        result: list[Box] = [] if values else [Text("( )", self.size)]
        for position, value in enumerate(values):
            before = "(" if not position else " "
            behind = ")" if position == len(values) - 1 else ","
            box = self._entry(before, value, behind)
            box.break_before = 1 if position else 0
            result.append(box)
        return result

    def _entry(self, before: str, value: float | None, behind: str) -> Box:
        """Return an entry of a vector: one text, unless it has a power of ten."""
        digits, power = ("…", None) if value is None else number_parts(value, self.decimals)
        if power is None:
            return Text(f"{before}{digits}{behind}", self.size)
        ends = Text(before, self.size), Text(behind, self.size)
        return Row([(ends[0], 0.0), (self._digits(value or 0.0), 0.0), (ends[1], 0.0)])


def broken(boxes: list[Box], width: float, indent: float) -> list[Row]:
    """Return boxes as lines no wider than ``width``, all but the first indented.

    A line is broken before a sign where it can be, within a vector only where there is no room.
    """
    lines: list[list[Box]] = [[]]
    used = 0.0
    for part in _parts(boxes):
        whole = sum(box.width for box in part)
        if lines[-1] and used + whole > width and (
                whole <= width - indent or used > 0.6 * width):
            lines.append([])
            used = indent
        for box in part:
            if box.break_before and lines[-1] and used + box.width > width:
                lines.append([])
                used = indent
            lines[-1].append(box)
            used += box.width
    return [Row([*([(_Blank(indent), 0.0)] if position else []), *((box, 0.0) for box in line)])
            for position, line in enumerate(lines)]


class _Blank(Box):
    """Room."""

    def __init__(self, width: float) -> None:
        self.width = width

    def paint(self, painter: QPainter, x: float, y: float) -> None:
        """Draw nothing."""


def _parts(boxes: list[Box]) -> list[list[Box]]:
    """Return the boxes from one gladly broken place to the next."""
    parts: list[list[Box]] = []
    for box in boxes:
        if box.break_before == 2 or not parts:
            parts.append([])
        parts[-1].append(box)
    return parts


def pen_of(colour: str, size: float) -> QPen:
    """Return the pen that hats, bars and brackets are drawn with."""
    return QPen(QColor(colour), max(size / 14, 1.0))
