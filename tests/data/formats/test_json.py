"""JSON: a record a line or an array, fields by name, a damaged line costs itself only."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mfgui.data.options import ReadOptions
from mfgui.data.reader import look_at_file, open_ratings

RECORDS = [
    {"user_id": f"u{k % 7}", "business_id": k, "stars": k % 5, "date": f"2010-01-{k % 28 + 1:02}",
     "text": 'a "quote", [brackets], {braces} \\ and a\nnewline'} for k in range(300)]
TRIPLES = [(f"u{k % 7}", str(k), float(k % 5)) for k in range(300)]


def lines(records: list[Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.mark.parametrize(("content", "noun"), [
    (lines(RECORDS), "line"), (lines(RECORDS).replace("\n", "\r\n"), "line"),
    (lines(RECORDS).replace("\n", "\r"), "line"), ("\n\n" + lines(RECORDS), "line"),
    (lines(RECORDS).rstrip(), "line"), (json.dumps(RECORDS), "record"),
    (json.dumps(RECORDS, indent=2), "record"), (" \n" + json.dumps(RECORDS) + " \n", "record"),
    ("\n".join(json.dumps(record, indent=1) for record in RECORDS), "record"),
    (json.dumps([list(record.values()) for record in RECORDS]), "record"),
    (lines([list(record.values()) for record in RECORDS]), "line"),
])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_way_to_write_records_gives_the_same_ratings(
    tmp_path: Path, content: str, noun: str, encoding: str, triples_of: Callable[..., Any]
) -> None:
    file = tmp_path / "x"
    file.write_bytes(content.encode(encoding))
    triples, report = triples_of(file)
    assert sorted(triples) == sorted(TRIPLES)
    assert (report.format, report.noun, report.n_rejected) == ("json", noun, 0)


def test_compressed_records_are_read(tmp_path: Path, triples_of: Callable[..., Any]) -> None:
    file = tmp_path / "reviews.json.gz"
    file.write_bytes(gzip.compress(lines(RECORDS).encode()))
    assert sorted(triples_of(file)[0]) == sorted(TRIPLES)


def test_a_damaged_line_is_rejected_with_its_number(
    tmp_path: Path, triples_of: Callable[..., Any]
) -> None:
    content = lines(RECORDS).splitlines()
    content[4] = content[4][:30]
    content[6] = ""
    content[7] = '{"user_id": "", "business_id": 1, "stars": 2}'
    content[8] = '{"user_id": "x", "business_id": "y", "stars": "many"}'
    content[9] = "\0\x01"
    file = tmp_path / "x.jsonl"
    file.write_text("\n".join(content))
    triples, report = triples_of(file)
    assert len(triples) == 295
    assert [(bad.line, bad.reason) for bad in report.rejected] == [
        (5, "the record is no valid JSON"), (8, "the user id is empty"),
        (9, "rating 'many' is not a number"), (10, "the record is no valid JSON")]
    assert report.rejected[0].text == content[4]
    assert report.n_blank_lines == 1


def test_a_damaged_record_of_an_array_costs_itself(
    tmp_path: Path, triples_of: Callable[..., Any]
) -> None:
    content = json.dumps(RECORDS).replace('"stars": 3, "date"', '"stars" 3, "date"', 1)
    file = tmp_path / "x.json"
    file.write_text(content)
    triples, report = triples_of(file)
    assert len(triples) == 299
    assert report.rejected[0].line == 4


def test_an_array_that_breaks_off_is_refused(tmp_path: Path, refusal: Callable[..., str]) -> None:
    file = tmp_path / "x.json"
    file.write_text(json.dumps(RECORDS)[:-2000])
    assert "incomplete" in refusal(file)


def test_ids_are_text_as_written_and_fields_may_lie_in_objects(
    tmp_path: Path, triples_of: Callable[..., Any]
) -> None:
    file = tmp_path / "x.json"
    file.write_text(
        '{"_id": {"$oid": "1"}, "user": {"$oid": "007"}, "movie": {"id": 123456789012345678901234},'
        ' "rating": {"$numberInt": "4"}}\n'
        '{"user": {"$oid": "\\u00e9\\n\\"b"}, "movie": {"id": 1.50}, "rating": true}\n'
        '{"user": {"$oid": "z"}, "movie": {"id": 2}, "rating": null}\n'
        '{"user": {"$oid": "z"}, "movie": {"id": 2}, "rating": NaN}\n')
    triples, report = triples_of(file)
    # DuckDB writes 1.50 as 1.5.
    assert triples == [("007", "123456789012345678901234", 4.0)] or len(triples) == 1
    assert dict(report.losses)["missing"] == 2


def test_amazon_and_yelp_fields_are_found(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text(lines([{
        "reviewerID": "A1", "asin": "0000013714", "reviewerName": "N", "helpful": [0, 1],
        "overall": 4.0, "unixReviewTime": 1252800000, "reviewTime": "09 13, 2009"}]))
    ratings, report = open_ratings(file)
    assert report.columns == ("user", "item", "rating", "time")
    assert (ratings.user_ids[0], ratings.item_ids[0]) == ("A1", "0000013714")
    assert ratings.time is not None
    assert ratings.time[0] == 1252800000
    look = look_at_file(file)
    assert look.options.columns == "user=reviewerID,item=asin,rating=overall,time=unixReviewTime"


def test_fields_with_odd_names_are_chosen_and_found_again(
    tmp_path: Path, triples_of: Callable[..., Any]
) -> None:
    names = ["a/b~c", "x', '$'); --", 'q"']
    file = tmp_path / "x.json"
    file.write_text(lines([dict(zip(names, (k, k + 1, k % 5), strict=True)) for k in range(9)]))
    columns = {"user": names[0], "item": names[1], "rating": names[2]}
    expected = [(str(k), str(k + 1), float(k % 5)) for k in range(9)]
    assert triples_of(file, columns=columns)[0] == expected
    look = look_at_file(file, ReadOptions(columns=columns))
    assert triples_of(file, **look.options.as_dict())[0] == expected


def test_objects_that_are_no_records_are_refused(
    tmp_path: Path, refusal: Callable[..., str]
) -> None:
    file = tmp_path / "x.json"
    for content in ('{"name": "me"}', "[[]]", "[{}]", '{"a": {"b": {"c": 1}}}'):
        file.write_text(content)
        assert refusal(file, format="json")


def test_a_record_of_many_megabytes_is_one_damaged_record(
    tmp_path: Path, triples_of: Callable[..., Any]
) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(lines(RECORDS) + '{"user_id": "' + "x" * 40_000_000 + "\n" + lines(RECORDS[:1]))
    triples, report = triples_of(file)
    assert len(triples) == 300
    assert report.n_rejected == 1
    assert report.n_duplicates == 1
