"""Compiled: columns to lines of CSV, a block of rows a call.

A field of text comes from a table of fields that are quoted already; a number is first written to
a slot of ``SLOT`` bytes, which tells how long the lines are, and then copied to its place.
"""

from __future__ import annotations

import numpy as np

from mfgui.core.kernels.compiled import kernel

SLOT = 20  # the longest: -9223372036854775808, and of float32 -0.0000123456789
COMMA, LF, CR, QUOTE, APOSTROPHE = 44, 10, 13, 34, 39
ZERO, POINT, MINUS, PLUS, LETTER_E, TAB, EQUALS, AT = 48, 46, 45, 43, 101, 9, 61, 64
LOWEST = 60
POWERS = np.array([float(f"1e{k}") for k in range(-LOWEST, LOWEST + 1)])
# By the exponent of float32 as it is stored: a little less than half the step between two numbers,
# and the power of ten of the smallest one.
_STORED = np.arange(256.0)
ROOM = 0.4999999 * 2.0 ** (np.maximum(_STORED, 1) - 150)
TENS = np.where(_STORED == 0, -45, np.floor((_STORED - 127) * np.log10(2.0))).astype(np.int64)


@kernel
def begins_formula(sign):  # type: ignore[no-untyped-def]
    """Return whether a spreadsheet may take a text that begins so for a formula."""
    return sign in (EQUALS, PLUS, MINUS, AT, TAB, CR, LF)


@kernel
def field_sizes(data, offsets, is_guarded, sizes):  # type: ignore[no-untyped-def]
    """Write how many bytes each text takes as a field.

    Parameters
    ----------
    data, offsets : ndarray of uint8 and int64
        The texts, end to end.
    is_guarded : bool
        Whether what may be taken for a formula gets an apostrophe in front.
    sizes : ndarray of int64, shape (n_texts,)
    """
    for k in range(sizes.size):
        begin, end = offsets[k], offsets[k + 1]
        n_quotes = 0
        needs = False
        for place in range(begin, end):
            sign = data[place]
            if sign == QUOTE:
                n_quotes += 1
            needs = needs or sign in (QUOTE, COMMA, LF, CR)
        size = end - begin + n_quotes + (2 if needs else 0)
        if is_guarded and end > begin and begins_formula(data[begin]):
            size += 1
        sizes[k] = size


@kernel
def write_fields(data, offsets, is_guarded, field_offsets, fields):  # type: ignore[no-untyped-def]
    """Write each text as a field, quoted where it needs that; as ``field_sizes`` measured them.

    Parameters
    ----------
    field_offsets : ndarray of int64, shape (n_texts + 1,)
    fields : ndarray of uint8, shape (field_offsets[-1],)
    """
    for k in range(offsets.size - 1):
        begin, end = offsets[k], offsets[k + 1]
        at = field_offsets[k]
        has_mark = is_guarded and end > begin and begins_formula(data[begin])
        is_quoted = field_offsets[k + 1] - at > end - begin + (1 if has_mark else 0)
        if is_quoted:
            fields[at] = QUOTE
            at += 1
        if has_mark:
            fields[at] = APOSTROPHE
            at += 1
        for place in range(begin, end):
            sign = data[place]
            if sign == QUOTE:
                fields[at] = QUOTE
                at += 1
            fields[at] = sign
            at += 1
        if is_quoted:
            fields[at] = QUOTE


@kernel
def write_digits(whole, slot, at):  # type: ignore[no-untyped-def]
    """Write a whole number that is not negative, uint64, and return where it ends."""
    n = 1
    rest = whole
    while rest >= np.uint64(10):
        rest = rest // np.uint64(10)
        n += 1
    for k in range(n):
        slot[at + n - 1 - k] = np.uint8(np.uint64(ZERO) + whole % np.uint64(10))
        whole = whole // np.uint64(10)
    return at + n


@kernel
def whole_texts(values, slots, sizes):  # type: ignore[no-untyped-def]
    """Write whole numbers.

    Parameters
    ----------
    values : ndarray of int64, shape (n_rows, n_columns)
    slots : ndarray of uint8, shape (n_rows, n_columns, SLOT)
    sizes : ndarray of uint8, shape (n_rows, n_columns)
    """
    for k in range(values.shape[0]):
        for column in range(values.shape[1]):
            value = values[k, column]
            at = 0
            size = np.uint64(value)
            if value < 0:
                slots[k, column, 0] = MINUS
                at = 1
                size = np.uint64(0) - size
            sizes[k, column] = write_digits(size, slots[k, column], at)


