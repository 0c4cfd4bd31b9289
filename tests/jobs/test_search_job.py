"""Searches as runs of a project: committed, gone on with after a kill, the best taken over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.core.metrics import Pairs, squared_error_sums
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.data.import_report import ImportReport
from mfgui.errors import ProjectError, SettingsError, TrainingError
from mfgui.jobs.files import OpenedRatings
from mfgui.jobs.honesty import run_honesty
from mfgui.jobs.projects import keep_source
from mfgui.jobs.recording import continue_run
from mfgui.jobs.runs import open_run
from mfgui.jobs.search import (
    SearchFound,
    SearchPlan,
    SearchRecord,
    SearchStarted,
    TrialEnded,
    TrialEvent,
    TrialRun,
    find_search,
    find_settings,
    go_on_searching,
    searches,
    set_aside,
    train_best,
)
from mfgui.jobs.search_words import found_lines, size_text
from mfgui.store.project import Project, create_project, open_project
from mfgui.training.events import EpochRecord
from mfgui.training.search_words import space_from

SETTINGS = SOLVERS["adagrad"].settings_type


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


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = create_project(tmp_path / "P.mfgui")
    yield project
    project.close()


def record_into(project: Project, ratings: Ratings) -> SearchRecord:
    opened = OpenedRatings(ratings, ImportReport(
        None, "typed matrix", ratings.n_ratings, ratings.n_ratings, ratings.n_users,
        ratings.n_items, "", False, (), ratings.scale))
    return SearchRecord(project, keep_source(project, opened))


def plan_of(text: str = "n_factors=1:8,learning_rate=0.01:0.5:log", **changes: Any) -> SearchPlan:
    own = {"n_epochs": 8, "n_factors": 4, "patience": 0, **changes.pop("settings", {})}
    values = {"n_trials": 12, "n_threads": 2, **changes}
    return SearchPlan("adagrad", SETTINGS(**own), space_from(text, SETTINGS), **values)


def found(events: Iterator[Any]) -> SearchFound:
    *_, result = events
    assert isinstance(result, SearchFound)
    return result


def told(project: Project, run_id: int) -> list[EpochRecord]:
    return [replace(each, train_seconds=0.0) for each in project.history(run_id)]


def test_trials_are_runs_of_the_project_with_their_records(
    project: Project, ratings: Ratings
) -> None:
    events = list(find_settings(
        Control(), plan_of(), ratings, record=record_into(project, ratings)))
    result = events[-1]
    assert isinstance(events[0], SearchStarted)
    assert isinstance(result, SearchFound)
    runs = {run.origin["trial"]: run for run in project.runs()}
    assert sorted(runs) == list(range(12))
    assert sorted(run.number for run in runs.values()) == list(range(1, 13))
    alone = found(find_settings(Control(), plan_of(), ratings))
    for mine, other in zip(result.search.outcomes, alone.search.outcomes, strict=True):
        run = runs[mine.trial]
        assert (mine.score, mine.values) == (other.score, other.values)
        assert run.origin["search"] == result.search.id
        assert run.status == mine.status
        assert run.summary["validation_rmse"] == mine.score
        assert {name: run.settings[name] for name in mine.values} == mine.values
        assert not run.settings["refit"]
        assert run.n_records == len(project.history(run.id)) == 9
        assert project.held_out(run.id) is not None
    assert result.best is not None
    assert result.best_run == runs[result.best.trial].id


def test_what_is_told_of_a_trial_has_been_committed(project: Project, ratings: Ratings) -> None:
    path = project.path
    seen: dict[int, int] = {}
    for event in find_settings(
            Control(), plan_of(n_trials=8), ratings, record=record_into(project, ratings)):
        if isinstance(event, TrialRun):
            seen.setdefault(event.trial, event.run.id)
        if isinstance(event, TrialEvent) and isinstance(event.event, EpochRecord):
            other = open_project(path, mode="read")  # what another process would find
            try:
                epochs = [each.epoch for each in other.history(seen[event.trial])]
            finally:
                other.close()
            assert event.event.epoch in epochs


def test_a_run_of_a_search_is_shown_with_its_model_and_says_so(
    project: Project, ratings: Ratings
) -> None:
    result = found(find_settings(
        Control(), plan_of(), ratings, record=record_into(project, ratings)))
    assert result.best_run is not None
    *_, opened = open_run(Control(), project, result.best_run, ratings)
    assert opened.result is not None
    assert opened.result.validation_rmse == result.best.score  # type: ignore[union-attr]
    words = " ".join(run_honesty(opened.info.summary, opened.info.origin))
    assert "picked" in words
    assert "never touched" in words


def test_factors_are_kept_of_the_best_trials_only(project: Project, ratings: Ratings) -> None:
    project.set_value("n_kept_trials", 3)
    result = found(find_settings(
        Control(), plan_of(), ratings, record=record_into(project, ratings)))
    ranked = sorted(result.search.outcomes, key=lambda each: (each.score, each.trial))
    kept = {run.origin["trial"] for run in project.runs() if "result" in run.roles}
    assert kept == {each.trial for each in ranked[:3]}
    assert all(run.n_records == 9 for run in project.runs())  # their curves are all there


@pytest.mark.parametrize("method", ["random", "tpe"])
def test_a_search_of_a_project_goes_on_to_the_same_trials(
    method: str, tmp_path: Path, ratings: Ratings
) -> None:
    if method == "tpe":
        pytest.importorskip("optuna")
    plan = plan_of(method=method, n_trials=26, is_pruned=True, settings={"n_epochs": 120})
    whole = found(find_settings(Control(), plan, ratings))
    project = create_project(tmp_path / "P.mfgui")
    record, control, n_ended = record_into(project, ratings), Control(), 0
    for event in find_settings(control, plan, ratings, record=record):
        n_ended += isinstance(event, TrialEnded) and event.outcome is not None
        if n_ended == 6:
            control.stop()
    assert isinstance(event, SearchFound)
    assert not event.is_complete
    assert "stopped" in found_lines(event)[0]
    project.close()
    project = open_project(tmp_path / "P.mfgui")
    kept = find_search(project, None)
    n_before = len(kept.outcomes)
    assert 6 <= n_before < 26
    again = found(go_on_searching(
        Control(), kept.on_threads(2), ratings, SearchRecord(project, kept.source_id)))
    assert [(each.trial, each.values, each.score, each.status, each.note)
            for each in again.search.outcomes] == [
        (each.trial, each.values, each.score, each.status, each.note)
        for each in whole.search.outcomes]
    trials = [run.origin["trial"] for run in project.runs()]
    assert sorted(trials) == list(range(26))  # what was cut off is the same run, made again whole
    assert not [run for run in project.runs() if run.status in ("running", "interrupted")]
    assert again.search.seconds > kept.seconds
    project.close()


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import test_search_job as module
from mfgui.core.control import Control
from mfgui.store.project import create_project
make = getattr(module.ratings, "__wrapped__", None) or module.ratings.__pytest_wrapped__.obj
ratings = make()
project = create_project(Path(sys.argv[2]))
record = module.record_into(project, ratings)
for event in module.find_settings(Control(), module.killed_plan(), ratings, record=record):
    if isinstance(event, module.TrialEvent) and isinstance(event.event, module.EpochRecord):
        print(event.trial, event.event.epoch, flush=True)
"""


