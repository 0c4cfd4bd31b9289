"""SQLite: the table of ratings, whatever else and whatever code the database holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mfgui.core.control import Control
from mfgui.data.options import ReadOptions
from mfgui.data.reader import look_at_file, open_ratings
from mfgui.errors import CancelledError


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that runs statements and returns the file."""

    def run(*statements: str, rows: list[tuple[Any, ...]] | None = None) -> Path:
        file = tmp_path / "x.db"
        connection = sqlite3.connect(file)
        for statement in statements:
            connection.execute(statement)
        if rows is not None:
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f"INSERT INTO ratings VALUES ({marks})", rows)
        connection.commit()
        connection.close()
        return file

    return run


TABLE = "CREATE TABLE ratings (user_id, item_id, rating)"


def test_values_of_any_type_are_read(
    make: Callable[..., Path], triples_of: Callable[..., Any]
) -> None:
    file = make(TABLE, rows=[
        ("007", 7.0, 3), (7, "a\n\"b\"", "4.5"), (b"\xc3\xa9", 8.25, 2.0), (None, 1, 1),
        (1, 1, None), (1, 2, "good"), ("x" * 5000, 3, 1)])
    triples, report = triples_of(file)
    assert triples == [("007", "7", 3.0), ("7", 'a\n"b"', 4.5), ("é", "8.25", 2.0),
                       ("x" * 5000, "3", 1.0)]
    assert dict(report.losses) == {
        "continued": 1, "the user id is empty": 1, "missing": 1, "rating is not a number": 1}


def test_the_table_of_ratings_is_found_among_others(
    make: Callable[..., Path], triples_of: Callable[..., Any]
) -> None:
    file = make("CREATE TABLE items (item_id, title)", "CREATE TABLE users (user_id, name)", TABLE,
                rows=[(1, 2, 3)])
    assert triples_of(file)[0] == [("1", "2", 3.0)]
    look = look_at_file(file)
    assert look.parts == ("items", "ratings", "users")
    assert look.options.part == "ratings"
    assert not look.doubts


def test_of_several_tables_of_ratings_one_is_doubtful(
    make: Callable[..., Path], triples_of: Callable[..., Any], refusal: Callable[..., str]
) -> None:
    file = make("CREATE TABLE a (user_id, item_id, rating)", "INSERT INTO a VALUES (8, 8, 1)",
                TABLE, rows=[(1, 2, 3)])
    assert look_at_file(file).doubts
    assert triples_of(file)[0] == [("1", "2", 3.0)]
    assert triples_of(file, part="A")[0] == [("8", "8", 1.0)]
    assert "no table 'b'" in refusal(file, part="b")


def test_without_a_table_of_ratings_the_tables_are_named(
    make: Callable[..., Path], refusal: Callable[..., str], tmp_path: Path
) -> None:
    assert "--part (x, y)" in refusal(make("CREATE TABLE x (a, b)", "CREATE TABLE y (c, d)"))
    empty = tmp_path / "empty.db"
    connection = sqlite3.connect(empty)
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    assert "no table" in refusal(empty)


def test_nothing_is_written_beside_a_database_in_wal_mode(
    make: Callable[..., Path], triples_of: Callable[..., Any]
) -> None:
    file = make("PRAGMA journal_mode = WAL", TABLE, rows=[(1, 2, 3)])
    before = sorted(path.name for path in file.parent.iterdir())
    content = file.read_bytes()
    assert triples_of(file)[0] == [("1", "2", 3.0)]
    assert sorted(path.name for path in file.parent.iterdir()) == before
    assert file.read_bytes() == content


def test_changes_that_are_not_in_the_file_yet_are_read_from_beside_it(
    make: Callable[..., Path], triples_of: Callable[..., Any]
) -> None:
    file = make("PRAGMA journal_mode = WAL", TABLE, rows=[(1, 2, 3)])
    connection = sqlite3.connect(file)
    connection.execute("INSERT INTO ratings VALUES (4, 5, 1)")
    connection.commit()
    beside = Path(f"{file}-wal").read_bytes()
    try:
        assert triples_of(file)[0] == [("1", "2", 3.0), ("4", "5", 1.0)]
        assert Path(f"{file}-wal").read_bytes() == beside
    finally:
        connection.close()


def test_code_in_a_schema_does_nothing(
    make: Callable[..., Path], triples_of: Callable[..., Any], refusal: Callable[..., str]
) -> None:
    file = make(
        "CREATE TABLE log (user_id, item_id, note)",
        "CREATE TABLE ratings (user_id, item_id, rating, "
        "title AS (hex(zeroblob(100000))) VIRTUAL)",
        "INSERT INTO ratings VALUES (1, 2, 3)",
        "CREATE TRIGGER t AFTER INSERT ON ratings BEGIN INSERT INTO log VALUES (1, 1, 1); END",
        "CREATE VIEW endless AS WITH RECURSIVE n(user_id) AS (SELECT 1 UNION ALL SELECT user_id + 1"
        " FROM n) SELECT user_id, 1 AS item_id, 1 AS rating FROM n",
        "CREATE VIEW reading AS SELECT readfile('/etc/passwd') AS user_id, 1 AS item_id, "
        "1 AS rating",
        "CREATE VIRTUAL TABLE found USING fts5(user_id, item_id, rating)")
    triples, _ = triples_of(file, part="ratings")
    assert triples == [("1", "2", 3.0)]
    for name in ("endless", "reading", "found"):
        assert "no table" in refusal(file, part=name)
        assert name not in look_at_file(file).parts


def test_names_that_look_like_sql_are_names_of_tables(
    make: Callable[..., Path], triples_of: Callable[..., Any]
) -> None:
    file = make('CREATE TABLE "r""; DROP TABLE ratings; --" (user_id, "item_id", "ra""ting")',
                'INSERT INTO "r""; DROP TABLE ratings; --" VALUES (1, 2, 3)')
    assert triples_of(file)[0] == [("1", "2", 3.0)]


def test_damaged_and_encrypted_databases_are_told(
    make: Callable[..., Path], refusal: Callable[..., str]
) -> None:
    file = make(TABLE, rows=[(k, k, 1) for k in range(5000)])
    content = file.read_bytes()
    file.write_bytes(content[:16] + bytes(k * 37 % 251 for k in range(8000)))
    assert "damaged" in refusal(file)
    file.write_bytes(content[: len(content) // 2])
    assert "damaged" in refusal(file)


def test_cancel_ends_a_statement_that_runs(make: Callable[..., Path]) -> None:
    file = make(TABLE, rows=[(k, k, "x" * 100) for k in range(100)])

    class StopsAtFifth(Control):
        n_looks = 0

        def checkpoint(self) -> None:
            self.n_looks += 1
            if self.n_looks == 5:
                self.stop()
            super().checkpoint()

    with pytest.raises(CancelledError):
        open_ratings(file, ReadOptions(), StopsAtFifth())


def test_a_name_as_long_as_can_be_is_read(
    make: Callable[..., Path], triples_of: Callable[..., Any]
) -> None:
    file = make(TABLE, rows=[(1, 2, 3)])
    assert triples_of(file.rename(file.with_name("l" * 255)))[0] == [("1", "2", 3.0)]
