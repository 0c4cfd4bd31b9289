"""A recorded picture as PNG of any size, as SVG and as PDF; on any thread, but for the clipboard.

In SVG and PDF lines and letters stay what they are; a matrix is an image in them. PySide holds the
GIL while Qt draws, and with it the window: so everything is drawn in bands that take some
milliseconds each.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRect, QRectF, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter, QPicture

from mfgui import __version__
from mfgui.core.control import Control
from mfgui.core.parallel import even_blocks
from mfgui.gui.widgets.picture import SCALE, Drawing
from mfgui.gui.widgets.picture_ops import layers, whole
from mfgui.gui.widgets.svg_text import mended
from mfgui.store.png_stream import write_png

LONGEST = 10_000  # pixels of a side
BAND_PIXELS, STRIP_PIXELS = 1 << 18, 1 << 16
VECTOR_SCALE = 3.0  # of images among lines and letters, where they can be painted finer
METRES_PER_INCH = 0.0254
EXACT = QPageSize.SizeMatchPolicy.ExactMatch
Hints = QPainter.RenderHint


def kind_of(path: str | Path) -> str:
    """Return "svg", "pdf" or "png", by a name's ending."""
    ending = Path(path).suffix.lower().lstrip(".")
    return ending if ending in ("svg", "pdf") else "png"


def file_bytes(drawing: Drawing, scale: float = SCALE) -> bytes:
    """Return a picture as the content of a file."""
    file = io.BytesIO()
    write_picture(drawing, scale, file, Control())
    return file.getvalue()


def write_picture(drawing: Drawing, scale: float, file: BinaryIO, control: Control) -> None:
    """Write a picture, the format by the ending of its path; ``scale`` is that of a PNG.

    Raises
    ------
    CancelledError
        If the control was stopped.
    """
    kind = kind_of(drawing.path)
    control.checkpoint()
    if kind == "svg":
        file.write(svg_bytes(drawing))
    elif kind == "pdf":
        file.write(pdf_bytes(drawing))
    else:
        width, height = pixels_of(drawing, scale)
        write_png(file, width, height, _bands(drawing, scale, control),
                  dpi=drawing.dpi * scale)


def pixels_of(drawing: Drawing, scale: float) -> tuple[int, int]:
    """Return width and height at a scale."""
    return (max(round(drawing.size.width() * scale), 1),
            max(round(drawing.size.height() * scale), 1))


def fitting_scale(drawing: Drawing, scale: float) -> float:
    """Return the scale, less where the longer side would be too long."""
    return min(scale, LONGEST / max(drawing.size.width(), drawing.size.height(), 1))


