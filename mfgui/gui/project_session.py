"""From one start to the next: the project of last time, those of before, and what is cleared up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from mfgui.gui.project_keeper import is_unnamed

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.store.project import Project

RESTORE, SESSION = "restore_session", "session"
ON, OFF = "on", "off"


class ProjectSession(QObject):
    """Knows which project a start would open, and whether it is to."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._before = window.stored.choice(SESSION, "")
        self._is_noted = False
        window.run_model.project.running_run_changed.connect(self._on_running_changed)

    @property
    def is_on(self) -> bool:
        """Whether a start without a file opens the project of last time."""
        return self._window.stored.choice(RESTORE, ON) == ON

    def set_on(self, is_on: bool) -> None:
        """Open the project of last time at a start, or nothing."""
        self._window.stored.set_choice(RESTORE, ON if is_on else OFF)

    def restore(self) -> None:
        """Open the project of last time, if there is one that nobody else has open."""
        if self.is_on and self._before and Path(self._before).is_file():
            self._window.projects.open(self._before, is_quiet=True)

    def note_project(self) -> None:
        """Take note of the project that is open now."""
        project = self._window.run_model.project.project
        self._is_noted = True
        self._window.stored.set_choice(SESSION, str(project.path) if project is not None else "")

    def _on_running_changed(self) -> None:
        """List the project among the recent ones from its first run on, however this ends."""
        project = self._window.run_model.project
        if project.project is not None and project.running_run is not None:
            self._window.stored.add_project(str(project.project.path), self.project_title())
            self._window.actions_.project.set_recent()

    def project_title(self) -> str:
        """Return what the open project is called in a list of recent ones."""
        from mfgui.gui.run_words import date_text

        model = self._window.run_model.project
        if model.name or model.project is None:
            return model.name
        names = list(dict.fromkeys(
            source.name for source in model.project.sources() if not source.is_test))
        when = date_text(model.runs[0].created)[:10] if model.runs else ""
        n_runs = len(model.runs)
        runs = f"{n_runs:,} run" if n_runs == 1 else f"{n_runs:,} runs"
        what = ", ".join(names[:2]) or "no ratings"
        return ", ".join(filter(None, (what, runs, when)))

    def is_waste(self, project: Project) -> bool:
        """Say whether a project may go: nobody has named it, it holds no run, no start opens it."""
        folder = self._window.projects.keeper.folder
        if project.is_read_only or not is_unnamed(project.path, folder) or project.runs():
            return False
        return not self.is_on or not project.sources()

    def keep(self) -> None:
        """Note the open project among the recent ones, and clear up what it took the place of."""
        window = self._window
        project = window.run_model.project.project
        if project is not None and (project.runs() or not is_unnamed(project.path)):
            window.stored.add_project(str(project.path), self.project_title())
        path = str(project.path) if project is not None else ""
        if project is not None and self.is_waste(project):
            window.stored.set_choice(SESSION, "")
        if self._is_noted and self._before and self._before != path:
            window.projects.closer.remove_if_empty(Path(self._before))
