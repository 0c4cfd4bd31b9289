"""What is shown of a model of preferences: every cell has a value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.preferences import preferences
from mfgui.core.ratings import Ratings
from mfgui.inspection.cells import describe_cell
from mfgui.inspection.colours import LIGHT_PALETTE
from mfgui.inspection.order import OrderChoice, OrderKey
from mfgui.inspection.painter import Painter, Request


@pytest.fixture
def counts(tiny: Ratings) -> Ratings:
    """Return counts, the first of them 0."""
    value = np.arange(tiny.n_ratings, dtype=np.float32) * 10
    return replace(tiny, value=value)


@pytest.fixture
def request_(counts: Ratings) -> Request:
    rng = np.random.default_rng(0)
    model = FactorModel(
        rng.normal(size=(4, 2)).astype(np.float32), rng.normal(size=(5, 2)).astype(np.float32),
        np.zeros(4, np.float32), np.zeros(5, np.float32), 0.0, (0.0, 1.0), target="preference")
    return Request(counts, model, OrderChoice(), (0, 4), (0, 5), 100, 100, palette=LIGHT_PALETTE)


def dense(counts: Ratings) -> NDArray[np.float64]:
    full = np.zeros((4, 5))
    full[counts.user_index, counts.item_index] = counts.value > 0
    return full


def test_a_rating_above_0_is_preference_1(counts: Ratings) -> None:
    found = preferences(counts)
    assert found.value[0] == 0
    assert (found.value[1:] == 1).all()
    assert found.scale == (0.0, 1.0)


def test_the_residual_covers_every_cell_and_what_is_not_rated_is_missing_in_the_observed(
    request_: Request, counts: Ratings
) -> None:
    blocks = Painter().paint(request_).blocks
    model = request_.model
    assert model is not None
    predicted = model.user_factors.astype(np.float64) @ model.item_factors.T
    assert blocks.residual is not None
    np.testing.assert_allclose(blocks.residual, dense(counts) - predicted, atol=1e-6)
    is_rated = np.zeros((4, 5), bool)
    is_rated[counts.user_index, counts.item_index] = True
    assert (np.isnan(blocks.observed) == ~is_rated).all()
    assert blocks.predicted is not None
    np.testing.assert_allclose(blocks.predicted, np.clip(predicted, 0, 1), atol=1e-6)


def test_blocks_of_many_cells_are_means_over_all_of_them(
    request_: Request, counts: Ratings
) -> None:
    pictures = Painter().paint(replace(request_, height=1, width=1))
    blocks = pictures.blocks
    assert blocks.observed[0, 0] == pytest.approx(dense(counts).mean())
    assert blocks.residual is not None
    assert blocks.predicted is not None
    assert blocks.residual[0, 0] == pytest.approx(blocks.observed[0, 0] - blocks.predicted[0, 0])
    assert "preference over all of its cells" in pictures.legend
    assert pictures.unit == "preference"


def test_levels_are_0_to_1(request_: Request) -> None:
    views = Painter().paint(request_).views
    assert (views["observed"].levels.low, views["observed"].levels.high) == (0.0, 1.0)
    assert views["residual"].levels.high == 0.5


def test_a_cell_says_its_preference_and_a_residual_without_a_rating(
    request_: Request, counts: Ratings
) -> None:
    missing = next((n, m) for n in range(4) for m in range(5) if not (
        (counts.user_index == n) & (counts.item_index == m)).any())
    text = describe_cell(counts, request_.model, *missing)
    assert "not rated    preference 0" in text
    assert "residual" in text


def test_an_order_by_mean_goes_by_the_numbers_of_the_file(
    request_: Request, counts: Ratings
) -> None:
    """So that it is the same before a model comes and after."""
    by_mean = replace(request_, order=OrderChoice(OrderKey("mean"), OrderKey("mean")))
    with_model, without = (Painter().paint(replace(by_mean, **changes)).order
                           for changes in ({}, {"model": None}))
    assert (with_model.rows == without.rows).all()
    means = np.bincount(counts.user_index, counts.value) / counts.user_counts
    assert (np.diff(means[with_model.rows]) <= 0).all()


def test_without_ratings_nothing_is_said_of_what_nobody_knows(
    request_: Request, counts: Ratings
) -> None:
    nothing = counts.take(np.empty(0, np.int64))
    for many in (request_, replace(request_, height=2, width=2)):
        found = Painter().paint(replace(many, ratings=nothing))
        assert np.isnan(found.blocks.observed).all()
        assert np.isnan(found.blocks.residual).all()
        assert np.isfinite(found.blocks.predicted).all()
    assert found.legend == "each pixel is the mean prediction over its cells; unclipped"
    text = describe_cell(nothing, request_.model, 1, 2)
    assert "rating not known" in text
    assert not any(word in text for word in ("preference", "residual"))
