"""What is looked at: history of ranges and orders, pinned cells, marks."""

from __future__ import annotations

import numpy as np
import pytest

from mfgui.gui.view_state import NEW_USER, READABLE, Places, Range, ViewState
from mfgui.inspection.order import Order, OrderChoice, OrderKey

COUNT = OrderChoice(OrderKey("count"), OrderKey("count"))


def order(choice: OrderChoice, n_users: int, n_items: int, *, is_reversed: bool = False) -> Order:
    step = -1 if is_reversed else 1
    return Order(choice, np.arange(n_users, dtype=np.int32)[::step].copy(),
                 np.arange(n_items, dtype=np.int32)[::step].copy())


@pytest.fixture
def state() -> ViewState:
    made = ViewState()
    made.set_size(1000, 800)
    made.set_order(order(OrderChoice(), 1000, 800))
    return made


def test_a_cell_that_is_jumped_to_is_pinned_and_near_enough_to_read(state: ViewState) -> None:
    state.show_cell(500, 700)
    assert state.pinned == (500, 700)
    seen = state.visible
    assert seen.y0 <= 500 < 501 <= seen.y1
    assert seen.x0 <= 700 < 701 <= seen.x1
    assert seen.x1 - seen.x0 <= READABLE
    state.go_back()
    assert state.visible == state.whole


def test_a_cell_that_is_jumped_to_is_as_large_as_the_view_has_room_for(state: ViewState) -> None:
    state.readable = 4, 7
    state.show_cell(500, 700)
    seen = state.visible
    assert (seen.y1 - seen.y0, seen.x1 - seen.x0) == (4, 7)


def test_marks_are_cleared_and_it_is_said_whether_there_were_any(state: ViewState) -> None:
    assert not state.clear_marks()
    state.set_selection(Places.of(users=[1]))
    state.set_hits(Places.of(items=[2]))
    assert state.clear_marks()
    assert state.selection.is_empty
    assert state.hits.is_empty


def test_a_cell_asked_for_before_there_is_an_order_is_shown_when_there_is(
    state: ViewState
) -> None:
    state.set_size(1000, 800)
    state.show_cell(3, 5)
    assert state.visible == state.whole
    state.set_order(order(OrderChoice(), 1000, 800))
    assert state.visible.y0 <= 3 < state.visible.y1 <= READABLE + 1


def test_sorting_keeps_the_pinned_cell_where_it_is_on_the_screen(state: ViewState) -> None:
    state.show_cell(400, 300)
    before = state.visible
    state.sort(COUNT)
    state.set_order(order(COUNT, 1000, 800, is_reversed=True))
    seen = state.visible
    assert seen.y0 - (999 - 400) == pytest.approx(before.y0 - 400)
    assert seen.x0 - (799 - 300) == pytest.approx(before.x0 - 300)


def test_going_back_undoes_a_sort_and_its_range(state: ViewState) -> None:
    state.zoom_to(Range(10, 30, 20, 50))
    state.sort(COUNT)
    state.set_order(order(COUNT, 1000, 800, is_reversed=True))
    state.go_back()
    assert state.display.order == OrderChoice()
    assert state.visible == Range(10, 30, 20, 50)
    state.go_forward()
    assert state.display.order == COUNT


def test_the_new_user_is_pinned_without_moving_the_rows(state: ViewState) -> None:
    state.zoom_to(Range(0, 40, 100, 140))
    state.show_cell(NEW_USER, 20)
    assert state.pinned == (NEW_USER, 20)
    middle = (state.visible.y0 + state.visible.y1) / 2
    assert middle == pytest.approx(120)


def test_places_are_marked_and_the_first_brought_into_view(state: ViewState) -> None:
    state.zoom_to(Range(0, 40, 0, 40))
    told = []
    state.selection_changed.connect(lambda: told.append(state.selection))
    state.show_places(Places.of(users=[800, 700]))
    assert told[-1].users.tolist() == [800, 700]
    assert state.visible.y0 <= 700 < state.visible.y1
    assert (state.visible.x0, state.visible.x1) == (0, 40)


def test_a_selection_of_nothing_is_told_once(state: ViewState) -> None:
    told = []
    state.selection_changed.connect(lambda: told.append(1))
    state.set_selection(Places())
    assert not told
    state.set_selection(Places.of(items=[1]))
    state.set_selection(Places())
    state.set_selection(Places())
    assert len(told) == 2


def test_another_matrix_forgets_what_was_pinned_and_marked(state: ViewState) -> None:
    state.show_cell(1, 2)
    state.set_hits(Places.of(users=[3]))
    state.set_size(5, 6)
    assert state.pinned is None
    assert state.hits.is_empty
    assert state.order is None
    state.go_back()
    assert state.visible == Range(0, 6, 0, 5)


def test_a_matrix_of_one_cell_can_be_shown_and_pinned() -> None:
    state = ViewState()
    state.set_size(1, 1)
    state.set_order(order(OrderChoice(), 1, 1))
    state.show_cell(0, 0)
    assert state.visible == Range(0, 1, 0, 1)
