"""The part of the window that opens things: files, samples, models, projects, and nothing again."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QStackedWidget

from mfgui import jobs
from mfgui.errors import MfguiError
from mfgui.gui.project_keeper import SUFFIX, is_unnamed
from mfgui.gui.stored_state import N_RECENT
from mfgui.gui.window_theme import ThemePart
from mfgui.gui.window_words import in_window
from mfgui.training.events import Notice

if TYPE_CHECKING:
    from mfgui.data.options import ReadOptions
    from mfgui.gui.actions import Actions
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.project_flow import ProjectFlow
    from mfgui.gui.public_data_flow import PublicDataFlow
    from mfgui.gui.reading_flow import ReadingFlow
    from mfgui.gui.training_flow import TrainingFlow
    from mfgui.gui.widgets.welcome import WelcomePanel
    from mfgui.gui.window_layout import WindowLayout
    from mfgui.jobs.files import OpenedModel, OpenedRatings


class OpeningPart(ThemePart):
    """What the main window opens, and what it shows while there is something, or nothing."""

    actions_: Actions
    reading: ReadingFlow
    projects: ProjectFlow
    training: TrainingFlow
    layout_: WindowLayout
    pages: QStackedWidget
    welcome: WelcomePanel
    matrices_panel: Any
    start_job: Callable[..., None]
    tell: Callable[..., None]
    show_title: Callable[[], None]
    _public_data: PublicDataFlow | None = None

    def open_path(self, path: str | os.PathLike[str], options: ReadOptions | None = None) -> None:
        """Open a ratings file, or a model or project where it is one."""
        if os.fspath(path).lower().endswith(SUFFIX):
            self.projects.open(os.fspath(path))
        elif self.is_free():
            self.reading.open(os.fspath(path), options)

    def open_sample(self) -> None:
        """Open the sample data."""
        if self.is_free():
            self.start_job("Making the sample data", jobs.open_sample, self.show_ratings,
                           is_opening=True)

    def open_text(self, text: str) -> None:
        """Open a pasted matrix."""
        if self.is_free():
            self.start_job("Reading the matrix", lambda control: jobs.open_text(control, text),
                           self.show_ratings, is_opening=True)

    def show_public_data(self) -> None:
        """Show the page of public data sets, in the place of what is shown now."""
        if self._public_data is None:
            from mfgui.gui.public_data_flow import PublicDataFlow

            try:
                self._public_data = PublicDataFlow(cast("MainWindow", self))
            except MfguiError as error:  # there is no folder to keep data in
                self.tell(in_window(str(error)))
                return
        self._public_data.show()

    def open_test_file(self, path: str) -> None:
        """Open ratings to measure the model on."""
        self.start_job(f"Reading {os.path.basename(path)}",
                       lambda control: jobs.open_file(control, path), self._take_test,
                       part="reading")

    def recent(self) -> list[tuple[str, float]]:
        """Return files and projects opened lately and when, newest first."""
        named = [(path, when) for path, when, _ in self.stored.recent_projects()
                 if not is_unnamed(path, self.projects.keeper.folder)]
        return sorted([*named, *self.stored.recent_files()], key=lambda each: -each[1])[:N_RECENT]

    def is_free(self) -> bool:
        """Say whether other data may come; a run under way is not thrown away unasked."""
        return self.training.is_free()

    def show_ratings(self, opened: OpenedRatings, options: ReadOptions | None = None) -> None:
        """Show ratings that were read."""
        if opened.path:
            self.stored.add_recent(opened.path)
            self.actions_.set_recent(self.stored.recent_files())
        self.reading.leave_page()
        self.run_model.set_ratings(opened.ratings, opened.report, options)
        self.leave_empty()
        self.reading.follow(opened)
        self.projects.follow(opened, options)
        self.show_title()

    def _take_test(self, opened: OpenedRatings) -> None:
        self.run_model.set_test_ratings(opened.ratings)
        self.projects.follow_test(opened)

    def show_model(self, opened: OpenedModel) -> None:
        """Show a model from a file."""
        self.run_model.set_model(opened)
        self.reading.follow_model()
        self.leave_empty()
        self.show_title()
        if opened.note:
            self.tell(opened.note, "information")
            self.run_model.add_notice(Notice("information", opened.note))

    def show_centre(self) -> None:
        """Show what stands in the centre while no file is asked about."""
        self.pages.setCurrentWidget(
            self.matrices_panel if self.layout_.has_left_empty else self.welcome)

    def leave_empty(self) -> None:
        """Show the panels, once there is something to show in them."""
        self.pages.setCurrentWidget(self.matrices_panel)
        self.layout_.leave_empty()

    def show_nothing(self) -> None:
        """Show the invitation again: nothing is open."""
        self.reading.leave_page()
        self.layout_.be_empty()
        self.welcome.set_recent(self.recent())
        self.pages.setCurrentWidget(self.welcome)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the first file dropped."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.open_path(paths[0])
