"""Runs recorded into a project: committed before they are told, gone on with to the same bits."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.errors import MfguiError, ProjectError, TrainingError
from mfgui.jobs import recorder as recorder_module
from mfgui.jobs.card import run_card
from mfgui.jobs.files import OpenedRatings
from mfgui.jobs.projects import keep_source
from mfgui.jobs.recording import RunRecord, RunStarted, continue_run
from mfgui.jobs.runs import settings_of
from mfgui.jobs.train import marked_summary, summary, train
from mfgui.store.project import NewRun, Project, create_project, open_project
from mfgui.training.events import (
    Baselines,
    EpochRecord,
    Notice,
    RunResult,
    Snapshot,
    Split,
    StopReason,
)
from mfgui.training.run_state import RunState
from mfgui.training.session import TrainingSession


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = create_project(tmp_path / "P.mfgui")
    yield project
    project.close()


def opened(ratings: Ratings) -> OpenedRatings:
    from mfgui.data.import_report import ImportReport

    return OpenedRatings(ratings, ImportReport(
        None, "typed matrix", ratings.n_ratings, ratings.n_ratings, ratings.n_users,
        ratings.n_items, "", False, (), ratings.scale))


def settings_for(solver: str, **values: Any) -> RunSettings:
    return SOLVERS[solver].settings_type(**{
        "n_factors": 4, "n_epochs": 6, "patience": 0, "refit": False, **values})


def record_into(project: Project, ratings: Ratings, **values: Any) -> RunRecord:
    return RunRecord(project, keep_source(project, opened(ratings)), **values)


def records(events: list[Any]) -> list[EpochRecord]:
    return [event for event in events if isinstance(event, EpochRecord)]


def timeless(record: EpochRecord) -> EpochRecord:
    return replace(record, train_seconds=0.0)


def test_a_recorded_run_tells_what_an_unrecorded_one_does_after_it_is_in_the_file(
    project: Project, planted: Ratings
) -> None:
    settings = settings_for("sgd", refit=True, validation=0.2)
    plain = list(train(Control(), "sgd", settings, planted))
    told = list(train(Control(), "sgd", settings, planted,
                      record=record_into(project, planted, name="first")))
    started, result = told[0], told[-1]
    assert isinstance(started, RunStarted)
    assert isinstance(result, RunResult)
    assert [type(event) for event in told[1:]] == [type(event) for event in plain]
    assert [timeless(each) for each in records(told)] == [
        timeless(each) for each in records(plain)]
    info = project.run(started.run.id)
    assert (info.name, info.number, info.status) == ("first", 1, "finished")
    assert info.summary == marked_summary(result, planted)
    assert project.history(info.id) == result.history
    assert project.notices(info.id) == tuple(
        event for event in told if isinstance(event, Notice))
    assert info.roles == ("result",)
    np.testing.assert_array_equal(project.held_out(info.id), result.held_out)


def test_a_record_is_in_the_file_before_it_is_told(tmp_path: Path, planted: Ratings) -> None:
    project = create_project(tmp_path / "P.mfgui")
    reader = sqlite3.connect(tmp_path / "P.mfgui")
    seen = 0
    for event in train(Control(), "als", settings_for("als", n_epochs=20), planted,
                       record=record_into(project, planted)):
        if isinstance(event, RunStarted):
            run_id = event.run.id
        if isinstance(event, EpochRecord):
            assert reader.execute(
                "SELECT loss FROM records WHERE run_id = ? AND epoch = ?",
                (run_id, event.epoch)).fetchone() == (event.loss,)
            seen += 1
        if isinstance(event, RunResult):
            assert reader.execute("SELECT status FROM runs").fetchone() == ("finished",)
            assert ("result",) in reader.execute("SELECT role FROM trees").fetchall()
    assert seen == 21
    reader.close()
    project.close()


def interrupted(
    project: Project, ratings: Ratings, solver: str, settings: RunSettings, n_shown: int,
    state_at: int, *, start: RunResult | None = None, continued_from: int | None = None,
) -> int:
    """Put a run into the project as a kill leaves it; return its id.

    So many of its records were shown, and the last state that was kept is that after the record
    ``state_at``. What the real kill leaves is tested below.
    """
    control = Control()
    control.request_state()
    session = TrainingSession(solver, settings, ratings, control=control, start=start)
    events = []
    for event in session.epochs():
        events.append(event)
        control.request_state()
    source_id = keep_source(project, opened(ratings))
    info = project.begin_run(NewRun(
        solver, as_dict(settings), source_id, held_out=session.held_out,
        card=run_card(project.source(source_id), settings, ratings),
        continued_from=continued_from))
    if start is not None:
        project.add_records(info.id, start.history)
    n_records = n_notices = 0
    for event in events:
        if isinstance(event, EpochRecord) and n_records < n_shown:
            project.add_records(info.id, [event])
            n_records += 1
        elif isinstance(event, Notice) and n_records < n_shown:
            project.add_notice(info.id, event)
            n_notices += 1
        elif isinstance(event, RunState) and n_records == state_at + 1:
            project.keep_tree(info.id, "state", {"run": event.to_tree(), "n_notices": n_notices})
    project.change_run(info.id, status="interrupted")
    project.flush()
    return info.id


def assert_same_model(one: RunResult, other: RunResult) -> None:
    for name in ("user_factors", "item_factors", "user_bias", "item_bias"):
        np.testing.assert_array_equal(getattr(one.model, name), getattr(other.model, name))


@pytest.mark.parametrize("solver", ["adagrad", "als", "average", "sgd"])
@pytest.mark.parametrize("state_at", [1, 4, 11])
def test_an_interrupted_run_goes_on_itself_to_the_same_bits_and_records(
    solver: str, state_at: int, project: Project, planted: Ratings
) -> None:
    values = {"n_members": 2, "kind": "als"} if solver == "average" else {}
    if solver == "sgd":
        values = {"learning_rate": 0.5}  # the guard halves it
    settings = settings_for(solver, n_epochs=8, refit=True, patience=2, validation=0.2, **values)
    *_, whole = train(Control(), solver, settings, planted)
    run_id = interrupted(project, planted, solver, settings, state_at + 3, state_at)
    told = list(continue_run(Control(), project, run_id, planted))
    assert isinstance(told[0], RunStarted)
    assert told[0].run.id == run_id
    assert told[0].run.status == "running"
    result = told[-1]
    assert isinstance(result, RunResult)
    assert isinstance(whole, RunResult)
    assert_same_model(result, whole)
    assert [timeless(each) for each in project.history(run_id)] == [
        timeless(each) for each in whole.history]
    assert project.run(run_id).status == whole.stopped_because.value
    assert not [notice for notice in project.notices(run_id) if "otherwise" in notice.text]
    notices = [notice.text for notice in project.notices(run_id)]
    assert len(notices) == len(set(notices))  # none came twice
    (step,) = project.run(run_id).card["continued"]
    assert step["epoch"] == records(told)[0].epoch
    assert "numpy" in step["versions"]


def test_an_epoch_that_comes_out_otherwise_is_told_once_and_replaces_the_earlier(
    project: Project, planted: Ratings
) -> None:
    settings = settings_for("als", n_epochs=8)
    run_id = interrupted(project, planted, "als", settings, 6, 3)
    last = project.history(run_id)[-1]
    assert last.epoch == 5
    # As if another machine had computed it.
    project.add_records(run_id, [replace(last, loss=last.loss * (1 + 1e-7))])
    project.change_run(run_id, card={
        **project.run(run_id).card, "versions": {"numpy": "1.0"}, "processor": "abacus"})
    project.flush()
    told = list(continue_run(Control(), project, run_id, planted))
    others = [event for event in told if isinstance(event, Notice) and "otherwise" in event.text]
    (notice,) = others
    assert notice.epoch == last.epoch
    assert notice.kind == "warning"
    assert f"Epoch {last.epoch} came out otherwise" in notice.text
    assert "numpy 1.0 then" in notice.text
    assert "abacus then" in notice.text
    assert notice in project.notices(run_id)
    assert timeless(last) in [timeless(each) for each in project.history(run_id)]


def test_a_stopped_run_goes_on_for_as_many_epochs_more_as_are_asked_for(
    project: Project, planted: Ratings
) -> None:
    control = Control()
    settings = settings_for("sgd", n_epochs=1_000_000)
    told = []
    for event in train(control, "sgd", settings, planted, record=record_into(project, planted)):
        told.append(event)
        if isinstance(event, EpochRecord) and event.epoch == 4:
            control.stop()
    info = project.runs()[0]
    assert info.status == "stopped"
    assert info.roles == ("result", "state")
    shown = info.last_epoch
    result = list(continue_run(Control(), project, info.id, planted, n_epochs=3))[-1]
    *_, whole = train(Control(), "sgd", replace(settings, n_epochs=shown + 3), planted)
    assert isinstance(result, RunResult)
    assert isinstance(whole, RunResult)
    assert_same_model(result, whole)
    info = project.run(info.id)
    assert (info.status, info.last_epoch, info.roles) == ("finished", shown + 3, ("result",))
    assert info.settings["n_epochs"] == shown + 3
    assert len(project.runs()) == 1


def test_a_finished_run_is_trained_on_from_by_a_new_one(
    project: Project, planted: Ratings
) -> None:
    settings = settings_for("sgd")
    list(train(Control(), "sgd", settings, planted, record=record_into(project, planted)))
    told = list(continue_run(Control(), project, 1, planted, n_epochs=2))
    *_, whole = train(Control(), "sgd", settings_for("sgd", n_epochs=8), planted)
    assert_same_model(told[-1], whole)  # type: ignore[arg-type]
    info = project.run(2)
    assert (info.continued_from, info.last_epoch, info.settings["n_epochs"]) == (1, 8, 2)
    assert project.history(2) == told[-1].history  # type: ignore[union-attr]
    assert project.history(2)[:7] == project.history(1)
    # It needs the first one no more, not even to go on.
    project.delete_run(1)
    *_, opened_run = jobs.open_run(Control(), project, 2, planted)
    assert opened_run.result is not None
    assert_same_model(opened_run.result, told[-1])  # type: ignore[arg-type]
    more = list(continue_run(Control(), project, 2, planted, n_epochs=1))
    *_, longer = train(Control(), "sgd", settings_for("sgd", n_epochs=9), planted)
    assert_same_model(more[-1], longer)  # type: ignore[arg-type]


def test_an_interrupted_run_that_trained_on_from_another_goes_on_without_it(
    project: Project, planted: Ratings
) -> None:
    *_, start = train(Control(), "als", settings_for("als"), planted,
                      record=record_into(project, planted))
    assert isinstance(start, RunResult)
    settings = settings_for("als", n_epochs=5)
    run_id = interrupted(project, planted, "als", settings, 2, 0, start=start, continued_from=1)
    project.delete_run(1)
    told = list(continue_run(Control(), project, run_id, planted))
    *_, whole = train(Control(), "als", settings_for("als", n_epochs=11), planted)
    assert_same_model(told[-1], whole)  # type: ignore[arg-type]


def test_a_run_that_was_killed_before_anything_was_kept_begins_anew(
    project: Project, planted: Ratings
) -> None:
    settings = settings_for("sgd", n_epochs=5)
    *_, whole = train(Control(), "sgd", settings, planted)
    assert interrupted(project, planted, "sgd", settings, 4, 99) == 1
    assert project.run(1).roles == ()
    told = list(continue_run(Control(), project, 1, planted))
    assert [record.epoch for record in records(told)] == list(range(6))
    assert_same_model(told[-1], whole)  # type: ignore[arg-type]
    assert not [notice for notice in project.notices(1) if "otherwise" in notice.text]


def test_other_ratings_refuse_to_continue_a_run(project: Project, planted: Ratings) -> None:
    list(train(Control(), "sgd", settings_for("sgd"), planted,
               record=record_into(project, planted)))
    value = planted.value.copy()
    value[7] += 1
    for status in ("finished", "interrupted"):
        project.change_run(1, status=status)
        with pytest.raises(ProjectError, match="not those that run 1 was trained on"):
            list(continue_run(Control(), project, 1, replace(planted, value=value)))
    project.change_run(1, status="running")
    with pytest.raises(ProjectError, match="is being trained"):
        list(continue_run(Control(), project, 1, planted))
    assert len(project.runs()) == 1


def test_a_read_only_project_refuses_to_continue_a_run(
    tmp_path: Path, planted: Ratings
) -> None:
    with_run = create_project(tmp_path / "P.mfgui")
    list(train(Control(), "sgd", settings_for("sgd"), planted,
               record=record_into(with_run, planted)))
    with_run.close()
    project = open_project(tmp_path / "P.mfgui", mode="read")
    with pytest.raises(ProjectError, match="for reading only"):
        list(continue_run(Control(), project, 1, planted))
    *_, opened_run = jobs.open_run(Control(), project, 1, planted)
    assert opened_run.model is not None
    project.close()


def test_closing_the_events_stops_the_run_and_keeps_it_as_stopped(
    project: Project, planted: Ratings
) -> None:
    events = train(Control(), "gradient-descent",
                   settings_for("gradient-descent", n_epochs=1_000_000), planted,
                   record=record_into(project, planted))
    for event in events:
        if isinstance(event, EpochRecord) and event.epoch == 3:
            break
    events.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if thread.name == "mfgui-training"]
    info = project.run(1)
    assert info.status == "stopped"
    assert info.roles == ("result", "state")
    assert info.last_epoch >= 3


def test_a_paused_run_tells_what_it_has_and_ends_on_stop(
    project: Project, planted: Ratings
) -> None:
    control = Control()
    told = []
    for event in train(control, "sgd", settings_for("sgd", n_epochs=1_000_000), planted,
                       record=record_into(project, planted)):
        told.append(event)
        if isinstance(event, EpochRecord) and event.epoch == 3:
            control.pause()
            threading.Timer(0.2, control.stop).start()
    assert told[-1].stopped_because is StopReason.STOPPED  # type: ignore[union-attr]
    assert [record.epoch for record in records(told)] == list(range(len(records(told))))


def test_an_error_comes_across_and_the_run_says_that_it_failed(
    project: Project, planted: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sgd = SOLVERS["sgd"]
    plain = sgd.run_epoch

    def failing(error: BaseException) -> Any:
        def run_epoch(self: Any, *arguments: Any) -> None:
            if self.n_epochs_done == 2:
                raise error
            plain(self, *arguments)

        return run_epoch

    for number, (error, told, words) in enumerate((
            (TrainingError("It was too much."), TrainingError, "It was too much."),
            (MemoryError(), TrainingError, "The memory ran out"),
            (ZeroDivisionError("a bug"), ZeroDivisionError, "error of the program")), 1):
        monkeypatch.setattr(sgd, "run_epoch", failing(error))
        events: list[Any] = []
        with pytest.raises(told):
            events.extend(train(Control(), "sgd", settings_for("sgd"), planted,
                                record=record_into(project, planted)))
        assert [record.epoch for record in records(events)] == [0, 1, 2]
        info = project.run(number)
        assert info.status == "failed"
        assert info.ended is not None
        assert words in project.notices(number)[-1].text


def test_a_refused_run_is_not_recorded(project: Project, planted: Ratings) -> None:
    with pytest.raises(MfguiError):
        list(train(Control(), "sgd", settings_for("sgd", split="time"), planted,
                   record=record_into(project, planted)))
    assert project.runs() == []


def test_split_baselines_and_snapshots_come_in_their_order(
    project: Project, planted: Ratings
) -> None:
    control = Control()
    told = []
    for event in train(control, "sgd", settings_for("sgd", learning_rate=0.5, n_epochs=1_000_000),
                       planted, record=record_into(project, planted)):
        told.append(event)
        if isinstance(event, EpochRecord):
            control.request_snapshot()
        if isinstance(event, Snapshot):
            control.stop()
    assert isinstance(told[1], Split)
    assert isinstance(told[2], Baselines)
    assert project.run(1).card["baselines"] == vars(told[2])
    epochs = [event.epoch for event in told if isinstance(event, EpochRecord)]
    assert epochs == sorted(epochs)
    assert [event for event in told if isinstance(event, Snapshot)]
    # A notice of a divergence stands between the sound epoch and the one that was tried again.
    for place, event in enumerate(told):
        if isinstance(event, Notice) and event.epoch is not None:
            later = [each.epoch for each in told[place:] if isinstance(each, EpochRecord)]
            assert later[0] == event.epoch
    assert [event for event in told if isinstance(event, Notice)]


def test_an_interrupted_run_is_opened_as_if_it_had_been_stopped(
    project: Project, planted: Ratings
) -> None:
    settings = settings_for("adagrad", n_epochs=9)
    session = TrainingSession("adagrad", settings, planted)
    for event in session.epochs():
        if isinstance(event, EpochRecord) and event.epoch == 5:
            session.stop()
    stopped = session.result
    assert stopped is not None
    run_id = interrupted(project, planted, "adagrad", settings, 8, 5)
    *_, opened_run = jobs.open_run(Control(), project, run_id, planted)
    result = opened_run.result
    assert result is not None
    assert result.stopped_because is StopReason.STOPPED
    assert_same_model(result, stopped)
    assert summary(result, planted) == {
        **summary(stopped, planted), "train_seconds": result.train_seconds,
        "seconds_per_epoch": result.seconds_per_epoch}
    assert "was interrupted" in opened_run.note
    assert "those of epoch 5" in opened_run.note
    assert opened_run.history[-1].epoch == 7
    assert opened_run.baselines == stopped.baselines


def test_a_run_without_its_ratings_is_shown_with_ids_and_says_why(
    project: Project, tmp_path: Path
) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating\n" + "".join(
        f"{n},{m},{(n * m) % 5 + 1}\n" for n in range(20) for m in range(10)))
    *_, read = jobs.open_file(Control(), path)
    assert isinstance(read, OpenedRatings)
    source_id = keep_source(project, read)
    *_, result = train(Control(), "als", settings_for("als"), read.ratings,
                       record=RunRecord(project, source_id))
    path.rename(tmp_path / "elsewhere.csv")
    *_, opened_run = jobs.open_run(Control(), project, 1)
    assert opened_run.ratings.n_ratings == 0
    assert list(opened_run.ratings.user_ids) == list(read.ratings.user_ids)
    assert "Locate..." in opened_run.note
    assert opened_run.result is not None
    assert_same_model(opened_run.result, result)  # type: ignore[arg-type]


def test_what_comes_back_is_what_was(project: Project, planted: Ratings) -> None:
    for number, solver in enumerate(SOLVERS, 1):
        values: dict[str, Any] = {"n_members": 2} if solver == "average" else {}
        settings = settings_for(solver, refit=True, patience=3, validation=0.2, **values)
        *_, result = train(Control(), solver, settings, planted,
                           record=record_into(project, planted))
        assert isinstance(result, RunResult)
        *_, opened_run = jobs.open_run(Control(), project, number, planted)
        back = opened_run.result
        assert back is not None
        assert summary(back, planted) == summary(result, planted)
        assert_same_model(back, result)
        assert back.settings == result.settings
        assert opened_run.info.card["ratings_checksum"].startswith("sha256:")
        if solver != "average":
            *_, one = TrainingSession(solver, settings, planted, start=result).epochs()
            *_, two = TrainingSession(solver, settings, planted, start=back).epochs()
            assert_same_model(one, two)  # type: ignore[arg-type]


def test_states_are_kept_less_often_where_keeping_takes_long(
    project: Project, planted: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(recorder_module.time, "perf_counter", lambda: now[0])
    control = Control()
    keeper = recorder_module.StateKeeper(project, 1, control)

    def is_asked() -> bool:
        keeper.ask_when_due()
        return control.take_state_request()

    kept: list[Any] = []
    monkeypatch.setattr(project, "keep_tree", lambda *arguments: kept.append(arguments))

    class State:
        def to_tree(self) -> dict[str, Any]:
            return {}

    assert not is_asked()
    now[0] += 5
    assert is_asked()
    keeper.keep(State(), 0)  # type: ignore[arg-type]
    now[0] += 60
    assert not is_asked()  # one at a time
    now[0] -= 58.0
    kept[0][-1]()  # after 2 s it is in the file
    now[0] += 79
    assert not is_asked()
    now[0] += 1.1
    assert is_asked()


KILLED = """
import sys
from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.solvers import SOLVERS
from mfgui.jobs import recorder
from mfgui.jobs.projects import keep_source, open_or_create
from mfgui.jobs.recording import RunRecord
from mfgui.training.events import EpochRecord

