"""Zeros, the scale, duplicates and filters: what counts, and that the report adds up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.data import statistics
from mfgui.data.arrange import Columns, arrange
from mfgui.data.import_report import ImportReport
from mfgui.data.options import DUPLICATES, ReadOptions, describe_options, range_text, ranges
from mfgui.data.reader import open_ratings
from mfgui.errors import DataError


def read(tmp_path: Path, text: str, **options: object) -> tuple[Ratings, ImportReport]:
    file = tmp_path / "ratings.csv"
    file.write_text(text)
    ratings, report = open_ratings(file, ReadOptions(**options))  # type: ignore[arg-type]
    assert report.n_lines == report.n_ratings + sum(number for _, number in report.losses)
    assert report.n_ratings == ratings.n_ratings
    return ratings, report


def found(ratings: Ratings) -> dict[tuple[str, str], float]:
    return {
        (ratings.user_ids[n], ratings.item_ids[m]): value for n, m, value in zip(
            ratings.user_index.tolist(), ratings.item_index.tolist(), ratings.value.tolist(),
            strict=True)}


HEADER = "user,item,rating,time\n"
TWICE = HEADER + "1,a,5,300\n1,a,2,100\n1,a,3,200\n1,b,4,50\n2,a,1,\n2,a,2,10\n"


# Duplicates


@pytest.mark.parametrize(("policy", "expected"), [
    ("last", {("1", "a"): 5, ("1", "b"): 4, ("2", "a"): 2}),
    ("first", {("1", "a"): 2, ("1", "b"): 4, ("2", "a"): 2}),
    ("mean", {("1", "a"): np.float32(10 / 3), ("1", "b"): 4, ("2", "a"): 1.5}),
    ("max", {("1", "a"): 5, ("1", "b"): 4, ("2", "a"): 2}),
    ("sum", {("1", "a"): 10, ("1", "b"): 4, ("2", "a"): 3}),
    ("reject", {("1", "b"): 4}),
])
def test_pairs_rated_twice_go_by_the_policy_and_by_time(
    tmp_path: Path, policy: str, expected: dict[tuple[str, str], float]
) -> None:
    ratings, report = read(tmp_path, TWICE, duplicates=policy)
    assert found(ratings) == expected
    assert report.n_duplicates == 6 - len(expected)


@pytest.mark.parametrize(("policy", "value"), [("last", 3), ("first", 5)])
def test_without_times_duplicates_go_by_line(tmp_path: Path, policy: str, value: float) -> None:
    ratings, _ = read(tmp_path, "1,a,5\n1,a,2\n1,b,4\n1,a,3\n2,b,1\n", duplicates=policy)
    assert found(ratings)["1", "a"] == value


def test_a_sum_beyond_all_numbers_ends_in_a_sentence(tmp_path: Path) -> None:
    text = "user,item,rating\na,b,3e38\na,b,3e38\nc,d,1\n"
    with pytest.raises(DataError, match="beyond all numbers: choose another way"):
        read(tmp_path, text, duplicates="sum")


def test_a_sum_above_the_largest_rating_widens_the_scale(tmp_path: Path) -> None:
    text = "user,item,rating\na,b,3\na,b,5\nc,d,0.1\n"
    ratings, _ = read(tmp_path, text, duplicates="sum", minimum=0.1, maximum=5)
    assert ratings.scale == (0.1, 8.0)


def test_a_file_whose_pairs_are_all_rejected_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="all are rejected"):
        read(tmp_path, "1,a,5\n1,a,2\n", duplicates="reject")


@pytest.mark.parametrize("policy", DUPLICATES)
@pytest.mark.parametrize("seed", range(3))
def test_sorting_and_merging_is_what_a_plain_loop_does(policy: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 5000
    user = rng.integers(0, [40, 3, 900][seed], n).astype(np.int32)
    item = rng.integers(0, 60, n).astype(np.int32)
    value = rng.integers(-5, 6, n).astype(np.float32)
    time = rng.integers(0, 9, n).astype(float)
    time[rng.random(n) < 0.1] = np.nan
    pairs: dict[tuple[int, int], list[int]] = {}
    for k in range(n):
        pairs.setdefault((int(user[k]), int(item[k])), []).append(k)
    expected = []
    for (u, i), rows in sorted(pairs.items()):
        by_time = sorted(rows, key=lambda k: (-1 if np.isnan(time[k]) else time[k], k))
        known = [k for k in rows if not np.isnan(time[k])]
        first = min(known, key=lambda k: (time[k], k)) if known else rows[0]
        numbers = value[rows].astype(float)
        result = {"last": value[by_time[-1]], "first": value[first], "max": numbers.max(),
                  "mean": np.float32(numbers.mean()), "sum": np.float32(numbers.sum()),
                  "reject": value[rows[0]]}[policy]
        if policy != "reject" or len(rows) == 1:
            expected.append((u, i, float(result)))
    columns = Columns(user.copy(), item.copy(), value.copy(), time.copy())
    for n_threads in (1, 3):
        fresh = Columns(*(getattr(columns, name).copy() for name in ("user", "item", "value",
                                                                     "time")))
        done = arrange(fresh, 900, policy, n_threads, Control())
        assert list(zip(done.user.tolist(), done.item.tolist(), done.value.tolist(),
                        strict=True)) == expected


def test_a_row_of_very_many_ratings_is_sorted_by_counting() -> None:
    rng = np.random.default_rng(1)
    n = 200_000
    item = rng.integers(0, 70_000, n).astype(np.int32)
    value = rng.integers(0, 100, n).astype(np.float32)
    last = dict(zip(item.tolist(), value.tolist(), strict=True))
    done = arrange(Columns(np.zeros(n, np.int32), item, value, np.empty(0)), 1, "last", 2,
                   Control())
    assert dict(zip(done.item.tolist(), done.value.tolist(), strict=True)) == last
    assert (np.diff(done.item) > 0).all()


# Zeros and the scale


def test_zeros_are_ratings_unless_told_otherwise(tmp_path: Path) -> None:
    text = "user,item,rating\n1,a,0\n1,b,4\n2,c,0\n3,b,1\n"
    ratings, report = read(tmp_path, text)
    assert (ratings.n_ratings, report.n_zeros) == (4, 2)
    ratings, report = read(tmp_path, text, zeros="missing")
    assert found(ratings) == {("1", "b"): 4, ("3", "b"): 1}
    assert (ratings.n_users, list(ratings.item_ids)) == (2, ["b"])
    assert dict(report.losses)["zeros taken as missing"] == 2


def test_many_zeros_are_pointed_at_with_the_other_reading(tmp_path: Path) -> None:
    lines = "".join(f"{n},{n % 7},{0 if n % 2 else n % 10 + 1}\n" for n in range(200))
    _, report = read(tmp_path, "user,item,rating\n" + lines)
    assert [offer.options for offer in report.offers] == [{"zeros": "missing"}]
    assert "50%" in report.offers[0].text
    _, report = read(tmp_path, "user,item,rating\n" + lines, zeros="missing")
    assert report.offers == ()


def test_titles_that_lie_beside_the_ratings_are_offered_and_attached(tmp_path: Path) -> None:
    titles = tmp_path / "movies.csv"
    titles.write_text("movieId,title,genres\n" + "".join(
        f'{m},"Film, {m} (1999)",Drama\n' for m in range(1, 31)))
    text = "userId,movieId,rating\n" + "".join(
        f"{n},{m},{(n + m) % 5 + 1}\n" for n in range(1, 20) for m in range(1, 40, 3))
    ratings, report = read(tmp_path, text)
    assert ratings.item_titles is None
    assert [(offer.label, offer.options) for offer in report.offers] == [
        ("Attach the titles", {"titles": str(titles)})]
    ratings, report = read(tmp_path, text, **report.offers[0].options)
    assert ratings.item_titles is not None
    assert list(ratings.item_titles)[:2] == ["Film, 1 (1999)", "Film, 4 (1999)"]
    assert ratings.item_titles[ratings.n_items - 1] == "37"
    assert report.titles == "movies.csv"
    assert report.offers == ()
    assert report.notes == ("movies.csv names 10 of 13 items.",)


def test_yes_and_no_as_1_and_0_are_not_doubted(tmp_path: Path) -> None:
    lines = "".join(f"{n},{n % 7},{n % 2}\n" for n in range(200))
    assert read(tmp_path, "user,item,rating\n" + lines)[1].offers == ()


def test_ratings_beyond_the_ends_that_are_set_are_rejected(tmp_path: Path) -> None:
    text = "user,item,rating\n1,a,0.5\n1,b,4\n2,a,7\n2,b,3\n3,b,2\n"
    ratings, report = read(tmp_path, text, minimum=1, maximum=5)
    assert found(ratings) == {("1", "b"): 4, ("2", "b"): 3, ("3", "b"): 2}
    assert ratings.scale == report.scale == (1.0, 5.0)
    assert [bad.reason for bad in report.rejected] == [
        "rating 0.5 is below the minimum 1", "rating 7 is above the maximum 5"]
    assert report.n_rejected == 2
    assert ratings.take(np.array([0])).scale == (1.0, 5.0)
    with pytest.raises(DataError, match="exchange them"):
        read(tmp_path, text, minimum=5, maximum=1)


def test_a_sum_may_leave_the_scale_but_not_the_numbers(tmp_path: Path) -> None:
    text = "user,item,rating\n1,a,4\n1,a,5\n2,a,1\n2,b,3\n"
    ratings, _ = read(tmp_path, text, duplicates="sum", minimum=1, maximum=5)
    assert ratings.scale == (1.0, 9.0)
    with pytest.raises(DataError, match="beyond all numbers"):
        read(tmp_path, "user,item,rating\n1,a,3e38\n1,a,3e38\n2,b,1\n", duplicates="sum")


def test_counts_are_noticed(tmp_path: Path, shared_data: Path) -> None:
    _, report = open_ratings(shared_data / "awkward/hetrec-lastfm-user_artists.dat")
    assert any("counts" in note for note in report.notes)
    _, report = open_ratings(shared_data / "ml-100k/u.data")
    assert report.notes == ()


# Filters


FILTERED = HEADER + "".join(
    f"{user},{item},{(user * item) % 5 + 1},{86400 * (user + item)}\n"
    for user in range(1, 21) for item in range(1, 13) if item <= user)


def test_least_counts_are_iterated_until_stable(tmp_path: Path) -> None:
    # Without item c user 2 has one rating left, and without user 2 item b has one.
    text = "user,item,rating\n1,a,5\n1,d,4\n3,a,3\n3,d,2\n2,b,1\n2,c,2\n1,b,3\n"
    ratings, report = read(tmp_path, text, min_ratings_per_user=2, min_ratings_per_item=2)
    assert set(found(ratings)) == {("1", "a"), ("1", "d"), ("3", "a"), ("3", "d")}
    step = report.filters[0]
    assert (step.n_ratings, step.n_users, step.n_items) == (3, 1, 2)
    assert step.text == "at least 2 ratings per user and 2 ratings per item"


def test_a_time_range_keeps_what_lies_in_it(tmp_path: Path) -> None:
    ratings, report = read(tmp_path, FILTERED, since="1970-01-05", until="1970-01-08")
    assert ratings.time is not None
    assert (ratings.time.min(), ratings.time.max()) == (4 * 86400, 6 * 86400)
    assert report.filters[0].text == "rated since 1970-01-05 until 1970-01-08"
    with pytest.raises(DataError, match="no times"):
        read(tmp_path, "1,a,5\n2,b,3\n", since="2000")
    with pytest.raises(DataError, match="no day"):
        read(tmp_path, FILTERED, since="yesterday")
    with pytest.raises(DataError, match="No rating is left"):
        read(tmp_path, FILTERED, since="2020")


def test_a_sample_of_users_is_the_same_each_time(tmp_path: Path) -> None:
    one, report = read(tmp_path, FILTERED, sample_users=5)
    two, _ = read(tmp_path, FILTERED, sample_users=5)
    assert one.n_users == 5
    assert found(one) == found(two)
    assert report.filters[0].n_users == 15
    assert read(tmp_path, FILTERED, sample_users=500)[0].n_users == 20


def test_binarizing_makes_ones_and_zeros_and_drops_nothing(tmp_path: Path) -> None:
    before, _ = read(tmp_path, FILTERED)
    after, report = read(tmp_path, FILTERED, binarize=3, maximum=5)
    assert after.value.tolist() == (before.value > 3).astype(float).tolist()
    assert after.scale == (0.0, 1.0)
    assert report.filters[0].n_ratings == 0


def test_filters_are_applied_in_one_order_each_a_step(tmp_path: Path) -> None:
    _, report = read(tmp_path, FILTERED, min_ratings_per_item=3, sample_users=10,
                     since="1970-01-09", binarize=2)
    assert [step.text for step in report.filters] == [
        "rated since 1970-01-09", "a sample of 10 users", "1 above 2, else 0",
        "at least 3 ratings per item"]
    assert dict(report.losses)["filtered out"] == sum(step.n_ratings for step in report.filters)
    assert report.options == {"min_ratings_per_item": 3, "sample_users": 10, "since": "1970-01-09",
                              "binarize": 2.0}


# Figures


def test_a_histogram_has_a_bar_a_value_where_they_are_few() -> None:
    value = np.tile(np.array([0.5, 3.3, 5.0, 3.3], np.float32), 400_000)
    bars = statistics.histogram(value)
    assert [(bar.low, bar.high, bar.count) for bar in bars] == [
        (0.5, 0.5, 400_000), (3.3, 3.3, 800_000), (5.0, 5.0, 400_000)]
    late = np.concatenate([value, np.array([4.0], np.float32)])
    assert [bar.count for bar in statistics.histogram(late)] == [400_000, 800_000, 1, 400_000]


def test_a_histogram_of_many_values_has_twenty_ranges() -> None:
    value = np.linspace(-10, 10, 10_001).astype(np.float32)
    bars = statistics.histogram(value)
    assert len(bars) == 20
    assert sum(bar.count for bar in bars) == value.size
    assert (bars[0].low, bars[-1].high) == (-10.0, 10.0)


def test_a_spread_has_edges_that_double() -> None:
    spread = statistics.spread(np.array([1, 2, 3, 4, 9], np.int64))
    assert (spread.least, spread.median, spread.most) == (1, 3.0, 9)
    assert [(each.low, each.high, each.count) for each in spread.bins] == [
        (1, 1, 1), (2, 3, 2), (4, 7, 1), (8, 15, 1)]


# Options


def test_options_say_what_they_cannot_be() -> None:
    for options in ({"zeros": "maybe"}, {"duplicates": "middle"}, {"sample_users": 0},
                    {"min_ratings_per_user": 1.5}, {"minimum": "low"}, {"maximum": float("inf")}):
        with pytest.raises(DataError, match="must be"):
            ReadOptions(**options)  # type: ignore[arg-type]


def test_every_option_is_described_and_the_set_ones_are_told() -> None:
    for info in describe_options():
        assert info.label
        assert info.help.endswith(".")
        assert info.group in ("layout", "values", "names", "filters")
    options = ReadOptions(decimal=",", encoding="Latin1", columns={"user": 2, "item": 1})
    assert (options.decimal, options.encoding) == ("comma", "latin-1")
    assert options.as_dict() == {"decimal": "comma", "encoding": "latin-1",
                                 "columns": "user=2,item=1"}
    assert ReadOptions().as_dict() == {}


def test_ranges_of_columns_are_written_as_they_are_read() -> None:
    assert ranges("2-5+8") == [2, 3, 4, 5, 8]
    assert range_text([2, 3, 4, 5, 8]) == "2-5+8"
    assert ranges("title") is None


# The report of a file


def test_a_report_knows_its_file(tmp_path: Path) -> None:
    import hashlib

    _, report = read(tmp_path, TWICE)
    content = (tmp_path / "ratings.csv").read_bytes()
    assert report.checksum == "sha256:" + hashlib.sha256(content).hexdigest()
    assert report.n_bytes == len(content)
    assert report.modified_at == pytest.approx((tmp_path / "ratings.csv").stat().st_mtime)
    assert (report.has_times, report.n_bad_times) == (True, 1)
    assert report.per_user.most == 2


def test_texts_are_taken_by_position() -> None:
    texts = TextArray.from_strings(["a", "", "Åse", "xyz"])
    assert list(texts.take(np.array([2, 0, 1, 2]))) == ["Åse", "a", "", "Åse"]
    assert list(texts.take(np.array([], np.int64))) == []
