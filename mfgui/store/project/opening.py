"""Creating and opening project files."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from mfgui.errors import ProjectError, StorageError
from mfgui.store.files import write_beside
from mfgui.store.project.base import Opened
from mfgui.store.project.connection import connect, primary_code, reading
from mfgui.store.project.copying import copy_database
from mfgui.store.project.ground import copied_ground, find_ground
from mfgui.store.project.journal import begin_log
from mfgui.store.project.lock import ProjectLock
from mfgui.store.project.migrate import migrate
from mfgui.store.project.places import Place, beside
from mfgui.store.project.project import Project
from mfgui.store.project.runs import RunInfo
from mfgui.store.project.schema import PAGE_BYTES, VERSION, create_tables
from mfgui.store.project.state import read_state
from mfgui.store.project.trees import remove_unnamed
from mfgui.store.project.trust import check_file, check_pages, check_schema


def create_project(path: str | os.PathLike[str]) -> Project:
    """Make a new, empty project and open it.

    Raises
    ------
    StorageError
        If it cannot be written, or something is there already.
    HeldError
        If another process is making one there.
    """
    shown = Path(os.path.abspath(path))
    real = Path(os.path.realpath(shown))
    try:
        lock = ProjectLock(real)
    except OSError as error:
        raise _unwritten(shown, error) from error
    try:
        if os.path.lexists(real):
            raise StorageError(f"{shown.name} is there already: open it, or choose another name.")
        with write_beside(real) as temporary:
            _write_empty(temporary)
            for ending in ("-wal", "-shm", "-journal"):  # left by one that was deleted
                beside(real, ending).unlink(missing_ok=True)
        check_file(shown, real)
        return Project(_open_to_write(shown, real, lock))
    except sqlite3.Error as error:
        lock.release()
        raise _unwritten(shown, error) from error
    except BaseException:
        lock.release()
        raise


def _write_empty(temporary: Path) -> None:
    """Write a project without anything in it."""
    temporary.touch()
    connection = connect(temporary, is_writable=True)
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute("BEGIN IMMEDIATE")
        create_tables(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()
        with contextlib.suppress(OSError):
            beside(temporary, "-journal").unlink(missing_ok=True)


def _unwritten(shown: Path, error: Exception) -> StorageError:
    reason = getattr(error, "strerror", None) or str(error)
    return StorageError(
        f"{shown} could not be written ({reason[0].lower() + reason[1:]}): choose another place, "
        "or make room and try again.")


def open_project(path: str | os.PathLike[str], mode: str = "write") -> Project:
    """Open a project.

    Where nothing can be written, as on a full disk, or a newer version made it, it is opened to be
    read, and ``note`` says so.

    Parameters
    ----------
    path : path
    mode : str
        "write", or "read": then nothing is kept, and it may be open elsewhere.

    Raises
    ------
    HeldError
        If it is to be written and another process has it.
    ProjectError
        If it cannot be opened, is damaged or not ours.
    StorageError
        If an older one cannot be converted.
    """
    if mode not in ("write", "read"):
        raise ValueError(f"{mode} is no mode")
    shown = Path(os.path.abspath(path))
    real = Path(os.path.realpath(shown))
    check_file(shown, real)
    if mode == "read":
        return Project(_open_to_read(shown, real))
    try:
        lock = ProjectLock(real)
    except OSError:
        return Project(_open_to_read(shown, real, _NOTHING_KEPT))
    try:
        opened = _open_as_it_can_be(shown, real, lock)
        if opened.lock is None:
            lock.release()
        return Project(opened)
    except BaseException:
        lock.release()
        raise


def _open_as_it_can_be(shown: Path, real: Path, lock: ProjectLock) -> Opened:
    """Open to write; to read where the file or its disk refuse that."""
    if os.access(real, os.W_OK):
        try:
            return _open_to_write(shown, real, lock)
        except ProjectError as error:
            if error.__cause__ is None or primary_code(error.__cause__) not in _REFUSED:
                raise
    return _open_to_read(shown, real, _NOTHING_KEPT)


_REFUSED = frozenset({
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM})
_NOTHING_KEPT = ("{name} lies where nothing can be written: it is open read-only and keeps "
                 "nothing; use Save as to go on with a copy.")
_NEWER = ("{name} was made by a newer version of mfgui: it is open read-only, and what this "
          "version does not know is not shown; update to change it.")
_OLDER = ("{name} was made by an older version of mfgui: what is shown is a copy in this version's "
          "form, which is not kept.")


def _open_to_write(shown: Path, real: Path, lock: ProjectLock) -> Opened:
    notes = []
    with reading(shown):
        connection = connect(real, is_writable=True)
        try:
            version = check_schema(connection, shown)
            check_pages(connection, real)
            if version > VERSION:
                connection.close()
                return _open_to_read(shown, real)
            if version < VERSION:
                notes.append(_convert(connection, shown, real, version))
            begin_log(connection)
            connection.execute("BEGIN IMMEDIATE")
            state = read_state(connection)
            notes.append(_interrupted_note(state.interrupt()))
            connection.execute("UPDATE runs SET status = 'interrupted' WHERE status = 'running'")
            remove_unnamed(connection)
            connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
    return Opened(Place(shown, real), state, tuple(notes), connection, lock)


def _convert(connection: sqlite3.Connection, shown: Path, real: Path, version: int) -> str:
    """Put a copy of an older project beside it and give it this version's tables; say so."""
    copy = _free_name(real, version)
    copy_database(connection, shown, copy)
    migrate(connection, version)
    return (f"{shown.name} was made by an older version of mfgui and has been converted; as it was "
            f"before, it lies beside it as {copy.name}.")


def _free_name(real: Path, version: int) -> Path:
    """Return a name for the copy that nothing has."""
    number = 1
    while True:
        more = f" {number}" if number > 1 else ""
        copy = real.with_name(f"{real.stem} (version {version}{more}){real.suffix}")
        if not os.path.lexists(copy):
            return copy
        number += 1


def _open_to_read(shown: Path, real: Path, note: str = "") -> Opened:
    notes = [note]
    with reading(shown):
        place, connection = find_ground(shown, real)
        try:
            version = check_schema(connection, shown)
            check_pages(connection, place.file)
            if version > VERSION:
                notes.append(_NEWER)
            if version < VERSION:
                notes.append(_OLDER)
                connection.close()
                place.leave()
                place, connection = copied_ground(
                    shown, real, lambda copy: migrate(copy, version))
            connection.execute("BEGIN")
            state = read_state(connection)
            connection.execute("ROLLBACK")
        except BaseException:
            place.leave()
            raise
        finally:
            connection.close()
    if not place.is_live:
        notes.append(_interrupted_note(state.interrupt()))
    return Opened(place, state, tuple(each.replace("{name}", shown.name) for each in notes))


def _interrupted_note(infos: list[RunInfo]) -> str:
    """Return what to say of runs that nobody ended."""
    if not infos:
        return ""
    names = [info.title for info in infos]
    if len(names) == 1:
        return (f"Run {names[0]} was interrupted: every epoch that was shown is there, and it can "
                "be continued.")
    return (f"Runs {', '.join(names[:-1])} and {names[-1]} were interrupted: every epoch that was "
            "shown is there, and they can be continued.")
