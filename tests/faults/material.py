"""What the children of the tests of faults work on, and how it is looked at afterwards."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import SOLVERS
from mfgui.data.import_report import ImportReport
from mfgui.jobs import recorder
from mfgui.jobs.files import OpenedRatings
from mfgui.jobs.projects import keep_source
from mfgui.jobs.recording import RunRecord, RunStarted
from mfgui.jobs.train import train
from mfgui.store.project import NewRun, Project, create_project
from mfgui.training.events import EpochRecord, RunResult

N_USERS, N_ITEMS = 200, 120
SOLVER_SETTINGS: dict[str, dict[str, Any]] = {
    "sgd": {"n_epochs": 600, "n_factors": 8, "refit": True, "validation": 0.2, "patience": 0},
    "als": {"n_epochs": 200, "n_factors": 8, "refit": False, "validation": 0.2, "patience": 0},
    "adagrad": {"n_epochs": 400, "n_factors": 8, "refit": True, "validation": 0.2, "patience": 40},
    "gradient-descent": {"n_epochs": 600, "n_factors": 4, "patience": 0},
}


@cache
def ratings() -> Ratings:
    """Return planted factors of rank 3 with noise, two cells in five observed."""
    rng = np.random.default_rng(3)
    users, items = np.nonzero(rng.random((N_USERS, N_ITEMS)) < 0.4)
    left, right = rng.normal(size=(N_USERS, 3)), rng.normal(size=(N_ITEMS, 3))
    values = 3 + (left[users] * right[items]).sum(1) + 0.3 * rng.normal(size=users.size)
    return Ratings(
        users.astype(np.int32), items.astype(np.int32), values.astype(np.float32),
        TextArray.from_strings(f"u{n}" for n in range(N_USERS)),
        TextArray.from_strings(f"i{m}" for m in range(N_ITEMS)))


def opened() -> OpenedRatings:
    """Return the ratings as a job opens them."""
    own = ratings()
    return OpenedRatings(own, ImportReport(
        None, "typed matrix", own.n_ratings, own.n_ratings, own.n_users, own.n_items, "", False,
        (), own.scale))


def settings_of(solver: str) -> RunSettings:
    """Return the settings of a solver in these tests."""
    return SOLVERS[solver].settings_type(**SOLVER_SETTINGS[solver])


@cache
def undisturbed(solver: str) -> RunResult:
    """Return the result of a run that nothing happens to, and that is not recorded."""
    *_, result = train(Control(), solver, settings_of(solver), ratings())
    assert isinstance(result, RunResult)
    return result


def keep_often(seconds: float = 0.02) -> None:
    """Have states kept so often that a short run has some; only the pace is another."""
    recorder.STATE_EVERY_S, recorder.KEEPING_SHARE = seconds, 1


class Told:
    """Writes down what was shown; each line is with the system once ``say`` has returned."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def say(self, *words: object) -> None:
        """Write a line."""
        os.write(self._file, (" ".join(map(str, words)) + "\n").encode())


def lines_of(path: Path) -> list[list[str]]:
    """Return the whole lines of what was written down, as words."""
    return split_lines(path.read_text()) if path.exists() else []


def split_lines(text: str) -> list[list[str]]:
    """Return whole lines as words."""
    return [line.split() for line in text[: text.rfind("\n") + 1].splitlines()]


def say_record(told: Told, run_id: int, record: EpochRecord) -> None:
    """Write down that a record was shown."""
    told.say("epoch", run_id, record.segment, record.epoch, int(record.is_refit),
             float(record.loss).hex())


def show(told: Told, events: Iterable[Any]) -> RunResult | None:
    """Follow a recorded run, writing down what is shown of it."""
    run_id, result = 0, None
    for event in events:
        if isinstance(event, RunStarted):
            run_id = event.run.id
            told.say("run", run_id)
        elif isinstance(event, EpochRecord):
            say_record(told, run_id, event)
        elif isinstance(event, RunResult):
            result = event
            told.say("result", run_id)
    return result


