"""Works in the real window for hours and tells whether it grows or slows down.

    xvfb-run -a -s "-screen 0 1920x1080x24" python tests/faults/endurance.py --minutes 120

Over and over: open a ratings file, train by one of the methods, show an earlier run, tick runs for
the curve, compare two, look at each panel, delete runs, have one back, compact the project, open it
anew. Each minute a line tells memory, open handles, threads and the longest time for which the
window did not answer. The end says whether memory stayed within a tenth of what it was after the
first sixth of the time (the first 20 of 120 minutes).
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parents[1]))

if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer  # noqa: E402 - the platform comes before Qt

BEAT_MS = 10
LONGEST_S = 120.0
MOST_RUNS = 8
SOLVERS = ("adagrad", "sgd", "als", "gradient-descent", "nmf")
ALLOWED = 1.10


@dataclass(frozen=True)
class Sample:
    """What was measured over a minute."""

    minutes: float
    megabytes: float
    n_handles: int
    n_threads: int
    n_objects: int
    longest_ms: float
    n_long: int
    n_trained: int


class Heart:
    """Beats as long as the window answers, and notes where it did not."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.timeout.connect(self._on_beat)
        self._last = time.perf_counter()
        self.pauses: list[float] = []
        self._timer.start(BEAT_MS)

    def _on_beat(self) -> None:
        now = time.perf_counter()
        self.pauses.append(1000 * (now - self._last) - BEAT_MS)
        self._last = now

    def take(self) -> tuple[float, int]:
        """Return the longest pause in milliseconds, and how many were over 100."""
        pauses, self.pauses = self.pauses, []
        return max(pauses, default=0.0), sum(pause > 100 for pause in pauses)


