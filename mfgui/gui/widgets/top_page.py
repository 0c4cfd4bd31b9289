"""The page of a top list: for whom and which items, the list, and the buttons that save lists."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from mfgui.gui.top_flow import TopAnswer
from mfgui.gui.view_state import NEW_USER
from mfgui.gui.widgets.elided_label import ElidedLabel
from mfgui.gui.widgets.small_parts import sentence, small_button
from mfgui.gui.widgets.top_filters import TopFilters
from mfgui.gui.widgets.top_table import TopTable
from mfgui.inspection.new_user import NewUser

WIDE_PX = 640  # from here on reasons stand beside the titles


class TopPage(QWidget):
    """The page."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.filters, self.table = TopFilters(), TopTable()
        self.heading, self.note, self.hint = ElidedLabel("title"), QLabel(), sentence("")
        self.save = small_button("Save list...", "saveTopButton", "Save this list as a CSV file.")
        self.save_all = small_button(
            "Top lists of all users...", "saveAllTopButton",
            "Write the top list of every user to a CSV file, with these filters and as many "
            "places.")
        self._lists, self._buttons = QStackedWidget(), QWidget()
        self._head, self._foot = QHBoxLayout(), QHBoxLayout()
        self._build()

    def _build(self) -> None:
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setProperty("role", "warning")
        self.note.setObjectName("topNote")
        self.note.hide()
        self._lists.addWidget(self.hint)
        self._lists.addWidget(self.table)
        self._lists.setMinimumHeight(64)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 4, 10, 4)
        column.setSpacing(4)
        column.addWidget(self.filters)
        self._head.addWidget(self.heading, 1)
        column.addLayout(self._head)
        column.addWidget(self.note)
        column.addWidget(self._lists, 1)
        column.addLayout(self._foot)
        buttons = QHBoxLayout(self._buttons)
        buttons.setContentsMargins(0, 0, 0, 0)
        buttons.setSpacing(6)
        buttons.addWidget(self.save)
        buttons.addWidget(self.save_all)
        buttons.addStretch(1)
        self._foot.addWidget(self._buttons)

    def show_hint(self, text: str) -> None:
        """Say why there is no list."""
        self.hint.setText(text)
        self._lists.setCurrentWidget(self.hint)
        self.heading.show_text("")
        self.save.setEnabled(False)

    def show_answer(self, answer: TopAnswer, name: str) -> None:
        """Show a list; ``name`` is what its user is called."""
        notes, has_lines = list(answer.notes), bool(answer.lines)
        who = answer.request.who
        whose = NEW_USER if isinstance(who, NewUser) else who
        self.table.show_top(answer.lines, has_bound=answer.filters.by_lower_bound, of=(
            whose, answer.request.n, answer.filters))
        if not has_lines:
            self.hint.setText(notes.pop())
        self._lists.setCurrentWidget(self.table if has_lines else self.hint)
        self.heading.show_text(f"Top {answer.request.n} for {name}")
        self.tell("\n".join(notes))
        self.save.setEnabled(has_lines)

    def tell(self, text: str) -> None:
        """Say something above the list; "" nothing."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def select_item(self, item: int | None, *, is_scrolled: bool) -> None:
        """Make an item's line the current one, as if nobody had chosen it; None: no line."""
        self.table.select_line(
            None if item is None else self.table.place_of(item), is_scrolled=is_scrolled)

    def set_room(self, width: int) -> None:
        """Use the width there is: the buttons stand beside the heading where both fit."""
        place = self._head if width >= WIDE_PX else self._foot
        if place.indexOf(self._buttons) < 0:
            place.addWidget(self._buttons)
        self.table.set_broad(width >= WIDE_PX)
        self.filters.set_room(width - 20)
