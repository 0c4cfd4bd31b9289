"""Reads all that a damaged project or model file gives, and does with it what the window does."""

from __future__ import annotations

import ast
import itertools
import json
import math
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from project_bases import subject_of_run

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.errors import MfguiError
from mfgui.jobs.compare import Shown, brought_beside
from mfgui.jobs.compare_runs import compare_runs
from mfgui.jobs.evaluate import evaluate, subject_of
from mfgui.jobs.export import export_biases
from mfgui.jobs.models import known_from, sound_baselines, sound_history, unrated
from mfgui.jobs.open_project import open_whole_project
from mfgui.jobs.projects import open_source
from mfgui.jobs.recording import continue_run
from mfgui.jobs.report import report
from mfgui.jobs.reproducibility import reproducibility
from mfgui.jobs.reproduction import command_of
from mfgui.jobs.run_curves import read_line
from mfgui.jobs.run_script import script_of
from mfgui.jobs.runs import OpenedRun, open_run, settings_of
from mfgui.jobs.search import SearchRecord, find_search, go_on_searching
from mfgui.jobs.search_entry import searches
from mfgui.store.model_file import SavedModel, open_model, save_model
from mfgui.store.project import Project, open_project
from mfgui.training.events import EpochRecord, Notice

MOST_EVENTS = 40


class Unsound(AssertionError):
    """Something was read that cannot be."""


