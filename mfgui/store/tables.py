"""Tables of any length as files: CSV, or Parquet where the name ends so."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from mfgui.core.control import Control
from mfgui.core.parallel import WorkerPool
from mfgui.store.columns import Block, Column
from mfgui.store.csv_table import CsvLines, write_lines
from mfgui.store.files import write_beside
from mfgui.store.parquet_table import write_parquet

PARQUET = (".parquet", ".pq")


def is_parquet(path: str | os.PathLike[str]) -> bool:
    """Return whether a table of that name is written as Parquet."""
    return Path(path).suffix.lower() in PARQUET


def write_table(
    path: str | os.PathLike[str], columns: Sequence[Column], blocks: Iterable[Block], *,
    pool: WorkerPool, control: Control, guards_formulas: bool = False,
) -> int:
    """Write a table beside ``path``, rename it, and return the number of rows.

    The bytes are the same for any number of threads. Memory is taken for some blocks, however
    long the table.

    Parameters
    ----------
    columns : sequence of Column
    blocks : iterable of Block
        In the order of the rows.
    pool : WorkerPool
        Open.
    control : Control
        Looked at between parts of a block; stopped, nothing is left of the file.
    guards_formulas : bool
        Whether texts that a spreadsheet may take for formulas, those that begin with ``=``, ``+``,
        ``-``, ``@``, a tab or a line end, get an apostrophe in front; in CSV only.

    Raises
    ------
    StorageError
        If it cannot be written; what stood there before is untouched.
    CancelledError
        If the control was stopped.
    """
    with write_beside(path) as temporary:
        if is_parquet(path):
            return write_parquet(temporary, columns, blocks, control)
        with temporary.open("wb") as file:
            return write_lines(file, columns, blocks,
                               CsvLines(pool, is_guarded=guards_formulas), control.checkpoint)
