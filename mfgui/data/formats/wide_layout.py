"""Which columns of a wide table hold users and items, found out from its beginning.

What makes a column an item is that it shares one scale with many others. What stands for missing
is an empty cell, a word such as N/A, or one number far outside all others, as Jester's 99.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mfgui.data.formats.columns import position_of, role_of
from mfgui.data.formats.layout import Table
from mfgui.data.formats.numbers import MISSING_WORDS, find_decimal, number_of
from mfgui.data.formats.wide_clues import (
    FEWEST_ITEMS,
    Column,
    counting_column,
    is_numeric,
    missing_number,
    of_one_scale,
    values_of,
)
from mfgui.data.options import ReadOptions, range_text, ranges
from mfgui.errors import DataError

FEWEST_WITHOUT_GAPS = 6


@dataclass(frozen=True)
class WideLayout:
    """How a wide table is laid out.

    Parameters
    ----------
    table : Table
        With the names of the second header line where there are two.
    user : int
        The column of the users' ids, from 1; 0 where there is none.
    items : dict of int to str
        The id of each item column.
    missing : str
        A number that stands for missing, as it is written; empty where there is none.
    decimal : str
    counts : int
        The column that counts the ratings of its line; 0 where there is none.
    certainty : float
        0 where this is no wide table.
    doubts : tuple of str
    """

    table: Table
    user: int
    items: dict[int, str]
    missing: str = ""
    decimal: str = "point"
    counts: int = 0
    certainty: float = 0.0
    doubts: tuple[str, ...] = ()

    @property
    def how(self) -> str:
        """The layout in words."""
        words = [
            f"{self.table.separator_name}-separated",
            "a header" if self.table.has_header else "no header",
            f"wide: {len(self.items):,} items a line",
            f"users in column {self.user}" if self.user else "users numbered by line",
        ]
        if self.missing:
            words.append(f"{self.missing} means missing")
        if self.counts:
            words.append(f"column {self.counts} only counts the ratings")
        if self.decimal == "comma":
            words.append("decimal comma")
        return ", ".join(words)

    @property
    def columns_text(self) -> str:
        """The columns as the option is written."""
        items = f"items={range_text(sorted(self.items))}"
        return f"user={self.user},{items}" if self.user else items


def find_wide(table: Table, name: str, options: ReadOptions) -> WideLayout:
    """Find out how a wide table is laid out.

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
        If the columns that were named are not there.
    """
    table = _with_second_header(table)
    choice = options.column_choice()
    cells = _cells(table, options)
    if choice is not None:
        if "items" not in choice:
            return WideLayout(table, 0, {})
        return _chosen(table, name, options, choice)
    if _is_long(table):
        return WideLayout(table, 0, {})
    user = _user_column(table, cells)
    numeric = [number for number in cells if number != user and is_numeric(cells[number])]
    missing = "" if options.missing else missing_number(cells, numeric)
    values = {number: values_of(cells[number], missing) for number in numeric}
    counts = counting_column(table, cells, numeric, missing)
    items = of_one_scale(values, counts)
    items = _with_empty_columns(items, cells, {user, counts})
    layout = WideLayout(
        table, user, item_ids(table, items), missing,
        options.decimal or find_decimal([text for n in items for text in cells[n]]), counts)
    return _judged(layout, cells, numeric)


def missing_words(layout: WideLayout, options: ReadOptions) -> tuple[str, ...]:
    """Return all that stands for missing, in lower case."""
    found = (layout.missing.lower(),) if layout.missing else ()
    return (*MISSING_WORDS, *(options.missing_texts() or found))


def item_ids(table: Table, items: Sequence[int]) -> dict[int, str]:
    """Return the id of each item column: its name in the header, else its number."""
    if not table.names:
        return {column: str(number) for number, column in enumerate(items, 1)}
    names = {
        column: table.names[column - 1] if column <= len(table.names) else "" for column in items}
    seen = Counter(names.values())
    return {
        column: name if name and seen[name] == 1
        else f"{name} (column {column})" if name else f"column {column}"
        for column, name in names.items()}


def _with_second_header(table: Table) -> Table:
    """Return the table with the names of a second header line taken in.

    That line has no user's id and words above the answers, as SurveyMonkey writes it.
    """
    if not table.names or len(table.rows) < 3:
        return table
    first, below = table.rows[0], table.rows[1:20]
    if first[0] or any(not row[0] for row in below) or sum(map(bool, first)) * 2 < len(first):
        return table
    if any(number_of(text) is not None for text in first):
        return table
    names = tuple(
        first[place] if place < len(first) and first[place] else name
        for place, name in enumerate(table.names))
    return replace(table, names=names, rows=table.rows[1:], first_line=table.first_line + 1,
                   doubts=(*table.doubts, "There are two header lines."))


def _cells(table: Table, options: ReadOptions) -> dict[int, Column]:
    """Return for each column its fields, without those that are missing."""
    absent = {"", *MISSING_WORDS, *options.missing_texts()}
    numbers = {number_of(text) for text in options.missing_texts()} - {None}
    width = max(table.width, len(table.names))
    return {
        number: [text for text in table.column(number)
                 if text.lower() not in absent and number_of(text) not in numbers]
        for number in range(1, width + 1)}


def _chosen(
    table: Table, name: str, options: ReadOptions, choice: Mapping[str, int | str]
) -> WideLayout:
    """Return the layout that a person named."""
    numbers = ranges(choice["items"])
    if not numbers:
        raise DataError(f"{choice['items']!r} names no item columns: write for example "
                        "user=1,items=2-101 or items=3-20+25.")
    user = position_of(choice["user"], table, name) if "user" in choice else 0
    position_of(max(numbers), table, name)
    if min(numbers) < 1 or len(set(numbers)) < len(numbers) or user in numbers:
        raise DataError(f"{choice['items']!r} names a column twice or none: columns count from 1.")
    fields = [text for number in numbers[:500] for text in table.column(number)]
    return WideLayout(
        table, user, item_ids(table, numbers), "", options.decimal or find_decimal(fields),
        certainty=1.0)


def _is_long(table: Table) -> bool:
    """Return whether the header's words say that each line is one rating."""
    if table.width < FEWEST_ITEMS:
        return True
    roles = {role_of(name) for name in table.names}
    first = {role_of(name) for name in table.names[:3]}
    return len(roles & {"user", "item", "rating"}) >= 2 or bool(first & {"item", "title"})


