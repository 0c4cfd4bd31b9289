"""Closing while something goes on: what is asked, what is kept, what is told the next time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from mfgui.core.control import Control
from mfgui.gui.app import create_window
from mfgui.gui.job_watch import JobWatch
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.resize(1366, 768)
    made.show()
    yield made
    made.closing.close_in_order()
    made.deleteLater()


def endless(control: Control) -> Iterator[Any]:
    """Work until somebody stops it, as an export does that is long."""
    yield from ()
    while True:
        control.report("Saving pairs.csv", 0.25)
        control.checkpoint()
        time.sleep(0.001)


def endless_until(is_over: list[bool]) -> Callable[[Control], Iterator[Any]]:
    def job(control: Control) -> Iterator[Any]:
        while not is_over:
            control.checkpoint()
            time.sleep(0.001)
        yield "done"

    return job


def words(window: MainWindow) -> list[str]:
    return [button.text() for button in window.closing.bar.buttons]


def press(window: MainWindow, word: str) -> None:
    (button,) = [each for each in window.closing.bar.findChildren(QPushButton)
                 if each.text() == word and each in window.closing.bar.buttons]
    button.click()


def test_nothing_is_asked_where_nothing_runs(window: MainWindow) -> None:
    assert window.close()
    assert not window.isVisible()


def test_a_job_that_would_be_lost_is_asked_about_and_the_window_stays_usable(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.start_job("Saving pairs.csv", endless)
    qtbot.waitUntil(lambda: window.job_runner.control.progress.fraction is not None)
    assert not window.close()
    assert window.isVisible()
    assert window.closing.bar.text == (
        "Saving pairs.csv is under way, 25% done: closing now gives it up.")
    assert words(window) == ["Close when it is done", "Close anyway", "Keep the window open"]
    press(window, "Keep the window open")
    assert window.closing.bar.text == ""
    assert window.job_runner.is_running
    assert not window.close()
    press(window, "Close anyway")
    assert not window.isVisible()
    assert not window.job_runner.is_running


def test_the_window_closes_by_itself_when_the_job_is_done_if_that_is_wished(
    window: MainWindow, qtbot: QtBot
) -> None:
    is_over: list[bool] = []
    window.start_job("Saving pairs.csv", endless_until(is_over))
    assert not window.close()
    press(window, "Close when it is done")
    assert window.closing.bar.text.startswith("The window closes when")
    assert words(window) == ["Keep the window open"]
    is_over.append(True)
    qtbot.waitUntil(lambda: not window.isVisible())


def test_a_question_about_a_job_that_is_over_goes_away(window: MainWindow, qtbot: QtBot) -> None:
    is_over: list[bool] = []
    window.start_job("Saving pairs.csv", endless_until(is_over))
    assert not window.close()
    is_over.append(True)
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    assert window.closing.bar.text == ""
    assert window.isVisible()


def test_closing_again_is_an_answer_but_a_double_click_is_none(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.start_job("Saving pairs.csv", endless)
    assert not window.close()
    assert not window.close()
    monkeypatch.setattr("mfgui.gui.closing.AGAIN_AFTER_S", 0.0)
    assert window.close()


def test_a_job_that_can_be_gone_on_with_is_not_asked_about(window: MainWindow) -> None:
    window.start_job("Finding settings", endless, JobWatch(can_go_on=lambda: True))
    assert window.close()


def test_a_file_that_is_being_read_is_not_asked_about(window: MainWindow) -> None:
    window.start_job("Reading ratings.csv", endless, is_opening=True)
    assert window.close()


def test_a_run_that_no_project_keeps_is_asked_about(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing() -> None:
        return None

    monkeypatch.setattr(window.projects.keeper, "keep", nothing)
    begin_training(window, qtbot)
    assert not window.close()
    assert "is not kept in a project" in window.closing.bar.text
    press(window, "Close anyway")
    assert not window.isVisible()


def begin_training(window: MainWindow, qtbot: QtBot) -> None:
    window.open_sample()
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY, timeout=60_000)
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    window.setup_panel.form.set_value("n_epochs", 100_000)
    window.setup_panel.form.set_value("patience", 0)
    window.setup_panel.controls.start.click()
    qtbot.waitUntil(lambda: len(window.run_model.history) > 3, timeout=60_000)


def test_a_recorded_run_is_stopped_unasked_and_the_next_start_says_how_it_goes_on(
    window: MainWindow, qtbot: QtBot
) -> None:
    begin_training(window, qtbot)
    shown = window.run_model.history[-1].epoch
    assert window.close()
    other = create_window()
    try:
        other.session.restore()
        qtbot.waitUntil(lambda: other.run_model.project.shown_run == 1
                        and not other.job_runner.is_running, timeout=60_000)
        text = other.message_bar.text
        assert text.startswith("Run 1 ")
        assert "was under way when the window was closed, at epoch" in text
        run = other.run_model.project.run(1)
        assert run.status == "stopped"
        assert run.last_epoch >= shown
        remedy = other.findChild(QPushButton, "messageRemedyButton")
        assert isinstance(remedy, QPushButton)
        assert remedy.text() == "Continue"
        remedy.click()
        qtbot.waitUntil(lambda: other.run_model.status is Status.TRAINING, timeout=60_000)
        qtbot.waitUntil(lambda: other.run_model.history[-1].epoch > run.last_epoch,
                        timeout=60_000)
        assert len(other.run_model.project.runs) == 1  # the same one
        other.training.stop()
        qtbot.waitUntil(lambda: not other.training.runner.is_running, timeout=60_000)
        other.projects.open(str(other.run_model.project.project.path))  # type: ignore[union-attr]
    finally:
        other.closing.close_in_order()
        other.deleteLater()


CLOSE = """
from mfgui.gui.run_model import Status
def go(window):
    {before}
    window.open_sample()
    when(lambda: window.run_model.status is Status.READY and not window.job_runner.is_running,
         lambda: begin(window))

