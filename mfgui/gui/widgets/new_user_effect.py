"""What follows from a new user's ratings: the top of the list, or of a "what if" what moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from mfgui.core.ratings import Ratings
from mfgui.gui.asker import Asker
from mfgui.gui.new_user_flow import Folded
from mfgui.gui.widgets.moves_table import MovesTable, move_lines
from mfgui.gui.widgets.naming import item_name
from mfgui.gui.widgets.small_parts import sentence
from mfgui.gui.widgets.top_table import TopTable
from mfgui.gui.widgets.top_words import top_lines
from mfgui.inspection.known import Known
from mfgui.inspection.new_user import moves
from mfgui.inspection.recommend import recommend
from mfgui.inspection.rounding import decimals_of
from mfgui.inspection.top_memo import TopMemo

N_SHOWN = 20
TOP_HEADING, MOVES_HEADING = "Top of the list", "What moves"
TOP_EMPTY = "The items with the highest predictions will stand here."
MOVES_EMPTY = "Change or remove a rating: what moves most will stand here."


@dataclass(frozen=True, eq=False)
class _Effect:
    """Lines of the table that is to be shown."""

    folded: Folded
    is_moves: bool
    lines: Sequence[Any]


class NewUserEffect(QWidget):
    """One of the two tables, worked out on a thread of its own.

    Signals
    -------
    chosen, opened : the item of a line
    """

    chosen = Signal(int)
    opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.top, self.moves = TopTable(), MovesTable()
        self.top.setObjectName("newUserTopTable")
        self.top.setWhatsThis("The items with the highest predictions for the new user, rated ones "
                              "left out. Up and Down pin the cell of an item, Enter also brings "
                              "it into view in the matrices.")
        self.heading, self._empty = QLabel(TOP_HEADING), sentence(TOP_EMPTY)
        self._pages = QStackedWidget()
        self._wanted: Folded | None = None
        self._memo: TopMemo | None = None
        self._asker = Asker(self._on_worked_out, self)
        self._build()

    def _build(self) -> None:
        self.heading.setProperty("role", "heading")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.heading)
        layout.addWidget(self._pages, 1)
        for page in (self._empty, self.top, self.moves):
            self._pages.addWidget(page)
        self.top.chosen.connect(lambda line: self.chosen.emit(line.place.item))
        self.top.opened.connect(lambda line: self.opened.emit(line.place.item))
        self.moves.chosen.connect(lambda line: self.chosen.emit(line.move.item))
        self.moves.opened.connect(lambda line: self.opened.emit(line.move.item))

    def shut_down(self) -> None:
        """End the thread and wait for it."""
        self._asker.shut_down()

    def show_folded(self, folded: Folded | None, known: Known | None, ratings: Ratings) -> None:
        """Show what follows from a solved row; None: nothing does."""
        self._wanted = folded
        is_moves = folded is not None and folded.draft.based_on is not None
        self.heading.setText(MOVES_HEADING if is_moves else TOP_HEADING)
        if folded is None:
            self._memo = None  # what comes next may be of another model, and of other ratings
            self._show_empty(TOP_EMPTY)
        else:
            self._asker.ask(lambda: self._worked_out(folded, known, ratings))

    def _show_empty(self, text: str) -> None:
        self._empty.setText(text)
        self._pages.setCurrentWidget(self._empty)

    def _worked_out(self, folded: Folded, known: Known | None, ratings: Ratings) -> _Effect:
        """Return the lines; on the worker's thread."""
        model, user = folded.model, folded.user
        decimals = decimals_of(model.scale)

        def name(item: int) -> str:
            return item_name(ratings, item)

        if folded.unchanged is not None and user is not None:
            found = moves(model, folded.unchanged, user, N_SHOWN)
            return _Effect(folded, True, move_lines(found, name, decimals))
        assert user is not None
        there = known if known is not None and known.ratings.n_ratings else None
        memo = self._memo
        if memo is None or not memo.is_of(model, there):
            memo = self._memo = TopMemo(model, there)
        top = recommend(model, there, user, N_SHOWN, memo=memo)
        return _Effect(folded, False, top_lines(top, name, decimals))

    def _on_worked_out(self, effect: _Effect) -> None:
        if effect.folded is not self._wanted:
            return
        if not effect.lines:
            self._show_empty(MOVES_EMPTY if effect.is_moves else "There is no item left to list.")
        elif effect.is_moves:
            self.moves.show_lines(effect.lines)
            self._pages.setCurrentWidget(self.moves)
        else:
            self.top.show_top(effect.lines, has_bound=False)
            self._pages.setCurrentWidget(self.top)
