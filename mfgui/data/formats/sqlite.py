"""SQLite, read by Python's own library: one plain table, by a statement of our own.

Views and virtual tables are not offered: what they do is up to whoever wrote the schema.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
from mfgui.data.formats.sqlite_connection import opened
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import Source
from mfgui.data.streams import PartNeededError, printable
from mfgui.errors import DataError

MAGIC = b"SQLite format 3\x00"
N_SAMPLE = 200
FETCHED_ROWS = 2000
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
        with opened(source, Control()) as connection:
            table = _find(connection, source, options)
        filled = ReadOptions(**{**options.as_dict(), "part": table.name})
        return look_at_fields(
            self.name, table.fields, table.rows, filled, parts=table.parts, doubts=table.doubts)

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the table in its order."""
        with opened(source, control) as connection:
            table = _find(connection, source, options)
            doubts = (*table.doubts, *table.fields.doubts)
            reading = Reading(
                f"SQLite table {printable(table.name)}", table.fields.columns, doubts=doubts)
            return read_fields(
                _pieces(connection, table, source, control), table.fields, reading, source,
                options, control, decimal=options.decimal or "point")


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
        raise PartNeededError(
            f"{source.name} has no table {options.part!r}: its tables are {shown}.", tuple(tables))
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
        raise PartNeededError(
            f"{source.name} has no table that names its columns user and item: choose one with "
            f"--part ({shown}) and its --columns.", tuple(tables))
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
