"""A run without a screen: a plain iterator of frozen events.

``for event in session.epochs()`` is the whole interface: the command line prints the events, a
test collects them, the window queues them. The solver makes one epoch; looping, timing,
measuring, stopping and keeping the best factors are written here, once.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from mfgui.core.baselines import bias_model, mean_model, rmse_of
from mfgui.core.control import Control
from mfgui.core.metrics import Pairs, no_pairs
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import SOLVERS, Solver
from mfgui.core.splits import hold_out, match_ids
from mfgui.training.checks import (
    check_run,
    is_same_solver,
    validation_share,
    with_rate_of,
)
from mfgui.training.events import Baselines, EpochRecord, Notice, RunResult, Split, StopReason
from mfgui.training.measures import MEASURES, Measure
from mfgui.training.members import Members
from mfgui.training.segment import Event, Interrupted, Kept, Parts
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
        Where stop, pause and snapshots are asked for.

    Raises
    ------
    TrainingError
        If the ratings and settings leave nothing to train on, do not fit in memory, or
        ``start`` belongs to another solver or to other users, items or factors.
    SettingsError
        If ``start`` was made with another value of a setting that its factors depend on.
    """

    def __init__(
        self, solver: str | type[Solver], settings: RunSettings, ratings: Ratings, *,
        test: Ratings | None = None, start: RunResult | None = None,
        control: Control | None = None,
    ) -> None:
        self.solver_type = SOLVERS[solver] if isinstance(solver, str) else solver
        self.settings, self.ratings, self.start = settings, ratings, start
        self.control = control or Control()
        self.result: RunResult | None = None
        self._history: list[EpochRecord] = list(start.history) if start else []
        self._baselines: Baselines | None = None
        check_run(self.solver_type, settings, ratings, start)
        share = validation_share(settings, start)
        trained, held_out = hold_out(ratings.n_ratings, share, settings.seed)
        self._training = ratings.take(trained) if held_out.size else ratings
        self._held_out = held_out
        if start is not None and start.is_refit and start.held_out is not None:
            self._held_out = start.held_out
        self._validation = self._pairs(
            ratings.user_index[held_out], ratings.item_index[held_out], ratings.value[held_out])
        self._test = self._pairs(*match_ids(test, ratings)) if test is not None else None

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

    def epochs(self) -> Iterator[Event]:
        """Yield split, baselines, record 0, one record an epoch, notices, the RunResult last."""
        yield Split(self._held_out)
        with WorkerPool(self.settings.n_threads) as pool:
            self.control.report("preparing")
            warm_up(self.solver_type, self.settings, pool)
            if self._baselines is None and self.solver_type.measure == "rmse":
                self._baselines = self._measured_baselines(pool)
            if self._baselines is not None:
                yield self._baselines
            run = yield from self._train(pool)
            yield from self._finish(run, pool)

    def _train(self, pool: WorkerPool) -> Generator[Event, None, Members]:
        """Train on the training part; return what was trained, which alone holds the solver."""
        solver = self._solver(pool, self._training)
        yield from self._take_over(solver)
        run = self._members(
            solver, self._training, self._validation, first_segment=self._first_segment(),
            first_epoch=self.start.kept_epoch if self.start else 0,
            is_refit=self.start is not None and self.start.is_refit,
            interrupted=self._interrupted())
        yield from run.train([self.settings.n_epochs] * solver.n_members)
        return run

    def _solver(self, pool: WorkerPool, training: Ratings) -> Solver:
        """Return a new solver on ``training``."""
        return self.solver_type(
            training, self.settings, pool, np.random.default_rng(self.settings.seed))

    def _take_over(self, solver: Solver) -> Iterator[Event]:
        """Take the kept factors over where this run goes on from another."""
        start = self.start
        if start is None:
            return
        if (interrupted := self._interrupted()) is not None:
            epoch = interrupted.last.record.epoch
            yield Notice("information", f"Training on from epoch {epoch}.", epoch)
            return
        if start.solver == solver.name:
            solver.restore(with_rate_of(start.state, start, self.settings))
            text = f"Training on from epoch {start.kept_epoch}."
        else:
            solver.begin_from(start.model)
            label = SOLVERS[start.solver].label if start.solver in SOLVERS else start.solver
            text = f"Going on from the factors of {label}, epoch {start.kept_epoch}."
        yield Notice("information", text, start.kept_epoch)

    def _interrupted(self) -> Interrupted | None:
        """Return where the run stood that this one goes on with, if it can be gone on with.

        Under other settings the losses from before are another sum: the guard begins anew, and so
        does what was best where nothing is held out.
        """
        start = self.start
        if start is None or start.solver != self.solver_type.name or start.is_refit:
            return None
        before = start.interrupted
        if not isinstance(before, Interrupted) or is_same_solver(start.settings, self.settings):
            return before if isinstance(before, Interrupted) else None
        last = Kept(before.last.record, with_rate_of(before.last.state, start, self.settings))
        return Interrupted(
            last, before.best if self._validation.value.size else last, None,
            is_from_scratch=False)

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

    def _measured_baselines(self, pool: WorkerPool) -> Baselines:
        """Return the RMSE of mean and biases, fitted to the training part."""
        clip = self.settings.clip
        models = (mean_model(self._training, clip=clip),
                  bias_model(self._training, pool, clip=clip))
        parts = (self._validation, self._test or no_pairs())
        mean, bias = ([rmse_of(model, pairs, pool) for pairs in parts] for model in models)
        measured = Baselines(mean[0], bias[0], mean[1], bias[1])
        before = self.start.baselines if self.start is not None and self.start.is_refit else None
        return measured if before is None else replace(  # as the validation RMSE, from before it
            measured, mean_validation=before.mean_validation,
            bias_validation=before.bias_validation)

    def _measures(self, training: Ratings, validation: Pairs) -> dict[str, Measure]:
        """Return what a run is judged by: the solver's measure on validation and test pairs.

        ``training`` is what it is trained on; a ranking leaves out each user's items of it.
        """
        make = MEASURES[self.solver_type.measure]
        parts = {"validation": validation, "test": self._test}
        return {name: make(pairs, training, self.settings.seed)
                for name, pairs in parts.items() if pairs is not None and pairs.value.size}

    def _finish(self, run: Members, pool: WorkerPool) -> Iterator[Event]:
        """Refit where asked, then tell how the run ended."""
        self._history.extend(run.records)
        result = self._result(run)
        if self._wants_refit(run):
            n_epochs, rate_scale = run.best_epochs, run.solver.rate_scale
            run.release()
            yield Notice("information", f"Training again on all {self.ratings.n_ratings:,} "
                         f"ratings for {_epochs_text(n_epochs)}.", None)
            solver = self._solver(pool, self.ratings)
            solver.rate_scale = rate_scale
            refit = self._members(
                solver, self.ratings, no_pairs(), first_segment=run.next_segment, is_refit=True)
            yield from refit.train(n_epochs)
            self._history.extend(refit.records)
            result = self._refitted(result, run.judged, refit)
            if not result.is_refit:
                told = ("The final training on all ratings did not finish: the model from before "
                        "it is kept.")
                yield Notice("warning", told, None)
                result = replace(result, note=" ".join(filter(None, (result.note, told))))
        self.result = result
        yield result

    def _wants_refit(self, run: Members) -> bool:
        """Return whether a final training on all ratings follows."""
        is_whole = run.stopped_because in (StopReason.FINISHED, StopReason.EARLY_STOPPING)
        before = self._interrupted()
        is_from_scratch = self.start is None or (before is not None and before.is_from_scratch)
        return bool(self.settings.refit and self._validation.value.size and is_whole
                    and is_from_scratch)

    def _result(self, run: Members) -> RunResult:
        """Return the result of the main part, its figures those of the kept model."""
        record = run.kept.record
        return RunResult(
            solver=self.solver_type.name, settings=self.settings, model=run.model,
            state=run.kept.state, history=tuple(self._history),
            stopped_because=run.stopped_because, n_epochs_run=run.n_epochs_run,
            best_epoch=run.best_epochs[-1], kept_epoch=record.epoch,
            is_refit=self.start is not None and self.start.is_refit,
            learning_rate=run.records[0].learning_rate,
            train_loss=record.loss, train_rmse=record.train_rmse,
            validation_rmse=self._validation_rmse(run.measured), test_rmse=run.measured.test_rmse,
            train_seconds=run.train_seconds,
            n_validation=self._n_validation(), n_unseen_validation=self._n_unseen_validation(),
            n_test=self._test.value.size if self._test else 0,
            n_unseen_test=self._test.n_unseen if self._test else 0,
            last_record=run.measured, baselines=self._baselines, note=run.note,
            interrupted=run.interrupted, held_out=self._held_out,
            before_refit=self.start.before_refit if self.start is not None else None)

    def _validation_rmse(self, record: EpochRecord) -> float | None:
        """Return the record's figure, or that of before the refit this run goes on from."""
        if self.start is not None and self.start.is_refit:
            return self.start.validation_rmse
        return record.validation_rmse

    def _n_validation(self) -> int:
        """Return how many ratings the validation RMSE was measured on."""
        if self.start is not None and self.start.is_refit:
            return self.start.n_validation
        return int(self._validation.value.size)

    def _n_unseen_validation(self) -> int:
        """Return how many of them have a user or item unseen in training."""
        if self.start is not None and self.start.is_refit:
            return self.start.n_unseen_validation
        return self._validation.n_unseen

    def _refitted(self, result: RunResult, judged: EpochRecord, refit: Members) -> RunResult:
        """Return the result with the refitted model, where the refit was whole.

        What validation measured stays as it was before the refit.
        """
        result = replace(
            result, history=tuple(self._history),
            train_seconds=result.train_seconds + refit.train_seconds,
            n_epochs_run=result.n_epochs_run + refit.n_epochs_run)
        if refit.stopped_because is not StopReason.FINISHED:
            return replace(result, stopped_because=refit.stopped_because)
        record = refit.measured
        before = {name: getattr(judged, name) for name in (
            "validation_rmse", "validation_ndcg", "validation_precision", "validation_recall")}
        return replace(
            result, model=refit.model, before_refit=result.model, state=refit.kept.state,
            is_refit=True,
            kept_epoch=refit.kept.record.epoch, train_loss=record.loss,
            train_rmse=record.train_rmse, test_rmse=record.test_rmse,
            validation_rmse=judged.validation_rmse, last_record=replace(record, **before),
            interrupted=None)

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
