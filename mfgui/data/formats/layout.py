"""How text is cut into columns, found out from its beginning: separator, header, comments.

DuckDB has a sniffer of its own; it changes its mind with the sample, turns ``007`` into 7 and
takes titles for headers, so the separator, the header and the columns are decided here and in
``columns.py``, by rules that can be told to a person.
"""

from __future__ import annotations

import bisect
import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mfgui.data.formats.clues import role_of
from mfgui.data.formats.headers import first_of_width, header_names, is_header, names_in_comment
from mfgui.data.formats.numbers import is_number
from mfgui.data.formats.splitting import (
    SEPARATORS,
    find_separator,
    separator_doubts,
    split_line,
)
from mfgui.data.options import ReadOptions
from mfgui.data.source import EXPECTED
from mfgui.errors import DataError

__all__ = ["SEPARATORS", "Table", "find_table", "is_number", "role_of", "split_line"]

SAMPLE_LINES = 500
SAMPLE_CELLS = 20_000
FEWEST_LINES = 10
SEPARATOR_LINES = 200
SEPARATOR_CHARS = 100_000
COMMENT_SIGNS = ("#", "%")

_END = r"\r\n|\n|\r"


@dataclass(frozen=True)
class Table:
    """The beginning of a text, cut into columns.

    Parameters
    ----------
    separator : str
        A blank stands for any run of blanks and tabs.
    header_line : int
        The line that names the columns, from 1; 0 where there is none.
    first_line : int
        The first line below the header.
    names : tuple of str
        The names in the header; empty where there is none.
    rows : tuple of tuple of str
        The lines below, without quotation marks and outer blanks.
    width : int
        How many columns most lines have.
    is_even : bool
        Whether nearly all lines have as many.
    comment : str
        The sign that comment lines begin with; empty where there are none.
    doubts : tuple of str
    """

    separator: str
    header_line: int
    first_line: int
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    width: int
    is_even: bool
    comment: str = ""
    doubts: tuple[str, ...] = ()

    @property
    def separator_name(self) -> str:
        """The separator in words."""
        return SEPARATORS.get(self.separator, repr(self.separator))

    @property
    def has_header(self) -> bool:
        """Whether a line, not a comment, names the columns."""
        return self.header_line > 0

    def column(self, number: int) -> list[str]:
        """Return the fields of a column, counted from 1."""
        return [row[number - 1] for row in self.rows if len(row) >= number]


def find_table(text: str, name: str, options: ReadOptions) -> Table:
    """Find out how a file is cut into columns.

    Parameters
    ----------
    text : str
        How the file begins, in whole lines.
    name : str
        The file's name for sentences.
    options : ReadOptions
        What is known already.

    Raises
    ------
    DataError
        If there are no two columns, or the options do not fit.
    """
    numbered, comments = _without_comments(_first_lines(text))
    if not numbered:
        raise DataError(f"{name} is empty: {EXPECTED}.")
    numbered = _records(numbered, name, options)
    lines = [line for _, line in numbered]
    few = _few_lines(lines)
    separator = options.separator() or find_separator(few, name)
    rows = _split_lines(lines, separator)
    width, share = _common_width(rows)
    begin = 0 if options.header is False else first_of_width(rows, width)
    has_header = is_header(rows[begin:]) if options.header is None else options.header
    names = header_names(lines[begin], rows[begin:], width) if has_header else ()
    first = begin + has_header
    doubts = () if options.delimiter else separator_doubts(few, separator, rows)
    return Table(
        separator, numbered[begin][0] if has_header else 0,
        numbered[first - 1][0] + 1 if first else 1,
        names or names_in_comment(comments, separator, width),
        tuple(map(tuple, rows[first:])), width, share >= 0.9,
        comments[0][:1] if comments else "", doubts)


def _first_lines(text: str) -> list[tuple[int, str]]:
    """Return the first lines that are not blank, with their numbers."""
    blank = re.match(rf"(?:[ \t]*(?:{_END}))*", text)
    begin = blank.end() if blank else 0
    first = 1 + len(re.findall(_END, text[:begin]))
    lines = re.split(_END, text[begin:], maxsplit=SAMPLE_LINES)[:SAMPLE_LINES]
    return [(number, line) for number, line in enumerate(lines, first) if line.strip()]


def _records(
    numbered: list[tuple[int, str]], name: str, options: ReadOptions
) -> list[tuple[int, str]]:
    """Return the lines, joined where a quoted field runs over several and that makes them even."""
    joined = _joined(numbered)
    if len(joined) == len(numbered) or len(joined) < 2:
        return numbered
    return joined if _evenness(joined, name, options) > _evenness(numbered, name, options) else (
        numbered)


def _joined(numbered: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the lines, those with an odd number of quotation marks joined with the next."""
    result: list[tuple[int, str]] = []
    place = 0
    while place < len(numbered):
        number, line = numbered[place]
        end = place
        if line.count('"') % 2:
            marks = itertools.accumulate(each.count('"') for _, each in numbered[place:])
            steps = next((k for k, n_marks in enumerate(marks) if n_marks % 2 == 0), 0)
            end = place + steps
            line = "\n".join(each for _, each in numbered[place : end + 1])
        result.append((number, line))
        place = end + 1
    return result


def _evenness(numbered: list[tuple[int, str]], name: str, options: ReadOptions) -> float:
    """Return the share of lines with the commonest number of columns; 0 for one column."""
    few = _few_lines([line for _, line in numbered])
    try:
        separator = options.separator() or find_separator(few, name)
    except DataError:
        return 0.0
    width, share = _common_width(_split_lines(few, separator))
    return share if width > 1 else 0.0


def _without_comments(
    numbered: list[tuple[int, str]]
) -> tuple[list[tuple[int, str]], tuple[str, ...]]:
    """Return the lines after the comments that they begin with, and those comments.

    A sign that all lines begin with is part of an id.
    """
    sign = numbered[0][1][0] if numbered else ""
    if sign not in COMMENT_SIGNS or all(line.startswith(sign) for _, line in numbered):
        return numbered, ()
    others = [(number, line) for number, line in numbered if not line.startswith(sign)]
    comments = [line for number, line in numbered if number < others[0][0]]
    return others, tuple(comments)


def _few_lines(lines: Sequence[str]) -> Sequence[str]:
    """Return the lines that are tried with every separator, fewer where they are very long."""
    n_chars = list(itertools.accumulate(map(len, lines)))
    n_short = bisect.bisect_right(n_chars, SEPARATOR_CHARS)
    return lines[: min(max(n_short, FEWEST_LINES), SEPARATOR_LINES)]


def _split_lines(lines: Sequence[str], separator: str) -> list[list[str]]:
    """Return the fields of the first lines, of fewer where they are very wide."""
    rows: list[list[str]] = []
    n_cells = 0
    for line in lines:
        rows.append(split_line(line, separator))
        n_cells += len(rows[-1])
        if n_cells > SAMPLE_CELLS and len(rows) >= FEWEST_LINES:
            break
    return rows


def _common_width(rows: Sequence[Sequence[str]]) -> tuple[int, float]:
    """Return the commonest number of columns and the share of lines that have it."""
    widths = Counter(map(len, rows))
    width = max(widths, key=lambda each: (widths[each], each))
    return width, widths[width] / len(rows)


