"""The table of runs, its filter, and what leaves it as text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mfgui import jobs
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_columns import STAR, TICK
from mfgui.gui.theme import set_role
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.flow_row import FlowRow
from mfgui.gui.widgets.runs_table import RunsTable
from mfgui.gui.widgets.small_parts import sentence, small_button

if TYPE_CHECKING:
    from mfgui.gui.project_model import ProjectModel
    from mfgui.gui.run_model import RunModel
    from mfgui.gui.view_state import ViewState

EMPTY_TEXT = "Every run is kept in the project and listed here: press Train for the first."
FILTER_HELP = ("Words that a row must hold, and conditions: n_factors>32, validation_rmse<0.85, "
               "solver=als, note!=\"\". All of them together.")
REFRESH_MS = 50  # of changes that come one after another, as many ticks at once


class RunsPanel(Panel):
    """Every run of the project with all its settings and figures."""

    title = "Runs"
    area = "top"
    keys = "Ctrl+Shift+L"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runsPanel")
        self._project: ProjectModel | None = None
        self._is_stale = True
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._refresh)
        self.filter, self.count, self.problem = QLineEdit(), QLabel(), QLabel()
        self.trials = QCheckBox("Show trials")
        self._pages, self._empty = QStackedWidget(), sentence(EMPTY_TEXT)
        self.table: RunsTable | None = None

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the project of a run model."""
        self._project = project = run_model.project
        self.table = RunsTable(project)
        self._build(self.table)
        for signal in (project.runs_changed, project.trials_shown_changed, project.look_changed,
                       project.running_run_changed):
            signal.connect(self._on_changed)
        project.trials_shown_changed.connect(
            lambda: self.trials.setChecked(project.shows_trials))
        project.run_changed.connect(self._on_run_changed)
        self.trials.toggled.connect(project.show_trials)
        self.filter.textChanged.connect(self._on_filter)
        self._refresh()

    # building

    def _build(self, table: RunsTable) -> None:
        self.filter.setObjectName("runsFilter")
        self.filter.setPlaceholderText("Filter: als  n_factors>32")
        self.filter.setClearButtonEnabled(True)
        self.filter.setMinimumWidth(200)
        describe(self.filter, "Filter of the runs", FILTER_HELP)
        describe(self.trials, "Show trials", "List the runs that a search or a cross-validation "
                 "made too. Those that are starred or drawn on the curve are always listed.")
        self.trials.setObjectName("showTrialsBox")
        self.count.setProperty("role", "muted")
        self.problem.setProperty("role", "error")
        self.problem.setWordWrap(True)
        self.problem.hide()
        columns = small_button("Columns", "runsColumnsButton", "Choose the columns: a menu of all "
                               "settings and figures.")
        copy = small_button("Copy table", "copyRunsButton", "Copy the table: what is listed, with "
                            "the columns that are seen, to paste into a document.")
        export = small_button("Export...", "exportRunsButton", "Export the table: write what is "
                              "listed, with the columns that are seen, as a CSV file.")
        columns.clicked.connect(lambda: table.columns_menu(self).popup(
            columns.mapToGlobal(columns.rect().bottomLeft())))
        copy.clicked.connect(self.copy_table)
        export.clicked.connect(self._ask_export)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(8, 6, 8, 6)
        layout.setSpacing(4)
        row = FlowRow()
        for widget in (self.filter, self.trials, columns, copy, export, self.count):
            row.add(widget)
        layout.addWidget(row)
        layout.addWidget(self.problem)
        layout.addWidget(table, 1)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._pages)

    def take_focus(self) -> None:
        """Let keys go to the table."""
        if self.table is not None:
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # what is shown

    def catch_up(self) -> None:
        """Show what changed while nobody saw it."""
        if self._is_stale:
            self._refresh()

    def _on_changed(self) -> None:
        self._is_stale = True
        if self.is_seen and not self._timer.isActive():
            self._timer.start()

    def _refresh(self) -> None:
        if self._project is None or self.table is None:
            return
        self._timer.stop()
        self._is_stale = False
        self.table.refresh()
        self._pages.setCurrentIndex(1 if self._project.runs else 0)
        self._show_count()

    def _on_run_changed(self, run_id: int) -> None:
        if self.is_seen and self.table is not None:
            self.table.runs.tell_run(run_id)
        else:
            self._is_stale = True

    def _on_filter(self, text: str) -> None:
        assert self.table is not None
        error = self.table.runs.set_filter(text)
        self.problem.setText(error)
        self.problem.setVisible(bool(error))
        if not self.table.chosen_ids():  # the filter left it out a moment ago
            self.table.follow_shown()
        self._show_count()

    def _show_count(self) -> None:
        """Say how many runs are listed, of how many."""
        assert self._project is not None
        assert self.table is not None
        n_listed, n_all = self.table.runs.rowCount(), len(self._project.runs)
        word = "run" if n_all == 1 else "runs"
        self.count.setText(f"{n_all:,} {word}" if n_listed == n_all
                           else f"{n_listed:,} of {n_all:,} {word}")
        set_role(self.count, "muted")

    # what leaves it

    def _keys(self) -> list[str]:
        assert self.table is not None
        return [key for key in self.table.shown_keys() if key not in (TICK, STAR)]

    def copy_table(self) -> None:
        """Put what is listed on the clipboard, a line a run, parted by tabs."""
        assert self.table is not None
        assert self._project is not None
        runs = self.table.runs
        columns = [runs.columns[runs.column_of(key)] for key in self._keys()]
        lines = ["\t".join(column.heading for column in columns)]
        lines += ["\t".join(_one_line(column.text(column.value(self._project.run(run_id))))
                            for column in columns) for run_id in runs.ids]
        QApplication.clipboard().setText("\n".join(lines) + "\n")

    def _ask_export(self) -> None:
        self.save_wanted.emit("Export the runs", "runs.csv", "CSV (*.csv)", self.export_to)

    def export_to(self, path: str) -> None:
        """Write what is listed as CSV, numbers in full."""
        assert self.table is not None
        keys = self._keys()
        rows = self.table.runs.rows(keys)
        self.job_wanted.emit("Saving the runs", partial(_export, path, keys, rows), None)


def _export(path: str, keys: list[str], rows: list[list[Any]], control: Any) -> Any:
    return jobs.export_table(control, path, keys, lambda: rows)


def _one_line(text: str) -> str:
    return " ".join(text.split())
