"""How a JSON file begins: a record a line, an array, or records that run over several lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mfgui.data.options import ReadOptions
from mfgui.data.source import Source, find_encoding, head_text, is_binary
from mfgui.errors import DataError

N_SAMPLE = 200
SAMPLE_CHARS = 1 << 20
MOST_NAMES = 1000
KINDS = {"lines": "JSON lines", "array": "JSON array", "records": "JSON records"}


@dataclass(frozen=True)
class Beginning:
    """How a JSON file begins.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    records : tuple
        The first ones, as Python values.
    """

    kind: str
    records: tuple[Any, ...]

    @property
    def pointers(self) -> dict[str, str]:
        """Where each field stands in a record, by its name, as JSON pointers."""
        found: dict[str, str] = {}
        for record in self.records:
            _add_pointers(record, "", "", found, 0)
        return found


def find_beginning(source: Source, options: ReadOptions) -> Beginning:
    """Return how the file begins.

    Raises
    ------
    DataError
        If that is no JSON.
    """
    refusal = DataError(f"{source.name} is no JSON of a record a line or an array of records.")
    if is_binary(source) or source.head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0")[:1] not in b"{[":
        raise refusal
    encoding = options.encoding or find_encoding(source.head, source.is_whole)
    text = _head(source, options, encoding)
    first = text[:1]
    if first == "[" and text[1:].lstrip()[:1] in ("{", "["):
        begins = Beginning("array", _values(text[1:]))
    else:
        begins = Beginning("lines", _line_values(text))
        if not begins.records:
            begins = Beginning("records", _values(text))
    if not begins.records or first not in ("{", "["):
        raise refusal
    return begins


def _head(source: Source, options: ReadOptions, encoding: str) -> str:
    try:
        return head_text(source, options).lstrip("\ufeff \t\r\n")
    except DataError:  # an array in one line
        codec = "utf-16" if encoding == "utf-16" else encoding
        return source.head.decode(codec, "replace").lstrip("\ufeff \t\r\n")


def _line_values(text: str) -> tuple[Any, ...]:
    """Return the records of the first lines; none where most lines are no records."""
    lines = [line for line in text[:SAMPLE_CHARS].splitlines()[: 2 * N_SAMPLE] if line.strip()]
    values = []
    for line in lines[:N_SAMPLE]:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, (dict, list)):
            values.append(value)
    return tuple(values) if 2 * len(values) >= min(len(lines), N_SAMPLE) else ()


def _values(text: str) -> tuple[Any, ...]:
    """Return the records that follow each other, with commas or without."""
    decoder, place = json.JSONDecoder(), 0
    values: list[Any] = []
    while len(values) < N_SAMPLE:
        while place < len(text) and text[place] in ", \t\r\n":
            place += 1
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        if isinstance(value, (dict, list)):
            values.append(value)
    return tuple(values)


def _add_pointers(
    value: Any, name: str, pointer: str, found: dict[str, str], depth: int
) -> None:
    """Add the fields of a record, those of objects inside it with a dot in the name."""
    if isinstance(value, dict) and depth < 2:
        inside: Iterable[tuple[Any, Any]] = value.items()
    elif isinstance(value, list) and depth == 0:
        inside = enumerate(value)
    else:
        if name and len(found) < MOST_NAMES:
            found.setdefault(name, pointer)
        return
    for key, each in inside:
        step = str(key).replace("~", "~0").replace("/", "~1")
        _add_pointers(
            each, f"{name}.{key}" if name else str(key), f"{pointer}/{step}", found, depth + 1)


def text_at(record: Any, pointer: str) -> str:
    """Return what a pointer leads to, as text; empty where there is nothing."""
    value = record
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            value = None
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)[:200]
    return str(value)
