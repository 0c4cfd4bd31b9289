"""Compiled: steps that keep every factor at 0 or above."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

ZERO = np.float32(0)
ONE = np.float32(1)
TWO = np.float32(2)


@kernel
def visit_block_above_zero(  # type: ignore[no-untyped-def]
    users, items, values, begin, end, P, Q, n_factors, rate, regularization,
):
    """Take the ratings begin..end one at a time: a step, then what fell below 0 is put to 0.

    With ``e = r - u_n . v_m`` each row moves by ``rate / sqrt(G)`` times ``e v_m - regularization
    u_n`` (``e u_n - regularization v_m``), then ``G += mean(g^2)``.

    Parameters
    ----------
    users, items : ndarray of int32, shape (n_ratings,)
        Packed rows.
    values : ndarray of float32, shape (n_ratings,)
        Normalised, not negative.
    P, Q : ndarray of float32, shapes (n_users, width), (n_items, width)
        Factors, a bias that stays 0, G.
    n_factors : int
    rate, regularization : float32
    """
    share = ONE / np.float32(n_factors)
    held = regularization * regularization * share
    for k in range(begin, end):
        row = P[users[k]]
        other = Q[items[k]]
        u = row[:n_factors]
        v = other[:n_factors]
        dot = ZERO
        uu = ZERO
        vv = ZERO
        for f in range(n_factors):
            x = u[f]
            y = v[f]
            dot += x * y
            uu += x * x
            vv += y * y
        e = values[k] - dot
        G = row[n_factors + 1]
        H = other[n_factors + 1]
        step_u = rate / np.sqrt(G)
        step_v = rate / np.sqrt(H)
        squared = e * e * share
        mixed = TWO * e * regularization * dot * share
        row[n_factors + 1] = G + squared * vv - mixed + held * uu
        other[n_factors + 1] = H + squared * uu - mixed + held * vv
        keep_u = ONE - step_u * regularization
        keep_v = ONE - step_v * regularization
        move_u = step_u * e
        move_v = step_v * e
        for f in range(n_factors):
            x = u[f]
            y = v[f]
            # max drops a NaN that stands second; here it stands first, so divergence is seen.
            u[f] = max(keep_u * x + move_u * y, ZERO)
            v[f] = max(keep_v * y + move_v * x, ZERO)
