"""Kernels compiled ahead, seen from the program: started with it, waited for where they are needed.

Compiling in a thread was measured to stall the window for 50 ms at a time, and a first run waits
seconds for it: it is done in processes beside (``prepare``). What an earlier start has compiled
(``prepared``) is not waited for.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mfgui.core.control import Control
from mfgui.jobs.prepare import part_names
from mfgui.jobs.prepared import noted_parts

LOG = logging.getLogger("mfgui")
LOWEST = 19
PATIENCE_S = 3.0
# The priority comes first: to import what is compiled takes half a second by itself.
BEGIN = ("import os; hasattr(os, 'nice') and os.nice({}); "
         "from mfgui.jobs.prepare import main; main()")


class Preparation:
    """The processes, seen from the program that started them; their parts can be waited for.

    One goes over all parts at the lowest priority. A part that is waited for before its turn, or
    for long, gets another process to itself, at the usual priority: Train pressed at once after an
    installation waited 12 s for what it does not need, and on a busy machine it would for ever.
    """

    def __init__(self) -> None:
        self._ready: set[str] = set()
        self._changed = threading.Condition()
        self._running: list[tuple[subprocess.Popen[str], threading.Thread]] = []
        self._n_alive = 0
        self._hastened: set[str] = set()
        self._is_stopped = False

    @property
    def processes(self) -> list[subprocess.Popen[str]]:
        """All that were started."""
        return [process for process, _ in self._running]

    def start(self) -> None:
        """Start the process, once; what cannot be started is compiled where it is needed."""
        if not self._running:
            self._ready.update(noted_parts())
            self._begin(LOWEST)

    def _begin(self, niceness: int, *parts: str) -> None:
        """Start a process for some parts, or for all."""
        # Killed half-way it leaves files: they go with a folder that is ours.
        folder = tempfile.mkdtemp(prefix="mfgui-")
        with self._changed:
            if self._is_stopped:
                shutil.rmtree(folder)
                return
            try:
                process = subprocess.Popen(
                    [sys.executable, "-P", "-c", BEGIN.format(niceness), *parts],
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    text=True, env=_environment(folder))
            except OSError as error:
                LOG.warning("kernels are not compiled ahead: %s", error)
                shutil.rmtree(folder)
                return
            thread = threading.Thread(
                target=self._read, args=(process, folder), name="mfgui-prepare", daemon=False)
            self._running.append((process, thread))
            self._n_alive += 1
            thread.start()

    def _read(self, process: subprocess.Popen[str], folder: str) -> None:
        """Note each part as it is told; on a thread of its own."""
        assert process.stdout is not None
        for line in process.stdout:
            with self._changed:
                self._ready.add(line.strip())
                self._changed.notify_all()
        process.stdout.close()
        code = process.wait()
        shutil.rmtree(folder, ignore_errors=True)
        if code > 0:
            LOG.warning("compiling kernels ahead ended with code %d", code)
        with self._changed:
            self._n_alive -= 1
            self._changed.notify_all()

    def is_ready(self, part: str) -> bool:
        """Return whether a part need not be waited for: it is compiled, or nobody is at it."""
        with self._changed:
            return not self._n_alive or part in self._ready

    def wait(self, part: str, control: Control) -> None:
        """Wait until a part is ready.

        Raises
        ------
        CancelledError
            If the job is stopped meanwhile.
        """
        since = time.monotonic()
        while not self.is_ready(part):
            control.report("preparing")
            control.checkpoint()
            if not self._is_under_way(part) or time.monotonic() - since > PATIENCE_S:
                self._hasten(part)
            with self._changed:
                self._changed.wait(0.05)

    def _is_under_way(self, part: str) -> bool:
        """Return whether the process that goes over all parts is at this one."""
        return next((name for name in part_names() if name not in self._ready), "") == part

    def _hasten(self, part: str) -> None:
        """Start a process for a part that is waited for, once."""
        if part in part_names() and part not in self._hastened:
            self._hastened.add(part)
            self._begin(0, part)

    def before(
        self, part: str, job: Callable[[Control], Iterator[Any]]
    ) -> Callable[[Control], Iterator[Any]]:
        """Return a job that waits for a part, "" for none, and then does its work."""
        def wait_and_work(control: Control) -> Iterator[Any]:
            if part:
                self.wait(part, control)
            yield from job(control)

        return wait_and_work

    def stop(self) -> None:
        """End the processes and wait for the threads; none is started again."""
        with self._changed:
            self._is_stopped = True
        for process, _ in self._running:
            process.kill()
        for _, thread in self._running:
            thread.join()


def _environment(folder: str) -> dict[str, str]:
    """Return what the process is to find: this program, whatever lies where it was started from."""
    places = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, places)), "TMPDIR": folder}
