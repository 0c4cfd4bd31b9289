"""A run goes on from where it stood to the bits and records of one never interrupted."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import SOLVERS
from mfgui.errors import MfguiError, TrainingError
from mfgui.training.events import EpochRecord, Notice, RunResult, StopReason
from mfgui.training.result_tree import result_from_tree, result_to_tree
from mfgui.training.run_state import RunState
from mfgui.training.session import TrainingSession

VALUES: dict[str, Any] = {"n_factors": 4, "n_epochs": 9, "patience": 3, "refit": True,
                          "validation": 0.2}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: (name, {"n_members": 3, "kind": "svd++", "other_kind": "gradient-descent"}
              if hasattr(each.settings_type, "n_members") else {})
       for name, each in SOLVERS.items()},
    **{f"gradient-descent by {step}": ("gradient-descent", {"step": step})
       for step in ("line-search", "conjugate-gradient", "adam")},
    "sgd shuffled": ("sgd", {"order": "shuffled"}),
    "without early stopping": ("adagrad", {"patience": 0, "n_epochs": 6}),
    "nothing held out": ("als", {"validation": 0.0, "n_epochs": 5}),
    # Rates that provoke divergences on these ratings.
    "sgd, halved": ("sgd", {"learning_rate": 0.5, "patience": 0, "n_epochs": 30}),
    "svd++, halved": ("svd++", {"learning_rate": 5.0, "patience": 0, "n_epochs": 30}),
    "gradient-descent, halved": (
        "gradient-descent", {"learning_rate": 0.5, "patience": 0, "n_epochs": 12}),
    "diverged": ("sgd", {"learning_rate": 1e9, "patience": 0}),
    "no lower step": ("gradient-descent", {
        "step": "conjugate-gradient", "n_epochs": 400, "n_factors": 1, "patience": 0,
        "regularization": 50.0}),
    "average of adagrad": ("average", {"n_members": 2, "kind": "adagrad", "n_epochs": 5}),
}


@pytest.fixture(scope="module")
def noisy() -> Ratings:
    from tests.conftest import make_ratings

    rng = np.random.default_rng(7)
    full = rng.normal(0, 1, (60, 3)) @ rng.normal(0, 1, (40, 3)).T + rng.normal(0, 1, (60, 40))
    users, items = np.nonzero(rng.random(full.shape) < 0.5)
    return make_ratings({(int(n), int(m)): float(full[n, m])
                         for n, m in zip(users, items, strict=True)}, 60, 40)


def settings_of(case: str) -> tuple[str, RunSettings]:
    solver, values = CASES[case]
    return solver, SOLVERS[solver].settings_type(**{**VALUES, **values})


def watched_run(
    solver: str, settings: RunSettings, ratings: Ratings, **options: Any
) -> tuple[list[Any], list[RunState]]:
    """Return the events of a run that tells where it stands after every epoch, and the states."""
    control = Control()
    control.request_state()
    events: list[Any] = []
    states = []
    for event in TrainingSession(solver, settings, ratings, control=control, **options).epochs():
        if isinstance(event, RunState):
            states.append(event)
        else:
            events.append(event)
        control.request_state()
    return events, states


def timeless(record: EpochRecord) -> EpochRecord:
    return replace(record, train_seconds=0.0)


def told_after(events: list[Any], state: RunState) -> list[Any]:
    """Return the records and notices from the record of a state on, times aside."""
    at = events.index(state.members.last)
    return [timeless(event) if isinstance(event, EpochRecord) else event
            for event in events[at:] if isinstance(event, (EpochRecord, Notice))]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every number and array in nested values with its place."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, f"{path}/{key}")
    elif isinstance(value, (list, tuple)):
        for position, each in enumerate(value):
            yield from leaves(each, f"{path}/{position}")
    else:
        yield path, value


def written(value: Any) -> Any:
    """Return a tree as one reads it from a file: everything its own."""
    return copy.deepcopy(value)


def assert_same_tree(one: Any, other: Any) -> None:
    """Check that two trees are the same to the bit, times aside."""
    for (path, left), (other_path, right) in zip(leaves(one), leaves(other), strict=True):
        assert path == other_path
        if "train_seconds" in path:
            continue
        if isinstance(left, np.ndarray):
            assert left.dtype == right.dtype
            assert left.tobytes() == right.tobytes(), path
        else:
            assert left == right or (left != left and right != right), path


def assert_same_result(one: RunResult, other: RunResult) -> None:
    """Check that two results are the same to the bit, times aside."""
    # Which arrays are one object may differ; what stands in each place may not.
    assert_same_tree(placed(result_to_tree(one)), placed(result_to_tree(other)))
    assert [timeless(each) for each in one.history] == [timeless(each) for each in other.history]
    assert one.settings == other.settings
    np.testing.assert_array_equal(one.held_out, other.held_out)  # type: ignore[arg-type]


def placed(tree: Any) -> Any:
    """Return the value of a tree with each array in the place where it is named."""
    def put(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"array"} and isinstance(value["array"], int):
                return tree["arrays"][value["array"]]
            return {key: put(each) for key, each in value.items()}
        return [put(each) for each in value] if isinstance(value, list) else value

    return put(tree["value"])


def from_file(state: RunState, settings: RunSettings, events: list[Any]) -> RunState:
    """Return a state that was written and read again, beside all the records there are."""
    origin = () if state.origin is None else state.origin.history
    history = [*origin, *(event for event in events if isinstance(event, EpochRecord))]
    return RunState.from_tree(written(state.to_tree()), settings, history, state.held_out)


@pytest.mark.parametrize("case", CASES)
def test_a_run_cut_anywhere_goes_on_to_the_same_bits_and_records(
    case: str, noisy: Ratings
) -> None:
    solver, settings = settings_of(case)
    events, states = watched_run(solver, settings, noisy)
    whole = events[-1]
    n_records = sum(isinstance(event, EpochRecord) for event in events)
    assert len(states) == n_records
    picked = {0, 1, n_records // 3, n_records // 2, 2 * n_records // 3, n_records - 2,
              n_records - 1}
    segments = [state.members.last.segment for state in states]
    picked |= {segments.index(segment) for segment in set(segments)}  # each one's record 0
    picked |= {segments.index(segment) - 1 for segment in set(segments) - {0}}  # and the end
    for at in sorted(place for place in picked if 0 <= place < n_records):
        state = from_file(states[at], settings, events)
        told = list(TrainingSession(solver, settings, noisy, resume=state).epochs())
        assert_same_result(told[-1], whole)
        assert told_after(told, told_state(told, state)) == told_after(events, states[at])


def told_state(told: list[Any], state: RunState) -> RunState:
    """Return the state with the first record of a run that went on from it, which is its own."""
    first = next(event for event in told if isinstance(event, EpochRecord))
    assert first == state.members.last  # its times too
    return state


def test_the_cases_meet_halvings_early_stops_and_steps_that_find_no_lower_point(
    noisy: Ratings
) -> None:
    def ended(case: str) -> tuple[list[Any], RunResult]:
        events, _ = watched_run(*settings_of(case), noisy)
        return events, events[-1]

    for case in ("sgd, halved", "svd++, halved", "gradient-descent, halved"):
        events, result = ended(case)
        assert any(isinstance(event, Notice) and "back to epoch" in event.text
                   for event in events)
        assert result.is_refit
    assert ended("diverged")[1].stopped_because is StopReason.DIVERGED
    _, result = ended("no lower step")
    assert result.n_epochs_run < 400
    assert any(ended(solver)[1].stopped_because is StopReason.EARLY_STOPPING
               for solver in SOLVERS)


@pytest.mark.parametrize("before", ["sgd", "als", "refitted adagrad", "stopped adagrad"])
def test_a_run_that_trains_on_from_another_goes_on_without_that_one(
    before: str, noisy: Ratings
) -> None:
    solver = before.split()[-1]
    values = {**VALUES, "refit": before.startswith("refitted"), "patience": 0, "n_epochs": 4}
    first = TrainingSession(solver, SOLVERS[solver].settings_type(**values), noisy)
    for event in first.epochs():
        if isinstance(event, EpochRecord) and before.startswith("stopped") and event.epoch == 2:
            first.stop()
    start = first.result
    assert start is not None
    second = "sgd" if before == "sgd" else "adagrad"
    settings = SOLVERS[second].settings_type(**{
        **VALUES, "refit": True, "patience": 0, "n_epochs": 5,
        **({"biases": True} if "biases" in values else {})})
    events, states = watched_run(second, settings, noisy, start=start)
    assert len(states) == sum(isinstance(event, EpochRecord) for event in events)
    for at in (0, 2, len(states) - 1):
        state = from_file(states[at], settings, events)
        told = list(TrainingSession(second, settings, noisy, resume=state).epochs())
        assert_same_result(told[-1], events[-1])
        assert told_after(told, state) == told_after(events, states[at])
    assert events[-1].history[: len(start.history)] == start.history


def test_a_test_file_and_more_threads_change_nothing(noisy: Ratings) -> None:
    solver, settings = settings_of("adagrad")
    events, states = watched_run(solver, settings, noisy, test=noisy)
    state = from_file(states[3], settings, events)
    told = list(TrainingSession(solver, replace(settings, n_threads=3), noisy, test=noisy,
                                resume=state).epochs())
    assert told[-1].test_rmse == events[-1].test_rmse
    assert told_after(told, state) == told_after(events, states[3])
    np.testing.assert_array_equal(told[-1].model.user_factors, events[-1].model.user_factors)


def test_taking_a_state_copies_nothing(noisy: Ratings) -> None:
    solver, settings = settings_of("adagrad")
    session = TrainingSession(solver, settings, noisy)
    for event in session.epochs():
        if isinstance(event, EpochRecord):
            one, two = session.state(), session.state()
            assert one is not None
            assert two is not None
            arrays = one.to_tree()["arrays"]
            assert [id(each) for each in arrays] == [id(each) for each in two.to_tree()["arrays"]]
            # Where the last epoch is the best one, its arrays stand there once.
            if one.members.standing.last is one.members.standing.best and one.before is None:
                assert len(arrays) == len(one.members.standing.last.state["arrays"])


def test_a_state_is_told_once_for_each_time_it_was_asked_for(noisy: Ratings) -> None:
    solver, settings = settings_of("sgd")
    session = TrainingSession(solver, settings, noisy)
    states = []
    for event in session.epochs():
        if isinstance(event, EpochRecord) and event.epoch in (1, 3) and not event.is_refit:
            session.request_state()
            session.request_state()
        if isinstance(event, RunState):
            states.append(event)
    assert [state.members.last.epoch for state in states] == [1, 3]


@pytest.mark.parametrize("case", ["adagrad", "average", "sgd, halved"])
@pytest.mark.parametrize("is_in_refit", [False, True])
def test_a_run_that_was_stopped_stands_where_it_can_go_on(
    case: str, is_in_refit: bool, noisy: Ratings
) -> None:
    solver, settings = settings_of(case)
    whole, _ = watched_run(solver, settings, noisy)
    session, at = TrainingSession(solver, settings, noisy), 0 if is_in_refit else 2
    told: list[Any] = []
    for event in session.epochs():
        told.append(event)
        if isinstance(event, EpochRecord) and event.is_refit == is_in_refit and event.epoch == at:
            session.stop()
    assert told[-1].stopped_because is StopReason.STOPPED
    stood = session.state()
    assert stood is not None
    assert stood.members.last == [each for each in told if isinstance(each, EpochRecord)][-1]
    state = from_file(stood, settings, told)
    again = list(TrainingSession(solver, settings, noisy, resume=state).epochs())
    assert_same_result(again[-1], whole[-1])


def test_more_epochs_than_planned_are_as_if_they_had_been_planned(noisy: Ratings) -> None:
    solver, settings = settings_of("without early stopping")
    events, states = watched_run(solver, settings, noisy)
    longer = replace(settings, n_epochs=11)
    state = from_file(states[4], settings, events).planned(11)
    told = list(TrainingSession(solver, longer, noisy, resume=state).epochs())
    whole, _ = watched_run(solver, longer, noisy)
    assert_same_result(told[-1], whole[-1])


def test_an_average_and_a_refit_have_their_epochs(noisy: Ratings) -> None:
    for case in ("average", "adagrad"):
        _, states = watched_run(*settings_of(case), noisy)
        with pytest.raises(TrainingError, match="leave the number of epochs out"):
            states[-1].planned(50)


def test_a_result_comes_back_from_a_tree_to_the_bit(noisy: Ratings) -> None:
    for case in CASES:
        solver, settings = settings_of(case)
        result = watched_run(solver, settings, noisy)[0][-1]
        tree = written(result_to_tree(result))
        back = result_from_tree(tree, settings, result.history, result.held_out)
        assert_same_result(back, result)


def test_a_state_of_other_ratings_is_refused(noisy: Ratings, tiny: Ratings) -> None:
    for case in ("sgd", "average", "als"):
        solver, settings = settings_of(case)
        events, states = watched_run(solver, settings, noisy)
        state = from_file(states[2], settings, events)
        with pytest.raises(TrainingError):
            list(TrainingSession(solver, settings, tiny, resume=state).epochs())
        other = make_other(noisy)
        with pytest.raises(TrainingError):
            list(TrainingSession(solver, settings, other, resume=state).epochs())
        with pytest.raises(TrainingError, match="another run"):
            TrainingSession("nmf", SOLVERS["nmf"].settings_type(), noisy, resume=state)


def make_other(ratings: Ratings) -> Ratings:
    """Return the same ratings with one user more."""
    from mfgui.core.ratings import TextArray

    users = TextArray.from_strings([*ratings.user_ids, "nobody"])
    return replace(ratings, user_ids=users)


def mutations(tree: dict[str, Any], seed: int, n: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield trees with one value each that is another one, or not there."""
    rng = np.random.default_rng(seed)
    places: list[tuple[Any, Any, str]] = []

    def walk(value: Any, path: str) -> None:
        pairs = (value.items() if isinstance(value, dict)
                 else enumerate(value) if isinstance(value, list) else ())
        for key, each in pairs:
            places.append((value, key, f"{path}/{key}"))
            walk(each, f"{path}/{key}")

    values: list[Any] = [
        None, True, -1, 0, 1, 2, 10**30, -10**30, 0.5, -0.5, float("nan"), float("inf"), "", "sgd",
        [], {}, [1], {"array": 0}, {"array": 99}, np.zeros(3), np.zeros((1, 1), np.float32),
        np.full((60, 4), np.nan, np.float32), np.array(["a"]), np.empty((0, 4), np.float32),
        {"list": []}, {"items": {}}, {"model": {}}]
    for _ in range(n):
        changed = copy.deepcopy(tree)
        places.clear()
        walk(changed, "")
        where, key, path = places[rng.integers(len(places))]
        if rng.random() < 0.1:
            del where[key]
            yield f"{path} removed", changed
            continue
        value = values[rng.integers(len(values))]
        where[key] = value
        yield f"{path} = {value!r:.40}", changed


