"""Predicted against observed: how many ratings of each value were predicted how."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.error_bars import LabelAxis
from mfgui.gui.widgets.plot_axes import AxisWords, colour_axes
from mfgui.inspection.colours import Levels, rgb
from mfgui.inspection.error_bins import Bins, EvenBins
from mfgui.inspection.map_colours import COUNT, MapValues, colours_on

Cell = tuple[int, int]
Key = Qt.Key
MOVES: dict[int, Cell] = {Key.Key_Up: (1, 0), Key.Key_Down: (-1, 0), Key.Key_Left: (0, -1),
                          Key.Key_Right: (0, 1)}


class DensityPlot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A picture with a row for each observed value; predictions along x.

    Signals
    -------
    pointed : (value, prediction) as bins, or None
    clicked : (value, prediction) as bins
    """

    pointed = Signal(object)
    clicked = Signal(object)
    accessible_role = "chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={side: LabelAxis(side) for side in ("left", "bottom")})
        self._theme = LIGHT
        self._counts: NDArray[np.int64] | None = None
        self._predicted: EvenBins | None = None
        self._current: Cell | None = None
        self._words = AxisWords(self.getPlotItem())
        self.image = pg.ImageItem(axisOrder="row-major")
        self._frame = pg.QtWidgets.QGraphicsRectItem()
        self._exact = pg.ScatterPlotItem(pxMode=True, symbol="t1", size=9)
        self._set_up()

    def _set_up(self) -> None:
        self.setObjectName("densityPlot")
        self.setAccessibleName("Predicted against observed")
        self.setWhatsThis("Each row is an observed value, each column a range of predictions; the "
                          "colour says how many ratings, the mark where both are equal. Arrow keys "
                          "read, a click or Enter leads to the rows concerned.")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 100)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.vb.disableAutoRange()
        item.vb.setDefaultPadding(0)
        for depth, part in enumerate((self.image, self._exact, self._frame)):
            part.setZValue(depth)
            item.addItem(part, ignoreBounds=True)
        self._frame.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.setBackground(theme.plot_ground)
        colour_axes(self.getPlotItem(), theme)
        self._frame.setPen(pg.mkPen(theme.error, width=2))
        self._exact.setPen(pg.mkPen(theme.plot_ground, width=1))
        self._exact.setBrush(pg.mkBrush(theme.text))

    def show_density(
        self, counts: NDArray[np.int64], values: Bins, predicted: EvenBins, colour_map: str,
        unit: str,
    ) -> tuple[MapValues, NDArray[np.uint8]]:
        """Show how many ratings each pair of bins has; return what the colours stand for."""
        self._counts, self._predicted = counts, predicted
        logs = np.log10(np.maximum(counts, 1)).astype(np.float32)
        key = MapValues(COUNT, logs.ravel(), Levels(0.0, float(max(logs.max(initial=0), 1))),
                        "number of ratings", is_log=True)
        table = colours_on(self._theme.plot_ground, key, colour_map)
        places = np.minimum(logs / key.levels.high * len(table), len(table) - 1).astype(int)
        picture = table[places]
        picture[counts == 0] = (*rgb(self._theme.plot_ground), 255)
        rect = QRectF(predicted.start, 0, predicted.stop - predicted.start, len(values))
        self.image.setImage(picture, autoLevels=False, levels=None, rect=rect)
        self._mark_exact(values)
        self.getPlotItem().getAxis("left").set_labels(values.labels)
        exact = " (▲ as observed)" if self._exact.getData()[0].size else ""
        self._words.write(f"predicted {unit}{exact}", f"observed {unit}", self._theme)
        self.getPlotItem().vb.setRange(
            xRange=(rect.left(), rect.right()), yRange=(0, len(values)), padding=0)
        if self._current is not None and self._current[0] >= len(values):
            self._read(None)
        return key, table

    def _mark_exact(self, values: Bins) -> None:
        """Mark in each row where the prediction would equal the observed value."""
        numbers = []
        for row, label in enumerate(values.labels):
            try:
                numbers.append((float(label), row + 0.12))
            except ValueError:  # a group of values has no one place
                continue
        self._exact.setData([x for x, _ in numbers], [y for _, y in numbers])

    # -- reading ------------------------------------------------------------------------------

    def _cell_at(self, position: QPointF) -> Cell | None:
        box = self.getPlotItem().vb
        if self._counts is None or self._predicted is None or not (
                box.sceneBoundingRect().contains(position)):
            return None
        place = box.mapSceneToView(position)
        column = int((place.x() - self._predicted.start) / self._predicted.width)
        row = int(place.y())
        height, width = self._counts.shape
        return (row, column) if 0 <= row < height and 0 <= column < width else None

    def _read(self, cell: Cell | None) -> None:
        self._frame.setVisible(cell is not None)
        if cell is not None and self._predicted is not None:
            left = self._predicted.start + cell[1] * self._predicted.width
            self._frame.setRect(QRectF(left, cell[0], self._predicted.width, 1))
        self._current = cell
        self.pointed.emit(cell)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the bin under the pointer."""
        super().mouseMoveEvent(event)
        cell = self._cell_at(event.position())
        if cell != self._current:
            self._read(cell)

    def leaveEvent(self, event: QEvent) -> None:
        """Read nothing any more."""
        super().leaveEvent(event)
        self._read(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take a click."""
        super().mouseReleaseEvent(event)
        cell = self._cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self.clicked.emit(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read bin after bin with the arrow keys; Enter leads to the rows."""
        if event.key() in MOVES and self._counts is not None and self._counts.size:
            up, right = MOVES[event.key()]
            height, width = self._counts.shape
            row, column = self._current or (height // 2, width // 2)
            self._read((min(max(row + up, 0), height - 1),
                        min(max(column + right, 0), width - 1)))
        elif event.key() in (Key.Key_Return, Key.Key_Enter) and self._current is not None:
            self.clicked.emit(self._current)
        else:
            super().keyPressEvent(event)
            return
        event.accept()
