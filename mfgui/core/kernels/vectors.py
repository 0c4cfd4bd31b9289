"""Compiled: long vectors of float32, a block of numbers a call; sums are made in float64."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def inner(x, y, begin, end):  # type: ignore[no-untyped-def]
    """Return ``x . y`` over begin..end.

    Parameters
    ----------
    x, y : ndarray of float32, shape (n,)
    """
    total = 0.0
    for k in range(begin, end):
        total += np.float64(x[k]) * np.float64(y[k])
    return total


@kernel
def combine(a, x, b, y, out, begin, end):  # type: ignore[no-untyped-def]
    """Write ``a x + b y`` over begin..end; ``out`` may be x or y.

    Parameters
    ----------
    a, b : float32
    x, y, out : ndarray of float32, shape (n,)
    """
    for k in range(begin, end):
        out[k] = a * x[k] + b * y[k]


@kernel
def adam_step(x, gradient, first, second, keep_first, keep_second, rate, tiny, begin, end):  # type: ignore[no-untyped-def]
    """Take one step of Adam over begin..end, both moments included.

    ``m = b1 m + (1 - b1) g``, ``v = b2 v + (1 - b2) g^2``, ``x -= rate m / (sqrt(v) + tiny)``.

    Parameters
    ----------
    x, gradient, first, second : ndarray of float32, shape (n,)
        ``first`` and ``second`` are the moments m and v.
    keep_first, keep_second : float32
        b1 and b2.
    rate, tiny : float32
        With the corrections for the moments' start from 0.
    """
    one = np.float32(1)
    for k in range(begin, end):
        g = gradient[k]
        first[k] = keep_first * first[k] + (one - keep_first) * g
        second[k] = keep_second * second[k] + (one - keep_second) * g * g
        x[k] -= rate * first[k] / (np.sqrt(second[k]) + tiny)
