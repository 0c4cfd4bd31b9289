"""The errors: pages of them, and the way from a bar to its rows."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings
from mfgui.gui.panels.errors import ErrorsPanel
from mfgui.gui.run_model import Status
from mfgui.gui.theme import DARK, LIGHT
from mfgui.gui.widgets.error_tools import PAGES
from mfgui.training.events import Snapshot

_SPEC = importlib.util.spec_from_file_location(
    "trained_run", Path(__file__).with_name("trained_run.py"))
runs = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(runs)


@pytest.fixture
def rounded(planted: Ratings) -> Ratings:
    """Return ratings on a grid of five values."""
    return replace(planted, value=np.clip(np.round(planted.value), -2, 2) + np.float32(3))


@pytest.fixture
def panel(qtbot: QtBot, rounded: Ratings) -> Iterator[ErrorsPanel]:
    made = ErrorsPanel()
    qtbot.addWidget(made)
    made.run_model, made.state = runs.opened_run(rounded, made)  # type: ignore[attr-defined]
    made.set_models(made.run_model, made.state)  # type: ignore[attr-defined]
    made.set_theme(LIGHT)
    made.resize(360, 700)
    made.show()
    yield made
    made.shut_down()


def measured(panel: ErrorsPanel, qtbot: QtBot, **settings: object) -> ErrorsPanel:
    """Train, and wait for the errors of the last factors."""
    model = panel.run_model  # type: ignore[attr-defined]
    runs.train(model, **settings)
    qtbot.waitUntil(lambda: panel._answer is not None
                    and panel._answer.question.model is model.shown)
    return panel


def open_page(panel: ErrorsPanel, page: str) -> None:
    place = panel.tools.page_box.findData(page)
    panel.tools.page_box.setCurrentIndex(place)
    panel.tools.page_box.activated.emit(place)


def click_bar(panel: ErrorsPanel, qtbot: QtBot, position: int) -> None:
    bars = panel.view.bars
    edges = bars._bars.edges  # type: ignore[union-attr]
    (_, _), (y0, y1) = bars.getPlotItem().vb.viewRange()
    middle = QPointF((edges[position] + edges[position + 1]) / 2, (y0 + y1) / 2)
    at = bars.getPlotItem().vb.mapViewToScene(middle).toPoint()
    qtbot.mouseClick(bars.viewport(), Qt.MouseButton.LeftButton, pos=at)


def test_before_training_there_is_a_sentence(panel: ErrorsPanel) -> None:
    assert panel._sentence.isVisible()
    assert "Train" in panel._sentence.text()


def test_both_parts_are_shown_beside_each_other(panel: ErrorsPanel, qtbot: QtBot) -> None:
    measured(panel, qtbot)
    result = panel.run_model.result  # type: ignore[attr-defined]
    words = panel.tools.legend.text()
    assert f"training RMSE {result.train_rmse:.4f}" in words
    assert f"validation RMSE {result.validation_rmse:.4f}" in words
    assert list(panel.view.bars._bars.heights) == ["training", "validation"]  # type: ignore[union-attr]


def test_after_a_refit_it_is_said_whose_validation_it_is(
    panel: ErrorsPanel, qtbot: QtBot
) -> None:
    measured(panel, qtbot, refit=True)
    assert panel.run_model.snapshot.is_refit  # type: ignore[attr-defined]
    assert "from before the final training" in panel._note.text()
    result = panel.run_model.result  # type: ignore[attr-defined]
    assert f"validation RMSE {result.validation_rmse:.4f}" in panel.tools.legend.text()


def test_nothing_held_out_offers_training_alone(panel: ErrorsPanel, qtbot: QtBot) -> None:
    measured(panel, qtbot, validation=0.0)
    assert not panel.tools.parts.isVisible()
    for page in PAGES:
        open_page(panel, page)
        panel.grab()


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_page_is_shown_for_either_part(
    panel: ErrorsPanel, qtbot: QtBot, theme: object
) -> None:
    panel.set_theme(theme)  # type: ignore[arg-type]
    measured(panel, qtbot)
    for page in PAGES:
        open_page(panel, page)
        for part in ("training", "validation"):
            panel.tools.parts.buttons[part].click()
            table = panel.view.lists.currentWidget()
            assert table.lines  # type: ignore[union-attr]
            assert panel.view.density.isVisible() == (page == "density")
            assert panel.view.bars.isVisible() == (page not in ("density", "largest"))
            panel.grab()


def test_a_bar_of_users_leads_to_the_users_concerned(panel: ErrorsPanel, qtbot: QtBot) -> None:
    measured(panel, qtbot)
    open_page(panel, "users")
    pages = panel._answer.pages  # type: ignore[union-attr]
    fullest = int(pages.row_counts["users", "training"].argmax())
    click_bar(panel, qtbot, fullest)
    low, high = pages.tables.bins.row_rmse.limits(fullest)
    rmse = pages.tables.training.users.rmse
    expected = np.flatnonzero((rmse >= low) & (rmse < high))
    state = panel.state  # type: ignore[attr-defined]
    np.testing.assert_array_equal(state.selection.users, expected)
    assert state.selection.items.size == 0


def test_a_tenth_of_the_items_is_marked_by_its_bar_and_its_line(
    panel: ErrorsPanel, qtbot: QtBot
) -> None:
    measured(panel, qtbot)
    open_page(panel, "decile")
    state = panel.state  # type: ignore[attr-defined]
    group = panel._answer.pages.tables.bins.deciles.group  # type: ignore[union-attr]
    click_bar(panel, qtbot, 9)
    np.testing.assert_array_equal(state.selection.items, np.flatnonzero(group == 9))
    lists = panel.view.lists
    lists.groups.chosen.emit(lists.groups.lines[0])
    np.testing.assert_array_equal(state.selection.items, np.flatnonzero(group == 0))


def test_a_bar_of_a_value_lists_its_cells_and_marks_their_rows(
    panel: ErrorsPanel, qtbot: QtBot
) -> None:
    measured(panel, qtbot)
    state, lists = panel.state, panel.view.lists  # type: ignore[attr-defined]
    panel.tools.parts.buttons["validation"].click()
    with qtbot.waitSignal(state.selection_changed):
        click_bar(panel, qtbot, 3)
    known = panel.run_model.known  # type: ignore[attr-defined]
    is_four = known.held_out.value == 4
    assert {line.observed for line in lists.cells.lines} == {4.0}
    assert len(lists.cells.lines) == is_four.sum() > 0
    np.testing.assert_array_equal(
        state.selection.users, np.unique(known.held_out.user_index[is_four]))
    assert "observed 4" in panel.view.heading.text()
    assert panel.view.back.isVisible()
    panel.view.back.click()
    assert lists.currentWidget() is lists.groups
    assert not panel.view.back.isVisible()


def test_bins_of_residuals_and_of_the_density_list_their_cells(
    panel: ErrorsPanel, qtbot: QtBot
) -> None:
    measured(panel, qtbot)
    state, lists = panel.state, panel.view.lists  # type: ignore[attr-defined]
    tables = panel._answer.pages.tables  # type: ignore[union-attr]
    open_page(panel, "residual")
    fullest = int(tables.training.residual_counts.argmax())
    with qtbot.waitSignal(state.selection_changed):
        click_bar(panel, qtbot, fullest)
    low, high = tables.bins.residuals.limits(fullest)
    assert len(lists.cells.lines) == min(tables.training.residual_counts[fullest], 200)
    assert all(low <= line.residual < high for line in lists.cells.lines)
    open_page(panel, "density")
    density = tables.training.density
    row, column = np.unravel_index(int(density.argmax()), density.shape)
    left = tables.bins.predicted.start + (column + 0.5) * tables.bins.predicted.width
    view = panel.view.density

    def place() -> QPoint:
        return view.getPlotItem().vb.mapViewToScene(QPointF(left, row + 0.5)).toPoint()

    def is_read() -> bool:
        qtbot.mouseMove(view.viewport(), place())
        return f"{density[row, column]:,} training ratings" in panel.view.read_out.text()

    qtbot.waitUntil(is_read)  # the page is laid out in its own time
    with qtbot.waitSignal(state.selection_changed):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place())
    assert len(lists.cells.lines) == min(density[row, column], 200)


def test_a_line_of_the_largest_residuals_jumps_to_its_cell(
    panel: ErrorsPanel, qtbot: QtBot
) -> None:
    measured(panel, qtbot)
    open_page(panel, "largest")
    table = panel.view.lists.cells
    sizes = [abs(line.residual) for line in table.lines]
    assert sizes == sorted(sizes, reverse=True)
    at = table.visualRect(table.model().index(2, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    line = table.lines[2]
    assert panel.state.pinned == (line.user, line.item)  # type: ignore[attr-defined]


def test_the_chosen_line_stays_with_its_cell_when_newer_factors_come(
    panel: ErrorsPanel, qtbot: QtBot
) -> None:
    measured(panel, qtbot)
    open_page(panel, "largest")
    table = panel.view.lists.cells
    table.setCurrentIndex(table.model().index(2, 1))
    cell = table.lines[2].user, table.lines[2].item
    measured(panel, qtbot, seed=3, n_epochs=1)
    place = table.place_of(cell)
    assert table.currentIndex().row() == (-1 if place is None else place)
    open_page(panel, "users")
    rows = panel.view.lists.rows
    rows.setCurrentIndex(rows.model().index(0, 0))
    open_page(panel, "items")  # a number of a user says nothing of an item
    assert not rows.selectionModel().hasSelection()


def test_a_line_of_the_worst_items_marks_the_item(panel: ErrorsPanel, qtbot: QtBot) -> None:
    measured(panel, qtbot)
    open_page(panel, "items")
    table = panel.view.lists.rows
    at = table.visualRect(table.model().index(1, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    state = panel.state  # type: ignore[attr-defined]
    assert state.selection.items.tolist() == [table.lines[1].index]


def test_bars_are_read_and_followed_by_keys(panel: ErrorsPanel, qtbot: QtBot) -> None:
    measured(panel, qtbot)
    bars, state = panel.view.bars, panel.state  # type: ignore[attr-defined]
    bars.setFocus()
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    assert panel.view.read_out.text().startswith("observed 2: training RMSE")
    assert bars.accessibleDescription() == panel.view.read_out.text()
    with qtbot.waitSignal(state.selection_changed):
        qtbot.keyClick(bars, Qt.Key.Key_Return)
    open_page(panel, "density")
    density = panel.view.density
    density.setFocus()
    qtbot.keyClick(density, Qt.Key.Key_Up)
    assert "observed" in density.accessibleDescription()


def test_the_errors_follow_training_no_oftener_than_every_quarter_of_a_second(
    panel: ErrorsPanel, qtbot: QtBot
) -> None:
    measured(panel, qtbot)
    model, answers = panel.run_model, []  # type: ignore[attr-defined]
    panel._worker.done.connect(answers.append)
    model.set_status(Status.TRAINING)
    end = time.monotonic() + 0.9
    while time.monotonic() < end:
        runs.step_on(model)
        qtbot.wait(20)
    assert 2 <= len(answers) <= 5
    model.set_status(Status.DONE)
    qtbot.waitUntil(lambda: panel._answer.question.model is model.shown)  # type: ignore[union-attr]


def test_a_hidden_panel_measures_nothing_until_it_is_seen(
    panel: ErrorsPanel, qtbot: QtBot
) -> None:
    panel.hide()
    runs.train(panel.run_model)  # type: ignore[attr-defined]
    qtbot.wait(60)
    assert panel._answer is None
    panel.show()
    qtbot.waitUntil(lambda: panel._answer is not None)


def test_preferences_are_said_to_be_such(panel: ErrorsPanel, qtbot: QtBot) -> None:
    measured(panel, qtbot, solver="implicit-als")
    assert "predicts preferences" in panel._note.text()
    for page in PAGES:
        open_page(panel, page)
        panel.grab()


def test_factors_that_are_not_finite_are_counted(panel: ErrorsPanel, qtbot: QtBot) -> None:
    measured(panel, qtbot)
    model = panel.run_model  # type: ignore[attr-defined]
    factors = model.snapshot.model
    model.snapshot = Snapshot(9, replace(
        factors, user_factors=np.full_like(factors.user_factors, np.nan)), is_refit=True)
    model.snapshot_changed.emit()
    qtbot.waitUntil(lambda: "not finite" in panel._note.text())
    for page in PAGES:
        open_page(panel, page)
        panel.grab()


def test_other_ratings_take_the_errors_away(
    panel: ErrorsPanel, qtbot: QtBot, tiny: Ratings
) -> None:
    measured(panel, qtbot)
    model = panel.run_model  # type: ignore[attr-defined]
    model.set_ratings(tiny, model.report)
    assert panel._sentence.isVisible()


def test_picture_and_list_stand_side_by_side_where_there_is_width(
    panel: ErrorsPanel, qtbot: QtBot
) -> None:
    measured(panel, qtbot)
    for size, is_beside in (((360, 640), False), ((1000, 270), True)):
        panel.resize(*size)
        qtbot.waitUntil(lambda size=size: panel.width() == size[0])  # type: ignore[misc]
        qtbot.waitUntil(lambda is_beside=is_beside: (  # type: ignore[misc]
            panel.view._list.x() > panel.view._picture.x()) == is_beside)
        assert not panel._scroll.verticalScrollBar().isVisible()


def test_every_control_is_named_and_explained(panel: ErrorsPanel) -> None:
    for widget in (panel.tools.page_box, *panel.tools.parts.buttons.values(), panel.view.back):
        assert widget.accessibleName()
        assert widget.toolTip()
        assert widget.whatsThis()
    for widget in (panel.view.bars, panel.view.density, panel.view.lists.cells,
                   panel.view.lists.groups, panel.view.lists.rows):
        assert widget.accessibleName()
        assert widget.whatsThis()