class Reader:
    """Does one thing after the other; each ends well or in one sentence.

    Attributes
    ----------
    n_read, n_refused : int
    """

    def __init__(self) -> None:
        self.n_read = self.n_refused = 0

    def do(self, what: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Return what a call gives, None where it is refused."""
        try:
            result = what(*arguments, **options)
            if isinstance(result, Iterator):
                *_, result = itertools.islice(result, MOST_EVENTS)
        except MfguiError as error:
            self.n_refused += 1
            check_sentence(error)
            return None
        self.n_read += 1
        return result


def check_sentence(error: MfguiError) -> None:
    """Check that a refusal is one printable sentence."""
    text = str(error)
    if not text.isprintable() or not text.endswith(".") or len(text) > 600:
        raise Unsound(f"bad sentence: {text[:300]!r}")


def read_project(path: Path, mode: str, choice: int) -> str:
    """Read all of a project; return "refused", "partly" or "read"."""
    reader = Reader()
    project = reader.do(open_project, path, mode)
    if project is None:
        return "refused"
    if not project.note.isprintable():
        raise Unsound(f"bad note: {project.note[:300]!r}")
    try:
        _read_all(reader, project, choice)
        if not project.is_read_only:
            _change(reader, project, choice)
    finally:
        reader.do(project.close)
    if mode == "read":
        _read_whole(reader, path)
    return "partly" if reader.n_refused else "read"


def _read_whole(reader: Reader, path: Path) -> None:
    """Open it as the window does."""
    found: list[Project] = []
    reader.do(open_whole_project, Control(), path, "read", found.append)
    for project in found:
        project.close()


def _read_all(reader: Reader, project: Project, choice: int) -> None:
    """Read everything there is."""
    project.entries()
    project.value("layout")
    for source in project.sources():
        reader.do(project.source_ids, source.id)
        check_ratings(reader.do(project.source_ratings, source.id))
        reader.do(open_source, Control(), project, source.id)
    for entry in project.entries("evaluation"):
        if isinstance(entry.body, dict):
            json.dumps(entry.body)
    for search in searches(project):
        json.dumps(search.as_plain())
    opened = [found for run in project.runs()[:5]
              if (found := _read_run(reader, project, run.id)) is not None]
    for each in opened:
        if each.model is not None and each.info.id % 2 == choice % 2:
            *_, found = [reader.do(
                evaluate, Control(), subject_of_run(each), n_threads=1)]
            if found is not None:
                list(found.lines)
    ids = [each.info.id for each in opened]
    if len(ids) > 1:
        reader.do(compare_runs, Control(), project, ids[choice % 2], ids[-1 - choice % 2])
    if ids and choice % 3 == 0:
        out = project.path.parent / "report.html"
        reader.do(report, Control(), out, project, ids[0])
        out.unlink(missing_ok=True)


def _read_run(reader: Reader, project: Project, run_id: int) -> OpenedRun | None:
    """Read all of a run."""
    run = project.run(run_id)
    for record in reader.do(project.history, run_id) or ():
        if type(record) is not EpochRecord or type(record.epoch) is not int:
            raise Unsound("a record is none")
    for notice in reader.do(project.notices, run_id) or ():
        if type(notice) is not Notice or type(notice.text) is not str:
            raise Unsound("a notice is none")
    held_out = reader.do(project.held_out, run_id)
    if held_out is not None and (held_out.dtype != np.int64 or (
            held_out.size and (held_out[0] < 0 or np.any(np.diff(held_out) <= 0)))):
        raise Unsound("held-out positions do not rise")
    for role in run.roles:
        reader.do(project.tree, run_id, role)
    for measure in ("loss", "validation_rmse"):
        reader.do(read_line, project, run_id, measure)
    reader.do(settings_of, run)
    command, script = reader.do(command_of, project, run), reader.do(script_of, project, run)
    if command is not None and ("\n" in command or not shlex.split(command)):
        raise Unsound("the command is not one line")
    if script is not None:
        ast.parse(script)
    reader.do(reproducibility, project, run_id)
    opened: OpenedRun | None = reader.do(open_run, Control(), project, run_id)
    if opened is not None:
        check_ratings(opened.ratings)
        for model in (opened.model, opened.before_refit):
            check_model(model)
    return opened


def _change(reader: Reader, project: Project, choice: int) -> None:
    """Go on with what can be gone on with, and copy."""
    project.set_value("layout", [choice])
    for run in project.runs():
        if run.status in ("interrupted", "stopped", "failed") or run.id == 1 + choice % 3:
            opened = reader.do(open_run, Control(), project, run.id)
            if opened is not None:
                reader.do(_gone_on, project, run.id, opened.ratings)
        project.change_run(run.id, note="x")
    if choice % 4 == 0 and project.entries("search"):
        reader.do(_searched_on, project)
    reader.do(project.flush)
    copy = project.path.with_name("copy.mfgui")
    reader.do(project.copy_to, copy)
    copy.unlink(missing_ok=True)


def _gone_on(project: Project, run_id: int, ratings: Ratings) -> None:
    """Go on with a run for a while, then stop it."""
    events = continue_run(Control(), project, run_id, ratings)
    try:
        for _ in itertools.islice(events, MOST_EVENTS):
            pass
    finally:
        events.close()  # type: ignore[attr-defined]


def _searched_on(project: Project) -> None:
    """Go on with a search for a while, then stop it."""
    kept = find_search(project, None)
    ratings = project.source_ratings(kept.source_id)
    if ratings is None:
        return
    events = go_on_searching(Control(), kept, ratings, SearchRecord(project, kept.source_id))
    try:
        for _ in itertools.islice(events, MOST_EVENTS):
            pass
    finally:
        events.close()  # type: ignore[attr-defined]


def check_ratings(ratings: Ratings | None) -> None:
    """Check that ratings are what all else takes them for."""
    if ratings is None or not ratings.n_ratings:
        return
    for index, n in ((ratings.user_index, ratings.n_users), (ratings.item_index, ratings.n_items)):
        if index.min() < 0 or index.max() >= n:
            raise Unsound("ratings of users or items that there are not")
    if not np.isfinite(ratings.value).all():
        raise Unsound("ratings that are no numbers")
    list(ratings.user_ids)
    list(ratings.item_ids)


def check_model(model: FactorModel | None) -> None:
    """Check that a model is what all else takes it for."""
    if model is None:
        return
    for array in (model.user_factors, model.item_factors, model.user_bias, model.item_bias):
        if array.dtype != np.float32 or not np.isfinite(array).all():
            raise Unsound("factors are no numbers")
    if not all(map(math.isfinite, (model.global_mean, *model.scale))):
        raise Unsound("mean or scale is no number")


def read_model(path: Path, choice: int) -> str:
    """Read all of a model file; return "refused", "partly" or "read"."""
    reader = Reader()
    saved: SavedModel | None = reader.do(open_model, path)
    if saved is None:
        return "refused"
    for model in (saved.model, saved.before_refit):
        check_model(model)
    known = reader.do(known_from, saved)
    if known is not None:
        check_ratings(known.ratings)
    sound_history(saved)
    sound_baselines(saved)
    found = reader.do(evaluate, Control(), subject_of(saved, "model"), n_threads=1)
    if found is not None:
        list(found.lines)
    out = path.parent / "out"
    reader.do(export_biases, Control(), saved, out.with_suffix(".csv"), n_threads=1)
    shown = Shown(saved.model, unrated(saved), saved.known, saved.before_refit, "model")
    reader.do(brought_beside, "other", saved, shown)
    reader.do(save_model, out.with_suffix(".npz"), saved)
    for ending in (".csv", ".npz"):
        out.with_suffix(ending).unlink(missing_ok=True)
    return "partly" if reader.n_refused else "read"
