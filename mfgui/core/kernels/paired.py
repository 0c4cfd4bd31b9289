"""Compiled: errors of two models on the same ratings, added up by user and by item."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def add_pair_errors(  # type: ignore[no-untyped-def]
    users, items, values, one, other, low, high, other_low, other_high, user_sums, item_sums
):
    """Add count, both squared errors and both absolute errors of each rating to its rows' sums.

    Parameters
    ----------
    users, items : ndarray of int32, shape (n_ratings,)
    values, one, other : ndarray of float32, shape (n_ratings,)
        Observed, and what each model predicts, before clipping.
    low, high, other_low, other_high : float64
        What each model's predictions are clipped to; infinite where they are not.
    user_sums, item_sums : ndarray of float64, shapes (n_users, 5), (n_items, 5)
        A prediction that is not finite leaves NaN.
    """
    for k in range(users.size):
        value = np.float64(values[k])
        raw = np.float64(one[k])
        other_raw = np.float64(other[k])
        # min and max may drop a NaN; what is left of infinity less itself is one.
        error = abs(min(max(raw, low), high) - value) + (raw - raw)
        other_error = abs(min(max(other_raw, other_low), other_high) - value) + (
            other_raw - other_raw)
        for sums, row in ((user_sums, users[k]), (item_sums, items[k])):
            sums[row, 0] += 1.0
            sums[row, 1] += error * error
            sums[row, 2] += other_error * other_error
            sums[row, 3] += error
            sums[row, 4] += other_error
