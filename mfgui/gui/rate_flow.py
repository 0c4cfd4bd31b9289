"""The search for a learning rate in the window: it begins, is followed, and ends.

It never runs beside a training: the button is off meanwhile, and a run that is begun ends it first.
Other ratings, another method, or a choice with which the rate does nothing end it too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from mfgui import jobs
from mfgui.core.settings import RunSettings
from mfgui.errors import CancelledError, MfguiError, SettingsError
from mfgui.gui.background import JobRunner

if TYPE_CHECKING:
    from mfgui.gui.main_window import MainWindow
    from mfgui.gui.widgets.rate_finder import RateFinder


class RateFlow(QObject):
    """Runs the job and hands what it tells to the card below the field."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.runner = JobRunner(self)
        self._settings: RunSettings | None = None
        self._finder: RateFinder | None = None
        self._then: Callable[[], None] | None = None
        self._tick = QTimer(self)
        self._tick.setInterval(100)
        self._tick.timeout.connect(self._on_tick)
        self.runner.events.connect(self._on_events)
        self.runner.finished.connect(self._on_finished)

    def complete(self) -> None:
        """Connect what begins and ends a search."""
        setup, model = self._window.setup_panel, self._window.run_model
        setup.find_requested.connect(self.find)
        setup.find_cancelled.connect(self.end)
        setup.form.changed.connect(self._on_form_changed)
        model.ratings_changed.connect(self.end)

    @property
    def is_running(self) -> bool:
        """Whether a search is under way."""
        return self.runner.is_running

    def find(self, solver: str, settings: RunSettings) -> None:
        """Begin a search; one that is being cancelled ends first."""
        window = self._window
        ratings, finder = window.run_model.ratings, window.setup_panel.form.finder
        if ratings is None or finder is None or window.training.runner.is_running:
            return
        if self.is_running:
            self.end(lambda: self.find(solver, settings))
            return
        self._settings, self._finder = settings, finder
        finder.begin()
        self.runner.start(window.preparation.before(
            solver, lambda control: jobs.find_rate(control, solver, settings, ratings)))
        self._tick.start()

    def end(self, then: Callable[[], None] | None = None) -> None:
        """Take the card away and end the search; ``then`` is called when its thread is over."""
        finder, self._finder, self._settings = self._finder, None, None
        self._then = then
        self._tick.stop()
        self.runner.control.stop()
        if finder is not None:
            finder.close_card()
        if then is not None and not self.is_running:
            self._go_on()

    def shut_down(self) -> None:
        """Stop, and wait for the thread."""
        self._tick.stop()
        self.runner.shut_down()

    def _go_on(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then()

    def _on_tick(self) -> None:
        """Say which rate is tried."""
        if self._finder is not None:
            self._finder.show_text(self.runner.control.progress.text)

    def _on_events(self, events: list[Any]) -> None:
        from mfgui.jobs.find_rate import RateFound, RateTrial

        if self._finder is None:
            return
        self._finder.add(event for event in events if isinstance(event, RateTrial))
        for event in events:
            if isinstance(event, RateFound):
                self._tick.stop()
                self._finder.finish(event)
                self._on_form_changed()  # it may have changed meanwhile

    def _on_finished(self, error: BaseException | None) -> None:
        self._tick.stop()
        self._go_on()
        if error is None or isinstance(error, CancelledError):
            return
        if not isinstance(error, MfguiError):
            self.end()
            raise error
        if self._finder is not None:
            self._finder.fail(str(error))

    def _on_form_changed(self) -> None:
        """End a search that nothing needs any more; say where the found rate is of the past."""
        finder, before = self._finder, self._settings
        if finder is None or before is None:
            return
        from mfgui.jobs.find_rate import findable, is_same_search

        try:
            now = self._window.setup_panel.form.settings()
        except SettingsError:
            return
        if not findable(now):
            self.end()
        else:
            finder.set_stale(not is_same_search(before, now))
