"""A run as a project keeps it, all but its records and factors."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.store.project import records
from mfgui.store.project.checks import (
    MOST,
    json_out,
    number_in,
    object_in,
    seconds,
    switch,
    text,
    text_out,
    whole,
    whole_or_none,
)
from mfgui.store.project.connection import one_line
from mfgui.store.project.trees import contents_of
from mfgui.training.events import EpochRecord

STATUSES = ("running", "finished", "early_stopping", "stopped", "diverged", "failed",
            "interrupted")
HELD_OUT = "_held_out"
"""The role of the tree with the positions held out; roles with _ are none of ``RunInfo.roles``."""

_COLUMNS = ("id", "name", "note", "is_starred", "is_ticked", "is_deleted", "solver", "settings",
            "source_id", "test_source_id", "created", "ended", "status", "summary", "card",
            "continued_from", "origin")
CHANGED_AS: dict[str, Callable[[Any], Any]] = {
    "name": text_out, "note": text_out, "is_starred": int, "is_ticked": int, "status": str,
    "ended": float,
    "summary": json_out, "card": json_out, "origin": json_out,
    "settings": json_out,  # of a run that goes on for another number of epochs
}
"""What of a run may change, and how it is stored."""


@dataclass(frozen=True)
class RunInfo:
    """A run of a project.

    Parameters
    ----------
    id : int
    number : int
        What people see: 1, 2, 3, ..., never given twice in a project.
    name, note : str
    is_starred, is_ticked : bool
    solver : str
    settings : dict
        Plain values, by the settings' names.
    source_id : int
    test_source_id : int or None
    created, ended : float
        Seconds since 1970; ``ended`` None while it runs.
    status : str
        "running", "interrupted", "failed", or as ``StopReason``.
    summary : dict
        ``jobs.train.summary`` of its result; empty until there is one.
    card : dict
        For doing it again: versions, machine, checksum, options; plain values.
    n_records, last_epoch : int
        ``last_epoch`` is -1 where there is no record.
    last_record : EpochRecord or None
    best_validation_rmse : float or None
        The lowest of its records before a refit.
    continued_from : int or None
        The id of the run that it trains on from.
    origin : dict
        What began it where no person did: {"search": entry id, "trial": k},
        {"search": entry id, "best_trial": k} or {"cross_validation": entry id, "fold": k}; with
        what of the ratings it was not given.
    n_bytes : int
        What its factors take in the file.
    roles : tuple of str
        Which trees are kept of it: "result", "state".
    """

    id: int
    number: int
    name: str
    note: str
    is_starred: bool
    is_ticked: bool
    solver: str
    settings: dict[str, Any]
    source_id: int
    test_source_id: int | None
    created: float
    ended: float | None
    status: str
    summary: dict[str, Any]
    card: dict[str, Any]
    n_records: int = 0
    last_epoch: int = -1
    last_record: EpochRecord | None = None
    best_validation_rmse: float | None = None
    continued_from: int | None = None
    origin: dict[str, Any] = field(default_factory=dict)
    n_bytes: int = 0
    roles: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Number and name for a sentence: "3 (first try)"; the name may be anything."""
        return f"{self.number} ({one_line(self.name, 60)})" if self.name else str(self.number)


@dataclass(frozen=True, eq=False)
class NewRun:
    """What a run begins with; see ``RunInfo``.

    ``held_out`` are the rising positions of the ratings held out, int64, where there are any.
    """

    solver: str
    settings: dict[str, Any]
    source_id: int
    test_source_id: int | None = None
    name: str = ""
    card: dict[str, Any] = field(default_factory=dict)
    continued_from: int | None = None
    origin: dict[str, Any] = field(default_factory=dict)
    held_out: NDArray[np.int64] | None = None


def insert_run(info: RunInfo) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that puts a run into the file, and its values."""
    marks = ", ".join("?" * len(_COLUMNS))
    return f"INSERT INTO runs ({', '.join(_COLUMNS)}) VALUES ({marks})", (
        info.id, text_out(info.name), text_out(info.note), int(info.is_starred),
        int(info.is_ticked), 0, info.solver, json_out(info.settings), info.source_id,
        info.test_source_id, info.created, info.ended, info.status, json_out(info.summary),
        json_out(info.card), info.continued_from, json_out(info.origin))


def read_runs(connection: sqlite3.Connection) -> tuple[dict[int, RunInfo], set[int]]:
    """Return all runs by id, and which of them are deleted."""
    rows = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM runs ORDER BY id")
    infos, deleted = {}, set()
    for row in rows:
        info = _info(dict(zip(_COLUMNS, row, strict=True)))
        infos[info.id] = info
        if switch(row[_COLUMNS.index("is_deleted")]):
            deleted.add(info.id)
    for run_id, n_records, best in connection.execute(
            "SELECT run_id, n_records, best_validation_rmse FROM tallies"):
        if run_id in infos:
            infos[run_id] = replace(
                infos[run_id], n_records=whole(n_records), best_validation_rmse=number_in(best))
    for (run_id,) in connection.execute(
            "SELECT DISTINCT run_id FROM trees WHERE run_id IS NOT NULL").fetchall():
        if run_id in infos:
            contents = contents_of(connection, "run_id", run_id)
            infos[run_id] = replace(
                infos[run_id], roles=contents.roles, n_bytes=contents.n_bytes)
    for run_id, info in infos.items():
        if info.status == "running":  # cut off between its last records and their count
            n_records, best = records.count(connection, run_id)
            info = replace(info, n_records=n_records, best_validation_rmse=best)
            infos[run_id] = info
        last = records.last_record(connection, run_id)
        if last is not None:
            infos[run_id] = replace(info, last_record=last, last_epoch=last.epoch)
    return infos, deleted


def _info(row: dict[str, Any]) -> RunInfo:
    """Return a run of the table, every value checked."""
    status = text(row["status"])
    return RunInfo(
        whole(row["id"], 1, MOST), whole(row["id"]), text(row["name"]), text(row["note"]),
        switch(row["is_starred"]), switch(row["is_ticked"]), text(row["solver"]),
        object_in(row["settings"]), whole(row["source_id"]), whole_or_none(row["test_source_id"]),
        seconds(row["created"]), None if row["ended"] is None else seconds(row["ended"]),
        status if status in STATUSES else "failed", object_in(row["summary"]),
        object_in(row["card"]), continued_from=whole_or_none(row["continued_from"]),
        origin=object_in(row["origin"]))

