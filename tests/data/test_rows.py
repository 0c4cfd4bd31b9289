"""The compiled reader of lines agrees with the careful rules, whatever the lines and the cuts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.data import odd_lines, row_blocks, rows
from mfgui.data.careful import CarefulReader, parse_value
from mfgui.data.id_table import IdTable
from mfgui.data.raw import NOT_REJECTED, RawRatings, Reading
from mfgui.data.rows import RowPlan, read_rows
from mfgui.data.times import parse_time
from mfgui.errors import CancelledError

ROLES = {"user": 1, "item": 2, "rating": 3}
FIELDS = [
    "1", "2", "007", "a b", " x", "y ", '"q"', '"a""b"', '"a" disc', '"open', "", "Å", "ninebytes1",
    "3.5", "-0.25", "1e2", "nan", "inf", "1,5", "12345678901234567", "+4", ".5", "5.", "--1", "x",
    "\t", "0", "a'b", "0x1", "1_0", "\0", "1e400", "\N{ROMAN NUMERAL ONE}",
]


def pieces(content: bytes, size: int = 1 << 20) -> Iterator[bytes]:
    return (content[k : k + size] for k in range(0, len(content), size))


def read(content: bytes | str, plan: RowPlan, size: int = 1 << 20) -> RawRatings:
    encoded = content.encode() if isinstance(content, str) else content
    raw = read_rows(pieces(encoded, size), plan, Reading("test"), "test.csv", Control())
    assert raw.n_read == raw.value.size + sum(raw.losses.values())
    return raw


def found(raw: RawRatings) -> list[tuple[str, str, float]]:
    return [
        (raw.user_ids[user], raw.item_ids[item], value)
        for user, item, value in zip(
            raw.user.tolist(), raw.item.tolist(), raw.value.tolist(), strict=True)]


def random_text(rng: np.random.Generator, separator: str, n_lines: int) -> str:
    ends = ["\n"] * 6 + ["\r\n"] * 2 + ["\r"]
    lines = []
    for _ in range(n_lines):
        width = int(rng.choice([1, 2, 3, 3, 3, 3, 4, 5]))
        fields = [FIELDS[k] for k in rng.integers(0, len(FIELDS), width)]
        if rng.random() < 0.5 and width >= 3:
            fields[:3] = ["u1", "i1", "4"]
            fields[int(rng.integers(width))] = FIELDS[int(rng.integers(len(FIELDS)))]
        lines.append(separator.join(fields) + ends[int(rng.integers(len(ends)))])
    return "".join(lines)


def by_the_rules(content: str, plan: RowPlan) -> tuple[list[tuple[str, str, float]], dict[str, int],
                                                       list[int]]:
    reader = CarefulReader(plan)
    ratings, losses, bad = [], {}, []
    lines = re.split("\r\n|\n|\r", content)
    for number, line in enumerate(lines[:-1] if lines[-1] == "" else lines, 1):
        kind = "header" if number < plan.first_line else ""
        if not line.strip(" \t"):
            kind = "blank"
        record = None if kind else reader.read(line)
        kind = kind or (record.kind if record else "")
        if kind:
            losses[kind] = losses.get(kind, 0) + 1
            bad += [number] if kind not in NOT_REJECTED else []
        elif record:
            ratings.append((record.user, record.item, float(np.float32(record.value))))
    return ratings, losses, bad


@pytest.mark.parametrize("separator", [",", "\t", ";", "|", " ", "::", "é", ", "])
@pytest.mark.parametrize("seed", range(4))
def test_the_kernel_and_the_careful_rules_read_any_line_alike(separator: str, seed: int) -> None:
    rng = np.random.default_rng([seed, len(separator), ord(separator[0])])
    plan = RowPlan(
        separator, ROLES, first_line=int(rng.integers(1, 4)), is_quoted=bool(seed % 2),
        decimal="comma" if seed == 3 else "point", missing=("nan", "0") if seed == 2 else ())
    content = random_text(rng, separator, 1500)
    raw = read(content, plan)
    ratings, losses, bad = by_the_rules(content, plan)
    if "0" in plan.missing:
        zeros = sum(value == 0 for *_, value in ratings)
        ratings = [each for each in ratings if each[2] != 0]
        losses["missing"] = losses.get("missing", 0) + zeros
    assert found(raw) == ratings
    assert raw.losses == losses
    if len(bad) < 100:
        assert [each.line for each in raw.rejected] == bad


@pytest.mark.parametrize("size", [1, 2, 7, 4096])
def test_pieces_may_be_cut_anywhere(size: int) -> None:
    rng = np.random.default_rng(size)
    content = random_text(rng, ",", 300).encode()
    plan = RowPlan(",", ROLES)
    whole, cut = read(content, plan), read(content, plan, size)
    assert found(whole) == found(cut)
    assert whole.losses == cut.losses
    assert whole.rejected == cut.rejected


def test_blocks_parts_and_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    content = random_text(rng, ",", 3000)
    plan = RowPlan(",", ROLES, n_columns=3)
    expected = read(content, plan)
    for block, part, n_threads in itertools.product((700, 5000), (64, 1000), (1, 3)):
        monkeypatch.setattr(row_blocks, "BLOCK", block)
        monkeypatch.setattr(rows, "PART", part)
        monkeypatch.setattr(row_blocks, "LONGEST_RECORD", 256)
        monkeypatch.setattr(odd_lines, "LONGEST_RECORD", 256)
        monkeypatch.setattr(rows, "reading_threads", lambda n=n_threads: n)
        raw = read(content, plan)
        assert found(raw) == found(expected)
        assert (raw.losses, raw.rejected) == (expected.losses, expected.rejected)


# Records over several lines


def test_a_quoted_field_may_run_over_several_lines() -> None:
    plan = RowPlan(",", {**ROLES, "title": 4}, first_line=2, n_columns=4)
    raw = read('user,item,rating,review\n1,a,5,"one\ntwo, ""2""\r\n\r\nthree"\n2,b,4,plain\n'
               '3,c,3,"x"\n', plan)
    assert found(raw) == [("1", "a", 5.0), ("2", "b", 4.0), ("3", "c", 3.0)]
    assert raw.losses == {"header": 1, "continued": 2, "blank": 1}
    assert raw.item_titles is not None
    assert raw.item_titles[0] == 'one\ntwo, "2"\r\n\r\nthree'


def test_an_open_mark_costs_its_own_line_where_joining_gives_no_record() -> None:
    plan = RowPlan(",", ROLES, n_columns=3)
    raw = read('1,a,5\n"2,b,4\n3,c,3\n4,"d",2\n', plan)
    assert found(raw) == [("1", "a", 5.0), ("3", "c", 3.0), ("4", "d", 2.0)]
    assert [(bad.line, bad.kind) for bad in raw.rejected] == [(2, "a quotation mark is not closed")]


def test_a_long_quoted_field_is_found_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_blocks, "BLOCK", 3000)
    monkeypatch.setattr(rows, "PART", 500)
    plan = RowPlan(",", ROLES, n_columns=4)
    text = "".join(f'{n},i{n % 7},{n % 5},"' + "line\n" * (n % 90) + '"\n' for n in range(400))
    raw = read(text, plan)
    assert found(raw) == [(str(n), f"i{n % 7}", float(n % 5)) for n in range(400)]
    assert raw.losses["continued"] == sum(n % 90 for n in range(400))


def test_doubled_marks_in_a_field_of_several_lines_do_not_close_it() -> None:
    plan = RowPlan(",", {**ROLES, "title": 4}, n_columns=4)
    raw = read('1,a,5,"so ""good""\nthat, ""it""\nis"\n2,b,4,"x"\n', plan)
    assert found(raw) == [("1", "a", 5.0), ("2", "b", 4.0)]
    assert raw.losses == {"continued": 2}
    assert raw.item_titles is not None
    assert raw.item_titles[0] == 'so "good"\nthat, "it"\nis'


def test_a_first_block_of_texts_that_ends_within_a_record_is_read_whole(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_blocks, "BLOCK", 20_000)
    monkeypatch.setattr(row_blocks, "LONGEST_RECORD", 1000)
    monkeypatch.setattr(odd_lines, "LONGEST_RECORD", 1000)
    plan = RowPlan(",", {**ROLES, "title": 4}, first_line=2, n_columns=4)
    text = "u,i,r,t\n" + "".join(
        f'{n},i{n},{n % 5},"a ""b"" {"t" * 150}\nmore"\n' for n in range(400))
    raw = read(text, plan)
    assert found(raw) == [(str(n), f"i{n}", float(n % 5)) for n in range(400)]
    assert raw.losses == {"header": 1, "continued": 400}


def test_an_open_mark_before_a_line_longer_than_a_block_ends(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_blocks, "BLOCK", 1000)
    monkeypatch.setattr(row_blocks, "LONGEST_RECORD", 100)
    monkeypatch.setattr(odd_lines, "LONGEST_RECORD", 100)
    text = '1,a,5\n"abc,1,2\n' + "x" * 5000 + ",3,4\n2,b,4\n"
    raw = read(text, RowPlan(",", ROLES, n_columns=3))
    assert found(raw) == [("1", "a", 5.0), ("2", "b", 4.0)]
    assert [(bad.line, bad.kind) for bad in raw.rejected] == [
        (2, "a quotation mark is not closed"), (3, "the line is longer than 4 MB")]


# Long lines


def test_a_line_longer_than_a_block_is_rejected_and_the_import_goes_on(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_blocks, "BLOCK", 1000)
    monkeypatch.setattr(row_blocks, "LONGEST_RECORD", 100)
    monkeypatch.setattr(odd_lines, "LONGEST_RECORD", 100)
    for end in ("\n", "\r\n", "\r"):
        raw = read(f"1,a,5{end}" + "x" * 5000 + f"{end}2,b,4{end}", RowPlan(",", ROLES))
        assert found(raw) == [("1", "a", 5.0), ("2", "b", 4.0)]
        assert [(bad.line, bad.kind, len(bad.text)) for bad in raw.rejected] == [
            (2, "the line is longer than 4 MB", 200)]


def test_many_very_short_lines_find_room() -> None:
    raw = read("x\n" * 400_000 + "1,a,5\n", RowPlan(",", ROLES))
    assert found(raw) == [("1", "a", 5.0)]
    assert raw.losses == {"too few columns": 400_000}


# Item lines


def test_a_long_item_name_stands_once_for_all_its_odd_lines(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_blocks, "BLOCK", 3000)
    plan = RowPlan(",", {"user": 1, "rating": 2}, is_quoted=False, has_item_lines=True)
    name = "9" * 900
    raw = read(f"{name}:\n" + "".join(f"{n},3e0\n" for n in range(20_000)), plan)
    assert list(raw.item_ids) == [name]
    assert found(raw)[-1] == ("19999", name, 3.0)
    assert raw.losses == {"item line": 1}


def test_item_lines_name_the_item_of_those_that_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"{m}:\n" + "".join(f"{n},{(n + m) % 5},2005-09-06\n" for n in range(50))
                   for m in range(1, 40))
    plan = RowPlan(",", {"user": 1, "rating": 2, "time": 3}, has_item_lines=True)
    for block in (1 << 20, 900):
        monkeypatch.setattr(row_blocks, "BLOCK", block)
        monkeypatch.setattr(row_blocks, "LONGEST_RECORD", 100)
        monkeypatch.setattr(odd_lines, "LONGEST_RECORD", 100)
        raw = read(text, plan)
        assert found(raw) == [
            (str(n), str(m), float((n + m) % 5)) for m in range(1, 40) for n in range(50)]
        assert raw.losses == {"item line": 39}
        assert raw.time is not None
        assert set(raw.time.tolist()) == {1125964800.0}


# Numbers, times, ids


@pytest.mark.parametrize("words", [
    "0.1", "3.3", "9.95", "-9.95", "123456789.5", "0.30000001192092896", "1e-3", "4.35", "+7", "-0",
    "100000000000000", "1234567890123456789", ".125", "7.", "2.5E1",
])
def test_numbers_are_the_float32_nearest_to_what_is_written(words: str) -> None:
    raw = read(f"1,a,{words}\n", RowPlan(",", ROLES))
    assert raw.value.tolist() == [float(np.float32(float(words)))]


@pytest.mark.parametrize(("words", "fault"), [
    ("1,234", "has a thousands sign"), ("1.234.567,8", "has a thousands sign"),
    ("1 234", "has a thousands sign"), ("12,34", "is not a number"), ("1_000", "is not a number"),
    ("Infinity", "is not finite"), ("1e39", "is not finite"),
    ("\N{FULLWIDTH DIGIT THREE}", "is not a number"),
])
def test_what_is_no_number_is_told_apart(words: str, fault: str) -> None:
    assert parse_value(words)[1] == fault


def test_a_decimal_comma_is_a_decimal_sign_and_a_point_is_none() -> None:
    raw = read("1;a;3,5\n1;b;4\n2;a;3.5\n2;b;1.234,5\n",
               RowPlan(";", ROLES, decimal="comma"))
    assert found(raw) == [("1", "a", 3.5), ("1", "b", 4.0)]
    assert [bad.reason for bad in raw.rejected] == [
        "rating '3.5' is not a number", "rating '1.234,5' has a thousands sign"]


@pytest.mark.parametrize(("words", "seconds"), [
    ("881250949", 881250949.0), ("1112486027.5", 1112486027.5), ("1112486027000", 1112486027.0),
    ("2005-09-06", 1125964800.0), ("2005/09/06", 1125964800.0),
    ("2005-09-06 12:00:01", 1126008001.0), ("2005-09-06T12:00:01Z", 1126008001.0),
    ("2005-09-06T12:00:01+02:00", 1126000801.0), ("1969-12-31", -86400.0),
])
def test_times_are_seconds_since_1970(words: str, seconds: float) -> None:
    raw = read(f"1,a,5,{words}\n2,a,5,x\n3,a,5\n", RowPlan(",", {**ROLES, "time": 4}))
    assert raw.time is not None
    assert raw.time[0] == seconds == parse_time(words)
    assert np.isnan(raw.time[1:]).all()
    assert raw.n_bad_times == 2


def test_trimmed_ids_are_counted() -> None:
    raw = read("1, a,5\n1 ,b,4\n\t2,c ,3\n3,d,2\n", RowPlan(",", ROLES))
    assert found(raw) == [("1", "a", 5), ("1", "b", 4), ("2", "c", 3), ("3", "d", 2)]
    assert raw.n_trimmed == 4


def test_ids_of_any_length_and_number_keep_their_numbers() -> None:
    rng = np.random.default_rng(0)
    names = [f"{n:x}" * int(rng.integers(1, 6)) for n in range(30_000)]
    names += ["x" * n for n in range(1, 3000, 17)]
    known: dict[str, int] = {}
    content = "\n".join(names + names[::-1]).encode()
    offsets = np.cumsum([0] + [len(name) + 1 for name in names + names[::-1]])[:-1]
    sizes = np.array([len(name) for name in names + names[::-1]], np.int32)
    keys = np.array([
        int.from_bytes(name.encode(), "little") if len(name) <= 8 else 0
        for name in names + names[::-1]], np.uint64)
    codes = np.empty(sizes.size, np.int32)
    table = IdTable()
    table.number(np.frombuffer(content, np.uint8), offsets.astype(np.int32), sizes, keys,
                 sizes.size, codes)
    expected = [known.setdefault(name, len(known)) for name in names + names[::-1]]
    assert codes.tolist() == expected
    assert list(table.texts()) == list(known)


def test_a_stopped_control_ends_the_reading() -> None:
    control = Control()

    def stopping() -> Iterator[bytes]:
        yield b"1,a,5\n" * 1_000_000
        control.stop()
        yield b"1,a,5\n" * 1_000_000

    with pytest.raises(CancelledError):
        read_rows(stopping(), RowPlan(",", ROLES), Reading("test"), "test.csv", control)
