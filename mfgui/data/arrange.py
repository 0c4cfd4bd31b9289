"""Ratings in any order to the order (user, item), equal pairs merged by a policy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.kernels import order
from mfgui.core.parallel import WorkerPool, row_blocks
from mfgui.core.ratings import FloatArray, IntArray
from mfgui.data.options import DUPLICATES

Times = NDArray[np.float64]

POLICIES = {
    "last": order.LAST, "first": order.FIRST, "mean": order.MEAN, "max": order.MAX,
    "sum": order.SUM, "reject": order.REJECT,
}
assert tuple(POLICIES) == DUPLICATES


@dataclass(frozen=True, eq=False)
class Columns:
    """The columns of ratings, side by side.

    Parameters
    ----------
    user, item : ndarray of int32, shape (n,)
    value : ndarray of float32, shape (n,)
    time : ndarray of float64, shape (n,) or (0,)
        Without elements where there are no times.
    """

    user: IntArray
    item: IntArray
    value: FloatArray
    time: Times

    @property
    def n(self) -> int:
        """How many ratings there are."""
        return int(self.value.size)

    def take(self, kept: NDArray[np.bool_]) -> Columns:
        """Return the ratings where ``kept`` is true."""
        time = self.time[kept] if self.time.size else self.time
        return Columns(self.user[kept], self.item[kept], self.value[kept], time)


def arrange(
    columns: Columns, n_users: int, policy: str, n_threads: int, control: Control
) -> Columns:
    """Sort by (user, item) and merge the ratings of one pair.

    Parameters
    ----------
    columns : Columns
        In the file's order; their arrays may be used again.
    n_users : int
    policy : str
        One of ``DUPLICATES``.
    n_threads : int
    control : Control

    Raises
    ------
    CancelledError
        If the control was stopped.
    """
    control.report("Sorting the ratings")
    pointers = np.zeros(n_users + 1, np.int64)
    is_sorted = order.count(columns.user, pointers)
    control.checkpoint()
    if not is_sorted:
        columns = _distributed(columns, pointers)
        control.checkpoint()
    sorted_, n_equal = _sorted_rows(columns, pointers, n_threads, control)
    if not n_equal:
        return sorted_
    n_left = order.merge_equal(
        POLICIES[policy], sorted_.user, sorted_.item, sorted_.value, sorted_.time)
    return Columns(sorted_.user[:n_left].copy(), sorted_.item[:n_left].copy(),
                   sorted_.value[:n_left].copy(), sorted_.time[:n_left].copy())


def _distributed(columns: Columns, pointers: NDArray[np.int64]) -> Columns:
    """Return the ratings by user; the column of users stays as it was, for its memory."""
    item, value = np.empty_like(columns.item), np.empty_like(columns.value)
    time = np.empty_like(columns.time)
    order.distribute(columns.user, columns.item, columns.value, columns.time,
                     pointers[:-1].copy(), item, value, time)
    return Columns(columns.user, item, value, time)


def _sorted_rows(
    columns: Columns, pointers: NDArray[np.int64], n_threads: int, control: Control
) -> tuple[Columns, int]:
    """Return the ratings with each row sorted, and how many have the pair of the one before."""
    item, value = np.empty_like(columns.item), np.empty_like(columns.value)
    time = np.empty_like(columns.time)

    def work(first: int, last: int) -> int:
        n_equal: int = order.sort_rows(
            first, last, pointers, columns.item, columns.value, columns.time, columns.user,
            item, value, time)
        return n_equal

    with WorkerPool(n_threads) as pool:
        n_equal = sum(pool.run(work, row_blocks(pointers), control.checkpoint))
    return Columns(columns.user, item, value, time), n_equal
