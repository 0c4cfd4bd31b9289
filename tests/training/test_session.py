"""A run without a screen: records, stopping, divergence, refit, training on."""

from __future__ import annotations

import itertools
import math
import re
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.core.parallel import no_checkpoint
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import SOLVERS
from mfgui.core.splits import hold_out
from mfgui.errors import SettingsError, TrainingError
from mfgui.training.events import (
    Baselines,
    EpochRecord,
    Notice,
    RunResult,
    Snapshot,
    Split,
    StopReason,
)
from mfgui.training.measures import watched
from mfgui.training.session import TrainingSession

# Those that train one model; an average has tests of its own.
SINGLE = [name for name, each in SOLVERS.items() if not hasattr(each.settings_type, "n_members")]


def settings_for(solver: str, **values: Any) -> RunSettings:
    return SOLVERS[solver].settings_type(**{
        "n_factors": 4, "n_epochs": 6, "patience": 0, "refit": False, **values})


def run(solver: str, ratings: Ratings, **values: Any) -> tuple[list[Any], RunResult]:
    options = {key: values.pop(key) for key in ("test", "start") if key in values}
    session = TrainingSession(solver, settings_for(solver, **values), ratings, **options)
    events = list(session.epochs())
    assert isinstance(events[-1], RunResult)
    assert session.result is events[-1]
    return events, events[-1]


def records(events: list[Any]) -> list[EpochRecord]:
    return [event for event in events if isinstance(event, EpochRecord)]


@pytest.mark.parametrize("solver", SINGLE)
def test_record_zero_comes_first_then_one_record_an_epoch(solver: str, planted: Ratings) -> None:
    events, result = run(solver, planted)
    told = records(events)
    assert [record.epoch for record in told] == list(range(7))
    assert told[0].train_seconds == 0
    assert all(one.train_seconds < two.train_seconds
               for one, two in itertools.pairwise(told))
    assert result.history == tuple(told)
    assert result.stopped_because is StopReason.FINISHED
    assert result.n_epochs_run == 6


@pytest.mark.parametrize("solver", SINGLE)
def test_figures_belong_to_the_kept_model(solver: str, planted: Ratings) -> None:
    _, result = run(solver, planted, validation=0.2, patience=3, n_epochs=30)
    kept = result.history[result.kept_epoch]
    assert kept.epoch == result.best_epoch
    assert result.validation_rmse == kept.validation_rmse
    assert result.train_rmse == kept.train_rmse
    assert result.last_record == kept
    assert watched(kept) == min(watched(record) for record in result.history)


def test_a_record_agrees_with_the_model_it_was_measured_on(planted: Ratings) -> None:
    _, result = run("sgd", planted, validation=0)
    predicted = result.model.predict(planted.user_index, planted.item_index, is_clipped=False)
    squares = np.square(predicted.astype(np.float64) - planted.value)
    assert result.history[-1].data_term == pytest.approx(0.5 * squares.sum(), rel=1e-5)
    shown = result.model.predict(planted.user_index, planted.item_index)
    assert result.train_rmse == pytest.approx(
        math.sqrt(np.mean(np.square(shown.astype(np.float64) - planted.value))), rel=1e-5)


def test_without_validation_the_last_epoch_is_kept(planted: Ratings) -> None:
    _, result = run("sgd", planted, validation=0, patience=2)
    assert result.validation_rmse is None
    assert (result.kept_epoch, result.best_epoch) == (6, 6)


def test_patience_ends_a_run_that_gets_no_better(planted: Ratings) -> None:
    noisy = Ratings(planted.user_index, planted.item_index,
                    np.random.default_rng(0).normal(size=planted.n_ratings).astype(np.float32),
                    planted.user_ids, planted.item_ids)
    _, result = run("sgd", noisy, patience=3, n_epochs=500, regularization=0, learning_rate=0.1)
    assert result.stopped_because is StopReason.EARLY_STOPPING
    assert result.n_epochs_run == result.best_epoch + 3
    assert result.kept_epoch == result.best_epoch


