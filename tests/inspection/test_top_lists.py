"""The top lists of all users are those of each, whatever tiles and threads they are found by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.kernels.top import keep_best
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.errors import CancelledError
from mfgui.inspection import top_lists as module
from mfgui.inspection.known import Known
from mfgui.inspection.recommend import Filters, recommend
from mfgui.inspection.top_lists import TopLists, top_lists

N_USERS, N_ITEMS = 70, 130


@pytest.fixture
def ratings(draws: Any) -> Ratings:
    made: Ratings = draws.ratings(N_USERS, N_ITEMS, 0.1)
    return made


@pytest.fixture
def model(draws: Any, ratings: Ratings) -> FactorModel:
    made: FactorModel = draws.model(ratings, 6)
    return made


@pytest.fixture
def known(ratings: Ratings) -> Known:
    is_held_out = np.zeros(ratings.n_ratings, bool)
    is_held_out[::4] = True
    return Known(ratings, is_held_out)


@pytest.fixture
def _small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 70 users and 130 items take several tiles and chunks."""
    monkeypatch.setattr(module, "USERS_PER_TILE", 8)
    monkeypatch.setattr(module, "ITEMS_PER_TILE", 48)
    monkeypatch.setattr(module, "TILES_PER_CHUNK", 4)


def found(
    model: FactorModel, known: Known | None, n: int = 10, n_threads: int = 2, **how: Any
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    with WorkerPool(n_threads) as pool:
        parts = list(top_lists(model, known, n, pool=pool, control=Control(), **how))
    assert [part.first_user for part in parts] == np.cumsum(
        [0, *(part.items.shape[0] for part in parts)])[:-1].tolist()
    return (np.concatenate([part.items for part in parts]),
            np.concatenate([part.raw for part in parts]))


@pytest.mark.usefixtures("_small_tiles")
@pytest.mark.parametrize("filters", [
    Filters(), Filters(is_unrated_only=False), Filters(min_count=6),
    Filters(title_contains="1"), Filters(by_lower_bound=True)])
@pytest.mark.parametrize("n", [1, 10, 200])
def test_each_list_is_the_one_that_is_recommended(
    model: FactorModel, known: Known, filters: Filters, n: int
) -> None:
    items, raw = found(model, known, n, filters=filters, held_out_rmse=0.8)
    assert items.shape == raw.shape == (N_USERS, min(n, N_ITEMS))
    for user in range(N_USERS):
        places = recommend(model, known, user, n, filters, 0.8)
        length = len(places)
        assert items[user, :length].tolist() == [place.item for place in places]
        # Both are sums of six products in float64, perhaps in another order.
        assert raw[user, :length] == pytest.approx([place.raw for place in places], abs=1e-12)
        assert (items[user, length:] == -1).all()
        assert np.isnan(raw[user, length:]).all()


@pytest.mark.usefixtures("_small_tiles")
def test_the_bits_are_the_same_for_any_number_of_threads(
    model: FactorModel, known: Known
) -> None:
    first = found(model, known, n_threads=1)
    for n_threads in (2, 3):
        for ours, theirs in zip(first, found(model, known, n_threads=n_threads), strict=True):
            assert ours.tobytes() == theirs.tobytes()


def test_without_ratings_nothing_is_left_out(model: FactorModel, known: Known) -> None:
    nobody = Known(known.ratings.take(np.array([], np.int64)))
    for unknown in (None, nobody):
        assert (found(model, unknown, N_ITEMS)[0] >= 0).all()
    with pytest.raises(ValueError, match="how many"):
        found(model, None, filters=Filters(min_count=1))


@pytest.mark.usefixtures("_small_tiles")
def test_ties_and_what_is_no_number(model: FactorModel, known: Known) -> None:
    zeros = replace(model, item_factors=model.item_factors * 0, item_bias=model.item_bias * 0)
    items, _ = found(zeros, None, 60)
    assert (items == np.arange(60)).all()
    factors = model.item_factors.copy()
    factors[[3, 50, 99]] = np.nan
    items, raw = found(replace(model, item_factors=factors), None, N_ITEMS)
    assert not np.isin(items, [3, 50, 99]).any()
    assert (items[:, -3:] == -1).all()
    assert np.isnan(raw[:, -3:]).all()


def test_a_user_who_rated_everything_has_an_empty_list(draws: Any) -> None:
    ratings = draws.ratings(3, 5, 1.1)
    items, raw = found(draws.model(ratings), Known(ratings))
    assert (items == -1).all()
    assert np.isnan(raw).all()


def test_no_items_or_no_places_are_empty_lists(model: FactorModel, known: Known) -> None:
    assert found(model, known, 0)[0].shape == (N_USERS, 0)
    barren = replace(model, item_factors=model.item_factors[:0], item_bias=model.item_bias[:0])
    assert found(barren, None)[0].shape == (N_USERS, 0)


@pytest.mark.usefixtures("_small_tiles")
def test_stop_is_obeyed_between_tiles_and_progress_is_told(
    model: FactorModel, known: Known
) -> None:
    class Counting(Control):
        n_looks = 0

        def checkpoint(self) -> None:
            self.n_looks += 1
            super().checkpoint()

    control = Counting()
    with WorkerPool(1) as pool:
        lists = top_lists(model, known, pool=pool, control=control)
        first: TopLists = next(lists)
        assert first.items.shape == (32, 10)
        assert control.n_looks >= 4 * 3  # blocks, and the tiles of each
        assert control.progress.fraction == pytest.approx(32 / N_USERS)
        control.stop()
        with pytest.raises(CancelledError):
            next(lists)


@pytest.mark.parametrize("n_kept", [1, 2, 7, 64, 300])
def test_the_heap_keeps_the_best_of_any_scores(n_kept: int) -> None:
    rng = np.random.default_rng(n_kept)
    scores = rng.integers(0, 12, (9, 200)).astype(np.float32)  # many ties
    offsets = rng.integers(0, 3, 200).astype(np.float32)
    offsets[::17] = -np.inf
    total = scores + offsets
    nobody, empty = np.zeros(9, np.int64), np.empty(0, np.int32)
    best = np.empty((9, n_kept), np.float32)
    which, n_best = np.full((9, n_kept), -1, np.int32), np.zeros(9, np.int64)
    for first in range(0, 200, 70):
        tile = scores[:, first : first + 70].copy()
        keep_best(tile, offsets[first : first + 70], first, empty, nobody.copy(), nobody, best,
                  which, n_best)
    n = min(n_kept, int(np.isfinite(offsets).sum()))
    assert (n_best == n).all()
    expected = np.argsort(-total, axis=1, kind="stable")[:, :n]
    assert (np.sort(which[:, :n], axis=1) == np.sort(expected, axis=1)).all()
