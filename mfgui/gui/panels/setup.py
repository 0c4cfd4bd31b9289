"""Data, solver and settings at the left, with the buttons of a run always in sight below."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from mfgui.core.settings import describe
from mfgui.errors import SettingsError
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.settings_form import SettingsForm
from mfgui.gui.widgets.data_card import DataCard
from mfgui.gui.widgets.number_field import QuietComboBox
from mfgui.gui.widgets.preset_row import PresetRow
from mfgui.gui.widgets.run_controls import RunControls, RunProgress
from mfgui.training.events import EpochRecord, Notice


class SetupPanel(QWidget):
    """What is open, which solver with which settings, and the buttons of a run.

    ``solvers`` maps each solver's name to an object with ``label``, ``summary``, ``objective``,
    ``settings_type`` and, where there are any, ``presets``: values by setting, by name.

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
        self._best: tuple[float, int] | None = None
        self.card, self.form, self.controls = DataCard(), SettingsForm(), RunControls()
        self.solver, self.presets = QuietComboBox(), PresetRow()
        self._summary, self._objective = QLabel(), QLabel()
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
        self.solver.setObjectName("solver")
        self.solver.setAccessibleName("Solver")
        self.solver.setToolTip("The method that finds the factors.")
        self.solver.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for name, solver in self._solvers.items():
            self.solver.addItem(solver.label, name)
        label = QLabel("&Method")
        label.setProperty("role", "heading")
        label.setBuddy(self.solver)
        for text in (self._summary, self._objective):
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
        self.form.changed.connect(self._refresh)
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
        return str(self.solver.currentData())

    def set_solver(self, name: str) -> None:
        """Choose a solver; one that does not exist is passed over."""
        position = self.solver.findData(name)
        if position >= 0:
            self.solver.setCurrentIndex(position)
            self._on_solver_changed()

    @property
    def progress_fraction(self) -> float:
        """How far the run is, 0 to 1; never falls within a run, a refit included."""
        return self._progress.fraction

    def show_error(self, text: str) -> None:
        """Show a failure beside the buttons, as a job that could not begin."""
        self._on_notice_added(Notice("error", text))

    def refresh_data(self) -> None:
        """Write anew what is open; the test file is set without a signal."""
        model = self._run_model
        if model is not None:
            self.card.show_data(model.ratings, model.report, model.test_ratings)
            self._set_tab_order()

    def train_on_refusal(self) -> str:
        """Return why "Train on" is off, as one sentence, or "" where it is allowed."""
        model = self._run_model
        if model is None or model.result is None or model.status is not Status.DONE:
            return "There is nothing to train on from yet: press Train first."
        if model.result.solver != self.solver_name:
            label = getattr(self._solvers.get(model.result.solver), "label", model.result.solver)
            return f"The factors come from “{label}”: choose it again, or press Train."
        try:
            settings = self.form.settings()
        except SettingsError as error:
            return str(error)
        for info in describe(type(settings)):
            before = getattr(model.result.settings, info.name, None)
            if info.is_fixed_by_model and getattr(settings, info.name) != before:
                return (f"The factors were trained with another value of {info.label}: set it "
                        "back, or press Train.")
        return ""

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
            self.presets.show_presets(getattr(solver, "presets", {}), solver.settings_type)
            self._set_tab_order()
        self._refresh()

    def _on_preset_chosen(self, values: dict[str, Any]) -> None:
        self.form.reset()
        for name, value in values.items():
            self.form.set_value(name, value)

    def _on_ratings_changed(self) -> None:
        self._progress.begin("")
        self._notice = None
        self.controls.show_progress(self._progress)
        self.refresh_data()
        self._refresh()

    def _on_status_changed(self) -> None:
        self._refresh()
        if self._run_model is not None and self._run_model.status is Status.READY:
            self.controls.start.setFocus()  # the next thing to do is one key away

    def _on_run_started(self) -> None:
        self._progress.begin("preparing")
        self._notice, self._best = None, None
        self.controls.show_progress(self._progress)
        self._refresh()

    def _on_records_added(self, records: list[EpochRecord]) -> None:
        model = self._run_model
        assert model is not None
        settings = model.settings
        n_epochs = settings.n_epochs if settings else max(records[-1].epoch, 1)
        is_refit_to_come = bool(settings and settings.refit and settings.validation > 0
                                and model.history[0].segment == records[-1].segment)
        for record in records:
            self._note_best(record)
        for record in _ends_of_segments(records):
            self._progress.add(record, n_epochs, self._best[1] if self._best else None,
                               is_refit_to_come=is_refit_to_come)
        self.controls.show_progress(self._progress)

    def _note_best(self, record: EpochRecord) -> None:
        """Keep the best epoch: a refit runs that many."""
        value = record.validation_rmse
        if value is not None and not record.is_refit and (
                self._best is None or value < self._best[0]):
            self._best = (value, record.epoch)

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
        error = self.form.error_text
        is_running = model.status.is_running
        is_same = is_running and model.solver == self.solver_name
        self.form.mark_differences(model.settings if is_same else None)
        self.controls.show_status(model, error, self.train_on_refusal())
        self.controls.show_progress(self._progress, is_paused=model.status is Status.PAUSED)
        if error:
            self.controls.show_message(f"{'The next run' if is_running else 'Train'} needs this "
                                       f"put right: {error}")
        elif self._notice is not None:
            self.controls.show_message(self._notice.text, self._notice.kind, self._notice)
        elif is_running and not is_same:
            self.controls.show_message("The chosen method is for the next run.", "information")
        elif model.ratings is None:
            self.controls.show_message("Open a ratings file to train on.", "information")
        elif model.status is Status.DONE and model.result and self.train_on_refusal():
            self.controls.show_message(f"Train on is off. {self.train_on_refusal()}",
                                       "information")
        else:
            self.controls.show_message("")


def _ends_of_segments(records: list[EpochRecord]) -> list[EpochRecord]:
    """Return the first and last record of each segment: all that the progress depends on."""
    return [record for k, record in enumerate(records)
            if k in (0, len(records) - 1) or record.segment != records[k - 1].segment
            or record.segment != records[k + 1].segment]
