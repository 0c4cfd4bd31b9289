"""The matrices at any zoom: exact block means of what is in view.

A block is one cell where the picture has a pixel for each, else a group of cells. Predictions
over *all* cells come from prefix sums in float64: the mean of ``u_n . v_m`` over a block is the
mean of its user rows times the mean of its item rows. Observed and residual come from one pass
over the ratings in view; predicted over the *rated* cells is observed mean less residual mean, so
that like is compared with like. Means of predictions are never clipped, for means of clipped cells
are no prefix sums; the prediction of a single cell is, where the model clips.
Residual = observed minus predicted, as shown to people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import FloatArray, IntArray, Ratings
from mfgui.inspection.order import Order

DoubleArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DisplayRatings:
    """The ratings in display order: rows by rank, columns rising inside each row.

    Parameters
    ----------
    order : Order
    pointers : ndarray of int64, shape (n_users + 1,)
    columns : ndarray of int32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
    """

    order: Order
    pointers: NDArray[np.int64]
    columns: IntArray
    values: FloatArray


@dataclass(frozen=True, eq=False)
class DisplayModel:
    """A model in display order.

    Parameters
    ----------
    user_sums, item_sums : ndarray of float64, shapes (n_users + 1, n_factors + 1), (n_items + 1, .)
        Prefix sums of factors and, in the last column, biases.
    global_mean : float
    scale : tuple of float
    clip : bool
        Whether a prediction shown for one cell is clipped to the scale.
    residuals : ndarray of float32, shape (n_ratings,)
        Observed minus predicted, unclipped, beside ``DisplayRatings.values``.
    is_preference : bool
        Whether it predicts preferences: then every cell has a value, 0 where nothing was rated.
    """

    user_sums: DoubleArray
    item_sums: DoubleArray
    global_mean: float
    scale: tuple[float, float]
    clip: bool
    residuals: FloatArray
    is_preference: bool = False


@dataclass(frozen=True)
class Window:
    """What is in view, in whole cells, and how many blocks it is cut into each way.

    Parameters
    ----------
    first_row, last_row, first_column, last_column : int
        The last ones not included.
    n_rows, n_columns : int
        Blocks, at most the number of cells.
    """

    first_row: int
    last_row: int
    first_column: int
    last_column: int
    n_rows: int
    n_columns: int

    @property
    def is_cells(self) -> bool:
        """Whether each block is one cell."""
        return (self.n_rows == self.last_row - self.first_row
                and self.n_columns == self.last_column - self.first_column)

    def row_edges(self) -> NDArray[np.int64]:
        """Return where the blocks' rows begin, shape (n_rows + 1,)."""
        return _edges(self.first_row, self.last_row, self.n_rows)

    def column_edges(self) -> NDArray[np.int64]:
        """Return where the blocks' columns begin, shape (n_columns + 1,)."""
        return _edges(self.first_column, self.last_column, self.n_columns)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Block means of what is in view, each of shape (n_rows, n_columns), NaN where missing.

    Parameters
    ----------
    window : Window
    observed : ndarray of float64
    predicted, residual : ndarray of float64, or None where there is no model
    """

    window: Window
    observed: DoubleArray
    predicted: DoubleArray | None
    residual: DoubleArray | None


def window_of(
    rows: tuple[float, float], columns: tuple[float, float], n_users: int, n_items: int,
    height: int, width: int,
) -> Window:
    """Return the whole cells that a visible range touches, with at most one block a pixel.

    Parameters
    ----------
    rows, columns : tuple of float
        Visible range in cells; may reach beyond the matrix.
    n_users, n_items : int
        At least 1.
    height, width : int
        Pixels.
    """
    first_row, last_row = _whole(rows, n_users)
    first_column, last_column = _whole(columns, n_items)
    return Window(first_row, last_row, first_column, last_column,
                  min(max(height, 1), last_row - first_row),
                  min(max(width, 1), last_column - first_column))


def _whole(visible: tuple[float, float], n: int) -> tuple[int, int]:
    low = min(max(int(np.floor(visible[0])), 0), n - 1)
    return low, max(min(int(np.ceil(visible[1])), n), low + 1)


def _edges(first: int, last: int, n: int) -> NDArray[np.int64]:
    return first + (np.arange(n + 1, dtype=np.int64) * (last - first)) // n


def arrange(ratings: Ratings, order: Order) -> DisplayRatings:
    """Return the ratings in display order, in linear time, without holding the GIL."""
    from mfgui.core.kernels.views import arrange_ratings

    pointers = np.empty(ratings.n_users + 1, np.int64)
    columns = np.empty(ratings.n_ratings, np.int32)
    values = np.empty(ratings.n_ratings, np.float32)
    arrange_ratings(
        ratings.row_pointers, ratings.item_index, ratings.value, order.row_ranks, order.columns,
        order.column_ranks, pointers, columns, values)
    return DisplayRatings(order, pointers, columns, values)


def prepare_model(model: FactorModel, shown: DisplayRatings) -> DisplayModel:
    """Return prefix sums and residuals of a model, without holding the GIL."""
    from mfgui.core.kernels.views import accumulate_rows, display_residuals

    order, mean = shown.order, np.float32(model.global_mean)
    sums = []
    for rows, factors, bias in ((order.rows, model.user_factors, model.user_bias),
                                (order.columns, model.item_factors, model.item_bias)):
        out = np.empty((rows.size + 1, model.n_factors + 1))
        accumulate_rows(rows, factors, bias, out)
        sums.append(out)
    residuals = np.empty(shown.values.size, np.float32)
    display_residuals(
        shown.pointers, shown.columns, shown.values, order.rows, order.columns,
        model.user_factors, model.item_factors, model.user_bias, model.item_bias, mean, residuals)
    return DisplayModel(
        sums[0], sums[1], model.global_mean, model.scale, model.clip, residuals,
        model.target == "preference")


def predicted_means(model: DisplayModel, window: Window) -> DoubleArray:
    """Return the mean prediction over all cells of each block, unclipped."""
    users = _block_means(model.user_sums, window.row_edges())
    items = _block_means(model.item_sums, window.column_edges())
    result: DoubleArray = users[:, :-1] @ items[:, :-1].T
    result += users[:, -1:] + items[:, -1] + model.global_mean
    return result


def _block_means(sums: DoubleArray, edges: NDArray[np.int64]) -> DoubleArray:
    at_edges = sums[edges]
    means: DoubleArray = np.diff(at_edges, axis=0)
    means /= np.diff(edges)[:, None]
    return means


def block_means(
    shown: DisplayRatings, model: DisplayModel | None, window: Window, *, is_over_all: bool = False
) -> Blocks:
    """Return the three matrices in view.

    Parameters
    ----------
    is_over_all : bool
        Whether the predicted is the mean over all cells of a block; else over the rated ones,
        missing where there is none. Where each block is one cell, every cell is shown. Of
        preferences all three are means over all cells.
    """
    counts, sums, residual_sums = _sums(shown, model, window)
    if model is not None and model.is_preference:
        return _preference_means(counts, sums, model, window)
    with np.errstate(invalid="ignore"):
        observed = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
        if model is None:
            return Blocks(window, observed, None, None)
        residual = np.where(counts > 0, residual_sums / np.maximum(counts, 1), np.nan)
    if window.is_cells:
        predicted = predicted_means(model, window)
        if model.clip:
            np.clip(predicted, *model.scale, out=predicted)
        return Blocks(window, observed, predicted, residual)
    if is_over_all or not shown.values.size:
        return Blocks(window, observed, predicted_means(model, window), residual)
    return Blocks(window, observed, observed - residual, residual)


def _preference_means(
    counts: IntArray, sums: DoubleArray, model: DisplayModel, window: Window
) -> Blocks:
    """Return means over all cells, a missing one counting as preference 0.

    The observed is left out where nothing is rated, so that it can be told from a rated 0.
    """
    cells = np.diff(window.row_edges())[:, None] * np.diff(window.column_edges())
    observed = sums / cells
    predicted = predicted_means(model, window)
    residual = observed - predicted
    if window.is_cells and model.clip:
        np.clip(predicted, *model.scale, out=predicted)
    return Blocks(window, np.where(counts > 0, observed, np.nan), predicted, residual)


def _sums(
    shown: DisplayRatings, model: DisplayModel | None, window: Window
) -> tuple[IntArray, DoubleArray, DoubleArray]:
    """Return counts, sums of ratings and sums of residuals of each block."""
    from mfgui.core.kernels.views import bin_ratings

    shape = (window.n_rows, window.n_columns)
    counts, sums = np.zeros(shape, np.int32), np.zeros(shape)
    residual_sums = np.zeros(shape)
    column_edges = window.column_edges()
    bins = np.repeat(np.arange(window.n_columns, dtype=np.int32), np.diff(column_edges))
    residuals = np.empty(0, np.float32) if model is None else model.residuals
    bin_ratings(shown.pointers, shown.columns, shown.values, residuals, window.row_edges(),
                column_edges, bins, counts, sums, residual_sums)
    return counts, sums, residual_sums
