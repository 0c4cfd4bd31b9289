"""A small matrix, typed or pasted: rows of numbers, with gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from mfgui.core.ratings import Ratings, TextArray
from mfgui.data.import_report import ImportReport
from mfgui.data.statistics import described
from mfgui.errors import DataError

MISSING = frozenset({"", "?", "na", "n/a", "nan", ".", "-", "\N{EN DASH}", "\N{MINUS SIGN}"})
NAME = "typed matrix"
MAX_CELLS = 250_000

# The surest first: a comma may stand within a number where a tab or a semicolon separates.
SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma", " ": "blank"}

Cells = list[list[float | None]]


def parse_matrix(text: str) -> tuple[Ratings, ImportReport]:
    """Read rows of numbers separated by tabs, semicolons, commas or blanks.

    Parameters
    ----------
    text : str
        One row a line. A field that is empty between two separators, ``?``, ``NA``, ``.`` or
        ``-`` is missing. Empty lines are passed over.

    Returns
    -------
    ratings : Ratings
        Ids are the row and column numbers from 1; rows and columns without a number stay.
    report : ImportReport
        Its lines are the cells.

    Raises
    ------
    DataError
        Naming row and column, if rows differ in length or something is not a number.
    """
    lines = [line for line in text.replace("\ufeff", "").splitlines() if line.strip(" ")]
    separator = _find_separator(lines)
    rows: Cells = []
    for number, line in enumerate(lines, 1):
        fields = _split(line, separator)
        _check_size(len(lines), len(fields))
        rows.append([
            _number(field, number, column) for column, field in enumerate(fields, 1)
        ])
    ratings = ratings_from_cells(rows)
    return ratings, _report(ratings, SEPARATORS[separator])


def ratings_from_cells(rows: Sequence[Sequence[float | None]]) -> Ratings:
    """Return the ratings of a table of cells.

    Parameters
    ----------
    rows : sequence of sequences of float or None
        None is missing. All rows are of one length.

    Raises
    ------
    DataError
        Naming row and column, if rows differ in length, a number is not finite, or there is
        no number at all.
    """
    width = len(rows[0]) if rows else 0
    _check_size(len(rows), width)
    users: list[int] = []
    items: list[int] = []
    values: list[float] = []
    for n, row in enumerate(rows):
        if len(row) != width:
            raise DataError(
                f"Row {n + 1} has {_fields(len(row))} where row 1 has {width}: write ? where a "
                "rating is missing."
            )
        for m, value in enumerate(row):
            if value is not None:
                users.append(n)
                items.append(m)
                values.append(_finite(value, n + 1, m + 1))
    if not values:
        raise DataError("The matrix holds no number: write a rating into at least one cell.")
    return Ratings(
        np.array(users, np.int32), np.array(items, np.int32), np.array(values, np.float32),
        _numbers_from_one(len(rows)), _numbers_from_one(width), name=NAME,
    )


def _find_separator(lines: Sequence[str]) -> str:
    for separator in SEPARATORS:
        if any(separator in line for line in lines):
            return separator
    return " "


def _split(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.split()
    return [field.strip() for field in line.split(separator)]


def _number(field: str, row: int, column: int) -> float | None:
    if field.lower() in MISSING:
        return None
    # A decimal comma, as spreadsheets paste it in half of Europe; 1,000 stays refused.
    text = field.replace(",", ".") if re.fullmatch(r"[+-]?\d+,\d{1,2}", field) else field
    try:
        if "_" in text:
            raise ValueError(text)
        return _finite(float(text), row, column)
    except ValueError as error:
        shown = field if len(field) <= 30 else field[:27] + "..."
        raise DataError(
            f"Row {row}, column {column}: {shown!r} is not a number; write ? where a rating is "
            "missing."
        ) from error


def _finite(value: float, row: int, column: int) -> float:
    if not abs(value) <= float(np.finfo(np.float32).max):
        raise DataError(
            f"Row {row}, column {column}: {value:g} is no finite rating; write a smaller number."
        )
    return value


def _check_size(n_rows: int, n_columns: int) -> None:
    if n_rows * n_columns > MAX_CELLS:
        raise DataError(
            f"A matrix of {n_rows:,} x {n_columns:,} is too large to type or paste: open it as a "
            "file with one user, item and rating in each line."
        )


def _numbers_from_one(count: int) -> TextArray:
    return TextArray.from_strings(str(number) for number in range(1, count + 1))


def _fields(count: int) -> str:
    return "1 field" if count == 1 else f"{count} fields"


def _report(ratings: Ratings, separator: str) -> ImportReport:
    n_cells = ratings.n_users * ratings.n_items
    n_missing = n_cells - ratings.n_ratings
    return described(ImportReport(
        path=None, name=NAME, n_lines=n_cells, n_ratings=ratings.n_ratings,
        n_users=ratings.n_users, n_items=ratings.n_items, separator=separator,
        has_header=False, columns=(), scale=ratings.scale, encoding="",
        how=f"a matrix of {ratings.n_users:,} x {ratings.n_items:,}",
        losses=(("missing", n_missing),) if n_missing else (), n_missing=n_missing, noun="cell",
    ), ratings)
