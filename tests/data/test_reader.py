"""Files become ratings and a report that adds up, or one sentence."""

from __future__ import annotations

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.data.formats import FORMATS
from mfgui.data.import_report import ImportReport
from mfgui.data.reader import ReadOptions, open_ratings
from mfgui.errors import CancelledError, DataError

PLAIN = [("1", "a", 5.0), ("1", "b", 3.0), ("2", "a", 4.0), ("007", "c", 0.5)]


def triples(ratings: Ratings) -> list[tuple[str, str, float]]:
    return [
        (ratings.user_ids[n], ratings.item_ids[m], value)
        for n, m, value in zip(
            ratings.user_index.tolist(), ratings.item_index.tolist(), ratings.value.tolist(),
            strict=True,
        )
    ]


def assert_adds_up(report: ImportReport) -> None:
    assert report.n_lines == report.n_ratings + sum(number for _, number in report.losses)
    losses = dict(report.losses)
    assert report.n_duplicates == losses.get("duplicates", 0)
    shown = {kind: sum(bad.kind == kind for bad in report.rejected) for kind in losses}
    kinds = {bad.kind for bad in report.rejected}
    assert all(shown[kind] == min(losses[kind], 100) for kind in kinds)
    assert report.n_rejected == sum(losses[kind] for kind in kinds)


def read(tmp_path: Path, content: str | bytes, **options: object) -> tuple[Ratings, ImportReport]:
    file = tmp_path / "ratings.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    ratings, report = open_ratings(file, ReadOptions(**options))  # type: ignore[arg-type]
    assert_adds_up(report)
    assert (report.n_ratings, report.n_users, report.n_items, report.scale) == (
        ratings.n_ratings, ratings.n_users, ratings.n_items, ratings.scale
    )
    return ratings, report


def refusal(path: Path | str, options: ReadOptions | None = None) -> str:
    with pytest.raises(DataError) as caught:
        open_ratings(path, options)
    message = str(caught.value)
    assert message.isprintable(), message
    assert message.endswith(".")
    return message


# Layouts


@pytest.mark.parametrize(("separator", "words"), [
    (",", "comma"), ("\t", "tab"), (";", "semicolon"), (" ", "blank"), ("   ", "blank"),
    ("::", "double-colon"), ("|", "bar"), (", ", "comma"), (" \t ", "tab"),
])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("extra", [[], ["881250949"]])
def test_every_separator_and_line_end_gives_the_same_ratings(
    tmp_path: Path, separator: str, words: str, end: str, extra: list[str]
) -> None:
    lines = [separator.join([user, item, f"{value:g}", *extra]) for user, item, value in PLAIN]
    ratings, report = read(tmp_path, end.join(lines) + end)
    assert triples(ratings) == PLAIN
    assert report.separator == words
    assert report.columns == ("user", "item", "rating", "time")[: 3 + len(extra)]
    assert not report.has_header


def test_ids_stay_text_as_written(tmp_path: Path) -> None:
    ratings, _ = read(tmp_path, "007,01,1\n7,1,2\n7.0,1.0,3\n+7,é,4\n")
    assert list(ratings.user_ids) == ["007", "7", "7.0", "+7"]
    assert list(ratings.item_ids) == ["01", "1", "1.0", "é"]


def test_numbers_are_given_by_first_appearance_and_pairs_are_sorted(tmp_path: Path) -> None:
    ratings, _ = read(tmp_path, "9,z,1\n3,y,2\n9,a,3\n3,z,4\n")
    assert list(ratings.user_ids) == ["9", "3"]
    assert list(ratings.item_ids) == ["z", "y", "a"]
    assert ratings.user_index.tolist() == [0, 0, 1, 1]
    assert ratings.item_index.tolist() == [0, 2, 0, 1]
    assert ratings.value.tolist() == [1, 3, 4, 2]


@pytest.mark.parametrize("header", [
    "movieId,rating,userId", "ISBN,Book-Rating,User-ID", "item_id:token,rating:float,user_id:token",
    '"item","score","person"',
])
def test_header_words_decide_the_columns_in_any_order(tmp_path: Path, header: str) -> None:
    ratings, report = read(tmp_path, f"{header}\na,5,1\nb,3,1\n")
    assert triples(ratings) == [("1", "a", 5.0), ("1", "b", 3.0)]
    assert report.columns == ("item", "rating", "user")
    assert report.n_header_lines == 1


