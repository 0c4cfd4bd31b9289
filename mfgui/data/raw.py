"""What every format hands on: the ratings in the file's order, before any policy or filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import FloatArray, IntArray, TextArray
from mfgui.data.import_report import RejectedLine


@dataclass(frozen=True)
class Reading:
    """How a file is read, in words for people.

    Parameters
    ----------
    how : str
        E.g. ``tab-separated, no header``.
    columns : tuple of str
        What the columns that are used hold, in the file's order, e.g.
        ``("user", "item", "rating", "time")``.
    separator : str
        In words; empty where the format has none.
    has_header : bool
    encoding : str
        E.g. ``UTF-8``; empty where the format has none.
    decimal : str
        ``point`` or ``comma``.
    doubts : tuple of str
        What could as well be otherwise, a sentence each; none in a clear file.
    """

    how: str
    columns: tuple[str, ...] = ()
    separator: str = ""
    has_header: bool = False
    encoding: str = ""
    decimal: str = "point"
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RawRatings:
    """The ratings of a file in its order, and what every other line of it was.

    ``n_read = value.size + sum(losses.values())``.

    Parameters
    ----------
    user, item : ndarray of int32, shape (n,)
        Numbered by first appearance.
    value : ndarray of float32, shape (n,)
        Finite.
    time : ndarray of float64, shape (n,), or None
        Seconds since 1970 (UTC); NaN where a line has none that can be read.
    user_ids, item_ids : TextArray
    reading : Reading
    n_read : int
        How many lines (cells, entries, records: see ``noun``) the file holds.
    losses : dict of str to int
        What is no rating, by its name: ``header``, ``blank``, ``comment``, ``continued``,
        ``missing``, and any reason for which lines were rejected.
    rejected : sequence of RejectedLine
        The first hundred for each reason, by line.
    noun : str
        What ``n_read`` counts: ``line``, ``cell``, ``entry``, ``row`` or ``record``.
    item_titles : TextArray or None
        A title for each item, empty where there is none; from a column of the file itself.
    n_trimmed : int
        Ids that had blanks at their ends.
    n_bad_times : int
        Ratings whose time could not be read.
    notes : tuple of str
        What else is worth saying, a sentence each.
    """

    user: IntArray
    item: IntArray
    value: FloatArray
    user_ids: TextArray
    item_ids: TextArray
    reading: Reading
    n_read: int
    losses: dict[str, int] = field(default_factory=dict)
    rejected: Sequence[RejectedLine] = ()
    time: NDArray[np.float64] | None = None
    item_titles: TextArray | None = None
    noun: str = "line"
    n_trimmed: int = 0
    n_bad_times: int = 0
    notes: tuple[str, ...] = ()


NOT_REJECTED = frozenset({
    "header", "blank", "comment", "continued", "missing", "mirrored", "item line"})
"""Losses that are no fault of the file; all others are reasons for which lines were rejected."""
