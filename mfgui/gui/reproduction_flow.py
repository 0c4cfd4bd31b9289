"""A run taken away or done again: the report on it, and whether it comes to the same bits."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMenu

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.training.events import Notice

if TYPE_CHECKING:
    from mfgui.gui.actions import Actions
    from mfgui.gui.main_window import MainWindow

REPORT_FILTER = "Web page (*.html)"
REPORT_HELP = ("Write a report on the run that is shown: one page that opens in any browser, with "
               "ratings, settings, curve, matrices, figures, top lists and what it takes to train "
               "it again.")


class ReproductionFlow(QObject):
    """Does what the signals of the project's model ask for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._project = project = window.run_model.project
        self._action: QAction | None = None
        project.again_wanted.connect(self.again)
        project.report_wanted.connect(self.choose_report)
        for signal in (project.shown_run_changed, project.running_run_changed,
                       project.runs_changed):
            signal.connect(self._follow)

    def add_to(self, actions: Actions, menu: QMenu) -> None:
        """Add the report on the run that is shown to a menu."""
        self._action = actions._add(
            menu, "Report on this r&un...", self._report_shown, None, REPORT_HELP)
        self._follow()

    def _follow(self) -> None:
        shown = self._project.shown_run
        if self._action is not None:
            self._action.setEnabled(shown is not None and shown != self._project.running_run)

    # -- the report ---------------------------------------------------------------------------

    def _report_shown(self) -> None:
        if self._project.shown_run is not None:
            self.choose_report(self._project.shown_run)

    def choose_report(self, run_id: int) -> None:
        """Ask where the report on a run is to be, and write it."""
        if not self._project.has(run_id):
            return
        self._window.actions_.ask_save(
            f"Report on run {self._project.label(run_id)}",
            f"run-{self._project.run(run_id).number}.html", REPORT_FILTER,
            partial(self.write_report, run_id))

    def write_report(self, run_id: int, path: str) -> None:
        """Write the report on a run to a file."""
        project = self._project.project
        if project is None or not self._project.has(run_id):
            return
        ratings = self._window.projects.ratings_of_run(run_id)
        self._window.actions_.start_saving(
            path, lambda control: jobs.report(control, path, project, run_id, ratings),
            self._on_report)

    def _on_report(self, written: Any) -> None:
        place = os.path.abspath(written.path)
        self._window.tell(
            f"The report is in {written.path}.", "information", "Open", partial(_open, place),
            "Show in folder", partial(_open, os.path.dirname(place)))

    # -- again --------------------------------------------------------------------------------

    def again(self, run_id: int) -> None:
        """Train a run once more and say whether the result is the same to the bit."""
        project, window = self._project.project, self._window
        if project is None or not self._project.has(run_id) or not window.is_free():
            return
        ratings = window.projects.ratings_of_run(run_id)

        def job(control: Control) -> Iterator[Any]:
            yield from jobs.run_again(control, project, run_id, ratings)

        window.start_job(f"Running {self._project.label(run_id)} again", job, self._on_again,
                         part=self._project.run(run_id).solver)

    def _on_again(self, again: Any) -> None:
        self._window.tell(again.text, "information" if again.is_same else "warning")
        self._window.run_model.add_notice(Notice("information", again.text))
        self._project.again_done.emit(again.run, again.text)


def _open(place: str) -> None:
    """Open a file or a folder as the system does."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(place))
