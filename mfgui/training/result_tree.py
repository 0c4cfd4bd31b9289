"""A result as plain nested values and arrays, and back from an untrusted file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.settings import RunSettings
from mfgui.training.events import EpochRecord, RunResult, StopReason
from mfgui.training.kept import Interrupted, Kept
from mfgui.training.trees import (
    TreeError,
    TreeReader,
    TreeWriter,
    baselines_of,
    count,
    mapping,
    number,
    optional,
    reading,
    record_of,
    switch,
    text,
)

COUNTS = ("n_epochs_run", "best_epoch", "kept_epoch", "n_validation", "n_unseen_validation",
          "n_test", "n_unseen_test")
FIGURES = ("learning_rate", "train_rmse", "validation_rmse", "test_rmse")


def result_to_tree(result: RunResult) -> dict[str, Any]:
    """Return all of a result but settings, history and held-out positions, which stand beside."""
    writer = TreeWriter()
    return writer.tree(result_value(writer, result))


def result_from_tree(
    tree: Any, settings: RunSettings, history: Sequence[EpochRecord],
    held_out: NDArray[np.int64] | None,
) -> RunResult:
    """Return what ``result_to_tree`` gave, from an untrusted file.

    Raises
    ------
    ProjectError
        If any part is not what it says.
    """
    def read() -> RunResult:
        reader = TreeReader(tree)
        return result_of(reader, reader.value, settings, tuple(history), held_out)

    return reading("The kept result of this run", read)


def result_value(writer: TreeWriter, result: RunResult) -> dict[str, Any]:
    """Return a result as a plain value."""
    before, interrupted = result.before_refit, result.interrupted
    return {
        "solver": result.solver, "model": writer.model(result.model),
        "state": writer.state(result.state),
        "stopped_because": result.stopped_because.value, "is_refit": result.is_refit,
        "train_loss": result.train_loss, "train_seconds": result.train_seconds,
        "last_record": asdict(result.last_record),
        "baselines": None if result.baselines is None else asdict(result.baselines),
        "note": result.note,
        "interrupted": (None if interrupted is None
                        else _interrupted_value(writer, interrupted)),
        "before_refit": None if before is None else writer.model(before),
        **{name: getattr(result, name) for name in (*COUNTS, *FIGURES)}}


def result_of(
    reader: TreeReader, value: Any, settings: RunSettings, history: tuple[EpochRecord, ...],
    held_out: NDArray[np.int64] | None,
) -> RunResult:
    """Return a result; raises what ``reading`` tells."""
    model = reader.model(value["model"])
    before = optional(value["before_refit"], reader.model)
    if before is not None and before.user_factors.shape[0] != model.n_users:
        raise TreeError("two models of other ratings")
    return RunResult(
        solver=text(value["solver"]), settings=settings, model=model,
        state=_state_of(reader, value["state"]), history=history,
        stopped_because=StopReason(value["stopped_because"]),
        is_refit=switch(value["is_refit"]), train_loss=number(value["train_loss"]),
        train_seconds=number(value["train_seconds"]), last_record=record_of(value["last_record"]),
        baselines=optional(value["baselines"], baselines_of), note=text(value["note"]),
        interrupted=optional(value["interrupted"], lambda each: _interrupted(reader, each)),
        held_out=held_out, before_refit=before,
        **{name: count(value[name]) for name in COUNTS},
        **{name: optional(value[name], _figure) for name in FIGURES})  # type: ignore[arg-type]


def _figure(value: Any) -> float:
    return number(value, is_finite=False)


def _interrupted_value(writer: TreeWriter, interrupted: Interrupted) -> dict[str, Any]:
    guard = interrupted.guard
    return {
        "last": kept_value(writer, interrupted.last), "best": kept_value(writer, interrupted.best),
        "guard": None if guard is None else memory_value(writer, guard),
        "is_from_scratch": interrupted.is_from_scratch}


def _interrupted(reader: TreeReader, value: Any) -> Interrupted:
    return Interrupted(
        kept_of(reader, value["last"]), kept_of(reader, value["best"]),
        optional(value["guard"], lambda each: memory_of(reader, each)),
        switch(value["is_from_scratch"]))


def kept_value(writer: TreeWriter, kept: Kept) -> dict[str, Any]:
    """Return a record with its state as a plain value."""
    return {"record": asdict(kept.record), "state": writer.state(kept.state)}


def kept_of(reader: TreeReader, value: Any) -> Kept:
    """Return a record with its state."""
    return Kept(record_of(mapping(value, "record")), _state_of(reader, value["state"]))


def _state_of(reader: TreeReader, value: Any) -> dict[str, Any]:
    """Return a solver's state; whether it fits a solver, ``checks.restore`` says."""
    state = reader.state(value)
    if not isinstance(state, dict) or not isinstance(state.get("arrays"), dict):
        raise TreeError("a state has arrays")
    return state


def memory_value(writer: TreeWriter, memory: tuple[Any, ...]) -> list[Any]:
    """Return what a guard remembers as a plain value; it may be nothing."""
    if not memory:
        return []
    n_recoveries, start, lowest_loss, sound = memory
    return [n_recoveries, None if start is None else asdict(start), lowest_loss,
            None if sound is None else kept_value(writer, Kept(*sound))]


def memory_of(reader: TreeReader, value: Any) -> tuple[Any, ...]:
    """Return what a guard remembers."""
    if not isinstance(value, list) or len(value) not in (0, 4):
        raise TreeError("what the guard remembers")
    if not value:
        return ()
    sound = optional(value[3], lambda each: kept_of(reader, each))
    return (count(value[0]), optional(value[1], record_of),
            number(value[2], is_finite=False),
            None if sound is None else (sound.record, sound.state))
