"""Trees of runs and sources on their way into the file: their arrays in chunks, piece by piece.

Arrays are little-endian and C-contiguous. A tree takes the place of the one before it in one
transaction at its end; what is left of one that was not finished is removed at the next opening.
"""

from __future__ import annotations

import json
import sqlite3
import weakref
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mfgui.store.project.checks import text, whole
from mfgui.store.project.connection import one
from mfgui.store.project.schema import CHUNK_BYTES
from mfgui.store.project.tree_text import Array


class ArrayWrite:
    """One array on its way into the file."""

    def __init__(self, array: Array, array_id: int) -> None:
        self.id = array_id
        self._array = array
        self._position = self._next = 0
        self.is_whole = False

    def write(self, connection: sqlite3.Connection, n_bytes: int) -> int:
        """Write chunks up to about ``n_bytes`` and return how many bytes those were."""
        data = _bytes_of(self._array)
        if self._position == 0:
            connection.execute("INSERT INTO arrays VALUES (?, ?, ?, ?)", (
                self.id, self._array.dtype.newbyteorder("<").str,
                json.dumps(list(self._array.shape)), data.nbytes))
        written = 0
        self._next = self._position
        while self._next * CHUNK_BYTES < data.nbytes and written < n_bytes:
            begin = self._next * CHUNK_BYTES
            chunk = data[begin : begin + CHUNK_BYTES]
            connection.execute("INSERT INTO chunks VALUES (?, ?, ?, ?)", (
                self.id, self._next, zlib.crc32(chunk), chunk))
            written += chunk.nbytes
            self._next += 1
        self.is_whole = self._next * CHUNK_BYTES >= data.nbytes
        return max(written, 1)

    @property
    def has_begun(self) -> bool:
        """Whether some of it is in the file."""
        return self._position > 0

    def committed(self) -> None:
        """Go on behind what was written."""
        self._position = self._next


def _bytes_of(array: Array) -> memoryview:
    """Return an array's bytes; copied only where they do not lie in order."""
    ordered = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return ordered.reshape(-1).view(np.uint8).data if ordered.size else memoryview(b"")


def _has_array(connection: sqlite3.Connection, array_id: int) -> bool:
    return one(connection, "SELECT 1 FROM arrays WHERE id = ?", (array_id,)) is not None


class Kept:
    """Which arrays were written, by the objects they were written from; they may be gone since.

    Holds no array alive; one that is gone cannot be given again. What was given must not be changed
    afterwards. Only the writer's thread uses it.
    """

    def __init__(self) -> None:
        self._ids: dict[int, tuple[Callable[[], Any], int]] = {}

    def find(self, array: Array) -> int | None:
        """Return the number of the array in the file, None where it is not there."""
        reference, array_id = self._ids.get(id(array), (None, 0))
        return array_id if reference is not None and reference() is array else None

    def put(self, array: Array, array_id: int) -> None:
        """Remember where an array lies."""
        self._ids[id(array)] = (weakref.ref(array), array_id)

    def keep_only(self, array_ids: set[int]) -> None:
        """Forget all but these, and those whose objects are gone."""
        self._ids = {key: entry for key, entry in self._ids.items()
                     if entry[1] in array_ids and entry[0]() is not None}


