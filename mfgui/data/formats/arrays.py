"""Numbers that are users and items already: from index arrays to `RawRatings`, without text.

All work goes in blocks of some milliseconds, since part of NumPy holds the GIL.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.memory import available_bytes
from mfgui.core.ratings import FloatArray, IntArray, TextArray
from mfgui.data.import_report import RejectedLine
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import Source
from mfgui.errors import DataError

BLOCK = 1 << 18
N_SHOWN = 100
MOST_RATINGS = 2**31 - 1
LARGEST_HEADER = 10_000
MAGIC = b"\x93NUMPY"

_TYPE = r"'([<>|=]?[?biufcSUMmVO][0-9]{0,6}(?:\[[0-9]{0,6}[a-zA-Z]{1,2}\])?)'"
_SHAPE = re.compile(r"'shape': *\(([0-9, ]{0,200})\)")
_ORDER = re.compile(r"'fortran_order': *(True|False)")
_PLAIN_TYPE = re.compile(rf"'descr': *{_TYPE}")
_FIELDS = re.compile(r"'descr': *\[(.*)\]", re.S)
_FIELD = re.compile(rf"\('([^'\\]*)', *{_TYPE}\)")

READABLE = "biuf"
"""Kinds of NumPy types that are ratings: truth values, whole numbers, real numbers."""


def blocks(n: int, control: Control, size: int = BLOCK) -> Iterator[slice]:
    """Yield ranges that cover 0 to n, with a checkpoint before each."""
    for begin in range(0, n, size):
        control.checkpoint()
        yield slice(begin, min(begin + size, n))


def numbered(codes: NDArray[Any], control: Control) -> tuple[IntArray, TextArray]:
    """Return numbers by first appearance, and the text of each number met.

    Parameters
    ----------
    codes : ndarray of integers, not negative, shape (n,)
    """
    size = int(codes.max()) + 1 if codes.size else 0
    if size > 4 * codes.size + (1 << 20):  # few of very many: sorting them is cheaper
        values, codes = np.unique(codes, return_inverse=True)
        size = values.size
    else:
        values = np.arange(size)
    first = np.full(size, codes.size, np.int64)
    for part in reversed(list(blocks(codes.size, control))):
        # Backwards, so that of equal numbers the first one is written last.
        first[codes[part][::-1]] = np.arange(part.start, part.stop)[::-1]
    order = np.argsort(first, kind="stable")[: int((first < codes.size).sum())]
    rank = np.zeros(size, np.int32)
    rank[order] = np.arange(order.size, dtype=np.int32)
    result = np.empty(codes.size, np.int32)
    for part in blocks(codes.size, control):
        result[part] = rank[codes[part]]
    return result, texts_of(values[order], control)


def texts_of(numbers: NDArray[Any], control: Control) -> TextArray:
    """Return whole numbers as texts."""
    pieces, lengths = [np.empty(0, np.uint8)], [np.zeros(1, np.int64)]
    for part in blocks(numbers.size, control, BLOCK >> 3):
        texts = numbers[part].astype("S")
        table = texts.view(np.uint8).reshape(texts.size, -1)
        pieces.append(table[table != 0])
        lengths.append((table != 0).sum(axis=1, dtype=np.int64))
    return TextArray(np.concatenate(pieces), np.cumsum(np.concatenate(lengths)))


def raw_of(
    user: NDArray[Any], item: NDArray[Any], value: NDArray[Any], reading: Reading,
    control: Control, *, n_read: int, losses: dict[str, int], noun: str,
    time: NDArray[np.float64] | None = None, lines: NDArray[np.int64] | None = None,
) -> RawRatings:
    """Return the ratings of index arrays; entries that are not finite are rejected.

    Parameters
    ----------
    user, item : ndarray of integers, not negative, shape (n,)
    value : ndarray of numbers, shape (n,)
    n_read, losses, noun
        As in `RawRatings`, before what is rejected here.
    time : ndarray of float64, shape (n,), optional
    lines : ndarray of int64, shape (n,), optional
        Where each stands in the file, from 0; its own position if not given.
    """
    numbers = np.empty(value.size, np.float32)
    with np.errstate(over="ignore"):
        for part in blocks(value.size, control):
            numbers[part] = value[part]
    is_finite = np.isfinite(numbers)
    rejected: list[RejectedLine] = []
    if not is_finite.all():
        kind = "rating is not finite"
        for place in np.flatnonzero(~is_finite)[:N_SHOWN].tolist():
            shown = f"user {user[place]}, item {item[place]}, {value[place]}"
            line = place + 1 if lines is None else int(lines[place]) + 1
            rejected.append(RejectedLine(
                line, f"rating '{value[place]}' is not finite", shown, kind))
        losses = {**losses, kind: int(value.size - is_finite.sum())}
        user, item, numbers = user[is_finite], item[is_finite], numbers[is_finite]
        time = None if time is None else time[is_finite]
    user_codes, user_ids = numbered(user, control)
    item_codes, item_ids = numbered(item, control)
    return RawRatings(
        user_codes, item_codes, numbers, user_ids, item_ids, reading, n_read, losses, rejected,
        time, noun=noun, n_bad_times=0 if time is None else int(np.isnan(time).sum()))


def read_header(file: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return shape, whether columns come first, and type of an array in NumPy's format.

    The header is a Python dict as text. NumPy hands it to Python's own parser, which a damaged
    one makes warn or fail in many ways; its three entries are all that is looked for here.

    Raises
    ------
    DataError
        If it is damaged or holds Python objects, which could run programs.
    """
    begin = file.read(8)
    size_bytes = file.read(2 if begin[6:7] == b"\x01" else 4)
    size = int.from_bytes(size_bytes, "little")
    if begin[:6] != MAGIC or begin[6:7] not in (b"\x01", b"\x02", b"\x03") or not (
            0 < size <= LARGEST_HEADER):
        raise damaged(name)
    text = file.read(size).decode("utf-8" if begin[6:7] == b"\x03" else "latin-1", "replace")
    shape, order = _SHAPE.search(text), _ORDER.search(text)
    if shape is None or order is None:
        raise damaged(name)
    dtype = _dtype(text, name)
    if dtype.hasobject:
        raise DataError(
            f"{name} holds Python objects, which can run programs and are never opened: save "
            "the array with a type of numbers.")
    lengths = tuple(int(number) for number in re.findall("[0-9]+", shape[1]))
    return lengths, order[1] == "True", dtype


