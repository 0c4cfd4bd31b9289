"""Errors as bars: training and validation beside each other, or one over the other's outline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.focus_frame import FocusFrame
from mfgui.gui.widgets.plain_axis import PlainAxis
from mfgui.gui.widgets.plot_axes import AxisWords, colour_axes

SHARE_OF_GROUP = 0.8  # of the room from one group of bars to the next
Key = Qt.Key


@dataclass(frozen=True, eq=False)
class Bars:
    """What is drawn.

    Parameters
    ----------
    edges : ndarray of float64, shape (n_bins + 1,)
        Along x; of groups with labels simply 0, 1, 2 ...
    heights : dict of str to ndarray of float64, shape (n_bins,)
        By part; NaN is no bar.
    labels : sequence of str
        Below the groups; empty: numbers stand along x.
    x_words, y_words : str
    occupied : tuple of int
        The first bin that is shown, and the one behind the last.
    """

    edges: NDArray[np.float64]
    heights: dict[str, NDArray[np.float64]]
    labels: Sequence[str]
    x_words: str
    y_words: str
    occupied: tuple[int, int]

    def __len__(self) -> int:
        return int(self.edges.size) - 1


class LabelAxis(PlainAxis):
    """An axis with a text at the middle of each group, as many as fit; or numbers."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation, room=50)
        self._labels: Sequence[str] = ()

    def set_labels(self, labels: Sequence[str]) -> None:
        """Write texts from now on; none: numbers."""
        self._labels = labels
        self.picture = None
        self.update()

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, Any]]:
        """Return the middles of the groups that have room for their text."""
        if not self._labels:
            ticks: list[tuple[float, Any]] = super().tickValues(minVal, maxVal, size)
            return ticks
        is_across = self.orientation in ("bottom", "top")
        room = 7 * max(map(len, self._labels)) + 10 if is_across else 16
        every = max(int(np.ceil(len(self._labels) * room / max(size, 1))), 1)
        return [(1.0, [k + 0.5 for k in range(0, len(self._labels), every)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the texts."""
        if not self._labels:
            texts: list[str] = super().tickStrings(values, scale, spacing)
            return texts
        return [self._labels[int(value)] for value in values]


class ErrorBars(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """The bars.

    Signals
    -------
    pointed : the bin under the pointer, or read by keys, or None
    clicked : the bin that was clicked, or Enter pressed on
    """

    pointed = Signal(object)
    clicked = Signal(int)
    accessible_role = "chart"

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {side: LabelAxis(side) for side in ("left", "bottom")}
        super().__init__(parent, axisItems=axes)
        self._theme = LIGHT
        self._bars: Bars | None = None
        self._current: int | None = None
        self._drawn: list[Any] = []
        self._words = AxisWords(self.getPlotItem())
        self._band = pg.LinearRegionItem(movable=False)
        self._set_up()

    def _set_up(self) -> None:
        self.setObjectName("errorBars")
        FocusFrame(self)
        self.setAccessibleName("Errors as bars")
        self.setWhatsThis("Training and validation beside each other. Left and right read one bar "
                          "after another; a click or Enter leads to the rows concerned.")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 100)
        item = self.getPlotItem()
        item.setMenuEnabled(False)
        item.hideButtons()
        item.setMouseEnabled(False, False)
        item.vb.disableAutoRange()
        item.vb.setDefaultPadding(0)
        self._band.setZValue(-5)
        self._band.hide()
        item.addItem(self._band, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours: pyqtgraph ignores the palette."""
        self._theme = theme
        self.setBackground(theme.plot_ground)
        colour_axes(self.getPlotItem(), theme)
        fill = QColor(theme.accent)
        fill.setAlpha(45)
        self._band.setBrush(pg.mkBrush(fill))
        for line in self._band.lines:
            line.setPen(pg.mkPen(None))
        if self._bars is not None:
            self.show_bars(self._bars)

    # -- showing ------------------------------------------------------------------------------

    def show_bars(self, bars: Bars) -> None:
        """Show other bars; the one that is read stays."""
        before, self._bars = self._bars, bars
        item = self.getPlotItem()
        for part in self._drawn:
            item.removeItem(part)
        self._drawn = []
        for place, (name, heights) in enumerate(bars.heights.items()):
            self._draw(place, len(bars.heights), name, heights)
        self._words.write(bars.x_words, bars.y_words, self._theme)
        item.getAxis("bottom").set_labels(bars.labels)
        highest = max((float(np.nanmax(heights, initial=0.0)) for heights in bars.heights.values()),
                      default=0.0)
        low, high = bars.edges[list(bars.occupied)].tolist()
        item.vb.setRange(xRange=(low, high), yRange=(0, highest * 1.06 or 1.0), padding=0)
        is_other = before is None or before.x_words != bars.x_words or len(before) != len(bars)
        self._read(None if is_other else self._current)

    def _draw(self, place: int, n_parts: int, name: str, heights: NDArray[np.float64]) -> None:
        """Draw one part: beside the other where groups are named, else as an outline over it."""
        assert self._bars is not None
        edges = self._bars.edges
        colour = self._theme.series[0 if name == "training" else 1]
        known = np.nan_to_num(heights)
        if not self._bars.labels and place:
            line = pg.PlotDataItem(edges, known, stepMode="center", pen=pg.mkPen(colour, width=2))
            self._add(line)
            return
        left, room = edges[:-1], np.diff(edges)
        width = room
        if self._bars.labels:
            width = room * SHARE_OF_GROUP / n_parts
            left = left + room * (1 - SHARE_OF_GROUP) / 2 + place * width
        self._add(pg.BarGraphItem(
            x0=left, width=width, height=known, brush=pg.mkBrush(colour),
            pen=pg.mkPen(self._theme.plot_ground, width=1)))

    def _add(self, part: Any) -> None:
        self.getPlotItem().addItem(part, ignoreBounds=True)
        self._drawn.append(part)

    # -- reading ------------------------------------------------------------------------------

    def _bin_at(self, position: QPointF) -> int | None:
        """Return the bin at a position of the widget."""
        box = self.getPlotItem().vb
        if self._bars is None or not len(self._bars) or not (
                box.sceneBoundingRect().contains(position)):
            return None
        x = box.mapSceneToView(position).x()
        place = int(np.searchsorted(self._bars.edges, x, side="right")) - 1
        return place if 0 <= place < len(self._bars) else None

    def _read(self, position: int | None) -> None:
        """Mark and tell the bin that is read."""
        self._band.setVisible(position is not None)
        if position is not None and self._bars is not None:
            self._band.setRegion((self._bars.edges[position], self._bars.edges[position + 1]))
        self._current = position
        self.pointed.emit(position)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the bin under the pointer."""
        super().mouseMoveEvent(event)
        position = self._bin_at(event.position())
        if position != self._current:
            self._read(position)

    def leaveEvent(self, event: QEvent) -> None:
        """Read nothing any more."""
        super().leaveEvent(event)
        self._read(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take a click."""
        super().mouseReleaseEvent(event)
        position = self._bin_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and position is not None:
            self.clicked.emit(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read bin after bin with the arrow keys; Enter leads to the rows."""
        first, end = self._bars.occupied if self._bars is not None else (0, 0)
        now = self._current
        targets = {Key.Key_Left: end - 1 if now is None else now - 1,
                   Key.Key_Right: first if now is None else now + 1,
                   Key.Key_Home: first, Key.Key_End: end - 1}
        if event.key() in targets and end > first:
            self._read(min(max(targets[Qt.Key(event.key())], first), end - 1))
        elif event.key() in (Key.Key_Return, Key.Key_Enter) and now is not None:
            self.clicked.emit(now)
        else:
            super().keyPressEvent(event)
            return
        event.accept()
