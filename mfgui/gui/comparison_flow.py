"""Comparing the shown model with one in a file, or two runs of the project with each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.settings import as_dict
from mfgui.gui.job_watch import JobWatch

if TYPE_CHECKING:  # none of it is needed before two models are compared
    from mfgui.gui.actions import Actions
    from mfgui.inspection.comparison import OtherModel
    from mfgui.jobs.compare import Shown
    from mfgui.jobs.compare_runs import RunComparison
    from mfgui.store.project import Project

OTHER_FILTER = ("Models and factors (*.npz *.npy *.txt *.model);;Models of mfgui (*.npz);;"
                "Two NumPy arrays (*.npy);;Text models of LIBMF (*.txt *.model);;All files (*)")
PANEL = "comparison"


class ComparisonFlow(QObject):
    """From the wish to compare to what is shown of it, and back."""

    def __init__(self, actions: Actions) -> None:
        super().__init__(actions)
        self._actions, self._window = actions, actions.window
        self._has_opened_dock = False
        self._window.run_model.other_changed.connect(self._on_other_changed)

    def complete(self) -> None:
        """Follow the panel, once it is there."""
        panel: Any = self._window.panels[PANEL]
        panel.file_wanted.connect(self.choose_other)

    # -- with a file --------------------------------------------------------------------------

    def choose_other(self) -> None:
        """Ask for another model, or two arrays of factors, and compare with it."""
        dialog = QFileDialog(self._window, "Compare with model", self._actions.folder(),
                             OTHER_FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        self._actions.show_dialog(dialog, then_all=self.compare_with)

    def compare_with(self, paths: list[str]) -> None:
        """Read another model and show it beside the one that is shown."""
        shown = self._shown()
        if shown is None:
            self._window.tell("There is no model to compare with yet: train one, or open one.",
                              "warning")
            return
        known = self._window.run_model.known
        self._window.start_job(
            "Comparing", lambda control: jobs.compare(control, paths[:2], shown),
            partial(self._on_compared, shown.ratings, known))

    def _shown(self) -> Shown | None:
        """Return the model that is shown, as a job takes it."""
        from mfgui.jobs.compare import Shown, card_settings

        model = self._window.run_model
        if model.shown is None or model.ratings is None:
            return None
        opened, settings = model.opened_model, model.settings
        solver, plain = model.solver, as_dict(settings) if settings is not None else {}
        known = model.known
        if opened is not None:
            solver, plain = card_settings(opened.card)
            if opened.known is None:  # the open ratings are only taken for what it trained on
                known = None
        return Shown(model.shown, model.ratings, known, model.before_refit, self._shown_name(),
                     solver, plain)

    def _shown_name(self) -> str:
        """Return what the shown model is called beside another."""
        from mfgui.inspection.comparison import OPEN_MODEL
        from mfgui.jobs.compare_runs import run_name

        project = self._window.run_model.project
        if project.shown_run is not None and project.has(project.shown_run):
            return run_name(project.run(project.shown_run))
        return OPEN_MODEL

    def _on_compared(self, ratings: Any, known: Any, other: OtherModel) -> None:
        model = self._window.run_model
        if model.ratings is not ratings:
            return  # other ratings were opened meanwhile
        if model.known is not known:  # the figures are of a model that is no longer shown
            self._tell_gone(other.name)
            return
        self._show(other)

    def _tell_gone(self, name: str) -> None:
        self._window.tell(f"Another model took the place of the one that {name} was compared "
                          "with: compare again.", "warning")

    # -- two runs -----------------------------------------------------------------------------

    def compare_runs(self, a: int, b: int) -> None:
        """Show run ``a`` of the project, and run ``b`` beside it; both on the curve."""
        from mfgui.jobs.compare_runs import run_name

        window = self._window
        project = window.run_model.project.project
        if project is None:
            return
        ratings = window.projects.ratings_of_run(a)
        if ratings is not None:
            window.start_job(
                "Comparing", lambda control: jobs.compare_runs(control, project, a, b, ratings),
                partial(self._on_runs_compared, project))
        elif window.run_model.status.is_running:
            window.tell(f"{run_name(project.run(a))} was trained on other ratings: it can be "
                        "compared when the run under way is over.", "warning")
        else:
            window.start_job(
                "Comparing", lambda control: _opened_and_compared(control, project, a, b),
                JobWatch(on_events=window.projects.take_opened,
                         done=partial(self._on_runs_compared, project)),
                is_opening=True, part="reading")

    def _on_runs_compared(self, project: Project, compared: RunComparison) -> None:
        window, other = self._window, compared.other
        model, ids = window.run_model.project, other.run_ids or ()
        if model.project is not project or not all(map(model.has, ids)):
            return  # another project was opened, or a run deleted, meanwhile
        if model.shown_run != compared.opened.info.id:
            window.runs.show_opened(compared.opened)
        else:  # the same factors, read again
            other = replace(other, shown_model=window.run_model.shown)
        if window.run_model.ratings is not compared.opened.ratings:
            self._tell_gone(other.name)
            return
        for run_id in ids:
            model.tick(run_id, True)
        self._show(other)

    # -- showing ------------------------------------------------------------------------------

    def _show(self, other: OtherModel) -> None:
        """Show a model beside the shown one, and what is known of both."""
        window = self._window
        window.run_model.set_other(other)
        self._has_opened_dock = self._has_opened_dock or window.docks[PANEL].isHidden()
        window.layout_.show(PANEL)

    def end(self) -> None:
        """Show the model alone again."""
        self._window.run_model.set_other(None)

    def _on_other_changed(self) -> None:
        self._actions.follow(self._window.run_model)
        if self._window.run_model.other is None and self._has_opened_dock:
            self._has_opened_dock = False
            self._window.docks[PANEL].hide()


def _opened_and_compared(
    control: Control, project: Project, a: int, b: int
) -> Iterator[object]:
    """Open a run with its ratings, which are not open yet, and compare another with it."""
    opened: Any = None
    for opened in jobs.open_run_with_source(control, project, a):
        yield opened
    yield from jobs.compare_runs(control, project, a, b, opened.ratings)
