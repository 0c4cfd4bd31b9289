"""What is known of ratings: what training saw, what was held out, what nobody saw."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mfgui.core.ratings import Ratings
from mfgui.inspection.known import Known, cell_keys, places_among


@pytest.fixture(params=["all", "held out", "refit", "unseen", "both"])
def known(request: pytest.FixtureRequest, planted: Ratings) -> Known:
    rng = np.random.default_rng(3)
    kinds = rng.choice(3, planted.n_ratings, p=[0.7, 0.2, 0.1])
    held_out = kinds == 1 if request.param in ("held out", "refit", "both") else None
    unseen = kinds == 2 if request.param in ("unseen", "both") else None
    return Known(planted, held_out, request.param == "refit", unseen)


def test_rows_and_counts_are_those_of_the_training_ratings(known: Known) -> None:
    training = known.training
    for counts, wanted in zip(
            known.training_counts, (training.user_counts, training.item_counts), strict=True):
        np.testing.assert_array_equal(counts, wanted)
    for user in range(0, training.n_users, 7):
        items, values = known.user_row(user)
        is_own = training.user_index == user
        np.testing.assert_array_equal(items, training.item_index[is_own])
        np.testing.assert_array_equal(values, training.value[is_own])
    for item in range(0, training.n_items, 7):
        users, values = known.item_row(item)
        is_own = training.item_index == item
        np.testing.assert_array_equal(users, training.user_index[is_own])
        np.testing.assert_array_equal(values, training.value[is_own])


def test_a_user_s_row_and_the_counts_need_no_copy_of_the_ratings(known: Known) -> None:
    known.user_row(0)
    assert known.training_counts[0].size == known.ratings.n_users
    assert "training" not in known.__dict__


def test_times_are_not_copied(planted: Ratings) -> None:
    timed = replace(planted, time=np.zeros(planted.n_ratings))
    is_held_out = np.arange(planted.n_ratings) % 5 == 0
    assert Known(timed, is_held_out).training.time is None


def test_cells_are_found_among_others(planted: Ratings) -> None:
    keys = cell_keys(planted)
    assert (np.diff(keys) > 0).all()
    few = keys[::2]
    np.testing.assert_array_equal(places_among(few, keys)[::2], np.arange(few.size))
    np.testing.assert_array_equal(places_among(few, keys)[1::2], -1)
    assert places_among(few, np.array([keys[-1] + 1, -1])).tolist() == [-1, -1]
    assert places_among(keys[:0], keys).tolist() == [-1] * keys.size
