"""Keys in a matrix: the pinned cell moves, the view follows, nothing leaves the matrix."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from mfgui.gui.view_state import NEW_USER, Places, Range, ViewState
from mfgui.gui.widgets import matrix_keys
from mfgui.inspection.order import Order, OrderChoice

Key = Qt.Key
N_USERS, N_ITEMS = 50, 40


@pytest.fixture
def state(qtbot: QtBot) -> ViewState:
    """Return a state whose order turns rows and columns round, so that places are no numbers."""
    made = ViewState()
    made.set_size(N_USERS, N_ITEMS)
    made.set_order(Order(OrderChoice(), np.arange(N_USERS, dtype=np.int32)[::-1].copy(),
                         np.arange(N_ITEMS, dtype=np.int32)[::-1].copy()))
    return made


def press(state: ViewState, key: Qt.Key, *, ctrl: bool = False, has_new_user: bool = False) -> bool:
    return matrix_keys.press(state, key, is_control=ctrl, has_new_user=has_new_user)


def place(state: ViewState) -> tuple[int, int] | None:
    return matrix_keys.pinned_place(state)


def test_the_first_arrow_pins_the_first_cell_in_view(state: ViewState) -> None:
    state.set_visible(Range(10.4, 20.4, 5.0, 15.0))
    assert press(state, Key.Key_Right)
    assert place(state) == (5, 11)
    assert state.pinned == (N_USERS - 1 - 5, N_ITEMS - 1 - 11)


def test_arrows_move_by_a_cell_as_shown(state: ViewState) -> None:
    matrix_keys.pin(state, 3, 4)
    for key, expected in ((Key.Key_Right, (3, 5)), (Key.Key_Down, (4, 5)),
                          (Key.Key_Left, (4, 4)), (Key.Key_Up, (3, 4))):
        press(state, key)
        assert place(state) == expected


def test_at_the_edge_the_pinned_cell_stays(state: ViewState) -> None:
    matrix_keys.pin(state, 0, 0)
    press(state, Key.Key_Up)
    press(state, Key.Key_Left)
    assert place(state) == (0, 0)
    matrix_keys.pin(state, N_USERS - 1, N_ITEMS - 1)
    press(state, Key.Key_Down, ctrl=True)
    press(state, Key.Key_Right, ctrl=True)
    assert place(state) == (N_USERS - 1, N_ITEMS - 1)


def test_control_moves_by_a_page_of_what_is_in_view(state: ViewState) -> None:
    state.set_visible(Range(0, 10, 0, 8))
    matrix_keys.pin(state, 2, 2)
    press(state, Key.Key_Right, ctrl=True)
    assert place(state) == (2, 11)
    press(state, Key.Key_Down, ctrl=True)
    assert place(state) == (9, 11)


def test_home_and_end_go_to_the_ends_of_the_row_and_with_control_of_the_matrix(
    state: ViewState,
) -> None:
    matrix_keys.pin(state, 7, 7)
    press(state, Key.Key_End)
    assert place(state) == (7, N_ITEMS - 1)
    press(state, Key.Key_Home)
    assert place(state) == (7, 0)
    press(state, Key.Key_End, ctrl=True)
    assert place(state) == (N_USERS - 1, N_ITEMS - 1)
    press(state, Key.Key_Home, ctrl=True)
    assert place(state) == (0, 0)


def test_the_view_scrolls_just_as_far_as_it_takes(state: ViewState) -> None:
    state.set_visible(Range(10, 20, 10, 20))
    matrix_keys.pin(state, 19, 19)
    press(state, Key.Key_Right)
    assert state.visible == Range(11, 21, 10, 20)
    press(state, Key.Key_Down)
    assert state.visible == Range(11, 21, 11, 21)


def test_zooming_keeps_the_pinned_cell_where_it_is(state: ViewState) -> None:
    matrix_keys.pin(state, 10, 30)
    before = state.visible
    share = (30.5 - before.x0) / (before.x1 - before.x0)
    press(state, Key.Key_Plus)
    after = state.visible
    assert (30.5 - after.x0) / (after.x1 - after.x0) == pytest.approx(share)
    assert after.x1 - after.x0 == pytest.approx(0.8 * N_ITEMS)
    state.go_back()
    assert state.visible == before


def test_zooming_in_and_out_without_end_stays_inside_the_matrix(state: ViewState) -> None:
    matrix_keys.pin(state, 49, 39)
    for _ in range(200):
        press(state, Key.Key_Plus)
    assert state.visible.x1 - state.visible.x0 == pytest.approx(1)
    assert state.visible.x0 <= 39 < 40 <= state.visible.x1 + 1e-9
    for _ in range(200):
        press(state, Key.Key_Minus)
    assert state.visible == state.whole


def test_page_keys_pan_and_leave_the_pinned_cell(state: ViewState) -> None:
    state.set_visible(Range(0, 10, 0, 10))
    matrix_keys.pin(state, 2, 2)
    press(state, Key.Key_PageDown)
    assert (state.visible.y0, state.visible.y1) == (10, 20)
    press(state, Key.Key_PageUp)
    assert state.visible.y0 == 0
    assert place(state) == (2, 2)


def test_escape_lets_go_and_then_belongs_to_others(state: ViewState) -> None:
    matrix_keys.pin(state, 2, 2)
    assert press(state, Key.Key_Escape)
    assert state.pinned is None
    assert not press(state, Key.Key_Escape)
    assert not press(state, Key.Key_A)


def test_escape_lets_go_of_the_cell_first_and_then_of_all_marks(state: ViewState) -> None:
    matrix_keys.pin(state, 2, 2)
    state.set_selection(Places.of(users=[3]))
    state.set_hits(Places.of(items=[4]))
    assert press(state, Key.Key_Escape)
    assert (state.pinned, state.selection.is_empty, state.hits.is_empty) == (None, False, False)
    assert press(state, Key.Key_Escape)
    assert (state.selection.is_empty, state.hits.is_empty) == (True, True)
    assert not press(state, Key.Key_Escape)


def test_the_new_users_row_is_reached_from_the_first_and_left_to_the_first_in_view(
    state: ViewState,
) -> None:
    matrix_keys.pin(state, 0, 3)
    press(state, Key.Key_Up, has_new_user=True)
    assert place(state) == (NEW_USER, 3)
    press(state, Key.Key_Right, has_new_user=True)
    assert state.pinned == (NEW_USER, N_ITEMS - 1 - 4)
    state.set_visible(Range(0, 10, 20, 30))
    press(state, Key.Key_Down, has_new_user=True)
    assert place(state) == (20, 4)


def test_a_matrix_of_one_cell_takes_every_key(qtbot: QtBot) -> None:
    state = ViewState()
    state.set_size(1, 1)
    one = np.zeros(1, np.int32)
    for key in (*matrix_keys.STEPS, *matrix_keys.ENDS, *matrix_keys.PANS, *matrix_keys.ZOOMS):
        press(state, Key(key))  # before there is an order
    state.set_order(Order(OrderChoice(), one, one))
    for key in (*matrix_keys.STEPS, *matrix_keys.ENDS, *matrix_keys.PANS, *matrix_keys.ZOOMS):
        for ctrl in (False, True):
            press(state, Key(key), ctrl=ctrl)
    assert state.pinned == (0, 0)
    assert state.visible == Range(0, 1, 0, 1)
