"""The one truth of the window: ratings, settings, status, history and last snapshot.

Panels read it and listen to it, never to each other; buttons follow ``status``. It starts no
thread itself: the main window starts jobs through ``background`` and hands their events in here.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Signal

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.data.import_report import ImportReport
from mfgui.data.options import ReadOptions
from mfgui.inspection.comparison import OtherModel
from mfgui.inspection.known import Known, known_of
from mfgui.inspection.new_user import NewUser
from mfgui.inspection.trial import Trial
from mfgui.jobs.files import OpenedModel
from mfgui.jobs.models import sound_baselines
from mfgui.store.model_file import SavedModel
from mfgui.training.events import (
    Baselines,
    EpochRecord,
    Notice,
    RunResult,
    Snapshot,
    Split,
)


class Status(Enum):
    """What the window is doing."""

    EMPTY = "empty"
    READY = "ready"
    TRAINING = "training"
    PAUSED = "paused"
    STOPPING = "stopping"
    DONE = "done"

    @property
    def is_running(self) -> bool:
        """Whether a training job is alive."""
        return self in (Status.TRAINING, Status.PAUSED, Status.STOPPING)


class RunModel(QObject):
    """Ratings, settings of the run, status, history and last snapshot.

    Signals
    -------
    ratings_changed : other ratings were opened; history and snapshot are gone
    status_changed : ``status`` changed
    test_ratings_changed : ``test_ratings`` are others
    run_started : a run begins; ``history`` was emptied, or goes on where it is a "train on"
    baselines_changed : ``baselines`` were measured
    records_added : list of the new EpochRecord, at most 30 times a second
    snapshot_changed : ``snapshot`` is a newer copy of the factors
    notice_added : a Notice
    result_changed : ``result`` was set, the run is over
    shown_changed : ``shown`` is another model, or what is known of its ratings changed
    new_user_changed : ``new_user`` changed
    other_changed : ``other`` changed
    next_run_changed : ``next_run``, the method and settings in the form, changed
    """

    ratings_changed = Signal()
    status_changed = Signal()
    test_ratings_changed = Signal()
    run_started = Signal()
    baselines_changed = Signal()
    records_added = Signal(list)
    snapshot_changed = Signal()
    notice_added = Signal(object)
    result_changed = Signal()
    shown_changed = Signal()
    new_user_changed = Signal()
    other_changed = Signal()
    next_run_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ratings: Ratings | None = None
        self.report: ImportReport | None = None
        self.read_options: ReadOptions | None = None
        self.test_ratings: Ratings | None = None
        self.solver = ""
        self.settings: RunSettings | None = None
        self.next_run: tuple[str, RunSettings | None] = ("", None)
        self.history: list[EpochRecord] = []
        self.notices: list[Notice] = []
        self.baselines: Baselines | None = None
        self.snapshot: Snapshot | None = None
        self.result: RunResult | None = None
        self.opened_model: SavedModel | None = None
        self.trial: Trial | None = None
        self.new_user: NewUser | None = None
        self.other: OtherModel | None = None
        self._opened: OpenedModel | None = None
        self._split: Split | None = None
        self._known: Known | None = None
        self._status = Status.EMPTY
        self.snapshot_changed.connect(self._on_snapshot_changed)

    @property
    def status(self) -> Status:
        """What the window is doing."""
        return self._status

    def set_status(self, status: Status) -> None:
        """Change the status and tell it, once."""
        if status is not self._status:
            self._status = status
            self.status_changed.emit()

    # -- what is inspected --------------------------------------------------------------------

    @property
    def shown(self) -> FactorModel | None:
        """The model that is looked at: the copy under way step by step, else the newest factors."""
        if self.trial is not None:
            return self.trial.model
        return self.snapshot.model if self.snapshot is not None else None

    @property
    def known(self) -> Known | None:
        """What is known of the ratings behind ``shown``; None where nothing is open."""
        return self._known

    @property
    def before_refit(self) -> FactorModel | None:
        """The factors from before the refit, where ``shown`` is one."""
        if self._opened is not None:
            return self._opened.before_refit
        is_refit = self.snapshot is not None and self.snapshot.is_refit
        return self.result.before_refit if self.result is not None and is_refit else None

    def set_trial(self, trial: Trial | None) -> None:
        """Look at a copy instead of the run's model; None: at the run's again."""
        if trial is not self.trial:
            self.trial = trial
            self.shown_changed.emit()

    def set_new_user(self, new_user: NewUser | None) -> None:
        """Take the imaginary row as it is now; None: there is none."""
        if new_user is not self.new_user:
            self.new_user = new_user
            self.new_user_changed.emit()

    def set_next_run(self, solver: str, settings: RunSettings | None) -> None:
        """Note what the form says now; None where a field is wrong."""
        if (solver, settings) != self.next_run:
            self.next_run = solver, settings
            self.next_run_changed.emit()

    def set_other(self, other: OtherModel | None) -> None:
        """Compare with another model; None: with none."""
        if other is not self.other:
            self.other = other
            self.other_changed.emit()

    def _on_snapshot_changed(self) -> None:
        self._know()
        self.shown_changed.emit()

    def _know(self) -> None:
        """Note what is known of the ratings now; the same object while nothing of it changes."""
        if self.ratings is None:
            self._known = None
            return
        if self._opened is not None:
            self._known = self._opened.known
            return
        is_refit = self.snapshot is not None and self.snapshot.is_refit
        known, held_out = self._known, self._split.held_out if self._split is not None else None
        if known is None or known.ratings is not self.ratings:
            self._known = known_of(self.ratings, held_out, is_trained_on_all=is_refit)
        elif known.is_trained_on_all != is_refit:
            self._known = replace(known, is_trained_on_all=is_refit)

    # -- ratings, models, runs ----------------------------------------------------------------

    def set_ratings(
        self, ratings: Ratings, report: ImportReport, options: ReadOptions | None = None
    ) -> None:
        """Take other ratings, read with these options; what belonged to the old ones goes."""
        self.ratings, self.report, self.test_ratings = ratings, report, None
        self.read_options = options
        self._forget_run()
        self._know()
        self.ratings_changed.emit()
        self.shown_changed.emit()
        self.set_status(Status.READY)

    def set_test_ratings(self, ratings: Ratings | None) -> None:
        """Take ratings to measure the next runs on; None for none."""
        self.test_ratings = ratings
        self.test_ratings_changed.emit()

    def set_model(self, opened: OpenedModel) -> None:
        """Show a model from a file, with the open ratings or alone."""
        self._forget_run()
        if opened.ratings is not self.ratings:
            self.ratings, self.report, self.test_ratings = opened.ratings, None, None
            self.read_options = None
        self.opened_model, self._opened = opened.saved, opened
        self.baselines = sound_baselines(opened.saved)
        self.snapshot = Snapshot(0, opened.model, opened.saved.is_refit)
        self._know()
        self.ratings_changed.emit()
        if opened.history:
            self.history = list(opened.history)
            self.records_added.emit(self.history)
        self.snapshot_changed.emit()
        self.set_status(Status.DONE)

    def _forget_run(self) -> None:
        """Empty what a run left."""
        self.history, self.notices, self.baselines = [], [], None
        self.snapshot, self.result, self.opened_model = None, None, None
        self._opened, self._split, self._known = None, None, None
        self.trial = None
        self.set_other(None)
        self.set_new_user(None)

    def start_run(self, solver: str, settings: RunSettings, *, is_continued: bool = False) -> None:
        """Note that a run begins."""
        self.solver, self.settings = solver, settings
        if not is_continued:
            self._forget_run()
            self._know()
            self.shown_changed.emit()
        self.set_trial(None)
        self.run_started.emit()
        self.set_status(Status.TRAINING)

    @property
    def n_members(self) -> int:
        """How many models the run trains one after another; the members of an average."""
        settings: Any = self.settings
        if self.opened_model is not None:
            settings = self.opened_model.card.get("settings")
        # The one name that every solver of several models gives its setting.
        n = settings.get("n_members", 1) if isinstance(settings, dict) else getattr(
            settings, "n_members", 1)
        return n if isinstance(n, int) and n > 0 else 1

    def add_events(self, events: list[object]) -> None:
        """Take what a job told since the last tick and pass it on.

        Records go on as one list, except that a notice comes after those before it: its epoch is
        one of theirs.
        """
        records: list[EpochRecord] = []
        for event in events:
            if isinstance(event, Split):
                self._split, self._known = event, None
                self._know()
                continue
            if isinstance(event, EpochRecord):
                records.append(event)
                continue
            if isinstance(event, (Notice, Baselines)):
                self._add_records(records)
                records = []
            if isinstance(event, Notice):
                self.add_notice(event)
            elif isinstance(event, Baselines):
                self.baselines = event
                self.baselines_changed.emit()
        self._add_records(records)
        self._take_ends(events)

    def _add_records(self, records: list[EpochRecord]) -> None:
        if records:
            self.history.extend(records)
            self.records_added.emit(records)

    def _take_ends(self, events: list[object]) -> None:
        """Take the newest snapshot, and the result where the run is over."""
        snapshots = [event for event in events if isinstance(event, Snapshot)]
        if snapshots:
            self.snapshot = snapshots[-1]
            self.snapshot_changed.emit()
        for event in events:
            if isinstance(event, RunResult):
                self._finish(event)

    def add_notice(self, notice: Notice) -> None:
        """Keep a notice and tell it."""
        self.notices.append(notice)
        self.notice_added.emit(notice)

    def _finish(self, result: RunResult) -> None:
        """Take the result of a run."""
        self.result = result
        self.snapshot = Snapshot(result.kept_epoch, result.model, result.is_refit)
        self.snapshot_changed.emit()
        self.result_changed.emit()
