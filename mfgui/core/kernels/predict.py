"""Compiled: predictions of pairs, each the same whichever pairs stand beside it."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def predict_pairs(users, items, begin, end, U, V, bu, bi, mean, low, high, out):  # type: ignore[no-untyped-def]
    """Write the predictions of the pairs begin..end, made in float64 and rounded once.

    The sum is made as ``kernels.top`` makes it, so a top list's numbers are these.

    Parameters
    ----------
    users, items : ndarray of int32, shape (n_pairs,)
        -1 stands for a user or item the model does not know.
    U, V : ndarray of float32, shapes (n_users, n_factors), (n_items, n_factors)
    bu, bi : ndarray of float32, shapes (n_users,), (n_items,)
    mean : float64
    low, high : float64
        What predictions are clipped to; infinite where they are not.
    out : ndarray of float32, shape (n_pairs,)
    """
    for k in range(begin, end):
        n, m = users[k], items[k]
        predicted = mean
        if n >= 0:
            predicted = np.float64(bu[n]) + mean
        if m >= 0:
            beside = np.float64(bi[m])
            if n >= 0:
                u, v = U[n], V[m]
                product = 0.0
                for f in range(u.size):
                    product += np.float64(u[f]) * np.float64(v[f])
                beside = product + beside
            predicted = beside + predicted
        out[k] = np.float32(min(max(predicted, low), high))