def test_a_header_of_unknown_words_leaves_the_usual_order(tmp_path: Path) -> None:
    ratings, report = read(tmp_path, "wer,was,wie\n1,a,5\n1,b,3\n")
    assert report.has_header
    assert triples(ratings) == [("1", "a", 5.0), ("1", "b", 3.0)]


def test_a_first_line_of_letters_is_no_header_when_its_rating_is_a_number(tmp_path: Path) -> None:
    _, report = read(tmp_path, "user,item,5\nanna,tea,3\n")
    assert not report.has_header
    assert report.n_ratings == 2


def test_a_column_between_is_passed_over_and_a_title_kept(tmp_path: Path) -> None:
    ratings, report = read(
        tmp_path,
        'user,country,item,title,rating\n1,SE,a,"Tea, hot",5\n2,NO,a,,4\n2,NO,b,,3\n'
        '3,NO,b,"X ""Y""",3\n',
    )
    assert report.columns == ("user", "item", "title", "rating")
    assert ratings.item_titles is not None
    assert list(ratings.item_titles) == ["Tea, hot", 'X "Y"']
    assert ratings.n_ratings == 4


def test_quoted_fields_lose_their_quotes_and_keep_what_is_inside(tmp_path: Path) -> None:
    ratings, _ = read(tmp_path, '"1";"a;b";"5"\n"2" ; "c ""d""" ;4\n3;plain;3\n')
    assert triples(ratings) == [("1", "a;b", 5.0), ("2", 'c "d"', 4.0), ("3", "plain", 3.0)]


def test_an_open_quotation_mark_costs_only_its_own_line(tmp_path: Path) -> None:
    ratings, report = read(tmp_path, '1,"a,5\n2,b,4\n3,5" disc,3\n')
    assert triples(ratings) == [("2", "b", 4.0), ("3", '5" disc', 3.0)]
    assert (report.rejected[0].line, report.rejected[0].text) == (1, '1,"a,5')


@pytest.mark.parametrize("header", ["", "user,item,rating,review\n"])
def test_reviews_of_several_lines_are_part_of_their_record(tmp_path: Path, header: str) -> None:
    text = header + "".join(
        f'{n * 7 % 50},i{n % 20},{n % 5 + 1},"good\nbut ""long"", too\n\nyes"\n' for n in range(99))
    ratings, report = read(tmp_path, text, columns="user=1,item=2,rating=3")
    assert dict(report.losses) == {
        **({"header": 1} if header else {}), "blank": 99, "continued": 198}
    assert ratings.n_ratings == 99


def test_a_byte_order_mark_is_no_part_of_the_first_id(tmp_path: Path) -> None:
    ratings, _ = read(tmp_path, b"\xef\xbb\xbf1,a,5\n2,b,4\n")
    assert list(ratings.user_ids) == ["1", "2"]


def test_latin_1_is_recognized(tmp_path: Path) -> None:
    ratings, report = read(tmp_path, "1,Åsa,5\n2,b,4\n".encode("latin-1"))
    assert list(ratings.item_ids) == ["Åsa", "b"]
    assert report.encoding == "Latin-1"


def test_one_damaged_byte_among_utf_8_is_doubted(tmp_path: Path) -> None:
    lines = "".join(f"{n},Åsa{n % 7},{n % 5}\n" for n in range(100)).encode()
    _, report = read(tmp_path, lines + b"7,\xff,3\n")
    assert any("Nearly all letters are UTF-8" in doubt for doubt in report.doubts)
    _, report = read(tmp_path, lines)
    assert report.doubts == ()


def test_a_latin_1_byte_far_below_the_beginning_is_recognized(tmp_path: Path) -> None:
    lines = "".join(f"{n},{n % 50},{n % 5}\n" for n in range(120_000))
    ratings, report = read(tmp_path, lines.encode() + "x,Ås,5\n".encode("latin-1"))
    assert report.encoding == "Latin-1"
    assert ratings.item_ids[ratings.n_items - 1] == "Ås"


