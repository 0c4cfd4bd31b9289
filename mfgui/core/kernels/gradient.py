"""Compiled: one pass over the ratings for gradient-descent, blocks of whole rows a call.

A kernel takes eight, four or two ratings of a row at a time: the row's own numbers are then read
once for all of them, and the sums of several products run side by side. One at a time the gradient
took 14.5, 22 and 39 ns a rating with 32, 64 and 128 factors, eight at a time 10, 14 and 25 (ML-1M,
both sides, one thread). Keeping the errors of the users' pass for the items' was no faster.
"""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def gradient_rows(  # type: ignore[no-untyped-def]
    pointers, columns, values, begin, end, U, V, bu, bi, mean, regularization, has_biases,
    to_U, to_bu,
):
    """Write the gradient of the rows begin..end.

    ``dL/du_n = sum over m of e_nm v_m + regularization u_n`` with ``e_nm = r_hat_nm - r_nm``: a
    row of ``E V``, fused with the errors, so that E is never stored. With users and items
    exchanged, and the ratings sorted by item, it is ``E^T U``.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_rows + 1,)
    columns : ndarray of int32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
    U, to_U : ndarray of float32, shape (n_rows, n_factors)
    V : ndarray of float32, shape (n_columns, n_factors)
    bu, to_bu, bi : ndarray of float32, shapes (n_rows,), (n_rows,), (n_columns,)
    mean, regularization : float32
    has_biases : bool
        Off: the gradient of the biases is 0.
    """
    for n in range(begin, end):
        u = U[n]
        gradient = to_U[n]
        bias_gradient = np.float32(0)
        for f in range(u.size):
            gradient[f] = regularization * u[f]
        known = mean + bu[n]
        k = pointers[n]
        last = pointers[n + 1]
        while k + 8 <= last:
            m0, m1, m2, m3 = columns[k], columns[k + 1], columns[k + 2], columns[k + 3]
            m4, m5, m6, m7 = columns[k + 4], columns[k + 5], columns[k + 6], columns[k + 7]
            v0, v1, v2, v3, v4, v5, v6, v7 = V[m0], V[m1], V[m2], V[m3], V[m4], V[m5], V[m6], V[m7]
            e0 = e1 = e2 = e3 = e4 = e5 = e6 = e7 = np.float32(0)
            for f in range(u.size):
                e0 += u[f] * v0[f]
                e1 += u[f] * v1[f]
                e2 += u[f] * v2[f]
                e3 += u[f] * v3[f]
                e4 += u[f] * v4[f]
                e5 += u[f] * v5[f]
                e6 += u[f] * v6[f]
                e7 += u[f] * v7[f]
            e0 += known + bi[m0] - values[k]
            e1 += known + bi[m1] - values[k + 1]
            e2 += known + bi[m2] - values[k + 2]
            e3 += known + bi[m3] - values[k + 3]
            e4 += known + bi[m4] - values[k + 4]
            e5 += known + bi[m5] - values[k + 5]
            e6 += known + bi[m6] - values[k + 6]
            e7 += known + bi[m7] - values[k + 7]
            for f in range(u.size):
                gradient[f] += (e0 * v0[f] + e1 * v1[f] + e2 * v2[f] + e3 * v3[f]
                                + e4 * v4[f] + e5 * v5[f] + e6 * v6[f] + e7 * v7[f])
            bias_gradient += e0 + e1 + e2 + e3 + e4 + e5 + e6 + e7
            k += 8
        while k < last:
            m = columns[k]
            v = V[m]
            error = np.float32(0)
            for f in range(u.size):
                error += u[f] * v[f]
            error += known + bi[m] - values[k]
            for f in range(u.size):
                gradient[f] += error * v[f]
            bias_gradient += error
            k += 1
        to_bu[n] = bias_gradient + regularization * bu[n] if has_biases else np.float32(0)


