"""What the tests of the views share: random ratings and models, and matrices by brute force."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection.order import Order, OrderChoice, OrderKey
from mfgui.inspection.painter import Request

DoubleArray = NDArray[np.float64]


class Draws:
    """Makes what is looked at, and what it should look like."""

    @staticmethod
    def ratings(n_users: int, n_items: int, share: float, seed: int = 0) -> Ratings:
        """Return ratings from 0 to 5, zeros among them."""
        rng = np.random.default_rng(seed)
        users, items = np.nonzero(rng.random((n_users, n_items)) < share)
        return Ratings(
            users.astype(np.int32), items.astype(np.int32),
            rng.integers(0, 6, users.size).astype(np.float32),
            TextArray.from_strings(map(str, range(n_users))),
            TextArray.from_strings(map(str, range(n_items))))

    @staticmethod
    def model(ratings: Ratings, n_factors: int = 5, seed: int = 1) -> FactorModel:
        """Return a model of the scale 0 to 5."""
        rng = np.random.default_rng(seed)

        def draw(*shape: int) -> NDArray[np.float32]:
            return rng.normal(size=shape).astype(np.float32)

        return FactorModel(draw(ratings.n_users, n_factors), draw(ratings.n_items, n_factors),
                           draw(ratings.n_users), draw(ratings.n_items), 2.5, (0.0, 5.0))

    @staticmethod
    def by(rows: str, columns: str = "") -> OrderChoice:
        """Return a choice by the names of its keys."""
        return OrderChoice(OrderKey(rows), OrderKey(columns or rows))

    @staticmethod
    def request(ratings: Ratings, model: FactorModel | None, size: int = 100) -> Request:
        """Return a request for everything, as in the file."""
        return Request(ratings, model, OrderChoice(), (0, ratings.n_users), (0, ratings.n_items),
                       size, size)

    @staticmethod
    def dense(
        ratings: Ratings, model: FactorModel, order: Order
    ) -> tuple[DoubleArray, DoubleArray]:
        """Return observed (NaN where missing) and predicted, whole, as shown, in float64."""
        observed = np.full((ratings.n_users, ratings.n_items), np.nan)
        observed[ratings.user_index, ratings.item_index] = ratings.value
        U, V = model.user_factors.astype(np.float64), model.item_factors.astype(np.float64)
        predicted = (U @ V.T + model.user_bias[:, None].astype(np.float64)
                     + model.item_bias.astype(np.float64) + model.global_mean)
        at = np.ix_(order.rows, order.columns)
        return observed[at], predicted[at]

    @staticmethod
    def means(
        matrix: DoubleArray, rows: NDArray[np.int64], columns: NDArray[np.int64]
    ) -> DoubleArray:
        """Return the mean of what is there in each block of rows and columns."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the mean of an empty block is missing
            return np.array([
                [np.nanmean(matrix[rows[i]:rows[i + 1], columns[j]:columns[j + 1]])
                 for j in range(columns.size - 1)] for i in range(rows.size - 1)])


@pytest.fixture
def draws() -> Draws:
    """Return what makes ratings, models and the matrices they should show."""
    return Draws()
