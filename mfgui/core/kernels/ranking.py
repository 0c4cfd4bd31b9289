"""Compiled: which of the best ten items of each user are among those held out."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def count_hits(  # type: ignore[no-untyped-def]
    scores, users, seen_pointers, seen_items, held_pointers, held_items, n_top, gains, hits,
):
    """Rank the items by score for some users and look for their held-out ones.

    Parameters
    ----------
    scores : ndarray of float32, shape (n, n_items)
        Changed: what a user has in training becomes minus infinity. NaN ranks last.
    users : ndarray of int64, shape (n,)
    seen_pointers, seen_items : ndarray of int64, int32
        The training items of each user: those of user u from ``seen_pointers[u]`` on.
    held_pointers, held_items : ndarray of int64, int32
        The held-out items of row k of ``scores``, from ``held_pointers[k]`` on.
    n_top : int
        How many of the best count. Of equal scores the smaller item number comes first.
    gains, hits : ndarray of float64, shape (n,)
        Receive the sum of ``1 / log2(place + 1)`` over the hits, places from 1, and their number.
    """
    minus_infinity = np.float32(-np.inf)
    best = np.empty(n_top, np.int64)
    for k in range(users.size):
        row = scores[k]
        user = users[k]
        for at in range(seen_pointers[user], seen_pointers[user + 1]):
            row[seen_items[at]] = minus_infinity
        n_best = 0
        for item in range(row.size):
            score = row[item]
            if not score > minus_infinity:
                continue
            if n_best == n_top and not score > row[best[n_best - 1]]:
                continue
            place = n_best if n_best < n_top else n_top - 1
            while place > 0 and score > row[best[place - 1]]:
                if place < n_top:
                    best[place] = best[place - 1]
                place -= 1
            best[place] = item
            n_best = min(n_best + 1, n_top)
        gain = 0.0
        hit = 0.0
        for place in range(n_best):
            for at in range(held_pointers[k], held_pointers[k + 1]):
                if held_items[at] == best[place]:
                    gain += 1.0 / np.log2(place + 2.0)
                    hit += 1.0
        gains[k] = gain
        hits[k] = hit
