"""What is in view: whole cells, cut into blocks, one for each pixel at most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Edges = NDArray[np.int64]
GRID_SIZE = 2048


@dataclass(frozen=True)
class Axis:
    """One side of a window. Blocks begin at steps: at single places, or at those of the base grid.

    Parameters
    ----------
    begin, end : int
        The steps in view, the last one not included.
    n_blocks : int
        At most the number of steps in view.
    n_places : int
        Users, or items, in all.
    n_steps : int
        Steps in all: as many as places, or fewer; step k begins at ``k * n_places // n_steps``.
    """

    begin: int
    end: int
    n_blocks: int
    n_places: int
    n_steps: int

    @property
    def first(self) -> int:
        """The first place in view."""
        return self.begin * self.n_places // self.n_steps

    @property
    def last(self) -> int:
        """The place behind the last one in view."""
        return self.end * self.n_places // self.n_steps

    @property
    def is_cells(self) -> bool:
        """Whether each block is one place."""
        return self.n_blocks == self.last - self.first

    def step_edges(self) -> Edges:
        """Return the steps at which the blocks begin, shape (n_blocks + 1,)."""
        blocks = np.arange(self.n_blocks + 1, dtype=np.int64)
        return self.begin + blocks * (self.end - self.begin) // self.n_blocks

    def edges(self) -> Edges:
        """Return the places at which the blocks begin, shape (n_blocks + 1,)."""
        return self.step_edges() * self.n_places // self.n_steps

    def on_grid(self, n_blocks: int) -> Axis:
        """Return the steps of the base grid that hold what is in view."""
        n_steps = grid_size(self.n_places)
        begin = self.first * n_steps // self.n_places
        end = -(-self.last * n_steps // self.n_places)
        # Steps begin at whole places, rounded down: the next one may begin just here.
        begin += (begin + 1) * self.n_places // n_steps <= self.first
        return Axis(begin, end, min(n_blocks, end - begin), self.n_places, n_steps)


@dataclass(frozen=True)
class Window:
    """What is in view, in whole cells, and the blocks it is cut into."""

    rows: Axis
    columns: Axis

    @property
    def first_row(self) -> int:
        """The first row in view."""
        return self.rows.first

    @property
    def last_row(self) -> int:
        """The row behind the last one in view."""
        return self.rows.last

    @property
    def first_column(self) -> int:
        """The first column in view."""
        return self.columns.first

    @property
    def last_column(self) -> int:
        """The column behind the last one in view."""
        return self.columns.last

    @property
    def shape(self) -> tuple[int, int]:
        """Blocks down and across."""
        return self.rows.n_blocks, self.columns.n_blocks

    @property
    def is_cells(self) -> bool:
        """Whether each block is one cell."""
        return self.rows.is_cells and self.columns.is_cells

    @property
    def is_on_grid(self) -> bool:
        """Whether blocks begin at steps of the base grid."""
        return (self.rows.n_steps, self.columns.n_steps) != (
            self.rows.n_places, self.columns.n_places)

    def row_edges(self) -> Edges:
        """Return where the blocks' rows begin, shape (n_rows + 1,)."""
        return self.rows.edges()

    def column_edges(self) -> Edges:
        """Return where the blocks' columns begin, shape (n_columns + 1,)."""
        return self.columns.edges()

    def on_grid(self, height: int, width: int) -> Window:
        """Return the window moved outwards to the steps of the base grid."""
        return Window(self.rows.on_grid(height), self.columns.on_grid(width))


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
    return Window(_axis(rows, n_users, height), _axis(columns, n_items, width))


def _axis(visible: tuple[float, float], n: int, n_pixels: int) -> Axis:
    first = min(max(int(np.floor(visible[0])), 0), n - 1)
    last = max(min(int(np.ceil(visible[1])), n), first + 1)
    return Axis(first, last, min(max(n_pixels, 1), last - first), n, n)


def grid_size(n: int) -> int:
    """Return how many steps the base grid has along a side of ``n`` places."""
    return min(n, GRID_SIZE)
