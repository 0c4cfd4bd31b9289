"""Contracts over SOLVERS, and each kernel against the plain equations."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core import objective
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import describe
from mfgui.core.solvers import SOLVERS, Solver
from mfgui.errors import CancelledError


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def make(name: str, ratings: Ratings, pool: WorkerPool, **values: Any) -> Solver:
    """Return a solver with 4 factors; values for settings that it does not have are left out."""
    names = {info.name for info in describe(SOLVERS[name].settings_type)}
    wanted = {key: value for key, value in {"n_factors": 4, **values}.items() if key in names}
    settings = SOLVERS[name].settings_type(**wanted)
    return SOLVERS[name](ratings, settings, pool, np.random.default_rng(settings.seed))


def loss_of(solver: Solver) -> float:
    return solver.fit().loss


def arrays_of(solver: Solver) -> list[Any]:
    model = solver.model
    return [model.user_factors, model.item_factors, model.user_bias, model.item_bias]


def live_arrays(solver: Solver) -> list[Any]:
    return [array.copy() for _, array in sorted(solver.arrays().items())]


@pytest.mark.parametrize("regularization", [0.0, 0.3])
def test_a_gradient_descent_epoch_is_one_step_of_the_plain_equations(
    planted: Ratings, pool: WorkerPool, regularization: float
) -> None:
    solver = make("gradient-descent", planted, pool, learning_rate=0.01,
                  regularization=regularization)
    U = solver.model.user_factors.astype(np.float64)
    V = solver.model.item_factors.astype(np.float64)
    to_users, to_items = objective.gradients(planted, U, V, regularization)
    solver.run_epoch()
    # float32 sums of some 30 terms of size 1: good to about 1e-6
    np.testing.assert_allclose(solver.model.user_factors, U - 0.01 * to_users, atol=2e-6)
    np.testing.assert_allclose(solver.model.item_factors, V - 0.01 * to_items, atol=2e-6)


def test_an_sgd_epoch_is_a_plain_loop_over_the_shuffled_pairs(
    planted: Ratings, pool: WorkerPool
) -> None:
    solver = make("sgd", planted, pool, learning_rate=0.02, regularization=0.1, order="shuffled")
    U = solver.model.user_factors.astype(np.float64)
    V = solver.model.item_factors.astype(np.float64)
    solver.run_epoch()
    order = solver._order  # type: ignore[attr-defined]
    assert sorted(order) == list(range(planted.n_ratings))
    for k in order:
        n, m = planted.user_index[k], planted.item_index[k]
        to_u, to_v = objective.pair_gradients(float(planted.value[k]), U[n], V[m], 0.1)
        U[n], V[m] = U[n] - 0.02 * to_u, V[m] - 0.02 * to_v
    np.testing.assert_allclose(solver.model.user_factors, U, atol=2e-5)
    np.testing.assert_allclose(solver.model.item_factors, V, atol=2e-5)


def test_a_blocked_sgd_epoch_is_a_plain_loop_over_the_blocks(
    planted: Ratings, pool: WorkerPool
) -> None:
    solver = make("sgd", planted, pool, learning_rate=0.02, regularization=0.1)
    U = solver.model.user_factors.astype(np.float64)
    V = solver.model.item_factors.astype(np.float64)
    blocks = solver._blocks  # type: ignore[attr-defined]
    diagonals = copy.deepcopy(solver.rng).permutation(blocks.n_groups)
    solver.run_epoch()
    order = [k for diagonal in diagonals
             for begin, end in blocks._diagonal(int(diagonal)) for k in range(begin, end)]
    assert sorted(order) == list(range(planted.n_ratings))
    for k in order:
        n, m = blocks.users[k], blocks.items[k]
        to_u, to_v = objective.pair_gradients(float(blocks.values[k]), U[n], V[m], 0.1)
        U[n], V[m] = U[n] - 0.02 * to_u, V[m] - 0.02 * to_v
    np.testing.assert_allclose(solver.model.user_factors, U, atol=2e-5)
    np.testing.assert_allclose(solver.model.item_factors, V, atol=2e-5)


def test_gradient_descent_with_biases_steps_down_their_gradient_too(
    planted: Ratings, pool: WorkerPool
) -> None:
    solver = make("gradient-descent", planted, pool, learning_rate=0.001, biases=True,
                  regularization=0.2)
    model = solver.model.copy()
    model.user_bias[:] = np.linspace(-1, 1, planted.n_users)
    model.item_bias[:] = np.linspace(1, -1, planted.n_items)
    solver.begin_from(model)

    def total(place: str, at: int, shift: float) -> float:
        changed = {name: getattr(model, name).astype(np.float64)
                   for name in ("user_factors", "item_factors", "user_bias", "item_bias")}
        changed[place][at] += shift
        users, items = planted.user_index, planted.item_index
        predicted = (model.global_mean + changed["user_bias"][users] + changed["item_bias"][items]
                     + np.einsum("kf,kf->k", changed["user_factors"][users],
                                 changed["item_factors"][items]))
        squares = sum(float(np.sum(part**2)) for part in changed.values())
        return float(0.5 * np.sum((predicted - planted.value) ** 2) + 0.1 * squares)

    solver.run_epoch()
    for place, at in (("user_bias", 3), ("item_bias", 5)):
        slope = (total(place, at, 1e-5) - total(place, at, -1e-5)) / 2e-5
        moved = getattr(solver.model, place)[at] - getattr(model, place)[at]
        assert moved == pytest.approx(-0.001 * slope, rel=1e-3, abs=1e-6)


# What finds a matrix of rank 3 again: settings, and epochs. adagrad takes the mean off first, which
# a fourth factor puts back.
RECOVERING = {
    "gradient-descent": ({"n_factors": 3}, 3000),
    "sgd": ({"n_factors": 3, "learning_rate": 0.02, "decay": 1.0}, 500),
    "adagrad": ({"n_factors": 4, "biases": False, "learning_rate": 0.3, "initial_sd": 0.1}, 1500),
}


@pytest.mark.parametrize("name", RECOVERING)
def test_a_planted_low_rank_matrix_is_recovered(
    name: str, planted: Ratings, pool: WorkerPool
) -> None:
    values, n_epochs = RECOVERING[name]
    solver = make(name, planted, pool, regularization=0, **values)
    for _ in range(n_epochs):
        solver.run_epoch()
    rng = np.random.default_rng(7)
    full = rng.normal(0, 1, (60, 3)) @ rng.normal(0, 1, (40, 3)).T
    users, items = np.divmod(np.arange(full.size), 40)
    error = solver.model.predict(users, items, is_clipped=False) - full.ravel()
    # The cells that were never seen count too; the data has a spread of about 1.7.
    assert np.sqrt(np.mean(error**2)) < 0.05


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("biases", [False, True])
def test_the_same_seed_gives_the_same_bits_for_any_number_of_threads(
    name: str, biases: bool, shared_ratings: Ratings
) -> None:
    runs = []
    for n_threads in (1, 2, 3):
        with WorkerPool(n_threads) as pool:
            solver = make(name, shared_ratings, pool, biases=biases)
            for _ in range(2):
                solver.run_epoch()
            runs.append([*live_arrays(solver), *arrays_of(solver), np.array(loss_of(solver))])
    for other in runs[1:]:
        for one, two in zip(runs[0], other, strict=True):
            np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", SOLVERS)
def test_another_seed_gives_another_start(name: str, tiny: Ratings, pool: WorkerPool) -> None:
    one, other = (make(name, tiny, pool, seed=seed) for seed in (0, 1))
    for solver in (one, other):
        solver.run_epoch()
    assert (one.model.user_factors != other.model.user_factors).any()


@pytest.mark.parametrize("name", SOLVERS)
def test_a_run_from_a_saved_state_has_the_same_bits_as_one_never_interrupted(
    name: str, planted: Ratings, pool: WorkerPool
) -> None:
    whole = make(name, planted, pool, biases=True)
    for _ in range(3):
        whole.run_epoch()
    state = whole.state()
    for _ in range(3):
        whole.run_epoch()
    resumed = make(name, planted, pool, biases=True)
    resumed.restore(state)
    for _ in range(3):
        resumed.run_epoch()
    for one, two in zip(live_arrays(whole), live_arrays(resumed), strict=True):
        np.testing.assert_array_equal(one, two)
    assert loss_of(whole) == loss_of(resumed)
    assert whole.numbers() == resumed.numbers()


@pytest.mark.parametrize("name", SOLVERS)
def test_an_epoch_ended_half_way_can_be_taken_back(
    name: str, shared_ratings: Ratings, pool: WorkerPool
) -> None:
    solver = make(name, shared_ratings, pool)
    solver.run_epoch()
    state, before = solver.state(), loss_of(solver)
    calls = 0

    def checkpoint() -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        solver.run_epoch(checkpoint)
    solver.restore(state)
    assert loss_of(solver) == before


@pytest.mark.parametrize("name", SOLVERS)
def test_the_first_epochs_lower_the_stated_objective(
    name: str, planted: Ratings, pool: WorkerPool
) -> None:
    solver = make(name, planted, pool, regularization=0.1)
    losses = [loss_of(solver)]
    for _ in range(5):
        solver.run_epoch()
        losses.append(loss_of(solver))
    assert losses[-1] < losses[0]


def test_the_penalty_weighs_as_the_docstrings_say(planted: Ratings, pool: WorkerPool) -> None:
    once = make("gradient-descent", planted, pool, regularization=0.5)
    U, V = (part.astype(np.float64) for part in arrays_of(once)[:2])
    assert once.penalty() == pytest.approx(0.25 * (np.sum(U**2) + np.sum(V**2)))
    per_rating = make("sgd", planted, pool, regularization=0.5)
    users, items = planted.user_index, planted.item_index
    assert per_rating.penalty() == pytest.approx(0.25 * (np.sum(U[users]**2) + np.sum(V[items]**2)))


def test_the_default_rate_of_gradient_descent_is_a_fifth_of_two_over_sigma_max(
    planted: Ratings, pool: WorkerPool
) -> None:
    observed = np.zeros((planted.n_users, planted.n_items))
    observed[planted.user_index, planted.item_index] = planted.value
    largest = np.linalg.svd(observed, compute_uv=False)[0]
    solver = make("gradient-descent", planted, pool)
    assert solver.learning_rate == pytest.approx(0.2 * 2 / largest, rel=0.01)


@pytest.mark.parametrize("name", SOLVERS)
def test_rows_without_a_rating_are_predicted_by_what_is_known(
    name: str, planted: Ratings, pool: WorkerPool
) -> None:
    part = planted.take(np.flatnonzero(planted.user_index != 5))
    solver = make(name, part, pool, biases=True)
    solver.run_epoch()
    model = solver.model
    assert not model.user_factors[5].any()
    assert model.user_bias[5] == 0
    expected = model.global_mean + model.item_bias[2]
    found = model.predict(np.array([5, -1]), np.array([2, 2]), is_clipped=False)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("value", [0.0, 3.0, -2.0])
def test_constant_ratings_train_without_a_warning(
    name: str, value: float, pool: WorkerPool
) -> None:
    index, texts = np.arange(3, dtype=np.int32), TextArray.from_strings("abc")
    ratings = Ratings(index, index.copy(), np.full(3, value, np.float32), texts, texts)
    solver = make(name, ratings, pool)
    for _ in range(5):
        solver.run_epoch()
    assert np.isfinite(loss_of(solver))


@pytest.mark.parametrize("name", ["gradient-descent", "sgd"])
def test_a_rate_beyond_reason_makes_the_loss_infinite_or_nan_and_not_sound(
    name: str, planted: Ratings, pool: WorkerPool
) -> None:
    solver = make(name, planted, pool, learning_rate=1e9)
    for _ in range(4):
        solver.run_epoch()
    assert not np.isfinite(loss_of(solver))


def test_settings_belong_to_the_model(planted: Ratings, pool: WorkerPool) -> None:
    solver = make("sgd", planted, pool, clip=False)
    assert not solver.model.clip
    assert replace(solver.model, clip=True).predict(
        np.array([0]), np.array([0]))[0] <= planted.scale[1]
    assert not [each for each in threading.enumerate() if each.name.startswith("mfgui")]


@pytest.fixture(scope="session")
def shared_ratings() -> Ratings:
    """Return some 150,000 ratings: several blocks each way."""
    rng = np.random.default_rng(11)
    keys = np.unique(rng.integers(0, 2000 * 800, 160_000))
    return Ratings(
        (keys // 800).astype(np.int32), (keys % 800).astype(np.int32),
        rng.integers(1, 6, keys.size).astype(np.float32),
        TextArray.from_strings(map(str, range(2000))), TextArray.from_strings(map(str, range(800))))


def test_the_mean_of_a_model_taken_over_is_part_of_the_state(
    planted: Ratings, pool: WorkerPool
) -> None:
    for name in ("sgd", "gradient-descent"):
        one, other = (make(name, planted, pool, biases=True) for _ in range(2))
        one.begin_from(replace(one.model.copy(), global_mean=7.0))
        other.restore(one.state())
        assert other.model.global_mean == 7.0
