"""Compiled: SVD++, user by user."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

ONE = np.float32(1)


@kernel
def implicit_sums(pointers, items, begin, end, Y, out):  # type: ignore[no-untyped-def]
    """Write ``z_n = sum of y_m over the items of user n / sqrt(count)`` for the users begin..end.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_users + 1,)
    items : ndarray of int32, shape (n_ratings,)
    Y : ndarray of float32, shape (n_items, n_factors)
    out : ndarray of float32, shape (n_users, n_factors)
        0 for a user without a rating.
    """
    for n in range(begin, end):
        z = out[n]
        for f in range(z.size):
            z[f] = np.float32(0)
        first = pointers[n]
        last = pointers[n + 1]
        if first == last:
            continue
        for k in range(first, last):
            y = Y[items[k]]
            for f in range(z.size):
                z[f] += y[f]
        share = ONE / np.sqrt(np.float32(last - first))
        for f in range(z.size):
            z[f] *= share


@kernel
def visit_users(  # type: ignore[no-untyped-def]
    order, pointers, items, values, begin, end, mean, scale, U, V, Y, bu, bi, GU, GV, CU, CV, rate,
    regularization, bias_rate, bias_regularization, implicit_rate, implicit_regularization,
    scratch,
):
    """Visit the users ``order[begin:end]``: a step a rating, then one for the Y of their items.

    With ``z`` as in ``implicit_sums``, ``p = u_n + z`` and ``e = r' - b_n - b_m - v_m . p`` the
    gradients are ``g_u = e v_m - regularization c_n u_n`` and ``g_v = e p - regularization c_m
    v_m``, each row's step ``rate / sqrt(G)`` as in adagrad. After the visit, for each of the user's
    items, ``y += implicit_rate (g / sqrt(count) - implicit_regularization y)`` with
    ``g = sum of e v`` over the visit, v from before each step.

    Parameters
    ----------
    order : ndarray of int32, shape (n_users,)
    pointers : ndarray of int64, shape (n_users + 1,)
    items : ndarray of int32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
        In the user's units: ``r' = (r - mean) * scale``.
    mean, scale : float64
    U : ndarray of float32, shape (n_users, n_factors)
    V, Y : ndarray of float32, shape (n_items, n_factors)
    bu, bi, GU, GV, CU, CV : ndarray of float32, shapes (n_users,), (n_items,), and again
        Biases, accumulators, and c: how many times as strongly a row is held back for its damping.
    rate, regularization, ... : float32
    scratch : ndarray of float32, shape (2, n_factors)
    """
    p = scratch[0]
    g = scratch[1]
    share = ONE / np.float32(p.size)
    for position in range(begin, end):
        n = order[position]
        first = pointers[n]
        last = pointers[n + 1]
        if first == last:
            continue
        u = U[n]
        by_count = ONE / np.sqrt(np.float32(last - first))
        for f in range(p.size):
            p[f] = np.float32(0)
            g[f] = np.float32(0)
        for k in range(first, last):
            y = Y[items[k]]
            for f in range(p.size):
                p[f] += y[f]
        for f in range(p.size):
            p[f] = u[f] + by_count * p[f]
        for k in range(first, last):
            m = items[k]
            v = V[m]
            dot = np.float32(0)
            for f in range(p.size):
                dot += p[f] * v[f]
            e = np.float32((np.float64(values[k]) - mean) * scale) - bu[n] - bi[m] - dot
            held_u = regularization * CU[n]
            held_v = regularization * CV[m]
            step_u = rate / np.sqrt(GU[n])
            step_v = rate / np.sqrt(GV[m])
            squares_u = np.float32(0)
            squares_v = np.float32(0)
            for f in range(p.size):
                x = u[f]
                q = v[f]
                to_u = e * q - held_u * x
                to_v = e * p[f] - held_v * q
                g[f] += e * q
                squares_u += to_u * to_u
                squares_v += to_v * to_v
                moved = step_u * to_u
                u[f] = x + moved
                p[f] += moved
                v[f] = q + step_v * to_v
            GU[n] += squares_u * share
            GV[m] += squares_v * share
            bu[n] += bias_rate * step_u * (e - bias_regularization * CU[n] * bu[n])
            bi[m] += bias_rate * step_v * (e - bias_regularization * CV[m] * bi[m])
        kept = ONE - implicit_rate * implicit_regularization
        for f in range(p.size):
            g[f] *= implicit_rate * by_count
        for k in range(first, last):
            y = Y[items[k]]
            for f in range(p.size):
                y[f] = kept * y[f] + g[f]
