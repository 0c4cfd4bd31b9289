"""Ways to damage a project or a model file; each is drawn by a seeded generator."""

from __future__ import annotations

import io
import json
import random
import sqlite3
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

JSON_COLUMNS = {
    "sources": ("options", "report"), "runs": ("settings", "summary", "card", "origin"),
    "settings": ("body",), "entries": ("body",), "notices": ("remedy_settings",),
    "trees": ("skeleton",), "arrays": ("shape",),
}
HOSTILE_JSON = (
    "NaN", "-Infinity", "1e999", "-1", "0", "1000000000000", "99999999999999999999999", "0.5",
    '""', '"../../../../tmp/x"', '"/etc/passwd"', '"<script>alert(1)</script>"', '"=cmd()"',
    '"\\u0000"', '"\\ud800"', '"line\\nline"', "[]", "{}", "null", "true", "[1, 2, 3]",
    '[[[["x"]]]]', '{"a": 0}', '{"d": {}}', '{"a": 99999}', "1" * 5000, '"' + "x" * 5000 + '"',
    "[" * 900 + "]" * 900, "[" * 100_000,
)
HOSTILE_SQL = (
    None, -1, 0, 1, 2, 2**31, 10**12, 2**62, 2**63 - 1, -(2**63), 0.5, 1e308, -0.0, "", "x",
    "9" * 400, "../../x", "a\0b", "\n", "<script>", "running", b"", b"\xff" * 8, b"\0" * 8,
    struct.pack("<d", float("nan")), b"x" * 3_000_000,
)
SCHEMAS = (
    "CREATE TRIGGER t AFTER INSERT ON records BEGIN DELETE FROM runs; END",
    "CREATE TRIGGER t AFTER UPDATE ON runs BEGIN SELECT writefile('canary', 'x'); END",
    "CREATE TRIGGER t BEFORE UPDATE ON runs BEGIN SELECT load_extension('./canary'); END",
    "CREATE VIEW v AS SELECT load_extension('canary')",
    "CREATE TEMP VIEW v AS SELECT 1",
    "CREATE VIRTUAL TABLE v USING fts5(x)",
    "CREATE VIRTUAL TABLE v USING rtree(id, a, b)",
    "CREATE VIRTUAL TABLE v USING dbstat",
    "CREATE TABLE v (a, b AS (a || randomblob(1000000000)) STORED)",
    "ALTER TABLE runs ADD COLUMN v AS (load_extension('canary'))",
    "ALTER TABLE notices ADD COLUMN v DEFAULT (randomblob(10))",
    "CREATE INDEX v ON runs (length(name || zeroblob(100000000)))",
    "CREATE INDEX v ON records (loss) WHERE randomblob(1) IS NULL",
    "CREATE UNIQUE INDEX v ON records (epoch) WHERE 0",
    "CREATE TABLE v (x)",
    "DROP TABLE tallies",
    "DROP TABLE chunks",
    "ALTER TABLE runs RENAME TO v",
    "ALTER TABLE runs RENAME COLUMN note TO v",
    "PRAGMA user_version = 1",
    "PRAGMA user_version = 3",
    "PRAGMA user_version = -1",
    "PRAGMA user_version = 2147483647",
    "PRAGMA application_id = 1",
    "PRAGMA encoding = 'UTF-16'",
)
MASTER = (
    "UPDATE sqlite_master SET sql = 'CREATE VIEW runs AS SELECT load_extension(''canary'')', "
    "type = 'view', rootpage = 0 WHERE name = 'runs'",
    "UPDATE sqlite_master SET rootpage = 2 WHERE name = 'chunks'",
    "UPDATE sqlite_master SET rootpage = 100000 WHERE name = 'records'",
    "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'runs') "
    "WHERE name = 'entries'",
    "UPDATE sqlite_master SET sql = 'CREATE TABLE runs (' || replace(hex(zeroblob(3000)), '00', "
    "'a,') || 'b)' WHERE name = 'runs'",
    "UPDATE sqlite_master SET sql = 'garbage' WHERE name = 'trees'",
    "UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', 'NOT NULL CHECK (randomblob(1))')",
    "UPDATE sqlite_master SET sql = replace(sql, 'TEXT', 'TEXT COLLATE canary')",
    "UPDATE sqlite_master SET name = 'x' WHERE name = 'notices'",
    "DELETE FROM sqlite_master WHERE type = 'index'",
    "DELETE FROM sqlite_master",
)
LIES = (
    "UPDATE arrays SET shape = '[1000000000000]', n_bytes = 8000000000000",
    "UPDATE arrays SET shape = '[1000000, 1000000]', n_bytes = 1",
    "UPDATE arrays SET n_bytes = 1000000000000",
    "UPDATE arrays SET shape = '[0, 1000000000000]'",
    "UPDATE arrays SET shape = '[-1]'",
    "UPDATE arrays SET dtype = '|O'",
    "UPDATE arrays SET dtype = '<f8'",
    "UPDATE arrays SET dtype = 'V1000000000'",
    "UPDATE sources SET n_users = 1000000000000",
    "UPDATE sources SET n_ratings = 9007199254740992, n_items = 9007199254740992",
    "UPDATE tallies SET n_records = 1000000000000",
    "UPDATE counters SET value = 1099511627776",
    "UPDATE chunks SET data = zeroblob(length(data))",
    "UPDATE chunks SET data = zeroblob(30000000) WHERE position = 0 AND array_id < 4",
    "UPDATE chunks SET position = 1000000000000",
    "UPDATE tree_arrays SET array_id = (SELECT min(id) FROM arrays)",
    "UPDATE tree_arrays SET array_id = 10000000",
    "UPDATE trees SET role = '../../x'",
    "UPDATE trees SET role = 'result' WHERE role = 'state'",
    "UPDATE trees SET run_id = 1 - run_id",
    "UPDATE runs SET id = id + 1099511627775 WHERE id = 2",
    "UPDATE runs SET source_id = 77",
    "UPDATE runs SET continued_from = id",
    "UPDATE runs SET solver = 'als' WHERE id = 1",
    "UPDATE runs SET solver = '__import__(\"os\")'",
    "UPDATE records SET epoch = epoch + 1000000000000",
    "UPDATE records SET segment = 1000000",
    "DELETE FROM records WHERE epoch = 2",
    "DELETE FROM trees WHERE role = 'ids'",
    "DELETE FROM sources",
    "DELETE FROM arrays",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000) INSERT INTO "
    "notices (run_id, kind, text, remedy, remedy_settings) SELECT 1, 'x', i, '', '[]' FROM n",
    "WITH RECURSIVE n (i) AS (SELECT 9000 UNION ALL SELECT i + 1 FROM n WHERE i < 29000) INSERT "
    "INTO entries SELECT i, 'search', NULL, 0, '{}' FROM n",
)


