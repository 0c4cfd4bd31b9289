"""Workbooks (.xlsx) as text: a sheet becomes the CSV that a spreadsheet would write of it.

python-calamine reads them, outside the GIL, but it believes what a workbook says: one cell in the
last row and column makes it take room for 17 billion. So what the archive really unpacks to, and
how far its cells reach, is looked at first.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from mfgui.core.control import Control
from mfgui.data.source import Source
from mfgui.data.streams import WatchedFile, printable
from mfgui.errors import DataError

MOST_BYTES = 1 << 30
MOST_CELLS = 30_000_000
MOST_ROWS = 1 << 20
MOST_SHEETS = 30
PIECE_ROWS = 500
HEAD_ROWS = 1000

_COLUMN = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})""")
_ROW = re.compile(rb"""\sr\s*=\s*["'][A-Z]{0,3}(\d{1,9})["']""")
_OVERLAP = 64

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


def check_sizes(source: Source, control: Control) -> None:
    """Unpack the workbook without keeping it, and refuse one that swells beyond measure.

    Raises
    ------
    DataError
        If it is damaged or too large.
    """
    n_bytes = 0
    try:
        with WatchedFile(source.path, control) as file, zipfile.ZipFile(file) as archive:
            for info in archive.infolist():
                extent = _Extent()
                with archive.open(info) as member:
                    while piece := member.read(1 << 20):
                        control.checkpoint()
                        n_bytes += len(piece)
                        if info.filename.startswith("xl/worksheets/"):
                            extent.add(piece)
                        if n_bytes > MOST_BYTES or extent.n_cells > MOST_CELLS:
                            raise DataError(
                                f"{source.name} is too large for a workbook: save the sheet as "
                                "CSV and open that.")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
            ValueError) as error:
        raise damaged(source) from error


class _Extent:
    """How far the cells of a sheet reach."""

    def __init__(self) -> None:
        self._tail = b""
        self._seen: set[bytes] = set()
        self._n_columns, self._n_rows = 0, 0

    def add(self, piece: bytes) -> None:
        text = self._tail + piece
        self._tail = text[-_OVERLAP:]
        for letters in set(_COLUMN.findall(text)) - self._seen:
            self._seen.add(letters)
            self._n_columns = max(self._n_columns, _column_number(letters))
        # Rows are only looked for where they matter: there are very many.
        if self._n_columns * MOST_ROWS > MOST_CELLS:
            self._n_rows = max([self._n_rows, *map(int, set(_ROW.findall(text)))])

    @property
    def n_cells(self) -> int:
        return self._n_columns * self._n_rows


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def damaged(source: Source) -> DataError:
    """Return the failure of a workbook that cannot be read."""
    return DataError(
        f"{printable(source.name)} is a damaged or incomplete workbook: save it again, or save "
        "the sheet as CSV.")
