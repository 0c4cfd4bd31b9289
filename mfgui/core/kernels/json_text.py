"""JSON text whose records run over several lines, or stand in one array, to a line a record."""

from __future__ import annotations

from mfgui.core.kernels.compiled import kernel

DEPTH, IN_STRING, IS_ESCAPED, HAS_RECORD = 0, 1, 2, 3
STATE_SIZE = 4

QUOTE, BACKSLASH, COMMA, LF, CR, TAB, SPACE = 34, 92, 44, 10, 13, 9, 32
OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT = 91, 93, 123, 125


@kernel
def one_line_each(buffer, base, state):  # type: ignore[no-untyped-def]
    """Change the text in place, so that each record stands on a line of its own.

    Parameters
    ----------
    buffer : ndarray of uint8
    base : int
        How deep records stand: 1 in an array, 0 where they follow each other.
    state : ndarray of int64, shape (STATE_SIZE,)
        Where the text before ended; is changed.
    """
    depth, in_string, is_escaped, has_record = state[0], state[1], state[2], state[3]
    for k in range(buffer.size):
        sign = buffer[k]
        if in_string:
            if is_escaped:
                is_escaped = 0
            elif sign == BACKSLASH:
                is_escaped = 1
            elif sign == QUOTE:
                in_string = 0
            elif sign in (LF, CR):  # only in damaged text
                buffer[k] = SPACE
        elif sign in (LF, CR):
            ends = depth <= base and base == 0 and has_record == 1
            buffer[k] = LF if ends else SPACE
            if ends:
                has_record = 0
        elif sign == QUOTE:
            in_string = 1
            has_record = 1
        elif sign in (OPEN_LIST, OPEN_OBJECT):
            if depth < base:
                buffer[k] = SPACE
            else:
                has_record = 1
            depth += 1
        elif sign in (CLOSE_LIST, CLOSE_OBJECT):
            depth -= 1
            if depth < base:
                buffer[k] = SPACE
        elif sign == COMMA and depth == base:
            buffer[k] = LF
    state[0], state[1], state[2], state[3] = depth, in_string, is_escaped, has_record
