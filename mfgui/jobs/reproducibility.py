"""What it takes to train a run again, for people: its card, by window, terminal and report."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mfgui.core.settings import SPLITS, describe, does_apply
from mfgui.core.solvers import SOLVERS
from mfgui.errors import ProjectError
from mfgui.jobs.replay import Step, chain_of, steps_of
from mfgui.jobs.reproduction import command_of
from mfgui.jobs.run_again import ENTRY, fingerprint_of, known_model
from mfgui.jobs.run_script import script_of
from mfgui.store.project import Project, RunInfo, SourceInfo

SHORT = 500  # signs of a text of a project, which is untrusted
MOST_AGAIN = 20
TOLD = ("seed", "split", "validation", "n_left_out", "n_threads")  # have lines of their own
SAME = ("The same ratings, settings, versions and type of machine give the same numbers, to the "
        "bit, for any number of threads.")


@dataclass(frozen=True)
class Reproducibility:
    """The card of a run.

    Parameters
    ----------
    run : int
        Its id.
    lines : tuple of (str, str)
        Names and values.
    command, script : str
        "" where there is none.
    why_no_command, why_no_script : str
        In a sentence, "" where there is one.
    why_not_again : str
        Why it cannot be run again to compare, "" where it can.
    again : tuple of str
        What came of running it again, the newest first.
    """

    run: int
    lines: tuple[tuple[str, str], ...]
    command: str
    script: str
    why_no_command: str
    why_no_script: str
    why_not_again: str
    again: tuple[str, ...]


def reproducibility(project: Project, run_id: int, mark: str | None = None) -> Reproducibility:
    """Return the card of a run, as it stands now.

    Parameters
    ----------
    mark : str or None
        The fingerprint of its model, where it is known; None: as it was kept, else worked out.
    """
    run = project.run(run_id)
    if mark is None:
        mark = model_mark(project, run)
    command, why_no_command = _tried(lambda: command_of(project, run))
    script, why_no_script = _tried(lambda: script_of(project, run, mark))
    why_not_again = why_no_script
    if not why_not_again and not mark:
        why_not_again = (f"Run {run.number} has no factors to compare with: they were let go to "
                         "save room.")
    lines = (*card_lines(run, project.source(run.source_id), mark), *_chain_lines(project, run))
    return Reproducibility(run.id, lines, command, script, why_no_command, why_no_script,
                           why_not_again, tuple(again_texts(project, run)))


def model_mark(project: Project, run: RunInfo) -> str:
    """Return the fingerprint of a run's model, worked out where it was not kept; "" for none."""
    return fingerprint_of(run) or fingerprint_of(run, known_model(project, run))


def _tried(make: Any) -> tuple[str, str]:
    """Return a text, or why there is none."""
    try:
        return str(make()), ""
    except ProjectError as error:
        return "", str(error)


def card_lines(run: RunInfo, source: SourceInfo, mark: str = "") -> tuple[tuple[str, str], ...]:
    """Return what it takes to do a run again, as names and values for people.

    Parameters
    ----------
    mark : str
        The fingerprint of its model, "" where it is not known.
    """
    card, settings = run.card, run.settings
    options = ", ".join(f"{name.replace('_', ' ')} {_plain(value)}"
                        for name, value in source.options.items())
    lines = [("ratings", source.path or source.name), ("checksum", source.checksum),
             ("read with", options or "nothing set: all was found in the file"
              if source.origin == "file" else ""),
             ("ratings checksum", card.get("ratings_checksum")),
             ("solver", run.solver), ("settings", settings_text(run)),
             ("split", split_text(settings)), ("seed", settings.get("seed")),
             ("threads", settings.get("n_threads")), ("versions", _versions(card)),
             ("processor", card.get("processor")), ("platform", card.get("platform")),
             ("fingerprint", mark), *_continued(card)]
    return tuple((name, _cut(value)) for name, value in lines
                 if value not in (None, "") and not isinstance(value, (dict, list)))


def settings_text(run: RunInfo) -> str:
    """Return the settings that do anything, by name; the command has all their digits."""
    if run.solver not in SOLVERS:
        return ", ".join(f"{name} {_plain(value)}" for name, value in run.settings.items())
    infos = describe(SOLVERS[run.solver].settings_type)
    return ", ".join(
        f"{info.name} {info.empty_text if value is None else _plain(value)}" for info in infos
        if info.name not in TOLD and info.name in run.settings
        and does_apply(info, run.settings) for value in [run.settings[info.name]])


def split_text(settings: Mapping[str, Any]) -> str:
    """Return how ratings were held out, in words."""
    split, share = str(settings.get("split", "random")), settings.get("validation")
    if not share and split != "leave-k":
        return "none held out"
    words = SPLITS.get(split, split)
    if split == "leave-k":
        return f"{words}: {settings.get('n_left_out', 1)}"
    return f"{words}: {share:g}" if isinstance(share, (int, float)) else words


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _cut(value: Any) -> str:
    text = _plain(value)
    return text if len(text) <= SHORT else text[:SHORT] + "..."


def _versions(card: Mapping[str, Any]) -> str:
    versions = card.get("versions")
    if not isinstance(versions, dict):
        return ""
    return ", ".join(f"{name} {text}" for name, text in versions.items())


def _continued(card: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield where the run itself was gone on with after a break."""
    steps = card.get("continued")
    for step in steps if isinstance(steps, list) else ():
        if isinstance(step, dict):
            yield "went on", ", ".join(filter(None, (
                f"from epoch {_plain(step.get('epoch'))}", _when(step.get("time")),
                _versions(step))))


def _when(seconds: Any) -> str:
    """Return a moment in the time of this place, to the minute; "" where it is none."""
    try:
        moment = datetime.datetime.fromtimestamp(float(seconds)).astimezone()
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
    return moment.strftime("%Y-%m-%d %H:%M")


def _chain_lines(project: Project, run: RunInfo) -> Iterator[tuple[str, str]]:
    """Yield the runs that it was trained on from, the first one first."""
    if run.continued_from is None:
        return
    try:
        steps = steps_of(project, run)[:-1]
        chain = chain_of(project, run)
    except ProjectError as error:
        yield "trained on from", str(error)
        return
    for step, each in zip(steps, chain, strict=False):
        yield "trained on from", step_text(step, each)


def step_text(step: Step, run: RunInfo) -> str:
    """Return a run of a chain in words: "run 2, SGD, stopped after epoch 7"."""
    solver = SOLVERS.get(step.solver)
    text = f"run {run.number}, {solver.label if solver is not None else step.solver}"
    if step.stop_after is not None:
        return f"{text}, as it stood after epoch {step.stop_after[1]:,}"
    return f"{text}, {step.settings.n_epochs:,} epochs at most"


def again_texts(project: Project, run: RunInfo) -> list[str]:
    """Return what came of running a run again, the newest first."""
    found = [entry for entry in project.entries(ENTRY) if entry.run_id == run.id]
    newest = sorted(found, key=lambda entry: entry.id, reverse=True)[:MOST_AGAIN]
    return [" ".join(filter(None, (f"{_when(entry.created)}:" if _when(entry.created) else "",
                                   _cut(entry.body.get("text", "")))))
            for entry in newest]
