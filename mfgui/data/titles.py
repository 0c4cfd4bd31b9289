"""Titles of items and names of users: a file of ids and texts beside the file of ratings.

Such a file is a role, not a format: ``u.item``, ``movies.dat``, ``movies.csv``, the artists of
Last.fm, or any table with an id and a title in each line. Ids match as they are written.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from mfgui.core.control import Control
from mfgui.core.ratings import TextArray
from mfgui.data.formats.clues import role_of
from mfgui.data.formats.layout import Table, find_table, split_line
from mfgui.data.formats.numbers import is_number
from mfgui.data.options import ReadOptions
from mfgui.data.source import Source, head_text, is_binary, open_source, text_pieces, with_encoding
from mfgui.errors import DataError

MOST_BYTES = 1 << 28
LINES_AT_ONCE = 2000
N_LOOKED_UP = 1000
ENOUGH = 0.1
"""Which share of the first ratings' items a file must name to be offered."""

USUAL_NAMES = re.compile(
    r"^(u\.item|(movie|film|item|book|artist|product|title|song|track|game|anime)s?"
    r"([_-]?(title|name)s?)?\.(dat|csv|tsv|txt)(\.gz)?)$", re.I)
OTHER_NAMES = re.compile(r"(title|name)s?\.(dat|csv|tsv|txt)(\.gz)?$", re.I)
MOST_CANDIDATES = 20
SAMPLE_CHARS, N_SAMPLE = 200_000, 300
ID_WORD = re.compile(r"(^|[^a-z])id$|^(key|code|no|nr)$", re.I)
WORDS = re.compile(r"title|name|label|caption|beschreibung|bezeichnung", re.I)


@dataclass(frozen=True)
class Titles:
    """Texts to show for ids.

    Parameters
    ----------
    name : str
        The file's name.
    texts : dict of str to str
        A text that is not empty, for each id.
    how : str
        Which columns they are, in words.
    """

    name: str
    texts: dict[str, str]
    how: str = ""


def read_titles(
    path: str | os.PathLike[str], options: ReadOptions | None = None,
    control: Control | None = None,
) -> Titles:
    """Read a file of ids and titles (or names).

    Parameters
    ----------
    path : str or path-like
        Delimited text, plain or compressed.
    options : ReadOptions, optional
        Separator, header, encoding and, as ``item=1,title=2``, columns of this very file.
    control : Control, optional

    Raises
    ------
    DataError
        In one sentence, if it cannot be read or has no two such columns.
    CancelledError
        If the control was stopped.
    """
    options, control = options or ReadOptions(), control or Control()
    source = open_source(path, options.part)
    if is_binary(source):
        raise DataError(
            f"{source.name} is no text: titles are read from lines with an id and a title, such "
            "as movies.csv.")
    table = _table(source, options)
    id_column, title_column = _columns(table, source.name, options)
    text = with_encoding(
        source, options, lambda encoding, is_sure: _whole_text(source, encoding, is_sure, control))
    texts: dict[str, str] = {}
    for rows in _rows(text, table):
        control.checkpoint()
        for row in rows:
            if len(row) >= max(id_column, title_column):
                key, title = row[id_column - 1].strip(), row[title_column - 1].strip()
                if key and title:
                    texts.setdefault(key, title)
    if not texts:
        raise DataError(f"{source.name} holds no ids with titles: choose another file.")
    return Titles(source.name, texts, f"ids in column {id_column}, titles in {title_column}")


def titles_for(ids: TextArray, titles: Titles) -> tuple[TextArray, int]:
    """Return a title for each id, empty where there is none, and how many there are.

    Parameters
    ----------
    ids : TextArray
        Of items, or of users for their names.
    titles : Titles
    """
    texts = titles.texts
    found = [texts.get(text, "") for text in _strings(ids)]
    return TextArray.from_strings(found), sum(map(bool, found))


def find_titles(
    path: str | os.PathLike[str], item_ids: Iterable[str] | None = None,
    options: ReadOptions | None = None,
) -> Path | None:
    """Return the file beside a file of ratings that names its items best, if there is one.

    Parameters
    ----------
    path : str or path-like
        The file of ratings.
    item_ids : iterable of str, optional
        Of its first ratings; without it, they are looked for.
    options : ReadOptions, optional
        How the file of ratings is read.
    """
    path = Path(os.path.abspath(os.fspath(path)))
    candidates = _candidates(path)
    if not candidates:
        return None
    wanted = _first_items(path, item_ids, options)
    best, best_share = None, 0.0
    for candidate in candidates:
        try:
            texts = read_titles(candidate).texts
        except DataError:
            continue
        share = sum(text in texts for text in wanted) / max(len(wanted), 1)
        if share >= ENOUGH and share > best_share:
            best, best_share = candidate, share
    return best


def _table(source: Source, options: ReadOptions) -> Table:
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


def _strings(texts: TextArray) -> Iterator[str]:
    """Yield the texts; five times as fast as one by one."""
    data, offsets = texts.data.tobytes(), texts.offsets.tolist()
    begin = 0
    for end in offsets[1:]:
        yield data[begin:end].decode("utf-8", "replace")
        begin = end


def _columns(table: Table, name: str, options: ReadOptions) -> tuple[int, int]:
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


def _whole_text(source: Source, encoding: str, is_sure: bool, control: Control) -> str:
    pieces, n_bytes = [], 0
    for piece in text_pieces(source, encoding, control, is_sure):
        pieces.append(piece)
        n_bytes += len(piece)
        if n_bytes > MOST_BYTES:
            raise DataError(
                f"{source.name} holds more than 256 MB of text: titles are read from a file with "
                "an id and a title in each line.")
    return b"".join(pieces).decode("utf-8", "replace")


def _rows(text: str, table: Table) -> Iterator[list[list[str]]]:
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


def _candidates(path: Path) -> list[Path]:
    """Return the files beside the ratings that may hold titles by their names."""
    found = []
    try:
        for entry in islice(os.scandir(path.parent), 10_000):
            usual = USUAL_NAMES.match(entry.name)
            other = OTHER_NAMES.search(entry.name) and _share_beginning(entry.name, path.name)
            is_other = entry.name != path.name and entry.is_file()
            if (usual or other) and is_other and entry.stat().st_size < MOST_BYTES:
                found.append(Path(entry.path))
    except OSError:
        return []
    return sorted(found)[:MOST_CANDIDATES]


def _share_beginning(one: str, other: str) -> bool:
    return one[:4].lower() == other[:4].lower()


def _first_items(
    path: Path, item_ids: Iterable[str] | None, options: ReadOptions | None
) -> set[str]:
    if item_ids is not None:
        return set(islice(item_ids, N_LOOKED_UP))
    from mfgui.data.reader import look_at_file  # which knows all formats, and this module

    try:
        look = look_at_file(path, options)
    except DataError:
        return set()
    if "items" in look.roles:
        return {name for name, role in zip(look.names, look.roles, strict=True) if role == "items"}
    if "item" not in look.roles:
        return set()
    place = look.roles.index("item")
    return {row[place] for row in look.rows if len(row) > place}

