"""Compiled: one pass over predicted ratings, added up by row, by value and by size of the error.

Residual = observed minus predicted, never clipped; squares are of the error as it is measured,
of the prediction clipped to ``low`` to ``high``.
"""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def add_row_squares(rows, values, predicted, low, high, counts, squares):  # type: ignore[no-untyped-def]
    """Add each rating's squared error to its row; what is not finite is left out.

    Parameters
    ----------
    rows : ndarray of int32, shape (n_ratings,)
    values, predicted : ndarray of float32, shape (n_ratings,)
    low, high : float64
    counts, squares : ndarray of int64 and float64, shape (n_rows,)
    """
    for k in range(rows.size):
        value = np.float64(values[k])
        raw = np.float64(predicted[k])
        if not abs(value - raw) < np.inf:
            continue
        error = value - min(max(raw, low), high)
        counts[rows[k]] += 1
        squares[rows[k]] += error * error


@kernel
def add_value_sums(rows, values, counts, sums):  # type: ignore[no-untyped-def]
    """Add each rating to its row's count and sum; ``sums`` is float64, shape (n_rows,)."""
    for k in range(rows.size):
        counts[rows[k]] += 1
        sums[rows[k]] += np.float64(values[k])


@kernel
def place_among(edges, guesses, start, scale, value):  # type: ignore[no-untyped-def]
    """Return k with ``edges[k] <= value < edges[k + 1]``; a search would take three times as long.

    Parameters
    ----------
    edges : ndarray of float64, shape (n_bins + 1,)
        Rising from minus infinity to infinity.
    guesses : ndarray of int32
        The bin where each of many even steps from ``start`` begins.
    scale : float64
        Steps for each unit of the value.
    value : float64
        Not NaN.
    """
    k = guesses[int(min(max((value - start) * scale, 0.0), guesses.size - 1.0))]
    while value >= edges[k + 1]:
        k += 1
    while value < edges[k]:  # what rounding did
        k -= 1
    return k


@kernel
def add_errors(  # type: ignore[no-untyped-def]
    users, items, values, predicted, low, high,
    value_edges, value_guesses, value_start, value_scale,
    predicted_edges, predicted_guesses, predicted_start, predicted_scale,
    residual_edges, residual_guesses, residual_start, residual_scale,
    user_counts, user_squares, item_counts, item_squares, value_counts, value_squares,
    value_residuals, density, residual_counts,
):
    """Add the errors of some ratings to all of these sums; return how many were not finite.

    Parameters
    ----------
    users, items : ndarray of int32, shape (n_ratings,)
    values, predicted : ndarray of float32, shape (n_ratings,)
    low, high : float64
        What predictions are clipped to where they are measured.
    value_edges, ... : three times the bins, as ``place_among`` has them
        Of observed values, predictions and residuals.
    user_counts, item_counts, value_counts : ndarray of int64
    user_squares, item_squares, value_squares, value_residuals : ndarray of float64
    density : ndarray of int64, shape (n_values, n_predicted)
    residual_counts : ndarray of int64
    """
    n_unsound = 0
    for k in range(users.size):
        value = np.float64(values[k])
        raw = np.float64(predicted[k])
        residual = value - raw
        if not abs(residual) < np.inf:
            n_unsound += 1
            continue
        error = value - min(max(raw, low), high)
        square = error * error
        user_counts[users[k]] += 1
        user_squares[users[k]] += square
        item_counts[items[k]] += 1
        item_squares[items[k]] += square
        group = place_among(value_edges, value_guesses, value_start, value_scale, value)
        value_counts[group] += 1
        value_squares[group] += square
        value_residuals[group] += residual
        density[group, place_among(
            predicted_edges, predicted_guesses, predicted_start, predicted_scale, raw)] += 1
        residual_counts[place_among(
            residual_edges, residual_guesses, residual_start, residual_scale, residual)] += 1
    return n_unsound


@kernel
def keep_largest(values, predicted, first, limits, sizes, positions, n_kept):  # type: ignore[no-untyped-def]
    """Keep the ratings with the largest residuals, in a heap; return how many there are in it.

    Parameters
    ----------
    values, predicted : ndarray of float32, shape (n_ratings,)
    first : int
        Position of the first of them among all.
    limits : ndarray of float64, shape (3, 2)
        Value, prediction and residual that count: from the first number to below the second.
    sizes, positions : ndarray of float64 and int64, shape (n_most,)
        The heap, its least |residual| in front; of equal ones the earlier position stays.
    n_kept : int
        How many it holds already.
    """
    for k in range(values.size):
        value = np.float64(values[k])
        raw = np.float64(predicted[k])
        residual = value - raw
        size = abs(residual)
        if not size < np.inf or (n_kept == sizes.size and size <= sizes[0]):
            continue
        if not (limits[0, 0] <= value < limits[0, 1] and limits[1, 0] <= raw < limits[1, 1]
                and limits[2, 0] <= residual < limits[2, 1]):
            continue
        if n_kept < sizes.size:
            at = n_kept
            n_kept += 1
            while at > 0 and sizes[(at - 1) // 2] > size:
                sizes[at] = sizes[(at - 1) // 2]
                positions[at] = positions[(at - 1) // 2]
                at = (at - 1) // 2
        else:
            at = 0
            while 2 * at + 1 < n_kept:
                child = 2 * at + 1
                if child + 1 < n_kept and sizes[child + 1] < sizes[child]:
                    child += 1
                if sizes[child] >= size:
                    break
                sizes[at] = sizes[child]
                positions[at] = positions[child]
                at = child
        sizes[at] = size
        positions[at] = first + k
    return n_kept


@kernel
def distinct_values(values, found):  # type: ignore[no-untyped-def]
    """Write the distinct values, rising; return their number, or -1 where there are too many.

    Parameters
    ----------
    values : ndarray of float32, shape (n_ratings,)
    found : ndarray of float32, shape (n_most,)
    """
    n_found = 0
    for k in range(values.size):
        value = values[k]
        low = 0
        high = n_found
        while low < high:
            middle = (low + high) // 2
            if found[middle] < value:
                low = middle + 1
            else:
                high = middle
        if low < n_found and found[low] == value:
            continue
        if n_found == found.size:
            return -1
        for j in range(n_found, low, -1):
            found[j] = found[j - 1]
        found[low] = value
        n_found += 1
    return n_found
