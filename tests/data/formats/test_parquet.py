"""Parquet: types as ids, NULL as missing, one file and no other."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from mfgui.data.formats.parquet import ranges_of
from mfgui.data.options import ReadOptions
from mfgui.data.reader import look_at_file, open_ratings


def write(path: Path, select: str, how: str = "FORMAT parquet") -> Path:
    plain = path.with_name("written.parquet")  # DuckDB would take a [ for a pattern
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{plain}' ({how})")
    return plain.rename(path)


def test_whole_numbers_are_ids_without_a_fraction(
    tmp_path: Path, triples_of: Callable[..., Any]
) -> None:
    file = write(tmp_path / "x.parquet", """
        SELECT * FROM (VALUES (7.0::DOUBLE, 1::DECIMAL(9, 0), 3::TINYINT), (8.5, 2, 4))
        AS t(user_id, item_id, rating)""")
    assert triples_of(file)[0] == [("7", "1", 3.0), ("8.5", "2", 4.0)]


def test_text_of_any_kind_stays_as_it_is(tmp_path: Path, triples_of: Callable[..., Any]) -> None:
    file = write(tmp_path / "x.parquet", """
        SELECT * FROM (VALUES ('007', 'a "b", c', 1.5), ('é' || chr(31), 'x' || chr(10) || 'y', 2),
        ('7', '', 3), ('8', ' z ', 4)) AS t(user_id, item_id, rating)""")
    triples, report = triples_of(file)
    assert triples == [("007", 'a "b", c', 1.5), ("é\x1f", "x\ny", 2.0), ("8", "z", 4.0)]
    assert dict(report.losses) == {"continued": 1, "the item id is empty": 1}
    assert report.n_trimmed == 1


def test_null_and_nan_are_missing(tmp_path: Path, triples_of: Callable[..., Any]) -> None:
    file = write(tmp_path / "x.parquet", """
        SELECT * FROM (VALUES (1, 1, 5.0::DOUBLE), (1, 2, NULL), (1, 3, 'nan'), (2, 1, 'inf'))
        AS t(user_id, item_id, rating)""")
    triples, report = triples_of(file)
    assert triples == [("1", "1", 5.0)]
    assert dict(report.losses) == {"missing": 2, "rating is not finite": 1}
    assert report.rejected[0].line == 4


def test_times_are_seconds_since_1970_whatever_their_type(tmp_path: Path) -> None:
    file = write(tmp_path / "x.parquet", """
        SELECT 1 AS user_id, i AS item_id, 3 AS rating,
        TIMESTAMPTZ '2005-01-31 10:00:00+00' + i * INTERVAL 1 DAY AS timestamp FROM range(2) t(i)
        """)
    ratings, report = open_ratings(file)
    assert ratings.time is not None
    assert ratings.time.tolist() == [1107165600.0, 1107165600.0 + 86400]
    assert report.has_times


def test_text_in_bytes_is_text(tmp_path: Path, triples_of: Callable[..., Any]) -> None:
    file = write(tmp_path / "x.parquet", """
        SELECT encode('u' || i) AS user_id, i AS item_id, true AS rating FROM range(2) t(i)""")
    assert triples_of(file)[0] == [("u0", "0", 1.0), ("u1", "1", 1.0)]


def test_rows_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    file = write(tmp_path / "x.parquet", """
        SELECT (i * 7919) % 1000003 AS user_id, i % 10 AS item_id, 1 AS rating
        FROM range(450000) t(i)""", "FORMAT parquet, ROW_GROUP_SIZE 30000")
    ratings, report = open_ratings(file)
    assert report.n_ratings == 450_000
    assert [ratings.user_ids[k] for k in (1, 1000, 449_999)] == [
        str(k * 7919 % 1000003) for k in (1, 1000, 449_999)]


def test_a_pattern_in_the_name_reads_this_file_alone(
    tmp_path: Path, triples_of: Callable[..., Any]
) -> None:
    write(tmp_path / "a1.parquet", "SELECT 666 AS user_id, 1 AS item_id, 1 AS rating")
    names = ["a[1].parquet", "a*.parquet", "a?.parquet", "it's.parquet", "user=9"]
    for name in names if os.name == "posix" else names[3:]:
        file = write(tmp_path / name, "SELECT 1 AS user_id, 2 AS item_id, 3 AS rating")
        assert triples_of(file)[0] == [("1", "2", 3.0)]


def test_a_folder_named_like_a_column_adds_none(
    tmp_path: Path, triples_of: Callable[..., Any]
) -> None:
    folder = tmp_path / "user_id=9"
    folder.mkdir()
    file = write(folder / "x.parquet", "SELECT 1 AS u, 2 AS i, 3 AS r")
    triples, report = triples_of(file)
    assert triples == [("1", "2", 3.0)]
    assert report.doubts


def test_names_that_look_like_sql_are_names(tmp_path: Path, triples_of: Callable[..., Any]) -> None:
    file = write(tmp_path / "x.parquet", """
        SELECT 1 AS "user_id", 2 AS "item""); DROP TABLE x; --", 3 AS rating""")
    assert triples_of(file, columns=["user", "item", "rating"])[0] == [("1", "2", 3.0)]


def test_columns_are_chosen_by_name_or_number(
    tmp_path: Path, triples_of: Callable[..., Any], refusal: Callable[..., str]
) -> None:
    file = write(tmp_path / "x.parquet", "SELECT 5 AS a, 6 AS b, 7 AS c, 8 AS d")
    assert triples_of(file, columns="user=d,item=2,rating=A")[0] == [("8", "6", 5.0)]
    assert "no column" in refusal(file, columns="user=a,item=b,rating=x")
    assert "no column 9" in refusal(file, columns="user=a,item=b,rating=9")
    assert "wide" in refusal(file, columns="user=a,items=2-3")


def test_without_ratings_every_row_is_one(tmp_path: Path, triples_of: Callable[..., Any]) -> None:
    file = write(tmp_path / "x.parquet", "SELECT 'u' AS user_id, 'i' AS item_id, 'x' AS genre")
    triples, report = triples_of(file)
    assert triples == [("u", "i", 1.0)]
    assert report.doubts


def test_a_look_takes_the_first_rows_only(tmp_path: Path) -> None:
    file = write(tmp_path / "x.parquet", """
        SELECT i AS user_id, i AS item_id, NULL AS rating, repeat('x', 1000) AS note
        FROM range(5000) t(i)""")
    look = look_at_file(file, ReadOptions())
    assert len(look.rows) == 100
    assert look.rows[1][:3] == ("1", "1", "")
    assert max(len(text) for row in look.rows for text in row) <= 200


@pytest.mark.parametrize(("sizes", "ranges"), [
    ([], []), ([10], [(0, 10)]), ([60, 60], [(0, 60), (60, 120)]),
    ([30, 30, 30], [(0, 90)]), ([350], [(0, 100), (100, 200), (200, 350)]),
    ([0, 5], [(0, 5)]),
])
def test_ranges_cover_all_rows(sizes: list[int], ranges: list[tuple[int, int]]) -> None:
    assert list(ranges_of(sizes, 100)) == ranges


def test_a_damaged_file_is_refused_in_a_sentence(
    tmp_path: Path, refusal: Callable[..., str]
) -> None:
    file = write(tmp_path / "x.parquet", "SELECT 1 AS user_id, 2 AS item_id, 3 AS rating")
    content = file.read_bytes()
    for size in (4, 12, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:size])
        assert "damaged" in refusal(file)
