"""Lines of text to fields and numbers, without the GIL: what reading a ratings file is made of.

The kernel takes the plain lines, which in most files are all of them. Anything unusual (doubled or
open quotation marks, a rating that is no plain decimal number, too few columns) makes a line
*odd*: it gets a row as well, for the rules in ``data/careful.py`` to fill in. So the kernel stays
small (it compiles in seconds, and can be read), and the rules stand once, in plain Python.

Texts are never made: a field is a span of bytes. An id of at most eight bytes is its own key (no id
holds a NUL); a longer one has a 64-bit hash as key and is compared byte by byte.
"""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

# Roles of columns.
UNUSED, USER, ITEM, VALUE, TIME, TITLE = 0, 1, 2, 3, 4, 5

TAB, LF, CR, SPACE, QUOTE, NUL, COLON = 9, 10, 13, 32, 34, 0, 58

# Kinds of bytes.
PLAIN, SEPARATOR, LINE_END, ODD = 0, 1, 2, 3

# What a call hands back in ``state``.
(N_LINES, N_ROWS, N_ODD, ENDED, N_HEADER, N_BLANK, N_COMMENT, N_ITEM_LINES, ITEM_FROM,
 ITEM_TO, N_TRIMMED) = range(11)
STATE_SIZE = 11

# Spans of a row, rows of an int32 array. A U_SIZE of 0 marks an odd line.
U_FROM, U_SIZE, I_FROM, I_SIZE, T_FROM, T_SIZE, D_FROM, D_SIZE = range(8)
N_SPANS = 8
# An odd line, columns of an int32 array: its row, number, first byte and end, and why it is odd.
O_ROW, O_LINE, O_FROM, O_TO, O_REASON = range(5)
N_ODD_COLUMNS = 5
# Reasons that are certain here, of lines without quotation marks; 0 for all others.
TOO_FEW, NO_USER, NO_ITEM, NO_RATING = 1, 2, 3, 4

POWERS = 10.0 ** np.arange(16)

# Positions are unsigned: numba then leaves out the test for negative indices at each byte. All
# that is added to them must be unsigned too, or the sum is a float.
ZERO, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)
LONGEST_ITEM_LINE = np.uint64(1000)


@kernel
def is_blank(sign):  # type: ignore[no-untyped-def]
    """Return whether a byte is a blank or a tab."""
    return sign in (SPACE, TAB)


@kernel
def short_key(buffer, begin, end):  # type: ignore[no-untyped-def]
    """Return the bytes of a text as one number; 0 where there are more than eight."""
    key = ZERO
    if end - begin <= np.uint64(8):
        shift = ZERO
        while begin < end:
            key |= np.uint64(buffer[begin]) << shift
            shift += np.uint64(8)
            begin += ONE
    return key


