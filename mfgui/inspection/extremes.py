"""The least and the largest value of any stretch of a long line, prepared once.

The extremes of its blocks of 8, 64, 512 and 4096 values are kept, so that those of any stretch cost
a few dozen steps however long it is. What comes later is appended; the blocks that were whole stay
as they are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class GrowingArray:
    """Numbers that are appended to; the buffer doubles when it is full."""

    def __init__(self) -> None:
        self._data, self.size = np.empty(64), 0

    def grow(self, size: int) -> FloatArray:
        """Make room for ``size`` numbers and return the buffer; those from before are kept."""
        if size > self._data.size:
            bigger = np.empty(max(size, 2 * self._data.size))
            bigger[:self.size] = self._data[:self.size]
            self._data = bigger
        self.size = size
        return self._data

    @property
    def values(self) -> FloatArray:
        """All numbers, a view."""
        return self._data[:self.size]

    @property
    def n_bytes(self) -> int:
        """What the buffer takes."""
        return int(self._data.nbytes)


class Extremes:
    """The least and the largest value of any stretch of growing values."""

    def __init__(self) -> None:
        from mfgui.core.kernels.envelopes import N_LEVELS

        self._levels = [(GrowingArray(), GrowingArray()) for _ in range(N_LEVELS)]

    def extend(self, values: FloatArray) -> None:
        """Take more values: those that were there before come first, and are the same."""
        from mfgui.core.kernels.envelopes import FANOUT, fold

        low = high = values
        for out_low, out_high in self._levels:
            begin, end = out_low.size, low.size // FANOUT
            fold(low, high, out_low.grow(end), out_high.grow(end), begin, end)
            low, high = out_low.values, out_high.values

    def points(
        self, x: FloatArray, values: FloatArray, cuts: IntArray, starts: IntArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return the points that are drawn for the stretches between cuts.

        The least and the largest finite value of each, the earlier one first; one point where they
        are the same; one without a value where there is none, or where another part begins.

        Parameters
        ----------
        x, values : ndarray of float64
            Those of the last ``extend``.
        cuts : ndarray of int64
            Never falling.
        starts : ndarray of int64
            Those of them where another part begins.
        """
        from mfgui.core.kernels.envelopes import reduced

        out = np.empty((2, 3 * cuts.size))
        levels = [array.values for level in self._levels for array in level]
        n = reduced(x, values, *levels, cuts, starts, out[0], out[1])
        return out[0, :n], out[1, :n]

    @property
    def n_bytes(self) -> int:
        """What the levels take."""
        return sum(array.n_bytes for level in self._levels for array in level)
