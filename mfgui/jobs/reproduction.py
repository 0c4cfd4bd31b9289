"""A run as a command and as a Python script that train it again, to the same bits."""

from __future__ import annotations

import json
import os
import pprint
import shlex
from collections.abc import Sequence
from typing import Any

from mfgui.core.settings import RunSettings, as_dict, describe
from mfgui.data.options import describe_options
from mfgui.errors import ProjectError
from mfgui.jobs.options import option_name
from mfgui.jobs.replay import Step, steps_of
from mfgui.store.project import Project, RunInfo, SourceInfo

OPENERS = {"sample": "open_sample", "textbook": "open_textbook"}


def command_of(project: Project, run: RunInfo) -> str:
    """Return the run as a command for a shell.

    Raises
    ------
    ProjectError
        In a sentence that tells the way out, where one command cannot do it.
    """
    steps = steps_of(project, run)
    if len(steps) > 1:
        raise ProjectError(
            f"Run {run.number} goes on from {_count(len(steps) - 1, 'earlier run')}, which one "
            "command cannot do again: take the Python script, which trains each in its turn.")
    if steps[0].stop_after is not None:
        raise ProjectError(
            f"Run {run.number} was stopped by hand after epoch {steps[0].stop_after[1]}, which no "
            "command can do again: take the Python script, which stops it there.")
    if "fold" in run.origin or "holdout" in run.origin:
        raise ProjectError(
            f"Run {run.number} was given a part of the ratings, "
            f"{'one fold less' if 'fold' in run.origin else 'a share set aside'}, which no command "
            "can do: take the Python script.")
    source = project.source(run.source_id)
    words = ["mfgui", "train", *_source_words(source, run)]
    if run.test_source_id is not None:
        words += ["--test", _path_of(project.source(run.test_source_id), run)]
    words += ["--solver", run.solver, *settings_words(steps[0].settings)]
    return shlex.join(words)


def _source_words(source: SourceInfo, run: RunInfo) -> list[str]:
    """Return how the ratings are named on the command line."""
    if source.origin == "sample":
        return ["--sample"]
    return [_path_of(source, run), *_option_words(source.options)]


def _path_of(source: SourceInfo, run: RunInfo) -> str:
    """Return a source's file."""
    if source.origin != "file":
        raise ProjectError(f"The ratings of run {run.number} come from no file, so no command can "
                           "read them: take the Python script.")
    return source.path


def _option_words(options: dict[str, Any]) -> list[str]:
    """Return reading options as they are typed."""
    words: list[str] = []
    for info in describe_options():
        value = options.get(info.name)
        if value is not None:
            words += _typed(info.name, value)
    return words


def settings_words(settings: RunSettings) -> list[str]:
    """Return all settings as they are typed; those that the solver finds are left out."""
    return [word for info in describe(type(settings))
            if (value := getattr(settings, info.name)) is not None
            for word in _typed(info.name, value)]


def _typed(name: str, value: Any) -> list[str]:
    """Return one option with its value; a float with all the digits that it takes."""
    if isinstance(value, bool):
        return [option_name(name if value else f"no_{name}")]
    text = repr(value) if isinstance(value, float) else str(value)
    # One that begins with a minus sign would be taken for an option.
    return [f"{option_name(name)}={text}"] if text.startswith("-") else [option_name(name), text]


