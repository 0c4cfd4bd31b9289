"""How a project is written to: by one thread, in the order in which it was submitted."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from mfgui.errors import ProjectError
from mfgui.store.project.tasks import LongWrite, Task, TaskQueue, Then, Write, write_tasks
from mfgui.store.project.writer_loop import WriterLoop

_Result = TypeVar("_Result")


class ProjectWriter(WriterLoop):
    """Writes into a project, on a thread of its own; see ``writer_loop``."""

    def submit(
        self, write: Write, then: Then | None = None, key: object = None, done: Then | None = None
    ) -> None:
        """Write something within the next tick.

        Parameters
        ----------
        write : callable
            Gets the connection within a transaction; called again where the commit fails.
        then : callable or None
            Called from the writer's thread after the commit; where nothing can be written, after
            ``trouble`` has been told.
        key : object
            Replaces what has the same key and is not yet written.
        done : callable or None
            Called once it is in the file, and only then.

        Raises
        ------
        ProjectError
            If the project has been closed.
        """
        self._put(self._small, Task(key or object(), write, None, *_lists(then, done)))

    def submit_rows(
        self, statement: str, rows: Iterable[Any], then: Then | None = None,
        done: Then | None = None,
    ) -> None:
        """Write rows by one statement; neighbours with the same one are written together."""
        self._put(self._small, Task(object(), None, (statement, list(rows)), *_lists(then, done)))

    def submit_long(
        self, write: LongWrite, then: Then | None = None, key: object = None,
        done: Then | None = None,
    ) -> None:
        """Write something large piece by piece, what is small in between."""
        self._put(self._long, Task(key or object(), write, None, *_lists(then, done)))

    def call(self, write: Write) -> None:
        """Write something and wait for the commit, or for ``trouble``; what it raises is raised."""
        self._wait_for(self._small, write)

    def call_alone(self, use: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Lend the connection, outside any transaction; return or raise what ``use`` does."""
        results: list[_Result] = []
        failures: list[BaseException] = []
        event = threading.Event()

        def run() -> None:
            try:
                results.append(use(self._committer.connection))
            except BaseException as error:  # noqa: BLE001  raised again below
                failures.append(error)
            event.set()

        with self._changed:
            self._refuse_closed()
            self._alone.append(run)
            self._changed.notify_all()
        event.wait()
        if failures:
            raise failures[0]
        return results[0]

    def write_into(self, connection: sqlite3.Connection) -> None:
        """Write what waits into another file too, as into a copy; within ``call_alone``."""
        with self._changed:
            tasks = [*self._small.waiting.values(), *self._long.waiting.values()]
        if tasks:
            connection.execute("BEGIN IMMEDIATE")
            write_tasks(connection, tasks, 1 << 62)
            connection.execute("COMMIT")

    def flush_long(self) -> None:
        """Wait until all that is large is committed, or there is trouble."""
        self._wait_for(self._long, None)

    def flush(self) -> None:
        """Wait until all is committed, or there is trouble; raise what a write failed with."""
        self._wait_for(self._small, None)
        self.flush_long()
        with self._changed:
            bugs, self._bugs = self._bugs, []
        if bugs:
            raise bugs[0]

    def close(self) -> str:
        """Write what there is, end the thread and return why not all was written, or ""."""
        with self._changed:
            self._begin_to_close()
            self._changed.notify_all()
        self._thread.join()
        return "" if self._small.is_empty and self._long.is_empty else self._committer.reason

    def _refuse_closed(self) -> None:
        if self._is_closing:
            raise ProjectError(f"{self._path.name} has been closed: open it again.")

    def _put(self, queue: TaskQueue, task: Task) -> None:
        with self._changed:
            self._refuse_closed()
            queue.put(task)
            self._changed.notify_all()

    def _wait_for(self, queue: TaskQueue, write: Write | None) -> None:
        """Submit something and wait; meanwhile a tick is not waited for."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("the writer's thread cannot wait for itself")
        event = threading.Event()
        failures: list[BaseException] = []

        def failed(error: BaseException) -> None:
            failures.append(error)
            event.set()

        with self._changed:
            self._n_waiting += 1
        try:
            self._put(queue, Task(object(), write, thens=[event.set], failed=[failed]))
            event.wait()
        finally:
            with self._changed:
                self._n_waiting -= 1
        if failures:
            raise failures[0]


def _lists(then: Then | None, done: Then | None) -> tuple[list[Then], list[Then]]:
    return [then] if then else [], [done] if done else []
