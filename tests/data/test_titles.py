"""Titles: files of several layouts, ids as written, and offered only where they fit."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mfgui.core.control import Control
from mfgui.core.ratings import TextArray
from mfgui.data.options import ReadOptions
from mfgui.data.reader import open_ratings
from mfgui.data.titles import find_titles, read_titles, titles_for
from mfgui.errors import CancelledError, DataError


@pytest.mark.parametrize(("name", "n_titles", "key", "title"), [
    ("ml-100k/u.item", 1682, "1682", "Scream of Stone (Schrei aus Stein) (1991)"),
    ("ml-1m/movies.dat", 3883, "3952", "Contender, The (2000)"),
    ("ml-latest-small/movies.csv", 9742, "11", "American President, The (1995)"),
    ("awkward/hetrec-lastfm-artist-names.tsv.gz", 17632, "1", "MALICE MIZER"),
])
def test_the_files_of_public_data_are_read(
    shared_data: Path, name: str, n_titles: int, key: str, title: str
) -> None:
    titles = read_titles(shared_data / name)
    assert len(titles.texts) == n_titles
    assert titles.texts[key] == title


def test_latin_1_is_read_as_it_is_meant(shared_data: Path) -> None:
    assert read_titles(shared_data / "ml-1m/movies.dat").texts["73"].startswith("Misérables")


@pytest.mark.parametrize(("content", "texts"), [
    ("1,One\n2,Two\n", {"1": "One", "2": "Two"}),
    ("id;name\n01;Eins\n1;\"Zwei; oder\"\n", {"01": "Eins", "1": "Zwei; oder"}),
    ("title\tmovieId\nA \"b\" c\t5\nD\t6\n", {"5": 'A "b" c', "6": "D"}),
    ("1|One|x\n2|\"Two|y\n3|Three|z\n", {"1": "One", "2": '"Two', "3": "Three"}),
    ("asin,genre,product_name\nB0,G,Thing\nB1,G,Other\n", {"B0": "Thing", "B1": "Other"}),
    ("id\tname\n1\tOne\n2\tTwo\n3\tThree\n", {"1": "One", "2": "Two", "3": "Three"}),
    ("userId,name\nu1,Ann\nu2,\nu1,Bea\n", {"u1": "Ann"}),
])
def test_ids_and_titles_are_found(tmp_path: Path, content: str, texts: dict[str, str]) -> None:
    file = tmp_path / "names.txt"
    file.write_text(content)
    assert read_titles(file).texts == texts


def test_columns_can_be_named(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("a,b,c\n1,x,One\n2,y,Two\n")
    assert read_titles(file, ReadOptions(columns="item=a,title=b")).texts == {"1": "x", "2": "y"}
    options = ReadOptions(columns="item=2,title=3", header=True)
    assert read_titles(file, options).texts == {"x": "One", "y": "Two"}


@pytest.mark.parametrize("name", ["ml-100k/u.data", "ml-100k/u.user", "ml-latest-small/links.csv"])
def test_what_is_no_list_of_titles_is_refused(shared_data: Path, name: str) -> None:
    with pytest.raises(DataError, match="titles"):
        read_titles(shared_data / name)


def test_ids_match_exactly_and_the_matches_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("id,title\n7,Seven\n8,Eight\n")
    texts, n_matched = titles_for(TextArray.from_strings(["007", "8", "é", ""]), read_titles(file))
    assert list(texts) == ["", "Eight", "", ""]
    assert n_matched == 1


def test_titles_are_attached_when_ratings_are_opened(shared_data: Path) -> None:
    folder = shared_data / "ml-100k"
    ratings, report = open_ratings(
        folder / "u.data", ReadOptions(titles=str(folder / "u.item")))
    assert ratings.item_titles is not None
    assert ratings.item_titles[ratings.item_ids.positions["50"]] == "Star Wars (1977)"
    assert report.titles == "u.item"


@pytest.mark.parametrize(("ratings", "titles"), [
    ("ml-100k/u.data", "u.item"), ("ml-1m/ratings-3col.dat.gz", "movies.dat"),
    ("ml-latest-small/ratings.csv", "movies.csv"),
    ("awkward/hetrec-lastfm-user_artists.dat", "hetrec-lastfm-artist-names.tsv.gz"),
    ("awkward/libmf-real_matrix.tr.txt", None), ("shippable/food-frequency.csv", None),
])
def test_titles_beside_the_ratings_are_found(
    shared_data: Path, ratings: str, titles: str | None
) -> None:
    found = find_titles(shared_data / ratings)
    assert (found.name if found else None) == titles


def test_titles_of_other_items_are_not_offered(tmp_path: Path) -> None:
    (tmp_path / "movies.csv").write_text("movieId,title\n1,One\n2,Two\n")
    (tmp_path / "books.csv").write_text("bookId,title\nb1,One\n")
    (tmp_path / "artists.dat").write_bytes(b"\0\xff damaged")
    file = tmp_path / "ratings.csv"
    file.write_text("user,item,rating\n" + "".join(f"u,b{k},1\n" for k in range(1, 21)))
    assert find_titles(file) is None
    (tmp_path / "books.csv").write_text("bookId,title\nb1,One\nb2,Two\n")
    assert find_titles(file) == tmp_path / "books.csv"
    assert find_titles(file, ["1", "2"]) == tmp_path / "movies.csv"


def test_a_hundred_thousand_titles_take_less_than_a_second(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("id,title\n" + "".join(f'{k},"Title, no {k}"\n' for k in range(100_000)))
    began = time.process_time()
    titles = read_titles(file)
    ids = TextArray.from_strings(map(str, range(100_000)))
    assert titles_for(ids, titles)[1] == 100_000
    assert time.process_time() - began < 1.5  # a busy machine; 0.4 s at rest


def test_a_stopped_job_reads_no_titles(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("1,One\n2,Two\n")
    control = Control()
    control.stop()
    with pytest.raises(CancelledError):
        read_titles(file, None, control)
