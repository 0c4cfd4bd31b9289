"""The program's own start: painted first, then all the rest, and nothing left behind."""

from __future__ import annotations

import gc
import subprocess
import sys

from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window, spare_collector

CODE = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from mfgui.gui import app
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status
timer = QTimer()
processes = []

def look():
    (window,) = [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow)]
    if window.run_model.status is not Status.READY:
        return
    timer.stop()
    processes.extend(window.preparation.processes)
    window.close()

app.application()
timer.timeout.connect(look)
timer.start(5)
code = app.run(None, is_sample=True)
(process,) = processes
assert process.poll() is not None
print("prepared")
sys.exit(code)
"""


def test_kernels_are_compiled_from_the_first_paint_on_until_the_window_closes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "prepared\n"), done.stderr
    assert "Traceback" not in done.stderr


def test_what_lives_as_long_as_the_program_is_not_collected_again_and_again(qtbot: QtBot) -> None:
    window = create_window()
    qtbot.addWidget(window)
    try:
        spare_collector(window)
        n_frozen = gc.get_freeze_count()
        assert n_frozen > 10_000
        kernels = [[k] for k in range(1000)]
        window.run_model.records_added.emit([])
        n_with_kernels = gc.get_freeze_count()
        assert n_with_kernels >= n_frozen + len(kernels)
        more = [[k] for k in range(1000)]
        window.run_model.records_added.emit([])  # only the first record freezes
        assert gc.get_freeze_count() <= n_with_kernels
        assert len(more) == len(kernels)
    finally:
        gc.unfreeze()
        window.close()
