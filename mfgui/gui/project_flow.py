"""The project of the window: made, opened, closed, and what is told of it.

Everything that reads or writes runs as a job. What a window does is kept from the first file that
is opened on, in a project without a name; so nothing has to be saved, and nobody is asked.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from mfgui.errors import MfguiError
from mfgui.gui.background import LatestWorker
from mfgui.gui.job_watch import JobWatch
from mfgui.gui.project_closing import ProjectCloser
from mfgui.gui.project_keeper import (
    ProjectKeeper,
    ProjectReady,
    Source,
    is_unnamed,
    opened_of,
)
from mfgui.gui.project_places import ProjectPlaces
from mfgui.gui.run_flow import interrupted_text
from mfgui.gui.window_words import in_window
from mfgui.training.events import Notice

if TYPE_CHECKING:
    from mfgui.core.ratings import Ratings
    from mfgui.gui.main_window import MainWindow
    from mfgui.jobs.open_project import (
        Event,
        ProjectHeld,
        ProjectOpened,
        SourceMissing,
        SourceOpened,
    )
    from mfgui.store.project import Project, SourceInfo

READ_ONLY = "This project is open read-only: nothing that is done now is kept."


class ProjectFlow(QObject):
    """Opens and closes projects; ``places`` gives them names.

    Signals
    -------
    opened : a project was opened, with its ratings and run; what was looked at may be restored
    """

    opened = Signal(dict)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.model = window.run_model.project
        self.keeper = ProjectKeeper()
        self.model.keeper = self.keeper
        self.closer = ProjectCloser(self.keeper.folder)
        self._keeping = LatestWorker(self, takes_turns=False)
        self._keeping.done.connect(self._on_kept)
        self._keeping.failed.connect(self._on_not_kept)
        self._view: dict[str, Any] | None = None
        self._is_quiet = False
        self._told_not_kept = ""
        self.places = ProjectPlaces(self, window)
        run_model = window.run_model
        run_model.test_ratings_changed.connect(self._on_test_changed)
        self.model.trouble_changed.connect(window.trouble_bar.show_trouble)

    # -- what is open -------------------------------------------------------------------------

    def follow(self, opened: Any, options: Any = None) -> None:
        """Put ratings that were opened into the project, in the background."""
        source = self.keeper.source
        if source is None or source.ratings is not opened.ratings:
            self.keeper.set_source(Source(opened, options))
        self.keep()

    def follow_open(self) -> None:
        """Take the ratings that are open, where they came without a reading: with a model."""
        model, source = self._window.run_model, self.keeper.source
        if model.ratings is not None and (source is None or source.ratings is not model.ratings):
            self.keeper.set_source(Source(opened_of(model.ratings, model.report)))

    def keep(self) -> None:
        """Put what is open into the project, in the background."""
        self._keeping.ask(self.keeper.keep)

    def set_keeps_ratings(self, is_on: bool) -> None:
        """Keep the ratings themselves from now on, the open ones too."""
        from mfgui.jobs.projects import kept_refusal

        self.keeper.set_keeps_ratings(is_on)
        if not is_on:
            return
        ratings = self._window.run_model.ratings
        if ratings is not None and (refusal := kept_refusal(ratings.n_ratings)):
            self._window.tell(refusal, "information")
        self.keep()

    def _on_test_changed(self) -> None:
        if self._window.run_model.test_ratings is None:
            self.keeper.set_test(None)

    def follow_test(self, opened: Any) -> None:
        """Put test ratings into the project, in the background."""
        self.keeper.set_test(Source(opened, is_test=True))
        self.keep()

    def _on_kept(self, project: Project | None) -> None:
        if project is not None:
            self.sync(project)

    def sync(self, project: Project) -> None:
        """Take the project that a job has made or found."""
        if project is not self.model.project and project is self.keeper.project:
            self.model.set_project(
                project, project.runs(), is_named=not is_unnamed(project.path, self.keeper.folder))
            self._window.session.note_project()

    def _on_not_kept(self, error: BaseException) -> None:
        if not isinstance(error, MfguiError):
            raise error
        sentence = in_window(str(error))
        if sentence != self._told_not_kept:  # once, not at every file that is opened
            self._told_not_kept = sentence
            self._window.tell(f"Runs are not kept. {sentence}", "warning", "Save project as...",
                              self._window.actions_.project.choose_place)

    def take_events(self, events: list[object]) -> None:
        """Take the project that a run is recorded into before what the run tells of itself."""
        for event in events:
            if isinstance(event, ProjectReady):
                self.sync(event.project)

    # -- opening ------------------------------------------------------------------------------

    def open(self, path: str, mode: str = "write", *, is_quiet: bool = False) -> None:
        """Open a project file with its ratings and the run that was looked at.

        ``is_quiet``: nobody has asked for it, so that one that somebody else has is not told of.
        """
        window = self._window
        if not window.is_free():
            return
        from mfgui.jobs.open_project import open_whole_project

        watch = JobWatch(
            on_start=lambda _: self._on_open_start(is_quiet), on_events=self._on_events,
            on_end=lambda _: self._on_open_end(path))
        window.start_job(
            f"Opening {os.path.basename(path)}",
            lambda control: open_whole_project(control, path, mode, self.closer.note_open),
            watch, is_opening=True, part="reading")

    def _on_open_start(self, is_quiet: bool) -> None:
        self._view, self._is_quiet = None, is_quiet

    def _on_events(self, events: list[Event]) -> None:
        from mfgui.jobs import open_project as told

        for event in events:
            if isinstance(event, told.ProjectOpened):
                self._take_project(event)
            elif isinstance(event, told.ProjectHeld) and not self._is_quiet:
                self._tell_held(event)
        self.take_opened(events)

    def take_opened(self, events: list[Event]) -> None:
        """Show ratings and runs as they are opened."""
        from mfgui.jobs import open_project as told
        from mfgui.jobs.runs import OpenedRun

        for event in events:
            if isinstance(event, told.SourceOpened):
                self.take_source(event)
            elif isinstance(event, told.SourceMissing):
                self.tell_missing(event)
            elif isinstance(event, OpenedRun):
                self._window.runs.show_opened(event)

    def _take_project(self, event: ProjectOpened) -> None:
        """Let another project take the place of the one before."""
        window, project = self._window, event.project
        self._view = event.view
        window.run_model.close_ratings()
        window.show_nothing()
        self.replace(project)
        self.model.set_project(
            project, event.runs, is_named=not is_unnamed(project.path, self.keeper.folder))
        self.model.show_trials(bool(project.value("shows_trials", False)))
        self.keeper.set_source(None)
        window.session.note_project()
        if event.runs:
            window.leave_empty()
        if project.is_read_only:
            self.tell_read_only(project.note)
        elif project.note:
            self._tell_note(project.note)
        window.show_title()

    def replace(self, project: Project | None) -> None:
        """Record into another project from now on, and close the one before."""
        before = self.keeper.project
        self.keeper.set_project(project)
        if before is not None and before is not project:
            self.closer.close_later(before)

    def _tell_note(self, note: str) -> None:
        """Tell what a person should know of the project; an interrupted run can go on at once."""
        window = self._window
        window.run_model.add_notice(Notice("information", note))
        broken = [run for run in self.model.runs if run.status == "interrupted"]
        if len(broken) == 1:
            run = broken[0]
            window.tell(interrupted_text(run), "information", "Continue",
                        partial(self.model.continue_wanted.emit, run.id))
        else:
            window.tell(note, "information")

    def tell_read_only(self, note: str = "") -> None:
        """Say that nothing is kept, and offer a place where it would be."""
        self._window.tell(note or READ_ONLY, "warning", "Save project as...",
                          self._window.actions_.project.choose_place)

    def _tell_held(self, event: ProjectHeld) -> None:
        """Say who has a project, and offer to look at it or to copy it."""
        path = event.path
        self._window.tell(
            in_window(event.sentence), "warning", "Open read-only",
            partial(self.open, path, "read"), "Open a copy...",
            partial(self._window.actions_.project.choose_copy, path))

    def take_source(self, event: SourceOpened) -> None:
        """Show ratings that were opened from the project."""
        window = self._window
        project = self.model.project
        kept = (project, event.source.id) if project is not None else None
        source = Source(event.opened, event.options, kept=kept)
        self.keeper.set_source(source)
        window.reading.history.begin(event.options)
        window.show_ratings(event.opened, event.options)

    def tell_missing(self, event: SourceMissing) -> None:
        """Say why ratings are not to be had, and offer to look for them."""
        window, sentence = self._window, in_window(event.sentence)
        window.run_model.add_notice(Notice("warning", sentence))
        if event.is_moved:
            window.tell(sentence, "warning", "Locate...",
                        partial(window.actions_.project.choose_source, event.source),
                        "Open it as it is now" if event.is_there else "",
                        partial(self._open_as_it_is, event.source))
        else:
            window.tell(sentence, "warning")

    def _open_as_it_is(self, source: SourceInfo) -> None:
        """Read a file that has changed, as it was read then, for new runs in the same project."""
        from mfgui.jobs.projects import options_of

        self._window.reading.open(source.path, options_of(source))

    def locate(self, source_id: int, path: str) -> None:
        """Read ratings from where they are now, and go on as if they had been found."""
        from mfgui.jobs.open_project import find_source

        project = self.model.project
        if project is None or not self._window.is_free():
            return
        shown = self.model.shown_run
        self._window.start_job(
            f"Reading {os.path.basename(path)}",
            lambda control: find_source(control, project, source_id, path),
            partial(self._on_located, shown), is_opening=True, part="reading")

    def _on_located(self, shown: int | None, event: SourceOpened) -> None:
        self.take_source(event)
        if shown is not None and self.model.has(shown):
            self._window.runs.show(shown)

    def _on_open_end(self, path: str) -> None:
        view, self._view = self._view, None
        if view is not None:
            self._window.stored.add_project(path, self._window.session.project_title())
            self._window.actions_.project.set_recent()
            self.opened.emit(view)

    def refresh_runs(self) -> None:
        """Take the runs as they are in the project now."""
        project = self.model.project
        if project is not None and project is self.keeper.project:
            self.model.set_runs(project.runs())

    def ratings_of_run(self, run_id: int) -> Ratings | None:
        """Return the open ratings where a run was trained on them."""
        run, run_model = self.model.run(run_id), self._window.run_model
        return run_model.ratings if run.source_id == self.keeper.source_id else None

    def shut_down(self) -> None:
        """Write what there is to write, and close."""
        self._keeping.shut_down()
        project = self.keeper.close()
        if project is not None:
            is_waste = self._window.session.is_waste(project)
            self.closer.close_later(project, is_removed=is_waste)
        self.closer.shut_down()

