"""Tables whose columns have names and types of their own: Parquet, SQLite, JSON, NumPy records.

They have no text to split. So each yields lines of its own making, in which only the columns
that are used stand, and ``read_rows`` makes of them what it makes of any line: numbers, times,
trimmed ids and rejected lines are the same everywhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mfgui.core.control import Control
from mfgui.data.formats.columns import REFUSED, find_columns, position_of, role_of
from mfgui.data.formats.records import UNIT
from mfgui.data.look import N_ROWS, Look
from mfgui.data.options import WAY_OUT, ReadOptions
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import Source
from mfgui.data.streams import printable
from mfgui.errors import DataError

USED = ("user", "item", "rating", "time", "title")
LONGEST_SHOWN = 200
MISSING_WORDS = ("", "nan", "null", "none", "<na>")
"""What an empty cell of a table is written as."""


@dataclass(frozen=True)
class Fields:
    """Which column of a table holds what.

    Parameters
    ----------
    names : tuple of str
        Of all columns, in the table's order.
    positions : dict of str to int
        The column, from 1, of each role that there is; without ``rating`` each row counts 1.
    doubts : tuple of str
        What could as well be otherwise.
    refusal : str
        Why the table is not read unless a person names the columns; empty where it is read.
    """

    names: tuple[str, ...]
    positions: dict[str, int]
    doubts: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def used(self) -> tuple[str, ...]:
        """The roles that there are, in the order of the lines of our own making."""
        return tuple(role for role in USED if role in self.positions)

    @property
    def columns(self) -> tuple[str, ...]:
        """The roles that there are, in the table's order."""
        return tuple(sorted(self.positions, key=self.positions.__getitem__))

    @property
    def roles(self) -> tuple[str, ...]:
        """What each column holds, ``""`` for one that is not used."""
        by_position = {position: role for role, position in self.positions.items()}
        return tuple(by_position.get(number, "") for number in range(1, len(self.names) + 1))

    def choice(self, is_by_name: bool = False) -> str:
        """Return the columns as an option that finds just these again."""
        places = {role: str(self.positions[role]) for role in self.used}
        named = {role: self.names[self.positions[role] - 1] for role in self.used}
        is_plain = all(
            text and text == text.strip() and not set(",=") & set(text) and not text.isdecimal()
            for text in named.values())
        if is_by_name and is_plain:
            places = named
        return ",".join(f"{role}={place}" for role, place in places.items())


@dataclass(frozen=True)
class _Sample:
    """The beginning of a table, as `find_columns` looks at it."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def width(self) -> int:
        return len(self.names)

    def column(self, number: int) -> list[str]:
        fields = [row[number - 1] for row in self.rows]
        return [text for text in fields if text.lower() not in MISSING_WORDS]


def find_fields(
    names: Sequence[str], rows: Sequence[Sequence[str]], name: str, options: ReadOptions
) -> Fields:
    """Find out which column holds what, by the names, then by the values.

    Parameters
    ----------
    names : sequence of str
        ``user.id`` is the part ``id`` of a column ``user``.
    rows : sequence of sequences of str
        Some of the table's first rows, as text.
    name : str
        The file's name for sentences.
    options : ReadOptions

    Raises
    ------
    DataError
        If the option names a column that is not there.
    """
    names, body = tuple(names), tuple(tuple(row) for row in rows)
    choice = options.column_choice()
    if choice is not None:
        table = _Sample(names, body)
        return Fields(names, {
            role: _position(role, place, table, name) for role, place in choice.items()})
    plain = tuple(
        word if role_of(word) else _last_part(word, names) for word in names)
    found = find_columns(_Sample(plain, body), name, options)
    return Fields(names, found.positions, found.doubts, found.refusal)


def checked(fields: Fields, name: str) -> Fields:
    """Return the fields.

    Raises
    ------
    DataError
        If they are not read unless a person names the columns.
    """
    if fields.refusal:
        raise DataError(f"{name} {fields.refusal}: {REFUSED}.")
    return fields


def _last_part(word: str, names: Sequence[str]) -> str:
    """Return the part of a name that says what stands there: MongoDB writes ``user.$oid``."""
    first, dot, last = word.rpartition(".")
    part = first if last.startswith("$") else last
    return part if dot and role_of(part) and part not in names else word


def _position(role: str, place: int | str, table: _Sample, name: str) -> int:
    if role == "items":
        raise DataError(
            f"{name} is read as rows of user, item and rating, not as a wide table: {WAY_OUT}.")
    if place in table.names:  # names can differ in capitals alone
        return table.names.index(str(place)) + 1
    return position_of(place, table, name)


def sentence(text: str) -> str:
    """Return the text with a capital letter and a full stop."""
    return printable(text[:1].upper() + text[1:], 400) + "."


def read_fields(
    pieces: Iterable[bytes], fields: Fields, reading: Reading, source: Source,
    options: ReadOptions, control: Control, *, noun: str = "row", nul_reason: str = "",
    decimal: str = "point", first_line: int = 1,
) -> RawRatings:
    """Return what ``read_rows`` makes of lines that hold the columns in ``fields.used``.

    Raises
    ------
    DataError
        If nobody can tell the columns.
    CancelledError
        If the control was stopped.
    """
    from mfgui.data.rows import RowPlan, read_rows  # compiled, and the window starts without

    checked(fields, source.name)
    plan = RowPlan(
        UNIT, {role: number for number, role in enumerate(fields.used, 1)},
        n_columns=len(fields.used), decimal=decimal, first_line=first_line,
        missing=tuple(dict.fromkeys((*options.missing_texts(), *MISSING_WORDS))), noun=noun,
        nul_reason=nul_reason or f"the {noun} holds a NUL byte",
    )
    raw = read_rows(pieces, plan, reading, source.name, control)
    # In words: the sign that separates our own lines cannot be seen.
    rejected = [
        dataclasses.replace(line, text=line.text.replace(UNIT, ", ").replace("\0", ""))
        for line in raw.rejected
    ]
    return dataclasses.replace(raw, rejected=rejected)


def look_at_fields(
    format: str, fields: Fields, rows: Sequence[Sequence[str]], options: ReadOptions, *,
    parts: tuple[str, ...] = (), doubts: tuple[str, ...] = (), is_by_name: bool = False,
    names: tuple[str, ...] = (),
) -> Look:
    """Return what the import page shows of such a table."""
    filled = dataclasses.replace(
        options, format=format, columns=fields.choice(is_by_name) if fields.positions else None,
        decimal=options.decimal or "point")
    refusal = (sentence(f"the file {fields.refusal}"),) if fields.refusal else ()
    every = (*refusal, *doubts, *fields.doubts)
    certainty = 0.3 if refusal else 0.7 if every else 1.0
    return Look(
        format, filled, ("columns", "decimal", *names),
        tuple(tuple(text[:LONGEST_SHOWN] for text in row) for row in rows[:N_ROWS]),
        tuple(name or f"column {number}" for number, name in enumerate(fields.names, 1)),
        fields.roles, parts, certainty, every)
