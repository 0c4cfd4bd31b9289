"""The kinds of ratings files, in the order in which equally sure ones are tried."""

from __future__ import annotations

from typing import Protocol

from mfgui.core.control import Control
from mfgui.data.formats.delimited import Delimited
from mfgui.data.formats.excel import Excel
from mfgui.data.formats.json_records import JsonRecords
from mfgui.data.formats.matrix_market import MatrixMarket
from mfgui.data.formats.netflix import Netflix
from mfgui.data.formats.npy import Npy
from mfgui.data.formats.npz import Npz
from mfgui.data.formats.orange import Orange
from mfgui.data.formats.parquet import Parquet
from mfgui.data.formats.recbole import RecBole
from mfgui.data.formats.sqlite import Sqlite
from mfgui.data.formats.wide import Wide
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings
from mfgui.data.source import Source


class Format(Protocol):
    """One kind of ratings file.

    Parameters
    ----------
    name : str
        For ``--format`` and for `FORMATS`.
    label : str
        For people, in the open dialog.
    extensions : tuple of str
        Name endings with their dot; a hint for the dialog, never a condition.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - told in the class's docstring
    @property
    def label(self) -> str: ...  # noqa: D102
    @property
    def extensions(self) -> tuple[str, ...]: ...  # noqa: D102

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return how sure it is, 0 to 1, that a file which begins like this is of this kind."""
        ...

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first rows and what each option would be.

        Raises
        ------
        DataError
            If there is nothing to look at.
        """
        ...

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the file in its order, and what every other line of it was.

        Raises
        ------
        DataError
            In one sentence, if it cannot be read to its end.
        CancelledError
            If the control was stopped.
        """
        ...


FORMATS: dict[str, Format] = {
    kind.name: kind for kind in (
        MatrixMarket(),
        RecBole(),
        Orange(),
        Netflix(),
        Parquet(),
        Excel(),
        Sqlite(),
        Npz(),
        Npy(),
        JsonRecords(),
        Wide(),
        Delimited(),
    )
}
"""By name; the one whose ``matches`` is highest reads the file, the first of equals."""
