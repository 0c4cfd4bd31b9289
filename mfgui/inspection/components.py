"""Principal components of factors, in float64: the directions in which rows differ most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DoubleArray = NDArray[np.float64]
ROWS_PER_PART = 1 << 13


@dataclass(frozen=True, eq=False)
class Components:
    """Directions in factor space, the one with the most variance first.

    Parameters
    ----------
    centre : ndarray of float64, shape (n_factors,)
        Mean of the rows that took part.
    vectors : ndarray of float64, shape (n_factors, n_factors)
        Column k is component k, of length 1; its largest element is positive.
    shares : ndarray of float64, shape (n_factors,)
        Each component's share of the whole variance, 0 to 1; 0 where there is no variance.
    """

    centre: DoubleArray
    vectors: DoubleArray
    shares: DoubleArray

    def project(self, factors: NDArray[np.floating], component: int) -> NDArray[np.float32]:
        """Return where rows lie along a component, shape (n_rows,)."""
        vector = self.vectors[:, component]
        with np.errstate(over="ignore", invalid="ignore"):  # of factors that diverged
            along = factors @ vector.astype(factors.dtype) - float(self.centre @ vector)
        return np.asarray(along, np.float32)


def principal_components(factors: NDArray[np.floating]) -> Components:
    """Return the principal components of rows of factors.

    Rows of 0, as those without a training rating have, and rows that are not finite take no part.

    Parameters
    ----------
    factors : ndarray, shape (n_rows, n_factors)
    """
    n_factors = factors.shape[1]
    total, gram, n_rows = np.zeros(n_factors), np.zeros((n_factors, n_factors)), 0
    for begin in range(0, factors.shape[0], ROWS_PER_PART):
        part = factors[begin : begin + ROWS_PER_PART].astype(np.float64)
        part = part[np.isfinite(part).all(axis=1) & part.any(axis=1)]
        total += part.sum(axis=0)
        gram += part.T @ part
        n_rows += part.shape[0]
    centre = total / max(n_rows, 1)
    covariance = gram / max(n_rows, 1) - np.outer(centre, centre)
    values, vectors = np.linalg.eigh(covariance)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    largest = vectors[np.argmax(np.abs(vectors), axis=0), np.arange(n_factors)]
    vectors = vectors * np.where(largest < 0, -1.0, 1.0)
    whole = float(values.sum())
    return Components(centre, vectors, values / whole if whole > 0 else np.zeros(n_factors))
