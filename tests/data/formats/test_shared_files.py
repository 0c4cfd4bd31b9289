"""Every real file gives the figures that its authors state, or one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.data.look import Look
from mfgui.data.options import ReadOptions
from mfgui.data.raw import RawRatings
from mfgui.data.reader import choose_format, open_ratings
from mfgui.data.source import open_source
from mfgui.errors import DataError

ML = ("user", "item", "rating", "time")

# name, format, ratings in the file, users, items, smallest and largest, losses, columns
CLEAN = [
    ("ml-100k/u.data", "delimited", 100_000, 943, 1682, (1, 5), {}, ML),
    ("ml-100k/splits/u1.base", "delimited", 80_000, 943, 1650, (1, 5), {}, ML),
    ("ml-100k/splits/u5.test.gz", "delimited", 20_000, 927, 1407, (1, 5), {}, ML),
    ("ml-100k/splits/ua.test.gz", "delimited", 9430, 943, 1129, (1, 5), {}, ML),
    ("ml-1m/ratings-3col.dat.gz", "delimited", 1_000_209, 6040, 3706, (1, 5), {}, ML[:3]),
    ("ml-1m/ratings-first533users.dat", "delimited", 80_496, 533, 3200, (1, 5), {}, ML),
    ("ml-latest-small/ratings.csv", "delimited", 100_836, 610, 9724, (0.5, 5), {"header": 1}, ML),
    ("awkward/u.data-with-header.gz", "delimited", 100_000, 943, 1682, (1, 5), {"header": 1}, ML),
    ("awkward/recbole-ml-100k.inter.gz", "recbole", 100_000, 943, 1682, (1, 5), {"header": 1}, ML),
    ("awkward/orange-movielens100k.tab.gz", "orange", 100_000, 943, 1682, (1, 5), {"header": 3},
     ML),
    ("awkward/orange-ratings-tiny.tab", "orange", 28, 8, 5, (1, 5), {"header": 3}, ML[:3]),
    ("awkward/ml-100k.mtx.gz", "matrix-market", 100_000, 943, 1682, (1, 5), {"header": 3}, ML[:3]),
    ("awkward/netflix-layout-from-ml1m-80496.txt", "netflix", 80_496, 533, 3200, (1, 5),
     {"item line": 3200}, ("item", "user", "rating", "time")),
    ("awkward/jester5k-wide-99missing.csv.gz", "wide", 363_209, 5000, 100, (-9.95, 9.9),
     {"missing": 136_791}, ("items",)),
    ("awkward/jester-first500-wide-99missing.csv", "wide", 36_702, 500, 100, (-9.95, 9.9),
     {"missing": 13_298}, ("items",)),
    ("awkward/BX-Book-Ratings-sample.csv", "delimited", 39_268, 4287, 29_248, (0, 10),
     {"header": 1}, ML[:3]),
    ("awkward/BX-semicolon-unquoted-99998.csv.gz", "delimited", 99_998, 9424, 63_773, (0, 10),
     {"header": 1}, ML[:3]),
    ("awkward/amazon-electronics-noheader-50k.csv", "delimited", 50_009, 46_562, 3446, (1, 5), {},
     ML),
    ("awkward/hetrec-lastfm-user_artists.dat", "delimited", 92_834, 1892, 17_632, (1, 352_698),
     {"header": 1}, ML[:3]),
    ("awkward/libmf-real_matrix.tr.txt", "delimited", 5000, 1525, 177, (0.5, 5.1), {}, ML[:3]),
    ("awkward/libmf-real_matrix.te.txt", "delimited", 794, 540, 112, (0.5, 5.1), {}, ML[:3]),
    ("shippable/food-frequency.csv", "delimited", 6792, 54, 127, (1, 9), {"header": 1}, ML[:3]),
    ("shippable/insteval-gpl.csv.gz", "delimited", 73_421, 2972, 1128, (1, 5), {"header": 1},
     ML[:3]),
]
DOUBTFUL = [
    ("awkward/food-world-cup-data.csv", "wide", 23_943, 1276, 40, (1, 5), {"missing": 30_977},
     ("user", "items")),
    ("awkward/StarWars.csv.gz", "wide", 5014, 836, 6, (1, 6), {"missing": 2102},
     ("user", "items")),
]
NO_RATINGS = {
    "ml-100k/u.item": "looks like a list of titles", "ml-1m/movies.dat": "list of titles",
    "ml-latest-small/movies.csv": "list of titles", "ml-100k/u.user": "list of users",
    "ml-1m/users.dat": "list of users", "ml-latest-small/tags.csv": "list of tags",
    "ml-latest-small/links.csv": "other ids", "ml-100k/u.genre": "only two columns",
    "ml-100k/u.info": "only two columns", "ml-100k/u.occupation": "only one column",
    "ml-100k/README": "one column", "ml-1m/README": "no common separator",
    "ml-latest-small/README.txt": "no common separator",
    "awkward/hetrec-lastfm-artist-names.tsv.gz": "only two columns",
}


def look_and_read(path: Path, options: ReadOptions | None = None) -> tuple[Look, RawRatings]:
    options = options or ReadOptions()
    source = open_source(path)
    kind = choose_format(source, options)
    return kind.look(source, options), kind.read(source, options, Control())


@pytest.mark.parametrize(
    ("name", "kind", "n", "n_users", "n_items", "scale", "losses", "columns"), CLEAN + DOUBTFUL)
def test_a_real_file_has_its_figures_without_options_and_with_those_that_were_found(
    shared_data: Path, name: str, kind: str, n: int, n_users: int, n_items: int,
    scale: tuple[float, float], losses: dict[str, int], columns: tuple[str, ...],
) -> None:
    look, raw = look_and_read(shared_data / name)
    assert look.format == kind
    assert (raw.value.size, len(raw.user_ids), len(raw.item_ids)) == (n, n_users, n_items)
    assert (raw.value.min(), raw.value.max()) == (np.float32(scale[0]), np.float32(scale[1]))
    assert raw.losses == losses
    assert raw.n_read == n + sum(losses.values())
    assert raw.reading.columns == columns
    assert bool(look.doubts) == (name in {row[0] for row in DOUBTFUL})
    assert len(look.rows) == min(100, len(look.rows))
    assert all(len(row) == len(look.roles) == len(look.names) for row in look.rows)
    again = look_and_read(shared_data / name, look.options)[1]
    assert again.losses == raw.losses
    for one, other in ((raw.user, again.user), (raw.item, again.item), (raw.value, again.value)):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(("name", "words"), NO_RATINGS.items())
def test_a_file_that_holds_no_ratings_is_refused_and_the_page_says_why(
    shared_data: Path, name: str, words: str
) -> None:
    with pytest.raises(DataError, match=words) as caught:
        look_and_read(shared_data / name)
    assert str(caught.value).startswith(Path(name).name)
    source = open_source(shared_data / name)
    try:
        look = choose_format(source, ReadOptions()).look(source, ReadOptions())
    except DataError:
        return
    assert words in look.doubts[0]


def test_a_file_of_bare_commas_is_refused(shared_data: Path) -> None:
    with pytest.raises(DataError, match="the user id is empty"):
        open_ratings(shared_data / "awkward/BX-Book-Ratings-classic-mac-cr.csv.gz")


def test_the_food_survey_names_its_cuisines_and_suggests_mac_roman(shared_data: Path) -> None:
    path = shared_data / "awkward/food-world-cup-data.csv"
    look, raw = look_and_read(path)
    assert raw.item_ids[0].endswith("cuisine of Algeria:")
    assert any("MacRoman" in doubt for doubt in look.doubts)
    named, _ = look_and_read(path, ReadOptions(encoding="mac-roman", columns="user=1,items=4-43"))
    assert not named.doubts
    assert named.names[1].startswith("Generally speaking, how would you rate your level of kno")


def test_two_header_lines_give_the_films_their_names(shared_data: Path) -> None:
    _, raw = look_and_read(shared_data / "awkward/StarWars.csv.gz")
    assert raw.item_ids[0].startswith("Star Wars: Episode I")


def test_times_are_kept(shared_data: Path) -> None:
    for name in ("ml-100k/u.data", "awkward/orange-movielens100k.tab.gz"):
        _, raw = look_and_read(shared_data / name)
        assert raw.time is not None
        assert raw.time[0] == 881250949
    _, raw = look_and_read(shared_data / "awkward/netflix-layout-from-ml1m-80496.txt")
    assert raw.time is not None
    assert raw.time[0] == 978739200  # 2001-01-06
