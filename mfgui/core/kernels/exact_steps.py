"""Compiled: the steps of one pair after another in double precision, for stepping by hand."""

from __future__ import annotations

from mfgui.core.kernels.compiled import kernel


@kernel
def predict_pairs(  # type: ignore[no-untyped-def]
    users, items, begin, end, U, V, bu, bi, mean, out,
):
    """Write ``mean + b_n + b_m + u_n . v_m`` of the pairs begin..end to ``out[begin:end]``.

    Parameters
    ----------
    users, items : ndarray of int32, shape (n_ratings,)
    U, V : ndarray of float64, shapes (n_users, n_factors), (n_items, n_factors)
    bu, bi : ndarray of float64, shapes (n_users,), (n_items,)
    mean : float64
    out : ndarray of float64, shape (n_ratings,)
    """
    for k in range(begin, end):
        n = users[k]
        m = items[k]
        u = U[n]
        v = V[m]
        total = 0.0
        for f in range(u.size):
            total += u[f] * v[f]
        out[k] = total + mean + bu[n] + bi[m]


@kernel
def step_pairs(  # type: ignore[no-untyped-def]
    users, items, values, begin, end, U, V, bu, bi, Z, mean, rate, bias_rate, ridge_u, ridge_v,
    bias_ridge_u, bias_ridge_v, is_nonnegative,
):
    """Take the pairs begin..end in their order, each a step as ``objective.pair_step`` takes it.

    Parameters
    ----------
    users, items : ndarray of int32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
    U, V, bu, bi : ndarray of float64
        As in ``predict_pairs``; U holds ``u_n + z_n``.
    Z : ndarray of float64, shape (n_users, n_factors) or (0, n_factors)
        The z of svd++, which stays; empty where there is none.
    mean, rate, bias_rate : float64
        With a bias rate of 0 the biases stay.
    ridge_u, bias_ridge_u, ridge_v, bias_ridge_v : ndarray of float64, shapes (n_users,), (n_items,)
        How each row's squares are weighed at each of its ratings.
    is_nonnegative : bool
        Put what falls below 0 to 0.
    """
    has_implicit = Z.shape[0] > 0
    for k in range(begin, end):
        n = users[k]
        m = items[k]
        u = U[n]
        v = V[m]
        error = 0.0
        for f in range(u.size):
            error += u[f] * v[f]
        error += mean + bu[n] + bi[m] - values[k]
        for f in range(u.size):
            z = Z[n, f] if has_implicit else 0.0
            own = u[f] - z
            x = own - rate * (error * v[f] + ridge_u[n] * own)
            y = v[f] - rate * (error * u[f] + ridge_v[m] * v[f])
            if is_nonnegative:
                x = max(x, 0.0)
                y = max(y, 0.0)
            u[f] = x + z
            v[f] = y
        bu[n] -= bias_rate * (error + bias_ridge_u[n] * bu[n])
        bi[m] -= bias_rate * (error + bias_ridge_v[m] * bi[m])
