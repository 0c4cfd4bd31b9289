"""The imaginary row of a new user on top of a matrix: colours, numbers, a label."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.matrix_items import NUMBER_FROM_PX, number_in_cell
from mfgui.inspection.colours import text_colours
from mfgui.inspection.pictures import Picture

STRIP_HEIGHT = 24  # pixels
FRAME = 2
SHORT_NAME = "new"  # where the whole name does not fit


class RowStrip:
    """Paints one row of cells or of blocks of cells."""

    def __init__(self) -> None:
        self.theme: Theme = LIGHT
        self.is_shown = False
        self.is_signed = False
        self._name = "new user"
        self._picture: Picture | None = None
        self._image: QImage | None = None
        self._span = (0, 1)
        self._is_cells = False

    def show(self, name: str) -> None:
        """Take the room of a row that is still to come."""
        self.is_shown, self._name = True, name

    def hide(self) -> None:
        """Give the room back."""
        self.is_shown, self._picture, self._image = False, None, None

    def set_picture(self, picture: Picture | None, first: int, last: int) -> None:
        """Show the row's picture, of one pixel a block, for the columns ``first`` to ``last``."""
        self._picture, self._image, self._span = picture, None, (first, last)
        if picture is None or not picture.rgba.size:
            return
        pixels = np.ascontiguousarray(picture.rgba)
        n = pixels.shape[1]
        self._image = QImage(pixels.data, n, 1, 4 * n, QImage.Format.Format_RGBA8888).copy()
        self._is_cells = n == last - first

    def paint(
        self, painter: QPainter, rect: QRectF, place: Callable[[float], float], left_room: float,
        pinned: int | None,
    ) -> None:
        """Paint the row.

        Parameters
        ----------
        place : callable
            From a column to pixels.
        left_room : float
            Pixels at the left for the label.
        pinned : int or None
            The column of the pinned cell, where it is in this row.
        """
        painter.save()
        painter.setFont(_font(painter, 11))
        self._paint_name(painter, rect, left_room)
        painter.setClipRect(rect)
        if self._image is not None:
            begin, end = place(self._span[0]), place(self._span[1])
            painter.drawImage(QRectF(begin, rect.top(), end - begin, rect.height()), self._image)
            if self._is_cells:
                self._paint_numbers(painter, rect, place)
        painter.setPen(QColor(self.theme.muted))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0, 0, -1, -1))
        if pinned is not None:
            self._paint_frame(painter, rect, place(pinned), place(pinned + 1))
        painter.restore()

    def _paint_name(self, painter: QPainter, rect: QRectF, room: float) -> None:
        painter.setPen(QColor(self.theme.text))
        painter.drawText(QRectF(-room - 4, rect.top(), room, rect.height()),
                         Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                         self.name_in(painter, room))

    def name_in(self, painter: QPainter, room: float) -> str:
        """Return the name, or a shorter word where it does not fit."""
        fits = QFontMetricsF(painter.font()).horizontalAdvance(self._name) <= room
        return self._name if fits else SHORT_NAME

    def _paint_numbers(
        self, painter: QPainter, rect: QRectF, place: Callable[[float], float]
    ) -> None:
        """Print the numbers of cells that are wide enough."""
        picture, first = self._picture, self._span[0]
        width = place(first + 1) - place(first)
        if picture is None or width < NUMBER_FROM_PX:
            return
        colours = text_colours(picture.rgba)[0]
        for k, value in enumerate(picture.values[0].tolist()):
            if np.isfinite(value):
                painter.setPen(QColor(str(colours[k])))
                painter.drawText(
                    QRectF(place(first + k), rect.top(), width, rect.height()),
                    Qt.AlignmentFlag.AlignCenter,
                    number_in_cell(value, width, is_signed=self.is_signed))

    def _paint_frame(self, painter: QPainter, rect: QRectF, begin: float, end: float) -> None:
        """Frame the pinned cell, at least wide enough to be seen."""
        grow = max(9 - (end - begin), 0) / 2
        frame = QRectF(begin - grow, rect.top() + FRAME / 2, end - begin + 2 * grow,
                       rect.height() - FRAME)
        for colour, thickness in ((self.theme.base, 2 * FRAME + 1), (self.theme.text, FRAME)):
            pen = QPen(QColor(colour), thickness)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(frame)


def _font(painter: QPainter, pixels: int) -> QFont:
    font = painter.font()
    font.setPixelSize(pixels)
    return font