class Person:
    """Uses a window as a person does, without ever resting.

    Parameters
    ----------
    window : MainWindow
    files : list of Path
    seed : int
    end : float
        When to stop, by ``time.monotonic``.
    """

    def __init__(self, window: Any, files: list[Path], seed: int, end: float) -> None:
        self._window, self._files, self._end = window, files, end
        self._rng = random.Random(seed)
        self.done: Counter[str] = Counter()

    def wait(self, what: str, is_done: Callable[[], bool], seconds: float = LONGEST_S) -> None:
        """Let the window work until something is so."""
        loop, poll = QEventLoop(), QTimer()
        limit = time.monotonic() + seconds
        poll.timeout.connect(lambda: loop.quit() if is_done() or time.monotonic() > limit else None)
        poll.start(BEAT_MS)
        loop.exec()
        poll.stop()
        if not is_done():
            self.done[f"waited in vain for {what}"] += 1

    def rest(self, seconds: float) -> None:
        """Look at what is there."""
        begin = time.monotonic()
        self.wait("nothing", lambda: time.monotonic() - begin > seconds)

    def live(self) -> None:
        """Work until the time is over."""
        steps = [self._train, self._train, self._train, self._show, self._tick, self._compare,
                 self._look, self._pin, self._delete, self._undo]
        self._open()
        n_rounds = 0
        while time.monotonic() < self._end:
            n_rounds += 1
            if n_rounds % 25 == 0:
                self._open()
            if n_rounds % 40 == 0:
                self._compact()
            if n_rounds % 60 == 0:
                self._open_again()
            self._rng.choice(steps)()
            self.rest(0.2)

    @property
    def _project(self) -> Any:
        return self._window.run_model.project

    def _idle(self) -> None:
        window = self._window
        self.wait("the jobs", lambda: not (
            window.job_runner.is_running or window.run_model.status.is_running
            or window.training.runner.is_running))

    def _open(self) -> None:
        """Open another ratings file."""
        self._idle()
        self._window.open_path(self._rng.choice(self._files))
        self._idle()
        self.done["opened"] += 1

    def _train(self) -> None:
        """Train, at times only until it is stopped."""
        from mfgui.errors import SettingsError

        window, setup = self._window, self._window.setup_panel
        self._idle()
        window.projects.keep()
        setup.set_solver(self._rng.choice(SOLVERS))
        for name, value in (("n_epochs", self._rng.randrange(5, 40)),
                            ("n_factors", self._rng.choice((2, 8, 16))), ("patience", 0)):
            try:
                setup.form.set_value(name, value)
            except (KeyError, SettingsError):
                continue
        setup.controls.start.click()
        if self._rng.random() < 0.2:
            self.rest(0.5)
            window.stop()
        self._idle()
        self.done["trained"] += 1
        gone = [run.id for run in self._project.runs[: max(len(self._project.runs) - MOST_RUNS, 0)]]
        if gone:
            self._project.delete(gone)
            self.done["deleted"] += len(gone)

    def _some_run(self) -> int | None:
        runs = self._project.runs
        return self._rng.choice(runs).id if runs else None

    def _show(self) -> None:
        run_id = self._some_run()
        if run_id is not None:
            self._project.show_wanted.emit(run_id)
            self.rest(0.5)
            self._idle()
            self.done["shown"] += 1

    def _tick(self) -> None:
        run_id = self._some_run()
        if run_id is not None:
            self._project.tick(run_id, not self._project.run(run_id).is_ticked)
            self._project.star(run_id, self._rng.random() < 0.5)
            self._project.rename(run_id, self._rng.choice(("", "a name", "another")))
            self.done["ticked"] += 1

    def _compare(self) -> None:
        runs = self._project.runs
        if len(runs) > 1:
            self._idle()
            self._project.compare_wanted.emit(*(run.id for run in self._rng.sample(runs, 2)))
            self._idle()
            self.done["compared"] += 1

    def _look(self) -> None:
        for name in self._rng.sample(list(self._window.docks), 4):
            self._window.layout_.show(name)
            self.rest(0.3)
        self.done["looked"] += 1

    def _pin(self) -> None:
        ratings = self._window.run_model.ratings
        if ratings is not None and ratings.n_ratings:
            self._window.view_state.set_pinned(
                (self._rng.randrange(ratings.n_users), self._rng.randrange(ratings.n_items)))
            self.rest(0.3)
            self.done["pinned"] += 1

    def _delete(self) -> None:
        run_id = self._some_run()
        if run_id is not None and len(self._project.runs) > 3:
            self._project.delete([run_id])
            self.done["deleted"] += 1

    def _undo(self) -> None:
        if self._project.can_undo:
            self._project.undo_delete()
            self.done["undone"] += 1

    def _compact(self) -> None:
        from mfgui import jobs

        project = self._project.project
        if project is not None:
            self._idle()
            self._project.forget_deleted()
            self._window.start_job("Compacting", lambda control: jobs.compact_project(
                control, project))
            self._idle()
            self.done["compacted"] += 1

    def _open_again(self) -> None:
        """Open the project that is open, as after a night."""
        project = self._project.project
        if project is not None:
            self._idle()
            copy = project.path.with_name(f"again-{self.done['opened again'] % 2}.mfgui")
            self._window.start_job("Copying", lambda control: jobs_copy(control, project, copy))
            self._idle()
            if copy.exists():
                self._window.open_path(copy)
                self._idle()
                self.done["opened again"] += 1


def jobs_copy(control: Any, project: Any, to: Path) -> Any:
    """Copy a project to another place."""
    control.report(f"Copying {to.name}")
    if to != project.path:
        project.copy_to(to)
    yield to


def resident() -> float:
    """Return the memory that is held, in megabytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def n_threads() -> int:
    """Return the number of threads."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("Threads:")[2].split()[0])


