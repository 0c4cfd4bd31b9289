"""The one truth of the window: ratings, settings, status, history and last snapshot.

Panels read it and listen to it, never to each other; buttons follow ``status``. It starts no
thread itself: the main window starts jobs through ``background`` and hands their events in here.

One run trains, and one is shown; mostly it is the same one. Where a person looks at an older run
meanwhile, what the training tells goes to its own ``RunTrack``, and is all there on the way back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.data.import_report import ImportReport
from mfgui.data.options import ReadOptions
from mfgui.gui.project_model import ProjectModel
from mfgui.gui.run_events import take_events
from mfgui.gui.run_status import Status
from mfgui.gui.run_track import OfTrack, RunTrack
from mfgui.store.model_file import SavedModel
from mfgui.training.events import Baselines, EpochRecord, Notice, RunResult, Snapshot

if TYPE_CHECKING:
    from mfgui.inspection.comparison import OtherModel
    from mfgui.inspection.known import Known
    from mfgui.inspection.new_user import NewUser
    from mfgui.inspection.trial import Trial
    from mfgui.jobs.files import OpenedModel

__all__ = ["RunModel", "Status"]


class RunModel(QObject):
    """Ratings, settings of the run, status, history and last snapshot.

    Signals
    -------
    ratings_changed : other ratings were opened; history and snapshot are gone
    status_changed : ``status`` changed
    test_ratings_changed : ``test_ratings`` are others
    run_started : a run begins; ``history`` was emptied, or goes on where it is a "train on"
    run_shown : another run of the same ratings is shown; all that belongs to a run is another
    baselines_changed : ``baselines`` were measured
    records_added : list of the new EpochRecord of the shown run, at most 30 times a second
    live_records_added : the same of the run that trains, be it shown or not
    snapshot_changed : ``snapshot`` is a newer copy of the factors
    notice_added : a Notice; one of a run that is not shown is not in ``notices``
    result_changed : ``result`` was set, the run is over
    live_result_changed : the run that trains is over, be it shown or not
    shown_changed : ``shown`` is another model, or what is known of its ratings changed
    new_user_changed : ``new_user`` changed
    other_changed : ``other`` changed
    next_run_changed : ``next_run``, the method and settings in the form, changed
    """

    ratings_changed = Signal()
    status_changed = Signal()
    test_ratings_changed = Signal()
    run_started = Signal()
    run_shown = Signal()
    baselines_changed = Signal()
    records_added = Signal(list)
    live_records_added = Signal(list)
    snapshot_changed = Signal()
    notice_added = Signal(object)
    result_changed = Signal()
    live_result_changed = Signal()
    shown_changed = Signal()
    new_user_changed = Signal()
    other_changed = Signal()
    next_run_changed = Signal()

    # Of the run that is shown.
    solver = OfTrack[str]()
    settings = OfTrack[RunSettings | None]()
    history = OfTrack[list[EpochRecord]]()
    notices = OfTrack[list[Notice]]()
    baselines = OfTrack[Baselines | None]()
    snapshot = OfTrack[Snapshot | None]()
    result = OfTrack[RunResult | None]()
    opened_model = OfTrack[SavedModel | None]()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = ProjectModel(self)
        self.project.runs_changed.connect(self._follow_runs)
        self.track = RunTrack()
        self._live: RunTrack | None = None
        self.ratings: Ratings | None = None
        self.report: ImportReport | None = None
        self.read_options: ReadOptions | None = None
        self.test_ratings: Ratings | None = None
        self.next_run: tuple[str, RunSettings | None] = ("", None)
        self.trial: Trial | None = None
        self.new_user: NewUser | None = None
        self.other: OtherModel | None = None
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

    @property
    def shown(self) -> FactorModel | None:
        """The model that is looked at: the copy under way step by step, else the newest factors."""
        if self.trial is not None:
            return self.trial.model
        return self.snapshot.model if self.snapshot is not None else None

    @property
    def known(self) -> Known | None:
        """What is known of the ratings behind ``shown``; None where nothing is open."""
        return self.track.known

    @property
    def before_refit(self) -> FactorModel | None:
        """The factors from before the refit, where ``shown`` is one."""
        if self.track.opened is not None:
            return self.track.opened.before_refit
        is_refit = self.snapshot is not None and self.snapshot.is_refit
        return self.result.before_refit if self.result is not None and is_refit else None

    @property
    def live(self) -> RunTrack:
        """The run that trains; where none does, the one that is shown."""
        return self._live or self.track

    @property
    def is_live_shown(self) -> bool:
        """Whether the run that trains is the one that is shown, or none trains."""
        return self._live is None or self._live is self.track

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
        self.know()
        self.shown_changed.emit()

    def know(self) -> None:
        """Note what is known of the ratings now; the same object while nothing of it changes."""
        run_id = self.track.run_id
        origin = (self.project.run(run_id).origin
                  if run_id is not None and self.project.has(run_id) else {})
        self.track.know(self.ratings, origin)

    def set_ratings(
        self, ratings: Ratings, report: ImportReport, options: ReadOptions | None = None
    ) -> None:
        """Take other ratings, read with these options; what belonged to the old ones goes."""
        self.ratings, self.report, self.test_ratings = ratings, report, None
        self.read_options = options
        self._forget_run()
        self.know()
        self.ratings_changed.emit()
        self.shown_changed.emit()
        self.set_status(Status.READY)

    def set_test_ratings(self, ratings: Ratings | None) -> None:
        """Take ratings to measure the next runs on; None for none."""
        self.test_ratings = ratings
        self.test_ratings_changed.emit()

    def set_model(self, opened: OpenedModel) -> None:
        """Show a model from a file, with the open ratings or alone."""
        from mfgui.jobs.models import sound_baselines

        self._forget_run()
        if opened.ratings is not self.ratings:
            self._set_unread(opened.ratings)
        self.opened_model, self.track.opened = opened.saved, opened
        self.baselines = sound_baselines(opened.saved)
        self.snapshot = Snapshot(0, opened.model, opened.saved.is_refit)
        self.know()
        self.ratings_changed.emit()
        if opened.history:
            self.history = list(opened.history)
            self.records_added.emit(self.history)
        self.snapshot_changed.emit()
        self.set_status(Status.DONE)

    def show_track(self, track: RunTrack) -> None:
        """Show another run on the open ratings, as the one that trains or one of the past."""
        if track is self.track:
            return
        self._forget_run(track)
        self.know()
        self.run_shown.emit()
        self.snapshot_changed.emit()
        if self._live is None:
            self.set_status(Status.DONE if track.snapshot is not None else Status.READY)

    def show_run(self, track: RunTrack, ratings: Ratings) -> None:
        """Show a run of the past, on the open ratings or on others: those of its project."""
        if ratings is self.ratings:
            self.show_track(track)
            return
        self._set_unread(ratings)
        self._forget_run(track)
        self.know()
        self.ratings_changed.emit()
        self.run_shown.emit()
        self.snapshot_changed.emit()
        self.set_status(Status.DONE if track.snapshot is not None else Status.READY)

    def close_ratings(self) -> None:
        """Let go of everything: nothing is open any more."""
        self._set_unread(None)
        self._forget_run()
        self.know()
        self.ratings_changed.emit()
        self.shown_changed.emit()
        self.set_status(Status.EMPTY)

    def show_live(self) -> None:
        """Show the run that trains again."""
        self.show_track(self.live)

    def _set_unread(self, ratings: Ratings | None) -> None:
        self.ratings, self.report, self.test_ratings, self.read_options = ratings, None, None, None

    def _forget_run(self, track: RunTrack | None = None) -> None:
        """Let go of what belonged to the run that was shown."""
        self.track = track or RunTrack()
        self.project.set_shown(self.track.run_id)
        self.trial = None
        self.set_other(None)
        self.set_new_user(None)

    def _follow_runs(self) -> None:
        """Note the run that is shown again, where its deletion was undone."""
        if self.project.shown_run is None and self.project.has(self.track.run_id):
            self.project.set_shown(self.track.run_id)

    def start_run(self, solver: str, settings: RunSettings, *, is_continued: bool = False) -> None:
        """Note that a run begins; it is shown."""
        if is_continued:
            self.track = self.track.continued()
        else:
            self._forget_run()
        self.solver, self.settings = solver, settings
        self._live = self.track
        if not is_continued:
            self.know()
            self.shown_changed.emit()
        self.set_trial(None)
        self.run_started.emit()
        self.set_status(Status.TRAINING)

    def end_run(self) -> None:
        """Note that the run is over, whatever ended it."""
        self._live = None
        self.project.set_running(None)
        self.set_status(Status.DONE if self.snapshot is not None else Status.READY)

    @property
    def n_members(self) -> int:
        """How many models the shown run trains; the members of an average."""
        return self.track.n_members

    def add_events(self, events: list[object]) -> None:
        """Take what the run that trains told since the last tick, and pass it on."""
        take_events(self, events)

    def add_notice(self, notice: Notice) -> None:
        """Keep a notice that is not of a run, and tell it."""
        self.notices.append(notice)
        self.notice_added.emit(notice)