def test_the_same_seed_gives_the_same_history_whatever_the_threads(planted: Ratings) -> None:
    def figures(n_threads: int) -> list[tuple[float, float | None]]:
        _, result = run("gradient-descent", planted, n_threads=n_threads)
        return [(record.loss, record.validation_rmse) for record in result.history]

    assert figures(1) == figures(2) == figures(3)


def test_stop_keeps_the_last_whole_epoch(planted: Ratings) -> None:
    session = TrainingSession("sgd", settings_for("sgd", n_epochs=1000), planted)
    told = []
    for event in session.epochs():
        told.append(event)
        if isinstance(event, EpochRecord) and event.epoch == 3:
            session.stop()
    assert session.result is not None
    assert session.result.stopped_because is StopReason.STOPPED
    assert session.result.kept_epoch == 3


def test_stop_before_the_first_epoch_still_has_a_model(planted: Ratings) -> None:
    session = TrainingSession("sgd", settings_for("sgd"), planted)
    session.stop()
    events = list(session.epochs())
    assert [record.epoch for record in records(events)] == [0]
    assert events[-1].stopped_because is StopReason.STOPPED


def test_pause_holds_the_run_until_it_is_resumed_or_stopped(planted: Ratings) -> None:
    session = TrainingSession("sgd", settings_for("sgd", n_epochs=1_000_000), planted)
    told: list[EpochRecord] = []
    seen = threading.Event()

    def work() -> None:
        for event in session.epochs():
            if isinstance(event, EpochRecord):
                told.append(event)
                if event.epoch == 5:
                    session.pause()
                    seen.set()

    thread = threading.Thread(target=work)
    thread.start()
    assert seen.wait(60)
    thread.join(0.2)
    assert thread.is_alive()
    assert told[-1].epoch == 5
    session.stop()
    thread.join(60)
    assert not thread.is_alive()
    assert session.result is not None
    assert session.result.kept_epoch == 5


# Rates that provoke a divergence on the planted ratings.
PROVOKING = {"gradient-descent": 0.5, "sgd": 0.5, "adagrad": 5.0, "svd++": 5.0, "nmf": 5.0}


def warnings_of(events: list[Any]) -> list[Notice]:
    return [event for event in events if isinstance(event, Notice) and event.kind == "warning"]


@pytest.mark.parametrize("solver", PROVOKING)
def test_a_divergence_goes_back_halves_the_rate_and_goes_on(solver: str, planted: Ratings) -> None:
    rate = PROVOKING[solver]
    events, result = run(solver, planted, learning_rate=rate, n_epochs=60, validation=0)
    assert result.stopped_because is StopReason.FINISHED
    told = warnings_of(events)
    assert told
    assert [record.epoch for record in records(events)] == list(range(61))
    assert all(math.isfinite(record.loss) for record in records(events))
    match = re.fullmatch(
        r"epoch (\d+): the loss .*; back to epoch (\d+), rate (\S+) to (\S+)\.", told[0].text)
    assert match
    assert told[0].epoch == int(match[1])
    assert float(match[4]) == pytest.approx(float(match[3]) / 2, rel=0.05)
    last = records(events)[-1].learning_rate
    assert last is not None
    assert last <= rate / 2 ** len(told) * (1 + 1e-9)
    assert result.train_loss < records(events)[0].loss


@pytest.mark.parametrize("solver", PROVOKING)
def test_without_the_guard_a_divergence_stops_with_sound_factors(
    solver: str, planted: Ratings
) -> None:
    rate = PROVOKING[solver]
    events, result = run(
        solver, planted, learning_rate=rate, n_epochs=200, validation=0, guard=False)
    assert result.stopped_because is StopReason.DIVERGED
    assert np.isfinite(result.model.user_factors).all()
    assert math.isfinite(result.train_loss)
    assert result.train_loss <= 1.05 * min(record.loss for record in records(events))
    (notice,) = [event for event in events
                 if isinstance(event, Notice) and event.kind == "error"]
    assert notice.kind == "error"
    assert notice.remedy_settings == (("learning_rate", rate / 2),)
    assert f"{rate / 2:g}" in notice.text


