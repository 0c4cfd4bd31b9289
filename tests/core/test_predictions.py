"""Predictions of many pairs."""

from __future__ import annotations

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.predictions import predict_many
from mfgui.core.ratings import IntArray
from mfgui.errors import CancelledError

LARGEST = float(np.finfo(np.float32).max)


def model_of(scale: float = 1.0, *, clip: bool = True, n_factors: int = 16) -> FactorModel:
    rng = np.random.default_rng(0)
    users, items = (rng.normal(0, scale, (n, n_factors)).astype(np.float32) for n in (300, 200))
    return FactorModel(users, items, rng.normal(0, 1, 300).astype(np.float32),
                       rng.normal(0, 1, 200).astype(np.float32), 3.5, (0.5, 5.0), clip)


def pairs_of(n: int) -> tuple[IntArray, IntArray]:
    rng = np.random.default_rng(1)
    return (rng.integers(-1, 300, n).astype(np.int32), rng.integers(-1, 200, n).astype(np.int32))


@pytest.mark.parametrize("clip", [True, False])
def test_they_are_the_models_own_but_for_rounding(clip: bool) -> None:
    model, (users, items) = model_of(0.3, clip=clip), pairs_of(5000)
    with WorkerPool(2) as pool:
        found = predict_many(model, users, items, pool)
    # The model adds 16 products up in float32: some units in the last place of numbers near 8.
    np.testing.assert_allclose(found, model.predict(users, items), rtol=0, atol=4e-6)
    exact = np.array([
        (0 if u < 0 or i < 0 else model.user_factors[u].astype(float) @ model.item_factors[i])
        + 3.5 + (model.user_bias[u] if u >= 0 else 0) + (model.item_bias[i] if i >= 0 else 0)
        for u, i in zip(users, items, strict=True)])
    shown = np.clip(exact, 0.5, 5.0) if clip else exact
    np.testing.assert_allclose(found, shown, rtol=2**-23)  # rounded once


def test_a_pairs_prediction_depends_on_nothing_else() -> None:
    model, (users, items) = model_of(), pairs_of(200_000)
    found = []
    for n_threads in (1, 3):
        with WorkerPool(n_threads) as pool:
            found.append(predict_many(model, users, items, pool))
    assert np.array_equal(*found)
    with WorkerPool(1) as pool:
        part = predict_many(model, users[777:1111].copy(), items[777:1111].copy(), pool)
    assert np.array_equal(part, found[0][777:1111])


def test_no_prediction_is_infinite() -> None:
    users, items = pairs_of(1000)
    with WorkerPool(1) as pool:
        for clip in (True, False):
            found = predict_many(model_of(1e19, clip=clip), users, items, pool)
            assert np.isfinite(found).all()
    assert abs(found).max() == LARGEST


def test_it_can_be_stopped() -> None:
    control = Control()
    control.stop()
    with WorkerPool(1) as pool, pytest.raises(CancelledError):
        predict_many(model_of(), *pairs_of(10), pool, control.checkpoint)
