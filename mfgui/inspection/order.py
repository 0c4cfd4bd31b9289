"""In which order users and items are shown.

An order is made once and stays as it is while its choice does: factors and residuals change with
every epoch, and rows that jump about cannot be read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import IntArray

FILE, ID, TITLE, COUNT, MEAN = "file", "id", "title", "count", "mean"
BIAS, FACTOR, COMPONENT, CLUSTER, RESIDUAL = "bias", "factor", "component", "cluster", "residual"
ORDER_KEYS = {
    COUNT: "number of ratings", FILE: "as in the file", ID: "id", TITLE: "title or name",
    MEAN: "mean rating", BIAS: "bias", FACTOR: "factor", COMPONENT: "first principal component",
    CLUSTER: "cluster", RESIDUAL: "size of residuals"}
NEED_MODEL = (BIAS, FACTOR, COMPONENT, CLUSTER, RESIDUAL)
SMALL = 40


@dataclass(frozen=True)
class OrderKey:
    """What one side is sorted by.

    Parameters
    ----------
    name : str
        A key of ``ORDER_KEYS``.
    factor : int
        Which factor, from 0, where the name is "factor".
    n_clusters : int
        How many, where the name is "cluster".
    """

    name: str = FILE
    factor: int = 0
    n_clusters: int = 8


@dataclass(frozen=True)
class OrderChoice:
    """What rows and columns are sorted by; ``serial`` rises where they are to be sorted again."""

    rows: OrderKey = OrderKey()
    columns: OrderKey = OrderKey()
    serial: int = 0


def _none() -> NDArray[np.int64]:
    return np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Order:
    """A display order.

    Parameters
    ----------
    choice : OrderChoice
        What it was made by.
    rows, columns : ndarray of int32, shapes (n_users,), (n_items,)
        Which user or item is shown at each place.
    row_borders, column_borders : ndarray of int64
        The places at which a group begins, the first one left out; empty where there are none.
    note : str
        A sentence for people where a side could not be sorted as chosen, else "".
    """

    choice: OrderChoice
    rows: IntArray
    columns: IntArray
    row_borders: NDArray[np.int64] = field(default_factory=_none)
    column_borders: NDArray[np.int64] = field(default_factory=_none)
    note: str = ""

    @cached_property
    def row_ranks(self) -> IntArray:
        """Where each user is shown, shape (n_users,)."""
        return _inverse(self.rows)

    @cached_property
    def column_ranks(self) -> IntArray:
        """Where each item is shown, shape (n_items,)."""
        return _inverse(self.columns)


def default_choice(n_users: int, n_items: int) -> OrderChoice:
    """Return "file" for a matrix small enough to be typed, else "count"."""
    key = OrderKey(FILE if max(n_users, n_items) <= SMALL else COUNT)
    return OrderChoice(key, key)


def _inverse(order: IntArray) -> IntArray:
    ranks = np.empty_like(order)
    ranks[order] = np.arange(order.size, dtype=np.int32)
    return ranks
