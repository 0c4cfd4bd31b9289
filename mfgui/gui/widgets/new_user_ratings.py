"""What a person puts down for a new user: a search, the pinned item, the table of ratings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mfgui.gui.theme import set_role
from mfgui.gui.widgets.elided_label import ElidedLabel
from mfgui.gui.widgets.item_search import SearchField
from mfgui.gui.widgets.rating_scale import RatingScale
from mfgui.gui.widgets.rating_steps import RatingStrip
from mfgui.gui.widgets.rating_table import RatingTable
from mfgui.gui.widgets.small_parts import sentence, small_button

EMPTY_TEXT = ("Nothing is rated yet. Find an item above and rate it: the new row, its top list and "
              "the inspector follow at once.")
SEARCH_NAME = "Add an item by title or id"
SEARCH_TIP = ("Find an item by its title or id. The list drops down while you type; Up and Down "
              "choose, Enter takes it.")


class NewUserRatings(QWidget):
    """Everything that is put down, and the buttons that change it.

    Signals
    -------
    added : the item that was found and is to be rated
    rated : item, and its rating
    removed : the item that is to be taken away
    """

    added = Signal(int)
    rated = Signal(int, float)
    removed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search, self.table = SearchField("item", SEARCH_NAME, SEARCH_TIP), RatingTable()
        self.heading, self.note = ElidedLabel("title"), QLabel()
        self.pinned_title, self.strip = ElidedLabel("muted"), RatingStrip()
        self.add_pinned = small_button("Add", "addPinnedButton", "Add the pinned item.")
        self.undo = small_button("Undo", "undoRatingButton",
                                 "Take back the last change of the new user (Ctrl+Z).")
        self.redo = small_button("Redo", "redoRatingButton",
                                 "Make the change again that was taken back (Ctrl+Shift+Z).")
        self.remove = small_button("Remove", "removeRatingButton",
                                   "Take the chosen rating away (Delete).")
        self.clear = small_button("Clear", "clearRatingsButton", "Take all ratings away.")
        self._pinned: int | None = None
        self._pages = QStackedWidget()
        self._build()
        self._connect()

    def _build(self) -> None:
        self.search.setObjectName("addItemField")
        self.search.setPlaceholderText("Add an item: title or id")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setObjectName("newUserNote")
        self._empty = sentence(EMPTY_TEXT)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self.heading, self.search, self.note, self._made_pinned_row()):
            layout.addWidget(widget)
        layout.addWidget(self._pages, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        for button in (self.undo, self.redo, self.remove, self.clear):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout.addLayout(buttons)

    def _made_pinned_row(self) -> QWidget:
        self._pinned_row = QWidget()
        row = QHBoxLayout(self._pinned_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.pinned_title, 1)
        row.addWidget(self.strip)
        row.addWidget(self.add_pinned)
        return self._pinned_row

    def _connect(self) -> None:
        self.search.picked.connect(self.added)
        self.search.told.connect(lambda text: self.tell(text))
        self.table.rated.connect(self._on_rated)
        self.table.removed.connect(self.removed)
        self.table.refused.connect(lambda text: self.tell(text, "error"))
        self.table.done.connect(self.search.setFocus)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._follow_current())
        self.strip.rated.connect(self._on_pinned_rated)
        self.strip.removed.connect(self._on_pinned_removed)
        self.add_pinned.clicked.connect(self._on_add_pinned)
        self.remove.clicked.connect(self._on_remove_clicked)

    # -- showing ------------------------------------------------------------------------------

    def set_scale(self, scale: RatingScale, name: Callable[[int], str]) -> None:
        """Take another scale, and how an item is called."""
        self.table.set_scale(scale, name)

    def show_rows(self, rows: Sequence[tuple[int, float | None]], heading: str) -> None:
        """Show the ratings, and below whose name."""
        self.heading.show_text(heading)
        self._pages.setCurrentWidget(self.table if rows else self._empty)
        self.table.show_rows(rows)
        self._show_pinned_value()
        self._follow_current()

    def show_pinned(self, item: int | None, name: str = "") -> None:
        """Offer the pinned item to be rated; None: nothing is pinned."""
        self._pinned = item
        self._pinned_row.setVisible(item is not None)
        self.pinned_title.show_text(f"Pinned: {name}" if item is not None else "")
        self._show_pinned_value()

    def _show_pinned_value(self) -> None:
        scale = self.table.delegate.scale
        rows = dict(self.table.rows)
        self.strip.setVisible(not scale.is_free)
        self.add_pinned.setVisible(scale.is_free)
        if self._pinned is not None:
            self.strip.show_value(scale, rows.get(self._pinned))
            self.add_pinned.setEnabled(self._pinned not in rows)

    def show_steps(self, *, can_undo: bool, can_redo: bool, is_empty: bool) -> None:
        """Switch on what can be done now."""
        self.undo.setEnabled(can_undo)
        self.redo.setEnabled(can_redo)
        self.clear.setEnabled(not is_empty)

    def tell(self, text: str, role: str = "muted") -> None:
        """Say something below the search; "" nothing."""
        set_role(self.note, role)
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def _follow_current(self) -> None:
        self.remove.setEnabled(self.table.current_item() is not None)

    # -- what a person does -------------------------------------------------------------------

    def _on_rated(self, item: int, value: float) -> None:
        self.tell("")
        self.rated.emit(item, value)

    def _on_pinned_rated(self, value: float) -> None:
        if self._pinned is not None:
            self._on_rated(self._pinned, value)

    def _on_pinned_removed(self) -> None:
        if self._pinned is not None:
            self.removed.emit(self._pinned)

    def _on_add_pinned(self) -> None:
        if self._pinned is not None:
            self.added.emit(self._pinned)

    def _on_remove_clicked(self) -> None:
        item = self.table.current_item()
        if item is not None:
            self.removed.emit(item)