@kernel
def scan_lines(  # type: ignore[no-untyped-def]
    buffer, begin, end, skip, kinds, separator, is_run, is_quoted, roles, decimal, comment,
    has_item_lines, item_begin, item_size, spans, keys, values, times, odd, state,
):
    """Read the lines that stand in ``begin`` to ``end``, or as many as there is room for.

    Parameters
    ----------
    buffer : ndarray of uint8
        There is a line end in it at ``end - 1`` or at ``end``.
    begin, end : int
        Where lines begin.
    skip : int
        How many lines at ``begin`` are header lines.
    kinds : ndarray of uint8, shape (512,)
        What each byte is within a field; from 256 on, within quotes and in columns that are not
        needed.
    separator : ndarray of uint8
    is_run : bool
        Whether any run of blanks and tabs separates.
    is_quoted : bool
    roles : ndarray of int8
        For each column up to the last one that is needed, what it holds.
    decimal, comment : int
        Bytes; -1 for no comments.
    has_item_lines : bool
        Whether a line ``N:`` names the item of those that follow.
    item_begin, item_size : int
        Where in the buffer the item stands that holds until another one is named.
    spans : ndarray of int32, shape (N_SPANS, capacity)
    keys : ndarray of uint64, shape (2, capacity)
    values : ndarray of float32, shape (capacity,)
    times : ndarray of float64, shape (capacity or 1,)
        Numbers as they stand; NaN where there is something else, which is in the span D.
    odd : ndarray of int32, shape (capacity, N_ODD_COLUMNS)
    state : ndarray of int64, shape (STATE_SIZE,)
    """
    for k in range(STATE_SIZE):
        state[k] = 0
    n_columns = roles.size
    n_needed = 0
    for column in range(n_columns):
        if roles[column] == USER or roles[column] == ITEM or roles[column] == VALUE:
            n_needed = column + 1
    n_signs = np.uint64(separator.size)
    has_times = times.size > 1
    capacity = values.size
    stop = np.uint64(end)
    n = 0
    n_odd = 0
    n_lines = 0
    item_from, item_to = np.uint64(item_begin), np.uint64(item_begin + item_size)
    item_key = short_key(buffer, item_from, item_to)
    position = np.uint64(begin)
    while position < stop and n < capacity:
        start = position
        sign = buffer[position]
        if is_blank(sign):
            while is_blank(buffer[position]):
                position += ONE
            sign = buffer[position]
            if not is_run and kinds[sign] != LINE_END:
                position = start
        is_row = kinds[sign] != LINE_END and n_lines >= skip and sign != comment
        is_odd = False
        reason = 0
        if is_row:
            user_from, user_to, one_from, one_to = ZERO, ZERO, item_from, item_to
            title_from, title_to, text_from, text_to = ZERO, ZERO, ZERO, ZERO
            user_key, one_key = ZERO, item_key
            value = 1.0
            moment = np.nan
            n_trimmed = 0
            has_no_value = False
            for column in range(n_columns):
                base = 0
                first = position
                sign = buffer[position]
                if sign == QUOTE or is_blank(sign):
                    while is_blank(buffer[position]) and kinds[buffer[position]] == PLAIN:
                        position += ONE
                    if is_quoted and buffer[position] == QUOTE:
                        base = 256
                        position += ONE
                        first = position
                        while is_blank(buffer[position]):
                            position += ONE
                n_cut = 1 if position > first else 0
                first = position
                role = roles[column]
                if role == USER or role == ITEM:  # noqa: SIM109
                    key = ZERO
                    shift = ZERO
                    sign = buffer[position]
                    while kinds[base + sign] == PLAIN:
                        key |= np.uint64(sign) << (shift & np.uint64(63))
                        shift += np.uint64(8)
                        position += ONE
                        sign = buffer[position]
                    last = position
                    if last > first and is_blank(buffer[last - ONE]):
                        n_cut = 1
                        while last > first and is_blank(buffer[last - ONE]):
                            last -= ONE
                        if last - first < np.uint64(8):
                            key &= (ONE << (np.uint64(8) * (last - first))) - ONE
                    if not is_run:
                        n_trimmed += n_cut
                    if role == USER:
                        user_from, user_to, user_key = first, last, key
                    else:
                        one_from, one_to, one_key = first, last, key
                elif role == VALUE:
                    # A plain decimal number of at most 15 digits, correctly rounded.
                    is_negative = buffer[position] == 45
                    if is_negative or buffer[position] == 43:
                        position += ONE
                    mantissa = np.int64(0)
                    n_digits = 0
                    point = -1
                    while True:
                        sign = buffer[position]
                        if 48 <= sign <= 57:
                            mantissa = mantissa * 10 + (np.int64(sign) - 48)
                            n_digits += 1
                        elif sign == decimal and point < 0 and kinds[base + sign] == PLAIN:
                            point = n_digits
                        else:
                            break
                        position += ONE
                    if n_digits == 0 and position == first and kinds[base + sign] != PLAIN:
                        has_no_value = True
                    elif n_digits == 0 or n_digits > 15:
                        is_odd = True
                        break
                    value = np.float64(mantissa)
                    if point >= 0:
                        value = value / POWERS[n_digits - point]
                    if is_negative:
                        value = -value
                    while kinds[base + sign] == PLAIN and is_blank(sign):
                        position += ONE
                        sign = buffer[position]
                elif role == TIME:
                    whole = np.int64(0)
                    sign = buffer[position]
                    while 48 <= sign <= 57:
                        whole = whole * 10 + (np.int64(sign) - 48)
                        position += ONE
                        sign = buffer[position]
                    moment = np.float64(whole)
                    if kinds[base + sign] == PLAIN or position - first > np.uint64(18):
                        while kinds[base + buffer[position]] == PLAIN:
                            position += ONE
                        text_from, text_to = first, position
                        moment = np.nan
                    elif position == first:
                        moment = np.nan
                else:
                    while kinds[base + buffer[position]] == PLAIN:
                        position += ONE
                    if role == TITLE:
                        title_from, title_to = first, position
                if base:
                    is_odd = buffer[position] != QUOTE
                    position += ONE
                    if is_odd:
                        position = first
                        break
                    while is_blank(buffer[position]) and kinds[buffer[position]] == PLAIN:
                        position += ONE
                kind = kinds[buffer[position]]
                if kind == LINE_END:
                    is_odd = column + 1 < n_columns
                    if column + 1 < n_needed:
                        reason = TOO_FEW
                    break
                if kind != SEPARATOR:
                    is_odd = True
                    break
                if n_signs > ONE:
                    for step in range(1, separator.size):
                        is_odd = is_odd or buffer[position + np.uint64(step)] != separator[step]
                    if is_odd:
                        break
                position += n_signs
                if is_run:
                    while is_blank(buffer[position]):
                        position += ONE
                    if kinds[buffer[position]] == LINE_END:
                        is_odd = column + 1 < n_columns
                        break
            if has_item_lines and is_odd and kinds[buffer[position]] == LINE_END and (
                    buffer[position - ONE] == COLON and position - start > ONE
                    and position - start <= LONGEST_ITEM_LINE):
                item_from, item_to = start, position - ONE
                item_key = short_key(buffer, item_from, item_to)
                state[ITEM_FROM], state[ITEM_TO] = item_from, item_to
                state[N_ITEM_LINES] += 1
                is_row = False
                is_odd = False
                reason = 0
        elif kinds[sign] == LINE_END:
            state[N_BLANK] += 1
        elif n_lines < skip:
            state[N_HEADER] += 1
        else:
            state[N_COMMENT] += 1
        if not is_odd:
            if is_row:
                while kinds[256 + buffer[position]] == PLAIN:
                    position += ONE
                is_odd = kinds[buffer[position]] != LINE_END
            else:
                while kinds[buffer[position]] != LINE_END:
                    position += ONE
        if is_row:
            if not is_odd and (user_from == user_to or one_from == one_to or has_no_value):
                is_odd = True
                reason = NO_RATING
                if user_from == user_to:
                    reason = NO_USER
                elif one_from == one_to:
                    reason = NO_ITEM
            if is_odd:
                while kinds[buffer[position]] != LINE_END:
                    position += ONE
                if reason != 0:
                    place = start
                    while place < position:
                        if buffer[place] == QUOTE or buffer[place] == NUL:
                            reason = 0
                        place += ONE
                odd[n_odd, O_REASON] = reason
                user_to = user_from
                odd[n_odd, O_ROW] = n
                odd[n_odd, O_LINE] = n_lines
                odd[n_odd, O_FROM] = start
                odd[n_odd, O_TO] = position
                n_odd += 1
            else:
                state[N_TRIMMED] += n_trimmed
            spans[U_FROM, n] = user_from
            spans[U_SIZE, n] = user_to - user_from
            spans[I_FROM, n] = one_from
            spans[I_SIZE, n] = one_to - one_from
            spans[T_FROM, n] = title_from
            spans[T_SIZE, n] = title_to - title_from
            keys[0, n] = user_key
            keys[1, n] = one_key
            values[n] = value
            if has_times:
                times[n] = moment
                spans[D_FROM, n] = text_from
                spans[D_SIZE, n] = text_to - text_from
            n += 1
        n_lines += 1
        is_pair = buffer[position] == CR and position + ONE < stop and (
            buffer[position + ONE] == LF)
        position += TWO if is_pair else ONE
    state[N_LINES] = n_lines
    state[N_ROWS] = n
    state[N_ODD] = n_odd
    state[ENDED] = position


