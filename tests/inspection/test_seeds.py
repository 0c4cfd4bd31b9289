"""The spread over seeds: pooled or seed by seed, and what the same settings have to say."""

from __future__ import annotations

import numpy as np
import pytest

from mfgui.inspection.seeds import is_same_but_seed, seed_spread


def test_two_settings_with_other_seeds_are_compared_by_the_pooled_t_test() -> None:
    stats = pytest.importorskip("scipy.stats")
    one, other = {1: 0.90, 2: 0.91, 3: 0.905}, {4: 0.95, 5: 0.93}
    spread = seed_spread(one, other)
    assert spread is not None
    test = stats.ttest_ind(list(one.values()), list(other.values()))
    expected = test.confidence_interval(0.95)
    assert (spread.low, spread.high) == pytest.approx((expected.low, expected.high), abs=1e-4)
    assert (spread.winner, spread.n_paired) == (0, 0)
    assert spread.deviation == pytest.approx(np.std(list(one.values()), ddof=1))


def test_the_same_seeds_are_compared_seed_by_seed() -> None:
    stats = pytest.importorskip("scipy.stats")
    one, other = {1: 0.90, 2: 0.95, 3: 0.80}, {1: 0.91, 2: 0.962, 3: 0.809, 9: 0.5}
    spread = seed_spread(one, other)
    assert spread is not None
    expected = stats.ttest_rel([0.90, 0.95, 0.80], [0.91, 0.962, 0.809]).confidence_interval(0.95)
    assert (spread.low, spread.high) == pytest.approx((expected.low, expected.high), abs=1e-5)
    assert (spread.n_paired, spread.winner) == (3, 0)
    assert seed_spread(one, other, is_same_split=False).n_paired == 0  # type: ignore[union-attr]


def test_one_run_is_set_beside_several_by_their_spread() -> None:
    near = seed_spread({1: 0.900, 2: 0.902, 3: 0.898}, {4: 0.901})
    far = seed_spread({1: 0.900, 2: 0.902, 3: 0.898}, {4: 0.99})
    assert near is not None
    assert far is not None
    assert (near.winner, far.winner) == (None, 0)
    assert near.other_deviation is None


def test_a_single_run_is_not_set_beside_seeds_that_held_out_other_ratings() -> None:
    spread = seed_spread({1: 0.90, 2: 0.95, 3: 0.80}, {2: 0.96})
    assert spread is not None
    assert spread.difference == pytest.approx(-0.01)
    assert (spread.low, spread.winner, spread.n_paired) == (None, None, 1)


def test_one_seed_of_each_says_nothing() -> None:
    spread = seed_spread({1: 0.9}, {1: 0.8})
    assert spread is not None
    assert (spread.low, spread.high, spread.winner) == (None, None, None)
    assert seed_spread({}, {1: 0.8}) is None


def test_the_same_settings_have_no_difference_but_a_spread() -> None:
    figures = {1: 0.9, 2: 0.91}
    spread = seed_spread(figures, figures, is_same=True)
    assert spread is not None
    assert (spread.difference, spread.low, spread.winner) == (0, None, None)
    assert spread.deviation == pytest.approx(np.std([0.9, 0.91], ddof=1))


def test_seeds_and_threads_make_no_other_settings() -> None:
    one = {"seed": 1, "n_threads": 1, "n_factors": 8}
    assert is_same_but_seed("als", one, "als", {**one, "seed": 5, "n_threads": 2})
    assert not is_same_but_seed("als", one, "als", {**one, "n_factors": 9})
    assert not is_same_but_seed("als", one, "sgd", one)
