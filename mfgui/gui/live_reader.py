"""Reads a file again and again while a person tries how: the newest options win.

A change is read a moment later; a reading under way is cancelled, and nothing of it is told.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from mfgui import jobs
from mfgui.core.control import Progress
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.gui.background import JobRunner
from mfgui.jobs.files import OpenedRatings

DELAY_MS = 400


class LiveReader(QObject):
    """Runs the job "open" for the newest question.

    Signals
    -------
    began : a reading was asked for; what was told before is out of date
    looked : the Look at the file's head
    was_read : the OpenedRatings
    failed : the exception that the reading ended in
    """

    began = Signal()
    looked = Signal(object)
    was_read = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = JobRunner(self)
        self._runner.events.connect(self._on_events)
        self._runner.finished.connect(self._on_finished)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._start)
        self._question: tuple[str, ReadOptions, bool] | None = None
        self._is_current = False
        self._is_whole = True

    def ask(
        self, path: str, options: ReadOptions, delay_ms: int = DELAY_MS, *, is_whole: bool = True
    ) -> None:
        """Read the file in a moment; what is being read is cancelled at once.

        Where it is not to be read whole, the look at its head is all.
        """
        self._question, self._is_whole = (path, options, is_whole), is_whole
        self._drop()
        self._timer.start(delay_ms)
        self.began.emit()

    def cancel(self) -> None:
        """Read nothing any more."""
        self._question = None
        self._timer.stop()
        self._drop()

    @property
    def is_whole(self) -> bool:
        """Whether what is being read, or was read last, is the whole file."""
        return self._is_whole

    @property
    def is_waiting(self) -> bool:
        """Whether a change has not been read yet."""
        return self._timer.isActive()

    @property
    def is_running(self) -> bool:
        """Whether a thread is at work, be it for an old question."""
        return self._runner.is_running

    @property
    def progress(self) -> Progress:
        """How far the reading is."""
        return self._runner.control.progress if self._is_current else Progress("")

    def shut_down(self) -> None:
        """Stop, and wait for the thread."""
        self.cancel()
        self._runner.shut_down()

    def _drop(self) -> None:
        self._is_current = False
        if self._runner.is_running:
            self._runner.control.stop()

    def _start(self) -> None:
        """Begin, or let the end of the cancelled reading begin it."""
        if self._question is None or self._runner.is_running:
            return
        path, options, is_whole = self._question
        self._question = None
        self._is_current = True
        job = jobs.open_file if is_whole else jobs.look_file
        self._runner.start(lambda control: job(control, path, options))

    def _on_events(self, events: list[Any]) -> None:
        for event in events:
            if self._is_current and isinstance(event, Look):
                self.looked.emit(event)
            elif self._is_current and isinstance(event, OpenedRatings):
                self.was_read.emit(event)

    def _on_finished(self, error: BaseException | None) -> None:
        was_current, self._is_current = self._is_current, False
        if was_current and error is not None:
            self.failed.emit(error)
        if self._question is not None and not self._timer.isActive():
            self._start()