@kernel
def number_ids(  # type: ignore[no-untyped-def]
    buffer, starts, sizes, keys, begin, end, codes, slots, known_keys, texts, offsets, counts,
):
    """Give each id its number, new ones the next; return how far it came.

    It stops early where ``slots`` are half full, or ``texts`` or ``offsets`` are full: whoever
    calls makes room and calls again.

    Parameters
    ----------
    buffer : ndarray of uint8
    starts, sizes : ndarray of int32
        Where in it each id stands.
    keys : ndarray of uint64
        Of ids of at most eight bytes: the bytes themselves.
    begin, end : int
        Which of the ids.
    codes : ndarray of int32
        Receives the numbers.
    slots : ndarray of int32
        Open addressing: number + 1, or 0; their count is a power of two.
    known_keys : ndarray of uint64, shape (capacity,)
    texts : ndarray of uint8
        The ids so far, end to end.
    offsets : ndarray of int64, shape (capacity + 1,)
    counts : ndarray of int64, shape (1,)
        How many ids there are.
    """
    mask = np.uint64(slots.size - 1)
    n_known = counts[0]
    for k in range(begin, end):
        start, size, key = starts[k], sizes[k], keys[k]
        if size > 8:
            key = np.uint64(1469598103934665603)  # FNV-1a
            for step in range(size):
                key = (key ^ np.uint64(buffer[start + step])) * np.uint64(1099511628211)
        mixed = key * np.uint64(0x9E3779B97F4A7C15)
        place = (mixed ^ (mixed >> np.uint64(32))) & mask
        code = -1
        while slots[place] != 0:
            other = slots[place] - 1
            from_ = offsets[other]
            if known_keys[other] == key and offsets[other + 1] - from_ == size:
                is_equal = True
                if size > 8:
                    for step in range(size):
                        is_equal = is_equal and texts[from_ + step] == buffer[start + step]
                if is_equal:
                    code = other
                    break
            place = (place + np.uint64(1)) & mask
        if code < 0:
            if (2 * (n_known + 1) > slots.size or n_known >= known_keys.size
                    or offsets[n_known] + size > texts.size):
                counts[0] = n_known
                return k
            code = n_known
            slots[place] = code + 1
            known_keys[code] = key
            from_ = offsets[code]
            for step in range(size):
                texts[from_ + step] = buffer[start + step]
            offsets[code + 1] = from_ + size
            n_known += 1
        codes[k] = code
    counts[0] = n_known
    return end


@kernel
def fill_slots(known_keys, n_known, slots):  # type: ignore[no-untyped-def]
    """Enter the first ``n_known`` ids into an empty table."""
    mask = np.uint64(slots.size - 1)
    for code in range(n_known):
        mixed = known_keys[code] * np.uint64(0x9E3779B97F4A7C15)
        place = (mixed ^ (mixed >> np.uint64(32))) & mask
        while slots[place] != 0:
            place = (place + np.uint64(1)) & mask
        slots[place] = code + 1
