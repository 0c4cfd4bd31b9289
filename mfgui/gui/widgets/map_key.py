"""What the colours of the factor map stand for: a bar with numbers, or a square a cluster."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.plain_axis import log_ticks, round_ticks, tick_text
from mfgui.inspection.map_colours import MapValues

BAR_HEIGHT = 10
MARGIN = 24
SQUARE = 10
GAP = 10


class MapKey(QWidget):
    """The key to the colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._values: MapValues | None = None
        self._table: NDArray[np.uint8] | None = None
        self.setObjectName("mapKey")
        self.setAccessibleName("Colours of the map")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """Return room for a bar, its numbers and the unit."""
        return QSize(200, self.heightForWidth(self.width()))

    minimumSizeHint = sizeHint

    def hasHeightForWidth(self) -> bool:
        """Return that clusters may take several lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that the key takes."""
        line = self.fontMetrics().height()
        if self._values is not None and self._values.clusters is not None:
            places = self._cluster_places(width)
            return int(places[-1][0].bottom()) + 3 if places else line
        return BAR_HEIGHT + 2 * line + 8

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    def show_values(self, values: MapValues, table: NDArray[np.uint8]) -> None:
        """Show what the colours stand for."""
        if self._table is not None and values is self._values and np.array_equal(
                table, self._table):
            return
        self._values, self._table = values, table
        self.setVisible(bool(values.unit))
        self.setAccessibleDescription(self._words())
        self.updateGeometry()
        self.update()

    def _words(self) -> str:
        values = self._values
        if values is None or not values.unit:
            return ""
        if values.clusters is not None:
            return "; ".join(f"cluster {k + 1}: {size:,}"
                             for k, size in enumerate(values.clusters.sizes.tolist()))
        low, high = values.levels.low, values.levels.high
        if values.is_log:
            low, high = 10.0 ** low, 10.0 ** high
        return f"{values.unit} from {low:.4g} to {high:.4g}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bar or the squares."""
        if self._values is None or self._table is None:
            return
        painter = QPainter(self)
        if self._values.clusters is not None:
            self._paint_clusters(painter)
        else:
            self._paint_bar(painter)
        painter.end()

    def _cluster_places(self, width: int) -> list[tuple[QRectF, str]]:
        """Return where each cluster's square and words stand."""
        metrics, line = self.fontMetrics(), self.fontMetrics().height() + 2
        x, y, places = 4.0, 2.0, []
        assert self._values is not None
        clusters = self._values.clusters
        assert clusters is not None
        texts = [f"{k + 1}: {size:,}" for k, size in enumerate(clusters.sizes.tolist())]
        wide = max((metrics.horizontalAdvance(text) for text in texts), default=0) + SQUARE + 4
        for text in texts:
            if x + wide > width and x > 4:
                x, y = 4.0, y + line
            places.append((QRectF(x, y, wide, line), text))
            x += wide + GAP
        return places

    def _paint_clusters(self, painter: QPainter) -> None:
        assert self._table is not None
        painter.setPen(QColor(self._theme.text))
        for k, (place, text) in enumerate(self._cluster_places(self.width())):
            red, green, blue, _ = self._table[k].tolist()
            top = place.center().y() - SQUARE / 2
            painter.fillRect(QRectF(place.x(), top, SQUARE, SQUARE), QColor(red, green, blue))
            painter.drawText(place.adjusted(SQUARE + 4, 0, 0, 0),
                             Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_bar(self, painter: QPainter) -> None:
        """Paint bar, ticks and unit."""
        values, table = self._values, self._table
        assert values is not None
        assert table is not None
        width = self.width() - 2 * MARGIN
        row = np.ascontiguousarray(table[None])
        image = QImage(row.data, row.shape[1], 1, QImage.Format.Format_RGBA8888)
        bar = QRectF(MARGIN, 2, width, BAR_HEIGHT)
        painter.drawImage(bar, image)
        painter.setPen(QColor(self._theme.border))
        painter.drawRect(bar)
        painter.setPen(QColor(self._theme.text))
        line, low, high = self.fontMetrics().height(), values.levels.low, values.levels.high
        for tick, text in self._ticks(max(2, width // 55)):
            x = MARGIN + width * (tick - low) / (high - low)
            painter.drawLine(int(x), 2 + BAR_HEIGHT, int(x), 5 + BAR_HEIGHT)
            painter.drawText(QRectF(x - 40, BAR_HEIGHT + 5, 80, line),
                             Qt.AlignmentFlag.AlignHCenter, text)
        painter.drawText(QRectF(0, BAR_HEIGHT + 5 + line, self.width(), line),
                         Qt.AlignmentFlag.AlignHCenter, values.unit)

    def _ticks(self, n_ticks: int) -> list[tuple[float, str]]:
        """Return where numbers stand, and the numbers."""
        assert self._values is not None
        low, high = self._values.levels.low, self._values.levels.high
        if self._values.is_log:
            return [(tick, tick_text(10.0 ** tick))
                    for tick in log_ticks(low, high, n_ticks, is_whole=True)]
        step, ticks = round_ticks(low, high, n_ticks, is_whole=False)
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        return [(tick, f"{tick + 0.0:.{digits}f}") for tick in ticks]
