"""Compiled: which ratings of each user come last by a key."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel


@kernel
def mark_last(pointers, keys, n_wanted, begin, end, is_marked):  # type: ignore[no-untyped-def]
    """Mark the ratings with the largest keys of the users begin..end.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_users + 1,)
    keys : ndarray of float64, shape (n_ratings,)
        No NaN. Of equal keys the later position comes later.
    n_wanted : ndarray of int64, shape (n_users,)
        How many to mark, at most as many as the user has.
    is_marked : ndarray of bool, shape (n_ratings,)
        Changed where a rating is marked.
    """
    for user in range(begin, end):
        first = pointers[user]
        last = pointers[user + 1]
        wanted = n_wanted[user]
        if wanted <= 0:
            continue
        least = np.sort(keys[first:last])[last - first - wanted]
        left = wanted
        for at in range(first, last):
            if keys[at] > least:
                is_marked[at] = True
                left -= 1
        at = last - 1
        while left > 0:
            if keys[at] == least:
                is_marked[at] = True
                left -= 1
            at -= 1


@kernel
def mark_rated(pointers, items, users, wanted, begin, end, is_rated):  # type: ignore[no-untyped-def]
    """Mark the pairs begin..end that are among the ratings.

    Parameters
    ----------
    pointers : ndarray of int64, shape (n_users + 1,)
    items : ndarray of int32, shape (n_ratings,)
        Each user's rising.
    users, wanted : ndarray of int32, shape (n_pairs,)
        -1 for a user or item that is not known.
    is_rated : ndarray of bool, shape (n_pairs,)
        Receives whether the pair is one of the ratings.
    """
    for k in range(begin, end):
        is_rated[k] = False
        user = users[k]
        item = wanted[k]
        if user < 0 or item < 0:
            continue
        low = pointers[user]
        high = pointers[user + 1]
        while low < high:
            middle = (low + high) >> 1
            if items[middle] < item:
                low = middle + 1
            else:
                high = middle
        is_rated[k] = low < pointers[user + 1] and items[low] == item
