"""Makes plots ready to be recorded: images stand aside, caches are off, clips leave a mark.

An image stands aside with its place: it is drawn by itself later (``picture_ops``).

Qt's SVG knows no clipping: a curve that was zoomed into would run across axes and legend. So where
a plot clips what is in it, its beginning and its end are marked by a rectangle of that size in a
colour of their own, fully transparent, from which ``svg_text`` makes a clip path. In the other
formats it draws nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform
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


@dataclass(frozen=True, eq=False)
class Aside:
    """An image that stood aside while a plot was recorded.

    Parameters
    ----------
    image : QImage
    rect : QRectF
        Where it is drawn to, in coordinates of its own.
    transform : QTransform
        From these to the recorded widget's.
    clip : QRectF
        What of the widget it may cover.
    stand_in : bytes
        How what is recorded in its place looks in the recording.
    """

    image: QImage
    rect: QRectF
    transform: QTransform
    clip: QRectF
    stand_in: bytes


@contextmanager
def ready_to_record(
    widget: QWidget, n_before: int = 0, inside: Sequence[QWidget] = ()
) -> Iterator[list[Aside]]:
    """Change the plots in a widget for as long as they are recorded; yield what stands aside.

    Parameters
    ----------
    n_before : int
        How many stand-ins the recording has already.
    inside : sequence of QWidget
        Plots that the widget paints though they are none of its children; their images are
        recorded as they are.
    """
    wholes = [widget, *inside]
    frames = [frame for whole in wholes for frame in whole.findChildren(FocusFrame)
              if frame.isVisible()]
    views = [view for whole in wholes for view in [whole, *whole.findChildren(QGraphicsView)]
             if isinstance(view, QGraphicsView) and (view is whole or view.isVisibleTo(whole))]
    items = [item for view in views for item in view.scene().items() if item.isVisible()]
    cached = [(item, item.cacheMode()) for item in items if item.cacheMode() != NO_CACHE]
    pictures = [(view, item) for view in views if view is widget or widget.isAncestorOf(view)
                for item in _in_order(view) if isinstance(item, pg.ImageItem) and _is_made(item)]
    # Else each point is a picture of itself, blurred where it is drawn larger.
    scatters = [item for item in items if isinstance(item, pg.ScatterPlotItem)]
    grounds = [(view, QGraphicsView.CacheModeFlag(view.cacheMode())) for view in views]
    marks: list[_Mark] = []
    asides: list[Aside] = []
    for frame in frames:
        frame.hide()
    for view in views:
        view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
    for item, _ in cached:
        item.setCacheMode(NO_CACHE)
    for item in scatters:
        item.setExportMode(True, {"antialias": True, "resolutionScale": 1.0})
    for box in (item for item in items if isinstance(item, pg.ViewBox)):
        marks += [_Mark(box, BEGIN, FIRST), _Mark(box, END, LAST)]
    for number, (view, item) in enumerate(pictures, n_before):
        asides.append(_aside(widget, view, item, number))
    originals = [item.qimage for _, item in pictures]
    for number, (_, item) in enumerate(pictures, n_before):
        item.qimage = stand_in(number)[0]
    try:
        yield asides
    finally:
        for (_, item), image in zip(pictures, originals, strict=True):
            item.qimage = image
        for mark in marks:
            mark.scene().removeItem(mark)
        for item in scatters:
            item.setExportMode(False)
        for item, mode in cached:
            item.setCacheMode(mode)
        for view, ground in grounds:
            view.setCacheMode(ground)
        for frame in frames:
            frame.show()


def _is_made(item: pg.ImageItem) -> bool:
    """Return whether an item has an image to stand aside; one that is due is made now."""
    if item.image is not None and getattr(item, "_renderRequired", False):
        item.render()  # else painting would do so, and take the stand-in away
    return item.qimage is not None and not item.qimage.isNull()


def _in_order(view: QGraphicsView) -> list[QGraphicsItem]:
    """Return what of a view is seen, in the order in which it is painted."""
    found: list[QGraphicsItem] = view.scene().items(Qt.SortOrder.AscendingOrder)
    return [item for item in found if item.isVisible()]


def _aside(widget: QWidget, view: QGraphicsView, item: pg.ImageItem, number: int) -> Aside:
    """Return an image with its place in a widget."""
    corner = view.viewport().mapTo(widget, QPoint(0, 0))
    to_widget = QTransform.fromTranslate(corner.x(), corner.y())
    height, width = item.image.shape[:2] if item.axisOrder == "row-major" else (
        item.image.shape[1], item.image.shape[0])
    box = item.getViewBox()
    shown = box.mapRectToScene(box.boundingRect()) if box is not None else view.sceneRect()
    clip = to_widget.mapRect(view.viewportTransform().mapRect(shown))
    return Aside(item.qimage.copy(), QRectF(0, 0, width, height),
                 item.deviceTransform(view.viewportTransform()) * to_widget, clip,
                 stand_in(number)[1])
