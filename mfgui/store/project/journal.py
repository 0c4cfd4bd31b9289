"""The log beside a project: begun when it is opened to be written, put into it at the end."""

from __future__ import annotations

import logging
import sqlite3
import time

from mfgui.store.project.connection import one, primary_code

_log = logging.getLogger(__name__)
WAIT_S = 2.0
_PAUSE_S = 0.02


def begin_log(connection: sqlite3.Connection) -> None:
    """Have changes go into a log, beside those who read.

    Where the disk cannot do that, as some network drives, SQLite goes on with a rollback journal:
    reading and writing then wait for each other.

    Raises
    ------
    sqlite3.OperationalError
        If another program does not let go of the file.
    """
    _switch(connection, "WAL")


def settle_file(connection: sqlite3.Connection) -> None:
    """Move the log into the file and close.

    Where somebody reads, or the disk refuses, the log stays beside the file: nothing is lost, and
    the next opening reads both.
    """
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        _switch(connection, "DELETE")
    except sqlite3.Error as error:
        _log.info("the log stays beside the project: %s", error)
    finally:
        connection.close()


def _switch(connection: sqlite3.Connection, mode: str) -> None:
    """Change how a file is written; SQLite itself does not wait for those who read just now."""
    end = time.monotonic() + WAIT_S
    while True:
        try:
            one(connection, f"PRAGMA journal_mode = {mode}")
        except sqlite3.OperationalError as error:
            is_busy = primary_code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not is_busy or time.monotonic() > end:
                raise
            time.sleep(_PAUSE_S)
        else:
            return
