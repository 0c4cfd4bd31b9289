"""Alternating least squares, half a sweep: all rows of one side, the other side fixed.

Each row reads the other side alone, so rows are solved in any order, on any number of threads,
to the same bits. Rows of many ratings, or of many factors where the whole matrix is factored,
are solved in parts, lest stop and pause wait for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.parallel import (
    Block,
    WorkerPool,
    even_blocks,
    no_checkpoint,
    ratings_per_block,
    row_blocks,
)
from mfgui.core.ratings import FloatArray, IntArray

# What a row costs beside its ratings, in ratings: its vectors are set up and multiplied.
ROW_COST = 16
# A row with more blocks of ratings than this is solved in parts.
LONG_ROW_BLOCKS = 8
# Of a matrix that is factored: multiplications in one block, some milliseconds.
FACTOR_WORK = 1 << 27
# From here on, factoring one matrix takes too long to wait for: 40 ms.
MANY_FACTORS = 800
FLAT = 1e-6  # as in kernels/row_descent.py
# What is held back more than this is 0 to all digits, and products in float32 would overflow.
LARGEST_RIDGE = 1e12

NONE = np.empty(0, np.float32)
NO_BASE = np.empty((0, 0), np.float32)
Targets = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, eq=False)
class RowSide:
    """The rows of one side: what they rated, what holds them back, and the other side.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_rows + 1,)
        Where each row's ratings begin.
    columns : ndarray of int32, shape (n_ratings,)
    rows, bias : ndarray of float32, shapes (n_rows, n_factors), (n_rows,)
        The live arrays, changed in place. Rows without a rating become 0.
    others : ndarray of float32, shape (n_columns, n_factors)
    ridges, bias_ridges : ndarray of float32, shape (n_rows,)
    scales : ndarray of float32, shape (n_rows,) or (0,)
        What each row multiplies ``base`` by; empty where there is none.
    """

    pointers: NDArray[np.int64]
    columns: IntArray
    rows: FloatArray
    bias: FloatArray
    others: FloatArray
    ridges: FloatArray
    bias_ridges: FloatArray
    scales: FloatArray


@dataclass(frozen=True)
class RowMethod:
    """How each row's least squares problem is solved.

    Parameters
    ----------
    n_steps : int
        Conjugate gradient steps from the row as it is; 0 solves it exactly.
    has_biases : bool
    """

    n_steps: int
    has_biases: bool


class RowSolves:
    """Solves all rows of one side.

    Parameters
    ----------
    side : RowSide
    method : RowMethod

    Attributes
    ----------
    largest : int
        The most ratings whose targets are asked for at once.
    """

    def __init__(self, side: RowSide, method: RowMethod) -> None:
        self._side, self._method = side, method
        n_factors, counts = side.rows.shape[1], np.diff(side.pointers)
        self._part = ratings_per_block(n_factors)
        cost = ROW_COST + (n_factors // 2 if side.scales.size else 0)  # a product with base
        if method.n_steps == 0:
            self._part, cost = max(FACTOR_WORK // n_factors**2, 8), n_factors
        is_long = counts > LONG_ROW_BLOCKS * self._part
        if method.n_steps == 0 and n_factors > MANY_FACTORS:
            is_long[:] = True
        self._long_rows = np.flatnonzero(is_long)
        self._blocks = _without(self._long_rows, row_blocks(
            side.pointers + cost * np.arange(counts.size + 1), self._part))
        sizes = [int(side.pointers[end] - side.pointers[begin]) for begin, end in self._blocks]
        self.largest = max([*sizes, *counts[self._long_rows].tolist()], default=0)

    def run(
        self, targets_of: Callable[[int, int], Targets], pool: WorkerPool,
        checkpoint: Callable[[], None] = no_checkpoint, base: FloatArray = NO_BASE,
    ) -> None:
        """Solve all rows.

        Parameters
        ----------
        targets_of : callable
            Gives targets and weights, float32, of the ratings of the rows begin..end.
        base : ndarray of float32, shape (n_factors, n_factors) or (0, 0)
            Added to each row's matrix.
        """
        from mfgui.core.kernels.row_descent import descend_rows
        from mfgui.core.kernels.row_factors import solve_rows

        side, method = self._side, self._method

        def work(begin: int, end: int) -> None:
            arguments = (
                side.pointers, side.columns, *targets_of(begin, end), begin, end, side.rows,
                side.bias, side.others, side.ridges, side.bias_ridges, base, side.scales,
                method.has_biases)
            if method.n_steps:
                descend_rows(*arguments, method.n_steps)
            else:
                solve_rows(*arguments)

        pool.run(work, self._blocks, checkpoint)
        for row in self._long_rows.tolist():
            given = targets_of(row, row + 1)
            LongRow(side, method, row, given, base, self._part, checkpoint).solve()


def _without(rows: NDArray[Any], blocks: list[Block]) -> list[Block]:
    """Return the blocks with these rising rows cut out."""
    cut = []
    for begin, end in blocks:
        for row in rows[np.searchsorted(rows, begin) : np.searchsorted(rows, end)].tolist():
            cut.append((begin, row))
            begin = row + 1
        cut.append((begin, end))
    return [(begin, end) for begin, end in cut if begin < end]


class LongRow:
    """One row in parts of its ratings: the same steps as the kernels', in NumPy.

    Parameters
    ----------
    side : RowSide
    method : RowMethod
    row : int
    given : pair of ndarray of float32, shape (count,)
        Targets and weights.
    base : ndarray of float32, shape (n_factors, n_factors) or (0, 0)
    part : int
        Ratings in a part.
    checkpoint : callable
    """

    def __init__(
        self, side: RowSide, method: RowMethod, row: int, given: Targets, base: FloatArray,
        part: int, checkpoint: Callable[[], None],
    ) -> None:
        self._side, self._method, self._row = side, method, row
        self._targets, self._weights = given
        self._base, self._checkpoint = base, checkpoint
        self._columns = side.columns[side.pointers[row] : side.pointers[row + 1]]
        self._parts = even_blocks(self._columns.size, part)
        self._scale = side.scales[row] if side.scales.size else np.float32(0)
        self._ridge, self._bias_ridge = side.ridges[row], side.bias_ridges[row]

    def solve(self) -> None:
        """Change the row in place."""
        rows, bias = self._side.rows, self._side.bias
        if not self._columns.size:
            rows[self._row], bias[self._row] = 0, 0
        elif self._method.n_steps:
            self._descend(rows, bias)
        else:
            self._factor(rows[self._row], bias)

    def _descend(self, rows: FloatArray, bias: FloatArray) -> None:
        """Take conjugate gradient steps; the last number of each vector is the bias's."""
        state = np.append(rows[self._row], bias[self._row]).astype(np.float64)
        gradient = self._residual(self._targets, state)
        zeros = np.zeros_like(self._targets)
        step, square, steepest = gradient.copy(), float(gradient @ gradient), 0.0
        for _ in range(self._method.n_steps):
            product = self._residual(zeros, step)
            curved, size = -float(step @ product), float(step @ step)
            steepest = max(steepest, curved / size if size else 0.0)
            if not curved > FLAT * steepest * size:
                break
            state += square / curved * step
            gradient += square / curved * product
            before, square = square, float(gradient @ gradient)
            step = gradient + square / before * step
        rows[self._row], bias[self._row] = state[:-1], state[-1]

    def _residual(self, targets: FloatArray, state: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``sum of t (y, 1) - A (x, b)``; with targets of 0, a product with -A."""
        from mfgui.core.kernels.row_descent import add_residual, take_base

        x, bias = state[:-1].astype(np.float32), np.float32(state[-1])
        g = -self._ridge * x
        take_base(self._base, self._scale, x, g)
        total = -float(self._bias_ridge) * float(bias)
        for begin, end in self._parts:
            self._checkpoint()
            total += add_residual(self._side.others, self._columns, targets, self._weights,
                                  begin, end, x, bias, False, g)
        return np.append(g.astype(np.float64), total if self._method.has_biases else 0.0)

    def _factor(self, x: FloatArray, bias: FloatArray) -> None:
        """Solve by Cholesky factors, a part of the ratings and of the matrix at a time."""
        from mfgui.core.kernels import row_factors as kernels

        has_biases = self._method.has_biases
        size = x.size + int(has_biases)
        matrix, g = np.empty((size, size), np.float32), np.empty(size, np.float32)
        kernels.begin_matrix(
            self._base, self._scale, self._ridge, self._bias_ridge, has_biases, matrix)
        kernels.take_product(matrix, x, bias[self._row], g)
        for begin, end in self._parts:
            self._checkpoint()
            kernels.add_ratings(self._side.others, self._columns, self._targets, self._weights,
                                begin, end, x, bias[self._row], has_biases, matrix, g)
        for begin, end in even_blocks(size, max(FACTOR_WORK // 8 // size**2, 1)):
            self._checkpoint()
            kernels.factor_rows(matrix, begin, end)
        kernels.solve_factored(matrix, g)
        x += g[: x.size]
        if has_biases:
            bias[self._row] += g[-1]


def ridges_of(strength: float, weights: NDArray[Any]) -> FloatArray:
    """Return ``strength weights``, what holds each row back, as far as float32 can work with it."""
    return np.minimum(strength * weights, LARGEST_RIDGE).astype(np.float32)


def row_bytes(n_factors: int, settings: Any) -> int:
    """Return the bytes of the room that the threads solve rows in."""
    n_threads = int(settings.n_threads)
    if settings.inner == "cholesky":
        return n_threads * 4 * (n_factors + 1) ** 2
    return n_threads * 4 * (3 * n_factors + 2 * ratings_per_block(n_factors))
