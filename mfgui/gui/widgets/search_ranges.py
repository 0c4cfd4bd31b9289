"""The table of what is searched: a setting a row, its range or values edited in place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from mfgui.core.settings import RunSettings, bounds_text
from mfgui.errors import SettingsError
from mfgui.gui.theme import LIGHT, Theme
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.search_range_rows import RangeRow, suggested_rows
from mfgui.training.search_space import Space, checked_space, default_range, searchable

Index = QModelIndex | QPersistentModelIndex
NAME, LOW, HIGH, LOG, STEPS, VALUES = range(6)
HEADINGS = ("Setting", "From", "To", "Log", "Steps", "or values")
HEADING_TIPS = (
    "Tick a setting to search it; the others are as the form has them.",
    "The lowest value.", "The highest value.",
    "On: equal factors are equally likely, from 0.01 to 0.1 as from 0.1 to 1.",
    "How many values a grid takes of the range, its ends among them.",
    "Values in place of a range, parted by commas: 16, 32, 64.")
HELP = ("What is searched: tick a setting and give its range, or values parted by commas. Space "
        "ticks, F2 or a double click edits. Settings that are not ticked are as the form has them.")
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class RangesModel(QAbstractTableModel):
    """The rows.

    Signals
    -------
    edited : a person changed something
    """

    edited = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[RangeRow] = []
        self._type: type[RunSettings] | None = None
        self._theme = LIGHT
        self._is_locked = False
        self._wrong: dict[int, str] = {}

    def show_solver(self, settings_type: type[RunSettings], rows: list[RangeRow] | None) -> None:
        """Show the settings of a solver, with the rows that were there before, or as suggested."""
        self.beginResetModel()
        self._type, self.rows = settings_type, rows or suggested_rows(settings_type)
        self._check()
        self.endResetModel()

    def show_space(self, settings_type: type[RunSettings], space: Space) -> None:
        """Show a space: what is not in it is not ticked."""
        given = {each.name: each for each in space.ranges}
        rows = [RangeRow.of(info, given.get(info.name) or default_range(info),
                            is_on=info.name in given) for info in searchable(settings_type)]
        self.show_solver(settings_type, rows)

    def set_locked(self, is_locked: bool) -> None:
        """Let nothing be edited, while a search is under way."""
        self._is_locked = is_locked
        self._tell_all()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self._tell_all()

    def _tell_all(self) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, VALUES))

    def space(self) -> Space:
        """Return the space.

        Raises
        ------
        SettingsError
            If a ticked row is wrong, or none is ticked.
        """
        assert self._type is not None
        ranges = tuple(row.range(self._type) for row in self.rows if row.is_on)
        return checked_space(Space(ranges), self._type)

    def _check(self) -> None:
        """Note what is wrong in which ticked row."""
        self._wrong = {}
        for place, row in enumerate(self.rows):
            if row.is_on and self._type is not None:
                try:
                    row.range(self._type)
                except SettingsError as error:
                    self._wrong[place] = str(error)

    # what Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of settings."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a heading and what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return HEADING_TIPS[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a field."""
        row, flags = self.rows[index.row()], Qt.ItemFlag.ItemIsSelectable
        if self._is_locked:
            return flags | Qt.ItemFlag.ItemIsEnabled
        if index.column() == NAME:
            return flags | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable
        if index.column() == VALUES:
            return flags | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsEditable
        if not row.has_range:
            return Qt.ItemFlag.NoItemFlags
        kind = (Qt.ItemFlag.ItemIsUserCheckable if index.column() == LOG
                else Qt.ItemFlag.ItemIsEditable)
        return flags | Qt.ItemFlag.ItemIsEnabled | kind

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a field."""
        row, column = self.rows[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(row, column)
        if role == Qt.ItemDataRole.CheckStateRole:
            return self._check_state(row, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._wrong.get(index.row()) or _tip(row)
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(index.row(), row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.info.label}, {HEADINGS[column]}: {self._text(row, column)}"
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (LOW, HIGH, STEPS):
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _text(self, row: RangeRow, column: int) -> str:
        if column == NAME:
            return row.info.label
        if column == VALUES:
            return row.values
        if not row.has_range or column == LOG:
            return ""
        return {LOW: row.low, HIGH: row.high, STEPS: row.steps}[column]

    def _check_state(self, row: RangeRow, column: int) -> Qt.CheckState | None:
        if column == NAME:
            return _CHECKED if row.is_on else _UNCHECKED
        if column == LOG and row.has_range:
            return _CHECKED if row.is_log else _UNCHECKED
        return None

    def _colour(self, place: int, row: RangeRow, column: int) -> QColor | None:
        """Return red for what is wrong, a paler one for what does not count."""
        if place in self._wrong:
            return QColor(self._theme.error)
        is_idle = not row.is_on or (column in (LOW, HIGH, STEPS) and not row.is_range)
        return QColor(self._theme.muted) if is_idle else None

    def setData(
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """Take what a person typed or ticked."""
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.CheckStateRole:
            is_on = Qt.CheckState(value) == _CHECKED
            changed = replace(row, is_on=is_on) if column == NAME else replace(row, is_log=is_on)
        elif role == Qt.ItemDataRole.EditRole:
            name = {LOW: "low", HIGH: "high", STEPS: "steps", VALUES: "values"}[column]
            typed: dict[str, Any] = {name: str(value).strip()}
            changed = replace(row, **typed)
        else:
            return False
        if changed == row:
            return False
        if role == Qt.ItemDataRole.EditRole and not row.is_on:
            changed = replace(changed, is_on=True)  # who gives a range means to search it
        self.rows[index.row()] = changed
        self._check()
        self.dataChanged.emit(self.index(index.row(), 0), self.index(index.row(), VALUES))
        self.edited.emit()
        return True


def _tip(row: RangeRow) -> str:
    """Return what a setting is, and what it may be."""
    return f"{row.info.help} It is {bounds_text(row.info)}." if row.has_range else row.info.help


class RangesTable(QTableView):
    """The table.

    Signals
    -------
    edited : a person changed something
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("searchRanges")
        self.ranges = RangesModel(self)
        self.setModel(self.ranges)
        self.ranges.edited.connect(self.edited)
        describe(self, "What is searched", HELP)
        self.setToolTip("")  # each field has its own
        self._build()

    def _build(self) -> None:
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(30)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(VALUES, QHeaderView.ResizeMode.Stretch)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        triggers = QTableView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed
                             | triggers.AnyKeyPressed | triggers.SelectedClicked)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.show_steps(False)
        self.ranges.modelReset.connect(self.fit_columns)

    def sizeHint(self) -> QSize:
        """Return room for five rows; more scroll."""
        row = self.verticalHeader().defaultSectionSize()
        return QSize(400, self.horizontalHeader().sizeHint().height() + 5 * row + 4)

    def show_steps(self, is_shown: bool) -> None:
        """Show the numbers of steps, which only a grid needs."""
        self.setColumnHidden(STEPS, not is_shown)

    def fit_columns(self) -> None:
        """Make the columns as wide as what stands in them."""
        metrics = self.fontMetrics()
        for column in (NAME, LOW, HIGH, LOG, STEPS):
            texts = [str(self.ranges.data(self.ranges.index(row, column)))
                     for row in range(self.ranges.rowCount())]
            wide = max((metrics.horizontalAdvance(text) for text in [*texts, HEADINGS[column]]),
                       default=0)
            self.setColumnWidth(column, wide + (44 if column == NAME else 22))
