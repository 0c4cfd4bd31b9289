"""The end of the window: what it asks, what it waits for, and for how long.

Nothing that can be gone on with is waited for or asked about: a recorded run stops where it is, a
search keeps its trials, a file is read again next time. What would be lost is asked about in a bar
across the top, once; closing a second time is an answer.

In the program (``is_deferred``) the window is gone at once, and the threads are then waited for
within bounds: one in the middle of a long piece of work is left behind with the process, which
harms nothing, for every file of ours is whole at any time.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication

from mfgui.gui import background
from mfgui.gui.background import JobRunner, LatestWorker
from mfgui.gui.crash_guard import guarded
from mfgui.gui.kept_form import keep_form
from mfgui.gui.widgets.notice_bar import NoticeBar

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow

LOG = logging.getLogger("mfgui")
THREADS_S = 0.5  # for threads to see that they are not wanted any more
PROJECT_S = 20.0  # for a project to become one file again; mostly it takes 0.1 s
AGAIN_AFTER_S = 1.0  # a double click on the cross is not an answer to a question it did not see


class Closing(QObject):
    """Closes the window.

    Attributes
    ----------
    is_closed : bool
        Nothing is to be shown any more.
    is_deferred : bool
        ``finish`` is called by whoever runs the program, when the window is gone.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.bar = NoticeBar(window, "closingBar")
        self.is_closed = self.is_deferred = False
        self._is_answered = False
        self._is_finished = False
        self._asked_at = 0.0
        self._waits = False
        for runner in (window.job_flow.runner, window.training.runner):
            runner.finished.connect(self._on_finished)

    # -- asking -------------------------------------------------------------------------------

    def close_in_order(self) -> None:
        """Close without a question: the person has answered it, or the system wants it."""
        self._is_answered = True
        self._window.close()

    def loss(self) -> str:
        """Return what would be lost by closing now, as a sentence; "" for nothing."""
        window = self._window
        project = window.run_model.project
        if project.project is not None and project.project.trouble:
            return f"{project.project.trouble} What is not written yet would be lost."
        if window.training.runner.is_running and project.running_run is None and (
                window.run_model.live.history):
            return ("The run under way is not kept in a project: closing now gives it up, and its "
                    "model with it.")
        job = window.job_flow
        if not job.runner.is_running or job.is_opening or job.can_go_on():
            return ""
        share = job.runner.control.progress.fraction
        done = "" if share is None else f", {share:.0%} done"
        return f"{job.text} is under way{done}: closing now gives it up."

    def _ask(self, text: str) -> None:
        """Ask across the top; the window stays usable."""
        self._asked_at, self._waits = time.monotonic(), False
        choices = [
            ("Close anyway", "Close now; what is under way is given up.", self.close_in_order),
            ("Keep the window open", "Do not close.", self._keep_open)]
        if self._is_busy():
            choices.insert(0, ("Close when it is done",
                               "Close by itself, as soon as what is under way is done.",
                               self._wait))
        self.bar.tell(text, choices, "warning")
        if self._window.isMinimized():  # it was closed from the task bar
            self._window.showNormal()

    def _is_busy(self) -> bool:
        return any(runner.is_running for runner in (
            self._window.job_flow.runner, self._window.training.runner))

    def _wait(self) -> None:
        self._waits = True
        self.bar.tell("The window closes when what is under way is done.", [
            ("Keep the window open", "Do not close.", self._keep_open)])

    def _keep_open(self) -> None:
        self._waits = False

    def _on_finished(self, error: BaseException | None) -> None:
        """Close where that was waited for; a question about what is over is no question."""
        if self._is_busy() or self.is_closed:
            return
        self.bar.hide()
        if self._waits and error is None:
            self._window.close()
        self._waits = False

    # -- closing ------------------------------------------------------------------------------

    def on_close(self, event: QCloseEvent) -> None:
        """Close, or ask."""
        if not self.is_closed:
            has_insisted = not self.bar.isHidden() and not self._waits and (
                time.monotonic() - self._asked_at > AGAIN_AFTER_S)
            loss = "" if self._is_answered or has_insisted else self.loss()
            if loss:
                self._ask(loss)
                event.ignore()
                return
            self._begin()
        event.accept()
        if self.is_deferred:
            QApplication.exit(0)  # whatever other window of ours is open
        else:
            self.finish()

    def _begin(self) -> None:
        """Keep what is seen while it can be seen, and ask everything that runs to stop."""
        window = self._window
        self.is_closed = True
        self.bar.hide()
        for step in (
            window.going_on.note, window.project_view.keep_layout,
            lambda: window.stored.save_layout(window, has_docks=window.layout_.has_left_empty),
            self._stop_all,
        ):
            guarded(step)

    def _stop_all(self) -> None:
        """Ask all threads to end before any is waited for."""
        for runner in self._window.findChildren(JobRunner):
            runner.control.stop()
        if self.is_deferred:  # else each is told in its turn, and some finish what they do
            for worker in self._window.findChildren(LatestWorker):
                worker.close()

    def finish(self) -> list[threading.Thread]:
        """Wait for the threads, keep what is to be kept; return those that are left behind."""
        if self._is_finished:
            return []
        self._is_finished = True
        window = self._window
        if self.is_deferred:
            background.hurry(THREADS_S)
        steps: list[Any] = [each.shut_down for each in (
            window.training.runner, window.job_runner, window.rates, window.reading, window.runs,
            window.actions_.exports)]
        steps.append(window.preparation.stop)
        if window.is_complete:
            steps += [panel.shut_down for panel in window.panels.values()]
            steps.append(lambda: keep_form(window.stored, window.setup_panel))
        steps += [window.project_view.shut_down, window.session.keep, self._close_projects,
                  window.stored.flush]
        for step in steps:
            guarded(step)
        background.hurry(None)
        main = threading.main_thread()
        return [thread for thread in threading.enumerate()
                if not thread.daemon and thread is not main]

    def _close_projects(self) -> None:
        """Close the projects: the last thing, for panels and jobs read and write them."""
        if self.is_deferred:
            background.hurry(PROJECT_S)
        self._window.projects.shut_down()
