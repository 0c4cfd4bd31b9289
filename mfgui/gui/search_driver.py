"""A search in the window: how it begins, is followed, ends, and is found again in the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.errors import MfguiError
from mfgui.gui.background import LatestWorker
from mfgui.gui.job_watch import JobWatch
from mfgui.gui.project_keeper import begin_record
from mfgui.gui.run_model import RunModel
from mfgui.gui.search_board import SearchBoard
from mfgui.jobs.search import (
    KeptSearch,
    SearchPlan,
    SearchRecord,
    find_settings,
    go_on_searching,
    searches,
)
from mfgui.training.events import Notice
from mfgui.training.search import check_plan

if TYPE_CHECKING:
    from mfgui.store.project import Project

Search = Callable[[Control, Ratings, SearchRecord | None], Iterator[Any]]


class SearchDriver(QObject):
    """Starts searches and keeps the board of the one that is shown.

    Signals
    -------
    job_wanted : as of a panel
    told : a sentence and its kind
    state_changed : a search began, ended, waits, or another one is shown
    board_changed : something came of a trial
    kept_changed : ``kept``, the searches of the project, were read
    """

    job_wanted = Signal(str, object, object)
    told = Signal(str, str)
    state_changed = Signal()
    board_changed = Signal()
    kept_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.board = SearchBoard()
        self.kept: list[KeptSearch] = []
        self.control: Control | None = None
        self._run_model: RunModel | None = None
        self._reader = LatestWorker(self)
        self._reader.done.connect(self._on_kept_read)
        self._reader.failed.connect(self._on_failed)

    def set_model(self, run_model: RunModel) -> None:
        """Follow the ratings and the project."""
        self._run_model = run_model
        run_model.ratings_changed.connect(self._on_ratings_changed)
        run_model.project.project_changed.connect(self.read_kept)

    def shut_down(self) -> None:
        """End the thread that reads."""
        self._reader.shut_down()

    @property
    def is_running(self) -> bool:
        """Whether a search of this panel is under way."""
        return self.control is not None

    @property
    def is_paused(self) -> bool:
        """Whether it waits."""
        return self.control is not None and self.control.is_paused

    @property
    def fraction(self) -> float:
        """How far the search is, 0 to 1."""
        if self.control is not None:
            return self.control.progress.fraction or 0.0
        return 1.0 if self.board.search is not None and self.board.search.is_complete else 0.0

    @property
    def ratings(self) -> Ratings | None:
        """The open ratings."""
        return self._run_model.ratings if self._run_model is not None else None

    # -- starting and ending ------------------------------------------------------------------

    def begin(self, plan: SearchPlan, holdout: float) -> None:
        """Begin a new search."""
        try:
            check_plan(plan, self.ratings)
        except MfguiError as error:
            self.told.emit(str(error), "error")
            return
        self._start(lambda control, ratings, record: find_settings(
            control, plan, ratings, holdout=holdout, record=record))

    def go_on(self, kept: KeptSearch) -> None:
        """Go on with a search where it stood."""
        self._start(lambda control, ratings, record: go_on_searching(
            control, kept, ratings, record))

    def _start(self, search: Search) -> None:
        model = self._run_model
        if model is None or model.ratings is None or self.is_running:
            return
        ratings, keeper = model.ratings, model.project.keeper

        def job(control: Control) -> Iterator[Any]:
            kept = None
            if keeper is not None:
                record = yield from begin_record(keeper, ratings)
                if record is not None:
                    kept = SearchRecord(record.project, record.source_id)
            yield from search(control, ratings, kept)

        self.job_wanted.emit("Finding settings", job, JobWatch(
            on_start=self._on_started, on_events=self._on_events, on_end=self._on_ended,
            can_go_on=lambda: self.board.search is not None and bool(self.board.search.id),
            panel="search"))

    def asked_for(
        self, n_trials: int | None, minutes: float | None, n_threads: int
    ) -> KeptSearch | None:
        """Return the search that is shown with so many trials and minutes, if it can go on."""
        search = self.board.search
        if search is None or self.is_running or not self._is_of_open_ratings(search):
            return None
        plan = replace(search.plan, n_trials=n_trials, n_threads=n_threads,
                       seconds=None if minutes is None else 60 * minutes)
        try:
            kept = replace(search, plan=replace(plan, n_trials=check_plan(plan).n_trials))
        except MfguiError:
            return None
        return None if kept.is_complete else kept

    def _is_of_open_ratings(self, search: KeptSearch) -> bool:
        model = self._run_model
        if model is None or model.ratings is None:
            return False
        keeper = model.project.keeper
        return not search.id or (keeper is not None and keeper.source_id == search.source_id)

    def _on_started(self, control: Control) -> None:
        self.control = control
        self.state_changed.emit()

    def _on_events(self, events: list[Any]) -> None:
        assert self._run_model is not None
        for told in self.board.take(events):
            self._run_model.project.put(told.run)
        for event in events:
            if isinstance(event, Notice):
                self.told.emit(event.text, event.kind)
        self.board_changed.emit()

    def _on_ended(self, _error: BaseException | None) -> None:
        self.control = None
        self.board.cut_off()
        self.read_kept()
        self.state_changed.emit()

    def pause(self) -> None:
        """Let all trials wait, or go on."""
        if self.control is None:
            return
        if self.control.is_paused:
            self.control.resume()
        else:
            self.control.pause()
        self.state_changed.emit()

    def cancel(self) -> None:
        """End the search; what is done stays."""
        if self.control is not None:
            self.control.stop()

    # -- searches of the project --------------------------------------------------------------

    def _on_ratings_changed(self) -> None:
        if not self.is_running:
            self.board.show(None)
            self.read_kept()
            self.state_changed.emit()

    def read_kept(self) -> None:
        """Read the searches of the project, in the background."""
        project = self._run_model.project.project if self._run_model is not None else None
        self._reader.ask(lambda: (project, [] if project is None else searches(project)))

    def _on_failed(self, error: BaseException) -> None:
        raise error  # a bug: the hook shows it

    def _on_kept_read(self, answer: tuple[Project | None, list[KeptSearch]]) -> None:
        """Take them; the newest on the open ratings is shown where none is."""
        project, kept = answer
        if self._run_model is None or project is not self._run_model.project.project:
            return  # another was opened meanwhile, and is being read
        self.kept = kept
        if not self.is_running and self.board.search is None:
            fitting = [each for each in kept if self._is_of_open_ratings(each)]
            if fitting:
                self.show(fitting[-1])
        self.kept_changed.emit()

    def show(self, kept: KeptSearch) -> None:
        """Show a search of an earlier sitting."""
        if not self.is_running:
            self.board.show(kept)
            self.state_changed.emit()

    # -- what was found -----------------------------------------------------------------------

    def best_settings(self) -> tuple[str, RunSettings] | None:
        """Return method and settings of the best trial."""
        best, search = self.board.best, self.board.search
        if best is None or search is None:
            return None
        return search.plan.solver, replace(search.plan.settings, **best.values)

    def show_trial(self, trial: int) -> None:
        """Have the run of a trial shown."""
        line, model = self.board.line(trial), self._run_model
        if line is None or line.run_id is None or model is None:
            return
        if model.project.has(line.run_id):
            model.project.show_wanted.emit(line.run_id)
