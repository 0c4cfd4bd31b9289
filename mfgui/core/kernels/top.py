"""Compiled: the best items of each user among tiles of scores, and their predictions in float64."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

SCAN = 64  # scores that are looked at as a whole: most hold nothing good enough


@kernel
def keep_best(  # type: ignore[no-untyped-def]
    scores, offsets, first_item, rated, at, ends, best, which, n_best,
):
    """Let the items of one tile into the users' heaps of the best so far.

    The root of a heap is the worst of it: the lowest score, of equal ones the largest item. A later
    item has to be better than the root, so of equal scores the smaller item stays, provided that
    tiles come in the order of their items.

    Parameters
    ----------
    scores : ndarray of float32, shape (n_users, width)
        Changed: what a user has rated becomes minus infinity, which no heap takes; nor NaN.
    offsets : ndarray of float32, shape (width,)
        Added to every user's scores; minus infinity leaves the item out.
    first_item : int
        The number of the tile's first item.
    rated : ndarray of int32
        Items that users have rated, each user's rising.
    at, ends : ndarray of int64, shape (n_users,)
        Where a user's rated items go on, and where they end; ``at`` moves on.
    best, which : ndarray of float32, int32, shape (n_users, n_kept)
        The heaps: scores and items.
    n_best : ndarray of int64, shape (n_users,)
        How many of a heap are filled in.
    """
    minus_infinity = np.float32(-np.inf)
    n_kept = best.shape[1]
    width = scores.shape[1]
    for k in range(scores.shape[0]):
        row = scores[k]
        heap = best[k]
        items = which[k]
        place = at[k]
        while place < ends[k] and rated[place] < first_item + width:
            row[rated[place] - first_item] = minus_infinity
            place += 1
        at[k] = place
        n = n_best[k]
        least = heap[0] if n == n_kept else minus_infinity
        for begin in range(0, width, SCAN):
            part = row[begin : begin + SCAN]
            beside = offsets[begin : begin + SCAN]
            n_better = np.int32(0)  # counted rather than searched for: that is vectorised
            for j in range(part.size):
                n_better += np.int32(part[j] + beside[j] > least)
            if n_better == 0:
                continue
            for j in range(part.size):
                score = part[j] + beside[j]
                if not score > least:
                    continue
                item = first_item + begin + j
                if n < n_kept:  # up from the end
                    hole = n
                    n += 1
                    while hole > 0:
                        above = (hole - 1) >> 1
                        if score > heap[above] or (score == heap[above] and item < items[above]):
                            break
                        heap[hole] = heap[above]
                        items[hole] = items[above]
                        hole = above
                else:  # down from the root, which goes
                    hole = 0
                    while True:
                        below = 2 * hole + 1
                        if below >= n:
                            break
                        other = below + 1
                        if other < n and (heap[other] < heap[below] or (
                                heap[other] == heap[below] and items[other] > items[below])):
                            below = other
                        if heap[below] > score or (heap[below] == score and items[below] < item):
                            break
                        heap[hole] = heap[below]
                        items[hole] = items[below]
                        hole = below
                heap[hole] = score
                items[hole] = item
                if n == n_kept:
                    least = heap[0]
        n_best[k] = n


@kernel
def predict_kept(U, V, item_bias, constants, which, n_best, out):  # type: ignore[no-untyped-def]
    """Predict what the heaps kept, in float64.

    Parameters
    ----------
    U, V : ndarray of float32, shapes (n_users, n_factors), (n_items, n_factors)
    item_bias : ndarray of float32, shape (n_items,)
    constants : ndarray of float64, shape (n_users,)
        Mean and user bias.
    which : ndarray of int32, shape (n_users, n_kept)
    n_best : ndarray of int64, shape (n_users,)
    out : ndarray of float64, shape (n_users, n_kept)
        Receives the predictions; what lies beyond ``n_best`` is left alone.
    """
    for k in range(which.shape[0]):
        u = U[k]
        for place in range(n_best[k]):
            item = which[k, place]
            v = V[item]
            product = 0.0
            for f in range(u.size):
                product += np.float64(u[f]) * np.float64(v[f])
            out[k, place] = product + np.float64(item_bias[item]) + constants[k]
