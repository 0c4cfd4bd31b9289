"""Curves of several runs over each other: told apart, read out, and never in the way."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage
from PySide6.QtWidgets import QComboBox, QSplitter, QWidget
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings
from mfgui.core.settings import as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.gui.panels.curve import CurvePanel
from mfgui.gui.run_looks import SWATCH
from mfgui.gui.run_model import RunModel
from mfgui.gui.run_track import RunTrack
from mfgui.gui.theme import DARK
from mfgui.gui.widgets import curve_reader
from mfgui.gui.widgets.curve_painter import DrawnLine
from mfgui.gui.widgets.curve_table import CurveTable, LegendRow
from mfgui.gui.widgets.popup_button import PopupButton
from mfgui.store.project import NewRun, Project, SourceInfo, create_project
from mfgui.training.events import Baselines, EpochRecord, Notice


def record(epoch: int, segment: int = 0, *, validation: float | None = 1.0,
           test: float | None = None, is_refit: bool = False) -> EpochRecord:
    return EpochRecord(epoch, segment, is_refit, 30 / (epoch + 1), 27 / (epoch + 1),
                       3 / (epoch + 1), validation, test, epoch * 0.5, 0.05)


class Runs:
    """A small project with runs, and a panel that follows it."""

    def __init__(self, project: Project, ratings: Ratings) -> None:
        self.project, self.model = project, RunModel()
        source = SourceInfo(0, "sample", "", "sample", "0" * 64, {}, {}, 1, 1, 1, False)
        self.source = project.add_source(source, ratings)

    def add(self, records: list[EpochRecord], solver: str = "adagrad", **settings: object) -> int:
        declared = as_dict(SOLVERS[solver].settings_type())
        run = self.project.begin_run(NewRun(solver, {**declared, **settings}, self.source))
        self.project.add_records(run.id, records)
        assert self.project.writer is not None
        self.project.writer.flush()
        self.project.change_run(run.id, status="finished")
        self.model.project.put(self.project.run(run.id))
        return run.id

    def begin(self) -> None:
        self.model.project.set_project(self.project, self.project.runs())


@pytest.fixture
def runs(tmp_path: Path, tiny: Ratings) -> Iterator[Runs]:
    project = create_project(tmp_path / "runs.mfgui")
    made = Runs(project, tiny)
    made.begin()
    yield made
    project.close()


@pytest.fixture
def panel(runs: Runs, qtbot: QtBot) -> Iterator[CurvePanel]:
    made = CurvePanel()
    qtbot.addWidget(made)
    made.set_models(runs.model, None)
    made.resize(1000, 320)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shut_down()


@pytest.fixture
def tick(panel: CurvePanel, runs: Runs, qtbot: QtBot) -> Callable[..., None]:
    def do(*run_ids: int) -> None:
        for run_id in run_ids:
            runs.model.project.tick(run_id, True)
        settle(panel, qtbot)
    return do


def settle(panel: CurvePanel, qtbot: QtBot) -> None:
    """Wait until all lines are read and painted."""
    qtbot.waitUntil(lambda: not any(
        curve.note == curve_reader.READING for curve in panel.several._curves))
    qtbot.waitUntil(lambda: not panel.plot.overlay.is_waiting)


def lines(panel: CurvePanel) -> dict[int, DrawnLine]:
    picture = panel.plot.overlay.shown.picture
    return {line.curve.row: line for line in picture.lines} if picture is not None else {}


def legend(panel: CurvePanel) -> list[tuple[str, str, str]]:
    model = panel.stage.table.model_
    return [tuple(model.index(k, column).data() for column in range(3))  # type: ignore[misc]
            for k in range(model.rowCount())]


def show(runs: Runs, run_id: int) -> None:
    """Look at a run of the project, as a click on it does."""
    info = runs.project.run(run_id)
    runs.model.show_track(RunTrack(
        run_id=run_id, solver=info.solver, history=list(runs.project.history(run_id))))


def test_without_a_tick_there_is_one_run_with_its_figures(
    panel: CurvePanel, runs: Runs, qtbot: QtBot
) -> None:
    one = runs.add([record(k) for k in range(5)])
    show(runs, one)
    runs.model.project.tick(one, True)
    assert not panel.several.is_on
    assert panel.figures.isVisible()
    assert panel.stage.table.isHidden()
    assert (0, "train_rmse") in panel.plot._lines


def test_ticked_runs_are_drawn_over_each_other_with_what_differs_as_names(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None]
) -> None:
    one = runs.add([record(k, validation=1 / (k + 1)) for k in range(5)], n_factors=64)
    two = runs.add([record(k, validation=2 / (k + 1)) for k in range(8)], n_factors=128)
    tick(one, two)
    assert legend(panel) == [("adagrad, F=64", "4", "0.2000"), ("adagrad, F=128", "7", "0.2500")]
    drawn = lines(panel)
    assert drawn[one].raw.x.tolist() == [0, 1, 2, 3, 4]
    assert drawn[two].raw.y == pytest.approx([2 / (k + 1) for k in range(8)])
    looks = {(drawn[k].curve.colour, drawn[k].curve.style) for k in (one, two)}
    assert looks == {runs.model.project.look(one), runs.model.project.look(two)}
    assert len(looks) == 2
    assert not panel.figures.isVisible()


def test_runs_that_were_ticked_before_are_drawn_at_once(
    runs: Runs, qtbot: QtBot
) -> None:
    for seed in (1, 2):
        runs.model.project.tick(runs.add([record(k) for k in range(5)], seed=seed), True)
    made = CurvePanel()
    qtbot.addWidget(made)
    made.show()
    made.set_models(runs.model, None)
    settle(made, qtbot)
    assert [row[1] for row in legend(made)] == ["4", "4"]
    made.shut_down()


def test_the_run_that_is_shown_is_drawn_too_and_bold_in_the_legend(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one = runs.add([record(k) for k in range(5)], n_factors=64)
    two = runs.add([record(k) for k in range(8)], n_factors=128)
    show(runs, one)
    tick(two)
    assert set(lines(panel)) == {one, two}
    assert [row.is_bold for row in panel.stage.table.model_.rows] == [True, False]
    runs.model.project.tick(two, False)
    assert not panel.several.is_on
    assert panel.figures.isVisible()
    assert panel.plot._lines[(0, "train_rmse")].getData()[0].size == 5


def test_a_run_that_trains_grows_beside_the_others(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one = runs.add([record(k) for k in range(5)], n_factors=64)
    live = runs.add([], n_factors=32)
    settings = SOLVERS["adagrad"].settings_type(n_factors=32)
    runs.model.start_run("adagrad", settings)
    runs.model.track.run_id = live
    runs.model.project.set_shown(live)
    runs.model.project.set_running(live)
    tick(one)
    assert ("adagrad, F=32", "none", "") in legend(panel)
    for k in range(12):
        runs.model.add_events([record(k, validation=0.5)])
    qtbot.waitUntil(lambda: live in lines(panel) and lines(panel)[live].raw.x.size == 12)
    assert ("adagrad, F=32", "11", "0.5000") in legend(panel)
    # Fixed and growing curves are painted apart.
    assert len(panel.plot.overlay.shown.picture.layers) == 2


def test_a_run_that_trains_unseen_is_drawn_with_the_ticked_ones(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one = runs.add([record(k) for k in range(5)], n_factors=64)
    live = runs.add([], n_factors=32)
    runs.model.start_run("adagrad", SOLVERS["adagrad"].settings_type(n_factors=32))
    runs.model.track.run_id = live
    runs.model.project.set_running(live)
    runs.model.add_events([record(0), record(1)])
    two = runs.add([record(k) for k in range(3)], n_factors=16)
    show(runs, two)
    tick(one)
    runs.model.add_events([record(2), record(3)])
    qtbot.waitUntil(lambda: live in lines(panel) and lines(panel)[live].raw.x.size == 4)
    assert set(lines(panel)) == {one, two, live}


def test_runs_without_the_measure_say_so(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one = runs.add([record(k, test=2.0) for k in range(5)], n_factors=64)
    two = runs.add([record(k) for k in range(5)], n_factors=128)
    tick(one, two)
    box = panel.findChild(QComboBox, "curveMeasure")
    assert box is not None
    assert [box.itemText(k) for k in range(box.count())] == [
        "Validation RMSE", "Training RMSE", "Test RMSE", "Loss", "Data term"]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    settle(panel, qtbot)
    assert legend(panel) == [("adagrad, F=64", "4", "2.0000"), ("adagrad, F=128", "none", "")]
    model = panel.stage.table.model_
    assert model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole) == (
        "adagrad, F=128<br>adagrad, F=128 has no test RMSE.")
    assert set(lines(panel)) == {one}


def test_the_measure_that_was_looked_at_stays_in_view(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one, two = (runs.add([record(k) for k in range(5)], seed=seed) for seed in (1, 2))
    show(runs, one)
    panel.set_view("loss")
    tick(two)
    assert panel.runs.measure == "loss"
    assert panel.plot.getPlotItem().getAxis("left").labelText == "loss"
    panel.runs.set_measure("train_rmse")
    runs.model.project.tick(two, False)
    assert panel.view == "rmse"


def test_pointing_reads_all_curves_at_once(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None]
) -> None:
    one = runs.add([record(k, validation=1 / (k + 1)) for k in range(0, 40, 2)], n_factors=64)
    two = runs.add([record(k, validation=2 / (k + 1)) for k in range(30)], n_factors=128)
    tick(one, two)
    from pyqtgraph import Point

    box = panel.plot.getPlotItem().vb
    place = panel.plot.mapFromScene(box.mapViewToScene(Point(9.2, 0.2)))
    panel.plot.pointer.move_near(panel.plot.mapToScene(place))
    assert legend(panel) == [("adagrad, F=64", "10", "0.0909"), ("adagrad, F=128", "9", "0.2000")]
    assert panel.plot.pointer.row == two
    assert panel.head.read_out.text() == "adagrad, F=128   epoch 9   0.2000"
    assert panel.plot.pointer._strong.isVisible()
    panel.plot.pointer.move_to(None)
    assert legend(panel)[0] == ("adagrad, F=64", "38", "0.0256")
    assert panel.head.read_out.text() == ""


def test_the_keys_read_record_after_record_and_run_after_run(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one = runs.add([record(k) for k in range(0, 40, 2)], n_factors=64)
    two = runs.add([record(k) for k in range(30)], n_factors=128)
    tick(one, two)
    pointer = panel.plot.pointer
    for key, expected in ((Qt.Key.Key_Home, (0, one)), (Qt.Key.Key_Right, (2, one)),
                          (Qt.Key.Key_Down, (2, two)), (Qt.Key.Key_Right, (3, two)),
                          (Qt.Key.Key_End, (29, two)), (Qt.Key.Key_Left, (28, two)),
                          (Qt.Key.Key_Up, (28, one)), (Qt.Key.Key_Escape, (None, None))):
        qtbot.keyClick(panel.plot, key)
        assert (pointer.x, pointer.row) == expected
    qtbot.keyClick(panel.plot, Qt.Key.Key_Left)
    assert panel.plot.accessibleDescription() == (
        "adagrad, F=64   epoch 38   1.0000 validation RMSE")


def test_a_chosen_row_is_drawn_stronger(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None]
) -> None:
    one, two = (runs.add([record(k) for k in range(5)], seed=seed) for seed in (1, 2))
    tick(one, two)
    panel.stage.table.selectRow(1)
    assert panel.plot.pointer.row == two
    assert panel.plot.pointer._strong.isVisible()
    assert legend(panel)[0][1] == "4"


def test_x_may_be_seconds_end_to_end(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one = runs.add([*(record(k) for k in range(4)),
                    *(record(k, 1, is_refit=True) for k in range(3))], seed=1)
    two = runs.add([record(k) for k in range(3)], seed=2)
    tick(one, two)
    panel.head.choices.choose(is_seconds=True)
    settle(panel, qtbot)
    qtbot.waitUntil(lambda: bool(lines(panel)))
    x, y = lines(panel)[one].raw.x, lines(panel)[one].raw.y
    np.testing.assert_allclose(x[np.isfinite(y)], [0, 0.5, 1, 1.5, 1.5, 2, 2.5], rtol=1e-12)
    assert panel.plot.getPlotItem().getAxis("bottom").labelText == "seconds of training"
    left, right = panel.plot.getPlotItem().vb.viewRange()[0]
    assert left <= 0
    assert 2.5 <= right < 3
    assert legend(panel)[1] == ("adagrad, seed=2", "1", "1.0000")


@pytest.mark.parametrize("is_seconds", [False, True])
def test_logarithmic_axes_show_what_a_logarithm_has(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot, *, is_seconds: bool
) -> None:
    one = runs.add([record(k, validation=k - 1.0) for k in range(10)], seed=1)
    two = runs.add([record(k, validation=10.0) for k in range(10)], seed=2)
    tick(one, two)
    panel.head.choices.choose(is_seconds=is_seconds)
    panel.set_log(is_log_x=True, is_log_y=True)
    settle(panel, qtbot)
    qtbot.waitUntil(lambda: bool(lines(panel)))
    for line in lines(panel).values():
        assert np.isfinite(line.raw.x).all()
        assert np.isfinite(line.raw.y).all()
    assert lines(panel)[one].raw.x.size == 8
    panel.grab()


def test_smoothing_leaves_the_line_faint_behind_its_mean(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one, two = (runs.add([record(k, validation=1 + k % 2) for k in range(50)], seed=seed)
                for seed in (1, 2))
    tick(one, two)
    panel.head.choices.choose(half_life=10)
    settle(panel, qtbot)
    smooth = lines(panel)[one].smooth
    assert smooth is not None
    assert lines(panel)[one].raw.y.max() == 2
    assert smooth.y[-1] == pytest.approx(1.5, abs=0.05)  # the mean of 1 and 2, within its ripple
    button = panel.findChild(PopupButton, "curveChoicesButton")
    assert button is not None
    assert button.text() == "By epoch, smoothed 10"


def test_one_run_can_be_smoothed_too(panel: CurvePanel, runs: Runs, qtbot: QtBot) -> None:
    one = runs.add([record(k, validation=1 + k % 2) for k in range(50)])
    show(runs, one)
    panel.head.choices.choose(half_life=10)
    qtbot.waitUntil(lambda: panel.plot.overlay.shown.picture is not None
                    and len(panel.plot.overlay.shown.picture.lines) == 2)
    assert not panel.plot._lines
    columns, rows = panel.values()
    values = [row[columns.index("smoothed_validation_rmse")] for row in rows()]
    assert values == pytest.approx([1.5] * 50, abs=0.05)
    panel.head.choices.choose(half_life=0)
    qtbot.waitUntil(lambda: panel.plot.overlay.shown.picture is None)
    assert (0, "validation_rmse") in panel.plot._lines


def test_what_is_not_finite_is_marked_at_the_top(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one = runs.add([record(k, validation=math.inf if k == 7 else 1.0) for k in range(10)], seed=1)
    two = runs.add([record(k) for k in range(10)], seed=2)
    tick(one, two)
    assert panel.plot.overlay.shown.marks == [(7.0, runs.model.project.look(one)[0])]
    panel.plot.pointer.move_to(7.0, one)
    assert legend(panel)[0] == ("adagrad, seed=1", "7", "not finite")


def test_what_is_not_finite_is_marked_in_the_curve_of_one_run(
    panel: CurvePanel, runs: Runs, qtbot: QtBot
) -> None:
    runs.model.add_events([record(0), record(1, validation=math.nan), record(2)])
    qtbot.waitUntil(lambda: [x for x, _ in panel.plot.overlay.shown.marks] == [1.0])


def test_a_zoom_shows_more_of_the_same_curves_until_fit(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    rng = np.random.default_rng(0)
    values = 1 + rng.random(20_000)
    one = runs.add([record(k, validation=float(values[k])) for k in range(20_000)], seed=1)
    two = runs.add([record(k) for k in range(10)], seed=2)
    tick(one, two)
    assert lines(panel)[one].raw.is_reduced
    box = panel.plot.getPlotItem().vb
    box.setRange(xRange=(5000, 5100), padding=0)
    box.sigRangeChangedManually.emit([True, True])
    settle(panel, qtbot)
    raw = lines(panel)[one].raw
    assert not raw.is_reduced
    np.testing.assert_array_equal(raw.y, values[raw.x.astype(int)])
    assert not panel.plot.is_following
    panel.plot.fit()
    settle(panel, qtbot)
    assert lines(panel)[one].raw.y.max() == values.max()
    assert box.viewRange()[0][1] > 19_999


def test_a_run_that_went_astray_does_not_flatten_the_others(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None]
) -> None:
    ids = [runs.add([record(k, validation=1 + 1 / (k + 1)) for k in range(9)], seed=seed)
           for seed in range(3)]
    ids.append(runs.add([record(k, validation=10.0**k) for k in range(9)], seed=9))
    tick(*ids)
    assert panel.plot.getPlotItem().vb.viewRange()[1][1] < 3


def test_what_has_to_be_beaten_stands_in_the_legend(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one, two = (runs.add([record(k) for k in range(5)], seed=seed) for seed in (1, 2))
    show(runs, one)
    runs.model.baselines = Baselines(1.117, 0.908, None, None)
    runs.model.baselines_changed.emit()
    tick(two)
    assert legend(panel)[2:] == [("always the average", "", "1.1170"),
                                 ("user and item bias", "", "0.9080")]


def test_marks_of_one_run_are_not_drawn_over_several(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None]
) -> None:
    one, two = (runs.add([record(k) for k in range(5)], seed=seed) for seed in (1, 2))
    show(runs, one)
    runs.model.add_notice(Notice("warning", "The loss rose.", 2))
    mark = panel.plot.marks.marks[0].line
    assert mark.isVisible()
    tick(two)
    assert not mark.isVisible()
    runs.model.project.tick(two, False)
    assert mark.isVisible()


def test_values_are_all_records_of_all_runs(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], tmp_path: Path, qtbot: QtBot
) -> None:
    one = runs.add([record(k, test=3.0) for k in range(5)], n_factors=64)
    two = runs.add([*(record(k) for k in range(4)), *(record(k, 1) for k in range(2))],
                   n_factors=128)
    tick(one, two)
    panel.head.choices.choose(half_life=5)
    columns, make_rows = panel.values()
    rows = list(make_rows())
    assert columns[:4] == ("run", "name", "epoch", "segment")
    assert columns[-3:] == ("epochs_trained", "seconds_trained", "smoothed_validation_rmse")
    assert len(rows) == 11
    assert rows[0][:2] == (1, "adagrad, F=64")
    assert [row[columns.index("epochs_trained")] for row in rows[5:]] == [0, 1, 2, 3, 3, 4]
    assert rows[-1][columns.index("test_rmse")] is None
    with (tmp_path / "curves.csv").open("w", newline="") as file:
        csv.writer(file).writerows([columns, *rows])


@pytest.mark.parametrize("is_dark", [False, True])
def test_a_picture_has_every_curve_and_its_name(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], tmp_path: Path, *, is_dark: bool
) -> None:
    if is_dark:
        panel.set_theme(DARK)
    ids = [runs.add([record(k, validation=1 + seed / 10) for k in range(9)], seed=seed)
           for seed in range(12)]
    tick(*ids)
    (tmp_path / "curves.png").write_bytes(panel.picture("curves.png")())
    image = QImage(str(tmp_path / "curves.png"))
    assert image.width() >= 1800
    svg = panel.picture("curves.svg")().decode()
    for seed in range(12):
        assert f"adagrad, seed={seed}:" in svg
    assert svg.count("<polyline") + svg.count("<path") >= 12


def test_what_does_not_fit_in_memory_is_not_drawn_and_says_so(
    panel: CurvePanel, runs: Runs, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curve_reader, "MOST_BYTES", 24 * 150)
    one, two = (runs.add([record(k) for k in range(100)], seed=seed) for seed in (1, 2))
    for run_id in (one, two):
        runs.model.project.tick(run_id, True)
    settle(panel, qtbot)
    assert legend(panel)[1] == ("adagrad, seed=2", "too long", "")
    runs.model.project.tick(one, False)
    settle(panel, qtbot)
    assert legend(panel) == [("adagrad", "99", "1.0000")]


def test_a_run_that_trained_on_since_is_read_anew(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one, two = (runs.add([record(k) for k in range(5)], seed=seed) for seed in (1, 2))
    tick(one, two)
    runs.project.add_records(one, [record(k) for k in range(5, 8)])
    assert runs.project.writer is not None
    runs.project.writer.flush()
    runs.model.project.put(runs.project.run(one))
    settle(panel, qtbot)
    assert legend(panel)[0][1] == "7"


def test_a_ticked_run_that_trains_elsewhere_is_followed(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None], qtbot: QtBot
) -> None:
    one, two = (runs.add([record(k) for k in range(5)], seed=seed) for seed in (1, 2))
    tick(one, two)
    new = [record(k) for k in range(5, 9)]
    runs.project.add_records(two, new)
    assert runs.project.writer is not None
    runs.project.writer.flush()
    runs.model.project.take_records(two, new)
    qtbot.waitUntil(lambda: legend(panel)[1] == ("adagrad, seed=2", "8", "1.0000"))


def test_a_long_history_is_laid_out_by_a_worker(
    panel: CurvePanel, runs: Runs, qtbot: QtBot
) -> None:
    one = runs.add([record(k) for k in range(5)])
    track = RunTrack(run_id=one, solver="adagrad", history=[record(k) for k in range(5000)])
    runs.model.show_track(track)
    assert panel._history.is_making
    qtbot.waitUntil(lambda: (0, "train_rmse") in panel.plot._lines)
    assert len(panel._data.records) == 5000


def test_a_project_that_is_closed_takes_its_curves_with_it(
    panel: CurvePanel, runs: Runs, tick: Callable[..., None]
) -> None:
    one, two = (runs.add([record(k) for k in range(5)], seed=seed) for seed in (1, 2))
    tick(one, two)
    runs.model.project.set_project(None)
    assert not panel.several.is_on
    assert panel.plot.overlay.shown.picture is None


def test_the_legend_has_room_for_a_method_and_two_settings(qtbot: QtBot) -> None:
    table = CurveTable()
    qtbot.addWidget(table)
    table.resize(table.minimumWidth(), 200)
    table.show()
    name = "adagrad, F=32, epochs=15"
    table.set_rows([LegendRow(1, name, "#000000", Qt.PenStyle.SolidLine, "15", "0.5077",
                              is_bold=True)], "Epoch", "Value")
    font = table.font()
    font.setBold(True)
    room = table.columnWidth(0) - SWATCH[0] - 10  # the style's margins
    assert QFontMetrics(font).horizontalAdvance(name) <= room


def test_a_long_name_gets_the_room_that_there_is(qtbot: QtBot) -> None:
    row = QSplitter()
    qtbot.addWidget(row)
    table = CurveTable()
    row.addWidget(QWidget())
    row.addWidget(table)
    row.resize(1400, 200)
    row.show()
    name = "adagrad, F=128, epochs=100000, split=user-time"
    table.set_rows([LegendRow("a", name, "#000000", Qt.PenStyle.SolidLine, is_bold=True)], "Epoch",
                   "Value")
    font = QFont(table.font())
    font.setBold(True)
    needed = QFontMetrics(font).horizontalAdvance(name) + SWATCH[0]
    qtbot.waitUntil(lambda: table.columnWidth(0) >= needed)
    row.resize(500, 200)
    table.set_rows([LegendRow("b", 9 * name, "#000000", Qt.PenStyle.SolidLine)], "Epoch", "Value")
    assert table.minimumWidth() == CurveTable().minimumWidth()  # the curves need room too
