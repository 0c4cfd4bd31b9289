"""The painted curves as an item of the plot: images on the screen, lines in an export."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from mfgui.gui.widgets.curve_painter import CurvePicture, draw_line, marks_of, strokes

_MARK = QPolygonF([QPointF(-4, 8), QPointF(4, 8), QPointF(0, 1)])  # pixels, from the top edge


class CurvesItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Shows the newest picture; while the view moves, the last one moves with it."""

    def __init__(self) -> None:
        super().__init__()
        self.picture: CurvePicture | None = None
        self._marks: list[tuple[float, str]] = []
        self._is_exact = False

    def set_picture(self, picture: CurvePicture | None) -> None:
        """Show another picture; None: none."""
        self.prepareGeometryChange()
        self.picture = picture
        self._marks = marks_of(picture) if picture is not None else []
        self.update()

    @property
    def marks(self) -> list[tuple[float, str]]:
        """Places of what is not finite, with the colours of their curves."""
        return self._marks

    @contextmanager
    def exact(self) -> Iterator[None]:
        """Paint lines, not images, for a file that is looked at in any size."""
        self._is_exact = True
        try:
            yield
        finally:
            self._is_exact = False

    def boundingRect(self) -> QRectF:
        """Return where the picture lies."""
        if self.picture is None:
            return QRectF()
        room = self.picture.room
        return QRectF(room.left, room.low, room.right - room.left, room.high - room.low)

    def paint(self, painter: QPainter, *_args: Any) -> None:
        """Paint the curves, then the marks along the top edge of what is in view."""
        if self.picture is None:
            return
        if self._is_exact:
            for _, envelope, pen in strokes(self.picture.lines, 1.0):
                pen.setCosmetic(True)
                draw_line(painter, envelope.x, envelope.y, pen)
        else:
            self._paint_layers(painter, self.picture)
        self._paint_marks(painter)

    def _paint_layers(self, painter: QPainter, picture: CurvePicture) -> None:
        """Paint the images: where they only have moved, pixel by pixel, for that is quicker."""
        place = painter.worldTransform().mapRect(self.boundingRect())
        image = picture.layers[0].image
        size = image.deviceIndependentSize()
        is_moved_only = (abs(place.width() - size.width()) < 0.5
                         and abs(place.height() - size.height()) < 0.5)
        painter.save()
        painter.resetTransform()
        for layer in picture.layers:
            if is_moved_only:
                painter.drawImage(place.topLeft().toPoint(), layer.image)
            else:
                painter.drawImage(place, layer.image)
        painter.restore()

    def _paint_marks(self, painter: QPainter) -> None:
        """Paint a small triangle for each mark."""
        if not self._marks:
            return
        (left, right), (_, high) = self.getViewBox().viewRange()
        to_pixels = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for x, colour in self._marks:
            if left <= x <= right:
                painter.setBrush(QColor(colour))
                painter.drawPolygon(_MARK.translated(to_pixels.map(QPointF(x, high))))
        painter.restore()
