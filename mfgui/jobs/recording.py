"""Runs of a project: trained, and gone on with where they were interrupted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, as_dict
from mfgui.errors import ProjectError, TrainingError
from mfgui.jobs.card import changed_words, machine_card, run_card
from mfgui.jobs.folds import fold_training, origin_of_next
from mfgui.jobs.projects import open_source
from mfgui.jobs.recorder import RESULT, Earlier, Recorder
from mfgui.jobs.runs import (
    KeptState,
    OpenedRun,
    checked_start,
    open_run,
    settings_of,
    state_of,
)
from mfgui.jobs.train import MEMORY_RAN_OUT, train
from mfgui.store.project import NewRun, Project, RunInfo, ratings_checksum
from mfgui.training.events import EpochRecord
from mfgui.training.segment import Event
from mfgui.training.session import TrainingSession

__all__ = [
    "OpenedRun", "RunRecord", "RunStarted", "continue_run", "open_run", "recorded",
]

UNFINISHED = ("interrupted", "stopped", "failed")


@dataclass(frozen=True)
class RunStarted:
    """The first event of a recorded run: it is in the project, with what it has already."""

    run: RunInfo


@dataclass(frozen=True, eq=False)
class RunRecord:
    """Where a run is to be recorded.

    Parameters
    ----------
    project : Project
    source_id : int
        Of the ratings it is trained on.
    test_source_id : int or None
    name : str
    origin : dict
        What began it where no person did, see ``RunInfo``.
    continued_from : int or None
        The id of the run that it trains on from.
    """

    project: Project
    source_id: int
    test_source_id: int | None = None
    name: str = ""
    origin: dict[str, Any] = field(default_factory=dict)
    continued_from: int | None = None


def recorded(session: TrainingSession, record: RunRecord) -> Iterator[Event | RunStarted]:
    """Yield the events of a session that is recorded as a new run.

    A run that trains on from another has that one's records too.

    Raises
    ------
    ProjectError
        If the project cannot be written to.
    """
    project, ratings = record.project, session.ratings
    card = run_card(project.source(record.source_id), session.settings, ratings)
    if session.start is not None:  # remains to be known when the other run is deleted
        card["is_continued"] = True
    info = project.begin_run(NewRun(
        session.solver_type.name, as_dict(session.settings), record.source_id,
        record.test_source_id, record.name, card, record.continued_from, record.origin,
        session.held_out if session.held_out.size else None))
    if session.start is not None:
        project.add_records(info.id, session.start.history)
        session.request_state()  # from now on it does not need the other run any more
    yield from _followed(Recorder(session, project, info.id, ratings, Earlier()), project, info.id)


def _followed(
    recorder: Recorder, project: Project, run_id: int
) -> Iterator[Event | RunStarted]:
    """Yield that a run has started and what it tells."""
    has_begun = False
    try:
        yield RunStarted(project.run(run_id))
        has_begun = True
        yield from recorder.events()
    finally:
        if not has_begun:  # whoever was told of it wants no more
            project.change_run(run_id, status="stopped", ended=time.time())


def continue_run(
    control: Control, project: Project, run_id: int, ratings: Ratings, *,
    test: Ratings | None = None, n_epochs: int | None = None,
) -> Iterator[Event | RunStarted]:
    """Go on with a run of a project.

    One that was interrupted, stopped or failed goes on itself, from where it last was kept to its
    planned number of epochs, or for ``n_epochs`` more than it has: to the bits of one that was
    never interrupted. One that is finished is trained on from by a new run.

    Raises
    ------
    ProjectError
        If the ratings are others than it was trained on, or it is being trained.
    TrainingError, SettingsError
        If it cannot be gone on with.
    """
    info = project.run(run_id)
    settings = settings_of(info)
    if project.is_read_only:
        raise ProjectError("The project is open for reading only: save it as another one to go on.")
    if info.status == "running":
        raise ProjectError(f"Run {info.number} is being trained: stop it first.")
    given = fold_training(ratings, info.origin)
    _check_ratings(info, given)
    if test is None and info.test_source_id is not None:
        *_, opened = open_source(control, project, info.test_source_id)
        test = opened.ratings
    if info.status in UNFINISHED:
        kept = state_of(project, info)
        if kept is not None or info.status == "interrupted":
            yield from _go_on(control, project, info, settings, given, test, kept, n_epochs)
            return
    *_, opened_run = open_run(control, project, run_id, ratings)
    start = checked_start(opened_run)
    if n_epochs is not None:
        settings = replace(settings, n_epochs=n_epochs)
    yield from train(
        control, info.solver, settings, given, test=test, start=start,
        record=RunRecord(project, info.source_id, info.test_source_id, continued_from=run_id,
                         origin=origin_of_next(info.origin)))


def _check_ratings(info: RunInfo, ratings: Ratings) -> None:
    """Refuse other ratings than the run was trained on."""
    checksum = info.card.get("ratings_checksum")
    if isinstance(checksum, str) and checksum != ratings_checksum(ratings):
        raise ProjectError(
            f"The ratings are not those that run {info.number} was trained on, so it cannot go on: "
            "open the file as it was then, or train anew.")


def _go_on(
    control: Control, project: Project, info: RunInfo, settings: RunSettings, ratings: Ratings,
    test: Ratings | None, kept: KeptState | None, n_epochs: int | None,
) -> Iterator[Event | RunStarted]:
    """Go on with the same run, from its start where nothing was kept."""
    history, notices = project.history(info.id), project.notices(info.id)
    if n_epochs is not None:
        settings, kept = _planned(settings, kept, history, n_epochs)
    start = None
    if kept is None and info.continued_from is not None:
        *_, before = open_run(control, project, info.continued_from, ratings)
        start = checked_start(before)
    try:
        session = TrainingSession(
            info.solver, settings, ratings, test=test, start=start, control=control,
            resume=None if kept is None else kept.state)
    except MemoryError as error:
        raise TrainingError(MEMORY_RAN_OUT) from error
    now = machine_card()
    epoch = 0 if kept is None else kept.state.members.last.epoch
    continued = info.card.get("continued")
    steps = [*(continued if isinstance(continued, list) else []),
             {"epoch": epoch, "time": time.time(), "n_epochs": settings.n_epochs, **now}]
    project.change_run(
        info.id, status="running", ended=None, settings=as_dict(settings), summary={},
        card={**info.card, "continued": steps})
    project.drop_tree(info.id, RESULT)  # of when it was stopped: it holds no more
    n_notices = 0 if kept is None else kept.n_notices
    earlier = Earlier(
        _after(history, kept), notices[n_notices:], n_notices, changed_words(info.card, now))
    yield from _followed(
        Recorder(session, project, info.id, ratings, earlier), project, info.id)


def _after(
    history: tuple[EpochRecord, ...], kept: KeptState | None
) -> tuple[EpochRecord, ...]:
    """Return the records from the one of the state on: those that come again."""
    if kept is None:
        return history
    last = kept.state.members.last
    return tuple(record for record in history
                 if (record.segment, record.epoch) >= (last.segment, last.epoch))


def _planned(
    settings: RunSettings, kept: KeptState | None, history: tuple[EpochRecord, ...], n_epochs: int
) -> tuple[RunSettings, KeptState | None]:
    """Return settings and state of a run that goes on for more epochs than it has.

    As if they had been so from the start: the number of epochs bears on nothing but the end.
    """
    shown = history[-1].epoch if history else 0
    if kept is None:
        return replace(settings, n_epochs=shown + n_epochs), None
    members = kept.state.members
    if history and history[-1].segment != members.last.segment:
        raise TrainingError("This run is in its final training, or an average of several models, "
                            "which goes on for the epochs it was planned for: leave the number of "
                            "epochs out.")
    state = kept.state.planned(shown + n_epochs)
    settings = replace(settings, n_epochs=state.members.plan[0])
    return settings, replace(kept, state=state)
