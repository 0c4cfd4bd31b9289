"""Ids as they are met: each gets the next number, and its text is kept once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfgui.core.kernels import text
from mfgui.core.ratings import IntArray, TextArray

FIRST_SIZE = 1 << 12


class IdTable:
    """A hash table of ids whose inner loop is compiled and needs no GIL."""

    def __init__(self) -> None:
        self._slots = np.zeros(2 * FIRST_SIZE, np.int32)
        self._keys = np.empty(FIRST_SIZE, np.uint64)
        self._texts = np.empty(16 * FIRST_SIZE, np.uint8)
        self._offsets = np.zeros(FIRST_SIZE + 1, np.int64)
        self._counts = np.zeros(1, np.int64)

    def __len__(self) -> int:
        return int(self._counts[0])

    def number(
        self, buffer: NDArray[np.uint8], starts: NDArray[np.int32], sizes: NDArray[np.int32],
        keys: NDArray[np.uint64], n: int, codes: IntArray,
    ) -> None:
        """Write the numbers of the first ``n`` ids into ``codes``; see `text.number_ids`."""
        done = 0
        while True:
            done = text.number_ids(
                buffer, starts, sizes, keys, done, n, codes, self._slots, self._keys,
                self._texts, self._offsets, self._counts)
            if done >= n:
                return
            self._grow(int(abs(sizes[done])))

    def _grow(self, n_bytes: int) -> None:
        """Make room for more ids, and for a text of ``n_bytes``."""
        n = len(self)
        if 2 * (n + 1) > self._slots.size:
            self._slots = np.zeros(2 * self._slots.size, np.int32)
            text.fill_slots(self._keys, n, self._slots)
        if n >= self._keys.size:
            self._keys = np.concatenate((self._keys, np.empty_like(self._keys)))
            more = np.zeros(self._keys.size // 2, np.int64)
            self._offsets = np.concatenate((self._offsets, more))
        used = int(self._offsets[n])
        if used + n_bytes > self._texts.size:
            larger = np.empty(2 * self._texts.size + n_bytes, np.uint8)
            larger[:used] = self._texts[:used]
            self._texts = larger

    def texts(self) -> TextArray:
        """Return the ids in the order of their numbers."""
        n = len(self)
        offsets = self._offsets[: n + 1].copy()
        return TextArray(self._texts[: int(offsets[-1])].copy(), offsets)
