"""What a person asks of a run in the list or the table: to be shown, gone on with, used again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.settings import RunSettings
from mfgui.errors import CancelledError, MfguiError
from mfgui.gui.background import LatestWorker
from mfgui.gui.job_watch import JobWatch
from mfgui.gui.reproduction_flow import ReproductionFlow
from mfgui.gui.run_track import RunTrack
from mfgui.gui.window_words import in_window
from mfgui.training.events import Snapshot

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.jobs.runs import OpenedRun
    from mfgui.store.project import RunInfo

MODEL_FILTER = "Models (*.npz);;All files (*)"


class RunFlow(QObject):
    """Does what the signals of the project's model ask for."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._project = project = window.run_model.project
        self.reproduction = ReproductionFlow(window)
        # Clicks come faster than runs open: only the newest one counts.
        self._opener = LatestWorker(self, takes_turns=False)
        self._opener.done.connect(self._on_opened)
        self._opener.failed.connect(self._on_failed)
        self._control = Control()
        project.show_wanted.connect(self.show)
        project.continue_wanted.connect(self.go_on)
        project.duplicate_wanted.connect(self.duplicate)
        project.export_wanted.connect(self.choose_export)
        project.compare_wanted.connect(self._compare)
        project.deleted.connect(self._on_deleted)
        project.project_changed.connect(self._forget_wanted)
        window.run_model.run_started.connect(self._forget_wanted)  # a new run is looked at

    # -- showing ------------------------------------------------------------------------------

    def show(self, run_id: int) -> None:
        """Show a run's model and curve; the run that trains goes on meanwhile."""
        project, run_model = self._project.project, self._window.run_model
        if project is None or not self._project.has(run_id):
            return
        if run_id == self._project.running_run:
            self._forget_wanted()
            run_model.show_live()
            return
        ratings = self._window.projects.ratings_of_run(run_id)
        if ratings is not None:
            control = self._renewed()
            self._opener.ask(partial(
                _opened, control, lambda: jobs.open_run(control, project, run_id, ratings)))
        elif run_model.status.is_running:
            self._window.tell(
                f"Run {self._project.label(run_id)} was trained on other ratings: it can be shown "
                "when the run under way is over.", "warning")
        else:
            self._show_with_source(run_id)

    def _renewed(self) -> Control:
        """Stop what is being opened; return the control of what is opened instead."""
        self._control.stop()
        self._control = Control()
        return self._control

    def _forget_wanted(self) -> None:
        """Let go of a run that is being opened: its answer, should it come yet, is not shown."""
        self._renewed()

    def _show_with_source(self, run_id: int) -> None:
        """Open a run of other ratings together with them."""
        from mfgui.jobs.open_project import open_run_with_source

        project = self._project.project
        assert project is not None
        self._window.start_job(
            f"Opening run {self._project.label(run_id)}",
            lambda control: open_run_with_source(control, project, run_id),
            JobWatch(on_events=self._window.projects.take_opened), is_opening=True, part="reading")

    def _on_opened(self, answer: tuple[Control, OpenedRun | MfguiError]) -> None:
        control, opened = answer
        if control is not self._control or isinstance(opened, CancelledError):
            return  # another was asked for meanwhile, or another project was opened
        if isinstance(opened, MfguiError):
            self._window.tell(in_window(str(opened)))
        elif self._project.has(opened.info.id):
            self.show_opened(opened)

    def _on_failed(self, error: BaseException) -> None:
        raise error  # a bug: the hook shows it

    def show_opened(self, opened: OpenedRun) -> None:
        """Show a run that was read from the project."""
        window, run_model = self._window, self._window.run_model
        if run_model.status.is_running and opened.ratings is not run_model.ratings:
            return  # a run on other ratings began meanwhile
        run_model.show_run(opened_track(opened), opened.ratings)
        window.leave_empty()
        if opened.ratings.n_ratings:  # that there are none was told with a remedy
            self._tell_state(opened)
        window.show_title()

    def _tell_state(self, opened: OpenedRun) -> None:
        """Say what a person should know of a run; an interrupted one can go on at once."""
        info, result = opened.info, opened.result
        if info.status != "interrupted" or self._project.is_read_only:
            if opened.note:
                self._window.tell(in_window(opened.note), "information")
            return
        text = interrupted_text(info)
        if result is not None and result.kept_epoch < info.last_epoch:
            text += f" The factors shown are those of epoch {result.kept_epoch:,}."
        self._window.tell(text, "information", "Continue",
                          partial(self._project.continue_wanted.emit, info.id))

    # -- training on ---------------------------------------------------------------------------

    def go_on(self, run_id: int) -> None:
        """Continue a run itself where it was interrupted, else a new one from its factors."""
        project, window = self._project.project, self._window
        if project is None or self._project.running_run is not None:
            return
        if self._project.is_read_only:
            window.projects.tell_read_only()
            return
        ratings = window.projects.ratings_of_run(run_id)
        if ratings is not None:
            window.start_job(
                f"Opening run {self._project.label(run_id)}",
                lambda control: jobs.open_run(control, project, run_id, ratings), self._go_on)
            return
        from mfgui.jobs.open_project import open_run_with_source

        window.start_job(
            f"Opening run {self._project.label(run_id)}",
            lambda control: open_run_with_source(control, project, run_id),
            JobWatch(on_events=window.projects.take_opened, done=self._go_on), is_opening=True,
            part="reading")

    def _go_on(self, opened: OpenedRun) -> None:
        """Train a run on that is open with its ratings."""
        window = self._window
        if window.projects.ratings_of_run(opened.info.id) is None:
            return  # why they are not to be had was told
        if self._project.shown_run != opened.info.id:
            self.show_opened(opened)
        window.message_bar.hide()
        window.training.continue_run(opened.info)

    # -- using again ---------------------------------------------------------------------------

    def duplicate(self, run_id: int) -> None:
        """Fill the form with a run's method and settings."""
        run, setup = self._project.run(run_id), self._window.setup_panel
        setup.set_solver(run.solver)
        if setup.solver_name != run.solver:
            self._window.tell(f"This version of mfgui does not have the method {run.solver}.")
            return
        for name, value in run.settings.items():
            try:
                setup.form.set_value(name, value)
            except (KeyError, TypeError, ValueError):
                continue  # a setting that this version does not have
        self._window.layout_.show("setup")
        self._window.job_bar.set_hover_text(
            f"The form holds the settings of run {self._project.label(run_id)}.")

    def choose_export(self, run_id: int) -> None:
        """Ask where to write a run's model, and write it."""
        name = f"run-{self._project.run(run_id).number}.npz"
        self._window.actions_.ask_save(
            "Export model", name, MODEL_FILTER, partial(self.export, run_id))

    def export(self, run_id: int, path: str) -> None:
        """Write a run's model to a file."""
        project = self._project.project
        if project is None or not self._project.has(run_id):
            return
        self._window.actions_.start_saving(
            path, lambda control: jobs.export_run(control, project, run_id, path))

    def _compare(self, a: int, b: int) -> None:
        self._window.actions_.models.compare_runs(a, b)

    def _on_deleted(self, text: str) -> None:
        self._window.tell(text, "information", "Undo", self._project.undo_delete)

    def shut_down(self) -> None:
        """Stop, and wait for the thread that opens."""
        self._control.stop()
        self._opener.shut_down()


