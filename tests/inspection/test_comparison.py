"""Which ratings two models are compared on: those that neither was trained on, and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.inspection.comparison import OtherModel, compare_held_out, compare_test
from mfgui.inspection.known import Known
from mfgui.inspection.unseen import Judged, judged, neither_saw


def cells(pairs: Pairs) -> set[tuple[int, int]]:
    return set(zip(pairs.user_index.tolist(), pairs.item_index.tolist(), strict=True))


def places(ratings: Ratings, mask: Any) -> set[tuple[int, int]]:
    return set(zip(ratings.user_index[mask].tolist(), ratings.item_index[mask].tolist(),
                   strict=True))


def marked(ratings: Ratings, share: float, seed: int) -> Known:
    rng = np.random.default_rng(seed)
    return Known(ratings, rng.random(ratings.n_ratings) < share)


def part(ratings: Ratings, keep: Any) -> Ratings:
    return ratings.take(np.flatnonzero(keep))


def test_of_one_file_it_is_what_both_held_out(draws: Any) -> None:
    ratings = draws.ratings(30, 20, 0.4)
    model = draws.model(ratings)
    one, other = (marked(ratings, share, seed) for share, seed in ((0.3, 1), (0.5, 2)))
    found = neither_saw(judged(model, one, None, "A"), judged(model, other, None, "B"),
                        np.ones(30, bool), np.ones(20, bool))
    assert one.is_held_out is not None
    assert other.is_held_out is not None
    assert cells(found) == places(ratings, one.is_held_out & other.is_held_out)


@pytest.mark.parametrize("seed", range(4))
def test_of_two_files_it_is_what_no_training_has_by_brute_force(draws: Any, seed: int) -> None:
    whole = draws.ratings(30, 20, 0.5, seed)
    rng = np.random.default_rng(seed)
    model = draws.model(whole)
    one, other = (marked(part(whole, rng.random(whole.n_ratings) < 0.7), 0.4, seed + k)
                  for k in (1, 2))
    has_user, has_item = rng.random(30) < 0.8, rng.random(20) < 0.8
    found = neither_saw(judged(model, one, None, "A"), judged(model, other, None, "B"),
                        has_user, has_item)
    trained, held = [], []
    for each in (one, other):
        assert each.is_held_out is not None
        trained.append(places(each.ratings, ~each.is_held_out))
        held.append(places(each.ratings, each.is_held_out))
    left = (held[0] | held[1]) - trained[0] - trained[1]
    # what is the other's alone is of users and items that it knows, as its own are
    own = {cell for cell in left if cell in held[0]}
    expected = {(n, m) for n, m in own if has_user[n] and has_item[m]} | (
        left - places(one.ratings, slice(None)))
    assert cells(found) == expected


def test_what_came_beside_a_model_is_unseen_even_after_a_refit(draws: Any) -> None:
    ratings = draws.ratings(30, 20, 0.5)
    model = draws.model(ratings)
    is_unseen = np.zeros(ratings.n_ratings, bool)
    is_unseen[::7] = True
    known = Known(ratings, None, is_trained_on_all=True, is_unseen=is_unseen)
    found = judged(model, known, None, "A")
    assert places(ratings, found.unseen) <= places(ratings, is_unseen)
    assert found.unseen.size > 0
    assert isinstance(found, Judged)


def test_users_that_only_came_beside_are_not_measured(draws: Any) -> None:
    ratings = draws.ratings(30, 20, 0.5)
    is_unseen = ratings.user_index == 4
    known = Known(ratings, None, is_unseen=is_unseen)
    assert judged(draws.model(ratings), known, None, "A").unseen.size == 0


def other_model(model: FactorModel, known: Known | None, **more: Any) -> OtherModel:
    return OtherModel("b.npz", model, np.ones(model.n_users, bool), np.ones(model.n_items, bool),
                      known=known, **more)


def test_lost_factors_from_before_a_refit_are_said_to_be_lost(draws: Any) -> None:
    ratings = draws.ratings(30, 20, 0.5)
    model = draws.model(ratings)
    known = replace(marked(ratings, 0.3, 1), is_trained_on_all=True)
    figures = compare_held_out(model, known, None, other_model(model, known))
    assert figures.paired is None
    assert "not kept" in figures.note


def test_who_does_not_know_its_ratings_is_named(draws: Any) -> None:
    ratings = draws.ratings(30, 20, 0.5)
    model = draws.model(ratings)
    known = marked(ratings, 0.3, 1)
    for mine, theirs, name in ((None, known, "The open model"), (known, None, "B.npz")):
        figures = compare_held_out(model, mine, None, other_model(model, theirs))
        assert figures.note.startswith(f"{name} does not know its ratings")


def test_a_model_that_diverged_is_named(draws: Any) -> None:
    ratings = draws.ratings(30, 20, 0.5)
    model, known = draws.model(ratings), marked(ratings, 0.3, 1)
    broken = replace(model, item_bias=np.full(20, np.nan, np.float32))
    figures = compare_held_out(model, known, None, other_model(broken, known))
    assert "B.npz predicts what is no finite number" in figures.note
    assert figures.rmse is None


def test_test_ratings_are_measured_less_what_was_trained_on(draws: Any) -> None:
    whole = draws.ratings(30, 20, 0.5)
    rng = np.random.default_rng(0)
    is_train = rng.random(whole.n_ratings) < 0.5
    model, theirs = draws.model(whole), draws.model(whole, seed=3)
    known = Known(part(whole, is_train))
    test = Pairs(np.append(whole.user_index, np.int32(-1)),
                 np.append(whole.item_index, np.int32(2)), np.append(whole.value, np.float32(3)))
    figures = compare_test(model, known, other_model(theirs, None), test, "test.csv")
    assert figures.n_ratings == int((~is_train).sum())
    assert f"{int(is_train.sum()):,} that one of the two was trained on" in figures.note
    assert "1 of users or items" in figures.note
    assert "on trust" in figures.note
    none = compare_test(model, Known(whole), other_model(theirs, Known(whole)), test, "test.csv")
    assert none.paired is None
    assert "no rating of test.csv" in none.note
