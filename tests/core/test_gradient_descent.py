"""Gradient-descent: centre, its state and threads, what it takes over, how a run of it goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import describe, does_apply
from mfgui.core.solvers.gradient_descent import STEPS, GradientDescent, GradientDescentSettings
from mfgui.training.events import EpochRecord, Notice
from mfgui.training.session import TrainingSession


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def make(ratings: Ratings, pool: WorkerPool, **values: Any) -> GradientDescent:
    settings = GradientDescentSettings(**{"n_factors": 4, **values})
    return GradientDescent(ratings, settings, pool, np.random.default_rng(settings.seed))


def with_values(ratings: Ratings, values: Any) -> Ratings:
    return Ratings(ratings.user_index, ratings.item_index, np.asarray(values, np.float32),
                   ratings.user_ids, ratings.item_ids)


@pytest.mark.parametrize("step", STEPS)
def test_centre_subtracts_the_mean_and_learns_no_biases(
    planted: Ratings, pool: WorkerPool, step: str
) -> None:
    shifted = with_values(planted, planted.value + 10)
    solver = make(shifted, pool, step=step, centre=True)
    start = solver.fit().loss
    for _ in range(30):
        solver.run_epoch()
    model = solver.model
    assert model.global_mean == pytest.approx(shifted.mean, rel=1e-6)
    assert not model.user_bias.any()
    assert not model.item_bias.any()
    assert solver.fit().loss < 0.5 * start


def test_without_centre_and_biases_there_is_no_mean(planted: Ratings, pool: WorkerPool) -> None:
    solver = make(with_values(planted, planted.value + 10), pool)
    assert solver.model.global_mean == 0


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("biases", [False, True])
def test_a_resumed_run_has_the_same_bits_whatever_the_step(
    planted: Ratings, pool: WorkerPool, step: str, biases: bool
) -> None:
    whole = make(planted, pool, step=step, biases=biases, learning_rate=0.01)

    def train(solver: GradientDescent) -> None:
        for _ in range(4):
            solver.run_epoch()
            solver.look_around()

    train(whole)
    state = whole.state()
    train(whole)
    resumed = make(planted, pool, step=step, biases=biases, learning_rate=0.01, seed=9)
    train(resumed)
    resumed.restore(state)
    train(resumed)
    for name, array in whole.arrays().items():
        np.testing.assert_array_equal(array, resumed.arrays()[name], err_msg=name)
    assert whole.numbers() == resumed.numbers()
    assert whole.step_taken == resumed.step_taken
    assert whole.fit() == resumed.fit()


@pytest.mark.parametrize("step", STEPS)
def test_every_step_has_the_same_bits_for_any_number_of_threads(step: str) -> None:
    rng = np.random.default_rng(11)
    keys = np.unique(rng.integers(0, 2000 * 800, 160_000))
    ratings = Ratings(
        (keys // 800).astype(np.int32), (keys % 800).astype(np.int32),
        rng.integers(1, 6, keys.size).astype(np.float32),
        TextArray.from_strings(map(str, range(2000))), TextArray.from_strings(map(str, range(800))))
    runs = []
    for n_threads in (1, 2, 3):
        with WorkerPool(n_threads) as pool:
            solver = make(ratings, pool, step=step, biases=True, regularization=1.0)
            for _ in range(3):
                solver.run_epoch()
                solver.look_around()
            runs.append((solver.state()["arrays"], solver.numbers(), solver.fit()))
    for arrays, numbers, fit in runs[1:]:
        for name, array in runs[0][0].items():
            np.testing.assert_array_equal(array, arrays[name], err_msg=name)
        assert (numbers, fit) == runs[0][1:]


@pytest.mark.parametrize("step", STEPS)
def test_a_state_of_another_step_is_gone_on_from_with_the_factors_alone(
    planted: Ratings, pool: WorkerPool, step: str
) -> None:
    for other in STEPS:
        before = make(planted, pool, step=other, regularization=0.3)
        for _ in range(3):
            before.run_epoch()
            before.look_around()
        state = before.state()
        after = make(planted, pool, step=step, regularization=0.3, seed=4)
        after.run_epoch()
        after.restore(state)
        np.testing.assert_array_equal(after.model.user_factors, before.model.user_factors)
        assert after.n_epochs_done == 3
        loss = after.fit().loss
        for _ in range(3):
            after.run_epoch()
        assert after.fit().loss < loss


@pytest.mark.parametrize("step", STEPS)
def test_a_model_taken_over_begins_without_the_steps_before(
    planted: Ratings, pool: WorkerPool, step: str
) -> None:
    model = make(planted, pool, seed=5, centre=True).model.copy()
    model = replace(model, global_mean=0.25)
    fresh, used = (make(planted, pool, step=step, centre=True, learning_rate=0.01)
                   for _ in range(2))
    for _ in range(4):
        used.run_epoch()
        used.look_around()
    for solver in (fresh, used):
        solver.take_model(model)
        for _ in range(3):
            solver.run_epoch()
    assert fresh.model.global_mean == used.model.global_mean == 0.25
    np.testing.assert_array_equal(fresh.model.user_factors, used.model.user_factors)
    np.testing.assert_array_equal(fresh.model.item_factors, used.model.item_factors)


def test_a_mean_taken_over_belongs_to_the_state(planted: Ratings, pool: WorkerPool) -> None:
    solver = make(planted, pool, centre=True)
    solver.take_model(replace(solver.model.copy(), global_mean=0.25))
    again = make(planted, pool, centre=True)
    again.restore(solver.state())
    assert again.model.global_mean == 0.25
    solver.run_epoch()
    again.run_epoch()
    np.testing.assert_array_equal(solver.model.user_factors, again.model.user_factors)


def test_what_the_settings_would_lose_is_refused_with_the_switch_to_set(
    planted: Ratings, pool: WorkerPool
) -> None:
    plain = make(planted, pool).model.copy()
    with_mean = replace(plain, global_mean=3.0)
    with_biases = replace(with_mean, user_bias=np.ones_like(plain.user_bias))

    def refusal(model: Any, **values: Any) -> str:
        return GradientDescent.refusal(model, GradientDescentSettings(n_factors=4, **values))

    assert refusal(plain) == refusal(plain, centre=True) == ""
    assert "switch Centre on" in refusal(with_mean)
    assert refusal(with_mean, centre=True) == refusal(with_mean, biases=True) == ""
    assert "switch Biases on" in refusal(with_biases, centre=True)
    assert refusal(with_biases, biases=True) == ""


def test_a_setting_applies_where_it_does_something() -> None:
    infos = {info.name: info for info in describe(GradientDescentSettings)}
    for step in STEPS:
        applies = does_apply(infos["learning_rate"], {"step": step})
        assert applies == (step in ("fixed", "adam"))
    assert does_apply(infos["centre"], {"biases": False})
    assert not does_apply(infos["centre"], {"biases": True})


def test_the_bytes_needed_count_what_each_step_keeps() -> None:
    needed = {step: GradientDescent.bytes_needed(
        1000, 500, 20_000, GradientDescentSettings(step=step)) for step in STEPS}
    assert needed["line-search"] < needed["fixed"] < needed["adam"]
    assert needed["adam"] == needed["conjugate-gradient"]
    vector = 4 * 1500 * 33
    assert needed["line-search"] == 8 * 20_000 + 11 * vector


def records_of(session: TrainingSession) -> tuple[list[EpochRecord], list[Notice]]:
    events = list(session.epochs())
    return ([event for event in events if isinstance(event, EpochRecord)],
            [event for event in events if isinstance(event, Notice)])


def test_a_run_tells_the_step_of_each_epoch_and_ends_with_the_reason(tiny: Ratings) -> None:
    settings = GradientDescentSettings(
        n_factors=2, step="conjugate-gradient", regularization=1.0, validation=0.0, n_epochs=3000)
    session = TrainingSession("gradient-descent", settings, tiny)
    records, notices = records_of(session)
    assert records[0].learning_rate is None
    steps = [record.learning_rate for record in records[1:-1]]
    assert all(steps)
    assert len(set(steps)) > 5
    assert notices[-1].text == "No step down the gradient lowers the loss any further."
    assert notices[-1].epoch == records[-1].epoch < 3000
    assert session.result is not None
    assert session.result.learning_rate is None


def test_without_a_rate_the_guard_halves_nothing_and_says_so(
    planted: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_epoch = GradientDescent.run_epoch

    def broken(self: GradientDescent, *arguments: Any) -> None:
        run_epoch(self, *arguments)
        if self.n_epochs_done == 4 and planted.n_ratings == self.ratings.n_ratings:
            self.arrays()["user_factors"][0, 0] = np.nan

    monkeypatch.setattr(GradientDescent, "run_epoch", broken)
    settings = GradientDescentSettings(n_factors=2, step="line-search", validation=0.0, n_epochs=9)
    session = TrainingSession("gradient-descent", settings, planted)
    records, notices = records_of(session)
    assert [record.epoch for record in records] == [0, 1, 2, 3]
    assert [notice.kind for notice in notices] == ["error"]
    assert "has no learning rate to lower" in notices[0].text
    assert session.result is not None
    assert np.isfinite(session.result.model.user_factors).all()


def test_the_limit_is_told_in_the_epochs_that_measured_it(planted: Ratings) -> None:
    settings = GradientDescentSettings(n_factors=2, validation=0.0, n_epochs=45)
    records, _ = records_of(TrainingSession("gradient-descent", settings, planted))
    assert [r.epoch for r in records if r.rate_limit is not None] == [1, 41]
