"""How a recorded run came about, step by step, so that it can be done again.

A step is one training: the run itself, or one of those it was trained on from. A run that a person
stopped is stopped again after the same epoch, since a rate may fall with the planned number of
epochs; one that was interrupted and went on has the bits of one that never was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mfgui.core.control import Control
from mfgui.core.fingerprint import fingerprint
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.errors import ProjectError
from mfgui.jobs.folds import fold_training
from mfgui.jobs.runs import open_run, settings_of
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
        Segment and epoch after which a person stopped it.
    """

    run: int
    solver: str
    settings: RunSettings
    stop_after: tuple[int, int] | None = None


def steps_of(project: Project, run: RunInfo) -> tuple[Step, ...]:
    """Return the trainings that led to a run, the first one first.

    Raises
    ------
    ProjectError
        In a sentence, if one of them is not known any more or has no end, or if they were trained
        on different ratings.
    """
    chain, seen = [run], {run.id}
    while chain[0].continued_from is not None:
        before = _before(project, chain[0])
        if before.id in seen or before.source_id != run.source_id:
            raise ProjectError(f"Run {run.number} cannot be done again: the runs it was trained on "
                               "from do not belong to the same ratings.")
        seen.add(before.id)
        chain.insert(0, before)
    return tuple(_step(project, each) for each in chain)


def _before(project: Project, run: RunInfo) -> RunInfo:
    """Return the run that one was trained on from."""
    assert run.continued_from is not None
    try:
        return project.run(run.continued_from)
    except (KeyError, ProjectError) as error:
        raise ProjectError(
            f"Run {run.number} cannot be done again: it was trained on from a run that is no "
            "longer in the project.") from error


def _step(project: Project, run: RunInfo) -> Step:
    """Return what a run did."""
    if run.status not in STEPPED:
        raise ProjectError(f"Run {run.number} cannot be done again as it has no end yet: continue "
                           "it first.")
    settings = settings_of(run)
    stop_after = None
    if run.status == "stopped":
        last = project.history(run.id)[-1:]
        if not last:
            raise ProjectError(f"Run {run.number} cannot be done again: it was stopped before it "
                               "began.")
        stop_after = last[0].segment, last[0].epoch
    return Step(run.id, run.solver, settings, stop_after)


@dataclass(frozen=True)
class Again:
    """A run that was done again, compared with the first time.

    Parameters
    ----------
    run : int
        Id of the run.
    is_same : bool
        Whether each number of both models is the same, to the bit.
    before, now : str
        The fingerprints of both models.
    largest_difference : float
        Of any user's factor, item's factor or bias; 0 where they are the same, infinite where
        their shapes differ.
    first_epoch : int or None
        The first epoch whose record was another, times aside; None where there is none.
    text : str
        All of it in a sentence.
    """

    run: int
    is_same: bool
    before: str
    now: str
    largest_difference: float
    first_epoch: int | None
    text: str


def replay(
    control: Control, steps: tuple[Step, ...], ratings: Ratings, test: Ratings | None = None
) -> Iterator[Event]:
    """Train each step, one on from the other; the RunResult of the last one comes last.

    Raises
    ------
    TrainingError, SettingsError
        As TrainingSession says.
    """
    result: RunResult | None = None
    for step in steps:
        own = Control()
        control.when_stopped(own.stop)
        session = TrainingSession(
            step.solver, step.settings, ratings, test=test, start=result, control=own)
        for event in session.epochs():
            if isinstance(event, EpochRecord):
                if (event.segment, event.epoch) == step.stop_after:
                    session.stop()
                control.report(f"epoch {event.epoch}", own.progress.fraction)
            if not isinstance(event, RunResult):
                yield event
        control.checkpoint()
        result = session.result
    if result is not None:
        yield result


def run_again(
    control: Control, project: Project, run_id: int, ratings: Ratings,
    test: Ratings | None = None,
) -> Iterator[Event | Again]:
    """Train a run of the project again and say whether it came to the same bits.

    Raises
    ------
    ProjectError
        As ``steps_of`` says, or if no factors of the run are kept.
    """
    run = project.run(run_id)
    steps = steps_of(project, run)
    *_, opened = open_run(Control(), project, run_id, ratings)
    if opened.result is None:
        raise ProjectError(f"Run {run.number} has no factors to compare with: they were let go to "
                           "save room.")
    result: RunResult | None = None
    for event in replay(control, steps, fold_training(ratings, run.origin), test):
        if isinstance(event, RunResult):
            result = event
        else:
            yield event
    assert result is not None
    yield compared(run, opened.result, result)


def compared(run: RunInfo, before: RunResult, now: RunResult) -> Again:
    """Return what differs between two results of one run."""
    prints = fingerprint(before.model), fingerprint(now.model)
    is_same = prints[0] == prints[1]
    first = _first_other_epoch(before.history, now.history)
    largest = 0.0 if is_same else _largest_difference(before, now)
    if is_same:
        text = f"Run {run.number} came to the same model again, to the bit."
    else:
        where = "" if first is None else f"; the first record to differ is that of epoch {first}"
        text = (f"Run {run.number} came to another model: numbers differ by up to {largest:.3g}"
                f"{where}. Other versions or another processor may be the reason: see the run's "
                "card.")
    return Again(run.id, is_same, *prints, largest, first, text)


def _first_other_epoch(
    before: tuple[EpochRecord, ...], now: tuple[EpochRecord, ...]
) -> int | None:
    """Return the epoch of the first record that is another, times aside."""
    for one, other in zip(before, now, strict=False):
        if timeless(one) != timeless(other):
            return other.epoch
    if len(before) != len(now):
        longer = before if len(before) > len(now) else now
        return longer[min(len(before), len(now))].epoch
    return None


def timeless(record: EpochRecord) -> dict[str, Any]:
    """Return what a record says that a second training must say again; NaN equals NaN."""
    return {name: "nan" if value != value else value for name, value in vars(record).items()
            if name != "train_seconds"}


def _largest_difference(before: RunResult, now: RunResult) -> float:
    """Return the largest difference of two numbers that stand in the same place."""
    largest = 0.0
    for name in ("user_factors", "item_factors", "user_bias", "item_bias"):
        one, other = getattr(before.model, name), getattr(now.model, name)
        if one.shape != other.shape:
            return float("inf")
        if one.size:
            largest = max(largest, float(abs(one - other).max()))
    return largest
