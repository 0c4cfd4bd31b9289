"""How a project can be read without changing anything beside it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from mfgui.store.project.connection import connect, primary_code
from mfgui.store.project.journal import settle_file
from mfgui.store.project.lock import holder_of
from mfgui.store.project.places import Place, has_log, private_copy

_ELSEWHERE = frozenset({
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR})
Ground = tuple[Place, sqlite3.Connection]


def find_ground(shown: Path, real: Path) -> Ground:
    """Return where a project is read, and a connection that reads there.

    As it is where nothing may be written and no log lies beside it; where one does, and SQLite
    cannot put both together there, a private copy of both.

    Raises
    ------
    sqlite3.Error
        If it cannot be read.
    ProjectError
        If it cannot be copied.
    """
    is_live = bool(holder_of(real))
    is_fixed = not (os.access(real.parent, os.W_OK) and os.access(real, os.W_OK))
    if is_fixed and not is_live and not has_log(real):
        return _try(Place(shown, real, is_immutable=True))
    if not is_fixed or is_live:
        try:
            return _try(Place(shown, real, is_live=is_live))
        except sqlite3.OperationalError as error:
            if primary_code(error) not in _ELSEWHERE:
                raise
    return copied_ground(shown, real, lambda connection: None)


def copied_ground(
    shown: Path, real: Path, change: Callable[[sqlite3.Connection], None]
) -> Ground:
    """Return a private copy, changed by ``change``, and a connection that reads it."""
    place = private_copy(shown, real)
    try:
        connection = connect(place.file, is_writable=True)
        try:
            change(connection)
        finally:
            settle_file(connection)
        place.is_immutable = True
        return _try(place)
    except BaseException:
        place.leave()
        raise


def _try(place: Place) -> Ground:
    """Return the place with a connection that has read there."""
    connection = connect(place.file, is_immutable=place.is_immutable)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except BaseException:
        connection.close()
        raise
    return place, connection
