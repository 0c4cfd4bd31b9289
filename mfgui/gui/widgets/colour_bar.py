"""A colour bar with numbers and a unit, drawn by ourselves so that its levels stay fixed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.plain_axis import round_ticks
from mfgui.inspection.colours import LIGHT_PALETTE, Levels

BAR_HEIGHT = 10
MARGIN = 24


class ColourBar(QWidget):
    """Colours from low to high with numbers below, and the colour of what is missing."""

    accessible_role = "picture"

    def __init__(self, unit: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit = unit
        self._theme, self._missing = LIGHT, LIGHT_PALETTE.missing
        self._levels: Levels | None = None
        self._image: QImage | None = None
        self._has_missing = True
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setRetainSizeWhenHidden(True)  # the views above keep their height
        self.setSizePolicy(policy)
        self.setAccessibleName(f"Colours of {unit}")

    def sizeHint(self) -> QSize:
        """Return a height for bar, numbers and unit."""
        return QSize(160, BAR_HEIGHT + 2 * self.fontMetrics().height() + 8)

    minimumSizeHint = sizeHint

    def set_theme(self, theme: Theme, missing: str) -> None:
        """Take the colours of text and of what is missing."""
        self._theme, self._missing = theme, missing
        self.update()

    def set_unit(self, unit: str, *, has_missing: bool = True) -> None:
        """Say what the numbers are, and whether any can be missing."""
        if (unit, has_missing) != (self._unit, self._has_missing):
            self._unit, self._has_missing = unit, has_missing
            self.setAccessibleName(f"Colours of {unit}")
            self.update()

    def set_colours(self, table: NDArray[np.uint8], levels: Levels) -> None:
        """Show the table between the levels."""
        if self._levels == levels and self._image is not None and self._is_same(table):
            return
        self._levels = levels
        self._table = table
        row = np.ascontiguousarray(table[None, :, :])
        self._image = QImage(row.data, 256, 1, 1024, QImage.Format.Format_RGBA8888).copy()
        self.setAccessibleDescription(f"{self._unit} from {levels.low:g} to {levels.high:g}")
        self.update()

    def _is_same(self, table: NDArray[np.uint8]) -> bool:
        return bool(np.array_equal(self._table, table))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bar, ticks, unit and the sample of what is missing."""
        if self._image is None or self._levels is None:
            return
        painter = QPainter(self)
        width = self.width() - 2 * MARGIN
        bar = QRectF(MARGIN, 2, width, BAR_HEIGHT)
        painter.drawImage(bar, self._image)
        painter.setPen(QColor(self._theme.border))
        painter.drawRect(bar)
        painter.setPen(QColor(self._theme.text))
        low, high = self._levels.low, self._levels.high
        step, ticks = round_ticks(low, high, max(3, width // 40), is_whole=False)
        digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
        line = self.fontMetrics().height()
        for tick in ticks:
            x = MARGIN + width * (tick - low) / (high - low)
            painter.drawLine(int(x), 2 + BAR_HEIGHT, int(x), 5 + BAR_HEIGHT)
            painter.drawText(QRectF(x - 40, BAR_HEIGHT + 5, 80, line),
                             Qt.AlignmentFlag.AlignHCenter, f"{tick + 0.0:.{digits}f}")
        self._paint_unit(painter, BAR_HEIGHT + 5 + line, line)

    def _paint_unit(self, painter: QPainter, top: int, line: int) -> None:
        """Write the unit in the middle, and beside it what is missing."""
        metrics = self.fontMetrics()
        missing, gap = "not rated", 14
        total = metrics.horizontalAdvance(self._unit)
        if self._has_missing:
            total += metrics.horizontalAdvance(missing) + line + gap
        x = (self.width() - total) / 2
        painter.drawText(QRectF(x, top, self.width(), line), Qt.AlignmentFlag.AlignLeft, self._unit)
        if not self._has_missing:
            return
        x += metrics.horizontalAdvance(self._unit) + gap
        box = QRectF(x, top + 2, line - 4, line - 4)
        painter.fillRect(box, QColor(self._missing))
        painter.drawRect(box)
        painter.drawText(QRectF(x + line, top, self.width(), line), Qt.AlignmentFlag.AlignLeft,
                         missing)
