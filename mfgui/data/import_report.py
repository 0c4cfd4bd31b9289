"""What a file held and how it was understood: the answer to "did it read my data rightly?"."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Counts = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class RejectedLine:
    """A line that is not a rating.

    Parameters
    ----------
    line : int
        Counted from 1, as an editor counts.
    reason : str
        What is wrong with it, e.g. ``rating 'abc' is not a number``.
    text : str
        The line itself, cut after 200 characters.
    kind : str
        The reason without the value, e.g. ``rating is not a number``: what is counted.
    """

    line: int
    reason: str
    text: str
    kind: str = ""


@dataclass(frozen=True)
class Bin:
    """A bar of a histogram: values from ``low`` to ``high`` (both, where they are one value)."""

    low: float
    high: float
    count: int


@dataclass(frozen=True)
class Spread:
    """How many ratings a user (or an item) has.

    Parameters
    ----------
    least, median, most : float
    bins : tuple of Bin
        A histogram with edges that double: 1, 2 to 3, 4 to 7, ...
    """

    least: int
    median: float
    most: int
    bins: tuple[Bin, ...] = ()


@dataclass(frozen=True)
class FilterStep:
    """What one filter left out."""

    text: str
    n_ratings: int
    n_users: int
    n_items: int


@dataclass(frozen=True)
class Offer:
    """Another reading of the file that may be the right one.

    Parameters
    ----------
    text : str
        Why, in a sentence.
    label : str
        What a button says: "Read 0 as missing".
    options : dict
        The options to change, by name.
    """

    text: str
    label: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ImportReport:
    """How a file was read. Every line is accounted for exactly once.

    ``n_lines = n_ratings + sum of the counts in losses``; what a "line" is says ``noun``: in a
    wide table, a typed matrix or a dense array it is a cell.

    Parameters
    ----------
    path : Path or None
        None for ratings that come from no file.
    name : str
        What to call the source.
    n_lines : int
        All lines of the file.
    n_ratings, n_users, n_items : int
        What was kept.
    separator : str
        In words: ``tab``, ``comma``, ...; empty where there is none.
    has_header : bool
    columns : tuple of str
        What the columns hold, in the file's order, e.g. ``("user", "item", "rating", "time")``.
    scale : tuple of float
        Smallest and largest rating, or the ends that were set.
    losses : tuple of (str, int)
        Everything that is no rating, by name and number: header, blank, comment, continued and
        missing lines, every reason for which lines were rejected, duplicates, zeros, filters.
    n_rejected : int
        Lines that are not a rating through a fault of theirs.
    rejected : tuple of RejectedLine
        The first hundred for each reason.
    n_duplicates : int
        Ratings that were left out or merged because their user and item are rated again.
    n_header_lines, n_blank_lines, n_missing : int
    n_zeros : int
        Ratings of 0 in the file, whether they were kept or taken as missing.
    n_trimmed : int
        Ids that had blanks at their ends.
    encoding, compression, decimal : str
    noun : str
        What ``n_lines`` counts.
    format : str
        The format's name in `FORMATS`.
    how : str
        The layout in words: ``tab-separated, no header``.
    doubts : tuple of str
        What could as well be otherwise.
    notes : tuple of str
        What is worth knowing, a sentence each.
    offers : tuple of Offer
        Other readings that may be the right one.
    n_bytes : int
        Size of the file as it lies there.
    checksum : str
        ``sha256:`` and 64 digits, of the file as it lies there.
    modified_at : float
        When the file was last changed, seconds since 1970; 0 where there is no file.
    read_at : str
        When it was read, ISO 8601 in UTC.
    read_seconds : float
    density : float
        Share of all cells that are rated, 0 to 1.
    mean : float
    histogram : tuple of Bin
        The ratings by value; at most 40 bars.
    per_user, per_item : Spread
    filters : tuple of FilterStep
    options : dict
        What was set rather than found.
    has_times : bool
    n_bad_times : int
    titles : str
        The name of the file that the titles come from.
    """

    path: Path | None
    name: str
    n_lines: int
    n_ratings: int
    n_users: int
    n_items: int
    separator: str
    has_header: bool
    columns: tuple[str, ...]
    scale: tuple[float, float]
    losses: Counts = ()
    n_rejected: int = 0
    rejected: tuple[RejectedLine, ...] = ()
    n_duplicates: int = 0
    n_header_lines: int = 0
    n_blank_lines: int = 0
    n_missing: int = 0
    n_zeros: int = 0
    n_trimmed: int = 0
    encoding: str = "UTF-8"
    compression: str = "none"
    decimal: str = "point"
    noun: str = "line"
    format: str = "delimited"
    how: str = ""
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    n_bytes: int = 0
    checksum: str = ""
    modified_at: float = 0.0
    read_at: str = ""
    read_seconds: float = 0.0
    density: float = 0.0
    mean: float = 0.0
    histogram: tuple[Bin, ...] = ()
    per_user: Spread = Spread(0, 0.0, 0)
    per_item: Spread = Spread(0, 0.0, 0)
    filters: tuple[FilterStep, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    has_times: bool = False
    n_bad_times: int = 0
    titles: str = ""

    def summary(self) -> str:
        """Return how the file was understood, and what was left out, in one short sentence."""
        parts = [self.how] if self.how else []
        if self.columns:
            parts.append(f"columns: {', '.join(self.columns)}")
        if self.n_missing:
            parts.append(f"{counted(self.n_missing, self.noun)} missing")
        if self.n_rejected:
            parts.append(f"{counted(self.n_rejected, self.noun)} rejected")
        if self.n_duplicates:
            policy = self.options.get("duplicates", "last")
            parts.append(f"{counted(self.n_duplicates, 'duplicate')} ({DUPLICATE_WORDS[policy]})")
        if self.filters:
            removed = sum(step.n_ratings for step in self.filters)
            parts.append(f"{counted(removed, 'rating')} filtered out")
        return "; ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values that JSON can hold."""
        values = {each.name: plain(getattr(self, each.name)) for each in dataclasses.fields(self)}
        values["losses"] = dict(self.losses)
        return values


DUPLICATE_WORDS = {
    "last": "the last one counts", "first": "the first one counts", "mean": "averaged",
    "max": "the largest counts", "sum": "added up", "reject": "rejected",
}


def plain(value: Any) -> Any:
    """Return frozen dataclasses, tuples and paths as dicts, lists and text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, (tuple, list)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return str(value) if isinstance(value, Path) else value


def counted(number: int, noun: str) -> str:
    """Return e.g. ``1 line``, ``1,200 lines`` or ``2 entries``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("y") else f"{number:,} {noun}s"
