"""What a project knows without asking the file: runs, sources, entries, settings.

One process writes, so that what it holds in memory is the truth; what it shows before it is in the
file is there as well, as while a disk is full.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field, replace
from typing import Any

from mfgui.store.project.checks import MOST, whole
from mfgui.store.project.connection import one
from mfgui.store.project.entries import Entry, read_counters, read_entries, read_settings
from mfgui.store.project.records import Tally
from mfgui.store.project.runs import RunInfo, read_runs
from mfgui.store.project.sources import SourceInfo, read_sources
from mfgui.training.events import EpochRecord, Notice

SET_COUNTER = "INSERT OR REPLACE INTO counters VALUES (?, ?)"


@dataclass
class ProjectState:
    """The small things of a project, by id; changed under the project's lock."""

    runs: dict[int, RunInfo]
    deleted: set[int]
    sources: dict[int, SourceInfo]
    entries: dict[int, Entry]
    settings: dict[str, Any]
    counters: dict[str, int]
    tallies: dict[int, Tally] = field(default_factory=dict)
    unwritten_records: dict[int, list[EpochRecord]] = field(default_factory=dict)
    unwritten_notices: dict[int, list[Notice]] = field(default_factory=dict)
    unwritten_trees: dict[tuple[str, int, str], Any] = field(default_factory=dict)

    def next_number(self, name: str) -> int:
        """Return a number that was never given to another of its kind."""
        self.counters[name] = self.counters.get(name, 0) + 1
        return self.counters[name]

    def interrupt(self) -> list[RunInfo]:
        """Take runs that nobody trains any more as interrupted; return them."""
        found = [replace(info, status="interrupted") for info in self.runs.values()
                 if info.status == "running"]
        self.runs.update((info.id, info) for info in found)
        return [info for info in found if info.id not in self.deleted]


def read_state(connection: sqlite3.Connection) -> ProjectState:
    """Return what a project knows, every value checked."""
    runs, deleted = read_runs(connection)
    sources, entries = read_sources(connection), read_entries(connection)
    counters = read_counters(connection)
    for name, ids in (("run", runs), ("source", sources), ("entry", entries)):
        counters[name] = max(counters.get(name, 0), max(ids, default=0))
    highest = [one(connection, f"SELECT max(id) FROM {table}") for table in ("arrays", "trees")]
    counters["thing"] = max(whole(value or 0, 0, MOST) for value in highest)
    return ProjectState(runs, deleted, sources, entries, read_settings(connection), counters)
