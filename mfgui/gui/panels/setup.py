"""Data, solver and settings at the left, with the buttons of a run always in sight below."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from mfgui.core.settings import RunSettings, describe
from mfgui.errors import SettingsError
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.settings_form import SettingsForm
from mfgui.gui.widgets.data_card import DataCard
from mfgui.gui.widgets.preset_row import PresetRow
from mfgui.gui.widgets.run_controls import RunControls
from mfgui.gui.widgets.run_progress import RunProgress
from mfgui.gui.widgets.setting_row import value_text
from mfgui.gui.widgets.solver_box import SolverBox
from mfgui.jobs.train import Refusal, memory_text, refusal
from mfgui.training.events import EpochRecord, Notice


class SetupPanel(QWidget):
    """What is open, which solver with which settings, and the buttons of a run.

    ``solvers`` maps each solver's name to its class, or what has the same ``label``, ``summary``,
    ``objective``, ``group``, ``settings_type``, ``presets``, ``refusal`` and ``bytes_needed``.

    Signals
    -------
    open_requested, test_file_requested : a file is wanted
    change_requested : the open file is to be read otherwise
    report_requested : the import report is wanted
    offer_chosen : options to read the file with again, by name
    train_requested, train_on_requested : solver's name and settings
    pause_requested, resume_requested, stop_requested
    """

    title = "Setup"
    open_requested = Signal()
    test_file_requested = Signal()
    change_requested = Signal()
    report_requested = Signal()
    offer_chosen = Signal(dict)
    train_requested = Signal(str, object)
    train_on_requested = Signal(str, object)
    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()

    def __init__(
        self, solvers: Mapping[str, Any], default_solver: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("setupPanel")
        self._solvers = solvers
        self._run_model: RunModel | None = None
        self._progress = RunProgress()
        self._notice: Notice | None = None
        self._error = ""
        self.card, self.form, self.controls = DataCard(), SettingsForm(), RunControls()
        self.solver, self.presets = SolverBox(solvers), PresetRow()
        self._summary, self._objective, self._memory = QLabel(), QLabel(), QLabel()
        self._build()
        self._connect()
        self.set_solver(default_solver or next(iter(solvers)))

    # building

    def _build(self) -> None:
        """Place the scrolled part above the part that is always visible."""
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(10, 6, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.card)
        column.addLayout(self._solver_part())
        column.addWidget(self.form)
        heading = QLabel("What this minimizes")
        heading.setProperty("role", "heading")
        column.addWidget(heading)
        column.addWidget(self._objective)
        column.addWidget(self._memory)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        rule = QFrame()
        rule.setProperty("role", "rule")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addWidget(rule)
        layout.addWidget(self.controls)
        self.setMinimumWidth(264)

    def _solver_part(self) -> QVBoxLayout:
        """Return the choice of the solver and when to use it."""
        label = QLabel("&Method")
        label.setProperty("role", "heading")
        label.setBuddy(self.solver)
        for text in (self._summary, self._objective, self._memory):
            text.setWordWrap(True)
            text.setProperty("role", "muted")
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        part = QVBoxLayout()
        part.setSpacing(4)
        for widget in (label, self.solver, self._summary, self.presets):
            part.addWidget(widget)
        return part

    def _connect(self) -> None:
        self.solver.currentIndexChanged.connect(self._on_solver_changed)
        self.presets.preset_chosen.connect(self._on_preset_chosen)
        self.form.changed.connect(self._on_form_changed)
        self.card.open_requested.connect(self.open_requested)
        self.card.test_file_requested.connect(self.test_file_requested)
        self.card.change_requested.connect(self.change_requested)
        self.card.report_requested.connect(self.report_requested)
        self.card.offer_chosen.connect(self.offer_chosen)
        controls = self.controls
        controls.train_clicked.connect(lambda: self._ask(self.train_requested))
        controls.train_on_clicked.connect(lambda: self._ask(self.train_on_requested))
        controls.pause_requested.connect(self.pause_requested)
        controls.resume_requested.connect(self.resume_requested)
        controls.stop_requested.connect(self.stop_requested)
        controls.remedy_clicked.connect(self._on_remedy_clicked)

    # what it says and is told

    def set_models(self, run_model: RunModel, view_state: Any) -> None:
        """Follow a run model; what is looked at elsewhere does not matter here."""
        self._run_model = run_model
        run_model.ratings_changed.connect(self._on_ratings_changed)
        run_model.status_changed.connect(self._on_status_changed)
        run_model.run_started.connect(self._on_run_started)
        run_model.records_added.connect(self._on_records_added)
        run_model.notice_added.connect(self._on_notice_added)
        run_model.result_changed.connect(self._on_result_changed)
        self._on_ratings_changed()

    @property
    def solver_name(self) -> str:
        """The chosen solver's name."""
        return self.solver.name

    def set_solver(self, name: str) -> None:
        """Choose a solver; one that does not exist is passed over."""
        if self.solver.set_name(name):
            self._on_solver_changed()

    @property
    def progress_fraction(self) -> float:
        """How far the run is, 0 to 1; never falls within a run, a refit included."""
        return self._progress.fraction

    def show_error(self, text: str) -> None:
        """Show why a run could not begin, until something about that changes; "" for nothing."""
        self._error, self._notice = text, None
        self._refresh()

    def refresh_data(self) -> None:
        """Write anew what is open; the test file is set without a signal."""
        model = self._run_model
        if model is not None:
            self.card.show_data(model.ratings, model.report, model.test_ratings)
            self._set_tab_order()

    def train_on_refusal(self) -> Refusal | None:
        """Return why the factors of the last run cannot be gone on from, or None."""
        model = self._run_model
        if (model is None or model.result is None or model.ratings is None
                or model.status is not Status.DONE):
            return Refusal("There is nothing to train on from yet: press Train first.")
        try:
            settings = self.form.settings()
        except SettingsError as error:
            return Refusal(str(error))
        return refusal(model.result, self.solver_name, settings, model.ratings)

    def _set_tab_order(self) -> None:
        """Let Tab go from top to bottom; fields made later would come last."""
        chain = [*self.card.tab_widgets(), self.solver, *self.presets.tab_widgets(),
                 *self.form.tab_widgets(), *self.controls.tab_widgets()]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    # slots

    def _on_solver_changed(self) -> None:
        solver = self._solvers[self.solver_name]
        self._summary.setText(solver.summary)
        self._objective.setText(solver.objective)
        if self.form.settings_type is not solver.settings_type:
            self.form.set_settings_type(solver.settings_type)
        self.presets.show_presets(self.solver_name, self._solvers)
        self._set_tab_order()
        if self._run_model is not None and not self._run_model.status.is_running:
            self._notice = None  # it told of another method
        self._on_form_changed()

    def _on_preset_chosen(self, solver: str, values: dict[str, Any]) -> None:
        self.set_solver(solver)
        self.form.reset()
        for name, value in values.items():
            self.form.set_value(name, value)

    def _on_form_changed(self) -> None:
        """Let go of what the change may have put right."""
        self._error = ""
        if self._notice is not None and self._is_mended(self._notice):
            self._notice = None
        self._refresh()

    def _is_mended(self, notice: Notice) -> bool:
        """Return whether a setting that a remedy would change was changed by hand."""
        try:
            now, run = self.form.settings(), self._run_model and self._run_model.settings
        except SettingsError:
            return False
        return any(getattr(now, name, None) != getattr(run, name, None)
                   for name, _ in notice.remedy_settings)

    def _on_ratings_changed(self) -> None:
        self._progress.begin("")
        self._notice, self._error = None, ""
        self.controls.show_progress(self._progress)
        self.refresh_data()
        self._refresh()

    def _on_status_changed(self) -> None:
        self._refresh()
        if self._run_model is not None and self._run_model.status is Status.READY:
            self.controls.start.setFocus()  # the next thing to do is one key away

    def _on_run_started(self) -> None:
        model = self._run_model
        assert model is not None
        self._progress.begin("preparing", model.settings, n_members=model.n_members,
                             is_continued=bool(model.history))
        self._notice, self._error = None, ""
        self.controls.show_progress(self._progress)
        self._refresh()

    def _on_records_added(self, records: list[EpochRecord]) -> None:
        self._progress.add(records)
        self.controls.show_progress(self._progress)

    def _on_notice_added(self, notice: Notice) -> None:
        self._notice = notice
        self._refresh()

    def _on_result_changed(self) -> None:
        model = self._run_model
        if model is not None and model.result is not None:
            self._progress.end(model.result)
            self.controls.show_progress(self._progress)
            if self._notice is not None and self._notice.kind == "information":
                self._notice = None  # what was under way is over
        self._refresh()

    def _on_remedy_clicked(self, notice: Notice) -> None:
        """Put the remedy's settings into the form; pressing Train is left to the person."""
        for name, value in notice.remedy_settings:
            self.form.set_value(name, value)
        self._notice = None
        self._refresh()

    def _ask(self, signal: Any) -> None:
        """Hand on solver and settings."""
        try:
            settings = self.form.settings()
        except SettingsError as error:
            self.controls.show_message(str(error))
            return
        signal.emit(self.solver_name, settings)

    def _refresh(self) -> None:
        """Let buttons, marks and the message follow what is."""
        model = self._run_model
        if model is None:
            return
        is_same = model.status.is_running and model.solver == self.solver_name
        self.form.mark_differences(model.settings if is_same else None)
        refused = self.train_on_refusal()
        is_other = (model.status is Status.DONE and model.result is not None
                    and model.result.solver != self.solver_name)
        self.controls.show_status(
            model, self.form.error_text, refused.reason if refused else "",
            self._solvers[self.solver_name].label if is_other else "")
        self.controls.show_progress(self._progress, is_paused=model.status is Status.PAUSED)
        self._show_memory(model)
        self._show_message(model, refused)

    def _show_memory(self, model: RunModel) -> None:
        """Say what a run takes, before it begins."""
        is_known = model.ratings is not None and not self.form.error_text
        self._memory.setVisible(is_known)
        if is_known and model.ratings is not None:
            text = memory_text(self.solver_name, self.form.settings(), model.ratings)
            self._memory.setText(f"A run takes about {text} of memory beside the ratings.")

    def _show_message(self, model: RunModel, refused: Refusal | None) -> None:
        """Show the one sentence that matters most above the buttons."""
        show, is_running = self.controls.show_message, model.status.is_running
        if error := self.form.error_text:
            show(f"{'The next run' if is_running else 'Train'} needs this put right: {error}")
        elif self._error:
            show(self._error)
        elif self._notice is not None:
            show(self._notice.text, self._notice.kind, self._notice)
        elif is_running and model.solver != self.solver_name:
            show("The chosen method is for the next run.", "information")
        elif model.ratings is None:
            show("Open a ratings file to train on.", "information")
        elif model.status is Status.DONE and model.result and refused:
            show(f"“{self.controls.train_on_text}” is off. {refused.reason}", "information",
                 self._way_back(refused))
        else:
            show("")

    def _way_back(self, refused: Refusal) -> Notice | None:
        """Return what a button does where settings alone stand in the way."""
        if not refused.remedy:
            return None
        infos = {info.name: info for info in describe(self.form.settings_type or RunSettings)}
        told = [f"{infos[name].label} to {value_text(infos[name], value)}"
                for name, value in refused.remedy]
        return Notice("information", refused.reason, None, f"Set {' and '.join(told)}",
                      refused.remedy)
