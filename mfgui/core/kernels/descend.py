"""Compiled: the steps of gradient-descent and of sgd."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def descend_rows(  # type: ignore[no-untyped-def]
    pointers, columns, values, begin, end, U, V, bu, bi, mean, rate, regularization, has_biases,
    new_U, new_bu,
):
    """Write one gradient step of the rows begin..end, all from the old factors.

    ``new_u_n = u_n - rate (sum over m of e_nm v_m + regularization u_n)`` with
    ``e_nm = r_hat_nm - r_nm``: a row of ``E V``, fused with the errors, so that E is never
    stored. With users and items exchanged, and the ratings sorted by item, it is ``E^T U``.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_rows + 1,)
    columns : ndarray of int32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
    U, new_U : ndarray of float32, shape (n_rows, n_factors)
    V : ndarray of float32, shape (n_columns, n_factors)
    bu, new_bu, bi : ndarray of float32, shapes (n_rows,), (n_rows,), (n_columns,)
    mean, rate, regularization : float32
    has_biases : bool
    """
    for n in range(begin, end):
        u = U[n]
        gradient = new_U[n]
        bias_gradient = np.float32(0)
        for f in range(u.size):
            gradient[f] = regularization * u[f]
        for k in range(pointers[n], pointers[n + 1]):
            m = columns[k]
            v = V[m]
            predicted = np.float32(0)
            for f in range(u.size):
                predicted += u[f] * v[f]
            error = predicted + mean + bu[n] + bi[m] - values[k]
            for f in range(u.size):
                gradient[f] += error * v[f]
            bias_gradient += error
        for f in range(u.size):
            gradient[f] = u[f] - rate * gradient[f]
        if has_biases:
            new_bu[n] = bu[n] - rate * (bias_gradient + regularization * bu[n])


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
