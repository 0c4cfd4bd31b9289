"""Giving back the room that deleted runs and the factors of old trials take."""

from __future__ import annotations

import math
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from mfgui.errors import StorageError
from mfgui.store.project.connection import one
from mfgui.store.project.places import beside
from mfgui.store.project.runs import RunInfo
from mfgui.store.project.trees import remove_unnamed

Progress = Callable[[float], None]
N_KEPT_TRIALS = 20
_STEPS = 50  # of SQLite's machine between two looks at how far it is
_STEPS_A_ROW = 5
_SPARE_BYTES = 16 << 20


def purge(connection: sqlite3.Connection, run_ids: Iterable[int]) -> None:
    """Remove runs with all that belongs to them."""
    connection.executemany("DELETE FROM runs WHERE id = ?", [(run_id,) for run_id in run_ids])
    remove_unnamed(connection)


def old_trials(runs: Iterable[RunInfo], n_kept: int) -> list[RunInfo]:
    """Return the trials of searches whose factors need not be kept.

    Of each search the best by what it compares stay, the pruned ones behind the others, and all
    that have a star, a tick or still run.
    """
    searches: dict[object, list[RunInfo]] = {}
    for info in runs:
        if "trial" in info.origin:  # else it was trained by itself, with what a search found
            searches.setdefault(str(info.origin.get("search")), []).append(info)
    result = []
    for trials in searches.values():
        trials.sort(key=lambda info: ("pruned" in info.origin, _score(info), info.number))
        result += [info for info in trials[n_kept:] if info.roles and info.status != "running"
                   and not info.is_starred and not info.is_ticked]
    return result


def _score(info: RunInfo) -> float:
    """Return what a search compares a trial by, the less the better: of the model that it kept."""
    for value, sign in ((info.summary.get("validation_rmse"), 1.0),
                        (info.summary.get("validation_ndcg"), -1.0),
                        (info.best_validation_rmse, 1.0)):
        if isinstance(value, float) and math.isfinite(value):
            return sign * value
    return math.inf


def vacuum(connection: sqlite3.Connection, file: Path, progress: Progress | None) -> int:
    """Write the file anew without what is free in it; return the bytes given back.

    Raises
    ------
    StorageError
        If there is no room: a copy of what it holds is made, in the folder for temporary files and
        beside the file.
    """
    before = _n_bytes(file)
    if one(connection, "PRAGMA freelist_count"):
        _check_room(connection, file)
        _vacuum(connection, file, progress)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if progress is not None:
        progress(1.0)
    return max(before - _n_bytes(file), 0)


def _n_bytes(file: Path) -> int:
    log = beside(file, "-wal")
    return os.stat(file).st_size + (os.stat(log).st_size if log.exists() else 0)


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (int(one(connection, f"PRAGMA {name}"))
                         for name in ("page_count", "freelist_count", "page_size"))
    return (pages - free) * size


def _check_room(connection: sqlite3.Connection, file: Path) -> None:
    needed = _used_bytes(connection) + _SPARE_BYTES
    folder, temporary = file.parent, Path(tempfile.gettempdir())
    is_one_disk = os.stat(folder).st_dev == os.stat(temporary).st_dev
    for place, size in ((folder, needed * (2 if is_one_disk else 1)), (temporary, needed)):
        free = shutil.disk_usage(place).free
        if free < size:
            raise StorageError(
                f"Compacting {file.name} takes {size / 2**20:,.0f} MB of room in {place}, where "
                f"{free / 2**20:,.0f} MB are free: make room first.")


def _vacuum(connection: sqlite3.Connection, file: Path, progress: Progress | None) -> None:
    """Run VACUUM; what ``progress`` raises ends it, and the file is what it was."""
    used, log = _used_bytes(connection), beside(file, "-wal")
    n_rows = sum(int(one(connection, f"SELECT count(*) FROM {table}"))
                 for table in ("records", "chunks", "notices"))
    raised: list[BaseException] = []
    n_calls, reached = 0, 0.0

    def look() -> int:
        nonlocal n_calls, reached
        n_calls += 1
        first = min(n_calls * _STEPS / max(n_rows * _STEPS_A_ROW, 1), 1.0)
        second = min(log.stat().st_size / max(used, 1), 1.0) if log.exists() else 0.0
        if (first + second) / 2 < reached + 0.01:
            return 0
        reached = min((first + second) / 2, 0.99)
        try:
            if progress is not None:
                progress(reached)
        except BaseException as error:  # noqa: BLE001  raised again below
            raised.append(error)
            return 1
        return 0

    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 1)  # VACUUM attaches the new file
    connection.set_progress_handler(look, _STEPS)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.execute("VACUUM")
    except sqlite3.OperationalError:
        if raised:
            raise raised[0] from None
        raise
    finally:
        connection.set_progress_handler(None, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
