"""Which column holds what: by the header's words, else by how the fields look."""

from __future__ import annotations

from dataclasses import dataclass, field

from mfgui.data.formats.clues import (
    ENOUGH_ROWS,
    TITLES,
    Sample,
    is_numeric,
    not_ratings,
    rating_likeness,
    role_of,
    side_file,
)
from mfgui.data.formats.numbers import is_number, is_time
from mfgui.data.options import WAY_OUT, ReadOptions
from mfgui.data.streams import printable
from mfgui.errors import DataError

__all__ = [
    "REFUSED", "Columns", "find_columns", "is_number", "position_of", "role_of",
]

REFUSED = f"say which columns hold user and item: {WAY_OUT}"
"""The way out where nobody can tell the columns."""

WIDEST_WITHOUT_HEADER = 20


@dataclass(frozen=True)
class Columns:
    """Where to find what in a line.

    Parameters
    ----------
    positions : dict of str to int
        The column of each role, from 1; user and item are always there; without rating every
        line is a rating of 1.
    doubts : tuple of str
    refusal : str
        Why the file is not read unless a person names the columns, e.g. ``looks like a list of
        titles``; empty where it is read.
    """

    positions: dict[str, int]
    doubts: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles in the order of the file's columns."""
        return tuple(sorted(self.positions, key=self.positions.__getitem__))

    @property
    def way_out(self) -> str:
        """What to do where the file is refused."""
        if self.refusal == TITLES:
            return "open the ratings file and give this one as its titles"
        return REFUSED

    @property
    def text(self) -> str:
        """The columns as the option is written."""
        return ",".join(f"{role}={self.positions[role]}" for role in self.roles)


@dataclass
class _Search:
    """What is known of the columns so far."""

    positions: dict[str, int]
    free: list[int]
    doubts: list[str] = field(default_factory=list)

    def take(self, role: str, number: int) -> None:
        self.positions[role] = number
        self.free.remove(number)


def find_columns(table: Sample, name: str, options: ReadOptions) -> Columns:
    """Find out which column holds what.

    Parameters
    ----------
    table : Table
    name : str
        The file's name for sentences.
    options : ReadOptions
        What is known already.

    Raises
    ------
    DataError
        If the columns that were named are not there, or are those of a wide table.
    """
    choice = options.column_choice()
    if choice is not None:
        if "items" in choice:
            raise DataError(f"{name} is read as one rating a line, but 'items' names the columns "
                            "of a wide table: choose the format wide, or name one item column.")
        return Columns({role: position_of(place, table, name) for role, place in choice.items()})
    width = max([table.width, len(table.names)])
    search = _Search({}, list(range(1, width + 1)))
    if table.names:
        return _by_names(table, search)
    return _by_looks(table, search)


def position_of(place: int | str, table: Sample, name: str) -> int:
    """Return the number of a column given by number or name.

    Raises
    ------
    DataError
        If there is no such column.
    """
    if isinstance(place, int):
        width = max([len(table.names), table.width, *map(len, table.rows)])
        if place > width:
            raise DataError(f"{name} has {width} columns, so there is no column {place}: "
                            "choose another number.")
        return place
    lowered = [word.lower() for word in table.names]
    if place.lower() not in lowered:
        header = printable(", ".join(table.names), 200)
        has = f"its header has {header}" if lowered else "it has no header"
        raise DataError(f"{name} has no column {place!r} ({has}): give its number from 1.")
    return lowered.index(place.lower()) + 1


def _by_names(table: Sample, search: _Search) -> Columns:
    for number, word in enumerate(table.names, 1):
        role = role_of(word)
        if role is not None and role not in search.positions:
            search.take(role, number)
    named = set(search.positions)
    refusal = not_ratings(table, named)
    if "rating" not in named and not refusal:
        refusal = _take_rating(table, search, named)
    for role in ("user", "item"):
        if role not in search.positions and search.free:
            search.take(role, search.free[0])
    if not {"user", "item"} <= set(search.positions):
        refusal = refusal or "does not name a column for user, item and rating"
    elif not refusal and len(named & {"user", "item", "rating"}) < 2:
        search.doubts.append(
            f"The header names {_listed(named & {'user', 'item', 'rating'})}: the other columns "
            "are taken by their order.")
    return _found(table, search, refusal)


def _listed(roles: set[str]) -> str:
    return f"only {', '.join(sorted(roles))}" if roles else "no user, item or rating"


def _take_rating(table: Sample, search: _Search, named: set[str]) -> str:
    """Take a column of numbers for the rating; return why nothing can be taken."""
    numeric = [
        number for number in search.free
        if is_numeric(table.column(number)) and not is_time(table.column(number))
    ]
    if {"user", "item"} <= named:
        if len(numeric) > 1:
            search.doubts.append("Several columns of numbers could be the rating.")
        if numeric:
            search.take("rating", numeric[0])
        elif search.free and table.rows:
            search.doubts.append("No column holds a rating: each line is read as a rating of 1.")
        return ""
    if not named & {"user", "item"}:
        if len(search.free) >= 3:
            search.take("rating", search.free[2])
            return ""
        return "does not name a column for user, item and rating"
    last = numeric[-1:] if len(search.free) > 1 else []
    names = dict(enumerate(table.names, 1))  # lines may be longer than the header
    if not last or names.get(last[0], "").lower().endswith("id"):
        return "does not name a column for user, item and rating"
    search.take("rating", last[0])
    return ""


def _by_looks(table: Sample, search: _Search) -> Columns:
    width = table.width
    if width == 1:
        return Columns({"user": 1, "item": 2}, (), "has only one column")
    if width == 2:
        return Columns({"user": 1, "item": 2}, (), "has only two columns and no header")
    refusal = side_file(table)
    if width > WIDEST_WITHOUT_HEADER and not refusal:
        refusal = (f"has {width} columns and no header, so nobody can tell which hold user, item "
                   "and rating")
    search.take("rating", _likeliest_rating(table, search))
    for role in ("user", "item"):
        search.take(role, search.free[0])
    return _found(table, search, refusal)


def _found(table: Sample, search: _Search, refusal: str) -> Columns:
    doubts = () if refusal else tuple(search.doubts)
    return Columns(_complete(search, table), doubts, refusal)


def _complete(search: _Search, table: Sample) -> dict[str, int]:
    """Return the positions, with a time where a free column looks like one."""
    if "time" not in search.positions and not table.names:
        times = [number for number in search.free if is_time(table.column(number))]
        if times:
            search.take("time", times[0])
    return search.positions


def _likeliest_rating(table: Sample, search: _Search) -> int:
    """Return the third column, as is usual, unless it holds no numbers and another looks right.

    A file is read in the usual order while that is possible at all: to guess otherwise would turn
    a damaged file into other data, with nothing rejected.
    """
    likeness = {number: rating_likeness(table.column(number)) for number in search.free}
    best = max(likeness, key=lambda number: (likeness[number], number == 3, -number))
    has_enough = len(table.rows) >= ENOUGH_ROWS
    if likeness[3] == 0 and likeness[best] >= 0.9 and has_enough:
        search.doubts.append(
            f"Column 3 holds no ratings, so column {best} is taken for them, and user and item "
            "may be others.")
        return best
    rivals = [n for n in likeness if n != 3 and likeness[n] >= max(likeness[3], 0.9)]
    if rivals and has_enough:
        search.doubts.append(
            f"Column 3 is taken for the rating, but column {rivals[0]} looks "
            f"{'like one too' if likeness[3] >= 0.7 * likeness[rivals[0]] else 'more like one'}.")
    return 3
