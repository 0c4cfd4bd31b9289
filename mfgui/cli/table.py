"""Tables for people at a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    heading : str
    text : callable
        What stands there of one line's object.
    is_number : bool
        Whether it stands to the right.
    """

    heading: str
    text: Callable[[Any], str]
    is_number: bool = False


def table_lines(columns: Sequence[Column], rows: Sequence[Any]) -> list[str]:
    """Return a table line by line; a column without any text is left out."""
    texts = [[column.text(row) for row in rows] for column in columns]
    drawn = []
    for column, cells in zip(columns, texts, strict=True):
        if not any(cells):
            continue
        width = max(map(width_of, [column.heading, *cells]))
        drawn.append([_padded(cell, width, column.is_number) for cell in [column.heading, *cells]])
    return [("  " + "  ".join(cells)).rstrip() for cells in zip(*drawn, strict=True)]


def width_of(text: str) -> int:
    """Return how many places a text takes: wide signs two, combining ones none."""
    return sum(0 if unicodedata.combining(sign) else
               2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def fitting(text: str, width: int) -> str:
    """Return a text on one line, without control signs, cut where it takes more places."""
    from mfgui.inspection.words import one_line

    shown = one_line(text, width)
    while width_of(shown) > width:
        shown = shown.rstrip("…")[:-1].rstrip() + "…"
    return shown


def counted(n: int, noun: str) -> str:
    """Return 1 line, 2 lines."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def _padded(text: str, width: int, is_number: bool) -> str:
    space = " " * (width - width_of(text))
    return space + text if is_number else text + space
