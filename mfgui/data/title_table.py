"""How a file of titles is cut into columns, and which of them hold ids and titles."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from mfgui.data.formats.clues import role_of
from mfgui.data.formats.layout import Table, find_table, split_line
from mfgui.data.formats.numbers import is_number
from mfgui.data.options import ReadOptions
from mfgui.data.source import Source, head_text
from mfgui.errors import DataError

LINES_AT_ONCE = 2000
SAMPLE_CHARS, N_SAMPLE = 200_000, 300
ID_WORD = re.compile(r"(^|[^a-z])id$|^(key|code|no|nr)$", re.I)
WORDS = re.compile(r"title|name|label|caption|beschreibung|bezeichnung", re.I)


def find_title_table(source: Source, options: ReadOptions) -> Table:
    """Return how the file is cut into columns; two are enough, and so is ``id`` for a header."""
    head = head_text(source, options)
    separator = options.delimiter or _evenest_separator(head)
    table = find_table(head, source.name, replace(options, delimiter=separator))
    if table.names or not table.rows or options.header is False:
        return table
    first = table.rows[0]
    names = {role: word for role, word in _named_columns(options).items() if isinstance(word, str)}
    is_header = bool(options.header) or (
        set(names.values()) <= set(first) if names
        else any(ID_WORD.search(word) for word in first) and any(map(WORDS.search, first)))
    if not is_header:
        return table
    return replace(table, names=first, rows=table.rows[1:], first_line=table.first_line + 1)


def _evenest_separator(head: str) -> str | None:
    """Return the sign that cuts most lines alike; a blank is none, since titles have blanks."""
    lines = [line for line in re.split("\r\n|\n|\r", head[:SAMPLE_CHARS]) if line][:N_SAMPLE]
    best, best_share = None, 0.5
    for separator in ("::", "\t", "|", ";", ","):
        widths = Counter(len(split_line(line, separator)) for line in lines)
        share = max((n for width, n in widths.items() if width > 1), default=0) / max(len(lines), 1)
        if share > best_share:
            best, best_share = separator, share
    return best


def title_columns(table: Table, name: str, options: ReadOptions) -> tuple[int, int]:
    """Return the columns of ids and titles, from 1.

    Raises
    ------
    DataError
        If there are none.
    """
    chosen = _chosen(table, options)
    if chosen:
        return chosen
    width = max(table.width, len(table.names))
    key = _first(table, lambda word: role_of(word) in ("item", "user")) or _first(
        table, lambda word: bool(ID_WORD.search(word))) or 1
    title = _first(table, lambda word: role_of(word) == "title") or _first(
        table, lambda word: bool(WORDS.search(word)), key)
    if not title:
        title = next((number for number in range(1, width + 1)
                      if number != key and _are_titles(table.column(number))), 0)
    if not title and width == 2 and not table.names:
        title = 3 - key
    if not title:
        raise DataError(
            f"{name} has no column of titles or names: choose a file with an id and a title in "
            "each line.")
    return key, title


def _chosen(table: Table, options: ReadOptions) -> tuple[int, int] | None:
    choice = _named_columns(options)
    lowered = [word.lower() for word in table.names]
    numbers = [
        lowered.index(place.lower()) + 1 if isinstance(place, str) and place.lower() in lowered
        else place for place in (choice.get("item", choice.get("user")), choice.get("title"))]
    if all(isinstance(number, int) and number >= 1 for number in numbers):
        return int(numbers[0] or 1), int(numbers[1] or 1)
    return None


def _named_columns(options: ReadOptions) -> dict[str, int | str]:
    """Return the columns of ``item=1,title=2``; ratings would need a user too."""
    pieces = [piece.partition("=") for piece in str(options.columns or "").split(",")]
    return {
        role.strip(): int(place) if place.strip().isdecimal() else place.strip()
        for role, equals, place in pieces if equals}


def _first(table: Table, is_meant: Callable[[str], bool], other: int = 0) -> int:
    return next((number for number, word in enumerate(table.names, 1)
                 if number != other and is_meant(word)), 0)


def _are_titles(fields: Sequence[str]) -> bool:
    """Return whether the fields are texts, and most of them different."""
    texts = [text for text in fields if text and not is_number(text)]
    return 2 * len(texts) > len(fields) and 2 * len(set(texts)) > len(texts)


def title_rows(text: str, table: Table) -> Iterator[list[list[str]]]:
    """Yield the fields of the lines below the header, some thousand lines at a time."""
    lines = iter(re.split("\r\n|\n|\r", text)[table.first_line - 1:])
    separator = table.separator
    is_plain = '"' not in text or len(separator) > 1
    while block := list(islice(lines, LINES_AT_ONCE)):
        if separator in (" ", "|"):  # u.item has quotation marks that mean nothing
            yield [line.split(separator) if separator == "|" else split_line(line, separator)
                   for line in block]
        elif is_plain:
            yield [line.split(separator) for line in block]
        else:
            yield _quoted_rows(block, separator)


def _quoted_rows(lines: list[str], separator: str) -> list[list[str]]:
    """Return the fields of lines; a quoted field does not run over the end of its line."""
    rows = []
    for line in lines:
        if '"' in line:
            try:
                rows.append(next(csv.reader([line], delimiter=separator), []))
                continue
            except csv.Error:  # a field beyond any title
                pass
        rows.append(line.split(separator))
    return rows
