"""One segment of a run: a solver that loops over epochs until something ends it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from mfgui.core.control import Control
from mfgui.core.metrics import Pairs
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import Solver
from mfgui.errors import CancelledError, TrainingError
from mfgui.training.checks import restore_all
from mfgui.training.events import (
    Baselines,
    EpochRecord,
    Notice,
    RunResult,
    Snapshot,
    Split,
    StopReason,
)
from mfgui.training.guard import Guard
from mfgui.training.kept import Interrupted, Kept, Standing
from mfgui.training.measures import AverageSoFar, Measure, watched

if TYPE_CHECKING:
    from mfgui.training.run_state import RunState

Event: TypeAlias = "EpochRecord | Notice | Snapshot | RunResult | Baselines | Split | RunState"


@dataclass(frozen=True)
class Parts:
    """What a segment trains on and what it is measured on.

    Parameters
    ----------
    training : Ratings
    validation : Pairs
        Empty where nothing is held out.
    measures : dict of str to Measure
        "validation" and "test", as far as there are pairs.
    average : AverageSoFar or None
        Where the solver trains the members of an average.
    """

    training: Ratings
    validation: Pairs
    measures: dict[str, Measure] = field(default_factory=dict)
    average: AverageSoFar | None = None


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
        self.standing: Standing | None = None
        self._end_reason = ""
        self._last: Kept | None = None
        self._best: Kept | None = None
        self._guard = Guard(solver, is_on=settings.guard)
        self._paused_seconds = 0.0
        self._thread = threading.current_thread()

    def resume(self, interrupted: Interrupted) -> None:
        """Go on from where another segment stood, as if it had never ended.

        Raises
        ------
        TrainingError
            If its states are none of this solver.
        """
        restore_all(self.solver, interrupted.last.state, interrupted.best.state,
                    interrupted.guard or ())
        self.first_epoch = interrupted.last.record.epoch
        self._best = interrupted.best
        if interrupted.guard is not None:
            self._guard.resume(interrupted.guard)

    def take_up(self, standing: Standing, records: Sequence[EpochRecord]) -> None:
        """Stand where this very segment stood; the solver is there already."""
        self.standing, self.records = standing, list(records)
        self.first_epoch, self._end_reason = standing.first_epoch, standing.end_reason
        self._last, self._best = standing.last, standing.best
        self._guard.resume(standing.guard)
        self.train_seconds = standing.last.record.train_seconds

    def interrupted(self, *, is_from_scratch: bool) -> Interrupted | None:
        """Return where it stands; None where going on would lead nowhere."""
        is_open = self.stopped_because in (StopReason.STOPPED, StopReason.FINISHED)
        if not is_open or self._last is None or self._best is None:
            return None
        return Interrupted(self._last, self._best, self._guard.memory(), is_from_scratch)

    def loop(self, n_epochs: int) -> Iterator[Event]:
        """Yield record 0, or that of where it was taken up, and one record an epoch to the end."""
        control, last = self.control, self.first_epoch + n_epochs
        try:
            yield from self._begin() if self._last is None else self._look_again(self._last)
            assert self._last is not None
            begun = self._last.record.epoch
            if begun > self.first_epoch and (yield from self._ends(begun)):
                return  # as it would have, had it not been interrupted
            for epoch in range(begun + 1, last + 1):
                if self.stopped_because is not StopReason.FINISHED:
                    return
                yield from self._one_epoch(epoch)
                control.report(f"epoch {epoch} of {last}", (epoch - self.first_epoch) / n_epochs)
                if (yield from self._ends(epoch)):
                    return
        except CancelledError:
            # The epoch under way is dropped: what is kept was copied before it began.
            self.stopped_because = StopReason.STOPPED

    def _ends(self, epoch: int) -> Generator[Event, None, bool]:
        """Return whether no further epoch follows this one, and say why."""
        if self.stopped_because is not StopReason.FINISHED:
            return True
        if self._end_reason:
            yield Notice("information", self._end_reason, epoch)
            return True
        if self._is_out_of_patience(epoch):
            self.stopped_because = StopReason.EARLY_STOPPING
            return True
        return False

    def _look_again(self, last: Kept) -> Iterator[Event]:
        """Measure the state that was taken up and tell its record again.

        What differs then shows that it was made by other versions or on another machine.
        """
        record = self._measure(last.record.epoch)
        if not math.isfinite(record.loss):
            raise TrainingError("The kept state of this run is damaged: its loss is not a finite "
                                "number; train again from the start.")
        same = ("train_seconds", "learning_rate", "rate_limit")  # the solver knows them no more
        yield replace(record, **{name: getattr(last.record, name) for name in same})

    def _begin(self) -> Iterator[Event]:
        """Measure and tell the starting point, and what there is to know of it."""
        if self.solver.start_note and not self.is_refit:
            yield Notice("information", self.solver.start_note, None)
        record = self._measure(self.first_epoch)
        if not math.isfinite(record.loss):
            self.stopped_because = StopReason.DIVERGED
            yield Notice("error", "The loss of the starting point is not a finite number: the "
                         "ratings are too large for this method.", self.first_epoch)
        yield from self._tell(record)

    def _one_epoch(self, epoch: int) -> Iterator[Event]:
        """Train until a sound epoch, going back and halving the rate as the guard says."""
        while True:
            rate = self.solver.learning_rate
            self._train_once()
            record = self._measure(epoch, rate)
            if self._guard.is_sound(record):
                yield from self._tell(record)
                return
            notice = self._guard.recover(record)
            yield notice
            if notice.kind == "error":
                self.stopped_because = StopReason.DIVERGED
                self._last = Kept(*self._guard.sound())
                return

    def _tell(self, record: EpochRecord) -> Iterator[Event]:
        """Keep what the record belongs to and yield it, with a snapshot if one was asked for."""
        self.records.append(record)
        self._last = Kept(record, self.solver.state())
        self._guard.note(record, self._last.state)
        if self._best is None or watched(record) < watched(self._best.record):
            self._best = self._last
        self._end_reason = self.solver.end_reason
        self.standing = Standing(self.first_epoch, self._last, self._best, self._guard.memory(),
                                 self._end_reason)
        yield record
        if self.control.take_snapshot_request():
            yield Snapshot(record.epoch, self.solver.model_of(self._last.state["arrays"]),
                           self.is_refit)

    def kept(self) -> Kept:
        """Return what the run keeps: the best where early stopping looks for it, else the last.

        After a divergence it is the last sound state.
        """
        if self._last is None or self._best is None:
            raise CancelledError("Stopped before training began.")
        is_best = self.settings.patience > 0 and self.data.validation.value.size > 0
        return self._best if is_best else self._last

    def best_record(self) -> EpochRecord:
        """Return the record that validation judged best, or the last where there is none."""
        assert self._best is not None
        return self._best.record if self.data.validation.value.size else self.records[-1]

    def _train_once(self) -> None:
        """Run one epoch; waiting while paused does not count as training."""
        self._paused_seconds, self._thread = 0.0, threading.current_thread()
        begin = time.perf_counter()
        self.solver.run_epoch(self._checkpoint)
        self.train_seconds += time.perf_counter() - begin - self._paused_seconds
        self.solver.look_around(self._checkpoint)

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

    def _measure(self, epoch: int, rate: float | None = None) -> EpochRecord:
        """Return the record of the factors as they are now."""
        solver, pool, data = self.solver, self.solver.pool, self.data
        model = solver.member_model
        fit = solver.fit(self._checkpoint)
        figures: dict[str, float | None] = {}
        for part, measure in data.measures.items():
            for name, value in measure.figures(model, pool, self._checkpoint).items():
                figures[f"{part}_{name}"] = value
        if data.average is not None:
            figures["average_rmse"] = data.average.rmse(model, pool)
        figures = {"validation_rmse": None, "test_rmse": None, **figures}
        if rate is None:
            rate = solver.step_taken if solver.learning_rate is None else solver.learning_rate
        return EpochRecord(
            epoch=epoch, segment=self.segment, is_refit=self.is_refit,
            loss=fit.loss, data_term=fit.data_term, train_rmse=fit.train_rmse,
            train_seconds=self.train_seconds,
            learning_rate=rate, rate_limit=solver.rate_limit, **figures)

    def _is_out_of_patience(self, epoch: int) -> bool:
        """Return whether validation has not got better for ``patience`` epochs."""
        patience = self.settings.patience
        if not patience or not self.data.validation.value.size or self._best is None:
            return False
        return epoch - self._best.record.epoch >= patience
