"""Quoted answers of a wide table that run over several lines: their line ends become blanks.

A quotation mark that is never closed must not swallow the rest, so lines are joined only where the
record that comes of it has just as many columns as the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_RECORD = 1 << 16

_ENDS = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True)
class Joined:
    """A block whose records stand in one line each.

    Parameters
    ----------
    block : bytes
        Without the record at its end that goes on in the next block.
    rest : bytes
        That record.
    inner : tuple of (int, int)
        Where each joined record begins, and how many line ends were within it.
    """

    block: bytes
    rest: bytes
    inner: tuple[tuple[int, int], ...]


class LineJoiner:
    """Joins lines at one separator.

    Parameters
    ----------
    separator : str
        One sign.
    n_columns : int
    """

    def __init__(self, separator: str, n_columns: int) -> None:
        sign = re.escape(separator.encode())
        self._quoted = re.compile(rb'[ \t]*"[^"]*(?:""[^"]*)*"(?!")[ \t]*')
        self._plain = re.compile(rb'(?![ \t]*")[^' + sign + rb"\r\n]*")
        self._separator, self._n_columns = separator.encode(), n_columns

    def join(self, block: bytes, starts: Sequence[int], is_last: bool) -> Joined:
        """Join the records that begin at ``starts``, where a quotation mark is left open.

        Parameters
        ----------
        block : bytes
            Whole lines.
        starts : sequence of int
            Rising.
        is_last : bool
            Whether nothing follows the block.
        """
        changed = bytearray(block)
        inner: list[tuple[int, int]] = []
        done = 0
        for start in starts:
            if start < done:
                continue
            end = self._end(block, start)
            if end is None and not is_last and len(block) - start < LONGEST_RECORD:
                return Joined(bytes(changed[:start]), block[start:], tuple(inner))
            if end is not None and end > start:
                n_ends = len(_ENDS.findall(block, start, end))
                changed[start:end] = _ENDS.sub(
                    lambda found: b" " * len(found[0]), block[start:end])
                inner.append((start, n_ends))
                done = end
        return Joined(bytes(changed), b"", tuple(inner))

    def _end(self, block: bytes, start: int) -> int | None:
        """Return where the record ends, ``start`` if it does not fit, None if the block ends."""
        limit = min(len(block), start + LONGEST_RECORD)
        position = start
        for number in range(1, self._n_columns + 1):
            field = self._quoted.match(block, position, limit) or self._plain.match(
                block, position, limit)
            if field is None or field.end() >= limit:
                return None if limit == len(block) else start
            position = field.end()
            after = block[position : position + 1]
            if after in (b"\r", b"\n"):
                return position if number == self._n_columns else start
            if after != self._separator:
                return start  # words behind the closing mark: it was an opening one
            position += 1
        return start
