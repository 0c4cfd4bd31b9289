"""PNG files: another reader must read the same picture."""

from __future__ import annotations

import struct
import zlib

import numpy as np

from mfgui.store.png import enlarged, png_bytes


def test_the_chunks_hold_the_picture_and_their_checksums_are_right() -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (5, 7, 4), np.uint8)
    data = png_bytes(rgba)
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    place, chunks = 8, {}
    while place < len(data):
        length, name = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + length]
        (checksum,) = struct.unpack(">I", data[place + 8 + length : place + 12 + length])
        assert checksum == zlib.crc32(name + body)
        chunks[name] = body
        place += 12 + length
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (7, 5)
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(5, 1 + 7 * 4)
    assert np.array_equal(lines[:, 1:].reshape(5, 7, 4), rgba)


def test_qt_reads_the_same_picture() -> None:
    from PySide6.QtGui import QImage

    rgba = np.random.default_rng(1).integers(0, 256, (3, 4, 4), np.uint8)
    image = QImage.fromData(png_bytes(rgba)).convertToFormat(QImage.Format.Format_RGBA8888)
    read = np.frombuffer(image.constBits(), np.uint8).reshape(3, image.bytesPerLine())
    assert np.array_equal(read[:, :16].reshape(3, 4, 4), rgba)


def test_a_small_picture_is_enlarged_by_whole_pixels() -> None:
    rgba = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
    large = enlarged(rgba, 12)
    assert large.shape == (8, 12, 4)
    assert np.array_equal(large[::4, ::4], rgba)
    assert enlarged(large, 5) is not None
    assert enlarged(large, 5).shape == large.shape
