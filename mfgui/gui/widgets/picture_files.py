"""A recorded picture as PNG of any size, as SVG and as PDF; on any thread, but for the clipboard.

In SVG and PDF lines and letters stay what they are; a matrix is one image in them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRect, QSizeF
from PySide6.QtGui import QImage, QPageSize, QPainter, QPdfWriter, QPicture

from mfgui import __version__
from mfgui.core.control import Control
from mfgui.gui.widgets.picture import SCALE, Drawing
from mfgui.gui.widgets.picture_ops import adapted
from mfgui.gui.widgets.svg_text import mended
from mfgui.store.png_stream import write_png

LONGEST = 10_000  # pixels of a side
BAND_BYTES = 1 << 24
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
        write_png(file, width, height, _bands(drawing, scale, control), drawing.dpi * scale)


def pixels_of(drawing: Drawing, scale: float) -> tuple[int, int]:
    """Return width and height at a scale."""
    return (max(round(drawing.size.width() * scale), 1),
            max(round(drawing.size.height() * scale), 1))


def fitting_scale(drawing: Drawing, scale: float) -> float:
    """Return the scale, less where the longer side would be too long."""
    return min(scale, LONGEST / max(drawing.size.width(), drawing.size.height(), 1))


def _bands(drawing: Drawing, scale: float, control: Control) -> Iterator[NDArray[np.uint8]]:
    """Yield the picture from the top."""
    width, height = pixels_of(drawing, scale)
    picture = adapted(drawing.data, scale, drawing.images_at(scale), drawing.stand_ins)
    n_rows = max(BAND_BYTES // (4 * width), 1)
    for top in range(0, height, n_rows):
        control.checkpoint()
        control.report("Drawing the picture", top / height)
        yield _rgb(_drawn(drawing, picture, scale, top, min(n_rows, height - top)))


def _drawn(
    drawing: Drawing, picture: QPicture, scale: float, top: int, n_rows: int
) -> QImage:
    """Return some rows of the picture."""
    width, _ = pixels_of(drawing, scale)
    image = QImage(width, n_rows, QImage.Format.Format_RGB32)
    # As on the screen, so that a font of so many points takes as many pixels.
    per_metre = round(drawing.dpi / METRES_PER_INCH)
    image.setDotsPerMeterX(per_metre)
    image.setDotsPerMeterY(per_metre)
    image.fill(drawing.ground)
    painter = QPainter(image)
    painter.setRenderHints(Hints.Antialiasing | Hints.TextAntialiasing)
    painter.translate(0, -top)
    painter.scale(scale, scale)
    picture.play(painter)
    painter.end()
    return image


def _rgb(image: QImage) -> NDArray[np.uint8]:
    """Return an image's colours, shape (height, width, 3)."""
    bytes_ = np.frombuffer(image.constBits(), np.uint8)
    rows = bytes_.reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()]
    return np.ascontiguousarray(rows[:, :, 2::-1])  # stored as blue, green, red, unused


def copied(drawing: Drawing, control: Control) -> tuple[QImage, bytes]:
    """Return a picture for the clipboard: as an image, and as the content of a PNG."""
    image = whole_image(drawing)
    control.checkpoint()
    file, scale = io.BytesIO(), image.width() / drawing.size.width()
    write_png(file, image.width(), image.height(), [_rgb(image)], drawing.dpi * scale)
    return image, file.getvalue()


def whole_image(drawing: Drawing, scale: float = SCALE) -> QImage:
    """Return the picture in memory, for the clipboard."""
    scale = fitting_scale(drawing, scale)
    picture = adapted(drawing.data, scale, drawing.images_at(scale), drawing.stand_ins)
    return _drawn(drawing, picture, scale, 0, pixels_of(drawing, scale)[1])


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
        _play(drawing, QPainter(generator))

    return mended(_filled(paint).decode()).encode()


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
        _play(drawing, QPainter(writer))

    return _filled(paint)


def _play(drawing: Drawing, painter: QPainter) -> None:
    """Draw everything at its size on the screen, on its ground."""
    painter.setRenderHint(Hints.LosslessImageRendering)  # a matrix has no use for JPEG
    painter.fillRect(QRect(0, 0, drawing.size.width(), drawing.size.height()), drawing.ground)
    images = drawing.images_at(VECTOR_SCALE)
    adapted(drawing.data, 1.0, images, drawing.stand_ins).play(painter)
    painter.end()


def _filled(paint: Callable[[QBuffer], None]) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    paint(buffer)
    return bytes(buffer.data().data())
