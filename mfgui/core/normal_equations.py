"""Small symmetric systems in float64: inverses where there are some, and solutions above 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DoubleArray = NDArray[np.float64]
RELATIVE_PIVOT = 1e-12  # of a pseudo-inverse: eigenvalues below this share of the largest are 0
SOUND_PIVOT = 1e-10  # smallest of Cholesky's pivots, as a share of the largest, to invert plainly


def inverse_of(matrix: DoubleArray) -> DoubleArray:
    """Return the inverse of a symmetric matrix, its pseudo-inverse where it has none.

    Eigenvalues only where they are needed: they take three to ten times as long. NaN where the
    matrix is not finite, as of a model that has diverged.
    """
    if not np.isfinite(matrix).all():
        return np.full_like(matrix, np.nan)
    if _is_sound(matrix):
        return np.asarray(np.linalg.inv(matrix))
    values, vectors = np.linalg.eigh(matrix)
    largest = values[-1] if values.size else 0.0
    is_kept = values > RELATIVE_PIVOT * largest
    inverses = np.where(is_kept, 1.0 / np.where(is_kept, values, 1.0), 0.0)
    return np.asarray((vectors * inverses) @ vectors.T)


def _is_sound(matrix: DoubleArray) -> bool:
    """Return whether a symmetric matrix is positive definite, and far from not being so."""
    try:
        pivots = np.linalg.cholesky(matrix).diagonal() ** 2
    except np.linalg.LinAlgError:
        return False
    return bool(pivots.size and pivots.min() > SOUND_PIVOT * pivots.max())


def active_set(matrix: DoubleArray, right: DoubleArray) -> NDArray[np.bool_]:
    """Return which numbers of ``min 1/2 x.Ax - b.x, x >= 0`` are above 0.

    Lawson and Hanson (1974), Solving Least Squares Problems, chapter 23, on the normal equations;
    begun not from nothing but from what is above 0 when all that falls below is left out, again
    and again: then few are to be added, one by one.
    """
    active = np.ones(right.size, bool)
    x = np.zeros(right.size)
    while active.any():
        x = _best_on(matrix, right, active)
        falling = active & (x <= 0)
        if not falling.any():
            break
        active &= ~falling
        x[:] = 0
    tolerance = 1e-10 * max(float(np.abs(right).max(initial=0.0)), 1e-300)
    for _ in range(3 * right.size + 3):
        slope = right - matrix @ x
        slope[active] = -np.inf
        best = int(np.argmax(slope))
        if slope[best] <= tolerance:
            break
        active[best] = True
        x = _within(matrix, right, active, x)
    return active


def _best_on(
    matrix: DoubleArray, right: DoubleArray, active: NDArray[np.bool_]
) -> DoubleArray:
    """Return the x that minimizes ``1/2 x.Ax - b.x`` with 0 wherever it is not active."""
    x = np.zeros_like(right)
    x[active] = inverse_of(matrix[np.ix_(active, active)]) @ right[active]
    return x


def _within(
    matrix: DoubleArray, right: DoubleArray, active: NDArray[np.bool_], x: DoubleArray
) -> DoubleArray:
    """Return the best x on the active set, which loses what would fall below 0."""
    while active.any():
        goal = _best_on(matrix, right, active)
        falling = active & (goal <= 0)
        if not falling.any():
            return goal
        drop = x[falling] - goal[falling]
        step = float(np.min(np.where(drop > 0, x[falling] / np.where(drop > 0, drop, 1.0), 0.0)))
        x = x + step * (goal - x)
        gone = active & (x <= 1e-14 * max(float(np.abs(x).max()), 1e-300))
        gone |= falling & (x <= 0)
        active[gone if gone.any() else falling] = False
        x = np.where(active, x, 0.0)
    return np.zeros_like(x)
