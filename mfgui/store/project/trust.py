"""What is looked at before a file is taken for a project: it may come from anybody."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from functools import cache
from pathlib import Path

from mfgui.errors import ProjectError
from mfgui.store.project.checks import Damage
from mfgui.store.project.connection import one
from mfgui.store.project.lock import is_own, lock_path
from mfgui.store.project.migrate import old_schema
from mfgui.store.project.places import beside
from mfgui.store.project.schema import (
    APPLICATION_ID,
    TABLES,
    VERSION,
    SchemaObject,
    expected_schema,
    schema_of,
)

ANOTHER = "choose another file"
LARGEST_CHECKED = 32 << 20
"""Files up to this size are looked through as a whole at opening, which takes 0.1 s."""

_MAGIC = b"SQLite format 3\0"
_JOURNAL_END = bytes.fromhex("d9d505f920a163d7")


def check_file(shown: Path, real: Path) -> None:
    """Refuse what is no project, or has something hostile beside it, before SQLite touches it.

    The head is read only while this process has the file not open: closing it would let go of
    SQLite's locks.

    Raises
    ------
    ProjectError
        In one sentence.
    """
    if is_own(real):
        return
    try:
        if not stat.S_ISREG(os.stat(real).st_mode) and not real.is_dir():
            raise ProjectError(f"{shown.name} is no file: {ANOTHER}.")  # a pipe would never answer
        with real.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ProjectError(f"{shown.name} cannot be opened ({reason}): {ANOTHER}.") from error
    if not head.startswith(_MAGIC) or int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise ProjectError(f"{shown.name} is not a project of mfgui: {ANOTHER}.")
    for each in (*(beside(real, ending) for ending in ("-wal", "-shm", "-journal")),
                 lock_path(real)):
        if os.path.islink(each):  # what is written there would be written elsewhere
            raise ProjectError(f"{each.name} beside {shown.name} is a link: remove it first.")
    if _names_another(beside(real, "-journal")):
        raise ProjectError(
            f"{shown.name}-journal names another file, which no project of mfgui does: remove it.")


def _names_another(journal: Path) -> bool:
    """Return whether a rollback journal names a file that SQLite would look into and delete."""
    try:
        with journal.open("rb") as file:
            file.seek(0, os.SEEK_END)
            size = file.tell()
            file.seek(max(size - 16, 0))
            end = file.read(16)
    except OSError:
        return False
    return len(end) == 16 and end[8:] == _JOURNAL_END and any(end[:4])


def check_schema(connection: sqlite3.Connection, shown: Path) -> int:
    """Return the version of the tables; refuse any that are not exactly ours.

    Of a newer version it is looked whether all is there that this one reads, and nothing that
    would run.

    Raises
    ------
    ProjectError
        In one sentence.
    """
    version = one(connection, "PRAGMA user_version")
    found = schema_of(connection)
    if version > VERSION:
        _check_newer(connection, shown, found)
    elif found != _expected(version):
        raise ProjectError(f"{shown.name} holds tables that no project of mfgui has: {ANOTHER}.")
    return int(version)


@cache
def _expected(version: int) -> set[SchemaObject] | None:
    """Return the tables of a version, None where there never was such a one."""
    return expected_schema() if version == VERSION else old_schema(version)


def _check_newer(connection: sqlite3.Connection, shown: Path, found: set[SchemaObject]) -> None:
    newer = f"{shown.name} was made by a newer version of mfgui"
    for each in found:
        is_plain = each.kind == "index" or (
            each.kind == "table" and re.match(r"CREATE TABLE \w+ \(", each.sql) is not None)
        if not is_plain:
            raise ProjectError(f"{newer} and holds what this one does not run: update to open it.")
    expected = sqlite3.connect(":memory:")
    try:
        for name, statement in TABLES.items():
            expected.execute(statement)
            if not _columns(expected, name) <= _columns(connection, name):
                raise ProjectError(f"{newer}, which this one cannot read: update to open it.")
    finally:
        expected.close()


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the columns of a table, none of which may be computed."""
    rows = connection.execute("SELECT name, hidden FROM pragma_table_xinfo(?)", (table,))
    return {str(name) for name, hidden in rows if not hidden}


def check_pages(connection: sqlite3.Connection, real: Path) -> None:
    """Look through a small file as a whole; a large one is checked where it is read.

    Raises
    ------
    Damage
        If it is damaged.
    """
    if os.stat(real).st_size <= LARGEST_CHECKED:
        result = one(connection, "PRAGMA quick_check(1)")
        if result != "ok":
            raise Damage(str(result).strip().replace("\n", " ") or "its pages do not fit together")
