"""Pictures of a widget as files: PNG at twice the screen's size, SVG with lines and letters.

pyqtgraph's own SVG leaves out the legend and gives its ground in per cent, which some programs
draw as a square; Qt's generator draws the widget as it is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QWidget

from mfgui.gui.widgets.focus_frame import FocusFrame


def picture_of(widget: QWidget, path: str | Path) -> Callable[[], bytes]:
    """Draw the widget and return what makes its file: SVG where the name ends so, otherwise PNG.

    Only the drawing has to be done on the GUI thread; the packing, the longer part, is for a job.
    Where the keys are is no part of it.
    """
    frames = [frame for frame in widget.findChildren(FocusFrame) if frame.isVisible()]
    for frame in frames:
        frame.hide()
    make = _maker(widget, is_svg=Path(path).suffix.lower() == ".svg")
    for frame in frames:
        frame.show()
    return make


def _maker(widget: QWidget, *, is_svg: bool) -> Callable[[], bytes]:
    """Draw the widget and return what makes its file."""
    if is_svg:
        content = svg_bytes(widget)
        return lambda: content
    image = drawn(widget)
    return lambda: png_bytes(image)


def drawn(widget: QWidget) -> QImage:
    """Return the widget at twice its size."""
    image = QImage(widget.size() * 2, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    image.fill(widget.palette().window().color())
    widget.render(image)
    return image


def png_bytes(image: QImage) -> bytes:
    """Return an image as a PNG file; on any thread."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def svg_bytes(widget: QWidget) -> bytes:
    """Return the widget as SVG."""
    from PySide6.QtSvg import QSvgGenerator

    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setSize(widget.size())
    generator.setViewBox(QRect(0, 0, widget.width(), widget.height()))
    generator.setTitle(widget.accessibleName())
    widget.render(generator)
    return bytes(buffer.data().data())
