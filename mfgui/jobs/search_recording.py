"""The trials of a search as runs of a project, without a trial ever waiting for the disk.

A thread of its own begins the runs and hands records to the project's writer; what it tells has
been committed.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from mfgui.core.ratings import Ratings
from mfgui.core.settings import as_dict
from mfgui.errors import ProjectError
from mfgui.jobs.search_entry import KIND, KeptSearch
from mfgui.jobs.search_factors import TrialFactors
from mfgui.jobs.train import marked_summary
from mfgui.store.project import NewRun, Project, RunInfo
from mfgui.training.events import EpochRecord, Notice, RunResult
from mfgui.training.search import SearchEvent, TrialBegun, TrialEnded, TrialEvent
from mfgui.training.search_trials import FAILED, Outcome

KEEP_EVERY_S = 0.3
TICK_S = 0.02


@dataclass(frozen=True)
class TrialRun:
    """The run of a trial, as the project has it now: when it began, and when it is over."""

    trial: int
    run: RunInfo


class SearchRecorder:
    """Writes a search into a project.

    Parameters
    ----------
    project : Project
    kept : KeptSearch
        What the project holds of it; a search without an id gets its entry here.
    ratings : Ratings
        Those of the trials.
    card : dict
        Of every trial.
    """

    def __init__(
        self, project: Project, kept: KeptSearch, ratings: Ratings, card: dict[str, Any]
    ) -> None:
        self._project, self._ratings, self._card = project, ratings, card
        if not kept.id:
            kept = replace(kept, id=project.add_entry(KIND, kept.as_plain()))
        self.kept = kept
        self._outcomes = {each.trial: each for each in kept.outcomes}
        self._runs = {**kept.runs, **_runs_of(project, kept.id)}
        self._plain = {trial: each.as_plain() for trial, each in self._outcomes.items()}
        self._factors = TrialFactors(project, self._runs, self._outcomes)
        self._changed_at: float | None = None
        self._is_over = False
        self._begun: dict[int, TrialBegun] = {}
        self._in: queue.SimpleQueue[SearchEvent | None] = queue.SimpleQueue()
        self._told: deque[Any] = deque()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="mfgui-search-recorder")
        self._thread.start()

    # -- what the job calls -------------------------------------------------------------------

    def put(self, event: SearchEvent) -> None:
        """Have an event of the search written."""
        self._in.put(event)

    def take(self) -> Iterator[Any]:
        """Yield what has been committed since the last time."""
        while self._told:
            yield self._told.popleft()
        if self._error is not None:
            raise self._error

    def close(self, **changes: Any) -> None:
        """Write all there is, and what of the search changed; then wait for the commit."""
        self._in.put(None)
        self._thread.join()
        if self._error is None:
            self._factors.write()
            self._keep(**changes)
            writer = self._project.writer
            assert writer is not None
            writer.flush()

    # -- the thread ---------------------------------------------------------------------------

    def _work(self) -> None:
        """Write until told to end."""
        try:
            while events := self._next():
                self._write(events)
                self._keep_when_due()
        except BaseException as error:  # noqa: BLE001 - raised again where the job takes
            self._error = error

    def _next(self) -> list[SearchEvent]:
        """Wait for events, and keep meanwhile what has changed of the search; none: it is over.

        A moment's worth at a time, as the writer commits: one by one they cost a tenth of a search.
        """
        while not self._is_over:
            is_due = self._changed_at is not None or self._factors.has_waiting
            try:
                events = [self._in.get(timeout=KEEP_EVERY_S if is_due else None)]
            except queue.Empty:
                self._keep_when_due()
                continue
            if events[0] is not None:
                time.sleep(TICK_S)
            while not self._in.empty():
                events.append(self._in.get())
            self._is_over = None in events
            if found := [event for event in events if event is not None]:
                return found
        return []

    def _write(self, events: list[SearchEvent]) -> None:
        """Write what came in a moment, the records of each trial together."""
        records: dict[int, list[TrialEvent]] = {}
        for event in events:
            if isinstance(event, TrialBegun):
                self._begun[event.trial] = event  # it is a run once it really begins
            elif isinstance(event, TrialEvent) and isinstance(event.event, EpochRecord):
                records.setdefault(event.trial, []).append(event)
            elif isinstance(event, TrialEvent):
                self._add_records(records.pop(event.trial, []))
                self._add(event)
            elif isinstance(event, TrialEnded):
                self._add_records(records.pop(event.trial, []))
                self._end(event)
        for told in records.values():
            self._add_records(told)

    def _add_records(self, told: list[TrialEvent]) -> None:
        """Write records of one trial, and pass them on once they are committed."""
        if told:
            self._project.add_records(
                self._run_of(told[0].trial), [cast(EpochRecord, each.event) for each in told],
                lambda: self._told.extend(told))

    def _run_of(self, trial: int) -> int:
        """Return a trial's run: begun now, or one that was broken off and is made again whole."""
        begun = self._begun.pop(trial, None)
        if begun is None:
            return self._runs[trial]
        run = self._broken_off(trial)
        if run is None:
            run = self._project.begin_run(NewRun(
                self.kept.plan.solver, as_dict(begun.settings), self.kept.source_id,
                card=self._card, origin=self._origin(trial), held_out=begun.held_out))
            self._runs[trial] = run.id
        self._told.append(TrialRun(trial, run))
        return run.id

    def _broken_off(self, trial: int) -> RunInfo | None:
        """Return the run of a trial that began in an earlier sitting."""
        run_id = self._runs.get(trial)
        if run_id is None:
            return None
        try:
            run = self._project.run(run_id)
        except ProjectError:  # it was deleted meanwhile
            return None
        self._project.change_run(run_id, status="running", ended=None)
        return replace(run, status="running", ended=None)

    def _origin(self, trial: int) -> dict[str, Any]:
        """Return what began a trial's run, and what ratings it was not given (``jobs.folds``)."""
        origin = {"search": self.kept.id, "trial": trial}
        if not self.kept.holdout:
            return origin
        return {**origin, "holdout": {
            "share": self.kept.holdout, "seed": self.kept.plan.settings.seed}}

    def _add(self, told: TrialEvent) -> None:
        """Write a notice; what else a run tells begins it at least."""
        run_id, event = self._run_of(told.trial), told.event
        if isinstance(event, Notice):
            self._project.add_notice(run_id, event, lambda: self._told.append(told))

    def _end(self, ended: TrialEnded) -> None:
        """Write how a trial ended."""
        outcome, trial, run_id = ended.outcome, ended.trial, None
        if trial in self._outcomes:
            run_id = self._runs.get(trial)  # known from an earlier sitting
        elif outcome is not None:
            run_id = self._run_of(trial)
            self._outcomes[trial] = outcome
            self._plain[trial] = outcome.as_plain()
            self._change(run_id, outcome, ended.result)
            self.kept = replace(self.kept, seconds=ended.seconds)
            self._changed_at = self._changed_at or time.monotonic()
        elif trial not in self._begun:
            run_id = self._runs[trial]
            self._project.change_run(run_id, status="interrupted", ended=time.time())
        self._pass_on(ended, run_id)

    def _change(self, run_id: int, outcome: Outcome, result: RunResult | None) -> None:
        """Write a trial's figures and, of the best, its factors some time later."""
        if outcome.note:
            self._project.add_notice(run_id, Notice(
                "error" if outcome.status == FAILED else "information", outcome.note,
                outcome.n_epochs if outcome.is_pruned else None))
        changes: dict[str, Any] = {"status": FAILED, "ended": time.time()}
        if result is not None:
            changes |= {"status": result.stopped_because.value,
                        "summary": marked_summary(result, self._ratings),
                        "card": self._card_of(result)}
            self._factors.take(self._outcomes.values(), outcome.trial, result)
        if outcome.is_pruned:
            changes["origin"] = {**self._origin(outcome.trial), "pruned": outcome.n_epochs}
        self._project.change_run(run_id, **changes)

    def _card_of(self, result: RunResult) -> dict[str, Any]:
        """Return a trial's card with what it had to beat, for when its factors are not kept."""
        if result.baselines is None:
            return self._card
        return {**self._card, "baselines": asdict(result.baselines)}

    def _pass_on(self, ended: TrialEnded, run_id: int | None) -> None:
        """Tell that a trial is over once all of it is committed."""
        writer = self._project.writer
        assert writer is not None

        def tell() -> None:
            if run_id is not None:
                self._tell_run(ended.trial, run_id)
            self._told.append(ended)

        writer.submit(lambda connection: None, tell)

    def _tell_run(self, trial: int, run_id: int) -> None:
        try:
            self._told.append(TrialRun(trial, self._project.run(run_id)))
        except ProjectError:  # a person deleted it in this very moment
            return

    def _keep_when_due(self) -> None:
        """Write the search itself, but not at every trial: with thousands it is long.

        Trials that a kill leaves out are run again when the search goes on.
        """
        if self._changed_at is not None and time.monotonic() - self._changed_at >= KEEP_EVERY_S:
            self._keep()
        self._factors.write_when_due()

    def _keep(self, **changes: Any) -> None:
        """Write the search itself."""
        trials = sorted(self._outcomes)
        self.kept = replace(self.kept, outcomes=tuple(self._outcomes[trial] for trial in trials),
                            runs=dict(self._runs), **changes)
        self._changed_at = None
        self._project.change_entry(
            self.kept.id, self.kept.as_plain([self._plain[trial] for trial in trials]))


def _runs_of(project: Project, search_id: int) -> dict[int, int]:
    """Return the runs that trials of a search have begun, by their origin."""
    return {trial: run.id for run in project.runs() if run.origin.get("search") == search_id
            and type(trial := run.origin.get("trial")) is int}
