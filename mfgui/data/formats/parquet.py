"""Parquet, read by DuckDB, which makes lines of the columns that are used.

The lines come as whole texts of some 200,000 rows: fetching rows one by one would make a Python
string of every id and hold the GIL.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from mfgui.core.control import Control
from mfgui.data.database import Database, quoted_name
from mfgui.data.formats.fields import (
    Fields,
    find_fields,
    look_at_fields,
    read_fields,
)
from mfgui.data.formats.records import UNIT
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import Source
from mfgui.data.streams import printable
from mfgui.errors import DataError

N_SAMPLE = 200
PIECE_ROWS = 200_000
MOST_COLUMNS = 4096

TABLE = ("read_parquet(?, hive_partitioning = false, union_by_name = false, filename = false, "
         "file_row_number = false)")
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
           "UINTEGER", "UBIGINT", "UHUGEINT", "DECIMAL", "UUID")


@dataclass(frozen=True)
class Parquet:
    """Columns of a Parquet file, by name and type."""

    name: str = "parquet"
    label: str = "Parquet"
    extensions: tuple[str, ...] = (".parquet", ".pq")

    def matches(self, source: Source, options: ReadOptions) -> float:
        """Return 1 for a file that begins as Parquet does."""
        return 1.0 if source.head.startswith(b"PAR1") else 0.0

    def look(self, source: Source, options: ReadOptions) -> Look:
        """Return the first rows and what each option would be."""
        with Database(source.path, Control()) as database:
            fields, _, rows = _find(database, source, options)
        return look_at_fields(self.name, fields, rows, options)

    def read(self, source: Source, options: ReadOptions, control: Control) -> RawRatings:
        """Return the ratings of the file in its order."""
        with Database(source.path, control) as database:
            fields, types, _ = _find(database, source, options)
            reading = Reading("Parquet", fields.columns, doubts=fields.doubts)
            pieces = _pieces(database, fields, types, source, control)
            return read_fields(
                pieces, fields, reading, source, options, control,
                decimal=options.decimal or "point")


def _find(
    database: Database, source: Source, options: ReadOptions
) -> tuple[Fields, list[str], list[tuple[str, ...]]]:
    """Return which column holds what, the columns' types, and the first rows as text."""
    try:
        described = database.run(
            f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {TABLE})",
            [database.pattern],
        ).fetchmany(MOST_COLUMNS + 1)
        names = [row[0] for row in described]
        types = [row[1] for row in described]
        if len(names) > MOST_COLUMNS:
            raise DataError(
                f"{source.name} has more than {MOST_COLUMNS:,} columns: export it as rows of user,"
                " item and rating.")
        texts = ", ".join(_text_of(name, kind) for name, kind in described)
        found = database.run(f"SELECT {texts} FROM {TABLE} LIMIT {N_SAMPLE}", [database.pattern])
        rows = [tuple(text or "" for text in row) for row in found.fetchall()]
    except (database.errors, UnicodeError) as error:
        _refuse(source, error)
    return find_fields(names, rows, source.name, options), types, rows


def _pieces(
    database: Database, fields: Fields, types: list[str], source: Source, control: Control
) -> Iterator[bytes]:
    """Yield the lines of all rows, in the file's order."""
    line = _line_of(fields, types)
    try:
        if "file_row_number" in [name.lower() for name in fields.names]:
            raise DataError(
                f"{source.name} has a column named file_row_number, which is needed here: rename "
                "it.")
        groups = database.run(
            "SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata(?) ORDER BY 1",
            [database.pattern],
        ).fetchall()
        n_rows = sum(row[1] for row in groups)
        for begin, end in ranges_of([row[1] for row in groups], PIECE_ROWS):
            control.checkpoint()
            control.report(f"Reading {source.name}", begin / max(n_rows, 1))
            row = database.run(
                # On one thread, so the rows are joined in the order in which they are met.
                f"SELECT encode(string_agg({line}, chr(10))) FROM {TABLE} "
                "WHERE file_row_number >= ? AND file_row_number < ?",
                [database.pattern, begin, end],
            ).fetchone()
            if row and row[0]:
                yield row[0]
                yield b"\n"
    except (database.errors, UnicodeError) as error:
        _refuse(source, error)


def ranges_of(sizes: list[int], most: int) -> Iterator[tuple[int, int]]:
    """Yield ranges of rows that hold whole groups of ``sizes`` rows, or parts of large ones."""
    begin = end = 0
    for size in sizes:
        if end > begin and end + size - begin > most:
            yield begin, end
            begin = end
        end += size
        while end - begin > 2 * most:
            yield begin, begin + most
            begin += most
    if end > begin:
        yield begin, end


def _line_of(fields: Fields, types: list[str]) -> str:
    """Return the SQL of a line with the columns that are used."""
    texts = []
    for role in fields.used:
        number = fields.positions[role]
        name, kind = fields.names[number - 1], types[number - 1]
        if kind.startswith(NUMBERS) or (role == "rating" and kind in ("FLOAT", "DOUBLE")):
            texts.append(f"coalesce({quoted_name(name)}::VARCHAR, '')")
        else:
            texts.append(quoted_text(f"coalesce({_text_of(name, kind)}, '')"))
    return f" || chr({ord(UNIT)}) || ".join(texts)


def quoted_text(text: str) -> str:
    """Return the SQL of a field as it stands in a line of our own making."""
    needs = " OR ".join(f"contains({text}, chr({ord(sign)}))" for sign in ('"', UNIT, "\n", "\r"))
    return f"""CASE WHEN {needs} THEN '"' || replace({text}, '"', '""') || '"' ELSE {text} END"""


def _text_of(name: str, kind: str) -> str:
    """Return the SQL of a column as text: whole numbers without a fraction, times as ISO."""
    column = quoted_name(name)
    if kind in ("FLOAT", "DOUBLE"):
        whole = f"{column} = trunc({column}) AND abs({column}) < 1e15"
        return f"CASE WHEN {whole} THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
    if kind == "BOOLEAN":
        return f"{column}::INTEGER::VARCHAR"
    if kind == "BLOB":  # text of writers that do not say so
        return f"coalesce(TRY(decode({column})), {column}::VARCHAR)"
    if kind == "TIMESTAMP WITH TIME ZONE":  # as text it would be in this computer's zone
        return f"make_timestamp(epoch_us({column}))::VARCHAR"
    return f"{column}::VARCHAR"


def _refuse(source: Source, error: Exception) -> NoReturn:
    reason = str(error)
    if "No space left" in reason or "Out of Memory" in reason:
        raise DataError(
            f"{source.name} needs more memory than there is: export the columns that are needed."
        ) from error
    if "not supported" in reason.lower() or "not implemented" in reason.lower():
        raise DataError(
            f"{source.name} is written in a way that cannot be read "
            f"({printable(reason.partition(chr(10))[0])[:100]}): export it anew."
        ) from error
    raise DataError(
        f"{source.name} is a damaged or incomplete Parquet file: copy or export it again."
    ) from error
