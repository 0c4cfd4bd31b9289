"""The bands above and right of a picture: ticks, counts and means, the new user's row.

Both are axes of the plot, so that they stay as long as the picture is and wheel and drag on them
move one direction alone. From the picture outwards: ticks of what is marked, strip of means, bars
of counts; above all, the new user's row.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from mfgui.core.ratings import IntArray
from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.view_state import ViewState
from mfgui.gui.widgets.matrix_keys import pinned_place
from mfgui.gui.widgets.matrix_marks import hit_colour, selection_colour
from mfgui.gui.widgets.row_strip import STRIP_HEIGHT, RowStrip
from mfgui.inspection.colours import rgb

TICKS, GAP, MEANS, COUNTS = 8, 2, 7, 20  # pixels
MOST_SHAPES = 60
Bytes = NDArray[np.uint8]


class SideBand(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Ticks, and where they are wanted counts and means, along one side."""

    is_across = True

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, showValues=False)
        self._theme = LIGHT
        self._state: ViewState | None = None
        self._images: tuple[QImage, QImage] | None = None
        self._span = (0.0, 1.0)
        self._kept: list[tuple[IntArray, IntArray, IntArray]] = []  # of what is chosen, and found
        self._resize()

    def set_models(self, state: ViewState) -> None:
        """Follow what is marked."""
        self._state = state
        for signal in (state.pinned_changed, state.selection_changed, state.hits_changed,
                       state.order_changed, state.display_changed):
            signal.connect(self._on_changed)

    def _on_changed(self) -> None:
        self._resize()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    @property
    def has_margins(self) -> bool:
        """Whether counts and means are wanted."""
        return self._state is not None and self._state.display.has_margins

    def set_margins(
        self, counts: NDArray[np.float64] | None, colours: Bytes | None, first: int, last: int
    ) -> None:
        """Show counts as bars and means as colours, of cells ``first`` to ``last``; None: none.

        Parameters
        ----------
        counts : ndarray, shape (n_blocks,)
        colours : ndarray of uint8, shape (n_blocks, 4)
        """
        self._images, self._span = None, (first, last)
        if counts is not None and colours is not None and counts.size:
            self._images = (self._image(_bars(counts, self._theme.muted)),
                            self._image(colours[None, :, :]))
        self.update()

    def _image(self, pixels: Bytes) -> QImage:
        """Return pixels, given along the picture's width, as an image along this side."""
        if not self.is_across:
            pixels = pixels[::-1].transpose(1, 0, 2)
        pixels = np.ascontiguousarray(pixels)
        height, width = pixels.shape[:2]
        return QImage(pixels.data, width, height, 4 * width,
                      QImage.Format.Format_RGBA8888).copy()

    def _depth(self) -> int:
        """Return the pixels this band takes."""
        return TICKS + (MEANS + COUNTS + 2 * GAP if self.has_margins else 0)

    def _resize(self) -> None:
        depth = self._depth()
        if self.is_across and self.fixedHeight != depth:
            self.setHeight(depth)
        elif not self.is_across and self.fixedWidth != depth:
            self.setWidth(depth)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[Any]:
        """Return no ticks: there are no numbers here."""
        return []

    def _place(self, value: float) -> float:
        """Return where a place of the matrix lies along this side, in pixels."""
        low, high = min(self.range), max(self.range)
        length = self.size().width() if self.is_across else self.size().height()
        return float((value - low) / max(high - low, 1e-9) * length)

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Paint lanes and ticks."""
        size = self.size()
        if self._state is None or self._state.order is None or not size.width():
            return
        painter.save()
        painter.setClipRect(QRectF(0, 0, size.width(), size.height()))
        if self.has_margins and self._images is not None:
            self._paint_lane(painter, self._images[1], TICKS, MEANS)
            self._paint_lane(painter, self._images[0], TICKS + MEANS + GAP, COUNTS)
        self._paint_ticks(painter)
        painter.restore()

    def _paint_lane(self, painter: QPainter, image: QImage, away: int, depth: int) -> None:
        """Paint an image along the side, ``away`` pixels from the picture."""
        begin, end = self._place(self._span[0]), self._place(self._span[1])
        if self.is_across:
            bottom = self.size().height() - away
            painter.drawImage(QRectF(begin, bottom - depth, end - begin, depth), image)
        else:
            painter.drawImage(QRectF(away, begin, depth, end - begin), image)

    def _paint_ticks(self, painter: QPainter) -> None:
        """Paint a line for what was chosen, a triangle for what was found, and the pinned one."""
        state = self._state
        assert state is not None
        assert state.order is not None
        ranks = state.order.column_ranks if self.is_across else state.order.row_ranks
        chosen, found = (places.items if self.is_across else places.users
                         for places in (state.selection, state.hits))
        self._paint_many(painter, self._pixels(ranks, chosen), selection_colour(self._theme),
                         is_line=True)
        self._paint_many(painter, self._pixels(ranks, found), hit_colour(self._theme),
                         is_line=False)
        place = pinned_place(state)
        along = -1 if place is None else place[1] if self.is_across else place[0]
        if along >= 0:
            self._paint_tick(painter, self._place(along + 0.5), self._theme.text, is_line=False)

    def _paint_many(
        self, painter: QPainter, places: list[float], colour: str, *, is_line: bool
    ) -> None:
        """Paint marks; where they would cover each other thin lines, all at once."""
        if len(places) <= MOST_SHAPES:
            for at in places:
                self._paint_tick(painter, at, colour, is_line=is_line)
            return
        painter.setPen(QColor(colour))
        near, far = (self.size().height(), self.size().height() - TICKS + 2) if self.is_across \
            else (0, TICKS - 2)
        painter.drawLines([QLineF(at, near, at, far) if self.is_across
                           else QLineF(near, at, far, at) for at in places])

    def _pixels(self, ranks: IntArray, numbers: IntArray) -> list[float]:
        """Return where marked ones in view lie, each pixel once."""
        if not numbers.size:
            return []
        low, high = min(self.range), max(self.range)
        length = self.size().width() if self.is_across else self.size().height()
        if length < 1:
            return []
        edges = low - 0.5 + np.arange(int(length) + 2) * ((high - low) / length)
        found = np.searchsorted(self._rising(ranks, numbers), np.ceil(edges).astype(np.int32))
        pixels: list[float] = (np.flatnonzero(np.diff(found)) + 0.5).tolist()
        return pixels

    def _rising(self, ranks: IntArray, numbers: IntArray) -> IntArray:
        """Return the places of marked ones, rising: sorted once, not for every frame of a pan.

        Of 162,000 found users a sort takes 10 ms, and there are six of these bands.
        """
        for of_ranks, of_numbers, rising in self._kept:
            if of_ranks is ranks and of_numbers is numbers:
                return rising
        rising = np.sort(ranks[numbers])
        self._kept = [*self._kept[-1:], (ranks, numbers, rising)]
        return rising

    def _paint_tick(self, painter: QPainter, at: float, colour: str, *, is_line: bool) -> None:
        """Paint one mark beside the picture."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        size, half = self.size(), TICKS / 2
        if self.is_across:
            base, tip = size.height() - TICKS + 1, size.height()
            if is_line:
                painter.drawRect(QRectF(at - 1, base, 2, TICKS - 1))
            else:
                painter.drawPolygon(QPolygonF([
                    QPointF(at - half, base), QPointF(at + half, base), QPointF(at, tip)]))
        elif is_line:
            painter.drawRect(QRectF(0, at - 1, TICKS - 1, 2))
        else:
            painter.drawPolygon(QPolygonF([
                QPointF(TICKS - 1, at - half), QPointF(TICKS - 1, at + half), QPointF(0, at)]))


