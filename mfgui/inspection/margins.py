"""Counts and means along both sides of a picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.parallel import WorkerPool, row_blocks
from mfgui.core.ratings import IntArray, Ratings
from mfgui.inspection.order import Order
from mfgui.inspection.window import Axis, Window

DoubleArray = NDArray[np.float64]
N_PARTS = 8  # each has sums of its own for all items


@dataclass(frozen=True, eq=False)
class SideSums:
    """Number and sum of the ratings of each user and each item.

    Parameters
    ----------
    user_counts, item_counts : ndarray of int64, shapes (n_users,), (n_items,)
    user_sums, item_sums : ndarray of float64
    """

    user_counts: NDArray[np.int64]
    user_sums: DoubleArray
    item_counts: NDArray[np.int64]
    item_sums: DoubleArray


def side_sums(ratings: Ratings, pool: WorkerPool | None = None) -> SideSums:
    """Return number and sum of the ratings by user and by item."""
    from mfgui.core.kernels.order_views import add_sides

    user_sums = np.zeros(ratings.n_users)

    def work(begin: int, end: int) -> DoubleArray:
        item_sums = np.zeros(ratings.n_items)
        add_sides(begin, end, ratings.row_pointers, ratings.item_index, ratings.value, user_sums,
                  item_sums)
        return item_sums

    item_sums = sum_of_parts(work, ratings, pool)
    return SideSums(ratings.user_counts, user_sums, ratings.item_counts, item_sums)


def sum_of_parts(
    work: Callable[[int, int], DoubleArray], ratings: Ratings, pool: WorkerPool | None
) -> DoubleArray:
    """Return the sum of what ``work(begin, end)`` returns for users in a few parts, in order."""
    size = max(ratings.n_ratings // N_PARTS, 1 << 16)
    total = np.zeros(ratings.n_items)
    for part in (pool or WorkerPool()).run(work, row_blocks(ratings.row_pointers, size)):
        total += part
    return total


@dataclass(frozen=True, eq=False)
class Margins:
    """What stands along both sides of a picture, a number for each of its rows and columns.

    Of all ratings of a block's users (or items), not only of those in view.

    Parameters
    ----------
    row_counts, row_means : ndarray of float64, shape (n_rows,)
        Ratings a user, and their mean; NaN where there is none.
    column_counts, column_means : ndarray of float64, shape (n_columns,)
        Ratings an item, and their mean.
    """

    row_counts: DoubleArray
    row_means: DoubleArray
    column_counts: DoubleArray
    column_means: DoubleArray


class MarginSums:
    """Prefix sums of counts and ratings in display order: margins of any window are quick."""

    def __init__(self, sums: SideSums, order: Order) -> None:
        self._rows = _prefix(sums.user_counts, sums.user_sums, order.rows)
        self._columns = _prefix(sums.item_counts, sums.item_sums, order.columns)

    def of(self, window: Window) -> Margins:
        """Return the margins of what is in view."""
        return Margins(*_means(*self._rows, window.rows), *_means(*self._columns, window.columns))


def _prefix(
    counts: NDArray[np.int64], sums: DoubleArray, places: IntArray
) -> tuple[DoubleArray, DoubleArray]:
    out = np.zeros((2, places.size + 1))
    np.cumsum(counts[places], out=out[0, 1:])
    np.cumsum(sums[places], out=out[1, 1:])
    return out[0], out[1]


def _means(counts: DoubleArray, sums: DoubleArray, axis: Axis) -> tuple[DoubleArray, DoubleArray]:
    edges = axis.edges()
    n, total = np.diff(counts[edges]), np.diff(sums[edges])
    return n / np.diff(edges), np.where(n > 0, total / np.maximum(n, 1), np.nan)
