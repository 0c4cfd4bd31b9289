"""Pictures as PNG without a window: the report is written where no Qt library is installed."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
EIGHT_BITS, TRUE_COLOUR_ALPHA = 8, 6


def png_bytes(rgba: NDArray[np.uint8]) -> bytes:
    """Return a picture as a PNG file (W3C, Portable Network Graphics, third edition).

    Parameters
    ----------
    rgba : ndarray of uint8, shape (height, width, 4)
        At least one pixel.
    """
    height, width = rgba.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, EIGHT_BITS, TRUE_COLOUR_ALPHA, 0, 0, 0)
    lines = np.zeros((height, 1 + 4 * width), np.uint8)  # each line begins with its filter: none
    lines[:, 1:] = rgba.reshape(height, 4 * width)
    return SIGNATURE + b"".join(
        _chunk(name, data) for name, data in (
            (b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b"")))


def _chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk: length, name, data, and the checksum of both."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def enlarged(rgba: NDArray[np.uint8], least: int) -> NDArray[np.uint8]:
    """Return a small picture with each pixel repeated until the longer side has ``least``."""
    times = max(least // max(rgba.shape[:2]), 1)
    return np.repeat(np.repeat(rgba, times, axis=0), times, axis=1)
