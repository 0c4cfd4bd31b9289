"""Implicit ALS: the objective over all cells, each row's problem, hostile counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core import row_solves
from mfgui.core.metrics import Pairs
from mfgui.core.parallel import WorkerPool
from mfgui.core.ranking import HeldOutItems
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import implicit_als
from mfgui.core.solvers.implicit_als import (
    ImplicitAls,
    ImplicitAlsSettings,
    gram,
    positive_median,
)
from mfgui.training.events import EpochRecord, RunResult
from mfgui.training.session import TrainingSession

WAYS = ("cg", "cholesky")


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


@pytest.fixture(scope="module")
def counts() -> Ratings:
    """Return a 50 x 30 matrix of counts with a long tail, some of them 0 or below."""
    rng = np.random.default_rng(3)
    users, items = np.nonzero(rng.random((50, 30)) < 0.2)
    value = np.floor(np.exp(rng.normal(1, 2, users.size))) - (rng.random(users.size) < 0.1)
    return Ratings(
        users.astype(np.int32), items.astype(np.int32), value.astype(np.float32),
        TextArray.from_strings(f"u{n}" for n in range(50)),
        TextArray.from_strings(f"i{m}" for m in range(30)))


def make(ratings: Ratings, pool: WorkerPool, **values: Any) -> ImplicitAls:
    settings = ImplicitAlsSettings(
        **{"n_factors": 6, "regularization": 0.5, "initial_sd": 0.3, **values})
    return ImplicitAls(ratings, settings, pool, np.random.default_rng(settings.seed))


def cells(solver: ImplicitAls) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return preferences and confidences of all cells, as the class states them."""
    ratings, settings = solver.ratings, solver.settings
    preference = np.zeros((ratings.n_users, ratings.n_items))
    confidence = np.ones_like(preference)
    value = ratings.value.astype(np.float64)
    median = np.median(value[value > 0])
    for n, m, r in zip(ratings.user_index, ratings.item_index, value, strict=True):
        if r > 0:
            preference[n, m] = 1
            amount = np.log(1 + r / median) if settings.confidence == "log" else r
            confidence[n, m] += settings.alpha * amount
    return preference, confidence


def factors(solver: ImplicitAls) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    arrays = solver.arrays()
    return (arrays["user_factors"].astype(np.float64), arrays["item_factors"].astype(np.float64))


def stated_objective(solver: ImplicitAls) -> tuple[float, float]:
    """Return the objective and its data term, cell by cell."""
    (preference, confidence), (X, Y) = cells(solver), factors(solver)
    data = 0.5 * float(np.sum(confidence * (preference - X @ Y.T) ** 2))
    squares = float(np.sum(X**2) + np.sum(Y**2))
    return data + 0.5 * solver.settings.regularization * squares, data


@pytest.mark.parametrize("confidence", ["log", "linear"])
def test_the_loss_is_the_stated_objective_over_all_cells(
    counts: Ratings, pool: WorkerPool, confidence: str
) -> None:
    solver = make(counts, pool, confidence=confidence, alpha=3.0)
    for _ in range(3):
        loss, data = stated_objective(solver)
        fit = solver.fit()
        # the confidences are kept in float32
        assert fit.loss == pytest.approx(loss, rel=1e-6)
        assert fit.data_term == pytest.approx(data, rel=1e-6)
        assert fit.train_rmse is None
        solver.run_epoch()


@pytest.mark.parametrize(("inner", "cg_steps"), [("cholesky", 1), ("cg", 60)])
def test_a_row_is_solved_as_the_normal_equations_over_all_cells_say(
    counts: Ratings, pool: WorkerPool, inner: str, cg_steps: int
) -> None:
    solver = make(counts, pool, inner=inner, cg_steps=cg_steps)
    (preference, confidence), (_, Y) = cells(solver), factors(solver)
    expected = np.array([
        np.linalg.solve(Y.T @ (c[:, None] * Y) + 0.5 * np.eye(6), Y.T @ (c * p))
        for p, c in zip(preference, confidence, strict=True)])
    solver.half_sweep(0)
    np.testing.assert_allclose(factors(solver)[0], expected, atol=1e-4)  # as in test_als


