"""The models of a run that are trained one after another: one, or the members of an average."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mfgui.core.baselines import rmse_of
from mfgui.core.control import Control
from mfgui.core.metrics import Pairs, all_pairs, squared_error_sums
from mfgui.core.model import FactorModel
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import Solver
from mfgui.errors import TrainingError
from mfgui.training.checks import restore_all
from mfgui.training.events import EpochRecord, Notice, StopReason
from mfgui.training.kept import Interrupted, Kept, Standing
from mfgui.training.measures import AverageSoFar
from mfgui.training.segment import Event, Parts, Segment


@dataclass(frozen=True)
class MembersState:
    """Where the training of one or several members stood after an epoch.

    Parameters
    ----------
    member : int
        Which one was under way.
    plan : tuple of int
        How many epochs each is to be trained for.
    best_epochs : tuple of int
        Of those that are finished.
    train_seconds, n_epochs_run : float, int
        Of those that are finished.
    is_refit, is_from_scratch : bool
    records : tuple of EpochRecord
        All until now; those of the member under way have its ``segment``.
    standing : Standing
        Of the member under way.
    """

    member: int
    plan: tuple[int, ...]
    best_epochs: tuple[int, ...]
    train_seconds: float
    n_epochs_run: int
    is_refit: bool
    is_from_scratch: bool
    records: tuple[EpochRecord, ...]
    standing: Standing

    @property
    def last(self) -> EpochRecord:
        """The record after which it stood so."""
        return self.standing.last.record

    @property
    def last_epoch(self) -> int:
        """The epoch that the member under way goes to."""
        return self.standing.first_epoch + self.plan[self.member]


class Members:
    """Trains each member in a segment of its own and keeps what the run keeps.

    Parameters
    ----------
    solver : Solver
    settings : RunSettings
    data : Parts
    test : Pairs
        Empty where there is no test file.
    control : Control
    first_segment, first_epoch : int
        Where the numbering begins.
    is_refit : bool
    is_from_scratch : bool
        Whether all epochs since the random start are told of, so that a refit can do the same.
    interrupted : Interrupted or None
        Where the run stood that this one goes on with.

    Attributes
    ----------
    records : list of EpochRecord
    best_epochs : list of int
        Of each member, the epoch that validation judged best.
    stopped_because : StopReason
    train_seconds : float
    n_epochs_run : int
    interrupted : Interrupted or None
        Where the last member stood at its end, if it can go on.
    note : str
        What a person should know of the result, as a sentence, or "".
    stood : MembersState or None
        Where the training stood when the last member ended, after its last epoch.
    """

    def __init__(
        self, solver: Solver, settings: RunSettings, data: Parts, test: Pairs, control: Control,
        *, first_segment: int = 0, first_epoch: int = 0, is_refit: bool = False,
        is_from_scratch: bool = True, interrupted: Interrupted | None = None,
    ) -> None:
        self.solver, self._settings, self._control = solver, settings, control
        self._data, self._test, self._interrupted = data, test, interrupted
        self._segment, self._first_epoch, self._is_refit = first_segment, first_epoch, is_refit
        self.is_from_scratch = is_from_scratch
        self._plan: tuple[int, ...] = ()
        self._under_way: tuple[int, Segment] | None = None
        self._average = AverageSoFar(data.validation) if solver.n_members > 1 else None
        self.records: list[EpochRecord] = []
        self.best_epochs: list[int] = []
        self.stopped_because = StopReason.FINISHED
        self.train_seconds, self.n_epochs_run = 0.0, 0
        self.interrupted: Interrupted | None = None
        self.note = solver.start_note
        self.stood: MembersState | None = None
        self._kept: Kept | None = None
        self._best: EpochRecord | None = None
        self._measured: EpochRecord | None = None

    def train(
        self, n_epochs: Sequence[int], resume: MembersState | None = None
    ) -> Iterator[Event]:
        """Yield the events of each member's training; a stop ends the whole.

        Where ``resume`` is given it goes on from there, and no event comes twice but the record of
        where it stood.
        """
        self._plan = tuple(n_epochs)
        if len(n_epochs) > 1 and not self._is_refit and resume is None:
            yield self._memory_notice(len(n_epochs))
        first = 0 if resume is None else self._take_up(resume)
        for member, n in enumerate(n_epochs[first:], first):
            segment = self._begun(member, resume if member == first else None)
            yield from segment.loop(n)
            self.stood = self.state()
            self._take(segment)
            self._under_way = None
            is_cut = segment.stopped_because in (StopReason.STOPPED, StopReason.DIVERGED)
            if is_cut and member and segment.records:
                self._drop_member(member, len(n_epochs))
            if is_cut or member == len(n_epochs) - 1:
                break
            if self._average is not None:
                self._average.add(self.solver.member_model, self.solver.pool)
        self._measured = self._measure()

    def _begun(self, member: int, resume: MembersState | None) -> Segment:
        """Return the segment of a member, the solver ready for it."""
        if member and resume is None:
            self.solver.begin_member()
        segment = Segment(
            self.solver, self._settings, replace(self._data, average=self._average),
            self._control, is_refit=self._is_refit, segment=self._segment)
        if not member:
            segment.first_epoch = self._first_epoch
        if resume is not None:
            segment.take_up(resume.standing, [
                record for record in resume.records if record.segment == self._segment])
        elif self._interrupted is not None and not member:  # those after it begin anew
            segment.resume(self._interrupted)
        self._under_way = member, segment
        return segment

    def _take_up(self, resume: MembersState) -> int:
        """Stand where ``resume`` says and return which member was under way.

        Raises
        ------
        TrainingError
            If the states are none of this solver.
        """
        if len(resume.plan) != self.solver.n_members:
            raise TrainingError("The kept state belongs to another number of models: train again "
                                "from the start.")
        standing = resume.standing
        restore_all(self.solver, standing.last.state, standing.best.state, standing.guard)
        self._segment = resume.last.segment
        self.records = [record for record in resume.records if record.segment < self._segment]
        self.best_epochs = list(resume.best_epochs)
        self.train_seconds, self.n_epochs_run = resume.train_seconds, resume.n_epochs_run
        if self._average is not None:
            for model in standing.last.state["finished"]:
                self._average.add(model, self.solver.pool)
        return resume.member

    def state(self) -> MembersState | None:
        """Return where the training stands after its last epoch; None before the first record."""
        member, segment = self._under_way or (0, None)
        if segment is None or segment.standing is None:
            return self.stood
        return MembersState(
            member, self._plan, tuple(self.best_epochs), self.train_seconds, self.n_epochs_run,
            self._is_refit, self.is_from_scratch, (*self.records, *segment.records),
            segment.standing)

    def release(self) -> None:
        """Let the solver go with all that it holds: a final training needs the room."""
        del self.solver

    def _drop_member(self, n_finished: int, n_members: int) -> None:
        """Leave the member that was cut short out: half trained it would spoil the others."""
        self.solver.drop_member()
        self.note = (f"Kept: the average of the {n_finished} of {n_members} models that are "
                     "finished.")

    def _memory_notice(self, n_members: int) -> Notice:
        """Say what an average will take before it begins."""
        training = self._data.training
        needed = self.solver.bytes_needed(
            training.n_users, training.n_items, training.n_ratings, self._settings)
        return Notice("information", f"Training {n_members} models one after another; this needs "
                      f"up to {max(needed / 1e6, 1):,.0f} MB of memory.", None)

    def _take(self, segment: Segment) -> None:
        """Keep what a member's training came to; one that did not even begin is left out."""
        self.records.extend(segment.records)
        self.stopped_because = segment.stopped_because
        self.train_seconds += segment.train_seconds
        self.n_epochs_run += max(len(segment.records) - 1, 0)
        self._segment += 1
        if self._kept is not None and not segment.records:
            self.solver.restore(self._kept.state)
            return
        self._kept, self._best = segment.kept(), segment.best_record()
        self.interrupted = segment.interrupted(is_from_scratch=self.is_from_scratch)
        self.best_epochs.append(self._best.epoch)
        self.solver.restore(self._kept.state)

    def _measure(self) -> EpochRecord:
        """Return the record of the kept model; of an average, with the figures of the whole."""
        record = self.kept.record
        if self._average is None:
            return record
        model, pool = self.model, self.solver.pool
        validation, test = (
            rmse_of(model, pairs, pool) for pairs in (self._data.validation, self._test))
        train = squared_error_sums(model, all_pairs(self._data.training), pool)
        return replace(record, validation_rmse=validation, test_rmse=test, average_rmse=validation,
                       train_rmse=train.rmse, data_term=0.5 * train.raw)

    @property
    def kept(self) -> Kept:
        """What the run keeps."""
        assert self._kept is not None
        return self._kept

    @property
    def measured(self) -> EpochRecord:
        """The record of the kept model."""
        assert self._measured is not None
        return self._measured

    @property
    def judged(self) -> EpochRecord:
        """The record whose validation figures a refit takes over: that of the best epoch."""
        assert self._best is not None
        return self.measured if self._average is not None else self._best

    @property
    def model(self) -> FactorModel:
        """The kept model, its arrays its own."""
        return self.solver.model_of(self.kept.state["arrays"])

    @property
    def next_segment(self) -> int:
        """The number of the segment that would follow."""
        return self._segment