recorder.STATE_EVERY_S, recorder.KEEPING_SHARE = 0.02, 1
*_, opened = jobs.open_sample(Control())
project = open_or_create(sys.argv[1])
settings = SOLVERS["adagrad"].settings_type(n_epochs=100_000, patience=0, n_factors=8)
for event in jobs.train(Control(), "adagrad", settings, opened.ratings,
                        record=RunRecord(project, keep_source(project, opened))):
    if isinstance(event, EpochRecord):
        print(event.epoch, repr(event.loss), flush=True)
"""


def test_nothing_that_was_told_is_lost_by_a_kill_and_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "P.mfgui"
    told = {}
    with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            epoch, loss = line.split()
            told[int(epoch)] = float(loss)
            if int(epoch) == 60:
                child.kill()
    project = open_project(path)
    info = project.run(1)
    assert info.status == "interrupted"
    losses = {record.epoch: record.loss for record in project.history(1)}
    assert told.items() <= losses.items()
    *_, read = jobs.open_sample(Control())
    result = list(continue_run(Control(), project, 1, read.ratings, n_epochs=5))[-1]
    assert isinstance(result, RunResult)
    settings = SOLVERS["adagrad"].settings_type(
        n_epochs=info.last_epoch + 5, patience=0, n_factors=8)
    *_, whole = train(Control(), "adagrad", settings, read.ratings)
    assert isinstance(whole, RunResult)
    assert result.is_refit
    assert_same_model(result, whole)
    assert [timeless(each) for each in project.history(1)] == [
        timeless(each) for each in whole.history]
    assert not [notice for notice in project.notices(1) if "otherwise" in notice.text]
    project.close()


def test_events_that_are_closed_at_the_start_leave_no_run_running(
    project: Project, planted: Ratings
) -> None:
    events = train(Control(), "sgd", settings_for("sgd"), planted,
                   record=record_into(project, planted))
    assert isinstance(next(events), RunStarted)
    events.close()  # type: ignore[attr-defined]
    assert project.run(1).status == "stopped"
    assert project.run(1).ended is not None


def test_the_test_ratings_of_a_run_are_measured_on_when_it_goes_on(
    project: Project, planted: Ratings
) -> None:
    test = planted.take(np.arange(0, planted.n_ratings, 7))
    record = record_into(project, planted)
    record = replace(record, test_source_id=keep_source(
        project, opened(test), is_test=True))
    settings = settings_for("sgd", n_epochs=1_000_000)
    control = Control()
    for event in train(control, "sgd", settings, planted, test=test, record=record):
        if isinstance(event, EpochRecord) and event.epoch == 2:
            control.stop()
    result = list(continue_run(Control(), project, 1, planted, n_epochs=2))[-1]
    assert isinstance(result, RunResult)
    assert result.n_test == test.n_ratings
    assert all(record.test_rmse is not None for record in result.history)
    assert not [notice for notice in project.notices(1) if "otherwise" in notice.text]


def test_a_run_with_nothing_kept_says_so(project: Project, planted: Ratings) -> None:
    list(train(Control(), "sgd", settings_for("sgd"), planted,
               record=record_into(project, planted)))
    project.drop_tree(1, "result")
    project.flush()
    *_, opened_run = jobs.open_run(Control(), project, 1, planted)
    assert opened_run.model is None
    assert opened_run.result is None
    assert len(opened_run.history) == 7
    assert opened_run.baselines is not None
    with pytest.raises(TrainingError, match="No factors of run 1 are kept"):
        list(continue_run(Control(), project, 1, planted))
    with pytest.raises(ProjectError, match="No factors of run 1 are kept"):
        list(jobs.export_run(Control(), project, 1, project.path.with_name("m.npz")))


def test_a_solver_or_settings_that_are_none_here_are_refused(
    project: Project, planted: Ratings
) -> None:
    list(train(Control(), "sgd", settings_for("sgd"), planted,
               record=record_into(project, planted)))
    info = project.run(1)
    with pytest.raises(ProjectError, match="does not have"):
        settings_of(replace(info, solver="perceptron"))
    with pytest.raises(ProjectError, match="damaged"):
        settings_of(replace(info, settings={**info.settings, "n_factors": -3}))


def test_a_project_that_is_closed_while_a_run_trains_ends_it(
    tmp_path: Path, planted: Ratings
) -> None:
    project = create_project(tmp_path / "P.mfgui")
    events = train(Control(), "gradient-descent",
                   settings_for("gradient-descent", n_epochs=1_000_000), planted,
                   record=record_into(project, planted))
    for event in events:
        if isinstance(event, EpochRecord):
            project.close()
            break
    with pytest.raises(ProjectError):
        list(events)
