"""The made-up sample: always the same, sparse, long-tailed, and worth factorizing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mfgui.core.ratings import Ratings
from mfgui.data import sample
from mfgui.data.reader import open_ratings
from mfgui.data.sample import sample_ratings, write_sample
from mfgui.errors import StorageError


@pytest.fixture(scope="module")
def ratings() -> Ratings:
    return sample_ratings()[0]


def test_size_is_as_announced(ratings: Ratings) -> None:
    assert (ratings.n_users, ratings.n_items) == (3000, 400)
    assert 120_000 <= ratings.n_ratings <= 180_000
    assert ratings.user_counts.min() >= 12
    assert ratings.item_counts.min() >= 1


def test_ratings_are_half_stars(ratings: Ratings) -> None:
    assert set(np.unique(ratings.value)) == {half / 2 for half in range(1, 11)}


def test_it_is_drawn_alike_every_time(ratings: Ratings) -> None:
    sample._draw.cache_clear()
    again, _ = sample_ratings()
    assert again is not ratings
    assert np.array_equal(again.value, ratings.value)
    assert np.array_equal(again.item_index, ratings.item_index)


def test_a_few_films_are_seen_by_many_and_many_by_few(ratings: Ratings) -> None:
    counts = np.sort(ratings.item_counts)[::-1]
    assert counts[:40].sum() > 0.25 * ratings.n_ratings
    assert counts[200:].sum() < 0.35 * ratings.n_ratings


def test_every_film_has_a_title_of_its_own_that_names_its_genre(ratings: Ratings) -> None:
    assert ratings.item_titles is not None
    titles = list(ratings.item_titles)
    assert len(set(titles)) == 400
    assert all(title.rpartition("(")[2].rstrip(")") in sample.GENRES for title in titles)
    assert not any("," in title or '"' in title for title in titles)


def test_genres_explain_what_biases_leave_over(ratings: Ratings) -> None:
    """A person's mean leftover for a genre, from half the ratings, predicts the other half."""
    users, items = ratings.user_index, ratings.item_index
    left = ratings.value.astype(np.float64) - ratings.mean
    for _ in range(5):
        left -= (np.bincount(users, left) / ratings.user_counts)[users]
        left -= (np.bincount(items, left) / ratings.item_counts)[items]
    assert ratings.item_titles is not None
    names = list(sample.GENRES)
    genre = np.array([names.index(t.rpartition("(")[2][:-1]) for t in ratings.item_titles])
    cell = users.astype(np.int64) * len(names) + genre[items]
    known = np.random.default_rng(0).random(left.size) < 0.5
    sums = np.bincount(cell[known], left[known], len(names) * ratings.n_users)
    means = sums / (np.bincount(cell[known], minlength=sums.size) + 1.0)
    before = np.sqrt(np.mean(left[~known] ** 2))
    after = np.sqrt(np.mean((left - means[cell])[~known] ** 2))
    assert after < 0.9 * before


def test_report_adds_up(ratings: Ratings) -> None:
    report = sample_ratings()[1]
    assert report.n_lines == report.n_ratings + report.n_header_lines
    assert report.scale == (0.5, 5.0)
    assert report.name == "sample"


def test_the_written_file_is_read_back_as_the_same_matrix(
    ratings: Ratings, tmp_path: Path
) -> None:
    file = tmp_path / "sample.csv"
    write_sample(file)
    again, report = open_ratings(file)
    for name in ("user_index", "item_index", "value"):
        assert np.array_equal(getattr(again, name), getattr(ratings, name)), name
    for name in ("user_ids", "item_ids", "item_titles"):
        assert list(getattr(again, name)) == list(getattr(ratings, name)), name
    made = sample_ratings()[1]
    assert (report.n_lines, report.columns) == (made.n_lines, made.columns)
    assert [path.name for path in tmp_path.iterdir()] == ["sample.csv"]


@pytest.mark.parametrize("name", ["absent/sample.csv", "folder", "a\0b.csv", "n" * 300])
def test_a_place_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError) as caught:
        write_sample(tmp_path / name)
    assert str(caught.value).endswith("choose another place.")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_full_disk_leaves_the_old_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sample.csv"
    file.write_text("old")

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sample, "_lines", full)
    with pytest.raises(StorageError, match="No space left"):
        write_sample(file)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_neither_duckdb_nor_numba_is_loaded_for_it() -> None:
    code = (
        "import sys; from mfgui.data.sample import sample_ratings; sample_ratings();"
        "import mfgui.data.reader;"
        "sys.exit(any(name in sys.modules for name in ('duckdb', 'numba')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
