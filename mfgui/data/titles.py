"""Titles of items and names of users: a file of ids and texts beside the file of ratings.

Such a file is a role, not a format: ``u.item``, ``movies.dat``, ``movies.csv``, the artists of
Last.fm, or any table with an id and a title in each line. Ids match as they are written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mfgui.core.control import Control
from mfgui.core.ratings import TextArray
from mfgui.data.options import ReadOptions
from mfgui.data.source import Source, is_binary, open_source, text_pieces, with_encoding
from mfgui.data.title_table import find_title_table, title_columns, title_rows
from mfgui.errors import DataError

MOST_BYTES = 1 << 28
N_LOOKED_UP = 1000
ENOUGH = 0.1
"""Which share of the first ratings' items a file must name to be offered."""

USUAL_NAMES = re.compile(
    r"^(u\.item|(movie|film|item|book|artist|product|title|song|track|game|anime)s?"
    r"([_-]?(title|name)s?)?\.(dat|csv|tsv|txt)(\.gz)?)$", re.I)
OTHER_NAMES = re.compile(r"(title|name)s?\.(dat|csv|tsv|txt)(\.gz)?$", re.I)
MOST_CANDIDATES = 20


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
    table = find_title_table(source, options)
    id_column, title_column = title_columns(table, source.name, options)
    text = with_encoding(
        source, options, lambda encoding, is_sure: _whole_text(source, encoding, is_sure, control))
    texts: dict[str, str] = {}
    for rows in title_rows(text, table):
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


def _strings(texts: TextArray) -> Iterator[str]:
    """Yield the texts; five times as fast as one by one."""
    data, offsets = texts.data.tobytes(), texts.offsets.tolist()
    begin = 0
    for end in offsets[1:]:
        yield data[begin:end].decode("utf-8", "replace")
        begin = end


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

