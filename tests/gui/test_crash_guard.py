"""Bugs anywhere: shown once, counted afterwards, and the window goes on."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import Any

import pytest

import mfgui

# Each breaks something; the window must then open data, train, and close in order.
REST = """
def look(window):
    dialog = [each for each in QApplication.topLevelWidgets()
              if each.objectName() == "bugDialog" and each.isVisible()]
    say("dialogs", len(dialog))
    say("told", "boom" in dialog[0].details and "Qt " in dialog[0].details)
    guard = sys.excepthook.__self__
    say("counted", max(guard.counts.values()) if guard.counts else 0)
    dialog[0].accept()
    # What was broken goes on breaking; the window must work all the same.
    window.open_sample()
    when(lambda: window.run_model.ratings is not None and not window.job_flow.runner.is_running,
         lambda: train(window))

def train(window):
    window.setup_panel.form.set_value("n_epochs", 3)
    window.setup_panel.controls.start.click()
    when(lambda: window.run_model.result is not None and not window.training.runner.is_running,
         lambda: end(window))

def end(window):
    say("trained", window.run_model.result.n_epochs_run > 0)
    say("kept", len(window.run_model.project.runs))
    dialogs = [each for each in QApplication.topLevelWidgets()
               if each.objectName() == "bugDialog" and each.isVisible()]
    say("dialogs again", len(dialogs))
    window.close()

def shown():
    return any(each.objectName() == "bugDialog" and each.isVisible()
               for each in QApplication.topLevelWidgets())

def go(window):
    broken(window)
    when(shown, lambda: soon(0.3, lambda: look(window)))

run(go)
"""

BREAKS = {
    "a slot": """
def broken(window):
    def boom():
        raise ValueError("boom")
    window.run_model.status_changed.connect(boom)
    window.run_model.status_changed.emit()
""",
    "painting": """
from PySide6.QtWidgets import QWidget
class Bad(QWidget):
    def paintEvent(self, event):
        raise ValueError("boom")
def broken(window):
    bad = Bad(window)
    bad.setGeometry(5, 5, 50, 50)
    bad.show()
    timer = QTimer(bad)
    timer.timeout.connect(bad.update)
    timer.start(5)
""",
    "a timer": """
def broken(window):
    timer = QTimer(window)
    def boom():
        raise ValueError("boom")
    timer.timeout.connect(boom)
    timer.start(5)
""",
    "a thread of Qt's": """
from PySide6.QtCore import QThread
class Bad(QThread):
    def run(self):
        raise ValueError("boom")
def broken(window):
    bad = Bad(window)
    bad.start()
""",
    "a thread": """
import threading
def broken(window):
    def boom():
        raise ValueError("boom")
    threading.Thread(target=boom).start()
""",
    "a panel's worker": """
from mfgui.gui.asker import Asker
def broken(window):
    asker = Asker(print, window)
    def boom():
        raise ValueError("boom")
    asker.ask(boom)
""",
    "a job": """
def broken(window):
    def boom(control):
        raise ValueError("boom")
        yield
    window.start_job("Failing", boom)
""",
    "an event filter": """
from PySide6.QtCore import QObject
from mfgui.gui.sound_filter import sound_filter
class Bad(QObject):
    @sound_filter
    def eventFilter(self, watched, event):
        raise ValueError("boom")
def broken(window):
    bad = Bad(window)
    for widget in (window, window.job_bar, window.curve_panel, window.welcome):
        widget.installEventFilter(bad)
        widget.update()
""",
    "an object that goes": """
import gc
class Bad:
    def __del__(self):
        raise ValueError("boom")
def broken(window):
    bad = Bad()
    del bad
    gc.collect()
""",
    "two different slots": """
def broken(window):
    def boom():
        raise ValueError("boom")
    def other():
        raise KeyError("another boom")
    soon(0, boom)
    soon(0.05, other)
    soon(0.1, other)
""",
}


@pytest.mark.parametrize("where", BREAKS)
def test_a_bug_is_shown_once_and_the_window_goes_on(
    where: str, program: Any, tmp_path: Path
) -> None:
    lines = program.run(BREAKS[where] + REST)
    told = dict(line.rsplit(" ", 1) for line in lines)
    assert told["dialogs"] == "1"
    assert told["told"] == "True"
    assert int(told["counted"]) >= 1
    assert told["trained"] == "True"
    assert told["kept"] == "1"
    assert told["dialogs again"] == "0"
    assert told["ended"] == "0"
    (log,) = Path(os.environ["XDG_DATA_HOME"]).rglob("mfgui.log")
    text = log.read_text()
    assert "boom" in text
    # What happens again and again does not fill the disk.
    assert text.count("Traceback (most recent call last)") <= 4


def test_every_event_filter_is_a_sound_one() -> None:
    package = Path(mfgui.__file__).parent / "gui"
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name == "eventFilter":
                assert [ast.unparse(each) for each in node.decorator_list] == ["sound_filter"], path


def test_a_bug_while_closing_does_not_keep_the_window_from_it(program: Any) -> None:
    lines = program.run("""
def go(window):
    window.open_sample()
    when(lambda: window.run_model.ratings is not None, lambda: close(window))

def close(window):
    def boom():
        raise ValueError("boom")
    window.project_view.keep_layout = boom
    window.rates.shut_down = boom
    window.panels["curve"].shut_down = boom
    window.close()

run(go)
""")
    assert lines[-1] == "ended 0"
    (log,) = Path(os.environ["XDG_DATA_HOME"]).rglob("mfgui.log")
    assert "ValueError: boom" in log.read_text()


@pytest.mark.parametrize("broken", [
    "BugDialog.show", "BugDialog.__init__", "details_text", "traceback.format_exception",
    "CrashGuard._on_reported", "LOG.error"])
def test_a_bug_of_the_report_itself_ends_in_it(broken: str, program: Any) -> None:
    lines = program.run(f"""
import traceback
from mfgui.gui import bug_dialog, crash_guard, details
from mfgui.gui.bug_dialog import BugDialog
from mfgui.gui.crash_guard import LOG, CrashGuard
from mfgui.gui.run_model import Status
def bad(*arguments, **named):
    raise RuntimeError("the report is broken")

def go(window):
    {broken.replace("details_text", "details.details_text")} = bad
    def boom():
        raise ValueError("boom")
    for k in range(5):
        soon(0.02 * k, boom)
    soon(1.0, lambda: window.open_sample())
    when(lambda: window.run_model.status is Status.READY, window.close)

run(go)
""")
    assert lines[-1] == "ended 0"
