"""The first rows of a file as a table, with what each column holds in its header."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from mfgui.data.look import Look
from mfgui.data.options import range_text, ranges
from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.role_header import LONG_ROLES, ROLE_WORDS, WIDE_ROLES, RoleHeader

MOST_COLUMNS = 2000
_FEW_COLUMNS = 8
_FITTED_COLUMNS = 200  # fitting 2000 took 270 ms
_WIDEST = 320
_ONLY_ONE = ("user", "item", "rating", "time", "title")
Index = QModelIndex | QPersistentModelIndex


def with_role(roles: Sequence[str], columns: Sequence[int], role: str) -> tuple[str, ...]:
    """Return the roles with some columns (from 0) given another one.

    A role that only one column can have leaves the column that had it, which takes in exchange
    what the new one was.
    """
    changed = list(roles)
    for column in columns:
        before = changed[column]
        if role in _ONLY_ONE and role in changed and before != role:
            changed[changed.index(role)] = before if before in _ONLY_ONE else ""
        changed[column] = role
    return tuple(changed)


def columns_option(roles: Sequence[str]) -> str:
    """Return the roles as the option ``columns``: "user=1,item=2", "user=1,items=3-5+8"."""
    parts = [f"{role}={roles.index(role) + 1}" for role in _ONLY_ONE if role in roles]
    many = [number for number, role in enumerate(roles, 1) if role == "items"]
    return ",".join([*parts, f"items={range_text(many)}"] if many else parts)


class RowsModel(QAbstractTableModel):
    """The rows of a Look; columns that are not used are paler."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: tuple[tuple[str, ...], ...] = ()
        self._names: tuple[str, ...] = ()
        self._roles: tuple[str, ...] = ()

    def show_rows(self, rows: tuple[tuple[str, ...], ...], names: tuple[str, ...]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._rows, self._names = rows, names
        self.endResetModel()

    def set_roles(self, roles: tuple[str, ...]) -> None:
        """Show other columns as used."""
        self._roles = roles
        if self._rows and self._names:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._rows) - 1, len(self._names) - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self._names)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text or colour."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            row = self._rows[index.row()]
            return row[index.column()] if index.column() < len(row) else ""
        is_used = index.column() < len(self._roles) and self._roles[index.column()]
        if role == Qt.ItemDataRole.ForegroundRole and not is_used:
            # Not the table's own: a style sheet makes that half transparent.
            return QApplication.palette().color(QPalette.ColorRole.PlaceholderText)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's name or a row's number."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return section + 1
        return self._names[section] if section < len(self._names) else ""


