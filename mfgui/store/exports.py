"""Tables as CSV files."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from typing import Any

from mfgui.store.files import write_beside


def write_csv(
    path: str | os.PathLike[str], header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    """Write a table beside ``path``, rename it, and return the number of rows.

    None is an empty field; numbers are written so that they read back the same.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    n_rows = 0
    with write_beside(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow(row)
            n_rows += 1
    return n_rows
