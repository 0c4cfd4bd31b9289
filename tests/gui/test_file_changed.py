"""The ratings' file was changed while the project was closed: said at opening, with a way out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status

LONG = 60_000
ROWS = [f"u{n},i{m},{1 + (n * m) % 5}\n" for n in range(30) for m in range(20)]


@pytest.fixture
def ratings_file(tmp_path: Path) -> Path:
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating\n" + "".join(ROWS))
    return path


@pytest.fixture
def windows() -> Iterator[list[MainWindow]]:
    made: list[MainWindow] = []
    yield made
    for window in made:
        window.closing.close_in_order()
        window.deleteLater()


def new_window(windows: list[MainWindow]) -> MainWindow:
    window = create_window()
    window.show()
    windows.append(window)
    return window


def trained_project(
    windows: list[MainWindow], path: Path, qtbot: QtBot, *, keeps: bool
) -> Path:
    """Train a run on a file and close the window; return the project."""
    window = new_window(windows)
    window.projects.set_keeps_ratings(keeps)
    window.open_path(path)
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY, timeout=LONG)
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=LONG)
    window.setup_panel.form.set_value("n_epochs", 2)
    window.setup_panel.controls.start.click()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=LONG)
    project = window.run_model.project.project
    assert project is not None
    window.close()
    return project.path


def opened_again(windows: list[MainWindow], project: Path, qtbot: QtBot) -> MainWindow:
    window = new_window(windows)
    with qtbot.waitSignal(window.projects.opened, timeout=LONG):
        window.open_path(project)
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=LONG)
    return window


def test_it_can_be_opened_as_it_is_now_and_the_old_run_stays(
    windows: list[MainWindow], ratings_file: Path, qtbot: QtBot
) -> None:
    project = trained_project(windows, ratings_file, qtbot, keeps=False)
    ratings_file.write_text("user,item,rating\n" + "".join(ROWS[:300]))
    window = opened_again(windows, project, qtbot)
    assert "ratings.csv has changed since" in window.message_bar.text
    assert "--" not in window.message_bar.text
    other = window.findChild(QPushButton, "messageOtherButton")
    assert isinstance(other, QPushButton)
    assert other.text() == "Open it as it is now"
    other.click()
    qtbot.waitUntil(lambda: window.run_model.ratings is not None
                    and window.run_model.ratings.n_ratings == 300, timeout=LONG)
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=LONG)
    assert [run.number for run in window.run_model.project.runs] == [1]


def test_where_the_project_keeps_the_ratings_the_change_is_said_too(
    windows: list[MainWindow], ratings_file: Path, qtbot: QtBot
) -> None:
    project = trained_project(windows, ratings_file, qtbot, keeps=True)
    ratings_file.write_text("user,item,rating\n" + "".join(ROWS[:300]))
    window = opened_again(windows, project, qtbot)
    assert window.run_model.ratings is not None
    assert window.run_model.ratings.n_ratings == len(ROWS)
    qtbot.waitUntil(lambda: "was changed on disk" in window.message_bar.text, timeout=LONG)


def test_where_the_kept_ratings_have_no_file_any_more_nothing_is_said(
    windows: list[MainWindow], ratings_file: Path, qtbot: QtBot
) -> None:
    project = trained_project(windows, ratings_file, qtbot, keeps=True)
    ratings_file.unlink()
    window = opened_again(windows, project, qtbot)
    with qtbot.waitSignal(window.reading.watch._worker.done, timeout=LONG, raising=False):
        window.reading.watch.look()
    assert window.message_bar.text == ""


def test_more_ratings_than_a_project_keeps_are_told(
    windows: list[MainWindow], ratings_file: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_project(windows, ratings_file, qtbot, keeps=False)
    window = windows[-1]
    monkeypatch.setattr("mfgui.jobs.projects.MOST_KEPT_BYTES", 10)
    window.projects.set_keeps_ratings(True)
    assert "a project keeps up to" in window.message_bar.text
