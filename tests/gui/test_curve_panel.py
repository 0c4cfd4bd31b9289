"""The learning curve: everything drawn, nothing drawn that is not there."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from mfgui.core.settings import RunSettings
from mfgui.gui.panels.curve import CurvePanel, duration_text
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import DARK
from mfgui.gui.widgets.curve_data import COLUMNS, CurveData, GrowingPairs, Scale, figure
from mfgui.gui.widgets.plain_axis import log_ticks, round_ticks, tick_text
from mfgui.training.events import EpochRecord, Notice


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
def panel(model: RunModel, qtbot: QtBot) -> CurvePanel:
    made = CurvePanel()
    qtbot.addWidget(made)
    made.set_models(model, None)
    made.resize(800, 300)
    made.show()
    qtbot.waitExposed(made)
    return made


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
    assert panel.plot.is_following


def test_the_plot_has_a_menu_of_its_own(panel: CurvePanel, qtbot: QtBot) -> None:
    menu = panel.plot.menu()
    assert [action.text().replace("&", "") for action in menu.actions() if action.text()] == [
        "Fit", "Export picture...", "Export values..."]
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
    seams = panel.plot._marks.seams
    assert [line.value() for line, _ in seams] == [3, 5]
    assert [line.label.format for line, _ in seams] == ["continued", "refit"]


def test_training_on_from_an_earlier_epoch_is_drawn_behind(
    panel: CurvePanel, model: RunModel
) -> None:
    add(panel, model, [record(epoch) for epoch in range(10)])
    add(panel, model, [record(epoch, 1) for epoch in range(4, 7)])
    assert drawn(panel, "train_rmse", 1)[0] == [9, 10, 11]


def test_a_notice_with_an_epoch_is_a_mark(panel: CurvePanel, model: RunModel) -> None:
    add(panel, model, [record(epoch) for epoch in range(4)])
    model.add_notice(Notice("warning", "The loss rises.", 2))
    model.add_notice(Notice("warning", "No epoch."))
    assert [x for _, x, _ in panel.plot._marks.notices] == [2]


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
    panel.plot._point_near(place.toPointF())
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
