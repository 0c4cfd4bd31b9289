"""Alternating least squares: each row's problem, the objective as it is stated, hostile ratings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core import row_solves
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.scaling import scaling_of
from mfgui.core.solvers.als import Als, AlsSettings
from mfgui.core.solvers.gradient_descent import GradientDescent, GradientDescentSettings
from mfgui.errors import CancelledError

WAYS = ("cg", "cholesky")


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def make(ratings: Ratings, pool: WorkerPool, **values: Any) -> Als:
    settings = AlsSettings(**{"n_factors": 5, "damping": 3.0, "initial_sd": 0.5, **values})
    return Als(ratings, settings, pool, np.random.default_rng(settings.seed))


def normalised(ratings: Ratings) -> NDArray[np.float64]:
    scaling = scaling_of(ratings)
    return (ratings.value.astype(np.float64) - scaling.mean) / scaling.sd


def parts_of(solver: Als) -> dict[str, NDArray[np.float64]]:
    return {name: array.astype(np.float64) for name, array in solver.arrays().items()}


def stated_objective(solver: Als) -> float:
    """Return the objective as the class states it, in the user's units, in plain NumPy."""
    ratings, settings, parts = solver.ratings, solver.settings, parts_of(solver)
    users, items = ratings.user_index, ratings.item_index
    error = normalised(ratings) - parts["user_bias"][users] - parts["item_bias"][items] - np.sum(
        parts["user_factors"][users] * parts["item_factors"][items], axis=1)
    total = float(np.sum(error**2))
    for side, counts in (("user", ratings.user_counts), ("item", ratings.item_counts)):
        weight = np.where(counts > 0, counts + settings.damping, 0)
        total += settings.regularization * weight @ np.sum(parts[f"{side}_factors"] ** 2, axis=1)
        total += settings.bias_regularization * weight @ parts[f"{side}_bias"] ** 2
    return 0.5 * scaling_of(ratings).sd ** 2 * total


def solved_users(solver: Als) -> NDArray[np.float64]:
    """Return what the users' rows and biases should come to, by the normal equations."""
    ratings, settings, parts = solver.ratings, solver.settings, parts_of(solver)
    value, ridge, rows = normalised(ratings), [settings.regularization] * settings.n_factors, []
    for n in range(ratings.n_users):
        mine = ratings.user_index == n
        items = ratings.item_index[mine]
        features = parts["item_factors"][items]
        if settings.biases:
            features = np.column_stack((features, np.ones(items.size)))
        weights = [*ridge, settings.bias_regularization][: features.shape[1]]
        matrix = features.T @ features + (items.size + settings.damping) * np.diag(weights)
        row = np.linalg.solve(matrix, features.T @ (value[mine] - parts["item_bias"][items]))
        rows.append(row if settings.biases else [*row, 0.0])
    return np.array(rows)


def users_of(solver: Als) -> NDArray[np.float64]:
    parts = parts_of(solver)
    return np.column_stack((parts["user_factors"], parts["user_bias"]))


@pytest.mark.parametrize("biases", [False, True])
@pytest.mark.parametrize(("inner", "cg_steps"), [("cholesky", 1), ("cg", 60)])
def test_a_row_is_solved_as_the_normal_equations_say(
    planted: Ratings, pool: WorkerPool, inner: str, cg_steps: int, biases: bool
) -> None:
    solver = make(planted, pool, inner=inner, cg_steps=cg_steps, biases=biases)
    solver.run_epoch()  # biases of the items, too, are then not 0
    expected = solved_users(solver)
    solver.half_sweep(0)
    # The exact way's tiny ridge is 1e-5 of the diagonal: of what was left to do that remains, some
    # times over where the matrix's smallest eigenvalue is some times below its diagonal.
    np.testing.assert_allclose(users_of(solver), expected, atol=1e-4)


@pytest.mark.parametrize("n_factors", [1, 7, 8, 9, 16, 33])
def test_any_number_of_factors_is_solved_exactly(
    planted: Ratings, pool: WorkerPool, n_factors: int
) -> None:
    solver = make(planted, pool, inner="cholesky", n_factors=n_factors)
    expected = solved_users(solver)
    for _ in range(2):  # the second time takes off what the tiny ridge left
        solver.half_sweep(0)
    np.testing.assert_allclose(users_of(solver), expected, atol=2e-5)


@pytest.mark.parametrize("inner", WAYS)
@pytest.mark.parametrize("regularization", [0.0, 0.1])
def test_no_half_sweep_raises_the_stated_objective(
    planted: Ratings, pool: WorkerPool, inner: str, regularization: float
) -> None:
    solver = make(planted, pool, inner=inner, regularization=regularization, damping=0.0)
    before = stated_objective(solver)
    start = before
    for step in range(40):
        solver.half_sweep(step % 2)
        after = stated_objective(solver)
        assert after <= before + 1e-6 * before + 1e-9 * start  # float32 knows no more
        before = after
    assert before < 0.5 * start


