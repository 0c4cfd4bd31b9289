"""What a program is killed at: each activity prepares a folder, acts in a child, and is judged.

``act`` writes down what it shows; ``judge`` returns what of that is lost, as sentences.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from material import (
    Told,
    beside,
    differences,
    fill,
    integrity,
    keep_often,
    lost_records,
    missing,
    opened,
    ratings,
    say_record,
    settings_of,
    show,
    train_into,
    undisturbed,
)

from mfgui.core.control import Control
from mfgui.errors import MfguiError
from mfgui.jobs.export import export_all_pairs
from mfgui.jobs.projects import keep_source
from mfgui.jobs.recording import continue_run
from mfgui.jobs.runs import export_run, open_run
from mfgui.jobs.search import (
    SearchFound,
    SearchPlan,
    SearchRecord,
    TrialEnded,
    TrialEvent,
    TrialRun,
    find_search,
    find_settings,
    go_on_searching,
)
from mfgui.jobs.train import saved_model
from mfgui.store.model_file import SavedModel, open_model, save_model
from mfgui.store.project import create_project, open_project
from mfgui.store.project.migrate import old_statements
from mfgui.store.project.schema import APPLICATION_ID
from mfgui.training.events import EpochRecord
from mfgui.training.search_words import space_from

Lines = list[list[str]]
GO_ON_EVERY = 3
"""Of the killed runs and searches one in so many is gone on with, to its end."""


def project_of(folder: Path) -> Path:
    """Return where the project of a case lies."""
    return folder / "P.mfgui"


def sound(path: Path) -> list[str]:
    """Return what is wrong with a project that was closed: it alone is left, and whole."""
    return [*(f"{name} is left" for name in beside(path)), *integrity(path)]


def has(lines: Lines, *words: str) -> bool:
    """Return whether a line was written down."""
    return list(words) in lines


class Activity:
    """What all of them have."""

    def kind(self, number: int) -> str:
        """Return which of several a case is, where they differ in time."""
        return ""

    def warm_up(self, number: int) -> None:
        """Compile and load what the child will use."""


class Training(Activity):
    """A recorded run, then closing."""

    name = "training"

    def kind(self, number: int) -> str:
        """Return the solver."""
        return ("sgd", "adagrad", "als", "gradient-descent")[number // 2 % 4]

    def warm_up(self, number: int) -> None:
        """Train the same without a project."""
        undisturbed(self.kind(number))

    def prepare(self, folder: Path, number: int) -> None:
        """Make an empty project."""
        create_project(project_of(folder)).close()

    def act(self, folder: Path, told: Told, number: int) -> None:
        """Train."""
        keep_often()
        with open_project(project_of(folder)) as project:
            told.say("open")
            show(told, train_into(project, self.kind(number)))
        told.say("closed")

    def judge(self, folder: Path, lines: Lines, number: int) -> list[str]:
        """Every record is there, the run is interrupted, and goes on to the same bits."""
        path, found = project_of(folder), []
        other = undisturbed(self.kind(number))
        with open_project(path) as project:
            found += lost_records(project, lines)
            for run in project.runs():
                is_over = any(line[0] == "result" for line in lines)
                ended = other.stopped_because.value
                if run.status not in (ended, *(() if is_over else ("interrupted",))):
                    found.append(f"run {run.id} is {run.status}")
                if run.status == "interrupted" and "was interrupted" not in project.note:
                    found.append("nothing is said of the interrupted run")
                if run.n_records != len(project.history(run.id)):
                    found.append("records are counted wrongly")
            if any(line[0] == "run" for line in lines) and not project.runs():
                found.append("the run is gone")
            if number % GO_ON_EVERY == 0 and project.runs():
                found += self._gone_on(project, other)
        return found + sound(path)

    def _gone_on(self, project: Any, other: Any) -> list[str]:
        """Go on with an interrupted run, and compare."""
        (run,) = project.runs()
        result = None
        if run.status == "interrupted":
            *_, seen = open_run(Control(), project, run.id)
            if seen.info.status != "interrupted":
                return ["it is not shown as interrupted"]
            *_, result = continue_run(Control(), project, run.id, ratings())
            if project.run(run.id).status != other.stopped_because.value:
                return [f"after going on it is {project.run(run.id).status}"]
        else:
            *_, again = open_run(Control(), project, run.id)
            result = again.result
        found = differences(result, other)
        if not found and project.history(run.id) != result.history:
            found.append("the file has other records than the result")
        return found


class Searching(Activity):
    """A search whose trials are runs of a project."""

    name = "searching"

    def warm_up(self, number: int) -> None:
        """Search without a project."""
        search_scores()

    def prepare(self, folder: Path, number: int) -> None:
        """Make an empty project."""
        create_project(project_of(folder)).close()

    def act(self, folder: Path, told: Told, number: int) -> None:
        """Search."""
        keep_often()
        runs: dict[int, int] = {}
        with open_project(project_of(folder)) as project:
            record = SearchRecord(project, keep_source(project, opened(), keep_ratings=True))
            for event in find_settings(Control(), search_plan(), ratings(), record=record):
                if isinstance(event, TrialRun):
                    runs[event.trial] = event.run.id
                    told.say("run", event.run.id)
                elif isinstance(event, TrialEvent) and isinstance(event.event, EpochRecord):
                    say_record(told, runs[event.trial], event.event)
                elif isinstance(event, TrialEnded) and event.outcome is not None:
                    told.say("ended", event.trial, event.outcome.score)

    def judge(self, folder: Path, lines: Lines, number: int) -> list[str]:
        """Every record and figure is there, and the search goes on to the same trials."""
        path, found = project_of(folder), []
        with open_project(path) as project:
            found += lost_records(project, lines)
            runs = {run.origin["trial"]: run for run in project.runs()}
            # The search's own list of them is written now and then: the runs have the figures.
            found += [f"what trial {trial} came to is lost" for word, trial, *score in lines
                      if word == "ended" and [_score(runs.get(int(trial)))] != score]
            found += [f"a trial is {run.status}" for run in runs.values()
                      if run.status == "running"]
            if project.entries("search"):
                if number % GO_ON_EVERY == 0:
                    found += self._gone_on(project)
            elif any(line[0] == "run" for line in lines):
                found.append("the search is lost")
        return found + sound(path)

    @staticmethod
    def _gone_on(project: Any) -> list[str]:
        """Go on with a search, and compare."""
        kept = find_search(project, None)
        *_, ended = go_on_searching(Control(), kept.on_threads(2), ratings(),
                                    SearchRecord(project, kept.source_id))
        found = []
        if scores_of(ended) != search_scores():
            found.append("the search came to other trials")
        trials = [run.origin["trial"] for run in project.runs()]
        if sorted(trials) != list(range(10)):
            found.append(f"there are runs of the trials {trials}")
        if [str(score) for _, score in search_scores()] != [
                _score(run) for run in sorted(project.runs(), key=lambda run: run.origin["trial"])]:
            found.append("the runs came to other figures")
        return found


def _score(run: Any) -> str:
    """Return what the run of a trial came to."""
    return "no run" if run is None else str(run.summary.get("validation_rmse"))


def search_plan() -> SearchPlan:
    """Return a search of a second or two."""
    settings = replace(settings_of("adagrad"), n_epochs=25, refit=False, patience=0)
    return SearchPlan("adagrad", settings, space_from(
        "n_factors=2:10,learning_rate=0.01:0.5:log", type(settings)), n_trials=10, n_threads=2)


@cache
def search_scores() -> list[tuple[int, float | None]]:
    """Return what the trials come to where nothing happens."""
    *_, found = find_settings(Control(), search_plan(), ratings())
    return scores_of(found)


def scores_of(found: Any) -> list[tuple[int, float | None]]:
    """Return trials and scores of a search."""
    assert isinstance(found, SearchFound)
    return [(each.trial, each.score) for each in found.search.outcomes]


class Saving(Activity):
    """Save as, and saving models, over and over."""

    name = "saving"
    n_runs, n_records, n_numbers = 3, 300, 200_000

    def warm_up(self, number: int) -> None:
        """Train the model."""
        model()

    def prepare(self, folder: Path, number: int) -> None:
        """Make a project with something in it, and a run with a model."""
        copy_made("saving", folder, self._make)

    def _make(self, path: Path) -> None:
        fill(path, self.n_runs, self.n_records, self.n_numbers)
        with open_project(path) as project:
            for _ in train_into(project, "als"):
                pass

    def act(self, folder: Path, told: Told, number: int) -> None:
        """Save each way in turn; what is saved says how often it was."""
        saved = model()
        with open_project(project_of(folder)) as project:
            for k in range(1, 6):
                project.set_value("k", k)
                project.copy_to(folder / "copy.mfgui")
                told.say("copy", k)
                save_model(folder / "model.npz", replace(saved, card={**saved.card, "k": k}))
                told.say("model", k)
                for _ in export_run(Control(), project, 4, folder / "run.npz"):
                    pass
                told.say("run", k)

    def judge(self, folder: Path, lines: Lines, number: int) -> list[str]:
        """Look whether what was saved is whole and no older than the last that was told."""
        path, found = project_of(folder), []
        last = {word: max([int(k) for what, k in lines if what == word], default=0)
                for word in ("copy", "model", "run")}
        copy, npz = folder / "copy.mfgui", folder / "model.npz"
        if copy.exists():
            with open_project(copy) as project:
                found += missing(project, range(1, 4), self.n_records, self.n_numbers)
                if not last["copy"] <= project.value("k", 0) <= last["copy"] + 1:
                    found.append("the copy is another one")
            found += sound(copy)
        elif last["copy"]:
            found.append("the copy is gone")
        if npz.exists():
            k = open_model(npz).card.get("k")
            if k not in (last["model"], last["model"] + 1):
                found.append("the model is another one")
        elif last["model"]:
            found.append("the model is gone")
        if (folder / "run.npz").exists():
            ours = open_model(folder / "run.npz").model
            if ours.item_factors.tobytes() != model().model.item_factors.tobytes():
                found.append("the model of the run is another one")
        with open_project(path) as project:
            found += missing(project, range(1, 4), self.n_records, self.n_numbers)
            if project.value("k", 0) < last["copy"]:
                found.append("a setting is lost")
        return found + sound(path) + strangers(
            folder, {"P.mfgui", "copy.mfgui", "model.npz", "run.npz"})


@cache
def model() -> SavedModel:
    """Return a model to save."""
    return saved_model(undisturbed("als"), ratings())


def strangers(folder: Path, known: set[str]) -> list[str]:
    """Return files that look like results and are none.

    What was not finished is hidden and called ``.part``; a lock is taken over by the next.
    """
    return [f"{name} is left" for name in os.listdir(folder)
            if name not in known and name != "told"
            and not (name.startswith(".") and ".part" in name) and not name.endswith(".lock")]


class Exporting(Activity):
    """Tables of all predictions, as CSV and as Parquet."""

    name = "exporting"
    files = ("all.csv", "all.parquet")

    def warm_up(self, number: int) -> None:
        """Write the tables once."""
        for name in self.files:
            self._whole(name)

    def prepare(self, folder: Path, number: int) -> None:
        """Nothing is needed."""

    def act(self, folder: Path, told: Told, number: int) -> None:
        """Write both tables over and over."""
        for k in range(1, 8):
            for name in self.files:
                for _ in export_all_pairs(Control(), model(), folder / name, n_threads=2):
                    pass
                told.say(name, k)

    def judge(self, folder: Path, lines: Lines, number: int) -> list[str]:
        """Look whether what is there is the whole table."""
        found = []
        for name in self.files:
            path = folder / name
            if path.exists():
                if path.read_bytes() != self._whole(name):
                    found.append(f"{name} is not the whole table")
            elif any(line[0] == name for line in lines):
                found.append(f"{name} is gone")
        return found + strangers(folder, set(self.files))

    @staticmethod
    @cache
    def _whole(name: str) -> bytes:
        path = made_folder() / name
        for _ in export_all_pairs(Control(), model(), path, n_threads=1):
            pass
        return path.read_bytes()


class Migrating(Activity):
    """A project of version 1 is opened."""

    name = "migrating"
    n_runs, n_records, n_numbers = 4, 4000, 600_000

    def prepare(self, folder: Path, number: int) -> None:
        """Make a project of version 1."""
        copy_made("migrating", folder, self._make)

    def _make(self, path: Path) -> None:
        new = path.with_name("new.mfgui")
        fill(new, self.n_runs, self.n_records, self.n_numbers)
        make_old(path, new)
        new.unlink()

    def act(self, folder: Path, told: Told, number: int) -> None:
        """Open it, which converts it."""
        with open_project(project_of(folder)):
            told.say("open")
        told.say("closed")

    def judge(self, folder: Path, lines: Lines, number: int) -> list[str]:
        """All is in it, and every copy beside it is whole."""
        path, found = project_of(folder), []
        copies = [folder / name for name in os.listdir(folder) if name.startswith("P (version 1")
                  and name.endswith(".mfgui")]
        if has(lines, "open") and not copies:
            found.append("there is no copy beside it")
        for each in (*copies, path):
            with open_project(each, "read" if each in copies else "write") as project:
                found += missing(project, range(1, 5), self.n_records, self.n_numbers)
            found += integrity(each)
        return found + sound(path)


def make_old(path: Path, new: Path) -> None:
    """Write a project of version 1 with the rows of one of this version."""
    connection = sqlite3.connect(path)
    try:
        for statement in old_statements(1):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
        connection.execute("ATTACH ? AS new", (str(new),))
        with connection:
            for table in ("sources", "runs", "records", "notices", "trees", "arrays",
                          "tree_arrays", "chunks"):
                names = ", ".join(row[1] for row in connection.execute(
                    f"PRAGMA main.table_info({table})"))
                connection.execute(
                    f"INSERT INTO {table} ({names}) SELECT {names} FROM new.{table}")
    finally:
        connection.close()


class Compacting(Activity):
    """Runs are deleted and the room is given back."""

    name = "compacting"
    n_runs, n_records, n_numbers = 6, 3000, 500_000

    def prepare(self, folder: Path, number: int) -> None:
        """Make a project with much in it."""
        copy_made("compacting", folder,
                  lambda path: fill(path, self.n_runs, self.n_records, self.n_numbers))

    def act(self, folder: Path, told: Told, number: int) -> None:
        """Delete three runs, one after the other."""
        with open_project(project_of(folder)) as project:
            for run_id in (2, 4, 6):
                project.delete_run(run_id)
                project.compact()
                told.say("compacted", run_id)
        told.say("closed")

    def judge(self, folder: Path, lines: Lines, number: int) -> list[str]:
        """Look whether what was not deleted is there, and what was is not."""
        path, found = project_of(folder), []
        with open_project(path) as project:
            found += missing(project, (1, 3, 5), self.n_records, self.n_numbers)
            there = {run.id for run in project.runs()}
            found += [f"run {run_id} is there again" for run_id in (2, 4, 6)
                      if has(lines, "compacted", str(run_id)) and run_id in there]
            for run_id in there & {2, 4, 6}:
                found += missing(project, [run_id], self.n_records, self.n_numbers)
        return found + sound(path)


_MADE: list[Path] = []


def made_folder(folder: Path | None = None) -> Path:
    """Return, or set, where what is made once lies."""
    if folder is not None:
        _MADE[:] = [folder]
    return _MADE[0]


def copy_made(name: str, folder: Path, make: Any) -> None:
    """Put a project into a folder that is made once and copied."""
    master = made_folder() / name / "P.mfgui"
    if not master.exists():
        master.parent.mkdir()
        make(master)
    shutil.copyfile(master, project_of(folder))


ACTIVITIES: tuple[Any, ...] = (
    Training(), Searching(), Training(), Saving(), Exporting(), Migrating(), Compacting())


def judged(activity: Any, folder: Path, lines: Iterable[list[str]], number: int) -> list[str]:
    """Return what an activity lost; a refusal is told as such."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(folder / "told")
    try:
        return list(activity.judge(folder, list(lines), number))
    except MfguiError as error:
        return [f"refused: {error}"]
