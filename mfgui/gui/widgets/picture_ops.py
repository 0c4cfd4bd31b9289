"""A recorded picture (QPicture) as it is to be drawn at a scale, on any thread.

A pen of pyqtgraph is *cosmetic*: as wide as it says in pixels, however large the picture is drawn,
so at ten times the size curves would be hairs; hatching, too, stays at its pixels. Both are made
larger here. And Qt packs each image that it records as PNG, and unpacks it each time it is drawn:
20 to 60 ms for a matrix, with the GIL held. So a stand-in of one pixel is recorded in its place,
and the recording is cut there into layers, between which the images themselves are drawn.

A recording is a row of commands: number (a byte), length (a byte, or 255 and four), content. The
numbers have stayed as they are since Qt 5, since recordings can be kept as files. What does not
look as expected is left as it is.
"""

from __future__ import annotations

import binascii
import itertools
import struct
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QBuffer, QByteArray, QDataStream, QIODevice, QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPen, QPicture, QTransform

HEADER, COUNT_AT = 32, 28  # "QPIC", checksum, version, and the first command, how many follow last
CHECKED_FROM = 6
STATES_FROM = 30  # the numbers below draw, those from here on set pens, transforms and the like
DRAW_IMAGE, SET_PEN, SET_BRUSH = 18, 46, 47
RECT, FLAGS = 32, 4  # bytes of a QRectF; an image's: where to, what, which part, and flags
PATTERNS = range(2, 15)  # brushes of dots, lines and crosses
PATTERN_SIDE = 8
_Style = Qt.BrushStyle
_ACROSS, _UP = [(0, 4, 8, 4)], [(4, 0, 4, 8)]
# A line from corner to corner goes on in the tiles beside it, whose corners it crosses too.
_RISING = [(-1, 9, 9, -1), (-1, 1, 1, -1), (7, 9, 9, 7)]
_FALLING = [(-1, -1, 9, 9), (7, -1, 9, 1), (-1, 7, 1, 9)]
LINES = {_Style.HorPattern: _ACROSS, _Style.VerPattern: _UP, _Style.CrossPattern: _ACROSS + _UP,
         _Style.BDiagPattern: _RISING, _Style.FDiagPattern: _FALLING,
         _Style.DiagCrossPattern: _RISING + _FALLING}
IS_COSMETIC, WIDTH_AT = 2, 3  # in a pen's content: style, then whether, then the width
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def layers(data: bytes, scale: float, stand_ins: Sequence[bytes] = ()) -> list[QPicture]:
    """Return a recording as it is to be drawn at ``scale``, cut at the stand-ins.

    Parameters
    ----------
    data : bytes
        As ``bytes_of`` returns it.
    stand_ins : sequence of bytes
        In the order in which they were recorded; one more layer is returned than there are.
    """
    commands = [(number, _scaled(number, content, scale)) for number, content in _commands(data)]
    wanted, cuts = list(stand_ins), []
    for place, (number, content) in enumerate(commands):
        if wanted and number == DRAW_IMAGE and content[RECT : -RECT - FLAGS] == wanted[0]:
            del wanted[0]
            cuts.append(place)
    edges = [-1, *cuts, len(commands)]
    found = [_picture(data, [
        command for place, command in enumerate(commands)
        if command[0] >= STATES_FROM or first < place < end])
        for first, end in itertools.pairwise(edges)]
    return found + [QPicture() for _ in wanted]


def whole(data: bytes) -> QPicture:
    """Return a recording with its stand-ins."""
    return layers(data, 1.0)[0]


def _scaled(number: int, content: bytes, scale: float) -> bytes:
    """Return the content of a command, pens and patterns made larger."""
    if number == SET_PEN and len(content) > WIDTH_AT + 8 and content[IS_COSMETIC]:
        width, = struct.unpack_from(">d", content, WIDTH_AT)
        wider = struct.pack(">d", (width or 1.0) * scale)
        return content[:WIDTH_AT] + wider + content[WIDTH_AT + 8 :]
    if number == SET_BRUSH and content[0] in PATTERNS and scale != 1:
        return _packed(_as_texture(content, scale))
    return content


def _picture(data: bytes, commands: Sequence[tuple[int, bytes]]) -> QPicture:
    """Return a recording of other commands."""
    parts = [data[:COUNT_AT], struct.pack(">I", len(commands))]
    for number, content in commands:
        parts += [bytes([number]), _length(len(content)), content]
    changed = bytearray(b"".join(parts))
    changed[4:6] = struct.pack(">H", _checksum(bytes(changed[CHECKED_FROM:])))
    picture = QPicture()
    picture.setData(bytes(changed))
    return picture


def bytes_of(picture: QPicture) -> bytes:
    """Return a recording as bytes, which any thread can read."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.ReadWrite)
    picture.save(buffer)
    return bytes(buffer.data().data())


def stand_in(number: int) -> tuple[QImage, bytes]:
    """Return an image of one pixel, and how it stands in a recording."""
    image = QImage(1, 1, QImage.Format.Format_ARGB32)
    image.fill(0xFF000000 | number)
    return image, _packed(image)


def _commands(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each command."""
    at = HEADER
    while at + 2 <= len(data):
        number, size = data[at], data[at + 1]
        at += 2
        if size == 255:
            size, = struct.unpack_from(">I", data, at)
            at += 4
        yield number, data[at : at + size]
        at += size


def _length(size: int) -> bytes:
    return bytes([size]) if size < 255 else b"\xff" + struct.pack(">I", size)


def _as_texture(content: bytes, scale: float) -> QBrush:
    """Return a brush that paints a brush's pattern, its dots and lines larger."""
    brush = QBrush()
    QDataStream(QByteArray(content)) >> brush
    side = round(PATTERN_SIDE * scale)
    tile = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.scale(side / PATTERN_SIDE, side / PATTERN_SIDE)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    lines = LINES.get(brush.style(), ())
    painter.setPen(QPen(brush.color(), 1))
    for line in lines:
        painter.drawLine(QLineF(*line))
    if not lines:  # dots: pixels of the pattern as squares
        small = QImage(PATTERN_SIDE, PATTERN_SIDE, tile.format())
        small.fill(Qt.GlobalColor.transparent)
        one_by_one = QPainter(small)
        one_by_one.fillRect(small.rect(), brush)
        one_by_one.end()
        painter.drawImage(QRectF(0, 0, PATTERN_SIDE, PATTERN_SIDE), small)
    painter.end()
    texture = QBrush(tile)
    texture.setTransform(QTransform.fromScale(PATTERN_SIDE / side, PATTERN_SIDE / side))
    return texture


def _packed(thing: QImage | QBrush) -> bytes:
    """Return an image or a brush as a data stream has it."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QDataStream(buffer) << thing
    return bytes(buffer.data().data())


def _checksum(content: bytes) -> int:
    """Return the CRC-16 of ISO 3309, as Qt's ``qChecksum``: the one Python has, mirrored."""
    mirrored = binascii.crc_hqx(content.translate(_REVERSED), 0xFFFF)
    return int(f"{mirrored:016b}"[::-1], 2) ^ 0xFFFF
