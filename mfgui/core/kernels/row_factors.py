"""Compiled: rows of one side by Cholesky factors, the other side fixed.

The problem is that of ``row_descent``, solved to the end: A is formed, row by row of its upper
triangle, and the change from the row as it is solved for. So rounding and the tiny ridge below
weigh on what is left to do, not on what was reached, and the objective does not rise.

Rows of A begin at the last multiple of 8 before the diagonal, which fits the vector registers: 10
to 25 % faster. What stands left of the diagonal is never read.
"""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

# Of each diagonal entry, added to it: float32 cannot tell a smaller pivot from 0. Where A is
# singular (a regularization of 0 and fewer ratings than factors) the row moves little.
TINY_RIDGE = np.float32(1e-5)
# A pivot below this share of its diagonal entry is rounding alone: that number stays as it is.
TINY_PIVOT = np.float32(1e-6)


@kernel
def begin_matrix(base, scale, ridge, bias_ridge, has_bias, matrix):  # type: ignore[no-untyped-def]
    """Write A before its ratings: ``scale base`` and the ridges.

    Parameters
    ----------
    base : ndarray of float32, shape (n_factors, n_factors) or (0, 0)
    scale, ridge, bias_ridge : float32
    has_bias : bool
    matrix : ndarray of float32, shape (n, n)
        n is the number of factors; with a bias one more, the last.
    """
    n = matrix.shape[0]
    for i in range(n):
        row = matrix[i]
        for j in range(n):
            row[j] = np.float32(0)
        if i < base.shape[0]:
            given = base[i]
            for j in range(given.size):
                row[j] = scale * given[j]
        row[i] += bias_ridge if has_bias and i == n - 1 else ridge


@kernel
def add_ratings(  # type: ignore[no-untyped-def]
    others, columns, targets, weights, begin, end, x, bias, has_bias, matrix, g,
):
    """Add a row's ratings begin..end to A and, as far as the row leaves them, to ``g``.

    ``sum of w (y, 1)(y, 1)^T`` and ``sum of (t - w (y.x + b)) (y, 1)``. A product of A with the row
    would do for the second, but what it rounds lies anywhere, where A is singular too.

    Parameters
    ----------
    others : ndarray of float32, shape (n_columns, n_factors)
    columns : ndarray of int32, shape (count,)
        The row's own, as are targets and weights.
    targets, weights : ndarray of float32, shape (count,)
    x : ndarray of float32, shape (n_factors,)
    bias : float32
    has_bias : bool
    matrix : ndarray of float32, shape (n, n)
    g : ndarray of float32, shape (n,)
    """
    n_factors = others.shape[1]
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
        d0 = d1 = d2 = d3 = d4 = d5 = d6 = d7 = np.float32(0)
        for f in range(x.size):
            d0 += y0[f] * x[f]
            d1 += y1[f] * x[f]
            d2 += y2[f] * x[f]
            d3 += y3[f] * x[f]
            d4 += y4[f] * x[f]
            d5 += y5[f] * x[f]
            d6 += y6[f] * x[f]
            d7 += y7[f] * x[f]
        d0 = targets[k] - weights[k] * (d0 + bias)
        d1 = targets[k + 1] - weights[k + 1] * (d1 + bias)
        d2 = targets[k + 2] - weights[k + 2] * (d2 + bias)
        d3 = targets[k + 3] - weights[k + 3] * (d3 + bias)
        d4 = targets[k + 4] - weights[k + 4] * (d4 + bias)
        d5 = targets[k + 5] - weights[k + 5] * (d5 + bias)
        d6 = targets[k + 6] - weights[k + 6] * (d6 + bias)
        d7 = targets[k + 7] - weights[k + 7] * (d7 + bias)
        for f in range(x.size):
            g[f] += (y0[f] * d0 + y1[f] * d1 + y2[f] * d2 + y3[f] * d3
                     + y4[f] * d4 + y5[f] * d5 + y6[f] * d6 + y7[f] * d7)
        total += np.float64(d0 + d1 + d2 + d3 + d4 + d5 + d6 + d7)
        for i in range(n_factors):
            c0 = weights[k] * y0[i]
            c1 = weights[k + 1] * y1[i]
            c2 = weights[k + 2] * y2[i]
            c3 = weights[k + 3] * y3[i]
            c4 = weights[k + 4] * y4[i]
            c5 = weights[k + 5] * y5[i]
            c6 = weights[k + 6] * y6[i]
            c7 = weights[k + 7] * y7[i]
            start = (i >> 3) << 3
            row = matrix[i, start:n_factors]
            r0 = y0[start:]
            r1 = y1[start:]
            r2 = y2[start:]
            r3 = y3[start:]
            r4 = y4[start:]
            r5 = y5[start:]
            r6 = y6[start:]
            r7 = y7[start:]
            for j in range(row.size):
                row[j] += (c0 * r0[j] + c1 * r1[j] + c2 * r2[j] + c3 * r3[j]
                           + c4 * r4[j] + c5 * r5[j] + c6 * r6[j] + c7 * r7[j])
            if has_bias:
                matrix[i, n_factors] += c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7
        k += 8
    while k < end:
        y0 = others[columns[k]]
        d0 = np.float32(0)
        for f in range(x.size):
            d0 += y0[f] * x[f]
        d0 = targets[k] - weights[k] * (d0 + bias)
        for f in range(x.size):
            g[f] += y0[f] * d0
        total += np.float64(d0)
        for i in range(n_factors):
            c0 = weights[k] * y0[i]
            row = matrix[i, i:n_factors]
            r0 = y0[i:]
            for j in range(row.size):
                row[j] += c0 * r0[j]
            if has_bias:
                matrix[i, n_factors] += c0
        k += 1
    if has_bias:
        weight = 0.0
        for at in range(begin, end):
            weight += np.float64(weights[at])
        matrix[n_factors, n_factors] += np.float32(weight)
        g[n_factors] += np.float32(total)


