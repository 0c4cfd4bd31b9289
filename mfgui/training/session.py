"""A run without a screen: a plain iterator of frozen events.

``for event in session.epochs()`` is the whole interface: the command line prints the events, a
test collects them, the window queues them. The solver makes one epoch; looping, timing,
measuring, stopping and keeping the best factors are written here, once.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from mfgui.core.control import Control
from mfgui.core.metrics import Pairs, no_pairs
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import SOLVERS, Solver
from mfgui.core.splits import Positions, held_out, match_ids, others
from mfgui.training.checks import (
    check_can_resume,
    check_run,
)
from mfgui.training.events import EpochRecord, Notice, RunResult, Split, StopReason
from mfgui.training.measures import MEASURES, Measure
from mfgui.training.members import Members, MembersState
from mfgui.training.results import BeforeRefit, Results, origin_of
from mfgui.training.run_state import RunState
from mfgui.training.segment import Event, Parts
from mfgui.training.start import interrupted_of, measured_baselines, take_over
from mfgui.training.warm_up import warm_up


class TrainingSession:
    """One run: a solver, its settings and the ratings.

    Parameters
    ----------
    solver : str or type
        A name in ``SOLVERS``, or a Solver class.
    settings : RunSettings
        Of the solver's ``settings_type``.
    ratings : Ratings
        All of them; the validation share is held out here, by the seed.
    test : Ratings or None
        Ratings from a file of their own, matched by id; measured, never trained or stopped on.
    start : RunResult or None
        "Train on": go on from this run's kept factors for ``n_epochs`` more epochs.
    control : Control or None
        Where stop, pause, snapshots and states are asked for.
    resume : RunState or None
        In place of ``start``: the same run goes on from where it stood, with its own settings, to
        the same bits and records as if it had never been interrupted.

    Raises
    ------
    TrainingError
        If the ratings and settings leave nothing to train on, do not fit in memory, or
        ``start`` or ``resume`` belongs to another solver or to other users, items or factors.
    SettingsError
        If ``start`` was made with another value of a setting that its factors depend on.
    """

    def __init__(
        self, solver: str | type[Solver], settings: RunSettings, ratings: Ratings, *,
        test: Ratings | None = None, start: RunResult | None = None,
        control: Control | None = None, resume: RunState | None = None,
    ) -> None:
        self.solver_type = SOLVERS[solver] if isinstance(solver, str) else solver
        self.settings, self.ratings, self.start = settings, ratings, start
        self.control = control or Control()
        self.result: RunResult | None = None
        self._resume, self._is_alike = resume, False
        check_run(self.solver_type, settings, ratings, start)
        if resume is not None:
            check_can_resume(resume, self.solver_type.name, ratings)
        self._origin = origin_of(start) if resume is None else resume.origin
        self._before = None if resume is None else resume.before
        self._baselines = None if resume is None else resume.baselines
        self._history = list(self._before.result.history if self._before is not None
                             else self._origin.history if self._origin is not None else ())
        self._run: Members | None = None
        trained, left_out = self._split()
        self._training = ratings.take(trained) if left_out.size else ratings
        self.held_out = left_out
        if self._origin is not None and self._origin.is_refit:
            self.held_out = self._origin.held_out
        self._validation = self._pairs(
            ratings.user_index[left_out], ratings.item_index[left_out], ratings.value[left_out])
        self._test = self._pairs(*match_ids(test, ratings)) if test is not None else None
        self._results = Results(
            self.solver_type.name, settings, self._origin, self._validation, self._test,
            self.held_out)

    def _split(self) -> tuple[Positions, Positions]:
        """Return the positions to train on and those held out of them, as before or by the seed."""
        ratings, origin = self.ratings, self._origin
        if self._resume is not None and not (origin is not None and origin.is_refit):
            return others(ratings.n_ratings, self._resume.held_out), self._resume.held_out
        share = 0.0 if origin is not None and origin.is_refit else self.settings.validation
        return held_out(ratings, self.settings, share)

    def stop(self) -> None:
        """Ask the run to end; it keeps the last whole epoch, or the best one."""
        self.control.stop()

    def pause(self) -> None:
        """Ask the run to wait."""
        self.control.pause()

    def resume(self) -> None:
        """Let a paused run go on."""
        self.control.resume()

    def request_snapshot(self) -> None:
        """Ask for a copy of the factors at the end of the epoch."""
        self.control.request_snapshot()

    def alike(self, settings: RunSettings, control: Control) -> TrainingSession:
        """Return a session of other settings on the same split, which the two share.

        For trials, of which several may run at once: whoever runs them has called ``prepare`` on
        this one and holds BLAS, so that a trial of some milliseconds does neither by itself.

        Raises
        ------
        TrainingError
            As the class says of settings.
        """
        check_run(self.solver_type, settings, self.ratings, self.start)
        session = copy.copy(self)
        session.settings, session.control, session._is_alike = settings, control, True
        session._history, session._run = list(self._history), None
        session._results = replace(self._results, settings=settings)
        return session

    @property
    def training(self) -> Ratings:
        """What is trained on: all but what is held out."""
        return self._training

    def prepare(self, pool: WorkerPool) -> None:
        """Compile what the run needs, and measure what it has to beat."""
        self.control.report("preparing")
        warm_up(self.solver_type, self.settings, pool)
        if self._resume is None and self.solver_type.measure == "rmse":
            self._baselines = measured_baselines(
                self._training, (self._validation, self._test or no_pairs()), pool, self.start,
                clip=self.settings.clip)

    def request_state(self) -> None:
        """Ask for where the run stands at the end of the epoch."""
        self.control.request_state()

    def state(self) -> RunState | None:
        """Return where the run stands after its last epoch; None before there is anything sound.

        Nothing is copied: it holds the copies that the session has made.
        """
        members = self._run.state() if self._run is not None else None
        if members is None or not math.isfinite(members.last.loss):
            return None
        return RunState(self.solver_type.name, self.held_out, self._origin, self._baselines,
                        self._before, members)

    def epochs(self) -> Iterator[Event]:
        """Yield split, baselines, record 0, one record an epoch, notices, the RunResult last."""
        yield Split(self.held_out)
        with WorkerPool(self.settings.n_threads, holds_blas=not self._is_alike) as pool:
            if not self._is_alike:
                self.prepare(pool)
            if self._baselines is not None:
                yield self._baselines
            if self._before is not None and self._resume is not None:
                result = yield from self._refit(self._before, pool, self._resume.members)
            else:
                run = yield from self._train(pool)
                result = yield from self._finish(run, pool)
            self.result = result
            yield result

    def _train(self, pool: WorkerPool) -> Generator[Event, None, Members]:
        """Train on the training part; return what was trained, which alone holds the solver."""
        solver, start = self._solver(pool, self._training), self.start
        resume = None if self._resume is None else self._resume.members
        before = interrupted_of(start, solver.name, self.settings,
                                has_validation=bool(self._validation.value.size))
        if start is not None:
            yield from take_over(solver, start, self.settings, before)
        is_from_scratch = start is None or (before is not None and before.is_from_scratch)
        run = self._members(
            solver, self._training, self._validation, first_segment=self._first_segment(),
            first_epoch=start.kept_epoch if start is not None else 0,
            is_refit=self._origin is not None and self._origin.is_refit, interrupted=before,
            is_from_scratch=is_from_scratch if resume is None else resume.is_from_scratch)
        yield from self._told(run, (self.settings.n_epochs,) * solver.n_members, resume)
        return run

    def _told(
        self, run: Members, plan: Sequence[int], resume: MembersState | None
    ) -> Iterator[Event]:
        """Yield the events of a training, and after a record where the run stands, if asked."""
        self._run = run
        for event in run.train(plan if resume is None else resume.plan, resume):
            yield event
            if isinstance(event, EpochRecord) and self.control.take_state_request():
                state = self.state()
                if state is not None:
                    yield state

    def _solver(self, pool: WorkerPool, training: Ratings) -> Solver:
        """Return a new solver on ``training``."""
        return self.solver_type(
            training, self.settings, pool, np.random.default_rng(self.settings.seed))

    def _members(
        self, solver: Solver, training: Ratings, validation: Pairs, **where: Any
    ) -> Members:
        """Return what trains the solver's members on ``training``."""
        parts = Parts(training, validation, self._measures(training, validation))
        return Members(
            solver, self.settings, parts, self._test or no_pairs(), self.control, **where)

    def _first_segment(self) -> int:
        """Return the number of this run's first segment."""
        return max((record.segment for record in self._history), default=-1) + 1

    def _measures(self, training: Ratings, validation: Pairs) -> dict[str, Measure]:
        """Return what a run is judged by: the solver's measure on validation and test pairs.

        ``training`` is what it is trained on; a ranking leaves out each user's items of it.
        """
        make = MEASURES[self.solver_type.measure]
        parts = {"validation": validation, "test": self._test}
        return {name: make(pairs, training, self.settings.seed)
                for name, pairs in parts.items() if pairs is not None and pairs.value.size}

    def _finish(self, run: Members, pool: WorkerPool) -> Generator[Event, None, RunResult]:
        """Return how the run ended, after a refit where one was asked for."""
        self._history.extend(run.records)
        result = self._results.of(run, self._history, self._baselines)
        if not self._wants_refit(run):
            return result
        rate_scale = run.solver.rate_scale
        run.release()
        yield Notice("information", f"Training again on all {self.ratings.n_ratings:,} "
                     f"ratings for {_epochs_text(run.best_epochs)}.", None)
        before = BeforeRefit(
            result, run.judged, tuple(run.best_epochs), rate_scale, run.next_segment)
        return (yield from self._refit(before, pool))

    def _refit(
        self, before: BeforeRefit, pool: WorkerPool, resume: MembersState | None = None
    ) -> Generator[Event, None, RunResult]:
        """Train again on all ratings; return the result, that from before where it was cut."""
        solver = self._solver(pool, self.ratings)
        if resume is None:
            solver.rate_scale = before.rate_scale
        refit = self._members(
            solver, self.ratings, no_pairs(), first_segment=before.next_segment, is_refit=True)
        self._before = before
        yield from self._told(refit, before.best_epochs, resume)
        self._history.extend(refit.records)
        result = self._results.refitted(before, refit, self._history)
        if result.is_refit:
            return result
        told = ("The final training on all ratings did not finish: the model from before it is "
                "kept.")
        yield Notice("warning", told, None)
        return replace(result, note=" ".join(filter(None, (result.note, told))))

    def _wants_refit(self, run: Members) -> bool:
        """Return whether a final training on all ratings follows."""
        is_whole = run.stopped_because in (StopReason.FINISHED, StopReason.EARLY_STOPPING)
        return bool(self.settings.refit and self._validation.value.size and is_whole
                    and run.is_from_scratch)

    def _pairs(self, users: Any, items: Any, values: Any) -> Pairs:
        """Return rated pairs with the number that has an unseen user or item."""
        seen_user = self._training.user_counts > 0
        seen_item = self._training.item_counts > 0
        is_seen = (users >= 0) & (items >= 0)
        is_seen &= seen_user[np.maximum(users, 0)] & seen_item[np.maximum(items, 0)]
        return Pairs(users, items, values, int(np.count_nonzero(~is_seen)))


def _epochs_text(n_epochs: list[int]) -> str:
    """Return "12 epochs", or for an average "12, 11 and 12 epochs"."""
    if len(n_epochs) == 1:
        return f"{n_epochs[0]} epoch{'s' * (n_epochs[0] != 1)}"
    if len(n_epochs) > 10:
        return f"{min(n_epochs)} to {max(n_epochs)} epochs each"
    return f"{', '.join(map(str, n_epochs[:-1]))} and {n_epochs[-1]} epochs"
