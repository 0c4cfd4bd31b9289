"""Requests and pictures; one cell in words."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.errors import CancelledError
from mfgui.inspection import prepared
from mfgui.inspection.cells import describe_cell, observed_rating
from mfgui.inspection.colours import LIGHT_PALETTE, LevelChoice
from mfgui.inspection.order import OrderChoice
from mfgui.inspection.painter import Painter, Request


@pytest.fixture
def model(tiny: Ratings) -> FactorModel:
    rng = np.random.default_rng(0)
    return FactorModel(
        rng.normal(size=(4, 2)).astype(np.float32), rng.normal(size=(5, 2)).astype(np.float32),
        np.zeros(4, np.float32), np.zeros(5, np.float32), 3.0, (1.0, 5.0))


@pytest.fixture
def request_(tiny: Ratings, model: FactorModel) -> Request:
    return Request(tiny, model, OrderChoice(), (0, 4), (0, 5), 100, 100, palette=LIGHT_PALETTE)


def test_a_model_gives_three_pictures_and_none_gives_one(request_: Request) -> None:
    painter = Painter()
    assert list(painter.paint(request_).views) == ["observed", "predicted", "residual"]
    assert list(painter.paint(replace(request_, model=None)).views) == ["observed"]


@pytest.mark.parametrize("is_over_all", [False, True])
@pytest.mark.parametrize("names", [
    ("observed",), ("predicted",), ("residual",), ("observed", "predicted")])
def test_a_view_looks_the_same_alone_and_beside_the_others(
    request_: Request, names: tuple[str, ...], is_over_all: bool
) -> None:
    coarse = replace(request_, height=3, width=2, is_over_all=is_over_all)
    every, some = (Painter().paint(replace(coarse, **changes)).views
                   for changes in ({}, {"views": names}))
    assert tuple(some) == names
    for name, picture in some.items():
        np.testing.assert_array_equal(picture.values, every[name].values)
        np.testing.assert_array_equal(picture.rgba, every[name].rgba)


def test_levels_are_the_scale_or_what_is_in_view_or_set_by_hand(request_: Request) -> None:
    fixed = Painter().paint(request_).views
    assert (fixed["observed"].levels.low, fixed["predicted"].levels.high) == (1.0, 5.0)
    assert (fixed["residual"].levels.low, fixed["residual"].levels.high) == (-2.0, 2.0)
    stretched = Painter().paint(replace(request_, levels=LevelChoice("view"))).views
    assert stretched["predicted"].levels != fixed["predicted"].levels
    hand = Painter().paint(replace(request_, levels=LevelChoice("hand", 2, 4, 0.5))).views
    assert (hand["predicted"].levels.low, hand["observed"].levels.high) == (2, 4)
    assert (hand["residual"].levels.low, hand["residual"].levels.high) == (-0.5, 0.5)


def test_what_is_costly_is_made_once_for_the_same_ratings_and_model(
    request_: Request, monkeypatch: pytest.MonkeyPatch, draws: Any
) -> None:
    calls: list[str] = []
    for name in ("make_order", "arrange", "sum_up", "display_residuals"):
        real = getattr(prepared, name)
        monkeypatch.setattr(
            prepared, name, lambda *words, name=name, real=real: calls.append(name) or real(*words))
    painter = Painter()
    coarse = replace(request_, height=2, width=2)
    for first_row in range(3):
        painter.paint(replace(coarse, rows=(first_row, 4)))
    assert calls == ["make_order", "arrange", "display_residuals"]
    painter.paint(replace(coarse, is_over_all=True))
    assert calls[3:] == ["sum_up"]
    assert request_.model is not None
    newer = replace(coarse, model=request_.model.copy(), is_over_all=True)
    painter.paint(newer)
    assert calls[4:] == ["display_residuals", "sum_up"]
    painter.paint(replace(newer, order=draws.by("count")))
    assert calls[6:] == ["make_order", "arrange", "display_residuals", "sum_up"]


def test_the_predicted_alone_needs_no_pass_over_the_ratings(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "arrange", None)
    monkeypatch.setattr(prepared, "display_residuals", None)
    alone = replace(request_, views=("predicted",), is_over_all=True, height=2, width=2)
    assert list(Painter().paint(alone).views) == ["predicted"]


def test_an_order_stays_while_its_choice_does_though_the_model_changes(
    request_: Request, draws: Any
) -> None:
    painter = Painter()
    request = replace(request_, order=draws.by("residual"))
    first = painter.paint(request).order
    assert request.model is not None
    other = replace(request.model, user_factors=-request.model.user_factors[::-1].copy())
    assert painter.paint(replace(request, model=other)).order is first
    again = replace(request, model=other, order=replace(request.order, serial=1))
    assert painter.paint(again).order is not first
    assert painter.paint(again).order.choice.serial == 1
    others = replace(request.ratings, name="another file")
    assert painter.paint(replace(again, ratings=others)).order is not first


def test_every_picture_is_an_array_of_its_own(request_: Request) -> None:
    painter = Painter()
    one, two = (painter.paint(request_).views["observed"].rgba for _ in range(2))
    assert not np.shares_memory(one, two)


def test_the_legend_says_what_a_pixel_means(request_: Request) -> None:
    painter = Painter()
    assert "one cell" in painter.paint(request_).legend
    assert "clipped" in painter.paint(request_).legend
    assert painter.paint(replace(request_, model=None)).legend == "each block is one cell"
    coarse = replace(request_, height=2, width=2)
    assert "rated cells, in all three; unclipped" in painter.paint(coarse).legend
    assert "over all cells" in painter.paint(replace(coarse, is_over_all=True)).legend
    assert "its rated cells" in painter.paint(replace(coarse, model=None)).legend


def test_single_predictions_are_clipped_and_residuals_and_means_are_not(
    request_: Request, model: FactorModel
) -> None:
    high = replace(model, global_mean=50.0)
    cells = Painter().paint(replace(request_, model=high)).blocks
    assert cells.predicted is not None
    assert (cells.predicted == 5.0).all()
    assert np.nanmax(cells.residual) < -30
    for is_over_all in (False, True):
        coarse = replace(request_, model=high, height=2, width=2, is_over_all=is_over_all)
        predicted = Painter().paint(coarse).blocks.predicted
        assert np.nanmin(predicted) > 30


def test_two_models_stand_beside_each_other_with_their_difference(
    request_: Request, model: FactorModel
) -> None:
    other = replace(model, global_mean=2.5)
    pictures = Painter().paint(replace(request_, other=other, height=2, width=2))
    blocks = pictures.blocks
    np.testing.assert_allclose(blocks.residual, 0.5, atol=1e-12)
    np.testing.assert_allclose(blocks.observed, np.asarray(blocks.predicted) + 0.5, atol=1e-12)
    assert "mean prediction over all" in pictures.legend
    assert pictures.views["observed"].levels.low == 1.0
    # On the scale of the ratings two models would look alike: what is in view is spanned.
    assert pictures.views["residual"].levels.high == pytest.approx(0.5)


def test_stretched_to_what_is_in_view_one_colour_is_one_value_in_both_models(
    request_: Request, model: FactorModel
) -> None:
    other = replace(model, global_mean=2.0, item_factors=model.item_factors[::-1].copy())
    views = Painter().paint(replace(
        request_, other=other, levels=LevelChoice("view"))).views
    first, second, rest = (views[name] for name in ("observed", "predicted", "residual"))
    assert first.levels == second.levels
    both = np.concatenate((first.values.ravel(), second.values.ravel()))
    assert first.levels.low == pytest.approx(np.percentile(both, 1))
    assert first.levels.high == pytest.approx(np.percentile(both, 99))
    assert rest.levels.low == -rest.levels.high
    # All but two of a hundred, and not the extreme.
    assert rest.levels.high == pytest.approx(np.percentile(np.abs(rest.values), 98))


def test_margins_count_all_ratings_of_the_rows_and_columns_in_view(
    request_: Request, tiny: Ratings
) -> None:
    assert Painter().paint(request_).margins is None
    margins = Painter().paint(replace(
        request_, columns=(1, 3), height=2, has_margins=True)).margins
    assert margins is not None
    # Rows 5 3 . 1 . and 4 . . 1 1, then 1 1 . 5 . and . 1 5 4 4; columns 3 . 1 1 and . . . 5
    np.testing.assert_allclose(margins.row_counts, [3, 3.5])
    np.testing.assert_allclose(margins.row_means, [15 / 6, 21 / 7])
    np.testing.assert_allclose(margins.column_counts, [3, 1])
    np.testing.assert_allclose(margins.column_means, [5 / 3, 5])


def test_margins_of_what_has_no_rating_are_missing(draws: Any) -> None:
    ratings = draws.ratings(3, 2, -1)
    margins = Painter().paint(replace(
        draws.request(ratings, None), has_margins=True)).margins
    assert margins is not None
    assert (margins.row_counts == 0).all()
    assert np.isnan(margins.column_means).all()


def test_progress_is_told_and_a_stopped_preparation_is_taken_up_again(request_: Request) -> None:
    painter, control = Painter(), Control()
    control.stop()
    with pytest.raises(CancelledError):
        painter.paint(request_, control)
    control = Control()
    painter.paint(request_, control)
    assert control.progress.text
    assert 0 < painter.progress < 1


def test_what_is_held_is_logged_after_a_preparation_and_only_then(
    request_: Request, caplog: pytest.LogCaptureFixture
) -> None:
    painter = Painter()
    with caplog.at_level(logging.INFO, "mfgui"):
        painter.paint(request_)
        painter.paint(replace(request_, rows=(1, 3)))
    assert len(caplog.messages) == 1
    assert "display copy" in caplog.messages[0]
    assert painter.n_bytes["residuals"] == 4 * request_.ratings.n_ratings
    painter.paint(replace(request_, model=None))
    assert painter.n_bytes["residuals"] == painter.n_bytes["prefix sums"] == 0


def test_a_cell_is_told_in_words(tiny: Ratings, model: FactorModel) -> None:
    assert observed_rating(tiny, 0, 0) == 5
    assert observed_rating(tiny, 0, 2) is None
    text = describe_cell(tiny, model, 0, 0)
    assert "user 1" in text
    assert "rated 5" in text
    assert "residual" in text
    assert "not rated" in describe_cell(tiny, model, 0, 2)
    assert "predicted" not in describe_cell(tiny, None, 0, 0)


def test_a_clipped_prediction_shows_the_raw_one_beside_it(
    tiny: Ratings, model: FactorModel
) -> None:
    text = describe_cell(tiny, replace(model, global_mean=50.0), 0, 0)
    assert "predicted 5.00 (" in text
    assert "before clipping" in text
