"""Text that comes in pieces, as blocks that begin with a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.kernels import text

Bytes = NDArray[np.uint8]

BLOCK = 4 << 20
"""How much is read at a time; a line longer than this is rejected."""
LONGEST_RECORD = 1 << 16
"""A record that runs over several lines is at most so long, in bytes."""


@dataclass
class Block:
    """Some text that begins with a line.

    Parameters
    ----------
    buffer : ndarray of uint8
        Behind the text is as much room again, for ids that do not stand in it as they are.
    size : int
        How many bytes of it are text.
    is_last : bool
    side : int
        Where the room beside the text begins that is still free.
    """

    buffer: Bytes
    size: int
    is_last: bool
    side: int = 0

    def __post_init__(self) -> None:
        self.side = self.size + 1
        if self.is_last:
            self.buffer[self.size] = text.LF  # the kernel looks for line ends, not for the end

    def beside(self, encoded: bytes) -> tuple[int, int]:
        """Put a text beside; return where it begins and its size."""
        begin = self.side
        self.side += len(encoded)
        self.buffer[begin : self.side] = np.frombuffer(encoded, np.uint8)
        return begin, len(encoded)

    def decoded(self, begin: int, end: int) -> str:
        """Return some of the text."""
        return self.buffer[begin:end].tobytes().decode("utf-8", "replace")


def blocks(pieces: Iterable[bytes], rest: Callable[[], int]) -> Iterator[Block]:
    """Yield the text in blocks.

    Parameters
    ----------
    pieces : iterable of bytes
        Of any size, cut anywhere.
    rest : callable
        Asked after each block: from where on its text is to be put before the next one.
    """
    room = BLOCK + LONGEST_RECORD
    buffer = np.empty(2 * room + 1, np.uint8)
    filled = 0
    source = iter(pieces)
    piece: bytes | None = b""
    used = 0
    while True:
        while filled < room and piece is not None:
            if used >= len(piece):
                piece, used = next(source, None), 0
                continue
            take = min(room - filled, len(piece) - used)
            buffer[filled : filled + take] = np.frombuffer(piece, np.uint8, take, used)
            filled, used = filled + take, used + take
        yield Block(buffer, filled, piece is None)
        if piece is None:
            return
        carried = buffer[rest() : filled].copy()
        filled = carried.size
        buffer[:filled] = carried


def next_line(buffer: Bytes, position: int, limit: int) -> int:
    """Return where the first line after ``position`` begins, or ``limit``."""
    for low in range(position, limit, 4096):
        part = buffer[low : min(low + 4096, limit)]
        ends = np.flatnonzero((part == text.LF) | (part == text.CR))
        if ends.size:
            end = low + int(ends[0])
            is_pair = buffer[end] == text.CR and end + 1 < limit and buffer[end + 1] == text.LF
            return end + (2 if is_pair else 1)
    return limit


def last_line_end(buffer: Bytes, begin: int, size: int) -> int:
    """Return where the last line begins that is not whole: what follows the last line end.

    A CR at the very end does not count: its LF may follow.
    """
    for edge in range(size, begin, -65536):
        low = max(begin, edge - 65536)
        part = buffer[low:edge]
        ends = np.flatnonzero((part == text.LF) | (part == text.CR))
        if ends.size and low + int(ends[-1]) == size - 1 and buffer[size - 1] == text.CR:
            ends = ends[:-1]
        if ends.size:
            return low + int(ends[-1]) + 1
    return begin
