"""Compiled: rows of one side by conjugate gradients, the other side fixed.

A row ``x`` with bias ``b`` is a least squares problem of its own: with the rows ``y`` of what it
rated, targets t and weights w, solve ``A (x, b) = sum of t (y, 1)`` with ``A = sum of w (y, 1)
(y, 1)^T + scale base + diag(ridges)``. A is never formed: each pass reads the rows ``y`` where they
stand. Copying them side by side first was measured slower up to the size of the processor's
cache, and 10 % faster beyond it.

Eight ratings at a time, since a vector of sums is then read and written once for eight products:
four took 10 % longer. All of it in one file: a compiled function that is kept in the cache does not
notice that one of another file has changed.
"""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

# Of the squared gradient at the start: it has come down by six digits, all that float32 has.
ENOUGH = 1e-12
# Of the steepest curvature met: what lies below it is rounding, and a step along it a leap.
FLAT = 1e-6


@kernel
def inner(x, y):  # type: ignore[no-untyped-def]
    """Return ``x . y`` in float64: the squares of tiny or huge float32 numbers are none."""
    total = 0.0
    for f in range(x.size):
        total += np.float64(x[f]) * np.float64(y[f])
    return total


@kernel
def take_base(base, scale, x, g):  # type: ignore[no-untyped-def]
    """Take ``scale base x`` off ``g``.

    Parameters
    ----------
    base : ndarray of float32, shape (n_factors, n_factors) or (0, 0)
        Symmetric: a row is read for a column.
    scale : float32
    x, g : ndarray of float32, shape (n_factors,)
    """
    i = 0
    while i + 8 <= base.shape[0]:
        b0 = base[i]
        b1 = base[i + 1]
        b2 = base[i + 2]
        b3 = base[i + 3]
        b4 = base[i + 4]
        b5 = base[i + 5]
        b6 = base[i + 6]
        b7 = base[i + 7]
        c0 = scale * x[i]
        c1 = scale * x[i + 1]
        c2 = scale * x[i + 2]
        c3 = scale * x[i + 3]
        c4 = scale * x[i + 4]
        c5 = scale * x[i + 5]
        c6 = scale * x[i + 6]
        c7 = scale * x[i + 7]
        for f in range(g.size):
            g[f] -= (b0[f] * c0 + b1[f] * c1 + b2[f] * c2 + b3[f] * c3
                     + b4[f] * c4 + b5[f] * c5 + b6[f] * c6 + b7[f] * c7)
        i += 8
    while i < base.shape[0]:
        b0 = base[i]
        c0 = scale * x[i]
        for f in range(g.size):
            g[f] -= b0[f] * c0
        i += 1


@kernel
def add_residual(others, columns, targets, weights, begin, end, x, bias, is_curvature, g):  # type: ignore[no-untyped-def]
    """Add ``sum of (t - w (y.x + b)) y`` over a row's ratings begin..end to ``g``.

    With targets of 0 it takes a product with A, but for base and ridges, off.

    Parameters
    ----------
    others : ndarray of float32, shape (n_columns, n_factors)
    columns : ndarray of int32, shape (count,)
        The row's own, as are targets and weights.
    targets, weights : ndarray of float32, shape (count,)
    x, g : ndarray of float32, shape (n_factors,)
    bias : float32
    is_curvature : bool
        Leave ``g`` as it is, half the work.

    Returns
    -------
    float64
        The same sum without the ``y``, the bias's part; or for ``is_curvature``
        ``sum of (w (y.x + b) - t) (y.x + b)``, with targets of 0 the curvature along x.
    """
    total = 0.0
    k = begin
    while k + 8 <= end:
        y0 = others[columns[k]]
        y1 = others[columns[k + 1]]
        y2 = others[columns[k + 2]]
        y3 = others[columns[k + 3]]
        y4 = others[columns[k + 4]]
        y5 = others[columns[k + 5]]
        y6 = others[columns[k + 6]]
        y7 = others[columns[k + 7]]
        s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = bias
        for f in range(x.size):
            s0 += y0[f] * x[f]
            s1 += y1[f] * x[f]
            s2 += y2[f] * x[f]
            s3 += y3[f] * x[f]
            s4 += y4[f] * x[f]
            s5 += y5[f] * x[f]
            s6 += y6[f] * x[f]
            s7 += y7[f] * x[f]
        d0 = targets[k] - weights[k] * s0
        d1 = targets[k + 1] - weights[k + 1] * s1
        d2 = targets[k + 2] - weights[k + 2] * s2
        d3 = targets[k + 3] - weights[k + 3] * s3
        d4 = targets[k + 4] - weights[k + 4] * s4
        d5 = targets[k + 5] - weights[k + 5] * s5
        d6 = targets[k + 6] - weights[k + 6] * s6
        d7 = targets[k + 7] - weights[k + 7] * s7
        if is_curvature:
            total -= np.float64(d0 * s0 + d1 * s1 + d2 * s2 + d3 * s3
                                + d4 * s4 + d5 * s5 + d6 * s6 + d7 * s7)
        else:
            for f in range(g.size):
                g[f] += (y0[f] * d0 + y1[f] * d1 + y2[f] * d2 + y3[f] * d3
                         + y4[f] * d4 + y5[f] * d5 + y6[f] * d6 + y7[f] * d7)
            total += np.float64(d0 + d1 + d2 + d3 + d4 + d5 + d6 + d7)
        k += 8
    while k < end:
        y0 = others[columns[k]]
        s0 = bias
        for f in range(x.size):
            s0 += y0[f] * x[f]
        d0 = targets[k] - weights[k] * s0
        if is_curvature:
            total -= np.float64(d0 * s0)
        else:
            for f in range(g.size):
                g[f] += y0[f] * d0
            total += np.float64(d0)
        k += 1
    return total


