"""Connections to a project file that trust nothing in it, and what their failures mean."""

from __future__ import annotations

import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mfgui.errors import ProjectError
from mfgui.store.project.checks import Damage
from mfgui.store.project.schema import LONGEST_JSON

BUSY_S = 5.0
WAL_PAGES = 512
"""After how many pages what was written is moved from the log into the file: 4 MB."""

LARGEST_WAL = 16 << 20
LONGEST_VALUE = LONGEST_JSON + (1 << 20)
"""Longer than a chunk of an array and any text; SQLite refuses what says that it is more."""

_PRAGMAS = (
    "trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0", "foreign_keys = ON",
    "recursive_triggers = OFF",
)
_WRITING_PRAGMAS = (
    "synchronous = FULL", "secure_delete = OFF", f"wal_autocheckpoint = {WAL_PAGES}",
    f"journal_size_limit = {LARGEST_WAL}",
)


def connect(
    path: Path, *, is_writable: bool = False, is_immutable: bool = False
) -> sqlite3.Connection:
    """Return a connection to a file that is there; transactions are begun by hand."""
    mode = "?mode=rw" if is_writable else "?mode=ro&immutable=1" if is_immutable else "?mode=ro"
    connection = sqlite3.connect(
        path.as_uri() + mode, uri=True, timeout=BUSY_S, isolation_level=None,
        check_same_thread=False)
    try:
        _restrict(connection)
        for pragma in _WRITING_PRAGMAS if is_writable else ("query_only = ON",):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _restrict(connection: sqlite3.Connection) -> None:
    """Switch off all that a hostile schema could use."""
    if sys.version_info >= (3, 12):
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_TRUSTED_SCHEMA, False)
        connection.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_VIEW, False)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0)
    # What is no text shall not fail while rows are read, but be looked at as all of them.
    connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Tell whatever goes wrong while a project is read as one sentence.

    Raises
    ------
    ProjectError
        If SQLite refuses, or something is not what it says.
    """
    try:
        yield
    except Damage as error:
        raise ProjectError(damaged(path, str(error))) from error
    except UnicodeDecodeError as error:  # what SQLite says may name what the file holds
        raise ProjectError(damaged(path, "a name in it is no text")) from error
    except (sqlite3.ProgrammingError, sqlite3.InterfaceError):
        raise  # a bug of ours
    except sqlite3.Error as error:
        raise ProjectError(sentence(path, error)) from error


def damaged(path: Path, reason: str) -> str:
    """Return what to say of a file that is not what it says."""
    return (f"{path.name} is damaged ({one_line(reason)}): open a backup of it, or begin a new "
            "project.")


def one_line(reason: object, most: int = 100) -> str:
    """Return what SQLite says, which may hold anything that stands in the file, in one line."""
    words = " ".join(str(reason).split())
    return "".join(sign if sign.isprintable() else "?" for sign in words)[:most]


def primary_code(error: BaseException) -> int:
    """Return SQLite's error code without its details; 0 where there is none."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def sentence(path: Path, error: sqlite3.Error) -> str:
    """Return what to say where SQLite refuses."""
    code = primary_code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{path.name} is being changed by another program: try again in a moment."
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY):
        return f"{path.name} cannot be opened ({one_line(error)}): look whether it may be read."
    if code in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_NOMEM):
        return (f"{path.name} cannot be read ({one_line(error)}): look whether its disk is "
                "connected and has room.")
    if code == sqlite3.SQLITE_NOTADB:
        return f"{path.name} is not a project of mfgui, or is damaged: choose another file."
    return damaged(path, str(error))


class Readers:
    """Connections that read, one for each that reads at the same time, kept for the next.

    Parameters
    ----------
    path : Path
    is_immutable : bool
        Whether nobody can change the file.
    is_kept : bool
        Off where another process holds the file: a connection that stays open would keep that one
        from tidying up.
    """

    def __init__(self, path: Path, *, is_immutable: bool = False, is_kept: bool = True) -> None:
        self._path, self._is_immutable, self._is_kept = path, is_immutable, is_kept
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._is_closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that sees one state of the file throughout.

        Raises
        ------
        ProjectError
            If it cannot be read, or was closed.
        """
        with reading(self._path):
            connection = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give_back(connection)

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._is_closed:
                raise ProjectError(f"{self._path.name} has been closed: open it again.")
            if self._idle:
                return self._idle.pop()
        return connect(self._path, is_immutable=self._is_immutable)

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        with self._lock:
            if self._is_kept and not self._is_closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close all that are idle; those that read close at their end."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def one(connection: sqlite3.Connection, statement: str, values: tuple[Any, ...] = ()) -> Any:
    """Return the first value of the first row, None where there is no row."""
    row = connection.execute(statement, values).fetchone()
    return None if row is None else row[0]
