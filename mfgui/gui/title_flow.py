"""The title bar: how far what runs is, what is open, and the project's name.

It is what a person sees of the window in the task bar. A training is told of before a job beside
it; a job that is over within a second is not told of at all, for the title would only flicker.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow

LOOK_MS = 250
SHOW_AFTER_S = 1.0


class TitleFlow(QObject):
    """Writes the title of the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._job_share: float | None = None
        self._job_began = 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._on_tick)
        window.job_flow.runner.started.connect(self._on_job_started)
        window.job_flow.runner.finished.connect(self._on_job_finished)

    def show(self) -> None:
        """Write the title anew, where it is another."""
        model = self._window.run_model
        parts = self._progress()
        if model.ratings is not None:
            parts.append(model.ratings.name)
        if model.project.name:
            parts.append(model.project.name)
        title = " - ".join([*parts, "mfgui"])
        if title != self._window.windowTitle():
            self._window.setWindowTitle(title)

    def _progress(self) -> list[str]:
        """Return how far the training is, else what job is under way and how far."""
        window = self._window
        if window.run_model.status.is_running:
            control = window.training.runner.control
            if window.run_model.live.history and control.progress.fraction is not None:
                return [f"{window.setup_panel.progress_fraction:.0%}"]
            return []
        if not window.job_flow.runner.is_running or self._seconds() < SHOW_AFTER_S:
            return []
        share = [] if self._job_share is None else [f"{self._job_share:.0%}"]
        return [*share, window.job_flow.text]

    def _seconds(self) -> float:
        return time.monotonic() - self._job_began

    def _on_job_started(self) -> None:
        self._job_began, self._job_share = time.monotonic(), None
        self._timer.start()

    def _on_tick(self) -> None:
        share = self._window.job_flow.runner.control.progress.fraction
        if share is not None:  # of several steps each begins anew; people do not go backwards
            self._job_share = max(self._job_share or 0.0, min(share, 1.0))
        self.show()

    def _on_job_finished(self) -> None:
        self._timer.stop()
        self.show()