@pytest.mark.parametrize("biases", [False, True])
def test_the_loss_is_the_stated_objective_in_the_users_units(
    planted: Ratings, pool: WorkerPool, biases: bool
) -> None:
    ratings = replace(planted, value=7 + 20 * planted.value)
    solver = make(ratings, pool, regularization=0.2, bias_regularization=0.3, biases=biases)
    solver.run_epoch()
    assert solver.fit().loss == pytest.approx(stated_objective(solver), rel=1e-5)


@pytest.mark.parametrize("inner", WAYS)
def test_a_planted_low_rank_matrix_is_recovered(
    planted: Ratings, pool: WorkerPool, inner: str
) -> None:
    solver = make(planted, pool, n_factors=3, inner=inner, regularization=1e-6, damping=0.0,
                  bias_regularization=1e-6)
    for _ in range(100):
        solver.run_epoch()
    rng = np.random.default_rng(7)
    full = rng.normal(0, 1, (60, 3)) @ rng.normal(0, 1, (40, 3)).T
    users, items = np.indices(full.shape)
    error = solver.model.predict(users.ravel(), items.ravel(), is_clipped=False) - full.ravel()
    # The cells that were never seen count too; the data has a spread of about 1.7.
    assert np.sqrt(np.mean(error**2)) < 0.05


@pytest.mark.parametrize("inner", WAYS)
def test_the_bits_are_the_same_for_any_number_of_threads_and_after_a_restored_state(
    planted: Ratings, monkeypatch: pytest.MonkeyPatch, inner: str
) -> None:
    monkeypatch.setattr(row_solves, "FACTOR_WORK", 1 << 12)  # several blocks
    monkeypatch.setattr(row_solves, "ratings_per_block", lambda n_factors: 64)
    ends = []
    for n_threads in (1, 2, 3):
        with WorkerPool(n_threads) as pool:
            solver = make(planted, pool, inner=inner)
            solver.run_epoch()
            state = solver.state()
            solver.run_epoch()
            ends.append(users_of(solver))
            resumed = make(planted, pool, inner=inner, seed=5)
            resumed.restore(state)
            resumed.run_epoch()
            ends.append(users_of(resumed))
    for other in ends[1:]:
        np.testing.assert_array_equal(ends[0], other)


@pytest.mark.parametrize("inner", WAYS)
@pytest.mark.parametrize("biases", [False, True])
def test_a_row_in_parts_comes_to_the_same(
    planted: Ratings, pool: WorkerPool, monkeypatch: pytest.MonkeyPatch, inner: str, biases: bool
) -> None:
    whole = make(planted, pool, inner=inner, biases=biases)
    whole.run_epoch()
    monkeypatch.setattr(row_solves, "LONG_ROW_BLOCKS", 2)
    monkeypatch.setattr(row_solves, "ratings_per_block", lambda n_factors: 9)
    monkeypatch.setattr(row_solves, "FACTOR_WORK", 9 * 25)
    parted = make(planted, pool, inner=inner, biases=biases)
    parted.run_epoch()
    # the sums in another order, in float32
    np.testing.assert_allclose(users_of(parted), users_of(whole), atol=2e-5)


@pytest.mark.parametrize("inner", WAYS)
def test_a_long_row_can_be_stopped_between_its_parts(
    planted: Ratings, pool: WorkerPool, monkeypatch: pytest.MonkeyPatch, inner: str
) -> None:
    monkeypatch.setattr(row_solves, "LONG_ROW_BLOCKS", 0)
    monkeypatch.setattr(row_solves, "ratings_per_block", lambda n_factors: 8)
    monkeypatch.setattr(row_solves, "FACTOR_WORK", 8 * 25)
    solver, calls = make(planted, pool, inner=inner), []

    def checkpoint() -> None:
        calls.append(1)
        if len(calls) == 3:
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        solver.half_sweep(0, checkpoint)
    # The first user alone has more parts than that.
    assert users_of(solver)[1:] == pytest.approx(users_of(make(planted, pool, inner=inner))[1:])


