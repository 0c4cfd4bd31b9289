"""What is looked at: visible range, order, levels, the cells under the pointer and pinned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from mfgui.core.ratings import IntArray
from mfgui.inspection.colours import LevelChoice
from mfgui.inspection.order import Order, OrderChoice

N_HISTORY = 100
NEW_USER = -1  # the imaginary row on top, in the place of a user's number
READABLE = 12.0  # cells each way round one that is jumped to, until a view says how many fit
Cell = tuple[int, int]


@dataclass(frozen=True)
class Range:
    """A visible part of the matrix, in cells; row 0 lies at the top.

    Parameters
    ----------
    x0, x1 : float
        Columns.
    y0, y1 : float
        Rows.
    """

    x0: float
    x1: float
    y0: float
    y1: float

    def inside(self, n_users: int, n_items: int) -> Range:
        """Return the nearest range of the same size within the matrix, at least a cell wide."""
        x0, x1 = _inside(self.x0, self.x1, n_items)
        y0, y1 = _inside(self.y0, self.y1, n_users)
        return Range(x0, x1, y0, y1)

    def with_cell(
        self, row: float, column: float, at_most: tuple[float, float] = (np.inf, np.inf)
    ) -> Range:
        """Return the range moved, and narrowed to so many rows and columns, to hold a cell."""
        x0, x1 = _holding(self.x0, self.x1, column, at_most[1])
        y0, y1 = _holding(self.y0, self.y1, row, at_most[0])
        return Range(x0, x1, y0, y1)


def _inside(low: float, high: float, n: int) -> tuple[float, float]:
    size = min(max(high - low, 1.0), float(n))
    low = min(max(low, 0.0), n - size)
    return low, low + size


def _holding(low: float, high: float, place: float, at_most: float) -> tuple[float, float]:
    """Return a range that holds ``place`` to ``place + 1``: the same one where it does."""
    size = min(high - low, at_most)
    if size == high - low and low <= place and place + 1 <= high:
        return low, high
    middle = place + 0.5
    return middle - size / 2, middle + size / 2


@dataclass(frozen=True, eq=False)
class Places:
    """Some users and items, by their numbers."""

    users: IntArray = field(default_factory=lambda: np.empty(0, np.int32))
    items: IntArray = field(default_factory=lambda: np.empty(0, np.int32))

    @classmethod
    def of(cls, users: Iterable[int] = (), items: Iterable[int] = ()) -> Places:
        """Return the places of a few numbers."""
        return cls(np.array(list(users), np.int32), np.array(list(items), np.int32))

    @property
    def is_empty(self) -> bool:
        """Whether there is none."""
        return not (self.users.size or self.items.size)


@dataclass(frozen=True)
class Display:
    """How the matrices are drawn.

    Parameters
    ----------
    order : OrderChoice
    colour_map : str
    levels : LevelChoice
    is_over_all : bool
        The predicted is a mean over all cells of a pixel, not over the rated ones.
    has_margins : bool
        Counts and means stand beside rows and columns.
    """

    order: OrderChoice = field(default_factory=OrderChoice)
    colour_map: str = "viridis"
    levels: LevelChoice = field(default_factory=LevelChoice)
    is_over_all: bool = False
    has_margins: bool = False


@dataclass(frozen=True)
class _Step:
    """One view of the history: the range, and the order it was seen in."""

    visible: Range
    order: OrderChoice


class ViewState(QObject):
    """The one truth on what is looked at; the three matrices share it.

    Rows and columns are places on the screen; ``pinned``, ``selection`` and ``hits`` are users and
    items by their numbers, so that they stay when the order changes.

    Signals
    -------
    range_changed : ``visible`` changed
    display_changed : ``display`` changed
    hover_changed : ``hover`` changed
    pinned_changed : ``pinned`` changed
    order_changed : another ``order`` is on the screen
    selection_changed : ``selection`` changed
    hits_changed : ``hits`` changed
    size_changed : the matrix has another size
    """

    range_changed = Signal()
    display_changed = Signal()
    hover_changed = Signal()
    pinned_changed = Signal()
    order_changed = Signal()
    selection_changed = Signal()
    hits_changed = Signal()
    size_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.n_users, self.n_items = 1, 1
        self.visible = Range(0, 1, 0, 1)
        self.display = Display()
        self.hover: Cell | None = None
        self.pinned: Cell | None = None
        self.order: Order | None = None
        self.selection, self.hits = Places(), Places()
        self.readable = READABLE, READABLE  # rows and columns that a view shows near enough to read
        self._back: list[_Step] = []
        self._forward: list[_Step] = []
        self._wanted: Cell | None = None
        self._restored: Range | None = None  # by going back to another order, until it is there

    @property
    def whole(self) -> Range:
        """The range that shows everything."""
        return Range(0, self.n_items, 0, self.n_users)

    def set_size(self, n_users: int, n_items: int) -> None:
        """Look at another matrix, whole; nothing is pinned or marked in it yet."""
        self.n_users, self.n_items = max(n_users, 1), max(n_items, 1)
        self._back, self._forward = [], []
        self._wanted, self._restored, self.order = None, None, None
        self.visible = self.whole
        self.set_hover(None)
        self.set_pinned(None)
        self.set_selection(Places())
        self.set_hits(Places())
        self.size_changed.emit()
        self.range_changed.emit()

    # -- range and history --------------------------------------------------------------------

    def set_visible(self, visible: Range) -> None:
        """Follow a pan or a zoom, without a step of history."""
        visible = visible.inside(self.n_users, self.n_items)
        if visible != self.visible:
            self.visible = visible
            self.range_changed.emit()

    def remember(self, before: Range) -> None:
        """Note that a pan or zoom that began at ``before`` is over."""
        if before != self.visible:
            self._push(_Step(before, self.display.order))

    def zoom_to(self, visible: Range) -> None:
        """Jump to a range, as one step of history."""
        before = self.visible
        self.set_visible(visible)
        self.remember(before)

    def fit(self) -> None:
        """Show everything."""
        self.zoom_to(self.whole)

    def go_back(self) -> None:
        """Show what was seen before, in the order it was seen in."""
        if self._back:
            self._forward.append(_Step(self.visible, self.display.order))
            self._show(self._back.pop())

    def go_forward(self) -> None:
        """Undo going back."""
        if self._forward:
            self._back.append(_Step(self.visible, self.display.order))
            self._show(self._forward.pop())

    def _push(self, step: _Step) -> None:
        self._back = [*self._back[1 - N_HISTORY:], step]
        self._forward = []

    def _show(self, step: _Step) -> None:
        self._wanted = None
        self._restored = step.visible if step.order != self.display.order else None
        self.set_display(order=step.order)
        self.set_visible(step.visible)

    # -- how it is drawn ----------------------------------------------------------------------

    def set_display(self, **changes: object) -> None:
        """Change how the matrices are drawn."""
        display = replace(self.display, **changes)  # type: ignore[arg-type]
        if display != self.display:
            self.display = display
            self.display_changed.emit()

    def sort(self, order: OrderChoice) -> None:
        """Sort rows and columns, as one step of history; the pinned cell stays in view."""
        if order != self.display.order:
            self._push(_Step(self.visible, self.display.order))
            self.set_display(order=order)

    def set_order(self, order: Order) -> None:
        """Note the order that is on the screen; a cell that is to be seen is brought there."""
        if order is self.order:
            return
        before, self.order = self.order, order
        self.order_changed.emit()
        self._keep_in_view(before, order)

    def _keep_in_view(self, before: Order | None, order: Order) -> None:
        """Bring the pinned cell to where it was on the screen, or the wanted one into view."""
        wanted, self._wanted = self._wanted, None
        restored, self._restored = self._restored, None
        if wanted is not None:
            self._bring(wanted)
        elif restored is not None:
            self.set_visible(restored)
        elif before is not None and self.pinned is not None and before.choice != order.choice:
            user, item = self.pinned
            dx = float(order.column_ranks[item]) - float(before.column_ranks[item])
            dy = (float(order.row_ranks[user]) - float(before.row_ranks[user])
                  if user != NEW_USER else 0.0)
            seen = self.visible
            self.set_visible(Range(seen.x0 + dx, seen.x1 + dx, seen.y0 + dy, seen.y1 + dy))

    # -- cells --------------------------------------------------------------------------------

    def set_hover(self, cell: Cell | None) -> None:
        """Note the cell (row, column) under the pointer, as shown; None where there is none."""
        if cell != self.hover:
            self.hover = cell
            self.hover_changed.emit()

    def set_pinned(self, cell: Cell | None) -> None:
        """Pin a cell (user, item), the user being ``NEW_USER`` in the imaginary row; None: none."""
        if cell != self.pinned:
            self.pinned = cell
            self.pinned_changed.emit()

    def show_cell(self, user: int, item: int) -> None:
        """Pin a cell and bring it into view, close enough to be read."""
        self.set_pinned((user, item))
        if self.order is None:
            self._wanted = user, item
        else:
            self._bring((user, item))

    def _bring(self, cell: Cell) -> None:
        """Move there, as one step of history."""
        assert self.order is not None
        user, item = cell
        column = float(self.order.column_ranks[item])
        row = (self.visible.y0 + self.visible.y1) / 2 - 0.5 if user == NEW_USER else float(
            self.order.row_ranks[user])
        self.zoom_to(self.visible.with_cell(row, column, self.readable))

    def set_selection(self, places: Places) -> None:
        """Mark users and items that were chosen in some panel."""
        if not (places.is_empty and self.selection.is_empty):
            self.selection = places
            self.selection_changed.emit()

    def clear_marks(self) -> bool:
        """Mark nothing any more; return whether anything was marked."""
        was_marked = not (self.selection.is_empty and self.hits.is_empty)
        self.set_selection(Places())
        self.set_hits(Places())
        return was_marked

    def show_places(self, places: Places) -> None:
        """Mark users and items, and bring the first of each side into view."""
        self.set_selection(places)
        if self.order is None or places.is_empty:
            return
        seen = self.visible
        row = (float(self.order.row_ranks[places.users].min()) if places.users.size
               else (seen.y0 + seen.y1) / 2 - 0.5)
        column = (float(self.order.column_ranks[places.items].min()) if places.items.size
                  else (seen.x0 + seen.x1) / 2 - 0.5)
        self.zoom_to(seen.with_cell(row, column))

    def set_hits(self, places: Places) -> None:
        """Mark what was found."""
        if not (places.is_empty and self.hits.is_empty):
            self.hits = places
            self.hits_changed.emit()
