"""Files of pairs."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from mfgui.data.options import ReadOptions
from mfgui.data.pairs import read_pairs
from mfgui.errors import DataError


@pytest.mark.parametrize("text", [
    "007,x\n7,y\n", "user,item\n007,x\n7,y\n", "item;user\nx;007\ny;7\n", "007\tx\t4\n7\ty\t3\n",
    "007::x\n\n7::y\n", "007 x\r\n7 y\r\n", '"007","x"\n"7","y"\n',
])
def test_pairs_are_read_whatever_their_layout(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pairs.txt"
    path.write_bytes(text.encode())
    assert list(read_pairs(path)) == [("007", "x"), ("7", "y")]
    packed = tmp_path / "pairs.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    assert list(read_pairs(packed)) == [("007", "x"), ("7", "y")]


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("9,x,u\n8,y,v\n")
    options = ReadOptions(columns="user=3,item=2")
    assert list(read_pairs(path, options)) == [("u", "x"), ("v", "y")]


@pytest.mark.parametrize("text", ["", "a\nb\n", "a,b\nc\n", "\0\1\2"])
def test_what_holds_no_pair_is_refused_in_one_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=r"pairs\.csv"):
        list(read_pairs(path))


def test_a_damaged_gzip_is_refused_in_one_sentence(tmp_path: Path) -> None:
    path, rng = tmp_path / "pairs.gz", random.Random(0)
    sound = gzip.compress("".join(f"u{n},i{n * n}\n" for n in range(3000)).encode())
    for _ in range(20):
        broken = bytearray(sound)
        for place in rng.sample(range(12, len(broken)), 5):
            broken[place] ^= 255
        path.write_bytes(bytes(broken))
        with pytest.raises(DataError, match="pairs"):
            list(read_pairs(path))


def test_blank_lines_before_the_header_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text("\n\nuser,item\n1,2\n")
    assert list(read_pairs(path)) == [("1", "2")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_pairs_are_read_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(("1,x\r\n" * 200_000 + "Åse,é\r\n").encode(encoding))
    assert list(read_pairs(path))[-1] == ("Åse", "é")


def test_a_workbook_holds_no_pairs(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_bytes(b"PAR1" + b"1,2\n" * 20)
    with pytest.raises(DataError, match=r"pairs\.csv is not text"):
        list(read_pairs(path))


def test_an_id_may_go_on_in_the_next_line(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text('user,item\n"two\nlines",x\n7,"""a""\n\nb,c"\n8,z\n')
    assert list(read_pairs(path)) == [("two\nlines", "x"), ("7", '"a"\n\nb,c'), ("8", "z")]


def test_a_quotation_mark_that_is_never_closed_is_a_plain_sign(tmp_path: Path) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text('user,item\n5" nail,x\n' + "7,y\n" * 300)
    assert list(read_pairs(path)) == [('5" nail', "x"), *[("7", "y")] * 300]
