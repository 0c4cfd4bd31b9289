"""Searches: the same trials on any number of threads, after a stop, and with a bound."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import SOLVERS
from mfgui.errors import SettingsError, TrainingError
from mfgui.training import search as module
from mfgui.training.events import EpochRecord
from mfgui.training.search import (
    BATCH,
    METHODS,
    SearchPlan,
    SearchResult,
    TrialBegun,
    TrialEnded,
    TrialEvent,
    check_plan,
    search,
)
from mfgui.training.search_samplers import (
    GridSampler,
    RandomSampler,
    Told,
    best_so_far,
    median_rule,
    n_combinations,
)
from mfgui.training.search_tpe import has_optuna
from mfgui.training.search_trials import Outcome, best_of
from mfgui.training.search_words import space_from
from mfgui.training.session import TrainingSession

SETTINGS = SOLVERS["adagrad"].settings_type
needs_optuna = pytest.mark.skipif(not has_optuna(), reason="the extra mfgui[search] is missing")


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    """Planted factors of rank 2 with noise: 60 users, 50 items, two in five cells."""
    rng = np.random.default_rng(0)
    users, items = np.nonzero(rng.random((60, 50)) < 0.4)
    left, right = rng.normal(size=(60, 2)), rng.normal(size=(50, 2))
    values = 3 + (left[users] * right[items]).sum(1) + 0.3 * rng.normal(size=users.size)
    return Ratings(
        users.astype(np.int32), items.astype(np.int32), values.astype(np.float32),
        TextArray.from_strings(map(str, range(60))), TextArray.from_strings(map(str, range(50))))


def plan_of(text: str = "n_factors=1:8,learning_rate=0.01:0.5:log", **changes: Any) -> SearchPlan:
    own = {"n_epochs": 8, "n_factors": 4, **changes.pop("settings", {})}
    values = {"method": "random", "n_trials": 14, **changes}
    return SearchPlan("adagrad", SETTINGS(**own), space_from(text, SETTINGS), **values)


def ended(events: Iterator[Any]) -> SearchResult:
    *_, result = events
    assert isinstance(result, SearchResult)
    return result


def facts(result: SearchResult) -> list[tuple[Any, ...]]:
    """All of the outcomes but the times."""
    return [(each.trial, tuple(each.values.items()), each.score, each.curve, each.status, each.note,
             each.n_epochs) for each in result.outcomes]


CASES = [
    pytest.param("random", False, id="random"), pytest.param("random", True, id="random-pruned"),
    pytest.param("grid", True, id="grid-pruned"),
    pytest.param("tpe", True, id="tpe-pruned", marks=needs_optuna),
]


@pytest.mark.parametrize(("method", "is_pruned"), CASES)
def test_a_seed_gives_the_same_search_on_any_number_of_threads(
    method: str, is_pruned: bool, ratings: Ratings
) -> None:
    plan = plan_of(method=method, is_pruned=is_pruned, n_trials=26)
    one, two, five = (
        facts(ended(search(replace(plan, n_threads=n), ratings, Control()))) for n in (1, 2, 5))
    assert one == two == five
    if method != "grid":
        other = ended(search(replace(plan, seed=1), ratings, Control()))
        assert facts(other)[1] != one[1]


def test_large_data_come_to_the_same_one_after_another_with_all_threads_inside(
    ratings: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(is_pruned=True, n_threads=2)
    before = facts(ended(search(plan, ratings, Control())))
    monkeypatch.setattr(module, "SIDE_BY_SIDE", 10)
    seen = []
    for event in search(plan, ratings, Control()):
        if isinstance(event, TrialBegun):
            seen.append(event.settings.n_threads)
        last = event
    assert isinstance(last, SearchResult)
    assert facts(last) == before
    assert set(seen) == {2}


def test_trial_0_is_the_settings_as_they_stand_and_no_trial_is_refitted(ratings: Ratings) -> None:
    plan = plan_of(settings={"refit": True}, n_trials=5)
    begun = [event for event in search(plan, ratings, Control()) if isinstance(event, TrialBegun)]
    assert [each.trial for each in begun] == [0, 1, 2, 3, 4]
    assert begun[0].settings == replace(plan.settings, refit=False)
    assert begun[0].values == {"n_factors": 4, "learning_rate": plan.settings.learning_rate}
    assert not any(each.settings.refit for each in begun)


def test_a_trial_is_what_a_run_with_its_settings_is(ratings: Ratings) -> None:
    events = list(search(plan_of(n_trials=6, n_threads=2), ratings, Control()))
    begun = {each.trial: each for each in events if isinstance(each, TrialBegun)}
    for end in [each for each in events if isinstance(each, TrialEnded)]:
        session = TrainingSession("adagrad", begun[end.trial].settings, ratings)
        *_, alone = session.epochs()
        assert end.result is not None
        assert np.array_equal(alone.model.user_factors, end.result.model.user_factors)
        assert alone.validation_rmse == end.result.validation_rmse == end.outcome.score
        told = [each.event for each in events
                if isinstance(each, TrialEvent) and each.trial == end.trial
                and isinstance(each.event, EpochRecord)]
        assert [replace(each, train_seconds=0.0) for each in told] == [
            replace(each, train_seconds=0.0) for each in alone.history]


def test_the_best_is_the_lowest_and_at_least_as_good_as_trial_0(ratings: Ratings) -> None:
    result = ended(search(plan_of(n_trials=20), ratings, Control()))
    assert result.best is not None
    scores = [each.score for each in result.outcomes]
    assert result.best.score == min(scores) <= scores[0]
    assert result.result is not None
    assert result.result.validation_rmse == result.best.score
    assert result.is_complete


@pytest.mark.parametrize(("method", "is_pruned"), CASES)
def test_a_search_that_was_stopped_goes_on_to_the_same_trials(
    method: str, is_pruned: bool, ratings: Ratings
) -> None:
    plan = plan_of(method=method, is_pruned=is_pruned, n_trials=22, n_threads=2)
    whole = ended(search(plan, ratings, Control()))
    control, n_ended = Control(), 0
    for event in search(plan, ratings, control):
        if isinstance(event, TrialEnded) and event.outcome is not None:
            n_ended += 1
            if n_ended == 9:
                control.stop()
    assert isinstance(event, SearchResult)
    assert 9 <= len(event.outcomes) < len(whole.outcomes)
    assert not event.is_complete
    kept = [Outcome.from_plain(each.as_plain()) for each in event.outcomes]
    again = list(search(plan, ratings, Control(), known=kept, seconds=event.seconds))
    assert facts(again[-1]) == facts(whole)
    ran = {each.trial for each in again if isinstance(each, TrialEvent)}
    assert not ran & {each.trial for each in kept}


@needs_optuna
def test_told_trials_that_optuna_would_not_suggest_again_are_learned_from_all_the_same(
    ratings: Ratings
) -> None:
    plan = plan_of(method="tpe", n_trials=12)
    before = ended(search(replace(plan, seed=5), ratings, Control(), known=()))
    result = ended(search(plan, ratings, Control(), known=before.outcomes[:8]))
    assert [each.values for each in result.outcomes[:8]] == [
        each.values for each in before.outcomes[:8]]
    assert len(result.outcomes) == 12


def test_a_grid_has_all_combinations_once_and_says_how_many_before(ratings: Ratings) -> None:
    plan = plan_of("n_factors=1,2,4,biases=on,off", method="grid", n_trials=None)
    assert check_plan(plan).n_trials == 7 == n_combinations(plan.space, SETTINGS)
    result = ended(search(plan, ratings, Control()))
    tried = [tuple(each.values.values()) for each in result.outcomes[1:]]
    assert tried == [(f, b) for f in (1, 2, 4) for b in (True, False)]


def test_draws_lie_in_their_ranges_and_depend_on_seed_and_trial_alone() -> None:
    plan = plan_of("n_factors=2:5,learning_rate=0.01:0.1:log,biases=on,off")
    sampler = RandomSampler(plan.space, plan.settings, 3)
    draws = sampler.ask(range(1, 400))
    assert sampler.ask([7, 9]) == [draws[6], draws[8]]
    assert {each["n_factors"] for each in draws} == {2, 3, 4, 5}
    rates = np.log10([each["learning_rate"] for each in draws])
    assert -2 <= rates.min() < -1.95
    assert -1.05 < rates.max() <= -1
    # Equal factors equally likely: four standard errors of the mean of a uniform draw.
    assert abs(rates.mean() + 1.5) < 4 / math.sqrt(12 * 399)
    assert GridSampler(plan.space, plan.settings, 0).n_trials() == 4 * 4 * 2


def test_the_median_rule_cuts_what_is_worse_than_half_of_the_others_at_that_epoch() -> None:
    told = [Told(k, 0.1 * k, (1.0, 0.9, 0.5 + 0.1 * k)) for k in range(5)]
    assert median_rule((1.0, 0.9, 0.75), told) == pytest.approx(0.7)  # the median of 0.5 ... 0.9
    assert median_rule((1.0, 0.9, 0.7), told) is None
    assert median_rule((1.0, 2.0), told) is None  # too soon
    assert median_rule((1.0, 0.9, 0.75), told[:4]) is None  # too few to compare with
    assert median_rule((1.0, 0.9, 0.9, 0.75), told) == pytest.approx(0.7)  # their last epoch
    assert best_so_far((3.0, math.nan, 2.0, 4.0)) == (3.0, 3.0, 2.0, 2.0)


def test_a_pruned_trial_says_at_which_epoch_and_why_and_is_never_the_best(
    ratings: Ratings
) -> None:
    plan = plan_of(is_pruned=True, n_trials=30, settings={"n_epochs": 12})
    result = ended(search(plan, ratings, Control()))
    pruned = [each for each in result.outcomes if each.is_pruned]
    assert pruned
    for each in pruned:
        assert each.n_epochs < 12
        assert each.note.startswith(f"Pruned at epoch {each.n_epochs}: its best validation RMSE")
        assert "the median of the" in each.note
        assert each.trial >= 2 * BATCH  # nothing is told before
    assert result.best not in pruned
    assert best_of(pruned) is None


def test_stop_ends_the_trials_under_way_and_keeps_what_is_done(ratings: Ratings) -> None:
    control = Control()
    plan = plan_of(n_trials=200, n_threads=2, settings={"n_epochs": 100_000, "patience": 0})
    for event in search(plan, ratings, control):
        if isinstance(event, TrialEvent):
            control.stop()
    assert isinstance(event, SearchResult)
    assert event.outcomes == ()
    assert event.best is None


def test_pause_lets_all_trials_wait_and_the_time_stand(ratings: Ratings) -> None:
    control = Control()
    plan = plan_of(n_trials=8, n_threads=2, settings={"n_epochs": 40, "patience": 0})
    events, paused, n_waiting = search(plan, ratings, control), False, 0
    for event in events:
        if isinstance(event, TrialEvent) and not paused:
            paused = True
            control.pause()
        elif paused and control.is_paused:
            # What ran when it was paused may come in late; then there is nothing.
            n_waiting = n_waiting + 1 if isinstance(event, module.Waiting) else 0
            if n_waiting == 5:
                control.resume()
    assert isinstance(event, SearchResult)
    assert len(event.outcomes) == 8
    # Five ticks of waiting are not in it; a tick more may be, for when it was paused.
    assert event.seconds < sum(each.seconds for each in event.outcomes)


def test_no_trial_begins_after_the_time(ratings: Ratings) -> None:
    plan = plan_of(n_trials=None, seconds=1e-6)
    result = ended(search(plan, ratings, Control()))
    assert len(result.outcomes) <= 2 * BATCH
    later = ended(search(plan, ratings, Control(), known=result.outcomes, seconds=5.0))
    assert facts(later) == []  # nothing is opened any more


def test_a_trial_that_cannot_be_trained_failed_and_the_search_goes_on(
    ratings: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    alike = TrainingSession.alike

    def refuse(self: TrainingSession, settings: Any, control: Control) -> TrainingSession:
        if settings.n_factors == 3:
            raise TrainingError("Too much memory.")
        return alike(self, settings, control)

    monkeypatch.setattr(TrainingSession, "alike", refuse)
    result = ended(search(plan_of("n_factors=2,3", method="grid"), ratings, Control()))
    assert [each.status == "failed" for each in result.outcomes] == [False, False, True]
    assert result.outcomes[2].note == "Too much memory."
    with pytest.raises(TrainingError, match="Too much memory"):  # as they stand: all would fail
        ended(search(plan_of("n_factors=2,5", settings={"n_factors": 3}), ratings, Control()))


def test_a_bug_in_a_trial_is_raised_and_no_thread_is_left(
    ratings: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: TrainingSession, settings: Any, control: Control) -> TrainingSession:
        raise ZeroDivisionError

    monkeypatch.setattr(TrainingSession, "alike", broken)
    with pytest.raises(ZeroDivisionError):
        ended(search(plan_of(n_threads=2), ratings, Control()))
    assert not [each for each in threading.enumerate() if each.name.startswith("mfgui-")]


def test_who_leaves_early_leaves_no_thread(ratings: Ratings) -> None:
    plan = plan_of(n_threads=2, settings={"n_epochs": 100_000, "patience": 0})
    events = search(plan, ratings, Control())
    next(event for event in events if isinstance(event, TrialEvent))
    events.close()
    assert not [each for each in threading.enumerate() if each.name.startswith("mfgui-")]


@pytest.mark.parametrize(("changes", "words"), [
    ({"settings": {"validation": 0.0}}, "held-out ratings"),
    ({"n_trials": 0}, "at least 1"),
    ({"n_trials": 10**9}, "at most"),
    ({"n_trials": None}, "how many trials"),
    ({"seconds": 0.0}, "above 0"),
    ({"seconds": math.inf}, "above 0"),
    ({"method": "guess"}, "must be one of random, grid, tpe"),
])
def test_a_plan_that_cannot_be_is_refused_in_one_sentence(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises((SettingsError, TrainingError), match=words):
        check_plan(plan_of(**changes))


def test_without_optuna_tpe_is_refused_with_the_way_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mfgui.training.search_tpe.has_optuna", lambda: False)
    with pytest.raises(SettingsError, match=r"pip install 'mfgui\[search\]'"):
        check_plan(plan_of(method="tpe"))


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_every_solver_can_be_searched(solver: str, ratings: Ratings) -> None:
    small = {"n_epochs": 2, "n_factors": 3, "validation": 0.2}
    if solver == "average":
        small["n_members"] = 2
    settings: RunSettings = SOLVERS[solver].settings_type(**small)
    space = space_from("n_factors=2:4", type(settings))
    result = ended(search(SearchPlan(solver, settings, space, n_trials=3), ratings, Control()))
    assert result.best is not None
    assert [each.score is not None for each in result.outcomes] == [True] * 3


def test_each_method_is_there() -> None:
    assert list(METHODS) == ["random", "grid", "tpe"]
