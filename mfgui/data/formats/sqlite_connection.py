"""A connection to an SQLite database that can do nothing but read, whatever its schema says.

A schema can be hostile: views may run for ever, virtual tables and generated columns call
functions. An authorizer lets nothing run but reading, functions that a schema names are not
trusted, and nothing is written beside the file.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from mfgui.core.control import Control
from mfgui.data.source import Source
from mfgui.data.streams import printable
from mfgui.errors import CancelledError, DataError

N_STEPS = 20_000
"""After how many steps of SQLite's machine Cancel is looked at: some milliseconds."""

LONGEST_TEXT = 1 << 20
ALLOWED = frozenset({
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_PRAGMA,
})
FUNCTIONS = frozenset({"replace", "instr", "char", "coalesce", "typeof", "abs"})
PRAGMAS = frozenset({
    "table_xinfo", "trusted_schema", "query_only", "cell_size_check", "mmap_size", "schema_version",
})


@contextmanager
def opened(source: Source, control: Control) -> Iterator[sqlite3.Connection]:
    """Yield a connection that can do nothing but read.

    Raises
    ------
    DataError
        If the file is damaged or no database, now or at any statement within.
    CancelledError
        If the control was stopped.
    """
    with _settled(source, control) as (path, mode):
        address = "file:" + urllib.parse.quote(os.fsencode(path)) + mode
        connection = None
        try:
            connection = sqlite3.connect(address, uri=True, check_same_thread=False)
            _restrict(connection, control)
            yield connection
        except (sqlite3.Error, OverflowError, UnicodeError, MemoryError) as error:
            control.checkpoint()
            _refuse(source, error)
        finally:
            if connection is not None:
                connection.close()


@contextmanager
def _settled(source: Source, control: Control) -> Iterator[tuple[Path, str]]:
    """Yield where the database can be read without writing anything beside it, and how.

    That is the file itself; where changes lie beside it that are not in it yet, a copy of both,
    since SQLite would have to write to put them together.
    """
    beside = [
        Path(path) for path in (f"{source.path}-wal", f"{source.path}-journal")
        # Path.is_file would fail where the longer name is too long.
        if os.path.isfile(path) and os.path.getsize(path)
    ]
    if not beside:
        # Immutable: else SQLite would make a -shm file for a database in WAL mode.
        yield source.path, "?mode=ro&immutable=1"
        return
    folder = Path(tempfile.mkdtemp(prefix="mfgui-"))
    try:
        copy = folder / "copy.db"
        try:
            _copy(source.path, copy, control)
            for path in beside:
                _copy(path, folder / f"copy.db{path.name.removeprefix(source.path.name)}", control)
        except OSError as error:
            raise DataError(
                f"{source.name} is in use by another program and cannot be copied "
                f"({error.strerror}): close that program first."
            ) from error
        yield copy, "?mode=rw"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(path: Path, copy: Path, control: Control) -> None:
    with open(path, "rb") as file, open(copy, "wb") as written:
        while piece := file.read(1 << 20):
            control.checkpoint()
            written.write(piece)


def _restrict(connection: sqlite3.Connection, control: Control) -> None:
    for statement in (
        "trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "mmap_size = 0",
    ):
        connection.execute(f"PRAGMA {statement}")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 16 * LONGEST_TEXT)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_WORKER_THREADS, 0)
    # Bytes that are no UTF-8 are shown, not a failure; what is read of them is made of bytes.
    connection.text_factory = lambda content: content.decode("utf-8", "replace")
    connection.set_authorizer(_authorized)
    connection.set_progress_handler(lambda: int(_is_stopped(control)), N_STEPS)


def _is_stopped(control: Control) -> bool:
    """Return whether to stop; wait while paused."""
    try:
        control.checkpoint()
    except CancelledError:
        return True
    return False


def _authorized(
    action: int, one: str | None, two: str | None, database: str | None, trigger: str | None
) -> int:
    allowed = action in ALLOWED
    if action == sqlite3.SQLITE_FUNCTION:
        allowed = two in FUNCTIONS
    elif action == sqlite3.SQLITE_PRAGMA:
        allowed = one in PRAGMAS
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _refuse(source: Source, error: BaseException) -> NoReturn:
    reason = str(error)
    if "not a database" in reason:
        raise DataError(
            f"{source.name} is an encrypted or damaged SQLite database: save it without a "
            "password, or copy it again."
        ) from error
    if "too big" in reason:
        raise DataError(
            f"{source.name} holds a text of more than 16 MB: export user, item and rating as CSV."
        ) from error
    raise DataError(
        f"{source.name} is a damaged or incomplete SQLite database "
        f"({printable(reason)[:100]}): copy it again or restore a backup."
    ) from error
