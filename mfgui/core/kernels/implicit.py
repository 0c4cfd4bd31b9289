"""Compiled: what implicit alternating least squares makes of counts, and its objective."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

# Beyond it a confidence is as good as infinite, and float32 would overflow.
LARGEST = 1e30
# A row with a larger weight is divided by it: the squares of its gradient would overflow.
LARGE = np.float32(1e6)


@kernel
def fill_excess(values, begin, end, alpha, median, is_log, excess):  # type: ignore[no-untyped-def]
    """Write by how much the confidence of each value is above 1, -1 where the preference is 0.

    Parameters
    ----------
    values, excess : ndarray of float32, shape (n_ratings,)
    alpha, median : float64
    is_log : bool
        ``alpha log(1 + r / median)``, or ``alpha r``.
    """
    for k in range(begin, end):
        value = np.float64(values[k])
        if value > 0:
            amount = np.log1p(value / median) if is_log else value
            excess[k] = np.float32(min(alpha * amount, LARGEST))
        else:
            excess[k] = np.float32(-1)


@kernel
def fill_scales(pointers, excess, begin, end, scales):  # type: ignore[no-untyped-def]
    """Write what each row begin..end is multiplied by: 1, or 1 over a very large weight."""
    for n in range(begin, end):
        largest = LARGE
        for k in range(pointers[n], pointers[n + 1]):
            largest = max(largest, excess[k])
        scales[n] = np.float32(1) / largest if largest > LARGE else np.float32(1)


@kernel
def fill_targets(pointers, excess, scales, begin, end, targets, weights):  # type: ignore[no-untyped-def]
    """Write targets c p and weights c - 1 of the rows begin..end, times the row's scale.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_rows + 1,)
    excess : ndarray of float32, shape (n_ratings,)
    scales : ndarray of float32, shape (n_rows,)
    targets, weights : ndarray of float32
        Of the ratings of these rows alone.
    """
    offset = pointers[begin]
    for n in range(begin, end):
        for k in range(pointers[n], pointers[n + 1]):
            weight = excess[k]
            is_preferred = weight >= 0
            weights[k - offset] = weight * scales[n] if is_preferred else np.float32(0)
            targets[k - offset] = (np.float32(1) + weight) * scales[n] if is_preferred else (
                np.float32(0))


@kernel
def preferred_sum(pointers, columns, excess, begin, end, X, Y):  # type: ignore[no-untyped-def]
    """Return ``sum of c (1 - x.y)^2 - (x.y)^2`` over the preferred cells of the rows begin..end.

    What the objective's sum over all cells has beside ``sum of (x.y)^2``; in float64.
    """
    total = 0.0
    for n in range(begin, end):
        x = X[n]
        for k in range(pointers[n], pointers[n + 1]):
            if excess[k] < 0:
                continue
            y = Y[columns[k]]
            score = 0.0
            for f in range(x.size):
                score += np.float64(x[f]) * np.float64(y[f])
            confidence = 1.0 + np.float64(excess[k])
            total += confidence * (1.0 - score) * (1.0 - score) - score * score
    return total
