"""The kinds of ratings files, in the order in which they are tried."""

from __future__ import annotations

from typing import Protocol

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.data.formats.delimited import Delimited
from mfgui.data.import_report import ImportReport
from mfgui.data.options import ReadOptions
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

    def matches(self, head: bytes) -> bool:
        """Return whether a file that begins like this can be of this kind."""
        ...

    def read(
        self, source: Source, options: ReadOptions, control: Control
    ) -> tuple[Ratings, ImportReport]:
        """Return the ratings of the file and how it was understood."""
        ...


FORMATS: dict[str, Format] = {"delimited": Delimited()}
