"""Compiled: biases without factors, and predictions of given pairs."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def add_bias_sums(users, items, values, begin, end, mean, bu, bi, is_item, sums):  # type: ignore[no-untyped-def]
    """Add what the other side's bias leaves of the ratings begin..end to each row's sum.

    Parameters
    ----------
    users, items : ndarray of int32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
    mean : float64
    bu, bi : ndarray of float64, shapes (n_users,), (n_items,)
    is_item : bool
        Whose sums: those of the items (r - mean - bu) or of the users (r - mean - bi).
    sums : ndarray of float64, shape (n_items,) or (n_users,)
    """
    for k in range(begin, end):
        n = users[k]
        m = items[k]
        if is_item:
            sums[m] += np.float64(values[k]) - mean - bu[n]
        else:
            sums[n] += np.float64(values[k]) - mean - bi[m]


@kernel
def predict_pairs(users, items, begin, end, U, V, bu, bi, mean, out):  # type: ignore[no-untyped-def]
    """Write the unclipped predictions of the pairs begin..end to ``out``.

    Parameters
    ----------
    users, items : ndarray of int32, shape (n_pairs,)
        -1 stands for a user or item the model does not know.
    U, V : ndarray of float32, shapes (n_users, n_factors), (n_items, n_factors)
    bu, bi : ndarray of float32, shapes (n_users,), (n_items,)
    mean : float32
    out : ndarray of float32, shape (n_pairs,)
    """
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
            product = np.float32(0)  # a sum of its own is vectorised
            for f in range(u.size):
                product += u[f] * v[f]
            predicted += product
        out[k] = predicted
