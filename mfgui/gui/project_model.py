"""The runs of the open project, as the window knows them: one truth for lists, table and curves.

Reading a project takes its time, so that others read (``project_flow``, in jobs) and put here what
they read. A change that a person makes is seen at once and goes to the project's writer, which
commits it a tick later; nothing here waits for the disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from mfgui.gui.run_looks import run_label, run_look
from mfgui.gui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from mfgui.gui.project_keeper import ProjectKeeper
    from mfgui.store.project import Project, RunInfo
    from mfgui.training.events import EpochRecord

KEPT_TRIALS = "n_kept_trials"
N_KEPT_TRIALS = 20


class ProjectModel(QObject):
    """The open project, its runs by number, and which of them are shown, running and ticked.

    Signals
    -------
    project_changed : another project is open, or the same one under another name
    runs_changed : there are other runs, or something that a person can change of one of them
    run_changed : the figures of the run with this id, while it trains
    ticks_changed : ``ticked`` changed
    shown_run_changed : ``shown_run`` changed
    running_run_changed : ``running_run`` changed
    look_changed : runs have other colours, for the theme is another
    trials_shown_changed : ``shows_trials`` changed
    trouble_changed : why nothing can be written at present, "" when all is well again
    show_wanted, continue_wanted, duplicate_wanted, again_wanted, export_wanted, report_wanted :
        id of a run
    compare_wanted : ids of two runs
    again_done : id of a run that was done again, and what came of it in a sentence
    deleted : a sentence on the runs that a person deleted just now
    """

    project_changed = Signal()
    runs_changed = Signal()
    run_changed = Signal(int)
    ticks_changed = Signal()
    shown_run_changed = Signal()
    running_run_changed = Signal()
    look_changed = Signal()
    trials_shown_changed = Signal()
    trouble_changed = Signal(str)
    show_wanted = Signal(int)
    continue_wanted = Signal(int)
    duplicate_wanted = Signal(int)
    again_wanted = Signal(int)
    export_wanted = Signal(int)
    report_wanted = Signal(int)
    compare_wanted = Signal(int, int)
    again_done = Signal(int, str)
    deleted = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project: Project | None = None
        self.keeper: ProjectKeeper | None = None
        self.is_named = False
        self.trouble = ""
        self.shows_trials = False
        self.shown_run: int | None = None
        self.running_run: int | None = None
        self._runs: dict[int, RunInfo] = {}
        self._deleted: list[list[RunInfo]] = []
        self._theme: Theme = LIGHT
        self._told_trouble.connect(self._on_trouble, Qt.ConnectionType.QueuedConnection)

    # Comes from the writer's thread: a queued connection brings it over.
    _told_trouble = Signal(object, str)

    # -- the project --------------------------------------------------------------------------

    @property
    def is_read_only(self) -> bool:
        """Whether nothing that is done now is kept."""
        return self.project is None or self.project.is_read_only

    @property
    def name(self) -> str:
        """What the project is called; "" for one that nobody has named."""
        return self.project.path.stem if self.project is not None and self.is_named else ""

    def set_project(
        self, project: Project | None, runs: Sequence[RunInfo] = (), *, is_named: bool = False
    ) -> None:
        """Take another project with its runs, as they were read; None: there is none."""
        self.project, self.is_named = project, is_named
        self._runs = {run.id: run for run in sorted(runs, key=lambda run: run.number)}
        self._deleted = []
        self.shown_run = self.running_run = None
        self.trouble = ""
        if project is not None:
            project.when_trouble(lambda text: self._told_trouble.emit(project, text))
        self._set_trouble(project.trouble if project is not None else "")
        self.project_changed.emit()
        self.runs_changed.emit()
        self.ticks_changed.emit()
        self.shown_run_changed.emit()
        self.running_run_changed.emit()

    def set_runs(self, runs: Iterable[RunInfo]) -> None:
        """Take the runs as they were read anew from the same project."""
        gone = self.deleted_ids
        before = self.ticked
        self._runs = {run.id: run for run in sorted(runs, key=lambda run: run.number)
                      if run.id not in gone}
        self.runs_changed.emit()
        if self.ticked != before:
            self.ticks_changed.emit()

    def _on_trouble(self, project: Project, text: str) -> None:
        if project is self.project:
            self._set_trouble(text)

    def _set_trouble(self, text: str) -> None:
        if text != self.trouble:
            self.trouble = text
            self.trouble_changed.emit(text)

    # -- runs ---------------------------------------------------------------------------------

    @property
    def runs(self) -> list[RunInfo]:
        """The runs, by number."""
        return list(self._runs.values())

    def has(self, run_id: int | None) -> bool:
        """Say whether there is a run with this id."""
        return run_id in self._runs

    def run(self, run_id: int) -> RunInfo:
        """Return a run; KeyError where it is not there, or not any more."""
        return self._runs[run_id]

    @property
    def ticked(self) -> tuple[int, ...]:
        """Ids of the runs that are drawn on the curve, by number."""
        return tuple(run.id for run in self._runs.values() if run.is_ticked)

    def label(self, run_id: int) -> str:
        """Return what a run is called on one line: "3 AdaGrad"."""
        run = self._runs[run_id]
        return run_label(run.number, run.name, run.solver)

    def look(self, run_id: int) -> tuple[str, Qt.PenStyle]:
        """Return colour and line style of a run, the same wherever it is drawn."""
        return run_look(self._runs[run_id].number, self._theme)

    def numbers(self) -> dict[int, int]:
        """Return the number of each run, by its id."""
        return {run.id: run.number for run in self._runs.values()}

    def show_trials(self, is_on: bool) -> None:
        """List what searches and cross-validations made too, or only what a person trained."""
        if is_on != self.shows_trials:
            self.shows_trials = is_on
            if not self.is_read_only and self.project is not None:
                self.project.set_value("shows_trials", is_on)
            self.trials_shown_changed.emit()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme that runs are drawn in."""
        if theme is not self._theme:
            self._theme = theme
            self.look_changed.emit()

    def put(self, run: RunInfo) -> None:
        """Take a run that has begun, or one as it was read anew; not one that was deleted."""
        if run.id in self.deleted_ids:
            return
        is_new = run.id not in self._runs
        was_ticked = not is_new and self._runs[run.id].is_ticked
        self._runs[run.id] = run
        if is_new:
            self._runs = dict(sorted(self._runs.items(), key=lambda pair: pair[1].number))
        self.runs_changed.emit()
        if run.is_ticked != was_ticked:
            self.ticks_changed.emit()

    def take_records(self, run_id: int, records: Sequence[EpochRecord]) -> None:
        """Follow the figures of a run that trains."""
        run = self._runs.get(run_id)
        if run is None or not records:
            return
        best = run.best_validation_rmse
        for record in records:
            value = None if record.is_refit else record.validation_rmse
            if value is not None and (best is None or value < best):
                best = value
        self._runs[run_id] = replace(
            run, n_records=run.n_records + len(records), last_epoch=records[-1].epoch,
            last_record=records[-1], best_validation_rmse=best)
        self.run_changed.emit(run_id)

    def set_shown(self, run_id: int | None) -> None:
        """Note whose model and curve the window shows; None: those of no run of the project."""
        if run_id != self.shown_run:
            self.shown_run = run_id
            self.shown_run_changed.emit()

    def set_running(self, run_id: int | None) -> None:
        """Note which run trains."""
        if run_id != self.running_run:
            self.running_run = run_id
            self.running_run_changed.emit()

    # -- what a person changes ----------------------------------------------------------------

    def tick(self, run_id: int, is_ticked: bool) -> None:
        """Draw a run on the curve, or do not."""
        if self._change(run_id, is_ticked=is_ticked):
            self.ticks_changed.emit()

    def star(self, run_id: int, is_starred: bool) -> None:
        """Mark a run as one worth keeping in mind."""
        self._change(run_id, is_starred=is_starred)

    def rename(self, run_id: int, text: str) -> None:
        """Call a run something; "" calls it by its solver again."""
        self._change(run_id, name=text.strip())

    def set_note(self, run_id: int, text: str) -> None:
        """Write something down about a run."""
        self._change(run_id, note=text.strip())

    def _change(self, run_id: int, **changes: Any) -> bool:
        """Change a run, here at once and in the project soon; say whether it was another."""
        run = self._runs[run_id]
        changed = replace(run, **changes)
        if changed == run:
            return False
        self._runs[run_id] = changed
        if self.project is not None and not self.project.is_read_only:
            self.project.change_run(run_id, **changes)
        self.runs_changed.emit()
        return True

    @property
    def can_undo(self) -> bool:
        """Whether a run was deleted that can come back."""
        return bool(self._deleted)

    @property
    def deleted_ids(self) -> set[int]:
        """Ids of the runs that were deleted and can come back."""
        return {run.id for group in self._deleted for run in group}

    def delete(self, run_ids: Iterable[int]) -> None:
        """Delete runs, all at once; one that trains stays. ``undo_delete`` brings them back."""
        if self.project is None or self.project.is_read_only:
            return
        gone = [self._runs[k] for k in run_ids if k in self._runs and k != self.running_run]
        if not gone:
            return
        before = self.ticked
        text = (f"Run {self.label(gone[0].id)} was deleted." if len(gone) == 1
                else f"{len(gone):,} runs were deleted.")
        for run in gone:
            self.project.delete_run(run.id)
            del self._runs[run.id]
        self._deleted.append(gone)
        self._tell_list(before)
        if self.shown_run is not None and self.shown_run not in self._runs:
            self.set_shown(None)
        self.deleted.emit(text)

    def undo_delete(self) -> None:
        """Bring the runs back that were deleted last."""
        if self.project is None or not self._deleted:
            return
        before = self.ticked
        for run in self._deleted.pop():
            self.project.undelete_run(run.id)
            self._runs[run.id] = self.project.run(run.id)  # it may have ended meanwhile
        self._runs = dict(sorted(self._runs.items(), key=lambda pair: pair[1].number))
        self._tell_list(before)

    def forget_deleted(self) -> None:
        """Note that deleted runs cannot come back any more."""
        self._deleted = []
        self.runs_changed.emit()

    def _tell_list(self, before: tuple[int, ...]) -> None:
        self.runs_changed.emit()
        if self.ticked != before:
            self.ticks_changed.emit()
