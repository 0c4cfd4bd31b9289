"""A run as a Python script that trains it again and says whether it comes to the same bits.

Beside the settings it holds what no command can do: the runs it was trained on from, where it was
stopped, and the part of the ratings that a fold or a search gave it.
"""

from __future__ import annotations

import os
import pprint
from collections.abc import Sequence

from mfgui.core.settings import as_dict
from mfgui.jobs.card import SAME_BITS
from mfgui.jobs.replay import Step, steps_of
from mfgui.store.project import Project, RunInfo, SourceInfo

OPENERS = {"sample": "open_sample", "textbook": "open_textbook"}
GIVEN = ("fold", "n_folds", "fold_seed", "per_user", "holdout")


def script_of(project: Project, run: RunInfo, fingerprint: str = "") -> str:
    """Return the run as a script; with a fingerprint it says whether the bits are the same.

    It ends with 0 where they are, or where nothing is known of them.

    Raises
    ------
    ProjectError
        In a sentence, where it cannot be done again.
    """
    steps = steps_of(project, run)
    source = project.source(run.source_id)
    test = None if run.test_source_id is None else project.source(run.test_source_id)
    return "\n".join([
        f'"""Trains run {run.number} of {_plain(project.path.name)} again."""', "",
        *_imports(run, source, test, steps, fingerprint), "", "",
        "def last(events):", '    """Return what a job came to."""',
        "    *_, result = events", "    return result", "", "",
        *_opening("ratings", source, project), *_checking(source), *_dealing(run),
        *(["test = None"] if test is None else _opening("test", test, project)), "",
        *_training(steps), "",
        "print(fingerprint(result.model))", *_comparing(run, fingerprint)]) + "\n"


def _imports(
    run: RunInfo, source: SourceInfo, test: SourceInfo | None, steps: Sequence[Step],
    fingerprint: str,
) -> list[str]:
    """Return the lines that import what the rest needs, and no more."""
    origins = {each.origin for each in (source, test) if each is not None}
    has_jobs = bool(origins & {"file", *OPENERS})
    lines = [
        ("import hashlib", bool(_checking(source))),
        ("from dataclasses import replace", _forgets(steps)),
        ("from mfgui import jobs", has_jobs),
        ("from mfgui.core.control import Control", has_jobs),
        ("from mfgui.core.fingerprint import fingerprint", True),
        ("from mfgui.core.solvers import SOLVERS", True),
        ("from mfgui.data.options import ReadOptions", "file" in origins),
        ("from mfgui.jobs.card import changed_words, machine_card", bool(fingerprint)),
        ("from mfgui.jobs.folds import fold_training", bool(_dealing(run))),
        ("from mfgui.store.project import open_project", bool(origins - {"file", *OPENERS})),
        ("from mfgui.training.events import EpochRecord", True),
        ("from mfgui.training.session import TrainingSession", True)]
    return [line for line, is_needed in lines if is_needed]


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
    return [f"# These {name} come from no file: they are read from the project.",
            f'project = open_project({os.fspath(project.path)!r}, mode="read")',
            f"{name} = project.source_ratings({source.id})", "project.close()"]


def _checking(source: SourceInfo) -> list[str]:
    """Return the lines that look whether the file is still the same."""
    algorithm, _, digits = source.checksum.rpartition(":")
    if source.origin != "file" or algorithm != "sha256" or (
            source.report.get("checksum") != source.checksum):  # then it is one of the ratings
        return []
    return [f"with open({source.path!r}, \"rb\") as file:",
            f"    assert hashlib.file_digest(file, \"sha256\").hexdigest() == {digits!r}, \\",
            '        "the ratings file is not the one that this run was trained on"']


def _dealing(run: RunInfo) -> list[str]:
    """Return the line that takes what a fold, or a trial of a search, was given."""
    if "fold" not in run.origin and "holdout" not in run.origin:
        return []
    origin = {name: run.origin[name] for name in GIVEN if name in run.origin}
    return [f"ratings = fold_training(ratings, {origin!r})  # what this run was given"]


def _training(steps: Sequence[Step]) -> list[str]:
    """Return the lines that train each step."""
    names = ["solver", "settings", *(["stop_after"] * any(each.stop_after for each in steps))]
    plain = [(step.solver, as_dict(step.settings), step.stop_after)[:len(names)] for step in steps]
    lines = [
        f"# {'Each training' if len(steps) > 1 else 'The training'}: solver, settings"
        + (", and the segment and epoch after which it was stopped." if len(names) > 2 else "."),
        f"STEPS = {pprint.pformat(plain, width=96, sort_dicts=False)}", "",
        "result = None",
        f"for {', '.join(names)} in STEPS:",
        "    session = TrainingSession(",
        "        solver, SOLVERS[solver].settings_type(**settings), ratings, test=test,",
        "        start=result)",
        "    for event in session.epochs():",
        "        if isinstance(event, EpochRecord):",
        "            print(event.epoch, event.train_rmse, event.validation_rmse)"]
    if len(names) > 2:
        lines += ["            if (event.segment, event.epoch) == stop_after:",
                  "                session.stop()"]
    lines.append("    result = session.result")
    if _forgets(steps):  # only the first can be one: a search trains from the start
        lines += ["    if session.start is None:  # a search keeps the factors alone",
                  "        result = replace(result, interrupted=None)"]
    return lines


def _forgets(steps: Sequence[Step]) -> bool:
    """Return whether a step goes on from the factors of another alone."""
    return any(not step.keeps_state for step in steps[:-1])


def _comparing(run: RunInfo, fingerprint: str) -> list[str]:
    """Return the lines that compare the model with the one of the first time."""
    if not fingerprint:
        return []
    card = {name: run.card[name] for name in SAME_BITS if name in run.card}
    return [
        "", "# What the bits may depend on, as it was when the run was trained.",
        f"CARD = {pprint.pformat(card, width=96, sort_dicts=False)}",
        f"is_same = fingerprint(result.model) == {fingerprint!r}",
        "changed = changed_words(CARD, machine_card())",
        'print("the same bits" if is_same else f"another model; what differs: {changed}")',
        "raise SystemExit(not is_same)"]