def _user_column(table: Table, cells: Mapping[int, Column]) -> int:
    """Return the column of ids: named so, or the first one if its fields are all different."""
    for number, name in enumerate(table.names, 1):
        if role_of(name) == "user":
            return number
    first = table.column(1)
    n_values = len(set(first))
    if "" in first or len(first) < 2 or n_values < 0.7 * len(first):
        return 0
    if not is_numeric(first):
        return 1
    if n_values < len(first):
        return 0
    numbers = [int(text) for text in first if re.fullmatch(r"\d{1,15}", text)]
    is_rising = len(numbers) == len(first) and all(
        low < high for low, high in itertools.pairwise(numbers))
    is_corner = bool(table.names) and not table.names[0]
    others = [value for n in list(cells)[1:200] for value in values_of(cells[n], "")]
    is_outside = len(numbers) == len(first) and bool(others) and min(numbers) > max(others)
    return 1 if is_rising or is_corner or is_outside else 0


def _with_empty_columns(
    items: list[int], cells: Mapping[int, Column], others: set[int]
) -> list[int]:
    """Return the items with the columns between them that the beginning leaves empty."""
    if not items:
        return items
    empty = [number for number in range(items[0], items[-1])
             if not cells[number] and number not in others]
    return sorted([*items, *empty])


def _judged(
    layout: WideLayout, cells: Mapping[int, Column], numeric: Sequence[int]
) -> WideLayout:
    """Return the layout with how sure it is and what could be otherwise."""
    known = set(numeric)
    table, items = layout.table, [number for number in layout.items if number in known]
    n_others = len(cells) - len(layout.items) - bool(layout.user) - bool(layout.counts)
    n_cells = len(items) * len(table.rows)
    n_filled = sum(len(cells[number]) for number in items)
    has_gaps = bool(layout.missing) or n_filled < 0.99 * n_cells
    doubts = list(table.doubts)
    certainty = 0.9
    if n_others:
        doubts.append(
            f"{len(layout.items):,} of {len(cells):,} columns hold numbers of one scale and are "
            "taken for the items.")
        certainty = 0.85
    if (len(items) < FEWEST_ITEMS or (n_others and (not table.names or len(items) < 5))
            or (not has_gaps and len(items) < FEWEST_WITHOUT_GAPS)):
        return replace(layout, doubts=tuple(doubts))
    if not n_others and len(items) < FEWEST_WITHOUT_GAPS and not table.names:
        doubts.append("Each line may be one rating instead of one user.")
        certainty = 0.7
    elif not n_others and not has_gaps and not table.names:
        doubts.append("No cell is empty: these may be other numbers than ratings.")
        certainty = 0.7
    return replace(layout, certainty=certainty, doubts=tuple(doubts))