def test_mixed_line_ends_are_counted_as_an_editor_counts(tmp_path: Path) -> None:
    ratings, report = read(tmp_path, b"1,a,5\n\r\n1,b,x\r\n1,c,3\r2,c,x\n\n\n2,a,1\r\n\r\n3,a,3")
    assert triples(ratings) == [("1", "a", 5.0), ("1", "c", 3.0), ("2", "a", 1.0), ("3", "a", 3.0)]
    assert [bad.line for bad in report.rejected] == [3, 5]
    assert (report.n_lines, report.n_blank_lines) == (10, 4)


def test_gzip_is_known_by_its_bytes_not_its_name(tmp_path: Path) -> None:
    text = b"1,a,5\n2,b,4\n"
    packed, named = tmp_path / "packed.csv", tmp_path / "plain.csv.gz"
    packed.write_bytes(gzip.compress(text[:6]) + gzip.compress(text[6:]))
    named.write_bytes(text)
    (one, report), (two, other) = open_ratings(packed), open_ratings(named)
    assert triples(one) == triples(two) == [("1", "a", 5.0), ("2", "b", 4.0)]
    assert (report.compression, other.compression) == ("gzip", "none")


def test_one_rating_is_a_file(tmp_path: Path) -> None:
    assert triples(read(tmp_path, "1,2,3")[0]) == [("1", "2", 3.0)]


# Wide tables


WIDE = "id,a,b,c,d\n" + "".join(
    f"u{n},{n % 5 + 1},{n * 3 % 5 + 1},,{n * 7 % 5 + 1}\n" for n in range(30))


def test_a_cell_with_words_behind_its_quotes_is_no_number(tmp_path: Path) -> None:
    text = WIDE + 'u98,"4" x,"3",2,1\n'
    ratings, report = read(tmp_path, text, format="wide")
    assert [bad.line for bad in report.rejected] == [32]
    assert ("u98", "b", 3.0) in triples(ratings)
    assert ("u98", "a", 4.0) not in triples(ratings)


def test_blanks_around_the_ids_of_a_wide_table_are_counted(tmp_path: Path) -> None:
    ratings, report = read(tmp_path, WIDE + " u98 ,4,3,2,1\n", format="wide")
    assert report.n_trimmed == 1
    assert "u98" in list(ratings.user_ids)


def test_a_missing_number_is_missing_in_any_spelling_of_a_cell(tmp_path: Path) -> None:
    _, report = read(tmp_path, WIDE + "u98,9.9e1,3,99,1\n", format="wide", missing="99")
    assert report.scale == (1.0, 5.0)
    assert report.n_missing == 30 + 2


# Values


def test_zeros_decimals_and_negative_numbers_are_ratings(tmp_path: Path) -> None:
    ratings, _ = read(tmp_path, "1,a,0\n1,b,-9.95\n1,c,3.5e0\n1,d,.5\n1,e,+2\n")
    assert ratings.value.tolist() == np.float32([0, -9.95, 3.5, 0.5, 2]).tolist()


@pytest.mark.parametrize(("rating", "reason"), [
    ("abc", "rating 'abc' is not a number"), ("", "the rating is empty"),
    ("nan", "rating 'nan' is not finite"), ("inf", "rating 'inf' is not finite"),
    ("-Infinity", "not finite"), ("1e400", "not finite"), ("1e39", "rating '1e39' is not finite"),
    ("1_000", "not a number"), ("0x10", "not a number"), ("3 5", "not a number"),
    ("true", "not a number"), ("x" * 500, "..."),
])
def test_what_is_no_rating_is_rejected_with_its_line(
    tmp_path: Path, rating: str, reason: str
) -> None:
    ratings, report = read(tmp_path, f"1,a,5\n1,b,4\n\n2,a,{rating}\n2,b,1\n")
    assert ratings.n_ratings == 3
    assert report.n_rejected == 1
    assert report.rejected[0].line == 4
    assert reason in report.rejected[0].reason
    assert len(report.rejected[0].text) <= 200


def test_short_lines_and_empty_ids_are_rejected(tmp_path: Path) -> None:
    _, report = read(tmp_path, "1,a,5\n1,b,4\n1,c,4\n2\n,a,3\n2, ,3\n4,d,4\n")
    assert [(bad.line, bad.reason) for bad in report.rejected] == [
        (4, "too few columns"), (5, "the user id is empty"), (6, "the item id is empty")
    ]


