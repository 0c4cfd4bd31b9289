"""Projects that are closed in the background: the last writes and the checkpoint take a moment."""

from __future__ import annotations

import contextlib
import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from mfgui.errors import MfguiError
from mfgui.gui.background import join

if TYPE_CHECKING:
    from mfgui.store.project import Project

LOG = logging.getLogger("mfgui")


class ProjectCloser:
    """Closes projects on threads of their own; ``shut_down`` waits for all of them.

    Parameters
    ----------
    folder : Path
        Of projects without a name: nothing outside it is ever removed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._open: list[Project] = []
        self._threads: list[threading.Thread] = []

    def note_open(self, project: Project) -> None:
        """Take note of a project that a job has opened: it is closed in the end at the latest."""
        with self._lock:
            self._open.append(project)

    def close_later(self, project: Project, *, is_removed: bool = False) -> None:
        """Close a project; ``is_removed`` removes its file, if nobody has put it there by name."""
        with self._lock:
            self._open = [other for other in self._open if other is not project]
        thread = threading.Thread(
            target=self._close, args=(project, is_removed), name="mfgui-closing", daemon=False)
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def _close(self, project: Project, is_removed: bool) -> None:
        try:
            project.close()
        except MfguiError as error:  # closed all the same; it was told while it happened
            LOG.error("%s", error)
        if is_removed and project.path.parent == self._folder and not project.is_read_only:
            with contextlib.suppress(OSError):
                project.path.unlink()

    def remove_if_empty(self, path: Path) -> None:
        """Remove a project of the folder that holds no run, unless somebody has it open."""
        if path.parent != self._folder or not path.is_file():
            return
        thread = threading.Thread(
            target=self._remove_if_empty, args=(path,), name="mfgui-closing", daemon=False)
        self._threads.append(thread)
        thread.start()

    def _remove_if_empty(self, path: Path) -> None:
        from mfgui.store.project import open_project

        try:
            project = open_project(path)
        except MfguiError as error:  # held or damaged: it stays
            LOG.info("%s stays: %s", path, error)
            return
        self._close(project, not project.runs())

    def shut_down(self) -> None:
        """Close what is still open, and wait."""
        for project in list(self._open):
            self.close_later(project)
        for thread in self._threads:
            join(thread)
        self._threads = []
