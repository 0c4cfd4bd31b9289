"""An imaginary user's ratings in a file: CSV with the columns item, rating and, if any, title."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.parallel import no_checkpoint
from mfgui.core.ratings import FloatArray, IntArray, TextArray
from mfgui.errors import DataError, UnknownIdError
from mfgui.inspection.words import one_line
from mfgui.jobs.files import Written
from mfgui.jobs.ids import position_of
from mfgui.store.exports import write_csv

Path = str | os.PathLike[str]
LARGEST = float(np.finfo(np.float32).max)
LONGEST_LINE = 1 << 16


@dataclass(frozen=True, eq=False)
class NewUserFile:
    """What a file says of an imaginary user.

    Parameters
    ----------
    items : ndarray of int32, shape (n_ratings,)
        In the model's numbering, in the order of the file.
    values : ndarray of float32, shape (n_ratings,)
    name : str
        The file's, without its ending.
    note : str
        One sentence where items were left out; else "".
    """

    items: IntArray
    values: FloatArray
    name: str
    note: str = ""


def open_new_user(
    control: Control, path: Path, item_ids: TextArray
) -> Iterator[NewUserFile]:
    """Read an imaginary user's ratings; as ``read_new_user``."""
    control.report(f"Reading {os.fspath(path)}")
    yield read_new_user(path, item_ids, control.checkpoint)


def save_new_user(
    control: Control, path: Path, items: NDArray[Any], values: NDArray[Any], item_ids: TextArray,
    item_titles: TextArray | None = None,
) -> Iterator[Written]:
    """Write an imaginary user's ratings; as ``write_new_user``."""
    control.report(f"Writing {os.fspath(path)}")
    yield Written(os.fspath(path), write_new_user(path, items, values, item_ids, item_titles))


def read_new_user(
    path: Path, item_ids: TextArray, checkpoint: Callable[[], None] = no_checkpoint
) -> NewUserFile:
    """Return the ratings in a file.

    The first line may name the columns, then in any order; the delimiter is a comma, semicolon or
    tab. Items that the model does not know are left out, and the note says so.

    Parameters
    ----------
    item_ids : TextArray
        Of the model.
    checkpoint : callable
        Called at each line; what it raises ends the reading.

    Raises
    ------
    DataError
        In one sentence with the line, if it cannot be read so, or holds nothing to go on.
    """
    name = os.path.basename(os.fspath(path))
    found: dict[int, float] = {}
    n_unknown, first_unknown = 0, (0, "")
    for line, item, value in _lines(path, name):
        checkpoint()
        position = item_ids.positions.get(item)
        if position is None:
            first_unknown = first_unknown if n_unknown else (line, item)
            n_unknown += 1
        elif position in found:
            raise DataError(f"Line {line} of {name} rates item {one_line(item)} a second time: "
                            "keep one of the two lines.")
        else:
            found[position] = value
    note = _note(name, n_unknown, first_unknown, item_ids) if n_unknown else ""
    if not found:
        raise DataError(note or f"{name} has no ratings: give it lines such as 661,4.5, an item "
                        "and its rating.")
    return NewUserFile(np.array(list(found), np.int32), np.array(list(found.values()), np.float32),
                       FilePath(name).stem, note)


def _note(name: str, n: int, first: tuple[int, str], item_ids: TextArray) -> str:
    """Return how many lines were left out, and what the first of them may have meant."""
    line, item = first
    try:
        position_of(item_ids, item, "item")
    except UnknownIdError as error:
        return (f"{n:,} line{'s' * (n > 1)} of {name} with items that the model does not know "
                f"{'were' if n > 1 else 'was'} left out; line {line}: {error}")
    raise AssertionError(f"{item} is known")


def write_new_user(
    path: Path, items: NDArray[Any], values: NDArray[Any], item_ids: TextArray,
    item_titles: TextArray | None = None,
) -> int:
    """Write ratings as CSV and return their number.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    header = ["item", "rating"] if item_titles is None else ["item", "rating", "title"]

    def rows() -> Iterator[list[str]]:
        for item, value in zip(items.tolist(), values.tolist(), strict=True):
            row = [item_ids[item], f"{value:.7g}"]
            yield row if item_titles is None else [*row, item_titles[item]]

    return write_csv(path, header, rows())


def _lines(path: Path, name: str) -> Iterator[tuple[int, str, float]]:
    """Yield line number, item and rating of each line that is not empty."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            delimiter = _delimiter(file.readline(LONGEST_LINE))
            file.seek(0)
            columns = None
            reader = csv.reader(file, delimiter=delimiter)
            for row in reader:
                if not any(field.strip() for field in row):
                    continue
                if columns is None:
                    columns = _columns(row)
                    if columns is not None:
                        continue
                    columns = 0, 1
                yield reader.line_num, *_rating(row, columns, reader.line_num, name, delimiter)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise DataError(f"{name} cannot be opened ({reason}): choose another file.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{name} is not a CSV file in UTF-8 with the columns item and rating: "
                        "choose another file.") from error


def _delimiter(line: str) -> str:
    """Return what parts the fields: which of comma, semicolon and tab the line has first."""
    return next((sign for sign in line if sign in ",;\t"), ",")


def _columns(row: list[str]) -> tuple[int, int] | None:
    """Return where item and rating stand, if this line names them; else None."""
    names = [field.strip().casefold() for field in row]
    if "item" in names and "rating" in names:
        return names.index("item"), names.index("rating")
    return None


def _rating(
    row: list[str], columns: tuple[int, int], line: int, name: str, delimiter: str
) -> tuple[str, float]:
    """Return item and rating of a line."""
    if len(row) <= max(columns):
        raise DataError(f"Line {line} of {name} has no rating: give it an item and its rating, "
                        "such as 661,4.5.")
    item, text = (row[column].strip() for column in columns)
    value = _number(text, delimiter)
    if value is None:
        raise DataError(f"Line {line} of {name} has '{one_line(text, 30)}' where a rating should "
                        "be: give it a number, or name the columns item and rating in line 1.")
    return item, value


def _number(text: str, delimiter: str) -> float | None:
    """Return a rating, 3,5 too where commas do not part fields; None where it is none."""
    try:
        value = float(text.replace(",", ".") if delimiter != "," else text)
    except ValueError:
        return None
    return value if math.isfinite(value) and abs(value) <= LARGEST else None
