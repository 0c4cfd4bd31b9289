"""Makes plots ready to be recorded: images stand aside, caches are off, clips leave a mark.

Qt's SVG knows no clipping: a curve that was zoomed into would run across axes and legend. So where
a plot clips what is in it, its beginning and its end are marked by a rectangle of that size in a
colour of their own, fully transparent, from which ``svg_text`` makes a clip path. In the other
formats it draws nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QStyleOptionGraphicsItem, QWidget

from mfgui.gui.widgets.focus_frame import FocusFrame
from mfgui.gui.widgets.picture_ops import stand_in

BEGIN, END = "#01fe02", "#01fe03"
FIRST, LAST = -1e12, 1e12  # heights among the plot's items
NO_CACHE = QGraphicsItem.CacheMode.NoCache


class _Mark(QGraphicsItem):
    """Paints an unseen rectangle over the whole of a view box, below or above all else in it."""

    def __init__(self, box: pg.ViewBox, colour: str, height: float) -> None:
        super().__init__(box)
        self._box, self._colour = box, QColor(colour)
        self._colour.setAlpha(0)
        self.setZValue(height)

    def boundingRect(self) -> QRectF:
        """Return the view box's rectangle, which may change while it is recorded."""
        return QRectF(self._box.boundingRect())

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint it."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour)
        painter.drawRect(self.boundingRect())


@contextmanager
def ready_to_record(
    widget: QWidget, n_before: int = 0, inside: Sequence[QWidget] = ()
) -> Iterator[tuple[list[QImage], list[bytes]]]:
    """Change the plots in a widget for as long as they are recorded.

    Parameters
    ----------
    n_before : int
        How many stand-ins the recording has already.
    inside : sequence of QWidget
        Plots that the widget paints though they are none of its children.

    Yields
    ------
    images, stand_ins : list of QImage, list of bytes
        What stood aside, and what is recorded in its place.
    """
    wholes = [widget, *inside]
    frames = [frame for whole in wholes for frame in whole.findChildren(FocusFrame)
              if frame.isVisible()]
    views = [view for whole in wholes for view in [whole, *whole.findChildren(QGraphicsView)]
             if isinstance(view, QGraphicsView) and (view is whole or view.isVisibleTo(whole))]
    items = [item for view in views for item in view.scene().items() if item.isVisible()]
    cached = [(item, item.cacheMode()) for item in items if item.cacheMode() != NO_CACHE]
    pictures = [item for item in items if isinstance(item, pg.ImageItem)
                and item.qimage is not None and not item.qimage.isNull()]
    grounds = [(view, QGraphicsView.CacheModeFlag(view.cacheMode())) for view in views]
    marks: list[_Mark] = []
    images: list[QImage] = []
    stand_ins: list[bytes] = []
    for frame in frames:
        frame.hide()
    for view in views:
        view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
    for item, _ in cached:
        item.setCacheMode(NO_CACHE)
    for box in (item for item in items if isinstance(item, pg.ViewBox)):
        marks += [_Mark(box, BEGIN, FIRST), _Mark(box, END, LAST)]
    for number, item in enumerate(pictures, n_before):
        images.append(item.qimage)
        item.qimage, as_bytes = stand_in(number)
        stand_ins.append(as_bytes)
    try:
        yield [image.copy() for image in images], stand_ins
    finally:
        for item, image in zip(pictures, images, strict=True):
            item.qimage = image
        for mark in marks:
            mark.scene().removeItem(mark)
        for item, mode in cached:
            item.setCacheMode(mode)
        for view, ground in grounds:
            view.setCacheMode(ground)
        for frame in frames:
            frame.show()
