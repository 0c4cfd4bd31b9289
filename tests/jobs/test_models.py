"""A model from a file beside ratings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.jobs.models import match_model
from mfgui.store.model_file import SavedModel, open_model


def saved(path: Path, ratings: Ratings) -> SavedModel:
    settings = SOLVERS["sgd"].settings_type(n_factors=3, n_epochs=2, validation=0.2, seed=1)
    *_, result = jobs.train(Control(), "sgd", settings, ratings)
    list(jobs.save_run(Control(), path, result, ratings))
    return open_model(path)


def test_beside_its_own_ratings_nothing_of_a_model_is_copied(
    tmp_path: Path, planted: Ratings
) -> None:
    file = saved(tmp_path / "m.npz", planted)
    assert file.known is not None
    titled = replace(planted, item_titles=TextArray.from_strings(
        f"Film {k}" for k in range(planted.n_items)))
    found = match_model(file, titled)
    assert found is not None
    assert found.known is not None
    assert found.model is file.model
    assert np.shares_memory(found.known.ratings.value, file.known.ratings.value)
    assert found.known.ratings.item_titles is titled.item_titles
    assert found.known.is_held_out is file.known.is_held_out
    assert found.text == ""


def test_in_another_order_of_items_all_follow(tmp_path: Path, planted: Ratings) -> None:
    file = saved(tmp_path / "m.npz", planted)
    order = np.arange(planted.n_items)[::-1]  # as many, none where it stood but the middle one
    rows = np.lexsort((order[planted.item_index], planted.user_index))
    turned = Ratings(
        planted.user_index[rows], order[planted.item_index[rows]].astype(np.int32),
        planted.value[rows], planted.user_ids, planted.item_ids.take(order))
    found = match_model(file, turned)
    assert found is not None
    assert found.known is not None
    np.testing.assert_array_equal(found.model.item_factors, file.model.item_factors[order])
    np.testing.assert_array_equal(found.known.ratings.item_index, turned.item_index)
    np.testing.assert_array_equal(found.known.ratings.value, turned.value)
    assert file.known is not None
    assert file.known.is_held_out is not None
    np.testing.assert_array_equal(found.known.is_held_out, file.known.is_held_out[rows])


def test_a_file_that_has_a_user_twice_has_each_cell_once(
    tmp_path: Path, planted: Ratings
) -> None:
    file = saved(tmp_path / "m.npz", planted)
    names = [*planted.user_ids]
    names[7] = names[3]
    assert file.known is not None
    twice = replace(file, user_ids=TextArray.from_strings(names), known=replace(
        file.known, ratings=replace(
            file.known.ratings, user_ids=TextArray.from_strings(names))))
    found = match_model(twice, planted)
    assert found is not None
    assert found.known is not None
    assert 0 < found.known.ratings.n_ratings < planted.n_ratings
