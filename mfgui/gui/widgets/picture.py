"""Pictures of widgets: recorded on the GUI thread in some milliseconds, drawn and packed by a job.

What is recorded are Qt's own drawing commands, so that a picture of any size, and one of lines and
letters, is drawn from them on another thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QPoint, QSize
from PySide6.QtGui import QColor, QImage, QPainter, QPicture, QTransform
from PySide6.QtWidgets import QWidget

from mfgui.gui.widgets.clip_marks import Aside, ready_to_record
from mfgui.gui.widgets.picture_ops import bytes_of

SCALE = 2.0  # of a PNG where no size is chosen


@dataclass(frozen=True, eq=False)
class Drawing:
    """What was drawn; any thread can read it.

    Parameters
    ----------
    data : bytes
        The recorded commands.
    size : QSize
        In the pixels of the screen, as they are counted before any scaling.
    dpi : int
        How many of them to an inch.
    ground : QColor
        What lies below everything.
    title : str
        What it shows.
    asides : tuple of Aside
        Images that are drawn by themselves, in the order of their stand-ins.
    path : str
        Where it is to go, by whose ending ``drawing()`` makes SVG, PDF or PNG.
    finer : callable or None
        Returns the images as they look at a scale, where they can be painted anew; on any thread.
    """

    data: bytes
    size: QSize
    dpi: int
    ground: QColor
    title: str
    asides: tuple[Aside, ...] = ()
    path: str = ""
    finer: Callable[[float], tuple[QImage, ...]] | None = None

    def images_at(self, scale: float) -> tuple[QImage, ...]:
        """Return the images, painted anew for the scale where that can be."""
        if self.finer is None or scale == 1:
            return tuple(aside.image for aside in self.asides)
        return self.finer(scale)

    @property
    def stand_ins(self) -> tuple[bytes, ...]:
        """What was recorded in the place of images."""
        return tuple(aside.stand_in for aside in self.asides)

    def __call__(self) -> bytes:
        """Return it as the content of a file, a PNG at twice the screen's size."""
        from mfgui.gui.widgets.picture_files import file_bytes

        return file_bytes(self)


def picture_of(
    widget: QWidget, path: str | Path = "", *, title: str = "", below: Sequence[QWidget] = (),
    inside: Sequence[QWidget] = (), finer: Callable[[float], tuple[QImage, ...]] | None = None,
) -> Drawing:
    """Record a widget as it is seen, and others below it; on the GUI thread.

    Where the keys are is no part of it.

    Parameters
    ----------
    title : str
        "" for the widget's accessible name.
    below : sequence of QWidget
        As wide as the first, or narrower.
    inside : sequence of QWidget
        Plots that the widget paints though they are none of its children.
    finer : callable or None
        See ``Drawing``.
    """
    picture, widgets = QPicture(), [widget, *below]
    asides: list[Aside] = []
    top = 0
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    for each in widgets:
        with ready_to_record(each, len(asides), inside) as aside:
            QWidget.render(each, painter, QPoint(0, top))  # a plot has another of that name
        asides += [replace(
            one, transform=one.transform * QTransform.fromTranslate(0, top),
            clip=one.clip.translated(0, top)) for one in aside]
        top += each.height()
    painter.end()
    return Drawing(
        bytes_of(picture), QSize(max(each.width() for each in widgets), top), widget.logicalDpiX(),
        widget.palette().window().color(), title or widget.accessibleName(), tuple(asides),
        str(path), finer)
