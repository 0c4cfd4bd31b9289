"""A small matrix typed by hand: the way to try a worked example in a minute."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QBrush, QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mfgui.gui.sound_filter import sound_filter
from mfgui.gui.widgets.described import describe

Cells = list[list[float | None]]
EXAMPLE = "5,3,,1,\n4,,,1,1\n1,1,,5,\n,1,5,4,4"
_LARGEST = 200


class MatrixTableDialog(QDialog):
    """An editable table of ratings; blank or ? is missing. Accepted, ``cells()`` holds them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("matrixTableDialog")
        self.setWindowTitle("Type a small matrix")
        self.resize(560, 400)
        self.table = QTableWidget(0, 0)
        self._n_rows = _spin_box("Rows", "How many users the matrix has; further rows are empty.")
        self._n_columns = _spin_box(
            "Columns", "How many items the matrix has; further columns are empty.")
        self._message = QLabel()
        self._use = QPushButton("&Use this matrix")
        self._build()
        self.fill(EXAMPLE)
        for box in (self._n_rows, self._n_columns):
            box.valueChanged.connect(self._on_size_changed)
        self.table.cellChanged.connect(self._check)
        self._check()
        self.table.setFocus()
        self.table.setCurrentCell(0, 0)

    def _build(self) -> None:
        self.table.setObjectName("matrixCells")
        self.table.setAccessibleName("Ratings")
        self.table.setWhatsThis("A row a user, a column an item. Type a number; blank or ? is "
                                "missing. Delete empties the chosen cells, Ctrl+V pastes.")
        self.table.setTabKeyNavigation(True)
        self.table.horizontalHeader().setDefaultSectionSize(64)
        self.table.installEventFilter(self)
        self._message.setWordWrap(True)
        sizes = QHBoxLayout()
        for text, box in (("&Rows (users)", self._n_rows), ("&Columns (items)", self._n_columns)):
            label = QLabel(text)
            label.setBuddy(box)
            sizes.addWidget(label)
            sizes.addWidget(box)
            sizes.addSpacing(10)
        sizes.addStretch(1)
        cancel = QPushButton("Cancel")
        describe(cancel, "Cancel", "Close the table and leave everything as it is (Esc).")
        describe(self._use, "Use this matrix", "Open what was typed as ratings, in the place of "
                                               "what is open now.")
        cancel.clicked.connect(self.reject)
        self._use.setObjectName("useMatrixButton")
        self._use.setProperty("isPrimary", True)
        self._use.setAutoDefault(False)
        cancel.setAutoDefault(False)
        self._use.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._use)
        hint = QLabel("One row a user, one column an item. Leave a cell blank, or type ?, where "
                      "there is no rating. Ctrl+V pastes a matrix.")
        hint.setWordWrap(True)
        hint.setProperty("role", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(hint)
        layout.addLayout(sizes)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._message)
        layout.addLayout(buttons)

    def fill(self, text: str) -> None:
        """Show a matrix given as text: a line a row, cells apart by tab, semicolon or comma."""
        rows = split_cells(text)
        n_columns = min(max(map(len, rows), default=0), _LARGEST)
        if not n_columns:
            return
        self._set_size(min(len(rows), _LARGEST), n_columns)
        for n, row in enumerate(rows[:_LARGEST]):
            for m in range(n_columns):
                self._set_text(n, m, row[m] if m < len(row) else "")
        self._check()

    def cells(self) -> Cells:
        """Return the ratings, None where missing or wrong."""
        return [[_value(self._text(n, m)) for m in range(self.table.columnCount())]
                for n in range(self.table.rowCount())]

    def error_text(self) -> str:
        """Return what is wrong, as one sentence that names the cell, or ""."""
        n_given = 0
        for n in range(self.table.rowCount()):
            for m in range(self.table.columnCount()):
                text = self._text(n, m)
                if not is_missing(text) and _value(text) is None:
                    return (f"Row {n + 1}, column {m + 1}: “{text}” is not a number; type a "
                            "number, or leave the cell blank.")
                n_given += not is_missing(text)
        return "" if n_given > 1 else "Type at least two ratings."

    @sound_filter
    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Take pasting and deleting for the table."""
        if watched is self.table and isinstance(event, QKeyEvent) and \
                event.type() == QEvent.Type.KeyPress:
            if event.matches(QKeySequence.StandardKey.Paste):
                self.fill(QApplication.clipboard().text())
                return True
            if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
                for item in self.table.selectedItems():
                    item.setText("")
                return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]

    def _text(self, n: int, m: int) -> str:
        item = self.table.item(n, m)
        return item.text().strip() if item is not None else ""

    def _set_text(self, n: int, m: int, text: str) -> None:
        item = QTableWidgetItem(text.strip())
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        self.table.setItem(n, m, item)

    def _set_size(self, n_rows: int, n_columns: int) -> None:
        for box, size in ((self._n_rows, n_rows), (self._n_columns, n_columns)):
            is_blocked = box.blockSignals(True)
            box.setValue(size)
            box.blockSignals(is_blocked)
        self._on_size_changed()

    def _on_size_changed(self) -> None:
        """Follow the two numbers; cells that stay keep their content."""
        self.table.setRowCount(self._n_rows.value())
        self.table.setColumnCount(self._n_columns.value())
        for n in range(self.table.rowCount()):
            for m in range(self.table.columnCount()):
                if self.table.item(n, m) is None:
                    self._set_text(n, m, "")

    def _check(self) -> None:
        """Mark wrong cells and say what the first one needs."""
        is_blocked = self.table.blockSignals(True)
        for n in range(self.table.rowCount()):
            for m in range(self.table.columnCount()):
                self._mark(n, m)
        self.table.blockSignals(is_blocked)
        error = self.error_text()
        self._message.setProperty("role", "error")
        self._message.setText(error or " ")
        self._use.setEnabled(not error)

    def _mark(self, n: int, m: int) -> None:
        """Give a wrong cell its ground and its sentence."""
        item, text = self.table.item(n, m), self._text(n, m)
        if item is None:
            return
        is_wrong = not is_missing(text) and _value(text) is None
        item.setBackground(QBrush(QColor(179, 38, 30, 70)) if is_wrong else QBrush())
        item.setToolTip(f"“{text}” is not a number." if is_wrong else "")
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)


def split_cells(text: str) -> list[list[str]]:
    """Return the cells of a pasted matrix; tab before semicolon before comma before blank."""
    lines = [line for line in text.strip("\n").splitlines() if line.strip() or "\t" in line]
    separator = next((sign for sign in "\t;," if any(sign in line for line in lines)), None)
    return [line.split(separator) for line in lines]


def is_missing(text: str) -> bool:
    """Return whether a cell says that there is no rating."""
    return text.strip() in ("", "?")


def _value(text: str) -> float | None:
    """Return the number, or None; a comma is a decimal point."""
    try:
        value = float(text.replace(",", ".").replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _spin_box(name: str, help_text: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, _LARGEST)
    describe(box, name, help_text)
    return box
