"""Compiled: what rows and columns are sorted by."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

ZERO, NINE = 48, 57  # the digits in UTF-8
RUN = 16


@kernel
def add_sides(first, last, row_pointers, items, values, row_sums, item_sums):  # type: ignore[no-untyped-def]
    """Add up the ratings of the users first..last, by user and by item.

    Parameters
    ----------
    row_pointers : ndarray of int64, shape (n_users + 1,)
    items, values : ndarray of int32 and float32, shape (n_ratings,)
    row_sums : ndarray of float64, shape (n_users,)
    item_sums : ndarray of float64, shape (n_items,)
        Zeros, of this range alone.
    """
    for n in range(first, last):
        total = 0.0
        for k in range(row_pointers[n], row_pointers[n + 1]):
            total += values[k]
            item_sums[items[k]] += values[k]
        row_sums[n] = total


@kernel
def add_squares(  # type: ignore[no-untyped-def]
    first, last, row_pointers, items, values, U, V, bu, bi, mean, row_sums, item_sums,
):
    """Add up the squared residuals of the users first..last, by user and by item.

    Parameters
    ----------
    row_pointers, items, values, row_sums, item_sums
        As in ``add_sides``.
    U, V : ndarray of float32, shapes (n_users, n_factors), (n_items, n_factors)
    bu, bi : ndarray of float32, shapes (n_users,), (n_items,)
    mean : float
    """
    for n in range(first, last):
        u = U[n]
        base = mean + np.float64(bu[n])
        total = 0.0
        for k in range(row_pointers[n], row_pointers[n + 1]):
            m = items[k]
            v = V[m]
            product = np.float32(0)
            for f in range(u.size):
                product += u[f] * v[f]
            rest = np.float64(values[k]) - base - np.float64(bi[m]) - np.float64(product)
            total += rest * rest
            item_sums[m] += rest * rest
        row_sums[n] = total


@kernel
def is_before(data, offsets, a, b):  # type: ignore[no-untyped-def]
    """Return -1, 0 or 1: whether text a stands before text b, numbers in them read as numbers.

    Parameters
    ----------
    data : ndarray of uint8, shape (total_bytes,)
    offsets : ndarray of int64, shape (n + 1,)
    a, b : int
    """
    i, end_i = offsets[a], offsets[a + 1]
    j, end_j = offsets[b], offsets[b + 1]
    while i < end_i and j < end_j:
        x, y = data[i], data[j]
        if ZERO <= x <= NINE and ZERO <= y <= NINE:
            while i < end_i and data[i] == ZERO:
                i += 1
            while j < end_j and data[j] == ZERO:
                j += 1
            difference = 0  # of the first digit that differs: it counts if both are equally long
            while i < end_i and j < end_j and ZERO <= data[i] <= NINE and ZERO <= data[j] <= NINE:
                if difference == 0 and data[i] != data[j]:
                    difference = -1 if data[i] < data[j] else 1
                i += 1
                j += 1
            if i < end_i and ZERO <= data[i] <= NINE:
                return 1
            if j < end_j and ZERO <= data[j] <= NINE:
                return -1
            if difference != 0:
                return difference
        elif x != y:
            return -1 if x < y else 1
        else:
            i += 1
            j += 1
    if i < end_i:
        return 1
    return -1 if j < end_j else 0


@kernel
def sort_texts(data, offsets, order, spare):  # type: ignore[no-untyped-def]
    """Sort texts, equal ones staying in their order: merge sort from below, on short sorted runs.

    Parameters
    ----------
    data, offsets
        As in ``is_before``.
    order, spare : ndarray of int32, shape (n,)
        The numbers of the texts; sorted in ``order``, ``spare`` is room to work in.
    """
    n = order.size
    for low in range(0, n, RUN):
        for k in range(low + 1, min(low + RUN, n)):
            text = order[k]
            j = k
            while j > low and is_before(data, offsets, text, order[j - 1]) < 0:
                order[j] = order[j - 1]
                j -= 1
            order[j] = text
    source, target = order, spare
    width = RUN
    while width < n:
        for low in range(0, n, 2 * width):
            middle, high = min(low + width, n), min(low + 2 * width, n)
            a, b = low, middle
            for k in range(low, high):
                if a < middle and (
                        b >= high or is_before(data, offsets, source[b], source[a]) >= 0):
                    target[k] = source[a]
                    a += 1
                else:
                    target[k] = source[b]
                    b += 1
        source, target = target, source
        width *= 2
    order[:] = source