@pytest.mark.parametrize("inner", WAYS)
@pytest.mark.parametrize("confidence", ["log", "linear"])
def test_no_half_sweep_raises_the_stated_objective(
    counts: Ratings, pool: WorkerPool, inner: str, confidence: str
) -> None:
    solver = make(counts, pool, inner=inner, confidence=confidence)
    before, _ = stated_objective(solver)
    start = before
    for step in range(30):
        solver.half_sweep(step % 2)
        after, _ = stated_objective(solver)
        assert after <= before * (1 + 1e-6)  # float32 knows no more
        before = after
    assert before < 0.7 * start


@pytest.mark.parametrize("inner", WAYS)
def test_the_bits_are_the_same_for_any_number_of_threads_and_after_a_restored_state(
    counts: Ratings, monkeypatch: pytest.MonkeyPatch, inner: str
) -> None:
    monkeypatch.setattr(row_solves, "FACTOR_WORK", 1 << 12)  # several blocks
    monkeypatch.setattr(row_solves, "ratings_per_block", lambda n_factors: 32)
    monkeypatch.setattr(implicit_als, "GRAM_WORK", 16 * 36)
    ends = []
    for n_threads in (1, 2, 3):
        with WorkerPool(n_threads) as pool:
            solver = make(counts, pool, inner=inner)
            solver.run_epoch()
            state = solver.state()
            solver.run_epoch()
            ends.append([*factors(solver), np.array(solver.fit().loss)])
            resumed = make(counts, pool, inner=inner, seed=5)
            resumed.restore(state)
            resumed.run_epoch()
            ends.append([*factors(resumed), np.array(resumed.fit().loss)])
    for other in ends[1:]:
        for one, two in zip(ends[0], other, strict=True):
            np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("inner", WAYS)
def test_a_row_in_parts_comes_to_the_same(
    counts: Ratings, pool: WorkerPool, monkeypatch: pytest.MonkeyPatch, inner: str
) -> None:
    whole = make(counts, pool, inner=inner)
    whole.run_epoch()
    monkeypatch.setattr(row_solves, "LONG_ROW_BLOCKS", 1)
    monkeypatch.setattr(row_solves, "ratings_per_block", lambda n_factors: 3)
    monkeypatch.setattr(row_solves, "FACTOR_WORK", 8 * 36)
    parted = make(counts, pool, inner=inner)
    parted.run_epoch()
    for one, two in zip(factors(parted), factors(whole), strict=True):
        np.testing.assert_allclose(one, two, atol=2e-5)  # the sums in another order, in float32


