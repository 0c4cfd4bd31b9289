"""Find settings in the window: trials become runs, jobs are followed, searches are found again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from mfgui.core.control import Control
from mfgui.errors import TrainingError
from mfgui.gui.job_watch import JobWatch, watch_of
from mfgui.gui.main_window import MainWindow


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    made = MainWindow(tmp_path / "state.ini")
    qtbot.addWidget(made)
    made.show()
    made.open_sample()
    qtbot.waitUntil(lambda: made.run_model.ratings is not None, timeout=60_000)
    qtbot.waitUntil(lambda: not made.job_runner.is_running, timeout=60_000)
    yield made
    made.close()
    qtbot.waitUntil(lambda: not made.job_runner.is_running, timeout=60_000)


def searched(window: MainWindow, qtbot: QtBot, n_trials: int = 6) -> Any:
    form = window.setup_panel.form
    form.set_value("n_epochs", 3)
    form.set_value("n_factors", 4)
    window.layout_.show("search")
    panel: Any = window.panels["search"]
    panel.options.fields["n_trials"].set_value(n_trials)
    panel.controls.start.click()
    qtbot.waitUntil(lambda: panel.board.found is not None and not panel.is_running,
                    timeout=120_000)
    return panel


def test_trials_are_runs_of_the_project_and_a_click_shows_one(
    window: MainWindow, qtbot: QtBot
) -> None:
    panel = searched(window, qtbot)
    project = window.run_model.project
    assert sorted(run.origin["trial"] for run in project.runs) == list(range(6))
    assert all(run.status in ("finished", "early_stopping") for run in project.runs)
    line = panel.board.line(3)
    panel.views.choose_view("trials")
    panel.views.trials.trial_chosen.emit(3)
    qtbot.waitUntil(lambda: project.shown_run == line.run_id, timeout=60_000)
    assert window.run_model.history[-1].validation_rmse is not None
    qtbot.waitUntil(lambda: panel.earlier.count() == 1, timeout=60_000)
    assert "6 trials" in panel.earlier.itemText(0)


def test_searches_that_were_read_of_another_project_are_not_shown(
    window: MainWindow, qtbot: QtBot
) -> None:
    panel = searched(window, qtbot)
    qtbot.waitUntil(lambda: len(panel.driver.kept) == 1, timeout=60_000)
    panel.driver._reader.done.emit((None, []))  # of the time before there was a project
    assert len(panel.driver.kept) == 1


def test_the_best_settings_fill_the_form_and_train_as_a_run_that_says_so(
    window: MainWindow, qtbot: QtBot
) -> None:
    panel = searched(window, qtbot)
    best = panel.board.best
    panel.use.click()
    settings: Any = window.setup_panel.form.settings()
    assert settings.n_factors == best.values["n_factors"]
    assert settings.n_epochs == 3
    panel.refit.click()
    project = window.run_model.project
    qtbot.waitUntil(lambda: len(project.runs) == 7 and not window.run_model.status.is_running,
                    timeout=120_000)
    run = project.runs[-1]
    assert run.origin == {"search": panel.board.search.id, "best_trial": best.trial}
    assert run.settings["refit"]


def test_the_job_bar_cancels_a_search_as_its_own_button_does(
    window: MainWindow, qtbot: QtBot
) -> None:
    form = window.setup_panel.form
    form.set_value("n_epochs", 5000)
    form.set_value("patience", 0)
    panel: Any = window.panels["search"]
    panel.controls.start.click()
    qtbot.waitUntil(lambda: bool(panel.board.lines), timeout=60_000)
    window.job_bar.cancel_requested.emit()
    qtbot.waitUntil(lambda: not panel.is_running, timeout=60_000)
    assert panel.controls.start.isEnabled()


def test_a_watch_is_handed_start_events_end_and_result_in_this_order(
    window: MainWindow, qtbot: QtBot
) -> None:
    told: list[Any] = []

    def job(control: Control) -> Iterator[int]:
        yield from (1, 2, 3)

    window.start_job("Counting", job, JobWatch(
        done=lambda result: told.append(("done", result)),
        on_events=lambda events: told.extend(events),
        on_start=lambda control: told.append(isinstance(control, Control)),
        on_end=lambda error: told.append(("end", error))))
    qtbot.waitUntil(lambda: len(told) == 6)
    assert told == [True, 1, 2, 3, ("end", None), ("done", 3)]


def test_a_watch_is_told_of_an_end_that_is_none_of_its_own(
    window: MainWindow, qtbot: QtBot
) -> None:
    told: list[Any] = []

    def job(control: Control) -> Iterator[int]:
        yield 1
        raise TrainingError("Nothing came of it.")

    window.start_job("Failing", job, JobWatch(done=told.append, on_end=told.append))
    qtbot.waitUntil(lambda: bool(told))
    assert [str(each) for each in told] == ["Nothing came of it."]


def test_a_plain_callable_is_a_watch_of_the_result_alone() -> None:
    told: list[Any] = []
    watch_of(told.append).done(3)
    watch_of(None).done(4)
    assert told == [3]

    def done(result: Any) -> None:
        told.append(result)

    done.on_events = told.extend  # type: ignore[attr-defined]
    watch_of(done).on_events([5])
    assert told == [3, 5]


def test_a_search_is_found_again_with_its_project_and_goes_on(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    panel = searched(window, qtbot)
    scores = [line.score for line in panel.board.lines]
    path = window.run_model.project.project.path  # type: ignore[union-attr]
    window.close()
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=60_000)
    other = MainWindow(tmp_path / "other.ini")
    qtbot.addWidget(other)
    other.show()
    other.complete()
    other.projects.open(str(path))
    qtbot.waitUntil(lambda: other.is_complete and other.run_model.ratings is not None,
                    timeout=60_000)
    panel = other.panels["search"]
    qtbot.waitUntil(lambda: panel.board.search is not None, timeout=60_000)
    assert [line.score for line in panel.board.lines] == scores
    qtbot.waitUntil(lambda: not other.job_runner.is_running, timeout=60_000)
    panel.options.fields["n_trials"].set_value(9)
    assert panel.controls.go_on.isEnabled()
    panel.controls.go_on.click()
    qtbot.waitUntil(lambda: not panel.is_running and panel.board.n_over == 9, timeout=120_000)
    assert [line.score for line in panel.board.lines][:6] == scores
    other.close()
    qtbot.waitUntil(lambda: not other.job_runner.is_running, timeout=60_000)
