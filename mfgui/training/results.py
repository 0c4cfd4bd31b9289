"""What a session's trainings come to: the RunResult, before and after a refit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel
from mfgui.core.settings import RunSettings
from mfgui.training.events import Baselines, EpochRecord, RunResult, StopReason
from mfgui.training.members import Members

BEFORE_REFIT = ("validation_rmse", "validation_ndcg", "validation_precision", "validation_recall")


@dataclass(frozen=True, eq=False)
class Origin:
    """What a run still needs to know of the one that it trains on from.

    Parameters
    ----------
    history : tuple of EpochRecord
    is_refit : bool
        Whether it saw all ratings: then its figures of the held-out ones stay as they were.
    held_out : ndarray of int64
    validation_rmse : float or None
    n_validation, n_unseen_validation : int
    before_refit : FactorModel or None
    """

    history: tuple[EpochRecord, ...]
    is_refit: bool
    held_out: NDArray[np.int64]
    validation_rmse: float | None
    n_validation: int
    n_unseen_validation: int
    before_refit: FactorModel | None


def origin_of(start: RunResult | None) -> Origin | None:
    """Return what a run needs to know of ``start``."""
    if start is None:
        return None
    held_out = np.empty(0, np.int64) if start.held_out is None else start.held_out
    return Origin(
        start.history, start.is_refit, held_out, start.validation_rmse, start.n_validation,
        start.n_unseen_validation, start.before_refit)


@dataclass(frozen=True, eq=False)
class BeforeRefit:
    """What there was when the final training on all ratings began.

    Parameters
    ----------
    result : RunResult
    judged : EpochRecord
        Whose validation figures the refitted model takes over.
    best_epochs : tuple of int
        How many epochs each member is trained for.
    rate_scale : float
        What the guard had made of the rate.
    next_segment : int
    """

    result: RunResult
    judged: EpochRecord
    best_epochs: tuple[int, ...]
    rate_scale: float
    next_segment: int


@dataclass(frozen=True, eq=False)
class Results:
    """Makes the results of one session.

    Parameters
    ----------
    solver : str
    settings : RunSettings
    origin : Origin or None
    validation : Pairs
    test : Pairs or None
    held_out : ndarray of int64
    """

    solver: str
    settings: RunSettings
    origin: Origin | None
    validation: Pairs
    test: Pairs | None
    held_out: NDArray[np.int64]

    def of(
        self, run: Members, history: Sequence[EpochRecord], baselines: Baselines | None
    ) -> RunResult:
        """Return the result of the main part, its figures those of the kept model."""
        record, test = run.kept.record, self.test
        rmse, n_validation, n_unseen = self._of_validation(run.measured)
        return RunResult(
            solver=self.solver, settings=self.settings, model=run.model,
            state=run.kept.state, history=tuple(history),
            stopped_because=run.stopped_because, n_epochs_run=run.n_epochs_run,
            best_epoch=run.best_epochs[-1], kept_epoch=record.epoch,
            is_refit=self.origin is not None and self.origin.is_refit,
            learning_rate=run.records[0].learning_rate,
            train_loss=record.loss, train_rmse=record.train_rmse,
            validation_rmse=rmse, test_rmse=run.measured.test_rmse,
            train_seconds=run.train_seconds,
            n_validation=n_validation, n_unseen_validation=n_unseen,
            n_test=test.value.size if test else 0, n_unseen_test=test.n_unseen if test else 0,
            last_record=run.measured, baselines=baselines, note=run.note,
            interrupted=run.interrupted, held_out=self.held_out,
            before_refit=self.origin.before_refit if self.origin is not None else None)

    def _of_validation(self, record: EpochRecord) -> tuple[float | None, int, int]:
        """Return RMSE, number of ratings and of the unseen; those from before the refit it had."""
        origin = self.origin
        if origin is not None and origin.is_refit:
            return origin.validation_rmse, origin.n_validation, origin.n_unseen_validation
        return record.validation_rmse, int(self.validation.value.size), self.validation.n_unseen

    def refitted(
        self, before: BeforeRefit, refit: Members, history: Sequence[EpochRecord]
    ) -> RunResult:
        """Return the result with the refitted model, where the refit was whole.

        What validation measured stays as it was before the refit.
        """
        result = replace(
            before.result, history=tuple(history),
            train_seconds=before.result.train_seconds + refit.train_seconds,
            n_epochs_run=before.result.n_epochs_run + refit.n_epochs_run)
        if refit.stopped_because is not StopReason.FINISHED:
            return replace(result, stopped_because=refit.stopped_because)
        record, judged = refit.measured, before.judged
        figures = {name: getattr(judged, name) for name in BEFORE_REFIT}
        return replace(
            result, model=refit.model, before_refit=result.model, state=refit.kept.state,
            is_refit=True,
            kept_epoch=refit.kept.record.epoch, train_loss=record.loss,
            train_rmse=record.train_rmse, test_rmse=record.test_rmse,
            validation_rmse=judged.validation_rmse, last_record=replace(record, **figures),
            interrupted=None)
