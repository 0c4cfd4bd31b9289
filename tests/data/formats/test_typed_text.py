"""Text with a layout of its own: MatrixMarket, RecBole, Orange, Netflix Prize."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from mfgui.core.control import Control
from mfgui.data.formats import FORMATS
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings
from mfgui.data.reader import open_ratings
from mfgui.data.source import open_source
from mfgui.errors import CancelledError, DataError

MTX = "%%MatrixMarket matrix coordinate real general\n% by hand\n\n3 4 3\n1 2 5\n3 4 0.5\n2 1 -1\n"
RECBOLE = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n" \
    "7\tx\t5\t881250949\n8\ty\t3\t9\n"
ORANGE = "who\twhat\tgrade\ttid\nc\td\tcontinuous\ttime\nrow=1\tcol=1\tclass\tmeta\n" \
    "7\tx\t5\t9\n8\ty\t3\t9\n"
NETFLIX = "1:\n7,5,2001-01-06\n8,3,2001-01-07\n20:\n7,1,2001-01-08\n"


def triples(raw: RawRatings) -> list[tuple[str, str, float]]:
    return [
        (raw.user_ids[user], raw.item_ids[item], value) for user, item, value in zip(
            raw.user.tolist(), raw.item.tolist(), raw.value.tolist(), strict=True)]


def look_and_read(
    tmp_path: Path, kind: str, content: str, **options: object
) -> tuple[Look, RawRatings]:
    """Find the format, read by options and again by what the look says: both are the same."""
    file = tmp_path / "it.csv"
    file.write_bytes(content.encode())
    source, chosen = open_source(file), ReadOptions(**options)  # type: ignore[arg-type]
    sure = {name: each.matches(source, chosen) for name, each in FORMATS.items()}
    assert max(sure, key=lambda name: sure[name]) == kind
    look = FORMATS[kind].look(source, chosen)
    raw = FORMATS[kind].read(source, chosen, Control())
    again = FORMATS[kind].read(source, look.options, Control())
    assert raw.n_read == raw.value.size + sum(raw.losses.values())
    assert triples(again) == triples(raw)
    assert len(look.names) == len(look.roles)
    assert all(len(row) == len(look.roles) for row in look.rows)
    return look, raw


def refusal(tmp_path: Path, kind: str, content: str, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        look_and_read(tmp_path, kind, content, **options)
    message = str(caught.value)
    assert message.startswith("it.csv")
    assert message.endswith(".")
    assert ": " in message
    return message


@pytest.mark.parametrize(("kind", "content", "expected"), [
    ("matrix-market", MTX, [("1", "2", 5), ("3", "4", 0.5), ("2", "1", -1)]),
    ("recbole", RECBOLE, [("7", "x", 5), ("8", "y", 3)]),
    ("orange", ORANGE, [("7", "x", 5), ("8", "y", 3)]),
    ("netflix", NETFLIX, [("7", "1", 5), ("8", "1", 3), ("7", "20", 1)]),
])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_each_layout_is_known_by_its_beginning_whatever_the_line_ends(
    tmp_path: Path, kind: str, content: str, end: str,
    expected: list[tuple[str, str, float]],
) -> None:
    look, raw = look_and_read(tmp_path, kind, content.replace("\n", end))
    assert triples(raw) == expected
    assert not look.doubts
    assert len(look.rows) == len(expected)
    packed = tmp_path / "packed"
    packed.write_bytes(gzip.compress(content.encode()))
    assert triples(FORMATS[kind].read(open_source(packed), ReadOptions(), Control())) == expected


@pytest.mark.parametrize("kind", ["matrix-market", "recbole", "orange", "netflix", "wide",
                                  "delimited"])
def test_a_stop_ends_each(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "it"
    file.write_text({"matrix-market": MTX, "recbole": RECBOLE, "orange": ORANGE,
                     "netflix": NETFLIX, "wide": "u,a,b,c\nx,1,,2\n"}.get(kind, "1,2,3\n"))
    control = Control()
    control.stop()
    with pytest.raises(CancelledError):
        FORMATS[kind].read(open_source(file), ReadOptions(), control)


# MatrixMarket


def test_a_pattern_gives_ones_and_integers_are_numbers(tmp_path: Path) -> None:
    head = "%%matrixmarket MATRIX Coordinate {} General\n2 2 2\n"
    look, raw = look_and_read(tmp_path, "matrix-market", head.format("pattern") + "1 2\n2 1\n")
    assert triples(raw) == [("1", "2", 1), ("2", "1", 1)]
    assert look.roles == ("user", "item")
    _, raw = look_and_read(tmp_path, "matrix-market", head.format("integer") + "1 2 4\n2 1 +3\n")
    assert triples(raw) == [("1", "2", 4), ("2", "1", 3)]


def test_a_symmetric_matrix_of_times_mirrors_them_too(tmp_path: Path) -> None:
    file = tmp_path / "m.mtx"
    file.write_text(
        "%%MatrixMarket matrix coordinate real symmetric\n3 3 3\n1 1 50\n2 1 40\n3 2 10\n")
    ratings, _ = open_ratings(file, ReadOptions(columns="user=1,item=2,time=3"))
    assert ratings.n_ratings == 5
    assert ratings.time is not None
    assert sorted(ratings.time.tolist()) == [10, 10, 40, 40, 50]


def test_a_symmetric_matrix_counts_its_mirrored_entries(tmp_path: Path) -> None:
    text = "%%MatrixMarket matrix coordinate real symmetric\n%\n3 3 4\n1 1 5\n2 1 4\n3 2 1\n3 x q\n"
    _, raw = look_and_read(tmp_path, "matrix-market", text)
    assert triples(raw) == [("1", "1", 5), ("2", "1", 4), ("3", "2", 1), ("1", "2", 4),
                            ("2", "3", 1)]
    assert (raw.noun, raw.n_read) == ("entry", 6)
    assert raw.losses == {"rating is not a number": 1}
    assert "2 entries off its diagonal count twice" in raw.notes[0]


def test_rows_may_be_items(tmp_path: Path) -> None:
    _, raw = look_and_read(tmp_path, "matrix-market", MTX, columns="item=1,user=2,rating=3")
    assert triples(raw) == [("2", "1", 5), ("4", "3", 0.5), ("1", "2", -1)]


def test_entries_are_held_against_their_declared_number(tmp_path: Path) -> None:
    message = refusal(tmp_path, "matrix-market", MTX.replace("3 4 3", "3 4 5"))
    assert "declares 5 entries but holds 3" in message
    _, raw = look_and_read(tmp_path, "matrix-market", MTX.replace("3 4 3", "3 4 2"))
    assert "declares 2 entries but holds 3" in raw.notes[0]


@pytest.mark.parametrize(("banner", "words"), [
    ("matrix array real general", "array"), ("matrix coordinate complex general", "complex"),
    ("matrix coordinate real skew-symmetric", "skew-symmetric"), ("matrix coordinate", "banner"),
    ("matrix coordinate real hermitian", "hermitian"), ("vector coordinate real general", "vector"),
])
def test_matrices_that_hold_no_ratings_are_told(tmp_path: Path, banner: str, words: str) -> None:
    content = f"%%MatrixMarket {banner}\n2 2 1\n1 1 1\n"
    assert words in refusal(tmp_path, "matrix-market", content)


@pytest.mark.parametrize("rest", ["", "% only\n", "3 4\n1 2 3\n", "a b c\n1 2 3\n", "9 9 -1\n"])
def test_a_matrix_without_its_size_is_told(tmp_path: Path, rest: str) -> None:
    content = f"%%MatrixMarket matrix coordinate real general\n{rest}"
    assert "no line with the numbers" in refusal(tmp_path, "matrix-market", content)


# RecBole


def test_types_say_which_columns_there_are(tmp_path: Path) -> None:
    look, raw = look_and_read(
        tmp_path, "recbole", "item_id:token,hours:float,user_id:token\nx,2.5,7\ny,\"1\",8\n")
    assert look.roles == ("item", "rating", "user")
    assert raw.losses == {"header": 1, "rating is not a number": 1}  # quotes mean nothing here
    look, raw = look_and_read(tmp_path, "recbole", "user_id:token\titem_id:token\n7\tx\n8\ty\n")
    assert raw.value.tolist() == [1, 1]
    assert look.roles == ("user", "item")


def test_recbole_side_files_are_told(tmp_path: Path) -> None:
    content = "item_id:token\tmovie_title:token_seq\tclass:token_seq\n1\tHeat\tCrime\n"
    assert "titles" in refusal(tmp_path, "recbole", content)


# Orange


def test_flags_name_the_columns_and_what_they_leave_open_goes_by_name(tmp_path: Path) -> None:
    content = "rating\tuser\tsomething\tfilm\nc\td\ts\td\nclass\t\tmeta\tcol=1\n5\t7\tq\tx\n"
    look, raw = look_and_read(tmp_path, "orange", content)
    assert look.roles == ("rating", "user", "", "item")
    assert triples(raw) == [("7", "x", 5)]
    assert raw.losses == {"header": 3}


def test_an_orange_table_without_marks_is_refused_unless_columns_are_named(
    tmp_path: Path
) -> None:
    content = "a\tb\tc\nc\tc\tc\n\t\tclass\n7\tx\t5\n8\ty\t4\n"
    assert "does not mark columns" in refusal(tmp_path, "orange", content)
    _, raw = look_and_read(tmp_path, "orange", content, columns="user=a,item=b,rating=c")
    assert triples(raw) == [("7", "x", 5), ("8", "y", 4)]


# Netflix


def test_lines_before_the_first_item_and_bad_ones_are_rejected(tmp_path: Path) -> None:
    _, raw = look_and_read(tmp_path, "netflix", NETFLIX + "9,x,2001-01-01\n\n9\n,4,2001-01-01\n")
    assert triples(raw) == [("7", "1", 5), ("8", "1", 3), ("7", "20", 1)]
    assert raw.losses["item line"] == 2
    assert raw.losses["rating is not a number"] == 1
    assert raw.losses["the user id is empty"] == 1
    assert raw.losses["blank"] == 1


def test_a_word_with_a_colon_above_a_table_is_no_item(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("Ratings:\n1,a,5\n2,b,3\n")
    assert FORMATS["netflix"].matches(open_source(file), ReadOptions()) == 0


def test_ratings_need_no_date(tmp_path: Path) -> None:
    look, raw = look_and_read(tmp_path, "netflix", "a1:\n7,5\n8,3\nb2:\n7,1\n")
    assert triples(raw) == [("7", "a1", 5), ("8", "a1", 3), ("7", "b2", 1)]
    assert look.roles == ("item", "user", "rating")
    assert raw.time is None


def test_the_qualifying_set_has_no_ratings(tmp_path: Path) -> None:
    content = "1:\n7,2001-01-06\n8,2001-01-07\n2:\n9,2001-01-07\n"
    assert "no ratings" in refusal(tmp_path, "netflix", content)
