"""Files that something else writes, and tables as text for the clipboard, on a job's own thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from mfgui.core.control import Control
from mfgui.errors import DataError
from mfgui.jobs.files import Written
from mfgui.store.exports import guarded
from mfgui.store.files import write_beside

Path = str | os.PathLike[str]


def export_stream(
    control: Control, path: Path, write: Callable[[BinaryIO, Control], None]
) -> Iterator[Written]:
    """Have ``write(file, control)`` write a file; stopped, nothing is left of it.

    Raises
    ------
    StorageError
        If it cannot be written; what stood there before is untouched.
    """
    control.report(f"Writing {os.path.basename(os.fspath(path))}")
    with write_beside(path) as temporary, temporary.open("wb") as file:
        write(file, control)
    yield Written(os.fspath(path))


def table_text(
    control: Control, header: Sequence[str], rows: Callable[[], Iterable[Sequence[Any]]],
    most: int, *, guards_formulas: bool = False,
) -> str:
    """Return a table as text, a row a line, tabs between, as spreadsheets take it.

    A cell is put on one line, and quoted where it holds a quotation mark.

    Raises
    ------
    DataError
        If there are more than ``most`` cells.
    """
    lines, n_cells = ["\t".join(map(_cell, header))], 0
    for position, row in enumerate(rows()):
        if position % 1000 == 0:
            control.checkpoint()
        n_cells += len(row)
        if n_cells > most:
            raise DataError(f"These are more than {most:,} numbers, too many to be copied: export "
                            "them as a file.")
        lines.append("\t".join(
            _cell(guarded(each) if guards_formulas else each) for each in row))
    return "\n".join(lines) + "\n"


def _cell(value: Any) -> str:
    """Return a cell as text without tabs and line ends."""
    if value is None:
        return ""
    text = " ".join(str(value).splitlines()).replace("\t", " ") if isinstance(
        value, str) else str(value)
    return '"' + text.replace('"', '""') + '"' if '"' in text else text
