"""What a file held and how it was understood: the answer to "did it read my data rightly?"."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


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
    """

    line: int
    reason: str
    text: str


@dataclass(frozen=True)
class ImportReport:
    """How a file was read. Every line is accounted for exactly once.

    ``n_lines = n_ratings + n_duplicates + n_rejected + n_header_lines + n_blank_lines``;
    in a typed matrix the "lines" are its cells, and the empty ones are the blank lines.

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
        In words: ``tab``, ``comma``, ...
    has_header : bool
    columns : tuple of str
        What the columns hold, in the file's order, e.g. ``("user", "item", "rating", "time")``.
    scale : tuple of float
        Smallest and largest rating.
    n_rejected : int
        Lines that are not a rating.
    rejected : tuple of RejectedLine
        The first hundred of them.
    n_duplicates : int
        Ratings of a user and item that are rated again further down: the last line wins.
    n_header_lines, n_blank_lines : int
    encoding : str
        ``UTF-8`` or ``Latin-1``.
    compression : str
        ``none`` or ``gzip``.
    noun : str
        What ``n_lines`` counts: ``line`` or, for a typed matrix, ``cell``.
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
    n_rejected: int = 0
    rejected: tuple[RejectedLine, ...] = ()
    n_duplicates: int = 0
    n_header_lines: int = 0
    n_blank_lines: int = 0
    encoding: str = "UTF-8"
    compression: str = "none"
    noun: str = "line"

    def summary(self) -> str:
        """Return how the file was understood, and what was left out, in one short sentence."""
        if self.noun == "cell":
            missing = counted(self.n_blank_lines, "cell")
            return f"a matrix of {self.n_users:,} x {self.n_items:,}; {missing} missing"
        header = "header" if self.has_header else "no header"
        parts = [f"{self.separator}-separated, {header}", f"columns: {', '.join(self.columns)}"]
        if self.n_rejected:
            parts.append(f"{counted(self.n_rejected, self.noun)} rejected")
        if self.n_duplicates:
            parts.append(f"{counted(self.n_duplicates, 'duplicate')} (the last one counts)")
        return "; ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values that JSON can hold."""
        return {
            "path": None if self.path is None else str(self.path),
            "name": self.name,
            "n_lines": self.n_lines,
            "n_ratings": self.n_ratings,
            "n_users": self.n_users,
            "n_items": self.n_items,
            "separator": self.separator,
            "has_header": self.has_header,
            "columns": list(self.columns),
            "scale": list(self.scale),
            "n_rejected": self.n_rejected,
            "rejected": [
                {"line": bad.line, "reason": bad.reason, "text": bad.text}
                for bad in self.rejected
            ],
            "n_duplicates": self.n_duplicates,
            "n_header_lines": self.n_header_lines,
            "n_blank_lines": self.n_blank_lines,
            "encoding": self.encoding,
            "compression": self.compression,
        }


def counted(number: int, noun: str) -> str:
    """Return e.g. ``1 line`` or ``1,200 lines``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
