"""Where a run stands: everything it takes to go on to the same bits, in memory and as a tree.

Nothing is copied to take one: last, best and sound factors are the copies that the session makes
after each epoch anyway. In the tree each array stands once, and the records do not stand at all:
whoever keeps the tree has kept them before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.settings import RunSettings
from mfgui.errors import TrainingError
from mfgui.training.events import Baselines, EpochRecord
from mfgui.training.guard import MAX_RECOVERIES
from mfgui.training.kept import Standing
from mfgui.training.members import MembersState
from mfgui.training.result_tree import (
    kept_of,
    kept_value,
    memory_of,
    memory_value,
    result_of,
    result_value,
)
from mfgui.training.results import BeforeRefit, Origin
from mfgui.training.trees import (
    TreeError,
    TreeReader,
    TreeWriter,
    baselines_of,
    count,
    number,
    optional,
    positions_of,
    reading,
    record_of,
    switch,
    text,
)

LARGEST_PLAN = 2**31
MOST_MEMBERS = 1000


@dataclass(frozen=True, eq=False)
class RunState:
    """Where a run stands after an epoch; ``TrainingSession(resume=...)`` goes on from it.

    Parameters
    ----------
    solver : str
    held_out : ndarray of int64
        Rising positions of the ratings that are held out.
    origin : Origin or None
        What it has from the run that it trains on from.
    baselines : Baselines or None
    before : BeforeRefit or None
        In a final training on all ratings, what there was before it.
    members : MembersState
    """

    solver: str
    held_out: NDArray[np.int64]
    origin: Origin | None
    baselines: Baselines | None
    before: BeforeRefit | None
    members: MembersState

    @property
    def is_planned_anew(self) -> bool:
        """Whether the number of epochs can still be changed as if it had always been so."""
        return self.before is None and len(self.members.plan) == 1

    @property
    def n_before(self) -> int:
        """Number of records before those of the training under way."""
        if self.before is not None:
            return len(self.before.result.history)
        return 0 if self.origin is None else len(self.origin.history)

    def planned(self, last_epoch: int) -> RunState:
        """Return the state with another epoch to go to.

        Raises
        ------
        TrainingError
            If the run is an average or in its final training, whose epochs are set.
        """
        if not self.is_planned_anew:
            what = ("in its final training on all ratings" if self.before is not None
                    else "an average of several models")
            raise TrainingError(f"This run is {what}, which goes on for the epochs it was planned "
                                "for: leave the number of epochs out.")
        first = self.members.standing.first_epoch
        return replace(self, members=replace(self.members, plan=(last_epoch - first,)))

    def to_tree(self) -> dict[str, Any]:
        """Return it as plain nested values and arrays, without its records."""
        writer = TreeWriter()
        members = self.members
        return writer.tree({
            "solver": self.solver,
            "origin": None if self.origin is None else _origin_value(writer, self.origin),
            "baselines": None if self.baselines is None else asdict(self.baselines),
            "before": None if self.before is None else _before_value(writer, self.before),
            "members": {
                "member": members.member, "plan": list(members.plan),
                "best_epochs": list(members.best_epochs),
                "train_seconds": members.train_seconds, "n_epochs_run": members.n_epochs_run,
                "is_refit": members.is_refit, "is_from_scratch": members.is_from_scratch,
                "n_records": len(members.records),
                "standing": _standing_value(writer, members.standing)},
        })

    @classmethod
    def from_tree(
        cls, tree: Any, settings: RunSettings, history: Sequence[EpochRecord],
        held_out: NDArray[Any] | None,
    ) -> RunState:
        """Return what ``to_tree`` gave, from an untrusted file.

        Parameters
        ----------
        tree : object
        settings : RunSettings
            Of the run.
        history : sequence of EpochRecord
            The records kept beside it: until then at least.
        held_out : ndarray or None

        Raises
        ------
        ProjectError
            If any part is not what it says.
        """
        return reading("The kept state of this run", lambda: _read(
            tree, settings, sorted(history, key=_place),
            np.empty(0, np.int64) if held_out is None else positions_of(held_out)))


def _place(record: EpochRecord) -> tuple[int, int]:
    return record.segment, record.epoch


def _origin_value(writer: TreeWriter, origin: Origin) -> dict[str, Any]:
    before = origin.before_refit
    return {
        "n_records": len(origin.history), "is_refit": origin.is_refit,
        "validation_rmse": origin.validation_rmse, "n_validation": origin.n_validation,
        "n_unseen_validation": origin.n_unseen_validation,
        "before_refit": None if before is None else writer.model(before)}


def _before_value(writer: TreeWriter, before: BeforeRefit) -> dict[str, Any]:
    return {
        "result": result_value(writer, before.result), "judged": asdict(before.judged),
        "best_epochs": list(before.best_epochs), "rate_scale": before.rate_scale,
        "next_segment": before.next_segment, "n_records": len(before.result.history)}


def _standing_value(writer: TreeWriter, standing: Standing) -> dict[str, Any]:
    return {
        "first_epoch": standing.first_epoch, "last": kept_value(writer, standing.last),
        "best": kept_value(writer, standing.best),
        "guard": memory_value(writer, standing.guard), "end_reason": standing.end_reason}


def _read(
    tree: Any, settings: RunSettings, history: list[EpochRecord], held_out: NDArray[np.int64]
) -> RunState:
    """Return the state; raises what ``reading`` tells."""
    reader = TreeReader(tree)
    value, members = reader.value, reader.value["members"]
    origin = optional(value["origin"], lambda each: _origin(reader, each, history, held_out))
    before = optional(value["before"], lambda each: _before(
        reader, each, settings, history, held_out))
    n_before = (len(before.result.history) if before is not None
                else 0 if origin is None else len(origin.history))
    state = RunState(
        text(value["solver"]), held_out, origin, optional(value["baselines"], baselines_of),
        before, _members(reader, members, _part(history, n_before, count(members["n_records"]))))
    if before is not None and state.members.plan != before.best_epochs:
        raise TreeError("a plan of its own")
    return state


def _part(history: list[EpochRecord], begin: int, n: int) -> tuple[EpochRecord, ...]:
    """Return some of the records, which must be there."""
    if begin + n > len(history):
        raise TreeError("records are missing")
    return tuple(history[begin : begin + n])


def _origin(
    reader: TreeReader, value: Any, history: list[EpochRecord], held_out: NDArray[np.int64]
) -> Origin:
    return Origin(
        _part(history, 0, count(value["n_records"])), switch(value["is_refit"]), held_out,
        optional(value["validation_rmse"], lambda each: number(each, is_finite=False)),
        count(value["n_validation"]), count(value["n_unseen_validation"]),
        optional(value["before_refit"], reader.model))


def _before(
    reader: TreeReader, value: Any, settings: RunSettings, history: list[EpochRecord],
    held_out: NDArray[np.int64],
) -> BeforeRefit:
    records = _part(history, 0, count(value["n_records"]))
    result = result_of(reader, value["result"], settings, records, held_out)
    rate_scale = number(value["rate_scale"])
    if not 0 < rate_scale <= 1:
        raise TreeError("the scale of the rate")
    return BeforeRefit(
        result, record_of(value["judged"]), _counts(value["best_epochs"]), rate_scale,
        count(value["next_segment"]))


def _members(
    reader: TreeReader, value: Any, records: tuple[EpochRecord, ...]
) -> MembersState:
    plan, best_epochs = _counts(value["plan"]), _counts(value["best_epochs"])
    member = count(value["member"])
    standing = value["standing"]
    guard = memory_of(reader, standing["guard"])
    last, best = kept_of(reader, standing["last"]), kept_of(reader, standing["best"])
    if not 1 <= len(plan) <= MOST_MEMBERS or member >= len(plan) or len(best_epochs) != member:
        raise TreeError("whose turn it is")
    if len(guard) != 4 or guard[0] > MAX_RECOVERIES or guard[1] is None or guard[3] is None:
        raise TreeError("what the guard remembers")
    if not records or _place(records[-1]) != _place(last.record):
        raise TreeError("records and state are of different epochs")
    return MembersState(
        member, plan, best_epochs, number(value["train_seconds"]), count(value["n_epochs_run"]),
        switch(value["is_refit"]), switch(value["is_from_scratch"]), records,
        Standing(count(standing["first_epoch"], last.record.epoch), last, best, guard,
                 text(standing["end_reason"])))


def _counts(value: Any) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > MOST_MEMBERS:
        raise TreeError("numbers of epochs")
    return tuple(count(each, LARGEST_PLAN) for each in value)
