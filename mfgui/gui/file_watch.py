"""Notices that the open file is not any more what was read; it never reads it itself.

The system tells of changes where it can; where it cannot (network folders, a file put in the
other's place), the file is looked at whenever the window comes to the front.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from mfgui.gui.background import LatestWorker

QUIET_MS = 700
# Times that went through text or a float of another unit differ in their last digits.
_SAME_S = 1e-3


@dataclass(frozen=True)
class _Look:
    path: str
    mark: tuple[float, int] | None  # when it was changed and how long it is; None: it is gone


class FileWatch(QObject):
    """Watches one file.

    Signals
    -------
    changed : path of a file that was changed; once for each change
    vanished : path of a file that is gone; once
    """

    changed = Signal(str)
    vanished = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watcher: QFileSystemWatcher | None = None
        self._worker = LatestWorker(self)
        self._worker.done.connect(self._on_looked)
        self._timer = QTimer(self)  # a file is often written in many pieces
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET_MS)
        self._timer.timeout.connect(self.look)
        self._path = ""
        self._mark: tuple[float, int] | None = None

    def watch(self, path: str, modified_at: float = 0.0, n_bytes: int = 0) -> None:
        """Watch another file, which was as told when it was read; "" for none."""
        if self._watcher is None:
            self._watcher = QFileSystemWatcher(self)
            self._watcher.fileChanged.connect(lambda _path: self._timer.start())
        if self._watcher.files():
            self._watcher.removePaths(self._watcher.files())
        self._path, self._mark = path, None
        if path:
            self._mark = (modified_at, n_bytes) if modified_at else _mark_of(path)
            self._watcher.addPath(path)

    def look(self) -> None:
        """Look at the file's date and size; not on the GUI thread, which a dead network holds."""
        path = self._path
        if path:
            self._worker.ask(lambda: _Look(path, _mark_of(path)))

    def shut_down(self) -> None:
        """Watch nothing any more."""
        self._timer.stop()
        self._path = ""
        self._worker.shut_down()

    def _on_looked(self, look: _Look) -> None:
        if look.path != self._path:
            return
        before, self._mark = self._mark, look.mark
        if look.mark is None:
            if before is not None:
                self.vanished.emit(look.path)
            return
        if self._watcher is not None and look.path not in self._watcher.files():
            self._watcher.addPath(look.path)  # another file was put in its place
        if before is None or not _is_same(before, look.mark):
            self.changed.emit(look.path)


def _mark_of(path: str) -> tuple[float, int] | None:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime, found.st_size


def _is_same(one: tuple[float, int], other: tuple[float, int]) -> bool:
    return abs(one[0] - other[0]) < _SAME_S and one[1] == other[1]