def test_after_ten_halved_rates_the_run_ends_with_a_sentence(planted: Ratings) -> None:
    events, result = run("sgd", planted, learning_rate=1e9, n_epochs=20, validation=0)
    assert result.stopped_because is StopReason.DIVERGED
    assert len(warnings_of(events)) == 10
    (error,) = [event for event in events if isinstance(event, Notice) and event.kind == "error"]
    assert "halved 10 times" in error.text
    # All the rates from the start's on were tried: the remedy is half of the last one.
    assert error.remedy_settings == (("learning_rate", float(f"{1e9 / 2 ** 11:.2g}")),)
    assert "was 980000: try 490000" in error.text
    assert np.isfinite(result.model.user_factors).all()


def broken(solver: str) -> Any:
    """Return a solver whose first array gets a NaN once, at the end of the third epoch."""

    class Broken(SOLVERS[solver]):  # type: ignore[misc]
        has_broken = False

        def run_epoch(self, checkpoint: Any = no_checkpoint) -> None:
            super().run_epoch(checkpoint)
            if self.n_epochs_done == 3 and not self.has_broken:
                self.has_broken = True
                for array in self.arrays().values():
                    if array.dtype == np.float32:
                        array.flat[0] = np.nan
                self.n_epochs_done = 3  # as a solver does last: the model is made anew

    return Broken


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_nan_in_the_factors_is_gone_back_from_or_stops_what_has_no_rate(
    solver: str, planted: Ratings
) -> None:
    settings = settings_for(solver, validation=0)
    events = list(TrainingSession(broken(solver), settings, planted).epochs())
    result = events[-1]
    assert isinstance(result, RunResult)
    assert np.isfinite(result.model.user_factors).all()
    assert all(math.isfinite(record.loss) for record in records(events))
    told = [event for event in events if isinstance(event, Notice) and event.epoch == 3]
    assert "not a finite number" in told[0].text
    if records(events)[0].learning_rate is None:
        assert told[0].kind == "error"
        assert "no learning rate to lower" in told[0].text
        assert result.stopped_because is StopReason.DIVERGED
    else:
        assert told[0].kind == "warning"
        assert "; back to epoch" in told[0].text
        assert result.stopped_because is StopReason.FINISHED


def test_what_is_gone_back_to_has_accumulators_and_all(planted: Ratings) -> None:
    settings = settings_for("adagrad", validation=0)
    events = list(TrainingSession(broken("adagrad"), settings, planted).epochs())
    # Up to there the bits are those of a run in which nothing broke, then the rate is half.
    plain, _ = run("adagrad", planted, validation=0)
    assert [record.epoch for record in records(events)] == list(range(7))
    assert records(events)[2].loss == records(plain)[2].loss
    assert records(events)[3].learning_rate == pytest.approx(0.025)
    halved, _ = run("adagrad", planted, validation=0, learning_rate=0.025)
    assert records(events)[3].loss != records(halved)[3].loss


def test_refit_trains_on_all_ratings_for_the_best_number_of_epochs(planted: Ratings) -> None:
    events, result = run("sgd", planted, refit=True, validation=0.3, patience=4, n_epochs=40)
    assert result.is_refit
    again = [record for record in records(events) if record.is_refit]
    assert [record.epoch for record in again] == list(range(result.best_epoch + 1))
    assert {record.segment for record in again} == {1}
    before = [record for record in records(events) if not record.is_refit]
    assert result.validation_rmse == before[result.best_epoch].validation_rmse
    assert again[-1].validation_rmse is None
    _, whole = run("sgd", planted, validation=0, n_epochs=result.best_epoch)
    np.testing.assert_array_equal(whole.model.user_factors, result.model.user_factors)


