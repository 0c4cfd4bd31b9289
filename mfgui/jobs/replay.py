"""How a recorded run came about, step by step, so that it can be done again.

A step is one training: the run itself, or one of those it was trained on from. What a person, or a
search, stopped is stopped again after the same epoch, since a final training on all ratings would
follow otherwise; a run that was interrupted and went on has the bits of one that never was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.errors import ProjectError
from mfgui.jobs.recorder import differing
from mfgui.jobs.runs import settings_of
from mfgui.store.project import Project, RunInfo
from mfgui.training.events import EpochRecord, RunResult
from mfgui.training.segment import Event
from mfgui.training.session import TrainingSession

STEPPED = ("finished", "early_stopping", "diverged", "stopped")


@dataclass(frozen=True)
class Step:
    """One training.

    Parameters
    ----------
    run : int
        Its id in the project.
    solver : str
    settings : RunSettings
    stop_after : (int, int) or None
        Segment and epoch after which it was stopped.
    keeps_state : bool
        Whether the next step goes on with the solver's memory; a search keeps the factors alone.
    """

    run: int
    solver: str
    settings: RunSettings
    stop_after: tuple[int, int] | None = None
    keeps_state: bool = True


def steps_of(project: Project, run: RunInfo) -> tuple[Step, ...]:
    """Return the trainings that led to a run, the first one first.

    Raises
    ------
    ProjectError
        In a sentence, if one of them is not known any more or has no end, or if they were trained
        on different ratings.
    """
    chain = chain_of(project, run)
    earlier = [_earlier_step(project, one, other) for one, other in pairwise(chain)]
    return *earlier, _last_step(project, run)


def chain_of(project: Project, run: RunInfo) -> list[RunInfo]:
    """Return a run and those that it was trained on from, the first one first.

    Raises
    ------
    ProjectError
        If one of them is not in the project, or they were trained on different ratings.
    """
    chain, seen = [run], {run.id}
    while chain[0].continued_from is not None:
        before = _before(project, chain[0], run)
        if before.id in seen or not _is_same_data(before, run):
            raise ProjectError(f"Run {run.number} cannot be done again: the runs it was trained on "
                               "from do not belong to the same ratings.")
        seen.add(before.id)
        chain.insert(0, before)
    if chain[0].card.get("is_continued"):
        raise ProjectError(f"Run {run.number} cannot be done again: it was trained on from a model "
                           "that is not in the project.")
    return chain


def _before(project: Project, each: RunInfo, run: RunInfo) -> RunInfo:
    """Return the run that one was trained on from."""
    assert each.continued_from is not None
    try:
        return project.run(each.continued_from)
    except (KeyError, ProjectError) as error:
        raise ProjectError(
            f"Run {run.number} cannot be done again: it was trained on from a run that is no "
            "longer in the project.") from error


def _is_same_data(one: RunInfo, other: RunInfo) -> bool:
    """Return whether two runs were given the same ratings, of a fold or a search too."""
    return one.source_id == other.source_id and all(
        one.origin.get(name) == other.origin.get(name)
        for name in ("fold", "n_folds", "fold_seed", "per_user", "holdout"))


def _last_step(project: Project, run: RunInfo) -> Step:
    """Return what a run did to its end."""
    if run.status == "failed":
        raise ProjectError(f"Run {run.number} cannot be done again as it failed: its last notice "
                           "tells why.")
    if run.status not in STEPPED:
        raise ProjectError(f"Run {run.number} cannot be done again as it has no end yet: continue "
                           "it first.")
    stop_after = None
    if run.status == "stopped":
        last = project.history(run.id)[-1:]
        if not last:
            raise ProjectError(f"Run {run.number} cannot be done again: it was stopped before it "
                               "began.")
        stop_after = _place(last[0])
    return Step(run.id, run.solver, settings_of(run), stop_after)


def _earlier_step(project: Project, run: RunInfo, after: RunInfo) -> Step:
    """Return what a run had done when the one ``after`` it was trained on from it.

    It may have gone on itself since then: the records that both have tell where it stood.
    """
    own, taken = project.history(run.id), project.history(after.id)
    n_common = 0
    for one, other in zip(own, taken, strict=False):
        if differing(one, other):
            break
        n_common += 1
    if not n_common:
        raise ProjectError(f"Run {after.number} cannot be done again: nothing tells where run "
                           f"{run.number} stood that it was trained on from.")
    is_whole = n_common == len(own) and run.status in STEPPED and run.status != "stopped"
    return Step(run.id, run.solver, settings_of(run),
                None if is_whole else _place(own[n_common - 1]),
                keeps_state="trial" not in run.origin)


def _place(record: EpochRecord) -> tuple[int, int]:
    return record.segment, record.epoch


def replay(
    control: Control, steps: Sequence[Step], ratings: Ratings, test: Ratings | None = None
) -> Iterator[Event]:
    """Train each step, one on from the other; the RunResult of the last one comes last.

    Raises
    ------
    TrainingError, SettingsError
        As TrainingSession says.
    CancelledError
        If it was stopped.
    """
    result: RunResult | None = None
    for position, step in enumerate(steps):
        own, progress = Control(), _Progress(control, position, len(steps), step.settings)
        control.when_stopped(own.stop)
        session = TrainingSession(
            step.solver, step.settings, ratings, test=test, start=result, control=own)
        for event in session.epochs():
            if isinstance(event, EpochRecord):
                if _place(event) == step.stop_after:
                    session.stop()
                progress.follow(event)
            if not isinstance(event, RunResult):
                yield event
        control.checkpoint()
        result = session.result
        if result is not None and not step.keeps_state:
            result = replace(result, interrupted=None)
    if result is not None:
        yield result


class _Progress:
    """How far a step is, as a part of the whole: members and a refit are parts of a step."""

    def __init__(
        self, control: Control, position: int, n_steps: int, settings: RunSettings
    ) -> None:
        has_refit = settings.refit and settings.validation > 0
        self._n_phases = int(getattr(settings, "n_members", 1)) * (2 if has_refit else 1)
        self._control, self._position, self._n_steps = control, position, n_steps
        self._n_epochs = settings.n_epochs
        self._first_epochs: dict[int, int] = {}  # of each segment

    def follow(self, record: EpochRecord) -> None:
        """Tell how far all is after a record."""
        first = self._first_epochs.setdefault(record.segment, record.epoch)
        phase = len(self._first_epochs) - 1 + min((record.epoch - first) / self._n_epochs, 1.0)
        within = min(phase / self._n_phases, 1.0)
        self._control.report(
            f"epoch {record.epoch:,}", (self._position + within) / self._n_steps)
