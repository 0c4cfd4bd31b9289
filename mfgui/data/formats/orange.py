"""Orange's ``.tab`` files: three header rows, of names, types and what the columns are for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mfgui.core.control import Control
from mfgui.data.formats.columns import Columns, find_columns
from mfgui.data.formats.delimited import Found, look_at, read_found
from mfgui.data.formats.layout import Table, find_table, role_of
from mfgui.data.formats.numbers import find_decimal
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings
from mfgui.data.source import Source, head_text, is_binary
from mfgui.errors import DataError

TYPES = {"continuous", "c", "discrete", "d", "string", "s", "time", "t", "meta", "m", "basket", ""}
_FLAG = re.compile(
    r"(class|c|meta|m|ignore|i|multiclass|weight|w|-dc|row=\w+|col=\w+|\w+=[^\s]+)( \S+)*|", re.I)


@dataclass(frozen=True)
class Orange:
    """The layout of Orange's recommendation add-on: ``row=1`` marks users, ``col=1`` items."""

    name: str = "orange"
    label: str = "Orange table"
    extensions: tuple[str, ...] = (".tab",)

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return whether types and flags stand below the names."""
        if is_binary(source):
            return 0.0
        try:
            lines = _first_lines(head_text(source, options))
        except DataError:
            return 0.0
        return 0.95 if _is_orange(lines) else 0.0

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first rows and what the flags say of the columns.

        Raises
        ------
        DataError
            If there are no columns.
        """
        found = _find(source, options)
        return look_at(found, self.name, source, options, self.matches(source, options))

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the file.

        Raises
        ------
        DataError
            In one sentence.
        CancelledError
            If the control was stopped.
        """
        return read_found(_find(source, options), source, options, control)


def _first_lines(text: str) -> list[list[str]]:
    lines = re.split(r"\r\n|\n|\r", text, maxsplit=3)[:3]
    return [[field.strip() for field in line.split("\t")] for line in lines]


def _is_orange(lines: Sequence[Sequence[str]]) -> bool:
    if len(lines) < 3 or len(lines[0]) < 2 or len({len(line) for line in lines}) > 1:
        return False
    types, flags = lines[1], lines[2]
    return (
        all(word.lower() in TYPES for word in types) and any(types)
        and all(_FLAG.fullmatch(word) for word in flags)
        and any("=" in word or word.lower() in ("class", "c") for word in flags))


def _find(source: Source, options: ReadOptions) -> Found:
    text = head_text(source, options)
    told = replace(options, delimiter=options.delimiter or "tab", header=True)
    table = find_table(text, source.name, told)
    flags = _first_lines(text)[-1]
    table = replace(table, first_line=4, rows=table.rows[2:])
    columns = _by_flags(table, flags) if options.columns is None else find_columns(
        table, source.name, told)
    rating = columns.positions.get("rating", 0)
    decimal = options.decimal or find_decimal(table.column(rating) if rating else [])
    return Found(table, columns, decimal)


def _by_flags(table: Table, flags: Sequence[str]) -> Columns:
    """Return the columns that the flags mark, and by name those that they leave open."""
    positions: dict[str, int] = {}
    for number, flag in enumerate(flags, 1):
        word = flag.lower()
        role = ("user" if "row=" in word else "item" if "col=" in word
                else "rating" if word.split(" ")[0] in ("class", "c") else "")
        if role and role not in positions:
            positions[role] = number
    for number, name in enumerate(table.names, 1):
        role = role_of(name) or ""
        if role in ("user", "item", "time") and role not in positions and (
                number not in positions.values()):
            positions[role] = number
    refusal = "" if {"user", "item", "rating"} <= set(positions) else (
        "does not mark columns for user (row=1), item (col=1) and rating (class)")
    if refusal:
        free = [n for n in range(1, table.width + 1) if n not in positions.values()]
        for role in ("user", "item"):
            if role not in positions and free:
                positions[role] = free.pop(0)
    return Columns(positions, (), refusal)
