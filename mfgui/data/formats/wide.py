"""Wide tables: a line a user, a column an item."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mfgui.core.control import Control
from mfgui.data.formats.delimited import DELIMITER_WORDS, OPTION_NAMES, shown_names, shown_rows
from mfgui.data.formats.layout import find_table
from mfgui.data.formats.wide_layout import WideLayout, find_wide, missing_words
from mfgui.data.look import Look
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


@dataclass(frozen=True)
class Wide:
    """Separated by comma, tab, semicolon, blanks or any other sign; survey answers too."""

    name: str = "wide"
    label: str = "Wide table"
    extensions: tuple[str, ...] = (".csv", ".tsv", ".txt")

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return how sure it is that many columns share one scale."""
        if is_binary(source):
            return 0.0
        try:
            return _find(source, options).certainty
        except DataError:
            return 0.0

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first rows and which columns are items.

        Raises
        ------
        DataError
            If there are no columns.
        """
        layout = _find(source, options)
        table = layout.table
        width = max(table.width, len(table.names))
        roles = tuple(
            "user" if number == layout.user else "items" if number in layout.items else ""
            for number in range(1, width + 1))
        refusal = (f"{source.name} {NO_ITEMS}.",) if not layout.items else ()
        return Look(
            self.name,
            replace(
                options, format=self.name, part=source.part,
                delimiter=DELIMITER_WORDS.get(table.separator, table.separator),
                header=table.has_header, decimal=layout.decimal,
                columns=layout.columns_text if layout.items else options.columns,
                encoding=settled_encoding(source, options),
                missing=options.missing or layout.missing or None),
            (*OPTION_NAMES, "missing"), shown_rows(table, width), shown_names(table, width), roles,
            source.parts, layout.certainty, (
                *refusal, *layout.doubts, *encoding_doubts(source, options)))

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the table; what is counted are cells.

        Raises
        ------
        DataError
            In one sentence, if no columns look like items or it cannot be read to its end.
        CancelledError
            If the control was stopped.
        """
        layout = _find(source, options)
        if not layout.items:
            raise DataError(f"{source.name} {NO_ITEMS}: {REFUSED}.")
        return with_encoding(source, options, lambda encoding, is_sure: _read(
            source, options, layout, encoding, is_sure, control))


NO_ITEMS = "has no columns of numbers of one scale, which a wide table of ratings has"
REFUSED = "write for example user=1,items=2-101"


def _find(source: Source, options: ReadOptions) -> WideLayout:
    table = find_table(head_text(source, options), source.name, options)
    return find_wide(table, source.name, options)


def _read(
    source: Source, options: ReadOptions, layout: WideLayout, encoding: str, is_sure: bool,
    control: Control,
) -> RawRatings:
    from mfgui.data.wide_plan import WidePlan  # compiled, and the window starts without
    from mfgui.data.wide_rows import read_wide

    table = layout.table
    plan = WidePlan(
        table.separator, layout.items, layout.user, table.first_line, layout.decimal,
        table.comment, missing_words(layout, options), table.width)
    columns = ("user", "items") if 0 < layout.user < min(layout.items) else (
        ("items", "user") if layout.user else ("items",))
    reading = Reading(
        layout.how, columns, table.separator_name, table.has_header, encoding_label(encoding),
        layout.decimal, (*layout.doubts, *encoding_doubts(source, options, encoding)))
    return read_wide(
        text_pieces(source, encoding, control, is_sure), plan, reading, source.name, control)
