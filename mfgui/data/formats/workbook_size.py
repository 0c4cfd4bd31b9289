"""How large a workbook really is, looked at before anybody takes room for what it claims."""

from __future__ import annotations

import re
import zipfile
import zlib

from mfgui.core.control import Control
from mfgui.data.source import Source
from mfgui.data.streams import WatchedFile, printable
from mfgui.errors import DataError

MOST_BYTES = 1 << 30
MOST_CELLS = 30_000_000
MOST_ROWS = 1 << 20

_COLUMN = re.compile(rb"""\sr\s*=\s*["']([A-Z]{1,3})""")
_ROW = re.compile(rb"""\sr\s*=\s*["'][A-Z]{0,3}(\d{1,9})["']""")
_OVERLAP = 64


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
