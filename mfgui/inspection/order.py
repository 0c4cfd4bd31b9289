"""In which order users and items are shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import IntArray, Ratings

FILE, COUNT = "file", "count"
ORDERS = {COUNT: "by number of ratings", FILE: "as in the file"}
SMALL = 40


@dataclass(frozen=True, eq=False)
class Order:
    """A display order.

    Parameters
    ----------
    name : str
        A key of ``ORDERS``.
    rows, columns : ndarray of int32, shapes (n_users,), (n_items,)
        Which user or item is shown at each place.
    """

    name: str
    rows: IntArray
    columns: IntArray

    @cached_property
    def row_ranks(self) -> IntArray:
        """Where each user is shown, shape (n_users,)."""
        return _inverse(self.rows)

    @cached_property
    def column_ranks(self) -> IntArray:
        """Where each item is shown, shape (n_items,)."""
        return _inverse(self.columns)


def make_order(ratings: Ratings, name: str) -> Order:
    """Return the order "file" (as in the file) or "count" (most ratings first, stable)."""
    if name == FILE:
        return Order(name, np.arange(ratings.n_users, dtype=np.int32),
                     np.arange(ratings.n_items, dtype=np.int32))
    return Order(name, _falling(ratings.user_counts), _falling(ratings.item_counts))


def default_order(n_users: int, n_items: int) -> str:
    """Return "file" for a matrix small enough to be typed, else "count"."""
    return FILE if max(n_users, n_items) <= SMALL else COUNT


def _falling(counts: NDArray[np.int64]) -> IntArray:
    return np.argsort(-counts, kind="stable").astype(np.int32)


def _inverse(order: IntArray) -> IntArray:
    ranks = np.empty_like(order)
    ranks[order] = np.arange(order.size, dtype=np.int32)
    return ranks