@kernel
def curvature_rows(  # type: ignore[no-untyped-def]
    pointers, columns, values, begin, end, U, V, bu, bi, P, Q, pb, qb, mean, regularization,
    has_biases, out, out_b,
):
    """Write the rows begin..end of the Hessian times a direction (P, Q, pb, qb).

    With ``a_nm = p_n . v_m + u_n . q_m + pb_n + qb_m``, what the direction changes of r_hat, it is
    ``sum over m of (a_nm v_m + e_nm q_m) + regularization p_n``; of a bias ``sum of a_nm +
    regularization pb_n``.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_rows + 1,)
    columns : ndarray of int32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
    U, P, out : ndarray of float32, shape (n_rows, n_factors)
    V, Q : ndarray of float32, shape (n_columns, n_factors)
    bu, pb, out_b : ndarray of float32, shape (n_rows,)
    bi, qb : ndarray of float32, shape (n_columns,)
    mean, regularization : float32
    has_biases : bool
    """
    for n in range(begin, end):
        u = U[n]
        p = P[n]
        product = out[n]
        bias_product = np.float32(0)
        for f in range(u.size):
            product[f] = regularization * p[f]
        known = mean + bu[n]
        k = pointers[n]
        last = pointers[n + 1]
        while k + 4 <= last:
            m0, m1, m2, m3 = columns[k], columns[k + 1], columns[k + 2], columns[k + 3]
            v0, v1, v2, v3 = V[m0], V[m1], V[m2], V[m3]
            q0, q1, q2, q3 = Q[m0], Q[m1], Q[m2], Q[m3]
            e0 = e1 = e2 = e3 = a0 = a1 = a2 = a3 = np.float32(0)
            for f in range(u.size):
                e0 += u[f] * v0[f]
                e1 += u[f] * v1[f]
                e2 += u[f] * v2[f]
                e3 += u[f] * v3[f]
                a0 += p[f] * v0[f] + u[f] * q0[f]
                a1 += p[f] * v1[f] + u[f] * q1[f]
                a2 += p[f] * v2[f] + u[f] * q2[f]
                a3 += p[f] * v3[f] + u[f] * q3[f]
            e0 += known + bi[m0] - values[k]
            e1 += known + bi[m1] - values[k + 1]
            e2 += known + bi[m2] - values[k + 2]
            e3 += known + bi[m3] - values[k + 3]
            a0 += pb[n] + qb[m0]
            a1 += pb[n] + qb[m1]
            a2 += pb[n] + qb[m2]
            a3 += pb[n] + qb[m3]
            for f in range(u.size):
                product[f] += (a0 * v0[f] + e0 * q0[f] + a1 * v1[f] + e1 * q1[f]
                               + a2 * v2[f] + e2 * q2[f] + a3 * v3[f] + e3 * q3[f])
            bias_product += a0 + a1 + a2 + a3
            k += 4
        while k < last:
            m = columns[k]
            v = V[m]
            q = Q[m]
            error = change = np.float32(0)
            for f in range(u.size):
                error += u[f] * v[f]
                change += p[f] * v[f] + u[f] * q[f]
            error += known + bi[m] - values[k]
            change += pb[n] + qb[m]
            for f in range(u.size):
                product[f] += change * v[f] + error * q[f]
            bias_product += change
            k += 1
        out_b[n] = bias_product + regularization * pb[n] if has_biases else np.float32(0)


@kernel
def quartic_sums(  # type: ignore[no-untyped-def]
    pointers, columns, values, begin, end, U, V, bu, bi, P, Q, pb, qb, mean,
):
    """Return the five coefficients of ``1/2 sum e(t)^2`` over the rows begin..end, in float64.

    Along the direction (P, Q, pb, qb) an error is ``e + t a + t^2 b``, with
    ``a = p_n . v_m + u_n . q_m + pb_n + qb_m`` and ``b = p_n . q_m``.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_rows + 1,)
    columns : ndarray of int32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
    U, P : ndarray of float32, shape (n_rows, n_factors)
    V, Q : ndarray of float32, shape (n_columns, n_factors)
    bu, pb : ndarray of float32, shape (n_rows,)
    bi, qb : ndarray of float32, shape (n_columns,)
    mean : float32
    """
    c0 = c1 = c2 = c3 = c4 = 0.0
    for n in range(begin, end):
        u = U[n]
        p = P[n]
        known = mean + bu[n]
        k = pointers[n]
        last = pointers[n + 1]
        while k < last:
            # An odd one left over stands in both places, and counts as nothing in the second.
            is_pair = k + 1 < last
            m0, m1 = columns[k], columns[k + is_pair]
            v0, v1, q0, q1 = V[m0], V[m1], Q[m0], Q[m1]
            error0 = error1 = change0 = change1 = bend0 = bend1 = np.float32(0)
            for f in range(u.size):
                error0 += u[f] * v0[f]
                error1 += u[f] * v1[f]
                change0 += p[f] * v0[f] + u[f] * q0[f]
                change1 += p[f] * v1[f] + u[f] * q1[f]
                bend0 += p[f] * q0[f]
                bend1 += p[f] * q1[f]
            e = np.float64(error0 + (known + bi[m0] - values[k]))
            a = np.float64(change0 + (pb[n] + qb[m0]))
            b = np.float64(bend0)
            c0 += 0.5 * e * e
            c1 += e * a
            c2 += 0.5 * a * a + e * b
            c3 += a * b
            c4 += 0.5 * b * b
            if is_pair:
                e = np.float64(error1 + (known + bi[m1] - values[k + 1]))
                a = np.float64(change1 + (pb[n] + qb[m1]))
                b = np.float64(bend1)
                c0 += 0.5 * e * e
                c1 += e * a
                c2 += 0.5 * a * a + e * b
                c3 += a * b
                c4 += 0.5 * b * b
            k += 2
    return c0, c1, c2, c3, c4


@kernel
def row_sums(pointers, columns, begin, end, x, out):  # type: ignore[no-untyped-def]
    """Write the sum of ``x`` over the rated columns of each of the rows begin..end.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_rows + 1,)
    columns : ndarray of int32, shape (n_ratings,)
    x, out : ndarray of float64, shapes (n_columns,), (n_rows,)
    """
    for n in range(begin, end):
        total = 0.0
        for k in range(pointers[n], pointers[n + 1]):
            total += x[columns[k]]
        out[n] = total
