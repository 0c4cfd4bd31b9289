"""Ratings into the order (user, item), equal pairs merged: counting and sorting without the GIL."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

LAST, FIRST, MEAN, MAX, SUM, REJECT = range(6)
LONG_ROW = 1 << 16


@kernel
def count(codes, pointers):  # type: ignore[no-untyped-def]
    """Fill in where each row begins; return whether the codes never fall.

    Parameters
    ----------
    codes : ndarray of int32, shape (n,)
    pointers : ndarray of int64, shape (n_rows + 1,)
        Zeros.
    """
    is_sorted = True
    before = 0
    for k in range(codes.size):
        code = codes[k]
        is_sorted = is_sorted and code >= before
        before = code
        pointers[code + 1] += 1
    for row in range(1, pointers.size):
        pointers[row] += pointers[row - 1]
    return is_sorted


@kernel
def distribute(user, item, value, time, free, new_item, new_value, new_time):  # type: ignore[no-untyped-def]
    """Put each rating into its user's row, in the order of the file.

    Parameters
    ----------
    user, item : ndarray of int32, shape (n,)
    value : ndarray of float32, shape (n,)
    time : ndarray of float64, shape (n,) or (0,)
    free : ndarray of int64, shape (n_users,)
        Where each row begins; moves on.
    new_item, new_value, new_time : ndarray
        Receive them.
    """
    has_time = time.size > 0
    for k in range(user.size):
        place = free[user[k]]
        free[user[k]] = place + 1
        new_item[place] = item[k]
        new_value[place] = value[k]
        if has_time:
            new_time[place] = time[k]


@kernel
def sort_rows(  # type: ignore[no-untyped-def]
    first, last, pointers, item, value, time, user, new_item, new_value, new_time,
):
    """Sort the rows ``first`` to ``last`` by item, equal ones staying in the file's order.

    Fills in ``user``, and returns how many ratings have the pair of the one before.
    """
    has_time = time.size > 0
    longest = 0
    for row in range(first, last):
        longest = max(longest, min(pointers[row + 1] - pointers[row], LONG_ROW))
    keys = np.empty(longest, np.int64)
    spare = np.empty(longest, np.int64)
    n_equal = 0
    for row in range(first, last):
        begin = pointers[row]
        n = pointers[row + 1] - begin
        if n > LONG_ROW:
            # By counting: the keys of a user with 50 million ratings would take 800 MB.
            largest = 0
            for k in range(begin, begin + n):
                user[k] = row
                largest = max(largest, item[k])
            free = np.zeros(largest + 2, np.int64)
            for k in range(begin, begin + n):
                free[item[k] + 1] += 1
            for m in range(1, largest + 2):
                n_equal += max(free[m] - 1, 0)
                free[m] += free[m - 1]
            for k in range(begin, begin + n):
                place = begin + free[item[k]]
                free[item[k]] += 1
                new_item[place] = item[k]
                new_value[place] = value[k]
                if has_time:
                    new_time[place] = time[k]
            continue
        is_rising = True
        for k in range(n):
            user[begin + k] = row
            keys[k] = (np.int64(item[begin + k]) << 32) | k
            is_rising = is_rising and (k == 0 or keys[k] > keys[k - 1])
        if not is_rising:
            # Merge sort from below, on runs of 16 that are sorted by insertion.
            for low in range(0, n, 16):
                for k in range(low + 1, min(low + 16, n)):
                    key = keys[k]
                    j = k
                    while j > low and keys[j - 1] > key:
                        keys[j] = keys[j - 1]
                        j -= 1
                    keys[j] = key
            width = 16
            while width < n:
                for low in range(0, n, 2 * width):
                    middle, high = min(low + width, n), min(low + 2 * width, n)
                    a, b = low, middle
                    for k in range(low, high):
                        if a < middle and (b >= high or keys[a] < keys[b]):
                            spare[k] = keys[a]
                            a += 1
                        else:
                            spare[k] = keys[b]
                            b += 1
                keys, spare = spare, keys
                width *= 2
        before = -1
        for k in range(n):
            one = keys[k] >> 32
            place = begin + (keys[k] & 0xFFFFFFFF)
            n_equal += one == before
            before = one
            new_item[begin + k] = one
            new_value[begin + k] = value[place]
            if has_time:
                new_time[begin + k] = time[place]
    return n_equal


@kernel
def merge_equal(policy, user, item, value, time):  # type: ignore[no-untyped-def]
    """Make one rating of those of one pair, or none, in place; return how many are left.

    ``LAST`` and ``FIRST`` go by time where there is one, of equal times by the order of the
    file; ``MEAN`` and ``SUM`` are in float64; ``REJECT`` drops every rating of such a pair.
    """
    has_time = time.size > 0
    n = user.size
    kept = 0
    k = 0
    while k < n:
        end = k + 1
        while end < n and user[end] == user[k] and item[end] == item[k]:
            end += 1
        chosen = k
        total = 0.0
        largest = value[k]
        for j in range(k, end):
            total += value[j]
            largest = max(largest, value[j])
            if not has_time:
                chosen = k if policy == FIRST else j
            elif policy == FIRST:
                if time[j] < time[chosen] or (np.isnan(time[chosen]) and not np.isnan(time[j])):
                    chosen = j
            elif time[j] >= time[chosen] or np.isnan(time[chosen]):
                chosen = j
        if end == k + 1 or policy != REJECT:
            number = value[chosen]
            if end > k + 1:
                if policy == MEAN:
                    number = np.float32(total / (end - k))
                elif policy == SUM:
                    number = np.float32(total)
                elif policy == MAX:
                    number = largest
            user[kept], item[kept], value[kept] = user[k], item[k], number
            if has_time:
                time[kept] = time[chosen]
            kept += 1
        k = end
    return kept
