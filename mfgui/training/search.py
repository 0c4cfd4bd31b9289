"""Finding settings: trials in batches, told in order, so that a seed always finds the same.

Trials of a batch may learn from all batches but the one before theirs. That one may still run
while they begin: no thread waits at the end of a batch for its slowest trial, and yet what a trial
learns from does not depend on who was quicker. On small data trials run side by side, each on a
thread of its own, on large data one after another with all threads inside; results are the same
bits either way, since those of a run are.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from mfgui.core.control import Control
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.sharing import sharing
from mfgui.errors import TrainingError
from mfgui.training.events import RunResult
from mfgui.training.search_events import (
    SearchEvent,
    SearchResult,
    TrialBegun,
    TrialEnded,
    TrialEvent,
    Waiting,
)
from mfgui.training.search_plan import (
    BATCH,
    LARGEST_SEARCH,
    METHODS,
    SIDE_BY_SIDE,
    SearchPlan,
    check_plan,
)
from mfgui.training.search_trials import Outcome, Trial, best_of, run_trial
from mfgui.training.session import TrainingSession

__all__ = [
    "BATCH", "LARGEST_SEARCH", "METHODS", "SIDE_BY_SIDE", "SearchEvent", "SearchPlan",
    "SearchResult", "TrialBegun", "TrialEnded", "TrialEvent", "Waiting", "check_plan", "search",
]

TICK_S = 0.03


def search(
    plan: SearchPlan, ratings: Ratings, control: Control, *, test: Ratings | None = None,
    known: Sequence[Outcome] = (), seconds: float = 0.0,
) -> Generator[SearchEvent, None, None]:
    """Yield what the trials tell, and the SearchResult last.

    Parameters
    ----------
    known : sequence of Outcome
        Trials of this very search that ended in an earlier sitting: they are not run again.
    seconds : float
        What the earlier sittings took.

    Raises
    ------
    SettingsError, TrainingError
        As ``check_plan`` says.
    """
    plan = check_plan(plan)
    is_side_by_side = ratings.n_ratings <= SIDE_BY_SIDE
    n_inside = 1 if is_side_by_side else plan.n_threads
    plan = replace(plan, settings=replace(plan.settings, n_threads=n_inside))
    with WorkerPool(plan.n_threads) as pool:  # it holds BLAS for all trials
        like = TrainingSession(plan.solver, plan.settings, ratings, test=test, control=control)
        like.prepare(pool)
        desk = _Desk(plan, like, control, known, seconds)
        n_at_once = plan.n_threads if is_side_by_side else 1
        with sharing(like.training), ThreadPoolExecutor(n_at_once, "mfgui-trial") as threads:
            try:
                yield from desk.run(threads)
            except BaseException:  # whoever follows has gone, or a trial failed by a bug
                desk.abandon()
                raise
    yield desk.result()


class _Desk:
    """Opens batches, hands trials to threads, and keeps what comes back."""

    def __init__(
        self, plan: SearchPlan, like: TrainingSession, control: Control,
        known: Sequence[Outcome], seconds: float,
    ) -> None:
        self._plan, self._like, self._control = plan, like, control
        self._sampler = METHODS[plan.method](plan.space, plan.settings, plan.seed)
        self._known = {each.trial: each for each in known}
        self._outcomes: dict[int, Outcome] = {}
        self._n_open = 0  # batches
        self._queue: deque[TrialEvent | TrialEnded] = deque()
        self._news = threading.Event()
        self._futures: list[Future[None]] = []
        self._n_running, self._is_abandoned = 0, False
        self._best: Outcome | None = None
        self._result: RunResult | None = None
        self._seconds, self._looked_at = seconds, time.perf_counter()

    # -- the loop ---------------------------------------------------------------------------

    def run(self, threads: ThreadPoolExecutor) -> Iterator[SearchEvent]:
        """Yield events until nothing runs and nothing may begin."""
        while True:
            while self._may_open():
                yield from self._open(threads)
            if not self._n_running and not self._queue:
                for future in self._futures:
                    future.result()  # a thread may have told its end a moment before it raises
                return
            self._news.wait(TICK_S)
            self._news.clear()
            self._pass_time()
            if not self._queue:
                yield Waiting()
            while self._queue:
                yield from self._take(self._queue.popleft())
            self._report()

    def _pass_time(self) -> None:
        """Count the time that is not spent waiting."""
        now = time.perf_counter()
        if not self._control.is_paused:
            self._seconds += now - self._looked_at
        self._looked_at = now

    def _report(self) -> None:
        """Say how far the search is."""
        plan, done, best = self._plan, len(self._outcomes), self._best
        shares = [done / plan.n_trials] if plan.n_trials else []
        if plan.seconds:
            shares.append(self._seconds / plan.seconds)
        found = f", best {abs(best.score or 0.0):.4f}" if best is not None else ""
        of = f" of {plan.n_trials:,}" if plan.n_trials else ""
        self._control.report(f"{done:,}{of} trials{found}", min(max(shares), 1.0))

    # -- batches ----------------------------------------------------------------------------

    def _trials_of(self, batch: int) -> list[int]:
        """Return the numbers of a batch's trials."""
        end = LARGEST_SEARCH if self._plan.n_trials is None else self._plan.n_trials
        return list(range(batch * BATCH, min((batch + 1) * BATCH, end)))

    def _may_open(self) -> bool:
        """Return whether the next batch may begin: all but the last one before it are over."""
        if self._control.is_stopped or self._is_late() or not self._trials_of(self._n_open):
            return False
        return all(trial in self._outcomes for trial in self._trials_of(self._n_open - 2)
                   if self._n_open >= 2)

    def _is_late(self) -> bool:
        """Return whether no trial may begin any more."""
        return self._plan.seconds is not None and self._seconds >= self._plan.seconds

    def _open(self, threads: ThreadPoolExecutor) -> Iterator[SearchEvent]:
        """Ask for the trials of the next batch, and begin those that are not known."""
        batch, self._n_open = self._n_open, self._n_open + 1
        if batch >= 2:
            self._sampler.tell([self._outcomes[trial].told for trial in self._trials_of(batch - 2)])
        numbers = self._trials_of(batch)
        asked = iter(self._sampler.ask([number for number in numbers if number]))
        trials = [self._trial(number, next(asked) if number else self._start_values())
                  for number in numbers]
        for trial in trials:
            yield from self._announce(trial)
        if not self._trials_of(self._n_open):
            # The last batch, the largest first: no thread has a long one left while others wait.
            trials.sort(key=self._size, reverse=True)
        for trial in trials:
            if trial.number not in self._known:
                self._n_running += 1
                self._futures.append(threads.submit(self._work, trial))

    def _size(self, trial: Trial) -> int:
        """Return what a trial takes, in bytes: time goes with it."""
        ratings = self._like.ratings
        return self._like.solver_type.bytes_needed(
            ratings.n_users, ratings.n_items, ratings.n_ratings, trial.settings)

    def _start_values(self) -> dict[str, Any]:
        return {name: getattr(self._plan.settings, name) for name in self._plan.space.names}

    def _trial(self, number: int, values: dict[str, Any]) -> Trial:
        """Return a trial with what it may be compared with: of all batches but the one before."""
        n_told = max(number // BATCH - 1, 0) * BATCH
        told = (tuple(self._outcomes[each].told for each in range(n_told))
                if self._plan.is_pruned else ())
        return Trial(number, values, replace(self._plan.settings, **values), told)

    def _announce(self, trial: Trial) -> Iterator[SearchEvent]:
        """Tell that a trial begins; one that is known ends at once."""
        known = self._known.get(trial.number)
        yield TrialBegun(trial.number, trial.values, trial.settings, self._like.held_out,
                         is_known=known is not None)
        if known is not None:
            self._keep(known, None)
            yield TrialEnded(trial.number, known, None, self._seconds)

    # -- trials -----------------------------------------------------------------------------

    def _work(self, trial: Trial) -> None:
        """Run a trial; on a thread of its own."""
        ended = TrialEnded(trial.number, None, None)
        try:
            if not (self._control.is_stopped or self._is_abandoned or self._is_late()):
                ended = TrialEnded(trial.number, *run_trial(
                    trial, self._like, self._control,
                    lambda event: self._queue.append(TrialEvent(trial.number, event))))
        finally:
            self._queue.append(ended)
            self._news.set()

    def _take(self, event: TrialEvent | TrialEnded) -> Iterator[SearchEvent]:
        """Pass on what a thread told."""
        if isinstance(event, TrialEnded):
            self._n_running -= 1
            self._raise_bugs()
            if event.outcome is not None:
                self._keep(event.outcome, event.result)
                self._refuse_hopeless(event.outcome)
            event = replace(event, seconds=self._seconds)
        yield event

    def _keep(self, outcome: Outcome, result: RunResult | None) -> None:
        """Keep an outcome, and the result of the best one."""
        self._outcomes[outcome.trial] = outcome
        best = best_of([outcome] if self._best is None else [self._best, outcome])
        if best is outcome:
            self._best, self._result = outcome, result

    def _raise_bugs(self) -> None:
        """Raise what a thread ended in, where it was no failure that a user can cause."""
        running = []
        for future in self._futures:
            if future.done():
                future.result()
            else:
                running.append(future)
        self._futures = running

    def _refuse_hopeless(self, outcome: Outcome) -> None:
        """End a search whose settings as they stand cannot be trained."""
        if outcome.trial == 0 and outcome.note and outcome.score is None:
            raise TrainingError(outcome.note)

    def abandon(self) -> None:
        """Let no trial begin any more, and end those that run."""
        self._is_abandoned = True
        for future in self._futures:
            future.cancel()
        self._control.stop()

    def result(self) -> SearchResult:
        """Return how it ended."""
        outcomes = tuple(self._outcomes[trial] for trial in sorted(self._outcomes))
        n = self._plan.n_trials
        is_complete = len(outcomes) == n if n is not None else self._is_late()
        return SearchResult(outcomes, self._best, self._result, is_complete, self._seconds)
