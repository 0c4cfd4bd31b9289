"""Compiled: errors of a model on given pairs."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def squared_errors(users, items, values, begin, end, U, V, bu, bi, mean, low, high):  # type: ignore[no-untyped-def]
    """Return the sums of squared errors of the pairs begin..end, raw and clipped, in float64.

    Parameters
    ----------
    users, items : ndarray of int32, shape (n_pairs,)
        -1 stands for a user or item the model does not know.
    values : ndarray of float32, shape (n_pairs,)
    U, V : ndarray of float32, shapes (n_users, n_factors), (n_items, n_factors)
    bu, bi : ndarray of float32, shapes (n_users,), (n_items,)
    mean, low, high : float32
    """
    raw = 0.0
    clipped = 0.0
    for k in range(begin, end):
        n = users[k]
        m = items[k]
        predicted = mean
        if n >= 0:
            predicted += bu[n]
        if m >= 0:
            predicted += bi[m]
        if n >= 0 and m >= 0:
            u = U[n]
            v = V[m]
            # A sum of its own: one that begins with the bias is not vectorised, and took 24 ns a
            # rating with 32 factors where this takes 6.
            product = np.float32(0)
            for f in range(u.size):
                product += u[f] * v[f]
            predicted += product
        # np.float64, for numba's float() leaves a float32 what it is.
        rating = np.float64(values[k])
        error = np.float64(predicted) - rating
        raw += error * error
        limited = min(max(np.float64(predicted), np.float64(low)), np.float64(high)) - rating
        # min and max above may drop a NaN; the raw error keeps it.
        clipped += limited * limited if error == error else error
    return raw, clipped


@kernel
def multiply_rows(pointers, columns, values, begin, end, shift, x, out):  # type: ignore[no-untyped-def]
    """Write rows begin..end of ``(R - shift) x`` to ``out``, R sparse, missing cells 0.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_rows + 1,)
    columns : ndarray of int32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
    x, out : ndarray of float64, shapes (n_columns,), (n_rows,)
    """
    for n in range(begin, end):
        total = 0.0
        for k in range(pointers[n], pointers[n + 1]):
            total += np.float64(values[k] - shift) * x[columns[k]]
        out[n] = total