@kernel
def take_product(matrix, x, bias, g):  # type: ignore[no-untyped-def]
    """Write what ``begin_matrix`` made times ``-(x, b)`` to ``g``."""
    n = g.size
    for i in range(n):
        row = matrix[i]
        total = np.float32(0)
        for f in range(x.size):
            total += row[f] * x[f]
        if n > x.size:
            total += row[x.size] * bias
        g[i] = -total


@kernel
def factor_rows(matrix, begin, end):  # type: ignore[no-untyped-def]
    """Make the rows begin..end of ``R`` with ``R^T R = A`` of A's upper triangle, in place.

    Row by row, each after those above it: whole rows are added, so that no sum has to be gathered
    across a vector register.
    """
    for i in range(begin, end):
        start = (i >> 3) << 3
        row = matrix[i, start:]
        at = i - start
        diagonal = row[at]
        k = 0
        while k + 8 <= i:
            c0 = matrix[k, i]
            c1 = matrix[k + 1, i]
            c2 = matrix[k + 2, i]
            c3 = matrix[k + 3, i]
            c4 = matrix[k + 4, i]
            c5 = matrix[k + 5, i]
            c6 = matrix[k + 6, i]
            c7 = matrix[k + 7, i]
            r0 = matrix[k, start:]
            r1 = matrix[k + 1, start:]
            r2 = matrix[k + 2, start:]
            r3 = matrix[k + 3, start:]
            r4 = matrix[k + 4, start:]
            r5 = matrix[k + 5, start:]
            r6 = matrix[k + 6, start:]
            r7 = matrix[k + 7, start:]
            for j in range(row.size):
                row[j] -= (c0 * r0[j] + c1 * r1[j] + c2 * r2[j] + c3 * r3[j]
                           + c4 * r4[j] + c5 * r5[j] + c6 * r6[j] + c7 * r7[j])
            k += 8
        while k < i:
            c0 = matrix[k, i]
            r0 = matrix[k, start:]
            for j in range(row.size):
                row[j] -= c0 * r0[j]
            k += 1
        pivot = row[at] + TINY_RIDGE * diagonal
        inverse = np.float32(0)
        if pivot > TINY_PIVOT * diagonal:
            row[at] = pivot
            inverse = np.float32(1) / np.sqrt(pivot)
        for j in range(row.size):
            row[j] *= inverse


@kernel
def solve_factored(matrix, g):  # type: ignore[no-untyped-def]
    """Turn ``g`` into the solution of ``R^T R x = g``; 0 where a row of R is 0."""
    for k in range(g.size):
        row = matrix[k, k:]
        rest = g[k:]
        if row[0] > 0:
            value = rest[0] / row[0]
            for j in range(row.size):
                rest[j] -= value * row[j]
            rest[0] = value
        else:
            rest[0] = np.float32(0)
    for k in range(g.size - 1, -1, -1):
        row = matrix[k, k:]
        rest = g[k:]
        if row[0] > 0:
            total = np.float32(0)
            for j in range(1, row.size):
                total += row[j] * rest[j]
            rest[0] = (rest[0] - total) / row[0]


@kernel
def solve_rows(  # type: ignore[no-untyped-def]
    pointers, columns, targets, weights, begin, end, rows, bias, others, ridges, bias_ridges, base,
    scales, has_biases,
):
    """Solve each row begin..end; the parameters are those of ``row_descent.descend_rows``."""
    size = rows.shape[1] + 1 if has_biases else rows.shape[1]
    g = np.empty(size, np.float32)
    matrix = np.empty((size, size), np.float32)
    offset = pointers[begin]
    for n in range(begin, end):
        first = pointers[n]
        last = pointers[n + 1]
        x = rows[n]
        if first == last:
            x[:] = np.float32(0)
            bias[n] = np.float32(0)
            continue
        scale = scales[n] if scales.size else np.float32(0)
        begin_matrix(base, scale, ridges[n], bias_ridges[n], has_biases, matrix)
        take_product(matrix, x, bias[n], g)
        add_ratings(others, columns[first:last], targets[first - offset : last - offset],
                    weights[first - offset : last - offset], 0, last - first, x, bias[n],
                    has_biases, matrix, g)
        factor_rows(matrix, 0, size)
        solve_factored(matrix, g)
        for f in range(x.size):
            x[f] += g[f]
        if has_biases:
            bias[n] += g[x.size]
