"""Runs that last, on a real screen: once by mouse over a program that is killed, once by keys alone.

Train three runs, compare two, search ten trials, kill the program during a fourth run, open it
again, continue, export, write the report, and look into the files. By keyboard: the table of runs,
evaluation and cross-validation with Cancel, a search that is paused and gone on with.

``MFGUI_JOURNEY_PICTURES=FOLDER`` keeps a picture of each station, ``MFGUI_JOURNEY_LOOK`` says of
which theme and size: ``dark 1920x1080``.
"""

from __future__ import annotations

import csv
import html.parser
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.store.project import open_project

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(
        not os.environ.get("DISPLAY") or os.environ.get("QT_QPA_PLATFORM") == "offscreen",
        reason="there is no screen"),
    pytest.mark.skipif(shutil.which("xdotool") is None, reason="xdotool is not installed"),
]
PROGRAM = Path(__file__).with_name("watched_program.py")
LOOK = os.environ.get("MFGUI_JOURNEY_LOOK", "light 1366x768").split()
PICTURES = os.environ.get("MFGUI_JOURNEY_PICTURES")
PATIENCE = 180.0  # seconds that anything may take where the machine has other things to do
LOOK_EVERY = 0.05
N_USERS, N_ITEMS, N_RATINGS = 300, 200, 20_000
N_TRIALS = 10
MOST_TABS = 40
SOME_EPOCHS = 40  # of the run that is killed, before it is


def look_of(name: str) -> Path | None:
    """Return where the picture of a station goes, None where none is wanted."""
    if not PICTURES:
        return None
    Path(PICTURES).mkdir(parents=True, exist_ok=True)
    return Path(PICTURES) / f"{name}-{'-'.join(LOOK)}.png"


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
        """Click on a widget, once it takes a click."""
        self.press(self.still(lambda: self.ask("place", name), name))

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
            self.key("ctrl+a")
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
        for _ in range(MOST_TABS):
            if self.state()["focus"] == name:
                break
            self.key("Tab")
        assert self.state()["focus"] == name
        self.key("ctrl+a")
        self.run("type", "--delay", "12", text)
        self.key("Tab")

    def answer(self, title: str, path: Path) -> None:
        """Give a file dialog a path."""
        self.until(lambda: title in self.state()["dialogs"], title)
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


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in which the program keeps what is its own, with the look that is wanted."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    folder = tmp_path / "xdg_config_home" / "mfgui"
    folder.mkdir(parents=True)
    (folder / "mfgui.ini").write_text(f'[General]\ntheme="\\"{LOOK[0]}\\""\n')
    return tmp_path


