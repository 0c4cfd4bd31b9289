"""Starts that crash: the third one begins plainly and asks; what went well is forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from mfgui.gui.start_guard import StartGuard

CRASHES = """
from mfgui.gui.project_session import ProjectSession
ProjectSession.restore = lambda self: os._exit(7)
run(lambda window: None)
"""
LIVES = """
def go(window):
    bar = window.end_notice.bar
    say("told", bar.text)
    say("buttons", [button.text() for button in bar.buttons])
    say("height", window.height())
    {act}
    soon(0.2, window.close)
run(go)
"""


def crash(program: Any) -> None:
    code, _, errors = program.finish(program.start(CRASHES))
    assert code == 7, errors


def told(lines: list[str]) -> dict[str, str]:
    return dict(line.partition(" ")[::2] for line in lines)


def test_a_start_that_crashed_once_is_no_reason_to_ask(program: Any) -> None:
    crash(program)
    found = told(program.run(LIVES.format(act="")))
    assert found["told"] == ""


def test_the_third_start_after_two_crashes_offers_a_fresh_layout(
    program: Any, tmp_path: Path
) -> None:
    program.run(LIVES.format(act="window.resize(790, 610)"))
    assert told(program.run(LIVES.format(act="")))["height"] == "610"
    crash(program)
    crash(program)
    found = told(program.run(LIVES.format(act="bar.buttons[0].click()")))
    assert found["told"].startswith("mfgui ended unexpectedly while starting, 2 times in a row.")
    assert found["buttons"] == "['Fresh layout', 'Restore all the same']"
    assert int(found["height"]) > 610
    (path,) = tmp_path.rglob("mfgui.ini")
    assert QSettings(str(path), QSettings.Format.IniFormat).value("docks") is None
    assert told(program.run(LIVES.format(act="")))["told"] == ""  # it went well


def test_restore_all_the_same_brings_back_the_arrangement_and_the_project(
    program: Any
) -> None:
    program.run("""
from mfgui.gui.run_model import Status
def go(window):
    window.resize(790, 610)
    window.open_sample()
    when(lambda: window.run_model.project.project is not None, window.close)
run(go)
""")
    crash(program)
    crash(program)
    lines = program.run("""
def go(window):
    say("open", window.run_model.ratings is not None)
    window.end_notice.bar.buttons[1].click()
    when(lambda: window.run_model.ratings is not None, lambda: end(window))

def end(window):
    say("height", window.height())
    window.close()
run(go)
""")
    assert lines[:2] == ["open False", "height 610"]


def test_a_window_that_is_killed_when_it_has_been_up_is_no_crash_at_start(
    program: Any, tmp_path: Path
) -> None:
    for _ in range(2):
        code, _, _ = program.finish(program.start("""
from mfgui.gui import start_guard
start_guard.UP_S = 0.1
def go(window):
    soon(1.0, lambda: os._exit(7))
run(go)
"""))
        assert code == 7
    assert told(program.run(LIVES.format(act="")))["told"] == ""


def test_windows_that_start_beside_one_another_are_no_crashes(
    tmp_path: Path, qtbot: QtBot
) -> None:
    first, second, third = (StartGuard(tmp_path) for _ in range(3))
    assert (first.n_crashed, second.n_crashed, third.n_crashed) == (0, 0, 0)
    for guard in (second, first, third):
        guard.end()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_keeps_nobody_from_starting(
    tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "file").write_text("")
    guard = StartGuard(tmp_path / "file" / "starts")
    assert not guard.is_fresh
    guard.begin()
    guard.end()