def damage_project(path: Path, rng: random.Random) -> str:
    """Damage a project; return how."""
    kinds: list[tuple[Callable[[Path, random.Random], str], int]] = [
        (_bytes, 5), (_beside, 1), (_schema, 2), (_lie, 3), (_cell, 5), (_json, 7), (_numbers, 5)]
    damage = rng.choices([kind for kind, _ in kinds], [weight for _, weight in kinds])[0]
    return damage(path, rng)


def _bytes(path: Path, rng: random.Random) -> str:
    """Change bytes, wherever they are."""
    path.write_bytes(changed := damaged_bytes(path.read_bytes(), rng))
    if rng.random() < 0.8:  # else it is no project at all
        head = bytearray(changed[:100])
        head[:16], head[68:72] = b"SQLite format 3\0", b"mfgu"
        path.write_bytes(bytes(head) + changed[100:])
    return "bytes"


def damaged_bytes(content: bytes, rng: random.Random) -> bytes:
    """Return a file with something cut, changed, doubled or exchanged."""
    changed = bytearray(content)
    place = rng.randrange(len(changed))
    kind = rng.randrange(6)
    if kind == 0:
        return bytes(changed[:place])
    if kind == 1:
        del changed[place : place + rng.randrange(1, 9000)]
    elif kind == 2:
        changed[place:place] = changed[place : place + rng.randrange(1, 9000)]
    elif kind == 3:
        page = place // 8192 * 8192 + rng.randrange(12)
        changed[min(page, len(changed) - 1)] = rng.randrange(256)
    elif kind == 4:
        other = rng.randrange(len(changed))
        part = bytes(changed[other : other + 8192])
        changed[place : place + len(part)] = part
    else:
        for _ in range(rng.choice((1, 4, 40, 400))):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _beside(path: Path, rng: random.Random) -> str:
    """Put something beside it that SQLite would take for its own."""
    ending = rng.choice(("-wal", "-journal", "-shm", ".lock"))
    content = rng.choice((
        b"", rng.randbytes(5000), path.read_bytes(),
        struct.pack(">IIIIII", 0x377F0682, 3007000, 8192, 0, 1, 1) + rng.randbytes(9000),
        bytes.fromhex("d9d505f920a163d7") + rng.randbytes(9000),
        b'{"pid": 1e999, "host": "\\u001b[31m", "since": -1e999}'))
    path.with_name(path.name + ending).write_bytes(content)
    return f"beside {ending}"


