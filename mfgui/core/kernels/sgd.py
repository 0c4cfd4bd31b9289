"""Compiled: the steps of sgd in blocks."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def visit_plain_block(  # type: ignore[no-untyped-def]
    users, items, values, begin, end, U, V, bu, bi, mean, rate, regularization, has_biases,
):
    """Take the observed pairs begin..end one at a time, each a step of its own.

    ``u_n -= rate (e v_m + regularization u_n)`` and ``v_m -= rate (e u_n + regularization v_m)``
    with ``e = r_hat_nm - r_nm``, both from the values before the step; biases likewise.

    The user's next item w needs ``u_new . w = keep (u . w) - move (v . w)``: both products are
    taken in the pass that applies the step, and do not wait for it (with 32 factors 11 ns a
    rating instead of 14).

    Parameters
    ----------
    users, items : ndarray of int32, shape (n_ratings,)
        Ratings of one user stand together, their items are distinct.
    values : ndarray of float32, shape (n_ratings,)
    U, V : ndarray of float32, shapes (n_users, n_factors), (n_items, n_factors)
    bu, bi : ndarray of float32, shapes (n_users,), (n_items,)
    mean, rate, regularization : float32
    has_biases : bool
    """
    keep = np.float32(1) - rate * regularization
    k = begin
    while k < end:
        n = users[k]
        u = U[n]
        v = V[items[k]]
        dot = np.float32(0)
        for f in range(u.size):
            dot += u[f] * v[f]
        is_more = True
        while is_more:
            m = items[k]
            v = V[m]
            is_more = k + 1 < end and users[k + 1] == n
            error = dot + mean - values[k]
            if has_biases:
                error += bu[n] + bi[m]
                bu[n] -= rate * (error + regularization * bu[n])
                bi[m] -= rate * (error + regularization * bi[m])
            move = rate * error
            if is_more:
                ahead = V[items[k + 1]]
                own = np.float32(0)
                other = np.float32(0)
                for f in range(u.size):
                    x = u[f]
                    y = v[f]
                    z = ahead[f]
                    u[f] = keep * x - move * y
                    v[f] = keep * y - move * x
                    own += x * z
                    other += y * z
                dot = keep * own - move * other
            else:
                for f in range(u.size):
                    x = u[f]
                    y = v[f]
                    u[f] = keep * x - move * y
                    v[f] = keep * y - move * x
            k += 1
