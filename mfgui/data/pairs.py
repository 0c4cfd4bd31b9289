"""Files of pairs to predict: user and item, further columns ignored."""

from __future__ import annotations

import codecs
import io
import itertools
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mfgui.core.control import Control
from mfgui.data.formats.columns import role_of
from mfgui.data.formats.layout import SEPARATORS, split_line
from mfgui.data.options import ReadOptions
from mfgui.data.source import (
    Source,
    head_text,
    is_binary,
    open_source,
    text_pieces,
    with_encoding,
)
from mfgui.errors import DataError

MOST_JOINED = 100
EXPECTED = "a file of pairs has a user and an item in each line"


@dataclass(frozen=True)
class _PairLayout:
    """Separator, whether the first line is a header, and the two columns, from 0."""

    separator: str
    has_header: bool
    user: int
    item: int


def read_pairs(
    path: str | os.PathLike[str], options: ReadOptions | None = None
) -> Iterator[tuple[str, str]]:
    """Yield user and item of each line, as text exactly as written but for outer blanks.

    Parameters
    ----------
    path : str or path-like
        Text of at least two columns, plain or compressed, like a ratings file.
    options : ReadOptions, optional
        Separator, header and encoding where the guess is wrong. Of ``columns`` only user and
        item count.

    Raises
    ------
    DataError
        In one sentence with the line, if the file or a line of it holds no pair.
    """
    options = options or ReadOptions()
    source = open_source(path, options.part)
    if is_binary(source):
        raise DataError(f"{source.name} is not text: {EXPECTED}.")
    layout = _find_layout(source, options)
    encoding = with_encoding(source, options, lambda name, is_sure: _checked(
        source, name, is_sure))
    yield from _pairs(text_pieces(source, encoding, Control(), True), source.name, layout)


def _checked(source: Source, encoding: str, is_sure: bool) -> str:
    """Return the encoding if the whole file is written in it: a pair once given stays given."""
    for _ in text_pieces(source, encoding, Control(), is_sure):
        pass
    return encoding


def _find_layout(source: Source, options: ReadOptions) -> _PairLayout:
    """Return the layout that the first line shows."""
    lines = re.split(r"\r\n|\n|\r", head_text(source, options))
    first = next(line for line in lines if line.strip())
    separator = options.separator() or _separator_of(first, source.name)
    fields = split_line(first, separator)
    roles = [role_of(field) for field in fields]
    has_header = options.header
    if has_header is None:
        has_header = "user" in roles or "item" in roles
    user, item = 0, 1
    if has_header and {"user", "item"} <= set(roles):
        user, item = roles.index("user"), roles.index("item")
    choice = _chosen_columns(options, fields)
    layout = _PairLayout(separator, has_header, choice.get("user", user), choice.get("item", item))
    if max(layout.user, layout.item) >= len(fields):
        raise DataError(f"{source.name} has {len(fields)} column, but {EXPECTED}.")
    return layout


def _separator_of(line: str, name: str) -> str:
    """Return the surest separator that the line holds."""
    for separator in SEPARATORS:
        if separator in line.strip():
            return separator
    raise DataError(f"{name} has one column only, but {EXPECTED}.")


def _chosen_columns(options: ReadOptions, names: Sequence[str]) -> dict[str, int]:
    """Return the columns, from 0, that the person named for user and item."""
    chosen = options.column_choice() or {}
    places = {role: chosen[role] for role in ("user", "item") if role in chosen}
    unknown = [place for place in places.values() if isinstance(place, str) and place not in names]
    if unknown:
        raise DataError(f"There is no column '{unknown[0]}': the first line has {list(names)}.")
    return {role: place - 1 if isinstance(place, int) else list(names).index(place)
            for role, place in places.items()}


def _pairs(
    pieces: Iterable[bytes], name: str, layout: _PairLayout
) -> Iterator[tuple[str, str]]:
    """Yield the pairs, line by line."""
    is_header = layout.has_header
    for number, line in _whole(_lines(pieces)):
        if not line.strip():
            continue
        if is_header:
            is_header = False
            continue
        fields = split_line(line, layout.separator)
        if max(layout.user, layout.item) >= len(fields):
            raise DataError(f"{name}, line {number}: there is no pair, but {EXPECTED}.")
        yield fields[layout.user], fields[layout.item]


def _whole(lines: Iterator[str]) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers, one with those after it where a quoted field goes on there.

    A quotation mark that is not closed within ``MOST_JOINED`` lines is taken as a plain sign.
    """
    numbered = enumerate(lines, 1)
    waiting: deque[tuple[int, str]] = deque()
    while found := waiting.popleft() if waiting else next(numbered, None):
        number, line = found
        if '"' in line and line.count('"') % 2:
            waiting.extend(itertools.islice(numbered, MOST_JOINED - len(waiting)))
            closing = next((k for k, (_, more) in enumerate(waiting, 1) if more.count('"') % 2), 0)
            line = "\n".join([line, *(waiting.popleft()[1] for _ in range(closing))])
        yield number, line


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines of UTF-8 text, which may end in LF, CRLF or CR."""
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")(), True)
    carried = ""
    for piece in pieces:
        *lines, carried = (carried + decoder.decode(piece)).split("\n")
        yield from lines
    yield from (carried + decoder.decode(b"", True)).split("\n")
