"""PNG written band by band: a picture of any size takes the memory of one band, and can be stopped.

Each row is written as its difference from the one above (filter 2): in a matrix drawn large most
rows repeat, and then are zeros.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
EIGHT_BITS, UP = 8, 2
COLOUR_TYPES = {3: 2, 4: 6}
INCHES_PER_METRE = 39.3701


def write_png(
    file: BinaryIO, width: int, height: int, bands: Iterable[NDArray[np.uint8]], *,
    n_channels: int = 3, dpi: float = 96,
) -> None:
    """Write a picture (W3C, Portable Network Graphics, third edition).

    Parameters
    ----------
    bands : iterable of ndarray of uint8, shape (n_rows, width, n_channels)
        Red, green and blue, or these and how opaque; from the top, ``height`` rows in all.
    n_channels : int
        3 or 4.
    dpi : float
        At how many pixels to an inch it is meant to be shown.
    """
    per_metre = round(dpi * INCHES_PER_METRE)
    file.write(SIGNATURE)
    _write_chunk(file, b"IHDR", struct.pack(
        ">IIBBBBB", width, height, EIGHT_BITS, COLOUR_TYPES[n_channels], 0, 0, 0))
    _write_chunk(file, b"pHYs", struct.pack(">IIB", per_metre, per_metre, 1))
    packer, size = zlib.compressobj(6), n_channels * width
    above = np.zeros(size, np.uint8)
    for band in bands:
        rows = band.reshape(-1, size)
        lines = np.empty((rows.shape[0], 1 + size), np.uint8)
        lines[:, 0] = UP
        np.subtract(rows[0], above, out=lines[0, 1:])  # modulo 256, as it is meant to be
        np.subtract(rows[1:], rows[:-1], out=lines[1:, 1:])
        above = rows[-1].copy()
        _write_chunk(file, b"IDAT", packer.compress(lines.data))
    _write_chunk(file, b"IDAT", packer.flush())
    _write_chunk(file, b"IEND", b"")


def _write_chunk(file: BinaryIO, name: bytes, content: bytes) -> None:
    """Write length, name, content, and the checksum of both; nothing where there is no content."""
    if content or name == b"IEND":
        file.write(struct.pack(">I", len(content)) + name + content
                   + struct.pack(">I", zlib.crc32(content, zlib.crc32(name))))
