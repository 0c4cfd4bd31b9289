"""Neighbours by the cosine of factors, with what they have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.inspection.known import Known
from mfgui.inspection.similar import similar_items, similar_users


@pytest.fixture
def ratings(draws: Any) -> Ratings:
    made: Ratings = draws.ratings(30, 50, 0.3)
    return made


@pytest.fixture
def model(draws: Any, ratings: Ratings) -> FactorModel:
    made: FactorModel = draws.model(ratings)
    return made


@pytest.mark.parametrize("side", ["item", "user"])
def test_the_nearest_come_first_and_what_was_asked_for_is_not_among_them(
    side: str, model: FactorModel, ratings: Ratings
) -> None:
    find = similar_items if side == "item" else similar_users
    factors = (model.item_factors if side == "item" else model.user_factors).astype(np.float64)
    lengths = np.linalg.norm(factors, axis=1)
    cosines = factors @ factors[4] / lengths / lengths[4]
    cosines[4] = -9
    order = np.argsort(-cosines, kind="stable")
    near = find(model, Known(ratings), 4, 1000)
    assert [each.index for each in near] == order[:-1].tolist()
    assert [each.cosine for each in near] == pytest.approx(cosines[order[:-1]])
    assert find(model, Known(ratings), 4, 3) == near[:3]
    assert find(model, Known(ratings), 4, 0) == ()


def test_overlap_counts_the_training_ratings_in_common(
    model: FactorModel, ratings: Ratings
) -> None:
    is_held_out = np.zeros(ratings.n_ratings, bool)
    is_held_out[::3] = True
    known = Known(ratings, is_held_out)
    has = np.zeros((30, 50), int)
    has[known.training.user_index, known.training.item_index] = 1
    for each in similar_items(model, known, 7, 50):
        assert each.n_ratings == has[:, each.index].sum()
        assert each.n_common == has[:, 7] @ has[:, each.index]
    for each in similar_users(model, known, 7, 50):
        assert each.n_ratings == has[each.index].sum()
        assert each.n_common == has[7] @ has[each.index]


def test_without_ratings_the_counts_are_not_known(model: FactorModel, ratings: Ratings) -> None:
    for known in (None, Known(ratings.take(np.array([], np.int64)))):
        for find in (similar_items, similar_users):
            near = find(model, known, 7)
            assert len(near) == 10
            assert {(each.n_ratings, each.n_common) for each in near} == {(None, None)}


def test_rows_of_zero_point_nowhere(model: FactorModel, ratings: Ratings) -> None:
    factors = model.item_factors.copy()
    factors[[3, 9]] = 0
    flat = replace(model, item_factors=factors)
    assert not {3, 9} & {each.index for each in similar_items(flat, Known(ratings), 7, 50)}
    assert similar_items(flat, Known(ratings), 3) == ()


def test_length_does_not_matter_and_equal_directions_are_ordered_by_number(
    model: FactorModel, ratings: Ratings
) -> None:
    factors = model.item_factors.copy()
    factors[30], factors[12], factors[41] = 1e-30 * factors[7], 1e20 * factors[7], -factors[7]
    near = similar_items(replace(model, item_factors=factors), Known(ratings), 7, 50)
    assert {each.index for each in near[:2]} == {12, 30}
    assert near[0].cosine == pytest.approx(1)
    assert near[-1].index == 41
    assert near[-1].cosine == pytest.approx(-1)
    assert all(-1 <= each.cosine <= 1 for each in near)
    twins = model.item_factors.copy()
    twins[[40, 20, 33]] = twins[7]
    near = similar_items(replace(model, item_factors=twins), Known(ratings), 7, 3)
    assert [each.index for each in near] == [20, 33, 40]


def test_one_factor_has_two_directions() -> None:
    one = np.array([[1], [-2], [3]], np.float32)
    zeros = np.zeros(3, np.float32)
    model = FactorModel(one, one, zeros, zeros, 0.0, (0, 5))
    assert [(each.index, each.cosine) for each in similar_users(model, None, 0)] == [
        (2, 1.0), (1, -1.0)]
