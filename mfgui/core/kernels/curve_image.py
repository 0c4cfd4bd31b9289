"""Compiled: lines of many points painted into an image, a pixel column at a time."""

from __future__ import annotations

import math

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def spans(x, y, low, high):  # type: ignore[no-untyped-def]
    """Write the rows that a line covers in each column of an image.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n,)
        In pixels, x never falling; the line has a gap where y is NaN.
    low, high : ndarray of float64, shape (n_columns,)
        The lowest and the highest y in a column, +inf and -inf to begin with: a column that the
        line does not come to keeps them.
    """
    n_columns = len(low)
    for k in range(len(x)):
        if not math.isfinite(y[k]):
            continue
        is_joined = k > 0 and math.isfinite(y[k - 1])
        left, top = (x[k - 1], y[k - 1]) if is_joined else (x[k], y[k])
        right, bottom = x[k], y[k]
        first, last = max(math.floor(left), 0.0), min(math.floor(right), n_columns - 1.0)
        slope = (bottom - top) / (right - left) if right > left else 0.0
        for column in range(int(first), int(last) + 1):
            begin = top if column <= left else top + slope * (column - left)
            end = bottom if column + 1 >= right else top + slope * (column + 1 - left)
            low[column] = min(low[column], begin, end)
            high[column] = max(high[column], begin, end)


@kernel
def premultiplied(colour, opacity):  # type: ignore[no-untyped-def]
    """Return red, green and blue times an opacity of 255, as whole numbers in three bytes."""
    red = ((colour >> 16 & 255) * opacity + 127) // 255
    green = ((colour >> 8 & 255) * opacity + 127) // 255
    blue = ((colour & 255) * opacity + 127) // 255
    return red << 16 | green << 8 | blue


@kernel
def fill(image, low, high, colour, alpha, is_on, off_alpha, width):  # type: ignore[no-untyped-def]
    """Paint the columns of a line over what there is.

    Parameters
    ----------
    image : ndarray of uint32, shape (n_columns, n_rows)
        Column by column, since that is how it is painted. Premultiplied, opacity, red, green and
        blue from the highest byte to the lowest.
    low, high : ndarray of float64, shape (n_columns,)
        As ``spans`` leaves them; row 0 is the one from 0 to 1.
    colour : int
        Red, green and blue in its three lowest bytes.
    alpha, off_alpha : int
        Opacity of 255, where the line's pattern is on and where it is off.
    is_on : ndarray of bool, shape (n_columns,)
    width : int
        Rows that a level line is high.
    """
    n_rows = image.shape[1]
    for column in range(image.shape[0]):
        if low[column] > high[column]:
            continue
        first = int(max(math.floor(low[column]), 0.0))
        last = int(min(math.floor(high[column]) + width - 1.0, n_rows - 1.0))
        opacity = alpha if is_on[column] else off_alpha
        own = (opacity << 24) | premultiplied(colour, opacity)
        if opacity == 255:
            for row in range(first, last + 1):
                image[column, row] = np.uint32(own)
            continue
        kept = 256 - opacity
        for row in range(first, last + 1):  # two bytes at a time
            below = np.int64(image[column, row])
            even = ((below & 0xFF00FF) * kept >> 8) & 0xFF00FF
            odd = ((below >> 8 & 0xFF00FF) * kept) & 0xFF00FF00
            image[column, row] = np.uint32(own + even + odd)
