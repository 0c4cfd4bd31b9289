"""Compiled: observed and residual means of the blocks of a picture.

Each works on a range of block rows; a block row is added up by one thread alone. Places in arrays
are unsigned: numba looks at signed ones for counting from the end, which took a third of the time.
"""

from __future__ import annotations

from typing import Any

import numba  # noqa: F401  # whole before its parts: else threads that import it at once collide
import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.extending import intrinsic

from mfgui.core.kernels.compiled import kernel

AHEAD = 16  # rows
LINE = 16  # numbers of 4 bytes in a line of the processor's cache


def _prefetch(_context, array, index):  # type: ignore[no-untyped-def]
    """Have the line of memory that holds ``array[index]`` fetched; beyond the end it is harmless.

    Where few columns of many rows are in view, each row costs a wait for memory: 162,000 rows
    took 30 ms, with the lines of the rows to come under way 20.
    """

    def code(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = cgutils.get_item_pointer(  # type: ignore[no-untyped-call]
            context, builder, signature.args[0], made, [arguments[1]], wraparound=False)
        address = builder.bitcast(place, ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        signs = ir.FunctionType(ir.VoidType(), [address.type, number, number, number])
        call = builder.module.declare_intrinsic("llvm.prefetch", (address.type,), signs)
        builder.call(call, [address, number(0), number(3), number(1)])  # to read, keep, data
        return context.get_dummy_value()

    return types.void(array, types.intp), code


prefetch: Any = intrinsic(_prefetch)


@kernel
def find_tiles(first, last, pointers, columns, tile_columns, out):  # type: ignore[no-untyped-def]
    """Write where in each row the columns of each tile begin, counted from the row's own begin.

    Parameters
    ----------
    first, last : int
        Rows.
    pointers : ndarray of int64, shape (n_users + 1,)
    columns : ndarray of uint32, shape (n_ratings,)
    tile_columns : ndarray of uint32, shape (n_tiles + 1,)
        The first column of each tile, and the number of columns.
    out : ndarray of int32, shape (n_tiles + 1, n_users)
    """
    for d in range(first, last):
        k = np.uint64(pointers[d])
        begin = k
        end = np.uint64(pointers[d + 1])
        for t in range(tile_columns.size):
            while k < end and columns[k] < tile_columns[t]:
                k += np.uint64(1)
            out[t, d] = np.int32(k - begin)


@kernel
def mean_of_ratings(  # type: ignore[no-untyped-def]
    first, last, pointers, begins, ends, columns, values, residuals, row_edges, column_edges,
    bin_of_column, counts, observed, residual,
):
    """Write the means of the ratings of each block; one pass over those in view.

    Parameters
    ----------
    first, last : int
        Block rows.
    pointers : ndarray of int64, shape (n_users + 1,)
    begins, ends : ndarray of int32, shape (n_users,)
        Beside each row's begin: where the tile that holds the first column in view begins, and
        where the one that holds the last: all between is in view from the first column on.
    columns, values, residuals : ndarray of uint32, float32, float32, shape (n_ratings,)
        Without a model any numbers in the place of residuals.
    row_edges, column_edges : ndarray of int64, shapes (h + 1,), (w + 1,)
        Block (i, j) holds rows row_edges[i]..row_edges[i + 1] and likewise columns.
    bin_of_column : ndarray of uint16, shape (column_edges[-1] - column_edges[0],)
    counts, observed, residual : ndarray of int32, float64, float64, shape (h, w)
        Means are NaN where nothing is rated.
    """
    one = np.uint64(1)
    from_column = np.uint32(column_edges[0])
    to_column = np.uint32(column_edges[column_edges.size - 1])
    end_row = row_edges[last]
    sums = np.empty((counts.shape[1], 4))  # number, rating, residual; 4 keep it in one line
    for i in range(first, last):
        sums[:] = 0.0
        for d in range(row_edges[i], row_edges[i + 1]):
            if d + AHEAD < end_row:
                k = np.uint64(pointers[d + AHEAD] + begins[d + AHEAD])
                for step in range(3):
                    prefetch(columns, k + np.uint64(step * LINE))
                    prefetch(values, k + np.uint64(step * LINE))
                    prefetch(residuals, k + np.uint64(step * LINE))
            k = np.uint64(pointers[d] + begins[d])
            sure = np.uint64(pointers[d] + ends[d])
            end = np.uint64(pointers[d + 1])
            while k < end and columns[k] < from_column:
                k += one
            # Two at a time, far apart: neighbours often share a block, and would wait for it.
            half = (sure - k) >> one if sure > k else np.uint64(0)
            for a in range(k, k + half):
                j = np.uint64(bin_of_column[np.uint64(columns[a] - from_column)])
                sums[j, 0] += 1.0
                sums[j, 1] += values[a]
                sums[j, 2] += residuals[a]
                b = a + half
                j = np.uint64(bin_of_column[np.uint64(columns[b] - from_column)])
                sums[j, 0] += 1.0
                sums[j, 1] += values[b]
                sums[j, 2] += residuals[b]
            k += half + half
            while k < end and columns[k] < to_column:
                j = np.uint64(bin_of_column[np.uint64(columns[k] - from_column)])
                sums[j, 0] += 1.0
                sums[j, 1] += values[k]
                sums[j, 2] += residuals[k]
                k += one
        for block in range(counts.shape[1]):
            n = sums[block, 0]
            counts[i, block] = np.int32(n)
            share = 1.0 / n if n > 0 else np.nan
            observed[i, block] = sums[block, 1] * share
            residual[i, block] = sums[block, 2] * share


@kernel
def count_on_grid(first, last, edges, pointers, columns, bin_of_column, out):  # type: ignore[no-untyped-def]
    """Write the number of ratings in each cell of the grid's rows first..last.

    Parameters
    ----------
    edges : ndarray of int64, shape (g + 1,)
        The grid's row i holds the rows edges[i]..edges[i + 1].
    pointers, columns
        As in ``mean_of_ratings``.
    bin_of_column : ndarray of uint16, shape (n_items,)
    out : ndarray of int32, shape (g, g')
    """
    for i in range(first, last):
        out[i] = 0
        for k in range(np.uint64(pointers[edges[i]]), np.uint64(pointers[edges[i + 1]])):
            out[i, np.uint64(bin_of_column[np.uint64(columns[k])])] += 1


@kernel
def sum_on_grid(first, last, edges, pointers, columns, numbers, bin_of_column, out):  # type: ignore[no-untyped-def]
    """Write the sum of the ratings' numbers in each cell of the grid's rows first..last.

    Parameters
    ----------
    edges, pointers, columns, bin_of_column
        As in ``count_on_grid``.
    numbers : ndarray of float32, shape (n_ratings,)
    out : ndarray of float64, shape (g, g')
    """
    one = np.uint64(1)
    for i in range(first, last):
        out[i] = 0.0
        begin = np.uint64(pointers[edges[i]])
        end = np.uint64(pointers[edges[i + 1]])
        half = (end - begin) >> one
        for a in range(begin, begin + half):
            b = a + half
            out[i, np.uint64(bin_of_column[np.uint64(columns[a])])] += numbers[a]
            out[i, np.uint64(bin_of_column[np.uint64(columns[b])])] += numbers[b]
        for k in range(begin + half + half, end):
            out[i, np.uint64(bin_of_column[np.uint64(columns[k])])] += numbers[k]


@kernel
def mean_of_grid(  # type: ignore[no-untyped-def]
    first, last, grid_counts, grid_sums, grid_residuals, row_edges, column_edges, counts, observed,
    residual,
):
    """Write the means of the ratings of each block from the grid's cells.

    Parameters
    ----------
    first, last : int
        Block rows.
    grid_counts, grid_sums, grid_residuals : ndarray of int32, float64, float64, shape (g, g')
    row_edges, column_edges : ndarray of int64, shapes (h + 1,), (w + 1,)
        In cells of the grid.
    counts, observed, residual
        As in ``mean_of_ratings``.
    """
    for i in range(first, last):
        for j in range(counts.shape[1]):
            n = 0
            total = 0.0
            rest = 0.0
            for g in range(np.uint64(row_edges[i]), np.uint64(row_edges[i + 1])):
                for c in range(np.uint64(column_edges[j]), np.uint64(column_edges[j + 1])):
                    n += grid_counts[g, c]
                    total += grid_sums[g, c]
                    rest += grid_residuals[g, c]
            counts[i, j] = n
            share = 1.0 / n if n > 0 else np.nan
            observed[i, j] = total * share
            residual[i, j] = rest * share
