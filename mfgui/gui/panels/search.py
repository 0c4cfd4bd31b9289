"""Find settings: ranges, trials as they come, and the best one taken over."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mfgui.core.settings import as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.errors import MfguiError
from mfgui.gui.exportable import Exportable
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.search_board import SearchBoard, head_text, search_text
from mfgui.gui.search_driver import SearchDriver
from mfgui.gui.search_exports import search_exportables
from mfgui.gui.theme import Theme
from mfgui.gui.view_state import ViewState
from mfgui.gui.widgets.scrolling import Content, Scrolling
from mfgui.gui.widgets.search_controls import SearchControls
from mfgui.gui.widgets.search_options import SearchOptions
from mfgui.gui.widgets.search_range_rows import RangeRow
from mfgui.gui.widgets.search_ranges import RangesTable
from mfgui.gui.widgets.search_views import SearchViews
from mfgui.gui.widgets.small_parts import small_button
from mfgui.jobs.search import KeptSearch, SearchPlan, best_origin
from mfgui.jobs.search_words import found_lines, pace_text, size_text
from mfgui.training.search import check_plan

REDRAW_MS = 150
LEFT_WIDTH = 408


class SearchPanel(Panel):
    """The ranges at the left, what the trials came to at the right."""

    title: ClassVar[str] = "Find settings"
    area: ClassVar[str] = "top"
    keys: ClassVar[str] = "Ctrl+Shift+F"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("searchPanel")
        self._run_model: RunModel | None = None
        self.driver = SearchDriver(self)
        self.ranges, self.options = RangesTable(), SearchOptions()
        self.controls, self.views = SearchControls(), SearchViews()
        self.earlier, self.head = self.views.earlier, QLabel()
        self.use = small_button("Use the best settings", "searchUse",
                                "Put the settings of the best trial into the form at the left.")
        self.refit = small_button(
            "Train the best on all ratings", "searchRefit",
            "Train a run with the best settings, at its end on all ratings.")
        self._rows: dict[str, list[RangeRow]] = {}
        self._solver = self._refusal = self._size = ""
        self._shown: KeptSearch | None = None
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(REDRAW_MS)
        self._exportables = search_exportables(
            self.views, lambda: self.board, self.export_wanted.emit)
        self._build()
        self._connect()

    @property
    def board(self) -> SearchBoard:
        """What is known of the search that is shown."""
        return self.driver.board

    @property
    def is_running(self) -> bool:
        """Whether a search is under way."""
        return self.driver.is_running

    def _build(self) -> None:
        self.head.setWordWrap(True)
        self.head.setObjectName("searchBest")
        body = Content()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(6)
        column.addWidget(self.ranges, 1)
        column.addWidget(self.options)
        left = QWidget()
        left.setFixedWidth(LEFT_WIDTH)
        rows = QVBoxLayout(left)
        rows.setContentsMargins(8, 4, 0, 6)
        rows.setSpacing(5)
        rows.addWidget(Scrolling(body), 1)
        rows.addWidget(self.controls)
        buttons = QHBoxLayout()
        buttons.addWidget(self.head, 1)
        buttons.addWidget(self.use)
        buttons.addWidget(self.refit)
        right = QVBoxLayout()
        right.setContentsMargins(4, 4, 8, 6)
        right.setSpacing(4)
        right.addLayout(buttons)
        right.addWidget(self.views, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(left)
        layout.addLayout(right, 1)

    def _connect(self) -> None:
        driver, controls = self.driver, self.controls
        driver.job_wanted.connect(self.job_wanted)
        driver.told.connect(self.told)
        driver.state_changed.connect(self._on_state_changed)
        driver.board_changed.connect(self._on_board_changed)
        driver.kept_changed.connect(self._show_earlier)
        self.ranges.edited.connect(self._on_edited)
        self.options.changed.connect(self._on_edited)
        controls.start_clicked.connect(self.begin)
        controls.go_on_clicked.connect(self.go_on)
        controls.pause_clicked.connect(driver.pause)
        controls.cancel_clicked.connect(driver.cancel)
        self.views.trial_chosen.connect(driver.show_trial)
        self.use.clicked.connect(self._on_use)
        self.refit.clicked.connect(self._on_refit)
        self.earlier.activated.connect(self._on_earlier)
        self._redraw.timeout.connect(self._draw)

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the form, the ratings and the project."""
        self._run_model = run_model
        self.driver.set_model(run_model)
        run_model.next_run_changed.connect(self._on_form_changed)
        run_model.ratings_changed.connect(self._on_edited)
        self._on_form_changed()
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.ranges.ranges.set_theme(theme)
        self.views.set_theme(theme)

    def shut_down(self) -> None:
        """End the thread that reads."""
        self._redraw.stop()
        self.driver.shut_down()

    # -- what is to be searched ---------------------------------------------------------------

    def _on_form_changed(self) -> None:
        """Show the settings of the method in the form; what was typed for another is kept."""
        assert self._run_model is not None
        solver = self._run_model.next_run[0]
        if solver and solver != self._solver and solver in SOLVERS and not self.is_running:
            if self._solver:
                self._rows[self._solver] = list(self.ranges.ranges.rows)
            self._solver = solver
            self.ranges.ranges.show_solver(
                SOLVERS[solver].settings_type, self._rows.get(solver))
        self._on_edited()

    def _on_edited(self) -> None:
        """Say how much it would be, or why it cannot begin."""
        self.ranges.show_steps(self.options.method_name == "grid")
        self._refusal, self._size, tip = "", "", ""
        ratings = self.driver.ratings
        try:
            plan = self._plan()
            check_plan(plan)
            self._size = size_text(plan)
            if ratings is not None:
                tip = pace_text(ratings.n_ratings, plan.n_threads)
        except MfguiError as error:
            self._refusal = str(error)
        if ratings is None:
            self._refusal = "Open ratings first."
        self.controls.message.setToolTip(tip)
        self._show_state()

    def _plan(self) -> SearchPlan:
        """Return what is to be searched.

        Raises
        ------
        MfguiError
            If the form, the table or a field is wrong.
        """
        assert self._run_model is not None
        settings = self._run_model.next_run[1]
        if settings is None or type(settings) is not SOLVERS[self._solver].settings_type:
            raise MfguiError("Mend the settings in the form first: trial 0 has them.")
        minutes = self.options.value("minutes")
        return SearchPlan(
            self._solver, settings, self.ranges.ranges.space(), self.options.method_name,
            self.options.value("n_trials"), None if minutes is None else 60 * minutes,
            settings.seed, self.options.is_pruned.isChecked(), self.options.value("n_threads"))

    # -- starting and ending ------------------------------------------------------------------

    def begin(self) -> None:
        """Begin a new search."""
        try:
            plan, holdout = self._plan(), self.options.value("holdout")
        except MfguiError as error:
            self.told.emit(str(error), "error")
            return
        self.driver.begin(plan, holdout)

    def go_on(self) -> None:
        """Go on with the search that is shown."""
        kept = self._asked_for()
        if kept is not None:
            self.driver.go_on(kept)

    def _asked_for(self) -> KeptSearch | None:
        """Return the search that is shown as far as the fields ask, None where it cannot go on."""
        return self.driver.asked_for(*(
            self.options.number(name) for name in ("n_trials", "minutes", "n_threads")))

    def _on_state_changed(self) -> None:
        """Let the fields follow: a search began, ended or waits, or another one is shown."""
        is_running, search = self.is_running, self.board.search
        self.ranges.ranges.set_locked(is_running)
        self.options.set_locked(is_running=is_running)
        if search is not None and search is not self._shown and not is_running and (
                self.board.found is None or self.board.found.search is search):
            self._show_plan(search)
        self._shown = search
        self._on_form_changed()
        self._draw()

    def _show_plan(self, kept: KeptSearch) -> None:
        """Show the fields of a search, its ranges where the form has the same method."""
        self.options.show_plan(kept.plan, kept.holdout)
        if kept.plan.solver == self._solver:
            self.ranges.ranges.show_space(type(kept.plan.settings), kept.plan.space)

    def _on_board_changed(self) -> None:
        if not self._redraw.isActive():
            self._redraw.start()

    # -- searches of the project --------------------------------------------------------------

    def _show_earlier(self) -> None:
        """Offer the searches of the project."""
        self.earlier.clear()
        for each in self.driver.kept:
            self.earlier.addItem(search_text(each), each.id)
        self.earlier.setVisible(bool(self.driver.kept))
        shown = self.board.search
        self.earlier.setCurrentIndex(self.earlier.findData(shown.id if shown is not None else 0))
        self._on_edited()

    def _on_earlier(self, place: int) -> None:
        if 0 <= place < len(self.driver.kept):
            self.driver.show(self.driver.kept[place])

    # -- what was found -----------------------------------------------------------------------

    def _on_use(self) -> None:
        found = self.driver.best_settings()
        if found is not None:
            self.settings_wanted.emit(found[0], as_dict(found[1]))

    def _on_refit(self) -> None:
        found, best, search = self.driver.best_settings(), self.board.best, self.board.search
        if found is not None and best is not None and search is not None:
            self.train_wanted.emit(
                found[0], replace(found[1], refit=True), best_origin(search.id, best.trial))

    # -- drawing ------------------------------------------------------------------------------

    def _show_state(self) -> None:
        """Let the buttons and the sentence above them follow."""
        control = self.driver.control
        text = ""
        if control is not None:
            text = f"{'Paused: ' if control.is_paused else ''}{control.progress.text}"
        self.controls.show_state(
            is_running=self.is_running, refusal=self._refusal, text=text or self._size,
            is_paused=self.driver.is_paused, can_go_on=self._asked_for() is not None)

    def _draw(self) -> None:
        """Bring what is seen up to date."""
        self._show_state()
        self.controls.show_progress(self.driver.fraction)
        self.head.setText(head_text(self.board))
        found = self.board.found
        self.head.setToolTip(" ".join(found_lines(found)) if found is not None else "")
        for button in (self.use, self.refit):
            button.setEnabled(self.board.best is not None)
        if self.is_seen:
            self.views.show_board(self.board)
        if self.is_running:
            self._redraw.start()  # the time goes on where no trial tells anything

    def catch_up(self) -> None:
        """Draw what was not while hidden."""
        self._draw()

    def exportables(self) -> tuple[Exportable, ...]:
        """Return the plots of the trials."""
        return self._exportables
