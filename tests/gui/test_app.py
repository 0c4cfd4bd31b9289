"""The program's own start: painted first, then all the rest, and nothing left behind."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from mfgui.gui import app
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status
timer = QTimer()

def look():
    (window,) = [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow)]
    if window.run_model.status is not Status.READY:
        return
    timer.stop()
    (process,) = window.preparation.processes
    window.close()
    assert process.poll() is not None
    print("prepared")

app.application()
timer.timeout.connect(look)
timer.start(5)
sys.exit(app.run(None, is_sample=True))
"""


def test_kernels_are_compiled_from_the_first_paint_on_until_the_window_closes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "prepared\n"), done.stderr
    assert "Traceback" not in done.stderr
