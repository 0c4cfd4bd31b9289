"""Errors, and means, of each user or item."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import IntArray, Ratings
from mfgui.inspection.residual_table import predicted_parts

DoubleArray = NDArray[np.float64]
CountArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class RowErrors:
    """Squared errors of each user, item, value or group, as measured.

    Parameters
    ----------
    counts : ndarray of int64, shape (n,)
    squares : ndarray of float64, shape (n,)
    """

    counts: CountArray
    squares: DoubleArray

    @property
    def rmse(self) -> DoubleArray:
        """Root of the mean squared error of each; NaN where there is no rating."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.sqrt(self.squares / self.counts))

    def grouped(self, groups: IntArray, n_groups: int) -> RowErrors:
        """Return the errors of groups of rows."""
        counts, squares = (np.asarray(np.bincount(groups, numbers, n_groups), np.float64)
                           for numbers in (self.counts, self.squares))
        return RowErrors(counts.astype(np.int64), squares)


def no_errors(n: int) -> RowErrors:
    """Return n rows without a rating, to be added to."""
    return RowErrors(np.zeros(n, np.int64), np.zeros(n))


def row_rmse(model: FactorModel, ratings: Ratings, side: str) -> DoubleArray:
    """Return the RMSE of each user or item on some ratings; NaN where it has none.

    Parameters
    ----------
    side : str
        "users" or "items".
    """
    from mfgui.core.kernels.errors import add_row_squares

    errors = no_errors(ratings.n_users if side == "users" else ratings.n_items)
    low, high = model.scale if model.clip else (-math.inf, math.inf)
    for part in predicted_parts(model, ratings):
        rows = part.users if side == "users" else part.items
        add_row_squares(rows, part.values, part.predicted, low, high, errors.counts,
                        errors.squares)
    return errors.rmse


def row_means(ratings: Ratings, side: str) -> DoubleArray:
    """Return the mean rating of each user or item; NaN where it has none."""
    from mfgui.core.kernels.errors import add_value_sums

    rows = ratings.user_index if side == "users" else ratings.item_index
    n_rows = ratings.n_users if side == "users" else ratings.n_items
    counts, sums = np.zeros(n_rows, np.int64), np.zeros(n_rows)
    add_value_sums(rows, ratings.value, counts, sums)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums / counts)