def killed_plan() -> SearchPlan:
    return plan_of(n_trials=60, is_pruned=True, settings={"n_epochs": 20})


def test_after_kill_9_every_epoch_that_was_told_is_there_and_the_search_goes_on(
    tmp_path: Path, ratings: Ratings
) -> None:
    path = tmp_path / "P.mfgui"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(Path(__file__).parent), str(path)],
        stdout=subprocess.PIPE, text=True, env={**os.environ})
    assert child.stdout is not None
    lines = [child.stdout.readline().split() for _ in range(150)]
    child.send_signal(signal.SIGKILL)
    rest = child.stdout.read()
    child.wait()
    child.stdout.close()
    shown = [(int(trial), int(epoch)) for trial, epoch in lines]
    shown += [(int(line.split()[0]), int(line.split()[1])) for line in rest.splitlines()
              if len(line.split()) == 2 and rest.endswith("\n")]
    project = open_project(path)
    runs = {run.origin["trial"]: run.id for run in project.runs()}
    there = {(trial, each.epoch) for trial, run_id in runs.items()
             for each in project.history(run_id)}
    assert set(shown) <= there
    before = {trial: told(project, run_id) for trial, run_id in runs.items()}
    kept = find_search(project, None)
    again = found(go_on_searching(
        Control(), kept.on_threads(2), ratings, SearchRecord(project, kept.source_id)))
    whole = found(find_settings(Control(), killed_plan(), ratings))
    assert [(each.values, each.score, each.note) for each in again.search.outcomes] == [
        (each.values, each.score, each.note) for each in whole.search.outcomes]
    for trial, records in before.items():  # made again they are the same, times aside
        assert told(project, runs[trial])[: len(records)] == records
    project.close()