def test_a_refit_that_is_stopped_leaves_the_model_from_before_it(planted: Ratings) -> None:
    session = TrainingSession("sgd", settings_for("sgd", refit=True, n_epochs=30), planted)
    events = []
    for event in session.epochs():
        events.append(event)
        if isinstance(event, EpochRecord) and event.is_refit and event.epoch == 1:
            session.stop()
    assert not events[-1].is_refit
    assert events[-1].kept_epoch == 30
    assert "did not finish" in events[-1].note


def test_training_on_has_the_same_bits_as_training_longer(planted: Ratings) -> None:
    _, first = run("sgd", planted, n_epochs=4)
    events, second = run("sgd", planted, n_epochs=3, start=first)
    _, whole = run("sgd", planted, n_epochs=7)
    np.testing.assert_array_equal(second.model.user_factors, whole.model.user_factors)
    assert [record.epoch for record in records(events)] == [4, 5, 6, 7]
    assert {record.segment for record in records(events)} == {1}
    assert len(second.history) == 5 + 4


def test_training_on_may_change_the_rate_but_not_what_the_factors_depend_on(
    planted: Ratings, tiny: Ratings
) -> None:
    _, first = run("sgd", planted)
    run("sgd", planted, start=first, learning_rate=0.001)
    with pytest.raises(SettingsError, match="n_factors"):
        run("sgd", planted, start=first, n_factors=5)
    with pytest.raises(SettingsError, match="seed"):
        run("sgd", planted, start=first, seed=1)
    with pytest.raises(TrainingError, match="other ratings"):
        run("sgd", tiny, start=first)


def test_training_on_with_more_regularization_is_no_divergence(planted: Ratings) -> None:
    _, first = run("als", planted, regularization=0.001)
    events, second = run("als", planted, start=first, regularization=5.0)
    assert second.train_loss > 1.5 * first.train_loss
    assert second.stopped_because is StopReason.FINISHED
    assert not [event for event in events if isinstance(event, Notice) and event.kind == "error"]


def test_a_rate_asked_for_when_training_on_is_not_halved_by_what_came_before(
    planted: Ratings
) -> None:
    _, first = run("gradient-descent", planted, learning_rate=0.5, validation=0)
    last = first.history[-1].learning_rate
    assert last is not None
    assert last < 0.5  # the guard halved it
    asked_for = 0.25 * last
    events, _ = run("gradient-descent", planted, start=first, learning_rate=asked_for,
                    validation=0)
    assert {record.learning_rate for record in records(events)} == {asked_for}
    events, _ = run("gradient-descent", planted, start=first, learning_rate=0.5, validation=0)
    assert {record.learning_rate for record in records(events)} == {last}


@pytest.mark.parametrize("solver", SINGLE)
def test_a_run_stopped_and_trained_on_is_the_run_that_was_never_stopped(
    solver: str, planted: Ratings
) -> None:
    noise = np.random.default_rng(5).normal(size=planted.n_ratings).astype(np.float32)
    noisy = Ratings(planted.user_index, planted.item_index, planted.value + noise,
                    planted.user_ids, planted.item_ids)
    values = {"validation": 0.2, "patience": 3, "n_epochs": 12, "refit": True}
    _, whole = run(solver, noisy, **values)
    session = TrainingSession(solver, settings_for(solver, **values), noisy)
    for event in session.epochs():
        if isinstance(event, EpochRecord) and event.epoch == min(whole.best_epoch + 1, 5):
            session.stop()
    first = session.result
    assert first is not None
    assert first.stopped_because is StopReason.STOPPED
    done = first.history[-1].epoch
    values["n_epochs"] = 12 - done
    _, second = run(solver, noisy, start=first, **values)
    # Early stopping counts on, the best epoch may lie before the stop, and the refit follows.
    assert second.stopped_because is whole.stopped_because
    assert (second.best_epoch, second.kept_epoch) == (whole.best_epoch, whole.kept_epoch)
    assert second.is_refit == whole.is_refit
    assert second.validation_rmse == whole.validation_rmse
    np.testing.assert_array_equal(second.model.user_factors, whole.model.user_factors)
    np.testing.assert_array_equal(second.model.item_factors, whole.model.item_factors)


