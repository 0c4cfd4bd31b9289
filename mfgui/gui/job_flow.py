"""The jobs of the status bar: one at a time, with progress and Cancel, and how each ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from mfgui.core.control import Control
from mfgui.errors import CancelledError, DataError, MfguiError
from mfgui.gui.background import JobRunner
from mfgui.gui.job_watch import Done, JobWatch, watch_of
from mfgui.gui.window_words import in_window
from mfgui.training.events import Notice

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow

Remedy = Callable[[DataError], tuple[()] | tuple[str, Callable[[], None]]]
Job = Callable[[Control], Iterator[Any]]
BUSY = "Another job is running: wait for it, or cancel it at the bottom right."


class JobFlow(QObject):
    """Starts the jobs that are no training, and tells what became of them."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.runner = JobRunner(self)
        self._watch = JobWatch()
        self._remedy: Remedy | None = None
        self._result: Any = None
        self._is_opening = False
        self.text = ""
        self.runner.events.connect(self._on_events)
        self.runner.finished.connect(self._on_finished)
        window.job_bar.cancel_requested.connect(lambda: self.runner.control.stop())

    @property
    def is_opening(self) -> bool:
        """Whether other ratings are on their way: no run may begin on the old ones."""
        return self._is_opening

    @property
    def panel(self) -> str:
        """Where the job under way is gone on with."""
        return self._watch.panel

    def can_go_on(self) -> bool:
        """Say whether the job under way can be gone on with another time."""
        return self._watch.can_go_on()

    def start(
        self, text: str, job: Job, done: Done = None, *,
        is_opening: bool = False, remedy: Remedy | None = None, part: str = "",
    ) -> None:
        """Run a job; ``done`` gets its last event, if it ends well; a JobWatch gets more.

        ``remedy(error)`` is a button, with what it does, beside the sentence of a file that
        cannot be read. ``part`` names the kernels that the job needs compiled.
        """
        window = self._window
        if self.runner.is_running:
            window.tell(BUSY, "warning")
            return
        self._watch, self._is_opening, self._remedy = watch_of(done), is_opening, remedy
        self._result, self.text = None, text
        window.message_bar.hide()
        control = self.runner.start(window.preparation.before(part, job))
        window.job_bar.begin(text, control)
        self._watch.on_start(control)

    def _on_events(self, events: list[Any]) -> None:
        self._result = events[-1]
        self._window.projects.take_events(events)  # a job may be the first to record
        self._watch.on_events(events)

    def _on_finished(self, error: BaseException | None) -> None:
        window = self._window
        window.job_bar.end()
        window.complete()
        watch, self._watch = self._watch, JobWatch()
        if self._is_opening:  # that a run could not begin meanwhile is over
            self._is_opening = False
            window.setup_panel.show_error("")
        watch.on_end(error)
        if isinstance(error, CancelledError):
            window.job_bar.set_hover_text("Cancelled.")
        elif error is not None:
            self._tell_failure(error)
        else:
            watch.done(self._result)

    def _tell_failure(self, error: BaseException) -> None:
        """Show what a user caused as its sentence, anything else as a bug."""
        if not isinstance(error, MfguiError):
            raise error
        more: tuple[()] | tuple[str, Callable[[], None]] = ()
        if isinstance(error, DataError) and self._remedy is not None:
            more = self._remedy(error)
        sentence = in_window(str(error))
        self._window.tell(sentence, "error", *more)
        self._window.run_model.add_notice(Notice("error", sentence))
