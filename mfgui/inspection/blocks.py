"""The matrices at any zoom: exact block means of what is in view.

A block is one cell where the picture has a pixel for each, else a group of cells. Predictions
over *all* cells come from prefix sums in float64: the mean of ``u_n . v_m`` over a block is the
mean of its user rows times the mean of its item rows. Observed and residual come from one pass
over the ratings in view, or from the base grid where there are many; predicted over the *rated*
cells is observed mean less residual mean, so that like is compared with like. Means of predictions
are never clipped, for means of clipped cells are no prefix sums; the prediction of a single cell
is, where the model clips. Residual = observed minus predicted, as shown to people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, even_blocks, row_blocks
from mfgui.core.ratings import FloatArray, IntArray
from mfgui.inspection.display import RATINGS_PER_BLOCK, STRIDE, DisplayRatings, DisplaySums
from mfgui.inspection.grid import Grid, bins_of
from mfgui.inspection.window import Axis, Window

DoubleArray = NDArray[np.float64]
ROWS_PER_BLOCK = 64


@dataclass(frozen=True, eq=False)
class Blocks:
    """Block means of what is in view, each of shape ``window.shape``, NaN where missing.

    Parameters
    ----------
    window : Window
    counts : ndarray of int32, or None
        Ratings in each block; None where nobody asked.
    observed, predicted, residual : ndarray of float64, or None
        None where there is no model, or where nobody asked.
    """

    window: Window
    counts: IntArray | None = None
    observed: DoubleArray | None = None
    predicted: DoubleArray | None = None
    residual: DoubleArray | None = None


def predicted_means(
    sums: DisplaySums, window: Window, pool: WorkerPool | None = None
) -> DoubleArray:
    """Return the mean prediction over all cells of each block, unclipped."""
    from mfgui.core.kernels.views import mean_predictions

    pool, model, order = pool or WorkerPool(), sums.model, sums.order
    users = _mean_factors(window.rows, order.rows, model.user_factors, model.user_bias,
                          sums.user_sums, pool)
    items = np.ascontiguousarray(_mean_factors(
        window.columns, order.columns, model.item_factors, model.item_bias, sums.item_sums,
        pool).T)
    out = np.empty(window.shape)

    def work(begin: int, end: int) -> None:
        mean_predictions(begin, end, users, items, float(model.global_mean), out)

    pool.run(work, even_blocks(out.shape[0], ROWS_PER_BLOCK))
    return out


def _mean_factors(
    axis: Axis, places: IntArray, factors: FloatArray, bias: FloatArray, sums: DoubleArray,
    pool: WorkerPool,
) -> DoubleArray:
    """Return mean factors and, in the last column, mean bias of each block of a side."""
    from mfgui.core.kernels.views import block_factors

    edges = axis.edges()
    out = np.empty((axis.n_blocks, factors.shape[1] + 1))

    def work(begin: int, end: int) -> None:
        block_factors(begin, end, edges, places, factors, bias, STRIDE, sums, out)

    pool.run(work, even_blocks(axis.n_blocks, ROWS_PER_BLOCK))
    return out


def rated_means(
    shown: DisplayRatings, residuals: FloatArray | None, window: Window,
    pool: WorkerPool | None = None,
) -> Blocks:
    """Return number, observed and residual of each block by one pass over what is in view."""
    from mfgui.core.kernels.view_blocks import mean_of_ratings

    pool = pool or WorkerPool()
    found = _empty_blocks(window)
    edges, columns = window.row_edges(), window.column_edges()
    inside = shown.tiles_of(window.first_column, window.last_column)
    bins = bins_of(columns)
    rest = shown.values if residuals is None else residuals

    def work(begin: int, end: int) -> None:
        mean_of_ratings(begin, end, shown.pointers, *inside, shown.columns, shown.values, rest,
                        edges, columns, bins, found.counts, found.observed, found.residual)

    pool.run(work, row_blocks(shown.pointers[edges] - shown.pointers[edges[0]],
                              RATINGS_PER_BLOCK // 2))
    return found if residuals is not None else Blocks(window, found.counts, found.observed)


def rated_means_of_grid(
    grid: Grid, residual_sums: DoubleArray | None, window: Window, pool: WorkerPool | None = None
) -> Blocks:
    """Return the same of a window that is on the grid, from the grid."""
    from mfgui.core.kernels.view_blocks import mean_of_grid

    pool = pool or WorkerPool()
    found = _empty_blocks(window)
    rest = grid.sums if residual_sums is None else residual_sums
    rows, columns = window.rows.step_edges(), window.columns.step_edges()

    def work(begin: int, end: int) -> None:
        mean_of_grid(begin, end, grid.counts, grid.sums, rest, rows, columns, found.counts,
                     found.observed, found.residual)

    pool.run(work, even_blocks(window.rows.n_blocks, ROWS_PER_BLOCK))
    return found if residual_sums is not None else Blocks(window, found.counts, found.observed)


def _empty_blocks(window: Window) -> Blocks:
    shape = window.shape
    return Blocks(window, np.empty(shape, np.int32), np.empty(shape), residual=np.empty(shape))


def preference_means(rated: Blocks, sums: DisplaySums, pool: WorkerPool | None = None) -> Blocks:
    """Return means of preferences over all cells, a missing one counting as 0.

    The observed is left out where nothing is rated, so that it can be told from a rated 0.
    """
    window, counts = rated.window, rated.counts
    assert counts is not None
    assert rated.observed is not None
    cells = np.diff(window.row_edges())[:, None] * np.diff(window.column_edges())
    observed = np.where(counts > 0, rated.observed, 0.0) * (counts / cells)
    predicted = predicted_means(sums, window, pool)
    residual = observed - predicted
    return Blocks(window, counts, np.where(counts > 0, observed, np.nan),
                  clip_cells(predicted, sums.model, window), residual)


def clip_cells(predicted: DoubleArray, model: FactorModel, window: Window) -> DoubleArray:
    """Return predictions of single cells clipped, where the model clips; means as they are."""
    return np.clip(predicted, *model.scale) if window.is_cells and model.clip else predicted