@pytest.mark.parametrize("case", ["adagrad", "average of adagrad", "gradient-descent by adam"])
def test_a_damaged_state_is_refused_in_a_sentence_or_read_rightly(
    case: str, noisy: Ratings
) -> None:
    solver, settings = settings_of(case)
    events, states = watched_run(solver, settings, noisy)
    history = [event for event in events if isinstance(event, EpochRecord)]
    sentences: list[str] = []
    for state in (states[2], states[-2]):
        for what, tree in mutations(state.to_tree(), 1, 120):
            try:
                back = RunState.from_tree(tree, settings, history, state.held_out)
                *_, result = TrainingSession(solver, settings, noisy, resume=back).epochs()
            except MfguiError as error:
                sentences.append(str(error))
                continue
            assert isinstance(result, RunResult), what
            assert np.isfinite(result.model.user_factors).all(), what
    assert len(sentences) > 100
    assert not [each for each in sentences if "\n" in each or len(each) > 400]


@pytest.mark.parametrize("case", ["adagrad", "average of adagrad"])
def test_a_damaged_result_is_refused_in_a_sentence_or_read_rightly(
    case: str, noisy: Ratings
) -> None:
    solver, settings = settings_of(case)
    result = watched_run(solver, replace(settings, refit=False), noisy)[0][-1]
    sentences: list[str] = []
    for _, tree in mutations(result_to_tree(result), 2, 250):
        try:
            back = result_from_tree(tree, settings, result.history, result.held_out)
            if solver != "average":
                list(TrainingSession(
                    solver, replace(settings, refit=False, n_epochs=2), noisy, start=back).epochs())
        except MfguiError as error:
            sentences.append(str(error))
    assert len(sentences) > 100
    assert not [each for each in sentences if "\n" in each or len(each) > 400]


def test_records_that_do_not_reach_to_the_state_are_refused(noisy: Ratings) -> None:
    solver, settings = settings_of("sgd")
    events, states = watched_run(solver, settings, noisy)
    history = [event for event in events if isinstance(event, EpochRecord)]
    for some in (history[:3], history[1:], []):
        with pytest.raises(MfguiError, match="cannot be used"):
            RunState.from_tree(states[4].to_tree(), settings, some, states[4].held_out)
