"""The guard against divergence: back to the last sound state, half the rate, and on.

A loss is not sound where it is not finite, or over 1.5 times the lowest so far + 1e-6 of that at
the start. The whole state is put back, accumulators and random generator too; ten times at most.
"""

from __future__ import annotations

import math
from typing import Any

from mfgui.core.solvers import Solver
from mfgui.training.events import EpochRecord, Notice

DIVERGENCE_FACTOR = 1.5
START_SHARE = 1e-6
BACK_FACTOR = 1.05
MAX_RECOVERIES = 10


class Guard:
    """Watches the losses of one segment.

    Parameters
    ----------
    solver : Solver
    is_on : bool
        Off: the first divergence ends the run.
    """

    def __init__(self, solver: Solver, *, is_on: bool = True) -> None:
        self._solver, self._is_on = solver, is_on
        self._n_recoveries = 0
        self._start: EpochRecord | None = None
        self._lowest_loss = math.inf
        self._sound: tuple[EpochRecord, dict[str, Any]] | None = None

    def note(self, record: EpochRecord, state: dict[str, Any]) -> None:
        """Take a sound record with its state.

        Gone back to is the newest one within 5 % of the lowest loss: not one that was rising
        already, nor the very start where a penalty grows slowly.
        """
        if self._start is None:
            self._start = record
        self._lowest_loss = min(self._lowest_loss, record.loss)
        if self._sound is None or record.loss <= BACK_FACTOR * self._lowest_loss:
            self._sound = record, state

    def memory(self) -> tuple[Any, ...]:
        """Return what the guard of an interrupted run remembers."""
        return self._n_recoveries, self._start, self._lowest_loss, self._sound

    def resume(self, memory: tuple[Any, ...]) -> None:
        """Go on with what ``memory`` gave; () remembers nothing."""
        if memory:
            self._n_recoveries, self._start, self._lowest_loss, self._sound = memory

    def is_sound(self, record: EpochRecord) -> bool:
        """Return whether a loss is finite and not far above the lowest."""
        if self._start is None:
            return True
        limit = DIVERGENCE_FACTOR * self._lowest_loss + START_SHARE * self._start.loss
        return _is_finite(record) and record.loss <= limit

    def sound(self) -> tuple[EpochRecord, dict[str, Any]]:
        """Return the record that is gone back to, and its state; there must be one."""
        assert self._sound is not None
        return self._sound

    def recover(self, record: EpochRecord) -> Notice:
        """Go back and halve the rate, or say why the run ends here (kind "error")."""
        solver, (sound, state) = self._solver, self.sound()
        what = self._what(record)
        if solver.learning_rate is None or record.learning_rate is None:
            solver.restore(state)
            return Notice("error", f"epoch {record.epoch}: {what}, and {solver.label} has no "
                          f"learning rate to lower: the sound factors from before it are kept. "
                          "A stronger regularization may help.", record.epoch)
        if not self._is_on or self._n_recoveries >= MAX_RECOVERIES:
            solver.restore(state)
            return self._end(record, what)
        self._n_recoveries += 1
        scale = 0.5 * solver.rate_scale
        solver.restore(state)
        solver.rate_scale = scale
        return Notice(
            "warning", f"epoch {record.epoch}: {what}; back to epoch {sound.epoch}, rate "
            f"{_short(record.learning_rate)} to {_short(solver.learning_rate or 0.0)}.",
            record.epoch)

    def _end(self, record: EpochRecord, what: str) -> Notice:
        """Return the sentence that ends a run that could not be, or was not to be, saved."""
        tried = f" after the rate was halved {self._n_recoveries} times" if self._is_on else ""
        # All rates from the start's down to the present one were tried and found too large.
        rate = record.learning_rate if self._is_on else self._start_rate()
        smaller = float(f"{(rate or 0.0) / 2:.2g}")
        return Notice(
            "error", f"Training diverged at epoch {record.epoch}{tried}: {what}; the sound "
            f"factors from before it are kept. The learning rate was "
            f"{_short(record.learning_rate or 0.0)}: try {smaller:g}.", record.epoch,
            "Use half the rate", (("learning_rate", smaller),))

    def _start_rate(self) -> float:
        """Return the rate the run began with: what a person sets."""
        return (self._start.learning_rate if self._start else None) or 0.0

    def _what(self, record: EpochRecord) -> str:
        """Return what happened to the loss, in words."""
        if not _is_finite(record):
            return "the loss is not a finite number any more"
        if self._lowest_loss > 0:
            return f"the loss rose {record.loss / self._lowest_loss:.3g} times over"
        return f"the loss rose from 0 to {record.loss:.3g}"


def _short(rate: float) -> str:
    """Return a rate with two digits, as people would write it."""
    return f"{float(f'{rate:.2g}'):g}"


def _is_finite(record: EpochRecord) -> bool:
    """Return whether loss and errors are finite: on held-out pairs they may not be, alone.

    The test part does not count: it is measured, never acted on.
    """
    told = (record.loss, record.train_rmse, record.validation_rmse)
    return all(value is None or math.isfinite(value) for value in told)
