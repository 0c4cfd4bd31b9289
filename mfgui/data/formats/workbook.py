"""Workbooks (.xlsx) as text: a sheet becomes the CSV that a spreadsheet would write of it.

python-calamine reads them, outside the GIL, but it believes what a workbook says: one cell in the
last row and column makes it take room for 17 billion. So what the archive really unpacks to, and
how far its cells reach, is looked at first.
"""

from __future__ import annotations

import csv
import datetime
import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from mfgui.core.control import Control
from mfgui.data.formats.workbook_size import MOST_ROWS, check_sizes, damaged
from mfgui.data.source import Source
from mfgui.errors import DataError

MOST_SHEETS = 30
PIECE_ROWS = 500
HEAD_ROWS = 1000

Result = TypeVar("Result")


@dataclass(frozen=True)
class Sheet:
    """A sheet that was read.

    Parameters
    ----------
    name : str
    rows : object
        calamine's own; `pieces` writes it as text.
    """

    name: str
    rows: Any

    def pieces(self, control: Control, most_rows: int = MOST_ROWS) -> Iterator[bytes]:
        """Yield the rows as UTF-8 text, comma-separated, a line for each row of the sheet."""
        start = self.rows.start
        if start is None:
            return
        yield b"\n" * start[0]
        held: list[list[str]] = []
        # calamine gives the empty rows above the first cell, but not the columns before it.
        for number, row in enumerate(self.rows.iter_rows()):
            if number < start[0]:
                continue
            if number >= most_rows:
                break
            held.append([text_of(cell) for cell in row])
            if len(held) == PIECE_ROWS:
                control.checkpoint()
                yield _written(held)
                held = []
        yield _written(held)


def text_of(cell: Any) -> str:
    """Return a cell as an id or rating is written: whole numbers without a fraction, ISO dates."""
    if isinstance(cell, str):
        return cell.replace("\r\n", " ").replace("\n", " ").replace("\r", " ")
    if isinstance(cell, bool):
        return str(int(cell))
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ")
    return str(cell)


def _written(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode("utf-8", "replace")


def sheet_names(source: Source) -> tuple[str, ...]:
    """Return the names of a workbook's sheets.

    Raises
    ------
    DataError
        If it cannot be read, here or by anybody.
    """
    with _opened(source) as book:
        return tuple(book.sheet_names[:MOST_SHEETS])


def read_sheet(source: Source, name: str, control: Control) -> Sheet:
    """Read one sheet whole.

    Raises
    ------
    DataError
        If the workbook is damaged or too large.
    CancelledError
        If the control was stopped.
    """
    check_sizes(source, control)

    def work() -> Any:
        with _opened(source) as book:
            return book.get_sheet_by_name(name)

    try:
        return Sheet(name, in_background(work, control))
    except DataError:
        raise
    # calamine's errors have one base, but a damaged sheet can also end in a panic of Rust,
    # which is no Exception.
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)) or _is_ours(error):
            raise
        raise damaged(source) from error


def _is_ours(error: BaseException) -> bool:
    return type(error).__module__.startswith("mfgui.")


class _opened:
    """calamine's workbook, closed at the end; its failures as one sentence."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __enter__(self) -> Any:
        calamine = calamine_module()
        try:
            self._book = calamine.CalamineWorkbook.from_path(str(self._source.path))
        except calamine.PasswordError as error:
            raise DataError(
                f"{self._source.name} is protected by a password: save it without one."
            ) from error
        except (calamine.CalamineError, OSError, ValueError, UnicodeError) as error:
            raise damaged(self._source) from error
        return self._book

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._book.close()


def calamine_module() -> Any:
    """Return python-calamine.

    Raises
    ------
    DataError
        If it is not installed.
    """
    try:
        import python_calamine
    except ImportError as error:
        raise DataError(
            'Excel workbooks need one package more: run pip install "mfgui[excel]", or save the '
            "sheet as CSV."
        ) from error
    return python_calamine


def in_background(work: Callable[[], Result], control: Control) -> Result:
    """Return what ``work`` returns, which cannot be stopped; on Cancel it is left to its end.

    Raises
    ------
    CancelledError
        If the control was stopped.
    """
    done: list[Result] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            failed.append(error)

    thread = threading.Thread(target=run, name="workbook", daemon=True)
    thread.start()
    while thread.is_alive():
        control.checkpoint()
        thread.join(0.03)
    if failed:
        raise failed[0]
    return done[0]