def test_a_user_seen_only_in_rejected_lines_does_not_exist(tmp_path: Path) -> None:
    ratings, _ = read(tmp_path, "1,a,5\nghost,a,x\n1,b,4\n")
    assert list(ratings.user_ids) == ["1"]


def test_the_last_of_two_ratings_of_a_pair_wins(tmp_path: Path) -> None:
    ratings, report = read(tmp_path, "1,a,5\n2,a,1\n1,a,2\n1,a,3\n")
    assert triples(ratings) == [("1", "a", 3.0), ("2", "a", 1.0)]
    assert report.n_duplicates == 2


def test_only_the_first_hundred_rejected_lines_are_kept(tmp_path: Path) -> None:
    _, report = read(tmp_path, "1,a,5\n" * 300 + "1,a,x\n" * 200)
    assert report.n_rejected == 200
    assert [bad.line for bad in report.rejected] == list(range(301, 401))


def test_line_numbers_are_true_in_a_file_of_many_buffers(tmp_path: Path) -> None:
    lines = [f"user{n},item{n % 1000},{n % 5}" for n in range(300_000)]
    for n in (10, 123_456, 299_999):
        lines[n] = f"user{n},item,bad{n}"
    lines[200_000] = ""
    _, report = read(tmp_path, "\n".join(lines))
    assert [(bad.line, bad.reason) for bad in report.rejected] == [
        (n + 1, f"rating 'bad{n}' is not a number") for n in (10, 123_456, 299_999)
    ]
    assert report.n_ratings == 299_996


# Options


def test_columns_can_be_told_in_every_spelling(tmp_path: Path) -> None:
    text = "5,a,x,1\n3,b,y,1\n"
    for columns in ("rating=1,item=2,user=4", {"rating": 1, "item": 2, "user": 4},
                    ("rating", "item", "", "user"), "rating,item,,user"):
        ratings, report = read(tmp_path, text, columns=columns)
        assert triples(ratings) == [("1", "a", 5.0), ("1", "b", 3.0)]
        assert report.columns == ("rating", "item", "user")


def test_columns_can_be_told_by_their_names(tmp_path: Path) -> None:
    text = "when,what,who,how\n1,a,7,5\n2,b,7,3\n"
    ratings, _ = read(tmp_path, text, columns="user=Who,item=what,rating=how")
    assert triples(ratings) == [("7", "a", 5.0), ("7", "b", 3.0)]


def test_header_and_delimiter_can_be_told(tmp_path: Path) -> None:
    _, report = read(tmp_path, "1,2,3\n1,3,4\n", header=True)
    assert (report.n_ratings, report.n_header_lines) == (1, 1)
    _, report = read(tmp_path, "user,item,rating\n1,3,4\n", header=False)
    assert (report.n_ratings, report.n_rejected) == (1, 1)
    ratings, report = read(tmp_path, "1@a,b@5\n2@c@4\n3@d@3", delimiter="@")
    assert (ratings.item_ids[0], report.separator) == ("a,b", "'@'")
    ratings, _ = read(tmp_path, "1;a,b;5\n2;c;4\n", delimiter="semicolon")
    assert ratings.n_ratings == 2


