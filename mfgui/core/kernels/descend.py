"""Compiled: the steps of sgd in the textbook's order."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def visit_pairs(  # type: ignore[no-untyped-def]
    order, users, items, values, begin, end, U, V, bu, bi, mean, rate, regularization, has_biases,
):
    """Take the observed pairs ``order[begin:end]`` one at a time, each a step of its own.

    ``u_n -= rate (e v_m + regularization u_n)`` and ``v_m -= rate (e u_n + regularization v_m)``
    with ``e = r_hat_nm - r_nm``, both from the values before the step; biases likewise.

    Parameters
    ----------
    order : ndarray of int32, shape (n_ratings,)
    users, items : ndarray of int32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
    U, V : ndarray of float32, shapes (n_users, n_factors), (n_items, n_factors)
    bu, bi : ndarray of float32, shapes (n_users,), (n_items,)
    mean, rate, regularization : float32
    has_biases : bool
    """
    for position in range(begin, end):
        k = order[position]
        n = users[k]
        m = items[k]
        u = U[n]
        v = V[m]
        predicted = np.float32(0)
        for f in range(u.size):
            predicted += u[f] * v[f]
        error = predicted + mean + bu[n] + bi[m] - values[k]
        for f in range(u.size):
            old = u[f]
            u[f] = old - rate * (error * v[f] + regularization * old)
            v[f] = v[f] - rate * (error * old + regularization * v[f])
        if has_biases:
            bu[n] -= rate * (error + regularization * bu[n])
            bi[m] -= rate * (error + regularization * bi[m])


@kernel
def shuffle_part(order, first, last, state):  # type: ignore[no-untyped-def]
    """Do the steps first..last (falling) of a Fisher-Yates shuffle, in place.

    A kernel of our own since the shuffle of 20 million takes longer than a pause may, and so has
    to be done in parts. Random numbers: splitmix64 (Steele, Lea, Flood 2014).

    Parameters
    ----------
    order : ndarray of int32, shape (n,)
    first, last : int
        Swap positions first, first - 1, ..., last + 1.
    state : ndarray of uint64, shape (1,)
    """
    for i in range(first, last, -1):
        state[0] += np.uint64(0x9E3779B97F4A7C15)
        z = state[0]
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        j = ((z >> np.uint64(32)) * np.uint64(i + 1)) >> np.uint64(32)
        kept = order[i]
        order[i] = order[j]
        order[j] = kept
