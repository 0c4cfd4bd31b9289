"""Pictures of a widget as files: PNG at twice the screen's size, SVG with lines and letters.

pyqtgraph's own SVG leaves out the legend and gives its ground in per cent, which some programs
draw as a square; Qt's generator draws the widget as it is seen.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QWidget

from mfgui.store.files import write_beside


def write_picture(widget: QWidget, path: Path) -> None:
    """Write a picture of the widget, SVG where the name ends so, otherwise PNG.

    Raises
    ------
    StorageError
        If the file cannot be written; what stood there before is untouched.
    """
    content = svg_bytes(widget) if path.suffix.lower() == ".svg" else png_bytes(widget)
    with write_beside(path) as temporary:
        temporary.write_bytes(content)


def png_bytes(widget: QWidget) -> bytes:
    """Return the widget as a PNG at twice its size."""
    image = QImage(widget.size() * 2, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2)
    image.fill(widget.palette().window().color())
    widget.render(image)
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
