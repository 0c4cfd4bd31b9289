"""The only threads that talk to Qt: jobs run here, their events come out of a drained queue.

A job's iterator runs on a worker thread and puts each event on a queue; a GUI timer (33 ms)
empties it and hands on one list. With one signal an epoch 5000 quick epochs froze the window for
25 s; the drained queue's longest pause was 13 ms. ``finished`` comes once, last, after success,
stop or error alike.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from mfgui.core.control import Control

TICK_MS = 33
NICENESS = 10  # of threads that work, so that the one that draws is served first
_TURN = threading.Lock()
_deadline: float | None = None


def stand_back() -> None:
    """Let the calling thread, and those it starts, give way to the GUI thread.

    With training, pictures and panels at work on two cores the GUI thread waited up to 90 ms for
    its turn. Linux alone gives each thread a niceness of its own.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # a system that forbids it is only less smooth
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def hurry(seconds: float | None) -> None:
    """Have ``join`` wait for so long at most, all threads together; None: as long as it takes."""
    global _deadline
    _deadline = None if seconds is None else time.monotonic() + seconds


def join(thread: threading.Thread) -> None:
    """Wait for a thread, within the bounds that ``hurry`` sets."""
    thread.join(None if _deadline is None else max(_deadline - time.monotonic(), 0.0))


class JobRunner(QObject):
    """Runs one job at a time on a worker thread.

    Signals
    -------
    started : a job begins
    events : list of what the job yielded since the last tick
    finished : the exception that ended the job, or None; comes once and last
    """

    started = Signal()
    events = Signal(list)
    finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.control = Control()
        self._queue: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_tick)

    @property
    def is_running(self) -> bool:
        """Whether a job is alive or its end has not been told yet."""
        return self._thread is not None

    def start(self, job: Callable[[Control], Iterator[Any]]) -> Control:
        """Run ``job(control)`` on a worker thread and return its control.

        Raises
        ------
        RuntimeError
            If a job is running: a second start is refused.
        """
        if self._thread is not None:
            raise RuntimeError("a job is running")
        self.control, self._error = Control(), None
        self._thread = threading.Thread(
            target=self._work, args=(job, self.control), name="mfgui-job", daemon=False)
        self._thread.start()
        self._timer.start()
        self.started.emit()
        return self.control

    def _work(self, job: Callable[[Control], Iterator[Any]], control: Control) -> None:
        """Exhaust the iterator; on the worker thread."""
        stand_back()
        try:
            for event in job(control):
                self._queue.put(event)
        except BaseException as error:  # noqa: BLE001 - handed to the GUI thread, which shows it
            self._error = error

    def _on_tick(self) -> None:
        """Hand on what has come, then the end if it is the end."""
        thread = self._thread
        is_over = thread is not None and not thread.is_alive()
        batch = self._drain()
        if batch:
            self.events.emit(batch)
        if is_over and self._thread is thread:
            self._end()

    def _drain(self) -> list[Any]:
        """Empty the queue."""
        batch = []
        while not self._queue.empty():
            batch.append(self._queue.get())
        return batch

    def _end(self) -> None:
        """Tell the end, once."""
        assert self._thread is not None
        self._thread.join()
        self._thread = None
        self._timer.stop()
        self.finished.emit(self._error)

    def shut_down(self) -> None:
        """Stop the job, wait for its thread and tell nothing any more."""
        self._timer.stop()
        self.control.stop()
        if self._thread is not None:
            join(self._thread)
            self._thread = None


class LatestWorker(QObject):
    """Answers requests on a thread of its own; the newest request wins, older ones are dropped.

    Workers take turns: six panels that follow a training at once would hand the interpreter's lock
    round among themselves, and the GUI thread would wait for it behind all of them. Those with
    ``takes_turns`` off work at any time: what a person's hand waits for, as pictures under a drag.

    Signals
    -------
    done : the answer to the newest request that was worked on
    failed : the exception that a request ended in
    """

    done = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None, *, takes_turns: bool = True) -> None:
        super().__init__(parent)
        self._turn = _TURN if takes_turns else contextlib.nullcontext()
        self._condition = threading.Condition()
        self._request: Callable[[], Any] | None = None
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def ask(self, request: Callable[[], Any]) -> None:
        """Have ``request()`` worked out; an older one that has not begun is forgotten."""
        with self._condition:
            if self._is_closed:
                return
            self._request = request
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="mfgui-view", daemon=False)
                self._thread.start()
            self._condition.notify()

    def _work(self) -> None:
        """Answer until closed; signals cross to the GUI thread through Qt's own queue."""
        stand_back()
        while True:
            with self._condition:
                while self._request is None and not self._is_closed:
                    self._condition.wait()
                if self._is_closed:
                    return
                request, self._request = self._request, None
            assert request is not None
            try:
                with self._turn:
                    answer = request() if not self._is_closed else None
            except Exception as error:  # noqa: BLE001 - handed to the GUI thread, which shows it
                self._tell(self.failed, error)
            else:
                self._tell(self.done, answer)
            # While it waits, the thread would keep ratings and models alive that nobody shows.
            request = answer = None

    def _tell(self, signal: Any, value: object) -> None:
        """Emit unless closed meanwhile: a late answer never reaches a closed panel."""
        if not self._is_closed:
            signal.emit(value)

    def close(self) -> None:
        """Forget what was asked, and ask the thread to end."""
        with self._condition:
            self._is_closed = True
            self._request = None
            self._condition.notify()

    def shut_down(self) -> None:
        """Forget what was asked and wait for the thread."""
        self.close()
        if self._thread is not None:
            join(self._thread)
            self._thread = None
