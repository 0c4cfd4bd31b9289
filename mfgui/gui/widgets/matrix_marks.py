"""What is marked in a matrix: the pinned cell, chosen and found rows and columns, clusters.

Ticks along the edges are in ``matrix_margins``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from mfgui.core.ratings import IntArray
from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.view_state import NEW_USER, ViewState
from mfgui.gui.widgets.matrix_keys import pinned_place

SMALLEST_FRAME = 9.0  # pixels: a frame round a tiny cell is larger than the cell
LINES_BELOW_PX = 8.0  # cells smaller than this are found by lines through the whole view
MOST_OUTLINED = 24
OUTLINED_FROM_PX = 6.0  # in smaller cells lines would leave nothing of the colours


class MatrixMarks(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Painted over the picture: outlines, cluster borders, the pinned cell's frame, the focus.

    Lines alone, along the edges of cells: a tint would have colours say other values.
    """

    def __init__(self) -> None:
        super().__init__()
        self._state: ViewState | None = None
        self._theme = LIGHT
        self._has_focus = False
        self.setZValue(15)

    def set_models(self, state: ViewState) -> None:
        """Follow what is pinned, chosen, found and sorted."""
        self._state = state
        state.size_changed.connect(self.prepareGeometryChange)
        for signal in (state.pinned_changed, state.selection_changed, state.hits_changed,
                       state.order_changed, state.range_changed):
            signal.connect(self._on_changed)

    def _on_changed(self) -> None:
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    def set_focused(self, has_focus: bool) -> None:
        """Show that keys go to this view."""
        self._has_focus = has_focus
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the whole matrix."""
        if self._state is None:
            return QRectF()
        return QRectF(0, 0, self._state.n_items, self._state.n_users)

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Paint what is in view."""
        state = self._state
        if state is None or state.order is None:
            return
        seen = state.visible
        view = QRectF(seen.x0, seen.y0, seen.x1 - seen.x0, seen.y1 - seen.y0)
        width, height = self._cell_size()
        self._paint_outlines(painter, view, width, height)
        self._paint_borders(painter, view)
        self._paint_pinned(painter, view, width, height)
        if self._has_focus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(_pen(self._theme.accent, 3))
            painter.drawRect(view)

    def _cell_size(self) -> tuple[float, float]:
        """Return width and height of a cell in pixels."""
        width, height = self.pixelVectors()
        if width is None or height is None:
            return 1.0, 1.0
        return 1 / max(width.x(), 1e-12), 1 / max(abs(height.y()), 1e-12)

    def _paint_outlines(
        self, painter: QPainter, view: QRectF, width: float, height: float
    ) -> None:
        """Outline rows and columns, chosen or found, where they are few and large enough."""
        state = self._state
        assert state is not None
        assert state.order is not None
        for places, colour in ((state.hits, hit_colour(self._theme)),
                               (state.selection, selection_colour(self._theme))):
            lines: list[QLineF] = []
            if height >= OUTLINED_FROM_PX:
                lines += [QLineF(view.left(), y, view.right(), y) for y in _edges(
                    state.order.row_ranks, places.users, view.top(), view.bottom())]
            if width >= OUTLINED_FROM_PX:
                lines += [QLineF(x, view.top(), x, view.bottom()) for x in _edges(
                    state.order.column_ranks, places.items, view.left(), view.right())]
            for shade, thickness in ((self._theme.base, 3), (colour, 1)):
                painter.setPen(_pen(shade, thickness))
                painter.drawLines(lines)

    def _paint_borders(self, painter: QPainter, view: QRectF) -> None:
        """Draw a line where a cluster begins, in the text's colour on a thin ground."""
        order = self._state.order if self._state is not None else None
        assert order is not None
        lines = [QLineF(view.left(), y, view.right(), y) for y in order.row_borders.tolist()
                 if view.top() < y < view.bottom()]
        lines += [QLineF(x, view.top(), x, view.bottom()) for x in order.column_borders.tolist()
                  if view.left() < x < view.right()]
        for colour, thickness in ((self._theme.base, 3), (self._theme.text, 1)):
            painter.setPen(_pen(colour, thickness))
            painter.drawLines(lines)

    def _paint_pinned(self, painter: QPainter, view: QRectF, width: float, height: float) -> None:
        """Draw a frame round the pinned cell; lines lead to it where cells are tiny."""
        assert self._state is not None
        place = pinned_place(self._state)
        if place is None:
            return
        row, column = place
        is_new = row == NEW_USER
        lines = []
        if width < LINES_BELOW_PX or is_new:
            lines.append(QLineF(column + 0.5, view.top(), column + 0.5, view.bottom()))
        if height < LINES_BELOW_PX and not is_new:
            lines.append(QLineF(view.left(), row + 0.5, view.right(), row + 0.5))
        dashed = _pen(self._theme.text, 1)
        dashed.setStyle(Qt.PenStyle.DashLine)
        for pen in (_pen(self._theme.base, 2, 170), dashed):
            painter.setPen(pen)
            painter.drawLines(lines)
        if is_new:
            return
        dx, dy = (max(SMALLEST_FRAME / size - 1, 0) / 2 for size in (width, height))
        frame = QRectF(column - dx, row - dy, 1 + 2 * dx, 1 + 2 * dy)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, thickness in ((self._theme.base, 5), (self._theme.text, 2)):
            painter.setPen(_pen(colour, thickness))
            painter.drawRect(frame)


def hit_colour(theme: Theme) -> str:
    """Return the colour of what was found."""
    return theme.series[1]


def selection_colour(theme: Theme) -> str:
    """Return the colour of what was chosen in another panel."""
    return theme.series[3]


def _edges(ranks: IntArray, numbers: IntArray, low: float, high: float) -> list[int]:
    """Return both edges of the places in view; none of many: ticks at the edge then do."""
    if not numbers.size:
        return []
    places = ranks[numbers]
    places = places[(places > low - 1) & (places < high)]
    if places.size > MOST_OUTLINED:
        return []
    return [int(edge) for edge in np.unique(np.concatenate((places, places + 1)))]


def _pen(colour: str, thickness: int, alpha: int = 255) -> QPen:
    """Return a pen of so many pixels at any zoom."""
    shade = QColor(colour)
    shade.setAlpha(alpha)
    pen = QPen(shade, thickness)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen
