"""Wide tables: a line a user, a column an item, a cell a rating."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.data.formats.delimited import Delimited
from mfgui.data.formats.wide import Wide
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings, Reading
from mfgui.data.source import open_source
from mfgui.data.wide_plan import WidePlan
from mfgui.data.wide_rows import read_wide
from mfgui.errors import CancelledError, DataError

WIDE = Wide()

PLAIN = (
    ",tea,coffee,milk,water\nanna,5,3,,1\nbo,4,,,2\ncy,,,,\ndi,1,1,5,\n"
)
TRIPLES = [
    ("anna", "tea", 5), ("anna", "coffee", 3), ("anna", "water", 1), ("bo", "tea", 4),
    ("bo", "water", 2), ("di", "tea", 1), ("di", "coffee", 1), ("di", "milk", 5),
]


def triples(raw: RawRatings) -> list[tuple[str, str, float]]:
    return [
        (raw.user_ids[user], raw.item_ids[item], round(value, 4)) for user, item, value in zip(
            raw.user.tolist(), raw.item.tolist(), raw.value.tolist(), strict=True)]


def look_and_read(
    tmp_path: Path, content: str | bytes, **options: object
) -> tuple[Look, RawRatings]:
    file = tmp_path / "wide.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    source, chosen = open_source(file), ReadOptions(**options)  # type: ignore[arg-type]
    raw = WIDE.read(source, chosen, Control())
    assert raw.n_read == raw.value.size + sum(raw.losses.values())
    assert all(number > 0 for number in raw.losses.values())
    assert raw.noun == "cell"
    return WIDE.look(source, chosen), raw


def certainty(tmp_path: Path, content: str, **options: object) -> tuple[float, float]:
    """Return how sure the wide and the delimited format are."""
    file = tmp_path / "which.csv"
    file.write_text(content)
    source, chosen = open_source(file), ReadOptions(**options)  # type: ignore[arg-type]
    return WIDE.matches(source, chosen), Delimited().matches(source, chosen)


@pytest.mark.parametrize("separator", [",", "\t", ";", "|", "::"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_separator_and_line_end_gives_the_same_cells(
    tmp_path: Path, separator: str, end: str
) -> None:
    text = PLAIN.replace(",", separator).replace("\n", end)
    look, raw = look_and_read(tmp_path, text)
    assert triples(raw) == TRIPLES
    assert (raw.n_read, raw.losses) == (16, {"missing": 8})
    assert list(raw.item_ids) == ["tea", "coffee", "milk", "water"]
    assert look.roles == ("user", "items", "items", "items", "items")
    assert look.options.columns == "user=1,items=2-5"


@pytest.mark.parametrize("word", ["?", "NA", "n/a", "NaN", "null", "None", "-", ".", " ", '""'])
def test_every_word_for_missing_is_missing(tmp_path: Path, word: str) -> None:
    text = "\n".join(
        ",".join(field or word for field in line.split(",")) if n else line
        for n, line in enumerate(PLAIN.splitlines()))
    _, raw = look_and_read(tmp_path, text)
    assert triples(raw) == TRIPLES
    assert raw.losses == {"missing": 8}


def test_a_named_number_or_word_is_missing_however_it_is_written(tmp_path: Path) -> None:
    text = "u,a,b,c,d\n1,5,99,99.0,1\n2,9.9e1,+99,never,4\n3,2,3,4,5\n"
    _, raw = look_and_read(tmp_path, text, missing="99,Never", columns="user=1,items=2-5")
    assert triples(raw) == [("1", "a", 5), ("1", "d", 1), ("2", "d", 4),
                            ("3", "a", 2), ("3", "b", 3), ("3", "c", 4), ("3", "d", 5)]
    _, raw = look_and_read(tmp_path, "0,5,1,2\n3,0,0,1\n", missing="0", columns="items=1-4")
    assert [triple[2] for triple in triples(raw)] == [5, 1, 2, 3, 1]


def test_zero_is_a_rating_unless_it_is_named(tmp_path: Path) -> None:
    _, raw = look_and_read(tmp_path, PLAIN.replace("1", "0"))
    assert [triple[2] for triple in triples(raw)] == [5, 3, 0, 4, 2, 0, 0, 5]


@pytest.mark.parametrize("number", ["99", "-99", "999", "99.00"])
def test_one_number_far_outside_all_others_is_found_to_mean_missing(
    tmp_path: Path, number: str
) -> None:
    rng = np.random.default_rng(5)
    cells = rng.integers(1, 6, (60, 8))
    text = "\n".join(
        ",".join(number if hide else str(cell) for cell, hide in zip(row, gone, strict=True))
        for row, gone in zip(cells, rng.random((60, 8)) < 0.3, strict=True))
    look, raw = look_and_read(tmp_path, text)
    assert look.options.missing == number
    assert f"{number} means missing" in raw.reading.how
    assert not look.doubts
    assert set(raw.value.tolist()) == {1, 2, 3, 4, 5}
    assert list(raw.item_ids) == [str(n) for n in range(1, 9)]
    assert list(raw.user_ids) == [str(n) for n in range(1, 61)]


def test_a_column_that_counts_the_ratings_is_no_item(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    rows = [["" if hide else str(value) for value, hide in zip(
        rng.integers(0, 21, 10), rng.random(10) < 0.4, strict=True)] for _ in range(30)]
    text = "\n".join(",".join([str(sum(map(bool, row))), *row]) for row in rows)
    look, raw = look_and_read(tmp_path, text)
    assert look.options.columns == "items=2-11"
    assert "column 1 only counts" in raw.reading.how
    assert raw.value.size == sum(bool(cell) for row in rows for cell in row)


def test_numbers_of_users_and_rising_ids_are_no_ratings(tmp_path: Path) -> None:
    lines = [f"{100 + n},{n % 5 + 1},,{n % 4 + 1},{n % 3 + 1},{(n + 1) % 5 + 1},{n % 2 + 1}"
             for n in range(40)]
    look, raw = look_and_read(tmp_path, "\n".join(lines))
    assert look.options.columns == "user=1,items=2-7"
    assert raw.user_ids[0] == "100"
    assert len(raw.item_ids) == 5  # the empty column is an item without any rating
    assert any("1 column held no rating" in note for note in raw.notes)


def test_a_survey_keeps_its_other_columns_out_and_says_so(tmp_path: Path) -> None:
    head = "RespondentID,Sex,Apples,Pears,Plums,Figs,Nuts,Age,Income"
    lines = [f'{9000 + n},{"MF"[n % 2]},{n % 5 + 1},N/A,{n % 4 + 1},{n % 3 + 1},{"1"[:n % 2]},'
             f'{18 + n},"$0 - $24,999"' for n in range(40)]
    lines[3] = lines[3].replace("N/A", "4")
    look, raw = look_and_read(tmp_path, "\n".join([head, *lines]))
    assert look.options.columns == "user=1,items=3-7"
    assert "are taken for the items" in look.doubts[0]
    assert (raw.user_ids[0], raw.item_ids[0]) == ("9000", "Apples")
    wide, delimited = certainty(tmp_path, "\n".join([head, *lines]))
    assert wide > delimited


@pytest.mark.parametrize("text", [
    "userId,movieId,rating,timestamp\n" + "".join(
        f"{n},{n % 9},{n % 5},9000{n}\n" for n in range(50)),
    "".join(f"{n % 40},{n * 7 % 90},{n % 5},88125{n:04}\n" for n in range(300)),
    "".join(f"{n % 9},{n * 7 % 11},{n % 5}\n" for n in range(99)),
    "movieId,title,Action,Comedy,Drama,Horror\n" + "".join(
        f"{n},Film {n},{n % 2},{n % 3 % 2},0,1\n" for n in range(50)),
])
def test_long_tables_are_left_to_the_delimited_format(tmp_path: Path, text: str) -> None:
    wide, delimited = certainty(tmp_path, text)
    assert wide < delimited


def test_named_columns_decide(tmp_path: Path) -> None:
    text = "a,b,c,d,e\n" + "".join(f"u{n},{n % 5},x,{n % 3},{n % 4}\n" for n in range(9))
    look, raw = look_and_read(tmp_path, text, columns="user=a,items=2+4-5")
    assert list(raw.item_ids) == ["b", "d", "e"]
    assert (raw.value.size, look.doubts) == (27, ())
    assert certainty(tmp_path, text, columns="user=a,items=2+4-5")[0] == 1
    assert certainty(tmp_path, text, columns="user=1,item=2,rating=4")[0] == 0


@pytest.mark.parametrize("columns", [
    "user=1,items=x", "user=1,items=0-3", "user=1,items=1-3", "items=2-9", "user=q,items=2-3",
    "user=1,items=2-3+3",
])
def test_columns_that_cannot_be_are_told_in_a_sentence(tmp_path: Path, columns: str) -> None:
    with pytest.raises(DataError, match=r"\.$"):
        look_and_read(tmp_path, PLAIN, columns=columns)


def test_cells_that_are_no_numbers_are_rejected_with_line_and_reason(tmp_path: Path) -> None:
    text = PLAIN + 'ed,x,"1,234",inf,5e-1\nfy,1\n,1,2,3,4\ngo,"1,2,3,4\n\nhi,1e39,4,4,4\n'
    _, raw = look_and_read(tmp_path, text, columns="user=1,items=2-5", header=True)
    told = [(bad.line, bad.reason) for bad in raw.rejected]
    assert told == [
        (6, "rating 'x' is not a number"), (6, "rating '1,234' has a thousands sign"),
        (6, "rating 'inf' is not finite"), (7, "too few columns"), (8, "the user id is empty"),
        (9, "a quotation mark is not closed"), (11, "rating '1e39' is not finite")]
    assert raw.losses == {
        "missing": 8, "rating is not a number": 1, "rating has a thousands sign": 1,
        "rating is not finite": 2, "too few columns": 3, "the user id is empty": 4,
        "a quotation mark is not closed": 4}
    assert triples(raw)[8:] == [("ed", "water", 0.5), ("fy", "tea", 1), ("hi", "coffee", 4),
                                ("hi", "milk", 4), ("hi", "water", 4)]


def test_a_decimal_comma_is_found(tmp_path: Path) -> None:
    look, raw = look_and_read(tmp_path, "u;a;b;c\nx;3,5;;1\ny;2;0,5;-1,25\n")
    assert look.options.decimal == "comma"
    assert raw.value.tolist() == [3.5, 1, 2, 0.5, -1.25]


def test_ids_in_quotes_may_hold_separators_and_quotes(tmp_path: Path) -> None:
    _, raw = look_and_read(
        tmp_path, 'u,"a, b","c ""d""",e\n"x, y", 1 ,"2",\n"z ""q""",3,,4\n')
    assert list(raw.user_ids) == ["x, y", 'z "q"']
    assert list(raw.item_ids) == ["a, b", 'c "d"', "e"]
    assert raw.value.tolist() == [1, 2, 3, 4]


