"""Where a project is read: the file itself, or a copy where nothing may be written beside it."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mfgui.errors import ProjectError

MOST_TRIES = 5
Signature = tuple[tuple[int, int], ...]


@dataclass
class Place:
    """A project's place.

    Parameters
    ----------
    shown : Path
        As it was named, absolute.
    file : Path
        What is read: the real place, or a copy.
    is_immutable : bool
        Whether nobody changes it while it is read.
    is_live : bool
        Whether another process may change it meanwhile.
    folder : Path or None
        Of a copy, removed in the end.
    """

    shown: Path
    file: Path
    is_immutable: bool = False
    is_live: bool = False
    folder: Path | None = None

    def __post_init__(self) -> None:
        self._identity = self._stat()

    def _stat(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.file)
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def is_there(self) -> bool:
        """Return whether the file is the one that was opened."""
        return self._stat() == self._identity

    def signature(self) -> Signature:
        """Return what changes whenever the project is written."""
        return tuple(_size_and_time(path) for path in (self.file, beside(self.file, "-wal")))

    def leave(self) -> None:
        """Remove the copy, where there is one."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def _size_and_time(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def beside(path: Path, ending: str) -> Path:
    """Return the file that SQLite keeps beside a project: "-wal", "-shm", "-journal"."""
    return path.with_name(path.name + ending)


def has_log(path: Path) -> bool:
    """Return whether changes lie beside a project that are not in it yet."""
    return any(_size_and_time(beside(path, ending))[0] for ending in ("-wal", "-journal"))


def private_copy(shown: Path, path: Path) -> Place:
    """Return a copy of a project and of the changes beside it, in a folder of its own.

    Raises
    ------
    ProjectError
        If it cannot be copied.
    """
    folder = Path(tempfile.mkdtemp(prefix="mfgui-"))
    copy = folder / "copy.mfgui"
    try:
        for _ in range(MOST_TRIES):
            place = Place(shown, path)
            before = place.signature()
            shutil.copyfile(path, copy)
            for ending in ("-wal", "-journal"):
                if _size_and_time(beside(path, ending))[0]:
                    shutil.copyfile(beside(path, ending), beside(copy, ending))
            if place.signature() == before:
                return Place(shown, copy, folder=folder)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ProjectError(
            f"{shown.name} cannot be copied to be read ({(error.strerror or str(error)).lower()}): "
            "make room in the folder for temporary files, or copy it yourself.") from error
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)
    raise ProjectError(f"{shown.name} is being written all the time: try again in a moment.")