@kernel
def descend_rows(  # type: ignore[no-untyped-def]
    pointers, columns, targets, weights, begin, end, rows, bias, others, ridges, bias_ridges, base,
    scales, has_biases, n_steps,
):
    """Take ``n_steps`` conjugate gradient steps in each row begin..end, from where it stands.

    Hestenes and Stiefel (1952), the gradient's sign turned: ``g = b - A x``, ``q = -A p``. The
    last step needs no gradient after it: half a pass less.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_rows + 1,)
    columns : ndarray of int32, shape (n_ratings,)
    targets, weights : ndarray of float32
        Of the ratings of the rows begin..end alone.
    rows, bias : ndarray of float32, shapes (n_rows, n_factors), (n_rows,)
        Changed. Rows without a rating become 0.
    others : ndarray of float32, shape (n_columns, n_factors)
    ridges, bias_ridges : ndarray of float32, shape (n_rows,)
    base : ndarray of float32, shape (n_factors, n_factors) or (0, 0)
    scales : ndarray of float32, shape (n_rows,) or (0,)
        What base is multiplied by in each row; empty where there is none.
    has_biases : bool
    n_steps : int
    """
    longest = 0
    for n in range(begin, end):
        longest = max(longest, pointers[n + 1] - pointers[n])
    zeros = np.zeros(longest, np.float32)
    work = np.empty((3, rows.shape[1]), np.float32)
    g, p, q = work[0], work[1], work[2]
    offset = pointers[begin]
    for n in range(begin, end):
        first = pointers[n]
        count = pointers[n + 1] - first
        x = rows[n]
        if count == 0:
            x[:] = np.float32(0)
            bias[n] = np.float32(0)
            continue
        scale = scales[n] if scales.size else np.float32(0)
        mine = columns[first : first + count]
        my_targets = targets[first - offset : first - offset + count]
        my_weights = weights[first - offset : first - offset + count]
        g_bias = p_bias = np.float32(0)
        square = p_square = steepest = enough = 0.0
        # Step 0 is no step: it has the row in place of a direction, and gives the gradient.
        for step in range(n_steps + 1):
            is_start, is_last = step == 0, step == n_steps
            v = x if is_start else p
            v_bias = bias[n] if is_start else p_bias
            for f in range(v.size):
                q[f] = -ridges[n] * v[f]
            take_base(base, scale, v, q)
            total = add_residual(
                others, mine, my_targets if is_start else zeros, my_weights, 0, count, v, v_bias,
                is_last, q)
            held = np.float64(bias_ridges[n]) * np.float64(v_bias)
            q_bias = np.float32(total - held) if has_biases else np.float32(0)
            if is_start:
                for f in range(g.size):
                    g[f] = q[f]
                    p[f] = q[f]
                g_bias = p_bias = q_bias
                square = inner(g, g) + np.float64(g_bias) * np.float64(g_bias)
                p_square = square
                enough = ENOUGH * square
                if not square > 0:
                    break
                continue
            if is_last:
                curved = total + held * np.float64(p_bias) - inner(p, q)
            else:
                curved = -inner(p, q) - np.float64(p_bias) * np.float64(q_bias)
            steepest = max(steepest, curved / p_square)
            if not curved > FLAT * steepest * p_square:
                break
            alpha = np.float32(square / curved)
            for f in range(x.size):
                x[f] += alpha * p[f]
            bias[n] += alpha * p_bias
            if is_last:
                break
            for f in range(g.size):
                g[f] += alpha * q[f]
            g_bias += alpha * q_bias
            before = square
            square = inner(g, g) + np.float64(g_bias) * np.float64(g_bias)
            if not square > enough:
                break
            beta = square / before
            p_square = square + beta * beta * p_square  # g and the old p are orthogonal
            for f in range(p.size):
                p[f] = g[f] + np.float32(beta) * p[f]
            p_bias = g_bias + np.float32(beta) * p_bias