def test_words_behind_a_quoted_number_make_it_no_number(tmp_path: Path) -> None:
    _, raw = look_and_read(
        tmp_path, 'u,a,b,c\nx,"4"5,"3" z, "2" \n"y" w,1,2,3\n', columns="user=1,items=2-4",
        header=True)
    assert triples(raw) == [("x", "c", 2), ('"y" w', "a", 1), ('"y" w', "b", 2), ('"y" w', "c", 3)]
    assert raw.losses == {"rating is not a number": 2}


def test_trimmed_ids_of_users_are_counted(tmp_path: Path) -> None:
    _, raw = look_and_read(tmp_path, 'u,a,b,c\n x ,1,2,\n" y",,2,3\nz,1,,1\n "w" ,1,,2\n')
    assert list(raw.user_ids) == ["x", "y", "z", "w"]
    assert raw.n_trimmed == 2


def test_a_number_for_missing_goes_by_its_value(tmp_path: Path) -> None:
    _, raw = look_and_read(
        tmp_path, "u,a,b,c\nx,99,9.9e1,2\ny,99.0,1,3\n", missing="99",
        columns="user=1,items=2-4")
    assert triples(raw) == [("x", "c", 2), ("y", "b", 1), ("y", "c", 3)]
    assert raw.losses == {"missing": 3}


def test_names_that_stand_twice_or_nowhere_are_told_apart(tmp_path: Path) -> None:
    _, raw = look_and_read(tmp_path, "u,a,a,,b\nx,1,2,3,\ny,1,,3,4\n")
    assert list(raw.item_ids) == ["a (column 2)", "a (column 3)", "column 4", "b"]


def test_two_lines_of_one_user_are_one_user(tmp_path: Path) -> None:
    _, raw = look_and_read(tmp_path, PLAIN + "anna,1,1,1,1\n")
    assert list(raw.user_ids) == ["anna", "bo", "di"]
    assert raw.user.tolist()[-4:] == [0, 0, 0, 0]


def test_numbers_as_item_ids_are_a_header_beside_an_empty_corner(tmp_path: Path) -> None:
    _, raw = look_and_read(tmp_path, ",10,20,30\na,5,,1\nb,,2,3\n")
    assert list(raw.item_ids) == ["10", "20", "30"]


def test_row_names_as_r_writes_them_are_the_users(tmp_path: Path) -> None:
    _, raw = look_and_read(tmp_path, "a b c\nx 5 NA 1\ny NA 2 3\n")
    assert list(raw.user_ids) == ["x", "y"]
    assert list(raw.item_ids) == ["a", "b", "c"]


def test_what_has_no_columns_of_one_scale_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no columns of numbers of one scale"):
        look_and_read(tmp_path, "a,b,c,d\nx,y,z,w\nq,r,s,t\n")


