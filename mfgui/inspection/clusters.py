"""Groups of rows whose factors are alike: k-means.

Seeds are drawn by k-means++ (Arthur and Vassilvitskii 2007, k-means++: The Advantages of Careful
Seeding, SODA), then Lloyd's rounds follow. Centres are fitted to at most ``ROWS_TO_FIT`` rows,
spread evenly over all; every row then goes to its nearest centre.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import FloatArray, IntArray

ROWS_TO_FIT = 1 << 15
N_ROUNDS = 30


@dataclass(frozen=True, eq=False)
class Clusters:
    """Which group each row belongs to; groups are numbered from the largest to the smallest.

    Parameters
    ----------
    labels : ndarray of int32, shape (n_rows,)
    centres : ndarray of float32, shape (n_clusters, n_factors)
        At most as many as were asked for, and as there are different rows.
    sizes : ndarray of int64, shape (n_clusters,)
        Rows of each group.
    """

    labels: IntArray
    centres: FloatArray
    sizes: NDArray[np.int64]

    @property
    def n_clusters(self) -> int:
        """Number of groups."""
        return int(self.centres.shape[0])


def k_means(
    factors: FloatArray, n_clusters: int, *, start: FloatArray | None = None, seed: int = 0
) -> Clusters:
    """Return rows in groups, without holding the GIL.

    Parameters
    ----------
    factors : ndarray of float32, shape (n_rows, n_factors)
        A row that is not finite goes to some group and has no part in its centre.
    n_clusters : int
        At least 1.
    start : ndarray of float32, shape (n_clusters, n_factors), or None
        Centres to go on from, as those of an epoch before: groups then keep their numbers.
    seed : int
    """
    stride = -(-factors.shape[0] // ROWS_TO_FIT) or 1
    sample = np.ascontiguousarray(factors[::stride])
    is_continued = start is not None and start.shape[1:] == factors.shape[1:]
    centres = start if is_continued else _seeds(sample, n_clusters, np.random.default_rng(seed))
    assert centres is not None
    for _ in range(N_ROUNDS):
        before, centres = centres, _round(sample, centres)[0]
        if np.array_equal(before, centres):
            break
    _, labels, sizes = _round(factors, centres)
    if is_continued:
        return Clusters(labels, centres, sizes)
    order = np.argsort(-sizes, kind="stable")
    numbers = np.empty(order.size, np.int32)
    numbers[order] = np.arange(order.size, dtype=np.int32)
    return Clusters(numbers[labels], centres[order], sizes[order])


def _seeds(rows: FloatArray, n_clusters: int, rng: np.random.Generator) -> FloatArray:
    """Return rows that lie far apart, each drawn by its squared distance from those before."""
    from mfgui.core.kernels.clusters import lessen_gaps

    gaps = np.asarray(np.isfinite(rows).all(axis=1), np.float64)
    # so the first is any, and none more likely than another
    seeds: list[FloatArray] = []
    while len(seeds) < n_clusters:
        total = np.cumsum(gaps)
        if not (total.size and total[-1] > 0):
            break  # there are no more different rows
        seeds.append(rows[int(np.searchsorted(total, rng.random() * total[-1], side="right"))])
        if len(seeds) == 1:
            gaps[:] = np.inf
        lessen_gaps(rows, seeds[-1], gaps)
    return np.array(seeds or [np.zeros(rows.shape[1], np.float32)])


def _round(
    rows: FloatArray, centres: FloatArray
) -> tuple[FloatArray, IntArray, NDArray[np.int64]]:
    """Return the mean of each centre's rows (of none, itself), each row's centre, and sizes."""
    from mfgui.core.kernels.clusters import assign_rows

    labels = np.empty(rows.shape[0], np.int32)
    sums, counts = np.zeros(centres.shape), np.zeros(centres.shape[0], np.int64)
    assign_rows(rows, centres, labels, sums, counts)
    means = (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)
    return np.where(counts[:, None] > 0, means, centres), labels, counts
