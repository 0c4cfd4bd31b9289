"""AdaGrad's kernel against a plain loop, and what its objective says."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mfgui.core.baselines import bias_model
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers.adagrad import BIAS_RATE, Adagrad, AdagradSettings


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def make(ratings: Ratings, pool: WorkerPool, **values: Any) -> Adagrad:
    settings = AdagradSettings(**{"n_factors": 5, "initial_sd": 0.2, **values})
    return Adagrad(ratings, settings, pool, np.random.default_rng(0))


@pytest.mark.parametrize("biases", [True, False])
def test_an_epoch_is_a_plain_loop_over_the_blocks(
    planted: Ratings, pool: WorkerPool, biases: bool
) -> None:
    solver = make(planted, pool, biases=biases, regularization=0.1, bias_regularization=0.05,
                  damping=7)
    blocks = solver._blocks
    P, Q = (solver.arrays()[name][:, :5].astype(np.float64) for name in ("users", "items"))
    bp, bq = np.zeros(len(P)), np.zeros(len(Q))
    Gp, Gq = np.ones(len(P)), np.ones(len(Q))
    more_p, more_q = (1 + 7 / counts[np.argsort(row)] for counts, row in (
        (planted.user_counts, solver._dealing.user_row),
        (planted.item_counts, solver._dealing.item_row)))
    diagonals = copy.deepcopy(solver.rng).permutation(blocks.n_groups)
    order = [k for diagonal in diagonals
             for begin, end in blocks._diagonal(int(diagonal)) for k in range(begin, end)]
    assert sorted(order) == list(range(planted.n_ratings))
    for k in order:
        n, m, r = blocks.users[k], blocks.items[k], float(blocks.values[k])
        e = r - bp[n] - bq[m] - P[n] @ Q[m]
        to_u, to_v = e * Q[m] - 0.1 * more_p[n] * P[n], e * P[n] - 0.1 * more_q[m] * Q[m]
        step_u, step_v = 0.05 / np.sqrt(Gp[n]), 0.05 / np.sqrt(Gq[m])
        P[n], Q[m] = P[n] + step_u * to_u, Q[m] + step_v * to_v
        Gp[n] += np.mean(to_u**2)
        Gq[m] += np.mean(to_v**2)
        if biases:
            bp[n] += BIAS_RATE * step_u * (e - 0.05 * more_p[n] * bp[n])
            bq[m] += BIAS_RATE * step_v * (e - 0.05 * more_q[m] * bq[m])
    solver.run_epoch()
    # float32 steps of some 30 visits a row: good to about 1e-6 of factors of size 1
    for name, rows, bias, G in (("users", P, bp, Gp), ("items", Q, bq, Gq)):
        packed = solver.arrays()[name]
        np.testing.assert_allclose(packed[:, :5], rows, atol=1e-5)
        np.testing.assert_allclose(packed[:, 5], bias, atol=1e-5)
        np.testing.assert_allclose(packed[:, 6], G, rtol=1e-5)


def test_scale_and_shift_of_the_ratings_change_nothing_but_the_units(
    planted: Ratings, pool: WorkerPool
) -> None:
    moved = Ratings(planted.user_index, planted.item_index, planted.value * 16 + 32,
                    planted.user_ids, planted.item_ids)
    runs = []
    for ratings in (planted, moved):
        solver = make(ratings, pool)
        for _ in range(3):
            solver.run_epoch()
        runs.append((solver.model, solver.fit()))
    (plain, fit), (other, other_fit) = runs
    users, items = planted.user_index, planted.item_index
    np.testing.assert_allclose(other.predict(users, items, is_clipped=False),
                               plain.predict(users, items, is_clipped=False) * 16 + 32, rtol=1e-4)
    assert other_fit.loss == pytest.approx(256 * fit.loss, rel=1e-4)


def test_the_loss_shown_is_the_objective_times_the_variance(
    planted: Ratings, pool: WorkerPool
) -> None:
    solver = make(planted, pool, regularization=0.3, bias_regularization=0.2, damping=0)
    for _ in range(2):
        solver.run_epoch()
    blocks, P, Q = solver._blocks, solver.arrays()["users"], solver.arrays()["items"]
    users, items = blocks.users, blocks.items
    errors = blocks.values - P[users, 5] - Q[items, 5] - np.einsum(
        "kf,kf->k", P[users, :5], Q[items, :5])
    objective = 0.5 * np.sum(errors.astype(np.float64)**2) + 0.15 * (
        np.sum(P[users, :5]**2) + np.sum(Q[items, :5]**2)) + 0.1 * (
        np.sum(P[users, 5]**2) + np.sum(Q[items, 5]**2))
    sd = float(planted.value.std(dtype=np.float64))
    assert solver.fit().loss == pytest.approx(objective * sd**2, rel=1e-4)


def test_long_blocks_look_at_the_checkpoint_in_between(pool: WorkerPool) -> None:
    n = 300
    texts = TextArray.from_strings(map(str, range(n)))
    users, items = (part.astype(np.int32) for part in np.divmod(np.arange(n * n), n))
    ratings = Ratings(users, items, np.ones(n * n, np.float32), texts, texts)
    solver = make(ratings, pool, n_factors=2000)  # blocks of 5,600 ratings, parts of 1,048
    calls = []
    solver.run_epoch(lambda: calls.append(1))
    assert len(calls) > 4 * 4 * 5


def test_damping_counts_as_so_many_ratings_more(planted: Ratings, pool: WorkerPool) -> None:
    part = planted.take(np.flatnonzero(planted.user_index != 5))
    solver = make(part, pool, regularization=0.3, bias_regularization=0.2, damping=9)
    solver.run_epoch()
    model, sd = solver.model, float(part.value.std(dtype=np.float64))
    expected = 0.0
    for rows, bias, counts in ((model.user_factors, model.user_bias, part.user_counts),
                               (model.item_factors, model.item_bias, part.item_counts)):
        for row, b, count in zip(rows.astype(np.float64), bias, counts, strict=True):
            expected += (count + 9) * (0.3 * sd * row @ row + 0.2 * float(b)**2)
    assert solver.penalty() == pytest.approx(expected / 2, rel=1e-4)


def test_sparse_ratings_begin_from_damped_biases_dense_ones_from_0(
    planted: Ratings, pool: WorkerPool
) -> None:
    assert not make(planted, pool).model.user_bias.any()
    few = planted.take(np.arange(0, planted.n_ratings, 6))
    model = make(few, pool).model
    expected = bias_model(few, pool)
    np.testing.assert_allclose(model.user_bias, expected.user_bias, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(model.item_bias, expected.item_bias, rtol=1e-5, atol=1e-7)


def test_a_run_trained_on_with_another_regularization_is_held_back_by_it(
    planted: Ratings, pool: WorkerPool
) -> None:
    first = make(planted, pool, regularization=0.0)
    first.run_epoch()
    weak, strong = (make(planted, pool, regularization=each) for each in (0.0, 5.0))
    for solver in (weak, strong):
        solver.restore(first.state())
        for _ in range(5):
            solver.run_epoch()
    assert np.square(strong.model.user_factors).sum() < 0.5 * np.square(
        weak.model.user_factors).sum()
