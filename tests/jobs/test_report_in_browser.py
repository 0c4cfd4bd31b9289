"""A report in a browser, where one is installed: it looks right, asks for nothing, and prints."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.data.import_report import ImportReport
from mfgui.jobs.files import OpenedRatings
from mfgui.jobs.projects import keep_source
from mfgui.jobs.recording import RunRecord
from mfgui.store.project import Project, create_project

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), None)
TIMEOUT_S = 60.0
# A browser reads its orders from 3 and answers on 4.
PLUMBING = ("import os, sys; one, two = map(os.dup, map(int, sys.argv[1:3])); "
            "os.dup2(one, 3); os.dup2(two, 4); os.set_inheritable(3, True); "
            "os.set_inheritable(4, True); os.execv(sys.argv[3], sys.argv[3:])")
pytestmark = pytest.mark.skipif(BROWSER is None, reason=f"needs one of {', '.join(NAMES)}")

HOSTILE = ["<script>document.title='owned'</script>", "<img src=http://example.invalid/x.png>",
           "=cmd()|'/C calc'!A0", "\u202eright to left override", "שלום עולם", "x" * 500,
           "two\nlines", "'\"&<>"]


class Browser:
    """A browser without a window, told what to do through a pipe (DevTools protocol)."""

    def __init__(self, folder: Path) -> None:
        ours, theirs = os.pipe(), os.pipe()
        assert BROWSER is not None
        command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                   "--disable-dev-shm-usage", "--disable-background-networking",
                   "--remote-debugging-pipe", f"--user-data-dir={folder}"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", PLUMBING, str(ours[0]), str(theirs[1]), *command],
            pass_fds=(ours[0], theirs[1]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(ours[0])
        os.close(theirs[1])
        self._out, self._in, self._rest = ours[1], theirs[0], b""
        self._n, self._session = 0, ""
        self.events: list[dict[str, Any]] = []

    def begin(self) -> None:
        """Open an empty page, and have told what happens in it."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call(
            "Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for name in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{name}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Do something and return what came of it."""
        self._n += 1
        message: dict[str, Any] = {"id": self._n, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._n:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def _read(self) -> dict[str, Any]:
        deadline = time.monotonic() + TIMEOUT_S
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], max(deadline - time.monotonic(), 0))
            piece = os.read(self._in, 1 << 16) if ready else b""
            assert piece, "the browser says nothing"
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def open(self, path: Path) -> None:
        """Open a file and wait until all of it is there."""
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        while not any(each.get("method") == "Page.loadEventFired" for each in self.events):
            self.events.append(self._read())

    def ask(self, expression: str) -> Any:
        """Return what an expression comes to in the page."""
        return self.call("Runtime.evaluate", expression=expression,
                         returnByValue=True)["result"]["value"]

    def of(self, method: str) -> list[dict[str, Any]]:
        """Return what was told under a name."""
        return [each["params"] for each in self.events if each.get("method") == method]

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            os.close(self._out)
        self._process.terminate()
        self._process.wait(TIMEOUT_S)
        os.close(self._in)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    made = Browser(tmp_path / "profile")
    try:
        made.begin()
        yield made
    finally:
        made.close()


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = create_project(tmp_path / "P.mfgui")
    yield made
    made.close()


def report_of(project: Project, folder: Path, solver: str, **settings: Any) -> Path:
    """Train on ratings with hostile ids, and write the report."""
    rng = np.random.default_rng(0)
    users, items = np.nonzero(rng.random((40, 30)) < 0.5)
    ratings = Ratings(
        users.astype(np.int32), items.astype(np.int32),
        rng.integers(1, 6, users.size).astype(np.float32),
        TextArray.from_strings([*HOSTILE, *map(str, range(40 - len(HOSTILE)))]),
        TextArray.from_strings([*HOSTILE, *map(str, range(30 - len(HOSTILE)))]))
    opened = OpenedRatings(ratings, ImportReport(
        None, "<b>typed</b>", ratings.n_ratings, ratings.n_ratings, 40, 30, "", False, (),
        ratings.scale))
    kind = SOLVERS[solver].settings_type
    for _ in jobs.train(Control(), solver, kind(n_factors=3, n_epochs=4, **settings), ratings,
                        record=RunRecord(project, keep_source(project, opened))):
        pass
    run = project.runs()[-1]
    project.change_run(run.id, name=HOSTILE[0], note=f"{HOSTILE[1]}\n" + "noted again. " * 2000)
    project.flush()
    target = folder / "run.html"
    *_, written = jobs.report(Control(), target, project, run.id, ratings)
    assert written.path == str(target)
    return target


@pytest.mark.parametrize(("solver", "settings", "n_charts"), [
    ("adagrad", {"validation": 0.2}, 2), ("svd++", {}, 2), ("implicit-als", {}, 2),
    ("average", {"n_members": 2}, 2), ("gradient-descent", {"validation": 0.0}, 2)])
def test_the_report_opens_whole_and_asks_for_nothing(
    solver: str, settings: dict[str, Any], n_charts: int, browser: Browser, project: Project,
    tmp_path: Path,
) -> None:
    path = report_of(project, tmp_path, solver, **settings)
    browser.open(path)
    assert browser.ask("document.title").startswith("Run 1: <script>")
    assert browser.ask("document.scripts.length") == 0
    sizes = browser.ask(
        "[...document.images].map(image => [image.complete, image.naturalWidth, "
        "image.naturalHeight, image.clientWidth])")
    assert len(sizes) == 6  # three matrices, each with its colours
    assert all(is_there and width > 0 and height > 0 and seen > 50
               for is_there, width, height, seen in sizes)
    assert min(width for _, width, height, _ in sizes if height > 1) >= 100
    assert browser.ask("document.querySelectorAll('svg').length") == n_charts
    asked = [each["request"]["url"] for each in browser.of("Network.requestWillBeSent")]
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert browser.of("Runtime.consoleAPICalled") == []
    assert browser.of("Runtime.exceptionThrown") == []
    assert [each["entry"]["text"] for each in browser.of("Log.entryAdded")] == []


def test_nothing_of_the_report_is_cut_off_at_any_width(
    browser: Browser, project: Project, tmp_path: Path
) -> None:
    path = report_of(project, tmp_path, "adagrad", validation=0.2)
    for width in (1400, 1000, 620):
        browser.call("Emulation.setDeviceMetricsOverride", width=width, height=800,
                     deviceScaleFactor=1, mobile=False)
        browser.open(path)
        assert browser.ask("document.documentElement.scrollWidth") <= width
        # No word is broken into letters to make room for numbers.
        assert browser.ask("Math.min(...[...document.querySelectorAll('td, th')]"
                           ".map(cell => cell.clientWidth))") >= 25


def test_each_entry_of_the_list_at_the_top_leads_to_its_section(
    browser: Browser, project: Project, tmp_path: Path
) -> None:
    browser.open(report_of(project, tmp_path, "adagrad", validation=0.2))
    titles = browser.ask("[...document.querySelectorAll('nav a')].map(link => [link.textContent, "
                         "document.querySelector(link.getAttribute('href') + ' h2').textContent])")
    assert len(titles) >= 8
    assert all(one == other for one, other in titles)


def test_it_prints_on_some_pages(browser: Browser, project: Project, tmp_path: Path) -> None:
    browser.open(report_of(project, tmp_path, "adagrad", validation=0.2))
    pdf = base64.b64decode(browser.call("Page.printToPDF")["data"])
    assert pdf.startswith(b"%PDF")
    n_pages = pdf.count(b"/Type /Page\n") or pdf.count(b"/Type /Page ")
    assert 4 <= n_pages <= 40
