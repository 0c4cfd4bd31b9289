"""The plain equations: by hand, against central differences, dense against sparse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core import objective
from mfgui.core.ratings import Ratings

Array = NDArray[np.float64]


def dense(ratings: Ratings) -> tuple[Array, NDArray[np.bool_]]:
    observed = np.zeros((ratings.n_users, ratings.n_items))
    is_observed = np.zeros(observed.shape, bool)
    observed[ratings.user_index, ratings.item_index] = ratings.value
    is_observed[ratings.user_index, ratings.item_index] = True
    return observed, is_observed


@pytest.fixture
def factors(tiny: Ratings) -> tuple[Array, Array]:
    rng = np.random.default_rng(3)
    return rng.normal(size=(tiny.n_users, 2)), rng.normal(size=(tiny.n_items, 2))


def central_differences(function: Callable[[Array], float], at: Array) -> Array:
    result, step = np.zeros_like(at), 1e-6
    for place in np.ndindex(at.shape):
        up, down = at.copy(), at.copy()
        up[place] += step
        down[place] -= step
        result[place] = (function(up) - function(down)) / (2 * step)
    return result


def test_a_two_by_two_case_by_hand() -> None:
    users, items = np.array([[1.0], [2.0]]), np.array([[3.0], [1.0]])
    observed, is_observed = np.array([[5.0, 0], [0, 1.0]]), np.array([[True, False], [False, True]])
    error = objective.dense_error(observed, is_observed, users, items)
    np.testing.assert_array_equal(error, [[-2, 0], [0, 1]])
    assert objective.loss(error) == 2.5
    to_users, to_items = objective.dense_gradients(error, users, items)
    np.testing.assert_array_equal(to_users, [[-6], [1]])
    np.testing.assert_array_equal(to_items, [[-2], [2]])


def test_what_is_missing_counts_as_zero_in_both(
    tiny: Ratings, factors: tuple[Array, Array]
) -> None:
    observed, is_observed = dense(tiny)
    error = objective.dense_error(observed, is_observed, *factors)
    assert not error[~is_observed].any()
    assert objective.loss(error) == pytest.approx(
        objective.loss(objective.sparse_error(tiny, *factors)))


@pytest.mark.parametrize("regularization", [0.0, 0.7])
def test_gradients_agree_with_central_differences(
    tiny: Ratings, factors: tuple[Array, Array], regularization: float
) -> None:
    users, items = factors

    def total(U: Array, V: Array) -> float:
        penalty = 0.5 * regularization * float(np.sum(U**2) + np.sum(V**2))
        return objective.loss(objective.sparse_error(tiny, U, V)) + penalty

    to_users, to_items = objective.gradients(tiny, users, items, regularization)
    # Central differences of a quartic with step 1e-6 in float64 are good to about 1e-8.
    np.testing.assert_allclose(
        to_users, central_differences(lambda U: total(U, items), users), atol=1e-6)
    np.testing.assert_allclose(
        to_items, central_differences(lambda V: total(users, V), items), atol=1e-6)


def test_dense_and_sparse_gradients_agree(tiny: Ratings, factors: tuple[Array, Array]) -> None:
    error = objective.dense_error(*dense(tiny), *factors)
    for one, other in zip(objective.dense_gradients(error, *factors),
                          objective.gradients(tiny, *factors), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-12)


def test_pair_gradients_agree_with_central_differences() -> None:
    rng = np.random.default_rng(5)
    u, v, rating, weight = rng.normal(size=3), rng.normal(size=3), 2.5, 0.3

    def pair_loss(a: Array, b: Array) -> float:
        return float(0.5 * (rating - a @ b) ** 2 + 0.5 * weight * (a @ a + b @ b))

    to_u, to_v = objective.pair_gradients(rating, u, v, weight)
    np.testing.assert_allclose(to_u, central_differences(lambda a: pair_loss(a, v), u), atol=1e-6)
    np.testing.assert_allclose(to_v, central_differences(lambda b: pair_loss(u, b), v), atol=1e-6)


def test_pair_gradients_sum_to_the_batch_gradient(
    tiny: Ratings, factors: tuple[Array, Array]
) -> None:
    users, items = factors
    total: Any = np.zeros_like(users)
    for n, m, rating in zip(tiny.user_index, tiny.item_index, tiny.value, strict=True):
        total[n] += objective.pair_gradients(float(rating), users[n], items[m])[0]
    np.testing.assert_allclose(total, objective.gradients(tiny, users, items)[0], atol=1e-12)


def full_pair(**changes: Any) -> objective.Pair:
    """Return a pair with everything in it."""
    rng = np.random.default_rng(8)
    values: dict[str, Any] = {
        "rating": 2.5, "user_row": rng.normal(size=3), "item_row": rng.normal(size=3),
        "mean": 3.1, "user_bias": 0.2, "item_bias": -0.4, "user_ridge": 0.3, "item_ridge": 0.7,
        "user_bias_ridge": 0.1, "item_bias_ridge": 0.05, "implicit": rng.normal(size=3),
        "confidence": 1.7, "fixed": 0.25, **changes}
    return objective.Pair(**values)


def test_a_pair_by_hand() -> None:
    pair = objective.Pair(4.0, np.array([1.0, 2.0]), np.array([3.0, -1.0]), mean=2.0,
                          user_bias=0.5, item_bias=-0.5, user_ridge=0.5)
    assert objective.predict_pair(pair) == 3.0
    assert objective.pair_error(pair) == -1.0
    assert objective.pair_loss(pair) == 0.5 + 0.5 * 0.5 * 5
    gradient = objective.pair_gradient(pair)
    np.testing.assert_array_equal(gradient.user_row, [-2.5, 2.0])
    np.testing.assert_array_equal(gradient.item_row, [-1.0, -2.0])
    assert gradient[2:] == (-1.0, -1.0)
    moved = objective.pair_step(pair, 0.5, 0.1)
    np.testing.assert_array_equal(moved.user_row, [2.25, 1.0])
    np.testing.assert_array_equal(moved.item_row, [3.5, 0.0])
    assert (moved.user_bias, moved.item_bias) == (0.6, -0.4)


@pytest.mark.parametrize("name", ["user_row", "item_row", "user_bias", "item_bias"])
def test_a_pairs_gradient_agrees_with_central_differences(name: str) -> None:
    pair = full_pair()

    def at(value: Array) -> float:
        there = value if value.size > 1 else float(value[0])
        return objective.pair_loss(full_pair(**{name: there}))

    found = np.atleast_1d(getattr(objective.pair_gradient(pair), name))
    start = np.atleast_1d(np.asarray(getattr(pair, name), np.float64))
    np.testing.assert_allclose(found, central_differences(at, start), atol=1e-6)


def test_a_small_step_lowers_a_pairs_loss_and_nonnegative_rows_stay_so() -> None:
    pair = full_pair()
    assert objective.pair_loss(objective.pair_step(pair, 1e-3, 1e-3)) < objective.pair_loss(pair)
    assert objective.pair_step(pair, 0.1).user_bias == pair.user_bias
    moved = objective.pair_step(full_pair(user_row=np.full(3, 0.01)), 0.5, is_nonnegative=True)
    assert moved.user_row.min() == 0.0


def test_pairs_stay_in_double_precision() -> None:
    moved = objective.pair_step(full_pair(), 0.1)
    assert moved.user_row.dtype == moved.item_row.dtype == np.float64


def unknowns(tiny: Ratings, factors: tuple[Array, Array]) -> objective.Unknowns:
    rng = np.random.default_rng(9)
    biases = rng.normal(size=tiny.n_users), rng.normal(size=tiny.n_items)
    return objective.Unknowns(*factors, *biases)


def full_loss(tiny: Ratings, at: objective.Unknowns, weight: float) -> float:
    held = sum(float(np.sum(np.square(part))) for part in at)
    return objective.loss(objective.full_error(tiny, at, 2.5)) + 0.5 * weight * held


@pytest.mark.parametrize("part", range(4))
def test_the_full_gradient_agrees_with_central_differences(
    tiny: Ratings, factors: tuple[Array, Array], part: int
) -> None:
    at = unknowns(tiny, factors)
    error = objective.full_error(tiny, at, 2.5)
    found = objective.full_gradient(tiny, error, at, 0.4, has_biases=True)
    name = at._fields[part]
    np.testing.assert_allclose(found[part], central_differences(
        lambda x: full_loss(tiny, at._replace(**{name: x}), 0.4), at[part]), atol=1e-6)


def test_a_full_step_lowers_the_loss_and_leaves_biases_that_are_not_learned(
    tiny: Ratings, factors: tuple[Array, Array]
) -> None:
    at = unknowns(tiny, factors)
    error = objective.full_error(tiny, at, 2.5)
    gradient = objective.full_gradient(tiny, error, at, 0.4)
    moved = objective.full_step(at, gradient, 1e-3)
    assert full_loss(tiny, moved, 0.4) < full_loss(tiny, at, 0.4)
    np.testing.assert_array_equal(moved.user_bias, at.user_bias)


def test_a_rows_gradient_is_a_row_of_the_whole_one(
    tiny: Ratings, factors: tuple[Array, Array]
) -> None:
    users, items = factors
    here = tiny.user_index == 1
    others, values = items[tiny.item_index[here]], tiny.value[here].astype(np.float64)
    error = objective.row_error(values, others, users[1])
    np.testing.assert_allclose(objective.row_gradient(error, others, users[1], 0.3),
                               objective.gradients(tiny, users, items, 0.3)[0][1], atol=1e-12)


def test_the_normal_equations_are_where_the_rows_loss_is_lowest() -> None:
    rng = np.random.default_rng(2)
    features, targets = rng.normal(size=(6, 3)), rng.normal(size=6)
    weights, ridges = rng.uniform(1, 3, 6), np.array([0.5, 0.5, 0.1])
    everyone = rng.normal(size=(9, 3))
    for gram in (None, everyone.T @ everyone):
        matrix, right = objective.normal_equations(features, targets, weights, ridges, gram)
        row = np.linalg.solve(matrix, right)
        slope = central_differences(lambda x, gram=gram: objective.row_loss(
            features, targets, weights, ridges, x, gram), row)
        np.testing.assert_allclose(slope, 0, atol=1e-6)


def test_preferences_count_in_all_cells() -> None:
    rng = np.random.default_rng(4)
    users, items = rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
    predicted = users @ items.T
    is_rated, targets = rng.random((3, 4)) < 0.5, np.zeros((3, 4))
    targets[is_rated] = 1.0
    weights = np.where(is_rated, 5.0, 1.0)
    by_hand = 0.5 * float(np.sum(weights * (targets - predicted) ** 2))
    assert objective.preference_loss(
        predicted[is_rated], targets[is_rated], weights[is_rated], users.T @ users,
        items.T @ items) == pytest.approx(by_hand)


def test_a_penalty_weighs_each_row() -> None:
    rows, biases = np.array([[1.0, 2.0], [3.0, 0.0]]), np.array([1.0, 2.0])
    assert objective.penalty(rows, biases, np.array([1.0, 0.5]), np.array([0.0, 1.0])) == (
        0.5 * (5 + 4.5 + 4))
