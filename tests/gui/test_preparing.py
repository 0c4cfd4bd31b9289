"""Kernels are compiled ahead in a process of its own; what needs them waits, never frozen."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status
from mfgui.jobs import preparation


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    # Whatever earlier starts have compiled and noted, here it is waited for.
    monkeypatch.setattr(preparation, "noted_parts", frozenset)
    made = create_window()
    made.show()
    yield made
    made.close()
    made.deleteLater()


def button(window: MainWindow, name: str) -> QPushButton:
    found = window.findChild(QPushButton, name)
    assert isinstance(found, QPushButton)
    return found


def progress_text(window: MainWindow) -> str:
    label = window.findChild(QLabel, "progressText")
    assert isinstance(label, QLabel)
    return label.text().strip()


def with_sample(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=20_000):
        window.open_sample()
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    for name, value in {"n_epochs": 2, "patience": 0, "refit": False}.items():
        window.setup_panel.form.set_value(name, value)


def test_train_pressed_while_it_prepares_says_so_and_then_trains(
    window: MainWindow, qtbot: QtBot
) -> None:
    with_sample(window, qtbot)
    window.preparation.start()
    button(window, "startButton").click()
    assert progress_text(window) == "preparing"
    assert not window.preparation.is_ready("adagrad")
    assert "Preparing" in window.curve_panel._empty.text()
    assert button(window, "stopButton").isEnabled()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=120_000)
    assert window.preparation.is_ready("adagrad")
    assert [record.epoch for record in window.run_model.history] == [0, 1, 2]


def test_stop_works_while_it_prepares(window: MainWindow, qtbot: QtBot) -> None:
    with_sample(window, qtbot)
    window.preparation.start()
    button(window, "startButton").click()
    button(window, "stopButton").click()
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY)
    assert not window.run_model.history
    assert progress_text(window) == ""
    assert button(window, "startButton").isEnabled()


def test_a_file_waits_for_its_part_and_can_be_cancelled(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window.preparation, "is_ready", lambda part: part != "reading")
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating\na,x,1\nb,y,2\na,y,3\n")
    window.open_path(path)
    qtbot.waitUntil(lambda: window.job_runner.control.progress.text == "preparing")
    window.job_runner.control.stop()
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    assert window.run_model.ratings is None
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=20_000):
        window.open_path(path)
        monkeypatch.setattr(window.preparation, "is_ready", lambda part: True)


def test_closing_while_it_prepares_leaves_no_process_and_no_thread(
    window: MainWindow, qtbot: QtBot
) -> None:
    with_sample(window, qtbot)
    window.preparation.start()
    button(window, "startButton").click()
    assert window.close()
    assert window.preparation.processes
    assert all(process.poll() is not None for process in window.preparation.processes)
    assert not [each for each in threading.enumerate() if each.name.startswith("mfgui")]


def test_a_window_that_was_only_made_starts_no_process(window: MainWindow) -> None:
    assert not window.preparation.processes
    assert window.preparation.is_ready("adagrad")
