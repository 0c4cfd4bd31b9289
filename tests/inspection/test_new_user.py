"""A new user's row follows the model's rule, one change at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.fold_in import fold_in, folded_predictions, grams_of
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import describe
from mfgui.core.solvers import SOLVERS
from mfgui.inspection.known import Known
from mfgui.inspection.new_user import moves, new_user, what_if, with_rating


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(1) as opened:
        yield opened


def trained(name: str, ratings: Ratings, pool: WorkerPool) -> FactorModel:
    names = {info.name for info in describe(SOLVERS[name].settings_type)}
    wanted: dict[str, Any] = {
        "n_factors": 4, "initial_sd": 0.3, "regularization": 0.2, "n_members": 2, "kind": "svd++"}
    settings = SOLVERS[name].settings_type(
        **{key: value for key, value in wanted.items() if key in names})
    solver = SOLVERS[name](ratings, settings, pool, np.random.default_rng(3))
    for member in range(solver.n_members):
        if member:
            solver.begin_member()  # type: ignore[attr-defined]
        for _ in range(2):
            solver.run_epoch()
    return solver.model.copy()


@pytest.mark.parametrize("name", SOLVERS)
def test_the_row_is_the_one_that_the_model_folds_in(
    name: str, planted: Ratings, pool: WorkerPool
) -> None:
    model = trained(name, planted, pool)
    items, values = np.array([7, 2, 30]), np.array([1.5, -0.5, 2])
    user = new_user(model, items, values)
    folded = fold_in(model, np.array([2, 7, 30]), np.float32([-0.5, 1.5, 2]))
    assert user.items.tolist() == [2, 7, 30]
    # The same equations from the same numbers; nothing but the order of sums may differ.
    np.testing.assert_allclose(user.folded.factors, folded.factors, rtol=0, atol=1e-9)
    assert user.folded.bias == pytest.approx(folded.bias, abs=1e-9)
    for ours, theirs in zip(user.folded.fits, folded.fits, strict=True):
        assert ours.others.tolist() == [2, 7, 30]
        np.testing.assert_allclose(ours.row, theirs.row, rtol=0, atol=1e-9)
    kept = new_user(model, items, values, grams=grams_of(model))
    assert kept.folded.factors.tolist() == user.folded.factors.tolist()


def test_ratings_are_set_changed_and_taken_away(planted: Ratings, pool: WorkerPool) -> None:
    model = trained("als", planted, pool)
    user = new_user(model, np.array([], np.int32), np.array([]), "Ada")
    assert user.n_ratings == 0
    user = with_rating(model, user, 9, 3)
    user = with_rating(model, user, 4, 1)
    user = with_rating(model, user, 9, 2.5)
    assert (user.items.tolist(), user.values.tolist(), user.name) == ([4, 9], [1, 2.5], "Ada")
    assert (user.rating(9), user.rating(4), user.rating(5)) == (2.5, 1, None)
    user = with_rating(model, user, 4, None)
    assert user.items.tolist() == [9]
    same = new_user(model, np.array([9]), np.array([2.5]))
    assert user.folded.factors.tolist() == same.folded.factors.tolist()
    assert with_rating(model, user, 4, None).items.tolist() == [9]


def test_a_user_without_ratings_is_predicted_by_mean_and_bias(
    planted: Ratings, pool: WorkerPool
) -> None:
    model = trained("svd++", planted, pool)
    user = new_user(model, np.array([], np.int32), np.array([]))
    np.testing.assert_allclose(
        folded_predictions(model, user.folded), model.global_mean + model.item_bias, atol=1e-6)


@pytest.mark.parametrize(("items", "values", "message"), [
    ([1, 1], [2, 3], "once"), ([40], [2], "range"), ([-1], [2], "range"),
    ([1], [np.nan], "finite"), ([1], [2, 3], "length"),
])
def test_what_is_no_row_is_refused(
    items: list[int], values: list[float], message: str, planted: Ratings, pool: WorkerPool
) -> None:
    model = trained("als", planted, pool)
    with pytest.raises(ValueError, match=message):
        new_user(model, np.array(items), np.array(values))


def test_what_if_starts_from_the_training_ratings_and_nothing_moves_by_itself(
    planted: Ratings, pool: WorkerPool
) -> None:
    model = trained("als", planted, pool)
    is_held_out = np.zeros(planted.n_ratings, bool)
    is_held_out[::5] = True
    known = Known(planted, is_held_out)
    before = what_if(model, known, 6)
    items, values = known.user_row(6)
    assert before.items.tolist() == items.tolist()
    assert before.values.tolist() == values.tolist()
    assert (before.based_on, before.name) == (6, "user u6")
    assert moves(model, before, what_if(model, known, 6)) == ()
    named = Known(replace(planted, user_names=TextArray.from_strings(
        f"Person {n}" for n in range(planted.n_users))))
    assert what_if(model, named, 6).name == "Person 6"


@pytest.mark.parametrize("name", ["als", "implicit-als", "average"])
def test_the_largest_moves_come_first(name: str, planted: Ratings, pool: WorkerPool) -> None:
    model, known = trained(name, planted, pool), Known(planted)
    before = what_if(model, known, 6)
    item = int(before.items[0])
    after = with_rating(model, before, item, None)
    assert after.based_on == 6
    found = moves(model, before, after, 7)
    expected = (folded_predictions(model, after.folded)
                - folded_predictions(model, before.folded))
    order = np.lexsort((np.arange(40), -np.abs(expected)))
    assert [move.item for move in found] == order[:7].tolist()
    assert [move.change for move in found] == pytest.approx(expected[order[:7]])
    assert len(moves(model, before, after, 1000)) <= 40
    assert moves(model, before, after, 0) == ()
