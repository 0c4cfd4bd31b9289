"""A person at the screen: presses through the X server, and looks at where things are.

``MFGUI_JOURNEY_PICTURES=FOLDER`` keeps a picture of each station, ``MFGUI_JOURNEY_THEME=dark`` in
which theme.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).with_name("watched_program.py")
THEME = os.environ.get("MFGUI_JOURNEY_THEME", "light")
PICTURES = os.environ.get("MFGUI_JOURNEY_PICTURES")
PATIENCE = 180.0  # seconds that anything may take where the machine has other things to do
LOOK_EVERY = 0.05
MOST_TABS = 60


def look_of(name: str) -> Path | None:
    """Return where the picture of a station goes, None where none is wanted."""
    if not PICTURES:
        return None
    Path(PICTURES).mkdir(parents=True, exist_ok=True)
    return Path(PICTURES) / f"{name}-{THEME}.png"


class Watched:
    """A program in a process of its own: its window is driven through the X server."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._read = b""
        self.until(lambda: self.state().get("is_active"), "the window")

    # looking

    def ask(self, name: str, *arguments: Any) -> Any:
        """Return the answer to a question."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([name, *arguments]).encode() + b"\n")
        self.process.stdin.flush()
        while b"\n" not in self._read:
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
            assert ready, f"no answer to {name}{arguments}"
            read = os.read(self.process.stdout.fileno(), 1 << 20)
            assert read, f"the program ended with {self.process.poll()}"
            self._read += read
        answer, _, self._read = self._read.partition(b"\n")
        return json.loads(answer)

    def state(self) -> dict[str, Any]:
        """Return how the window stands."""
        found: dict[str, Any] = self.ask("state")
        return found

    def told(self) -> dict[str, Any]:
        """Return how the window stands, as far as a failure is told."""
        return {key: value for key, value in self.state().items() if key != "runs"}

    def until(self, done: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """Wait for something to come true; return it."""
        end = time.monotonic() + seconds
        while not (found := done()):
            assert time.monotonic() < end, f"waited in vain for {what}; {self.told()}"
            threading.Event().wait(LOOK_EVERY)
        return found

    def still(self, place: Callable[[], Any], what: str) -> list[int]:
        """Return where something is, once it stays there: what a press moves away is missed."""
        before: list[int] | None = None

        def stays() -> list[int] | None:
            nonlocal before
            now = place()
            is_same, before = now is not None and now == before, now
            return now if is_same else None

        found: list[int] = self.until(stays, what)
        return found

    def look(self, name: str) -> None:
        """Take a picture of a station."""
        if path := look_of(name):
            assert self.ask("picture", str(path))

    # doing

    def run(self, *words: str) -> None:
        """Have xdotool do something."""
        subprocess.run(["xdotool", *words], check=True)

    def press(self, place: list[int], at: int | None = None) -> None:
        """Click in the middle of a place, or so many pixels from its left."""
        left, top, width, height = place
        x = left + (width // 2 if at is None else at)
        self.run("mousemove", str(x), str(top + height // 2), "sleep", "0.1", "click", "1")

    def click(self, name: str) -> None:
        """Click on a widget, once it takes a click; again where nothing came of it."""
        before = self.state()["focus"]
        for _ in range(3):
            self.press(self.still(lambda: self.ask("place", name), name))
            try:
                self.until(lambda: before == name or self.state()["focus"] != before
                           or not self.ask("place", name), name, 15)
                return
            except AssertionError:
                continue
        pytest.fail(f"nothing comes of a click on {name}; {self.told()}")

    def cell(self, name: str, row: int, column: int = 0, at: int | None = None) -> None:
        """Click on a cell of a list or table."""
        self.press(self.still(lambda: self.ask("cell", name, row, column), f"row {row}"), at)

    def choose(self, *texts: str) -> None:
        """Choose an entry of the menus, from the bar on."""
        for text in texts:
            self.press(self.still(lambda text=text: self.ask("entry", text), text))

    def key(self, *keys: str) -> None:
        """Press keys."""
        self.run("key", "--clearmodifiers", "--delay", "40", *keys)

    def write(self, name: str, text: str) -> None:
        """Write into a field that has the keys, in the place of what stands there."""
        for _ in range(3):  # an X server with much to do was seen to lose a key
            self.key("ctrl+a", "Delete")
            if text:
                self.run("type", "--delay", "12", text)
            try:
                self.until(lambda: self.ask("label", name) == text, text, 10)
                return
            except AssertionError:
                continue
        pytest.fail(f"{name} has {self.ask('label', name)!r} instead of {text!r}")

    def fill(self, name: str, text: str) -> None:
        """Write into a field of a form; one that is not in view is reached by Tab."""
        if self.ask("place", name):
            self.click(name)
            self.until(lambda: self.state()["focus"] == name, name)
        self.enter(name, text)

    def to(self, name: str, key: str = "Tab") -> None:
        """Go from control to control by a key until one is reached."""
        for _ in range(MOST_TABS):
            if self.state()["focus"] == name:
                return
            self.key(key)
        pytest.fail(f"Tab does not reach {name}; {self.told()}")

    def enter(self, name: str, text: str) -> None:
        """Go to a field of a form, write into it and leave it."""
        self.to(name)
        self.key("ctrl+a")
        self.run("type", "--delay", "12", text)
        self.key("Tab")

    def menu_key(self, text: str, key: str) -> None:
        """Choose an entry of the menu of what has the keys, by its letter."""
        self.key("Menu")
        self.until(lambda: self.ask("entry", text), text)
        self.key(key)

    def answer(self, title: str, path: Path) -> None:
        """Give a file dialog a path."""
        self.until(lambda: any(each.startswith(title) for each in self.state()["dialogs"]), title)
        self.until(lambda: self.state()["focus"] == "fileNameEdit", "the field of the name")
        self.write("fileNameEdit", str(path))
        self.key("Return")
        self.until(lambda: self.state()["focus"] != "fileNameEdit", "the end of the dialog")

    # runs

    def runs(self) -> list[dict[str, Any]]:
        """Return the runs of the project, by number."""
        found: list[dict[str, Any]] = self.state()["runs"]
        return found

    def train(self) -> None:
        """Press Train, and wait for the end of the run."""
        n_runs = len(self.runs())
        self.click("startButton")
        self.until(lambda: len(self.runs()) > n_runs, "a run")
        self.until(lambda: self.state()["status"] == "DONE" and self.state()["running"] is None,
                   "its end")

    def row_of(self, number: int) -> int:
        """Return where a run stands in the list."""
        [row] = [k for k, texts in enumerate(self.ask("rows", "runList"))
                 if texts[0].split()[0] == str(number)]
        return row
