"""Records and notices of runs as rows.

A record of the same segment and epoch replaces the one before it: what is computed again after an
interruption.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mfgui.store.project.checks import (
    Damage,
    json_in,
    json_out,
    number_in,
    number_out,
    switch,
    text,
    text_out,
    whole,
    whole_or_none,
)
from mfgui.store.project.schema import RECORD_FIELDS
from mfgui.training.events import EpochRecord, Notice

INSERT_RECORDS = (
    f"INSERT OR REPLACE INTO records (run_id, {', '.join(RECORD_FIELDS)}) "
    f"VALUES ({', '.join('?' * (len(RECORD_FIELDS) + 1))})")
INSERT_NOTICE = (
    "INSERT INTO notices (run_id, kind, text, epoch, remedy, remedy_settings) "
    "VALUES (?, ?, ?, ?, ?, ?)")
SET_TALLY = "INSERT OR REPLACE INTO tallies VALUES (?, ?, ?)"

_WHOLE = ("epoch", "segment", "is_refit")
_NEEDED = ("loss", "data_term", "train_seconds")
_NUMBERS = tuple(name for name in RECORD_FIELDS if name not in _WHOLE)
_ODD = " OR ".join((
    *(f"typeof({name}) <> 'integer'" for name in _WHOLE), "is_refit NOT IN (0, 1)",
    "epoch < 0", "segment < 0",
    *(f"typeof({name}) <> 'real'" for name in _NEEDED),
    *(f"typeof({name}) NOT IN ('real', 'null')" for name in _NUMBERS if name not in _NEEDED)))
_SELECT = (f"SELECT {', '.join(RECORD_FIELDS)}, {_ODD} FROM records WHERE run_id = ? "
           "ORDER BY segment, epoch, is_refit")
_MOST_NOTICES = 10_000
Key = tuple[int, int, bool]


def key_of(record: EpochRecord) -> Key:
    """Return what tells a record from the others of its run; rises as they come."""
    return record.segment, record.epoch, record.is_refit


def record_row(run_id: int, record: EpochRecord) -> tuple[Any, ...]:
    """Return a record as a row."""
    return (run_id, int(record.epoch), int(record.segment), int(record.is_refit),
            *(number_out(getattr(record, name)) for name in _NUMBERS))


def read_history(connection: sqlite3.Connection, run_id: int) -> tuple[EpochRecord, ...]:
    """Return the records of a run in their order.

    Whether a value is of another kind than most is asked of SQLite, which does not hold up other
    threads; only those rows are looked at one by one.
    """
    rows = connection.execute(_SELECT, (run_id,)).fetchall()
    return tuple(
        _careful_record(row[:-1]) if row[-1] else EpochRecord(
            row[0], row[1], row[2] == 1, *row[3:-1]) for row in rows)


def last_record(connection: sqlite3.Connection, run_id: int) -> EpochRecord | None:
    """Return the last record of a run."""
    row = connection.execute(
        f"SELECT {', '.join(RECORD_FIELDS)} FROM records WHERE run_id = ? "
        "ORDER BY segment DESC, epoch DESC, is_refit DESC LIMIT 1", (run_id,)).fetchone()
    return None if row is None else _careful_record(row)


def count(connection: sqlite3.Connection, run_id: int) -> tuple[int, float | None]:
    """Return how many records a run has, and the lowest validation RMSE before a refit."""
    n_records, best = connection.execute(
        "SELECT count(*), min(CASE WHEN is_refit = 0 AND typeof(validation_rmse) = 'real' AND "
        "abs(validation_rmse) < 9e999 THEN validation_rmse END) FROM records WHERE run_id = ?",
        (run_id,)).fetchone()
    return int(n_records), number_in(best)


def _careful_record(row: tuple[Any, ...]) -> EpochRecord:
    """Return a record, every value checked."""
    values: dict[str, Any] = dict(zip(RECORD_FIELDS, row, strict=True))
    for name in _NUMBERS:
        values[name] = number_in(values[name])
        if values[name] is None and name in _NEEDED:
            raise Damage("a record lacks a number")
    return EpochRecord(**{**values, "epoch": whole(values["epoch"]),
                          "segment": whole(values["segment"]),
                          "is_refit": switch(values["is_refit"])})


def notice_row(run_id: int, notice: Notice) -> tuple[Any, ...]:
    """Return a notice as a row."""
    return (run_id, notice.kind, text_out(notice.text), notice.epoch, text_out(notice.remedy),
            json_out([list(pair) for pair in notice.remedy_settings]))


def read_notices(connection: sqlite3.Connection, run_id: int) -> tuple[Notice, ...]:
    """Return the notices of a run in their order."""
    rows = connection.execute(
        "SELECT kind, text, epoch, remedy, remedy_settings FROM notices WHERE run_id = ? "
        "ORDER BY id LIMIT ?", (run_id, _MOST_NOTICES))
    return tuple(Notice(text(kind), text(words), whole_or_none(epoch), text(remedy),
                        _pairs(json_in(settings)))
                 for kind, words, epoch, remedy, settings in rows)


def _pairs(value: Any) -> tuple[tuple[str, object], ...]:
    if not isinstance(value, list) or not all(
            isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)
            for pair in value):
        raise Damage("a notice is not as it was written")
    return tuple((name, each) for name, each in value)


@dataclass
class Tally:
    """How many records a run has and the best of them, as they come."""

    n_records: int = 0
    best: float | None = None
    last: EpochRecord | None = None
    earlier: frozenset[Key] = frozenset()

    def add(self, records: Iterable[EpochRecord]) -> None:
        """Count more of them."""
        for record in records:
            key = key_of(record)
            is_last = self.last is None or key > key_of(self.last)
            self.n_records += is_last or key not in self.earlier
            if self.last is None or key >= key_of(self.last):
                self.last = record
            self.best = better(self.best, record)


def better(best: float | None, record: EpochRecord) -> float | None:
    """Return the lower validation RMSE of the two."""
    value = record.validation_rmse
    if value is None or record.is_refit or not math.isfinite(value):
        return best
    return value if best is None else min(best, value)


def read_keys(connection: sqlite3.Connection, run_id: int) -> frozenset[Key]:
    """Return what tells the records of a run from each other."""
    return frozenset((segment, epoch, is_refit == 1) for segment, epoch, is_refit in
                     connection.execute("SELECT segment, epoch, is_refit FROM records "
                                        "WHERE run_id = ?", (run_id,)))