@kernel
def number_texts(values, bits, slots, sizes):  # type: ignore[no-untyped-def]
    """Write numbers with as few digits, seven to nine, as read back to the same float32.

    The digits are found in float64, whose error is a millionth of what there is room for; an end
    of that room is never taken, so a reader that rounds to float64 first gets the same.

    Parameters
    ----------
    values : ndarray of float32, shape (n_rows, n_columns)
    bits : ndarray of uint32, shape (n_rows, n_columns)
        The same memory.
    slots : ndarray of uint8, shape (n_rows, n_columns, SLOT)
    sizes : ndarray of uint8, shape (n_rows, n_columns)
    """
    for k in range(values.shape[0]):
        for column in range(values.shape[1]):
            slot = slots[k, column]
            value = np.float64(values[k, column])
            at = 0
            if value != value:
                slot[0], slot[1], slot[2] = 110, 97, 110  # nan
                sizes[k, column] = 3
                continue
            if value < 0 or (value == 0 and np.signbit(value)):
                slot[0] = MINUS
                at = 1
                value = -value
            if value == 0:
                slot[at] = ZERO
                sizes[k, column] = at + 1
                continue
            if value == np.inf:
                slot[at], slot[at + 1], slot[at + 2] = 105, 110, 102  # inf
                sizes[k, column] = at + 3
                continue
            power = (bits[k, column] >> np.uint32(23)) & np.uint32(255)
            room = ROOM[power]
            exponent = TENS[power]
            while value >= POWERS[LOWEST + exponent + 1]:
                exponent += 1
            digits = np.int64(0)
            n_digits = 7
            while True:
                shift = n_digits - 1 - exponent
                digits = np.int64(value * POWERS[LOWEST + shift] + 0.5)
                if abs(np.float64(digits) * POWERS[LOWEST - shift] - value) < room:
                    break
                if n_digits == 9:
                    break
                n_digits += 1
            if digits >= np.int64(POWERS[LOWEST + n_digits]):
                exponent += 1
                n_digits += 1
            while digits % 10 == 0:
                digits = digits // 10
                n_digits -= 1
            # The number is digits x 10^(exponent + 1 - n_digits), its first digit at 10^exponent.
            if exponent < -5 or exponent > 9:
                head = digits
                for _ in range(n_digits - 1):
                    head = head // 10
                slot[at] = ZERO + head
                at += 1
                if n_digits > 1:
                    slot[at] = POINT
                    at += 1
                    for place in range(n_digits - 1):
                        slot[at + n_digits - 2 - place] = ZERO + digits % 10
                        digits = digits // 10
                    at += n_digits - 1
                slot[at] = LETTER_E
                slot[at + 1] = MINUS if exponent < 0 else PLUS
                size = abs(exponent)
                slot[at + 2] = ZERO + size // 10
                slot[at + 3] = ZERO + size % 10
                at += 4
            elif exponent < 0:
                slot[at] = ZERO
                slot[at + 1] = POINT
                at += 2
                for _ in range(-exponent - 1):
                    slot[at] = ZERO
                    at += 1
                for place in range(n_digits):
                    slot[at + n_digits - 1 - place] = ZERO + digits % 10
                    digits = digits // 10
                at += n_digits
            else:
                n_whole = exponent + 1
                for _ in range(n_digits, n_whole):
                    digits *= 10
                n_written = max(n_digits, n_whole)
                has_point = n_digits > n_whole
                last = at + n_written - 1 + (1 if has_point else 0)
                for place in range(n_written):
                    if has_point and place == n_digits - n_whole:
                        slot[last] = POINT
                        last -= 1
                    slot[last] = ZERO + digits % 10
                    digits = digits // 10
                    last -= 1
                at += n_written + (1 if has_point else 0)
            sizes[k, column] = at


@kernel
def add_text_sizes(codes, offsets, ends):  # type: ignore[no-untyped-def]
    """Add the size of a column's fields, and of a comma each, to the rows' sizes.

    Parameters
    ----------
    codes : ndarray of int32, shape (n_rows,)
    offsets : ndarray of int64, shape (n_texts + 1,)
    ends : ndarray of int64, shape (n_rows,)
    """
    for k in range(codes.size):
        ends[k] += offsets[codes[k] + 1] - offsets[codes[k]] + 1


@kernel
def add_slot_sizes(sizes, ends):  # type: ignore[no-untyped-def]
    """Add the sizes of numbers, and of a comma each, to the rows' sizes."""
    for k in range(sizes.shape[0]):
        for column in range(sizes.shape[1]):
            ends[k] += np.int64(sizes[k, column]) + 1


@kernel
def put_texts(codes, offsets, fields, at, lines):  # type: ignore[no-untyped-def]
    """Copy a column's fields to their rows, a comma behind each.

    Parameters
    ----------
    at : ndarray of int64, shape (n_rows,)
        Where each row goes on; moves on.
    lines : ndarray of uint8
    """
    for k in range(codes.size):
        place = at[k]
        for byte in range(offsets[codes[k]], offsets[codes[k] + 1]):
            lines[place] = fields[byte]
            place += 1
        lines[place] = COMMA
        at[k] = place + 1


@kernel
def put_slots(slots, sizes, at, lines):  # type: ignore[no-untyped-def]
    """Copy numbers to their rows, a comma behind each; as ``put_texts``."""
    for k in range(sizes.shape[0]):
        place = at[k]
        for column in range(sizes.shape[1]):
            for byte in range(sizes[k, column]):
                lines[place] = slots[k, column, byte]
                place += 1
            lines[place] = COMMA
            place += 1
        at[k] = place


@kernel
def end_lines(at, lines):  # type: ignore[no-untyped-def]
    """Make the comma behind each row's last field a line end."""
    for k in range(at.size):
        lines[at[k] - 1] = LF
