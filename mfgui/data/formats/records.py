"""Rows of a table as lines of our own making; see `fields`."""

from __future__ import annotations

from collections.abc import Sequence

UNIT = "\x1f"
"""What separates the fields of a line of our own making."""

_UNIT = UNIT.encode()


def lines_of(rows: Sequence[tuple[bytes, ...]]) -> bytes:
    """Return rows, at least one, as lines of our own making."""
    text = b"\n".join([_UNIT.join(row) for row in rows]) + b"\n"
    is_plain = b'"' not in text and b"\r" not in text and text.count(b"\n") == len(rows)
    if is_plain and text.count(_UNIT) == len(rows) * (len(rows[0]) - 1):
        return text
    return b"".join(_UNIT.join(map(_quoted, row)) + b"\n" for row in rows)


def _quoted(field: bytes) -> bytes:
    if any(sign in field for sign in (b'"', b"\n", b"\r", _UNIT)):
        return b'"' + field.replace(b'"', b'""') + b'"'
    return field
