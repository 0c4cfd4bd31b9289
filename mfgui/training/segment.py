"""One segment of a run: a solver that loops over epochs until something ends it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mfgui.core.control import Control
from mfgui.core.metrics import Pairs, all_pairs, squared_error_sums
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import Solver
from mfgui.errors import CancelledError
from mfgui.training.events import EpochRecord, Notice, RunResult, Snapshot, StopReason

Event = EpochRecord | Notice | Snapshot | RunResult
DIVERGENCE_FACTOR = 1.5


@dataclass(frozen=True)
class Parts:
    """What a segment trains on and what it is measured on.

    Parameters
    ----------
    training : Ratings
    validation : Pairs
        Empty where nothing is held out.
    test : Pairs or None
        The pairs of a test file; measured, never stopped on.
    """

    training: Ratings
    validation: Pairs
    test: Pairs | None


@dataclass(frozen=True)
class Kept:
    """A state of the solver worth keeping, and the record that belongs to it."""

    record: EpochRecord
    state: dict[str, Any]


def monitored(record: EpochRecord) -> float:
    """Return what "best" means: the validation RMSE, or the loss where nothing is held out."""
    return record.loss if record.validation_rmse is None else record.validation_rmse


class Segment:
    """One segment of a session: a solver that loops over epochs."""

    def __init__(
        self, solver: Solver, settings: RunSettings, data: Parts, control: Control, *,
        is_refit: bool = False, segment: int = 0,
    ) -> None:
        self.solver, self.settings, self.data, self.control = solver, settings, data, control
        self.is_refit, self.segment, self.first_epoch = is_refit, segment, 0
        self.records: list[EpochRecord] = []
        self.stopped_because = StopReason.FINISHED
        self.train_seconds = 0.0
        self._last: Kept | None = None
        self._best: Kept | None = None
        self._lowest_loss = math.inf
        self._paused_seconds = 0.0
        self._thread = threading.current_thread()

    def loop(self, n_epochs: int) -> Iterator[Event]:
        """Yield record 0 and one record an epoch until something ends it."""
        control = self.control
        try:
            yield from self._tell(self._measure(self.first_epoch))
            last = self.first_epoch + n_epochs
            for epoch in range(self.first_epoch + 1, last + 1):
                self._train_once()
                record = self._measure(epoch)
                if (notice := self._divergence(record)) is not None:
                    self.stopped_because = StopReason.DIVERGED
                    yield notice
                    return
                yield from self._tell(record)
                control.report(f"epoch {epoch} of {last}", (epoch - self.first_epoch) / n_epochs)
                if self._is_out_of_patience(epoch):
                    self.stopped_because = StopReason.EARLY_STOPPING
                    return
        except CancelledError:
            # The epoch under way is dropped: what is kept was copied before it began.
            self.stopped_because = StopReason.STOPPED

    def _tell(self, record: EpochRecord) -> Iterator[Event]:
        """Keep what the record belongs to and yield it, with a snapshot if one was asked for."""
        self.records.append(record)
        self._lowest_loss = min(self._lowest_loss, record.loss)
        self._last = Kept(record, self.solver.state())
        if self._best is None or monitored(record) < monitored(self._best.record):
            self._best = self._last
        yield record
        if self.control.take_snapshot_request():
            yield Snapshot(record.epoch, self._last.state["model"])

    def kept(self) -> Kept:
        """Return what the run keeps: the best where early stopping looks for it, else the last."""
        if self._last is None or self._best is None:
            raise CancelledError("Stopped before training began.")
        is_best = self.settings.patience > 0 and self.data.validation.value.size > 0
        return self._best if is_best else self._last

    def best_record(self) -> EpochRecord:
        """Return the record with the best validation RMSE, or the last where there is none."""
        assert self._best is not None
        return self._best.record if self.data.validation.value.size else self.records[-1]

    def _train_once(self) -> None:
        """Run one epoch; waiting while paused does not count as training."""
        self._paused_seconds, self._thread = 0.0, threading.current_thread()
        begin = time.perf_counter()
        self.solver.run_epoch(self._checkpoint)
        self.train_seconds += time.perf_counter() - begin - self._paused_seconds

    def _checkpoint(self) -> None:
        """Wait while paused, and note how long."""
        if not self.records:
            return  # the starting point is always measured, so that every run has a model
        control = self.control
        if not control.is_paused:
            control.checkpoint()
            return
        begin = time.perf_counter()
        control.checkpoint()
        if threading.current_thread() is self._thread:  # the others waited at the same time
            self._paused_seconds += time.perf_counter() - begin

    def _measure(self, epoch: int) -> EpochRecord:
        """Return the record of the factors as they are now."""
        model, solver = self.solver.model, self.solver
        train = squared_error_sums(
            model, all_pairs(self.data.training), solver.pool, self._checkpoint)
        data_term = 0.5 * train.raw
        return EpochRecord(
            epoch=epoch, segment=self.segment, is_refit=self.is_refit,
            loss=data_term + solver.penalty(), data_term=data_term, train_rmse=train.rmse,
            validation_rmse=self._rmse(self.data.validation), test_rmse=self._rmse(self.data.test),
            train_seconds=self.train_seconds, learning_rate=solver.learning_rate)

    def _rmse(self, pairs: Pairs | None) -> float | None:
        """Return the RMSE on the pairs, None where there are none."""
        if pairs is None or not pairs.value.size:
            return None
        return squared_error_sums(
            self.solver.model, pairs, self.solver.pool, self._checkpoint).rmse

    def _divergence(self, record: EpochRecord) -> Notice | None:
        """Return the sentence that ends a run whose loss is not sound, else None."""
        best = self._lowest_loss
        if math.isfinite(record.loss) and record.loss <= DIVERGENCE_FACTOR * best:
            return None
        rate = self.records[-1].learning_rate
        what = (f"rose to {record.loss / best:.3g} times its best" if math.isfinite(record.loss)
                and best > 0 else "is not a finite number any more")
        text = (f"Training diverged at epoch {record.epoch}: the loss {what}; the factors of epoch "
                f"{self.kept().record.epoch} are kept.")
        if rate is None:
            return Notice("error", text, record.epoch)
        smaller = float(f"{self._first_rate() / 2:.2g}")
        return Notice(
            "error", f"{text} The learning rate was {rate:.3g}: try {smaller:g}.", record.epoch,
            "Use half the rate", (("learning_rate", smaller),))

    def _first_rate(self) -> float:
        """Return the rate the run began with: what a person sets."""
        return self.records[0].learning_rate or 0.0

    def _is_out_of_patience(self, epoch: int) -> bool:
        """Return whether the validation RMSE has not got better for ``patience`` epochs."""
        patience = self.settings.patience
        if not patience or not self.data.validation.value.size or self._best is None:
            return False
        return epoch - self._best.record.epoch >= patience
