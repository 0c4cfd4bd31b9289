"""Compiled: the passes behind the pictures of a matrix.

Each works on a range of rows or blocks, so that a pool can share it out; a block's sum is made by
one thread alone, in one order, so the pictures have the same bits for any number of threads.
"""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

SHORT_ROW = 48


@kernel
def arrange_rows(  # type: ignore[no-untyped-def]
    first, last, row_order, row_pointers, items, bits, column_rank, n_passes, pointers, columns,
    new_bits,
):
    """Write the ratings of the rows first..last in display order, columns rising inside each row.

    Row by row, by radix: dealing all ratings out to columns and back takes 8 bytes a rating more,
    and jumps through all of memory twice.

    Parameters
    ----------
    row_order : ndarray of int32, shape (n_users,)
        Which user is shown at each place.
    row_pointers : ndarray of int64, shape (n_users + 1,)
    items : ndarray of int32, shape (n_ratings,)
    bits : ndarray of uint32, shape (n_ratings,)
        The ratings' bits: they travel with the columns.
    column_rank : ndarray of int32, shape (n_items,)
        Where each item is shown.
    n_passes : int
        Bytes that hold any rank.
    pointers : ndarray of int64, shape (n_users + 1,)
        Where each row shown begins.
    columns, new_bits : ndarray of int32 and uint32, shape (n_ratings,)
    """
    longest = 0
    for d in range(first, last):
        longest = max(longest, pointers[d + 1] - pointers[d])
    keys = np.empty(longest, np.uint64)
    spare = np.empty(longest, np.uint64)
    starts = np.empty(257, np.int64)
    for d in range(first, last):
        source = row_pointers[row_order[d]]
        target = pointers[d]
        n = pointers[d + 1] - target
        is_rising = True
        for k in range(n):
            rank = np.uint64(column_rank[items[source + k]])
            keys[k] = (rank << np.uint64(32)) | np.uint64(bits[source + k])
            is_rising = is_rising and (k == 0 or keys[k] > keys[k - 1])
        if not is_rising and n <= SHORT_ROW:
            for k in range(1, n):
                key = keys[k]
                j = k
                while j > 0 and keys[j - 1] > key:
                    keys[j] = keys[j - 1]
                    j -= 1
                keys[j] = key
        elif not is_rising:
            for step in range(n_passes):
                shift = np.uint64(32 + 8 * step)
                starts[:] = 0
                for k in range(n):
                    starts[((keys[k] >> shift) & np.uint64(255)) + np.uint64(1)] += 1
                for digit in range(256):
                    starts[digit + 1] += starts[digit]
                for k in range(n):
                    digit = (keys[k] >> shift) & np.uint64(255)
                    spare[starts[digit]] = keys[k]
                    starts[digit] += 1
                keys, spare = spare, keys
        for k in range(n):
            columns[target + k] = np.int32(keys[k] >> np.uint64(32))
            new_bits[target + k] = np.uint32(keys[k] & np.uint64(0xFFFFFFFF))


@kernel
def sum_groups(first, last, order, factors, bias, stride, out):  # type: ignore[no-untyped-def]
    """Write the sums of factors and bias of groups of ``stride`` rows, in float64.

    Parameters
    ----------
    first, last : int
        Groups.
    order : ndarray of int32, shape (n,)
    factors : ndarray of float32, shape (n, n_factors)
    bias : ndarray of float32, shape (n,)
    out : ndarray of float64, shape (n // stride + 1, n_factors + 1)
        Group g goes to row g + 1, the bias to the last column.
    """
    n_factors = factors.shape[1]
    for g in range(first, last):
        out[g + 1] = 0.0
        for k in range(g * stride, (g + 1) * stride):
            n = order[k]
            for f in range(n_factors):
                out[g + 1, f] += factors[n, f]
            out[g + 1, n_factors] += bias[n]


@kernel
def add_up(sums):  # type: ignore[no-untyped-def]
    """Make prefix sums of the rows, in place; the first row is 0.

    Parameters
    ----------
    sums : ndarray of float64, shape (n + 1, width)
    """
    sums[0] = 0.0
    for g in range(1, sums.shape[0]):
        for f in range(sums.shape[1]):
            sums[g, f] += sums[g - 1, f]


