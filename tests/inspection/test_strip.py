"""The new user's row: the same colours, columns and means as the pictures below it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.fold_in import folded_predictions
from mfgui.core.fold_in_rule import FoldInRule
from mfgui.inspection.new_user import NewUser, new_user
from mfgui.inspection.painter import Painter, Pictures
from mfgui.inspection.strip import in_other, paint_row


@pytest.fixture
def user(draws: Any) -> NewUser:
    model = replace(draws.model(draws.ratings(30, 24, 0.4)), rules=(FoldInRule(0.1),))
    return new_user(model, np.array([3, 8, 20]), np.array([5.0, 0.0, 2.0]))


@pytest.fixture
def pictures(draws: Any) -> Pictures:
    """Return pictures of single columns, the rows in blocks, in an order of their own."""
    ratings = draws.ratings(30, 24, 0.4)
    request = replace(draws.request(ratings, draws.model(ratings)), order=draws.by("count"),
                      columns=(2, 22), height=10)
    return Painter().paint(request)


def test_a_row_of_cells_shows_ratings_predictions_and_residuals(
    pictures: Pictures, user: NewUser
) -> None:
    model = pictures.request.model
    assert model is not None
    raw = folded_predictions(model, user.folded)
    rows = paint_row(pictures, user)
    items = pictures.order.columns[2:22]
    assert set(rows) == {"observed", "predicted", "residual"}
    for name, row in rows.items():
        assert row.values.shape == (1, 20)
        assert row.rgba.shape == (1, 20, 4)
        assert row.levels == pictures.views[name].levels
    np.testing.assert_allclose(rows["predicted"].values[0], np.clip(raw[items], 0, 5))
    for place, item in enumerate(items.tolist()):
        value = user.rating(item)
        shown = rows["observed"].values[0, place]
        assert np.isnan(shown) if value is None else shown == value
        if value is not None:
            assert rows["residual"].values[0, place] == pytest.approx(value - raw[item])


@pytest.mark.parametrize("is_over_all", [True, False])
def test_blocks_of_columns_are_means_over_the_cells_the_pictures_go_over(
    pictures: Pictures, user: NewUser, is_over_all: bool
) -> None:
    request = replace(pictures.request, width=4, is_over_all=is_over_all)
    coarse = Painter().paint(request)
    assert request.model is not None
    raw = folded_predictions(request.model, user.folded)
    edges = coarse.blocks.window.column_edges()
    rows = paint_row(coarse, user)
    for block in range(4):
        items = coarse.order.columns[edges[block]:edges[block + 1]]
        rated = [item for item in items.tolist() if user.rating(item) is not None]
        cells = items.tolist() if is_over_all else rated
        found = rows["predicted"].values[0, block]
        assert found == pytest.approx(raw[cells].mean()) if cells else np.isnan(found)
        value = rows["observed"].values[0, block]
        expected = [user.rating(item) for item in rated]
        assert value == pytest.approx(np.mean(expected)) if rated else np.isnan(value)


def test_of_preferences_every_cell_has_a_residual(pictures: Pictures, user: NewUser) -> None:
    model = pictures.request.model
    assert model is not None
    liked = replace(model, target="preference", scale=(0.0, 1.0))
    rows = paint_row(Painter().paint(replace(pictures.request, model=liked)), user)
    assert np.isfinite(rows["residual"].values).all()
    shown = rows["observed"].values[np.isfinite(rows["observed"].values)]
    assert set(shown.tolist()) == {0.0, 1.0}


def test_of_two_models_there_is_a_row_by_each(pictures: Pictures, user: NewUser) -> None:
    model = pictures.request.model
    assert model is not None
    other = replace(model, rules=(FoldInRule(2.0),))
    knows = np.ones(model.n_items, np.bool_)
    knows[8] = False
    compared = Painter().paint(replace(pictures.request, other=other, other_has_item=knows))
    theirs = in_other(compared.request, user)
    assert theirs is not None
    assert theirs.items.tolist() == [3, 20]
    rows = paint_row(compared, user, theirs)
    items = compared.order.columns[2:22]
    raw, raw_other = (folded_predictions(each, guest.folded)[items]
                      for each, guest in ((model, user), (other, theirs)))
    np.testing.assert_allclose(rows["observed"].values[0], np.clip(raw, 0, 5))
    np.testing.assert_allclose(rows["predicted"].values[0], np.clip(raw_other, 0, 5))
    np.testing.assert_allclose(rows["residual"].values[0], raw - raw_other)
    assert np.isnan(paint_row(compared, user)["predicted"].values).all()
    assert in_other(pictures.request, user) is None


def test_without_a_model_there_is_no_row(pictures: Pictures, user: NewUser) -> None:
    assert paint_row(Painter().paint(replace(pictures.request, model=None)), user) == {}
