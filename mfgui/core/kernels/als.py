"""Compiled: what explicit alternating least squares asks of its rows."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def fill_targets(columns, values, begin, end, mean, inverse_sd, other_bias, targets):  # type: ignore[no-untyped-def]
    """Write ``(r - mean) / sd - b_other`` of the ratings begin..end to ``targets``.

    Parameters
    ----------
    columns : ndarray of int32, shape (n_ratings,)
    values : ndarray of float32, shape (n_ratings,)
    mean, inverse_sd : float64
        In float64, lest ratings far from 0 lose their digits.
    other_bias : ndarray of float32, shape (n_columns,)
    targets : ndarray of float32, shape (end - begin,)
    """
    for k in range(begin, end):
        normalised = np.float32((np.float64(values[k]) - mean) * inverse_sd)
        targets[k - begin] = normalised - other_bias[columns[k]]
