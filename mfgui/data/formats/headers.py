"""Whether and where a text names its columns."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from mfgui.data.formats.clues import role_of
from mfgui.data.formats.numbers import MISSING_WORDS, is_number
from mfgui.data.formats.splitting import SEPARATORS, split_line

LATEST_HEADER = 10


def first_of_width(rows: Sequence[Sequence[str]], width: int) -> int:
    """Return the first line that counts: words above the header have fewer columns than it."""
    for place, row in enumerate(rows[:LATEST_HEADER]):
        if len(row) == width and place and is_header(rows[place:]):
            return place if all(len(above) < width for above in rows[:place]) else 0
        if len(row) >= min(width, 3):
            return 0
    return 0


def is_header(rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the first line names columns.

    It does if none of its fields is a number and it holds a word for user, item or rating, or
    if a number stands below one of its words in most lines. In a wide table its names may be
    numbers, beside an empty corner or a word for user.
    """
    first = rows[0]
    if any(is_number(field) for field in first):
        return _names_are_numbers(first, rows[1:])
    roles = {role_of(field) for field in first}
    if roles & {"user", "item", "rating"}:
        return True
    for place in range(1, len(first)):
        below = [
            row[place] for row in rows[1:]
            if len(row) > place and row[place].lower() not in ("", *MISSING_WORDS)]
        if below and sum(map(is_number, below)) * 2 > len(below):
            return True
    return False


def _names_are_numbers(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    corner, rest = first[0], list(first[1:])
    if len(rest) < 3 or not below or len(set(rest)) < len(rest):
        return False
    if not corner or role_of(corner) == "user":
        return any(row and row[0] for row in below)
    numbers = [int(field) for field in first if re.fullmatch(r"\d{1,6}", field)]
    return (
        len(numbers) == len(first) >= 6 and numbers[0] in (0, 1)
        and all(high - low == 1 for low, high in itertools.pairwise(numbers))
    )


def header_names(line: str, rows: Sequence[Sequence[str]], width: int) -> tuple[str, ...]:
    """Return the names, also where the header is separated otherwise or lacks row names."""
    names = list(rows[0])
    width = max(width, 0) or max((len(row) for row in rows[1:]), default=len(names))
    if len(names) < min(3, width):
        for separator in SEPARATORS:
            other = split_line(line, separator)
            if len(other) == width:
                return tuple(other)
    if len(names) == width - 1 >= 3:
        names.insert(0, "")  # as R writes row names
    return tuple(names)


def names_in_comment(comments: Sequence[str], separator: str, width: int) -> tuple[str, ...]:
    """Return the names that the last comment gives, where it has as many fields."""
    if not comments:
        return ()
    names = split_line(comments[-1].lstrip("#% \t"), separator)
    if len(names) == width and {role_of(name) for name in names} & {"user", "item", "rating"}:
        return tuple(names)
    return ()
