"""The program in a process of its own, as a person starts it, with a script that drives it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# ``drive(window)`` of the script is called once the window is complete; ``soon(seconds, call)`` and
# ``when(condition, call)`` go on from there; ``say`` prints.
PROLOGUE = """
import os, sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from mfgui.gui import app
from mfgui.gui.main_window import MainWindow
BEGAN = time.monotonic()
timers = []

def say(*words):
    print(*words, flush=True)

def soon(seconds, call):
    QTimer.singleShot(round(1000 * seconds), call)

def when(condition, call, seconds=100):
    timer, until = QTimer(), time.monotonic() + seconds
    def look():
        if condition():
            timer.stop()
            call()
        elif time.monotonic() > until:
            timer.stop()
            say("waited in vain")
            os._exit(3)
    timer.timeout.connect(look)
    timer.start(10)
    timers.append(timer)

def found():
    return [each for each in QApplication.topLevelWidgets()
            if isinstance(each, MainWindow) and each.is_complete]

at_end = []

def end_process(application, code, threads, end=app.end_process):
    say("left", " ".join(thread.name for thread in threads) or "nothing")
    for call in at_end:
        call()
    say("ended", code)
    end(application, code, threads)

app.end_process = end_process

def run(drive, path=None, **how):
    app.application()
    when(found, lambda: drive(found()[0]))
    app.run(path, **how)
"""


def start(script: str, *arguments: str, folder: Path | None = None) -> subprocess.Popen[str]:
    """Start the program; ``folder`` is where it keeps what it stores."""
    env = {**os.environ, "PYTHONFAULTHANDLER": "1"}
    if folder is not None:
        for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            env[name] = str(folder / name.lower())
    return subprocess.Popen(
        [sys.executable, "-c", PROLOGUE + script, *arguments], env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[str], timeout: float = 120) -> tuple[int, list[str], str]:
    """Wait for the end; return the exit code, the lines it said, and what came on stderr."""
    try:
        out, errors = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        out, errors = process.communicate()
        raise AssertionError(f"the program did not end; it said {out!r}, {errors!r}") from None
    return process.returncode, out.splitlines(), errors


def run(script: str, *arguments: str, folder: Path | None = None) -> list[str]:
    """Run the program to its end, which must be a good one; return the lines that it said."""
    code, lines, errors = finish(start(script, *arguments, folder=folder))
    assert code == 0, (lines, errors)
    return lines
