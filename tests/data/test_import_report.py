"""The report accounts for every line and says in a sentence how a file was understood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mfgui.data.import_report import Bin, FilterStep, ImportReport, RejectedLine, counted
from mfgui.data.reader import open_ratings


def _report(**changes: object) -> ImportReport:
    values: dict[str, object] = {
        "path": Path("u.data"), "name": "u.data", "n_lines": 10, "n_ratings": 10, "n_users": 3,
        "n_items": 4, "separator": "tab", "has_header": False,
        "columns": ("user", "item", "rating", "time"), "scale": (1.0, 5.0),
        "how": "tab-separated, no header",
    }
    return ImportReport(**{**values, **changes})  # type: ignore[arg-type]


def test_summary_is_one_short_sentence() -> None:
    assert _report().summary() == (
        "tab-separated, no header; columns: user, item, rating, time"
    )


def test_summary_says_what_was_left_out() -> None:
    text = _report(
        n_rejected=1, n_duplicates=1200, n_missing=3, options={"duplicates": "mean"},
        filters=(FilterStep("a", 5, 1, 1), FilterStep("b", 1, 0, 0))).summary()
    assert text.endswith(
        "; 3 lines missing; 1 line rejected; 1,200 duplicates (averaged); 6 ratings filtered out")


def test_as_dict_survives_json() -> None:
    bad = RejectedLine(3, "too few columns", "1\t2", "too few columns")
    report = _report(n_rejected=1, rejected=(bad,),
                     losses=(("too few columns", 1),), histogram=(Bin(1.0, 1.0, 9),))
    again = json.loads(json.dumps(report.as_dict()))
    assert again["rejected"] == [
        {"line": 3, "reason": "too few columns", "text": "1\t2", "kind": "too few columns"}]
    assert again["losses"] == {"too few columns": 1}
    assert again["histogram"] == [{"low": 1.0, "high": 1.0, "count": 9}]
    assert again["columns"] == ["user", "item", "rating", "time"]
    assert again["scale"] == [1.0, 5.0]


def test_the_report_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        _report().n_lines = 3  # type: ignore[misc]


def test_numbers_and_nouns_agree() -> None:
    assert counted(1, "line") == "1 line"
    assert counted(12345, "line") == "12,345 lines"
    assert counted(2, "entry") == "2 entries"


def test_lines_add_up_for_a_file_with_everything_in_it(tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    file.write_text("\nuser,item,rating\n1,a,5\n\n1,a,4\n2,b,x\n2,b\n2,b,3\n  \n3,c,1\n4,c,1\n")
    _, report = open_ratings(file)
    assert report.n_lines == 11
    assert (report.n_ratings, report.n_duplicates, report.n_rejected) == (4, 1, 2)
    assert (report.n_header_lines, report.n_blank_lines) == (1, 3)
    assert [bad.line for bad in report.rejected] == [6, 7]