def script_of(project: Project, run: RunInfo, fingerprint: str = "") -> str:
    """Return the run as a Python script; with a fingerprint it says whether the bits are the same.

    Raises
    ------
    ProjectError
        In a sentence, where it cannot be done again.
    """
    steps = steps_of(project, run)
    source = project.source(run.source_id)
    test = None if run.test_source_id is None else project.source(run.test_source_id)
    lines = [
        f'"""Trains run {run.number} of {_plain(project.path.name)} again."""', "",
        "import hashlib", "",
        "from mfgui import jobs",
        "from mfgui.core.control import Control",
        "from mfgui.core.fingerprint import fingerprint",
        "from mfgui.core.solvers import SOLVERS",
        "from mfgui.data.options import ReadOptions",
        "from mfgui.store.project import open_project",
        "from mfgui.training.events import EpochRecord",
        "from mfgui.training.session import TrainingSession", "", "",
        "def last(events):", '    """Return what a job came to."""',
        "    *_, result = events", "    return result", "", "",
        *_opening("ratings", source, project), *_checking(source), *_dealing(run),
        *(["test = None"] if test is None else _opening("test", test, project)), "",
        "# Solver, settings, and the segment and epoch after which it was stopped by hand.",
        f"STEPS = {_steps_text(steps)}", "",
        "result = None",
        "for solver, settings, stop_after in STEPS:",
        "    session = TrainingSession(",
        "        solver, SOLVERS[solver].settings_type(**settings), ratings, test=test,",
        "        start=result)",
        "    for event in session.epochs():",
        "        if isinstance(event, EpochRecord):",
        "            print(event.epoch, event.train_rmse, event.validation_rmse)",
        "            if (event.segment, event.epoch) == stop_after:",
        "                session.stop()",
        "    result = session.result", "",
        "print(fingerprint(result.model))"]
    if fingerprint:
        lines += [f"is_same = fingerprint(result.model) == {fingerprint!r}",
                  'print("the same bits" if is_same else "another model: see the versions")',
                  "raise SystemExit(not is_same)"]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Return text that ends no docstring and holds no escapes."""
    return "".join(sign for sign in text if sign.isprintable() and sign not in '"\\')


def _opening(name: str, source: SourceInfo, project: Project) -> list[str]:
    """Return the lines that open a source under a name."""
    if source.origin == "file":
        options = f"ReadOptions(**{source.options!r})" if source.options else "ReadOptions()"
        return [f"{name} = last(jobs.open_file(Control(), {source.path!r}, {options})).ratings"]
    if source.origin in OPENERS:
        return [f"{name} = last(jobs.{OPENERS[source.origin]}(Control())).ratings"]
    return [f'with_ratings = open_project({os.fspath(project.path)!r}, mode="read")',
            f"{name} = with_ratings.source_ratings({source.id})", "with_ratings.close()"]


def _checking(source: SourceInfo) -> list[str]:
    """Return the lines that look whether the file is still the same."""
    if source.origin != "file" or not source.checksum:
        return []
    algorithm, _, digits = source.checksum.rpartition(":")
    if algorithm not in ("", "sha256"):
        return []
    return [f"with open({source.path!r}, \"rb\") as file:",
            f"    assert hashlib.file_digest(file, \"sha256\").hexdigest() == {digits!r}, \\",
            '        "the ratings file is not the one that this run was trained on"']


def _dealing(run: RunInfo) -> list[str]:
    """Return the line that takes what a fold, or a trial of a search, was given."""
    if "fold" not in run.origin and "holdout" not in run.origin:
        return []
    wanted = ("fold", "n_folds", "fold_seed", "per_user", "holdout")
    origin = {name: run.origin[name] for name in wanted if name in run.origin}
    return ["from mfgui.jobs.folds import fold_training  # what this run was given", "",
            f"ratings = fold_training(ratings, {origin!r})"]


def _steps_text(steps: Sequence[Step]) -> str:
    """Return the steps as a Python literal."""
    plain = [(step.solver, as_dict(step.settings), step.stop_after) for step in steps]
    return pprint.pformat(plain, width=96, sort_dicts=False)


def card_lines(run: RunInfo, source: SourceInfo) -> list[tuple[str, str]]:
    """Return what it takes to do a run again, as names and values for people."""
    card = run.card
    versions = card.get("versions")
    lines = [("ratings", source.path or source.name),
             ("checksum", source.checksum),
             ("read with", json.dumps(source.options) if source.options else "nothing set"),
             ("solver", run.solver), ("seed", str(run.settings.get("seed", ""))),
             ("split", str(run.settings.get("split", "random"))),
             ("validation share", str(run.settings.get("validation", ""))),
             ("threads", str(run.settings.get("n_threads", "")))]
    if isinstance(versions, dict):
        lines.append(("versions", ", ".join(f"{name} {text}" for name, text in versions.items())))
    lines += [(name.replace("_", " "), str(value)) for name, value in card.items()
              if isinstance(value, (str, int, float)) and name not in (
                  "checksum", "n_threads", "seed", "split", "solver", "validation")]
    return [(name, text) for name, text in lines if text]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