def test_another_solver_goes_on_from_the_factors(planted: Ratings) -> None:
    _, first = run("sgd", planted, biases=True)
    events, result = run("adagrad", planted, start=first, n_epochs=3)
    told = records(events)
    assert [record.epoch for record in told] == [6, 7, 8, 9]
    assert {record.segment for record in told} == {1}
    # What sgd ended with is what adagrad begins from; float32 factors, converted and back.
    assert told[0].train_rmse == pytest.approx(first.train_rmse, rel=1e-4)
    assert result.history[:7] == first.history
    assert "Going on from the factors of" in next(
        event.text for event in events if isinstance(event, Notice))


def test_another_solver_that_would_lose_something_says_so(planted: Ratings) -> None:
    _, first = run("adagrad", planted)
    with pytest.raises(TrainingError, match="biases"):
        run("gradient-descent", planted, start=first)
    with pytest.raises(TrainingError, match="set Factors to 4 to go on"):
        run("sgd", planted, start=first, n_factors=3, biases=True)


def test_the_baselines_come_first_and_belong_to_the_training_part(planted: Ratings) -> None:
    events, result = run("sgd", planted, validation=0.2)
    split, baselines = events[:2]
    assert isinstance(split, Split)
    assert isinstance(baselines, Baselines)
    assert result.baselines == baselines
    np.testing.assert_array_equal(split.held_out, hold_out(planted.n_ratings, 0.2, 0)[1])
    trained, held_out = hold_out(planted.n_ratings, 0.2, 0)
    errors = planted.value[held_out] - planted.value[trained].mean(dtype=np.float64)
    assert baselines.mean_validation == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-5)
    assert baselines.mean_test is None
    assert baselines.bias_validation is not None


def test_a_test_file_is_matched_by_id_and_the_unseen_are_counted(planted: Ratings) -> None:
    test = Ratings(
        np.array([0, 0, 1], np.int32), np.array([0, 1, 0], np.int32),
        np.array([1, 2, 3], np.float32),
        TextArray.from_strings(["u3", "nobody"]), TextArray.from_strings(["i2", "nothing"]))
    _, result = run("sgd", planted, test=test, biases=True)
    assert result.n_test == 3
    assert result.n_unseen_test == 2
    assert result.test_rmse is not None
    model = result.model
    known = model.predict(np.array([3]), np.array([2]))[0]
    user_only = model.predict(np.array([3]), np.array([-1]))[0]
    item_only = model.predict(np.array([-1]), np.array([2]))[0]
    expected = np.sqrt(np.mean([(known - 1) ** 2, (user_only - 2) ** 2, (item_only - 3) ** 2]))
    assert result.test_rmse == pytest.approx(float(expected), rel=1e-5)


def test_a_snapshot_comes_once_for_each_request_and_is_a_copy(planted: Ratings) -> None:
    session = TrainingSession("sgd", settings_for("sgd"), planted)
    snapshots = []
    for event in session.epochs():
        if isinstance(event, EpochRecord) and event.epoch in (1, 2):
            session.request_snapshot()
            session.request_snapshot()
        if isinstance(event, Snapshot):
            snapshots.append(event)
    assert [snapshot.epoch for snapshot in snapshots] == [1, 2]
    assert session.result is not None
    assert (snapshots[0].model.user_factors != session.result.model.user_factors).any()


@pytest.mark.parametrize("n_ratings", [1, 2])
def test_a_share_that_leaves_nothing_is_refused_in_one_sentence(n_ratings: int) -> None:
    index, texts = np.arange(n_ratings, dtype=np.int32), TextArray.from_strings("ab")
    ratings = Ratings(index, index.copy(), np.ones(n_ratings, np.float32), texts, texts)
    with pytest.raises(TrainingError, match="validation share to 0"):
        TrainingSession("sgd", settings_for("sgd", validation=0.1), ratings)
    _, result = run("sgd", ratings, validation=0)
    assert math.isfinite(result.train_loss)


