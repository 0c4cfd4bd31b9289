"""SVD++'s kernel against a plain loop, and what the model keeps of it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.solvers.adagrad import BIAS_RATE
from mfgui.core.solvers.svdpp import Svdpp, SvdppSettings


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def make(ratings: Ratings, pool: WorkerPool, **values: Any) -> Svdpp:
    settings = SvdppSettings(**{"n_factors": 5, "initial_sd": 0.2, **values})
    return Svdpp(ratings, settings, pool, np.random.default_rng(0))


def test_an_epoch_is_a_plain_loop_over_users_and_their_ratings(
    planted: Ratings, pool: WorkerPool
) -> None:
    solver = make(planted, pool, regularization=0.1, bias_regularization=0.05, implicit_rate=0.02,
                  implicit_regularization=0.3, damping=7)
    more_u, more_v = (1 + 7 / counts for counts in (planted.user_counts, planted.item_counts))
    solver.run_epoch()  # so that Y is not 0
    order = copy.deepcopy(solver.rng).permutation(planted.n_users)
    live = {name: array.astype(np.float64) for name, array in solver.arrays().items()}
    U, V, Y, bu, bi, GU, GV = (live[name] for name in (
        "users", "items", "implicit", "user_bias", "item_bias", "user_squares", "item_squares"))
    mean, sd = planted.mean, float(planted.value.std(dtype=np.float64))
    for n in order:
        rated = np.flatnonzero(planted.user_index == n)
        items = planted.item_index[rated]
        z = Y[items].sum(0) / np.sqrt(len(items))
        g = np.zeros(5)
        for m, r in zip(items, (planted.value[rated] - mean) / sd, strict=True):
            p = U[n] + z
            e = r - bu[n] - bi[m] - V[m] @ p
            to_u = e * V[m] - 0.1 * more_u[n] * U[n]
            to_v = e * p - 0.1 * more_v[m] * V[m]
            g += e * V[m]
            step_u, step_v = 0.05 / np.sqrt(GU[n]), 0.05 / np.sqrt(GV[m])
            U[n], V[m] = U[n] + step_u * to_u, V[m] + step_v * to_v
            GU[n] += np.mean(to_u**2)
            GV[m] += np.mean(to_v**2)
            bu[n] += BIAS_RATE * step_u * (e - 0.05 * more_u[n] * bu[n])
            bi[m] += BIAS_RATE * step_v * (e - 0.05 * more_v[m] * bi[m])
        Y[items] += 0.02 * (g / np.sqrt(len(items)) - 0.3 * Y[items])
    solver.run_epoch()
    for name, array in solver.arrays().items():
        # float32 steps of some 30 visits a row
        np.testing.assert_allclose(array, live[name], atol=2e-5, err_msg=name)


def test_the_model_predicts_with_y_and_keeps_it(planted: Ratings, pool: WorkerPool) -> None:
    solver = make(planted, pool)
    for _ in range(3):
        solver.run_epoch()
    model, live = solver.model, solver.arrays()
    assert model.implicit_factors is not None
    sd, mean = float(planted.value.std(dtype=np.float64)), planted.mean
    for n, m in ((0, 0), (7, 31)):
        items = planted.item_index[planted.user_index == n]
        z = live["implicit"][items].sum(0) / np.sqrt(items.size)
        expected = mean + sd * (live["user_bias"][n] + live["item_bias"][m]
                                + live["items"][m] @ (live["users"][n] + z))
        found = model.predict(np.array([n]), np.array([m]), is_clipped=False)[0]
        assert found == pytest.approx(expected, rel=1e-5)
        # A user's own part comes back from what the model keeps.
        z_kept = model.implicit_factors[items].sum(0) / np.sqrt(items.size)
        own = (model.user_factors[n] - z_kept) / np.sqrt(sd)
        np.testing.assert_allclose(own, live["users"][n], atol=1e-5)


def test_a_model_with_y_is_not_taken_over_by_what_would_lose_it(
    planted: Ratings, pool: WorkerPool
) -> None:
    solver = make(planted, pool)
    solver.run_epoch()
    assert "Y" in Svdpp.refusal(solver.model, solver.settings)
