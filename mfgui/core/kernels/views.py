"""Compiled: the passes behind the pictures of a matrix."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def arrange_ratings(  # type: ignore[no-untyped-def]
    row_pointers, items, values, row_rank, column_order, column_rank, new_pointers, columns,
    new_values,
):
    """Write the ratings in display order: rows by rank, columns rising inside each row.

    Two counting passes, linear in the ratings: ratings are dropped into their column first, and
    the columns, taken in display order, are dealt out to the rows.

    Parameters
    ----------
    row_pointers : ndarray of int64, shape (n_users + 1,)
    items, values : ndarray of int32 and float32, shape (n_ratings,)
    row_rank, column_rank : ndarray of int32, shapes (n_users,), (n_items,)
        Where each user and item is shown.
    column_order : ndarray of int32, shape (n_items,)
        Which item is shown at each place.
    new_pointers : ndarray of int64, shape (n_users + 1,)
    columns, new_values : ndarray of int32 and float32, shape (n_ratings,)
    """
    n_users = row_pointers.size - 1
    n_items = column_order.size
    n_ratings = items.size
    starts = np.zeros(n_items + 1, np.int64)
    for k in range(n_ratings):
        starts[column_rank[items[k]] + 1] += 1
    for c in range(n_items):
        starts[c + 1] += starts[c]
    in_column = np.empty(n_ratings, np.int32)
    row_of = np.empty(n_ratings, np.int32)
    filled = starts.copy()
    for n in range(n_users):
        for k in range(row_pointers[n], row_pointers[n + 1]):
            c = column_rank[items[k]]
            in_column[filled[c]] = k
            row_of[filled[c]] = row_rank[n]
            filled[c] += 1
    new_pointers[:] = 0
    for n in range(n_users):
        new_pointers[row_rank[n] + 1] = row_pointers[n + 1] - row_pointers[n]
    for n in range(n_users):
        new_pointers[n + 1] += new_pointers[n]
    place = new_pointers.copy()
    for c in range(n_items):
        for p in range(starts[c], starts[c + 1]):
            k = in_column[p]
            at = place[row_of[p]]
            columns[at] = c
            new_values[at] = values[k]
            place[row_of[p]] += 1


@kernel
def accumulate_rows(order, factors, bias, out):  # type: ignore[no-untyped-def]
    """Write prefix sums of factors and bias over the display order, in float64.

    Parameters
    ----------
    order : ndarray of int32, shape (n,)
    factors : ndarray of float32, shape (n, n_factors)
    bias : ndarray of float32, shape (n,)
    out : ndarray of float64, shape (n + 1, n_factors + 1)
        Row k is the sum of the first k rows shown, the bias in the last column.
    """
    n_factors = factors.shape[1]
    out[0] = 0.0
    for k in range(order.size):
        n = order[k]
        for f in range(n_factors):
            out[k + 1, f] = out[k, f] + factors[n, f]
        out[k + 1, n_factors] = out[k, n_factors] + bias[n]


@kernel
def display_residuals(  # type: ignore[no-untyped-def]
    pointers, columns, values, row_order, column_order, U, V, bu, bi, mean, out,
):
    """Write the residual, observed minus predicted and never clipped, of each rating shown.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_users + 1,)
        In display order, like ``columns`` and ``values``.
    columns, values, out : ndarray of int32, float32, float32, shape (n_ratings,)
    row_order, column_order : ndarray of int32, shapes (n_users,), (n_items,)
    U, V : ndarray of float32, shapes (n_users, n_factors), (n_items, n_factors)
    bu, bi : ndarray of float32, shapes (n_users,), (n_items,)
    mean : float32
    """
    for d in range(pointers.size - 1):
        n = row_order[d]
        u = U[n]
        for k in range(pointers[d], pointers[d + 1]):
            m = column_order[columns[k]]
            v = V[m]
            predicted = np.float32(0)
            for f in range(u.size):
                predicted += u[f] * v[f]
            out[k] = values[k] - (predicted + mean + bu[n] + bi[m])


@kernel
def bin_ratings(  # type: ignore[no-untyped-def]
    pointers, columns, values, residuals, row_edges, column_edges, bin_of_column, counts, sums,
    residual_sums,
):
    """Add up the ratings of each block of cells; one pass over those in view.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_users + 1,)
    columns, values, residuals : ndarray of int32, float32, float32, shape (n_ratings,)
        ``residuals`` may be empty.
    row_edges, column_edges : ndarray of int64, shapes (h + 1,), (w + 1,)
        Block (i, j) holds rows row_edges[i]..row_edges[i + 1] and likewise columns.
    bin_of_column : ndarray of int32, shape (column_edges[-1] - column_edges[0],)
    counts, sums, residual_sums : ndarray of int32, float64, float64, shape (h, w)
        Zero when called.
    """
    first = column_edges[0]
    last = column_edges[column_edges.size - 1]
    has_residuals = residuals.size > 0
    for i in range(row_edges.size - 1):
        for d in range(row_edges[i], row_edges[i + 1]):
            low = pointers[d]
            high = pointers[d + 1]
            end = high
            while low < high:
                middle = (low + high) // 2
                if columns[middle] < first:
                    low = middle + 1
                else:
                    high = middle
            k = low
            while k < end and columns[k] < last:
                j = bin_of_column[columns[k] - first]
                counts[i, j] += 1
                sums[i, j] += values[k]
                if has_residuals:
                    residual_sums[i, j] += residuals[k]
                k += 1


@kernel
def paint(values, table, low, high, missing, out):  # type: ignore[no-untyped-def]
    """Write the colour of each value; NaN gets the colour of what is missing.

    Parameters
    ----------
    values : ndarray of float64, shape (h, w)
    table : ndarray of uint8, shape (256, 4)
    low, high : float
        Values of the first and last colour; low < high.
    missing : ndarray of uint8, shape (4,)
    out : ndarray of uint8, shape (h, w, 4)
    """
    scale = 256.0 / (high - low)
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            value = values[i, j]
            if value != value:
                for c in range(4):
                    out[i, j, c] = missing[c]
            else:
                place = int(min(max((value - low) * scale, 0.0), 255.0))  # infinity has no int
                for c in range(4):
                    out[i, j, c] = table[place, c]