@kernel
def block_factors(first, last, edges, order, factors, bias, stride, sums, out):  # type: ignore[no-untyped-def]
    """Write mean factors and mean bias of the blocks first..last of a side.

    Parameters
    ----------
    edges : ndarray of int64, shape (n_blocks + 1,)
        Block b holds the places edges[b]..edges[b + 1].
    order, factors, bias, stride
        As in ``sum_groups``.
    sums : ndarray of float64, shape (n // stride + 1, n_factors + 1)
        Prefix sums of whole groups.
    out : ndarray of float64, shape (n_blocks, n_factors + 1)
    """
    n_factors = factors.shape[1]
    for b in range(first, last):
        begin, end = edges[b], edges[b + 1]
        head = min(-(-begin // stride) * stride, end)  # before it and from the tail on, by rows
        tail = max(end // stride * stride, head)
        if tail > head:
            for f in range(n_factors + 1):
                out[b, f] = sums[tail // stride, f] - sums[head // stride, f]
        else:
            out[b] = 0.0
        for k in range(begin, end):
            if head <= k < tail:
                continue
            n = order[k]
            for f in range(n_factors):
                out[b, f] += factors[n, f]
            out[b, n_factors] += bias[n]
        for f in range(n_factors + 1):
            out[b, f] /= end - begin


@kernel
def mean_predictions(first, last, users, items, mean, out):  # type: ignore[no-untyped-def]
    """Write the mean prediction over all cells of the blocks in the block rows first..last.

    Parameters
    ----------
    users : ndarray of float64, shape (h, n_factors + 1)
        Mean factors, the mean bias last.
    items : ndarray of float64, shape (n_factors + 1, w)
        The same of the items, each number a row.
    mean : float
    out : ndarray of float64, shape (h, w)
    """
    n_factors = users.shape[1] - 1
    width = items.shape[1]
    fours = n_factors // 4 * 4
    for i in range(first, last):
        u = users[i]
        row = out[i]
        base = mean + u[n_factors]
        for j in range(width):
            row[j] = base + items[n_factors, j]
        for f in range(0, fours, 4):  # four at a time: the row is loaded and stored less often
            a, b, c, d = u[f], u[f + 1], u[f + 2], u[f + 3]
            x, y, z, t = items[f], items[f + 1], items[f + 2], items[f + 3]
            for j in range(width):
                row[j] += a * x[j] + b * y[j] + c * z[j] + d * t[j]
        for f in range(fours, n_factors):
            a, x = u[f], items[f]
            for j in range(width):
                row[j] += a * x[j]


@kernel
def find_residuals(  # type: ignore[no-untyped-def]
    first, last, pointers, columns, values, row_order, column_order, U, V, bu, bi, mean, out,
):
    """Write the residual, observed minus predicted and never clipped, of each rating shown.

    Parameters
    ----------
    first, last : int
        Rows.
    pointers : ndarray of int64, shape (n_users + 1,)
        In display order, like ``columns`` and ``values``.
    columns, values, out : ndarray of int32, float32, float32, shape (n_ratings,)
    row_order, column_order : ndarray of int32, shapes (n_users,), (n_items,)
        Which row of U and V is shown at each place.
    U, V : ndarray of float32, shapes (n_users, n_factors), (n_items, n_factors)
    bu, bi : ndarray of float32, shapes (n_users,), (n_items,)
    mean : float
    """
    for d in range(first, last):
        n = row_order[d]
        u = U[n]
        base = mean + np.float64(bu[n])
        for k in range(pointers[d], pointers[d + 1]):
            m = column_order[columns[k]]
            v = V[m]
            product = np.float32(0)
            for f in range(u.size):
                product += u[f] * v[f]
            # In float64: ratings and means may be large beside what they differ by.
            out[k] = np.float64(values[k]) - base - np.float64(bi[m]) - np.float64(product)


@kernel
def paint(first, last, values, table, low, high, out):  # type: ignore[no-untyped-def]
    """Write the colour of each value; NaN gets the last one, of what is missing.

    Without branches: where every other block is empty the processor would guess wrong each time,
    which took three times as long.

    Parameters
    ----------
    first, last : int
        Rows.
    values : ndarray of float64, shape (h, w)
    table : ndarray of uint32, shape (257,)
        The four bytes of each colour, and of what is missing.
    low, high : float
        Values of the first and last colour; low < high.
    out : ndarray of uint32, shape (h, w)
    """
    scale = 256.0 / (high - low)
    for i in range(first, last):
        for j in range(values.shape[1]):
            value = values[i, j]
            # Infinity has no int, and NaN neither: 0.0 first makes it 0.
            place = np.uint32(np.int32(min(max(0.0, (value - low) * scale), 255.0)))
            is_missing = np.uint32(value != value)
            out[i, j] = table[place * (np.uint32(1) - is_missing) + np.uint32(256) * is_missing]
