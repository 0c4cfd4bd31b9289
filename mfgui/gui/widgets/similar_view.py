"""What is near the pinned item, or the pinned user, with how many ratings they have in common."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from mfgui.gui.asker import Asker
from mfgui.gui.pace import Pace
from mfgui.gui.run_model import RunModel
from mfgui.gui.view_state import NEW_USER, Places, ViewState
from mfgui.gui.widgets.elided_label import ElidedLabel
from mfgui.gui.widgets.naming import item_name, user_name
from mfgui.gui.widgets.neighbour_table import NearLine, NeighbourTable, near_lines
from mfgui.gui.widgets.seen import is_seen
from mfgui.gui.widgets.small_parts import sentence
from mfgui.inspection.similar import similar_items, similar_users

N_SHOWN = 50
NOTHING_PINNED = {
    "item": "Click a cell in the matrices: what is near its item stands here.",
    "user": "Click a cell in the matrices: the users near its user stand here.",
}
NEW_USER_TEXT = "The new user is no row of the model: click a cell of a user in the matrices."
HELP = "A click marks it in the matrices; a double click, or Enter, goes there."


@dataclass(frozen=True, eq=False)
class _Near:
    """Neighbours in words, of what, and what that cost."""

    asked: int
    heading: str
    lines: Sequence[NearLine]
    seconds: float


class SimilarView(QWidget):
    """The neighbours of one side, "item" or "user", worked out on a thread of its own."""

    def __init__(self, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._word = word
        self._run_model: RunModel | None = None
        self._state: ViewState | None = None
        self._wanted: int | None = None
        self.table, self.heading = NeighbourTable(word), ElidedLabel("title")
        self.sentence = sentence("")
        self._pages = QStackedWidget()
        self._asker, self._pace = Asker(self._on_found, self), Pace(self)
        self._pace.due.connect(self._ask)
        self._build()
        self.table.chosen.connect(lambda line: self._mark(line.near.index))
        self.table.opened.connect(lambda line: self._go_to(line.near.index))

    def _build(self) -> None:
        self.table.setWhatsThis(HELP)
        self.table.setAccessibleDescription(HELP)
        page, help_line = QWidget(), QLabel(HELP)
        help_line.setProperty("role", "muted")
        help_line.setWordWrap(True)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addWidget(self.table, 1)
        column.addWidget(help_line)
        self._pages.addWidget(self.sentence)
        self._pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self._pages)

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the shown model and the pinned cell."""
        self._run_model, self._state = run_model, view_state
        for changed in (run_model.shown_changed, run_model.status_changed):
            changed.connect(self._on_shown_changed)  # the end of a run waits for no pace
        view_state.pinned_changed.connect(self._ask)
        self._ask()

    def shut_down(self) -> None:
        """End the thread and wait for it."""
        self._pace.stop()
        self._asker.shut_down()

    def showEvent(self, event: QShowEvent) -> None:
        """Work out what changed while nobody looked."""
        super().showEvent(event)
        self.look()

    def look(self) -> None:
        """Work out what changed, if anybody sees it now."""
        self._ask()

    # -- asking -------------------------------------------------------------------------------

    def _on_shown_changed(self) -> None:
        """Compare the newer factors, while training as often as that is cheap."""
        if self._run_model is not None and self._run_model.status.is_running:
            self._pace.want()
        else:
            self._ask()

    def _ask(self) -> None:
        """Have the neighbours of what is pinned worked out, where anybody looks."""
        run, state, word = self._run_model, self._state, self._word
        if run is None or state is None or run.shown is None or run.ratings is None:
            return
        if state.pinned is None or state.pinned[word == "item"] == NEW_USER:
            self._show_sentence(NOTHING_PINNED[word] if state.pinned is None else NEW_USER_TEXT)
            return
        asked = state.pinned[word == "item"]
        self._wanted = asked
        if not is_seen(self):
            return
        model, known, ratings = run.shown, run.known, run.ratings
        find, name = (similar_items, item_name) if word == "item" else (similar_users, user_name)

        def found() -> _Near:
            begin = time.perf_counter()
            lines = near_lines(
                find(model, known, asked, N_SHOWN), lambda index: name(ratings, index))
            heading = f"Near {'user ' * (word == 'user')}{name(ratings, asked)}"
            return _Near(asked, heading, lines, time.perf_counter() - begin)

        self._pace.begin()
        self._asker.ask(found)

    def _on_found(self, near: _Near) -> None:
        self._pace.end(near.seconds)
        if near.asked != self._wanted:
            return
        if near.lines:
            self.heading.show_text(near.heading)
            self.table.show_near(near.lines, near.asked)
            self._pages.setCurrentIndex(1)
        else:
            self._show_sentence(f"Nothing is near this {self._word}: its factors are 0, or all "
                                "others' are.")

    def _show_sentence(self, text: str) -> None:
        self._wanted = None
        self.sentence.setText(text)
        self._pages.setCurrentIndex(0)

    # -- what a person does -------------------------------------------------------------------

    def _mark(self, place: int) -> None:
        """Mark a neighbour in the matrices."""
        if self._state is not None:
            self._state.set_selection(
                Places.of(items=[place]) if self._word == "item" else Places.of(users=[place]))

    def _go_to(self, place: int) -> None:
        """Pin a neighbour in the place of what is pinned, and bring it into view."""
        state = self._state
        if state is not None and state.pinned is not None:
            user, item = state.pinned
            state.show_cell(*((user, place) if self._word == "item" else (place, item)))
