"""SQLite, read by Python's own library: one table, read-only, whatever its schema says.

Only plain tables are read, by statements of our own over their columns. A schema can be hostile:
views may run for ever, virtual tables and generated columns call functions. So views and virtual
tables are not offered, an authorizer lets nothing run but reading, and functions that a schema
names are not trusted.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from mfgui.core.control import Control
from mfgui.data.database import quoted_name
from mfgui.data.formats.columns import role_of
from mfgui.data.formats.fields import (
    Fields,
    find_fields,
    look_at_fields,
    read_fields,
)
from mfgui.data.formats.records import lines_of
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import Source
from mfgui.data.streams import printable
from mfgui.errors import CancelledError, DataError

MAGIC = b"SQLite format 3\x00"
N_SAMPLE = 200
FETCHED_ROWS = 2000
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


@dataclass(frozen=True)
class Table:
    """A table and which of its columns holds what."""

    name: str
    fields: Fields
    rows: tuple[tuple[str, ...], ...]
    parts: tuple[str, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sqlite:
    """A table of an SQLite database."""

    name: str = "sqlite"
    label: str = "SQLite database"
    extensions: tuple[str, ...] = (".sqlite", ".sqlite3", ".db")

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return 1 for a file that begins as SQLite's do."""
        return 1.0 if source.head.startswith(MAGIC) else 0.0

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first rows and what each option would be."""
        with _opened(source, Control()) as connection:
            table = _find(connection, source, options)
        filled = ReadOptions(**{**options.as_dict(), "part": table.name})
        return look_at_fields(
            self.name, table.fields, table.rows, filled, parts=table.parts, doubts=table.doubts)

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the table in its order."""
        with _opened(source, control) as connection:
            table = _find(connection, source, options)
            doubts = (*table.doubts, *table.fields.doubts)
            reading = Reading(
                f"SQLite table {printable(table.name)}", table.fields.columns, doubts=doubts)
            return read_fields(
                _pieces(connection, table, source, control), table.fields, reading, source,
                options, control, decimal=options.decimal or "point")


@contextmanager
def _opened(source: Source, control: Control) -> Iterator[sqlite3.Connection]:
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
        path for path in (Path(f"{source.path}-wal"), Path(f"{source.path}-journal"))
        if path.is_file() and path.stat().st_size
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


def _find(connection: sqlite3.Connection, source: Source, options: ReadOptions) -> Table:
    """Return the table that holds the ratings.

    Raises
    ------
    DataError
        If it cannot be told.
    """
    tables = _tables(connection)
    if not tables:
        raise DataError(f"{source.name} has no table with columns: choose another file.")
    chosen, doubts = _choose(tables, source, options)
    names = tables[chosen]
    columns = ", ".join(_text_of(name) for name in names)
    found = connection.execute(f"SELECT {columns} FROM {quoted_name(chosen)} LIMIT {N_SAMPLE}")
    rows = tuple(tuple(text or "" for text in row) for row in found)
    fields = find_fields(names, rows, source.name, options)
    return Table(chosen, fields, rows, tuple(tables), doubts)


def _tables(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the plain tables with the columns that are stored."""
    found = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name LIMIT 1000"
    ).fetchall()
    tables = {}
    for name, sql in found:
        if name.startswith("sqlite_") or str(sql).upper().split()[1:2] == ["VIRTUAL"]:
            continue
        described = connection.execute(f"PRAGMA table_xinfo({quoted_name(name)})").fetchall()
        columns = [row[1] for row in described if row[6] == 0]  # none hidden or generated
        if columns:
            tables[name] = columns
    return tables


def _choose(
    tables: dict[str, list[str]], source: Source, options: ReadOptions
) -> tuple[str, tuple[str, ...]]:
    shown = printable(", ".join(tables)[:300])
    if options.part is not None:
        for name in tables:
            if name.lower() == options.part.lower():
                return name, ()
        raise DataError(f"{source.name} has no table {options.part!r}: its tables are {shown}.")
    scores = {name: _score(columns) for name, columns in tables.items()}
    best = max(scores.values())
    likely = [name for name, score in scores.items() if score == best]
    # A table of ratings has both; where several have, the one that says so by its name.
    if best >= 2 and len(likely) > 1:
        named = [name for name in likely if "rating" in name.lower()]
        likely = named if len(named) == 1 else likely
    if len(likely) == 1 and best >= 2:
        others = [name for name, score in scores.items() if score >= 3 and name != likely[0]]
        return likely[0], (_doubt(likely[0], shown),) if others else ()
    if len(tables) == 1:
        return likely[0], ()
    if best < 2:
        raise DataError(
            f"{source.name} has no table that names its columns user and item: choose one with "
            f"--part ({shown}) and its --columns.")
    return likely[0], (_doubt(likely[0], shown),)


def _doubt(name: str, shown: str) -> str:
    return f"The table {printable(name)} is read, but others could hold ratings too: {shown}."


def _score(columns: list[str]) -> int:
    roles = {role_of(name) for name in columns}
    if not {"user", "item"} <= roles:
        return 0
    return 2 + ("rating" in roles) + ("time" in roles)


def _text_of(name: str) -> str:
    """Return the SQL of a column as text: whole numbers without a fraction, none for NULL."""
    column = quoted_name(name)
    number = f"CAST({column} AS INTEGER)"
    whole = f"abs({column}) < 1e15 AND {column} = {number}"
    return (
        f"CASE typeof({column}) WHEN 'text' THEN {column} WHEN 'null' THEN '' "
        f"WHEN 'real' THEN CASE WHEN {whole} THEN CAST({number} AS TEXT) "
        f"ELSE CAST({column} AS TEXT) END ELSE CAST({column} AS TEXT) END")


def _pieces(
    connection: sqlite3.Connection, table: Table, source: Source, control: Control
) -> Iterator[bytes]:
    """Yield the lines of all rows, in the table's order."""
    names = [table.fields.names[table.fields.positions[role] - 1] for role in table.fields.used]
    columns = ", ".join(_text_of(name) for name in names)
    connection.text_factory = bytes
    control.report(f"Reading {source.name}")
    found: Any = connection.execute(f"SELECT {columns} FROM {quoted_name(table.name)}")
    while rows := found.fetchmany(FETCHED_ROWS):
        control.checkpoint()
        yield lines_of(rows)


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
