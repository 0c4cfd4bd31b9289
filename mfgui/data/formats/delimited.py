"""Text of one rating a line: user, item, rating and any further columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from mfgui.core.control import Control
from mfgui.data.formats.columns import Columns, find_columns
from mfgui.data.formats.layout import Table, find_table
from mfgui.data.formats.numbers import find_decimal
from mfgui.data.look import N_ROWS, Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import (
    Source,
    encoding_doubts,
    encoding_label,
    head_text,
    is_binary,
    settled_encoding,
    text_pieces,
    with_encoding,
)
from mfgui.errors import DataError

DELIMITER_WORDS = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "bar", " ": "blank"}
"""Separators as the option ``delimiter`` is written, where the sign itself would be awkward."""

OPTION_NAMES = ("delimiter", "header", "encoding", "decimal", "columns")


@dataclass(frozen=True)
class Found:
    """How a delimited file is laid out."""

    table: Table
    columns: Columns
    decimal: str
    doubts: tuple[str, ...] = ()
    is_quoted: bool = True

    @property
    def how(self) -> str:
        """The layout in words."""
        words = [f"{self.table.separator_name}-separated",
                 "a header" if self.table.has_header else "no header"]
        if self.decimal == "comma":
            words.append("decimal comma")
        if "rating" not in self.columns.positions:
            words.append("each line is a rating of 1")
        return ", ".join(words)


@dataclass(frozen=True)
class Delimited:
    """Comma, tab, semicolon, blanks, ``|``, ``::`` or any other sign between the columns."""

    name: str = "delimited"
    label: str = "Delimited text"
    extensions: tuple[str, ...] = (".csv", ".tsv", ".txt", ".dat", ".data", ".gz", ".zst", ".zip")

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return how sure it is that the file is such text; little is never nothing."""
        if is_binary(source):
            return 0.0
        try:
            found = find_layout(source, options)
        except DataError:
            return 0.05
        if found.columns.refusal:
            return 0.2
        return 0.5 if found.doubts else 0.8

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first rows and how they are understood.

        Raises
        ------
        DataError
            If there are no columns.
        """
        found = find_layout(source, options)
        return look_at(found, self.name, source, options, self.matches(source, options))

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the file.

        Raises
        ------
        DataError
            In one sentence, if it is of another kind or cannot be read to its end.
        CancelledError
            If the control was stopped.
        """
        return read_found(find_layout(source, options), source, options, control)


def find_layout(source: Source, options: ReadOptions) -> Found:
    """Find out how a file is laid out from its beginning.

    Raises
    ------
    DataError
        If it has no columns, or the options do not fit.
    """
    table = find_table(head_text(source, options), source.name, options)
    columns = find_columns(table, source.name, options)
    rating = columns.positions.get("rating", 0)
    decimal = options.decimal or find_decimal(table.column(rating) if rating else [])
    doubts = (*table.doubts, *columns.doubts, *_gap_doubts(table, columns),
              *encoding_doubts(source, options))
    return Found(table, columns, decimal, doubts)


def _gap_doubts(table: Table, columns: Columns) -> tuple[str, ...]:
    """Return a sentence where ids are missing in more than a few lines."""
    for role in () if columns.refusal else ("user", "item"):
        fields = table.column(columns.positions[role])
        if fields.count("") * 50 > len(fields):
            return (f"Some lines have no {role} in column {columns.positions[role]}.",)
    return ()


def shown_rows(table: Table, width: int) -> tuple[tuple[str, ...], ...]:
    """Return the first rows, each of the same width."""
    return tuple(
        (*row[:width], *[""] * (width - len(row))) for row in table.rows[:N_ROWS])


def shown_names(table: Table, width: int) -> tuple[str, ...]:
    """Return the names of the columns, made up where they have none."""
    return tuple(
        table.names[place] if place < len(table.names) and table.names[place]
        else f"column {place + 1}" for place in range(width))


def look_at(
    found: Found, format_name: str, source: Source, options: ReadOptions, certainty: float
) -> Look:
    """Return what the import page shows of a layout."""
    table, columns = found.table, found.columns
    width = max(table.width, len(table.names))
    role_at = {number: role for role, number in columns.positions.items()}
    refusal = (f"{source.name} {columns.refusal}.",) if columns.refusal else ()
    return Look(
        format_name,
        replace(
            options, format=format_name, part=source.part,
            delimiter=DELIMITER_WORDS.get(table.separator, table.separator),
            header=table.has_header, decimal=found.decimal, columns=columns.text,
            encoding=settled_encoding(source, options)),
        OPTION_NAMES, shown_rows(table, width), shown_names(table, width),
        tuple(role_at.get(number, "") for number in range(1, width + 1)),
        source.parts, certainty, (*refusal, *found.doubts))


def read_found(
    found: Found, source: Source, options: ReadOptions, control: Control
) -> RawRatings:
    """Return the ratings of a file that is laid out so.

    Raises
    ------
    DataError
        In one sentence, if it is of another kind or cannot be read to its end.
    CancelledError
        If the control was stopped.
    """
    table, columns = found.table, found.columns
    if columns.refusal:
        raise DataError(f"{source.name} {columns.refusal}: {columns.way_out}.")
    reading = Reading(
        found.how, columns.roles, table.separator_name, table.has_header, "", found.decimal,
        found.doubts)
    return read_text(
        source, options, reading, control, separator=table.separator,
        positions=columns.positions, first_line=table.first_line,
        n_columns=table.width if table.is_even else 0, decimal=found.decimal,
        comment=table.comment, missing=options.missing_texts(), is_quoted=found.is_quoted)


def read_text(
    source: Source, options: ReadOptions, reading: Reading, control: Control, **plan: Any
) -> RawRatings:
    """Return the ratings of a text file.

    Parameters
    ----------
    source : Source
    options : ReadOptions
    reading : Reading
        All but the encoding, which is found here.
    control : Control
    **plan
        The fields of `RowPlan`.
    """
    from mfgui.data.rows import RowPlan, read_rows  # compiled, and the window starts without

    def read(encoding: str, is_sure: bool) -> RawRatings:
        pieces = text_pieces(source, encoding, control, is_sure)
        doubts = dict.fromkeys((*reading.doubts, *encoding_doubts(source, options, encoding)))
        told = replace(reading, encoding=encoding_label(encoding), doubts=tuple(doubts))
        return read_rows(pieces, RowPlan(**plan), told, source.name, control)

    return with_encoding(source, options, read)