def interrupted_text(run: RunInfo) -> str:
    """Return how far a run came that nobody ended."""
    return (f"Run {run.number} was interrupted at epoch {max(run.last_epoch, 0):,}; every epoch "
            "that was shown is there.")


def _opened(
    control: Control, job: Callable[[], Iterator[Any]]
) -> tuple[Control, OpenedRun | MfguiError]:
    """Return what a job came to, or why it came to nothing, and who asked; on the worker."""
    try:
        *_, result = job()
    except MfguiError as error:
        return control, error
    return control, result


def opened_track(opened: OpenedRun) -> RunTrack:
    """Return the track of a run that was read from a project."""
    result, model, info = opened.result, opened.model, opened.info
    epoch = result.kept_epoch if result is not None else info.last_epoch
    is_refit = result is not None and result.is_refit
    return RunTrack(
        info.id, info.solver, _settings(info, result), list(opened.history), list(opened.notices),
        opened.baselines, Snapshot(epoch, model, is_refit) if model is not None else None, result,
        None, opened)


def _settings(info: RunInfo, result: Any) -> RunSettings | None:
    """Return a run's settings; None where this version cannot take them."""
    from mfgui.jobs.runs import settings_of

    if result is not None:
        settings: RunSettings = result.settings
        return settings
    try:
        return settings_of(info)
    except MfguiError:
        return None
