"""What is known of a search while it goes on: its trials, how each stands, which is best."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mfgui.core.solvers import SOLVERS
from mfgui.jobs.search import (
    KeptSearch,
    SearchFound,
    SearchStarted,
    TrialBegun,
    TrialEnded,
    TrialEvent,
    TrialRun,
    found_of,
)
from mfgui.jobs.search_words import STATUS_WORDS, score_name
from mfgui.training.events import EpochRecord
from mfgui.training.measures import watched
from mfgui.training.search_trials import PRUNED, Outcome

WAITING, RUNNING, CUT = "waiting", "running", "stopped"


@dataclass(frozen=True)
class TrialLine:
    """A trial as it is shown.

    ``score`` is what trials are judged by, the less the better: of one that runs its best so far.
    """

    trial: int
    values: dict[str, Any] = field(default_factory=dict)
    run_id: int | None = None
    number: int | None = None
    status: str = WAITING
    score: float | None = None
    n_epochs: int = 0
    note: str = ""

    @property
    def is_over(self) -> bool:
        """Whether it came to an end of its own, with a figure or without."""
        return self.status not in (WAITING, RUNNING, CUT)

    @property
    def is_pruned(self) -> bool:
        """Whether it was cut short because of its curve."""
        return self.status == PRUNED

    @property
    def figure(self) -> float | None:
        """What people read: the validation RMSE, or NDCG."""
        return None if self.score is None else abs(self.score)

    @property
    def figure_text(self) -> str:
        """The figure, "–" where there is none."""
        return "–" if self.figure is None else f"{self.figure:.4f}"

    @property
    def status_text(self) -> str:
        """How it stands, in words; a pruned one says at which epoch."""
        if self.is_pruned:
            return f"✕ pruned, epoch {self.n_epochs}"
        if self.status in (WAITING, RUNNING):
            return f"{self.status} ..."
        return STATUS_WORDS.get(self.status, self.status)


class SearchBoard:
    """Takes the events of a search and knows how it stands."""

    def __init__(self) -> None:
        self.search: KeptSearch | None = None
        self.found: SearchFound | None = None
        self.n_set_aside = 0
        self._lines: dict[int, TrialLine] = {}
        self._best: TrialLine | None = None

    @property
    def lines(self) -> Sequence[TrialLine]:
        """The trials, by number."""
        return tuple(self._lines[trial] for trial in sorted(self._lines))

    @property
    def best(self) -> TrialLine | None:
        """The best of those that are over, the pruned ones left out."""
        return self._best

    @property
    def n_over(self) -> int:
        """How many are over."""
        return sum(line.is_over for line in self._lines.values())

    def line(self, trial: int) -> TrialLine | None:
        """Return a trial, None where it is not there."""
        return self._lines.get(trial)

    def show(self, search: KeptSearch | None) -> None:
        """Show a search as the project keeps it; None: there is none."""
        self.search, self._lines, self._best = search, {}, None
        self.found = found_of(search) if search is not None and search.outcomes else None
        self.n_set_aside = 0
        for outcome in search.outcomes if search is not None else ():
            self._end(outcome)

    def take(self, events: Iterable[Any]) -> list[TrialRun]:
        """Take what the job told; return the runs that began or are over."""
        runs = []
        for event in events:
            if isinstance(event, TrialEvent):
                self._follow(event)
            elif isinstance(event, TrialRun):
                self._change(event.trial, run_id=event.run.id, number=event.run.number)
                runs.append(event)
            elif isinstance(event, TrialBegun):
                if not event.is_known:
                    self._change(event.trial, values=event.values, status=WAITING, score=None,
                                 n_epochs=0, note="")
            elif isinstance(event, TrialEnded):
                self._take_end(event)
            elif isinstance(event, SearchStarted):
                self.show(event.search)
                self.found = None  # until it is over
                self.n_set_aside = event.n_set_aside
            elif isinstance(event, SearchFound):
                self.search, self.found = event.search, event
        return runs

    def cut_off(self) -> None:
        """Note that what still runs will not come to an end now."""
        for trial, line in list(self._lines.items()):
            if line.status == WAITING:
                del self._lines[trial]
            elif line.status == RUNNING:
                self._change(trial, status=CUT)

    def _follow(self, told: TrialEvent) -> None:
        record = told.event
        if not isinstance(record, EpochRecord):
            return
        line = self._lines.get(told.trial, TrialLine(told.trial))
        score = watched(record) if record.epoch else math.inf
        before = math.inf if line.score is None else line.score
        best = min(score, before) if math.isfinite(score) else before
        self._change(told.trial, status=RUNNING, n_epochs=record.epoch,
                     score=best if math.isfinite(best) else None)

    def _take_end(self, ended: TrialEnded) -> None:
        if ended.outcome is not None:
            self._end(ended.outcome)
        elif ended.trial in self._lines:
            self._change(ended.trial, status=CUT)

    def _end(self, outcome: Outcome) -> None:
        run_id = self.search.runs.get(outcome.trial) if self.search is not None else None
        line = self._lines.get(outcome.trial, TrialLine(outcome.trial, run_id=run_id))
        line = self._lines[outcome.trial] = replace(
            line, values=dict(outcome.values), status=outcome.status, score=outcome.score,
            n_epochs=outcome.n_epochs, note=outcome.note)
        if line.score is None or line.is_pruned:
            return
        if self._best is None or (line.score, line.trial) < (
                self._best.score or 0.0, self._best.trial):
            self._best = line

    def _change(self, trial: int, **changes: Any) -> None:
        """Change a line, or begin one."""
        line = replace(self._lines.get(trial, TrialLine(trial)), **changes)
        self._lines[trial] = line
        if self._best is not None and self._best.trial == trial:
            self._best = line


def head_text(board: SearchBoard) -> str:
    """Return the best trial beside the settings as they stand, on a line."""
    best, search, first = board.best, board.search, board.line(0)
    if best is None or search is None:
        is_under_way = any(line.status in (WAITING, RUNNING) for line in board.lines)
        stopped = "Stopped before a trial was over." if board.lines else ""
        return "The first trials are under way ..." if is_under_way else stopped
    text = f"<b>Best: trial {best.trial}</b>, {score_name(search.plan.solver)} {best.figure_text}"
    if first is not None and first.is_over and best.trial:
        text += f" (as they stand: {first.figure_text})"
    return text


def search_text(kept: KeptSearch) -> str:
    """Return a search on a line of the list."""
    label = SOLVERS[kept.plan.solver].label
    n = len(kept.outcomes)
    of = f" of {kept.plan.n_trials:,}" if kept.plan.n_trials and n < kept.plan.n_trials else ""
    return f"Search {kept.id}: {label}, {n:,}{of} trial{'s' * (n != 1)}"
