"""What the writer's thread does: whatever comes within a tick is committed in one transaction.

What cannot be written, as on a full disk, stays in memory in its order and is tried again every two
seconds; whoever waited for the commit is told to go on all the same, with ``trouble`` saying why:
it is shown though not yet written.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from mfgui.store.project.committer import Committer, is_trouble
from mfgui.store.project.tasks import Task, TaskQueue, Then

TICK_S = 0.033
RETRY_S = 2.0
IDLE_S = 2.0
"""After how long without a change the log is moved into the file."""

LOOK_S = 1.0
"""Between two looks whether the file is still there."""

CLOSE_S = 3.0
"""How long closing goes on trying where nothing can be written."""

_log = logging.getLogger(__name__)


class WriterLoop:
    """The thread of a ``ProjectWriter``.

    Parameters
    ----------
    connection : sqlite3.Connection
        That may write; nobody else uses it until ``close`` has returned.
    path : Path
        For sentences.
    is_there : callable
        Whether the file still lies where it was opened.
    """

    def __init__(
        self, connection: sqlite3.Connection, path: Path, is_there: Callable[[], bool]
    ) -> None:
        self._committer, self._path, self._is_there = Committer(connection, path), path, is_there
        self._lost, self._looked_at = "", 0.0
        self._changed = threading.Condition()
        self._small, self._long = TaskQueue(), TaskQueue()
        self._alone: list[Then] = []
        self._n_waiting = 0
        self._is_closing = False
        self._give_up_at = 0.0
        self._bugs: list[BaseException] = []
        self._told_trouble = ""
        self._trouble_callbacks: list[Callable[[str], None]] = []
        self._thread = threading.Thread(target=self._loop, name="mfgui-project", daemon=False)
        self._thread.start()

    @property
    def trouble(self) -> str:
        """Why what is written is not safe, in one sentence; "" where it is."""
        with self._changed:
            return self._small.trouble or self._long.trouble or self._lost

    def when_trouble(self, callback: Callable[[str], None]) -> None:
        """Have ``callback`` called, from the writer's thread, with each new ``trouble``."""
        with self._changed:
            self._trouble_callbacks.append(callback)

    def _begin_to_close(self) -> None:
        if not self._is_closing:
            self._is_closing, self._give_up_at = True, time.monotonic() + CLOSE_S

    def _loop(self) -> None:
        while True:
            with self._changed:
                queue = self._next_queue()
                alone, self._alone = self._alone, []
                tasks = []
                if queue is not None and not alone:
                    tasks = queue.take(queue.most if queue is self._small else 1)
            for run in alone:
                run()
            if queue is None:
                return
            if tasks:
                self._write(queue, tasks)
            elif not alone:
                self._committer.settle()

    def _next_queue(self) -> TaskQueue | None:
        """Wait for work; return where it lies, an empty queue to settle, None at the end."""
        while True:
            if not threading.main_thread().is_alive():
                self._begin_to_close()  # else a program that forgot to close would never end
            now = time.monotonic()
            waiting = [queue for queue in (self._small, self._long) if queue.waiting]
            if self._alone:
                return self._small
            if self._is_closing and (not waiting or self._is_given_up(now)):
                return None
            waits = [self._wait_s(queue, now) for queue in waiting]
            if waits and min(waits) <= 0:
                # What is small goes first: a large one may belong to a run that has just begun.
                is_first = not waiting[0].trouble or waits[0] <= 0
                return waiting[0] if is_first else waiting[-1]
            if not self._changed.wait(min([*waits, IDLE_S])) and not waiting and (
                    self._committer.is_unsettled):
                return self._small

    def _is_given_up(self, now: float) -> bool:
        """Return whether closing has tried long enough."""
        is_late = now > self._give_up_at or self._committer.is_hopeless
        return bool(self._small.trouble or self._long.trouble) and is_late

    def _wait_s(self, queue: TaskQueue, now: float) -> float:
        """Return how long to wait before the next try of a queue."""
        troubled = [each for each in (queue, self._small) if each.trouble]
        if troubled:
            if queue.has_untold:
                return 0.0
            wait = max(each.due for each in troubled) - now
            return min(wait, CLOSE_S / 4) if self._is_closing else wait
        return 0.0 if self._is_closing or self._n_waiting else queue.due - now

    def _write(self, queue: TaskQueue, tasks: list[Task]) -> None:
        """Commit tasks, or take note why it cannot be."""
        trouble = self._must_wait(queue)
        if trouble:
            self._give_back(queue, trouble)
            return
        try:
            rest = self._committer.commit(tasks)
        except Exception as error:  # noqa: BLE001  whatever a write function raises is told
            if is_trouble(error):
                queue.most = max(len(tasks) // 2, 1)
                self._give_back(queue, self._committer.sentence(error))
            elif len(tasks) == 1:
                self._drop(queue, tasks[0], error)
            else:
                self._write_each(queue, tasks)
            return
        self._finish(queue, tasks, rest)

    def _must_wait(self, queue: TaskQueue) -> str:
        """Return why there is no sense in trying now, "" where there is."""
        if queue is self._long and self._small.trouble:
            return self._small.trouble
        is_early = time.monotonic() < queue.due and not self._is_closing
        return queue.trouble if is_early else ""

    def _write_each(self, queue: TaskQueue, tasks: list[Task]) -> None:
        """Write tasks one by one: the others shall not suffer from one that fails."""
        for position, task in enumerate(tasks):
            try:
                rest = self._committer.commit([task])
            except Exception as error:  # noqa: BLE001  as above
                if is_trouble(error):
                    with self._changed:
                        queue.taken = tasks[position:]
                    self._give_back(queue, self._committer.sentence(error))
                    return
                self._drop(queue, task, error)
            else:
                self._finish(queue, [task], rest, tasks[position + 1 :])

    def _finish(
        self, queue: TaskQueue, tasks: list[Task], rest: list[Task],
        others: list[Task] | None = None,
    ) -> None:
        """Tell those who waited; ``rest`` has more to write, ``others`` are still taken."""
        with self._changed:
            for task in rest:
                task.begin()
            queue.taken = list(rest)
            queue.give_back()
            queue.taken = others or []
            queue.trouble = ""
            queue.most = None if queue.most is None else 2 * queue.most
            queue.due = time.monotonic() + (0.0 if queue is self._long else TICK_S)
        self._tell_trouble()
        for task in tasks:
            if task not in rest:
                for callback in (*task.done, *task.thens):
                    self._call(callback)

    def _give_back(self, queue: TaskQueue, trouble: str) -> None:
        """Keep what could not be written, and let those go on who wait for it."""
        with self._changed:
            queue.give_back()
            queue.drop_begun()
            now = time.monotonic()
            if not queue.trouble or now >= queue.due:
                queue.due = now + RETRY_S
            queue.trouble = trouble
            thens = queue.take_thens()
        self._tell_trouble()
        for then in thens:
            self._call(then)

    def _drop(self, queue: TaskQueue, task: Task, error: BaseException) -> None:
        """Tell a bug to whoever submitted it, or to the log and the next ``flush``."""
        with self._changed:
            queue.taken = [other for other in queue.taken if other is not task]
            if not task.failed:
                self._bugs.append(error)
        if not task.failed:
            _log.error("a write into %s failed", self._path.name, exc_info=error)
        for failed in task.failed:
            failed(error)
        for then in task.thens:
            self._call(then)

    def _call(self, callback: Then) -> None:
        try:
            callback()
        except Exception as error:  # noqa: BLE001  the thread goes on; the bug is told
            _log.error("what followed a write into %s failed", self._path.name, exc_info=error)
            with self._changed:
                self._bugs.append(error)

    def _tell_trouble(self) -> None:
        now = time.monotonic()
        if now - self._looked_at > LOOK_S:
            self._looked_at = now
            self._lost = "" if self._is_there() else (
                f"{self._path.name} was moved, replaced or deleted while it was open: save the "
                "project under another name, or it may be lost.")
        trouble = self.trouble
        if trouble == self._told_trouble:
            return
        self._told_trouble = trouble
        with self._changed:
            callbacks = list(self._trouble_callbacks)
        for callback in callbacks:
            self._call(lambda tell=callback: tell(trouble))  # type: ignore[misc]
