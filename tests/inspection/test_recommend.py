"""Top lists: what they leave out, what orders them, and why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection.best import best_places
from mfgui.inspection.known import Known
from mfgui.inspection.new_user import new_user, what_if, with_rating
from mfgui.inspection.recommend import (
    Filters,
    Recommendation,
    TopMemo,
    known_items,
    rating_shares,
    recommend,
)

ALL = Filters(is_unrated_only=False)


@pytest.fixture
def ratings(draws: Any) -> Ratings:
    made: Ratings = draws.ratings(30, 50, 0.3)
    titles = (f"Film {m} {'Drama' if m % 2 else 'Comedy'}" for m in range(50))
    return replace(made, item_titles=TextArray.from_strings(titles))


@pytest.fixture
def model(draws: Any, ratings: Ratings) -> FactorModel:
    made: FactorModel = draws.model(ratings)
    return replace(made, rules=(FoldInRule(0.1, 0.1, has_bias=True),))


@pytest.fixture
def known(ratings: Ratings) -> Known:
    is_held_out = np.zeros(ratings.n_ratings, bool)
    is_held_out[::4] = True
    return Known(ratings, is_held_out)


def predicted(model: FactorModel, user: int) -> NDArray[np.float64]:
    products = model.item_factors.astype(np.float64) @ model.user_factors[user]
    return np.asarray(products + model.item_bias + float(model.user_bias[user])
                      + model.global_mean)


def items_of(found: tuple[Recommendation, ...]) -> list[int]:
    return [place.item for place in found]


def test_the_list_is_ordered_by_the_raw_prediction_and_shown_clipped(
    model: FactorModel, known: Known
) -> None:
    found = recommend(model, known, 3, 50, ALL)
    expected = predicted(model, 3)
    assert items_of(found) == np.argsort(-expected, kind="stable").tolist()
    assert [place.rank for place in found] == list(range(1, 51))
    assert [place.raw for place in found] == pytest.approx(np.sort(expected)[::-1])
    assert found[0].raw > 5
    narrow = recommend(replace(model, scale=(3.0, 5.0)), known, 3, 50, ALL)
    assert items_of(narrow) == items_of(found)
    assert found[-1].raw < 3
    assert (narrow[0].shown, narrow[-1].shown) == (5, 3)
    unclipped = recommend(replace(model, clip=False), known, 3, 5, ALL)
    assert [place.shown for place in unclipped] == [place.raw for place in unclipped]


def test_what_is_known_to_be_rated_is_left_out_held_out_or_not(
    model: FactorModel, known: Known
) -> None:
    row = known.ratings.user_index == 3
    rated = set(known.ratings.item_index[row].tolist())
    assert rated > set(known.user_row(3)[0].tolist())
    found = recommend(model, known, 3, 1000)
    assert set(items_of(found)) == set(range(50)) - rated
    assert len(recommend(model, known, 3, 1000, ALL)) == 50


def test_equal_predictions_are_ordered_by_item(model: FactorModel, known: Known) -> None:
    factors, bias = model.item_factors.copy(), model.item_bias.copy()
    factors[[44, 11, 20, 36, 5, 9, 12]] = factors[20]
    bias[[44, 11, 20, 36, 5, 9, 12]] = bias[20] + 40
    tied = replace(model, item_factors=factors, item_bias=bias)
    assert items_of(recommend(tied, known, 3, 5, ALL)) == [5, 9, 11, 12, 20]
    nothing = replace(model, item_factors=factors * 0, item_bias=bias * 0)
    assert items_of(recommend(nothing, known, 3, 5, ALL)) == [0, 1, 2, 3, 4]


def test_a_prediction_that_is_not_a_number_is_left_out(model: FactorModel, known: Known) -> None:
    factors = model.item_factors.copy()
    factors[7, 0], factors[8, 0] = np.nan, np.inf * np.sign(model.user_factors[3, 0])
    broken = replace(model, item_factors=factors)
    assert 7 not in items_of(recommend(broken, known, 3, 50, ALL))
    assert 8 not in items_of(recommend(broken, known, 3, 50, Filters(False, title_contains="7")))


def test_filters_leave_items_out(model: FactorModel, known: Known) -> None:
    counts = known.training.item_counts
    for place in recommend(model, known, 3, 50, Filters(False, min_count=8)):
        assert counts[place.item] >= 8
        assert place.n_ratings == counts[place.item]
    comedies = recommend(model, known, 3, 50, Filters(False, title_contains="cOMEDY"))
    assert sorted(items_of(comedies)) == list(range(0, 50, 2))
    assert recommend(model, known, 3, 50, Filters(title_contains="nothing like it")) == ()
    assert len(recommend(model, known, 3, 50, Filters(False, title_contains="  "))) == 50
    accents = TextArray.from_strings("Amélie" if m == 7 else "Äther" for m in range(50))
    named = Known(replace(known.ratings, item_titles=accents))
    assert items_of(recommend(model, named, 3, 50, Filters(False, title_contains="AMEL"))) == [7]
    assert recommend(model, known, 3, 0) == ()
    untitled = Known(replace(known.ratings, item_titles=None))
    by_id = recommend(model, untitled, 3, 50, Filters(False, title_contains="4"))
    assert sorted(items_of(by_id)) == [4, 14, 24, 34, *range(40, 50)]


def test_the_lower_bound_subtracts_the_error_over_the_root_of_the_count(
    model: FactorModel, known: Known
) -> None:
    filters = Filters(False, by_lower_bound=True)
    found = recommend(model, known, 3, 50, filters, held_out_rmse=2.0)
    counts = known.training.item_counts
    bounds = [place.raw - 2 / counts[place.item] ** 0.5 for place in found]
    assert [place.lower_bound for place in found] == pytest.approx(bounds)
    assert bounds == sorted(bounds, reverse=True)
    assert items_of(found) != items_of(recommend(model, known, 3, 50, ALL))
    unbounded = recommend(model, known, 3, 5, ALL)
    assert {place.lower_bound for place in unbounded} == {None}
    with pytest.raises(ValueError, match="held-out"):
        recommend(model, known, 3, 5, filters)


def test_an_item_without_a_rating_has_no_lower_bound(model: FactorModel, known: Known) -> None:
    few = Known(known.ratings.take(np.flatnonzero(known.ratings.item_index != 17)))
    found = recommend(model, few, 3, 50, Filters(False, by_lower_bound=True), held_out_rmse=1.0)
    assert sorted(items_of(found)) == [m for m in range(50) if m != 17]
    plain = {place.item: place for place in recommend(model, few, 3, 50, ALL, held_out_rmse=1.0)}
    assert (plain[17].n_ratings, plain[17].lower_bound) == (0, None)


@pytest.mark.parametrize("is_none", [True, False])
def test_without_ratings_all_items_are_listed_and_nothing_is_told_of_them(
    model: FactorModel, known: Known, *, is_none: bool
) -> None:
    nobody = None if is_none else Known(known.ratings.take(np.array([], np.int64)))
    found = recommend(model, nobody, 3, 50)
    assert len(found) == 50
    assert {(place.n_ratings, place.lower_bound, place.why) for place in found} == {
        (None, None, ())}
    assert TopMemo(model, nobody).missing(Filters(min_count=1), 1.0)
    assert TopMemo(model, nobody).missing(Filters(title_contains="a"), 1.0) == (
        "titles" if is_none else "")


def test_the_reasons_are_the_largest_of_shares_that_add_up(
    model: FactorModel, known: Known
) -> None:
    user = what_if(model, known, 3)
    for place in recommend(model, known, user, 5):
        shares = rating_shares(model, user.folded, np.array([place.item]))[:, 0]
        total = model.global_mean + float(model.item_bias[place.item]) + shares.sum()
        assert total == pytest.approx(place.raw, abs=1e-9)
        order = best_places(np.abs(shares), 3)
        assert [reason.item for reason in place.why] == user.items[order].tolist()
        assert [reason.share for reason in place.why] == pytest.approx(shares[order])
        assert [reason.observed for reason in place.why] == user.values[order].tolist()
    trained = {place.item: place for place in recommend(model, known, 3, 50)}
    refitted = {place.item: place for place in recommend(model, known, user, 50)}
    assert trained.keys() == refitted.keys()
    for item, place in trained.items():
        assert place.why == refitted[item].why


@pytest.mark.parametrize("kind", ["svd++", "average", "implicit", "nonnegative"])
def test_shares_add_up_for_other_models_too(
    kind: str, model: FactorModel, known: Known
) -> None:
    rng = np.random.default_rng(5)
    implicit = rng.normal(0, 0.3, model.item_factors.shape).astype(np.float32)
    other = {
        "svd++": replace(model, implicit_factors=implicit),
        "average": replace(
            model, member_ends=(2, 5), rules=(FoldInRule(0.1, 0.1, has_bias=True), FoldInRule(1)),
            implicit_factors=implicit),
        "implicit": replace(
            model, target="preference", global_mean=0.0, item_bias=model.item_bias * 0,
            rules=(FoldInRule(2.0, is_per_rating=False, confidence="linear", alpha=3.0),)),
        "nonnegative": replace(model, rules=(FoldInRule(0.1, is_nonnegative=True),)),
    }[kind]
    user = what_if(other, known, 3)
    items = np.arange(50)
    shares = rating_shares(other, user.folded, items)
    assert shares.shape == (user.n_ratings, 50)
    products = other.item_factors.astype(np.float64) @ user.folded.factors + user.folded.bias
    # Sums in float64 of numbers up to 10; but a member's factors are rounded to float32 anew.
    np.testing.assert_allclose(shares.sum(0), products, rtol=0,
                               atol=1e-5 if kind == "average" else 1e-9)


def test_a_new_user_is_not_told_what_it_rated(model: FactorModel, known: Known) -> None:
    user = new_user(model, np.array([4, 8, 2]), np.array([5, 1, 3]))
    found = recommend(model, known, user, 50)
    assert set(items_of(found)) == set(range(50)) - {2, 4, 8}
    assert recommend(model, None, user, 50)[0].why
    empty = new_user(model, np.array([], np.int32), np.array([]))
    found = recommend(model, known, empty, 3)
    assert items_of(found) == np.argsort(-model.item_bias, kind="stable")[:3].tolist()
    assert {place.why for place in found} == {()}


def test_of_a_changed_user_what_was_held_out_stays_left_out_and_what_was_taken_away_does_not(
    model: FactorModel, known: Known
) -> None:
    user = what_if(model, known, 3)
    rated = set(known_items(known, 3).tolist())
    assert set(known_items(known, user).tolist()) == rated
    gone = int(user.items[0])
    changed = with_rating(model, user, gone, None)
    assert set(known_items(known, changed).tolist()) == rated - {gone}
    added = with_rating(model, changed, min(set(range(50)) - rated), 4)
    assert set(known_items(known, added).tolist()) == rated - {gone} | {int(added.items[0])} | set(
        added.items.tolist())


def test_a_memo_of_another_model_is_not_used(model: FactorModel, known: Known) -> None:
    memo = TopMemo(model, known)
    other = replace(model, item_bias=model.item_bias[::-1].copy())
    assert recommend(other, known, 3, memo=memo) == recommend(other, known, 3)
    assert recommend(model, known, 3, memo=memo) == recommend(model, known, 3)
    filters = Filters(title_contains="drama", min_count=2)
    assert recommend(model, known, 3, 5, filters, memo=memo) == recommend(
        model, known, 3, 5, filters)


def test_one_item_is_a_list(known: Known) -> None:
    one = np.ones((1, 1), np.float32)
    model = FactorModel(one, one, np.zeros(1, np.float32), np.zeros(1, np.float32), 0.0, (0, 5))
    nothing = np.array([], np.int32)
    ids = TextArray.from_strings(["a"])
    lone = Known(Ratings(nothing, nothing.copy(), np.array([], np.float32), ids, ids))
    assert items_of(recommend(model, lone, 0)) == [0]


@pytest.mark.parametrize(("scores", "n", "places"), [
    ([1.0, 3.0, 3.0, 2.0], 2, [1, 2]), ([1.0, 1.0, 1.0], 2, [0, 1]), ([], 3, []),
    ([np.nan, -np.inf, 5.0], 3, [2]), ([2.0, np.inf], 1, [1]), ([1.0], 0, []),
])
def test_the_best_places_are_found(scores: list[float], n: int, places: list[int]) -> None:
    assert best_places(np.array(scores), n).tolist() == places


def test_a_rating_that_gives_nothing_is_no_reason(known: Known, ratings: Ratings) -> None:
    nothing = np.float32(1e-9)
    model = FactorModel(
        np.full((30, 2), nothing), np.full((50, 2), nothing), np.zeros(30, np.float32),
        np.zeros(50, np.float32), 3.0, ratings.scale, rules=(FoldInRule(0.1),))
    assert all(place.why == () for place in recommend(model, known, 3, 5, ALL))
