"""A run without a screen: a plain iterator of frozen events.

``for event in session.epochs()`` is the whole interface: the command line prints the events, a
test collects them, the window queues them. The solver makes one epoch; looping, timing,
measuring, stopping and keeping the best factors are written here, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from mfgui.core.control import Control
from mfgui.core.memory import require_memory
from mfgui.core.metrics import Pairs, all_pairs, no_pairs, squared_error_sums
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import RunSettings, describe
from mfgui.core.solvers import SOLVERS, Solver
from mfgui.core.splits import hold_out, match_ids, n_held_out
from mfgui.errors import SettingsError, TrainingError
from mfgui.training.events import EpochRecord, Notice, RunResult, StopReason
from mfgui.training.segment import Event, Kept, Parts, Segment


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
        check_run(self.solver_type, settings, ratings, start)
        share = validation_share(settings, start)
        trained, held_out = hold_out(ratings.n_ratings, share, settings.seed)
        self._training = ratings.take(trained) if held_out.size else ratings
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
        """Yield record 0, then one record an epoch, notices between, the RunResult last."""
        with WorkerPool(self.settings.n_threads) as pool:
            self.control.report("preparing")
            warm_up(self.solver_type, self.settings, pool)
            run = self._segment(pool, self._training, self._validation)
            yield from self._continued(run)
            yield from run.loop(self.settings.n_epochs)
            yield from self._finish(run, pool)

    def _continued(self, run: Segment) -> Iterator[Event]:
        """Take the kept factors over where this run goes on from another."""
        if self.start is None:
            return
        run.solver.restore(self.start.state)
        run.first_epoch = self.start.kept_epoch
        run.segment = max((record.segment for record in self._history), default=-1) + 1
        run.is_refit = self.start.is_refit
        yield Notice("information", f"Training on from epoch {run.first_epoch}.", run.first_epoch)

    def _segment(
        self, pool: WorkerPool, training: Ratings, validation: Pairs, **where: Any
    ) -> Segment:
        """Return a new solver on ``training``, ready to loop."""
        solver = self.solver_type(
            training, self.settings, pool, np.random.default_rng(self.settings.seed))
        parts = Parts(training, validation, self._test)
        return Segment(solver, self.settings, parts, self.control, **where)

    def _finish(self, run: Segment, pool: WorkerPool) -> Iterator[Event]:
        """Refit where asked, then tell how the run ended."""
        kept, best = run.kept(), run.best_record()
        self._history.extend(run.records)
        result = self._result(run, kept, best)
        if self._wants_refit(run, best):
            refit = self._segment(pool, self.ratings, no_pairs(), is_refit=True,
                                  segment=run.segment + 1)
            yield Notice("information", f"Training again on all {self.ratings.n_ratings:,} "
                         f"ratings for {best.epoch} epochs.", None)
            yield from refit.loop(best.epoch)
            self._history.extend(refit.records)
            result = self._refitted(result, refit, best)
            if not result.is_refit:
                yield Notice("warning", "The final training on all ratings did not finish: the "
                             "model from before it is kept.", None)
        self.result = result
        yield result

    def _wants_refit(self, run: Segment, best: EpochRecord) -> bool:
        """Return whether a final training on all ratings follows."""
        is_whole = run.stopped_because in (StopReason.FINISHED, StopReason.EARLY_STOPPING)
        return bool(self.settings.refit and self._validation.value.size and is_whole
                    and self.start is None and best.epoch > 0)

    def _result(self, run: Segment, kept: Kept, best: EpochRecord) -> RunResult:
        """Return the result of the main part, its figures those of the kept model."""
        record = kept.record
        return RunResult(
            solver=self.solver_type.name, settings=self.settings, model=kept.state["model"],
            state=kept.state, history=tuple(self._history),
            stopped_because=run.stopped_because, n_epochs_run=len(run.records) - 1,
            best_epoch=best.epoch, kept_epoch=record.epoch, is_refit=run.is_refit,
            learning_rate=run.records[0].learning_rate,
            train_loss=record.loss, train_rmse=record.train_rmse,
            validation_rmse=self._validation_rmse(record), test_rmse=record.test_rmse,
            train_seconds=run.train_seconds,
            n_validation=self._n_validation(), n_unseen_validation=self._n_unseen_validation(),
            n_test=self._test.value.size if self._test else 0,
            n_unseen_test=self._test.n_unseen if self._test else 0)

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

    def _refitted(self, result: RunResult, refit: Segment, best: EpochRecord) -> RunResult:
        """Return the result with the refitted model, where the refit was whole."""
        history, seconds = tuple(self._history), result.train_seconds + refit.train_seconds
        n_epochs_run = result.n_epochs_run + len(refit.records) - 1
        result = replace(
            result, history=history, train_seconds=seconds, n_epochs_run=n_epochs_run)
        if refit.stopped_because is not StopReason.FINISHED:
            return replace(result, stopped_because=refit.stopped_because)
        kept = refit.kept()
        return replace(
            result, model=kept.state["model"], state=kept.state, is_refit=True,
            kept_epoch=kept.record.epoch, train_loss=kept.record.loss,
            train_rmse=kept.record.train_rmse, test_rmse=kept.record.test_rmse,
            validation_rmse=best.validation_rmse)

    def _pairs(self, users: Any, items: Any, values: Any) -> Pairs:
        """Return rated pairs with the number that has an unseen user or item."""
        seen_user = self._training.user_counts > 0
        seen_item = self._training.item_counts > 0
        is_seen = (users >= 0) & (items >= 0)
        is_seen &= seen_user[np.maximum(users, 0)] & seen_item[np.maximum(items, 0)]
        return Pairs(users, items, values, int(np.count_nonzero(~is_seen)))


def check_run(
    solver_type: type[Solver], settings: RunSettings, ratings: Ratings,
    start: RunResult | None = None,
) -> None:
    """Refuse a run that cannot begin; at once, before anything is allocated.

    Raises
    ------
    TrainingError, SettingsError
        As TrainingSession says.
    """
    if start is not None:
        check_can_continue(start, solver_type.name, settings, ratings)
    if ratings.n_ratings == 0:
        raise TrainingError("There are no ratings to train on: open a file that has some.")
    n_held_out(ratings.n_ratings, validation_share(settings, start))
    needed = solver_type.bytes_needed(ratings.n_users, ratings.n_items, settings)
    n_factors = getattr(settings, "n_factors", 1)
    require_memory(needed, f"Training {n_factors:,} factors for {ratings.n_users:,} users and "
                   f"{ratings.n_items:,} items", "choose fewer factors (n_factors)")


def validation_share(settings: RunSettings, start: RunResult | None) -> float:
    """Return the share to hold out: none where a run goes on from a model of all ratings."""
    return 0.0 if start is not None and start.is_refit else settings.validation


def check_can_continue(
    start: RunResult, solver: str, settings: RunSettings, ratings: Ratings
) -> None:
    """Refuse to train on from ``start`` what its factors do not fit.

    Raises
    ------
    TrainingError
        If the solver, the users or the items are others.
    SettingsError
        If a setting that the factors or the split depend on was changed.
    """
    if start.solver != solver:
        raise TrainingError(
            f"These factors were trained by {start.solver}: choose it to train on, or press Train "
            "to begin anew.")
    if (start.model.n_users, start.model.n_items) != (ratings.n_users, ratings.n_items):
        raise TrainingError("These factors belong to other ratings: press Train to begin anew.")
    for info in describe(type(settings)):
        before, now = getattr(start.settings, info.name), getattr(settings, info.name)
        if info.is_fixed_by_model and before != now:
            raise SettingsError(
                f"{info.label} ({info.name}) was {before} and cannot change when training on: set "
                "it back, or press Train to begin anew.", info.name)


def warm_up(solver_type: type[Solver], settings: RunSettings, pool: WorkerPool) -> None:
    """Compile what the run needs, so that no epoch's time holds a compilation.

    A run of one epoch on two made-up ratings: it works for any solver.
    """
    texts = TextArray.from_strings(("a", "b"))
    index, value = np.arange(2, dtype=np.int32), np.ones(2, np.float32)
    ratings = Ratings(index, index.copy(), value, texts, texts)
    small: dict[str, Any] = {"n_factors": 1} if hasattr(settings, "n_factors") else {}
    solver = solver_type(ratings, replace(settings, **small), pool, np.random.default_rng(0))
    solver.run_epoch()
    squared_error_sums(solver.model, all_pairs(ratings), pool)