def test_ratings_set_aside_are_seen_by_no_trial_and_measured_on_once(
    project: Project, ratings: Ratings
) -> None:
    rest, positions, aside = set_aside(ratings, 0.2, 0)
    assert aside.size == round(0.2 * ratings.n_ratings)
    assert not set(positions) & set(aside)
    assert rest.n_ratings + aside.size == ratings.n_ratings
    result = found(find_settings(
        Control(), plan_of(), ratings, holdout=0.2, record=record_into(project, ratings)))
    for run in project.runs():
        held_out = project.held_out(run.id)
        assert held_out is not None
        # Positions among the rest: what is set aside is neither trained nor validated on.
        assert run.summary["n_validation"] == held_out.size == round(0.1 * rest.n_ratings)
        assert run.origin["holdout"] == {"share": 0.2, "seed": 0}
    figure = result.aside
    assert figure is not None
    assert (figure.n_ratings, figure.n_looks) == (aside.size, 1)
    assert result.best_run is not None
    *_, opened = open_run(Control(), project, result.best_run, ratings)
    assert opened.model is not None
    assert opened.known.is_unseen[aside].all()
    with WorkerPool() as pool:
        pairs = Pairs(*(array[aside] for array in (
            ratings.user_index, ratings.item_index, ratings.value)))
        expected = squared_error_sums(opened.model, pairs, pool).rmse
    # Predictions are the same float32; only the order of the float64 sum differs.
    assert figure.value == pytest.approx(expected, rel=1e-9)
    assert find_search(project, None).aside == figure
    assert any("set aside, which no trial saw" in line for line in found_lines(result))


def test_going_further_measures_a_new_best_again_and_says_how_often(
    project: Project, ratings: Ratings
) -> None:
    plan = plan_of(n_trials=1, settings={"learning_rate": 0.001})
    record = record_into(project, ratings)
    first = found(find_settings(Control(), plan, ratings, holdout=0.2, record=record))
    kept = replace(first.search, plan=replace(plan, n_trials=10))
    again = found(go_on_searching(Control(), kept, ratings, record))
    assert again.best is not None
    assert again.best.trial > 0
    assert again.aside is not None
    assert again.aside.n_looks == 2
    assert "measured on 2 times" in " ".join(found_lines(again))


def test_the_best_of_an_earlier_sitting_is_made_again_to_be_measured(
    project: Project, ratings: Ratings
) -> None:
    record = record_into(project, ratings)
    first = found(find_settings(Control(), plan_of(), ratings, holdout=0.2, record=record))
    kept = replace(first.search, aside=None)
    again = found(go_on_searching(Control(), kept, ratings, record))
    assert again.aside == first.aside


def test_training_the_best_is_a_run_on_all_ratings_that_names_its_search(
    project: Project, ratings: Ratings
) -> None:
    record = record_into(project, ratings)
    result = found(find_settings(Control(), plan_of(), ratings, record=record))
    *_, trained = train_best(Control(), result, ratings, record=record)
    assert trained.is_refit
    run = project.runs()[-1]
    assert run.origin == {"search": result.search.id, "best_trial": result.best.trial}
    assert run.summary["validation_rmse"] <= result.best.score
    assert "picked" in " ".join(run_honesty(run.summary, run.origin))


def test_pruned_trials_say_so_in_the_project(project: Project, ratings: Ratings) -> None:
    plan = plan_of(n_trials=30, is_pruned=True, settings={"n_epochs": 12})
    result = found(find_settings(Control(), plan, ratings, record=record_into(project, ratings)))
    pruned = [each for each in result.search.outcomes if each.is_pruned]
    assert pruned
    for each in pruned:
        run = project.run(result.search.runs[each.trial])
        assert run.status == "stopped"
        assert run.origin["pruned"] == each.n_epochs == run.last_epoch
        assert each.note in [notice.text for notice in project.notices(run.id)]


def test_fewer_trials_than_are_done_are_refused_and_none_is_lost(
    project: Project, ratings: Ratings
) -> None:
    record = record_into(project, ratings)
    first = found(find_settings(Control(), plan_of(n_trials=6), ratings, holdout=0.2,
                                record=record))
    fewer = replace(first.search, plan=replace(first.search.plan, n_trials=3))
    with pytest.raises(SettingsError, match="6 trials of this search are done"):
        list(go_on_searching(Control(), fewer, ratings, record))
    assert len(find_search(project, None).outcomes) == 6


