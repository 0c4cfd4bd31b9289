"""The list of trials: sorted by any column, pruned ones told by sign and words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QMouseEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from mfgui.core.settings import SettingInfo
from mfgui.gui.search_board import TrialLine
from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.described import describe
from mfgui.training.search_space import value_text

Index = QModelIndex | QPersistentModelIndex
HELP = ("Every trial with what it tried and came to. A click on a heading sorts, a click on a "
        "trial shows its run. Pruned trials bear a cross and say at which epoch.")
_SCORE = "score"


@dataclass(frozen=True)
class TrialColumn:
    """A column: its key, heading, text and what it is sorted by."""

    key: str
    heading: str
    text: Callable[[TrialLine], str]
    order: Callable[[TrialLine], Any]
    is_number: bool = True


def columns_of(infos: Sequence[SettingInfo], score_name: str) -> list[TrialColumn]:
    """Return the columns for these searched settings."""
    def value(info: SettingInfo) -> TrialColumn:
        return TrialColumn(
            info.name, info.label,
            lambda line: value_text(line.values[info.name]) if info.name in line.values else "",
            lambda line: _orderly(line.values.get(info.name)))

    return [
        TrialColumn("trial", "Trial", lambda line: str(line.trial), lambda line: line.trial),
        TrialColumn("run", "Run", lambda line: "" if line.number is None else str(line.number),
                    lambda line: line.number or 0),
        TrialColumn(_SCORE, score_name, lambda line: line.figure_text, _rank),
        TrialColumn("epochs", "Epochs", lambda line: str(line.n_epochs),
                    lambda line: line.n_epochs),
        *(value(info) for info in infos),
        TrialColumn("status", "How it ended", lambda line: line.status_text,
                    lambda line: line.status_text, is_number=False)]


def _orderly(value: Any) -> tuple[bool, float, str]:
    """Return what any two values of a setting can be compared by."""
    if isinstance(value, (int, float)):
        return False, float(value), ""
    return True, 0.0, str(value)


def _rank(line: TrialLine) -> tuple[bool, bool, float, int]:
    """Return where a trial stands: the best first, pruned ones after the others."""
    return line.score is None, line.is_pruned, line.score or 0.0, line.trial


class TrialsModel(QAbstractTableModel):
    """Trials in the order that was asked for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.columns: list[TrialColumn] = columns_of((), "Figure")
        self.lines: list[TrialLine] = []
        self._all: Sequence[TrialLine] = ()
        self._best: int | None = None
        self._key, self._is_down = _SCORE, False
        self._theme = LIGHT

    def show_columns(self, columns: list[TrialColumn]) -> None:
        """Take other columns; trials go."""
        self.beginResetModel()
        self.columns, self.lines, self._all = columns, [], ()
        if self._key not in {column.key for column in columns}:
            self._key, self._is_down = _SCORE, False
        self.endResetModel()

    def show_trials(self, lines: Sequence[TrialLine], best: int | None) -> None:
        """Show these trials."""
        self._all, self._best = lines, best
        column = next(column for column in self.columns if column.key == self._key)
        ordered = sorted(lines, key=column.order, reverse=self._is_down)
        if len(ordered) != len(self.lines):
            self.layoutAboutToBeChanged.emit()
            self.lines = ordered
            self.layoutChanged.emit()
        elif ordered:
            self.lines = ordered
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(ordered) - 1, len(self.columns) - 1))

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column."""
        if 0 <= column < len(self.columns):
            self._key = self.columns[column].key
            self._is_down = order == Qt.SortOrder.DescendingOrder
            self.show_trials(self._all, self._best)

    @property
    def sorted_by(self) -> tuple[int, bool]:
        """Which column it is sorted by, and whether the largest comes first."""
        keys = [column.key for column in self.columns]
        return keys.index(self._key), self._is_down

    def place_of(self, trial: int | None) -> int | None:
        """Return the row of a trial."""
        return next((k for k, line in enumerate(self.lines) if line.trial == trial), None)

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of trials."""
        return 0 if parent is not None and parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a heading."""
        if orientation != Qt.Orientation.Horizontal or section >= len(self.columns):
            return None
        return self.columns[section].heading if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a field."""
        line, column = self.lines[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            is_best = column.key == _SCORE and line.trial == self._best
            return f"★ {column.text(line)}" if is_best else column.text(line)
        if role == Qt.ItemDataRole.ToolTipRole:
            return line.note
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and (line.is_pruned or not line.is_over):
            return QColor(self._theme.muted)
        if role == Qt.ItemDataRole.FontRole and line.trial == self._best:
            font = QFont()
            font.setBold(True)
            return font
        return None


class TrialsTable(QTableView):
    """The list.

    Signals
    -------
    trial_chosen : number of the trial that a person chose
    """

    trial_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("searchTrials")
        self.trials = TrialsModel(self)
        self.setModel(self.trials)
        describe(self, "Trials", HELP)
        self.setToolTip("")
        self._is_telling = True
        self._build()
        self.selectionModel().currentRowChanged.connect(self._on_current)
        self.clicked.connect(self._on_clicked)
        self._has_told = False

    def _build(self) -> None:
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self._mark_sorting()  # first: Qt sorts by what is marked as soon as it may
        self.setSortingEnabled(True)

    def _mark_sorting(self) -> None:
        place, is_down = self.trials.sorted_by
        header = self.horizontalHeader()
        header.blockSignals(True)
        header.setSortIndicator(
            place, Qt.SortOrder.DescendingOrder if is_down else Qt.SortOrder.AscendingOrder)
        header.blockSignals(False)

    def show_columns(self, infos: Sequence[SettingInfo], score_name: str) -> None:
        """Show these searched settings."""
        self.trials.show_columns(columns_of(infos, score_name))
        self._mark_sorting()
        self.fit_columns()

    def show_trials(
        self, lines: Sequence[TrialLine], best: int | None, chosen: int | None
    ) -> None:
        """Show these trials; the chosen one stays so, wherever it stands now."""
        is_more = len(lines) != len(self.trials.lines)
        self._is_telling = False
        self.trials.show_trials(lines, best)
        place = self.trials.place_of(chosen)
        if place is None:
            self.selectionModel().clear()
        elif place != self.currentIndex().row():
            flags = QItemSelectionModel.SelectionFlag
            self.setAutoScroll(False)
            self.selectionModel().setCurrentIndex(
                self.trials.index(place, 0), flags.ClearAndSelect | flags.Rows)
            self.setAutoScroll(True)
        self._is_telling = True
        if is_more:
            self.fit_columns()

    def fit_columns(self) -> None:
        """Make the columns as wide as their texts."""
        metrics = self.fontMetrics()
        for place, column in enumerate(self.trials.columns):
            texts = sorted({column.text(line) for line in self.trials.lines[:200]}, key=len)
            wide = max((metrics.horizontalAdvance(text) for text in texts[-3:]), default=0)
            star = metrics.horizontalAdvance("★ ") if column.key == _SCORE else 0
            heading = metrics.horizontalAdvance(column.heading) + 24  # the arrow of the order
            self.setColumnWidth(place, max(wide + star + 14, heading))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Note that this click has told nothing yet."""
        self._has_told = False
        super().mousePressEvent(event)

    def _on_current(self, now: QModelIndex, _before: QModelIndex) -> None:
        if self._is_telling and now.isValid():
            self._has_told = True
            self._tell(now.row())

    def _on_clicked(self, index: QModelIndex) -> None:
        """Show the current one again, where the click did not make it the current one."""
        if not self._has_told:
            self._tell(index.row())

    def _tell(self, row: int) -> None:
        if 0 <= row < len(self.trials.lines):
            self.trial_chosen.emit(self.trials.lines[row].trial)
