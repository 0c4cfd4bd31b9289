"""Lines of a wide table to numbers, without the GIL: a line a user, a column an item.

The kernel reads what is plain: an empty cell, a word or number that stands for missing, a decimal
number of at most 15 digits. Any other cell is *odd*, and judged by itself in ``data/wide_rows.py``.
"""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

TAB, LF, CR, SPACE, QUOTE = 9, 10, 13, 32, 34

# What a column holds, beside the number of its item.
UNUSED, USER = -1, -2

# What a line is.
DATA, HEADER, BLANK, COMMENT, OPEN_QUOTE = 0, 1, 2, 3, 4

# Columns of ``lines``, an int64 array with a row for each line.
(L_KIND, L_FROM, L_TO, L_USER_FROM, L_USER_TO, L_USER_TRIMMED, L_RATINGS, L_ABSENT,
 L_ODD) = range(9)
LINE_SIZE = 9

# What a call hands back in ``counts``.
C_LINES, C_CELLS, C_ODD = range(3)

POWERS = 10.0 ** np.arange(16)


@kernel
def scan_cells(  # type: ignore[no-untyped-def]
    buffer, separator, is_run, is_quoted, skip, comment, roles, decimal, words, word_ends, numbers,
    items, values, lines, odd, counts,
):
    """Read whole lines.

    Parameters
    ----------
    buffer : ndarray of uint8
        Ends with a line end.
    separator : ndarray of uint8
    is_run : bool
        Whether any run of blanks and tabs separates.
    is_quoted : bool
    skip : int
        How many lines at the beginning are header lines.
    comment, decimal : int
        Bytes; -1 for no comments.
    roles : ndarray of int32
        For each column its item's number, ``USER`` or ``UNUSED``.
    words : ndarray of uint8
        Words for missing in lower case, end to end.
    word_ends : ndarray of int64
        Where each word ends.
    numbers : ndarray of float64
        Numbers that stand for missing.
    items : ndarray of int32
        Receives the item of each rating.
    values : ndarray of float32
        Receives the ratings.
    lines : ndarray of int64, shape (capacity, LINE_SIZE)
        Receives what each line is, where it and its user stand, and how many ratings, absent
        cells and odd cells it has.
    odd : ndarray of int64, shape (capacity, 4)
        Receives line, item, beginning and end of each odd cell.
    counts : ndarray of int64, shape (3,)
        Receives the numbers of lines, ratings and odd cells.
    """
    n_lines = 0
    n = 0
    n_odd = 0
    n_items = 0
    for column in range(roles.size):
        if roles[column] >= 0:
            n_items += 1
    n_signs = separator.size
    position = 0
    size = buffer.size
    while position < size:
        start = position
        end = start
        while buffer[end] != LF and buffer[end] != CR:
            end += 1
        for k in range(LINE_SIZE):
            lines[n_lines, k] = 0
        lines[n_lines, L_FROM] = start
        lines[n_lines, L_TO] = end
        first_sign = start
        while first_sign < end and (buffer[first_sign] == SPACE or buffer[first_sign] == TAB):
            first_sign += 1
        kind = DATA
        if first_sign == end:
            kind = BLANK
        elif n_lines < skip:
            kind = HEADER
        elif buffer[start] == comment:
            kind = COMMENT
        if kind == DATA:
            column = 0
            n_seen = 0
            n_before = n
            odd_before = n_odd
            at = first_sign if is_run else start
            is_more = True
            while is_more:
                # One field: its span without outer blanks, and where the next one begins.
                begin = at
                inner = at
                while begin < end and (
                        buffer[begin] == SPACE or (buffer[begin] == TAB and separator[0] != TAB)):
                    begin += 1
                opening = begin
                if is_quoted and begin < end and buffer[begin] == QUOTE:
                    begin += 1
                    inner = begin
                    stop = begin
                    while stop < end and (buffer[stop] != QUOTE or (
                            stop + 1 < end and buffer[stop + 1] == QUOTE)):
                        stop += 2 if buffer[stop] == QUOTE else 1
                    if stop >= end:
                        kind = OPEN_QUOTE
                        break
                    at = stop + 1
                else:
                    stop = -1
                is_more = False
                if stop >= 0 or not is_run:
                    while at < end:
                        if buffer[at] == separator[0] or (is_run and buffer[at] == TAB):
                            is_whole = at + n_signs <= end
                            for step in range(1, n_signs):
                                is_whole = is_whole and buffer[at + step] == separator[step]
                            if is_whole:
                                is_more = True
                                break
                        at += 1
                else:
                    while at < end and buffer[at] != SPACE and buffer[at] != TAB:
                        at += 1
                    is_more = at < end
                for place in range(stop + 1, at if stop >= 0 else 0):
                    if buffer[place] != SPACE and buffer[place] != TAB:
                        begin, inner, stop = opening, opening, -1  # "4" x is not 4
                        break
                if stop < 0:
                    stop = at
                inner_stop = stop
                at += n_signs
                if is_run and is_more:
                    while at < end and (buffer[at] == SPACE or buffer[at] == TAB):
                        at += 1
                    is_more = at < end
                begin = min(begin, stop)
                while begin < stop and (buffer[begin] == SPACE or buffer[begin] == TAB):
                    begin += 1
                while begin < stop and (buffer[stop - 1] == SPACE or buffer[stop - 1] == TAB):
                    stop -= 1
                role = roles[column] if column < roles.size else UNUSED
                column += 1
                if role == USER:
                    lines[n_lines, L_USER_FROM] = begin
                    lines[n_lines, L_USER_TO] = stop
                    lines[n_lines, L_USER_TRIMMED] = not is_run and (
                        begin > inner or stop < inner_stop)
                elif role >= 0:
                    n_seen += 1
                    if begin < stop:
                        place = begin
                        is_negative = buffer[place] == 45
                        if is_negative or buffer[place] == 43:
                            place += 1
                        mantissa = 0
                        n_digits = 0
                        point = -1
                        is_odd = False
                        while place < stop:
                            sign = buffer[place]
                            if 48 <= sign <= 57:
                                if n_digits < 16:
                                    mantissa = mantissa * 10 + (sign - 48)
                                n_digits += 1
                            elif sign == decimal and point < 0:
                                point = n_digits
                            else:
                                is_odd = True
                                break
                            place += 1
                        if is_odd or n_digits == 0 or n_digits > 15:
                            is_odd = True
                            first = 0
                            for k in range(word_ends.size):
                                last = word_ends[k]
                                if last - first == stop - begin:
                                    is_equal = True
                                    for step in range(stop - begin):
                                        sign = buffer[begin + step]
                                        if 65 <= sign <= 90:
                                            sign += 32
                                        is_equal = is_equal and sign == words[first + step]
                                    if is_equal:
                                        is_odd = False
                                        break
                                first = last
                            if is_odd:
                                odd[n_odd, 0] = n_lines
                                odd[n_odd, 1] = role
                                odd[n_odd, 2] = begin
                                odd[n_odd, 3] = stop
                                n_odd += 1
                        else:
                            value = float(mantissa)
                            if point >= 0:
                                value = value / POWERS[n_digits - point]
                            if is_negative:
                                value = -value
                            is_missing = False
                            for k in range(numbers.size):
                                is_missing = is_missing or value == numbers[k]
                            if not is_missing:
                                items[n] = role
                                values[n] = value
                                n += 1
            if kind == OPEN_QUOTE:
                n = n_before
                n_odd = odd_before
            else:
                lines[n_lines, L_RATINGS] = n - n_before
                lines[n_lines, L_ODD] = n_odd - odd_before
                lines[n_lines, L_ABSENT] = n_items - n_seen
        lines[n_lines, L_KIND] = kind
        n_lines += 1
        is_pair = buffer[end] == CR and end + 1 < size and buffer[end + 1] == LF
        position = end + (2 if is_pair else 1)
    counts[C_LINES] = n_lines
    counts[C_CELLS] = n
    counts[C_ODD] = n_odd
