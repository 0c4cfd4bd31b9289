"""Tables as CSV files."""

from __future__ import annotations

import csv
import itertools
import os
from collections.abc import Iterable, Sequence
from typing import Any

from mfgui.store.files import write_beside

FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(
    path: str | os.PathLike[str], header: Sequence[str], rows: Iterable[Sequence[Any]], *,
    guards_formulas: bool = False,
) -> int:
    """Write a table beside ``path``, rename it, and return the number of rows.

    None is an empty field; numbers are written so that they read back the same. For long tables
    ``tables.write_table`` is there.

    Parameters
    ----------
    guards_formulas : bool
        Whether texts that a spreadsheet may take for formulas get an apostrophe in front.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    n_rows = 0
    with write_beside(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in itertools.chain([header], rows):
            writer.writerow([guarded(cell) for cell in row] if guards_formulas else row)
            n_rows += 1
    return n_rows - 1


def guarded(cell: Any) -> Any:
    """Return a cell with an apostrophe in front where a spreadsheet may take it for a formula.

    That is a text which begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end.
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_BEGINS) else cell
