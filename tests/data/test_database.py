"""DuckDB is locked: to one file or none, without the network, without a way to unlock it."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import duckdb
import pytest

from mfgui.core.control import Control
from mfgui.data.database import Database, escaped, quoted, quoted_name
from mfgui.data.options import ReadOptions
from mfgui.data.reader import look_at_file, open_ratings
from mfgui.errors import CancelledError, DataError


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine[1].parquet"
    plain = tmp_path / "plain.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT 1 AS user_id, 2 AS item_id, 3 AS rating) TO '{plain}' (FORMAT parquet)")
    (tmp_path / "mine1.parquet").write_bytes(plain.read_bytes())
    return plain.rename(path)


def test_it_reads_the_one_file(mine: Path) -> None:
    with Database(mine, Control()) as database:
        rows = database.run("SELECT * FROM read_parquet(?)", [database.pattern]).fetchall()
    assert rows == [(1, 2, 3)]


FORBIDDEN = [
    "SELECT * FROM read_parquet('{folder}/mine1.parquet')",
    "SELECT * FROM read_parquet('{folder}/*.parquet')",
    "SELECT * FROM '{folder}/mine1.parquet'",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd', header = false)",
    "SELECT * FROM glob('{folder}/*')",
    "COPY (SELECT 1) TO '{folder}/written.csv'",
    "EXPORT DATABASE '{folder}/exported'",
    "ATTACH '{folder}/other.db' AS other",
    "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')",
    "SELECT * FROM read_csv('https://127.0.0.1:9/x.csv')",
    "INSTALL httpfs", "LOAD httpfs", "INSTALL '{folder}/x.duckdb_extension'",
    "SET enable_external_access = true", "SET lock_configuration = false",
    "SET allowed_paths = ['/etc/passwd']", "RESET lock_configuration",
    "PRAGMA enable_profiling='json'; PRAGMA profiling_output='{folder}/profile.json'",
    "SET temp_directory = '{folder}/spill'", "SET log_query_path = '{folder}/log.txt'",
    "CREATE SECRET (TYPE http, BEARER_TOKEN 'x')",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
@pytest.mark.parametrize("is_without_file", [False, True])
def test_nothing_else_can_be_read_written_or_unlocked(
    mine: Path, statement: str, is_without_file: bool
) -> None:
    before = sorted(path.name for path in mine.parent.iterdir())
    with Database(None if is_without_file else mine, Control()) as database, pytest.raises(
        duckdb.Error
    ):
        database.run(statement.format(folder=mine.parent)).fetchall()
    assert sorted(path.name for path in mine.parent.iterdir()) == before


HOSTILE = [
    "x'); COPY (SELECT 1) TO 'stolen.csv'; --.parquet", "*.parquet", "?.parquet", "[a-z].parquet",
    "x.parquet', 'mine1.parquet", "http:", "$(touch stolen).parquet", "x\n.parquet",
    "back\\slash[1].parquet", os.fsdecode(b"\xff\xfe.parquet"), "l" * 255,
]


@pytest.mark.skipif(os.name == "nt", reason="these are no file names on Windows")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_name_reads_its_own_file_and_writes_nothing(
    mine: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(mine.parent)
    file = mine.rename(mine.with_name(name))
    before = sorted(path.name for path in mine.parent.iterdir())
    kept = sorted(os.listdir(tempfile.gettempdir()))
    assert open_ratings(file)[1].n_ratings == 1
    assert sorted(path.name for path in mine.parent.iterdir()) == before
    assert [name for name in sorted(os.listdir(tempfile.gettempdir())) if name not in kept
            and name.startswith("mfgui-")] == []


@pytest.mark.parametrize("columns", [
    "user=user_id,item=item_id,rating=rating) FROM read_text('/etc/passwd') --",
    "user=\"; ATTACH 'x' --,item=2,rating=3", "user=1,item=2,rating=x'); INSTALL httpfs; --",
])
def test_a_hostile_option_is_only_a_name(mine: Path, columns: str) -> None:
    before = sorted(path.name for path in mine.parent.iterdir())
    for act in (open_ratings, look_at_file):
        with pytest.raises(DataError, match=r"no column|no kind of column"):
            act(mine, ReadOptions(columns=columns))
    assert sorted(path.name for path in mine.parent.iterdir()) == before


def test_hostile_fields_of_records_are_only_names(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    field = "', (SELECT content FROM read_text('/etc/passwd')), '"
    file.write_text(json.dumps({"user": 1, "item": 2, "rating": 3, field: 5}))
    ratings, _ = open_ratings(file, ReadOptions(columns={
        "user": "user", "item": field, "rating": "rating"}))
    assert list(ratings.item_ids) == ["5"]


def test_a_stop_interrupts_the_statement_that_runs() -> None:
    control = Control()
    control.when_stopped(lambda: None)
    with Database(None, control) as database:
        import threading

        timer = threading.Timer(0.1, control.stop)
        timer.start()
        with pytest.raises(CancelledError):
            database.run("SELECT sum(i * j) FROM range(1000000) a(i), range(1000000) b(j)"
                         ).fetchall()
        timer.join()


def test_texts_are_quoted() -> None:
    assert escaped("a[1]*?.csv") == "a[[]1][*][?].csv"
    assert quoted("it's") == "'it''s'"
    assert quoted_name('a "b"') == '"a ""b"""'
