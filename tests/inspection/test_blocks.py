"""Pictures against a dense computation in float64, at any zoom and in any order."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection import grid as grid_module
from mfgui.inspection.blocks import predicted_means, rated_means, rated_means_of_grid
from mfgui.inspection.display import arrange, display_residuals, sum_up
from mfgui.inspection.grid import make_grid, snapped, sum_on
from mfgui.inspection.painter import Painter
from mfgui.inspection.sorting import make_order
from mfgui.inspection.window import Axis, Window, window_of

VIEWS_OF_70_BY_50 = [  # first, last, blocks of rows, then of columns
    (0, 70, 70, 0, 50, 50), (0, 70, 9, 0, 50, 7), (3, 41, 13, 11, 12, 1), (10, 15, 5, 20, 40, 6),
    (69, 70, 1, 49, 50, 1), (0, 70, 1, 5, 6, 1), (17, 50, 3, 2, 49, 4), (16, 48, 2, 16, 32, 1)]


def window(view: tuple[int, ...], n_users: int = 70, n_items: int = 50) -> Window:
    """Return a window by its numbers."""
    return Window(Axis(*view[:3], n_users, n_users), Axis(*view[3:], n_items, n_items))


@pytest.mark.parametrize("name", ["file", "count", "factor"])
@pytest.mark.parametrize("view", VIEWS_OF_70_BY_50)
def test_blocks_equal_a_dense_computation(draws: Any, name: str, view: tuple[int, ...]) -> None:
    ratings = draws.ratings(70, 50, 0.15)
    model = draws.model(ratings)
    order = make_order(ratings, model, draws.by(name))
    shown, seen = arrange(ratings, order), window(view)
    found = rated_means(shown, display_residuals(model, shown), seen)
    observed, predicted = draws.dense(ratings, model, order)
    edges = seen.row_edges(), seen.column_edges()
    # Residuals are float32: within 1e-5 of the scale's width of 5, as the means over all cells.
    np.testing.assert_allclose(found.observed, draws.means(observed, *edges), atol=1e-6)
    np.testing.assert_allclose(
        found.residual, draws.means(observed - predicted, *edges), atol=5e-6)
    np.testing.assert_allclose(
        predicted_means(sum_up(model, order), seen), draws.means(predicted, *edges), atol=1e-12)
    is_rated = np.isfinite(observed)
    assert found.counts is not None
    np.testing.assert_allclose(
        found.counts, draws.means(is_rated.astype(float), *edges)
        * np.diff(edges[0])[:, None] * np.diff(edges[1]))


@pytest.mark.parametrize(("low", "high", "size"), [
    (0.0, 0.0, 1e-3), (1e6, 1e6 + 4, 1.0), (-1e-4, 1e-4, 1e-5), (0.0, 1e9, 1e8)])
def test_means_are_within_a_hundred_thousandth_of_any_scale(
    draws: Any, low: float, high: float, size: float
) -> None:
    ratings = draws.ratings(60, 45, 0.3)
    rng = np.random.default_rng(3)
    value = rng.choice([low, high], ratings.n_ratings).astype(np.float32)
    ratings = replace(ratings, value=value)
    model = draws.model(ratings, 16)
    root = np.float32((size / 4) ** 0.5)
    model = replace(model, user_factors=model.user_factors * root, scale=(low, high),
                    item_factors=model.item_factors * root, global_mean=(low + high) / 2,
                    user_bias=model.user_bias * np.float32(size / 4),
                    item_bias=model.item_bias * np.float32(size / 4))
    order = make_order(ratings, model, draws.by("count"))
    observed, predicted = draws.dense(ratings, model, order)
    rated = np.where(np.isnan(observed), np.nan, predicted)
    request = replace(draws.request(ratings, model, 11), order=draws.by("count"))
    tolerance = 1e-5 * ((high - low) or 1.0)  # a width of 0 counts as 1
    for is_over_all, expected in ((True, predicted), (False, rated)):
        blocks = Painter().paint(replace(request, is_over_all=is_over_all)).blocks
        edges = blocks.window.row_edges(), blocks.window.column_edges()
        np.testing.assert_allclose(
            blocks.predicted, draws.means(expected, *edges), rtol=0, atol=tolerance)


def test_a_rating_of_zero_is_shown_and_not_missing(draws: Any) -> None:
    ratings = draws.ratings(20, 10, 0.3)
    shown = arrange(ratings, make_order(ratings, None, draws.by("file")))
    found = rated_means(shown, None, window((0, 20, 20, 0, 10, 10), 20, 10))
    is_zero = ratings.value == 0
    assert is_zero.any()
    assert found.observed is not None
    assert (found.observed[ratings.user_index[is_zero], ratings.item_index[is_zero]] == 0).all()
    assert np.count_nonzero(np.isfinite(found.observed)) == ratings.n_ratings
    assert found.residual is None


@pytest.mark.parametrize(("n_users", "n_items"), [(1, 1), (1, 30), (30, 1)])
def test_one_user_or_one_item_is_enough(draws: Any, n_users: int, n_items: int) -> None:
    ratings = draws.ratings(n_users, n_items, 1.1)
    request = replace(draws.request(ratings, draws.model(ratings)), order=draws.by("count"))
    blocks = Painter().paint(request).blocks
    assert blocks.observed is not None
    assert blocks.observed.shape == (n_users, n_items)
    assert np.isfinite(blocks.predicted).all()


def test_no_ratings_at_all_are_all_missing(draws: Any) -> None:
    ratings = draws.ratings(5, 4, -1)
    blocks = Painter().paint(draws.request(ratings, draws.model(ratings))).blocks
    assert np.isnan(blocks.observed).all()
    assert np.isfinite(blocks.predicted).all()


def test_a_model_without_ratings_is_shown_at_any_zoom(draws: Any) -> None:
    ratings = draws.ratings(300, 200, -1)
    model = draws.model(ratings)
    blocks = Painter().paint(draws.request(ratings, model, 16)).blocks
    edges = blocks.window.row_edges(), blocks.window.column_edges()
    order = make_order(ratings, model, draws.by("file"))
    expected = draws.means(draws.dense(ratings, model, order)[1], *edges)
    np.testing.assert_allclose(blocks.predicted, expected, atol=1e-12)


def test_a_million_users_by_a_hundred_thousand_items_are_painted(draws: Any) -> None:
    nothing = draws.ratings(1, 1, -1)
    offsets = np.arange(1_000_001, dtype=np.int64)
    ratings = replace(nothing, user_ids=TextArray(np.full(1_000_000, 55, np.uint8), offsets),
                      item_ids=TextArray(np.full(100_000, 55, np.uint8), offsets[:100_001]))
    model = draws.model(ratings, 2)
    painter, request = Painter(), draws.request(ratings, model, 8)
    edges = np.linspace(0, 1_000_000, 9, dtype=np.int64)
    users = [model.user_factors[a:b].astype(np.float64).mean(axis=0)
             for a, b in itertools.pairwise(edges)]
    items = model.item_factors.astype(np.float64).reshape(8, -1, 2).mean(axis=1)
    expected = np.array(users) @ items.T + model.global_mean
    expected += model.item_bias.astype(np.float64).reshape(8, -1).mean(axis=1)
    expected += model.user_bias.astype(np.float64).reshape(8, -1).mean(axis=1)[:, None]
    found = painter.paint(request).blocks.predicted
    np.testing.assert_allclose(found, expected, atol=1e-10)
    assert sum(painter.n_bytes.values()) < 20e6


@pytest.mark.parametrize(("n_items", "share"), [(60, 0.2), (700, 0.3), (3000, 0.2)])
def test_arranged_rows_rise_and_hold_every_rating_once(
    draws: Any, n_items: int, share: float
) -> None:
    """Rows of 12, 210 and 600 ratings: each is sorted in a way of its own."""
    ratings = draws.ratings(40, n_items, share)
    order = make_order(ratings, None, draws.by("count"))
    shown = arrange(ratings, order)
    cells = {}
    for row in range(40):
        part = slice(shown.pointers[row], shown.pointers[row + 1])
        columns = shown.columns[part].astype(np.int64)
        assert (np.diff(columns) > 0).all()
        cells |= {(order.rows[row], order.columns[column]): value for column, value in zip(
            columns, shown.values[part], strict=True)}
    pairs = zip(ratings.user_index.tolist(), ratings.item_index.tolist(), strict=True)
    assert cells == dict(zip(pairs, ratings.value.tolist(), strict=True))
    assert (np.diff(np.diff(shown.pointers)) <= 0).all()


def test_windows_stay_inside_the_matrix_and_hold_a_cell_at_least() -> None:
    rng = np.random.default_rng(2)
    for _ in range(300):
        n_users, n_items = rng.integers(1, 400, 2)
        low, size = rng.uniform(-50, 450, 2), rng.uniform(0, 500, 2)
        seen = window_of((low[0], low[0] + size[0]), (low[1], low[1] + size[1]),
                         int(n_users), int(n_items), 64, 48)
        assert 0 <= seen.first_row < seen.last_row <= n_users
        assert 0 <= seen.first_column < seen.last_column <= n_items
        for edges in (seen.row_edges(), seen.column_edges()):
            assert (np.diff(edges) >= 1).all()
        assert seen.row_edges()[-1] == seen.last_row


def test_a_window_on_the_grid_is_the_smallest_that_holds_what_is_in_view() -> None:
    rng = np.random.default_rng(4)
    for n in (1, 7, 2047, 2048, 2049, 5000, 162_000):
        for _ in range(200):
            first = int(rng.integers(n))
            axis = Axis(first, int(rng.integers(first, n)) + 1, 1, n, n)
            found = axis.on_grid(800)
            assert found.first <= axis.first < axis.last <= found.last
            assert (found.begin + 1) * n // found.n_steps > axis.first
            assert (found.end - 1) * n // found.n_steps < axis.last
            assert (np.diff(found.edges()) >= 1).all()


@pytest.fixture
def wide(draws: Any) -> tuple[Ratings, FactorModel]:
    """Return ratings of more users and items than the grid has steps."""
    rng = np.random.default_rng(5)
    n_users, n_items = 3000, 2500
    pairs = np.unique(rng.integers(0, n_users * n_items, 60_000))
    ids = TextArray.from_strings
    ratings = Ratings(
        (pairs // n_items).astype(np.int32), (pairs % n_items).astype(np.int32),
        rng.normal(3, 1, pairs.size).astype(np.float32),
        ids(map(str, range(n_users))), ids(map(str, range(n_items))))
    return ratings, draws.model(ratings)


@pytest.mark.parametrize(("rows", "columns"), [
    ((0, 3000), (0, 2500)), ((7, 2891), (100, 2450)), ((1000, 2301), (0, 1400))])
def test_the_grid_answers_as_the_pass_over_the_ratings_with_the_same_edges(
    wide: tuple[Ratings, FactorModel], draws: Any, monkeypatch: pytest.MonkeyPatch,
    rows: tuple[int, int], columns: tuple[int, int],
) -> None:
    ratings, model = wide
    monkeypatch.setattr(grid_module, "MANY_RATINGS", 100)
    shown = arrange(ratings, make_order(ratings, model, draws.by("count", "bias")))
    residuals = display_residuals(model, shown)
    grid = make_grid(shown)
    seen = window_of(rows, columns, 3000, 2500, 300, 280)
    on_grid = snapped(seen, shown, 300, 280)
    assert on_grid is not None
    assert on_grid.is_on_grid
    assert on_grid.first_row <= rows[0] < rows[1] <= on_grid.last_row
    # The same edges as places, so that the pass over the ratings can be asked for them.
    found = rated_means_of_grid(grid, sum_on(grid, shown, residuals), on_grid)
    edges = on_grid.row_edges(), on_grid.column_edges()
    observed, predicted = draws.dense(ratings, model, shown.order)
    np.testing.assert_allclose(found.observed, draws.means(observed, *edges), atol=1e-9)
    np.testing.assert_allclose(
        found.residual, draws.means(observed - predicted, *edges), atol=5e-6)
    # Closer than the grid's steps it is the pass that answers, to the cell.
    assert snapped(window_of((0, 900), (0, 900), 3000, 2500, 900, 900), shown, 900, 900) is None


def test_the_picture_of_a_grid_says_its_own_edges(
    wide: tuple[Ratings, FactorModel], draws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratings, model = wide
    monkeypatch.setattr(grid_module, "MANY_RATINGS", 100)
    request = replace(draws.request(ratings, model, 200), rows=(1.2, 2999), columns=(0, 2499))
    pictures = Painter().paint(replace(request, has_margins=True))
    seen = pictures.blocks.window
    assert seen.is_on_grid
    assert pictures.views["observed"].values.shape == seen.shape
    edges = seen.row_edges(), seen.column_edges()
    observed, predicted = draws.dense(ratings, model, pictures.order)
    rated = np.where(np.isnan(observed), np.nan, predicted)
    np.testing.assert_allclose(pictures.blocks.predicted, draws.means(rated, *edges), atol=5e-5)
    assert pictures.margins is not None
    assert pictures.margins.row_counts.shape == (seen.rows.n_blocks,)


def test_pictures_have_the_same_bits_for_any_number_of_threads(
    wide: tuple[Ratings, FactorModel], draws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ratings, model = wide
    for module in ("display", "blocks", "grid"):  # many blocks, though there are few ratings
        monkeypatch.setattr(f"mfgui.inspection.{module}.RATINGS_PER_BLOCK", 1000)
    for many in (100, 10**9):
        monkeypatch.setattr(grid_module, "MANY_RATINGS", many)
        request = replace(draws.request(ratings, model, 150), order=draws.by("residual", "mean"),
                          has_margins=True)
        one, three = (Painter().paint(replace(request, n_threads=n)) for n in (1, 3))
        assert (one.order.rows == three.order.rows).all()
        for name, picture in one.views.items():
            assert picture.values.tobytes() == three.views[name].values.tobytes()
            assert (picture.rgba == three.views[name].rgba).all()


def test_few_columns_of_many_rows_are_found_in_rows_with_many_ratings(draws: Any) -> None:
    """Rows of 300 ratings are cut into tiles; any range of columns may begin inside one."""
    ratings = draws.ratings(60, 600, 0.5)
    model = draws.model(ratings)
    order = make_order(ratings, model, draws.by("count"))
    shown = arrange(ratings, order)
    assert shown.tile_columns.size > 10
    residuals = display_residuals(model, shown)
    observed, predicted = draws.dense(ratings, model, order)
    rng = np.random.default_rng(0)
    with WorkerPool(2) as pool:
        for _ in range(30):
            first = int(rng.integers(600))
            last = int(rng.integers(first, 600)) + 1
            seen = window((0, 60, 7, first, last, min(5, last - first)), 60, 600)
            edges = seen.row_edges(), seen.column_edges()
            found = rated_means(shown, residuals, seen, pool)
            np.testing.assert_allclose(found.observed, draws.means(observed, *edges), atol=1e-6)
            np.testing.assert_allclose(
                found.residual, draws.means(observed - predicted, *edges), atol=5e-6)