@pytest.fixture
def started(home: Path) -> Iterator[Callable[..., Watched]]:
    programs: list[Watched] = []

    def start(*words: str) -> Watched:
        made = Watched(*words)
        programs.append(made)
        width, height = LOOK[1].split("x")
        window = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(made.process.pid), "--name",
             "mfgui"], capture_output=True, text=True, check=True).stdout.split()[-1]
        made.run("windowmove", window, "0", "0", "windowsize", window, width, height)
        made.until(lambda: made.state()["size"] == [int(width), int(height)], "the size")
        return made

    yield start
    for program in programs:
        if program.process.poll() is None:
            program.process.kill()
        program.process.wait(60)
        for pipe in (program.process.stdin, program.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def ratings(home: Path) -> Path:
    """Return a file of ratings with something to find in them."""
    rng = np.random.default_rng(5)
    users, items = rng.normal(size=(N_USERS, 3)), rng.normal(size=(N_ITEMS, 3))
    keys = np.sort(rng.choice(N_USERS * N_ITEMS, N_RATINGS, replace=False))
    rows, columns = np.divmod(keys, N_ITEMS)
    found = 3.2 + 0.6 * np.sum(users[rows] * items[columns], axis=1)
    values = np.clip(np.round(found + rng.normal(0, 0.3, keys.size)), 1, 5)
    path = home / "films.csv"
    with path.open("w") as file:
        file.write("user,item,rating\n")
        for user, item, value in zip(rows, columns, values, strict=True):
            file.write(f"u{user + 1},film {item + 1},{value:g}\n")
    return path


def test_runs_last_by_mouse(started: Callable[..., Watched], ratings: Path, home: Path) -> None:
    program = started()
    open_and_train_three(program, ratings)
    compare_two(program)
    search(program)
    shown = kill_during_a_fourth(program)
    again = started()
    number = find_everything_again(again, shown)
    go_on(again, number, shown)
    take_away(again, home)
    project = Path(again.state()["project"])
    again.key("ctrl+q")
    assert again.process.wait(PATIENCE) == 0
    look_into_the_project(project, number, shown)


def open_and_train_three(program: Watched, ratings: Path) -> None:
    """Open a file, train three times with other settings."""
    program.look("01-start")
    program.key("ctrl+o")
    program.answer("Open ratings", ratings)
    program.until(lambda: program.state()["status"] == "READY", "the ratings")
    for n_factors in (2, 6, 24):
        program.fill("n_factors", str(n_factors))
        program.fill("n_epochs", "12")
        program.train()
    assert [run["settings"]["n_factors"] for run in program.runs()] == [2, 6, 24]
    program.look("02-three-runs")


def compare_two(program: Watched) -> None:
    """Tick two of the runs, and read which is better."""
    for number in (1, 2):
        program.cell("runList", program.row_of(number), at=8)
        program.until(lambda number=number: program.runs()[number - 1]["is_ticked"], "the tick")
    program.look("03-ticked")
    program.click("compareRunsButton")
    sentence = program.until(lambda: program.ask("label", "comparisonSentence"), "the comparison")
    assert "of these two trained models" in sentence.lower()
    program.until(lambda: program.ask("rows", "comparisonRows"), "where they differ")
    program.look("04-compared")
    program.choose("Run")
    program.look("05-run-menu")
    program.choose("Find settings")
    program.until(lambda: program.ask("view", "Find settings"), "the panel")


def search(program: Watched) -> None:
    """Try ten settings."""
    program.until(lambda: program.state()["focus"] == "searchStart", "the panel")
    program.look("06-search-before")
    program.fill("search_n_trials", str(N_TRIALS))
    program.click("searchStart")
    program.until(lambda: program.ask("place", "scatterButton"), "a trial")
    program.look("07-searching")
    program.until(lambda: not program.state()["is_busy"], "the end of the search")
    trials = [run for run in program.runs() if "trial" in run["origin"]]
    assert len(trials) == N_TRIALS
    assert program.until(lambda: program.ask("label", "searchBest"), "the best").startswith(
        "<b>Best: trial ")
    for view in ("scatter", "parallel", "trials", "result"):
        program.click(f"{view}Button")
        program.look(f"08-search-{view}")
    program.click("scatterButton")
    program.click("searchUse")


def kill_during_a_fourth(program: Watched) -> list[list[Any]]:
    """Train a run without end, and kill the program; return the epochs that were shown."""
    program.fill("n_epochs", "1000000")
    program.fill("patience", "0")
    program.click("startButton")
    program.until(lambda: program.state()["running"] is not None, "a run")
    program.until(lambda: program.ask("tab", "Curve"), "the curve's tab")
    program.press(program.ask("tab", "Curve"))
    program.until(lambda: len(program.ask("curve")) > SOME_EPOCHS, "some epochs")
    running = program.state()["running"]
    program.until(lambda: "state" in program.ask("roles", running), "a state to go on from")
    program.look("09-fourth")
    shown: list[list[Any]] = program.ask("curve")
    program.process.send_signal(signal.SIGKILL)
    assert program.process.wait(60) == -signal.SIGKILL
    return shown


def find_everything_again(program: Watched, shown: list[list[Any]]) -> int:
    """Start again: everything is there, and what was shown of the killed run; return its number."""
    program.until(lambda: len(program.runs()) == 4 + N_TRIALS, "the runs of last time")
    program.until(lambda: not program.state()["is_busy"], "the end of opening")
    last = program.runs()[-1]
    assert last["status"] == "interrupted"
    assert [run["is_ticked"] for run in program.runs()[:3]] == [True, True, False]
    assert program.until(lambda: program.state()["shown"], "a run") == last["id"]
    assert program.ask("curve")[:len(shown)] == shown
    assert "was interrupted at epoch" in program.state()["message"]
    program.look("10-again")
    found: int = last["number"]
    return found


def go_on(program: Watched, number: int, shown: list[list[Any]]) -> None:
    """Continue the run from where it stood, then stop it."""
    before = program.runs()[-1]["last_epoch"]
    program.click("messageRemedyButton")
    program.until(lambda: program.state()["running"] is not None, "the run")
    program.until(lambda: program.runs()[-1]["last_epoch"] > before + 10, "further epochs")
    program.look("11-going-on")
    program.click("stopButton")
    program.until(lambda: program.state()["running"] is None, "its end")
    [run] = [run for run in program.runs() if run["number"] == number]
    assert run["status"] == "stopped"
    assert len(program.runs()) == 4 + N_TRIALS
    # What was computed again is the same to the bit.
    assert program.ask("curve")[:len(shown)] == shown


def take_away(program: Watched, home: Path) -> None:
    """Export predictions and the curve, write the report; look into the files."""
    program.choose("File", "Export", "Predictions")
    program.until(lambda: "rows: about" in program.ask("label", "exportSizeText"), "the size")
    program.look("12-predictions")
    program.click("savePredictionsButton")
    program.answer("Export predictions", home / "predictions.csv")
    program.until(lambda: "predictions.csv" in program.state()["message"], "the predictions")
    program.look("13-exported")
    with (home / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == N_USERS * N_ITEMS
    assert len({(row["user"], row["item"]) for row in rows}) == len(rows)
    assert all(1 <= float(row["predicted"]) <= 5 for row in rows)
    program.click("closePredictionsButton")  # the dialog stays for further exports
    program.until(lambda: not program.state()["dialogs"], "the window")

    program.key("ctrl+e")
    program.answer("Export Curve as a picture", home / "curve.png")
    program.until((home / "curve.png").exists, "the picture")
    assert (home / "curve.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")

    program.choose("File", "Export", "Report")
    program.answer("Write the report", home / "report.html")
    program.until((home / "report.html").exists, "the report")
    text = (home / "report.html").read_text(encoding="utf-8")
    html.parser.HTMLParser().feed(text)
    for word in ("films.csv", "n_epochs", "<svg", "AdaGrad"):
        assert word in text, word
    assert "http://" not in text.replace("http://www.w3.org", "")


def look_into_the_project(path: Path, number: int, shown: list[list[Any]]) -> None:
    """Look at what the closed project holds."""
    assert not path.with_name(f"{path.name}-wal").exists()
    project = open_project(path, mode="read")
    try:
        run = project.find_run(str(number))
        assert run.status == "stopped"
        records = project.history(run.id)
        assert [[record.epoch, record.train_rmse, record.validation_rmse]
                for record in records[:len(shown)]] == shown
        assert len(project.runs()) == 4 + N_TRIALS
        assert len(project.entries("search")) == 1
    finally:
        project.close()
