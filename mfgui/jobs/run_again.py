"""A run trained once more, to see whether it comes to the same bits."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from mfgui.core.control import Control
from mfgui.core.fingerprint import fingerprint
from mfgui.core.model import ARRAYS, FactorModel
from mfgui.core.ratings import Ratings
from mfgui.errors import DataError, ProjectError
from mfgui.jobs.card import changed_words, machine_card
from mfgui.jobs.folds import fold_training
from mfgui.jobs.projects import open_source
from mfgui.jobs.recorder import differing
from mfgui.jobs.replay import replay, steps_of
from mfgui.jobs.runs import result_of
from mfgui.store.project import Project, RunInfo
from mfgui.training.events import EpochRecord, RunResult
from mfgui.training.segment import Event

ENTRY = "again"
FINGERPRINT = re.compile("sha256:[0-9a-f]{64}")
OF_TESTS = ("test_rmse", "test_ndcg", "test_precision", "test_recall")


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
    largest_difference : float or None
        Of any user's factor, item's factor or bias; 0 where they are the same, infinite where
        their shapes differ; None where the factors of the first time are not kept.
    first_epoch : int or None
        The first epoch whose record was another, times aside; None where there is none.
    text : str
        All of it in a sentence.
    """

    run: int
    is_same: bool
    before: str
    now: str
    largest_difference: float | None
    first_epoch: int | None
    text: str


def run_again(
    control: Control, project: Project, run_id: int, ratings: Ratings | None = None,
    test: Ratings | None = None,
) -> Iterator[Event | Again]:
    """Train a run of the project again and say whether it came to the same bits.

    What it says is kept in the project, as an entry of the run.

    Parameters
    ----------
    ratings, test : Ratings or None
        Those of the run, where they are open already; else they are opened.

    Raises
    ------
    ProjectError
        As ``steps_of`` says, if neither factors nor fingerprint of the run are kept, or if its
        ratings cannot be had.
    """
    run = project.run(run_id)
    steps = steps_of(project, run)
    if ratings is None:
        *_, opened = open_source(control, project, run.source_id)
        ratings = opened.ratings
    if test is None:
        test = _test(control, project, run)
    before = known_model(project, run)
    mark = fingerprint_of(run, before)
    if not mark:
        raise ProjectError(f"Run {run.number} has no factors to compare with: they were let go to "
                           "save room.")
    result: RunResult | None = None
    for event in replay(control, steps, fold_training(ratings, run.origin), test):
        if isinstance(event, RunResult):
            result = event
        else:
            yield event
    assert result is not None
    history = project.history(run.id)
    again = compared(run, mark, before, history, result, has_test=test is not None)
    if not project.is_read_only:
        project.add_entry(ENTRY, {**asdict(again), "time": time.time(), **machine_card()}, run.id)
    yield again


def _test(control: Control, project: Project, run: RunInfo) -> Ratings | None:
    """Return a run's test ratings; none where they cannot be had: nothing is trained on them."""
    if run.test_source_id is None:
        return None
    try:
        *_, opened = open_source(control, project, run.test_source_id)
    except (ProjectError, DataError):
        return None
    return opened.ratings


def known_model(project: Project, run: RunInfo) -> FactorModel | None:
    """Return the model of a run that is over, None where its factors are not kept."""
    result = result_of(project, run, project.history(run.id), project.held_out(run.id))
    return None if result is None else result.model


def fingerprint_of(run: RunInfo, model: FactorModel | None = None) -> str:
    """Return the fingerprint of a run's model: of the model, else as it was kept at its end."""
    if model is not None:
        return fingerprint(model)
    kept = run.summary.get("fingerprint")  # of a file
    return kept if isinstance(kept, str) and FINGERPRINT.fullmatch(kept) else ""


def compared(
    run: RunInfo, mark: str, before: FactorModel | None, history: tuple[EpochRecord, ...],
    now: RunResult, *, has_test: bool = True,
) -> Again:
    """Return what differs between two trainings of one run.

    Parameters
    ----------
    mark : str
        The fingerprint of the first time.
    before : FactorModel or None
        The model of the first time, where its factors are kept.
    history : tuple of EpochRecord
        Of the first time.
    """
    other = fingerprint(now.model)
    is_same = mark == other
    first, what = _first_difference(history, now.history, has_test=has_test)
    largest = 0.0 if is_same else None if before is None else _largest(before, now.model)
    return Again(run.id, is_same, mark, other, largest, first,
                 _text(run, is_same=is_same, largest=largest, first=first, what=what))


def _text(
    run: RunInfo, *, is_same: bool, largest: float | None, first: int | None, what: str
) -> str:
    """Return all of it in a sentence."""
    if is_same:
        text = f"Run {run.number} came to the same model again, to the bit"
        return f"{text}, though its records differ: {what}." if what else f"{text}."
    parts = [] if largest is None else [f"its numbers differ by up to {largest:.3g}"]
    if first is not None:
        parts.append(f"the first record to differ is that of epoch {first:,} ({what})")
    changed = changed_words(run.card, machine_card())
    reason = (f"What is not as it was: {changed}." if changed else
              "Versions and processor are the same, so this should not be.")
    return f"Run {run.number} came to another model: {'; '.join(parts) or 'it differs'}. {reason}"


def _first_difference(
    before: tuple[EpochRecord, ...], now: tuple[EpochRecord, ...], *, has_test: bool
) -> tuple[int | None, str]:
    """Return the epoch of the first record that is another, times aside, and what differs."""
    for one, other in zip(before, now, strict=False):
        if not has_test:
            one, other = (_without_test(each) for each in (one, other))
        if found := differing(one, other):
            return other.epoch, found
    if len(before) != len(now):
        longer = before if len(before) > len(now) else now
        return longer[min(len(before), len(now))].epoch, (
            f"{len(now):,} records, then {len(before):,}")
    return None, ""


def _without_test(record: EpochRecord) -> EpochRecord:
    nothing: dict[str, Any] = dict.fromkeys(OF_TESTS)
    return EpochRecord(**{**vars(record), **nothing})


def _largest(one: FactorModel, other: FactorModel) -> float:
    """Return the largest difference of two numbers that stand in the same place."""
    largest = 0.0
    for name in ARRAYS:
        before, now = getattr(one, name), getattr(other, name)
        if before is None and now is None:
            continue
        if before is None or now is None or before.shape != now.shape:
            return float("inf")
        if before.size:
            largest = max(largest, float(abs(before - now).max()))
    return largest
