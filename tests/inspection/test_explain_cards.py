"""The cards beside an explanation, and the typical error of predictions like it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.splits import hold_out
from mfgui.inspection.cell_rows import NEW_USER
from mfgui.inspection.explain import explain
from mfgui.inspection.explanation import TypicalError
from mfgui.inspection.known import Known, known_of
from mfgui.inspection.new_user import new_user


def made(values: np.ndarray, n_users: int, n_items: int, seed: int = 0) -> Ratings:
    """Return these values at random cells; low numbers of users and items have more of them."""
    rng = np.random.default_rng(seed)
    cells = np.unique((n_users * rng.random(20 * values.size) ** 2).astype(np.int64) * n_items
                      + (n_items * rng.random(20 * values.size) ** 2).astype(np.int64))
    cells = np.sort(rng.permutation(cells)[: values.size])
    return Ratings(
        (cells // n_items).astype(np.int32), (cells % n_items).astype(np.int32),
        values[: cells.size].astype(np.float32),
        TextArray.from_strings(f"u{n}" for n in range(n_users)),
        TextArray.from_strings(f"i{m}" for m in range(n_items)),
        user_names=TextArray.from_strings(f"User {n}" for n in range(n_users)))


def model_of(ratings: Ratings, n_factors: int = 3, seed: int = 1) -> FactorModel:
    rng = np.random.default_rng(seed)
    draw = [rng.normal(0, 0.5, shape).astype(np.float32) for shape in (
        (ratings.n_users, n_factors), (ratings.n_items, n_factors), ratings.n_users,
        ratings.n_items)]
    return FactorModel(*draw, 3.0, ratings.scale)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def stars() -> Ratings:
    return made(np.random.default_rng(2).integers(1, 6, 6000), 200, 120)


def test_a_card_tells_what_the_training_ratings_are(stars: Ratings) -> None:
    known = known_of(stars, hold_out(stars.n_ratings, 0.3, 0)[1], is_trained_on_all=False)
    model = model_of(stars)
    found = explain(model, known, 4, 9)
    users, items = known.training.user_index, known.training.item_index
    for card, mine, factors, bias in (
            (found.user_card, users == 4, model.user_factors[4], model.user_bias[4]),
            (found.item_card, items == 9, model.item_factors[9], model.item_bias[9])):
        values = known.training.value[mine].astype(np.float64)
        residuals = values - model.predict(users[mine], items[mine], is_clipped=False)
        assert card.n_ratings == values.size > 10
        assert card.mean == pytest.approx(values.mean())
        assert card.rmse == pytest.approx(np.sqrt(np.mean(residuals**2)), rel=1e-6)
        assert card.norm == pytest.approx(np.linalg.norm(factors), rel=1e-6)
        assert card.bias == bias
        assert card.histogram == tuple(
            (float(value), int(np.sum(values == value))) for value in range(1, 6))
    assert (found.user_card.id, found.user_card.name) == ("u4", "User 4")
    assert (found.item_card.id, found.item_card.name) == ("i9", "")


def test_a_row_without_ratings_has_an_empty_card(stars: Ratings) -> None:
    at = np.flatnonzero((stars.user_index != 7) & (stars.item_index != 3))
    found = explain(model_of(stars), Known(stars.take(at)), 7, 3)
    for card in (found.user_card, found.item_card):
        assert (card.n_ratings, card.mean, card.rmse) == (0, None, None)
        assert [n for _, n in card.histogram] == [0] * 5


def test_many_different_values_are_counted_by_ranges() -> None:
    values = np.random.default_rng(0).uniform(-10, 10, 3000)
    ratings = made(values, 60, 100)
    card = explain(model_of(ratings), Known(ratings), 0, 0).user_card
    lows = [low for low, _ in card.histogram]
    assert len(lows) == 10
    assert lows == pytest.approx(np.linspace(*ratings.scale, 11)[:-1])
    assert sum(n for _, n in card.histogram) == card.n_ratings > 0


def test_a_long_tail_is_counted_by_ranges_of_equal_ratio() -> None:
    values = np.exp(np.random.default_rng(0).uniform(0, 12, 3000))
    ratings = made(values, 60, 100)
    card = explain(model_of(ratings), Known(ratings), 0, 0).user_card
    lows = np.array([low for low, _ in card.histogram])
    assert lows[1:] / lows[:-1] == pytest.approx(lows[1] / lows[0])
    assert sum(n for _, n in card.histogram) == card.n_ratings > 0


def test_a_new_users_card_is_by_the_new_users_ratings(stars: Ratings) -> None:
    model = model_of(stars)
    user = new_user(model, np.array([3, 1]), np.array([4.5, 2.0]), "Ann")
    card = explain(model, Known(stars), NEW_USER, 5, new_user=user).user_card
    assert (card.id, card.name, card.n_ratings, card.mean) == ("", "Ann", 2, 3.25)
    assert dict(card.histogram)[4.5] == 1
    assert sum(n for _, n in card.histogram) == 2


def test_the_typical_error_is_that_of_the_held_out_ratings_it_names(stars: Ratings) -> None:
    is_held_out = np.zeros(stars.n_ratings, bool)
    is_held_out[hold_out(stars.n_ratings, 0.4, 0)[1]] = True
    known, model = Known(stars, is_held_out), model_of(stars)
    training, held_out = known.training, known.held_out
    for user, item in ((0, 0), (190, 3), (50, 110)):
        error = explain(model, known, user, item).typical_error
        assert error is not None
        numbers = [int(word) for word in error.how.replace(",", "").split() if word.isdigit()]
        n, item_low, item_high, user_low, user_high = numbers
        assert item_low <= training.item_counts[item] <= item_high
        assert user_low <= training.user_counts[user] <= user_high
        of_item = training.item_counts[held_out.item_index]
        of_user = training.user_counts[held_out.user_index]
        near = ((item_low <= of_item) & (of_item <= item_high)
                & (user_low <= of_user) & (of_user <= user_high))
        assert near.sum() == n == error.n_ratings >= 500
        residuals = held_out.value[near].astype(np.float64) - model.predict(
            held_out.user_index[near], held_out.item_index[near])
        assert error.value == pytest.approx(np.sqrt(np.mean(residuals**2)), rel=1e-6)


def test_few_held_out_ratings_are_all_taken(stars: Ratings) -> None:
    known = known_of(stars, np.arange(0, 6000, 100), is_trained_on_all=False)
    error = explain(model_of(stars), known, 0, 0).typical_error
    assert error is not None
    assert error.n_ratings == 60


def typical_error(
    ratings: Ratings, *, is_refit: bool, has_before: bool, target: str = "rating"
) -> TypicalError | None:
    held_out = hold_out(ratings.n_ratings, 0.4, 0)[1]
    known = known_of(ratings, held_out, is_trained_on_all=is_refit)
    model = replace(model_of(ratings), target=target)
    before = model_of(ratings, seed=9) if has_before else None
    return explain(model, known, 3, 3, before_refit=before).typical_error


def test_after_a_refit_the_error_is_that_of_the_factors_from_before_it(stars: Ratings) -> None:
    plain = typical_error(stars, is_refit=False, has_before=False)
    before = typical_error(stars, is_refit=True, has_before=True)
    assert plain is not None
    assert before is not None
    assert plain.how == before.how
    assert plain.value != before.value
    assert typical_error(stars, is_refit=True, has_before=False) is None


def test_preferences_and_ratings_that_were_not_held_out_have_no_typical_error(
    stars: Ratings
) -> None:
    assert typical_error(stars, is_refit=False, has_before=False, target="preference") is None
    assert explain(model_of(stars), Known(stars), 3, 3).typical_error is None
