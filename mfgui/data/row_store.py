"""What the kernel finds in a part, and the columns in which it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.kernels import text
from mfgui.core.ratings import FloatArray


@dataclass
class Found:
    """What one call of the kernel found; its arrays are used again for later blocks."""

    spans: NDArray[np.int32]
    keys: NDArray[np.uint64]
    values: FloatArray
    times: NDArray[np.float64]
    odd: NDArray[np.int32]
    state: NDArray[np.int64]

    @classmethod
    def of_size(cls, n_rows: int, has_time: bool) -> Found:
        """Return room for so many rows."""
        return cls(
            np.empty((text.N_SPANS, n_rows), np.int32), np.empty((2, n_rows), np.uint64),
            np.empty(n_rows, np.float32), np.empty(n_rows if has_time else 1, np.float64),
            np.empty((n_rows, text.N_ODD_COLUMNS), np.int32),
            np.zeros(text.STATE_SIZE, np.int64))

    def kept(self, is_kept: NDArray[np.bool_]) -> Found:
        """Return the rows that are kept, in arrays of their own."""
        n = is_kept.size
        times = self.times[:n][is_kept] if self.times.size > 1 else self.times
        state = self.state.copy()
        state[text.N_ROWS] = int(is_kept.sum())
        return Found(self.spans[:, :n][:, is_kept], self.keys[:, :n][:, is_kept],
                      self.values[:n][is_kept], times, self.odd, state)

    @property
    def n_rows(self) -> int:
        """How many rows there are."""
        return int(self.state[text.N_ROWS])


class GrowingColumns:
    """Four columns that grow in place: their pages move, their content is not copied."""

    STEP = 1 << 20

    def __init__(self, has_time: bool) -> None:
        self._arrays: list[Any] = [
            np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32)]
        if has_time:
            self._arrays.append(np.empty(0, np.float64))
        self._n = 0

    def more(self, n: int) -> tuple[Any, Any, Any, Any]:
        """Return room for ``n`` more rows: views that are good until the next call."""
        begin, self._n = self._n, self._n + n
        if self._n > self._arrays[0].size:
            size = max(self._n, self._arrays[0].size + self.STEP)
            for array in self._arrays:
                array.resize(size, refcheck=False)
        return self._padded([array[begin : self._n] for array in self._arrays])

    def whole(self) -> tuple[Any, Any, Any, Any]:
        """Return the columns, cut to what is in them."""
        for array in self._arrays:
            array.resize(self._n, refcheck=False)
        return self._padded(self._arrays)

    @staticmethod
    def _padded(arrays: list[Any]) -> tuple[Any, Any, Any, Any]:
        user, item, value, *rest = arrays
        return user, item, value, rest[0] if rest else np.empty(0)
