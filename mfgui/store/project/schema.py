"""What stands in a project file: the tables, and nothing else.

Values that may be any number (losses, errors) stand in columns without a declared type: SQLite
would turn -0.0 into 0. NaN, which SQLite takes for NULL, is a blob of its eight bytes. Plain values
are JSON text. Arrays lie in chunks, so that none has to be in memory twice.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

APPLICATION_ID = 0x6D666775
"""The letters ``mfgu`` as a number, at byte 68 of the file."""

VERSION = 2
"""Of the tables: ``PRAGMA user_version``. What led from one to the next: ``migrate``."""

PAGE_BYTES = 8192
CHUNK_BYTES = 4 << 20
LONGEST_JSON = 32 << 20
"""In letters."""

RECORD_FIELDS = (
    "epoch", "segment", "is_refit", "loss", "data_term", "train_rmse", "validation_rmse",
    "test_rmse", "train_seconds", "learning_rate", "rate_limit", "average_rmse", "validation_ndcg",
    "validation_precision", "validation_recall", "test_ndcg", "test_precision", "test_recall",
)
"""Of ``EpochRecord``, the columns of ``records`` behind the run."""

TABLES = {
    "counters": """CREATE TABLE counters (
    name TEXT PRIMARY KEY NOT NULL,
    value INTEGER NOT NULL
) WITHOUT ROWID""",
    "settings": """CREATE TABLE settings (
    name TEXT PRIMARY KEY NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID""",
    "sources": """CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    path TEXT NOT NULL,
    name TEXT NOT NULL,
    checksum TEXT NOT NULL,
    options TEXT NOT NULL,
    report TEXT NOT NULL,
    n_users INTEGER NOT NULL,
    n_items INTEGER NOT NULL,
    n_ratings INTEGER NOT NULL,
    has_ratings INTEGER NOT NULL,
    is_test INTEGER NOT NULL
)""",
    "runs": """CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    is_starred INTEGER NOT NULL,
    is_ticked INTEGER NOT NULL,
    is_deleted INTEGER NOT NULL,
    solver TEXT NOT NULL,
    settings TEXT NOT NULL,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    test_source_id INTEGER REFERENCES sources (id),
    created REAL NOT NULL,
    ended REAL,
    status TEXT NOT NULL,
    summary TEXT NOT NULL,
    card TEXT NOT NULL,
    continued_from INTEGER,
    origin TEXT NOT NULL
)""",
    "tallies": """CREATE TABLE tallies (
    run_id INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    n_records INTEGER NOT NULL,
    best_validation_rmse
)""",
    "records": f"""CREATE TABLE records (
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    {", ".join(RECORD_FIELDS)},
    PRIMARY KEY (run_id, segment, epoch, is_refit)
) WITHOUT ROWID""",
    "notices": """CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    epoch INTEGER,
    remedy TEXT NOT NULL,
    remedy_settings TEXT NOT NULL
)""",
    "entries": """CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    run_id INTEGER REFERENCES runs (id) ON DELETE CASCADE,
    created REAL NOT NULL,
    body TEXT NOT NULL
)""",
    "trees": """CREATE TABLE trees (
    id INTEGER PRIMARY KEY,
    run_id INTEGER REFERENCES runs (id) ON DELETE CASCADE,
    source_id INTEGER REFERENCES sources (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    skeleton TEXT NOT NULL,
    UNIQUE (run_id, role),
    UNIQUE (source_id, role)
)""",
    "arrays": """CREATE TABLE arrays (
    id INTEGER PRIMARY KEY,
    dtype TEXT NOT NULL,
    shape TEXT NOT NULL,
    n_bytes INTEGER NOT NULL
)""",
    "tree_arrays": """CREATE TABLE tree_arrays (
    tree_id INTEGER NOT NULL REFERENCES trees (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    array_id INTEGER NOT NULL REFERENCES arrays (id),
    PRIMARY KEY (tree_id, position)
) WITHOUT ROWID""",
    "chunks": """CREATE TABLE chunks (
    array_id INTEGER NOT NULL REFERENCES arrays (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (array_id, position)
)""",
}
INDICES = {
    "notices_run": "CREATE INDEX notices_run ON notices (run_id)",
    "entries_run": "CREATE INDEX entries_run ON entries (run_id)",
    "runs_source": "CREATE INDEX runs_source ON runs (source_id)",
    "runs_test_source": "CREATE INDEX runs_test_source ON runs (test_source_id)",
    "tree_arrays_array": "CREATE INDEX tree_arrays_array ON tree_arrays (array_id)",
}


@dataclass(frozen=True)
class SchemaObject:
    """One row of ``sqlite_master``; ``sql`` is "" where SQLite made it by itself."""

    kind: str
    name: str
    table: str
    sql: str


def create_tables(connection: sqlite3.Connection) -> None:
    """Make all tables in an empty database, within the transaction that is open."""
    for statement in (*TABLES.values(), *INDICES.values()):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def schema_of(connection: sqlite3.Connection) -> set[SchemaObject]:
    """Return every object that a database declares."""
    rows = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    return {SchemaObject(str(kind), str(name), str(table), sql if isinstance(sql, str) else "")
            for kind, name, table, sql in rows}


def expected_schema() -> set[SchemaObject]:
    """Return every object that a project of this version declares."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        create_tables(connection)
        return schema_of(connection)
    finally:
        connection.close()
