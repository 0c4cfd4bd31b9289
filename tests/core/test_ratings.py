"""Ratings and texts."""

from __future__ import annotations

import numpy as np
import pytest

from mfgui.core.ratings import Ratings, TextArray


def test_texts_come_back_as_they_went_in() -> None:
    texts = ["007", "7", "", "Amélie", "日本", " blank "]
    array = TextArray.from_strings(texts)
    assert list(array) == texts
    assert array.positions["7"] == 1


def test_an_index_beyond_the_texts_is_refused() -> None:
    with pytest.raises(IndexError):
        TextArray.from_strings(["a"])[1]


def test_a_rating_of_zero_is_a_rating(tiny: Ratings) -> None:
    zero = tiny.value.copy()
    zero[0] = 0
    ratings = Ratings(tiny.user_index, tiny.item_index, zero, tiny.user_ids, tiny.item_ids)
    assert ratings.n_ratings == tiny.n_ratings
    assert ratings.scale == (0.0, 5.0)


def test_pointers_and_item_order_describe_the_same_ratings(planted: Ratings) -> None:
    dense = np.full((planted.n_users, planted.n_items), np.nan)
    dense[planted.user_index, planted.item_index] = planted.value
    for n in range(planted.n_users):
        row = slice(planted.row_pointers[n], planted.row_pointers[n + 1])
        np.testing.assert_array_equal(planted.item_index[row], np.flatnonzero(~np.isnan(dense[n])))
    order = planted.by_item
    for m in range(planted.n_items):
        column = slice(order.pointers[m], order.pointers[m + 1])
        np.testing.assert_array_equal(dense[order.user_index[column], m], order.value[column])
    assert planted.user_counts.sum() == planted.item_counts.sum() == planted.n_ratings


@pytest.mark.parametrize(("users", "items", "values"), [
    ([0, 0], [1, 0], [1, 1]), ([0, 0], [1, 1], [1, 1]), ([0, 2], [0, 0], [1, 1]),
    ([0, 1], [0, -1], [1, 1]), ([0, 1], [0, 0], [1, np.nan]), ([0, 1], [0, 0], [1, np.inf]),
])
def test_what_is_unsorted_double_out_of_range_or_not_finite_is_refused(
    users: list[int], items: list[int], values: list[float]
) -> None:
    texts = TextArray.from_strings("ab")
    with pytest.raises(ValueError, match=r"must|range"):
        Ratings(np.array(users, np.int32), np.array(items, np.int32),
                np.array(values, np.float32), texts, texts)


def test_arrays_cannot_be_written_to(tiny: Ratings) -> None:
    with pytest.raises(ValueError, match="read-only"):
        tiny.value[0] = 9
