"""Data, solver and settings at the left, with the buttons of a run always in sight below."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS
from mfgui.errors import SettingsError
from mfgui.gui.method_form import MethodForm
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.setup_message import SetupMessage, find_refusal, train_on_refusal
from mfgui.gui.theme import Theme
from mfgui.gui.widgets.data_card import DataCard
from mfgui.gui.widgets.run_controls import RunControls
from mfgui.gui.widgets.run_progress import RunProgress
from mfgui.gui.widgets.runs_box import RunsBox
from mfgui.training.events import EpochRecord, Notice


class SetupPanel(Panel):
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
    find_requested : solver's name and settings that a learning rate is to be found for
    find_cancelled : nobody waits for it any more
    pause_requested, resume_requested, stop_requested
    runs_requested : the table of runs is wanted
    """

    title = "Setup"
    area = "left"
    is_shown_first = True
    keys = "Ctrl+1"
    open_requested = Signal()
    test_file_requested = Signal()
    change_requested = Signal()
    report_requested = Signal()
    offer_chosen = Signal(dict)
    train_requested = Signal(str, object)
    train_on_requested = Signal(str, object)
    find_requested = Signal(str, object)
    find_cancelled = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()
    runs_requested = Signal()

    def __init__(
        self, solvers: Mapping[str, Any] = SOLVERS, default_solver: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("setupPanel")
        self._run_model: RunModel | None = None
        self.runs: RunsBox | None = None
        self._progress = RunProgress()
        self.card, self.method, self.controls = DataCard(), MethodForm(solvers), RunControls()
        self.solver, self.form = self.method.solver, self.method.form
        self._message = SetupMessage(self.form)
        self._build()
        self._connect()
        if not default_solver:
            default_solver = DEFAULT_SOLVER if DEFAULT_SOLVER in solvers else next(iter(solvers))
        self.set_solver(default_solver)

    def _build(self) -> None:
        """Place the scrolled part above the part that is always visible."""
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(10, 6, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.card)
        column.addWidget(self.method)
        column.addStretch(1)
        self._scroll = scroll = QScrollArea()
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        rule = QFrame()
        rule.setProperty("role", "rule")
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scroll, 1)
        layout.addWidget(rule)
        layout.addWidget(self.controls)
        self.setMinimumWidth(264)

    def _connect(self) -> None:
        self.method.changed.connect(self._on_form_changed)
        self.method.method_changed.connect(self._on_method_changed)
        # What shows the search for a rate goes with the old form.
        self.method.form_replaced.connect(self.find_cancelled)
        self.form.find_requested.connect(lambda: self._ask(self.find_requested))
        self.form.find_cancelled.connect(self.find_cancelled)
        self.form.finder_shown.connect(self._reveal)
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

    def set_models(self, run_model: RunModel, view_state: Any) -> None:
        """Follow a run model; what is looked at elsewhere does not matter here."""
        self._run_model = run_model
        self.runs = RunsBox(run_model.project)
        self.runs.table_wanted.connect(self.runs_requested)
        self._column.insertWidget(1, self.runs)
        run_model.ratings_changed.connect(self._on_ratings_changed)
        run_model.run_shown.connect(self._on_run_shown)
        run_model.status_changed.connect(self._on_status_changed)
        run_model.run_started.connect(self._on_run_started)
        run_model.project.running_run_changed.connect(lambda: self._progress.go_on(run_model))
        run_model.live_records_added.connect(self._on_records_added)
        run_model.notice_added.connect(self._on_notice_added)
        run_model.live_result_changed.connect(self._on_result_changed)
        self._on_ratings_changed()

    @property
    def solver_name(self) -> str:
        """The chosen solver's name."""
        return self.solver.name

    def set_solver(self, name: str) -> None:
        """Choose a solver; one that does not exist is passed over."""
        self.method.set_solver(name)

    @property
    def progress_fraction(self) -> float:
        """How far the run is, 0 to 1; never falls within a run, a refit included."""
        return self._progress.fraction

    def show_error(self, text: str) -> None:
        """Show why a run could not begin, until something about that changes; "" for nothing."""
        self._message.error, self._message.notice = text, None
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        """Hand the theme to what draws itself."""
        self.form.set_theme(theme)

    def refresh_data(self) -> None:
        """Write anew what is open; the test file is set without a signal."""
        model = self._run_model
        if model is not None:
            self.card.show_data(model.ratings, model.report, model.test_ratings)
            self._set_tab_order()

    def _set_tab_order(self) -> None:
        """Let Tab go from top to bottom; fields made later would come last."""
        runs = self.runs.tab_widgets() if self.runs is not None else []
        chain = [*self.card.tab_widgets(), *self.method.tab_widgets(), *runs,
                 *self.controls.tab_widgets()]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the form the most of the room."""
        super().resizeEvent(event)
        if self.runs is not None:
            self.runs.list.set_most_rows(min(max(self.height() // 200, 2), 8))

    # slots

    def _on_method_changed(self) -> None:
        self._set_tab_order()
        if self._run_model is not None and not self._run_model.status.is_running:
            self._message.notice = None  # it told of another method

    def _on_form_changed(self) -> None:
        """Let go of what the change may have put right."""
        self._message.forget_mended(self._run_model)
        self._refresh()
        self._tell_next_run()

    def _tell_next_run(self) -> None:
        """Say what the next run would be: steps by hand are taken by it before there is a run."""
        if self._run_model is None:
            return
        settings = None if self.form.error_text else self.form.settings()
        self._run_model.set_next_run(self.solver_name, settings)

    def _on_ratings_changed(self) -> None:
        self._progress.begin("")
        self._message.clear()
        self.controls.show_progress(self._progress)
        self.refresh_data()
        self._refresh()

    def _on_status_changed(self) -> None:
        is_ready = self._run_model is not None and self._run_model.status is Status.READY
        if is_ready:  # other ratings, or a run that was stopped before it began
            self._progress.begin("")
        self._refresh()
        if is_ready:
            self.controls.start.setFocus()  # the next thing to do is one key away

    def _on_run_started(self) -> None:
        model = self._run_model
        assert model is not None
        self._progress.begin("preparing", model.settings, n_members=model.n_members,
                             is_continued=bool(model.history))
        self._message.clear()
        self.controls.show_progress(self._progress)
        self._refresh()

    def _on_run_shown(self) -> None:
        """Say of an older run how far it came; one that trains goes on telling its own."""
        model = self._run_model
        assert model is not None
        if not model.status.is_running:
            self._progress.begin("", model.settings, n_members=model.n_members)
            self._progress.add(model.history)
            if model.result is not None:
                self._progress.end(model.result)
            self._message.clear()
        self._refresh()

    def _on_records_added(self, records: list[EpochRecord]) -> None:
        self._progress.add(records)
        self.controls.show_progress(self._progress)

    def _on_notice_added(self, notice: Notice) -> None:
        if self._message.take(notice, self._run_model):
            self._refresh()

    def _on_result_changed(self) -> None:
        model = self._run_model
        result = model.live.result if model is not None else None
        if result is not None:
            self._progress.end(result)
            self.controls.show_progress(self._progress)
            notice = self._message.notice
            if notice is not None and notice.kind == "information":
                self._message.notice = None  # what was under way is over
        self._refresh()

    def _on_remedy_clicked(self, notice: Notice) -> None:
        """Put the remedy's settings into the form; pressing Train is left to the person."""
        for name, value in notice.remedy_settings:
            self.form.set_value(name, value)
        self._message.notice = None
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
        is_same = model.status.is_running and model.live.solver == self.solver_name
        self.form.mark_differences(model.live.settings if is_same else None)
        refused = train_on_refusal(model, self.solver_name, self.form)
        is_other = (model.status is Status.DONE and model.result is not None
                    and model.result.solver != self.solver_name)
        self.controls.show_status(
            model, self.form.error_text, refused.reason if refused else "",
            self.method.solver_label if is_other else "")
        self.controls.show_progress(self._progress, is_paused=model.status is Status.PAUSED)
        self.form.refuse_finding(*find_refusal(model, self.form.error_text))
        self.method.show_memory(model.ratings)
        told = self._message.chosen(model, self.solver_name, refused, self.controls.train_on_text)
        self.controls.show_message(told.text, told.kind, told.notice)

    def _reveal(self, widget: QWidget) -> None:
        """Scroll to a widget, whole where it fits, once all is placed."""
        QTimer.singleShot(0, widget, lambda: self._scroll.ensureWidgetVisible(widget, 0, 8))
