"""A pinned cell, marks and heads in the matrices; the new user's row, a copy, a comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings, TextArray
from mfgui.gui.theme import DARK
from mfgui.gui.view_state import NEW_USER, Places, Range
from mfgui.gui.widgets.matrix_heads import BESIDE_HEAD, LARGEST_SHARE, STEP
from mfgui.inspection.comparison import OtherModel
from mfgui.inspection.new_user import new_user, with_rating
from mfgui.inspection.trial import Trial

Panel = Any  # DrivenPanel of matrices_driver.py
Key, Left = Qt.Key, Qt.MouseButton.LeftButton


@pytest.fixture
def panel(matrices_panel: Panel) -> Panel:
    return matrices_panel


def titled(ratings: Ratings, titles: list[str]) -> Ratings:
    """Return ratings whose items have these titles, again and again."""
    n = ratings.n_items
    return replace(ratings, item_titles=TextArray.from_strings(
        titles[k % len(titles)] for k in range(n)))


# -- pinning --------------------------------------------------------------------------------------


def test_a_click_pins_the_cell_and_a_drag_does_not(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    state.zoom_to(Range(0, 20, 0, 20))
    panel.settle()
    viewport, place = panel.views["observed"].viewport(), panel.centre_of("observed", 3, 7)
    qtbot.mouseClick(viewport, Left, pos=place)
    assert state.pinned == (int(state.order.rows[3]), int(state.order.columns[7]))
    state.set_pinned(None)
    qtbot.mousePress(viewport, Left, pos=place)
    qtbot.mouseMove(viewport, place + QPoint(40, 30))
    qtbot.mouseRelease(viewport, Left, pos=place + QPoint(40, 30))
    assert state.pinned is None


def test_keys_move_the_pinned_cell_and_enter_asks_why(panel: Panel, qtbot: QtBot) -> None:
    state = panel.open()
    view = panel.views["observed"]
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Down):
        qtbot.keyClick(view, key)
    assert state.pinned == (1, 1)
    with qtbot.waitSignal(panel.inspector_wanted):
        qtbot.keyClick(view, Key.Key_Return)
    qtbot.keyClick(view, Key.Key_Escape)
    assert state.pinned is None


def test_alt_with_an_arrow_is_left_to_the_windows_menu(panel: Panel) -> None:
    state = panel.open()
    QTest.keyClick(panel.views["observed"], Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert state.pinned is None


def test_tab_leaves_the_matrix(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    panel.activateWindow()
    view = panel.views["observed"]
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    qtbot.keyClick(view, Key.Key_Tab)
    assert not view.hasFocus()
    assert panel.state.pinned is None


def test_the_pinned_cell_is_seen_in_all_views_at_any_zoom(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    panel.train()
    for visible in (state.whole, Range(0, 10, 0, 10)):
        state.set_visible(visible)
        panel.settle()
        before = [view.grab().toImage() for view in panel.views.values()]
        state.set_pinned((int(state.order.rows[5]), int(state.order.columns[5])))
        after = [view.grab().toImage() for view in panel.views.values()]
        assert all(one != other for one, other in zip(before, after, strict=True))
        state.set_pinned(None)


def test_each_view_reads_out_the_pinned_cell(panel: Panel, qtbot: QtBot) -> None:
    state = panel.open()
    panel.train()
    state.set_pinned((0, 0))
    for name, view in panel.views.items():
        assert name in view.accessibleName().lower()
        text = view.accessibleDescription()
        assert text.startswith("user 1, item 1, rated 5, predicted ")
    qtbot.keyClick(panel.views["residual"], Key.Key_Right)
    qtbot.keyClick(panel.views["residual"], Key.Key_Right)
    assert panel.views["observed"].accessibleDescription().startswith("user 1, item 3, not rated")
    state.set_pinned(None)
    assert panel.views["observed"].accessibleDescription() == ""


def test_the_view_that_takes_the_keys_is_seen(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    view = panel.views["observed"]
    before = view.grab().toImage()
    view.focusInEvent(QFocusEvent(QFocusEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    assert view.grab().toImage() != before
    view.focusOutEvent(QFocusEvent(QFocusEvent.Type.FocusOut, Qt.FocusReason.TabFocusReason))
    assert view.grab().toImage() == before


# -- marks ----------------------------------------------------------------------------------------


def test_chosen_and_found_rows_and_columns_are_marked_at_the_edges(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    view = panel.views["observed"]
    seen = [view.grab().toImage()]
    state.set_hits(Places.of(items=[3, 5]))
    seen.append(view.grab().toImage())
    state.set_selection(Places.of(users=[8]))
    seen.append(view.grab().toImage())
    assert seen[0] != seen[1] != seen[2]
    state.set_hits(Places())
    state.set_selection(Places())
    assert view.grab().toImage() == seen[0]


def test_marks_of_everything_are_a_tick_a_pixel_at_most(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    band = panel.views["observed"].right
    everyone = np.arange(planted.n_users, dtype=np.int32)
    at = band._pixels(state.order.row_ranks, np.tile(everyone, 50))
    assert len(at) == planted.n_users
    state.set_visible(Range(0, 10, 20, 30))
    assert len(band._pixels(state.order.row_ranks, everyone)) == 10


# -- heads ----------------------------------------------------------------------------------------


def test_ids_and_titles_stand_at_the_edges_as_soon_as_they_fit(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(titled(planted, ["A film", "Another one"]))
    view = panel.views["observed"]
    assert view.rows._heads is None
    assert view.columns._heads is None
    state.zoom_to(Range(4, 12, 10, 18))
    panel.settle()
    rows, columns = view.rows._heads, view.columns._heads
    assert rows.first == 10
    assert rows.labels[0] == f"u{state.order.rows[10]}"
    assert columns.labels[0] == ["A film", "Another one"][int(state.order.columns[4]) % 2]
    assert columns.is_turned
    panel.train()
    assert len({view.pixels() for view in panel.views.values()}) == 1


def test_short_ids_below_wide_columns_are_not_turned(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    columns = panel.views["observed"].columns._heads
    assert columns.labels == ("1", "2", "3", "4", "5")
    assert not columns.is_turned


def test_a_head_that_was_cut_is_told_whole(panel: Panel, qtbot: QtBot, planted: Ratings) -> None:
    state = panel.open(titled(planted, ["A film whose title goes on and on beyond any room"]))
    state.zoom_to(Range(0, 8, 0, 8))
    panel.settle()
    axis = panel.views["observed"].columns
    middle = QPointF(axis.size().width() / 2, 10)
    assert axis.label_at(middle) == "A film whose title goes on and on beyond any room"


def test_heads_do_not_move_the_picture_while_it_is_panned(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(titled(planted, ["A film", "A film with more letters"]))
    state.zoom_to(Range(0, 9, 0, 9))
    panel.settle()
    sizes = set()
    for x in range(0, 30, 3):
        state.set_visible(Range(x, x + 9, x, x + 9))
        panel.settle()
        sizes.add(panel.views["observed"].pixels())
    assert len(sizes) == 1


def test_heads_give_room_back_where_there_is_less(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(titled(planted, ["A film whose title goes on and on beyond any room"]))
    state.zoom_to(Range(0, 12, 0, 12))
    panel.settle()
    view = panel.views["observed"]
    for height in range(440, 240, -20):
        panel.resize(1100, height)
        panel.flow.ask_soon()
        panel.settle()
        heads, room = view.columns.size().height(), view.room()[0]
        assert heads <= LARGEST_SHARE * room + BESIDE_HEAD + 2 * STEP


@pytest.mark.parametrize("title", [
    "x" * 10_000, "فيلم عن البحر",
    "🎬🍿 👩‍👩‍👧", "tab\there\nand\x07bell\x00null", "<b>bold</b>", " "])
def test_odd_titles_are_shown_on_one_line(
    panel: Panel, qtbot: QtBot, planted: Ratings, title: str
) -> None:
    state = panel.open(titled(planted, [title]))
    panel.train()
    state.show_cell(3, 4)
    panel.settle()
    state.set_hover((2, 2))
    assert len(panel.hover_text()) < 400
    assert "\n" not in panel.hover_text()
    for label in panel.views["observed"].columns._heads.labels:
        assert label
        assert "\n" not in label
    panel.grab()


def test_counts_and_means_stand_along_both_sides_where_they_are_wanted(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    view = panel.views["observed"]
    height, width = view.pixels()
    panel.tools.levels.margins.click()
    qtbot.waitUntil(lambda: panel._pictures.margins is not None)
    panel.settle()
    assert view.top._images is not None
    assert view.right._images is not None
    assert view.pixels()[0] < height
    assert view.pixels()[1] < width
    state.set_display(has_margins=False)
    panel.settle()
    assert view.pixels() == (height, width)


# -- the new user's row ---------------------------------------------------------------------------


def test_a_new_user_stands_above_the_matrix_and_is_pinned_by_a_click(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    model = panel.train(n_factors=3)
    panel.run_model.set_new_user(new_user(model, [4, 9], [1.5, -0.5]))
    view = panel.views["predicted"]
    qtbot.waitUntil(lambda: view.top.strip._picture is not None)
    assert view.top.strip._picture.values.shape == (1, planted.n_items)
    panel.settle()
    strip = view.top.mapRectToScene(view.top.strip_rect())
    place = QPoint(panel.centre_of("predicted", 0, 6).x(), int(strip.center().y()))
    qtbot.mouseMove(view.viewport(), place)
    assert panel.hover_text().startswith("new user    item i")
    qtbot.mouseClick(view.viewport(), Left, pos=place)
    assert state.pinned == (NEW_USER, int(state.order.columns[6]))
    assert view.accessibleDescription().startswith("new user, item i")
    state.set_pinned((NEW_USER, 4))
    assert "rated 1.5, predicted" in view.accessibleDescription()


def test_the_row_follows_each_change_and_goes_when_it_is_gone(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    panel.open(planted)
    model = panel.train(n_factors=3)
    user = new_user(model, [4], [1.5])
    panel.run_model.set_new_user(user)
    strip = panel.views["observed"].top.strip
    qtbot.waitUntil(lambda: strip._picture is not None)
    height = panel.views["observed"].pixels()[0]
    first = strip._picture
    panel.run_model.set_new_user(with_rating(model, user, 7, 2.0))
    qtbot.waitUntil(lambda: strip._picture is not first)
    assert np.isfinite(strip._picture.values).sum() == 2
    panel.state.zoom_to(Range(0, 10, 0, 10))
    qtbot.waitUntil(lambda: strip._picture.values.shape == (1, 10))
    panel.run_model.set_new_user(None)
    panel.settle()
    assert not strip.is_shown
    assert panel.views["observed"].pixels()[0] > height - 40


def test_a_row_solved_for_another_model_shows_no_numbers(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    panel.open(planted)
    user = new_user(panel.train(n_factors=3), [4], [1.5])
    panel.train(n_factors=2)
    panel.run_model.set_new_user(user)
    panel.settle()
    strip = panel.views["predicted"].top.strip
    assert strip.is_shown
    assert strip._picture is None
    panel.state.set_pinned((NEW_USER, 4))
    assert panel.views["predicted"].accessibleDescription().endswith("rated 1.5")


# -- a copy, a comparison -------------------------------------------------------------------------


def test_a_copy_is_marked_until_it_is_gone(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    model = panel.train()
    panel.run_model.set_trial(Trial(model.copy(), "3 steps on"))
    qtbot.waitUntil(lambda: panel._pictures.request.model is panel.run_model.trial.model)
    assert "copy: step by step" in panel.views["predicted"].accessibleName()
    assert "copy" not in panel.views["observed"].accessibleName()
    assert "3 steps on" in panel.notes.note.text()
    panel.run_model.set_trial(None)
    assert "copy" not in panel.views["predicted"].accessibleName()
    assert panel.notes.note.text() == ""


def test_two_models_stand_as_a_b_and_their_difference(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    panel.open(planted)
    other = panel.train(n_factors=2)
    model = panel.train(n_factors=4)
    everyone, everything = np.ones(60, bool), np.ones(40, bool)
    everyone[3] = False
    panel.run_model.set_other(OtherModel("<i>b</i>.npz", other, everyone, everything))
    qtbot.waitUntil(lambda: panel._pictures.request.other is other)
    state, views = panel.state, panel._pictures.views
    row, column = int(state.order.row_ranks[5]), int(state.order.column_ranks[6])
    pair = np.array([5]), np.array([6])
    a, b = (each.predict(*pair, is_clipped=False)[0] for each in (model, other))
    assert views["residual"].values[row, column] == pytest.approx(a - b, abs=1e-5)
    levels = views["residual"].levels  # symmetric, and narrow enough for differences to be seen
    assert levels.low == -levels.high
    assert levels.high <= np.abs(views["residual"].values).max()
    assert panel.toggles["observed"].text() == "A"
    assert panel.views["predicted"].accessibleName() == "B: <i>b</i>.npz matrix"
    assert "matched by id" in panel.notes.note.text()
    state.set_hover((int(state.order.row_ranks[3]), 0))
    assert "B does not know this user" in panel.hover_text()
    assert "A − B" in panel.hover_text()
    panel.run_model.set_other(None)
    qtbot.waitUntil(lambda: panel._pictures.request.other is None)
    assert panel.toggles["observed"].text() == "Observed"
    assert panel.views["predicted"].accessibleName() == "Predicted matrix"


# -- edges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (6, 1)])
def test_a_matrix_of_one_row_or_column_is_shown_pinned_and_sorted(
    panel: Panel, qtbot: QtBot, shape: tuple[int, int]
) -> None:
    n_users, n_items = shape
    users, items = (each.ravel().astype(np.int32) for each in np.indices(shape))
    ratings = Ratings(users, items, np.arange(users.size, dtype=np.float32),
                      TextArray.from_strings(map(str, range(n_users))),
                      TextArray.from_strings(map(str, range(n_items))))
    state = panel.open(ratings)
    for key in (Key.Key_Right, Key.Key_Down, Key.Key_End, Key.Key_Plus, Key.Key_Minus):
        qtbot.keyClick(panel.views["observed"], key)
    panel.sort("mean", "mean")
    state.set_display(has_margins=True)
    panel.set_theme(DARK)
    panel.settle()
    panel.grab()
    assert state.pinned is not None


def test_an_item_without_ratings_has_a_mean_of_nothing(panel: Panel, qtbot: QtBot) -> None:
    one = np.zeros(1, np.int32)
    ratings = Ratings(one, one, np.ones(1, np.float32), TextArray.from_strings(["u"]),
                      TextArray.from_strings(["a", "b"]))
    state = panel.open(ratings)
    state.set_display(has_margins=True)
    qtbot.waitUntil(lambda: panel._pictures.margins is not None)
    panel.sort("mean", "mean")
    state.set_pinned((0, 1))
    assert panel.views["observed"].accessibleDescription() == "user u, item b, not rated"
    panel.grab()


def test_marks_leave_the_colours_of_the_cells_as_they_are(panel: Panel, planted: Ratings) -> None:
    state = panel.open(planted)
    state.zoom_to(Range(0, 12, 0, 10))
    panel.settle()
    view = panel.views["observed"]
    inside, edges = [], []
    box = view.getPlotItem().vb
    for row in range(1, 9):
        for column in range(1, 11):
            for away in (0.15, 0.5, 0.85):
                inside.append(box.mapViewToScene(QPointF(column + away, row + away)).toPoint())
        edges.append(box.mapViewToScene(QPointF(5.5, row)).toPoint())

    def colours(points: list[QPoint]) -> list[str]:
        image = view.grab().toImage()
        return [image.pixelColor(point).name() for point in points]

    before, before_edges = colours(inside), colours(edges)
    state.set_hits(Places.of(users=state.order.rows[3:5], items=state.order.columns[6:7]))
    state.set_selection(Places.of(users=state.order.rows[7:8]))
    assert colours(inside) == before
    assert colours(edges) != before_edges


def test_the_line_reads_the_cell_that_keys_move_to_until_the_mouse_moves(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    told: list[str] = []
    panel.hover_text_changed.connect(told.append)
    state.set_pinned((int(state.order.rows[3]), int(state.order.columns[7])))
    state.set_hover((0, 0))
    under_the_mouse = told[-1]
    qtbot.keyClick(panel.views["observed"], Key.Key_Right)
    assert told[-1] == panel.hover_text() != under_the_mouse
    assert f"item {planted.item_ids[int(state.order.columns[8])]}" in told[-1]
    state.set_hover((0, 0))
    assert told[-1] == under_the_mouse
    qtbot.keyClick(panel.views["observed"], Key.Key_Left)
    qtbot.keyClick(panel.views["observed"], Key.Key_Escape)
    assert told[-1] == ""
