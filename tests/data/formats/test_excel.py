"""Workbooks: a sheet is what a spreadsheet would save of it, and is not believed in its size."""

from __future__ import annotations

import builtins
import datetime
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from mfgui.core.control import Control
from mfgui.data.formats.workbook import in_background, text_of
from mfgui.data.options import ReadOptions
from mfgui.data.reader import look_at_file, open_ratings
from mfgui.errors import CancelledError

pytest.importorskip("python_calamine")


@pytest.fixture
def make(tmp_path: Path, makers: ModuleType) -> Callable[..., Path]:
    """Return a function that writes a workbook of sheets by name."""

    def write(**sheets: list[list[object]]) -> Path:
        file = tmp_path / "x.xlsx"
        file.write_bytes(makers.workbook(sheets))
        return file

    return write


LONG: list[list[object]] = [
    ["user", "item", "rating"], [7.0, "007", 3.5], ["é,\"", 8, 4], [9, 8, 1]]
TRIPLES = [("7", "007", 3.5), ('é,"', "8", 4.0), ("9", "8", 1.0)]


def test_a_long_sheet_gives_its_rows(
    make: Callable[..., Path], triples_of: Callable[..., Any]
) -> None:
    triples, report = triples_of(make(Ratings=LONG))
    assert triples == TRIPLES
    assert (report.format, report.noun, report.n_header_lines) == ("excel", "row", 1)
    assert report.how.startswith("Excel sheet Ratings, ")


def test_a_wide_sheet_gives_its_cells(
    make: Callable[..., Path], makers: ModuleType, triples_of: Callable[..., Any]
) -> None:
    table: list[list[object]] = [
        [float(text) if text.isdecimal() else text or None for text in row]
        for row in makers.wide_table(makers.CELLS)]
    triples, report = triples_of(make(Sheet1=table))
    assert sorted(triples) == sorted(makers.expected("excel"))
    assert report.noun == "cell"


def test_rows_and_columns_before_the_table_do_not_matter_to_its_lines(
    make: Callable[..., Path], triples_of: Callable[..., Any]
) -> None:
    moved = [[], [], *([None, None, *row] for row in LONG), [None, None, 5, None, "bad"]]
    triples, report = triples_of(make(Sheet1=moved))
    assert triples == TRIPLES
    assert report.rejected[0].line == 7


def test_the_sheet_of_ratings_is_found_and_can_be_chosen(
    make: Callable[..., Path], triples_of: Callable[..., Any], refusal: Callable[..., str]
) -> None:
    other = [["user", "item", "rating"], [1, 1, 1], [1, 2, 1]]
    file = make(Notes=[["just words"]], Empty=[], Data=LONG)
    assert triples_of(file)[0] == TRIPLES
    look = look_at_file(file)
    assert look.parts == ("Notes", "Empty", "Data")
    assert look.options.part == "Data"
    file = make(First=LONG, Second=other)
    assert look_at_file(file).doubts
    assert triples_of(file)[0] == TRIPLES
    assert len(triples_of(file, part="second")[0]) == 2
    assert "First, Second" in refusal(file, part="third")


def test_columns_can_be_chosen(make: Callable[..., Path], triples_of: Callable[..., Any]) -> None:
    file = make(Sheet1=[["a", "b", "c"], ["i1", 5, "u1"], ["i2", 4, "u2"]])
    assert triples_of(file, columns="user=c,item=a,rating=b")[0] == [
        ("u1", "i1", 5.0), ("u2", "i2", 4.0)]


@pytest.mark.parametrize(("cell", "text"), [
    (7.0, "7"), (7.25, "7.25"), (1e300, "1e+300"), (True, "1"), ("a\r\nb\nc", "a b c"), ("", ""),
    (datetime.date(2005, 1, 31), "2005-01-31"), (12, "12"),
    (datetime.datetime(2005, 1, 31, 10, 30), "2005-01-31 10:30:00"),
])
def test_cells_are_written_as_ids(cell: object, text: str) -> None:
    assert text_of(cell) == text


def test_without_the_package_one_sentence_says_how_to_get_it(
    make: Callable[..., Path], refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "python_calamine":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert 'pip install "mfgui[excel]"' in refusal(make(Ratings=LONG))


def test_one_cell_far_away_takes_no_room(
    make: Callable[..., Path], refusal: Callable[..., str]
) -> None:
    file = make(Ratings=LONG)
    content = replaced(file, b'<c r="B2"', b'<c r="XFD1048576"')
    file.write_bytes(content)
    assert "too large" in refusal(file)


def test_a_workbook_that_swells_is_refused(
    make: Callable[..., Path], refusal: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mfgui.data.formats.workbook_size.MOST_BYTES", 100_000)
    file = make(Ratings=LONG)
    file.write_bytes(replaced(file, b"</sheetData>", b" " * 200_000 + b"</sheetData>"))
    assert "too large" in refusal(file)


def replaced(file: Path, old: bytes, new: bytes) -> bytes:
    """Return a workbook with its first sheet changed."""
    changed = io.BytesIO()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(changed, "w") as copy:
        for name in archive.namelist():
            copy.writestr(name, archive.read(name).replace(old, new))
    return changed.getvalue()


def test_damaged_and_foreign_workbooks_are_told(
    make: Callable[..., Path], refusal: Callable[..., str]
) -> None:
    file = make(Ratings=LONG)
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    assert refusal(file)
    file.write_bytes(replaced(make(Ratings=LONG), b"<sheetData>", b"<sheetDat"))
    assert refusal(file)


def test_a_stop_while_a_workbook_is_read_is_answered_at_once() -> None:
    import threading

    release, control = threading.Event(), Control()
    threading.Timer(0.05, control.stop).start()
    try:
        with pytest.raises(CancelledError):
            in_background(lambda: release.wait(20), control)
    finally:
        release.set()
        for thread in threading.enumerate():
            if thread.name == "workbook":
                thread.join()


def test_what_fails_in_the_background_fails_here() -> None:
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        in_background(fails, Control())


def test_dates_become_times(make: Callable[..., Path]) -> None:
    file = make(Ratings=[["user", "item", "rating", "date"], [1, 2, 3, "2005-01-31"]])
    ratings, _ = open_ratings(file, ReadOptions())
    assert ratings.time is not None
    assert ratings.time.tolist() == [1107129600.0]
