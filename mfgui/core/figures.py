"""A figure with how far chance may have moved it: means over users and ratios of their sums."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Figure:
    """A measured figure.

    Parameters
    ----------
    value : float or None
        None where there is nothing to measure on, or it is not finite.
    error : float or None
        Its standard error; None where it cannot be known, as from one user.
    """

    value: float | None
    error: float | None = None


NOTHING = Figure(None)


def mean_figure(values: Numbers) -> Figure:
    """Return the mean of one number a user, with its standard error.

    The standard error is ``s / sqrt(n)``, s with n - 1 below: users are taken as drawn at random.
    """
    if not values.size:
        return NOTHING
    mean = math.fsum(values) / values.size
    return sound(mean, _spread(values, mean) / math.sqrt(values.size))


def ratio_figure(sums: Numbers, counts: Numbers) -> Figure:
    """Return ``sum(sums) / sum(counts)`` over users, with its standard error.

    The ratio's linearization, users taken as drawn at random [1]_: with
    ``d_n = sums_n - counts_n ratio`` the variance is ``n / (n - 1) sum d_n^2 / sum(counts)^2``.
    Errors of one user are alike, so taking ratings for independent would promise too much.

    Parameters
    ----------
    sums, counts : ndarray of float64, shape (n_users,)

    References
    ----------
    .. [1] Cochran (1977), Sampling Techniques, 3rd edition, Wiley, chapter 6.
    """
    total = math.fsum(counts)
    if not total:
        return NOTHING
    ratio = math.fsum(sums) / total
    n = sums.size
    if n < 2 or not math.isfinite(ratio):
        return sound(ratio, math.nan)
    squares = math.fsum(np.square(sums - counts * ratio))
    return sound(ratio, math.sqrt(n / (n - 1) * squares) / total)


def root_figure(figure: Figure) -> Figure:
    """Return the root of a figure; the standard error by the delta method, ``se / (2 root)``."""
    if figure.value is None:
        return NOTHING
    root = math.sqrt(max(figure.value, 0.0))
    if figure.error is None or not root:
        return Figure(root, None if root else figure.error)
    return sound(root, figure.error / (2 * root))


def spread_figure(values: Sequence[float | None]) -> Figure:
    """Return the mean over folds, and in place of a standard error their standard deviation.

    Training parts of folds overlap, so that their spread divided by a root of their number would
    promise too much: there is no unbiased estimate of the variance of a cross-validated mean
    (Bengio, Grandvalet 2004, JMLR 5).
    """
    known = np.array([value for value in values if value is not None], np.float64)
    if not known.size:
        return NOTHING
    mean = math.fsum(known) / known.size
    return sound(mean, _spread(known, mean))


def sound(value: float, error: float) -> Figure:
    """Return a figure without what is not finite."""
    if not math.isfinite(value):
        return NOTHING
    return Figure(value, error if math.isfinite(error) else None)


def _spread(values: Numbers, mean: float) -> float:
    """Return the standard deviation, n - 1 below; NaN of a single value."""
    if values.size < 2:
        return math.nan
    return math.sqrt(math.fsum(np.square(values - mean)) / (values.size - 1))
