"""Pictures against a dense computation, at any zoom and in any order."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection.blocks import (
    Window,
    arrange,
    block_means,
    predicted_means,
    prepare_model,
    window_of,
)
from mfgui.inspection.order import Order, default_order, make_order


def random_ratings(n_users: int, n_items: int, share: float, seed: int = 0) -> Ratings:
    rng = np.random.default_rng(seed)
    users, items = np.nonzero(rng.random((n_users, n_items)) < share)
    return Ratings(
        users.astype(np.int32), items.astype(np.int32),
        rng.integers(0, 6, users.size).astype(np.float32),
        TextArray.from_strings(map(str, range(n_users))),
        TextArray.from_strings(map(str, range(n_items))))


def random_model(ratings: Ratings, n_factors: int = 5, seed: int = 1) -> FactorModel:
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> np.ndarray:
        return rng.normal(size=shape).astype(np.float32)

    return FactorModel(draw(ratings.n_users, n_factors), draw(ratings.n_items, n_factors),
                       draw(ratings.n_users), draw(ratings.n_items), 2.5, (0.0, 5.0))


def dense_blocks(
    ratings: Ratings, model: FactorModel, order: Order, window: Window
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return observed, predicted over all, predicted over rated, residual, by brute force."""
    observed = np.full((ratings.n_users, ratings.n_items), np.nan)
    observed[ratings.user_index, ratings.item_index] = ratings.value
    U, V = model.user_factors.astype(np.float64), model.item_factors.astype(np.float64)
    predicted = (U @ V.T + model.user_bias[:, None].astype(np.float64)
                 + model.item_bias.astype(np.float64) + model.global_mean)
    at = np.ix_(order.rows, order.columns)
    observed, predicted = observed[at], predicted[at]
    rated = np.where(np.isnan(observed), np.nan, predicted)
    rows, columns = window.row_edges(), window.column_edges()

    def means(matrix: np.ndarray) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the mean of an empty block is missing
            return np.array([[np.nanmean(matrix[rows[i]:rows[i + 1], columns[j]:columns[j + 1]])
                              for j in range(window.n_columns)] for i in range(window.n_rows)])

    return means(observed), means(predicted), means(rated), means(observed - predicted)


@pytest.mark.parametrize("order_name", ["file", "count"])
@pytest.mark.parametrize("window", [
    Window(0, 70, 0, 50, 70, 50), Window(0, 70, 0, 50, 9, 7), Window(3, 41, 11, 12, 13, 1),
    Window(10, 15, 20, 40, 5, 6), Window(69, 70, 49, 50, 1, 1), Window(0, 70, 5, 6, 1, 1),
])
def test_blocks_equal_a_dense_computation(order_name: str, window: Window) -> None:
    ratings = random_ratings(70, 50, 0.15)
    model, order = random_model(ratings), make_order(ratings, order_name)
    shown = arrange(ratings, order)
    prepared = prepare_model(model, shown)
    observed, over_all, over_rated, residual = dense_blocks(ratings, model, order, window)
    # residuals are float32: within 1e-5 of the scale's width of 5
    for is_over_all in (False, True):
        found = block_means(shown, prepared, window, is_over_all=is_over_all)
        expected = over_all if is_over_all else over_rated
        if window.is_cells:  # a single prediction is clipped to the scale
            expected = np.clip(over_all, 0, 5)
        np.testing.assert_allclose(found.observed, observed, atol=1e-6)
        np.testing.assert_allclose(found.residual, residual, atol=2e-5)
        np.testing.assert_allclose(found.predicted, expected, atol=2e-5)
    np.testing.assert_allclose(predicted_means(prepared, window), over_all, atol=1e-9)


def test_a_rating_of_zero_is_shown_and_not_missing() -> None:
    ratings = random_ratings(20, 10, 0.3)
    shown = arrange(ratings, make_order(ratings, "file"))
    found = block_means(shown, None, Window(0, 20, 0, 10, 20, 10))
    is_zero = ratings.value == 0
    assert is_zero.any()
    assert (found.observed[ratings.user_index[is_zero], ratings.item_index[is_zero]] == 0).all()
    assert np.count_nonzero(np.isfinite(found.observed)) == ratings.n_ratings
    assert found.predicted is None
    assert found.residual is None


@pytest.mark.parametrize(("n_users", "n_items"), [(1, 1), (1, 30), (30, 1)])
def test_one_user_or_one_item_is_enough(n_users: int, n_items: int) -> None:
    ratings = random_ratings(n_users, n_items, 1.1)
    model = random_model(ratings)
    shown = arrange(ratings, make_order(ratings, "count"))
    window = window_of((0, n_users), (0, n_items), n_users, n_items, 100, 100)
    found = block_means(shown, prepare_model(model, shown), window)
    assert found.observed.shape == (n_users, n_items)
    assert np.isfinite(found.predicted).all()


def test_no_ratings_at_all_are_all_missing() -> None:
    ratings = random_ratings(5, 4, -1)
    shown = arrange(ratings, make_order(ratings, "file"))
    found = block_means(shown, prepare_model(random_model(ratings), shown),
                        window_of((0, 5), (0, 4), 5, 4, 50, 50))
    assert np.isnan(found.observed).all()
    assert np.isfinite(found.predicted).all()


def test_arranged_rows_rise_and_hold_every_rating_once() -> None:
    ratings = random_ratings(40, 60, 0.2)
    order = make_order(ratings, "count")
    shown = arrange(ratings, order)
    cells = set()
    for row in range(40):
        columns = shown.columns[shown.pointers[row]:shown.pointers[row + 1]]
        assert (np.diff(columns) > 0).all()
        cells |= {(order.rows[row], order.columns[column]) for column in columns}
    assert cells == set(zip(ratings.user_index.tolist(), ratings.item_index.tolist(), strict=True))
    counts = np.diff(shown.pointers)
    assert (np.diff(counts) <= 0).all()


def test_windows_stay_inside_the_matrix_and_hold_a_cell_at_least() -> None:
    rng = np.random.default_rng(2)
    for _ in range(300):
        n_users, n_items = rng.integers(1, 400, 2)
        low, size = rng.uniform(-50, 450, 2), rng.uniform(0, 500, 2)
        window = window_of((low[0], low[0] + size[0]), (low[1], low[1] + size[1]),
                           int(n_users), int(n_items), 64, 48)
        assert 0 <= window.first_row < window.last_row <= n_users
        assert 0 <= window.first_column < window.last_column <= n_items
        for edges in (window.row_edges(), window.column_edges()):
            assert (np.diff(edges) >= 1).all()
        assert window.row_edges()[-1] == window.last_row


def test_small_matrices_are_shown_as_they_were_typed() -> None:
    assert default_order(4, 5) == "file"
    assert default_order(6040, 3706) == "count"