def change(path: Path, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """Change a project by SQL, heeding nothing; what SQLite itself refuses is left out."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("foreign_keys = OFF", "ignore_check_constraints = ON",
                       "writable_schema = ON"):
            connection.execute(f"PRAGMA {pragma}")
        for statement, values in statements:
            try:
                connection.execute(statement, values).fetchall()
            except sqlite3.Error:  # another case changes something
                continue
    finally:
        connection.close()


def _schema(path: Path, rng: random.Random) -> str:
    """Put something into the schema, or change it."""
    statement = rng.choice(SCHEMAS + MASTER)
    change(path, (statement, ()))
    return statement[:90]


def _lie(path: Path, rng: random.Random) -> str:
    """Have sizes, kinds and names say what is not so."""
    statement = rng.choice(LIES)
    change(path, (statement, ()))
    return statement[:90]


def _cell(path: Path, rng: random.Random) -> str:
    """Put a value of any kind into any column of any row."""
    connection = sqlite3.connect(path)
    tables = [name for (name,) in connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
    table = rng.choice(tables)
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    column, value = rng.choice(columns), rng.choice(HOSTILE_SQL)
    keys = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[5]]
    rows = connection.execute(f"SELECT {', '.join(keys)} FROM {table}").fetchall()
    connection.close()
    where, values = "1", ()
    if rows and rng.random() < 0.7:
        where, values = " AND ".join(f"{key} = ?" for key in keys), rng.choice(rows)
    change(path, (f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {where}", (value, *values)))
    return f"{table}.{column} = {str(value)[:30]!r}"


def _json(path: Path, rng: random.Random) -> str:
    """Change what stands in a column of JSON, somewhere within it."""
    table = rng.choice(list(JSON_COLUMNS))
    column = rng.choice(JSON_COLUMNS[table])
    key = "name" if table == "settings" else "id"
    connection = sqlite3.connect(path)
    rows = connection.execute(f"SELECT {key}, {column} FROM {table}").fetchall()
    connection.close()
    number, body = rng.choice(rows)
    new, what = damaged_json(body, rng)
    change(path, (f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (new, number)))
    return f"{table}.{column} of {number}: {what}"


def damaged_json(body: str, rng: random.Random) -> tuple[str, str]:
    """Return a JSON text with something else at some place in it, and what."""
    if rng.random() < 0.1:
        place = rng.randrange(len(body) + 1)
        new = rng.choice(("", ",", "}", "\0", "1e", "]]"))
        return body[:place] + new + body[place + 1 :], "cut"
    value = json.loads(body)
    mark = "\ue000mark\ue000"
    path = []
    holder: Any = [value]
    at: Any = 0
    while isinstance(inner := holder[at], (dict, list)) and inner and rng.random() < 0.85:
        holder = inner
        at = rng.choice(list(inner) if isinstance(inner, dict) else range(len(inner)))
        path.append(at)
    if path and rng.random() < 0.15:
        del holder[at]
        return json.dumps(value), f"without {path}"
    new = rng.choice(HOSTILE_JSON)
    if not path:
        return new, new[:40]
    holder[at] = mark
    return json.dumps(value).replace(json.dumps(mark), new), f"{path} = {new[:40]}"


def _numbers(path: Path, rng: random.Random) -> str:
    """Change the numbers of an array, its check sums right: they may be any."""
    connection = sqlite3.connect(path)
    rows = connection.execute(
        "SELECT c.array_id, c.position, a.dtype, c.data FROM chunks c JOIN arrays a "
        "ON a.id = c.array_id WHERE length(c.data) > 0").fetchall()
    connection.close()
    array_id, position, dtype, data = rng.choice(rows)
    values = np.frombuffer(data, np.dtype(dtype)).copy()
    new = _odd_numbers(values, rng)
    changed = new.tobytes()
    change(path, ("UPDATE chunks SET data = ?, crc = ? WHERE array_id = ? AND position = ?",
                  (changed, zlib.crc32(changed), array_id, position)))
    return f"array {array_id} of {dtype}"


def _odd_numbers(values: np.ndarray[Any, Any], rng: random.Random) -> np.ndarray[Any, Any]:
    """Return numbers some or all of which are not what they should be."""
    if values.dtype.kind == "f":
        odd: tuple[Any, ...] = (np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, 0)
    elif values.dtype.kind in "iu":
        bounds = np.iinfo(values.dtype)
        odd = (bounds.min, bounds.max, 0, 1, bounds.max // 2, 77)
    else:
        odd = (True, False)
    kind = rng.randrange(4)
    if kind == 0:
        values[rng.randrange(values.size)] = rng.choice(odd)
    elif kind == 1:
        values[:] = rng.choice(odd)
    elif kind == 2:
        values = values[::-1].copy()
    else:
        raw = np.frombuffer(rng.randbytes(values.nbytes), values.dtype).copy()
        values = raw if values.dtype.kind != "b" else values
    return values


# Model files


class Canary:
    """Executes something where it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Have ``open`` make a file."""
        return open, ("canary", "w")


def damage_model(path: Path, rng: random.Random) -> str:
    """Damage a model file; return how."""
    damage = rng.choice((_model_bytes, _model_card, _model_card, _model_card, _model_array,
                         _model_array, _model_array, _model_header, _model_names, _model_bomb))
    return damage(path, rng)


def _members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _write_members(path: Path, members: dict[str, bytes], *, is_packed: bool = False) -> None:
    kind = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", kind) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def saved(array: Any, **options: Any) -> bytes:
    """Return an array as NumPy writes it."""
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def _model_bytes(path: Path, rng: random.Random) -> str:
    path.write_bytes(damaged_bytes(path.read_bytes(), rng))
    return "bytes"


def _model_card(path: Path, rng: random.Random) -> str:
    """Change the card somewhere within."""
    members = _members(path)
    card = np.load(io.BytesIO(members["card.npy"])).tobytes().decode()
    new, what = damaged_json(card, rng)
    members["card.npy"] = saved(np.frombuffer(new.encode("utf-8", "surrogatepass"), np.uint8))
    _write_members(path, members)
    return f"card: {what}"


def _model_array(path: Path, rng: random.Random) -> str:
    """Change an array's numbers, kind or shape, or leave it out."""
    members = _members(path)
    name = rng.choice([each for each in members if each != "card.npy"])
    array = np.load(io.BytesIO(members[name]))
    kind = rng.randrange(6)
    if kind == 0:
        del members[name]
    elif kind == 1:
        members[name] = saved(array.astype(rng.choice(("f8", "i8", "U3", "c8", "?", "i4", "u1"))))
    elif kind == 2:
        members[name] = saved(rng.choice((
            array[:-1], array[..., None], array.reshape(-1), array[:0], array.T,
            np.asfortranarray(array), np.concatenate([array, array]), array.astype(">f4"))))
    elif kind == 3:
        members[name] = saved(np.array([Canary()], dtype=object), allow_pickle=True)
    else:
        members[name] = saved(_odd_numbers(array.copy().reshape(-1), rng).reshape(array.shape))
    _write_members(path, members)
    return f"array {name}, {kind}"


def _model_header(path: Path, rng: random.Random) -> str:
    """Have an array's header say something else than what follows."""
    members = _members(path)
    name = rng.choice(list(members))
    shape, kind = rng.choice((
        ("(1000000000000,)", "<f4"), ("(1000000, 1000000)", "<f4"), ("(0, 1000000000000)", "<f4"),
        ("(-1,)", "<f4"), ("(2**70,)", "<f4"), ("(3,)", "|O"), ("(3,)", "V1000000000"),
        ("(" + "1," * 70 + ")", "<f4"), ("__import__('os').mkdir('canary')", "<f4"),
        ("(3.5,)", "<f4"), ("()", "<f4"), ("(9223372036854775807,)", "<u1")))
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (64 - (len(header) + 11) % 64) + b"\n"
    members[name] = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 99
    _write_members(path, members)
    return f"header of {name}: {shape[:30]} {kind}"


def _model_names(path: Path, rng: random.Random) -> str:
    """Have members of other names."""
    members = _members(path)
    new = rng.choice(("../canary.npy", "/tmp/canary.npy", "canary", "..\\canary.npy", "a/b/c.npy",
                      "card", "/", "user_factors", "x" * 60_000, "line\nline.npy", "\x1b[31m.npy"))
    if rng.random() < 0.5:
        members[new] = members.pop(rng.choice(list(members)))
    else:
        members[new] = rng.choice(list(members.values()))
    _write_members(path, members)
    return f"member {new[:30]!r}"


def _model_bomb(path: Path, rng: random.Random) -> str:
    """Have a member that expands a thousand times, or say so."""
    members = _members(path)
    name = rng.choice([*members, "more.npy"])
    members[name] = saved(np.zeros(rng.choice((2_000_000, 20_000_000)), rng.choice(("u1", "f4"))))
    _write_members(path, members, is_packed=True)
    if rng.random() < 0.4:  # and it says of itself that it is small
        content = bytearray(path.read_bytes())
        for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
            place = content.find(mark)
            while place >= 0:
                content[place + at : place + at + 4] = struct.pack("<I", 100)
                place = content.find(mark, place + 4)
        path.write_bytes(bytes(content))
    return f"bomb in {name}"
