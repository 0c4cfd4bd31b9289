"""What the window was doing when it was closed, told at the next start with the way on.

A run that was still training when its process ended is told of by the project itself, as
interrupted. One that was stopped because the window was closed is not interrupted to it: so that is
noted here.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from mfgui.training.events import Notice

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow

CLOSED = "closed_during"
"""The name by which a project keeps it: {"run": id}, or {"job": its text, "panel": its place}."""


class GoingOn(QObject):
    """Notes what closing ends, and tells of it when the project is opened again."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.projects.opened.connect(self._on_opened)

    def note(self) -> None:
        """Have the project keep what closing ends; it can be gone on with."""
        window = self._window
        model, job = window.run_model.project, window.job_flow
        if model.project is None or model.project.is_read_only:
            return
        if model.running_run is not None and window.training.runner.is_running:
            model.project.set_value(CLOSED, {"run": model.running_run})
        elif job.runner.is_running and job.can_go_on():
            model.project.set_value(CLOSED, {"job": job.text, "panel": job.panel})

    def _on_opened(self, _view: dict[str, Any]) -> None:
        """Tell, once, what goes on from where the window was closed."""
        self._window.reading.watch.look()  # the file may be another one by now
        model = self._window.run_model.project
        if model.project is None or model.project.is_read_only:
            return
        noted = model.project.value(CLOSED)
        if noted is None:
            return
        model.project.set_value(CLOSED, None)
        if not isinstance(noted, dict):
            return
        run_id, job = noted.get("run"), noted.get("job")
        if isinstance(run_id, int) and model.has(run_id):
            self._tell_run(run_id)
        elif isinstance(job, str) and job:
            panel = str(noted.get("panel"))
            is_shown = panel in self._window.docks
            self._tell(f"{job[:100]} was under way when the window was closed; what was done is "
                       "kept, and it goes on from there.", "Show" if is_shown else "",
                       partial(self._window.layout_.show, panel))

    def _tell_run(self, run_id: int) -> None:
        model = self._window.run_model.project
        run = model.run(run_id)
        if run.status != "stopped":  # it came to an end after all, or is told of as interrupted
            return
        self._tell(f"Run {model.label(run_id)} was under way when the window was closed, at epoch "
                   f"{max(run.last_epoch, 0):,}: Continue goes on with it from there.",
                   "Continue", partial(model.continue_wanted.emit, run_id))

    def _tell(self, text: str, word: str, action: Any) -> None:
        self._window.tell(text, "information", word, action)
        self._window.run_model.add_notice(Notice("information", text))
