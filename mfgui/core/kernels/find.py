"""Compiled: texts that hold what a person typed, and texts that are spelled nearly so."""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

EQUAL, BEGINS, WORD_BEGINS, CONTAINS, NOT_FOUND = 0, 1, 2, 3, 255


@kernel
def fold_plain(data, offsets, out, is_odd):  # type: ignore[no-untyped-def]
    """Write texts in small letters, control signs as spaces, and which hold more than ASCII.

    Parameters
    ----------
    data, out : ndarray of uint8, shape (total_bytes,)
    offsets : ndarray of int64, shape (n + 1,)
    is_odd : ndarray of bool, shape (n,)
    """
    for n in range(is_odd.size):
        is_odd[n] = False
        for place in range(offsets[n], offsets[n + 1]):
            letter = data[place]
            if letter >= 128:
                is_odd[n] = True
            elif 65 <= letter <= 90:
                letter += 32
            elif letter < 32 or letter == 127:
                letter = 32
            out[place] = letter


@kernel
def match_texts(data, offsets, wanted, out):  # type: ignore[no-untyped-def]
    """Write how well each text matches: the smaller, the better.

    Parameters
    ----------
    data : ndarray of uint8, shape (total_bytes,)
        Folded: small letters.
    offsets : ndarray of int64, shape (n + 1,)
    wanted : ndarray of uint8, shape (length,)
        At least one byte.
    out : ndarray of uint8, shape (n,)
        ``EQUAL``, ``BEGINS``, ``WORD_BEGINS``, ``CONTAINS`` or ``NOT_FOUND``.
    """
    length = wanted.size
    for n in range(out.size):
        begin, end = offsets[n], offsets[n + 1]
        best = NOT_FOUND
        for place in range(begin, end - length + 1):
            if data[place] != wanted[0]:
                continue
            k = 1
            while k < length and data[place + k] == wanted[k]:
                k += 1
            if k < length:
                continue
            if place == begin:
                best = EQUAL if end - begin == length else BEGINS
                break
            before = data[place - 1]
            is_letter = before >= 128 or 97 <= before <= 122 or 48 <= before <= 57
            if not is_letter:
                best = WORD_BEGINS
                break
            best = CONTAINS
        out[n] = best


@kernel
def nearest_text(data, offsets, wanted, limit):  # type: ignore[no-untyped-def]
    """Return the text that takes the fewest typing errors, -1 where all take more than ``limit``.

    An error is a letter too many, missing, wrong, or two neighbours swapped. Of equally near texts
    the one that begins alike for longest is taken, then the first.

    Parameters
    ----------
    data, offsets, wanted
        As in ``match_texts``.
    limit : int
    """
    length = wanted.size
    best = limit + 1
    best_text = -1
    best_alike = -1
    rows = np.empty((3, length + 1), np.int64)
    for n in range(offsets.size - 1):
        begin = offsets[n]
        size = offsets[n + 1] - begin
        if abs(size - length) > min(best, limit):
            continue
        alike = 0
        while alike < min(size, length) and data[begin + alike] == wanted[alike]:
            alike += 1
        for j in range(length + 1):
            rows[0, j] = j
        is_too_far = False
        for i in range(1, size + 1):
            row, above, above_that = i % 3, (i - 1) % 3, (i - 2) % 3
            rows[row, 0] = i
            least = i
            for j in range(1, length + 1):
                cost = 0 if data[begin + i - 1] == wanted[j - 1] else 1
                errors = min(rows[above, j - 1] + cost, rows[above, j] + 1, rows[row, j - 1] + 1)
                if i > 1 and j > 1 and data[begin + i - 1] == wanted[j - 2] and (
                        data[begin + i - 2] == wanted[j - 1]):
                    errors = min(errors, rows[above_that, j - 2] + 1)
                rows[row, j] = errors
                least = min(least, errors)
            if least > min(best, limit):
                is_too_far = True
                break
        errors = rows[size % 3, length]
        if is_too_far or errors > limit:
            continue
        if errors < best or (errors == best and alike > best_alike):
            best, best_text, best_alike = errors, n, alike
    return best_text