class ImportTable(QWidget):
    """The table, and above it, where there are many columns, a row that sets a range of them.

    Signals
    -------
    roles_chosen : a tuple of the roles of all columns
    """

    roles_chosen = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._roles: tuple[str, ...] = ()
        self._shown: tuple[Any, ...] = ()
        self.table = QTableView()
        self._model = RowsModel(self.table)
        self.header = RoleHeader(self.table)
        self.range_text, self.range_role = QLineEdit(), QuietComboBox()
        self._range_button = QPushButton("Se&t")
        self._range_row = QWidget()
        self._empty = QLabel()
        self._build()
        self.header.role_chosen.connect(self._on_role_chosen)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._on_selected())
        self._range_button.clicked.connect(self._on_range)
        self.range_text.returnPressed.connect(self._on_range)

    def _build(self) -> None:
        table = self.table
        table.setModel(self._model)
        table.setHorizontalHeader(self.header)
        table.setObjectName("importTable")
        table.setAccessibleName("The first rows of the file")
        table.setWhatsThis("The first rows of the file as they are read; above each column what it "
                           "holds. Tab goes on to those boxes.")
        table.setTabKeyNavigation(False)
        table.setWordWrap(False)
        table.setAlternatingRowColors(True)
        table.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + 8)
        table.setMinimumHeight(150)
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._range_row)
        layout.addWidget(table, 1)
        layout.addWidget(self._empty, 1)
        self._build_range()
        self.show_look(None)

    def _build_range(self) -> None:
        label = QLabel("Colu&mns")
        label.setBuddy(self.range_text)
        self.range_text.setObjectName("columnRange")
        describe(self.range_text, "Columns, such as 2-101 or 3-5+8",
                 "Which columns are to hold the same, by their numbers: 2-101, or 3-5+8; those "
                 "that are chosen in the table stand here.")
        self.range_text.setPlaceholderText("2-101 or 3-5+8")
        self.range_text.setMaximumWidth(220)
        self.range_role.setObjectName("columnRangeRole")
        describe(self.range_role, "What these columns hold",
                 "What all of these columns are to hold; Set puts it into the table.")
        self._range_button.setObjectName("columnRangeButton")
        self._range_button.setProperty("isSmall", True)
        describe(self._range_button, "Set what these columns hold",
                 "Give all of these columns this role.")
        row = QHBoxLayout(self._range_row)
        row.setContentsMargins(0, 0, 0, 0)
        for widget in (label, self.range_text, QLabel("hold"), self.range_role,
                       self._range_button):
            row.addWidget(widget)
        row.addStretch(1)

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles as they are shown."""
        return self._roles

    def show_look(self, look: Look | None, empty_text: str = "") -> None:
        """Show the rows of a file; None for a file that shows none."""
        self.table.setVisible(look is not None)
        self._empty.setVisible(look is None)
        self._empty.setText(empty_text)
        self._range_row.hide()
        if look is None:
            return
        names, is_fixed = look.names[:MOST_COLUMNS], "columns" not in look.option_names
        is_wide = look.format == "wide" or "items" in look.roles
        if (look.rows, look.names) != self._shown:
            self._model.show_rows(look.rows, names)
        self._roles = look.roles
        self._model.set_roles(self._roles)
        self.header.show_columns(
            names, self._roles[:len(names)], is_wide=is_wide, is_fixed=is_fixed)
        if (look.rows, look.names) != self._shown:
            self._shown = (look.rows, look.names)
            self._fit_columns(look)
        self._show_range(is_wide, is_fixed)

    def set_roles(self, roles: tuple[str, ...]) -> None:
        """Show other roles of the same columns, before they were tried."""
        self._roles = roles
        self._model.set_roles(roles)
        shown = self._model.columnCount()
        self.header.show_columns(
            self._shown[1][:shown], roles[:shown], is_fixed=False,
            is_wide=self.range_role.findData("items") >= 0)

    def _show_range(self, is_wide: bool, is_fixed: bool) -> None:
        self._range_row.setVisible(not is_fixed and len(self._roles) > _FEW_COLUMNS)
        choices = WIDE_ROLES if is_wide else LONG_ROLES
        if self.range_role.count() != len(choices):
            self.range_role.clear()
            for role in choices:
                self.range_role.addItem(ROLE_WORDS[role], role)
            self.range_role.setCurrentIndex(max(self.range_role.findData("items"), 0))

    def _fit_columns(self, look: Look) -> None:
        """Make every column as wide as its name, its box and its texts, within reason."""
        metrics, n_columns = self.table.fontMetrics(), self._model.columnCount()
        self.header.is_held = True  # the boxes are placed once, below
        self.header.setDefaultSectionSize(self.header.box_width())
        for column in range(min(n_columns, _FITTED_COLUMNS)):
            texts = sorted((row[column] for row in look.rows if column < len(row)), key=len)
            content = max((metrics.horizontalAdvance(text) for text in texts[-3:]), default=0)
            self.table.setColumnWidth(
                column, self.header.width_for(column, min(content + 16, _WIDEST)))
        self.header.is_held = False
        self.header.place()

    def _on_role_chosen(self, column: int, role: str) -> None:
        self._choose([column], role)

    def _choose(self, columns: Sequence[int], role: str) -> None:
        roles = with_role(self._roles, columns, role)
        if roles != self._roles:
            self.set_roles(roles)
            self.roles_chosen.emit(roles)

    def _on_selected(self) -> None:
        """Name the columns that are selected whole in the row above."""
        last = self._model.rowCount() - 1
        # The stubs leave out that a selection is a list.
        parts = list(self.table.selectionModel().selection())  # type: ignore[call-overload]
        columns = {column + 1 for part in parts if part.top() == 0 and part.bottom() == last
                   for column in range(part.left(), part.right() + 1)}
        if len(columns) > 1 or (columns and len(self._roles) > _FEW_COLUMNS):
            self.range_text.setText(range_text(sorted(columns)))

    def _on_range(self) -> None:
        numbers = ranges(self.range_text.text().replace(" ", "").replace(",", "+"))
        sound = [number - 1 for number in numbers or [] if 1 <= number <= len(self._roles)]
        if sound:
            self._choose(sound, str(self.range_role.currentData()))
