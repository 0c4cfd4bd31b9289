"""Compile all kernels ahead, in a process of its own: ``python -m mfgui.jobs.prepare``.

Compiling in a thread was measured to stall the window for 50 ms at a time, and a first run waits
seconds for it. The process has the lowest priority, fills the cache on disk, and writes a line
for each part that is ready: "reading", "views", then the name of each solver, the default one
first.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from mfgui.core.control import Control
from mfgui.core.settings import RunSettings, describe

LOG = logging.getLogger("mfgui")
NICENESS = 19


def prepared_parts() -> Iterator[str]:
    """Compile part by part; yield the name of each once it is ready."""
    from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS

    prepare_reading()
    yield "reading"
    prepare_solver(DEFAULT_SOLVER)
    yield DEFAULT_SOLVER
    prepare_views()
    yield "views"
    for name in SOLVERS:
        if name != DEFAULT_SOLVER:
            prepare_solver(name)
            yield name


def prepare_reading() -> None:
    """Read a small file of each kind that has kernels of its own."""
    from mfgui.data.reader import open_ratings

    with tempfile.TemporaryDirectory() as folder:
        for name, text in (
                ("long.csv", "user,item,rating,time\n" + "".join(
                    f"u{k % 7},i{k % 5},{k % 5 + 1},{978300000 + k}\n" for k in range(35))),
                ("wide.csv", "user,a,b,c\n" + "".join(
                    f"p{k},{k % 5 + 1},,{k % 4 + 1}\n" for k in range(9)))):
            path = Path(folder) / name
            path.write_text(text, encoding="utf-8")
            open_ratings(path)


def prepare_views() -> None:
    """Paint a small model."""
    from mfgui.inspection.colours import LIGHT_PALETTE
    from mfgui.inspection.order import ORDERS
    from mfgui.inspection.painter import Painter, Request

    solver = _tiny_solver("adagrad")
    request = Request(
        solver.ratings, solver.model, "file", (0, 2), (0, 2), 10, 10, is_over_all=False,
        is_stretched=True, colour_map="viridis", palette=LIGHT_PALETTE)
    for is_over_all in (False, True):
        for order in ORDERS:
            Painter().paint(replace(request, is_over_all=is_over_all, order_name=order))


def prepare_solver(name: str) -> None:
    """Run an epoch of a solver with each of its choices."""
    from mfgui.core.parallel import WorkerPool
    from mfgui.core.solvers import SOLVERS
    from mfgui.training.session import warm_up

    with WorkerPool(1) as pool:
        for settings in choices_of(SOLVERS[name].settings_type):
            warm_up(SOLVERS[name], settings, pool)


def choices_of(settings_type: type[RunSettings]) -> Iterator[RunSettings]:
    """Return the default settings, then them with each other value of each choice."""
    default = settings_type()
    yield default
    for info in describe(settings_type):
        for value in info.choices:
            if value != info.default:
                values: dict[str, Any] = {info.name: value}
                yield replace(default, **values)


def _tiny_solver(name: str) -> Any:
    """Return a solver on two ratings."""
    import numpy as np

    from mfgui.core.parallel import WorkerPool
    from mfgui.core.solvers import SOLVERS
    from mfgui.training.session import two_ratings

    settings = SOLVERS[name].settings_type()
    return SOLVERS[name](two_ratings(), settings, WorkerPool(1), np.random.default_rng(0))


class Preparation:
    """The process, seen from the program that started it; its parts can be waited for."""

    def __init__(self) -> None:
        self._ready: set[str] = set()
        self._changed = threading.Condition()
        self._is_over = True
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the process; what cannot be started is compiled where it is needed."""
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "mfgui.jobs.prepare"], stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        except OSError as error:
            LOG.warning("kernels are not compiled ahead: %s", error)
            return
        self._is_over = False
        self._thread = threading.Thread(target=self._read, name="mfgui-prepare", daemon=False)
        self._thread.start()

    def _read(self) -> None:
        """Note each part as it is told; on a thread of its own."""
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self._ready.add(line.strip())
                self._changed.notify_all()
        self._process.stdout.close()
        code = self._process.wait()
        if code > 0:
            LOG.warning("compiling kernels ahead ended with code %d", code)
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def is_ready(self, part: str) -> bool:
        """Return whether a part need not be waited for: it is compiled, or nobody is at it."""
        with self._changed:
            return self._is_over or part in self._ready

    def wait(self, part: str, control: Control) -> None:
        """Wait until a part is ready.

        Raises
        ------
        CancelledError
            If the job is stopped meanwhile.
        """
        while not self.is_ready(part):
            control.report("preparing")
            control.checkpoint()
            with self._changed:
                self._changed.wait(0.05)

    def stop(self) -> None:
        """End the process and wait for the thread."""
        if self._process is not None:
            self._process.kill()
        if self._thread is not None:
            self._thread.join()


def main() -> None:
    """Prepare everything; told line by line, so that a run that needs one part can begin."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    for part in prepared_parts():
        sys.stdout.write(part + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
