"""The largest stable rate: against a dense Hessian, from above, and the same after a resume."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core.batch_objective import BatchObjective
from mfgui.core.curvature import EPOCHS_PER_STEP, LargestCurvature
from mfgui.core.parallel import WorkerPool
from mfgui.core.parameters import Parameters
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers.gradient_descent import GradientDescent, GradientDescentSettings
from mfgui.core.steepest_row import steepest_row


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def make(ratings: Ratings, pool: WorkerPool, **values: Any) -> GradientDescent:
    settings = GradientDescentSettings(**{"n_factors": 3, **values})
    return GradientDescent(ratings, settings, pool, np.random.default_rng(settings.seed))


def dense_hessian(
    ratings: Ratings, at: Parameters, mean: float, regularization: float, *, biases: bool
) -> NDArray[np.float64]:
    """Return the Hessian of the objective by its definition, over the places in ``at.flat``."""
    places = at.alike()
    places.flat[:] = np.arange(places.flat.size)
    place = {name: part.astype(int) for name, part in places.views().items()}
    hessian = np.zeros((at.flat.size, at.flat.size))
    for n, m, rating in zip(ratings.user_index, ratings.item_index, ratings.value, strict=True):
        u, v = at.user_factors[n].astype(float), at.item_factors[m].astype(float)
        of_u, of_v = place["user_factors"][n], place["item_factors"][m]
        error = mean + u @ v + at.user_bias[n] + at.item_bias[m] - rating
        slope = np.zeros(at.flat.size)
        slope[of_u], slope[of_v] = v, u
        if biases:
            slope[place["user_bias"][n]] = slope[place["item_bias"][m]] = 1
        hessian += np.outer(slope, slope)
        hessian[of_u, of_v] += error
        hessian[of_v, of_u] += error
    for name, part in place.items():
        if biases or name.endswith("factors"):
            hessian[part.ravel(), part.ravel()] += regularization
    return hessian


def hessian_of(solver: GradientDescent) -> NDArray[np.float64]:
    settings = solver.settings
    return dense_hessian(solver.ratings, solver._at, solver.model.global_mean,
                         settings.regularization, biases=settings.biases)


@pytest.fixture(scope="module")
def small() -> Ratings:
    """Return 25 users and 18 items, some with many ratings and some with few."""
    rng = np.random.default_rng(5)
    share = np.outer(rng.uniform(0.1, 1, 25), rng.uniform(0.1, 1, 18))
    users, items = np.nonzero(rng.random((25, 18)) < share)
    return Ratings(
        users.astype(np.int32), items.astype(np.int32),
        rng.integers(1, 6, users.size).astype(np.float32),
        TextArray.from_strings(map(str, range(25))), TextArray.from_strings(map(str, range(18))))


@pytest.mark.parametrize("biases", [False, True])
def test_a_product_with_the_hessian_is_that_of_the_dense_one(
    planted: Ratings, pool: WorkerPool, biases: bool
) -> None:
    rng = np.random.default_rng(1)
    at, direction, out = (Parameters(planted.n_users, planted.n_items, 4) for _ in range(3))
    for vector in (at, direction):
        for name, part in vector.views().items():
            if biases or name.endswith("factors"):
                part[...] = rng.normal(0, 1, part.shape)
    BatchObjective(planted, 4, 0.5, 0.2, biases, pool).curvature(at, direction, out)
    expected = dense_hessian(planted, at, 0.5, 0.2, biases=biases) @ direction.flat
    # float32 sums of some 30 terms of size 10
    np.testing.assert_allclose(out.flat, expected, atol=2e-4)


@pytest.mark.parametrize("values", [
    {}, {"biases": True, "regularization": 2.0}, {"centre": True, "n_factors": 5},
    {"regularization": 0.5, "initial_sd": 1.0}])
def test_the_limit_after_the_first_epoch_is_two_over_the_largest_eigenvalue(
    small: Ratings, pool: WorkerPool, values: dict[str, Any]
) -> None:
    solver = make(small, pool, **values)
    assert solver.rate_limit is None
    solver.run_epoch()
    solver.look_around()
    true = 2 / np.linalg.eigvalsh(hessian_of(solver))[-1]
    assert solver.rate_limit is not None
    assert true * (1 - 1e-5) <= solver.rate_limit <= 1.02 * true


@pytest.mark.parametrize("values", [{}, {"biases": True}, {"centre": True, "regularization": 0.5}])
def test_later_limits_come_from_above_and_stay_near(
    small: Ratings, pool: WorkerPool, values: dict[str, Any]
) -> None:
    solver = make(small, pool, **values)
    ratios = []
    for epoch in range(1, 12 * EPOCHS_PER_STEP):
        solver.run_epoch()
        solver.look_around()
        is_time = epoch % EPOCHS_PER_STEP == 1
        assert (solver.rate_limit is not None) == is_time
        if is_time:
            assert solver.rate_limit is not None
            true = 2 / np.linalg.eigvalsh(hessian_of(solver))[-1]
            ratios.append(solver.rate_limit / true)
    assert min(ratios) > 1 - 1e-5
    # One step in forty epochs, where many curvatures of few ratings are close together.
    assert max(ratios) < 1.6


def test_a_rate_below_the_limit_settles_and_one_above_it_leaves(
    small: Ratings, pool: WorkerPool
) -> None:
    settled = make(small, pool, regularization=1.0)
    for _ in range(3000):
        settled.run_epoch()
    limit = 2 / np.linalg.eigvalsh(hessian_of(settled))[-1]
    curvature = LargestCurvature(settled._objective, settled._at)
    curvature.look(1, settled._gradient)
    assert 2 / curvature.largest == pytest.approx(limit, rel=0.02)
    for factor, is_stable in ((0.95, True), (1.1, False)):
        solver = make(small, pool, regularization=1.0, learning_rate=factor * limit)
        solver.take_model(settled.model.copy())
        solver._at.flat *= np.float32(1.001)  # a push
        start = solver.fit().loss
        for _ in range(400):
            solver.run_epoch()
        assert (solver.fit().loss <= start) == is_stable


def test_the_steepest_row_curves_as_the_dense_hessian_says(
    small: Ratings, pool: WorkerPool
) -> None:
    for biases in (False, True):
        solver = make(small, pool, biases=biases, regularization=0.3, initial_sd=1.0)
        row = steepest_row(solver._objective, solver._at)
        assert row is not None
        direction = solver._at.alike()
        row.add_to(direction, 1.0)
        x = direction.flat.astype(np.float64)
        assert x @ x == pytest.approx(1, rel=1e-6)
        assert row.along(direction) == pytest.approx(1, rel=1e-6)
        assert row.curvature == pytest.approx(x @ hessian_of(solver) @ x, rel=1e-5)


@pytest.mark.parametrize("step", ["line-search", "conjugate-gradient", "adam"])
def test_other_steps_have_no_limit(small: Ratings, pool: WorkerPool, step: str) -> None:
    solver = make(small, pool, step=step)
    solver.run_epoch()
    solver.look_around()
    assert solver.rate_limit is None
    assert "curvature_vector" not in solver.arrays()


def test_the_limit_has_the_same_bits_after_a_resume_and_for_any_number_of_threads(
    small: Ratings,
) -> None:
    def limits(n_threads: int, n_before: int) -> list[float | None]:
        found = []
        with WorkerPool(n_threads) as pool:
            solver = make(small, pool, biases=True, learning_rate=0.001)
            for epoch in range(2 * EPOCHS_PER_STEP + 2):
                if epoch == n_before:
                    state = solver.state()
                    solver = make(small, pool, biases=True, learning_rate=0.001, seed=1)
                    solver.restore(state)
                solver.run_epoch()
                solver.look_around()
                found.append(solver.rate_limit)
        return found

    whole = limits(1, -1)
    assert len([limit for limit in whole if limit is not None]) == 3
    assert limits(2, -1) == whole
    assert limits(3, 1) == whole
    assert limits(1, EPOCHS_PER_STEP) == whole


def test_the_first_look_ends_where_all_directions_are_seen(tiny: Ratings, pool: WorkerPool) -> None:
    one = tiny.take(np.array([0]))
    solver = make(one, pool, n_factors=1)
    solver.run_epoch()
    solver.look_around()
    true = 2 / np.linalg.eigvalsh(hessian_of(solver))[-1]
    assert solver.rate_limit == pytest.approx(true, rel=1e-5)


def test_factors_that_are_no_numbers_are_not_measured(tiny: Ratings, pool: WorkerPool) -> None:
    solver = make(tiny, pool)
    solver.run_epoch()
    solver._at.flat[0] = np.nan
    solver.look_around()
    assert solver.rate_limit is None
    solver._at.flat[:] = 0
    solver.look_around()
    largest = np.linalg.eigvalsh(hessian_of(solver))[-1]
    assert solver.rate_limit is None or solver.rate_limit >= 2 / largest * (1 - 1e-5)
