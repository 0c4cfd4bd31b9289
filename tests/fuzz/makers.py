"""Small files of every format, made without the code that reads them."""

from __future__ import annotations

import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

Cell = tuple[int, int, float]

CELLS: list[Cell] = [
    (user, item, float(1 + (3 * user + 2 * item) % 5))
    for user in range(12) for item in range(7) if (user + 2 * item) % 3
]
"""User, item and rating; users and items are numbers from 0, by row."""

FROM_ZERO = frozenset({"npz", "npy"})
"""Formats in which ids are the numbers of rows and columns from 0; elsewhere they are from 1."""


def expected(name: str, cells: Sequence[Cell] = CELLS) -> list[tuple[str, str, float]]:
    """Return the ratings, as text ids, that a file of this format holds."""
    first = 0 if name in FROM_ZERO else 1
    return [(str(user + first), str(item + first), value) for user, item, value in cells]


def rows_of(cells: Sequence[Cell]) -> list[tuple[int, int, float, int]]:
    """Return user and item from 1, the rating and a time."""
    return [(user + 1, item + 1, value, 1_100_000_000 + 86_400 * k)
            for k, (user, item, value) in enumerate(cells)]


def delimited(cells: Sequence[Cell]) -> bytes:
    lines = ["userId,movieId,rating,timestamp"]
    lines += [f"{user},{item},{value:g},{time}" for user, item, value, time in rows_of(cells)]
    return ("\r\n".join(lines) + "\r\n").encode()


def wide_table(cells: Sequence[Cell]) -> list[list[str]]:
    """Return a header with items and a row for each user."""
    n_items = 1 + max(item for _, item, _ in cells)
    values = {(user, item): f"{value:g}" for user, item, value in cells}
    header = ["user", *(str(item + 1) for item in range(n_items))]
    users = sorted({user for user, _, _ in cells})
    return [header, *(
        [str(user + 1), *(values.get((user, item), "") for item in range(n_items))]
        for user in users)]


def wide(cells: Sequence[Cell]) -> bytes:
    return ("\n".join(",".join(row) for row in wide_table(cells)) + "\n").encode()


def matrix_market(cells: Sequence[Cell]) -> bytes:
    n_users = 1 + max(user for user, _, _ in cells)
    n_items = 1 + max(item for _, item, _ in cells)
    lines = ["%%MatrixMarket matrix coordinate real general", "% made for a test",
             f"{n_users} {n_items} {len(cells)}"]
    lines += [f"{user} {item} {value:g}" for user, item, value, _ in rows_of(cells)]
    return ("\n".join(lines) + "\n").encode()


def recbole(cells: Sequence[Cell]) -> bytes:
    lines = ["user_id:token\titem_id:token\trating:float\ttimestamp:float"]
    lines += [f"{user}\t{item}\t{value:g}\t{time}" for user, item, value, time in rows_of(cells)]
    return ("\n".join(lines) + "\n").encode()


def orange(cells: Sequence[Cell]) -> bytes:
    lines = ["user\tmovie\trating\ttid", "d\td\tc\tc", "row=1\tcol=1\tclass\tmeta"]
    lines += [f"{user}\t{item}\t{value:g}\t{time}" for user, item, value, time in rows_of(cells)]
    return ("\n".join(lines) + "\n").encode()


def netflix(cells: Sequence[Cell]) -> bytes:
    lines: list[str] = []
    last = -1
    for user, item, value in sorted(cells, key=lambda cell: (cell[1], cell[0])):
        if item != last:
            lines.append(f"{item + 1}:")
            last = item
        lines.append(f"{user + 1},{value:g},2005-09-06")
    return ("\n".join(lines) + "\n").encode()


