"""Line search and conjugate gradients: the loss never rises, and there is an end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers.gradient_descent import GradientDescent, GradientDescentSettings

EXACT = ("line-search", "conjugate-gradient")


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def make(ratings: Ratings, pool: WorkerPool, **values: Any) -> GradientDescent:
    settings = GradientDescentSettings(**{"n_factors": 3, **values})
    return GradientDescent(ratings, settings, pool, np.random.default_rng(settings.seed))


def random_ratings(rng: np.random.Generator) -> Ratings:
    """Return a few ratings of some scale; some users and items have none."""
    n_users, n_items = (int(n) for n in rng.integers(1, 12, 2))
    is_observed = rng.random((n_users, n_items)) < rng.uniform(0.05, 0.9)
    is_observed[int(rng.integers(n_users)), int(rng.integers(n_items))] = True
    users, items = np.nonzero(is_observed)
    values = rng.normal(rng.normal(0, 3), 1, users.size) * 10.0 ** rng.integers(-3, 4)
    return Ratings(
        users.astype(np.int32), items.astype(np.int32), values.astype(np.float32),
        TextArray.from_strings(map(str, range(n_users))),
        TextArray.from_strings(map(str, range(n_items))))


@pytest.mark.parametrize("step", EXACT)
def test_the_loss_never_rises_over_random_problems(pool: WorkerPool, step: str) -> None:
    rng = np.random.default_rng(42)
    n_lowered = 0
    for _ in range(200):
        ratings = random_ratings(rng)
        solver = make(
            ratings, pool, step=step, biases=bool(rng.integers(2)), centre=bool(rng.integers(2)),
            n_factors=int(rng.integers(1, 5)), regularization=float(rng.choice([0, 0.1, 10])),
            initial_sd=float(rng.choice([0.01, 0.1, 3])))
        slack = 1e-10 * 0.5 * float(np.sum(np.square(ratings.value, dtype=np.float64)))
        first = loss = solver.fit().loss
        for _ in range(25):
            solver.run_epoch()
            before, loss = loss, solver.fit().loss
            assert loss <= before * (1 + 1e-6) + slack
            if solver.end_reason:
                break
        assert np.isfinite(loss)
        n_lowered += loss < first
    assert n_lowered > 190


@pytest.mark.parametrize("step", EXACT)
def test_the_measured_loss_is_that_of_the_factors(
    planted: Ratings, pool: WorkerPool, step: str
) -> None:
    solver = make(planted, pool, step=step, regularization=0.3)
    for _ in range(3):
        solver.run_epoch()
    told = solver.fit()
    solver.restore(solver.state())  # what was measured on the way is forgotten
    assert solver.fit() == told


@pytest.mark.parametrize("step", EXACT)
def test_an_exact_step_beats_every_other_rate(
    planted: Ratings, pool: WorkerPool, step: str
) -> None:
    exact = make(planted, pool, step=step)
    exact.run_epoch()
    assert exact.step_taken is not None
    for factor in (0.5, 0.9, 1.1, 2.0):
        fixed = make(planted, pool, learning_rate=factor * exact.step_taken)
        fixed.run_epoch()
        assert fixed.fit().loss > exact.fit().loss


def test_a_line_search_step_goes_down_the_gradient_by_the_step_it_tells(
    planted: Ratings, pool: WorkerPool
) -> None:
    exact = make(planted, pool, step="line-search", regularization=0.2)
    assert exact.step_taken is None
    exact.run_epoch()
    assert exact.step_taken is not None
    fixed = make(planted, pool, learning_rate=exact.step_taken, regularization=0.2)
    fixed.run_epoch()
    np.testing.assert_allclose(
        exact.model.user_factors, fixed.model.user_factors, rtol=1e-6, atol=1e-7)


def test_conjugate_gradient_directions_are_polak_and_ribieres(
    planted: Ratings, pool: WorkerPool
) -> None:
    solver = make(planted, pool, step="conjugate-gradient", regularization=0.2)
    rule: Any = solver._rule
    solver.run_epoch()
    gradient, direction = rule.previous.flat.astype(np.float64), rule.direction.flat.copy()
    np.testing.assert_array_equal(direction, -rule.previous.flat)  # the first: down the gradient
    n_conjugate = 0
    for _ in range(10):
        solver.run_epoch()
        new = rule.previous.flat.astype(np.float64)
        beta = max(new @ (new - gradient) / (gradient @ gradient), 0.0)
        expected = -new + beta * direction.astype(np.float64)
        if new @ expected >= 0:
            expected = -new
        np.testing.assert_allclose(
            rule.direction.flat, expected, atol=1e-5 * float(np.abs(expected).max()))
        n_conjugate += beta > 0
        gradient, direction = new, rule.direction.flat.copy()
    assert n_conjugate > 5


def test_conjugate_gradients_need_fewer_epochs_than_steepest_descent(
    planted: Ratings, pool: WorkerPool
) -> None:
    losses = []
    for step in ("conjugate-gradient", "line-search", "fixed"):
        solver = make(planted, pool, step=step, regularization=0.1)
        for _ in range(30):
            solver.run_epoch()
        losses.append(solver.fit().loss)
    assert losses[0] < losses[1] < losses[2]


@pytest.mark.parametrize("step", EXACT)
def test_a_zero_gradient_ends_the_run_with_a_sentence(
    tiny: Ratings, pool: WorkerPool, step: str
) -> None:
    solver = make(tiny, pool, step=step)
    for part in solver.arrays().values():
        part[...] = 0  # without factors nothing moves: E V and E^T U are 0
    solver.run_epoch()
    assert solver.end_reason == "The gradient is zero: no step changes anything any more."
    assert solver.step_taken is None


@pytest.mark.parametrize("step", EXACT)
def test_a_run_that_can_go_no_lower_ends_with_a_sentence(
    tiny: Ratings, pool: WorkerPool, step: str
) -> None:
    solver = make(tiny, pool, step=step, regularization=1.0)
    for _ in range(2000):
        solver.run_epoch()
        if solver.end_reason:
            break
    assert solver.end_reason == "No step down the gradient lowers the loss any further."
    loss, factors = solver.fit().loss, solver.model.user_factors.copy()
    again = make(tiny, pool, step=step, regularization=1.0)
    again.take_model(solver.model.copy())  # a start at the optimum
    again.run_epoch()
    assert again.fit().loss <= loss
    np.testing.assert_allclose(again.model.user_factors, factors, atol=1e-3)


@pytest.mark.parametrize("step", EXACT)
def test_ratings_beyond_single_precision_end_the_run_and_leave_finite_factors(
    tiny: Ratings, pool: WorkerPool, step: str
) -> None:
    huge = Ratings(tiny.user_index, tiny.item_index, np.float32(1e30) * tiny.value,
                   tiny.user_ids, tiny.item_ids)
    solver = make(huge, pool, step=step)
    for _ in range(20):
        solver.run_epoch()
        if solver.end_reason:
            break
    assert np.isfinite(solver.model.user_factors).all()
    assert np.isfinite(solver.fit().loss)
