"""NMF's kernel against a plain loop; nothing ever below 0."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.solvers.nmf import Nmf, NmfSettings
from mfgui.training.events import Notice
from mfgui.training.session import TrainingSession


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def make(ratings: Ratings, pool: WorkerPool, **values: Any) -> Nmf:
    settings = NmfSettings(**{"n_factors": 5, **values})
    return Nmf(ratings, settings, pool, np.random.default_rng(0))


def test_an_epoch_is_a_plain_loop_of_projected_steps(planted: Ratings, pool: WorkerPool) -> None:
    solver = make(planted, pool, regularization=0.1, learning_rate=0.3, initial_sd=0.9)
    blocks = solver._blocks
    P, Q = (solver.arrays()[name][:, :5].astype(np.float64) for name in ("users", "items"))
    Gp, Gq = np.ones(len(P)), np.ones(len(Q))
    diagonals = copy.deepcopy(solver.rng).permutation(blocks.n_groups)
    n_at_zero = 0
    for diagonal in diagonals:
        for begin, end in blocks._diagonal(int(diagonal)):
            for k in range(begin, end):
                n, m = blocks.users[k], blocks.items[k]
                e = float(blocks.values[k]) - P[n] @ Q[m]
                to_u, to_v = e * Q[m] - 0.1 * P[n], e * P[n] - 0.1 * Q[m]
                P[n], Q[m] = (np.maximum(P[n] + 0.3 / np.sqrt(Gp[n]) * to_u, 0),
                              np.maximum(Q[m] + 0.3 / np.sqrt(Gq[m]) * to_v, 0))
                Gp[n] += np.mean(to_u**2)
                Gq[m] += np.mean(to_v**2)
                n_at_zero += int((P[n] == 0).sum())
    assert n_at_zero > 10  # or the projection would not have been tried
    solver.run_epoch()
    # float32 steps of some 30 visits a row
    np.testing.assert_allclose(solver.arrays()["users"][:, :5], P, atol=2e-5)
    np.testing.assert_allclose(solver.arrays()["items"][:, :5], Q, atol=2e-5)


def test_no_factor_is_ever_negative_and_there_are_no_biases(
    planted: Ratings, pool: WorkerPool
) -> None:
    solver = make(planted, pool)
    for _ in range(20):
        model = solver.model
        assert model.user_factors.min() >= 0
        assert model.item_factors.min() >= 0
        assert not model.user_bias.any()
        solver.run_epoch()


def test_the_offset_of_ratings_below_0_is_said_and_stands_in_the_model(
    planted: Ratings, pool: WorkerPool
) -> None:
    solver = make(planted, pool)
    lowest = float(planted.value.min())
    assert solver.model.global_mean == lowest
    assert f"{lowest:g}" in solver.start_note
    above = Ratings(planted.user_index, planted.item_index, planted.value - np.float32(lowest) + 1,
                    planted.user_ids, planted.item_ids)
    shifted = make(above, pool)
    assert shifted.model.global_mean == 0
    assert shifted.start_note == ""


def test_the_first_products_are_of_the_ratings_size(planted: Ratings, pool: WorkerPool) -> None:
    above = Ratings(planted.user_index, planted.item_index, planted.value + 10, planted.user_ids,
                    planted.item_ids)
    model = make(above, pool, n_factors=16).model
    predicted = model.predict(above.user_index, above.item_index, is_clipped=False)
    assert predicted.mean() == pytest.approx(above.mean, rel=0.15)


def test_negative_factors_are_refused_and_its_own_kind_is_taken(
    planted: Ratings, pool: WorkerPool
) -> None:
    above = Ratings(planted.user_index, planted.item_index, planted.value + 10, planted.user_ids,
                    planted.item_ids)
    solver = make(above, pool)
    for _ in range(3):
        solver.run_epoch()
    model = solver.model.copy()
    assert Nmf.refusal(model, solver.settings) == ""
    other = make(above, pool)
    other.begin_from(model)
    assert other.fit().train_rmse == pytest.approx(solver.fit().train_rmse, rel=1e-5)
    assert "below 0" in Nmf.refusal(replace(model, scale=(-1.0, 5.0)), solver.settings)
    model.user_factors[0, 0] = -1
    assert "negative" in Nmf.refusal(model, solver.settings)


def test_the_offset_is_said_once_and_stands_beside_the_figures(planted: Ratings) -> None:
    session = TrainingSession(
        "nmf", NmfSettings(n_factors=2, n_epochs=3, refit=True, patience=0), planted)
    told = [event.text for event in session.epochs() if isinstance(event, Notice)]
    assert session.result is not None
    assert "offset" in session.result.note
    assert told.count(session.result.note) == 1