def _bands(drawing: Drawing, scale: float, control: Control) -> Iterator[NDArray[np.uint8]]:
    """Yield the picture from the top: red, green and blue."""
    width, height = pixels_of(drawing, scale)
    control.report("Drawing the picture", 0.0)
    images, pictures = drawing.images_at(scale), layers(drawing.data, scale, drawing.stand_ins)
    for top, bottom in even_blocks(height, max(BAND_PIXELS // width, 1)):
        control.checkpoint()
        yield _rgb(_drawn(drawing, pictures, images, scale, top, bottom))
        control.report("Drawing the picture", bottom / height)


def _drawn(
    drawing: Drawing, pictures: Sequence[QPicture], images: Sequence[QImage], scale: float,
    top: int, bottom: int,
) -> QImage:
    """Return some rows of the picture."""
    image = QImage(pixels_of(drawing, scale)[0], bottom - top, QImage.Format.Format_RGB32)
    # As on the screen, so that a font of so many points takes as many pixels.
    per_metre = round(drawing.dpi / METRES_PER_INCH)
    image.setDotsPerMeterX(per_metre)
    image.setDotsPerMeterY(per_metre)
    image.fill(drawing.ground)
    painter = QPainter(image)
    painter.setRenderHints(Hints.Antialiasing | Hints.TextAntialiasing)
    painter.translate(0, -top)
    painter.scale(scale, scale)
    _play(drawing, painter, pictures, images)
    painter.end()
    return image


def _play(
    drawing: Drawing, painter: QPainter, pictures: Sequence[QPicture], images: Sequence[QImage],
    n_strips: int = 1,
) -> None:
    """Draw the layers of a picture, and the images between them."""
    for place, picture in enumerate(pictures):
        picture.play(painter)
        if place < len(images):
            painter.save()
            painter.setClipRect(drawing.asides[place].clip)
            painter.setTransform(drawing.asides[place].transform, True)
            _draw_strips(painter, drawing.asides[place].rect, images[place], n_strips)
            painter.restore()


def _draw_strips(painter: QPainter, rect: QRectF, image: QImage, n_strips: int) -> None:
    """Draw an opaque image in strips; each covers a row of the next, so that no seam is seen."""
    if n_strips == 1:
        painter.drawImage(rect, image)
        return
    height = image.height()
    step = rect.height() / height
    for top, bottom in even_blocks(height, -(-height // n_strips)):
        n_rows = min(bottom + 1, height) - top
        painter.drawImage(QRectF(rect.left(), rect.top() + top * step, rect.width(), n_rows * step),
                          image.copy(0, top, image.width(), n_rows))


def _rgb(image: QImage) -> NDArray[np.uint8]:
    """Return an image's colours, shape (height, width, 3)."""
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(
        image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()]
    return np.ascontiguousarray(rows[:, :, 2::-1])  # stored as blue, green, red, unused


def copied(drawing: Drawing, control: Control) -> tuple[QImage, bytes]:
    """Return a picture for the clipboard: as an image, and as the content of a PNG."""
    scale = fitting_scale(drawing, SCALE)
    bands = list(_bands(drawing, scale, control))
    width, height = pixels_of(drawing, scale)
    file = io.BytesIO()
    write_png(file, width, height, bands, dpi=drawing.dpi * scale)
    rows = np.concatenate(bands)
    return QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy(), (
        file.getvalue())


def svg_bytes(drawing: Drawing) -> bytes:
    """Return the picture as SVG."""
    from PySide6.QtSvg import QSvgGenerator

    def paint(buffer: QBuffer) -> None:
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setResolution(drawing.dpi)
        generator.setSize(drawing.size)
        generator.setViewBox(QRect(0, 0, drawing.size.width(), drawing.size.height()))
        generator.setTitle(drawing.title)
        generator.setDescription(f"Drawn by mfgui {__version__}")
        painter = QPainter(generator)
        _fill(drawing, painter)
        whole(drawing.data).play(painter)
        painter.end()

    images = [_rgba_png(image) for image in drawing.images_at(VECTOR_SCALE)]
    return mended(_filled(paint).decode(), images).encode()


def _rgba_png(image: QImage) -> bytes:
    """Return an image as PNG, packed without the GIL."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    rows = np.ascontiguousarray(rows[:, : 4 * image.width()])
    file = io.BytesIO()
    write_png(file, image.width(), image.height(), [rows], n_channels=4)
    return file.getvalue()


def pdf_bytes(drawing: Drawing) -> bytes:
    """Return the picture as a PDF of one page of its size."""
    def paint(buffer: QBuffer) -> None:
        writer = QPdfWriter(buffer)
        writer.setResolution(drawing.dpi)
        size = QSizeF(drawing.size.width() / drawing.dpi, drawing.size.height() / drawing.dpi)
        writer.setPageSize(QPageSize(size, QPageSize.Unit.Inch, matchPolicy=EXACT))
        writer.setPageMargins(QMarginsF(0, 0, 0, 0))
        writer.setTitle(drawing.title)
        writer.setCreator(f"mfgui {__version__}")
        images = drawing.images_at(VECTOR_SCALE)
        most = max((image.width() * image.height() for image in images), default=0)
        painter = QPainter(writer)
        painter.setRenderHint(Hints.LosslessImageRendering)  # a matrix has no use for JPEG
        _fill(drawing, painter)
        _play(drawing, painter, layers(drawing.data, 1.0, drawing.stand_ins), images,
              most // STRIP_PIXELS + 1)
        painter.end()

    return _filled(paint)


def _fill(drawing: Drawing, painter: QPainter) -> None:
    """Draw the ground."""
    painter.fillRect(QRect(0, 0, drawing.size.width(), drawing.size.height()), drawing.ground)


def _filled(paint: Callable[[QBuffer], None]) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    paint(buffer)
    return bytes(buffer.data().data())