@pytest.mark.parametrize("holdout", [0.0, 0.2])
def test_a_run_trained_on_from_a_trial_is_no_trial_but_tells_what_chose_its_settings(
    project: Project, ratings: Ratings, holdout: float
) -> None:
    record = record_into(project, ratings)
    first = found(find_settings(Control(), plan_of(n_trials=3), ratings, holdout=holdout,
                                record=record))
    trial = first.search.runs[1]
    *_, longer = continue_run(Control(), project, trial, ratings, n_epochs=1)
    run = project.runs()[-1]
    assert run.continued_from == trial
    assert run.origin.get("search") == first.search.id
    assert "trial" not in run.origin
    assert run.origin.get("holdout") == project.run(trial).origin.get("holdout")
    assert "picked" in " ".join(run_honesty(run.summary, run.origin))
    # The search goes on with its own runs, and lets go of trials' factors, not of this one's.
    kept = replace(first.search, plan=replace(first.search.plan, n_trials=4))
    again = found(go_on_searching(Control(), kept, ratings, record))
    assert again.search.runs[1] == trial
    project.set_value("n_kept_trials", 0)
    project.flush()
    dropped = project.drop_old_trials()
    project.flush()
    assert set(dropped) == set(again.search.runs.values())
    assert project.run(run.id).roles == ("result",)
    *_, opened = open_run(Control(), project, run.id, ratings)
    np.testing.assert_array_equal(opened.model.user_factors, longer.model.user_factors)


def test_a_deleted_trial_does_not_hinder_going_on(project: Project, ratings: Ratings) -> None:
    record = record_into(project, ratings)
    first = found(find_settings(Control(), plan_of(n_trials=6), ratings, record=record))
    project.delete_run(first.search.runs[3])
    kept = replace(first.search, plan=replace(first.search.plan, n_trials=9))
    again = found(go_on_searching(Control(), kept, ratings, record))
    assert len(again.search.outcomes) == 9


def test_a_damaged_search_is_refused_and_the_others_are_there(
    project: Project, ratings: Ratings
) -> None:
    result = found(find_settings(
        Control(), plan_of(n_trials=2), ratings, record=record_into(project, ratings)))
    body = project.entries("search")[0].body
    for broken in ({}, {**body, "solver": "none"}, {**body, "outcomes": [1]},
                   {**body, "n_trials": 10**12}, {**body, "runs": {"x": 1}},
                   {**body, "space": [{"name": "seed", "values": [1]}]},
                   {**body, "method": "__import__"}, {**body, "settings": {"n_factors": -1}},
                   {**body, "holdout": np.inf},
                   *({**body, "outcomes": [{**body["outcomes"][0], **part}]} for part in (
                       {"score": "low"}, {"curve": ["low"]}, {"status": 3}, {"trial": -1},
                       {"values": {"n_factors": 1}}, {"values": {**body["outcomes"][0]["values"],
                                                                 "n_factors": "many"}})),
                   {**body, "aside": {"trial": 0, "name": "rmse", "value": "good", "error": None,
                                      "n_ratings": 1, "n_unseen": 0}}):
        damaged = project.add_entry("search", broken)
        with pytest.raises(ProjectError, match="damaged"):
            find_search(project, damaged)
    assert [each.id for each in searches(project)] == [result.search.id]
    with pytest.raises(ProjectError, match="no search 999"):
        find_search(project, 999)


def test_a_share_that_cannot_be_set_aside_is_refused(ratings: Ratings) -> None:
    for share in (-0.1, 0.6, 1e-9, np.nan, np.inf):
        with pytest.raises(TrainingError, match="set aside"):
            set_aside(ratings, share, 0)
    assert set_aside(ratings, 0.0, 0)[0] is ratings


def test_a_grid_says_how_many_trials_it_has_before_it_begins() -> None:
    text = size_text(plan_of("n_factors=1,2,4,biases=on,off", method="grid", n_trials=None))
    assert text == "6 combinations and the settings as they stand."
    assert "the first 3 trials" in size_text(
        plan_of("n_factors=1,2,4", method="grid", n_trials=3))
    assert size_text(plan_of(seconds=600.0)) == (
        "12 trials, the first as the settings stand; no trial begins after 10 min.")


def test_a_search_leaves_no_thread_where_its_reader_goes(
    project: Project, ratings: Ratings
) -> None:
    events = find_settings(
        Control(), plan_of(settings={"n_epochs": 100_000}), ratings,
        record=record_into(project, ratings))
    begin = time.monotonic()
    next(event for event in events if isinstance(event, TrialEvent))
    events.close()
    assert time.monotonic() - begin < 60
