"""Compiled: rows and their nearest centre, without BLAS, whose threads would take the cores."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def assign_rows(rows, centres, labels, sums, counts):  # type: ignore[no-untyped-def]
    """Write each row's nearest centre, and add the row to that centre's sum.

    Parameters
    ----------
    rows, centres : ndarray of float32, shapes (n_rows, n_factors), (n_clusters, n_factors)
        A row that is not finite is given to centre 0, and not added.
    labels : ndarray of int32, shape (n_rows,)
    sums, counts : ndarray of float64 and int64, shapes (n_clusters, n_factors), (n_clusters,)
    """
    for n in range(rows.shape[0]):
        row = rows[n]
        best = -1
        least = np.float32(np.inf)
        for c in range(centres.shape[0]):
            centre = centres[c]
            distance = np.float32(0)
            for f in range(row.size):
                gap = row[f] - centre[f]
                distance += gap * gap
            if distance < least:
                least = distance
                best = c
        labels[n] = max(best, 0)
        if best >= 0:
            counts[best] += 1
            for f in range(row.size):
                sums[best, f] += row[f]


@kernel
def lessen_gaps(rows, seed, gaps):  # type: ignore[no-untyped-def]
    """Lower each row's squared distance from the nearest seed, where this one is nearer.

    Parameters
    ----------
    rows : ndarray of float32, shape (n_rows, n_factors)
        A row that is not finite has no distance: it is no seed.
    seed : ndarray of float32, shape (n_factors,)
    gaps : ndarray of float64, shape (n_rows,)
    """
    for n in range(rows.shape[0]):
        row = rows[n]
        distance = np.float32(0)
        for f in range(row.size):
            gap = row[f] - seed[f]
            distance += gap * gap
        gaps[n] = min(gaps[n], np.float64(distance)) if distance < np.float32(np.inf) else 0.0
