"""A start that crashed twice in a row: the third one begins plainly, and asks.

Each start puts a mark into the user's data folder, a lock that its process holds, and takes it
away once the window has been up for some seconds or was closed in order. A mark whose process is
gone is a start that crashed. A window that was killed later on has no mark any more, and one that
is just starting beside this one holds its own.
"""

from __future__ import annotations

import contextlib
import logging
import os
import time
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer

from mfgui.gui.log_file import data_folder

LOG = logging.getLogger("mfgui")
UP_S = 5.0
MOST = 2  # crashed starts in a row from which on the next one asks
_MARK, _CRASHED = ".start", ".crashed"


class StartGuard(QObject):
    """Knows how many starts before this one crashed, one after another.

    Attributes
    ----------
    n_crashed : int
    """

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder or data_folder() / "starts"
        self.n_crashed = 0
        self._mark: QLockFile | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(round(UP_S * 1000))
        self._timer.timeout.connect(self.end)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self.n_crashed = self._count()
        except OSError as error:  # then no start is ever taken for a crashed one
            LOG.warning("starts are not watched: %s", error)
            return
        self._mark = _lock(self._folder / f"{time.time_ns()}-{os.getpid()}{_MARK}")
        if not self._mark.tryLock(0):
            self._mark = None

    @property
    def is_fresh(self) -> bool:
        """Whether this start is to begin without arrangement and session of last time."""
        return self.n_crashed >= MOST

    def begin(self) -> None:
        """Count the seconds from here: all of the window is there."""
        self._timer.start()

    def end(self) -> None:
        """Take note that this start went well, and forget those that did not."""
        self._timer.stop()
        if self._mark is None:
            return
        self._mark.unlock()
        self._mark = None
        with contextlib.suppress(OSError):
            for path in self._folder.glob(f"*{_CRASHED}"):
                path.unlink(missing_ok=True)

    def _count(self) -> int:
        """Turn the marks of processes that are gone into ones that anybody can count."""
        for path in self._folder.glob(f"*{_MARK}"):
            mark = _lock(path)
            if mark.tryLock(0):  # its process is gone; the lock takes the mark with it
                path.with_suffix(_CRASHED).touch()
                mark.unlock()
        return sum(1 for _ in self._folder.glob(f"*{_CRASHED}"))


def _lock(path: Path) -> QLockFile:
    """Return a lock that is given up by the end of its process alone, not by its age."""
    lock = QLockFile(str(path))
    lock.setStaleLockTime(0)
    return lock
