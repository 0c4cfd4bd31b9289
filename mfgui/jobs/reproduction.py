"""A run as a command that trains it again, to the same bits, and what both are made of.

The Python script, which can do what no command can, is ``run_script``.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import Any

from mfgui.core.settings import RunSettings, describe
from mfgui.data.options import describe_options
from mfgui.errors import ProjectError
from mfgui.jobs.options import EMPTY, option_name
from mfgui.jobs.replay import steps_of
from mfgui.store.project import Project, RunInfo, SourceInfo

SCRIPT = "take the Python script"


def command_of(project: Project, run: RunInfo) -> str:
    """Return the run as a command for a shell of this system.

    Raises
    ------
    ProjectError
        In a sentence that tells the way out, where one command cannot do it.
    """
    steps = steps_of(project, run)
    if len(steps) > 1:
        raise ProjectError(
            f"Run {run.number} goes on from {_count(len(steps) - 1, 'earlier run')}, which one "
            f"command cannot do again: {SCRIPT}, which trains each in its turn.")
    if steps[0].stop_after is not None:
        who = "cut short by its search" if "trial" in run.origin else "stopped by hand"
        raise ProjectError(
            f"Run {run.number} was {who} after epoch {steps[0].stop_after[1]:,}, which no command "
            f"can do again: {SCRIPT}, which stops it there.")
    if "fold" in run.origin or "holdout" in run.origin:
        raise ProjectError(
            f"Run {run.number} was given a part of the ratings, "
            f"{'one fold less' if 'fold' in run.origin else 'a share set aside'}, which no command "
            f"can do: {SCRIPT}.")
    source = project.source(run.source_id)
    words = ["mfgui", "train", *_source_words(source, run)]
    if run.test_source_id is not None:
        words += ["--test", _test_path(project.source(run.test_source_id), source, run)]
    words += ["--solver", run.solver, *settings_words(steps[0].settings)]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)


def _source_words(source: SourceInfo, run: RunInfo) -> list[str]:
    """Return how the ratings are named on the command line."""
    if source.origin == "sample":
        return ["--sample"]
    return [_path_of(source, run), *_option_words(source.options)]


def _path_of(source: SourceInfo, run: RunInfo) -> str:
    """Return a source's file."""
    if source.origin != "file":
        raise ProjectError(f"The ratings of run {run.number} come from no file, so no command can "
                           f"read them: {SCRIPT}.")
    return source.path


def _test_path(test: SourceInfo, source: SourceInfo, run: RunInfo) -> str:
    """Return the test file, which a command reads by the options of the ratings."""
    if test.origin == "file" and test.options != source.options:
        raise ProjectError(f"The test file of run {run.number} was read by other options than its "
                           f"ratings, which one command cannot do: {SCRIPT}.")
    return _path_of(test, run)


def _option_words(options: dict[str, Any]) -> list[str]:
    """Return reading options as they are typed."""
    words: list[str] = []
    for info in describe_options():
        value = options.get(info.name)
        if value is not None:
            words += _typed(info.name, value)
    return words


def settings_words(settings: RunSettings) -> list[str]:
    """Return all settings as they are typed; an empty one that is so by default is left out."""
    return [word for info in describe(type(settings))
            if (value := getattr(settings, info.name)) is not None or info.default is not None
            for word in _typed(info.name, EMPTY if value is None else value)]


def _typed(name: str, value: Any) -> list[str]:
    """Return one option with its value; a float with all the digits that it takes."""
    if isinstance(value, bool):
        return [option_name(name if value else f"no_{name}")]
    text = repr(value) if isinstance(value, float) else str(value)
    # One that begins with a minus sign would be taken for an option.
    return [f"{option_name(name)}={text}"] if text.startswith("-") else [option_name(name), text]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"
