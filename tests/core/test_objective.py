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
