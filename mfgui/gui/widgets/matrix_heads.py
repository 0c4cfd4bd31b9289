"""Ids and titles beside the rows and below the columns, as soon as they fit; else numbers.

What the axes show and how much room they take is worked out once for all three views, whose
pictures would otherwise differ in size and drift apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from mfgui.core.ratings import IntArray, Ratings
from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.view_state import ViewState
from mfgui.gui.widgets.matrix_items import CellAxis
from mfgui.inspection.words import one_line

HEADS_FROM_PX = 14.0
LARGEST_SHARE = 0.36  # of a view's width or height that heads may take
SHORTEST = 48  # pixels: shorter heads of columns say nothing
LONGEST = 80  # letters: what is longer fits nowhere, and laying it out costs time
BESIDE_HEAD = 26  # the axis' word, the gap to the picture
PLAIN_BOTTOM = 40
STEP = 8  # the room is dealt out in steps, so that a pan does not move the picture by a pixel
MOST_KEPT = 20_000
N_SAMPLED = 64  # labels of a side that tell how much room heads will take elsewhere
READABLE_HEIGHT, READABLE_WIDTH = 30, 40  # pixels of a cell that one comes to read
# Put together once: Qt's flags are slow in Python, and there are a hundred labels to a picture.
_FLAG = Qt.AlignmentFlag
AT_LEFT, AT_RIGHT, IN_MIDDLE = (
    int(Qt.TextFlag.TextSingleLine | _FLAG.AlignVCenter | _FLAG.AlignAbsolute | side)
    for side in (_FLAG.AlignLeft, _FLAG.AlignRight, _FLAG.AlignHCenter))


@dataclass(frozen=True)
class Heads:
    """What stands along one side.

    Parameters
    ----------
    first : int
        The place of the first label.
    labels : tuple of str
    room : int
        Pixels the axis takes.
    is_turned : bool
        Whether the words run from top to bottom.
    """

    first: int
    labels: tuple[str, ...]
    room: int
    is_turned: bool = False


class HeadPlan:
    """Says which heads rows and columns in view have, None where they do not fit."""

    def __init__(self) -> None:
        self._ratings: Ratings | None = None
        self._kept: dict[tuple[bool, int], tuple[str, float]] = {}
        self._rooms = [0, 0]

    def set_ratings(self, ratings: Ratings | None) -> None:
        """Take the ids and titles of other ratings."""
        if ratings is not self._ratings:
            self._ratings, self._kept = ratings, {}

    def plan(
        self, state: ViewState, height: float, width: float, plain_left: int, font: QFont
    ) -> tuple[Heads | None, Heads | None]:
        """Return the heads of rows and columns.

        Parameters
        ----------
        height, width : float
            Of picture and axes together, in pixels.
        plain_left : int
            Width of the row axis with numbers.
        """
        if state.order is None or self._ratings is None or height < 1 or width < 1:
            return None, None
        metrics, seen = QFontMetricsF(font), state.visible
        n_rows, n_columns = seen.y1 - seen.y0, seen.x1 - seen.x0
        rows = columns = None
        if (height - PLAIN_BOTTOM) / n_rows >= HEADS_FROM_PX:
            rows = self._heads(state, metrics, is_row=True, most=LARGEST_SHARE * width,
                               least=plain_left)
        column_px = (width - (rows.room if rows else plain_left)) / n_columns
        if column_px >= HEADS_FROM_PX:
            most = LARGEST_SHARE * height
            if rows is not None:  # shorter ones, if both sides fit then
                left_over = height - HEADS_FROM_PX * n_rows - BESIDE_HEAD - STEP
                most = min(most, left_over) if left_over >= SHORTEST else most
            columns = self._heads(state, metrics, is_row=False, most=most,
                                  least=PLAIN_BOTTOM, cell_px=column_px)
        row_px = (height - (columns.room if columns else PLAIN_BOTTOM)) / n_rows
        return rows if row_px >= HEADS_FROM_PX else None, columns

    def readable(
        self, state: ViewState, height: float, width: float, plain_left: int, font: QFont
    ) -> tuple[int, int]:
        """Return how many rows and columns fit with cells large enough to be read, 2 at least.

        Heads will stand beside these, and take their room; a sample tells how much. The
        parameters are those of ``plan``.
        """
        below, left = PLAIN_BOTTOM, plain_left
        if state.order is not None and self._ratings is not None:
            metrics = QFontMetricsF(font)
            below, left = (
                max(math.ceil(min(self._sampled(places, metrics, is_row=is_row),
                                  LARGEST_SHARE * across)) + BESIDE_HEAD + STEP, least)
                for is_row, places, across, least in (
                    (False, state.order.columns, height, below),
                    (True, state.order.rows, width, left)))
        return (max(int((height - below) / READABLE_HEIGHT), 2),
                max(int((width - left) / READABLE_WIDTH), 2))

    def _sampled(self, places: IntArray, metrics: QFontMetricsF, *, is_row: bool) -> float:
        """Return the width of the widest of a few labels of one side."""
        some = places[::max(places.size // N_SAMPLED, 1)].tolist()
        return max((self._label(is_row, number, metrics)[1] for number in some), default=0.0)

    def _heads(
        self, state: ViewState, metrics: QFontMetricsF, *, is_row: bool, most: float, least: int,
        cell_px: float = 0.0,
    ) -> Heads:
        """Return the heads of one side and the room they need."""
        order, seen = state.order, state.visible
        assert order is not None
        low, high = (seen.y0, seen.y1) if is_row else (seen.x0, seen.x1)
        places = order.rows if is_row else order.columns
        first, last = max(math.floor(low), 0), min(math.ceil(high), places.size)
        known = [self._label(is_row, int(number), metrics) for number in places[first:last]]
        labels = tuple(label for label, _ in known)
        widest = max((width for _, width in known), default=0.0)
        if not is_row and widest + 6 <= cell_px:
            return Heads(first, labels, least)
        room = self._room(is_row, min(widest, most) + BESIDE_HEAD, most + BESIDE_HEAD + STEP, least)
        return Heads(first, labels, room, is_turned=not is_row)

    def _room(self, is_row: bool, wanted: float, most: float, least: int) -> int:
        """Return pixels for a side: at once what it needs, given back where far too many."""
        kept = self._rooms[is_row]
        if not kept * 0.6 <= wanted <= kept <= most:
            kept = math.ceil(wanted / STEP) * STEP
        self._rooms[is_row] = kept
        return max(kept, least)

    def _label(self, is_row: bool, number: int, metrics: QFontMetricsF) -> tuple[str, float]:
        """Return the name or title, else the id, and its width in pixels."""
        key = is_row, number
        if key not in self._kept:
            if len(self._kept) >= MOST_KEPT:
                self._kept = {}
            text = head_text(self._ratings, number, is_row=is_row)
            self._kept[key] = text, metrics.horizontalAdvance(text)
        return self._kept[key]


def head_text(ratings: Ratings | None, number: int, *, is_row: bool) -> str:
    """Return what a user (a row) or an item is called: name or title where there is one, or id."""
    assert ratings is not None
    names = ratings.user_names if is_row else ratings.item_titles
    ids = ratings.user_ids if is_row else ratings.item_ids
    name = one_line(names[number], LONGEST) if names is not None else ""
    return name or one_line(ids[number], LONGEST)


class HeadAxis(CellAxis):
    """An axis with heads where it was given some, with the numbers of cells else."""

    def __init__(self, orientation: str) -> None:
        self._words, self._theme = "", LIGHT  # AxisItem's constructor resizes it
        super().__init__(orientation)
        self._heads: Heads | None = None
        self._marked: int | None = None

    def set_words(self, words: str) -> None:
        """Name the axis: "user, by mean rating", of which the first word must be seen."""
        self._words = words
        self._show_words()

    def _show_words(self) -> None:
        """Show all words where they fit, else the first."""
        size = self.size()
        length = size.height() if self.orientation == "left" else size.width()
        wide = QFontMetricsF(self.label.font()).horizontalAdvance(self._words) + 8
        words = self._words if wide <= length else self._words.partition(",")[0]
        if words != self.labelText:
            self.setLabel(words)  # has the plot laid out anew

    def resizeEvent(self, event: Any = None) -> None:
        """Show as many words as fit now."""
        if self.label is not None and self._words:
            self._show_words()
        super().resizeEvent(event)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.setPen(theme.border)
        self.setTickPen(theme.border)
        self.setTextPen(theme.text)

    def set_heads(self, heads: Heads | None, plain_room: int | None) -> bool:
        """Show heads, or numbers in ``plain_room`` pixels; None: as many as they need.

        Returns whether the axis takes other room now.
        """
        room = heads.room if heads is not None else plain_room
        fixed = self.fixedWidth if self.orientation == "left" else self.fixedHeight
        if room != fixed:
            (self.setWidth if self.orientation == "left" else self.setHeight)(room)
        if heads != self._heads:
            self._heads = heads
            self.picture = None  # AxisItem's own, of the numbers
            self.update()
        return bool(room != fixed)

    def set_marked(self, place: int | None) -> None:
        """Mark the head of the pinned cell."""
        if place != self._marked:
            self._marked = place
            self.update()

    def label_at(self, point: QPointF) -> str:
        """Return the whole label at a position of the axis, "" where there is none."""
        if self._heads is None:
            return ""
        low, high = min(self.range), max(self.range)
        size = self.size()
        share = (point.y() / size.height() if self.orientation == "left"
                 else point.x() / size.width())
        k = math.floor(low + share * (high - low)) - self._heads.first
        return self._heads.labels[k] if 0 <= k < len(self._heads.labels) else ""

    def paint(self, painter: QPainter, *how: Any) -> None:
        """Paint heads, or the numbers."""
        if self._heads is None:
            super().paint(painter, *how)
        else:
            painter.save()
            self._paint_heads(painter, self._heads)
            painter.restore()

    def _paint_heads(self, painter: QPainter, heads: Heads) -> None:
        """Paint a line beside the picture, then every label whose middle is in view."""
        size, low, high = self.size(), min(self.range), max(self.range)
        is_left = self.orientation == "left"
        length = size.height() if is_left else size.width()
        cell = length / max(high - low, 1e-9)
        painter.setClipRect(QRectF(0, 0, size.width(), size.height()))
        painter.setPen(self.tickPen())
        painter.drawLine(QPointF(size.width() if is_left else 0, 0),
                         QPointF(size.width(), length) if is_left else QPointF(length, 0))
        font = QFont(painter.font())
        font.setPixelSize(max(min(int(cell) - 2, 12), 10))
        metrics, half = QFontMetricsF(font), font.pixelSize() / 2
        for k, text in enumerate(heads.labels):
            middle = (heads.first + k + 0.5 - low) * cell
            if half <= middle <= length - half:
                is_marked = heads.first + k == self._marked
                font.setUnderline(is_marked)
                painter.setFont(font)
                painter.setPen(QColor(self._theme.accent if is_marked else self._theme.text))
                self._paint_head(painter, metrics, text, middle, cell, heads)

    def _paint_head(
        self, painter: QPainter, metrics: QFontMetricsF, text: str, middle: float, cell: float,
        heads: Heads,
    ) -> None:
        """Paint one label at the middle of its cell, its beginning never cut off."""
        across = self.size().width() if self.orientation == "left" else self.size().height()
        depth = across - BESIDE_HEAD + 4
        if self.orientation == "left":
            room, flags = QRectF(across - depth - 6, middle - cell / 2, depth, cell), AT_RIGHT
        elif heads.is_turned:
            room, flags = QRectF(0, -cell / 2, depth, cell), AT_LEFT
        else:
            room, flags = QRectF(middle - cell / 2, 4, cell, metrics.height()), IN_MIDDLE
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        if not heads.is_turned:
            painter.drawText(room, flags, shown)
            return
        before = painter.transform()
        painter.translate(middle, 6)
        painter.rotate(90)
        painter.drawText(room, flags, shown)
        painter.setTransform(before)
