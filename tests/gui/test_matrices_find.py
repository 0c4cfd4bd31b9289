"""Find: as one types, users and items are listed, marked at the edges, gone to and pinned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings, TextArray
from mfgui.gui.view_state import NEW_USER, Range
from mfgui.gui.widgets.matrix_items import NUMBER_FROM_PX

Panel = Any  # DrivenPanel of matrices_driver.py
Key = Qt.Key


@pytest.fixture
def panel(matrices_panel: Panel, qtbot: QtBot, planted: Ratings) -> Panel:
    """Return a panel with films and the focus in the field."""
    titles = [f"{'The ' if m % 3 else ''}Garden {m}" if m % 2 else f"Île {m}" for m in range(40)]
    matrices_panel.open(replace(planted, item_titles=TextArray.from_strings(titles)))
    matrices_panel.activateWindow()
    qtbot.waitUntil(matrices_panel.isActiveWindow)
    return matrices_panel


def typed(panel: Panel, qtbot: QtBot, text: str) -> Any:
    """Type into the field and wait for what is found."""
    panel.finder.begin()
    field = panel.tools.find_field
    field.clear()
    qtbot.keyClicks(field, text)
    qtbot.waitUntil(lambda: panel.finder.found is not None and panel.finder.found.text == text)
    return panel.finder.found


def list_of(panel: Panel) -> Any:
    return panel.finder._list


def test_the_field_does_not_take_the_focus_by_itself(panel: Panel) -> None:
    assert not panel.tools.find_field.hasFocus()
    assert not list_of(panel).isVisible()


def test_control_f_puts_the_cursor_there(panel: Panel, qtbot: QtBot) -> None:
    qtbot.keyClick(panel.views["observed"], Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(panel.tools.find_field.hasFocus)


def test_hits_are_listed_and_marked_as_one_types(panel: Panel, qtbot: QtBot) -> None:
    found = typed(panel, qtbot, "garden")
    assert found.places.items.size == 20
    assert panel.state.hits.items.size == 20
    assert list_of(panel).isVisible()
    assert list_of(panel).current.name.startswith("Garden")
    assert typed(panel, qtbot, "ile 4").places.items[0] == 4  # no accent needed


def test_enter_goes_to_the_chosen_hit_in_the_pinned_row_and_pins(
    panel: Panel, qtbot: QtBot
) -> None:
    panel.state.set_pinned((17, 2))
    typed(panel, qtbot, "garden")
    field = panel.tools.find_field
    qtbot.keyClick(field, Key.Key_Down)
    wanted = list_of(panel).current
    qtbot.keyClick(field, Key.Key_Return)
    assert panel.state.pinned == (17, wanted.number)
    row, column = panel.state.order.row_ranks[17], panel.state.order.column_ranks[wanted.number]
    seen = panel.state.visible
    assert seen.x0 <= column < seen.x1
    assert seen.y0 <= row < seen.y1
    assert not list_of(panel).isVisible()
    assert panel.state.hits.items.size == 20  # the marks stay while the text does
    assert panel.views["observed"].hasFocus()


def test_without_a_pinned_cell_a_user_is_shown_at_the_first_item_in_view(
    panel: Panel, qtbot: QtBot
) -> None:
    panel.state.zoom_to(Range(5, 15, 0, 10))
    typed(panel, qtbot, "u42")
    assert list_of(panel).current.is_user
    qtbot.keyClick(panel.tools.find_field, Key.Key_Return)
    assert panel.state.pinned == (42, int(panel.state.order.columns[5]))


def test_an_item_is_shown_in_the_new_users_row_where_that_is_pinned(
    panel: Panel, qtbot: QtBot
) -> None:
    panel.state.set_pinned((NEW_USER, 0))
    typed(panel, qtbot, "i7")
    qtbot.keyClick(panel.tools.find_field, Key.Key_Return)
    assert panel.state.pinned == (NEW_USER, 7)


def test_an_id_that_is_just_this_comes_first(panel: Panel, qtbot: QtBot) -> None:
    assert typed(panel, qtbot, "u4").rows[0].number == 4
    assert typed(panel, qtbot, "i4").rows[0].number == 4


def test_escape_ends_the_search(panel: Panel, qtbot: QtBot) -> None:
    typed(panel, qtbot, "garden")
    qtbot.keyClick(panel.tools.find_field, Key.Key_Escape)
    assert panel.tools.find_field.text() == ""
    assert panel.state.hits.is_empty
    assert not list_of(panel).isVisible()
    assert panel.views["observed"].hasFocus()


def test_what_is_nowhere_is_said(panel: Panel, qtbot: QtBot) -> None:
    typed(panel, qtbot, "zebra")
    assert list_of(panel).note.text() == "No user or item matches “zebra”."
    assert not list_of(panel).tree.isVisible()
    qtbot.keyClick(panel.tools.find_field, Key.Key_Return)
    qtbot.keyClick(panel.tools.find_field, Key.Key_Down)
    assert panel.state.pinned is None


def test_a_click_on_a_line_goes_there(panel: Panel, qtbot: QtBot) -> None:
    typed(panel, qtbot, "garden")
    tree = list_of(panel).tree
    place = tree.visualItemRect(tree.topLevelItem(2)).center()
    wanted = panel.finder.found.rows[2].number
    qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert panel.state.pinned[1] == wanted


def test_more_hits_than_lines_are_counted_and_both_kinds_are_listed(
    panel: Panel, qtbot: QtBot
) -> None:
    found = typed(panel, qtbot, "1")
    n = found.places.users.size + found.places.items.size
    assert len(found.rows) == min(n, 50)
    assert {row.is_user for row in found.rows} == {True, False}


def test_digits_and_signs_typed_there_do_not_reach_the_matrices(
    panel: Panel, qtbot: QtBot
) -> None:
    before = panel.state.visible
    typed(panel, qtbot, "1+-2")
    assert all(toggle.isChecked() for toggle in panel.toggles.values())
    assert panel.state.visible == before


def test_other_ratings_begin_without_a_search(
    panel: Panel, qtbot: QtBot, tiny: Ratings
) -> None:
    typed(panel, qtbot, "garden")
    panel.open(tiny)
    assert panel.tools.find_field.text() == ""
    assert panel.state.hits.is_empty
    assert typed(panel, qtbot, "3").places.items.tolist() == [2]
    assert QApplication.focusWidget() is panel.tools.find_field


def test_clearing_the_marks_ends_the_search(panel: Panel, qtbot: QtBot) -> None:
    typed(panel, qtbot, "garden")
    assert not panel.state.hits.is_empty
    panel.state.clear_marks()
    assert panel.tools.find_field.text() == ""
    typed(panel, qtbot, "nowhere")  # whose hits are none, and were none
    typed(panel, qtbot, "ile")
    typed(panel, qtbot, "ilex")
    assert panel.tools.find_field.text() == "ilex"


def test_a_hit_that_is_gone_to_prints_its_number(panel: Panel, qtbot: QtBot) -> None:
    panel.resize(1060, 330)
    panel.settle()
    typed(panel, qtbot, "garden 7")
    qtbot.keyClick(panel.tools.find_field, Key.Key_Return)
    panel.settle()
    for view in panel.views.values():
        if view.isVisible():
            width, height = view.numbers.cell_size()
            assert height >= NUMBER_FROM_PX
            assert width >= 36
