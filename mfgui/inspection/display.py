"""Ratings and model in display order: what is prepared once, so that each picture is quick.

Prefix sums are kept for every sixteenth place alone; the few rows between are added when a picture
is made. Whole tables of a model of a million users would take 600 MB, and of an average of eight
models with 128 factors each two GB.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.parallel import Block, WorkerPool, even_blocks, row_blocks
from mfgui.core.ratings import FloatArray, IntArray, Ratings
from mfgui.inspection.order import Order

DoubleArray = NDArray[np.float64]
STRIDE = 16
GROUPS_PER_BLOCK = 256
ROWS_AT_ONCE = 4096
RATINGS_PER_BLOCK = 1 << 18
RATINGS_PER_TILE = 8  # of a row
MOST_TILES = 32
MOST_BYTES_COPIED = 1 << 27


@dataclass(frozen=True, eq=False)
class DisplayRatings:
    """The ratings in display order: rows by rank, columns rising inside each row.

    Parameters
    ----------
    order : Order
    pointers : ndarray of int64, shape (n_users + 1,)
    columns : ndarray of uint32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
    tile_columns : ndarray of uint32, shape (n_tiles + 1,)
        The columns are cut into tiles that hold about as many ratings each.
    tiles : ndarray of int32, shape (n_tiles + 1, n_users)
        Where in each row each tile begins: few columns of many rows are found without a search.
    """

    order: Order
    pointers: NDArray[np.int64]
    columns: NDArray[np.uint32]
    values: FloatArray
    tile_columns: NDArray[np.uint32]
    tiles: IntArray

    @property
    def n_ratings(self) -> int:
        """Number of ratings."""
        return int(self.values.size)

    @property
    def n_bytes(self) -> int:
        """Memory held."""
        return sum(array.nbytes for array in (
            self.pointers, self.columns, self.values, self.tile_columns, self.tiles))

    @cached_property
    def row_blocks(self) -> list[Block]:
        """Rows in blocks of some milliseconds of work."""
        return row_blocks(self.pointers, RATINGS_PER_BLOCK)

    def tiles_of(self, first: int, last: int) -> tuple[IntArray, IntArray]:
        """Return where in each row the tiles begin that hold the columns ``first`` and ``last``."""
        found = np.searchsorted(self.tile_columns, [first, last], side="right") - 1
        return self.tiles[found[0]], self.tiles[found[1]]


def arrange(
    ratings: Ratings, order: Order, pool: WorkerPool | None = None,
    control: Control | None = None,
) -> DisplayRatings:
    """Return the ratings in display order, without holding the GIL.

    Raises
    ------
    CancelledError
        If the control was asked to stop.
    """
    from mfgui.core.kernels.view_blocks import find_tiles
    from mfgui.core.kernels.views import arrange_rows

    pool, control = pool or WorkerPool(), control or Control()
    control.report("Arranging the ratings", 0.2)
    pointers = np.zeros(ratings.n_users + 1, np.int64)
    np.cumsum(ratings.user_counts[order.rows], out=pointers[1:])
    columns = np.empty(ratings.n_ratings, np.int32)
    values = np.empty(ratings.n_ratings, np.float32)
    n_bytes = max((ratings.n_items - 1).bit_length() + 7, 8) // 8
    bits, new_bits = ratings.value.view(np.uint32), values.view(np.uint32)
    edges = _tiles(ratings, order).astype(np.uint32)
    tiles = np.empty((edges.size, ratings.n_users), np.int32)
    as_unsigned = columns.view(np.uint32)

    def work(begin: int, end: int) -> None:
        arrange_rows(begin, end, order.rows, ratings.row_pointers, ratings.item_index, bits,
                     order.column_ranks, n_bytes, pointers, columns, new_bits)
        find_tiles(begin, end, pointers, as_unsigned, edges, tiles)

    pool.run(work, row_blocks(pointers, RATINGS_PER_BLOCK), control.checkpoint)
    return DisplayRatings(order, pointers, as_unsigned, values, edges, tiles)


def _tiles(ratings: Ratings, order: Order) -> NDArray[np.int64]:
    """Return the columns at which tiles of about as many ratings begin, and the end of the last."""
    per_row = ratings.n_ratings / max(ratings.n_users, 1)
    n_tiles = int(min(max(per_row / RATINGS_PER_TILE, 1), MOST_TILES))
    ends = np.cumsum(ratings.item_counts[order.columns])
    wanted = np.arange(1, n_tiles) * (ratings.n_ratings / n_tiles)
    inner = np.searchsorted(ends, wanted)
    return np.concatenate(([0], inner, [ratings.n_items]))


@dataclass(frozen=True, eq=False)
class DisplaySums:
    """A model's factors and biases in display order, with prefix sums in float64.

    Parameters
    ----------
    model : FactorModel
    order : Order
    user_sums, item_sums : ndarray of float64, shapes (n_users // 16 + 1, n_factors + 1), ...
        Sums over the first 0, 16, 32 ... places; the bias in the last column.
    """

    model: FactorModel
    order: Order
    user_sums: DoubleArray
    item_sums: DoubleArray

    @property
    def n_bytes(self) -> int:
        """Memory held beside the model."""
        return self.user_sums.nbytes + self.item_sums.nbytes


def sum_up(
    model: FactorModel, order: Order, pool: WorkerPool | None = None,
    control: Control | None = None,
) -> DisplaySums:
    """Return the prefix sums of a model, without holding the GIL."""
    from mfgui.core.kernels.views import add_up, sum_groups

    pool, control = pool or WorkerPool(), control or Control()
    control.report("Adding up the factors", 0.5)
    sums = []
    for places, factors, bias in ((order.rows, model.user_factors, model.user_bias),
                                  (order.columns, model.item_factors, model.item_bias)):
        out = np.empty((places.size // STRIDE + 1, model.n_factors + 1))

        def work(
            begin: int, end: int, places: IntArray = places, factors: FloatArray = factors,
            bias: FloatArray = bias, out: DoubleArray = out,
        ) -> None:
            sum_groups(begin, end, places, factors, bias, STRIDE, out)

        pool.run(work, even_blocks(places.size // STRIDE, GROUPS_PER_BLOCK), control.checkpoint)
        add_up(out)
        sums.append(out)
    return DisplaySums(model, order, sums[0], sums[1])


def take_rows(rows: FloatArray, places: NDArray[np.integer]) -> FloatArray:
    """Return the rows at some places: by parts, lest the GIL is held for all of them."""
    taken = np.empty((places.size, *rows.shape[1:]), np.float32)
    for begin, end in even_blocks(places.size, ROWS_AT_ONCE):
        np.take(rows, places[begin:end], axis=0, out=taken[begin:end], mode="clip")
    return taken


def display_residuals(
    model: FactorModel, shown: DisplayRatings, pool: WorkerPool | None = None,
    control: Control | None = None, out: FloatArray | None = None,
) -> FloatArray:
    """Return observed minus predicted, unclipped, beside ``DisplayRatings.values``.

    Parameters
    ----------
    out : ndarray of float32, shape (n_ratings,), or None
        Receives them: fresh memory each time would cost a quarter as much again.
    """
    from mfgui.core.kernels.views import find_residuals

    pool, control = pool or WorkerPool(), control or Control()
    control.report("Working out the residuals", 0.6)
    order = shown.order
    residuals = np.empty(shown.n_ratings, np.float32) if out is None else out
    places, factors, bias = order.columns, model.item_factors, model.item_bias
    if factors.nbytes <= MOST_BYTES_COPIED:
        # In display order, as they are read: it takes a quarter off.
        factors, bias = take_rows(factors, places), bias[places]
        places = np.arange(places.size, dtype=np.int32)
    columns = shown.columns.view(np.int32)

    def work(begin: int, end: int) -> None:
        find_residuals(begin, end, shown.pointers, columns, shown.values, order.rows, places,
                       model.user_factors, factors, model.user_bias, bias,
                       float(model.global_mean), residuals)

    pool.run(work, shown.row_blocks, control.checkpoint)
    return residuals
