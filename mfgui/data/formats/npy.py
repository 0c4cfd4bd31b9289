"""Arrays as ``numpy.save`` writes them: a dense matrix, rows of three numbers, or records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.data.formats import arrays
from mfgui.data.formats.fields import Fields, find_fields, look_at_fields, read_fields
from mfgui.data.formats.npy_dense import look_at_dense, read_dense
from mfgui.data.formats.records import lines_of
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import Source
from mfgui.data.times import scaled_times
from mfgui.errors import DataError

N_SAMPLE = 200
MOST_COLUMNS = 1000


@dataclass(frozen=True)
class Npy:
    """A NumPy array."""

    name: str = "npy"
    label: str = "NumPy array"
    extensions: tuple[str, ...] = (".npy",)

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return 1 for a file that begins as NumPy's do."""
        return 1.0 if source.head.startswith(arrays.MAGIC) else 0.0

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first rows and what each option would be."""
        array = _mapped(source)
        fields = _fields(array, source, options)
        if fields is None:
            return look_at_dense(array, options)
        shown = array[:N_SAMPLE] if array.dtype.names else array[:N_SAMPLE, :MOST_COLUMNS]
        return look_at_fields(self.name, fields, _texts(shown), options)

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the array, row by row."""
        control.report(f"Reading {source.name}")
        array = _mapped(source)
        fields = _fields(array, source, options)
        if fields is None:
            return read_dense(array, source, options, control)
        how = "NumPy records" if array.dtype.names else f"NumPy array of {array.shape[1]} columns"
        reading = Reading(how, fields.columns, doubts=fields.doubts)
        if not array.dtype.names:
            raw = _read_numbers(array, fields, reading, options, control)
            if raw is not None:
                return raw
        return read_fields(
            _pieces(array, fields, control), fields, reading, source, options, control)


def _mapped(source: Source) -> NDArray[Any]:
    """Return the array as it lies in the file; nothing is read but what is looked at.

    Raises
    ------
    DataError
        If it is damaged, or of a type or shape that cannot be ratings.
    """
    with open(source.path, "rb") as file:
        shape, is_fortran, dtype = arrays.read_header(file, source.name)
        offset = file.tell()
        n_bytes = file.seek(0, 2) - offset
    count = 1
    for length in shape:
        count *= length
    if count * dtype.itemsize != n_bytes or count == 0:
        raise arrays.damaged(source.name)
    if dtype.names:
        if len(shape) != 1:
            raise DataError(f"{source.name} has records in {len(shape)} dimensions: save one row.")
    elif len(shape) != 2 or dtype.kind not in arrays.READABLE:
        raise DataError(
            f"{source.name} is an array of {dtype.name} in {len(shape)} dimensions: save a matrix "
            "of numbers, a row a user and a column an item.")
    return np.memmap(
        source.path, dtype, "r", offset, shape, order="F" if is_fortran else "C")


def _fields(array: NDArray[Any], source: Source, options: ReadOptions) -> Fields | None:
    """Return which column holds what, or None for a dense matrix."""
    if array.dtype.names:
        return find_fields(array.dtype.names, _texts(array[:N_SAMPLE]), source.name, options)
    names = tuple(f"column {k + 1}" for k in range(min(array.shape[1], MOST_COLUMNS)))
    if options.columns is not None:
        if "items" in (options.column_choice() or {}):
            return None
        rows = _texts(array[:N_SAMPLE, :MOST_COLUMNS])
        return find_fields(names, rows, source.name, options)
    if array.shape[1] not in (3, 4) or array.shape[0] < 2 or not _are_triples(array):
        return None
    positions = {"user": 1, "item": 2, "rating": 3}
    if array.shape[1] == 4:
        positions["time"] = 4
    return Fields(names, positions, (
        f"The array has {array.shape[1]} columns and is read as rows of user, item and rating; it "
        f"could also be a matrix of {array.shape[0]:,} users and {array.shape[1]} items.",))


def _are_triples(array: NDArray[Any]) -> bool:
    """Return whether the first two columns can be ids: whole numbers, wider than a scale."""
    head = np.asarray(array[:100_000], np.float64)
    ids = head[:, :2]
    if not np.isfinite(ids).all() or (ids != np.trunc(ids)).any() or ids.min() < 0:
        return False
    return bool(ids.max() > 20 or len(np.unique(ids, axis=0)) == len(ids))


def _texts(rows: NDArray[Any]) -> list[tuple[str, ...]]:
    if not rows.dtype.names:
        return [tuple(arrays.text_of(field) for field in row) for row in rows.tolist()]
    columns = [map(arrays.text_of, _values(rows[name])) for name in rows.dtype.names]
    return list(zip(*columns, strict=True))


def _values(column: NDArray[Any]) -> list[Any]:
    """Return the values as Python's own; damaged letters would end in an error of Python itself."""
    if column.dtype.kind == "U" and column.dtype.itemsize:
        letters = np.array(column).view(column.dtype.str[0] + "u4")
        letters[letters > 0x10FFFF] = 0xFFFD
        column = letters.view(column.dtype)
    values: list[Any] = column.tolist()
    return values


def _pieces(array: NDArray[Any], fields: Fields, control: Control) -> Iterator[bytes]:
    if array.dtype.names:
        columns = [array[fields.names[fields.positions[role] - 1]] for role in fields.used]
    else:
        columns = [array[:, fields.positions[role] - 1] for role in fields.used]
    for part in arrays.blocks(array.shape[0], control, 4096):
        texts = [map(arrays.text_of, _values(column[part])) for column in columns]
        yield lines_of([
            tuple(text.encode("utf-8", "replace") for text in row)
            for row in zip(*texts, strict=True)])


def _read_numbers(
    array: NDArray[Any], fields: Fields, reading: Reading, options: ReadOptions, control: Control
) -> RawRatings | None:
    """Return the rows as ratings without a text between; None where an id is no whole number."""
    columns = {role: array[:, fields.positions[role] - 1] for role in fields.used}
    if not {"user", "item"} <= set(columns) or "title" in columns:
        return None
    user, item = (_whole(columns[role], control) for role in ("user", "item"))
    if user is None or item is None:
        return None
    n = array.shape[0]
    value = np.asarray(columns["rating"]) if "rating" in columns else np.ones(n, np.float32)
    is_rated = ~np.isnan(value) if value.dtype.kind == "f" else np.ones(n, bool)
    for text in options.missing_texts():
        if arrays.is_number(text):
            is_rated &= value != float(text)
    lines = np.flatnonzero(is_rated)
    times = scaled_times(np.asarray(columns["time"], np.float64)) if "time" in columns else None
    return arrays.raw_of(
        user[lines], item[lines], value[lines], reading, control, n_read=n,
        losses={"missing": n - lines.size} if lines.size < n else {}, noun="row",
        time=None if times is None else times[lines], lines=lines)


def _whole(column: NDArray[Any], control: Control) -> NDArray[np.int64] | None:
    """Return whole numbers from 0, or None if others are among them."""
    result = np.empty(column.size, np.int64)
    for part in arrays.blocks(column.size, control):
        numbers = column[part]
        is_good = (numbers >= 0) & (numbers < 2**53)
        if column.dtype.kind == "f":
            is_good &= numbers == np.trunc(numbers)
        if not is_good.all():
            return None
        result[part] = numbers
    return result
