"""The folder in which public data sets are kept: where it is, what lies there whole, and its disk.

A data set lies in ``<data folder>/public/<name>/``, with ``downloaded.json`` beside its files; by
their sizes in there a folder that somebody has changed is told from one that is whole.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mfgui.data.public_data import PublicData, bytes_text
from mfgui.errors import StorageError

NOTE = "downloaded.json"
SPARE_BYTES = 20_000_000  # not to fill a disk to its last byte
_TAKEN = (errno.EACCES, errno.EAGAIN, errno.EDEADLK)  # what a lock that is taken is told by


@dataclass(frozen=True)
class CachedData:
    """A data set that lies whole on this computer.

    Parameters
    ----------
    name : str
    folder, ratings : Path
    titles : Path or None
        The file with the items' titles, where there is one.
    """

    name: str
    folder: Path
    ratings: Path
    titles: Path | None = None


def data_folder() -> Path:
    """Return the folder for what the program keeps for the user; ``MFGUI_DATA`` overrides it.

    Raises
    ------
    StorageError
        If the system names no home.
    """
    if chosen := os.environ.get("MFGUI_DATA"):
        return Path(chosen).absolute()
    try:
        if sys.platform == "win32":
            return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "mfgui"
        if sys.platform == "darwin":
            return Path.home() / "Library" / "Application Support" / "mfgui"
        named = os.environ.get("XDG_DATA_HOME", "")
        return (Path(named) if os.path.isabs(named) else Path.home() / ".local/share") / "mfgui"
    except RuntimeError as error:
        raise StorageError(
            "This computer names no home folder to keep data in: set the variable MFGUI_DATA to a "
            "folder, or choose one with --folder.") from error


def public_folder() -> Path:
    """Return the folder that public data sets are kept in."""
    return data_folder() / "public"


def cached(entry: PublicData, folder: Path) -> CachedData | None:
    """Return the data set if it lies whole in the folder, every file of the size it had."""
    place = folder / entry.name
    try:
        note = json.loads((place / NOTE).read_text(encoding="utf-8"))
        files = {str(name): int(size) for name, size in note["files"].items()}
        if any((place / name).stat().st_size != size for name, size in files.items()):
            return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if entry.ratings not in files:
        return None
    titles = place / entry.titles if entry.titles in files else None
    return CachedData(entry.name, place, place / entry.ratings, titles)


def make_folder(folder: Path) -> None:
    """Make the folder if it is not there.

    Raises
    ------
    StorageError
        If it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(folder, error) from error


def not_writable(folder: Path, error: OSError) -> StorageError:
    """Return what is told of a folder that cannot be written."""
    reason = (error.strerror or str(error)).lower()
    return StorageError(
        f"{folder} cannot be written ({reason}): set the variable MFGUI_DATA to another folder, "
        "or choose one with --folder.")


def require_room(entry: PublicData, folder: Path, n_bytes: int) -> None:
    """Refuse what does not fit on the disk."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return  # the system does not say; a full disk is told when it is met
    if n_bytes + SPARE_BYTES > free:
        raise StorageError(
            f"{entry.label} needs {bytes_text(n_bytes)} of room in {folder}, but only "
            f"{bytes_text(free)} are free: make room, or choose another folder with --folder or "
            "the variable MFGUI_DATA.")


@contextlib.contextmanager
def alone(entry: PublicData, folder: Path) -> Iterator[None]:
    """Keep two downloads of one data set from writing one file."""
    try:
        lock = (folder / f".{entry.name}.lock").open("ab")
    except OSError as error:
        raise not_writable(folder, error) from error
    with lock:
        if _is_taken(lock):
            raise StorageError(
                f"{entry.label} is being downloaded by another mfgui at this moment: wait for it, "
                "or cancel it there.")
        yield


def _is_taken(file: Any) -> bool:
    """Lock the file until it is closed; say whether somebody else has."""
    try:
        _lock(file)
    except OSError as error:
        return error.errno in _TAKEN  # other errors: a disk that knows no locks
    return False


def _lock(file: Any) -> None:
    """Lock the file until it is closed, or raise."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def clear_up(entry: PublicData, folder: Path) -> None:
    """Remove what a run that was killed left half unpacked."""
    for left in folder.glob(f".{entry.name}.*.part"):
        if left.is_dir() and not left.is_symlink():
            shutil.rmtree(left, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                left.unlink()


def write_note(entry: PublicData, path: Path, md5: str, files: dict[str, int]) -> None:
    """Write where the files are from and how large they are."""
    note = {"name": entry.name, "url": entry.url, "md5": md5,
            "downloaded": datetime.now(UTC).isoformat(timespec="seconds"), "files": files,
            "citation": entry.citation}
    with path.open("w", encoding="utf-8") as file:
        json.dump(note, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
