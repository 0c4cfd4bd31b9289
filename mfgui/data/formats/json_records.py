"""JSON: a record a line, or one array of records, with fields found by their names.

DuckDB takes the fields out of blocks of lines that are bound as values: without the GIL, which
Python's own parser, as fast, would hold. Records that stand in an array or run over several
lines are first put on a line each; a damaged line costs itself only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mfgui.core.control import Control
from mfgui.data.database import Database, quoted
from mfgui.data.formats.fields import (
    Fields,
    checked,
    find_fields,
    look_at_fields,
    read_fields,
)
from mfgui.data.formats.json_beginning import KINDS, Beginning, find_beginning, text_at
from mfgui.data.formats.records import UNIT
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import (
    EXPECTED,
    Source,
    encoding_label,
    find_encoding,
    text_pieces,
    with_encoding,
)
from mfgui.errors import DataError

BLOCK = 1 << 20
LONGEST_RECORD = 1 << 24
DAMAGED = "the record is no valid JSON"


@dataclass(frozen=True)
class JsonRecords:
    """JSON lines and JSON arrays of records."""

    name: str = "json"
    label: str = "JSON"
    extensions: tuple[str, ...] = (".json", ".jsonl", ".ndjson")

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return how sure it is that the file holds JSON records."""
        try:
            begins = find_beginning(source, options)
        except DataError:
            return 0.0
        return 0.95 if begins.pointers else 0.0

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first records and what each option would be."""
        _, fields, rows = _find(source, options)
        filled = dataclasses.replace(options, part=source.part, encoding=options.encoding or
                                     find_encoding(source.head, source.is_whole))
        return look_at_fields(
            self.name, fields, rows, filled, parts=source.parts, is_by_name=True,
            names=("encoding",))

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the file in its order."""
        begins, fields, _ = _find(source, options)
        checked(fields, source.name)
        return with_encoding(source, options, lambda encoding, is_sure: _read(
            source, options, begins, fields, encoding, is_sure, control))


def _read(
    source: Source, options: ReadOptions, begins: Beginning, fields: Fields, encoding: str,
    is_sure: bool, control: Control,
) -> RawRatings:
    is_array = begins.kind == "array"
    reading = Reading(
        KINDS[begins.kind], fields.columns, encoding=encoding_label(encoding),
        doubts=fields.doubts)
    with Database(None, control) as database:
        text = text_pieces(source, encoding, control, is_sure)
        lines = _separate_lines(text) if begins.kind == "lines" else _one_line_each(
            text, 1 if is_array else 0, source)
        pieces = _fields_of(database, lines, fields, begins.pointers)
        return read_fields(
            pieces, fields, reading, source, options, control,
            noun="line" if begins.kind == "lines" else "record", nul_reason=DAMAGED)


def _find(
    source: Source, options: ReadOptions
) -> tuple[Beginning, Fields, list[tuple[str, ...]]]:
    begins = find_beginning(source, options)
    pointers = begins.pointers
    if not pointers:
        raise DataError(f"{source.name} holds no records with fields: {EXPECTED}.")
    rows = [tuple(text_at(record, pointer) for pointer in pointers.values())
            for record in begins.records]
    names = tuple(pointers)
    if isinstance(begins.records[0], list):
        names = tuple(f"column {int(name) + 1}" if name.isdecimal() else name for name in names)
    return begins, find_fields(names, rows, source.name, options), rows


def _separate_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the text with LF as the only line end."""
    held = b""
    for piece in pieces:
        piece = held + piece
        held = b"\r" if piece.endswith(b"\r") else b""
        if held:
            piece = piece[:-1]
        yield piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in piece else piece
    if held:
        yield b"\n"


def _one_line_each(pieces: Iterable[bytes], base: int, source: Source) -> Iterator[bytes]:
    """Yield the text with a record a line.

    Raises
    ------
    DataError
        If it ends within a record or an array.
    """
    import numpy as np

    from mfgui.core.kernels import json_text

    state = np.zeros(json_text.STATE_SIZE, np.int64)
    for piece in pieces:
        buffer = np.frombuffer(piece, np.uint8).copy()
        json_text.one_line_each(buffer, base, state)
        yield buffer.tobytes()
    if state[json_text.DEPTH] != 0 or state[json_text.IN_STRING]:
        raise DataError(
            f"{source.name} ends within a record or has brackets that do not match: it is "
            "damaged or incomplete, so copy or download it again.")


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield whole lines, some megabytes at a time; a line without end is cut off."""
    held: list[bytes] = []
    n_held, is_cut = 0, False
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if end == 0:
            if n_held < LONGEST_RECORD:
                held.append(piece)
                n_held += len(piece)
            else:
                is_cut = True  # what is held is no valid JSON without the rest
            continue
        held.append(piece[piece.find(b"\n") if is_cut else 0 : end])
        n_held, is_cut = n_held + end, False
        if n_held >= BLOCK:
            yield b"".join(held)
            held, n_held = [], 0
        held.append(piece[end:])
        n_held += len(piece) - end
    if any(held):
        yield b"".join(held)


def _fields_of(
    database: Database, pieces: Iterable[bytes], fields: Fields, pointers: dict[str, str]
) -> Iterator[bytes]:
    """Yield the fields that are used as lines of our own making."""
    places = list(pointers.values())
    paths = ", ".join(
        quoted(places[fields.positions[role] - 1]) for role in fields.used)
    line = f" || chr({ord(UNIT)}) || ".join(
        _field(number, role) for number, role in enumerate(fields.used, 1))
    statement = f"""SELECT encode(string_agg(
            CASE WHEN found IS NOT NULL THEN {line}
            WHEN regexp_full_match(line, '[ \\t]*') THEN '' ELSE chr(0) || left(line, 300) END,
            chr(10)))
        FROM (SELECT line, TRY(json_extract_string(line, [{paths}])) AS found
        FROM (SELECT unnest(string_split(?, chr(10))) AS line))"""
    for block in _blocks(pieces):
        text = block.decode("utf-8", "replace").removesuffix("\n")
        row = database.run(statement, [text]).fetchone()
        yield row[0]
        yield b"\n"


def _field(number: int, role: str) -> str:
    text = f"coalesce(found[{number}], '')"
    if role == "rating":
        text = f"CASE {text} WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE {text} END"
    needs = " OR ".join(f"contains({text}, chr({ord(sign)}))" for sign in ('"', UNIT, "\n", "\r"))
    return f"""CASE WHEN {needs} THEN '"' || replace({text}, '"', '""') || '"' ELSE {text} END"""
