"""From the tables of an older version to those of this one.

What a table was like before it changed stands in ``_BEFORE``; the others were the same. A step
makes the tables of the next version out of those of its own. All steps run in one transaction: cut
off anywhere, the file is what it was.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from mfgui.store.project.checks import Damage
from mfgui.store.project.connection import one
from mfgui.store.project.schema import (
    INDICES,
    TABLES,
    VERSION,
    SchemaObject,
    expected_schema,
    schema_of,
)


@dataclass(frozen=True)
class _Before:
    """What the tables of a version were like, beside those of the next."""

    tables: dict[str, str]
    missing: tuple[str, ...]


_BEFORE = {
    1: _Before({"runs": """CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    is_starred INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL,
    solver TEXT NOT NULL,
    settings TEXT NOT NULL,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    test_source_id INTEGER REFERENCES sources (id),
    created REAL NOT NULL,
    ended REAL,
    status TEXT NOT NULL,
    summary TEXT NOT NULL,
    card TEXT NOT NULL,
    continued_from INTEGER
)"""}, ("tallies",)),
}


def old_statements(version: int) -> list[str]:
    """Return the statements that make the tables of an older version."""
    tables = dict(TABLES)
    for each in range(VERSION - 1, version - 1, -1):
        tables |= _BEFORE[each].tables
        for name in _BEFORE[each].missing:
            del tables[name]
    return [*tables.values(), *INDICES.values()]


def old_schema(version: int) -> set[SchemaObject] | None:
    """Return every object of an older version, None where there never was such a one."""
    if version not in _BEFORE:
        return None
    connection = sqlite3.connect(":memory:")
    try:
        for statement in old_statements(version):
            connection.execute(statement)
        return schema_of(connection)
    finally:
        connection.close()


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Make the tables of this version out of those of an older one, whose schema was checked.

    Raises
    ------
    Damage
        If what they hold does not fit together.
    sqlite3.Error
        If it cannot be written; the file is then what it was.
    """
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA legacy_alter_table = ON")  # others go on naming the new table
    try:
        connection.execute("BEGIN IMMEDIATE")
        for each in range(version, VERSION):
            _STEPS[each](connection)
        if one(connection, "PRAGMA foreign_key_check") is not None:
            raise Damage("its tables do not fit together")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        if schema_of(connection) != expected_schema():
            raise RuntimeError("a migration does not lead to this version's tables")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        connection.execute("PRAGMA legacy_alter_table = OFF")
        connection.execute("PRAGMA foreign_keys = ON")


def _remake(connection: sqlite3.Connection, table: str, values: dict[str, str]) -> None:
    """Make a table anew; ``values`` says what its new columns hold, as SQL."""
    connection.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
    connection.execute(TABLES[table])
    columns = [row[0] for row in connection.execute(
        "SELECT name FROM pragma_table_info(?)", (table,))]
    connection.execute(
        f"INSERT INTO {table} SELECT {', '.join(values.get(name, name) for name in columns)} "
        f"FROM old_{table}")
    connection.execute(f"DROP TABLE old_{table}")
    for statement in INDICES.values():
        if f" ON {table} (" in statement:
            connection.execute(statement)


def _ticks_and_tallies(connection: sqlite3.Connection) -> None:
    """Give runs a tick and an origin, and count their records once for all."""
    _remake(connection, "runs", {"is_ticked": "0", "origin": "'{}'"})
    connection.execute(TABLES["tallies"])
    connection.execute(
        "INSERT INTO tallies SELECT run_id, count(*), min(CASE WHEN is_refit = 0 AND "
        "typeof(validation_rmse) = 'real' AND abs(validation_rmse) < 9e999 THEN validation_rmse "
        "END) FROM records GROUP BY run_id")


_STEPS: dict[int, Callable[[sqlite3.Connection], None]] = {1: _ticks_and_tallies}