def test_a_quoted_answer_may_run_over_several_lines_of_a_whole_record(tmp_path: Path) -> None:
    text = ('u,a,b,c,why\nx,1,2,3,"good\r\n, ""very""\n"\ny,1,,3,"open\nz,3,2,1,"fine"\n'
            'w,q,2,2,\n')
    look, raw = look_and_read(tmp_path, text, columns="user=1,items=2-4")
    assert triples(raw) == [("x", "a", 1), ("x", "b", 2), ("x", "c", 3), ("z", "a", 3),
                            ("z", "b", 2), ("z", "c", 1), ("w", "b", 2), ("w", "c", 2)]
    assert [(bad.line, bad.kind) for bad in raw.rejected] == [
        (5, "a quotation mark is not closed"), (7, "rating is not a number")]
    assert any("2 continued lines" in note for note in raw.notes)
    assert len(look.rows) > 0


# The engine


PLAN = WidePlan(",", {2: "a", 3: "b", 4: "c"}, 1, 2, missing=("na",))
LINES = "u,a,b,c\r\nåse,1,na,2\r\n\r\n\"q\",,3.5,x\r\nlast,-1,+2,3"


def test_pieces_may_be_cut_anywhere() -> None:
    content = LINES.encode()
    whole = read_wide([content], PLAN, Reading("wide"), "x", Control())
    assert triples(whole) == [("åse", "a", 1), ("åse", "c", 2), ("q", "b", 3.5),
                              ("last", "a", -1), ("last", "b", 2), ("last", "c", 3)]
    assert (whole.n_read, whole.losses) == (9, {"missing": 2, "rating is not a number": 1})
    for size in range(1, 12):
        pieces = [content[k : k + size] for k in range(0, len(content), size)]
        raw = read_wide(pieces, PLAN, Reading("wide"), "x", Control())
        assert triples(raw) == triples(whole)
        assert (raw.losses, raw.rejected) == (whole.losses, whole.rejected)


def test_joined_lines_may_be_cut_anywhere() -> None:
    content = b'u,a,b\nx,1,"2"\n"y\n\r\nz",3,4\r\nq,"5,\n\nr,6,7\ns,8,"9\n'
    plan = WidePlan(",", {2: "a", 3: "b"}, 1, 2, n_columns=3)
    for size in range(1, len(content) + 1):
        pieces = [content[k : k + size] for k in range(0, len(content), size)]
        raw = read_wide(pieces, plan, Reading("wide"), "x", Control())
        assert triples(raw) == [("x", "a", 1), ("x", "b", 2), ("y   z", "a", 3),
                                ("y   z", "b", 4), ("r", "a", 6), ("r", "b", 7)]
        assert [bad.line for bad in raw.rejected] == [6, 9]
        assert raw.losses == {"a quotation mark is not closed": 4}


def test_random_tables_are_read_as_a_plain_loop_reads_them() -> None:
    rng = np.random.default_rng(11)
    words = ["", "NA", "1", "2.5", "-3", "+4", "1e2", "x", " 5 ", '"6"', "7,5", "00", ".5", "9."]
    for _ in range(60):
        n_lines, n_items = int(rng.integers(1, 30)), int(rng.integers(1, 9))
        rows = [[words[k] for k in rng.integers(0, len(words), n_items)] for _ in range(n_lines)]
        content = "".join(f"{n};" + ";".join(row) + "\n" for n, row in enumerate(rows)).encode()
        plan = WidePlan(";", {k + 2: f"i{k}" for k in range(n_items)}, 1, missing=("na",))
        raw = read_wide([content], plan, Reading("wide"), "x", Control())
        expected, n_bad = [], 0
        for n, row in enumerate(rows):
            for k, cell in enumerate(row):
                text = cell.strip(' "')
                if text in ("", "NA"):
                    continue
                if text in ("x", "7,5"):
                    n_bad += 1
                else:
                    expected.append((str(n), f"i{k}", float(text)))
        assert triples(raw) == expected
        assert sum(raw.losses.get(f"rating {fault}", 0) for fault in (
            "is not a number", "has a thousands sign")) == n_bad
        assert raw.n_read == n_lines * n_items


def test_a_line_beyond_all_bounds_is_told_in_a_sentence() -> None:
    pieces = (b"1,2,3," * 200_000 for _ in range(20))
    with pytest.raises(DataError, match="line of over 16 million bytes"):
        read_wide(pieces, PLAN, Reading("wide"), "x", Control())


def test_a_stop_ends_the_reading() -> None:
    control = Control()

    def pieces() -> object:
        yield LINES.encode()
        control.stop()
        yield LINES.encode()

    with pytest.raises(CancelledError):
        read_wide(pieces(), PLAN, Reading("wide"), "x", control)  # type: ignore[arg-type]
