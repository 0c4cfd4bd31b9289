"""A project that is open: what it holds, and how it is changed.

What changes is seen at once by whoever asks here, and written by the writer's thread; records,
notices and new runs are told (``then``) once they are committed.
"""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import replace
from typing import Any

from mfgui.errors import StorageError
from mfgui.store.project.checks import json_out
from mfgui.store.project.compact import N_KEPT_TRIALS, Progress, old_trials, vacuum
from mfgui.store.project.copying import copy_database, copy_project
from mfgui.store.project.entries import Entry, entry_row
from mfgui.store.project.project_runs import RunsPart
from mfgui.store.project.state import SET_COUNTER


class Project(RunsPart):
    """An open project; by ``create_project`` or ``open_project``."""

    def value(self, key: str, default: Any = None) -> Any:
        """Return a setting, view state or layout by name."""
        with self._lock:
            return self._fresh().settings.get(key, default)

    def set_value(self, key: str, value: Any) -> None:
        """Keep plain values by name."""
        body = json_out(value)
        writer = self._writable()

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (key, body))

        with self._lock:
            self._state.settings[key] = value
        writer.submit(write, key=("setting", key))

    def entries(self, kind: str | None = None) -> list[Entry]:
        """Return searches, evaluations and the like, the oldest first; those of one kind."""
        with self._lock:
            state = self._fresh()
            return [entry for _, entry in sorted(state.entries.items())
                    if kind in (None, entry.kind) and entry.run_id not in state.deleted]

    def add_entry(self, kind: str, body: dict[str, Any], run_id: int | None = None) -> int:
        """Keep an entry and return its id; seen at once, written by the writer."""
        writer = self._writable()
        with self._lock:
            if run_id is not None:
                self._known_run(run_id)
            number = self._state.next_number("entry")
            entry = Entry(number, kind, run_id, time.time(), body)
            statement, values = entry_row(entry)
            self._state.entries[number] = entry

        def write(connection: sqlite3.Connection) -> None:
            connection.execute(statement, values)
            connection.execute(SET_COUNTER, ("entry", number))

        writer.submit(write)
        return number

    def change_entry(self, entry_id: int, body: dict[str, Any]) -> None:
        """Give an entry another body; seen at once, written by the writer."""
        text = json_out(body)
        writer = self._writable()

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE entries SET body = ? WHERE id = ?", (text, entry_id))

        with self._lock:
            self._state.entries[entry_id] = replace(self._state.entries[entry_id], body=body)
        writer.submit(write, key=("entry", entry_id))

    def drop_old_trials(self) -> list[int]:
        """Remove what is kept of a search's trials beyond the best; return those runs' ids.

        How many stay says the setting ``n_kept_trials``; those with a star or a tick always do.
        """
        n_kept = self.value("n_kept_trials", N_KEPT_TRIALS)
        is_sound = type(n_kept) is int and n_kept >= 0  # it is of a file
        found = old_trials(self.runs(), n_kept if is_sound else N_KEPT_TRIALS)
        for info in found:
            for role in info.roles:
                self.drop_tree(info.id, role)
        return [info.id for info in found]

    def compact(self, progress: Progress | None = None) -> int:
        """Remove deleted runs and what is kept of old trials; return the bytes given back.

        Parameters
        ----------
        progress : callable or None
            Gets shares from 0 to 1; what it raises ends it, and only the room is not given back.

        Raises
        ------
        StorageError
            If the disk has no room to do it.
        """
        writer = self._writable()
        self._purge()
        self.drop_old_trials()
        self.flush()
        try:
            return writer.call_alone(
                lambda connection: vacuum(connection, self._place.file, progress))
        except (OSError, sqlite3.OperationalError) as error:
            raise StorageError(
                f"{self.path.name} could not be compacted ({error}): it is what it was; look "
                "whether its disk and the one for temporary files have room.") from error

    def copy_to(self, path: str | os.PathLike[str]) -> None:
        """Copy the project as it is, with what cannot be written into the file itself.

        Raises
        ------
        StorageError
            If the copy cannot be written.
        ProjectError
            If ``path`` is a project that is open.
        """
        if self.writer is None:
            copy_project(self._place.file, path)
            return
        writer = self.writer
        self.flush()
        writer.call_alone(
            lambda connection: copy_database(connection, self.path, path, writer.write_into))
