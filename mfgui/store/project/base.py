"""What every part of an open project stands on: the file, its lock, reading and writing it."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mfgui.errors import ProjectError, StorageError
from mfgui.store.project.compact import purge
from mfgui.store.project.connection import Readers
from mfgui.store.project.journal import settle_file
from mfgui.store.project.lock import ProjectLock, holder_of
from mfgui.store.project.places import Place, Signature
from mfgui.store.project.state import ProjectState, read_state
from mfgui.store.project.trees import Kept
from mfgui.store.project.writer import ProjectWriter

Then = Callable[[], None]


@dataclass
class Opened:
    """What ``opening`` found; ``connection`` and ``lock`` only where the file may be written."""

    place: Place
    state: ProjectState
    notes: tuple[str, ...]
    connection: sqlite3.Connection | None = None
    lock: ProjectLock | None = None


class ProjectBase:
    """An open project file.

    Parameters
    ----------
    opened : Opened

    Attributes
    ----------
    path : Path
        As it was named.
    is_read_only : bool
    note : str
        What a person should read after opening; "" where there is nothing.
    writer : ProjectWriter or None
        None where it is read only.
    """

    def __init__(self, opened: Opened) -> None:
        self.path = opened.place.shown
        self.is_read_only = opened.connection is None
        self.note = " ".join(note for note in opened.notes if note)
        self._place, self._lock_file = opened.place, opened.lock
        self._lock = threading.RLock()
        self._state = opened.state
        self._signature: Signature = ()
        self._kept = Kept()
        self._readers = Readers(
            opened.place.file, is_immutable=opened.place.is_immutable,
            is_kept=not self.is_read_only or opened.place.is_immutable)
        self._connection = opened.connection
        self._is_closed = False
        self.writer = (None if opened.connection is None
                       else ProjectWriter(
                           opened.connection, opened.place.shown, opened.place.is_there))

    @property
    def trouble(self) -> str:
        """Why nothing can be written, in one sentence; "" where it can."""
        return self.writer.trouble if self.writer is not None else ""

    def when_trouble(self, callback: Callable[[str], None]) -> None:
        """Have ``callback`` called, from the writer's thread, with each new ``trouble``."""
        if self.writer is not None:
            self.writer.when_trouble(callback)

    def flush(self) -> None:
        """Wait until all is committed, or there is trouble."""
        if self.writer is not None:
            self.writer.flush()

    def close(self) -> None:
        """Write everything, remove deleted runs, and leave one file.

        Raises
        ------
        StorageError
            If something could not be written, as on a full disk; the project is closed all the
            same.
        """
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        reason = ""
        try:
            if self.writer is not None and self._connection is not None:
                self._purge()
                reason = self.writer.close()
                self._readers.close()
                settle_file(self._connection)
        finally:
            self._readers.close()
            if self._lock_file is not None:
                self._lock_file.release()
            self._place.leave()
        if reason:
            raise StorageError(
                f"{self.path.name} was closed without what was shown last, for it could not be "
                f"written ({reason}): make room before training again.")

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _purge(self) -> None:
        """Remove deleted runs that nobody trains."""
        with self._lock:
            gone = [run_id for run_id in self._state.deleted
                    if self._state.runs[run_id].status != "running"]
            for run_id in gone:
                del self._state.runs[run_id]
            self._state.deleted.difference_update(gone)
        if gone and self.writer is not None:
            self.writer.flush_long()  # what waits to be written may be theirs
            self.writer.call(lambda connection: purge(connection, gone))

    def _writable(self) -> ProjectWriter:
        """Return the writer.

        Raises
        ------
        ProjectError
            If the project is read-only.
        """
        if self.writer is None:
            raise ProjectError(
                f"{self.path.name} was opened read-only and keeps nothing: save it under another "
                "name first.")
        return self.writer

    def _fresh(self) -> ProjectState:
        """Return what the project knows, read anew where another process has changed it."""
        if self.is_read_only and not self._place.is_immutable:
            signature = self._place.signature()
            if signature != self._signature:
                with self._readers.reading() as connection:
                    self._state = read_state(connection)
                if not holder_of(self._place.file):
                    self._state.interrupt()
                self._signature = signature
        return self._state

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that sees one state of the file throughout."""
        if not self.is_read_only and not self._place.is_there():
            raise ProjectError(
                f"{self.path.name} was moved, replaced or deleted while it was open: save the "
                "project under another name.")
        with self._readers.reading() as connection:
            yield connection

    def _next_thing(self) -> int:
        """Return a number for an array or a tree."""
        with self._lock:
            return self._state.next_number("thing")
