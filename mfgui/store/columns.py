"""A table as it is written: columns, and blocks of rows without a Python object for each."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import IntArray, TextArray


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    name : str
        What stands in the header.
    kind : str
        "text", "whole" (int64) or "number" (float32).
    """

    name: str
    kind: Literal["text", "whole", "number"]


@dataclass(frozen=True, eq=False)
class Coded:
    """Texts of some rows, by their numbers.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_rows,)
    texts : TextArray
        The same object in all blocks where it is the same: it is prepared once.
    """

    codes: IntArray
    texts: TextArray


BYTES_PER_LOOK = 1 << 22

# What stands in a column, or, of an array of shape (n_rows, n), in n columns side by side.
Values = Coded | NDArray[Any]
Block = tuple[Values, ...]


def rows_of(block: Block) -> int:
    """Return how many rows a block has."""
    first = block[0]
    return int(first.codes.size if isinstance(first, Coded) else first.shape[0])


class SoundTexts:
    """Gives texts as valid UTF-8.

    Those of a damaged model file may not be, and no reader of Parquet takes them: they are written
    as they are shown, with replacement signs.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[TextArray, TextArray]] = {}

    def of(self, texts: TextArray) -> TextArray:
        """Return the texts themselves where they are sound; looked at once as long as they come."""
        found = self._known.get(id(texts))
        if found is None:
            found = texts, texts if _is_sound(texts) else TextArray.from_strings(texts)
            self._known[id(texts)] = found
        return found[1]

    def keep_only(self, block: Block) -> None:
        """Forget the texts that a block does not have."""
        here = {id(values.texts) for values in block if isinstance(values, Coded)}
        self._known = {number: pair for number, pair in self._known.items() if number in here}


def _is_sound(texts: TextArray) -> bool:
    """Return whether each text is valid UTF-8; decoded by parts, for it holds the GIL."""
    offsets = texts.offsets
    starts = offsets[:-1][np.diff(offsets) > 0]
    if np.any((texts.data[starts] & 0xC0) == 0x80):  # the rest of the text before
        return False
    ends = np.unique(np.searchsorted(offsets, np.arange(0, texts.data.size, BYTES_PER_LOOK)))
    edges = [*offsets[ends].tolist(), texts.data.size]
    try:
        for begin, end in itertools.pairwise(edges):
            texts.data[begin:end].tobytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
