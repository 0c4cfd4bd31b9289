"""The way of a person through the real window, by mouse and keyboard of a real screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.run_model import Status

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(
        not os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM") == "offscreen",
        reason="there is no screen"),
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed"),
]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


class Hand:
    """A person's hand: mouse and keyboard through the X server."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot

    def run(self, *words: str) -> None:
        """Have xdotool do something while the window lives on."""
        process = subprocess.Popen(["xdotool", *words])
        self.qtbot.waitUntil(lambda: process.poll() is not None, timeout=60_000)
        assert process.returncode == 0

    def point(self, widget: QWidget, shift: tuple[int, int] = (0, 0)) -> tuple[str, ...]:
        place = widget.mapToGlobal(widget.rect().center() + QPoint(*shift))
        return "mousemove", str(place.x()), str(place.y())

    def click(self, window: MainWindow, name: str) -> None:
        widget = window.findChild(QWidget, name)
        assert widget is not None
        self.run(*self.point(widget), "sleep", "0.1", "click", "1")


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.setGeometry(40, 40, 1366, 768)
    made.show()
    qtbot.waitExposed(made)
    qtbot.waitUntil(made.isActiveWindow, timeout=20_000)
    yield made
    made.close()
    made.deleteLater()


def test_the_main_job_by_mouse(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    hand, model, state = Hand(qtbot), window.run_model, window.view_state
    hand.click(window, "useSampleButton")
    qtbot.waitUntil(lambda: model.status is Status.READY, timeout=30_000)
    window.setup_panel.form.set_value("patience", 0)
    window.setup_panel.form.set_value("n_epochs", 100_000)
    qtbot.wait(300)
    hand.click(window, "startButton")
    qtbot.waitUntil(lambda: len(model.history) > 5, timeout=60_000)

    view = window.matrices_panel.views["observed"]
    hand.run(*hand.point(view), "sleep", "0.1", "click", "4", "click", "4", "click", "4")
    qtbot.waitUntil(lambda: state.visible != state.whole)
    hand.run(*hand.point(view, (-30, 20)), "sleep", "0.2", *hand.point(view, (-31, 21)))
    qtbot.waitUntil(lambda: "person-" in window.matrices_panel.hover_text())

    hand.click(window, "pauseButton")
    qtbot.waitUntil(lambda: model.status is Status.PAUSED)
    qtbot.wait(200)
    n_records = len(model.history)
    hand.click(window, "pauseButton")
    qtbot.waitUntil(lambda: len(model.history) > n_records, timeout=20_000)
    hand.click(window, "stopButton")
    qtbot.waitUntil(lambda: model.status is Status.DONE, timeout=20_000)

    predicted = window.matrices_panel.views["predicted"]
    for n_shown in (1, 3):  # alone, then all again
        hand.run(*hand.point(predicted), "sleep", "0.2", "click", "--repeat", "2", "--delay", "60",
                 "1")
        qtbot.waitUntil(lambda n=n_shown: n == sum(  # type: ignore[misc]
            view.isVisible() for view in window.matrices_panel.views.values()))
        qtbot.wait(700)  # longer than a double click may take

    path = tmp_path / "model.npz"
    hand.run("key", "ctrl+s", "sleep", "1", "type", "--delay", "5", str(path))
    hand.run("key", "Return")
    qtbot.waitUntil(path.exists, timeout=20_000)
    with np.load(path, allow_pickle=False) as file:
        assert file["user_factors"].shape == (3000, 64)
    # The file is there a moment before the job is over, and until then quitting would ask.
    qtbot.waitUntil(lambda: not window.job_runner.is_running)
    hand.run("key", "ctrl+q")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert threading.active_count() == 1


def test_a_rate_is_found_and_used_by_mouse(window: MainWindow, qtbot: QtBot) -> None:
    hand, model, form = Hand(qtbot), window.run_model, window.setup_panel.form
    hand.click(window, "useSampleButton")
    qtbot.waitUntil(lambda: model.status is Status.READY, timeout=30_000)
    qtbot.wait(300)
    hand.click(window, "findRateButton")
    qtbot.waitUntil(lambda: form.finder is not None and form.finder.use.isVisible(),
                    timeout=60_000)
    assert form.finder is not None
    rate = float(form.finder.use.text().removeprefix("Use "))
    hand.click(window, "useRateButton")  # it stands where it can be seen
    qtbot.waitUntil(lambda: form.settings().learning_rate == rate)  # type: ignore[attr-defined]
    hand.click(window, "startButton")
    qtbot.waitUntil(lambda: bool(model.history), timeout=60_000)
    assert model.history[0].learning_rate == rate
    hand.run("key", "ctrl+q")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert threading.active_count() == 1


def wait_for(done: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for another process."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"waited in vain for {what}"
        threading.Event().wait(0.05)


class Program:
    """mfgui in a process of its own, driven by the keyboard alone."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "mfgui", *words])
        wait_for(self._find, "the window")

    def _find(self) -> bool:
        assert self.process.poll() is None, "mfgui ended"
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid), "--name",
             "mfgui"], capture_output=True, text=True, check=False).stdout.split()
        self.window = found[-1] if found else ""
        return bool(found)

    def title(self) -> str:
        return subprocess.run(["xdotool", "getwindowname", self.window], capture_output=True,
                              text=True, check=False).stdout.strip()

    def key(self, *keys: str) -> None:
        subprocess.run(["xdotool", "windowactivate", "--sync", self.window, "key",
                        "--clearmodifiers", *keys], check=True)

    def type(self, text: str) -> None:
        subprocess.run(["xdotool", "type", "--delay", "5", text], check=True)
        subprocess.run(["xdotool", "key", "Return"], check=True)

    def end(self) -> int:
        return self.process.wait(60)


def test_the_main_job_by_keyboard_alone_ends_with_exit_code_0(tmp_path: Path) -> None:
    program, path = Program(), tmp_path / "model.npz"
    program.key("ctrl+shift+o")
    wait_for(lambda: "sample" in program.title(), "the sample")
    program.key("ctrl+r")
    wait_for(lambda: "%" in program.title(), "training")
    wait_for(lambda: "%" not in program.title(), "the end of training")
    program.key("1", "1", "alt+Left")
    program.key("ctrl+s")
    threading.Event().wait(1)
    program.type(str(path))
    wait_for(path.exists, "the model file")
    program.key("ctrl+q")
    assert program.end() == 0


def test_closing_while_training_ends_with_exit_code_0(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    rng = np.random.default_rng(0)
    keys = rng.choice(4000 * 1000, 600_000, replace=False)
    values = rng.integers(1, 6, keys.size)
    np.savetxt(path, np.column_stack((keys // 1000, keys % 1000, values)), "%d", delimiter=",")
    program = Program(str(path))
    wait_for(lambda: "ratings" in program.title(), "the file")
    program.key("ctrl+r")
    wait_for(lambda: "%" in program.title(), "training")
    program.key("ctrl+q")
    assert program.end() == 0
