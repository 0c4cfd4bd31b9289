"""What a project keeps beside runs: searches, evaluations, cross-validations, comparisons."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from mfgui.store.project.checks import (
    MOST,
    json_in,
    json_out,
    object_in,
    seconds,
    text,
    whole,
    whole_or_none,
)


@dataclass(frozen=True)
class Entry:
    """One of them; ``run_id`` where it belongs to one run, and goes with it.

    ``created`` is in seconds since 1970, ``body`` plain values.
    """

    id: int
    kind: str
    run_id: int | None
    created: float
    body: dict[str, Any]


def entry_row(entry: Entry) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that puts an entry into the file, and its values."""
    return "INSERT INTO entries VALUES (?, ?, ?, ?, ?)", (
        entry.id, entry.kind, entry.run_id, entry.created, json_out(entry.body))


def read_entries(connection: sqlite3.Connection) -> dict[int, Entry]:
    """Return all entries by id, every value checked."""
    rows = connection.execute("SELECT id, kind, run_id, created, body FROM entries ORDER BY id")
    return {row[0]: Entry(whole(row[0], 1, MOST), text(row[1]), whole_or_none(row[2]),
                          seconds(row[3]), object_in(row[4])) for row in rows}


def read_settings(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return view state, layout and the project's settings by name."""
    return {text(name): json_in(body)
            for name, body in connection.execute("SELECT name, body FROM settings")}


def read_counters(connection: sqlite3.Connection) -> dict[str, int]:
    """Return the last number that was given of each kind of thing."""
    return {text(name): whole(value, 0, MOST)
            for name, value in connection.execute("SELECT name, value FROM counters")}
