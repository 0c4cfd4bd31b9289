"""RMSE and MAE with their standard errors, against plain NumPy, a simulation and scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from mfgui.core import error_figures as module
from mfgui.core.error_figures import error_figures
from mfgui.core.figures import Figure, mean_figure, ratio_figure, root_figure, spread_figure
from mfgui.core.metrics import Pairs, no_pairs, squared_error_sums
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool

N_USERS, N_ITEMS = 30, 20


def model_and_pairs(clip: bool = True) -> tuple[FactorModel, Pairs]:
    rng = np.random.default_rng(0)
    users, items = (rng.normal(size=(n, 4)).astype(np.float32) for n in (N_USERS, N_ITEMS))
    bu, bi = (rng.normal(size=n).astype(np.float32) for n in (N_USERS, N_ITEMS))
    model = FactorModel(users, items, bu, bi, 3.0, (1.0, 5.0), clip)
    owners, columns = (part.astype(np.int32)
                       for part in np.nonzero(rng.random((N_USERS, N_ITEMS)) < 0.4))
    columns[::17] = -1
    return model, Pairs(owners, columns, rng.integers(1, 6, owners.size).astype(np.float32))


@pytest.mark.parametrize("clip", [True, False])
@pytest.mark.parametrize("n_threads", [1, 3])
def test_figures_are_those_of_the_predictions_as_shown(
    monkeypatch: pytest.MonkeyPatch, clip: bool, n_threads: int
) -> None:
    monkeypatch.setattr(module, "ratings_per_block", lambda _: 16)
    model, pairs = model_and_pairs(clip)
    with WorkerPool(n_threads) as pool:
        found = error_figures(model, pairs, pairs.user_index, pool)
        rmse = squared_error_sums(model, pairs, pool).rmse
    # NumPy's own predictions: float32 sums in another order, some 1e-7 apart.
    errors = model.predict(pairs.user_index, pairs.item_index) - pairs.value.astype(float)
    assert found["rmse"].value == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-6)
    assert found["mae"].value == pytest.approx(np.mean(np.abs(errors)), rel=1e-6)
    assert found["rmse"].value == pytest.approx(rmse, rel=1e-6)


def test_the_bits_are_the_same_for_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ratings_per_block", lambda _: 16)
    model, pairs = model_and_pairs()
    found = []
    for n_threads in (1, 3):
        with WorkerPool(n_threads) as pool:
            found.append(error_figures(model, pairs, pairs.user_index, pool))
    assert found[0] == found[1]


def test_figures_are_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is of the extra bench")
    model, pairs = model_and_pairs()
    with WorkerPool() as pool:
        found = error_figures(model, pairs, pairs.user_index, pool)
    shown = model.predict(pairs.user_index, pairs.item_index).astype(float)
    truth = pairs.value.astype(float)
    assert found["rmse"].value == pytest.approx(
        metrics.root_mean_squared_error(truth, shown), rel=1e-6)
    assert found["mae"].value == pytest.approx(metrics.mean_absolute_error(truth, shown), rel=1e-6)


def test_the_standard_error_is_what_a_simulation_scatters_by() -> None:
    """Users whose errors are alike: a standard error over ratings would be far too small."""
    rng = np.random.default_rng(1)
    n_users, values, told = 200, [], []
    for _ in range(400):
        counts = rng.integers(1, 30, n_users)
        owners = np.repeat(np.arange(n_users), counts)
        errors = rng.gamma(2, 0.3, n_users)[owners] * rng.normal(size=owners.size)
        begins = np.append(0, np.cumsum(counts)[:-1])
        figure = root_figure(ratio_figure(np.add.reduceat(errors**2, begins), counts.astype(float)))
        values.append(figure.value)
        told.append(figure.error)
    # 400 draws know their own scatter to some 4 %; linearization adds a few more.
    assert np.mean(np.array(told, float)) == pytest.approx(np.std(np.array(values, float)),
                                                           rel=0.12)


def test_with_nothing_to_measure_on_there_is_no_figure() -> None:
    model, _ = model_and_pairs()
    with WorkerPool() as pool:
        found = error_figures(model, no_pairs(), np.empty(0, np.int32), pool)
    assert found == {"rmse": Figure(None), "mae": Figure(None)}


def test_of_a_single_user_the_standard_error_is_not_known() -> None:
    assert ratio_figure(np.array([4.0]), np.array([2.0])) == Figure(2.0, None)
    assert mean_figure(np.array([0.5])) == Figure(0.5, None)


def test_what_is_not_finite_is_no_figure() -> None:
    assert ratio_figure(np.array([np.nan, 1.0]), np.array([1.0, 1.0])) == Figure(None)
    assert root_figure(Figure(None)) == Figure(None)


def test_a_spread_is_the_standard_deviation_over_folds() -> None:
    found = spread_figure([1.0, None, 3.0])
    assert found.value == 2.0
    assert found.error == pytest.approx(2**0.5)
    assert spread_figure([None]) == Figure(None)
    assert spread_figure([1.0]) == Figure(1.0, None)
