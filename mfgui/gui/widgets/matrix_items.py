"""What is drawn over the picture of a matrix: printed numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from mfgui.inspection.colours import text_colour
from mfgui.inspection.painter import Picture

NUMBER_FROM_PX = 28.0


class CellNumbers(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """The numbers of all cells in view, painted by one item, not by thousands of labels."""

    def __init__(self, *, is_signed: bool) -> None:
        super().__init__()
        self._is_signed = is_signed
        self._picture: Picture | None = None
        self._origin = (0, 0)
        self.setZValue(10)

    def set_cells(self, picture: Picture | None, first_row: int, first_column: int) -> None:
        """Show the numbers of a picture whose blocks are cells; None for none."""
        self._picture, self._origin = picture, (first_row, first_column)
        self.prepareGeometryChange()
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the cells that have numbers."""
        if self._picture is None:
            return QRectF()
        height, width = self._picture.values.shape
        return QRectF(self._origin[1], self._origin[0], width, height)

    def cell_size(self) -> tuple[float, float]:
        """Return width and height of a cell in pixels."""
        width, height = self.pixelVectors()
        if width is None or height is None:
            return 0.0, 0.0
        return 1 / max(width.x(), 1e-12), 1 / max(abs(height.y()), 1e-12)

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Paint the numbers, in black or white, whichever is read better."""
        width, height = self.cell_size()
        if self._picture is None or min(width, height) < NUMBER_FROM_PX:
            return
        transform = painter.transform()
        painter.save()
        painter.resetTransform()
        painter.setFont(self._font(painter, width))
        values, rgba = self._picture.values, self._picture.rgba
        for i, j in np.argwhere(np.isfinite(values)):
            corner = transform.map(QPointF(self._origin[1] + j, self._origin[0] + i))
            far = transform.map(QPointF(self._origin[1] + j + 1, self._origin[0] + i + 1))
            red, green, blue = (int(part) for part in rgba[i, j, :3])
            painter.setPen(QColor(text_colour((red, green, blue))))
            painter.drawText(QRectF(corner, far), Qt.AlignmentFlag.AlignCenter,
                             number_in_cell(values[i, j], width, is_signed=self._is_signed))
        painter.restore()

    @staticmethod
    def _font(painter: QPainter, width: float) -> QFont:
        font = QFont(painter.font())
        font.setPixelSize(10 if width < 40 else 12)
        return font


def number_in_cell(value: float, width: float, *, is_signed: bool) -> str:
    """Return a number with the digits that a cell of ``width`` pixels has room for."""
    if not is_signed and value == int(value) and abs(value) < 1e4:
        return str(int(value))
    digits = 2 if width >= 40 else 1
    value = round(value, digits) + 0.0  # no "-0.0"
    text = f"{value:+.{digits}f}" if is_signed and value else f"{value:.{digits}f}"
    return text if len(text) * 7 <= max(width, 32) + 3 else f"{value:.1e}"[:6]
