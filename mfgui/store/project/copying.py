"""Copies of a project that are whole, also of one that is being written."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

from mfgui.errors import StorageError
from mfgui.store.files import write_beside
from mfgui.store.project.connection import connect, reading
from mfgui.store.project.ground import find_ground
from mfgui.store.project.lock import ProjectLock
from mfgui.store.project.places import beside
from mfgui.store.project.trust import check_file

Also = Callable[[sqlite3.Connection], None]


def copy_project(path: str | os.PathLike[str], to: str | os.PathLike[str]) -> None:
    """Copy a project as it is at this moment, whoever has it open.

    Parameters
    ----------
    path, to : path
        A file that is at ``to`` is replaced once the copy is whole.

    Raises
    ------
    ProjectError
        If it is damaged or not ours, or ``to`` is a project that is open.
    StorageError
        If the copy cannot be written.
    """
    shown = Path(os.path.abspath(path))
    real = Path(os.path.realpath(shown))
    check_file(shown, real)
    with reading(shown):
        place, connection = find_ground(shown, real)
    try:
        copy_database(connection, shown, to)
    finally:
        connection.close()
        place.leave()


def copy_database(
    connection: sqlite3.Connection, shown: Path, to: str | os.PathLike[str],
    also: Also | None = None,
) -> None:
    """Copy what a connection reads; ``also`` gets a connection to the copy before it is in place.

    Raises
    ------
    StorageError, ProjectError
        As ``copy_project``.
    """
    target = Path(os.path.realpath(to))
    if target == Path(os.path.realpath(shown)):
        raise StorageError(f"{target.name} is the project itself: choose another name.")
    try:
        lock = ProjectLock(target)
    except OSError as error:
        raise _unwritten(target, error) from error
    try:
        with write_beside(target) as temporary:
            try:
                _fill(connection, temporary, also)
            finally:
                with contextlib.suppress(OSError):
                    beside(temporary, "-journal").unlink(missing_ok=True)
            for ending in ("-wal", "-shm", "-journal"):  # of what is replaced
                beside(target, ending).unlink(missing_ok=True)
    except sqlite3.Error as error:
        raise _unwritten(target, error) from error
    finally:
        lock.release()


def _fill(connection: sqlite3.Connection, temporary: Path, also: Also | None) -> None:
    """Write a new file, which is whole by itself."""
    temporary.touch()
    copy = connect(temporary, is_writable=True)
    try:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        if also is not None:
            also(copy)
    finally:
        copy.close()


def _unwritten(target: Path, error: Exception) -> StorageError:
    reason = getattr(error, "strerror", None) or str(error)
    return StorageError(
        f"{target} could not be written ({reason[0].lower() + reason[1:]}): choose another place, "
        "or make room and try again.")
