"""What is told when something long has ended while the window was behind others.

The window asks for attention as the desktop does it (``QApplication.alert``: the task bar), a
sentence stays across the top until it has been seen, and Messages keeps it. No balloon of the
system's: ``QSystemTrayIcon.showMessage`` does nothing unless the program has an icon in the tray,
which nobody asked for and some desktops do not have.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from mfgui.errors import CancelledError
from mfgui.gui.widgets.notice_bar import NoticeBar
from mfgui.gui.widgets.run_end import duration_text, end_text
from mfgui.training.events import Notice, RunResult

if TYPE_CHECKING:
    from mfgui.gui.background import JobRunner
    from mfgui.gui.main_window import MainWindow

LONG_S = 60.0
SEEN_AFTER_MS = 20_000


class EndNotice(QObject):
    """Follows the training and the jobs of the status bar."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.bar = NoticeBar(window)
        self._began: dict[JobRunner, float] = {}
        self._run, self._end = "The run", ""
        self._seen = QTimer(self)
        self._seen.setSingleShot(True)
        self._seen.setInterval(SEEN_AFTER_MS)
        self._seen.timeout.connect(self.bar.hide)
        training, job = window.training.runner, window.job_flow.runner
        training.started.connect(lambda: self._on_started(training))
        job.started.connect(lambda: self._on_started(job))
        training.events.connect(self._on_training_events)
        training.finished.connect(self._on_training_finished)
        job.finished.connect(self._on_job_finished)

    def _on_started(self, runner: JobRunner) -> None:
        self._began[runner] = time.monotonic()
        if runner is self._window.training.runner:
            self._run, self._end = "The run", ""

    def _on_training_events(self, events: list[Any]) -> None:
        from mfgui.jobs.recording import RunStarted

        for event in events:
            if isinstance(event, RunStarted):
                self._run = f"Run {event.run.number}"
            elif isinstance(event, RunResult):  # its words alone: it would keep its arrays alive
                self._end = f"{self._run} is over. {end_text(event)}"
                if event.validation_rmse is not None:
                    self._end += f" Validation RMSE {event.validation_rmse:.4f}."

    def _on_training_finished(self, error: BaseException | None) -> None:
        self._tell(self._window.training.runner, error,
                   self._end if error is None and self._end else
                   f"{self._run} ended with an error.")

    def _on_job_finished(self, error: BaseException | None) -> None:
        name = self._window.job_flow.text
        self._tell(self._window.job_flow.runner, error,
                   f"{name}: " + ("done." if error is None else "ended with an error."))

    def _tell(self, runner: JobRunner, error: BaseException | None, text: str) -> None:
        """Tell the end of something long that nobody was looking at."""
        seconds = time.monotonic() - self._began.pop(runner, time.monotonic())
        if seconds < LONG_S or is_in_front() or isinstance(error, CancelledError):
            return
        when = datetime.now().strftime("%H:%M")
        text = f"{when}, after {duration_text(seconds)}: {text}"
        QApplication.alert(self._window)
        self._seen.stop()
        self.bar.tell(text)
        self._window.run_model.add_notice(Notice("information", text))

    def follow_front(self) -> None:
        """Take the sentence away once the window has been in front for a while."""
        if not self._window.isActiveWindow():
            self._seen.stop()
        elif not self.bar.isHidden():
            self._seen.start()


def is_in_front() -> bool:
    """Say whether a window or a dialog of this program has the focus."""
    return QApplication.activeWindow() is not None
