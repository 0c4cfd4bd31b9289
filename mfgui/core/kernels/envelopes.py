"""Compiled: the extremes of any stretch of a long line, and its smoothed values."""

from __future__ import annotations

import math

import numpy as np

from mfgui.core.kernels.compiled import kernel

FANOUT = 8  # entries in a block, and blocks in a block of the next level
N_LEVELS = 4


@kernel
def fold(low, high, out_low, out_high, begin, end):  # type: ignore[no-untyped-def]
    """Write the least and the largest finite value of the blocks begin..end of ``FANOUT`` entries.

    A block without any has +inf and -inf, which are left out again on the next level.

    Parameters
    ----------
    low, high : ndarray of float64, shape (n,)
        The values twice, or the extremes of the blocks of the level below.
    out_low, out_high : ndarray of float64, shape (at least end,)
    """
    for block in range(begin, end):
        lowest, highest = np.inf, -np.inf
        for k in range(block * FANOUT, (block + 1) * FANOUT):
            if math.isfinite(low[k]):
                lowest = min(lowest, low[k])
            if math.isfinite(high[k]):
                highest = max(highest, high[k])
        out_low[block], out_high[block] = lowest, highest


@kernel
def reduced(  # type: ignore[no-untyped-def]
    x, values, low_1, high_1, low_2, high_2, low_3, high_3, low_4, high_4, cuts, starts,
    out_x, out_y
):
    """Write the least and the largest finite value between each two cuts; return how many points.

    A stretch costs a few blocks of values on each level, and what the fourth level leaves. One
    whose values are all the same has one point; one without a finite value, and one that begins
    another part, have a point without a value first.

    Parameters
    ----------
    x, values : ndarray of float64, shape (n,)
    low_1, ..., high_4 : ndarray of float64
        Extremes of the whole blocks of 8, 64, 512 and 4096 values.
    cuts : ndarray of int64
        Rising from 0 or more to n at most; where two are the same there is nothing between them.
    starts : ndarray of int64
        The cuts at which another part begins, rising.
    out_x, out_y : ndarray of float64, shape (at least 3 * len(cuts),)
    """
    block_1, block_2, block_3, block_4 = FANOUT, FANOUT**2, FANOUT**3, FANOUT**4
    n, n_starts = 0, 0
    for stretch in range(len(cuts) - 1):
        begin, end = cuts[stretch], cuts[stretch + 1]
        if begin == end:
            continue
        lowest, highest, k = np.inf, -np.inf, begin
        while k < end:
            if k % block_4 == 0 and k + block_4 <= end:
                low, high = low_4[k // block_4], high_4[k // block_4]
                k += block_4
            elif k % block_3 == 0 and k + block_3 <= end:
                low, high = low_3[k // block_3], high_3[k // block_3]
                k += block_3
            elif k % block_2 == 0 and k + block_2 <= end:
                low, high = low_2[k // block_2], high_2[k // block_2]
                k += block_2
            elif k % block_1 == 0 and k + block_1 <= end:
                low, high = low_1[k // block_1], high_1[k // block_1]
                k += block_1
            else:
                low = high = values[k]
                k += 1
            if math.isfinite(low):
                lowest = min(lowest, low)
            if math.isfinite(high):
                highest = max(highest, high)
        is_start = n_starts < len(starts) and starts[n_starts] == begin
        if is_start:
            n_starts += 1
        if is_start or lowest > highest:
            out_x[n], out_y[n] = x[begin], np.nan
            n += 1
        if lowest > highest:
            continue
        is_falling = values[begin] > values[end - 1]
        out_x[n], out_y[n] = x[begin], highest if is_falling else lowest
        n += 1
        if lowest < highest:
            out_x[n], out_y[n] = x[end - 1], lowest if is_falling else highest
            n += 1
    return n


@kernel
def smooth(x, values, half_life, out, sums, begin, end):  # type: ignore[no-untyped-def]
    """Write for each point of begin..end the height of the straight line that fits best around it.

    The line minimises ``sum_j w_kj (y_j - a - b (x_j - x_k))^2`` over all finite values, with
    ``w_kj = 2^(-|x_k - x_j| / half_life)``; its height is a [1]_. One pass sums what is to the left
    of each point, one what is to its right, each sum carried on from point to point. Where a value
    is not finite, neither is the height, and the others go on without it.

    Parameters
    ----------
    x : ndarray of float64, shape (n,)
        Never falling.
    values, out : ndarray of float64, shape (n,)
    sums : ndarray of float64, shape (5, n)
        Room to work in.

    References
    ----------
    .. [1] Cleveland (1979), Robust Locally Weighted Regression and Smoothing Scatterplots,
       JASA 74(368), without its robust steps and with a kernel that falls off exponentially.
    """
    for direction in (1, -1):
        n_1, d_1, d_2, y_1, dy_1 = 0.0, 0.0, 0.0, 0.0, 0.0
        last, step, keep = 0.0, np.inf, 1.0
        k = begin if direction == 1 else end - 1
        while begin <= k < end:
            if not math.isfinite(values[k]):
                out[k] = np.nan
                k += direction
                continue
            if n_1 > 0.0:
                if x[k] - last != step:  # a power costs more than all the rest
                    step = x[k] - last
                    keep = 2.0 ** (-abs(step) / half_life)
                # Distances are counted from this point now.
                d_2 = keep * (d_2 - 2.0 * step * d_1 + step * step * n_1)
                d_1, dy_1 = keep * (d_1 - step * n_1), keep * (dy_1 - step * y_1)
                n_1, y_1 = keep * n_1, keep * y_1
            if direction == 1:
                sums[0, k], sums[1, k], sums[2, k] = n_1 + 1.0, d_1, d_2
                sums[3, k], sums[4, k] = y_1 + values[k], dy_1
            else:
                n, d, dd = sums[0, k] + n_1, sums[1, k] + d_1, sums[2, k] + d_2
                y, dy = sums[3, k] + y_1, sums[4, k] + dy_1
                spread = n * dd - d * d
                # One point alone, or several at one place, have no slope.
                out[k] = (dd * y - d * dy) / spread if spread > 1e-9 * n * dd else y / n
            n_1, y_1, last = n_1 + 1.0, y_1 + values[k], x[k]
            k += direction