@pytest.mark.parametrize("inner", WAYS)
@pytest.mark.parametrize("value", [0.0, 3.0, 1e30, 1e-30])
def test_constant_ratings_and_one_rating_come_to_their_value(
    pool: WorkerPool, inner: str, value: float
) -> None:
    for n in (1, 9):
        index, texts = np.arange(n, dtype=np.int32), TextArray.from_strings(map(str, range(n)))
        ratings = Ratings(index, index.copy(), np.full(n, value, np.float32), texts, texts)
        solver = make(ratings, pool, inner=inner, n_factors=20)
        for _ in range(5):
            solver.run_epoch()
        assert np.isfinite(solver.fit().loss)
        np.testing.assert_allclose(solver.model.predict(index, index), value, rtol=1e-5)


@pytest.mark.parametrize("inner", WAYS)
@pytest.mark.parametrize("values", [(1e30, 1e-30), (-1e30, 1e30), (1e-30, 3e-30)])
def test_ratings_of_any_size_train_to_finite_numbers(
    planted: Ratings, pool: WorkerPool, inner: str, values: tuple[float, float]
) -> None:
    mixed = np.where(planted.value > 0, *values).astype(np.float32)
    solver = make(replace(planted, value=mixed), pool, inner=inner)
    start = solver.fit().loss
    for _ in range(5):
        solver.run_epoch()
    assert solver.fit().loss < 0.7 * start
    assert all(np.isfinite(array).all() for array in solver.arrays().values())


@pytest.mark.parametrize("inner", WAYS)
def test_no_regularization_and_more_factors_than_ratings_fit_them_without_a_nan(
    tiny: Ratings, pool: WorkerPool, inner: str
) -> None:
    solver = make(tiny, pool, inner=inner, n_factors=30, regularization=0, bias_regularization=0,
                  damping=0)
    for _ in range(20):
        solver.run_epoch()
    model = solver.model
    found = model.predict(tiny.user_index, tiny.item_index, is_clipped=False)
    np.testing.assert_allclose(found, tiny.value, atol=1e-3)
    assert np.abs(model.user_factors).max() < 100  # the row moved no further than it had to


@pytest.mark.parametrize("inner", WAYS)
@pytest.mark.parametrize("strength", [1e12, 1e30])
def test_a_regularization_beyond_reason_leaves_the_mean(
    planted: Ratings, pool: WorkerPool, inner: str, strength: float
) -> None:
    solver = make(planted, pool, inner=inner, regularization=strength,
                  bias_regularization=strength)
    for _ in range(5):
        solver.run_epoch()
    np.testing.assert_allclose(
        solver.model.predict(planted.user_index, planted.item_index), planted.value.mean(),
        atol=1e-4)


def test_it_goes_on_from_a_plain_model_with_the_same_predictions(
    planted: Ratings, pool: WorkerPool
) -> None:
    shifted = replace(planted, value=planted.value + 3)
    settings = GradientDescentSettings(n_factors=5)
    before = GradientDescent(shifted, settings, pool, np.random.default_rng(0))
    for _ in range(30):
        before.run_epoch()
    solver = make(shifted, pool)
    assert Als.refusal(before.model, solver.settings) == ""
    solver.begin_from(before.model)
    pairs = shifted.user_index, shifted.item_index
    np.testing.assert_allclose(
        solver.model.predict(*pairs, is_clipped=False),
        before.model.predict(*pairs, is_clipped=False), atol=1e-5)
    start = stated_objective(solver)
    solver.run_epoch()
    assert stated_objective(solver) < start


def test_what_would_be_lost_is_refused_with_the_reason(planted: Ratings, pool: WorkerPool) -> None:
    solver = make(planted, pool)
    model, settings = solver.model, solver.settings
    assert Als.refusal(model, settings) == ""
    assert "preferences" in Als.refusal(replace(model, target="preference"), settings)
    assert "average" in Als.refusal(replace(model, member_ends=(2, 5)), settings)
    assert "Y" in Als.refusal(replace(model, implicit_factors=model.item_factors), settings)
    assert "5 factors" in Als.refusal(model, replace(settings, n_factors=6))
    assert "Biases" in Als.refusal(model, replace(settings, biases=False))


def test_every_row_is_in_one_block_or_long() -> None:
    counts = np.array([3, 0, 500, 0, 40, 900, 900, 1, 0, 0, 7] * 5)
    pointers = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    rows, bias = np.zeros((counts.size, 900), np.float32), np.zeros(counts.size, np.float32)
    for n_steps in (0, 3):
        for width in (2, 900):
            side = row_solves.RowSide(
                pointers, np.zeros(pointers[-1], np.int32), rows[:, :width], bias, rows[:, :width],
                bias, bias, row_solves.NONE)
            solves = row_solves.RowSolves(side, row_solves.RowMethod(n_steps, True))
            met = [n for begin, end in solves._blocks for n in range(begin, end)]
            assert sorted([*met, *solves._long_rows]) == list(range(counts.size))
