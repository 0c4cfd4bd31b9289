"""Arrays as ``numpy.save`` writes them: a dense matrix, rows of three numbers, or records.

In a dense matrix NaN is missing; 0 is a rating unless ``zeros`` says otherwise, and the choice
stands on the import page, since so many dense matrices write 0 for none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.data.formats import arrays
from mfgui.data.formats.fields import Fields, find_fields, look_at_fields, read_fields
from mfgui.data.formats.records import lines_of
from mfgui.data.look import N_ROWS, Look
from mfgui.data.options import ReadOptions, ranges
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import Source
from mfgui.data.times import scaled_times
from mfgui.errors import DataError

N_SAMPLE = 200
BLOCK_CELLS = 1 << 18
WIDEST_SHOWN = 1000
ZEROS_LOSS = "zeros taken as missing"
NAMES = ("column 1", "column 2", "column 3", "column 4")


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
            return _look_at_dense(array, options)
        return look_at_fields(self.name, fields, _texts(array[:N_SAMPLE]), options)

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the array, row by row."""
        control.report(f"Reading {source.name}")
        array = _mapped(source)
        fields = _fields(array, source, options)
        if fields is None:
            return _read_dense(array, source, options, control)
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
    names = NAMES[: array.shape[1]]
    if options.columns is not None:
        if "items" in (options.column_choice() or {}):
            return None
        return find_fields(names, _texts(array[:N_SAMPLE]), source.name, options)
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
        return [tuple(_text(field) for field in row) for row in rows.tolist()]
    columns = [map(_text, _values(rows[name])) for name in rows.dtype.names]
    return list(zip(*columns, strict=True))


def _values(column: NDArray[Any]) -> list[Any]:
    """Return the values as Python's own; damaged letters would end in an error of Python itself."""
    if column.dtype.kind == "U" and column.dtype.itemsize:
        letters = np.array(column).view(column.dtype.str[0] + "u4")
        letters[letters > 0x10FFFF] = 0xFFFD
        column = letters.view(column.dtype)
    values: list[Any] = column.tolist()
    return values


def _text(field: Any) -> str:
    """Return a value as text: whole numbers without a fraction."""
    if isinstance(field, float):
        return "" if field != field else f"{field:.0f}" if field.is_integer() else f"{field:.9g}"
    if isinstance(field, bytes):
        return field.decode("utf-8", "replace")
    if isinstance(field, bool):
        return str(int(field))
    return str(field)


def _pieces(array: NDArray[Any], fields: Fields, control: Control) -> Iterator[bytes]:
    if array.dtype.names:
        columns = [array[fields.names[fields.positions[role] - 1]] for role in fields.used]
    else:
        columns = [array[:, fields.positions[role] - 1] for role in fields.used]
    for part in arrays.blocks(array.shape[0], control, 4096):
        texts = [[_text(field).encode("utf-8", "replace") for field in _values(column[part])]
                 for column in columns]
        yield lines_of(list(zip(*texts, strict=True)))


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
        if _is_number(text):
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


def _look_at_dense(array: NDArray[Any], options: ReadOptions) -> Look:
    shown = array[:N_ROWS, :WIDEST_SHOWN]
    rows = tuple(tuple(_text(field) for field in row) for row in shown.tolist())
    names = tuple(str(number) for number in range(shown.shape[1]))
    doubts = _doubts(shown, options)
    return Look(
        "npy", arrays.filled(options, format="npy"), ("zeros",), rows, names,
        ("items",) * len(names), certainty=0.7 if doubts else 1.0, doubts=doubts)


def _doubts(array: NDArray[Any], options: ReadOptions) -> tuple[str, ...]:
    if options.zeros == "missing" or not (array == 0).mean() > 0.5:
        return ()
    return ("More than half of the matrix is 0, which is read as a rating of 0: read zeros as "
            "missing if they stand for none.",)


def _read_dense(
    array: NDArray[Any], source: Source, options: ReadOptions, control: Control
) -> RawRatings:
    n_users, n_items = array.shape
    shown = _item_columns(n_items, source, options)
    if max(n_users, n_items) > arrays.MOST_RATINGS:
        raise arrays.damaged(source.name)
    skips_zeros = options.zeros == "missing"
    missing = [float(text) for text in options.missing_texts() if _is_number(text)]
    step = max(1, BLOCK_CELLS // n_items)
    found: list[tuple[Any, Any, Any]] = []
    n_kept = n_zeros = 0
    for begin in range(0, n_users, step):
        control.checkpoint()
        control.report(f"Reading {source.name}", begin / n_users)
        cells = np.asarray(array[begin : begin + step])
        if shown is not None:
            cells = cells[:, shown]
        is_rated = ~np.isnan(cells) if cells.dtype.kind == "f" else np.ones(cells.shape, bool)
        for number in missing:
            is_rated &= cells != number
        if skips_zeros:  # here, since there may be many more of them than there is memory for
            n_zeros += int((is_rated & (cells == 0)).sum())
            is_rated &= cells != 0
        users, items = np.nonzero(is_rated)
        n_kept += users.size
        arrays.check_memory(40 * users.size, source)
        found.append((
            (users + begin).astype(np.int32),
            (items if shown is None else shown[items]).astype(np.int32), cells[is_rated]))
    user, item, value = (np.concatenate(column) for column in zip(*found, strict=True))
    reading = Reading(
        f"dense matrix, {n_users:,} x {n_items:,}; users and items are the numbers of rows and "
        "columns from 0", ("items",), doubts=_doubts(array[:N_ROWS, :WIDEST_SHOWN], options))
    n_read = n_users * (n_items if shown is None else shown.size)
    counts = {"missing": n_read - n_kept - n_zeros, ZEROS_LOSS: n_zeros}
    losses = {kind: number for kind, number in counts.items() if number}
    return arrays.raw_of(
        user, item, value, reading, control, n_read=n_read, losses=losses, noun="cell")


def _item_columns(
    n_items: int, source: Source, options: ReadOptions
) -> NDArray[np.int64] | None:
    """Return the columns that were chosen, from 0; None for all of them."""
    choice = options.column_choice() or {}
    numbers = ranges(choice["items"]) if "items" in choice else None
    if not choice:
        return None
    if numbers is None or set(choice) != {"items"} or max(numbers) > n_items or min(numbers) < 1:
        raise DataError(
            f"{source.name} is a matrix of {n_items:,} items: choose columns as items=1-{n_items}.")
    return np.array(numbers, np.int64) - 1


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
