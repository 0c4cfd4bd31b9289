"""Files of pairs to predict: user and item, further columns ignored."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mfgui.data.formats.layout import SEPARATORS, role_of, split_line
from mfgui.data.options import ReadOptions
from mfgui.data.source import Source, open_source
from mfgui.errors import DataError

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
        Text of at least two columns, plain or gzip, like a ratings file.
    options : ReadOptions, optional
        Separator and header where the guess is wrong. Of ``columns`` only user and item count.

    Raises
    ------
    DataError
        In one sentence with the line, if the file or a line of it holds no pair.
    """
    source = open_source(path)
    layout = _find_layout(source, options or ReadOptions())
    try:
        yield from _pairs(source, layout)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{source.name} could not be read to its end: copy it again.") from error


def _find_layout(source: Source, options: ReadOptions) -> _PairLayout:
    """Return the layout that the first line shows."""
    lines = source.head.decode("utf-8-sig", "replace").splitlines()
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


def _chosen_columns(options: ReadOptions, names: list[str]) -> dict[str, int]:
    """Return the columns, from 0, that the person named for user and item."""
    if options.columns is None:
        return {}
    columns = options.columns
    if isinstance(columns, str) and "rating" not in columns:
        columns = f"{columns},rating=999999"  # pairs have no rating; the check wants one
    chosen = replace(options, columns=columns).column_choice() or {}
    places = {role: chosen[role] for role in ("user", "item")}
    unknown = [place for place in places.values() if isinstance(place, str) and place not in names]
    if unknown:
        raise DataError(f"There is no column '{unknown[0]}': the first line has {names}.")
    return {role: place - 1 if isinstance(place, int) else names.index(place)
            for role, place in places.items()}


def _pairs(source: Source, layout: _PairLayout) -> Iterator[tuple[str, str]]:
    """Yield the pairs, line by line."""
    opened = gzip.open if source.compression == "gzip" else open
    encoding = _encoding(source.head)
    with opened(source.path, "rt", encoding=encoding, errors="replace", newline=None) as file:
        is_header = layout.has_header
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            if is_header:
                is_header = False
                continue
            fields = split_line(line.rstrip("\n"), layout.separator)
            if max(layout.user, layout.item) >= len(fields):
                raise DataError(f"{source.name}, line {number}: there is no pair, but {EXPECTED}.")
            yield fields[layout.user], fields[layout.item]


def _encoding(head: bytes) -> str:
    """Return UTF-8 where the beginning is, else Latin-1."""
    try:
        head[:-4].decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8-sig"
