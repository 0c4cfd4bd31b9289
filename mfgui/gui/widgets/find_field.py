"""Where a person types what is looked for, and the list of what was found below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mfgui.gui.widgets.described import describe

Key = Qt.Key
MOVES: dict[int, int] = {Key.Key_Up: -1, Key.Key_Down: 1, Key.Key_PageUp: -8, Key.Key_PageDown: 8}
LIST_WIDTH = 460
LINE_HEIGHT = 22  # at least: letters may be larger
MOST_LINES = 12  # seen at once; the list scrolls


@dataclass(frozen=True)
class FoundRow:
    """One line of the list.

    Parameters
    ----------
    is_user : bool
    number : int
        Of the user or item.
    name : str
        Title or name, the id where there is none.
    id_ : str
    n_ratings : int
    """

    is_user: bool
    number: int
    name: str
    id_: str
    n_ratings: int


class FindField(QLineEdit):
    """A field that takes the keys of the list below it, so that the focus stays here.

    Signals
    -------
    moved : by so many lines
    entered : Enter was pressed
    left : Esc was pressed
    focus_gone : another widget has the focus
    """

    moved = Signal(int)
    entered = Signal()
    left = Signal()
    focus_gone = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findField")
        self.setPlaceholderText("Find ...")
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(96)
        self.setMaximumWidth(320)
        describe(self, "Find a user or an item",
                 "Find users and items by id, name or title (Ctrl+F). Up and Down choose, Enter "
                 "goes there and pins the cell, Esc ends the search.")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Hand on what is meant for the list."""
        key = event.key()
        if key in MOVES:
            self.moved.emit(MOVES[key])
        elif key in (Key.Key_Return, Key.Key_Enter):
            self.entered.emit()
        elif key == Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell that another widget has the focus."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.focus_gone.emit()


class FoundList(QFrame):
    """The list of hits, over what lies below the field.

    A child of the panel, not a window of its own: it takes no focus and needs no place on screen.

    Signals
    -------
    chosen : the FoundRow that was clicked
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("foundList")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAutoFillBackground(True)
        self._rows: list[FoundRow] = []
        self.tree = QTreeWidget()
        self.tree.setObjectName("foundTree")
        self.tree.setHeaderLabels(["Found", "Id", "Ratings"])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        describe(self.tree, "What was found", "Users and items that match; Enter goes there.")
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.itemClicked.connect(self._on_clicked)
        self.note = QLabel()
        self.note.setObjectName("foundNote")
        self.note.setProperty("role", "muted")
        self.note.setContentsMargins(6, 2, 6, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        layout.addWidget(self.tree)
        layout.addWidget(self.note)
        self.hide()

    def show_rows(self, rows: Sequence[FoundRow], note: str, field: QWidget) -> None:
        """Show what was found below the field."""
        self._rows = list(rows)
        self.tree.clear()
        for row in rows:
            kind = "user" if row.is_user else "item"
            item = QTreeWidgetItem([row.name, f"{kind} {row.id_}", f"{row.n_ratings:,}"])
            item.setSizeHint(0, QSize(0, self._line_height))
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole,
                         f"{kind} {row.name}, {row.n_ratings:,} ratings")
            self.tree.addTopLevelItem(item)
        self.tree.setVisible(bool(rows))
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self._choose(0)
        self._place(field)
        self.show()
        self.raise_()

    @property
    def _line_height(self) -> int:
        return max(LINE_HEIGHT, self.tree.fontMetrics().height() + 6)

    def _place(self, field: QWidget) -> None:
        """Stand below the field, inside the panel."""
        panel = self.parentWidget()
        assert panel is not None
        width = min(LIST_WIDTH, panel.width() - 8)
        corner = field.mapTo(panel, QPoint(0, field.height() + 2))
        left = max(4, min(corner.x(), panel.width() - width - 4))
        n_lines = min(len(self._rows), MOST_LINES)
        height = 2
        if self._rows:
            height += self.tree.header().sizeHint().height() + n_lines * self._line_height + 4
        if self.note.text():
            height += self.note.sizeHint().height()
        room = panel.height() - corner.y() - 4
        self.setGeometry(left, corner.y(), width, max(min(height, room), 0))

    @property
    def current(self) -> FoundRow | None:
        """The line that Enter goes to."""
        k = self.tree.indexOfTopLevelItem(self.tree.currentItem()) if self._rows else -1
        return self._rows[k] if 0 <= k < len(self._rows) else None

    def step(self, by: int) -> None:
        """Choose the line so many further down."""
        k = self.tree.indexOfTopLevelItem(self.tree.currentItem()) if self._rows else 0
        self._choose(min(max(k + by, 0), len(self._rows) - 1))

    def _choose(self, k: int) -> None:
        item = self.tree.topLevelItem(k)
        if item is not None:
            self.tree.setCurrentItem(item)

    def _on_clicked(self, item: QTreeWidgetItem) -> None:
        self.chosen.emit(self._rows[self.tree.indexOfTopLevelItem(item)])
