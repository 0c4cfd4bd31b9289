"""Adam: its equations, its own rate; which steps have a rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mfgui.core import objective
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers.gradient_descent import STEPS, GradientDescent, GradientDescentSettings


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def make(ratings: Ratings, pool: WorkerPool, **values: Any) -> GradientDescent:
    settings = GradientDescentSettings(**{"n_factors": 4, **values})
    return GradientDescent(ratings, settings, pool, np.random.default_rng(settings.seed))


def test_adam_steps_as_its_authors_write_it(planted: Ratings, pool: WorkerPool) -> None:
    solver = make(planted, pool, step="adam", learning_rate=0.05, regularization=0.2)
    x = [solver.model.user_factors.astype(float), solver.model.item_factors.astype(float)]
    m, v = [np.zeros_like(each) for each in x], [np.zeros_like(each) for each in x]
    for t in range(1, 6):
        gradients = objective.gradients(planted, *x, 0.2)
        for k, g in enumerate(gradients):
            m[k] = 0.9 * m[k] + 0.1 * g
            v[k] = 0.999 * v[k] + 0.001 * g**2
            x[k] = x[k] - 0.05 * (m[k] / (1 - 0.9**t)) / (np.sqrt(v[k] / (1 - 0.999**t)) + 1e-8)
        solver.run_epoch()
    np.testing.assert_allclose(solver.model.user_factors, x[0], atol=1e-5)
    np.testing.assert_allclose(solver.model.item_factors, x[1], atol=1e-5)


def with_values(ratings: Ratings, values: Any) -> Ratings:
    return Ratings(ratings.user_index, ratings.item_index, np.asarray(values, np.float32),
                   ratings.user_ids, ratings.item_ids)


def test_an_empty_rate_of_adam_follows_the_scale_of_the_ratings_and_is_shown(
    planted: Ratings, pool: WorkerPool
) -> None:
    value = planted.value.astype(np.float64)
    for ratings, centre in ((planted, False), (planted, True)):
        solver = make(ratings, pool, step="adam", centre=centre)
        size = value.std() if centre else np.sqrt(np.mean(value**2))
        assert solver.learning_rate == pytest.approx(0.1 * value.std() / np.sqrt(4 * size))
    larger = make(with_values(planted, 100 * planted.value), pool, step="adam")
    rate = make(planted, pool, step="adam").learning_rate
    assert rate is not None
    assert larger.learning_rate == pytest.approx(10 * rate)


@pytest.mark.parametrize("biases", [False, True])
def test_adam_never_provokes_the_guard_at_its_own_rate(pool: WorkerPool, biases: bool) -> None:
    rng = np.random.default_rng(1)
    users, items = np.nonzero(rng.random((80, 60)) < 0.3)
    texts = TextArray.from_strings(map(str, range(80)))
    for low, high in ((1, 6), (0, 101), (-10, 11)):
        values = rng.integers(low, high, users.size).astype(np.float32)
        ratings = Ratings(users.astype(np.int32), items.astype(np.int32), values, texts,
                          TextArray.from_strings(map(str, range(60))))
        solver = make(ratings, pool, step="adam", biases=biases, n_factors=8)
        lowest = solver.fit().loss
        for _ in range(150):
            solver.run_epoch()
            loss = solver.fit().loss
            assert loss <= 1.5 * lowest
            lowest = min(lowest, loss)


def test_exact_steps_have_no_rate_and_the_others_no_step_taken(
    planted: Ratings, pool: WorkerPool
) -> None:
    for step in STEPS:
        solver = make(planted, pool, step=step)
        solver.run_epoch()
        has_rate = step in ("fixed", "adam")
        assert (solver.learning_rate is not None) == has_rate
        assert (solver.step_taken is None) == has_rate
        if solver.learning_rate is not None:
            rate = solver.learning_rate
            solver.rate_scale = 0.5
            assert solver.learning_rate == 0.5 * rate
