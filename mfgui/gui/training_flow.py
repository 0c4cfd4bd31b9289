"""A run in the window: how it begins, waits, ends, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.settings import RunSettings
from mfgui.errors import CancelledError, MfguiError
from mfgui.gui.background import JobRunner
from mfgui.gui.job_flow import Job
from mfgui.gui.project_keeper import begin_record
from mfgui.gui.run_model import Status
from mfgui.training.events import Notice

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.store.project import RunInfo

UNDER_WAY = "A run is under way: stop it first, then open other ratings."


class TrainingFlow(QObject):
    """Starts and ends runs; what they tell goes into the RunModel."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.runner = JobRunner(self)
        self.runner.events.connect(window.projects.take_events)
        self.runner.events.connect(window.run_model.add_events)
        self.runner.finished.connect(self._on_finished)

    def complete(self) -> None:
        """Connect the buttons of a run."""
        setup = self._window.setup_panel
        setup.train_requested.connect(self.train)
        setup.train_on_requested.connect(self.train_on)
        setup.pause_requested.connect(self.pause)
        setup.resume_requested.connect(self.resume)
        setup.stop_requested.connect(self.stop)

    def train(
        self, solver: str, settings: RunSettings, origin: dict[str, Any] | None = None
    ) -> None:
        """Begin a run; ``origin`` says what chose its settings, where no person did."""
        self._start(solver, settings, None, origin or {})

    def train_on(self, solver: str, settings: RunSettings) -> None:
        """Go on from the kept factors of the last run."""
        self._start(solver, settings, self._window.run_model.result, {})

    def _start(
        self, solver: str, settings: RunSettings, start: Any, origin: dict[str, Any]
    ) -> None:
        window, model = self._window, self._window.run_model
        if model.ratings is None or self.runner.is_running:
            return
        if window.job_flow.is_opening:
            window.setup_panel.show_error("A file is being opened: wait for it, or cancel it.")
            return
        if window.reading.is_choosing:
            window.tell("Use these ratings, or cancel, before you train.", "warning")
            return
        from mfgui.jobs.train import check

        try:
            check(solver, settings, model.ratings, start)
        except MfguiError as error:  # before anything of the last run is given up
            self._tell_refusal(error)
            return
        if window.rates.is_running:  # two of them would share the processors, and the button is off
            window.rates.end(lambda: self._start(solver, settings, start, origin))
            return
        window.message_bar.hide()
        window.layout_.raise_curve()  # the report may stand before it
        self._run(solver, settings, start, origin)

    def _run(
        self, solver: str, settings: RunSettings, start: Any, origin: dict[str, Any]
    ) -> None:
        """Train and record; a run that goes on from another says from which."""
        window, model = self._window, self._window.run_model
        ratings, test, keeper = model.ratings, model.test_ratings, window.projects.keeper
        assert ratings is not None
        before = model.track.run_id if start is not None else None
        window.projects.follow_open()

        def job(control: Control) -> Iterator[Any]:
            record = yield from begin_record(keeper, ratings, before)
            if record is not None and origin:
                record = replace(record, origin=origin)
            yield from jobs.train(
                control, solver, settings, ratings, test=test, start=start, record=record)

        model.start_run(solver, settings, is_continued=start is not None)
        self._begin(solver, job)

    def _begin(self, solver: str, job: Job) -> None:
        """Have the job of a run begin."""
        self.runner.start(self._window.preparation.before(solver, job))
        self._window.matrices_panel.request_refresh()

    def continue_run(self, run: RunInfo) -> None:
        """Go on with a run of the project that is shown, on the open ratings."""
        window, model = self._window, self._window.run_model
        project, ratings = model.project.project, model.ratings
        if project is None or ratings is None or self.runner.is_running:
            return
        if window.rates.is_running:
            window.rates.end(lambda: self.continue_run(run))
            return
        settings = model.settings
        if settings is None:
            window.tell(f"This version of mfgui cannot go on with run {run.number}.")
            return
        test = model.test_ratings if run.test_source_id is not None else None
        window.layout_.raise_curve()
        model.start_run(run.solver, settings, is_continued=True)
        self._begin(run.solver, lambda control: jobs.continue_run(
            control, project, run.id, ratings, test=test))

    def pause(self) -> None:
        """Let the run wait."""
        self.runner.control.pause()
        self._window.run_model.set_status(Status.PAUSED)

    def resume(self) -> None:
        """Let the run go on."""
        self.runner.control.resume()
        self._window.run_model.set_status(Status.TRAINING)

    def stop(self) -> None:
        """End the run; it keeps its last whole epoch, or its best."""
        if self.runner.is_running:
            self._window.run_model.set_status(Status.STOPPING)
            self.runner.control.stop()

    def is_free(self) -> bool:
        """Say whether other data may come; a run under way is not thrown away unasked."""
        if not self._window.run_model.status.is_running:
            return True
        self._window.tell(UNDER_WAY, "warning", "Stop the run", self.stop)
        return False

    def request_snapshot(self) -> None:
        """Have the run copy its factors at the end of the epoch."""
        if self.runner.is_running:
            self.runner.control.request_snapshot()

    def _on_finished(self, error: BaseException | None) -> None:
        window, model = self._window, self._window.run_model
        model.end_run()
        if window.message_bar.text == UNDER_WAY:
            window.message_bar.hide()
        window.projects.refresh_runs()
        window.show_title()
        if isinstance(error, CancelledError) or error is None:
            return
        if not isinstance(error, MfguiError):
            raise error
        self._tell_refusal(error)

    def _tell_refusal(self, error: MfguiError) -> None:
        """Show why a run did not begin where it was asked for, and in Messages."""
        self._window.run_model.add_notice(Notice("error", str(error)))
        self._window.setup_panel.show_error(str(error))
