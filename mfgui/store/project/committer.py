"""Transactions of the writer, and what their failures mean."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

from mfgui.store.project.connection import one_line, primary_code
from mfgui.store.project.tasks import Task, write_tasks

STEP_BYTES = 16 << 20
"""Of large arrays in one transaction: what else there is to write waits for no more."""

_SMALLEST_STEP = 8 << 10

_TROUBLE = frozenset({
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB,
})
_log = logging.getLogger(__name__)


class Committer:
    """Writes tasks, all of them or none.

    Parameters
    ----------
    connection : sqlite3.Connection
    path : Path
        For sentences.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection, self._path = connection, path
        self.is_unsettled = False  # whether the log holds what is not in the file
        self._step_bytes = STEP_BYTES
        self.reason = ""  # why nothing could be written last
        self.is_hopeless = False  # whether trying again is in vain

    def commit(self, tasks: list[Task]) -> list[Task]:
        """Write tasks in one transaction; return those that have more to write."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            rest = write_tasks(connection, tasks, self._step_bytes)
            connection.execute("COMMIT")
        except BaseException:
            # On a disk that is nearly full there may be room for a smaller step.
            self._step_bytes = max(self._step_bytes // 8, _SMALLEST_STEP)
            if connection.in_transaction:  # SQLite may have rolled back by itself
                connection.execute("ROLLBACK")
            raise
        self.is_unsettled = True
        self._step_bytes = min(2 * self._step_bytes, STEP_BYTES)
        for task in tasks:
            if task.write is not None and not callable(task.write):
                task.write.committed()
        return rest

    def settle(self) -> None:
        """Move the log into the file, as far as nobody reads what it replaces."""
        self.is_unsettled = False
        try:
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        except sqlite3.Error as error:
            _log.info("the log of %s stays for now: %s", self._path.name, error)

    def sentence(self, error: BaseException) -> str:
        """Return what to say where nothing can be written."""
        code = primary_code(error)
        self.reason = "its disk is full" if code == sqlite3.SQLITE_FULL else one_line(error)
        self.is_hopeless = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
        if self.is_hopeless:
            return (f"{self._path.name} was damaged while it was open ({self.reason}): what is "
                    "shown since then is not in it; save the models you need as files of their "
                    "own, and open a backup of it.")
        remedy = ("make room" if code == sqlite3.SQLITE_FULL
                  else "look whether its disk is connected and may be written")
        return (f"{self._path.name} cannot be written ({self.reason}): {remedy}; what is shown "
                "since then is not in it yet, and is written as soon as that is possible.")


def is_trouble(error: BaseException) -> bool:
    """Return whether it may be possible later; all else is a bug."""
    if isinstance(error, sqlite3.Error):
        return primary_code(error) in _TROUBLE
    return isinstance(error, (OSError, MemoryError))
