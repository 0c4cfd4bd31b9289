"""A line drawn round what is to be selected."""

from __future__ import annotations

import math

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsScene

from mfgui.gui.theme import Theme

STEP = 3.0  # pixels between corners of the line
LEAST = 4.0  # a drag shorter than this is a click


class Lasso:
    """A free line or a box, drawn in the scene from press to release."""

    def __init__(self, scene: QGraphicsScene) -> None:
        self._item = QGraphicsPathItem()
        self._item.setZValue(1000)
        self._item.hide()
        scene.addItem(self._item)
        self._corners: list[QPointF] = []
        self._is_box = False

    @property
    def is_active(self) -> bool:
        """Whether one is being drawn."""
        return bool(self._corners)

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        pen = QPen(QColor(theme.accent), 1.5, Qt.PenStyle.DashLine)
        pen.setCosmetic(True)
        self._item.setPen(pen)
        fill = QColor(theme.accent)
        fill.setAlpha(30)
        self._item.setBrush(pg.mkBrush(fill))

    def begin(self, place: QPointF, *, is_box: bool) -> None:
        """Begin at a place in the scene."""
        self._corners, self._is_box = [place], is_box
        self._draw()
        self._item.show()

    def move(self, place: QPointF) -> None:
        """Go on to a place."""
        last = self._corners[-1]
        if self._is_box:
            self._corners = [self._corners[0], place]
        elif math.hypot(place.x() - last.x(), place.y() - last.y()) >= STEP:
            self._corners.append(place)
        self._draw()

    def end(self) -> list[QPointF]:
        """Return the corners of what was drawn; none where it was only a click."""
        corners = self.outline()
        self.cancel()
        wide = max((corner.x() for corner in corners), default=0) - min(
            (corner.x() for corner in corners), default=0)
        high = max((corner.y() for corner in corners), default=0) - min(
            (corner.y() for corner in corners), default=0)
        return corners if max(wide, high) >= LEAST else []

    def cancel(self) -> None:
        """Take it away."""
        self._corners = []
        self._item.hide()

    def outline(self) -> list[QPointF]:
        """Return the corners so far."""
        if not self._is_box or len(self._corners) < 2:
            return list(self._corners)
        first, last = self._corners
        return [first, QPointF(last.x(), first.y()), last, QPointF(first.x(), last.y())]

    def _draw(self) -> None:
        path, corners = QPainterPath(), self.outline()
        path.moveTo(corners[0])
        for corner in corners[1:]:
            path.lineTo(corner)
        path.closeSubpath()
        self._item.setPath(path)
