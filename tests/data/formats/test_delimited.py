"""Delimited text: separator, header, columns, decimal sign, and how sure they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from mfgui.core.control import Control
from mfgui.data.formats.delimited import Delimited
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings
from mfgui.data.source import open_source
from mfgui.errors import DataError

KIND = Delimited()
PLAIN = [("1", "a", 5.0), ("1", "b", 3.0), ("2", "a", 4.0), ("007", "c", 0.5)]
LONG = [(str(n * 7 % 90), f"i{n * 3 % 70}", n % 5 + 1.0) for n in range(200)]


def triples(raw: RawRatings) -> list[tuple[str, str, float]]:
    return [
        (raw.user_ids[user], raw.item_ids[item], value) for user, item, value in zip(
            raw.user.tolist(), raw.item.tolist(), raw.value.tolist(), strict=True)]


def look_at(tmp_path: Path, content: str | bytes, **options: object) -> Look:
    file = tmp_path / "ratings.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return KIND.look(open_source(file), ReadOptions(**options))  # type: ignore[arg-type]


def look_and_read(
    tmp_path: Path, content: str | bytes, **options: object
) -> tuple[Look, RawRatings]:
    """Read by options and again by what the look says: both are the same."""
    look = look_at(tmp_path, content, **options)
    source = open_source(tmp_path / "ratings.csv")
    raw = KIND.read(source, ReadOptions(**options), Control())  # type: ignore[arg-type]
    again = KIND.read(source, look.options, Control())
    assert raw.n_read == raw.value.size + sum(raw.losses.values())
    assert triples(again) == triples(raw)
    assert again.losses == raw.losses
    return look, raw


def refusal(tmp_path: Path, content: str, **options: object) -> str:
    with pytest.raises(DataError) as caught:
        look_and_read(tmp_path, content, **options)
    message = str(caught.value)
    assert message.startswith("ratings.csv")
    assert message.endswith(".")
    return message


@pytest.mark.parametrize(("separator", "words"), [
    (",", "comma"), ("\t", "tab"), (";", "semicolon"), (" ", "blank"), ("   ", "blank"),
    ("::", "double-colon"), ("|", "bar"), (", ", "comma"), (" \t ", "tab"),
])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("extra", [[], ["881250949"], ["2001-03-04 05:06:07"]])
def test_every_separator_and_line_end_gives_the_same_ratings(
    tmp_path: Path, separator: str, words: str, end: str, extra: list[str]
) -> None:
    if " " in "".join(extra) and separator.strip(" ") == "":
        extra = ["2001-03-04"]
    lines = [separator.join([user, item, f"{value:g}", *extra]) for user, item, value in PLAIN]
    look, raw = look_and_read(tmp_path, end.join(lines) + end)
    assert triples(raw) == PLAIN
    assert raw.reading.separator == words
    assert raw.reading.columns == ("user", "item", "rating", "time")[: 3 + len(extra)]
    assert raw.reading.how == f"{words}-separated, no header"
    assert not look.doubts
    assert (raw.time is not None) == bool(extra)


@pytest.mark.parametrize("delimiter", ["@", "'", "\\", "^", "-", "]", ".", "*", "ab", "é", "x",
                                       "~~"])
def test_any_sign_can_separate_when_named(tmp_path: Path, delimiter: str) -> None:
    text = "".join(f"{delimiter.join(['1', item, '4'])}\n" for item in ("q", "w", "e"))
    _, raw = look_and_read(tmp_path, text, delimiter=delimiter)
    assert list(raw.item_ids) == ["q", "w", "e"]


@pytest.mark.parametrize("text", [
    "u;i;r\n1;a;3,5\n2;b;4\n3;c;0,5\n", "1;a;3,5\n2;b;4\n3;c;0,5\n",
    "1\ta\t3,5\n2\tb\t4\n3\tc\t,5\n",
    'u,i,r\n1,a,"3,5"\n2,b,4\n3,c,"0,5"\n', "1 a 3,5\n2 b 4\n3 c 0,5\n",
])
def test_a_decimal_comma_is_found(tmp_path: Path, text: str) -> None:
    look, raw = look_and_read(tmp_path, text)
    assert (look.options.decimal, raw.reading.decimal) == ("comma", "comma")
    assert raw.value.tolist() == [3.5, 4, 0.5]
    assert "decimal comma" in raw.reading.how
    assert not [doubt for doubt in look.doubts if "separator" in doubt]


def test_thousands_signs_are_no_decimal_commas(tmp_path: Path) -> None:
    look, raw = look_and_read(tmp_path, "u;i;r\n1;a;1,234\n2;b;4\n3;c;12,345,678\n4;d;5\n5;e;6\n")
    assert look.options.decimal == "point"
    assert raw.losses == {"header": 1, "rating has a thousands sign": 2}


def test_comments_before_the_data_are_counted_and_may_name_the_columns(tmp_path: Path) -> None:
    for sign in "#%":
        body = f"{sign} made by hand\n{sign} item,rating,user\na,5,1\n{sign} a word\nb,3,1\n"
        look, raw = look_and_read(tmp_path, body)
        assert triples(raw) == [("1", "a", 5.0), ("1", "b", 3.0)]
        assert raw.losses == {"comment": 3}
        assert look.names == ("item", "rating", "user")
    _, raw = look_and_read(tmp_path, "# by hand\nuser,item,rating\n1,a,5\n")
    assert sum(raw.losses.values()) == 2
    _, raw = look_and_read(tmp_path, "#1,a,5\n#2,b,3\n")
    assert list(raw.user_ids) == ["#1", "#2"]


def test_words_above_the_header_are_passed_over(tmp_path: Path) -> None:
    text = "Ratings of 2024\n\nuser,item,rating\n1,a,5\n2,b,3\n"
    look, raw = look_and_read(tmp_path, text)
    assert triples(raw) == [("1", "a", 5.0), ("2", "b", 3.0)]
    assert raw.losses == {"header": 2, "blank": 1}
    assert look.names == ("user", "item", "rating")


@pytest.mark.parametrize("header", [
    "movieId,rating,userId", "ISBN,Book-Rating,User-ID", '"item","score","person"',
    "item_id:token,rating:float,user_id:token", "asin,overall,reviewerID",
])
def test_header_words_decide_the_columns_in_any_order(tmp_path: Path, header: str) -> None:
    look, raw = look_and_read(tmp_path, f"{header}\na,5,1\nb,3,1\n")
    assert triples(raw) == [("1", "a", 5.0), ("1", "b", 3.0)]
    assert look.roles == ("item", "rating", "user")
    assert not look.doubts


def test_a_header_of_unknown_words_leaves_the_usual_order_and_a_doubt(tmp_path: Path) -> None:
    look, raw = look_and_read(tmp_path, "wer,was,wie\n1,a,5\n1,b,3\n")
    assert triples(raw) == [("1", "a", 5.0), ("1", "b", 3.0)]
    assert "names no user" in look.doubts[0]


def test_columns_can_be_told_by_number_and_by_name(tmp_path: Path) -> None:
    text = "when,what,who,how\n1,a,7,5\n2,b,7,3\n"
    for columns in ("user=Who,item=what,rating=how", "user=3,item=2,rating=4",
                    {"rating": 4, "item": "WHAT", "user": 3}, ("", "item", "user", "rating")):
        look, raw = look_and_read(tmp_path, text, columns=columns)
        assert triples(raw) == [("7", "a", 5.0), ("7", "b", 3.0)]
        assert look.roles == ("", "item", "user", "rating")
        assert not look.doubts


@pytest.mark.parametrize(("columns", "words"), [
    ("user=1,item=2,rating=9", "no column 9"), ("user=1,item=2,rating=x", "no column 'x'"),
    ("user=1,items=2-3", "wide"),
])
def test_columns_that_are_not_there_are_told(tmp_path: Path, columns: str, words: str) -> None:
    assert words in refusal(tmp_path, "1,2,3\n1,3,4\n", columns=columns)


def test_a_title_column_is_kept_and_others_passed_over(tmp_path: Path) -> None:
    look, raw = look_and_read(
        tmp_path, 'user,country,item,title,rating\n1,SE,a,"Tea, hot",5\n2,NO,a,,4\n3,NO,b,Milk,3\n')
    assert look.roles == ("user", "", "item", "title", "rating")
    assert raw.item_titles is not None
    assert list(raw.item_titles) == ["Tea, hot", "Milk"]
    assert not look.doubts


def test_a_header_of_user_and_item_alone_makes_every_line_a_rating_of_1(tmp_path: Path) -> None:
    for text in ("user,item\n1,a\n2,b\n",
                 "userId,movieId,timestamp\n1,a,881250949\n2,b,881250949\n"):
        look, raw = look_and_read(tmp_path, text)
        assert triples(raw) == [("1", "a", 1.0), ("2", "b", 1.0)]
        assert "rating" not in look.roles
        assert "rating of 1" in raw.reading.how
        assert not look.doubts
    look, raw = look_and_read(tmp_path, "1,a\n2,b\n", columns="user=1,item=2")
    assert raw.value.tolist() == [1, 1]


def test_two_columns_without_a_header_are_refused_but_shown(tmp_path: Path) -> None:
    assert "only two columns" in refusal(tmp_path, "1,a\n2,b\n")
    look = look_at(tmp_path, "1,a\n2,b\n")
    assert (look.roles, len(look.rows)) == (("user", "item"), 2)
    assert "only two columns" in look.doubts[0]


def test_an_unnamed_column_of_numbers_is_the_rating(tmp_path: Path) -> None:
    look, _ = look_and_read(tmp_path, "user,item,hours\n1,a,2.5\n2,b,4\n")
    assert look.roles == ("user", "item", "rating")
    assert not look.doubts
    look, _ = look_and_read(tmp_path, "user,item,hours,days\n1,a,2.5,7\n2,b,4,8\n")
    assert look.roles == ("user", "item", "rating", "")
    assert "Several columns" in look.doubts[0]


# How sure


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2)])
def test_a_clear_file_leaves_no_doubt(tmp_path: Path, order: tuple[int, ...]) -> None:
    rows = [[user, item[1:], f"{value:g}"] for user, item, value in LONG]
    look = look_at(tmp_path, "\n".join(",".join(row[k] for k in order) for row in rows))
    assert (look.doubts, look.certainty) == ((), 0.8)


def test_a_rating_before_user_and_item_leaves_a_doubt(tmp_path: Path) -> None:
    look = look_at(tmp_path, "\n".join(f"{v:g},{u},{i[1:]}" for u, i, v in LONG))
    assert look.roles == ("user", "item", "rating")
    assert "column 1 looks more like one" in look.doubts[0]
    assert look.certainty < 0.8
    look = look_at(tmp_path, "\n".join(f"{v:g},{u},{i}" for u, i, v in LONG))
    assert look.roles == ("rating", "user", "item")
    assert "Column 3 holds no ratings" in look.doubts[0]


def test_several_columns_that_look_like_ratings_leave_a_doubt(tmp_path: Path) -> None:
    look = look_at(tmp_path, "\n".join(f"{u},{i},{v:g},{6 - v:g}" for u, i, v in LONG))
    assert look.roles == ("user", "item", "rating", "")
    assert "column 4 looks like one too" in look.doubts[0]


def test_two_separators_that_cut_alike_leave_a_doubt(tmp_path: Path) -> None:
    look = look_at(tmp_path, "".join(f"{n}a|b;c{n}|4;d|5{n}x\n" for n in range(30)))
    assert "The separator may be" in look.doubts[0]


def test_lines_without_an_item_leave_a_doubt(tmp_path: Path) -> None:
    look = look_at(tmp_path, "\n".join(f"{u},{i if v > 1 else ''},{v:g}" for u, i, v in LONG))
    assert "Some lines have no item" in look.doubts[0]


@pytest.mark.parametrize(("content", "words"), [
    ("1\n2\n3\n", "only one column"), ("a b c\nd e\nf g h i j\nk\n", "no common separator"),
    ("movieId,imdbId,tmdbId\n1,2,3\n2,3,4\n", "other ids"),
    ("movieId,title,genres\n1,Heat,Crime\n2,Babe,Pigs\n", "give this one as its titles"),
    ("userId,movieId,tag\n1,2,funny\n2,3,dull\n", "tags or comments"),
    ("id,name\n1,Ann\n2,Bo\n", "only two columns"),
    (",".join(["1"] * 50) + "\n", "50 columns and no header"),
    ("user,age,town\n1,30,Oslo\n2,20,Rome\n", "list of users"),
    ("user,town\n1,Oslo\n2,Rome\n", "does not name a column"),
    ("".join(f"{n}|Film {n}|Drama\n" for n in range(30)), "list of titles"),
    ("".join(f"{n}::{'FM'[n % 2]}::{n % 7}::1\n" for n in range(30)), "list of users"),
])
def test_what_holds_no_ratings_is_told_for_what_it_looks_like(
    tmp_path: Path, content: str, words: str
) -> None:
    assert words in refusal(tmp_path, content)


# Encodings


def test_the_encoding_is_told_even_where_a_late_byte_shows_it(tmp_path: Path) -> None:
    lines = "".join(f"{n},{n % 50},{n % 5}\n" for n in range(120_000)).encode()
    for tail, label in (("x,Ås,5\n".encode("latin-1"), "Latin-1"),
                        ("x,“Ås”,5\n".encode("cp1252"), "Windows-1252"),
                        ("x,Ås,5\n".encode(), "UTF-8")):
        _, raw = look_and_read(tmp_path, lines + tail)
        assert raw.reading.encoding == label
        assert raw.item_ids[len(raw.item_ids) - 1].strip("“”") == "Ås"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read(tmp_path: Path, encoding: str) -> None:
    _, raw = look_and_read(tmp_path, "user,item,rating\n1,Åse,5\n2,b,4\n".encode(encoding))
    assert triples(raw) == [("1", "Åse", 5.0), ("2", "b", 4.0)]
    assert raw.reading.encoding == "UTF-16"


def test_a_named_encoding_is_used_or_told_not_to_fit(tmp_path: Path) -> None:
    content = "user,item,rating\n1,caf\xe9,5\n".encode("mac-roman")
    _, raw = look_and_read(tmp_path, content, encoding="mac-roman")
    assert list(raw.item_ids) == ["café"]
    with pytest.raises(DataError, match="line 2 is not UTF-8"):
        look_and_read(tmp_path, content, encoding="utf-8")