def parquet(cells: Sequence[Cell]) -> bytes:
    import duckdb

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ratings.parquet"
        values = ", ".join(f"({user}, '{item}', {value}, {time})"
                           for user, item, value, time in rows_of(cells))
        with duckdb.connect() as connection:
            connection.execute(
                "COPY (SELECT u::BIGINT AS user_id, i AS item_id, r::DOUBLE AS rating, "
                f"to_timestamp(t) AS timestamp FROM (VALUES {values}) AS x(u, i, r, t)) "
                f"TO '{file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
        return file.read_bytes()


def sqlite(cells: Sequence[Cell]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ratings.db"
        connection = sqlite3.connect(file)
        connection.execute("CREATE TABLE movies (movieId INTEGER, title TEXT)")
        connection.execute("INSERT INTO movies VALUES (1, 'One')")
        connection.execute(
            "CREATE TABLE ratings (userId INTEGER, movieId TEXT, rating REAL, timestamp INTEGER)")
        connection.executemany("INSERT INTO ratings VALUES (?, ?, ?, ?)", rows_of(cells))
        connection.commit()
        connection.close()
        return file.read_bytes()


def npy(cells: Sequence[Cell]) -> bytes:
    shape = 1 + max(user for user, _, _ in cells), 1 + max(item for _, item, _ in cells)
    matrix = np.full(shape, np.nan, np.float32)
    for user, item, value in cells:
        matrix[user, item] = value
    return saved(matrix)


def saved(array: np.ndarray) -> bytes:
    """Return what ``numpy.save`` writes."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npz(cells: Sequence[Cell]) -> bytes:
    """Return what ``scipy.sparse.save_npz`` writes of a csr matrix."""
    users = np.array([user for user, _, _ in cells])
    n_users, n_items = 1 + int(users.max()), 1 + max(item for _, item, _ in cells)
    return sparse_file(
        "csr", (n_users, n_items), data=np.array([value for _, _, value in cells], np.float32),
        indices=np.array([item for _, item, _ in cells], np.int32),
        indptr=np.searchsorted(users, np.arange(n_users + 1)).astype(np.int32))


def sparse_file(kind: str, shape: tuple[int, int], **arrays: np.ndarray) -> bytes:
    """Return arrays as ``scipy.sparse.save_npz`` writes them."""
    file = io.BytesIO()
    np.savez_compressed(
        file, format=np.array(kind.encode()), shape=np.array(shape), **arrays)
    return file.getvalue()


def json_lines(cells: Sequence[Cell]) -> bytes:
    return "".join(
        json.dumps({"reviewerID": str(user), "asin": str(item), "overall": value,
                    "unixReviewTime": time, "reviewText": 'so "good", {really}'}) + "\n"
        for user, item, value, time in rows_of(cells)).encode()


def json_array(cells: Sequence[Cell]) -> bytes:
    return json.dumps([
        {"user": {"id": user}, "item": str(item), "rating": value}
        for user, item, value, _ in rows_of(cells)], indent=1).encode()


def excel(cells: Sequence[Cell]) -> bytes:
    rows: list[list[object]] = [["userId", "movieId", "rating", "timestamp"]]
    rows += [[user, item, value, time] for user, item, value, time in rows_of(cells)]
    return workbook({"Ratings": rows})


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    """Return a minimal workbook; a cell that is None is left out."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbers = range(1, len(sheets) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>'
        for n in numbers)
    parts = {
        "[Content_Types].xml":
            f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
            '"application/vnd.openxmlformats-package.relationships+xml"/><Default '
            'Extension="xml" ContentType="application/xml"/><Override PartName='
            f'"/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{overrides}</Types>',
        "_rels/.rels":
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml":
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>' + "".join(
                f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>'
                for n, name in zip(numbers, sheets, strict=True)) + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels":
            f'<Relationships xmlns="{package}/relationships">' + "".join(
                f'<Relationship Id="rId{n}" Type="{office}/worksheet" '
                f'Target="worksheets/sheet{n}.xml"/>' for n in numbers) + "</Relationships>",
    }
    for n, rows in zip(numbers, sheets.values(), strict=True):
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{main}"><sheetData>{_sheet_rows(rows)}</sheetData></worksheet>')
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
    return file.getvalue()


def _sheet_rows(rows: list[list[object]]) -> str:
    pieces = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            _sheet_cell(f"{chr(65 + place)}{number}", value)
            for place, value in enumerate(row) if value is not None)
        pieces.append(f'<row r="{number}">{cells}</row>')
    return "".join(pieces)


def _sheet_cell(place: str, value: object) -> str:
    if isinstance(value, str):
        text = value.replace("&", "&amp;").replace("<", "&lt;")
        return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


MAKERS: dict[str, Callable[[Sequence[Cell]], bytes]] = {
    "delimited": delimited, "wide": wide, "matrix-market": matrix_market, "recbole": recbole,
    "orange": orange, "netflix": netflix, "parquet": parquet, "excel": excel, "sqlite": sqlite,
    "npz": npz, "npy": npy, "json": json_lines,
}
"""One for each format in `FORMATS`."""

EXTENSIONS = {
    "delimited": ".csv", "wide": ".csv", "matrix-market": ".mtx", "recbole": ".inter",
    "orange": ".tab", "netflix": ".txt", "parquet": ".parquet", "excel": ".xlsx",
    "sqlite": ".db", "npz": ".npz", "npy": ".npy", "json": ".json",
}