def ratings_files(folder: Path) -> list[Path]:
    """Return real ratings where they are at hand, and made ones."""
    rng = np.random.default_rng(0)
    path = folder / "made.csv"
    left, right = rng.normal(size=(300, 3)), rng.normal(size=(200, 3))
    users, items = np.nonzero(rng.random((300, 200)) < 0.2)
    values = np.clip(np.rint(3 + (left[users] * right[items]).sum(1)), 1, 5)
    path.write_text("user,item,rating\n" + "".join(
        f"u{user},i{item},{value:g}\n" for user, item, value in zip(
            users, items, values, strict=True)))
    shared = Path(os.environ.get("MFGUI_TEST_DATA", HERE.parents[2] / "shared" / "data"))
    real = shared / "ml-100k" / "u.data"
    return [path, *([real] if real.exists() else [])]


def line_of(sample: Sample) -> str:
    """Return a line of the table."""
    return (f"{sample.minutes:7.1f} {sample.megabytes:9.1f} {sample.n_handles:8d} "
            f"{sample.n_threads:8d} {sample.n_objects:9d} {sample.longest_ms:11.0f} "
            f"{sample.n_long:9d} {sample.n_trained:8d}")


HEAD = (f"{'minutes':>7} {'MB':>9} {'handles':>8} {'threads':>8} {'objects':>9} "
        f"{'longest ms':>11} {'over 100':>9} {'trained':>8}")


def verdict(samples: list[Sample]) -> list[str]:
    """Return what grew, as sentences; nothing where all stayed as it was."""
    first = [sample for sample in samples if sample.minutes >= samples[-1].minutes / 6]
    if len(first) < 3:
        return ["too short to tell"]
    begin, rest = first[0], first[1:]
    found = []
    most = max(sample.megabytes for sample in rest)
    if most > ALLOWED * begin.megabytes:
        found.append(f"memory grew from {begin.megabytes:.0f} to {most:.0f} MB")
    half = len(rest) // 2
    for name in ("n_handles", "n_threads"):
        early = max(getattr(sample, name) for sample in first[: half + 1])
        late = max(getattr(sample, name) for sample in rest[half:])
        if late > early + 3:
            found.append(f"{name[2:]} grew from {early} to {late}")
    early_ms = float(np.median([sample.longest_ms for sample in first[: half + 1]]))
    late_ms = float(np.median([sample.longest_ms for sample in rest[half:]]))
    if late_ms > 1.5 * early_ms + 20:
        found.append(f"the longest pauses grew from {early_ms:.0f} to {late_ms:.0f} ms")
    return found


def main() -> int:
    """Work for as long as was asked for, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--every", type=float, default=60.0, help="seconds between two lines")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mfgui-endurance-") as name:
        folder = Path(os.path.realpath(name))
        for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            os.environ[variable] = str(folder / variable.lower())
        return endure(folder, given.minutes, given.every, given.seed)


def endure(folder: Path, minutes: float, every: float, seed: int) -> int:
    """Work in a window that keeps all its files in a folder."""
    from mfgui.gui.app import create_window, spare_collector

    files = ratings_files(folder)
    window = create_window()
    spare_collector(window)
    window.preparation.start()
    window.resize(1700, 960)
    window.show()
    heart, begin = Heart(), time.monotonic()
    person = Person(window, files, seed, begin + 60 * minutes)
    samples: list[Sample] = []
    print(HEAD, flush=True)

    def measure() -> None:
        longest, n_long = heart.take()
        samples.append(Sample(
            (time.monotonic() - begin) / 60, resident(), len(os.listdir("/proc/self/fd")),
            n_threads(), len(gc.get_objects()), longest, n_long, person.done["trained"]))
        print(line_of(samples[-1]), flush=True)
        heart.take()  # counting took its time
        heart._last = time.perf_counter()

    clock = QTimer()
    clock.timeout.connect(measure)
    clock.start(round(1000 * every))
    person.live()
    clock.stop()
    measure()
    window.close()
    print(", ".join(f"{n} {what}" for what, n in sorted(person.done.items())))
    found = verdict(samples)
    print("; ".join(found) or "Nothing grew.")
    return bool(found)


if __name__ == "__main__":
    raise SystemExit(main())
