"""Compiled: ratings into blocks, and rows of factors into the layout of training and back."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def count_blocks(  # type: ignore[no-untyped-def]
    users, items, begin, end, user_group, item_group, n_groups, counts,
):
    """Add the number of ratings begin..end of each block to ``counts``.

    Parameters
    ----------
    users, items : ndarray of int32, shape (n_ratings,)
    user_group, item_group : ndarray of int32, shapes (n_users,), (n_items,)
    n_groups : int
    counts : ndarray of int64, shape (n_groups * n_groups,)
        Block ``a * n_groups + b`` holds the users of group a and the items of group b.
    """
    for k in range(begin, end):
        counts[user_group[users[k]] * n_groups + item_group[items[k]]] += 1


@kernel
def fill_blocks(  # type: ignore[no-untyped-def]
    users, items, values, begin, end, user_group, item_group, n_groups, user_row, item_row, mean,
    scale, place, block_users, block_items, block_values,
):
    """Write each of the ratings begin..end to its block, normalised, in their order.

    Parameters
    ----------
    users, items, values : as in Ratings
    user_group, item_group : ndarray of int32
    user_row, item_row : ndarray of int32
        Where each user's and each item's factors stand.
    mean, scale : float64
        ``(value - mean) * scale`` is written.
    place : ndarray of int64, shape (n_groups * n_groups,)
        Where these ratings begin in each block; moved on to where they end.
    block_users, block_items : ndarray of int32, shape (n_ratings,)
    block_values : ndarray of float32, shape (n_ratings,)
    """
    for k in range(begin, end):
        n = users[k]
        m = items[k]
        block = user_group[n] * n_groups + item_group[m]
        at = place[block]
        place[block] = at + 1
        block_users[at] = user_row[n]
        block_items[at] = item_row[m]
        block_values[at] = np.float32((np.float64(values[k]) - mean) * scale)


@kernel
def pack_rows(begin, end, row, factors, bias, scale, bias_scale, packed):  # type: ignore[no-untyped-def]
    """Write factors and biases of begin..end to their packed rows.

    Parameters
    ----------
    row : ndarray of int32, shape (n,)
    factors : ndarray of float32, shape (n, n_factors)
    bias : ndarray of float32, shape (n,)
    scale, bias_scale : float32
        What they are multiplied by.
    packed : ndarray of float32, shape (n, width)
        Factors, then the bias.
    """
    n_factors = factors.shape[1]
    for n in range(begin, end):
        source = factors[n]
        target = packed[row[n]]
        for f in range(n_factors):
            target[f] = source[f] * scale
        target[n_factors] = bias[n] * bias_scale


@kernel
def unpack_rows(begin, end, row, packed, scale, bias_scale, factors, bias):  # type: ignore[no-untyped-def]
    """Write the packed rows of begin..end to factors and biases: ``pack_rows`` the other way."""
    n_factors = factors.shape[1]
    for n in range(begin, end):
        source = packed[row[n]]
        target = factors[n]
        for f in range(n_factors):
            target[f] = source[f] * scale
        bias[n] = source[n_factors] * bias_scale
