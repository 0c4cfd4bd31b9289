"""Find: what is typed is looked for off the GUI thread; a hit is gone to, pinned and marked."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal

from mfgui.core.ratings import Ratings
from mfgui.gui.background import LatestWorker
from mfgui.gui.view_state import Places, ViewState
from mfgui.gui.widgets.find_field import FindField, FoundList, FoundRow
from mfgui.gui.widgets.finding import shared_index
from mfgui.gui.widgets.matrix_heads import head_text
from mfgui.gui.widgets.matrix_keys import first_in_view
from mfgui.inspection.find import FindIndex, Hits
from mfgui.inspection.words import one_line

MOST_LISTED = 50
LONGEST_ID = 24


@dataclass(frozen=True, eq=False)
class Found:
    """What was found: all of it to be marked, the first lines to be listed."""

    text: str
    places: Places
    rows: tuple[FoundRow, ...]


class Finder(QObject):
    """Ties the field, the list and what is looked at together.

    Signals
    -------
    left : the search is over; the focus belongs elsewhere
    failed : an exception: a bug
    """

    left = Signal()
    failed = Signal(object)

    def __init__(self, field: FindField, list_: FoundList, parent: QObject) -> None:
        super().__init__(parent)
        self._field, self._list = field, list_
        self._state: ViewState | None = None
        self._ratings: Ratings | None = None
        self._index: FindIndex | None = None
        self.found: Found | None = None
        self._worker = LatestWorker(self, takes_turns=False)
        self._worker.done.connect(self._on_found)
        self._worker.failed.connect(self.failed)
        field.textChanged.connect(self._on_text_changed)
        field.moved.connect(list_.step)
        field.entered.connect(self._on_entered)
        field.left.connect(self.leave)
        field.focus_gone.connect(list_.hide)
        list_.chosen.connect(self._go_to)

    def set_state(self, state: ViewState) -> None:
        """Move and mark what is looked at."""
        self._state = state
        state.hits_changed.connect(self._on_hits_changed)

    def set_ratings(self, ratings: Ratings | None) -> None:
        """Search other ids and titles; what was typed is forgotten."""
        self._ratings, self._index = ratings, None
        self._field.clear()
        self._field.setEnabled(ratings is not None)

    def begin(self) -> None:
        """Put the cursor into the field."""
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()
        if self.found is not None and self._field.text().strip():
            self._show(self.found)

    def leave(self) -> None:
        """End the search: no list, no marks, no text."""
        self._field.clear()
        self.left.emit()

    def _on_text_changed(self, text: str) -> None:
        ratings = self._ratings
        if not text.strip() or ratings is None:
            self.found = None
            self._list.hide()
            if self._state is not None:
                self._state.set_hits(Places())
            return
        self._worker.ask(lambda: self._search(ratings, text))

    def _on_hits_changed(self) -> None:
        """Forget what was typed where its marks were cleared."""
        if self._state is not None and self._state.hits.is_empty and (
                self.found is not None and not self.found.places.is_empty):
            self._field.clear()

    def _search(self, ratings: Ratings, text: str) -> Found:
        """Search; on the worker's thread."""
        index = self._index
        if index is None or index.ratings is not ratings:
            index = self._index = shared_index(ratings)
        hits = index.find(text)
        return Found(text, Places(hits.users, hits.items), _listed(ratings, hits, text))

    def _on_found(self, found: Found) -> None:
        if found.text != self._field.text():
            return  # more was typed meanwhile, and is being looked for
        self.found = found
        if self._state is not None:
            self._state.set_hits(found.places)
        if self._field.hasFocus():
            self._show(found)

    def _show(self, found: Found) -> None:
        n = found.places.users.size + found.places.items.size
        note = ""
        if not n:
            note = f"No user or item matches “{one_line(found.text, 40)}”."
        elif n > len(found.rows):
            note = f"The best {len(found.rows)} of {n:,}; all are marked at the edges."
        self._list.show_rows(found.rows, note, self._field)

    def _on_entered(self) -> None:
        row = self._list.current
        if row is not None and self._list.isVisible():
            self._go_to(row)
        elif self.found is not None:
            self._show(self.found)

    def _go_to(self, row: FoundRow) -> None:
        """Pin the hit, in the pinned cell's column or row, else in the first in view."""
        state = self._state
        if state is None or state.order is None:
            return
        if state.pinned is not None:
            user, item = state.pinned
        else:
            first_row, first_column = first_in_view(state)
            user, item = (int(state.order.rows[first_row]),
                          int(state.order.columns[first_column]))
        self._list.hide()
        state.show_cell(row.number if row.is_user else user, item if row.is_user else row.number)
        self.left.emit()

    def shut_down(self) -> None:
        """End the thread that searches."""
        self._worker.shut_down()


def _listed(ratings: Ratings, hits: Hits, text: str) -> tuple[FoundRow, ...]:
    """Return the best hits as lines of the list: items, then users, but first what has that id."""
    n_users = min(hits.users.size, max(MOST_LISTED - hits.items.size, MOST_LISTED // 2))
    items = [_row(ratings, number, is_user=False)
             for number in hits.items[: MOST_LISTED - n_users].tolist()]
    users = [_row(ratings, number, is_user=True) for number in hits.users[:n_users].tolist()]
    wanted = text.strip().casefold()
    return tuple(sorted(items + users, key=lambda row: row.id_.casefold() != wanted))


def _row(ratings: Ratings, number: int, *, is_user: bool) -> FoundRow:
    counts = ratings.user_counts if is_user else ratings.item_counts
    ids = ratings.user_ids if is_user else ratings.item_ids
    return FoundRow(is_user, number, head_text(ratings, number, is_row=is_user),
                    one_line(ids[number], LONGEST_ID), int(counts[number]))
