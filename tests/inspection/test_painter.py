"""Requests and pictures; one cell in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.inspection.cells import describe_cell, observed_rating
from mfgui.inspection.colours import LIGHT_PALETTE
from mfgui.inspection.painter import Painter, Request


@pytest.fixture
def model(tiny: Ratings) -> FactorModel:
    rng = np.random.default_rng(0)
    return FactorModel(
        rng.normal(size=(4, 2)).astype(np.float32), rng.normal(size=(5, 2)).astype(np.float32),
        np.zeros(4, np.float32), np.zeros(5, np.float32), 3.0, (1.0, 5.0))


@pytest.fixture
def request_(tiny: Ratings, model: FactorModel) -> Request:
    return Request(tiny, model, "file", (0, 4), (0, 5), 100, 100, is_over_all=False,
                   is_stretched=False, colour_map="viridis", palette=LIGHT_PALETTE)


def test_a_model_gives_three_pictures_and_none_gives_one(request_: Request) -> None:
    painter = Painter()
    assert list(painter.paint(request_).views) == ["observed", "predicted", "residual"]
    assert list(painter.paint(replace(request_, model=None)).views) == ["observed"]


def test_levels_are_the_scale_unless_stretched(request_: Request) -> None:
    fixed = Painter().paint(request_).views
    assert (fixed["observed"].levels.low, fixed["predicted"].levels.high) == (1.0, 5.0)
    assert (fixed["residual"].levels.low, fixed["residual"].levels.high) == (-2.0, 2.0)
    stretched = Painter().paint(replace(request_, is_stretched=True)).views
    assert stretched["predicted"].levels != fixed["predicted"].levels


def test_what_is_costly_is_made_once_for_the_same_ratings_and_model(
    request_: Request, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mfgui.inspection.painter as module

    calls = []
    real_arrange, real_prepare = module.arrange, module.prepare_model
    monkeypatch.setattr(
        module, "arrange", lambda *words: calls.append("arrange") or real_arrange(*words))
    monkeypatch.setattr(
        module, "prepare_model", lambda *words: calls.append("prepare") or real_prepare(*words))
    painter = Painter()
    for first_row in range(3):
        painter.paint(replace(request_, rows=(first_row, 4)))
    assert calls == ["arrange", "prepare"]
    assert request_.model is not None
    painter.paint(replace(request_, model=request_.model.copy()))
    painter.paint(replace(request_, order_name="count"))
    assert calls == ["arrange", "prepare", "prepare", "arrange", "prepare"]


def test_every_picture_is_an_array_of_its_own(request_: Request) -> None:
    painter = Painter()
    one, two = (painter.paint(request_).views["observed"].rgba for _ in range(2))
    assert not np.shares_memory(one, two)


def test_the_legend_says_what_a_pixel_means(request_: Request) -> None:
    painter = Painter()
    assert "one cell" in painter.paint(request_).legend
    coarse = replace(request_, height=2, width=2)
    assert "rated cells, in all three" in painter.paint(coarse).legend
    assert "over all cells" in painter.paint(replace(coarse, is_over_all=True)).legend
    assert "its rated cells" in painter.paint(replace(coarse, model=None)).legend


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
