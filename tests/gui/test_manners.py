"""Title bar, notices of what ended behind, log and details."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mfgui.core.control import Control
from mfgui.errors import CancelledError, DataError
from mfgui.gui import end_notice, log_file, title_flow
from mfgui.gui.app import create_window
from mfgui.gui.details import details_text, without_data
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status

LONG = 60_000


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.resize(1366, 768)
    made.show()
    yield made
    made.closing.close_in_order()
    made.deleteLater()


def job_of(steps: list[float], is_over: list[bool]) -> Callable[[Control], Iterator[Any]]:
    """Return a job that reports each share as it is put into the list."""
    def job(control: Control) -> Iterator[Any]:
        n_told = 0
        while not is_over:
            if n_told < len(steps):
                control.report("Working", steps[n_told])
                n_told += 1
            control.checkpoint()
            time.sleep(0.001)
        yield "done"

    return job


def note_titles(window: MainWindow) -> list[str]:
    told: list[str] = []
    window.windowTitleChanged.connect(told.append)
    return told


def test_a_long_job_is_told_of_in_the_title_and_goes_when_it_ends(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(title_flow, "SHOW_AFTER_S", 0.0)
    steps, is_over = [0.25], list[bool]()
    window.start_job("Finding settings", job_of(steps, is_over))
    qtbot.waitUntil(lambda: window.windowTitle() == "25% - Finding settings - mfgui")
    steps.append(0.1)  # another step of the same job begins
    steps.append(0.5)
    qtbot.waitUntil(lambda: window.windowTitle() == "50% - Finding settings - mfgui")
    is_over.append(True)
    qtbot.waitUntil(lambda: window.windowTitle() == "mfgui")


def test_a_short_job_does_not_make_the_title_flicker(window: MainWindow, qtbot: QtBot) -> None:
    told = note_titles(window)
    with qtbot.waitSignal(window.job_runner.finished, timeout=LONG):
        window.start_job("Finding settings", job_of([0.5], [True]))
    window.title.show()
    assert told == []


def long_ago(window: MainWindow, monkeypatch: pytest.MonkeyPatch, *, is_in_front: bool) -> None:
    """Have what ends now have taken long."""
    monkeypatch.setattr(end_notice, "LONG_S", -1.0)
    monkeypatch.setattr(end_notice, "is_in_front", lambda: is_in_front)


def trained(window: MainWindow, qtbot: QtBot) -> None:
    window.open_sample()
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY, timeout=LONG)
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=LONG)
    window.setup_panel.form.set_value("n_epochs", 2)
    with qtbot.waitSignal(window.training.runner.finished, timeout=LONG):
        window.setup_panel.controls.start.click()


def test_a_long_run_that_ends_behind_is_told_of_until_it_has_been_seen(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    alerted: list[object] = []
    monkeypatch.setattr(QApplication, "alert", lambda *what: alerted.append(what[0]))
    window.open_sample()
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY, timeout=LONG)
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=LONG)
    window.setup_panel.form.set_value("n_epochs", 2)
    long_ago(window, monkeypatch, is_in_front=False)
    with qtbot.waitSignal(window.training.runner.finished, timeout=LONG):
        window.setup_panel.controls.start.click()
    bar = window.end_notice.bar
    assert "Run 1 is over. Done: " in bar.text
    assert "Validation RMSE 0." in bar.text or "Validation RMSE 1." in bar.text
    assert alerted == [window]
    assert bar.text in window.messages_panel.details()
    window.end_notice._seen.setInterval(1)
    monkeypatch.setattr(window, "isActiveWindow", lambda: False)
    window.end_notice.follow_front()
    assert bar.text
    monkeypatch.setattr(window, "isActiveWindow", lambda: True)
    window.end_notice.follow_front()
    qtbot.waitUntil(lambda: bar.text == "")


def test_nothing_is_told_to_who_is_looking(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    long_ago(window, monkeypatch, is_in_front=True)
    trained(window, qtbot)
    assert window.end_notice.bar.text == ""


@pytest.mark.parametrize(("error", "told"), [
    (None, "Finding settings: done."), (DataError("no"), "Finding settings: ended with an error."),
    (CancelledError("Stopped."), "")])
def test_a_long_job_that_ends_behind_is_told_of(
    error: Exception | None, told: str, window: MainWindow, qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long_ago(window, monkeypatch, is_in_front=False)

    def job(_control: Control) -> Iterator[Any]:
        if error is not None:
            raise error
        yield "done"

    with qtbot.waitSignal(window.job_runner.finished, timeout=LONG):
        window.start_job("Finding settings", job)
    assert window.end_notice.bar.text.endswith(told)
    assert bool(window.end_notice.bar.text) == bool(told)


# -- the log -----------------------------------------------------------------------------------


class Opened(QObject):
    """Takes what would be opened in another program."""

    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []

    @Slot(QUrl)
    def take(self, url: QUrl) -> None:
        """Note it."""
        self.urls.append(url.toLocalFile())


def action(window: MainWindow, text: str) -> QAction:
    (found,) = [each for each in window.findChildren(QAction)
                if each.text().replace("&", "") == text]
    return found


def test_help_opens_the_folder_of_the_log_and_says_where_it_is(window: MainWindow) -> None:
    opened = Opened()
    QDesktopServices.setUrlHandler("file", opened, "take")
    try:
        window.log_path = log_file.start_log()
        assert window.log_path is not None
        action(window, "Show log file").trigger()
        assert opened.urls == [str(window.log_path.parent)]
        assert str(window.log_path) in window.message_bar.text
        assert "start, process" in window.log_path.read_text()
    finally:
        QDesktopServices.unsetUrlHandler("file")
        for handler in list(logging.getLogger("mfgui").handlers):
            logging.getLogger("mfgui").removeHandler(handler)
            handler.close()


def test_without_a_log_that_is_said(window: MainWindow) -> None:
    action(window, "Show log file").trigger()
    assert "No log is kept" in window.message_bar.text


def test_copied_details_hold_what_a_report_needs_and_no_data(
    window: MainWindow, qtbot: QtBot
) -> None:
    trained(window, qtbot)
    logging.getLogger("mfgui").addHandler(log_file.LAST_LINES)
    try:
        for k in range(60):
            logging.getLogger("mfgui").warning("line %d", k)
        logging.getLogger("mfgui").warning("error: a.csv, line 7: rating 'secret' is no number")
        action(window, "Copy details").trigger()
    finally:
        logging.getLogger("mfgui").removeHandler(log_file.LAST_LINES)
    text = QApplication.clipboard().text()
    for word in ("mfgui ", "Python ", "Qt 6", "numpy ", "PySide6-Essentials ", "Screen ", "theme ",
                 "Window system ", "Project ", ".mfgui (1 runs", "line 59", "3,000 x 400"):
        assert word in text, word
    assert "line 9\n" not in text
    assert len(log_file.LAST_LINES.lines) == log_file.N_LAST
    assert "secret" not in details_text(window)


@pytest.mark.parametrize(("line", "kept"), [
    ("2026-01-01 10:00:00,000 INFO error: a.csv, line 7: rating 'abc' is no number",
     "2026-01-01 10:00:00,000 INFO error: a.csv, line 7: rating (left out) is no number"),
    ("2026-01-01 10:00:00,000 INFO warning: user “anna” is not there",
     "2026-01-01 10:00:00,000 INFO warning: user (left out) is not there"),
    ('  File "/home/me/app.py", line 3, in run', '  File "/home/me/app.py", line 3, in run'),
])
def test_what_a_notice_quotes_from_a_file_is_left_out(line: str, kept: str) -> None:
    assert without_data(line) == kept
