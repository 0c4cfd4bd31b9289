"""The paired comparison: against plain loops, and the share of intervals that hold the truth."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core.metrics import Pairs, all_pairs, squared_error_sums
from mfgui.core.parallel import WorkerPool
from mfgui.errors import CancelledError
from mfgui.inspection.paired import (
    PairSums,
    compare_pairs,
    measures,
    pair_sums,
    resampled_sums,
)
from mfgui.inspection.student import t_quantile, widened_tail

Doubles = NDArray[np.float64]


def naive_sums(models: Any, pairs: Pairs, of: str, n_rows: int) -> Doubles:
    out = np.zeros((n_rows, 5))
    for user, item, value in zip(pairs.user_index, pairs.item_index, pairs.value, strict=True):
        row = out[user if of == "users" else item]
        row[0] += 1
        for k, model in enumerate(models):
            shown = model.predict(np.array([user]), np.array([item]))[0]
            error = abs(float(np.float64(shown) - np.float64(value)))
            row[1 + k] += error**2
            row[3 + k] += error
    return out


def test_the_sums_by_user_and_item_are_those_of_a_plain_loop(draws: Any) -> None:
    ratings = draws.ratings(30, 20, 0.3)
    one, other = draws.model(ratings), replace(draws.model(ratings, 7, seed=5), clip=False)
    pairs = all_pairs(ratings)
    sums = pair_sums(one, other, pairs)
    # float32 products summed in another order: 1e-6 of an error of some units
    for side, n in (("users", 30), ("items", 20)):
        np.testing.assert_allclose(
            getattr(sums, side), naive_sums((one, other), pairs, side, n), rtol=1e-5, atol=1e-5)


def test_the_rmse_is_the_one_that_is_shown_everywhere(draws: Any) -> None:
    ratings = draws.ratings(40, 30, 0.4)
    one, other = draws.model(ratings), draws.model(ratings, seed=9)
    paired = compare_pairs(pair_sums(one, other, all_pairs(ratings)))
    assert paired is not None
    for model, value in ((one, paired.rmse.value), (other, paired.rmse.other_value)):
        # the same float32 predictions, squares summed in another order
        assert value == pytest.approx(
            squared_error_sums(model, all_pairs(ratings), WorkerPool()).rmse, rel=1e-9)
    assert paired.n_ratings == ratings.n_ratings
    assert paired.n_users == int((ratings.user_counts > 0).sum())


def test_resampled_sums_are_those_of_users_drawn_one_by_one() -> None:
    rows = np.random.default_rng(0).random((7, 5))
    fast = resampled_sums(rows, 40, np.random.default_rng(3))
    drawn = np.random.default_rng(3).integers(0, 7, (40, 7))
    slow = np.array([sum(rows[k] for k in line) for line in drawn])
    np.testing.assert_allclose(fast, slow, rtol=1e-12)


def test_parts_of_resamples_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).random((50, 5))
    whole = resampled_sums(rows, 33, np.random.default_rng(1))
    monkeypatch.setattr("mfgui.inspection.paired._DRAWS_PER_PART", 120)
    np.testing.assert_allclose(
        resampled_sums(rows, 33, np.random.default_rng(1)), whole, rtol=1e-12)


def test_the_interval_is_that_of_a_naive_bootstrap_of_whole_users() -> None:
    rng = np.random.default_rng(4)
    users = [rng.normal(0, 1, (rng.integers(1, 9), 2)) * [1.0, 1.1] for _ in range(60)]
    sums = np.array([[len(e), *(e**2).sum(0), *abs(e).sum(0)] for e in users])
    paired = compare_pairs(PairSums(sums, sums), n_resamples=4000)
    assert paired is not None
    differences = []
    for _ in range(4000):
        errors = np.concatenate([users[k] for k in rng.integers(0, 60, 60)])
        a, b = np.sqrt((errors**2).mean(axis=0))
        differences.append(a - b)
    tail = widened_tail(60)
    # two runs of 4,000 draws: an end moves by a few hundredths of the interval's width
    width = paired.rmse.high - paired.rmse.low  # type: ignore[operator]
    assert [paired.rmse.low, paired.rmse.high] == pytest.approx(
        np.quantile(differences, [tail, 1 - tail]), abs=0.08 * width)


def users_of(n: int, rng: np.random.Generator) -> Doubles:
    """Return sums of users that differ in counts and in how hard they are, errors alike in both."""
    counts = 1 + rng.geometric(0.05, n)
    hard = rng.gamma(2, 0.4, n)
    squares = hard * rng.chisquare(counts)
    others = squares * np.exp(rng.normal(0.02, 0.15, n)) + 0.02 * hard * rng.chisquare(counts)
    return np.stack([counts, squares, others, np.sqrt(counts * squares),
                     np.sqrt(counts * others)], axis=1)


@pytest.mark.parametrize("n_users", [25, 150])
def test_19_of_20_intervals_hold_the_true_difference(n_users: int) -> None:
    rng = np.random.default_rng(8)
    true = measures(users_of(1_000_000, rng).sum(axis=0))
    n_trials, n_held = 400, np.zeros(2)
    for k in range(n_trials):
        sums = users_of(n_users, rng)
        paired = compare_pairs(PairSums(sums, sums), seed=k, n_resamples=1000)
        assert paired is not None
        for place, figure in enumerate((paired.rmse, paired.mae)):
            assert figure.low is not None
            assert figure.high is not None
            n_held[place] += figure.low <= true[2 * place] - true[2 * place + 1] <= figure.high
    # 95 % with a standard error of 1.1 %; few users with skewed errors cost some more
    assert ((n_held / n_trials > 0.90) & (n_held / n_trials < 0.985)).all(), n_held / n_trials


def test_ratings_drawn_singly_would_be_too_sure() -> None:
    """Errors of a user that are alike: the reason for drawing users."""
    rng = np.random.default_rng(2)
    apart = rng.normal(0, 0.3, 80)  # each user's own difference, in all of its 50 ratings
    sums = np.stack([np.full(80, 50.0), 50 * (1 + apart), np.full(80, 50.0), np.full(80, 50.0),
                     np.full(80, 50.0)], axis=1)
    single = np.repeat(sums / 50, 50, axis=0)
    by_user, by_rating = (compare_pairs(PairSums(each, each)) for each in (sums, single))
    assert by_user is not None
    assert by_rating is not None
    wide, narrow = (each.rmse.high - each.rmse.low for each in (by_user, by_rating))  # type: ignore[operator]
    assert wide == pytest.approx(math.sqrt(50) * narrow, rel=0.15)


def test_the_same_model_twice_differs_by_nothing(draws: Any) -> None:
    ratings = draws.ratings(20, 10, 0.5)
    model = draws.model(ratings)
    paired = compare_pairs(pair_sums(model, model, all_pairs(ratings)))
    assert paired is not None
    assert (paired.rmse.low, paired.rmse.high, paired.rmse.winner) == (0, 0, None)


def test_the_better_one_is_told_where_the_interval_leaves_out_0(draws: Any) -> None:
    ratings = draws.ratings(60, 30, 0.5)
    model = draws.model(ratings)
    mean = replace(model, user_factors=np.zeros_like(model.user_factors),
                   user_bias=np.zeros_like(model.user_bias),
                   item_bias=np.zeros_like(model.item_bias))
    paired = compare_pairs(pair_sums(mean, model, all_pairs(ratings)))
    turned = compare_pairs(pair_sums(model, mean, all_pairs(ratings)))
    assert paired is not None
    assert turned is not None
    assert (paired.rmse.winner, turned.rmse.winner) == (0, 1)
    assert paired.rmse.low == pytest.approx(-turned.rmse.high)  # type: ignore[operator]


def test_one_user_has_no_interval_and_no_rating_no_figure() -> None:
    row = np.array([[3.0, 2.0, 1.0, 2.0, 1.0]])
    paired = compare_pairs(PairSums(row, row))
    assert paired is not None
    assert (paired.rmse.low, paired.rmse.winner) == (None, None)
    assert compare_pairs(PairSums(row * 0, row * 0)) is None


def test_a_model_that_diverged_has_no_figure(draws: Any) -> None:
    ratings = draws.ratings(20, 10, 0.5)
    model = draws.model(ratings)
    factors = model.user_factors.copy()
    for bad in (np.nan, np.inf):
        factors[ratings.user_index[0]] = bad
        broken = replace(model, user_factors=factors)
        sums = pair_sums(model, broken, all_pairs(ratings))
        assert compare_pairs(sums) is None
        assert np.isfinite(sums.total[[1, 3]]).all()


def test_it_ends_where_it_is_stopped(draws: Any) -> None:
    def stop() -> None:
        raise CancelledError("Stopped.")

    ratings = draws.ratings(20, 10, 0.5)
    model = draws.model(ratings)
    sums = pair_sums(model, model, all_pairs(ratings))
    with pytest.raises(CancelledError):
        pair_sums(model, model, all_pairs(ratings), stop)
    with pytest.raises(CancelledError):
        compare_pairs(sums, checkpoint=stop)


def test_students_t_is_scipys() -> None:
    stats = pytest.importorskip("scipy.stats")
    for degrees in [*range(1, 40), 100, 1000, 10**6]:
        assert t_quantile(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), abs=0.001)
