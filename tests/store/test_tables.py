"""Tables as CSV and Parquet: what is written reads back the same."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import TextArray
from mfgui.errors import CancelledError, DataError, StorageError
from mfgui.store import arrow_stream
from mfgui.store.columns import Block, Coded, Column
from mfgui.store.exports import guarded
from mfgui.store.parquet_table import _reason
from mfgui.store.tables import is_parquet, write_table

NASTY = ["007", "7", "=cmd()", "a,b", 'say "hi"', "two\nlines", "cr\rlf\r\n", "<script>",
         "@SUM(A1)", "\ttab", "+1", "-1", "'quoted'", " blank ", "ünï 漢字 😀", "a;b", '"', "",
         "NULL", "1e5"]
COLUMNS = (Column("user", "text"), Column("rank", "whole"), Column("x, y", "number"))


def texts(names: list[str]) -> TextArray:
    return TextArray.from_strings(names)


def blocks_of(n_rows: int, size: int, names: list[str] = NASTY) -> Iterator[Block]:
    """Yield rows whose every value follows from their number."""
    ids = texts(names)
    for begin in range(0, n_rows, size):
        k = np.arange(begin, min(begin + size, n_rows))
        yield (Coded((k % len(names)).astype(np.int32), ids), k - 5,
               (k / 7).astype(np.float32))


def written(path: Path, blocks: Iterator[Block], n_threads: int = 1, **how: Any) -> int:
    with WorkerPool(n_threads) as pool:
        return write_table(path, COLUMNS, blocks, pool=pool, control=Control(), **how)


def read_csv(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def read_parquet(path: Path, order: str = "") -> list[tuple[Any, ...]]:
    return duckdb.execute(f"SELECT * FROM read_parquet(?) {order}", [str(path)]).fetchall()


def test_ids_of_every_kind_read_back_from_csv(tmp_path: Path) -> None:
    assert written(tmp_path / "t.csv", blocks_of(45, 10)) == 45
    header, *rows = read_csv(tmp_path / "t.csv")
    assert header == ["user", "rank", "x, y"]
    assert [row[0] for row in rows] == [NASTY[k % len(NASTY)] for k in range(45)]
    assert [int(row[1]) for row in rows] == [k - 5 for k in range(45)]
    assert [np.float32(row[2]) for row in rows] == [np.float32(k / 7) for k in range(45)]


def test_fields_are_quoted_as_python_quotes_them(tmp_path: Path) -> None:
    names = [name for name in NASTY if name]  # of an empty one alone Python has its own way
    written(tmp_path / "ours.csv", blocks_of(len(names), 7, names))
    with (tmp_path / "theirs.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([column.name for column in COLUMNS])
        writer.writerows((name, k - 5, _plain(np.float32(k / 7))) for k, name in enumerate(names))
    assert (tmp_path / "ours.csv").read_bytes() == (tmp_path / "theirs.csv").read_bytes()


def _plain(value: np.float32) -> str:
    """Return NumPy's shortest digits; a whole number without a fraction."""
    return np.format_float_positional(value, trim="-")


