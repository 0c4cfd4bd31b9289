"""Which trials' factors a project keeps: those of the best, written every few seconds."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import replace

from mfgui.errors import ProjectError
from mfgui.store.project import Project
from mfgui.store.project.compact import N_KEPT_TRIALS
from mfgui.training.events import RunResult
from mfgui.training.result_tree import result_to_tree
from mfgui.training.search_trials import Outcome

N_KEPT = "n_kept_trials"  # a setting of the project: of so many trials the factors are kept
WRITE_EVERY_S = 5.0  # most of those of a quick search are beaten by then, and never written
MOST_BYTES = 32 << 20  # of users' factors that wait in memory
ROLE = "result"


class TrialFactors:
    """Keeps the factors of the best trials.

    Parameters
    ----------
    project : Project
    runs : dict of int to int
        The run of each trial, live.
    known : collection of int
        Trials of earlier sittings.
    """

    def __init__(self, project: Project, runs: Mapping[int, int], known: Collection[int]) -> None:
        self._project, self._runs = project, runs
        self._written = {trial for trial in known if trial in runs and self._has_some(runs[trial])}
        self._waiting: dict[int, RunResult] = {}
        self._written_at = time.monotonic()

    def _has_some(self, run_id: int) -> bool:
        """Return whether a run's factors are in the project."""
        try:
            return ROLE in self._project.run(run_id).roles
        except ProjectError:  # it was deleted
            return False

    def take(self, outcomes: Collection[Outcome], trial: int, result: RunResult) -> None:
        """Keep a trial's factors where it is among the best, and let go what is no more."""
        best = self._best(outcomes)
        if trial in best:
            # Where it stood when it ended is left out: it is half of all, and no trial goes on.
            self._waiting[trial] = replace(result, interrupted=None)
        for beaten in self._waiting.keys() - best:
            del self._waiting[beaten]
        for beaten in self._written - best:
            self._drop(self._runs[beaten])
            self._written.discard(beaten)
        n_bytes = sum(each.model.user_factors.nbytes for each in self._waiting.values())
        if n_bytes > MOST_BYTES:
            self.write()

    def _best(self, outcomes: Collection[Outcome]) -> set[int]:
        """Return the trials whose factors are worth keeping."""
        n = self._project.value(N_KEPT, N_KEPT_TRIALS)
        n = n if type(n) is int and n >= 0 else N_KEPT_TRIALS  # it is of a file
        ranked = sorted((each for each in outcomes if each.score is not None),
                        key=lambda each: (each.is_pruned, each.score, each.trial))
        return {each.trial for each in ranked[:n]}

    @property
    def has_waiting(self) -> bool:
        """Whether some are to be written yet."""
        return bool(self._waiting)

    def write_when_due(self) -> None:
        """Write what waits, every few seconds."""
        if self._waiting and time.monotonic() - self._written_at >= WRITE_EVERY_S:
            self.write()

    def write(self) -> None:
        """Write what waits."""
        for trial, result in self._waiting.items():
            self._project.keep_tree(self._runs[trial], ROLE, result_to_tree(result))
        self._written |= self._waiting.keys()
        self._waiting = {}
        self._written_at = time.monotonic()

    def _drop(self, run_id: int) -> None:
        """Let a trial's factors go, but for one that a person starred or ticked."""
        try:
            run = self._project.run(run_id)
        except ProjectError:  # deleted meanwhile, factors and all
            return
        if not (run.is_starred or run.is_ticked):
            self._project.drop_tree(run_id, ROLE)
