"""The learning curve: everything drawn, nothing drawn that is not there."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, setting
from mfgui.gui.panels.curve import CurvePanel
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import DARK
from mfgui.gui.widgets.curve_bounds import Box, steady, with_levels
from mfgui.gui.widgets.curve_data import TRIAL, CurveData, figure
from mfgui.gui.widgets.curve_lines import GrowingPairs, Scale
from mfgui.gui.widgets.curve_words import COLUMNS
from mfgui.gui.widgets.plain_axis import log_ticks, round_ticks, tick_text
from mfgui.gui.widgets.run_end import duration_text, end_text
from mfgui.inspection.trial import Trial
from mfgui.training.events import Baselines, EpochRecord, Notice, RunResult, StopReason


def record(
    epoch: int, segment: int = 0, *, is_refit: bool = False, train: float | None = None,
    validation: float | None = 1.0,
) -> EpochRecord:
    value = 3.0 / (epoch + 1) if train is None else train
    return EpochRecord(epoch, segment, is_refit, value * 10, value * 9, value,
                       validation, None, epoch * 0.002, 0.05)


@pytest.fixture
def model() -> RunModel:
    return RunModel()


@pytest.fixture
def panel(model: RunModel, qtbot: QtBot) -> Iterator[CurvePanel]:
    made = CurvePanel()
    qtbot.addWidget(made)
    made.set_models(model, None)
    made.resize(800, 300)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shut_down()


def drawn(panel: CurvePanel, column: str, segment: int = 0) -> tuple[list[float], list[float]]:
    x, y = panel.plot._lines[(segment, column)].getData()
    return list(x), list(y)


def add(panel: CurvePanel, model: RunModel, records: list[EpochRecord]) -> None:
    model.add_events(list(records))
    panel._redraw()


def test_before_a_run_there_is_one_sentence_and_no_axes(panel: CurvePanel) -> None:
    texts = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert texts == ["The loss curve grows here once you press Train."]
    assert not panel.plot.isVisible()


def test_while_training_prepares_it_says_so(panel: CurvePanel, model: RunModel) -> None:
    model.start_run("sgd", RunSettings())
    assert panel._empty.text().startswith("Preparing")
    add(panel, model, [record(0)])
    assert panel.plot.isVisible()


def test_every_record_is_drawn(panel: CurvePanel, model: RunModel) -> None:
    add(panel, model, [record(epoch) for epoch in range(5)])
    add(panel, model, [record(epoch) for epoch in range(5, 9)])
    x, y = drawn(panel, "train_rmse")
    assert x == list(range(9))
    assert y == [3.0 / (epoch + 1) for epoch in range(9)]
    assert panel.plot.isVisible()


def test_records_are_drawn_by_themselves_soon(
    panel: CurvePanel, model: RunModel, qtbot: QtBot
) -> None:
    model.add_events([record(0), record(1)])
    qtbot.waitUntil(lambda: (0, "train_rmse") in panel.plot._lines)


def test_what_is_not_finite_is_never_drawn(panel: CurvePanel, model: RunModel) -> None:
    add(panel, model, [record(0), record(1, train=math.nan, validation=math.inf), record(2)])
    assert drawn(panel, "train_rmse")[0] == [0, 2]
    assert drawn(panel, "validation_rmse")[0] == [0, 2]


def test_loss_and_rmse_are_two_views(panel: CurvePanel, model: RunModel) -> None:
    add(panel, model, [record(0), record(1)])
    button = panel.findChild(QPushButton, "lossButton")
    assert button is not None
    button.click()
    assert panel.view == "loss"
    assert drawn(panel, "loss")[1] == [30, 15]
    assert (0, "train_rmse") not in panel.plot._lines


@pytest.mark.parametrize("values", [[0.0, 0.0], [-1.0, 0.0], [1.0, 0.0], [5.0, 5.0]])
def test_logarithmic_axes_bear_any_values(
    panel: CurvePanel, model: RunModel, values: list[float]
) -> None:
    for name in ("logX", "logY"):
        box = panel.findChild(QCheckBox, name)
        assert box is not None
        box.click()
    add(panel, model, [record(k, train=value, validation=None) for k, value in enumerate(values)])
    for (_, _), line in panel.plot._lines.items():
        for values_drawn in line.getData():
            assert values_drawn is None or np.isfinite(values_drawn).all()
    panel.grab()
    panel.set_log(is_log_x=False, is_log_y=False)
    assert drawn(panel, "train_rmse")[1] == values


def test_a_zoom_is_kept_until_fit(panel: CurvePanel, model: RunModel, qtbot: QtBot) -> None:
    add(panel, model, [record(epoch) for epoch in range(20)])
    box = panel.plot.getPlotItem().vb
    qtbot.wait(1)
    _wheel(panel, qtbot)
    assert not panel.plot.is_following
    before = box.viewRange()
    add(panel, model, [record(epoch) for epoch in range(20, 40)])
    assert box.viewRange() == before
    button = panel.findChild(QPushButton, "fitCurveButton")
    assert button is not None
    button.click()
    assert panel.plot.is_following
    assert box.viewRange()[0][1] > 39


def _wheel(panel: CurvePanel, qtbot: QtBot) -> None:
    """Turn the wheel over the middle of the plot."""
    from PySide6.QtCore import QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    view = panel.plot.viewport()
    place = QPointF(view.rect().center())
    event = QWheelEvent(
        place, QPointF(view.mapToGlobal(place.toPoint())), QPoint(0, 0), QPoint(0, 240),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False)
    QApplication.sendEvent(view, event)


def test_a_double_click_shows_everything_again(
    panel: CurvePanel, model: RunModel, qtbot: QtBot
) -> None:
    add(panel, model, [record(epoch) for epoch in range(20)])
    _wheel(panel, qtbot)
    qtbot.mouseDClick(panel.plot.viewport(), Qt.MouseButton.LeftButton)
    qtbot.mouseRelease(panel.plot.viewport(), Qt.MouseButton.LeftButton)  # it leaves it down
    assert panel.plot.is_following


def test_the_plot_has_a_menu_of_its_own(panel: CurvePanel, qtbot: QtBot) -> None:
    menu = panel.plot.menu()
    assert [action.text().replace("&", "") for action in menu.actions() if action.text()] == [
        "Fit", "Copy picture", "Copy values", "Export picture...", "Export values..."]
    with qtbot.waitSignal(panel.export_requested) as caught:
        menu.actions()[-1].trigger()
    assert caught.args == ["values"]


def test_segments_are_lines_of_their_own_with_a_seam(panel: CurvePanel, model: RunModel) -> None:
    add(panel, model, [record(epoch) for epoch in range(4)])
    add(panel, model, [record(epoch, 1) for epoch in range(3, 6)])
    add(panel, model, [record(epoch, 2, is_refit=True, validation=None) for epoch in range(3)])
    assert drawn(panel, "train_rmse", 1)[0] == [3, 4, 5]
    assert drawn(panel, "train_rmse", 2)[0] == [5, 6, 7]
    assert (2, "validation_rmse") not in panel.plot._lines
    assert marks(panel) == [(3, "continued"), (5, "refit")]


def test_training_on_from_an_earlier_epoch_is_drawn_behind(
    panel: CurvePanel, model: RunModel
) -> None:
    add(panel, model, [record(epoch) for epoch in range(10)])
    add(panel, model, [record(epoch, 1) for epoch in range(4, 7)])
    assert drawn(panel, "train_rmse", 1)[0] == [9, 10, 11]


def marks(panel: CurvePanel) -> list[tuple[float, str]]:
    return [(mark.line.value(), mark.line.label.format) for mark in panel.plot.marks.marks]


def test_a_notice_with_an_epoch_is_a_mark(panel: CurvePanel, model: RunModel) -> None:
    add(panel, model, [record(epoch) for epoch in range(4)])
    model.add_notice(Notice("warning", "The loss rises.", 2))
    model.add_notice(Notice("warning", "No epoch."))
    assert marks(panel) == [(2, "!")]


def test_the_arrow_keys_read_one_epoch_after_another(
    panel: CurvePanel, model: RunModel, qtbot: QtBot
) -> None:
    add(panel, model, [record(epoch) for epoch in range(4)])
    read_out = panel.findChild(QLabel, "curveReadOut")
    assert read_out is not None
    qtbot.keyClick(panel.plot, Qt.Key.Key_Home)
    qtbot.keyClick(panel.plot, Qt.Key.Key_Right)
    assert read_out.text() == "epoch 1   train 1.5000   validation 1.0000"
    qtbot.keyClick(panel.plot, Qt.Key.Key_Escape)
    assert read_out.text() == ""


def test_the_pointer_reads_the_nearest_epoch(
    panel: CurvePanel, model: RunModel, qtbot: QtBot
) -> None:
    add(panel, model, [record(epoch) for epoch in range(11)])
    read_out = panel.findChild(QLabel, "curveReadOut")
    assert read_out is not None
    box = panel.plot.getPlotItem().vb
    from pyqtgraph import Point

    place = panel.plot.mapFromScene(box.mapViewToScene(Point(7.2, 1.0)))
    panel.plot.cursor_.move_near(panel.plot.mapToScene(place), panel.plot.marks)
    assert read_out.text().startswith("epoch 7 ")


def test_a_new_run_begins_a_new_curve(panel: CurvePanel, model: RunModel) -> None:
    model.start_run("sgd", RunSettings())
    add(panel, model, [record(epoch) for epoch in range(4)])
    model.start_run("sgd", RunSettings())
    assert list(panel.values()[1]()) == []
    assert not panel.plot.isVisible()


def test_training_on_keeps_the_curve(panel: CurvePanel, model: RunModel) -> None:
    model.start_run("sgd", RunSettings())
    add(panel, model, [record(epoch) for epoch in range(4)])
    model.start_run("sgd", RunSettings(), is_continued=True)
    assert len(list(panel.values()[1]())) == 4


def test_the_figures_tell_the_newest_epoch(panel: CurvePanel, model: RunModel) -> None:
    add(panel, model, [record(0, validation=2.0), record(1, validation=1.25),
                       record(2, validation=1.5)])
    figures = {name: panel.findChild(QLabel, f"{name}Figure").text()
               for name in ("train_rmse", "validation_rmse", "test_rmse")}
    assert figures == {"train_rmse": "1.0000", "validation_rmse": "1.5000", "test_rmse": ""}
    details = panel.figures._details.text()
    assert "best epoch 1" in details
    assert "rate 0.05" in details
    assert "2 ms per epoch" in details


def test_values_are_one_row_a_record(panel: CurvePanel, model: RunModel, tmp_path: Path) -> None:
    add(panel, model, [record(0), record(1, validation=None)])
    columns, make_rows = panel.values()
    rows = list(make_rows())
    assert columns == COLUMNS
    assert len(rows) == 2
    assert rows[1][columns.index("validation_rmse")] is None
    with (tmp_path / "curve.csv").open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


@pytest.mark.parametrize("is_dark", [False, True])
def test_pictures_are_written(
    panel: CurvePanel, model: RunModel, tmp_path: Path, *, is_dark: bool
) -> None:
    if is_dark:
        panel.set_theme(DARK)
    add(panel, model, [record(epoch) for epoch in range(30)])
    (tmp_path / "curve.png").write_bytes(panel.picture("curve.png")())
    image = QImage(str(tmp_path / "curve.png"))
    assert image.width() > 800
    assert b"<svg" in panel.picture("curve.svg")()


def test_a_long_line_is_reduced_to_its_peaks() -> None:
    pairs = GrowingPairs()
    for x in range(100_000):
        pairs.append(x, 50.0 if x == 77_777 else 1.0)
    points = pairs.drawn(Scale(), 0, 100_000, 500)
    assert points.is_reduced
    assert points.x.size <= 1010
    assert points.y.max() == 50.0
    assert (np.diff(points.x) >= 0).all()


def test_the_first_epochs_of_a_long_run_stay_on_a_logarithmic_axis() -> None:
    pairs = GrowingPairs()
    for x in range(100_000):
        pairs.append(x, 1.0 / (x + 1))
    points = pairs.drawn(Scale(is_log_x=True), 0, 5, 500)
    assert set(np.round(10.0**points.x[:16])) >= set(range(1, 9))


def test_only_the_visible_part_is_drawn_with_a_point_on_either_side() -> None:
    pairs = GrowingPairs()
    for x in range(100):
        pairs.append(x, x)
    assert pairs.drawn(Scale(), 10.5, 13.5, 100).x.tolist() == [10, 11, 12, 13, 14]


def test_the_best_epoch_ignores_a_refit() -> None:
    data = CurveData()
    data.append([record(0, validation=2.0), record(1, validation=1.0)])
    data.append([record(0, 1, is_refit=True, validation=0.5)])
    assert data.best_epoch == 1


@pytest.mark.parametrize(
    ("low", "high"), [(-1, 3), (0.0, 0.05), (-300, 300), (2.0, 2.4), (-8, -7), (-0.3, 0.7)])
def test_a_logarithmic_axis_has_ticks_that_do_not_crowd(low: float, high: float) -> None:
    ticks = log_ticks(low, high, 5, is_whole=False)
    assert 2 <= len(ticks) <= 9
    assert all(low - 1e-6 <= tick <= high + 1e-6 for tick in ticks)


def test_epochs_have_whole_ticks() -> None:
    assert round_ticks(0, 2.2, 8, is_whole=True) == (1.0, [0, 1, 2])


@pytest.mark.parametrize(
    ("value", "text"), [(10_000, "10,000"), (0.05, "0.05"), (1e-7, "1e-7"), (1e10, "1e10")])
def test_ticks_are_plain_numbers(value: float, text: str) -> None:
    assert tick_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.81234567, "0.8123"), (2105183.2, "2,105,183"), (0.0, "0.0000"),
                        (1.5e-6, "1.5e-06"), (math.nan, "none"), (2e12, "2e+12")])
def test_figures_have_digits_enough_and_no_more(value: float, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.82, "0.82 s"), (12.3, "12 s"), (200, "3 min 20 s"),
                          (7500, "2 h 5 min")])
def test_durations_are_told_as_people_do(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


BASELINES = Baselines(1.117, 0.908, 1.2, 0.95)


def levels(panel: CurvePanel) -> dict[str, float]:
    return {name: line.value() for name, line in panel.plot.levels.lines.items()}


def words(panel: CurvePanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


def result(model: RunModel, **values: Any) -> RunResult:
    empty = np.zeros((1, 1), np.float32)
    given: dict[str, Any] = {
        "solver": "sgd", "settings": RunSettings(), "state": {}, "history": (),
        "model": FactorModel(empty, empty, empty[0], empty[0], 0.0, (1, 5)),
        "stopped_because": StopReason.FINISHED, "n_epochs_run": 30, "best_epoch": 28,
        "kept_epoch": 30, "learning_rate": 0.05, "is_refit": False, "train_loss": 1.0,
        "train_rmse": 0.7, "validation_rmse": 0.8391, "test_rmse": None, "train_seconds": 2.345,
        "n_validation": 100_021, "n_unseen_validation": 0, "n_test": 0, "n_unseen_test": 0,
        "last_record": record(30), "baselines": BASELINES}
    return RunResult(**{**given, **values})


def end(panel: CurvePanel) -> str:
    label = panel.findChild(QLabel, "curveEnd")
    assert label is not None
    return label.text() if label.isVisible() else ""


def test_what_has_to_be_beaten_is_drawn_across_the_rmse_and_named_beside_it(
    panel: CurvePanel, model: RunModel
) -> None:
    model.add_events([BASELINES])
    add(panel, model, [record(epoch, train=0.9 - epoch / 100) for epoch in range(9)])
    assert levels(panel) == {"mean": 1.117, "bias": 0.908}
    assert "always the average" in words(panel)
    assert panel.findChild(QLabel, "meanFigure").text() == "1.1170"
    panel.set_view("loss")
    assert levels(panel) == {}
    assert "always the average" not in words(panel)


def test_without_validation_the_test_files_baselines_are_drawn(
    panel: CurvePanel, model: RunModel
) -> None:
    model.add_events([Baselines(None, None, 1.2, 0.95)])
    add(panel, model, [record(epoch) for epoch in range(4)])
    assert levels(panel) == {"mean": 1.2, "bias": 0.95}


def test_without_anything_held_out_nothing_is_to_beat(panel: CurvePanel, model: RunModel) -> None:
    model.add_events([Baselines(None, None, None, None)])
    add(panel, model, [record(epoch) for epoch in range(4)])
    assert levels(panel) == {}


def test_a_new_run_has_its_own_baselines(panel: CurvePanel, model: RunModel) -> None:
    model.start_run("sgd", RunSettings())
    model.add_events([BASELINES, record(0), record(1)])
    model.start_run("sgd", RunSettings())
    add(panel, model, [record(0), record(1)])
    assert levels(panel) == {}


def test_a_level_bears_a_logarithmic_axis_even_at_0(panel: CurvePanel, model: RunModel) -> None:
    model.add_events([Baselines(10.0, 0.0, None, None)])
    add(panel, model, [record(epoch) for epoch in range(4)])
    panel.set_log(is_log_x=False, is_log_y=True)
    assert levels(panel) == {"mean": 1.0}


def test_the_view_takes_levels_in_unless_the_curve_would_look_flat() -> None:
    assert with_levels(0.7, 1.0, [1.2, 0.9], Scale()) == (0.7, 1.2)
    assert with_levels(2.0, 3.0, [1.2, 0.9], Scale()) == (0.9, 3.0)
    assert with_levels(2.0, 2.1, [1.2, 0.9], Scale()) == (2.0, 2.1)
    assert with_levels(0.7, 0.8, [1.2, 0.9], Scale()) == (0.7, 0.9)
    assert with_levels(1.0, 10.0, [100.0], Scale(is_log_y=True)) == (1.0, 100.0)
    assert with_levels(1.0, 1.0, [1.2], Scale()) == (1.0, 1.0)


def test_the_view_of_a_run_that_trains_beside_others_moves_now_and_then_only() -> None:
    box = Box(0, 10, 1, 2)
    assert steady(None, box) == box
    grown = steady(box, Box(0, 11, 1, 2))
    assert grown == Box(0, 12.1, 1, 2)
    assert steady(grown, Box(0, 11.9, 1, 2)) is grown
    assert steady(grown, Box(0, 11.9, 1.5, 2)) == Box(0, 11.9, 1.5, 2)
    assert steady(grown, Box(0, 5, 1, 2)) == Box(0, 5, 1, 2)


def test_an_arrow_says_where_a_level_out_of_view_lies(panel: CurvePanel, model: RunModel) -> None:
    model.add_events([BASELINES])
    add(panel, model, [record(epoch, train=30 - epoch, validation=30) for epoch in range(9)])
    assert panel.findChild(QLabel, "meanFigure").text() == "1.1170 ↓"


def ranked(epoch: int, ndcg: float, **values: Any) -> EpochRecord:
    return replace(record(epoch, validation=None), train_rmse=None, validation_ndcg=ndcg,
                   validation_precision=ndcg / 2, validation_recall=ndcg / 3, **values)


def test_a_run_without_rmse_shows_how_it_ranks_and_never_says_rmse(
    panel: CurvePanel, model: RunModel
) -> None:
    add(panel, model, [ranked(epoch, 0.1 + epoch / 100) for epoch in range(5)])
    assert panel.view == "ranking"
    assert drawn(panel, "validation_ndcg")[1] == pytest.approx([0.1, 0.11, 0.12, 0.13, 0.14])
    assert "NDCG@10" in words(panel)
    buttons = [each.text() for each in panel.findChildren(QPushButton) if each.isVisible()]
    assert buttons == ["Loss", "Ranking", "Fit"]
    assert "best epoch 4" in panel.figures._details.text()
    axis = panel.plot.getPlotItem().getAxis("left").labelText
    assert not any("RMSE" in text for text in [*words(panel), axis])
    panel.plot.cursor_.move_to(2)
    assert panel.head.read_out.text() == (
        "epoch 2   NDCG@10 0.1200   precision@10 0.0600   recall@10 0.0400")


def test_a_refit_without_figures_leaves_the_ranking_in_view(
    panel: CurvePanel, model: RunModel
) -> None:
    add(panel, model, [ranked(epoch, 0.1) for epoch in range(3)])
    add(panel, model, [replace(record(k, 1, is_refit=True, validation=None), train_rmse=None)
                       for k in range(3)])
    assert panel.view == "ranking"


def test_where_there_is_a_loss_alone_the_loss_is_shown(panel: CurvePanel, model: RunModel) -> None:
    add(panel, model, [replace(record(k, validation=None), train_rmse=None) for k in range(3)])
    assert panel.view == "loss"
    model.start_run("sgd", RunSettings())
    add(panel, model, [record(0), record(1)])
    assert panel.view == "rmse"


def test_who_chose_the_loss_keeps_it_in_the_next_runs(panel: CurvePanel, model: RunModel) -> None:
    panel.set_view("loss")
    add(panel, model, [ranked(epoch, 0.1) for epoch in range(3)])
    assert panel.view == "loss"


def test_the_members_of_an_average_are_numbered_and_have_best_epochs_of_their_own(
    panel: CurvePanel, model: RunModel
) -> None:
    @dataclass(frozen=True)
    class _Settings(RunSettings):
        n_members: int = setting(2, "Members", "How many.")

    model.start_run("average", _Settings())
    for segment in range(4):
        add(panel, model, [
            replace(record(k, segment, is_refit=segment > 1, validation=1 + segment - k / 10),
                    average_rmse=1.0 if segment < 2 else None) for k in range(3)])
        if segment == 1:
            assert panel.figures._details.text().startswith("model 2 of 2, epoch 2\nbest epoch 2")
    assert [word for _, word in marks(panel)] == ["2", "refit", "2"]
    assert panel.figures._details.text().startswith("model 2 of 2, refit epoch 2\nrate")
    assert "average so far" in words(panel)
    assert "average_rmse" in panel.values()[0]


def test_many_notices_at_one_epoch_are_one_mark_and_the_last_is_read(
    panel: CurvePanel, model: RunModel
) -> None:
    add(panel, model, [record(0), record(1)])
    for k in range(3):
        model.add_notice(Notice("warning", f"Back for the {k}. time.", 2))
    add(panel, model, [record(2), record(3)])
    assert marks(panel) == [(2, "! ×3")]
    panel.plot.cursor_.move_to(2)
    assert panel.head.read_out.text().endswith(
        "Back for the 2. time.   (2 more there, in Messages)")


def test_words_of_near_marks_stand_below_each_other(panel: CurvePanel, model: RunModel) -> None:
    add(panel, model, [record(epoch) for epoch in range(200)])
    for epoch in (20, 21, 22, 150):
        model.add_notice(Notice("warning", "The loss rose.", epoch))
    panel._redraw()
    panel.grab()  # places what only painting places
    boxes = [mark.line.label.mapRectToScene(mark.line.label.boundingRect()).adjusted(2, 4, -2, -4)
             for mark in panel.plot.marks.marks]  # without the margins of the letters
    for k, box in enumerate(boxes):
        assert not any(box.intersects(other) for other in boxes[k + 1:])
    assert boxes[0].top() == boxes[3].top()


def test_the_pointer_near_a_mark_reads_its_epoch(panel: CurvePanel, model: RunModel) -> None:
    add(panel, model, [record(epoch) for epoch in range(5001)])
    model.add_notice(Notice("warning", "The loss rose.", 2000))
    box = panel.plot.getPlotItem().vb
    from pyqtgraph import Point

    pixel = box.viewPixelSize()[0]
    for shift, is_read in ((2 * pixel, True), (9 * pixel, False)):
        place = panel.plot.mapFromScene(box.mapViewToScene(Point(2000 + shift, 0.5)))
        panel.plot.cursor_.move_near(panel.plot.mapToScene(place), panel.plot.marks)
        assert ("The loss rose." in panel.head.read_out.text()) is is_read


def test_a_notice_before_the_first_record_of_a_run_stands_at_its_seam(
    panel: CurvePanel, model: RunModel
) -> None:
    model.start_run("sgd", RunSettings())
    add(panel, model, [record(epoch) for epoch in range(10)])
    model.start_run("als", RunSettings(), is_continued=True)
    model.add_events([Notice("information", "Going on from epoch 4.", 4), record(4, 1),
                      record(5, 1)])
    panel._redraw()
    assert marks(panel) == [(9, "continued")]
    assert panel.plot.marks.texts_at(9) == ["Going on from epoch 4."]


def test_a_notice_keeps_its_place_where_the_next_segment_came_with_it(
    panel: CurvePanel, model: RunModel
) -> None:
    model.add_events([record(0), record(1), Notice("warning", "The loss rose.", 2), record(2),
                      record(0, 1), record(1, 1)])
    panel._redraw()
    assert marks(panel) == [(2, "continued !")]
    model.add_events([Notice("warning", "It rose again.", 2)])
    assert marks(panel)[-1] == (4, "!")


def test_the_largest_stable_rate_stands_beside_the_rate_in_use(
    panel: CurvePanel, model: RunModel, qtbot: QtBot
) -> None:
    add(panel, model, [replace(record(40), learning_rate=0.001, rate_limit=0.0037),
                       replace(record(41), learning_rate=0.001)])
    assert panel.rate_line.text.text() == (
        "rate 0.001     largest stable rate, epoch 40: at most 0.0037")
    assert not panel.rate_line.remedy.isVisible()
    assert "upper bound" in panel.rate_line.text.toolTip()
    add(panel, model, [replace(record(42), learning_rate=0.005, rate_limit=0.0036)])
    with qtbot.waitSignal(panel.rate_wanted) as caught:
        panel.rate_line.remedy.click()
    assert caught.args == [0.0025]
    assert "rate_limit" in panel.values()[0]


def test_a_run_without_a_limit_has_no_line_of_rates(panel: CurvePanel, model: RunModel) -> None:
    model.start_run("gradient-descent", RunSettings())
    add(panel, model, [replace(record(epoch), rate_limit=0.1) for epoch in range(3)])
    assert panel.rate_line.isVisible()
    model.start_run("sgd", RunSettings(), is_continued=True)
    add(panel, model, [record(epoch, 1) for epoch in range(2, 4)])
    assert not panel.rate_line.isVisible()


def test_the_end_says_what_was_reached_and_what_it_means(
    panel: CurvePanel, model: RunModel, tiny: Ratings
) -> None:
    model.ratings = tiny
    add(panel, model, [record(0)])
    assert end(panel) == ""
    model.add_events([result(model, is_refit=True)])
    assert end(panel) == (
        "Done: 30 epochs in 2.3 s. RMSE 0.839 on 100,021 held-out ratings, measured before the "
        "final training on all; always guessing the average: 1.117; user and item bias: 0.908.")
    model.start_run("sgd", RunSettings())
    assert end(panel) == ""


@pytest.mark.parametrize(("reason", "text"), [
    (StopReason.EARLY_STOPPING, "Stopped early after 30 epochs; epoch 28 was best and is kept."),
    (StopReason.STOPPED, "Stopped after 30 epochs."),
    (StopReason.DIVERGED, "Diverged after 30 epochs; the last sound factors are kept.")])
def test_the_end_says_how_it_came(model: RunModel, reason: StopReason, text: str) -> None:
    assert end_text(result(model, stopped_because=reason)) == text


def test_the_end_of_a_refit_after_early_stopping_counts_all_epochs(model: RunModel) -> None:
    ended = result(model, stopped_because=StopReason.EARLY_STOPPING, is_refit=True)
    assert end_text(ended) == "Stopped early, then trained on all: 30 epochs in 2.3 s."


def trial(losses: tuple[float, ...], rmses: tuple[float, ...] = ()) -> Trial:
    rows = np.zeros((1, 1), np.float32)
    return Trial(FactorModel(rows, rows, rows[0], rows[0], 0.0, (1.0, 5.0)),
                 f"a copy, {len(losses) - 1} steps on", losses, rmses)


def test_the_curve_follows_a_copy_from_the_last_record_on_and_says_so(
    panel: CurvePanel, model: RunModel
) -> None:
    add(panel, model, [record(k) for k in range(5)])
    model.set_trial(trial((9.0, 8.0, 7.5), (1.0, 0.9, 0.85)))
    assert drawn(panel, "train_rmse", TRIAL) == ([4, 5, 6], [1.0, 0.9, 0.85])
    assert drawn(panel, "train_rmse")[0] == [0, 1, 2, 3, 4]
    assert "a copy, 2 steps on" in panel._end.text()
    panel.set_view("loss")
    assert drawn(panel, "loss", TRIAL) == ([4, 5, 6], [9.0, 8.0, 7.5])
    left, right = panel.plot.getPlotItem().vb.viewRange()[0]
    assert left <= 0
    assert right >= 6
    model.set_trial(None)
    assert (TRIAL, "loss") not in panel.plot._lines
    assert panel._end.isHidden()


def test_a_step_taken_back_is_taken_off_the_curve(panel: CurvePanel, model: RunModel) -> None:
    add(panel, model, [record(k) for k in range(3)])
    model.set_trial(trial((9.0, 8.0, 7.5), (1.0, 0.9, 0.85)))
    model.set_trial(trial((9.0, 8.0), (1.0, 0.9)))
    assert drawn(panel, "train_rmse", TRIAL) == ([2, 3], [1.0, 0.9])


def test_a_copy_is_drawn_before_there_was_any_run(panel: CurvePanel, model: RunModel) -> None:
    model.set_trial(trial((9.0, 8.0)))
    assert panel.view == "loss"
    assert drawn(panel, "loss", TRIAL) == ([0, 1], [9.0, 8.0])
    assert panel.plot.isVisible()
    model.set_trial(None)
    assert not panel.plot.isVisible()
