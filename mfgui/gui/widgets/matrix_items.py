"""What is drawn over and beside the picture of a matrix: printed numbers, numbered axes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QStaticText, QTransform

from mfgui.gui.widgets.plain_axis import PlainAxis, round_ticks
from mfgui.inspection.colours import text_colours
from mfgui.inspection.pictures import Picture

NUMBER_FROM_PX = 28.0


class CellNumbers(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """The numbers of all cells in view, painted by one item, not by thousands of labels.

    A cross-hair that moves has all three views repainted. With 256 cells in each it took 40 to
    65 ms; with texts laid out once and the result kept by Qt while nothing else moves, 11 to 16.
    """

    def __init__(self, *, is_signed: bool) -> None:
        super().__init__()
        self._is_signed = is_signed
        self._picture: Picture | None = None
        self._origin = (0, 0)
        self._texts: dict[tuple[str, int], QStaticText] = {}
        self.setZValue(10)
        self.setCacheMode(self.CacheMode.DeviceCoordinateCache)

    def set_cells(self, picture: Picture | None, first_row: int, first_column: int) -> None:
        """Show the numbers of a picture whose blocks are cells; None for none."""
        self.prepareGeometryChange()
        self._picture, self._origin = picture, (first_row, first_column)
        self._texts = {}
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the cells that have numbers; none where they are too small for them."""
        if self._picture is None or min(self.cell_size()) < NUMBER_FROM_PX:
            return QRectF()
        height, width = self._picture.values.shape
        return QRectF(self._origin[1], self._origin[0], width, height)

    def cell_size(self) -> tuple[float, float]:
        """Return width and height of a cell in pixels."""
        width, height = self.pixelVectors()
        if width is None or height is None:
            return 0.0, 0.0
        return 1 / max(width.x(), 1e-12), 1 / max(abs(height.y()), 1e-12)

    def viewTransformChanged(self) -> None:
        """Have the bounding rectangle asked for anew: it depends on the size of a cell."""
        super().viewTransformChanged()
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Paint the numbers, in black or white, whichever is read better."""
        width, height = self.cell_size()
        if self._picture is None or min(width, height) < NUMBER_FROM_PX:
            return
        transform = painter.transform()
        painter.save()
        painter.resetTransform()
        font = self._font(painter, width)
        painter.setFont(font)
        values = self._picture.values
        colours = text_colours(self._picture.rgba)
        for colour in np.unique(colours):
            painter.setPen(QColor(str(colour)))
            for i, j in np.argwhere(np.isfinite(values) & (colours == colour)).tolist():
                middle = transform.map(
                    QPointF(self._origin[1] + j + 0.5, self._origin[0] + i + 0.5))
                text = self._text(float(values[i, j]), width, font)
                size = text.size()
                painter.drawStaticText(
                    QPointF(round(middle.x() - size.width() / 2),
                            round(middle.y() - size.height() / 2)), text)
        painter.restore()

    def _text(self, value: float, width: float, font: QFont) -> QStaticText:
        """Return the laid out number, made once for each text and size of letters."""
        words = number_in_cell(value, width, is_signed=self._is_signed)
        key = words, font.pixelSize()
        if key not in self._texts:
            text = QStaticText(words)
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.prepare(QTransform(), font)
            self._texts[key] = text
        return self._texts[key]

    @staticmethod
    def _font(painter: QPainter, width: float) -> QFont:
        font = QFont(painter.font())
        font.setPixelSize(10 if width < 40 else 12)
        return font


class CellAxis(PlainAxis):
    """An axis that numbers cells from 1, each number at the middle of its cell.

    Its ticks point to the numbers: in the picture one would look like a minus before a value.
    """

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, is_whole=True)
        self.setStyle(tickLength=4, tickTextOffset=2)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, Any]]:
        """Return the middles of the cells that are numbered."""
        low, high = min(minVal, maxVal) + 0.5, max(minVal, maxVal) + 0.5
        if not high > low:
            return []
        is_across = self.orientation in ("bottom", "top")
        room = 7 * len(f"{high:,.0f}") + 14 if is_across else 30
        step, numbers = round_ticks(low, high, max(2, int(size / room)), is_whole=True)
        return [(step, [number - 0.5 for number in numbers if number >= 1])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the numbers of the cells."""
        return [f"{value + 0.5:,.0f}" for value in values]


def number_in_cell(value: float, width: float, *, is_signed: bool) -> str:
    """Return a number with the digits that a cell of ``width`` pixels has room for."""
    if not is_signed and value == int(value) and abs(value) < 1e4:
        return str(int(value))
    digits = 2 if width >= 40 else 1
    value = round(value, digits) + 0.0  # no "-0.0"
    text = f"{value:+.{digits}f}" if is_signed and value else f"{value:.{digits}f}"
    return text if len(text) * 7 <= max(width, 32) + 3 else f"{value:.1e}"[:6]
