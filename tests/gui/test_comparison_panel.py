"""The comparison: sentence, intervals, what differs, and the way from a line to its cell."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.gui.panels.comparison import ComparisonPanel
from mfgui.gui.theme import DARK, LIGHT
from mfgui.gui.widgets.comparison_whisker import Whisker, Whiskers, nice_step
from mfgui.inspection.comparison import OtherModel
from mfgui.inspection.differences import furthest_cell
from mfgui.inspection.seeds import seed_spread
from mfgui.jobs.compare import Shown, compare
from mfgui.jobs.files import save_run
from mfgui.training.session import TrainingSession

_SPEC = importlib.util.spec_from_file_location(
    "trained_run", Path(__file__).with_name("trained_run.py"))
runs = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(runs)


@pytest.fixture
def panel(qtbot: QtBot, planted: Ratings) -> Iterator[ComparisonPanel]:
    made = ComparisonPanel()
    qtbot.addWidget(made)
    made.run_model, made.state = runs.opened_run(planted, made)  # type: ignore[attr-defined]
    made.set_models(made.run_model, made.state)  # type: ignore[attr-defined]
    made.set_theme(LIGHT)
    made.resize(380, 900)
    made.show()
    yield made
    made.shut_down()


@pytest.fixture
def other(panel: ComparisonPanel, planted: Ratings, tmp_path: Path) -> OtherModel:
    """Train the shown model; return one of fewer factors from a file, compared with it."""
    model = panel.run_model  # type: ignore[attr-defined]
    runs.train(model, seed=1, patience=0)
    settings = SOLVERS["als"].settings_type(n_factors=1, n_epochs=4, seed=1, patience=0)
    *_, result = TrainingSession("als", settings, planted).epochs()
    path = tmp_path / "small.npz"
    list(save_run(Control(), path, result, planted))
    *_, found = compare(Control(), [path], Shown(
        model.shown, planted, model.known, model.before_refit, "Run 1 ALS", "als",
        as_dict(model.settings)))
    return found


def shown(panel: ComparisonPanel, other: OtherModel, qtbot: QtBot) -> ComparisonPanel:
    panel.run_model.set_other(other)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: bool(panel.rows.table.lines))
    return panel


def choose(panel: ComparisonPanel, qtbot: QtBot, *keys: str) -> None:
    """Press the buttons, and wait for the lines that they ask for."""
    for key in keys:
        for row in (panel.rows.sides, panel.rows.winners):
            if key in row.buttons:
                row.buttons[key].click()
        if (place := panel.rows.keys.findData(key)) >= 0:
            panel.rows.keys.setCurrentIndex(place)
            panel.rows.keys.activated.emit(place)
    qtbot.waitUntil(lambda: panel.rows._shown == panel.rows.question)


def test_without_a_comparison_it_says_how_to_begin_one(
    panel: ComparisonPanel, qtbot: QtBot
) -> None:
    assert not panel.sentence.isVisible()
    assert not panel.compare_ticked.isEnabled()
    assert not panel.compare_file.isEnabled()
    runs.train(panel.run_model)  # type: ignore[attr-defined]
    assert panel.compare_file.isEnabled()
    with qtbot.waitSignal(panel.file_wanted):
        panel.compare_file.click()


def test_names_figures_and_the_sentence_are_shown(
    panel: ComparisonPanel, other: OtherModel, qtbot: QtBot
) -> None:
    shown(panel, other, qtbot)
    assert [name.text() for name in panel.head.names] == ["Run 1 ALS", "small.npz"]
    assert other.figures is not None
    paired = other.figures.paired
    assert paired is not None
    assert panel.head.values[0][0].text() == f"{paired.rmse.value:.4f}"
    assert panel.head.values[1][1].text() == f"{paired.mae.other_value:.4f}"
    assert panel.sentence.text().startswith("Of these two trained models A is better by")
    assert "not about their settings" in panel.notes.text()
    assert "neither model was trained on" in panel.notes.text()
    assert [each.label for each in panel.whiskers.whiskers] == ["RMSE", "MAE"]
    lines = [(line.label, line.value, line.other_value) for line in panel.settings.table.lines]
    assert lines == [("Factors", "4", "1")]


def test_seeds_are_drawn_beside_it_and_caveats_told(
    panel: ComparisonPanel, other: OtherModel, qtbot: QtBot
) -> None:
    spread = seed_spread({1: 0.90, 2: 0.91}, {1: 0.93, 2: 0.95})
    shown(panel, replace(other, seeds=spread, caveats=("Run 1 ALS is of a search.",)), qtbot)
    assert panel.whiskers.whiskers[-1].label == "Over seeds"
    assert "Validation RMSE over seeds" in panel.notes.text()
    assert "is of a search" in panel.notes.text()


def test_why_there_are_no_figures_takes_the_place_of_the_sentence(
    panel: ComparisonPanel, other: OtherModel
) -> None:
    assert other.figures is not None
    figures = replace(other.figures, n_ratings=0, rmse=None, other_rmse=None, paired=None,
                      users=None, items=None, note="There is no rating that is honest.")
    panel.run_model.set_other(  # type: ignore[attr-defined]
        replace(other, figures=figures, settings=None))
    assert panel.sentence.text() == "There is no rating that is honest."
    assert "honest" not in panel.notes.text()
    assert not panel.rows.isVisible()
    assert not panel.whiskers.isVisible()
    assert "not known" in panel.settings.sentence.text()


def test_lines_are_those_of_the_choice(
    panel: ComparisonPanel, other: OtherModel, qtbot: QtBot
) -> None:
    shown(panel, other, qtbot)
    assert other.figures is not None
    rows = {"users": other.figures.users, "items": other.figures.items}
    for keys in (("users", "a", "squares"), ("items", "b", "squares"), ("items", "a", "change"),
                 ("users", "b", "change")):
        choose(panel, qtbot, *keys)
        table = rows[keys[0]]
        assert table is not None
        assert panel.rows.question == keys
        assert list(panel.rows.table.lines) == list(
            table.lines(keys[2], better="ab".index(keys[1])))


def test_a_line_is_marked_in_the_matrices_and_its_cell_explained(
    panel: ComparisonPanel, other: OtherModel, qtbot: QtBot, planted: Ratings
) -> None:
    shown(panel, other, qtbot)
    state, table = panel.state, panel.rows.table  # type: ignore[attr-defined]
    at = table.visualRect(table.lines_model.index(1, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at))
    assert state.selection.users.tolist() == [table.lines[1].index]
    with qtbot.waitSignal(panel.inspector_wanted):
        qtbot.keyClick(table, Qt.Key.Key_Return)
    model = panel.run_model.shown  # type: ignore[attr-defined]
    assert state.pinned == furthest_cell(
        model, other.model, planted, table.lines[1].index, is_user=True)
    choose(panel, qtbot, "items")
    at = table.visualRect(table.lines_model.index(0, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at))
    assert state.selection.items.tolist() == [table.lines[0].index]


def test_figures_of_a_model_that_has_changed_since_are_said_to_be_old(
    panel: ComparisonPanel, other: OtherModel, qtbot: QtBot
) -> None:
    shown(panel, other, qtbot)
    assert not panel.stale.isVisible()
    runs.step_on(panel.run_model)  # type: ignore[attr-defined]
    assert panel.stale.isVisible()
    panel.run_model.set_other(  # type: ignore[attr-defined]
        replace(other, shown_model=panel.run_model.shown))  # type: ignore[attr-defined]
    assert not panel.stale.isVisible()


def test_other_ratings_leave_no_lines_of_the_old_ones(
    panel: ComparisonPanel, other: OtherModel, qtbot: QtBot, tiny: Ratings
) -> None:
    shown(panel, other, qtbot)
    panel.run_model.set_ratings(tiny, panel.run_model.report)  # type: ignore[attr-defined]
    assert not panel.rows.table.lines
    assert not panel.sentence.isVisible()


def test_the_end_of_the_comparison_is_a_button_away(
    panel: ComparisonPanel, other: OtherModel, qtbot: QtBot
) -> None:
    shown(panel, other, qtbot)
    panel.end.click()
    assert panel.run_model.other is None  # type: ignore[attr-defined]
    assert not panel.sentence.isVisible()


def test_what_is_hidden_ranks_nothing_until_it_is_seen(
    panel: ComparisonPanel, other: OtherModel, qtbot: QtBot
) -> None:
    panel.hide()
    panel.run_model.set_other(other)  # type: ignore[attr-defined]
    assert panel._worker._thread is None
    panel.show()
    qtbot.waitUntil(lambda: bool(panel.rows.table.lines))


@pytest.mark.parametrize("size", [(260, 400), (380, 900), (710, 260), (1050, 250)])
def test_nothing_is_cut_off_at_any_size(
    panel: ComparisonPanel, other: OtherModel, qtbot: QtBot, size: tuple[int, int]
) -> None:
    shown(panel, other, qtbot)
    panel.resize(*size)
    qtbot.waitUntil(lambda: all(label.height() >= label.heightForWidth(label.width())
                                for label in (panel.sentence, panel.notes)))
    for widget in (panel.sentence, panel.notes, panel.whiskers, panel.rows, panel.head):
        assert widget.width() >= widget.minimumSizeHint().width()
        assert widget.mapTo(panel._scroll.widget(), QPoint()).x() + widget.width() <= (
            panel._scroll.widget().width())


# -- the intervals --------------------------------------------------------------------------------


@pytest.fixture
def whiskers(qtbot: QtBot) -> Whiskers:
    made = Whiskers()
    qtbot.addWidget(made)
    made.resize(400, 100)
    return made


def test_the_dot_and_its_interval_stand_on_the_side_of_the_better_one(whiskers: Whiskers) -> None:
    whiskers.show_whiskers([Whisker("RMSE", -0.005, -0.006, -0.004),
                            Whisker("MAE", 0.001, -0.001, 0.003)])
    zero = whiskers._x(0.0)
    assert whiskers._x(-0.006) < whiskers._x(-0.004) < zero < whiskers._x(0.003) < 400
    assert [each.is_sure for each in whiskers.whiskers] == [True, False]
    assert "RMSE −0.0050, 95 %: −0.006 to −0.004" in whiskers.accessibleDescription()
    assert 2 <= len(whiskers.ticks()) <= 7
    assert any(abs(tick) < 1e-12 for tick in whiskers.ticks())


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_sure_difference_is_a_filled_dot_and_an_unsure_one_is_hollow(
    whiskers: Whiskers, theme: Any
) -> None:
    whiskers.set_theme(theme)
    whiskers.show_whiskers([Whisker("RMSE", -0.005, -0.009, -0.001),
                            Whisker("MAE", -0.005, -0.013, 0.003)])
    image = whiskers.grab().toImage()
    x = whiskers._x(-0.005) * image.devicePixelRatio()
    plot = whiskers._plot()
    colours = [image.pixelColor(round(x), round(
        (plot.top() + (place + 0.5) * whiskers._row) * image.devicePixelRatio()))
        for place in range(2)]
    assert colours == [QColor(theme.accent), QColor(theme.plot_ground)]


def test_a_far_wider_interval_does_not_squeeze_the_others(whiskers: Whiskers) -> None:
    whiskers.show_whiskers([Whisker("RMSE", -0.005, -0.006, -0.004),
                            Whisker("Over seeds", -0.004, -0.4, 0.4)])
    assert whiskers._x(-0.004) - whiskers._x(-0.006) > 30
    whiskers.grab()


def test_equal_models_and_one_user_are_drawn_too(whiskers: Whiskers) -> None:
    whiskers.show_whiskers([Whisker("RMSE", 0.0, 0.0, 0.0)])
    whiskers.grab()
    whiskers.show_whiskers([Whisker("RMSE", 0.2, None, None)])
    whiskers.grab()
    assert not whiskers.whiskers[0].is_sure
    whiskers.show_whiskers([])
    assert whiskers.isHidden()


def test_of_models_that_are_alike_a_sentence_stands_in_the_place_of_an_empty_table(
    panel: ComparisonPanel, other: OtherModel, qtbot: QtBot
) -> None:
    shown(panel, other, qtbot)
    assert panel.rows.none.isHidden()
    ratings = panel.run_model.ratings  # type: ignore[attr-defined]
    panel.rows.show_rows(("items", "b", "squares"), (), ratings, other)
    assert panel.rows.none.text() == "There is no item where B is better."
    assert not panel.rows.none.isHidden()
    assert panel.rows.table.isHidden()


@pytest.mark.parametrize("width", [220, 320, 900])
@pytest.mark.parametrize("ends", [
    (-2e-7, 3e-7), (0.0, 0.0), (-0.00012, 0.00007), (-0.31, -0.28), (-4.0, 90.0)])
def test_numbers_of_the_scale_stand_apart(
    whiskers: Whiskers, width: int, ends: tuple[float, float]
) -> None:
    whiskers.resize(width, 100)
    whiskers.show_whiskers([Whisker("RMSE", sum(ends) / 2, *ends)])
    ticks = whiskers.ticks()
    texts = whiskers.tick_texts(ticks)
    assert 1 <= len(set(texts)) == len(texts)
    assert max(map(len, texts)) <= len("+0.00001")
    boxes = whiskers.tick_boxes(ticks)
    assert all(left + wide < right for (left, wide), (right, _) in pairwise(boxes))
    assert boxes[0][0] >= 0
    assert sum(boxes[-1]) <= width


def test_steps_are_round() -> None:
    assert [nice_step(least) for least in (0.0011, 0.2, 3.0, 7.0)] == pytest.approx(
        [0.002, 0.2, 5.0, 10.0])
    assert np.isfinite(nice_step(1e-9))
