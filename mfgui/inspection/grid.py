"""The base grid: number, sum and sum of residuals of 2048 x 2048 steps of the whole matrix.

Where much is in view it answers ten times as fast as a pass over the ratings. Blocks then begin at
its steps; unsnapped, what was shown lay 0.13 stars beside what its rectangle said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.parallel import Block, WorkerPool, row_blocks
from mfgui.core.ratings import FloatArray, IntArray
from mfgui.inspection.display import RATINGS_PER_BLOCK, DisplayRatings
from mfgui.inspection.window import Axis, Window, grid_size

DoubleArray = NDArray[np.float64]
MANY_RATINGS = 3_000_000  # in view: from here on a pass would take more than a frame


@dataclass(frozen=True, eq=False)
class Grid:
    """Sums over the ratings of each step down and across, shapes (g, g').

    Parameters
    ----------
    counts : ndarray of int32
    sums : ndarray of float64
    edges : ndarray of int64, shape (g + 1,)
        The row at which each step begins.
    bin_of_column : ndarray of uint16, shape (n_items,)
    blocks : list of (int, int)
        Steps down, in blocks of some milliseconds of work.
    """

    counts: IntArray
    sums: DoubleArray
    edges: NDArray[np.int64]
    bin_of_column: NDArray[np.uint16]
    blocks: list[Block]

    @property
    def n_bytes(self) -> int:
        """Memory held."""
        return self.counts.nbytes + self.sums.nbytes


def is_worth_a_grid(shown: DisplayRatings) -> bool:
    """Return whether there are so many ratings that a grid helps."""
    return shown.n_ratings > MANY_RATINGS


def make_grid(
    shown: DisplayRatings, pool: WorkerPool | None = None, control: Control | None = None
) -> Grid:
    """Return number and sum of the ratings of each step."""
    from mfgui.core.kernels.view_blocks import count_on_grid

    pool, control = pool or WorkerPool(), control or Control()
    control.report("Counting the ratings", 0.4)
    rows, columns = (Axis(0, size, size, n, size) for n, size in (
        (n, grid_size(n)) for n in (shown.pointers.size - 1, shown.order.columns.size)))
    edges = rows.edges()
    bins = bins_of(columns.edges())
    grid = Grid(np.empty((rows.n_steps, columns.n_steps), np.int32),
                np.empty((rows.n_steps, columns.n_steps)), edges, bins,
                row_blocks(shown.pointers[edges], RATINGS_PER_BLOCK))

    def work(begin: int, end: int) -> None:
        count_on_grid(begin, end, edges, shown.pointers, shown.columns, bins, grid.counts)

    pool.run(work, grid.blocks, control.checkpoint)
    sum_on(grid, shown, shown.values, pool, control, grid.sums)
    return grid


def sum_on(
    grid: Grid, shown: DisplayRatings, numbers: FloatArray, pool: WorkerPool | None = None,
    control: Control | None = None, out: DoubleArray | None = None,
) -> DoubleArray:
    """Return the sum of some number of each rating, as its residual, over each step."""
    from mfgui.core.kernels.view_blocks import sum_on_grid

    pool, control = pool or WorkerPool(), control or Control()
    sums = np.empty(grid.counts.shape) if out is None else out

    def work(begin: int, end: int) -> None:
        sum_on_grid(begin, end, grid.edges, shown.pointers, shown.columns, numbers,
                    grid.bin_of_column, sums)

    pool.run(work, grid.blocks, control.checkpoint)
    return sums


def snapped(window: Window, shown: DisplayRatings, height: int, width: int) -> Window | None:
    """Return the window on the grid where that is the better way, else None.

    Where many ratings are in view, and no fewer steps than pixels.
    """
    inside = shown.tiles_of(window.first_column, window.last_column)
    first, last = window.first_row, window.last_row
    n_in_view = int(inside[1][first:last].sum(dtype=np.int64)
                    - inside[0][first:last].sum(dtype=np.int64))
    if n_in_view <= MANY_RATINGS:
        return None
    found = window.on_grid(height, width)
    is_fine = (found.rows.n_blocks >= window.rows.n_blocks
               and found.columns.n_blocks >= window.columns.n_blocks)
    return found if is_fine else None


def bins_of(edges: NDArray[np.int64]) -> NDArray[np.uint16]:
    """Return the block that each place from the first edge on is in."""
    return np.repeat(np.arange(edges.size - 1, dtype=np.uint16), np.diff(edges))
