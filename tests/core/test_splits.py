"""Splits: what is held out, by which rule, and that nothing is lost."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import RunSettings
from mfgui.core.splits import (
    PER_USER,
    check_split,
    folds,
    held_out,
    hold_out,
    n_users_left_out,
    others,
)
from mfgui.errors import TrainingError

SPLITS = ("random", "user", "leave-k", "time", "user-time")


def ratings_of(counts: list[int], time: NDArray[np.float64] | None = None) -> Ratings:
    """Return ratings of users with these numbers of them."""
    users = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    items = np.concatenate([np.arange(n, dtype=np.int32) for n in counts])
    return Ratings(users, items, np.ones(users.size, np.float32),
                   TextArray.from_strings(map(str, range(len(counts)))),
                   TextArray.from_strings(map(str, range(max(counts)))), time=time)


def timed(seed: int = 0, n_users: int = 50, days: int = 40) -> Ratings:
    """Return ratings with times of whole days, so that many are equal."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 40, n_users).tolist()
    return ratings_of(counts, rng.integers(0, days, sum(counts)) * 86400.0)


def split(ratings: Ratings, name: str, share: float = 0.2, **more: Any) -> NDArray[np.int64]:
    return held_out(ratings, RunSettings(split=name, validation=share, **more), share)[1]


@pytest.mark.parametrize("name", SPLITS)
def test_training_and_held_out_are_all_ratings_each_once(name: str) -> None:
    ratings = timed()
    trained, held = held_out(ratings, RunSettings(split=name), 0.2)
    np.testing.assert_array_equal(np.sort(np.concatenate([trained, held])),
                                  np.arange(ratings.n_ratings))
    assert (np.diff(trained) > 0).all()
    assert (np.diff(held) > 0).all()
    assert held.size


@pytest.mark.parametrize("name", SPLITS)
def test_the_same_seed_gives_the_same_split(name: str) -> None:
    one, two = (split(timed(), name, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("name", ["random", "user", "leave-k"])
def test_another_seed_gives_another_split(name: str) -> None:
    assert not np.array_equal(split(timed(), name, seed=0), split(timed(), name, seed=1))


@pytest.mark.parametrize("name", SPLITS)
def test_a_share_of_nothing_holds_out_nothing(name: str) -> None:
    assert not split(ratings_of([5, 5]), name, 0.0).size


def test_the_random_split_is_that_of_hold_out() -> None:
    ratings = timed()
    for mine, theirs in zip(held_out(ratings, RunSettings(seed=5), 0.3),
                            hold_out(ratings.n_ratings, 0.3, 5), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_share_of_each_users_is_rounded_and_leaves_one_to_train_on() -> None:
    ratings = ratings_of([1, 2, 3, 10, 33])
    held = split(ratings, "user", 0.5)
    counts = np.bincount(ratings.user_index[held], minlength=5)
    assert counts.tolist() == [0, 1, 2, 5, 16]
    assert n_users_left_out(ratings, held) == 1


def test_a_number_of_each_users_leaves_out_who_has_no_more() -> None:
    ratings = ratings_of([1, 3, 4, 10])
    held = split(ratings, "leave-k", n_left_out=3)
    assert np.bincount(ratings.user_index[held], minlength=4).tolist() == [0, 0, 3, 3]
    assert n_users_left_out(ratings, held) == 2


@pytest.mark.parametrize("name", PER_USER)
def test_nobody_who_is_held_out_from_loses_all_training_ratings(name: str) -> None:
    ratings = timed(n_users=300)
    trained, held = held_out(ratings, RunSettings(split=name, n_left_out=2), 0.5)
    assert np.isin(ratings.user_index[held], ratings.user_index[trained]).all()


def test_the_latest_share_is_held_out_and_of_equal_times_what_stands_last() -> None:
    ratings = timed()
    held = split(ratings, "time", 0.3)
    assert ratings.time is not None
    order = np.argsort(ratings.time, kind="stable")
    np.testing.assert_array_equal(held, np.sort(order[-round(0.3 * ratings.n_ratings) :]))


def test_the_latest_of_each_users_are_held_out_and_of_equal_times_what_stands_last() -> None:
    ratings = timed()
    held = set(split(ratings, "user-time", 0.3).tolist())
    assert ratings.time is not None
    for user in range(ratings.n_users):
        begin, end = ratings.row_pointers[user : user + 2]
        n = min(round(0.3 * (end - begin)), end - begin - 1)
        order = begin + np.argsort(ratings.time[begin:end], kind="stable")
        assert held & set(range(begin, end)) == set(order[order.size - n :].tolist())


def test_ratings_without_a_time_count_as_the_oldest() -> None:
    time = np.arange(20.0)
    time[15:] = np.nan
    held = split(ratings_of([20], time), "time", 0.25)
    assert held.tolist() == [10, 11, 12, 13, 14]


@pytest.mark.parametrize("name", ["time", "user-time"])
@pytest.mark.parametrize("time", [None, np.full(10, np.nan)])
def test_without_a_time_a_split_by_time_says_what_to_do(
    name: str, time: NDArray[np.float64] | None
) -> None:
    with pytest.raises(TrainingError, match="no time to split by: choose another split"):
        split(ratings_of([10], time), name)


@pytest.mark.parametrize(("name", "more", "words"), [
    ("user", {}, "raise the validation share"),
    ("leave-k", {"n_left_out": 2}, "more than 2 ratings"),
    ("leave-k", {"n_left_out": 1}, "more than 1 rating,"),
])
def test_a_split_that_leaves_nothing_out_is_refused(
    name: str, more: dict[str, int], words: str
) -> None:
    with pytest.raises(TrainingError, match=words):
        check_split(ratings_of([1, 1, 1]), RunSettings(split=name, **more), 0.1)


@pytest.mark.parametrize("per_user", [False, True])
@pytest.mark.parametrize("n_folds", [2, 3, 7])
def test_every_rating_is_in_exactly_one_fold_of_even_size(n_folds: int, per_user: bool) -> None:
    ratings = timed()
    parts = folds(ratings, n_folds, 4, per_user=per_user)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(ratings.n_ratings))
    sizes = [part.size for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert all((np.diff(part) > 0).all() for part in parts)


def test_folds_per_user_deal_each_users_ratings_out_evenly() -> None:
    ratings = timed()
    counts = np.array([np.bincount(ratings.user_index[part], minlength=ratings.n_users)
                       for part in folds(ratings, 5, 0, per_user=True)])
    assert (counts.max(axis=0) - counts.min(axis=0)).max() <= 1


def test_folds_are_drawn_by_the_seed() -> None:
    ratings = timed()
    for per_user in (False, True):
        one, two, three = (folds(ratings, 3, seed, per_user=per_user)[0] for seed in (0, 0, 1))
        np.testing.assert_array_equal(one, two)
        assert not np.array_equal(one, three)


@pytest.mark.parametrize("n_folds", [0, 1, 101, 6])
def test_folds_that_cannot_be_are_refused(n_folds: int) -> None:
    with pytest.raises(TrainingError, match="folds"):
        folds(ratings_of([5]), n_folds, 0)


def test_others_are_what_is_left() -> None:
    assert others(5, np.array([1, 3])).tolist() == [0, 2, 4]