def _dtype(text: str, name: str) -> np.dtype[Any]:
    plain = _PLAIN_TYPE.search(text)
    try:
        if plain:
            return np.dtype(plain[1])
        fields = _FIELDS.search(text)
        pairs = _FIELD.findall(fields[1]) if fields else []
        if fields is None or not pairs or fields[1].count("(") != len(pairs):
            raise damaged(name)
        return np.dtype([(field, kind) for field, kind in pairs])
    except (TypeError, ValueError, SyntaxError, OverflowError) as error:
        raise damaged(name) from error


def damaged(name: str) -> DataError:
    """Return the failure of an array that breaks off or whose header is none."""
    return DataError(f"{name} is a damaged or incomplete NumPy file: copy or save it again.")


def check_memory(n_bytes: int, source: Source) -> None:
    """Refuse what cannot fit into memory.

    Raises
    ------
    DataError
        If arrays of ``n_bytes`` are larger than what is free.
    """
    free = available_bytes()
    if free is not None and n_bytes > free:
        raise DataError(
            f"{source.name} needs {n_bytes / 1e9:,.1f} GB of memory and {free / 1e9:,.1f} GB are "
            "free: save a part of it.")


def filled(options: ReadOptions, **found: Any) -> ReadOptions:
    """Return the options with what was found."""
    return dataclasses.replace(options, **found)


def as_rating(value: FloatArray) -> str:
    """Return a number as a table shows it."""
    return "" if np.isnan(value) else f"{float(value):g}"


def text_of(field: Any) -> str:
    """Return a value as text: whole numbers without a fraction."""
    if isinstance(field, float):
        return "" if field != field else f"{field:.0f}" if field.is_integer() else f"{field:.9g}"
    if isinstance(field, bytes):
        return field.decode("utf-8", "replace")
    if isinstance(field, bool):
        return str(int(field))
    return str(field)


def is_number(text: str) -> bool:
    """Return whether the text is a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True