def begin(window):
    window.setup_panel.form.set_value("n_epochs", 100_000)
    window.setup_panel.form.set_value("patience", 0)
    window.setup_panel.controls.start.click()
    when(lambda: len(window.run_model.history) > 3, lambda: close(window))

def close(window):
    global began
    began = time.monotonic()
    {act}

at_end.append(lambda: say("seconds", round(time.monotonic() - began, 3)))
run(go)
"""


def test_a_panel_in_the_middle_of_something_long_does_not_keep_the_program_from_ending(
    program: Any, tmp_path: Path
) -> None:
    lines = program.run(CLOSE.format(before="pass", act="""
    window.errors_worker = worker = window.panels["errors"]._worker
    began_work = []
    def long():
        began_work.append(True)
        time.sleep(30)
    worker.ask(long)
    when(lambda: began_work, window.close)
"""))
    told = dict(line.split(" ", 1) for line in lines)
    assert told["left"] == "mfgui-view"
    assert told["ended"] == "0"
    # Half a second for threads; the rest is what the machine is busy with besides.
    assert float(told["seconds"]) < 10
    assert stored_statuses(tmp_path) == ["stopped"]


def stored_statuses(folder: Path) -> list[str]:
    from mfgui.store.project import open_project

    (path,) = folder.rglob("*.mfgui")
    assert not path.with_name(f"{path.name}-wal").exists()  # one file remains
    with open_project(path) as project:
        return [run.status for run in project.runs()]


def test_a_search_is_stopped_unasked_and_the_next_start_says_so(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.open_sample()
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY, timeout=60_000)
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    window.panels["search"].begin()  # type: ignore[attr-defined]
    qtbot.waitUntil(window.job_flow.can_go_on, timeout=60_000)
    assert window.close()
    other = create_window()
    try:
        other.session.restore()
        qtbot.waitUntil(lambda: "was under way when the window was closed" in
                        other.message_bar.text, timeout=60_000)
        assert other.message_bar.text.startswith("Finding settings ")
    finally:
        other.closing.close_in_order()
        other.deleteLater()