class TreeWrite:
    """A tree on its way into the file; see ``LongWrite``.

    Parameters
    ----------
    owner : str
        "run_id" or "source_id".
    owner_id : int
    role, skeleton : str
    arrays : list of ndarray
    kept : Kept
        The project's.
    next_id : callable
        Gives the numbers of new arrays and trees.
    """

    def __init__(
        self, owner: str, owner_id: int, role: str, skeleton: str, arrays: list[Array],
        kept: Kept, next_id: Callable[[], int],
    ) -> None:
        self._owner, self._owner_id, self._role = owner, owner_id, role
        self._skeleton, self._arrays = skeleton, arrays
        self._kept, self._next_id = kept, next_id
        self._ids: list[int] = []
        self._open: list[ArrayWrite] = []
        self._done = 0  # of the open ones
        self._touched: list[ArrayWrite] = []
        self._is_last = self._has_begun = False
        self._left: set[int] = set()
        self.contents: Contents | None = None  # what there is once it is written

    def write(self, connection: sqlite3.Connection, n_bytes: int) -> bool:
        """Write about so many bytes more; whether that was the last of it."""
        if not self._has_begun or not self._is_there(connection):
            remove_unnamed(connection)  # of one that could not be finished: its room is needed
            self._plan(connection)
        self._touched, self._is_last = [], False
        for write in self._open[self._done :]:
            if n_bytes <= 0:
                return False
            n_bytes -= write.write(connection, n_bytes)
            self._touched.append(write)
            if not write.is_whole:
                return False
        self._replace(connection)
        self._is_last = True
        return True

    def _plan(self, connection: sqlite3.Connection) -> None:
        """Find what lies in the file still; give the others a number."""
        self._ids, self._open, self._done = [], [], 0
        for array in self._arrays:
            found = self._kept.find(array)
            if found is None or not _has_array(connection, found):
                found = self._next_id()
                self._open.append(ArrayWrite(array, found))
            self._ids.append(found)

    def _is_there(self, connection: sqlite3.Connection) -> bool:
        """Return whether all is there yet that was found or written: a purge may come between."""
        unwritten = {write.id for write in self._open[self._done :] if not write.has_begun}
        return all(_has_array(connection, array_id) for array_id in self._ids
                   if array_id not in unwritten)

    def _replace(self, connection: sqlite3.Connection) -> None:
        """Put the new tree into the old one's place and remove what nothing names any more."""
        connection.execute(
            f"DELETE FROM trees WHERE {self._owner} = ? AND role = ?", (self._owner_id, self._role))
        tree_id = self._next_id()
        connection.execute(
            f"INSERT INTO trees (id, {self._owner}, role, skeleton) VALUES (?, ?, ?, ?)",
            (tree_id, self._owner_id, self._role, self._skeleton))
        connection.executemany("INSERT INTO tree_arrays VALUES (?, ?, ?)", [
            (tree_id, position, array_id) for position, array_id in enumerate(self._ids)])
        remove_unnamed(connection)
        self._left = {int(array_id) for (array_id,) in connection.execute(
            "SELECT array_id FROM tree_arrays WHERE typeof(array_id) = 'integer'")}
        self.contents = contents_of(connection, self._owner, self._owner_id)

    def committed(self) -> None:
        """Take note that what was written last is in the file."""
        self._has_begun = True
        for write in self._touched:
            write.committed()
            self._done += write.is_whole
        if self._is_last:
            for array, array_id in zip(self._arrays, self._ids, strict=True):
                self._kept.put(array, array_id)
            self._kept.keep_only(self._left)


class TreeDrop:
    """A tree that is taken out of the file; see ``LongWrite``."""

    def __init__(self, owner: str, owner_id: int, role: str) -> None:
        self._owner, self._owner_id, self._role = owner, owner_id, role
        self.contents: Contents | None = None  # what there is once it is written

    def write(self, connection: sqlite3.Connection, n_bytes: int) -> bool:
        """Remove the tree, and the arrays that no other one names."""
        connection.execute(
            f"DELETE FROM trees WHERE {self._owner} = ? AND role = ?", (self._owner_id, self._role))
        remove_unnamed(connection)
        self.contents = contents_of(connection, self._owner, self._owner_id)
        return True

    def committed(self) -> None:
        """Nothing is kept of it."""


@dataclass(frozen=True)
class Contents:
    """Which trees are kept of a run or a source, and what their arrays take."""

    roles: tuple[str, ...]
    n_bytes: int


def contents_of(connection: sqlite3.Connection, owner: str, owner_id: int) -> Contents:
    """Return what is kept; roles that begin with _ are for the project alone."""
    roles = connection.execute(
        f"SELECT role FROM trees WHERE {owner} = ? ORDER BY role", (owner_id,)).fetchall()
    n_bytes = one(connection, (
        "SELECT sum(n_bytes) FROM arrays WHERE id IN (SELECT array_id FROM tree_arrays "
        f"JOIN trees ON trees.id = tree_id WHERE {owner} = ?)"), (owner_id,))
    return Contents(tuple(role for (role,) in roles if not text(role).startswith("_")),
                    whole(n_bytes or 0))


def remove_unnamed(connection: sqlite3.Connection) -> None:
    """Remove the arrays that no tree names: replaced ones, and those of a tree never finished."""
    connection.execute(
        "DELETE FROM arrays WHERE NOT EXISTS "
        "(SELECT 1 FROM tree_arrays WHERE array_id = arrays.id)")
