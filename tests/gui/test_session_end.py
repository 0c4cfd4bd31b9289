"""The end that comes from outside: signals and the end of the desktop's session."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from mfgui.store.project import open_project

TRAINS = """
from mfgui.gui.run_model import Status
from mfgui.gui.session_end import SessionEnd
def go(window):
    window.open_sample()
    when(lambda: window.run_model.status is Status.READY and not window.job_runner.is_running,
         lambda: begin(window))

def begin(window):
    window.setup_panel.form.set_value("n_epochs", 100_000)
    window.setup_panel.form.set_value("patience", 0)
    window.setup_panel.controls.start.click()
    when(lambda: len(window.run_model.history) > 3, lambda: act(window))

def act(window):
    {act}

run(go)
"""


def statuses(folder: Path) -> list[str]:
    (path,) = folder.rglob("*.mfgui")
    assert not path.with_name(f"{path.name}-wal").exists()
    with open_project(path) as project:
        assert project.note == ""  # nothing was interrupted
        return [run.status for run in project.runs()]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_closes_in_order(name: str, program: Any, tmp_path: Path) -> None:
    process = program.start(TRAINS.format(act='say("trains")'))
    assert process.stdout.readline() == "trains\n"
    process.send_signal(getattr(signal, name))
    code, lines, errors = program.finish(process)
    assert (code, lines[-1]) == (0, "ended 0"), errors
    assert statuses(tmp_path) == ["stopped"]


def test_the_end_of_the_session_closes_in_order_without_a_question(
    program: Any, tmp_path: Path
) -> None:
    lines = program.run(TRAINS.format(act="""
    def endless(control):
        yield 1
        while True:
            control.checkpoint()
            time.sleep(0.001)
    window.start_job("Saving pairs.csv", endless)
    window.findChild(SessionEnd)._on_commit(None)  # Qt alone can make what it is called with
"""))
    assert lines[-1] == "ended 0"
    assert statuses(tmp_path) == ["stopped"]