class RightBand(SideBand):
    """The band of the rows."""

    is_across = False

    def __init__(self) -> None:
        super().__init__("right")


class TopBand(SideBand):
    """The band of the columns, with the new user's row above it where there is one."""

    def __init__(self) -> None:
        self.strip = RowStrip()
        super().__init__("top")

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        super().set_theme(theme)
        self.strip.theme = theme

    def show_strip(self) -> None:
        """Follow a strip that was changed."""
        self._resize()
        self.update()

    def _depth(self) -> int:
        return super()._depth() + (STRIP_HEIGHT + GAP if self.strip.is_shown else 0)

    def strip_rect(self) -> QRectF:
        """Return where the new user's row lies in this item."""
        return QRectF(0, 0, self.size().width(), STRIP_HEIGHT if self.strip.is_shown else 0)

    def boundingRect(self) -> QRectF:
        """Return the band, and at its left the room of the words."""
        rect: QRectF = super().boundingRect()
        return rect.adjusted(-self._left_room(), 0, 0, 0)

    def _left_room(self) -> float:
        return self.pos().x() if self.parentItem() is not None else 0.0

    def paint(self, painter: QPainter, *how: Any) -> None:
        """Paint the lanes, then the new user's row and the words at the left."""
        super().paint(painter, *how)
        if self._state is None or self._state.order is None:
            return
        room = self._left_room() - 6
        if self.strip.is_shown:
            place = pinned_place(self._state)
            pinned = place[1] if place is not None and place[0] < 0 else None
            self.strip.paint(painter, self.strip_rect(), self._place, room, pinned)
        if self.has_margins and self._images is not None:
            bottom = self.size().height() - TICKS
            self._write(painter, "means", room, bottom - MEANS / 2)
            self._write(painter, "ratings", room, bottom - MEANS - GAP - COUNTS / 2)

    def _write(self, painter: QPainter, words: str, room: float, middle: float) -> None:
        """Write a word left of a lane."""
        painter.setPen(QColor(self._theme.muted))
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        painter.drawText(QRectF(-room - 4, middle - 8, room, 16),
                         Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)


def _bars(counts: NDArray[np.float64], colour: str) -> Bytes:
    """Return bars, the largest count as high as the lane, uint8, shape (COUNTS, n_blocks, 4)."""
    known = np.nan_to_num(counts)
    heights = COUNTS * known / max(float(known.max(initial=0.0)), 1e-9)
    heights[(known > 0) & (heights < 1)] = 1
    is_bar = np.arange(COUNTS, 0, -1)[:, None] <= np.ceil(heights)[None, :]
    pixels = np.zeros((*is_bar.shape, 4), np.uint8)
    pixels[is_bar] = (*rgb(colour), 255)
    return pixels
