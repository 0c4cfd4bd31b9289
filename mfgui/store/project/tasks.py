"""What waits to be written: in its order, and of what replaces each other only the newest."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

Then = Callable[[], None]
Write = Callable[[sqlite3.Connection], None]


class LongWrite(Protocol):
    """Something too large for one transaction."""

    def write(self, connection: sqlite3.Connection, n_bytes: int) -> bool:
        """Write about so many bytes more; whether that was the last of it."""

    def committed(self) -> None:
        """Take note that what ``write`` wrote last is in the file; else it is written again."""


@dataclass(eq=False)
class Task:
    """One thing to write, and who waits for it.

    Parameters
    ----------
    key : object
        What has the same one is replaced.
    write : callable or LongWrite or None
    rows : (str, list) or None
        A statement and its rows, where that is all.
    thens : list of callable
        Called after the commit, or once it is told that it cannot be.
    done : list of callable
        Called after the commit alone.
    failed : list of callable
        Get what ``write`` raised through a fault of its own.
    first_key : object
        Of one that has begun: what its key was.
    """

    key: object
    write: Write | LongWrite | None = None
    rows: tuple[str, list[Any]] | None = None
    thens: list[Then] = field(default_factory=list)
    done: list[Then] = field(default_factory=list)
    failed: list[Callable[[BaseException], None]] = field(default_factory=list)
    first_key: object = None

    def begin(self) -> None:
        """Be replaced by nothing from now on: else one that takes long would never be finished."""
        self.first_key, self.key = self.key if self.first_key is None else self.first_key, object()

    def take_over(self, older: Task) -> None:
        """Answer to those too who waited for what this one replaces."""
        self.thens = older.thens + self.thens
        self.done = older.done + self.done
        self.failed = older.failed + self.failed


class TaskQueue:
    """Tasks in their order, those that are being written (``taken``) apart.

    ``trouble`` says why the first of them could not be written, ``due`` when to try next, by
    ``time.monotonic``, ``most`` how many to try at once: after trouble fewer, for which there may
    be room.
    """

    def __init__(self) -> None:
        self.waiting: dict[object, Task] = {}
        self.taken: list[Task] = []
        self.trouble = ""
        self.due = 0.0
        self.most: int | None = None

    def put(self, task: Task) -> None:
        """Put a task behind the others, in place of the one with its key."""
        older = self.waiting.pop(task.key, None)
        if older is not None:
            task.take_over(older)
        self.waiting[task.key] = task

    def take(self, most: int | None = None) -> list[Task]:
        """Take the first ones out, to be written."""
        self.taken = list(self.waiting.values())[:most]
        for task in self.taken:
            del self.waiting[task.key]
        return self.taken

    def give_back(self) -> None:
        """Put what was taken first again, but for what has been replaced meanwhile."""
        waiting, self.waiting = self.waiting, {}
        for task in (*self.taken, *waiting.values()):
            self.put(task)
        self.taken = []

    def drop_begun(self) -> None:
        """Leave what has begun and cannot go on to the newer one that waits behind it."""
        for task in list(self.waiting.values()):
            newer = self.waiting.get(task.first_key) if task.first_key is not None else None
            if newer is not None:
                del self.waiting[task.key]
                newer.take_over(task)

    @property
    def is_empty(self) -> bool:
        """Whether all is written."""
        return not self.waiting and not self.taken

    @property
    def has_untold(self) -> bool:
        """Whether anybody waits."""
        return any(task.thens for task in self.waiting.values())

    def take_thens(self) -> list[Then]:
        """Return who waits; they are told only once."""
        thens = [then for task in self.waiting.values() for then in task.thens]
        for task in self.waiting.values():
            task.thens = []
        return thens


def write_tasks(connection: sqlite3.Connection, tasks: list[Task], n_bytes: int) -> list[Task]:
    """Write tasks within a transaction, neighbouring rows together.

    Returns
    -------
    list of Task
        Those that have more to write than ``n_bytes``.
    """
    rest: list[Task] = []
    rows: list[Any] = []
    statement = ""
    for task in tasks:
        if rows and (task.rows is None or task.rows[0] != statement):
            connection.executemany(statement, rows)
            rows = []
        if task.rows is not None:
            statement = task.rows[0]
            rows.extend(task.rows[1])
        elif callable(task.write):
            task.write(connection)
        elif task.write is not None and not task.write.write(connection, n_bytes):
            rest.append(task)
    if rows:
        connection.executemany(statement, rows)
    return rest
