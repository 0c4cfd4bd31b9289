"""Orders by every key: right, stable, and never broken by what is missing."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.errors import CancelledError
from mfgui.inspection.folding import fold
from mfgui.inspection.order import (
    NEED_MODEL,
    ORDER_KEYS,
    OrderChoice,
    OrderKey,
    default_choice,
)
from mfgui.inspection.sorting import SORTERS, make_order, natural_order


@pytest.fixture
def ratings(draws: Any) -> Ratings:
    """Return ratings whose last two users and last item have none."""
    few: Ratings = draws.ratings(40, 30, 0.3)
    kept = np.flatnonzero((few.user_index < 38) & (few.item_index < 29))
    return few.take(kept)


@pytest.fixture
def model(ratings: Ratings, draws: Any) -> FactorModel:
    found: FactorModel = draws.model(ratings)
    return found


def is_falling(numbers: np.ndarray) -> bool:
    return bool((np.diff(numbers) <= 1e-6).all())


def test_every_key_has_a_label_and_a_sorter() -> None:
    assert set(ORDER_KEYS) == set(SORTERS)
    assert set(NEED_MODEL) < set(ORDER_KEYS)


@pytest.mark.parametrize("name", ORDER_KEYS)
@pytest.mark.parametrize("has_model", [True, False])
def test_every_key_shows_every_row_and_column_once(
    ratings: Ratings, model: FactorModel, draws: Any, name: str, has_model: bool
) -> None:
    order = make_order(ratings, model if has_model else None, draws.by(name))
    assert (np.sort(order.rows) == np.arange(40)).all()
    assert (np.sort(order.columns) == np.arange(30)).all()
    assert order.rows.dtype == order.columns.dtype == np.int32
    assert (order.row_ranks[order.rows] == np.arange(40)).all()
    is_without = not has_model and name in NEED_MODEL
    assert ("no model yet" in order.note) == is_without
    if is_without:
        assert (order.rows == np.arange(40)).all()


def test_rows_and_columns_are_sorted_by_keys_of_their_own(
    ratings: Ratings, model: FactorModel
) -> None:
    choice = OrderChoice(OrderKey("count"), OrderKey("factor", 2))
    order = make_order(ratings, model, choice)
    assert order.choice == choice
    assert is_falling(ratings.user_counts[order.rows])
    assert is_falling(model.item_factors[order.columns[:-1], 2])


def test_numbers_fall_and_what_has_no_rating_comes_last(
    ratings: Ratings, model: FactorModel, draws: Any
) -> None:
    observed, predicted = draws.dense(ratings, model, make_order(ratings, model, OrderChoice()))
    users = np.arange(38)
    expected = {
        "mean": np.nanmean(observed[:38], axis=1), "bias": model.user_bias,
        "factor": model.user_factors[:, 0],
        "residual": np.sqrt(np.nanmean((observed - predicted)[:38] ** 2, axis=1))}
    for name, numbers in expected.items():
        rows = make_order(ratings, model, draws.by(name)).rows
        assert set(rows[-2:].tolist()) == {38, 39}
        assert is_falling(np.asarray(numbers)[rows[:-2]]), name
        assert not is_falling(np.asarray(numbers)[users]), name
    columns = make_order(ratings, model, draws.by("residual")).columns
    errors = np.sqrt(np.nanmean((observed - predicted)[:, :29] ** 2, axis=0))
    assert is_falling(errors[columns[:-1]])


def test_the_first_component_is_where_the_factors_differ_most(
    ratings: Ratings, model: FactorModel, draws: Any
) -> None:
    direction = np.array([3, -4, 0, 0, 0], np.float32) / 5
    along = np.linspace(-5, 5, 40).astype(np.float32)[np.random.default_rng(0).permutation(40)]
    factors = 0.01 * model.user_factors + along[:, None] * direction
    model = replace(model, user_factors=factors)
    rows = make_order(ratings, model, draws.by("component")).rows[:-2]
    assert (rows == sorted(rows, key=lambda n: -along[n])).all() or (
        rows == sorted(rows, key=lambda n: along[n])).all()


def test_clusters_stand_together_with_a_border_between_two(
    ratings: Ratings, model: FactorModel
) -> None:
    group = np.arange(40) % 3
    centres = np.array([[10, 0, 0, 0, 0], [-10, 5, 0, 0, 0], [0, 0, 0, 0, 3]], np.float32)
    model = replace(model, user_factors=0.1 * model.user_factors + centres[group])
    key = OrderKey("cluster", n_clusters=3)
    order = make_order(ratings, model, OrderChoice(key, OrderKey("file")))
    borders = [0, *order.row_borders.tolist(), 40]
    assert len(borders) == 5  # three clusters, then those without a rating
    for first, last in itertools.pairwise(borders[:-1]):
        assert len(set(group[order.rows[first:last]].tolist())) == 1
    assert set(order.rows[borders[-2]:].tolist()) == {38, 39}
    assert not order.column_borders.size
    again = make_order(ratings, model, OrderChoice(key, OrderKey("file")))
    assert (again.rows == order.rows).all()


@pytest.mark.parametrize("name", NEED_MODEL)
def test_one_factor_and_factors_that_are_all_alike_can_be_sorted_by(
    ratings: Ratings, draws: Any, name: str
) -> None:
    single = draws.model(ratings, 1)
    assert make_order(ratings, single, draws.by(name)).rows.size == 40
    alike = replace(single, user_factors=np.ones((40, 1), np.float32),
                    item_factors=np.zeros((30, 1), np.float32))
    order = make_order(ratings, alike, draws.by(name))
    assert (np.sort(order.columns) == np.arange(30)).all()


def test_factors_that_are_not_finite_come_last(
    ratings: Ratings, model: FactorModel, draws: Any
) -> None:
    factors = model.user_factors.copy()
    factors[3] = np.nan
    factors[4] = np.inf
    model = replace(model, user_factors=factors)
    for name in ("factor", "residual", "component", "cluster"):
        rows = make_order(ratings, model, draws.by(name, "file")).rows
        assert (np.sort(rows) == np.arange(40)).all()


def test_what_cannot_be_sorted_by_is_said_in_a_sentence(
    ratings: Ratings, model: FactorModel, draws: Any
) -> None:
    beyond = OrderChoice(OrderKey("factor", 99), OrderKey("title"))
    note = make_order(ratings, model, beyond).note
    assert "no factor 100" in note
    assert "items have no names" in note
    plain = replace(model, user_bias=np.zeros(40, np.float32))
    assert "no biases: the users" in make_order(ratings, plain, draws.by("bias")).note
    assert make_order(ratings, model, draws.by("bias")).note == ""


def test_a_model_without_ratings_is_sorted_whole(draws: Any) -> None:
    ratings = draws.ratings(12, 9, -1)
    model = draws.model(ratings)
    order = make_order(ratings, model, draws.by("bias"))
    assert is_falling(model.user_bias[order.rows])
    for name in ORDER_KEYS:
        assert make_order(ratings, model, draws.by(name)).rows.size == 12


@pytest.mark.parametrize("texts", [
    ["a2", "a10", "A1", "b", "a1b", "ä3", ""],
    ["10", "9", "007", "7", "70", "1e3", "-5", "99999999999999999999999", "1"],
    ["Zoë", "zoe", "Ångström", "apple", "中文", "🎬 film", "אבג", "  x"],
    ["7"] * 40, [f"item {n}" for n in range(100, 0, -1)], []])
def test_texts_rise_and_their_numbers_are_read_as_numbers(texts: list[str]) -> None:
    def key(text: str) -> tuple[bool, list[tuple[bytes, int]]]:
        parts = re.findall(r"[0-9]+|[^0-9]", fold(text))
        return not text, [(b"0", int(part)) if "0" <= part[0] <= "9" else (part.encode(), 0)
                          for part in parts]

    order = natural_order(TextArray.from_strings(texts))
    assert [texts[n] for n in order] == sorted(texts, key=key)


def test_ids_are_sorted_as_a_person_counts() -> None:
    ids = TextArray.from_strings(["u10", "u9", "U2", "u1"])
    assert natural_order(ids).tolist() == [3, 2, 1, 0]


def test_equal_rows_stay_as_in_the_file(draws: Any) -> None:
    ratings = draws.ratings(30, 20, 1.1)  # all have as many
    order = make_order(ratings, None, draws.by("count"))
    assert (order.rows == np.arange(30)).all()


def test_a_stopped_sort_ends(ratings: Ratings, draws: Any) -> None:
    control = Control()
    control.stop()
    with pytest.raises(CancelledError):
        make_order(ratings, None, draws.by("count"), control)


def test_small_matrices_are_shown_as_they_were_typed() -> None:
    assert default_choice(4, 5).rows.name == "file"
    assert default_choice(6040, 3706).columns.name == "count"
