"""What a person may say about a file, in the window and on the command line by the same words.

Each option is declared once, a dataclass field with its label, kind and one sentence of help; the
import page and the options of the command line derive from these fields. What is None is found
out from the file.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mfgui.errors import DataError

ROLES = ("user", "item", "rating", "time", "title", "items")
"""What a column can hold; ``items`` are the columns of a wide table, one an item."""

SEPARATOR_WORDS = {
    "comma": ",", "tab": "\t", "semicolon": ";", "blank": " ", "blanks": " ", "space": " ",
    "colons": "::", "double colon": "::", "bar": "|", "pipe": "|", "\\t": "\t",
}
DUPLICATES = ("last", "first", "mean", "max", "sum", "reject")
ZEROS = ("rating", "missing")
DECIMALS = ("point", "comma")
ENCODINGS = {
    "utf-8": "UTF-8", "utf-16": "UTF-16", "latin-1": "Latin-1", "cp1252": "Windows-1252",
    "mac-roman": "MacRoman",
}
"""Names of encodings as options and for people."""

WAY_OUT = "write for example user=1,item=2,rating=3, with column numbers or header names"


def option(
    label: str, help: str, *, kind: str = "text", choices: Sequence[str] = (),
    group: str = "layout", metavar: str = "", default: Any = None,
) -> Any:
    """Return a dataclass field that carries what the page and the command line need.

    Parameters
    ----------
    label, help : str
        What stands beside the field, and one sentence on it.
    kind : str
        ``text``, ``choice``, ``switch`` (yes, no or found), ``number``, ``count``, ``columns``,
        ``file`` or ``time``.
    choices : sequence of str
        For ``choice``; for ``text`` suggestions.
    group : str
        ``layout``, ``values``, ``names`` or ``filters``.
    """
    return dataclasses.field(default=default, metadata={
        "label": label, "help": help, "kind": kind, "choices": tuple(choices), "group": group,
        "metavar": metavar,
    })


@dataclass(frozen=True)
class OptionInfo:
    """What is known of one option; see `option`."""

    name: str
    label: str
    help: str
    kind: str
    choices: tuple[str, ...]
    group: str
    metavar: str
    default: Any


@dataclass(frozen=True)
class ReadOptions:
    """How to read a file; what is None is found out from the file.

    ``columns`` may be text (``"user=1,item=2,rating=3"``, in wide tables ``"user=1,items=2-101"``
    ), the same as a mapping (numbers from 1 or header names), or the roles in the order of the
    columns, with an empty string for a column that is not wanted.

    Raises
    ------
    DataError
        In one sentence, if a value is none that there is.
    """

    format: str | None = option(
        "Format", "The kind of file, whatever its name ends in.", metavar="NAME")
    part: str | None = option(
        "Part", "Which file of an archive, table of a database, sheet of a workbook or array of "
        "an .npz file holds the ratings.", metavar="NAME")
    delimiter: str | None = option(
        "Separator", "What stands between the columns: comma, tab, semicolon, blank, bar, :: or "
        "any other sign.", choices=("comma", "tab", "semicolon", "blank", "bar", "::"),
        metavar="SIGN")
    header: bool | None = option(
        "Header", "Whether the first line names the columns.", kind="switch")
    encoding: str | None = option(
        "Encoding", "How letters are written as bytes.", kind="choice", choices=tuple(ENCODINGS),
        metavar="NAME")
    decimal: str | None = option(
        "Decimal sign", "Whether 3,5 or 3.5 is three and a half.", kind="choice",
        choices=DECIMALS, metavar="SIGN")
    columns: str | Mapping[str, int | str] | Sequence[str] | None = option(
        "Columns", "Where the columns stand, by number from 1 or by header name.", kind="columns",
        metavar="user=1,item=2,rating=3,time=4")
    missing: str | None = option(
        "Missing", "What stands for a rating that is missing, such as 99 or N/A; several are "
        "separated by commas.", group="values", metavar="TEXT")
    zeros: str = option(
        "A rating of 0", "Whether 0 is a rating or stands for none.", kind="choice",
        choices=ZEROS, group="values", default="rating")
    duplicates: str = option(
        "Rated twice", "What counts where a user rated an item more than once; last and first go "
        "by time where there is one, else by line.", kind="choice", choices=DUPLICATES,
        group="values", default="last")
    minimum: float | None = option(
        "Smallest rating", "The lower end of the scale; a rating below it is rejected.",
        kind="number", group="values", metavar="X")
    maximum: float | None = option(
        "Largest rating", "The upper end of the scale; a rating above it is rejected.",
        kind="number", group="values", metavar="X")
    titles: str | None = option(
        "Item titles", "A file with the titles of the items, such as movies.csv or u.item.",
        kind="file", group="names", metavar="FILE")
    user_names: str | None = option(
        "User names", "A file with the names of the users.", kind="file", group="names",
        metavar="FILE")
    since: str | None = option(
        "Rated since", "Keep ratings from this day or moment (UTC) on, such as 2005-01-31.",
        kind="time", group="filters", metavar="TIME")
    until: str | None = option(
        "Rated until", "Keep ratings before this day or moment (UTC).", kind="time",
        group="filters", metavar="TIME")
    sample_users: int | None = option(
        "Sample of users", "Keep so many users, drawn by a fixed seed.", kind="count",
        group="filters", metavar="N")
    binarize: float | None = option(
        "Binarize above", "Make ratings above this number 1 and all others 0.", kind="number",
        group="filters", metavar="X")
    min_ratings_per_user: int | None = option(
        "Ratings per user at least", "Leave out users with fewer ratings, again and again until "
        "none is left out.", kind="count", group="filters", metavar="N")
    min_ratings_per_item: int | None = option(
        "Ratings per item at least", "Leave out items with fewer ratings, again and again until "
        "none is left out.", kind="count", group="filters", metavar="N")

    def __post_init__(self) -> None:
        for info in describe_options():
            object.__setattr__(self, info.name, _valid(info, getattr(self, info.name)))

    def separator(self) -> str | None:
        """Return the separator as it stands in the file, or None to find it out.

        Raises
        ------
        DataError
            If it is longer than four bytes or nothing that can separate columns.
        """
        if self.delimiter is None:
            return None
        separator = SEPARATOR_WORDS.get(self.delimiter.lower(), self.delimiter)
        if not 1 <= len(separator.encode("utf-8", "replace")) <= 4 or any(
            sign in separator for sign in '"\n\r\0'
        ):
            raise DataError(
                f"{self.delimiter!r} cannot separate columns: choose comma, tab, semicolon, "
                "blank or another short text."
            )
        return separator

    def column_choice(self) -> dict[str, int | str] | None:
        """Return for each role its column number (from 1), header name or range, or None.

        Raises
        ------
        DataError
            If a role is unknown or given twice, or the item is left out.
        """
        if self.columns is None:
            return None
        choice = _checked(_pairs(self.columns))
        needed = () if "items" in choice else ("user", "item")
        missing = [role for role in needed if role not in choice]
        if missing:
            raise DataError(f"The columns leave out {' and '.join(missing)}: {WAY_OUT}.")
        return choice

    def missing_texts(self) -> tuple[str, ...]:
        """Return the texts that stand for a missing rating, in lower case."""
        if self.missing is None:
            return ()
        return tuple(text.strip().lower() for text in self.missing.split(",") if text.strip())

    def as_dict(self) -> dict[str, Any]:
        """Return what is set, as plain values."""
        result = {}
        for info in describe_options():
            value = getattr(self, info.name)
            if value != info.default:
                result[info.name] = columns_text(value) if info.kind == "columns" else value
        return result


def describe_options() -> list[OptionInfo]:
    """Return what is known of each option, in the order of their declaration."""
    return [
        OptionInfo(name=each.name, default=each.default, **each.metadata)
        for each in dataclasses.fields(ReadOptions)
    ]


def columns_text(columns: str | Mapping[str, int | str] | Sequence[str]) -> str:
    """Return the columns as the option is written: ``user=1,item=2,rating=3``."""
    return ",".join(f"{role}={place}" for role, place in _pairs(columns))


def _valid(info: OptionInfo, value: Any) -> Any:
    """Return the value as the option's own type.

    Raises
    ------
    DataError
        If it is none of the choices, not a number or too small.
    """
    if value is None and info.default is not None:
        return info.default
    if value is None or info.kind in ("switch", "columns", "text", "file", "time"):
        return value
    if info.kind == "choice":
        word = str(value).lower()
        word = {".": "point", ",": "comma", **_ENCODING_WORDS}.get(word, word)
        if word not in info.choices:
            raise DataError(
                f"{info.label} is {value!r}, but must be one of {', '.join(info.choices)}.")
        return word
    return _number(info, value)


_ENCODING_WORDS = {
    "utf8": "utf-8", "utf16": "utf-16", "latin1": "latin-1", "iso-8859-1": "latin-1",
    "windows-1252": "cp1252", "ansi": "cp1252", "macroman": "mac-roman", "mac": "mac-roman",
}


def _number(info: OptionInfo, value: Any) -> float | int:
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise DataError(f"{info.label} is {value!r}, but must be a number.") from error
    if not abs(number) <= 3.4e38:
        raise DataError(f"{info.label} is {value!r}, but must be a finite number.")
    if info.kind == "count":
        if number != int(number) or number < 1:
            raise DataError(f"{info.label} is {value!r}, but must be a whole number from 1.")
        return int(number)
    return number


def _pairs(columns: str | Mapping[str, int | str] | Sequence[str]) -> list[tuple[str, int | str]]:
    if isinstance(columns, str):
        pieces = [piece.partition("=") for piece in columns.split(",") if piece.strip()]
        if all(not equals for _, equals, _ in pieces):
            return _pairs([piece.strip() for piece in columns.split(",")])
        return [(role.strip(), place.strip()) for role, _, place in pieces]
    if isinstance(columns, Mapping):
        return list(columns.items())
    return [(role, number) for number, role in enumerate(columns, 1) if role]


def _checked(pairs: list[tuple[str, int | str]]) -> dict[str, int | str]:
    choice: dict[str, int | str] = {}
    for role, place in pairs:
        if role not in ROLES:
            raise DataError(
                f"{role!r} is no kind of column ({', '.join(ROLES)} are): {WAY_OUT}."
            )
        place = int(place) if isinstance(place, str) and place.isdecimal() else place
        if place == "" or (isinstance(place, int) and place < 1):
            raise DataError(f"The column of {role} needs a number from 1 or a name: {WAY_OUT}.")
        if role in choice or place in choice.values():
            raise DataError(f"The column {place} or the role {role} is given twice: {WAY_OUT}.")
        choice[role] = place
    return choice


def ranges(text: str | int) -> list[int] | None:
    """Return the numbers of ``2-101`` or ``3-5+8``; None where it is no such text."""
    if not re.fullmatch(r"\d{1,7}(-\d{1,7})?(\+\d{1,7}(-\d{1,7})?)*", str(text)):
        return None
    numbers: list[int] = []
    for piece in str(text).split("+"):
        first, _, last = piece.partition("-")
        numbers.extend(range(int(first), int(last or first) + 1))
    return numbers


def range_text(numbers: Sequence[int]) -> str:
    """Return rising numbers as `ranges` reads them: ``3-5+8``."""
    pieces: list[list[int]] = []
    for number in numbers:
        if pieces and pieces[-1][1] == number - 1:
            pieces[-1][1] = number
        else:
            pieces.append([number, number])
    return "+".join(f"{low}" if low == high else f"{low}-{high}" for low, high in pieces)
