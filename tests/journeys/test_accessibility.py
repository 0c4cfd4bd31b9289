"""The window as those meet it who do not see it: read and pressed through AT-SPI."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

READER = Path(__file__).with_name("accessible_texts.py")
SYSTEM_PYTHON = "/usr/bin/python3"  # pyatspi comes with the system, not from PyPI
MATRICES = ("Observed matrix", "Predicted matrix", "Residual (observed − predicted) matrix")


def has_pyatspi() -> bool:
    """Return whether the system's Python can read through AT-SPI."""
    return os.path.exists(SYSTEM_PYTHON) and subprocess.run(
        [SYSTEM_PYTHON, "-c", "import pyatspi"], capture_output=True, check=False).returncode == 0


pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(
        not os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM") == "offscreen",
        reason="there is no screen"),
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed"),
    pytest.mark.skipif(shutil.which("dbus-run-session") is None,
                       reason="dbus-run-session is not installed"),
    pytest.mark.skipif(not has_pyatspi(), reason=f"{SYSTEM_PYTHON} has no pyatspi"),
]


def wait_for(done: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for another process."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"waited in vain for {what}"
        threading.Event().wait(0.1)


class Listener:
    """mfgui on a session bus of its own, and what a screen reader hears of it."""

    def __init__(self, folder: Path) -> None:
        self._address = folder / "bus"
        environment = os.environ | {
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "BUS_FILE": str(self._address),
            "QT_LOGGING_RULES": "qt.accessibility.atspi=false",  # it says that for each reader
            "XDG_CONFIG_HOME": str(folder / "config"), "XDG_DATA_HOME": str(folder / "data")}
        self.process = subprocess.Popen(
            ["dbus-run-session", "--", "sh", "-c",
             'echo "$DBUS_SESSION_BUS_ADDRESS" > "$BUS_FILE"; exec "$@"', "sh",
             sys.executable, "-m", "mfgui", "--sample"], env=environment)
        self.window = ""
        wait_for(self._is_there, "the program on the bus")
        wait_for(self._find_window, "its window")

    def _read(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Read, without the screen: a bus that an earlier session left there must not be found."""
        environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
        environment["DBUS_SESSION_BUS_ADDRESS"] = self._address.read_text().strip()
        return subprocess.run([SYSTEM_PYTHON, str(READER), "mfgui", *words], env=environment,
                              capture_output=True, text=True, check=False)

    def _is_there(self) -> bool:
        assert self.process.poll() is None, "mfgui ended"
        return self._address.exists() and self._read().returncode == 0

    def _find_window(self) -> bool:
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "mfgui$"],
                               capture_output=True, text=True, check=False).stdout.split()
        self.window = found[-1] if found else ""
        return bool(found)

    def told(self) -> dict[str, tuple[str, str]]:
        """Return role and description of all widgets, by name."""
        done = self._read()
        assert done.returncode == 0, done.stderr
        return {name: (role, description) for role, name, description, _ in json.loads(done.stdout)}

    def description(self, name: str) -> str:
        """Return what is said of a widget beside its name."""
        return self.told().get(name, ("", ""))[1]

    def names(self, beginning: str) -> list[str]:
        """Return the names that begin so."""
        return [name for name in self.told() if name.startswith(beginning)]

    def press(self, name: str) -> None:
        """Press a button as a screen reader does."""
        done = self._read("press", name)
        assert done.returncode == 0, done.stderr

    def key(self, *keys: str) -> None:
        """Press keys in the window."""
        subprocess.run(["xdotool", "windowactivate", "--sync", self.window, "key",
                        "--clearmodifiers", "--delay", "60", *keys], check=True)

    def click(self, x: int, y: int) -> None:
        """Click into the window."""
        subprocess.run(["xdotool", "mousemove", "--window", self.window, str(x), str(y), "sleep",
                        "0.2", "click", "1"], check=True)


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    made = Listener(tmp_path)
    yield made
    if made.process.poll() is None:
        made.key("ctrl+q")
    assert made.process.wait(60) == 0


def test_what_is_seen_is_told_and_can_be_done(listener: Listener) -> None:
    wait_for(lambda: listener.told().get("Train"), "the sample")
    told = listener.told()
    assert all(told[name] == ("image", "") for name in MATRICES)
    wait_for(lambda: listener.description("What a pixel means").startswith(
        "Each pixel is the mean over its rated cells"), "the first picture", 60)
    train_by_a_button(listener)
    text = move_by_keys(listener)
    read_the_explanation(listener, text)
    step_by_a_button(listener)
    read_the_curve(listener)
    listener.click(560, 560)  # a click pins as keys do
    wait_for(lambda: listener.description("Observed matrix") != text, "the click")
    assert listener.description("Observed matrix").startswith("user person-")


def train_by_a_button(listener: Listener) -> None:
    """Train without mouse or keys; the progress is told."""
    listener.press("Train")
    for words in ("epoch", "done"):
        wait_for(lambda words=words: words in listener.description(  # type: ignore[misc]
            "Training progress"), words, 120)


def move_by_keys(listener: Listener) -> str:
    """Pin a cell and move it; every matrix tells it. Return the last text."""
    listener.key("ctrl+3")
    texts = [listener.description("Observed matrix")]
    for key in ("Right", "Right", "Down", "End", "ctrl+End"):
        listener.key(key)
        wait_for(lambda: listener.description("Observed matrix") not in texts, f"what {key} does")
        texts.append(listener.description("Observed matrix"))
    for text in texts[1:]:
        assert text.startswith("user person-"), text
        assert ", item film-" in text
        assert ", predicted " in text
    told = listener.told()
    assert {told[name][1] for name in MATRICES} == {texts[-1]}
    return texts[-1]


def read_the_explanation(listener: Listener, text: str) -> None:
    """Hear the bars that add up to what the matrix tells, and walk along them."""
    predicted = text.split("predicted ")[1].split(",")[0]
    listener.key("ctrl+4")
    wait_for(lambda: listener.names("Waterfall by parts, bar 1 of "), "the explanation")
    assert text.split(",")[0].removeprefix("user ") in listener.description("The pinned cell")
    [name] = listener.names("Waterfall by parts, bar 1 of ")
    bars = listener.description(name).split("; ")
    assert bars[0].startswith("mean of the ratings ")
    assert bars[-1] == f"Predicted {predicted}"
    assert len(bars) >= 6
    listener.key("Down")
    wait_for(lambda: listener.names("Waterfall by parts, bar 2 of "), "the second bar")
    [name] = listener.names("Waterfall by parts, bar 2 of ")
    assert name.endswith(bars[1])


def step_by_a_button(listener: Listener) -> None:
    """Take a step on a copy and leave it; the matrices say whose numbers they hold."""
    listener.key("ctrl+5")
    wait_for(lambda: "prediction: r_hat" in listener.description("Equations of the pinned cell"),
             "the equations")
    listener.press("One epoch: step by step")
    wait_for(lambda: listener.names("A copy, 1 step on: loss"), "the step")
    assert listener.names("Predicted matrix, copy: step by step")
    listener.press("Leave: step by step")
    wait_for(lambda: listener.names("Predicted matrix") == ["Predicted matrix"], "the end of it")


def read_the_curve(listener: Listener) -> None:
    """Read the last epoch and the one before."""
    listener.key("ctrl+2", "End")
    wait_for(lambda: "   train " in listener.description("Learning curve"), "the last epoch")
    last = listener.description("Learning curve")
    listener.key("Left")
    wait_for(lambda: listener.description("Learning curve") != last, "the epoch before")
    assert "epoch " in listener.description("Learning curve")


def test_runs_are_told_compared_and_measured(listener: Listener) -> None:
    wait_for(lambda: listener.told().get("Train"), "the sample")
    for number in (1, 2):
        listener.press("Train")
        wait_for(lambda number=number: any(  # type: ignore[misc]
            "finished" in row or "stopped early" in row
            for row in listener.names(f"Run {number}, AdaGrad, validation RMSE 0.")),
            f"the row of run {number}", 180)
    read_the_list(listener)
    read_the_table(listener)
    read_the_comparison(listener)
    read_the_evaluation(listener)


def read_the_list(listener: Listener) -> None:
    """Hear of each run its number, method, figure and state, and which one is shown."""
    told = listener.told()
    assert told["List of runs"][1].startswith("The runs of this project")
    [first], [second] = (listener.names(f"Run {k}, AdaGrad, ") for k in (1, 2))
    assert told[first][0] == "list item"
    assert second.endswith(", shown")
    assert not first.endswith(", shown")


def read_the_table(listener: Listener) -> None:
    """Hear headings, and of each cell what it is of; tick both runs."""
    listener.press("Open the table of runs")
    wait_for(lambda: listener.names("Validation RMSE 0."), "the table")
    told = listener.told()
    assert told["Filter of the runs"][1].startswith("Words that a row must hold")
    assert told["Factors 64"][0] == "table cell"
    assert told["Validation RMSE"][0] in ("table column header", "column header")
    assert "not starred" in told
    listener.key("ctrl+shift+l", "ctrl+a", "space")
    for number in (1, 2):
        wait_for(lambda number=number: any(  # type: ignore[misc]
            name.endswith("drawn on the curve") for name in listener.names(f"Run {number}, ")),
            f"the tick of run {number}")


def read_the_comparison(listener: Listener) -> None:
    """Hear which is better, how surely, and what the two are."""
    listener.key("ctrl+d")
    wait_for(lambda: listener.names("Of these two trained models ")
             or listener.names("These two trained models "), "the comparison", 120)
    told = listener.told()
    assert told["The two models"][1].startswith("A Run ")
    assert "RMSE" in told["Differences of A and B with their intervals"][1]


def read_the_evaluation(listener: Listener) -> None:
    """Hear the figures of the shown model and of the simplest ones."""
    listener.key("ctrl+shift+e")
    button = "Measure the shown model and the simplest models on these ratings"
    wait_for(lambda: listener.told().get(button), "the panel")
    listener.press(button)
    wait_for(lambda: listener.told().get("User and item bias"), "the figures", 120)
    told = listener.told()
    assert {"Errors of predictions", "Figures of lists", "NDCG@10", "Global mean"} <= set(told)
    assert any(name.endswith(" best") and name.startswith("0.") for name in told)
    assert told["What has to be known of the figures"]