@pytest.mark.parametrize("options", [
    {"columns": "user=1,rating=2"}, {"columns": "user=1,item=2,rating=0"},
    {"columns": "user=1,item=1,rating=3"}, {"columns": "user=1,item=2,stars=3"},
    {"columns": "user=1,item=2,rating=x"}, {"columns": "user=,item=2,rating=3"},
    {"columns": ""}, {"delimiter": "much too long"}, {"delimiter": ""}, {"delimiter": '"'},
    {"columns": "user=1,item=2,rating=9"},
])
def test_options_that_cannot_be_are_told_in_a_sentence(
    tmp_path: Path, options: dict[str, str]
) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text("1,2,3\n1,3,4\n")
    refusal(file, ReadOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("delimiter", ["'", "\\", "^", "-", "]", ".", "*", "ab", "é", "x"])
def test_any_sign_can_separate(tmp_path: Path, delimiter: str) -> None:
    text = "".join(f'{delimiter.join(["1", item, "4"])}\n' for item in ("q", '"w"', "e"))
    ratings, _ = read(tmp_path, text, delimiter=delimiter)
    assert list(ratings.item_ids) == ["q", "w", "e"]


# Bad input


@pytest.mark.parametrize(("content", "words"), [
    (b"", ["is empty"]),
    (b"\n \n\r\n", ["is empty"]),
    (b"\xef\xbb\xbf", ["is empty"]),
    (b"1\n2\n3\n", ["only one column"]),
    (b"1,2\n2,3\n", ["only two columns"]),
    (b"1,a,good\n2,b,bad\n", ["bad.csv, line 1: rating 'good' is not a number"]),
    (b"user,item,rating\n", ["bad.csv", "no ratings"]),
    (b"user,item,rating\n1,2,x\n", ["bad.csv, line 2: rating 'x'"]),
    (b"1,2,3\n" + b"1,2,x\n" * 3 + b"1\n", ["line 2", "4 of 5 lines", "not a number"]),
    (bytes(range(256)) * 20, ["is not text"]),
    (b"\x01\x02\x03\x04" * 100, ["is not text"]),
    (b"PK\x03\x04" + b"1,2,3\n" * 50, ["ZIP"]),
    (b"\xff\xfe1\x00", ["only one column"]),
    (b"\x1f\x8b", ["damaged"]),
    (b"\x1f\x8b\x08\x00 nonsense that is no gzip", ["damaged"]),
    (gzip.compress(b"", mtime=0), ["is empty"]),
    (gzip.compress(b"1,2,3\n" * 50, mtime=0)[:-9], ["damaged"]),
    (b"1,2,3," * 300_000, ["line of over a million bytes"]),
    (b"movieId,imdbId,tmdbId\n1,2,3\n", ["looks like a list of other ids"]),
])
def test_bad_content_is_told_in_one_sentence(
    tmp_path: Path, content: bytes, words: list[str]
) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    message = refusal(file)
    assert message.startswith("bad.csv")
    assert all(word in message for word in words), message


def test_a_damaged_gzip_file_is_refused_even_when_damaged_late(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    text = "".join(f"{n},{m},3\n" for n, m in rng.integers(0, 99999, (200_000, 2)).tolist())
    packed = bytearray(gzip.compress(text.encode(), 1))
    file = tmp_path / "late.gz"
    file.write_bytes(packed[: len(packed) * 9 // 10])
    assert "damaged" in refusal(file)
    packed[len(packed) * 9 // 10] ^= 255
    file.write_bytes(packed)
    assert "damaged" in refusal(file)


def test_things_that_are_no_files_are_told_in_one_sentence(tmp_path: Path) -> None:
    assert "is a folder" in refusal(tmp_path)
    assert "is not there" in refusal(tmp_path / "absent.csv")
    assert "name" in refusal(tmp_path / "a\0b.csv")
    assert "cannot be opened" in refusal(tmp_path / ("n" * 300))
    assert "device or a pipe" in refusal(os.devnull)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "device or a pipe" in refusal(tmp_path / "pipe")


@pytest.mark.parametrize("name", [
    "a[1].csv", "w?.csv", "x*.csv", "**.csv", "it's \"here\".csv", "new\nline.csv", "~t.csv",
    "back\\slash.csv", "{b,c}.csv", "é ü.csv", "a=b.csv", "-.csv", "%s;--.csv", "ratings",
])
def test_a_file_is_read_under_whatever_name_it_has(tmp_path: Path, name: str) -> None:
    for number, neighbour in enumerate(("a1.csv", "wx.csv", "xy.csv", "b.csv"), 1):
        (tmp_path / neighbour).write_text(f"wrong,file,{number}\n")
    folder = tmp_path / "k=v [x]"
    folder.mkdir()
    (folder / name).write_text("right,file,5\n")
    (tmp_path / name).write_text("right,file,5\n")
    for file in (tmp_path / name, folder / name):
        assert triples(open_ratings(file)[0]) == [("right", "file", 5.0)]


def test_a_name_that_is_no_text_is_read_too(tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/\xff\xfe.csv"
    try:
        with open(file, "wb") as stream:
            stream.write(b"1,2,3\n")
    except OSError:
        pytest.skip("this file system takes no such names")
    ratings, report = open_ratings(os.fsdecode(file))
    assert triples(ratings) == [("1", "2", 3.0)]
    assert report.name == "??.csv"


# Cancel and progress


def test_a_stopped_control_cancels_before_anything_is_read(tmp_path: Path) -> None:
    control = Control()
    control.stop()
    with pytest.raises(CancelledError):
        open_ratings(tmp_path / "absent.csv", control=control)


@pytest.mark.parametrize("step", range(1, 9))
def test_a_stop_at_any_step_ends_the_reading(tmp_path: Path, step: int) -> None:
    class Stopping(Control):
        n_looks = 0

        def checkpoint(self) -> None:
            self.n_looks += 1
            if self.n_looks == step:
                self.stop()
            super().checkpoint()

    file = tmp_path / "x.csv"
    file.write_text("1,2,3\n2,2,3\n" * 400_000)
    control = Stopping()
    with pytest.raises(CancelledError):
        open_ratings(file, control=control)
    assert control.n_looks <= step + 2


def test_progress_is_told_and_a_stop_after_reading_harms_nobody(tmp_path: Path) -> None:
    texts = []

    class Telling(Control):
        def report(self, text: str, fraction: float | None = None) -> None:
            texts.append((text, fraction))

    control = Telling()
    file = tmp_path / "x.csv"
    file.write_text("1,2,3\n" * 400_000)
    open_ratings(file, control=control)
    control.stop()
    shares = [fraction for text, fraction in texts if text == "Reading x.csv" and fraction]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert texts[-1][0] == "Finishing"


def test_very_long_lines_cost_themselves_only(tmp_path: Path) -> None:
    ratings, report = read(tmp_path, b"1,2,3\n1,3,4\n" + b"9" * 9_500_000 + b"\n2,2,5\n" * 2)
    assert ratings.n_ratings == 3
    assert [(bad.line, bad.kind) for bad in report.rejected] == [
        (3, "the line is longer than 4 MB")]


def test_without_a_rating_column_each_line_is_a_rating_of_1(tmp_path: Path) -> None:
    ratings, report = read(tmp_path, "1,a,x\n1,b,y\n2,a,\n", columns="user=1,item=2")
    assert triples(ratings) == [("1", "a", 1.0), ("1", "b", 1.0), ("2", "a", 1.0)]
    assert report.columns == ("user", "item")


# Real files


@pytest.mark.parametrize(("name", "ratings", "users", "items", "scale", "separator", "header"), [
    ("ml-100k/u.data", 100_000, 943, 1682, (1, 5), "tab", 0),
    ("ml-1m/ratings-3col.dat.gz", 1_000_209, 6040, 3706, (1, 5), "double-colon", 0),
    ("ml-1m/ratings-first533users.dat", 80_496, 533, 3200, (1, 5), "double-colon", 0),
    ("ml-latest-small/ratings.csv", 100_836, 610, 9724, (0.5, 5), "comma", 1),
    ("awkward/u.data-with-header.gz", 100_000, 943, 1682, (1, 5), "tab", 1),
    ("awkward/recbole-ml-100k.inter.gz", 100_000, 943, 1682, (1, 5), "tab", 1),
    ("awkward/BX-Book-Ratings-sample.csv", 39_268, 4287, 29_248, (0, 10), "semicolon", 1),
    ("awkward/amazon-electronics-noheader-50k.csv", 50_009, 46_562, 3446, (1, 5), "comma", 0),
    ("awkward/hetrec-lastfm-user_artists.dat", 92_834, 1892, 17_632, (1, 352_698), "tab", 1),
    ("awkward/libmf-real_matrix.tr.txt", 5000, 1525, 177, (0.5, np.float32(5.1)), "blank", 0),
    ("shippable/food-frequency.csv", 6792, 54, 127, (1, 9), "comma", 1),
    ("shippable/insteval-gpl.csv.gz", 73_421, 2972, 1128, (1, 5), "comma", 1),
])
def test_real_files_have_the_published_counts(
    shared_data: Path, name: str, ratings: int, users: int, items: int,
    scale: tuple[float, float], separator: str, header: int,
) -> None:
    data, report = open_ratings(shared_data / name)
    assert_adds_up(report)
    assert (data.n_ratings, data.n_users, data.n_items) == (ratings, users, items)
    assert data.scale == scale
    assert (report.separator, report.n_header_lines) == (separator, header)
    assert (report.n_rejected, report.n_duplicates) == (0, 0)


def test_duplicates_of_a_real_file_are_counted(shared_data: Path) -> None:
    data, report = open_ratings(shared_data / "awkward/BX-semicolon-unquoted-99998.csv.gz")
    assert_adds_up(report)
    assert (report.n_duplicates, data.n_ratings) == (20, 99_978)
    assert (data.n_users, data.n_items) == (9424, 63_773)


def test_a_real_file_is_read_as_a_plain_loop_reads_it(shared_data: Path) -> None:
    path = shared_data / "ml-latest-small/ratings.csv"
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    data, _ = open_ratings(path)
    assert list(data.user_ids) == list(dict.fromkeys(row[0] for row in rows))
    assert list(data.item_ids) == list(dict.fromkeys(row[1] for row in rows))
    users, items = data.user_ids.positions, data.item_ids.positions
    expected = sorted((users[u], items[i], float(r)) for u, i, r, _ in rows)
    assert expected == list(zip(
        data.user_index.tolist(), data.item_index.tolist(), data.value.tolist(), strict=True
    ))


@pytest.mark.parametrize("name", [
    "ml-100k/u.item", "ml-1m/movies.dat", "ml-1m/README", "ml-latest-small/tags.csv",
    "ml-latest-small/links.csv", "awkward/BX-Book-Ratings-classic-mac-cr.csv.gz",
    "awkward/hetrec-lastfm-artist-names.tsv.gz",
])
def test_real_files_that_hold_no_ratings_are_refused(shared_data: Path, name: str) -> None:
    assert refusal(shared_data / name).startswith(Path(name).name)


# Formats and fuzz


def test_every_format_is_registered_under_its_name() -> None:
    for name, kind in FORMATS.items():
        assert kind.name == name
        assert kind.label
        assert all(extension.startswith(".") for extension in kind.extensions)


BASES = (
    b"1,a,5\n1,b,3\n2,a,4\n3,c,1\n4,c,2\n",
    b"user;item;rating\r\n\"1\";\"a\";\"5\"\r\n\"2\";\"b\";\"3\"\r\n\"3\";\"c\";\"3\"\r\n",
    b"196\t242\t3\t881250949\n186\t302\t3\t891717742\n22\t377\t1\t878887116\n",
    b"1::1193::5\n1::661::3\n2::914::3\n",
    b"61 7 4.0\n1647 128 3.6\n12 9 1\n",
)
BITES = (b",", b";", b"\t", b" ", b"::", b'"', b'""', b"\n", b"\r", b"\r\n", b"\0", b"\xff",
         b"\xc3\xa9", b"nan", b"1e999", b"-", b"''", b"\\", b"[", b"\xef\xbb\xbf", b"\x1f\x8b",
         b"\x1e\x1f\x1e\x1f", b"\x1f", b"user", b"rating", b"x" * 300)


@pytest.mark.parametrize("seed", range(100))
def test_mutated_files_end_in_ratings_that_add_up_or_in_a_sentence(
    tmp_path: Path, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    content = bytearray(BASES[seed % len(BASES)])
    for _ in range(int(rng.integers(1, 8))):
        where = int(rng.integers(0, len(content) + 1))
        cut = int(rng.integers(0, 3))
        content[where : where + cut] = BITES[int(rng.integers(0, len(BITES)))]
    file = tmp_path / "mutated.csv"
    file.write_bytes(gzip.compress(content) if seed % 7 == 0 else content)
    try:
        ratings, report = open_ratings(file)
    except DataError as error:
        message = str(error)
    else:
        message = "mutated.csv"
        assert_adds_up(report)
        assert ratings.n_ratings >= 1
        end = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n")
        assert report.n_lines == end.count(b"\n") + 1
    assert message.isprintable()
    assert message.startswith("mutated.csv")
    assert "could be told apart" not in message