def train_into(project: Project, solver: str) -> Iterator[Any]:
    """Yield the events of a run of the ratings that is recorded."""
    return train(Control(), solver, settings_of(solver), ratings(),
                 record=RunRecord(project, keep_source(project, opened(), keep_ratings=True)))


def timeless(records: Iterable[EpochRecord]) -> list[EpochRecord]:
    """Return records without what differs between two runs."""
    return [replace(record, train_seconds=0.0) for record in records]


def differences(result: RunResult | None, other: RunResult) -> list[str]:
    """Return in what a result is not the same bits as another."""
    if result is None:
        return ["there is no result"]
    found = []
    if timeless(result.history) != timeless(other.history):
        found.append("records differ")
    for name in ("user_factors", "item_factors", "user_bias", "item_bias"):
        if getattr(result.model, name).tobytes() != getattr(other.model, name).tobytes():
            found.append(f"{name} differ")
    if result.validation_rmse != other.validation_rmse:
        found.append("validation RMSE differs")
    return found


def lost_records(project: Project, lines: Iterable[list[str]]) -> list[str]:
    """Return which of the records that were shown are not in a project, bit for bit."""
    kept: dict[str, dict[tuple[int, int, bool], str]] = {}
    lost = []
    for word, *values in lines:
        if word == "epoch":
            run, segment, epoch, is_refit, loss = values
            if run not in kept:
                kept[run] = {(each.segment, each.epoch, each.is_refit): float(each.loss).hex()
                             for each in project.history(int(run))}
            if kept[run].get((int(segment), int(epoch), is_refit == "1")) != loss:
                lost.append(f"run {run} lacks epoch {epoch} of segment {segment}")
    return lost


def integrity(path: Path) -> list[str]:
    """Return what SQLite itself finds wrong with a closed project."""
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    try:
        found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
        found += [f"foreign key {row}" for row in connection.execute("PRAGMA foreign_key_check")]
    finally:
        connection.close()
    return [each for each in found if each != "ok"]


def beside(path: Path) -> list[str]:
    """Return what lies beside a project and is named after it."""
    return sorted(name for name in os.listdir(path.parent)
                  if name.startswith(path.name) and name != path.name)


def fill(path: Path, n_runs: int, n_records: int, n_numbers: int) -> None:
    """Make a project of runs with records and trees that say whose they are."""
    with create_project(path) as project:
        source_id = keep_source(project, opened(), keep_ratings=True)
        for _ in range(n_runs):
            run = project.begin_run(NewRun("sgd", {}, source_id))
            project.add_records(run.id, [
                EpochRecord(epoch, 0, False, run.id + 1 / (epoch + 1), 1.0, 0.9, 0.95, None,
                            0.1 * epoch, 0.01) for epoch in range(n_records)])
            project.keep_tree(run.id, "result", {
                "x": np.random.default_rng(run.id).random(n_numbers), "run": run.id})
            project.change_run(run.id, status="stopped", ended=run.created + 1)


def missing(project: Project, run_ids: Iterable[int], n_records: int, n_numbers: int) -> list[str]:
    """Return what of the runs that ``fill`` made is not as it was."""
    found = []
    there = {run.id for run in project.runs()}
    for run_id in run_ids:
        if run_id not in there:
            found.append(f"run {run_id} is gone")
            continue
        losses = [record.loss for record in project.history(run_id)]
        if losses != [run_id + 1 / (epoch + 1) for epoch in range(n_records)]:
            found.append(f"run {run_id} lacks records")
        tree = project.tree(run_id, "result")
        if tree is None or tree["run"] != run_id or not np.array_equal(
                tree["x"], np.random.default_rng(run_id).random(n_numbers)):
            found.append(f"run {run_id} lacks its factors")
    return found
