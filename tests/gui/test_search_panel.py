"""Find settings: ranges edited in place, trials as they come, the best one taken over."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.gui.background import JobRunner
from mfgui.gui.job_watch import JobWatch
from mfgui.gui.panels.search import SearchPanel
from mfgui.gui.search_board import SearchBoard, head_text
from mfgui.gui.theme import DARK, LIGHT
from mfgui.gui.widgets.search_ranges import HIGH, LOG, LOW, NAME, VALUES
from mfgui.gui.widgets.search_scatter import visible_range
from mfgui.jobs.search import SearchPlan, find_settings
from mfgui.training.search_words import space_from

_SPEC = importlib.util.spec_from_file_location(
    "trained_run", Path(__file__).with_name("trained_run.py"))
runs = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(runs)

SETTINGS = SOLVERS["adagrad"].settings_type
SMALL = SETTINGS(n_factors=4, n_epochs=6, patience=0)


class Desk:
    """Runs the jobs of a panel as the window does, and keeps what else it asks for."""

    def __init__(self, panel: SearchPanel) -> None:
        self.runner, self.watch = JobRunner(panel), JobWatch()
        self.asked: list[tuple[Any, ...]] = []
        self.error: BaseException | None = None
        panel.job_wanted.connect(self.start)
        panel.settings_wanted.connect(lambda *what: self.asked.append(what))
        panel.train_wanted.connect(lambda *what: self.asked.append(what))
        panel.told.connect(lambda *what: self.asked.append(what))
        self.runner.events.connect(lambda events: self.watch.on_events(events))
        self.runner.finished.connect(self.end)

    def start(self, _text: str, job: Any, watch: JobWatch) -> None:
        self.watch = watch
        watch.on_start(self.runner.start(job))

    def end(self, error: BaseException | None) -> None:
        self.error = error
        self.watch.on_end(error)


@pytest.fixture
def panel(qtbot: QtBot, planted: Ratings) -> Iterator[SearchPanel]:
    made = SearchPanel()
    qtbot.addWidget(made)
    made.run_model, made.state = runs.opened_run(planted, made)  # type: ignore[attr-defined]
    made.run_model.set_next_run("adagrad", SMALL)  # type: ignore[attr-defined]
    made.desk = Desk(made)  # type: ignore[attr-defined]
    made.set_models(made.run_model, made.state)  # type: ignore[attr-defined]
    made.set_theme(LIGHT)
    made.options.fields["n_threads"].set_value(2)
    made.resize(1080, 260)
    made.show()
    yield made
    made.desk.runner.shut_down()  # type: ignore[attr-defined]
    made.shut_down()


def put(panel: SearchPanel, name: str, column: int, value: Any) -> None:
    """Type into a field of the table, or tick it."""
    model = panel.ranges.ranges
    row = next(k for k, each in enumerate(model.rows) if each.info.name == name)
    role = Qt.ItemDataRole.EditRole
    if isinstance(value, bool):
        role = Qt.ItemDataRole.CheckStateRole
        value = (Qt.CheckState.Checked if value else Qt.CheckState.Unchecked).value
    assert model.setData(model.index(row, column), value, role)


def searched(panel: SearchPanel, qtbot: QtBot, n_trials: int = 10) -> None:
    """Search to the end."""
    panel.options.fields["n_trials"].set_value(n_trials)
    panel.controls.start.click()
    qtbot.waitUntil(lambda: panel.board.found is not None and not panel.is_running, timeout=60_000)
    panel.catch_up()


def test_the_table_begins_with_the_ranges_of_the_method(panel: SearchPanel) -> None:
    space = panel.ranges.ranges.space()
    assert space.text() == (
        "n_factors=16:128:log,learning_rate=0.005:0.2:log,regularization=0.004:0.4:log")
    assert panel.controls.start.isEnabled()
    assert "40 trials" in panel.controls.message.text()


def test_before_there_is_a_trial_a_sentence_stands_in_the_place_of_empty_axes(
    panel: SearchPanel, qtbot: QtBot
) -> None:
    views = panel.views
    assert views.pages.currentWidget().text().startswith("Start trains one run")
    assert not views.segments.isVisible()
    assert not views.setting.isVisible()
    searched(panel, qtbot, 2)
    assert views.pages.currentWidget() is views.scatter
    assert views.segments.isVisible()
    assert views.setting.isVisible()


def test_the_keys_stay_with_the_buttons_of_the_search(panel: SearchPanel, qtbot: QtBot) -> None:
    qtbot.waitUntil(panel.isActiveWindow)
    controls = panel.controls
    controls.start.setFocus()
    panel.options.fields["n_trials"].set_value(6)
    qtbot.keyClick(controls.start, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: controls.pause.hasFocus() or not panel.is_running, timeout=60_000)
    panel.driver.cancel()
    qtbot.waitUntil(lambda: not panel.is_running, timeout=60_000)
    qtbot.waitUntil(lambda: controls.go_on.hasFocus() or controls.start.hasFocus())


def test_the_head_says_whether_first_trials_are_under_way_or_were_stopped() -> None:
    board = SearchBoard()
    assert head_text(board) == ""
    board._change(0, status="running")
    assert head_text(board) == "The first trials are under way ..."
    board.cut_off()
    assert head_text(board) == "Stopped before a trial was over."


def test_ranges_are_edited_in_place(panel: SearchPanel) -> None:
    put(panel, "n_factors", LOW, "2")
    put(panel, "n_factors", HIGH, "8")
    put(panel, "n_factors", LOG, False)
    put(panel, "learning_rate", NAME, False)
    put(panel, "regularization", VALUES, "0,01 ")  # typed as one value with a decimal comma
    put(panel, "regularization", VALUES, "0.01, 0.1")
    put(panel, "biases", NAME, True)
    assert panel.ranges.ranges.space().text() == (
        "n_factors=2:8,regularization=0.01,0.1,biases=off,on")


def test_who_types_a_range_means_to_search_it(panel: SearchPanel) -> None:
    put(panel, "damping", HIGH, "50")
    assert "damping" in panel.ranges.ranges.space().names


@pytest.mark.parametrize(("name", "column", "value", "words"), [
    ("n_factors", LOW, "many", "must be a number"),
    ("n_factors", LOW, "500", "empty"),
    ("n_factors", HIGH, "", "lowest and a highest"),
    ("learning_rate", LOW, "0", "above 0"),
    ("regularization", LOW, "0", "log range begins above 0"),
    ("biases", VALUES, "maybe", "on or off"),
])
def test_what_is_wrong_is_said_and_start_is_off(
    name: str, column: int, value: str, words: str, panel: SearchPanel
) -> None:
    put(panel, name, column, value)
    assert words in panel.controls.message.text()
    assert panel.controls.message.property("role") == "error"
    assert not panel.controls.start.isEnabled()


def test_a_wrong_form_and_no_ratings_are_said(panel: SearchPanel) -> None:
    model = panel.run_model  # type: ignore[attr-defined]
    model.set_next_run("adagrad", None)
    assert "Mend the settings" in panel.controls.message.text()
    model.set_next_run("adagrad", replace(SMALL, validation=0.0))
    assert "held-out ratings" in panel.controls.message.text()
    model.set_next_run("adagrad", SMALL)
    assert panel.controls.start.isEnabled()


def test_another_method_has_its_own_table_and_the_first_one_is_kept(panel: SearchPanel) -> None:
    model = panel.run_model  # type: ignore[attr-defined]
    put(panel, "n_factors", LOW, "3")
    model.set_next_run("als", SOLVERS["als"].settings_type())
    assert "learning_rate" not in [row.info.name for row in panel.ranges.ranges.rows]
    model.set_next_run("adagrad", SMALL)
    assert panel.ranges.ranges.space().ranges[0].low == 3


def test_a_grid_says_how_many_and_shows_the_steps(panel: SearchPanel) -> None:
    panel.options.method.setCurrentIndex(panel.options.method.findData("grid"))
    panel.options.fields["n_trials"].set_value(None)
    assert "64 combinations" in panel.controls.message.text()
    assert not panel.ranges.isColumnHidden(4)


def test_trials_are_shown_as_they_come_and_the_best_is_marked(
    panel: SearchPanel, qtbot: QtBot
) -> None:
    searched(panel, qtbot)
    board = panel.board
    assert len(board.lines) == board.n_over == 10
    assert board.best is not None
    assert board.best.score == min(line.score for line in board.lines)
    assert f"trial {board.best.trial}" in panel.head.text()
    panel.views.choose_view("trials")
    first = panel.views.trials.trials.lines[0]
    assert first.trial == board.best.trial  # sorted by what they came to
    panel.views.choose_view("result")
    assert "10 trials in" in panel.views.result.text()
    assert "looks better than it is" in panel.views.result.text()


def test_the_window_comes_to_the_same_as_the_job(panel: SearchPanel, qtbot: QtBot) -> None:
    searched(panel, qtbot, 8)
    plan = SearchPlan("adagrad", SMALL, panel.ranges.ranges.space(), n_trials=8)
    *_, alone = find_settings(Control(), plan, panel.run_model.ratings)  # type: ignore[attr-defined]
    assert [(line.values, line.score) for line in panel.board.lines] == [
        (each.values, each.score) for each in alone.search.outcomes]


def test_cancel_keeps_what_is_done_and_go_on_takes_it_up(
    panel: SearchPanel, qtbot: QtBot
) -> None:
    model = panel.run_model  # type: ignore[attr-defined]
    model.set_next_run("adagrad", replace(SMALL, n_epochs=400))
    panel.options.fields["n_trials"].set_value(12)
    panel.controls.start.click()
    assert panel.is_running
    assert not panel.controls.start.isEnabled()
    assert not panel.options.method.isEnabled()
    qtbot.waitUntil(lambda: panel.board.n_over >= 2, timeout=60_000)
    panel.controls.cancel.click()
    qtbot.waitUntil(lambda: not panel.is_running, timeout=60_000)
    done = {line.trial: line.score for line in panel.board.lines if line.is_over}
    assert 2 <= len(done) < 12
    assert panel.controls.go_on.isEnabled()
    panel.controls.go_on.click()
    qtbot.waitUntil(lambda: not panel.is_running and panel.board.n_over == 12, timeout=120_000)
    assert {trial: panel.board.line(trial).score for trial in done} == done
    assert not panel.controls.go_on.isEnabled()
    panel.options.fields["n_trials"].set_value(14)
    assert panel.controls.go_on.isEnabled()


def test_pause_waits_and_continue_goes_on(panel: SearchPanel, qtbot: QtBot) -> None:
    model = panel.run_model  # type: ignore[attr-defined]
    model.set_next_run("adagrad", replace(SMALL, n_epochs=60))
    panel.options.fields["n_trials"].set_value(8)
    panel.controls.start.click()
    panel.controls.pause.click()
    assert panel.controls.pause.text() == "Continue"
    assert "Paused" in panel.controls.message.text()
    assert panel.is_running
    panel.controls.pause.click()
    qtbot.waitUntil(lambda: not panel.is_running, timeout=60_000)
    assert panel.board.n_over == 8


def test_the_best_settings_go_into_the_form_by_one_click(
    panel: SearchPanel, qtbot: QtBot
) -> None:
    assert not panel.use.isEnabled()
    searched(panel, qtbot)
    panel.use.click()
    solver, values = panel.desk.asked[-1]  # type: ignore[attr-defined]
    best = panel.board.best
    assert best is not None
    assert solver == "adagrad"
    assert {name: values[name] for name in best.values} == best.values
    assert values["n_epochs"] == 6
    panel.refit.click()
    solver, settings, origin = panel.desk.asked[-1]  # type: ignore[attr-defined]
    assert settings.refit
    assert settings.n_factors == best.values["n_factors"]
    assert origin["best_trial"] == best.trial


def test_a_trial_under_the_pointer_is_read_and_a_click_chooses_it(
    panel: SearchPanel, qtbot: QtBot
) -> None:
    searched(panel, qtbot)
    views = panel.views
    for key, plot in (("scatter", views.scatter), ("parallel", views.parallel)):
        views.choose_view(key)
        views.chosen = None
        if key == "scatter":
            x, y, _ = views.scatter._points[3]
        else:
            x, y = 0.0, views.parallel._paths[3][0]
        at = plot.getPlotItem().vb.mapViewToScene(QPointF(x, y))
        nearest = plot.nearest(at)
        assert nearest is not None
        assert f"Trial {nearest.trial}" in plot.text_of(nearest)
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=plot.mapFromScene(at))
        assert views.chosen == nearest.trial


def test_keys_go_from_trial_to_trial_in_the_scatter(panel: SearchPanel, qtbot: QtBot) -> None:
    searched(panel, qtbot)
    scatter = panel.views.scatter
    order = [point[2].trial for point in sorted(scatter._points, key=lambda each: each[0])]
    qtbot.keyClick(scatter, Qt.Key.Key_Right)
    qtbot.keyClick(scatter, Qt.Key.Key_Right)
    assert f"Trial {order[1]}" in scatter.accessibleDescription()
    qtbot.keyClick(scatter, Qt.Key.Key_Return)
    assert panel.views.chosen == order[1]


def test_pruned_trials_are_told_by_shape_and_words(panel: SearchPanel, qtbot: QtBot) -> None:
    panel.run_model.set_next_run("adagrad", replace(SMALL, n_epochs=12))  # type: ignore[attr-defined]
    panel.options.is_pruned.setChecked(True)
    searched(panel, qtbot, 30)
    pruned = [line for line in panel.board.lines if line.is_pruned]
    assert pruned
    assert all(f"pruned, epoch {line.n_epochs}" in line.status_text for line in pruned)
    items = panel.views.scatter._items
    axis = panel.views.setting.currentData()
    assert items["pruned"].getData()[0].size == len([x for x in pruned if axis in x.values])
    assert items["pruned"].opts["symbol"] != items["over"].opts["symbol"]
    assert "✕ pruned" in panel.views.scatter._words[1]
    panel.views.choose_view("trials")
    assert all(line.note.startswith("Pruned at epoch") for line in pruned)


def test_a_heading_sorts_and_the_chosen_trial_stays_chosen(
    panel: SearchPanel, qtbot: QtBot
) -> None:
    searched(panel, qtbot)
    panel.views.choose_view("trials")
    table = panel.views.trials
    table.setCurrentIndex(table.trials.index(2, 0))
    chosen = panel.views.chosen
    assert chosen == table.trials.lines[2].trial
    keys = [column.key for column in table.trials.columns]
    table.sortByColumn(keys.index("n_factors"), Qt.SortOrder.AscendingOrder)
    factors = [line.values["n_factors"] for line in table.trials.lines]
    assert factors == sorted(factors)
    panel.catch_up()
    assert table.trials.lines[table.currentIndex().row()].trial == chosen


def test_both_themes_are_drawn(panel: SearchPanel, qtbot: QtBot) -> None:
    searched(panel, qtbot)
    for theme in (DARK, LIGHT):
        panel.set_theme(theme)
        for key in ("scatter", "parallel", "trials", "result"):
            panel.views.choose_view(key)
            assert not panel.grab().isNull()


def test_a_thousand_trials_are_drawn_within_a_frame(panel: SearchPanel) -> None:
    import time

    space = space_from("n_factors=1:64,learning_rate=0.01:0.5:log,biases=on,off", SETTINGS)
    from mfgui.jobs.search import KeptSearch
    from mfgui.training.search_samplers import RandomSampler
    from mfgui.training.search_trials import Outcome

    draws = RandomSampler(space, SMALL, 0).ask(range(1000))
    outcomes = tuple(Outcome(k, values, 0.9 + 0.001 * (k % 97), (1.0, 0.9), n_epochs=2)
                     for k, values in enumerate(draws))
    panel.board.show(KeptSearch(SearchPlan("adagrad", SMALL, space, n_trials=1000), 0, 0.0,
                                outcomes))
    for key in ("scatter", "parallel", "trials"):
        panel.views.choose_view(key)
        panel.catch_up()
        seconds = []
        for _ in range(5):
            begin = time.perf_counter()
            panel.catch_up()
            seconds.append(time.perf_counter() - begin)
        # 16 ms on a machine by itself; what else runs here may take half of it, and more.
        assert min(seconds) < 0.05, key


def test_wild_figures_do_not_press_the_others_flat() -> None:
    import numpy as np

    low, high = visible_range(np.array([0.9, 0.91, 0.92, 0.93, 40.0]))
    assert low == 0.9
    assert high < 1.1
    low, high = visible_range(np.array([0.9]))
    assert low < 0.9 < high