def test_ids_of_every_kind_read_back_from_parquet_as_text(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    assert written(path, blocks_of(45, 10)) == 45
    assert read_parquet(path) == [
        (NASTY[k % len(NASTY)], k - 5, float(np.float32(k / 7))) for k in range(45)]
    described = duckdb.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    assert [row[1] for row in described] == ["VARCHAR", "BIGINT", "FLOAT"]


def test_another_reader_of_parquet_finds_the_same(tmp_path: Path) -> None:
    polars = pytest.importorskip("polars", reason="the extra bench is not installed")
    written(tmp_path / "t.parquet", blocks_of(300_000, 70_000))
    frame = polars.read_parquet(tmp_path / "t.parquet")
    assert frame["rank"].to_list() == list(range(-5, 299_995))
    assert frame["user"].to_list()[:40] == (NASTY * 2)[:40]
    assert frame["x, y"].dtype == polars.Float32


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_the_same_bytes_for_any_number_of_threads(ending: str, tmp_path: Path) -> None:
    for n_threads in (1, 2, 5):
        written(tmp_path / f"{n_threads}.{ending}", blocks_of(150_000, 40_000), n_threads)
    contents = {(tmp_path / f"{n}.{ending}").read_bytes() for n in (1, 2, 5)}
    assert len(contents) == 1


def test_what_a_spreadsheet_may_run_is_guarded_where_that_is_asked_for(tmp_path: Path) -> None:
    names = ["=cmd()", "+1", "-1", "@x", "\tt", "\rr", "a=b", "'x", "=a,\"b\""]
    written(tmp_path / "t.csv", blocks_of(len(names), 100, names), guards_formulas=True)
    rows = read_csv(tmp_path / "t.csv")[1:]
    assert [row[0] for row in rows] == ["'=cmd()", "'+1", "'-1", "'@x", "'\tt", "'\rr", "a=b", "'x",
                                        "'=a,\"b\""]
    assert [row[0] for row in rows] == [guarded(name) for name in names]
    assert rows[0][1] == "-5"  # numbers are no formulas
    written(tmp_path / "t.parquet", blocks_of(len(names), 100, names), guards_formulas=True)
    assert [row[0] for row in read_parquet(tmp_path / "t.parquet")] == names


def test_numbers_read_back_to_the_same_bits(tmp_path: Path) -> None:
    bits = np.random.default_rng(3).integers(0, 2**32, 100_000, dtype=np.uint64)
    edges = [0, 1 << 31, 1, 0x7F7FFFFF, 0x00800000, 0x007FFFFF, 0x7F800000, 0xFF800000]
    values = np.concatenate([bits, np.array(edges, np.uint64)]).astype(np.uint32).view(np.float32)
    decimals = np.round(np.arange(-5000, 5000) / 100, 2).astype(np.float32)
    values = np.concatenate([values[~np.isnan(values)], decimals])
    with WorkerPool(2) as pool:
        write_table(tmp_path / "n.csv", [Column("x", "number")], iter([(values,)]), pool=pool,
                    control=Control())
    lines = (tmp_path / "n.csv").read_text().split()[1:]
    with np.errstate(over="ignore"):
        back = np.array([np.float32(line) for line in lines])
    assert np.array_equal(back.view(np.uint32), values.view(np.uint32))
    assert lines[-1] == "49.99"
    # Rarely there is a shorter one that the search for seven digits passes over.
    longest = [line for line, value in zip(lines, values, strict=True)
               if len(line) > len(str(value)) + 1]
    assert len(longest) < len(lines) / 100
    assert max(map(len, lines)) <= 16


def test_wide_tables_and_empty_ones_are_written(tmp_path: Path) -> None:
    values = np.arange(35, dtype=np.float32).reshape(7, 5)
    columns = [Column(f"factor_{k}", "number") for k in range(5)]
    for ending in ("csv", "parquet"):
        with WorkerPool(1) as pool:
            write_table(tmp_path / f"w.{ending}", columns, iter([(values[:4],), (values[4:],)]),
                        pool=pool, control=Control())
        assert written(tmp_path / f"e.{ending}", iter(())) == 0
    assert read_csv(tmp_path / "w.csv")[-1] == ["30", "31", "32", "33", "34"]
    assert read_parquet(tmp_path / "w.parquet")[-1] == (30, 31, 32, 33, 34)
    assert read_csv(tmp_path / "e.csv") == [["user", "rank", "x, y"]]
    assert read_parquet(tmp_path / "e.parquet") == []


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_stopped_nothing_is_left_and_what_stood_there_stays(ending: str, tmp_path: Path) -> None:
    control, path = Control(), tmp_path / f"t.{ending}"
    path.write_text("before")

    def stopping() -> Iterator[Block]:
        for position, block in enumerate(blocks_of(900_000, 100_000)):
            if position == 5:
                control.stop()
            yield block

    with WorkerPool(2) as pool, pytest.raises(CancelledError):
        write_table(path, COLUMNS, stopping(), pool=pool, control=control)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "before"
    assert not arrow_stream.held()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_the_rows_raise_is_raised(ending: str, tmp_path: Path) -> None:
    def failing() -> Iterator[Block]:
        yield from blocks_of(10, 10)
        raise DataError("line 11: no pair")

    with pytest.raises(DataError, match="line 11"):
        written(tmp_path / f"t.{ending}", failing())
    assert not list(tmp_path.iterdir())
    assert not arrow_stream.held()


@pytest.mark.parametrize("name", ["it's a [1] 100% *.{}", "a\\b.{}", "ä?.{}", "x.{}.{}"])
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_files_of_any_name_are_written(name: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / name.format(ending, ending)
    assert written(path, blocks_of(20, 20)) == 20
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert path.stat().st_size > 100


def test_a_place_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    for ending in ("csv", "parquet"):
        with pytest.raises(StorageError, match="could not be written"):
            written(tmp_path / "no" / f"t.{ending}", blocks_of(20, 20))
        with pytest.raises(StorageError, match="is a folder"):
            written(tmp_path, blocks_of(20, 20))


def test_ids_that_are_no_utf8_are_written_as_they_are_shown(tmp_path: Path) -> None:
    """A damaged model file may hold them: they are shown with replacement signs."""
    broken = TextArray(np.frombuffer(b"ok\xff\xfez\xc3", np.uint8).copy(),
                       np.array([0, 2, 5, 6], np.int64))
    block: Block = (Coded(np.arange(3, dtype=np.int32), broken), np.arange(3),
                    np.zeros(3, np.float32))
    written(tmp_path / "t.parquet", iter([block]))
    assert [row[0] for row in read_parquet(tmp_path / "t.parquet")] == list(broken)
    written(tmp_path / "t.csv", iter([block]))
    assert [row[0] for row in read_csv(tmp_path / "t.csv")[1:]] == list(broken)


def test_the_format_follows_the_ending() -> None:
    assert [is_parquet(name) for name in ("a.parquet", "a.PQ", "a.csv", "a.txt", "parquet")] == [
        True, True, False, False, False]


def test_why_parquet_could_not_be_written_is_told_in_the_systems_words() -> None:
    background = duckdb.IOException(
        'IO Error: Async write failed for range [offset=492540, size=983097]: {"exception_type":'
        '"IO","exception_message":"Could not write file \\"/tmp/a.parquet\\": No space left on '
        'device","errno":"28"}')
    plain = duckdb.IOException('IO Error: Cannot open file "/a/b": No such file or directory')
    assert _reason(background) == "No space left on device"
    assert _reason(plain) == "No such file or directory"
