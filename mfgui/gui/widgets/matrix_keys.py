"""What the keys do in a matrix: the pinned cell moves, the view follows.

Places are counted as shown, row 0 at the top; row -1 is the imaginary row of a new user.
"""

from __future__ import annotations

import math

from PySide6.QtCore import Qt

from mfgui.gui.view_state import NEW_USER, Cell, Range, ViewState

Key = Qt.Key
ZOOMS: dict[int, float] = {Key.Key_Plus: 0.8, Key.Key_Equal: 0.8, Key.Key_Minus: 1.25}
STEPS: dict[int, tuple[int, int]] = {
    Key.Key_Left: (0, -1), Key.Key_Right: (0, 1), Key.Key_Up: (-1, 0), Key.Key_Down: (1, 0)}
ENDS: dict[int, float] = {Key.Key_Home: -math.inf, Key.Key_End: math.inf}
PANS: dict[int, int] = {Key.Key_PageUp: -1, Key.Key_PageDown: 1}


def press(state: ViewState, key: int, *, is_control: bool, has_new_user: bool) -> bool:
    """Do what a key does; return whether it does anything."""
    if key in ZOOMS:
        zoom(state, ZOOMS[key])
    elif key in PANS:
        seen, height = state.visible, state.visible.y1 - state.visible.y0
        state.zoom_to(Range(seen.x0, seen.x1, seen.y0 + PANS[key] * height,
                            seen.y1 + PANS[key] * height))
    elif key == Key.Key_Escape:
        return _let_go(state)
    elif key in STEPS or key in ENDS:
        _move(state, key, is_control, has_new_user)
    else:
        return False
    return True


def _let_go(state: ViewState) -> bool:
    """Let go of the pinned cell, or else of all marks; return whether there was either."""
    if state.pinned is not None:
        state.set_pinned(None)
        return True
    return state.clear_marks()


def pinned_place(state: ViewState) -> Cell | None:
    """Return row and column of the pinned cell as shown."""
    if state.pinned is None or state.order is None:
        return None
    user, item = state.pinned
    row = NEW_USER if user == NEW_USER else int(state.order.row_ranks[user])
    return row, int(state.order.column_ranks[item])


def first_in_view(state: ViewState) -> Cell:
    """Return the place of the first cell that is wholly in view."""
    seen = state.visible
    return (min(math.ceil(seen.y0 - 1e-9), state.n_users - 1),
            min(math.ceil(seen.x0 - 1e-9), state.n_items - 1))


def cell_at(state: ViewState, row: int, column: int) -> Cell | None:
    """Return user and item at a place; None before there is an order."""
    if state.order is None:
        return None
    user = NEW_USER if row == NEW_USER else int(state.order.rows[row])
    return user, int(state.order.columns[column])


def pin(state: ViewState, row: int, column: int) -> None:
    """Pin the cell at a place, and scroll just as far as it takes to see it."""
    cell = cell_at(state, row, column)
    if cell is not None:
        state.set_pinned(cell)
        state.set_visible(scrolled(state.visible, row, column))


def scrolled(seen: Range, row: int, column: int) -> Range:
    """Return the range moved as little as it takes to hold the cell at a place."""
    dx = min(column - seen.x0, 0.0) + max(column + 1 - seen.x1, 0.0)
    dy = 0.0 if row == NEW_USER else min(row - seen.y0, 0.0) + max(row + 1 - seen.y1, 0.0)
    return Range(seen.x0 + dx, seen.x1 + dx, seen.y0 + dy, seen.y1 + dy)


def zoom(state: ViewState, factor: float) -> None:
    """Zoom, the pinned cell staying where it is; the middle, where that is not in view."""
    seen = state.visible
    x, y = (seen.x0 + seen.x1) / 2, (seen.y0 + seen.y1) / 2
    place = pinned_place(state)
    if place is not None:
        row, column = place[0] + 0.5, place[1] + 0.5
        if seen.x0 <= column <= seen.x1 and (seen.y0 <= row <= seen.y1 or place[0] == NEW_USER):
            x, y = column, row if place[0] != NEW_USER else y
    state.zoom_to(Range(x - factor * (x - seen.x0), x + factor * (seen.x1 - x),
                        y - factor * (y - seen.y0), y + factor * (seen.y1 - y)))


def _move(state: ViewState, key: int, is_control: bool, has_new_user: bool) -> None:
    """Pin the cell that a key leads to; the first in view where none was pinned."""
    place = pinned_place(state)
    if place is None and not (key in ENDS and is_control):
        pin(state, *first_in_view(state))
        return
    row, column = place or (0, 0)
    if key in ENDS:
        column = _held(column + ENDS[key], state.n_items)
        if is_control:
            row = _held(row + ENDS[key], state.n_users)
    else:
        down, right = STEPS[key]
        if is_control:
            seen = state.visible
            down *= max(int(seen.y1 - seen.y0) - 1, 1)
            right *= max(int(seen.x1 - seen.x0) - 1, 1)
        column = _held(column + right, state.n_items)
        row = _row_after(state, row, down, has_new_user)
    pin(state, row, column)


def _row_after(state: ViewState, row: int, down: int, has_new_user: bool) -> int:
    """Return the row some steps down; the new user's row stands above the first."""
    if row == NEW_USER:
        return first_in_view(state)[0] if down > 0 else NEW_USER if has_new_user else 0
    if row == 0 and down < 0 and has_new_user:
        return NEW_USER
    return _held(row + down, state.n_users)


def _held(place: float, n: int) -> int:
    return int(min(max(place, 0), n - 1))
