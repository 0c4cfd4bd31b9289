"""How a delimited file is laid out, found out from its beginning.

DuckDB has a sniffer of its own; it changes its mind with the sample, turns ``007`` into 7 and
takes titles for headers, so the separator, the header and the columns are decided here, by rules
that can be told to a person.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mfgui.data.options import WAY_OUT, ReadOptions
from mfgui.data.source import EXPECTED
from mfgui.errors import DataError

SEPARATORS = {
    "::": "double-colon", "\t": "tab", ";": "semicolon", ",": "comma", "|": "bar", " ": "blank",
}
"""The separators that are tried, the surest first, and their names."""

SAMPLE_LINES = 500
WIDEST_WITHOUT_HEADER = 20

WORDS = {
    "user": "user users userid uid username customer customerid reviewer reviewerid person "
            "personid people reader readerid student studentid rater raterid member memberid",
    "item": "item items itemid iid movie movieid film filmid book bookid isbn product productid "
            "asin parentasin artist artistid song songid track trackid game gameid joke jokeid "
            "anime animeid food lecturer business businessid recipe recipeid beer beerid",
    "rating": "rating ratings ratingvalue bookrating userrating score scores stars star overall "
              "value weight frequency preference grade plays playcount",
    "time": "time timestamp unixtime unixreviewtime date datetime tid",
    "title": "title titles itemtitle movietitle booktitle itemname",
}
ROLE_OF_WORD = {word: role for role, words in WORDS.items() for word in words.split()}


@dataclass(frozen=True)
class Layout:
    """Where to find what in a delimited file.

    Parameters
    ----------
    separator : str
        A blank stands for any run of blanks and tabs.
    header_line : int
        The line that names the columns, from 1; 0 where there is none.
    positions : dict of str to int
        The column of each role, from 1; user, item and rating are always there.
    """

    separator: str
    header_line: int
    positions: dict[str, int]

    @property
    def separator_name(self) -> str:
        """The separator in words."""
        return SEPARATORS.get(self.separator, repr(self.separator))

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles in the order of the file's columns."""
        return tuple(sorted(self.positions, key=self.positions.__getitem__))

    @property
    def n_needed(self) -> int:
        """How many columns a line must have to be a rating."""
        return max(self.positions[role] for role in ("user", "item", "rating"))


def find_layout(text: str, name: str, options: ReadOptions) -> Layout:
    """Find out how a file is laid out.

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
        If there are fewer than three columns, or the options do not fit.
    """
    numbered = _first_lines(text)
    if not numbered:
        raise DataError(f"{name} is empty: {EXPECTED}.")
    separator = options.separator() or _find_separator([line for _, line in numbered], name)
    rows = [split_line(line, separator) for _, line in numbered]
    has_header = options.header
    if has_header is None:
        has_header = _is_header(rows)
    names = _header_names(numbered[0][1], rows) if has_header else []
    body = rows[1:] if has_header else rows
    positions = _find_columns(names, body, name, options)
    return Layout(separator, numbered[0][0] if has_header else 0, positions)


def _first_lines(text: str) -> list[tuple[int, str]]:
    """Return the first lines that are not blank, with their numbers."""
    blank = re.match(r"(?:[ \t]*(?:\r\n|\n|\r))*", text)
    begin = blank.end() if blank else 0
    first = 1 + len(re.findall(r"\r\n|\n|\r", text[:begin]))
    lines = re.split(r"\r\n|\n|\r", text[begin:], maxsplit=SAMPLE_LINES)[:SAMPLE_LINES]
    return [(number, line) for number, line in enumerate(lines, first) if line.strip()]


def split_line(line: str, separator: str) -> list[str]:
    """Return the fields of one line, without quotation marks and outer blanks."""
    if separator == " ":
        line, separator = re.sub(r"[ \t]+", " ", line.strip(" \t")), " "
    if len(separator) > 1:
        return [field.strip() for field in line.split(separator)]
    try:
        fields = next(csv.reader([line], delimiter=separator))
    except (csv.Error, TypeError, StopIteration, ValueError):
        fields = line.split(separator)
    return [field.strip() for field in fields]