def test_the_gram_matrix_is_that_of_all_rows(
    pool: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.random.default_rng(0).normal(size=(333, 4)).astype(np.float32)
    monkeypatch.setattr(implicit_als, "GRAM_WORK", 16 * 16)  # 21 blocks
    exact = rows.astype(np.float64).T @ rows.astype(np.float64)
    np.testing.assert_allclose(gram(rows, pool), exact, rtol=1e-12)


def test_what_is_not_positive_is_like_no_rating(counts: Ratings, pool: WorkerPool) -> None:
    without = counts.take(np.flatnonzero(counts.value > 0))
    assert without.n_ratings < counts.n_ratings
    one, two = make(counts, pool, inner="cholesky"), make(without, pool, inner="cholesky")
    for solver in (one, two):
        for _ in range(5):
            solver.run_epoch()
    assert one.fit().loss == pytest.approx(two.fit().loss, rel=1e-6)
    np.testing.assert_allclose(factors(one)[0], factors(two)[0], atol=1e-5)


@pytest.mark.parametrize("inner", WAYS)
@pytest.mark.parametrize("confidence", ["log", "linear"])
@pytest.mark.parametrize("values", [(1e30, 1e-30), (1e30, 1e30), (0.0, 0.0), (-5.0, -1.0),
                                    (-1e30, 1e30)])
def test_counts_of_any_size_train_to_finite_numbers(
    counts: Ratings, pool: WorkerPool, inner: str, confidence: str, values: tuple[float, float]
) -> None:
    mixed = np.where(counts.item_index % 2 == 0, *values).astype(np.float32)
    solver = make(replace(counts, value=mixed), pool, inner=inner, confidence=confidence,
                  n_factors=40)
    start = solver.fit().loss
    for _ in range(5):
        solver.run_epoch()
    assert np.isfinite(solver.fit().loss)
    assert solver.fit().loss < start
    assert all(np.isfinite(array).all() for array in solver.arrays().values())


@pytest.mark.parametrize("alpha", [0.0, 1e30])
@pytest.mark.parametrize("regularization", [0.0, 1e30])
def test_settings_beyond_reason_end_with_finite_numbers(
    counts: Ratings, pool: WorkerPool, alpha: float, regularization: float
) -> None:
    for inner in WAYS:
        solver = make(counts, pool, inner=inner, alpha=alpha, regularization=regularization)
        for _ in range(3):
            solver.run_epoch()
        assert np.isfinite(solver.fit().loss)


def test_the_model_says_preferences_from_0_to_1(counts: Ratings, pool: WorkerPool) -> None:
    solver = make(counts, pool, regularization=0.01)
    for _ in range(10):
        solver.run_epoch()
    model = solver.model
    assert (model.target, model.global_mean, model.scale) == ("preference", 0.0, (0.0, 1.0))
    assert not model.has_biases
    liked = counts.value > 0
    scores = model.predict(counts.user_index, counts.item_index)
    everything = model.user_factors @ model.item_factors.T
    assert scores[liked].mean() > 0.7 > 0.4 > everything.mean()
    assert ImplicitAls.refusal(model, solver.settings)


def test_the_median_is_that_of_the_positive_values() -> None:
    assert positive_median(np.array([-3, 0, 1, 5, 9], np.float32)) == 5
    assert positive_median(np.array([-3, 0], np.float32)) == 1
    assert positive_median(np.array([3e38, 1e38, -2, 3e38, 3e38], np.float32)) == (
        pytest.approx(3e38))
    values = np.random.default_rng(0).normal(size=101).astype(np.float32)
    assert positive_median(values) == pytest.approx(np.median(values[values > 0]))


def test_after_a_refit_the_test_ranking_leaves_out_all_that_was_trained_on(
    counts: Ratings
) -> None:
    rng = np.random.default_rng(1)
    is_test = rng.random(counts.n_ratings) < 0.2
    training, test = (counts.take(np.flatnonzero(part)) for part in (~is_test, is_test))
    settings = ImplicitAlsSettings(n_factors=4, regularization=1.0, n_epochs=3)
    session = TrainingSession("implicit-als", settings, training, test=test)
    result = list(session.epochs())[-1]
    assert isinstance(result, RunResult)
    assert result.is_refit
    pairs = Pairs(test.user_index, test.item_index, test.value)
    with WorkerPool(1) as pool:
        expected = HeldOutItems(pairs, training, 0).figures(result.model, pool)
    assert result.last_record.test_ndcg == pytest.approx(expected["ndcg"], rel=1e-9)


def test_a_session_stops_and_keeps_by_ndcg(counts: Ratings) -> None:
    settings = ImplicitAlsSettings(n_factors=4, regularization=1.0, n_epochs=8, refit=False)
    events = list(TrainingSession("implicit-als", settings, counts, test=counts).epochs())
    records = [event for event in events if isinstance(event, EpochRecord)]
    result = events[-1]
    assert isinstance(result, RunResult)
    found = [record.validation_ndcg for record in records]
    assert all(value is not None and 0 <= value <= 1 for value in found)
    assert result.best_epoch == int(np.argmax(np.array(found, float)))
    assert records[-1].validation_rmse is None
    assert records[-1].test_ndcg is not None
    assert result.last_record.validation_ndcg == max(value for value in found if value is not None)
