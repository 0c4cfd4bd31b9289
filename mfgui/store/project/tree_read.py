"""Trees out of the file, which may say anything: sizes are checked before memory is taken."""

from __future__ import annotations

import math
import sqlite3
import zlib
from typing import Any

import numpy as np

from mfgui.core.memory import available_bytes
from mfgui.errors import ProjectError
from mfgui.store.project.checks import Damage, json_in, text, whole
from mfgui.store.project.connection import one
from mfgui.store.project.tree_text import DTYPES, MOST_AXES, Array, put_together


def read_tree(connection: sqlite3.Connection, owner: str, owner_id: int, role: str) -> Any:
    """Return a tree, every size checked before memory is taken; None where there is none."""
    row = connection.execute(
        f"SELECT id, skeleton FROM trees WHERE {owner} = ? AND role = ?",
        (owner_id, role)).fetchone()
    if row is None:
        return None
    entries = connection.execute(
        "SELECT position, array_id, dtype, shape, n_bytes FROM tree_arrays LEFT JOIN arrays "
        "ON arrays.id = array_id WHERE tree_id = ? ORDER BY position", (row[0],)).fetchall()
    total = 0
    for position, entry in enumerate(entries):
        if whole(entry[0]) != position:
            raise Damage("an array is missing")
        total += _checked_bytes(connection, *entry[1:])
    free = available_bytes()
    if free is not None and total > free:
        raise ProjectError(
            f"What is kept of the factors would take {total / 2**30:,.1f} GiB of memory, but only "
            f"{free / 2**30:,.1f} GiB are free: close other programs.")
    arrays = [_read_array(connection, *entry[1:4]) for entry in entries]
    return put_together(text(row[1]), arrays)


def _checked_bytes(
    connection: sqlite3.Connection, array_id: Any, dtype: Any, shape: Any, n_bytes: Any
) -> int:
    """Return how large an array is, once what it says and what lies there agree."""
    if text(dtype) not in DTYPES:
        raise Damage("an array of an unknown kind")
    axes = json_in(shape)
    if not isinstance(axes, list) or len(axes) > MOST_AXES:
        raise Damage("an array without a shape")
    n_values = math.prod(whole(axis) for axis in axes)
    there = one(connection, "SELECT total(length(data)) FROM chunks WHERE array_id = ?",
                (whole(array_id),))
    if not whole(n_bytes) == n_values * np.dtype(dtype).itemsize == int(there):
        raise Damage("an array is larger or smaller than it says")
    return int(n_bytes)


def _read_array(connection: sqlite3.Connection, array_id: int, dtype: str, shape: str) -> Array:
    """Return an array whose sizes are sound."""
    result: Array = np.empty(json_in(shape), np.dtype(dtype))
    data = result.reshape(-1).view(np.uint8).data if result.size else memoryview(b"")
    begin = 0
    for position, (at, crc, chunk) in enumerate(connection.execute(
            "SELECT position, crc, data FROM chunks WHERE array_id = ? ORDER BY position",
            (array_id,))):
        if at != position or not isinstance(chunk, bytes) or begin + len(chunk) > data.nbytes or (
                zlib.crc32(chunk) != crc):
            raise Damage("a part of an array is not what was written")
        data[begin : begin + len(chunk)] = chunk
        begin += len(chunk)
    if begin != data.nbytes:
        raise Damage("a part of an array is missing")
    if result.dtype.kind == "b" and result.size and result.view(np.uint8).max() > 1:
        raise Damage("a switch is neither on nor off")
    return result