def is_number(text: str) -> bool:
    """Return whether the text is a number, finite or not."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def role_of(name: str) -> str | None:
    """Return what a column of this name holds, where the name says so.

    ``user-id``, ``UserID`` and RecBole's ``user_id:token`` are all the same.
    """
    word = re.sub(r"[^a-z0-9]", "", name.lower().partition(":")[0])
    return ROLE_OF_WORD.get(word)


def _find_separator(lines: Sequence[str], name: str) -> str:
    """Return the separator that gives most lines one and the same width of three or more."""
    best, best_score, widest = "", 0, 1
    for separator in SEPARATORS:
        widths = Counter(len(split_line(line, separator)) for line in lines)
        widest = max(widest, max(widths, key=lambda width: (widths[width], width)))
        wide = {width: n_lines for width, n_lines in widths.items() if width >= 3}
        if sum(wide.values()) * 2 >= len(lines) and max(wide.values()) > best_score:
            best, best_score = separator, max(wide.values())
    if not best:
        found = {1: "only one column", 2: "only two columns"}.get(widest, "no common separator")
        raise DataError(
            f"{name} has {found}: {EXPECTED}, separated by comma, tab, semicolon, blank or '::'."
        )
    return best


def _is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first line names columns.

    It does if none of its fields is a number and it holds a word for user, item or rating, or
    if a number stands below one of its words in most lines.
    """
    first = rows[0]
    if any(is_number(field) for field in first):
        return False
    roles = {role_of(field) for field in first}
    if roles & {"user", "item", "rating"}:
        return True
    third = [row[2] for row in rows[1:] if len(row) > 2]
    return bool(third) and sum(map(is_number, third)) * 2 > len(third)


def _header_names(line: str, rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names, also where the header is separated otherwise than the rest."""
    names = list(rows[0])
    width = max((len(row) for row in rows[1:]), default=len(names))
    if len(names) < min(3, width):
        for separator in SEPARATORS:
            other = split_line(line, separator)
            if len(other) == width:
                return other
    return names


def _find_columns(
    names: Sequence[str], body: Sequence[Sequence[str]], name: str, options: ReadOptions
) -> dict[str, int]:
    choice = options.column_choice()
    if choice is not None:
        return {role: _position(place, names, name) for role, place in choice.items()}
    width = max([len(names), *(len(row) for row in body)])
    if not names and width > WIDEST_WITHOUT_HEADER:
        raise DataError(
            f"{name} has {width} columns and no header, so nobody can tell which hold user, item "
            f"and rating: {WAY_OUT}."
        )
    positions: dict[str, int] = {}
    for number, word in enumerate(names, 1):
        role = role_of(word)
        if role is not None and role not in positions:
            positions[role] = number
    free = [number for number in range(1, width + 1) if number not in positions.values()]
    if "rating" not in positions and ("user" in positions or "item" in positions):
        positions["rating"] = free.pop(free.index(_first_numeric(free, body))) if free else 0
    for role in ("user", "item", "rating"):
        if role not in positions:
            positions[role] = free.pop(0) if free else 0
    rating = positions["rating"]
    is_id = rating and names and len(names) >= rating and names[rating - 1].lower().endswith("id")
    if not all(positions.values()) or (is_id and role_of(names[rating - 1]) != "rating"):
        raise DataError(f"{name} does not name a column for user, item and rating: {WAY_OUT}.")
    if free and "time" not in positions and not names and _is_time(free[0], body):
        positions["time"] = free[0]
    return positions


def _position(place: int | str, names: Sequence[str], name: str) -> int:
    if isinstance(place, int):
        return place
    lowered = [word.lower() for word in names]
    if place.lower() not in lowered:
        has = f"its header has {', '.join(names)[:200]}" if names else "it has no header"
        raise DataError(f"{name} has no column {place!r} ({has}): give its number from 1.")
    return lowered.index(place.lower()) + 1


def _column(number: int, body: Sequence[Sequence[str]]) -> list[str]:
    return [row[number - 1] for row in body if len(row) >= number]


def _first_numeric(free: Sequence[int], body: Sequence[Sequence[str]]) -> int:
    """Return the first free column of numbers, counted from the right of user and item."""
    for number in free:
        fields = _column(number, body)
        if fields and sum(map(is_number, fields)) * 2 > len(fields):
            return number
    return free[-1]


def _is_time(number: int, body: Sequence[Sequence[str]]) -> bool:
    """Return whether the column looks like seconds since 1970 or dates."""
    fields = _column(number, body)
    looks = sum(
        bool(re.fullmatch(r"\d{8,13}(\.\d+)?|\d{4}-\d\d-\d\d.*", field)) for field in fields
    )
    return bool(fields) and looks * 2 > len(fields)
