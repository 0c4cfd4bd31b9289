"""The job that finds settings: trials, as runs of a project where one is given."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.errors import CancelledError, SettingsError, TrainingError
from mfgui.jobs.card import run_card
from mfgui.jobs.recording import RunRecord
from mfgui.jobs.search_aside import AsideFigure, measure_aside, set_aside
from mfgui.jobs.search_entry import KeptSearch, find_search, kept_search, searches
from mfgui.jobs.search_recording import SearchRecorder, TrialRun
from mfgui.jobs.train import train
from mfgui.store.project import Project
from mfgui.training.events import RunResult
from mfgui.training.search import (
    SearchPlan,
    SearchResult,
    TrialBegun,
    TrialEnded,
    TrialEvent,
    Waiting,
    check_plan,
    search,
)
from mfgui.training.search_trials import Outcome, best_of
from mfgui.training.session import TrainingSession

__all__ = [
    "AsideFigure", "KeptSearch", "SearchFound", "SearchPlan", "SearchRecord", "SearchStarted",
    "TrialBegun", "TrialEnded", "TrialEvent", "TrialRun", "best_origin", "find_search",
    "find_settings", "found_of", "go_on_searching", "kept_search", "searches", "set_aside",
    "train_best",
]


@dataclass(frozen=True)
class SearchRecord:
    """Where a search is written."""

    project: Project
    source_id: int


@dataclass(frozen=True)
class SearchStarted:
    """A search begins, or goes on: its plan as it is run, and what is known of it."""

    search: KeptSearch
    n_set_aside: int


@dataclass(frozen=True, eq=False)
class SearchFound:
    """How a search ended.

    Parameters
    ----------
    search : KeptSearch
        With all its outcomes.
    best : Outcome or None
    settings : RunSettings or None
        Of the best trial, with the refit that was asked for.
    aside : AsideFigure or None
        What the best came to on ratings that no trial saw.
    is_complete : bool
        Whether all was tried that was asked for.
    """

    search: KeptSearch
    best: Outcome | None
    settings: RunSettings | None
    aside: AsideFigure | None
    is_complete: bool

    @property
    def best_run(self) -> int | None:
        """The run of the best trial, where there is a project."""
        return None if self.best is None else self.search.runs.get(self.best.trial)


SearchJobEvent = SearchStarted | TrialRun | TrialBegun | TrialEvent | TrialEnded | SearchFound


def find_settings(
    control: Control, plan: SearchPlan, ratings: Ratings, *, holdout: float = 0.0,
    record: SearchRecord | None = None,
) -> Iterator[SearchJobEvent]:
    """Yield what the trials of a new search tell, and what was found last.

    Parameters
    ----------
    holdout : float
        The share of the ratings that no trial sees; the best is measured on it once, at the end.
    record : SearchRecord or None
        Where trials are kept as runs; what they tell then has been committed.

    Raises
    ------
    SettingsError, TrainingError
        As ``check_plan`` says.
    """
    checked = check_plan(plan, ratings)
    kept = KeptSearch(replace(plan, n_trials=checked.n_trials, space=checked.space),
                      record.source_id if record is not None else 0, holdout)
    yield from _Sitting(control, kept, ratings, record).events()


def go_on_searching(
    control: Control, kept: KeptSearch, ratings: Ratings, record: SearchRecord | None
) -> Iterator[SearchJobEvent]:
    """Yield what the trials of a search tell that goes on where it stood: to the same trials.

    ``kept.plan`` may ask for more trials, or more time, than it did.

    Raises
    ------
    SettingsError, TrainingError
        As ``check_plan`` says, or if it asks for fewer trials than there are.
    """
    n_trials, n_done = check_plan(kept.plan, ratings).n_trials, len(kept.outcomes)
    if n_trials is not None and n_trials < n_done:
        raise SettingsError(f"{n_done:,} trials of this search are done: ask for so many or more, "
                            f"not for {n_trials:,}.", "n_trials")
    yield from _Sitting(control, kept, ratings, record).events()


def found_of(kept: KeptSearch) -> SearchFound:
    """Return what a search has found by now."""
    best = best_of(kept.outcomes)
    settings = None if best is None else replace(kept.plan.settings, **best.values)
    aside = kept.aside if best is not None and (
        kept.aside is not None and kept.aside.trial == best.trial) else None
    return SearchFound(kept, best, settings, aside, kept.is_complete)


def train_best(
    control: Control, found: SearchFound, ratings: Ratings, *, n_threads: int = 1,
    record: SearchRecord | None = None,
) -> Iterator[Any]:
    """Train with the best settings, at the end on all ratings; yield what a run tells.

    Where there is a project, it is a run of it that says which search its settings come from.

    Raises
    ------
    TrainingError
        If no trial came to a figure.
    """
    if found.best is None or found.settings is None:
        raise TrainingError("No trial of the search came to a figure: there is nothing to train.")
    settings = replace(found.settings, refit=True, n_threads=n_threads)
    kept = None if record is None else RunRecord(
        record.project, record.source_id, origin=best_origin(found.search.id, found.best.trial))
    yield from train(control, found.search.plan.solver, settings, ratings, record=kept)


def best_origin(search_id: int, trial: int) -> dict[str, Any]:
    """Return the origin of a run with the settings that a search found best."""
    return {"search": search_id, "best_trial": trial}


class _Sitting:
    """One sitting of a search."""

    def __init__(
        self, control: Control, kept: KeptSearch, ratings: Ratings, record: SearchRecord | None
    ) -> None:
        self._control, self._kept, self._all = control, kept, ratings
        self._record = record
        self._ratings, self._rest, self._aside = set_aside(
            ratings, kept.holdout, kept.plan.settings.seed)

    def events(self) -> Iterator[SearchJobEvent]:
        """Yield all that there is to tell."""
        recorder = self._recorder()
        if recorder is not None:
            self._kept = recorder.kept
        yield SearchStarted(self._kept, int(self._aside.size))
        found: list[SearchResult] = []
        try:
            with contextlib.closing(self._followed(recorder)) as events:
                for event in events:
                    if isinstance(event, SearchResult):
                        found.append(event)
                    elif not isinstance(event, Waiting):
                        yield event
        finally:
            if recorder is not None:
                changes = {"seconds": found[-1].seconds} if found else {}
                recorder.close(**changes)
                self._kept = recorder.kept
        if recorder is not None:
            yield from recorder.take()
        yield self._found(found[-1], recorder)

    def _recorder(self) -> SearchRecorder | None:
        if self._record is None:
            return None
        project, settings = self._record.project, replace(self._kept.plan.settings, refit=False)
        card = run_card(project.source(self._record.source_id), settings, self._ratings)
        return SearchRecorder(project, self._kept, self._ratings, card)

    def _followed(self, recorder: SearchRecorder | None) -> Generator[Any, None, None]:
        """Yield the events of the search; with a recorder those that have been committed."""
        kept = self._kept
        events = search(kept.plan, self._ratings, self._control, known=kept.outcomes,
                        seconds=kept.seconds)
        with contextlib.closing(events):  # its threads end with it, whatever is raised here
            for event in events:
                if recorder is None or isinstance(event, SearchResult):
                    yield event
                    continue
                recorder.put(event)
                if isinstance(event, TrialBegun):
                    yield event
                yield from recorder.take()

    def _found(self, result: SearchResult, recorder: SearchRecorder | None) -> SearchFound:
        """Return what was found; the best is measured on what was set aside, once."""
        kept = replace(self._kept, outcomes=result.outcomes, seconds=result.seconds)
        best, aside = result.best, kept.aside
        if best is not None and self._aside.size and result.is_complete:
            if aside is None or aside.trial != best.trial:
                aside = self._measured(best, result.result, 0 if aside is None else aside.n_looks)
            kept = replace(kept, aside=aside)
            if self._record is not None and kept.id:
                self._record.project.change_entry(kept.id, kept.as_plain())
        return replace(found_of(kept), is_complete=result.is_complete)

    def _measured(
        self, best: Outcome, result: RunResult | None, n_looks: int
    ) -> AsideFigure | None:
        """Return what the best trial's model comes to; one of an earlier sitting is made again."""
        plan = self._kept.plan
        self._control.report("Measuring the best on the ratings set aside")
        settings = replace(plan.settings, refit=False, n_threads=plan.n_threads, **best.values)
        session = TrainingSession(plan.solver, settings, self._ratings, control=self._control)
        if result is None:
            for _ in session.epochs():
                self._control.checkpoint()
            result = session.result
        if result is None:
            raise CancelledError("Stopped.")
        is_training = np.ones(self._ratings.n_ratings, bool)
        is_training[session.held_out] = False
        figure = measure_aside(
            self._control, plan, (best.trial, result.model), self._all,
            self._all.take(self._rest[is_training]), self._aside)
        return None if figure is None else replace(figure, n_looks=n_looks + 1)