def test_no_ratings_are_refused() -> None:
    nothing, texts = np.empty(0, np.int32), TextArray.from_strings("a")
    ratings = Ratings(nothing, nothing.copy(), np.empty(0, np.float32), texts, texts)
    with pytest.raises(TrainingError, match="no ratings"):
        TrainingSession("sgd", settings_for("sgd"), ratings)


def test_more_factors_than_memory_holds_are_refused_before_they_are_made(
    planted: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mfgui.core.memory.available_bytes", lambda: 1_000_000)
    with pytest.raises(TrainingError, match=r"n_factors"):
        TrainingSession("sgd", settings_for("sgd", n_factors=1_000_000), planted)


@pytest.mark.parametrize("value", [1e30, 1e-30, -5.0])
def test_ratings_of_any_size_end_in_finite_numbers(value: float, planted: Ratings) -> None:
    ratings = Ratings(planted.user_index, planted.item_index,
                      np.full(planted.n_ratings, value, np.float32),
                      planted.user_ids, planted.item_ids)
    for solver in SOLVERS:
        _, result = run(solver, ratings)
        assert math.isfinite(result.train_loss)
        assert np.isfinite(result.model.user_factors).all()


def test_sgd_with_biases_reaches_the_rmse_it_must_on_movielens(shared_data: Path) -> None:
    from mfgui.data.reader import open_ratings

    ratings, _ = open_ratings(shared_data / "ml-100k" / "u.data")
    settings = SOLVERS["sgd"].settings_type(biases=True, n_factors=32, validation=0.1, seed=0)
    result = None
    for event in TrainingSession("sgd", settings, ratings).epochs():
        result = event
    assert isinstance(result, RunResult)
    assert result.validation_rmse is not None
    assert result.validation_rmse <= 0.92


def test_gradient_descent_falls_monotonically_on_movielens(shared_data: Path) -> None:
    from mfgui.data.reader import open_ratings

    ratings, _ = open_ratings(shared_data / "ml-100k" / "u.data")
    settings = SOLVERS["gradient-descent"].settings_type(n_epochs=200, n_threads=2)
    events = list(TrainingSession("gradient-descent", settings, ratings).epochs())
    losses = [record.loss for record in records(events)]
    assert len(losses) == 201
    assert all(after < before for before, after in itertools.pairwise(losses))


def test_training_on_obeys_a_changed_clip(planted: Ratings) -> None:
    _, first = run("sgd", planted)
    _, second = run("sgd", planted, start=first, clip=False)
    assert first.model.clip
    assert not second.model.clip


def test_a_refit_that_was_stopped_says_so(planted: Ratings) -> None:
    session = TrainingSession("sgd", settings_for("sgd", refit=True, n_epochs=30), planted)
    for event in session.epochs():
        if isinstance(event, EpochRecord) and event.is_refit:
            session.stop()
    assert session.result is not None
    assert session.result.stopped_because is StopReason.STOPPED


def test_waiting_does_not_count_as_training_however_often(planted: Ratings) -> None:
    session = TrainingSession("gradient-descent", settings_for("gradient-descent"), planted)
    control, waits = session.control, []
    real = control.checkpoint

    def wait_a_moment() -> None:
        if control.is_paused:
            waits.append(True)
            threading.Timer(0.05, control.resume).start()
        real()

    control.checkpoint = wait_a_moment  # type: ignore[method-assign]
    begin = time.perf_counter()
    for event in session.epochs():
        if isinstance(event, EpochRecord):
            control.pause()
    whole = time.perf_counter() - begin
    assert len(waits) >= 6
    assert session.result is not None
    assert session.result.train_seconds < whole - 0.04 * len(waits)
