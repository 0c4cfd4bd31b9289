"""The runs as a table for a view.

Sorted and filtered here, for Qt's own sorting model would call back into Python for every
comparison.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication

from mfgui.gui.project_model import ProjectModel
from mfgui.gui.run_columns import (
    NAME,
    NOTE,
    STAR,
    TICK,
    RunColumn,
    figure_columns,
    ordered,
    own_columns,
    setting_columns,
    sort_key,
)
from mfgui.gui.run_filter import RunFilter, parse_filter
from mfgui.gui.run_looks import swatch
from mfgui.gui.run_words import is_trial, spoken

Index = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
_HIDDEN_AT_FIRST = {
    "validation_precision", "validation_recall", "test_precision", "test_recall", "kept_epoch",
    "n_validation", "n_test", "mean_validation_rmse", "bias_validation_rmse", "megabytes",
}


class RunsTableModel(QAbstractTableModel):
    """A row a run, a column a setting or figure.

    Attributes
    ----------
    columns : list of RunColumn
    same : set of str
        Keys of the columns in which all runs say the same.
    """

    def __init__(self, project: ProjectModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.columns: list[RunColumn] = []
        self.same: set[str] = set()
        self.ids: list[int] = []
        self.sorted_by, self.is_descending = "run", True
        self.filter = RunFilter()
        self._text = ""
        self._figures = figure_columns()

    # -- rows and columns ---------------------------------------------------------------------

    def refresh(self) -> None:
        """Take the runs as they are now; where rows and columns stay, so does the view."""
        runs = self.project.runs
        own = own_columns(self.project.numbers(), lambda: self.project.running_run)
        columns, same = ordered([*own, *setting_columns(runs), *self._figures], runs)
        is_same = [each.key for each in columns] == [each.key for each in self.columns]
        ids = self._chosen(columns)
        if is_same and ids == self.ids:
            self.columns, self.same = columns, same
            self._tell_all()
            return
        self.beginResetModel()
        self.columns, self.same, self.ids = columns, same, ids
        self.endResetModel()

    def _chosen(self, columns: list[RunColumn]) -> list[int]:
        """Return the ids of the rows, filtered and in order."""
        project = self.project
        self.filter = parse_filter(self._text, columns)
        runs = [run for run in project.runs
                if (project.shows_trials or not is_trial(run) or run.is_ticked or run.is_starred)
                and self.filter.holds(run)]
        column = next((each for each in columns if each.key == self.sorted_by), None)
        if column is not None:
            keys = {run.id: sort_key(column.value(run)) for run in runs}
            # What is missing stands last either way round.
            there = [run for run in runs if keys[run.id][0] < 2]
            there.sort(key=lambda run: keys[run.id], reverse=self.is_descending)
            runs = there + [run for run in runs if keys[run.id][0] == 2]
        return [run.id for run in runs]

    def set_filter(self, text: str) -> str:
        """List what a text asks for; return what of it cannot be understood, or ""."""
        self._text = text
        self._arrange()
        return self.filter.error

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        if 0 <= column < len(self.columns):
            self.sorted_by = self.columns[column].key
            self.is_descending = order == Qt.SortOrder.DescendingOrder
            self._arrange()

    def _arrange(self) -> None:
        """Put rows into their order; what is chosen stays chosen."""
        ids = self._chosen(self.columns)
        self.layoutAboutToBeChanged.emit()
        before = [(index, self.ids[index.row()]) for index in self.persistentIndexList()]
        self.ids = ids
        places = {run_id: row for row, run_id in enumerate(ids)}
        self.changePersistentIndexList(
            [index for index, _ in before],
            [self.index(places[run_id], index.column()) if run_id in places else QModelIndex()
             for index, run_id in before])
        self.layoutChanged.emit()

    def tell_run(self, run_id: int) -> None:
        """Show the newest figures of one run; it keeps its place until somebody sorts."""
        if run_id in self.ids:
            row = self.ids.index(run_id)
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(self.columns) - 1))

    def _tell_all(self) -> None:
        if self.ids:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self.ids) - 1, len(self.columns) - 1))

    def column_of(self, key: str) -> int:
        """Return where a column stands, -1 where it does not."""
        return next((k for k, each in enumerate(self.columns) if each.key == key), -1)

    def is_hidden_at_first(self, key: str) -> bool:
        """Say whether a column is hidden until a person asks for it."""
        is_figure = self.columns[self.column_of(key)].kind == "figure"
        return key in _HIDDEN_AT_FIRST or (key in self.same and (is_figure or key == "origin"))

    def row_of(self, run_id: int | None) -> int:
        """Return where a run stands, -1 where it does not."""
        return self.ids.index(run_id) if run_id in self.ids else -1

    # -- what Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of runs that are listed."""
        return 0 if parent is not None and parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let names and notes be written, ticks be set."""
        flag = Qt.ItemFlag
        result = flag.ItemIsEnabled | flag.ItemIsSelectable
        key = self.columns[index.column()].key
        if key in (NAME, NOTE):
            result |= flag.ItemIsEditable
        return result | flag.ItemIsUserCheckable if key == TICK else result

    def data(self, index: Index, role: int = Role.DisplayRole) -> Any:
        """Return a text, a tick, a line or a side."""
        column, run_id = self.columns[index.column()], self.ids[index.row()]
        if not self.project.has(run_id):  # it is on its way out
            return None
        run = self.project.run(run_id)
        if role == Role.DisplayRole:
            if column.key in (TICK, STAR):
                return ("★" if run.is_starred else "☆") if column.key == STAR else None
            return column.text(column.value(run)).replace("\n", " ")
        if role == Role.EditRole:
            return column.value(run)
        if role == Role.CheckStateRole and column.key == TICK:
            return Qt.CheckState.Checked if run.is_ticked else Qt.CheckState.Unchecked
        if role == Role.DecorationRole and column.key == TICK:
            ground = QApplication.palette().base().color().name()
            return swatch(*self.project.look(run_id), ground=ground)
        if role == Role.TextAlignmentRole:
            return _side(column)
        if role == Role.ToolTipRole and column.key in (NAME, NOTE, "origin"):
            return str(column.value(run))
        if role == Role.AccessibleTextRole:
            return self._spoken(column, run_id)
        return None

    def _spoken(self, column: RunColumn, run_id: int) -> str:
        """Return what a screen reader says of a cell."""
        run = self.project.run(run_id)
        if column.key == TICK:
            return spoken(run, is_running=run_id == self.project.running_run,
                          is_shown=run_id == self.project.shown_run)
        if column.key == STAR:
            return "starred" if run.is_starred else "not starred"
        return f"{column.heading} {column.text(column.value(run)) or 'none'}"

    def setData(self, index: Index, value: Any, role: int = Role.EditRole) -> bool:
        """Take a tick, a name or a note."""
        key, run_id = self.columns[index.column()].key, self.ids[index.row()]
        if role == Role.CheckStateRole:
            self.project.tick(run_id, Qt.CheckState(value) == Qt.CheckState.Checked)
        elif key == NAME:
            self.project.rename(run_id, str(value))
        elif key == NOTE:
            self.project.set_note(run_id, str(value))
        else:
            return False
        return True

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        """Return a column's heading and what it means."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Role.DisplayRole:  # the style would draw its arrow over a heading at the right
            arrow = "▾" if self.is_descending else "▴"
            return f"{column.heading} {arrow}" if column.key == self.sorted_by else column.heading
        if role == Role.TextAlignmentRole:
            return _side(column)
        return column.help if role in (Role.ToolTipRole, Role.WhatsThisRole) else None

    # -- as a file ----------------------------------------------------------------------------

    def rows(self, keys: list[str]) -> list[list[Any]]:
        """Return the listed runs with the values of some columns, None where there is none."""
        columns = [self.columns[self.column_of(key)] for key in keys]
        return [[_plain(column, column.value(self.project.run(run_id))) for column in columns]
                for run_id in self.ids if self.project.has(run_id)]


def _plain(column: RunColumn, value: Any) -> Any:
    """Return a value for a file: numbers in full, words as they are shown."""
    if column.key == "created":
        return column.text(value)
    return None if value == "" else value


def _side(column: RunColumn) -> Qt.AlignmentFlag:
    if column.key == STAR:
        return Qt.AlignmentFlag.AlignCenter
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
