"""The objective of gradient-descent and its gradient, against the plain equations."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from mfgui.core import objective
from mfgui.core.batch_objective import BatchObjective
from mfgui.core.parallel import WorkerPool
from mfgui.core.parameters import Parameters, combine, inner_product
from mfgui.core.ratings import Ratings, TextArray


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


@pytest.fixture(scope="module")
def rows_of_all_lengths() -> Ratings:
    """Return 20 users, the first with no item, the next with one, and so on."""
    rng = np.random.default_rng(3)
    users = np.repeat(np.arange(20), np.arange(20))
    items = np.concatenate([np.sort(rng.permutation(25)[:n]) for n in range(20)])
    return Ratings(
        users.astype(np.int32), items.astype(np.int32),
        rng.normal(1, 2, users.size).astype(np.float32),
        TextArray.from_strings(map(str, range(20))), TextArray.from_strings(map(str, range(25))))


@pytest.mark.parametrize("n_factors", [1, 7, 16, 33])
def test_the_gradient_is_that_of_the_plain_equations_for_rows_of_any_length(
    rows_of_all_lengths: Ratings, pool: WorkerPool, n_factors: int
) -> None:
    ratings, rng = rows_of_all_lengths, np.random.default_rng(0)
    at = Parameters(ratings.n_users, ratings.n_items, n_factors)
    at.user_factors[...] = rng.normal(0, 1, at.user_factors.shape)
    at.item_factors[...] = rng.normal(0, 1, at.item_factors.shape)
    out = at.alike()
    out.flat[:] = np.nan  # everything is written
    BatchObjective(ratings, n_factors, 0.0, 0.4, False, pool).gradient(at, out)
    to_users, to_items = objective.gradients(
        ratings, at.user_factors.astype(float), at.item_factors.astype(float), 0.4)
    # float32 sums of 20 terms of size n_factors
    np.testing.assert_allclose(out.user_factors, to_users, atol=2e-6 * n_factors + 1e-5)
    np.testing.assert_allclose(out.item_factors, to_items, atol=2e-6 * n_factors + 1e-5)
    assert not out.user_bias.any()
    assert not out.item_bias.any()


def test_the_gradient_with_biases_is_the_slope_of_the_objective(
    rows_of_all_lengths: Ratings, pool: WorkerPool
) -> None:
    ratings, rng = rows_of_all_lengths, np.random.default_rng(0)
    at, out, direction = (Parameters(ratings.n_users, ratings.n_items, 5) for _ in range(3))
    plain = BatchObjective(ratings, 5, 0.7, 0.4, True, pool)
    for part in at.views().values():
        part[...] = rng.normal(0, 1, part.shape)
    plain.gradient(at, out)
    for name, part in direction.views().items():
        part[...] = rng.normal(0, 1, part.shape)
        # the quartic's slope at 0 is the gradient along the direction; tested by its values
        slope = plain.along(at, direction).c1
        assert inner_product(pool, out, direction) == pytest.approx(slope, rel=1e-4), name
        part[...] = 0


def test_parameters_are_views_of_one_vector_on_cache_lines() -> None:
    parameters = Parameters(3, 5, 7)
    for value, part in enumerate(parameters.views().values(), 1):
        part[...] = value
        assert part.ctypes.data % 64 == 0
    assert parameters.flat.sum() == 3 * 7 + 2 * 5 * 7 + 3 * 3 + 4 * 5
    assert (parameters.flat[parameters.bias_begin:] != 1).all()
    assert not parameters.alike().flat.any()


def test_vectors_longer_than_a_block_are_added_and_multiplied(pool: WorkerPool) -> None:
    x, y, out = (Parameters(40_000, 10, 16) for _ in range(3))
    rng = np.random.default_rng(0)
    for vector in (x, y):
        vector.flat[:] = rng.normal(0, 1, vector.flat.size)
    combine(pool, 2.0, x, -0.5, y, out)
    np.testing.assert_allclose(out.flat, 2 * x.flat - 0.5 * y.flat, atol=1e-6)
    exact = float(x.flat.astype(np.float64) @ y.flat.astype(np.float64))
    assert inner_product(pool, x, y) == pytest.approx(exact, rel=1e-9)
    with WorkerPool(3) as three:
        assert inner_product(three, x, y) == inner_product(pool, x, y)


@pytest.mark.parametrize("biases", [False, True])
def test_the_quartic_is_the_objective_along_the_direction(
    planted: Ratings, pool: WorkerPool, biases: bool
) -> None:
    rng = np.random.default_rng(3)
    at, direction = (Parameters(planted.n_users, planted.n_items, 5) for _ in range(2))
    for vector in (at, direction):
        for name, part in vector.views().items():
            if biases or name.endswith("factors"):
                part[...] = rng.normal(0, 1, part.shape)
    objective = BatchObjective(planted, 5, 0.3, 0.7, biases, pool)
    quartic = objective.along(at, direction)

    def value(t: float) -> float:
        parts = {name: part.astype(np.float64) + t * direction.views()[name].astype(np.float64)
                 for name, part in at.views().items()}
        n, m = planted.user_index, planted.item_index
        predicted = 0.3 + parts["user_bias"][n] + parts["item_bias"][m] + np.einsum(
            "kf,kf->k", parts["user_factors"][n], parts["item_factors"][m])
        squares = sum(float(np.sum(part**2)) for part in parts.values())
        return float(0.5 * np.sum((predicted - planted.value) ** 2) + 0.35 * squares)

    for t in (-1.5, -0.1, 0.0, 0.2, 3.0):
        # products of float32 are good to about 1e-6 of their size
        assert quartic.c0 + quartic.change(t) == pytest.approx(value(t), rel=2e-6)
