"""Projects begun anew, named, moved and copied."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from mfgui import jobs
from mfgui.gui.job_flow import BUSY
from mfgui.gui.project_keeper import SUFFIX, is_unnamed

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.project_flow import ProjectFlow
    from mfgui.gui.project_model import ProjectModel
    from mfgui.store.project import Project

BY_HAND = ("name", "note", "is_starred", "is_ticked")
PROJECT_FILTER = f"Projects (*{SUFFIX});;All files (*)"


class ProjectPlaces(QObject):
    """Does what the File menu offers of projects, beside opening one."""

    def __init__(self, flow: ProjectFlow, window: MainWindow) -> None:
        super().__init__(flow)
        self._flow, self._window = flow, window
        self._keeper, self._model = flow.keeper, flow.model

    def new(self) -> None:
        """Begin a project without a name, with nothing open."""
        window = self._window
        if not window.is_free():
            return
        if window.job_runner.is_running:  # it may be writing into this one
            window.tell(BUSY, "warning")
            return
        window.run_model.close_ratings()
        window.reading.watch.watch("")
        self._flow.replace(None)
        self._keeper.set_source(None)
        self._model.set_project(None)
        window.show_nothing()
        window.job_bar.set_hover_text("")
        window.session.note_project()
        window.show_title()

    def save_as(self, path: str) -> None:
        """Give the project a name and a place; a project without a name moves there."""
        window, keeper, closer = self._window, self._keeper, self._flow.closer
        if window.run_model.status.is_running:
            window.tell("A run is under way: save the project when it is over.", "warning")
            return
        window.start_job(  # as when opening: no run may begin that the old place would keep
            f"Saving {os.path.basename(path)}",
            lambda control: jobs.save_project_as(
                control, keeper.keep, keeper.project, path, closer.note_open),
            partial(self._on_saved, keeper.source_id, self._model.shown_run), is_opening=True)

    def _on_saved(self, source_id: int | None, shown: int | None, project: Project) -> None:
        """Go on with the project at its new place."""
        window, keeper, model = self._window, self._keeper, self._model
        before, source, shows_trials = keeper.project, keeper.source, model.shows_trials
        keeper.set_project(project)
        if before is not None:
            self._flow.closer.close_later(
                before, is_removed=is_unnamed(before.path, keeper.folder))
        if source is not None and source_id is not None:  # a copy has the same numbers
            source.kept = project, source_id
        _carry_over(model, project)
        model.set_project(project, project.runs(), is_named=True)
        model.show_trials(shows_trials)
        model.set_shown(shown if model.has(shown) else None)
        self._flow.keep()
        window.stored.add_project(str(project.path), window.session.project_title())
        window.actions_.project.set_recent()
        window.session.note_project()
        window.message_bar.hide()
        window.job_bar.set_hover_text(f"Saved {project.path}")
        window.show_title()

    def open_copy(self, path: str, to: str) -> None:
        """Copy a project that another process has, and open the copy."""
        self._window.start_job(
            f"Copying {os.path.basename(path)}",
            lambda control: jobs.copy_project_file(control, path, to),
            lambda written: self._flow.open(written.path))


def _carry_over(model: ProjectModel, project: Project) -> None:
    """Keep in a copy what a person changed of the runs while it was being made."""
    for copy in project.runs():
        if copy.id in model.deleted_ids:
            project.delete_run(copy.id)
        elif model.has(copy.id):
            run = model.run(copy.id)
            changes = {name: getattr(run, name) for name in BY_HAND
                       if getattr(run, name) != getattr(copy, name)}
            if changes:
                project.change_run(copy.id, **changes)
