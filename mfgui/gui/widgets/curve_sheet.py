"""A picture of several curves: the plot, and below it every curve's name, however many."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from mfgui.gui.run_looks import SWATCH, paint_swatch
from mfgui.gui.widgets.curve_table import LegendRow

_GAP = 8
_LEAST_WIDTH = 900  # a picture stands alone: it is no smaller for a narrow dock
_LEAST_HEIGHT = 360


class CurveSheet(QWidget):
    """Paints a plot and a legend in as many columns as there is room for; never shown itself."""

    def __init__(self, plot: QWidget, rows: Sequence[LegendRow], palette: QPalette) -> None:
        super().__init__()
        self._plot, self._rows = plot, rows
        self.setPalette(palette)
        self.setAccessibleName(plot.accessibleName())
        metrics = self.fontMetrics()
        self._line = metrics.height() + 6
        widest = max((metrics.horizontalAdvance(_text(row)) for row in rows), default=0)
        width = max(plot.width(), _LEAST_WIDTH)
        self._column = min(widest + SWATCH[0] + 4 * _GAP, width)
        self._n_columns = max(width // self._column, 1)
        n_lines = -(-len(rows) // self._n_columns)
        self._top = max(plot.height(), _LEAST_HEIGHT)
        self.resize(width, self._top + n_lines * self._line + 2 * _GAP)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the plot in its own size or larger, then the legend."""
        painter = QPainter(self)
        size = self._plot.size()
        self._plot.resize(self.width(), self._top)
        QWidget.render(self._plot, painter, QPoint(0, 0))
        self._plot.resize(size)
        painter.setPen(self.palette().windowText().color())
        n_lines = max(-(-len(self._rows) // self._n_columns), 1)
        for k, row in enumerate(self._rows):
            left = _GAP + (k // n_lines) * self._column
            top = self._top + _GAP + (k % n_lines) * self._line
            paint_swatch(painter, QRectF(left, top, SWATCH[0], self._line), row.colour, row.style)
            painter.drawText(
                QRectF(left + SWATCH[0] + _GAP, top, self._column - SWATCH[0] - 2 * _GAP,
                       self._line),
                Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, _text(row))


def _text(row: LegendRow) -> str:
    """Return a curve's name with what it reached, or why it is not drawn."""
    return f"{row.name}: {row.note or row.value}"
