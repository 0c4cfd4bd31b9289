"""A doubtful file on a real screen: choose its columns by mouse, and by keyboard alone."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import threading
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window
from mfgui.gui.run_model import Status

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(
        not os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM") == "offscreen",
        reason="there is no screen"),
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed"),
]


def _journeys() -> ModuleType:
    """Return the module with the hand and the program; tests are no package."""
    name = "mfgui_journeys"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, Path(__file__).with_name("test_journeys.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """Return a file without a header whose columns are rating, item and user."""
    path = tmp_path / "doubtful.csv"
    path.write_text("".join(f"{(n * m) % 5 + 1};{m % 40 + 1};{n % 50 + 1}\n"
                            for n in range(50) for m in range(40) if (n + m) % 3))
    return path


def test_a_doubtful_file_by_mouse(doubtful: Path, qtbot: QtBot) -> None:
    hand = _journeys().Hand(qtbot)
    window = create_window()
    window.setGeometry(40, 40, 1366, 768)
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(window.isActiveWindow, timeout=20_000)
    hand.run("key", "ctrl+o", "sleep", "1", "type", "--delay", "5", str(doubtful))
    hand.run("key", "Return")
    qtbot.waitUntil(lambda: window.reading.is_choosing or window.run_model.ratings is not None,
                    timeout=30_000)
    if not window.reading.is_choosing:
        hand.click(window, "changeReadingButton")
    page = window.reading.page
    assert page is not None
    qtbot.waitUntil(page.use.isEnabled, timeout=30_000)
    # The first column's box: open it and take "rating", two below "user".
    box = page.findChild(QWidget, "role1")
    assert box is not None
    page.change("columns", "user=1,item=2,rating=3", is_own_step=True)
    qtbot.waitUntil(page.use.isEnabled, timeout=30_000)
    hand.run(*hand.point(box), "sleep", "0.2", "click", "1", "sleep", "0.5", "key", "Down", "Down",
             "Return")
    qtbot.waitUntil(lambda: page.options.columns == "user=3,item=2,rating=1", timeout=10_000)
    qtbot.waitUntil(page.use.isEnabled, timeout=30_000)
    hand.run("key", "ctrl+z")
    qtbot.waitUntil(lambda: page.options.columns == "user=1,item=2,rating=3")
    hand.run("key", "ctrl+shift+z")
    qtbot.waitUntil(lambda: page.options.columns == "user=3,item=2,rating=1")
    qtbot.waitUntil(page.use.isEnabled, timeout=30_000)
    hand.click(window, "useRatingsButton")
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY, timeout=20_000)
    assert window.run_model.ratings is not None
    assert window.run_model.ratings.n_users == 50
    assert window.run_model.ratings.scale == (1.0, 5.0)
    qtbot.wait(300)
    hand.click(window, "startButton")
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=60_000)
    window.close()
    window.deleteLater()


def test_a_doubtful_file_by_keyboard_alone(doubtful: Path, tmp_path: Path) -> None:
    journeys, model = _journeys(), tmp_path / "model.npz"
    program = journeys.Program("--columns", "user=1,item=2,rating=3", str(doubtful))
    journeys.wait_for(lambda: "doubtful" in program.title(), "the file")
    threading.Event().wait(1)
    program.key("ctrl+l")
    threading.Event().wait(2)
    program.key("Tab", "r")  # from the table to the first column's box: it holds the rating
    threading.Event().wait(2)
    program.key("alt+u")
    threading.Event().wait(1)
    program.key("ctrl+r")
    threading.Event().wait(3)  # so few ratings are trained on before the title could tell
    program.key("ctrl+s")
    threading.Event().wait(1)
    program.type(str(model))
    journeys.wait_for(model.exists, "the model file")
    with np.load(model, allow_pickle=False) as file:
        assert len(file["user_factors"]) == 50
    program.key("ctrl+q")
    assert program.end() == 0
