"""Growing arrays of one line of the curve, ready to be drawn: every point costs the same.

A buffer doubles when it is full, so that a run of a hundred thousand epochs never copies its
whole past on a tick. Only finite values get in: NaN is never drawn, a mark at the top says so.

What is drawn is reduced here to the least and the largest value of each pixel column.
pyqtgraph's own down-sampling makes equal buckets of records: on a logarithmic axis the first
twenty of a hundred thousand epochs fell into one of them, and the start of the curve was gone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """Which axes are logarithmic, and whether x is seconds, not epochs."""

    is_log_x: bool = False
    is_log_y: bool = False
    is_seconds: bool = False


@dataclass(frozen=True)
class Points:
    """What is drawn of a line, in the axes' units."""

    x: FloatArray
    y: FloatArray
    is_reduced: bool


class GrowingPairs:
    """x (epochs, and seconds) and y of one line, appended to in constant time."""

    def __init__(self) -> None:
        self._data = np.empty((3, 256))
        self.size = 0
        self.n_odd = 0
        self.lowest, self.highest, self.lowest_positive = math.inf, -math.inf, math.inf
        self._highest_later = -math.inf

    def append(self, x: float, y: float | None, seconds: float | None = None) -> None:
        """Add a point; what is not finite is left out."""
        x, seconds = float(x), float(x if seconds is None else seconds)
        self.extend(np.array([x]), np.array([seconds]),
                    np.array([math.nan if y is None else float(y)]))

    def extend(self, x: FloatArray, seconds: FloatArray, y: FloatArray) -> None:
        """Add points; those whose y is not finite are left out and counted."""
        is_finite = np.isfinite(y)
        if not is_finite.all():
            self.n_odd += int(np.count_nonzero(~is_finite))
            x, seconds, y = x[is_finite], seconds[is_finite], y[is_finite]
        if not y.size:
            return
        size = self.size + y.size
        if size > self._data.shape[1]:
            bigger = np.empty((3, max(size, 2 * self.size)))
            bigger[:, :self.size] = self._data[:, :self.size]
            self._data = bigger
        self._data[:, self.size:size] = x, seconds, y
        later = y if self.size else y[1:]
        self.size = size
        self.lowest = min(self.lowest, float(y.min()))
        self.highest = max(self.highest, float(y.max()))
        self._highest_later = max(self._highest_later, float(later.max(initial=-math.inf)))
        self.lowest_positive = min(
            self.lowest_positive, float(y[y > 0].min(initial=math.inf)))

    def top(self, scale: Scale) -> float:
        """Return where the view ends above.

        The starting point is left out of a linear scale once there are epochs to see: it may lie
        so far above that they would look flat.
        """
        return self.highest if scale.is_log_y or self.size < 4 else self._highest_later

    def points(self, *, is_seconds: bool = False) -> tuple[FloatArray, FloatArray]:
        """Return all x, rising, and y."""
        return self._data[int(is_seconds), :self.size], self._data[2, :self.size]

    def drawn(self, scale: Scale, low: float, high: float, n_columns: int) -> Points:
        """Return what to draw between two x in ``n_columns`` pixel columns, in the axes' units.

        Parameters
        ----------
        scale : Scale
        low, high : float
            The visible range, in the axis' units (logarithms on a logarithmic one).
        n_columns : int

        Returns
        -------
        Points
            With the next point on either side; without what a logarithm does not have.
        """
        x, y = self.points(is_seconds=scale.is_seconds)
        edges = np.linspace(low, high, n_columns + 1)
        if scale.is_log_x:
            edges = 10.0 ** np.clip(edges, -300, 300)
        begin = max(int(np.searchsorted(x, edges[0])) - 1, 0)
        if scale.is_log_x:
            begin = max(begin, int(np.searchsorted(x, 0, "right")))
        x, y = x[begin:], y[begin:]
        end = int(np.searchsorted(x, edges[-1], "right")) + 1
        x, y = x[:end], y[:end]
        is_reduced = x.size > 4 * n_columns
        if is_reduced:
            x, y = peaks(x, y, edges)
        if scale.is_log_y and y.size and y.min() <= 0:
            x, y = x[y > 0], y[y > 0]
        return Points(np.log10(x) if scale.is_log_x else x,
                      np.log10(y) if scale.is_log_y else y, is_reduced)


def peaks(x: FloatArray, y: FloatArray, edges: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the least and largest y between each two edges, the earlier one first."""
    starts = np.unique(np.concatenate(([0], np.searchsorted(x, edges))))
    starts = starts[starts < x.size]
    lowest, highest = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    is_falling = y[starts] > y[np.append(starts[1:], x.size) - 1]
    pairs = np.stack((np.where(is_falling, highest, lowest),
                      np.where(is_falling, lowest, highest)), 1)
    return np.repeat(x[starts], 2), pairs.ravel()
