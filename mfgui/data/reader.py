"""Files to `Ratings`: the one way in, whatever the file's kind."""

from __future__ import annotations

import os

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.data.formats import FORMATS
from mfgui.data.import_report import ImportReport
from mfgui.data.options import ReadOptions
from mfgui.data.source import EXPECTED, open_source
from mfgui.errors import DataError

__all__ = ["ReadOptions", "open_ratings"]


def open_ratings(
    path: str | os.PathLike[str],
    options: ReadOptions | None = None,
    control: Control | None = None,
) -> tuple[Ratings, ImportReport]:
    """Read a file of ratings.

    Parameters
    ----------
    path : str or path-like
        Text of one rating a line (comma, tab, semicolon, blanks or ``::`` between the columns,
        with a header or none), plain or gzip.
    options : ReadOptions, optional
        What is known about the layout; the rest is found out from the first 1 MB.
    control : Control, optional
        Carries progress out and Cancel in.

    Returns
    -------
    ratings : Ratings
    report : ImportReport

    Raises
    ------
    DataError
        In one sentence, if the file cannot be read, or nothing or less than half of it is
        ratings.
    CancelledError
        If the control was stopped.
    """
    options = options or ReadOptions()
    control = control or Control()
    control.checkpoint()
    source = open_source(path)
    control.report(f"Reading {source.name}")
    for kind in FORMATS.values():
        if kind.matches(source.head):
            return kind.read(source, options, control)
    raise DataError(f"{source.name} is of no kind that can be read: {EXPECTED}.")
