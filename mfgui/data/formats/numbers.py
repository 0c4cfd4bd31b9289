"""What looks like a number or a time in the beginning of a file."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Sequence

MISSING_WORDS = ("?", "na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", ".", "<na>")
"""What stands for a missing rating besides an empty cell, in lower case."""

_POINT = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
_TIME = re.compile(r"\d{8,13}(\.\d+)?|\d{4}-\d\d?-\d\d?.*|\d\d?[./]\d\d?[./]\d{4}.*", re.ASCII)


@functools.lru_cache(maxsize=1 << 14)  # ratings are few different texts
def is_number(text: str) -> bool:
    """Return whether the text is a number, finite or not, with a point or a comma."""
    if _POINT.fullmatch(text) or _COMMA.fullmatch(text):
        return True
    return text.lower().lstrip("+-") in ("nan", "inf", "infinity")


@functools.lru_cache(maxsize=1 << 14)
def number_of(text: str) -> float | None:
    """Return the finite number, with a point or a comma, or None."""
    if not (_POINT.fullmatch(text) or _COMMA.fullmatch(text)):
        return None
    value = float(text.replace(",", "."))
    return value if math.isfinite(value) else None


def find_decimal(fields: Sequence[str]) -> str:
    """Return ``comma`` where most numbers that are not whole are written with one."""
    commas = [text for text in fields if _COMMA.fullmatch(text)]
    points = sum("." in text and bool(_POINT.fullmatch(text)) for text in fields)
    is_grouped = bool(commas) and all(_THOUSANDS.fullmatch(text) for text in commas)
    return "comma" if len(commas) > points and not is_grouped else "point"


def is_time(fields: Sequence[str]) -> bool:
    """Return whether most fields look like seconds since 1970 or dates."""
    return bool(fields) and sum(
        bool(_TIME.fullmatch(text)) for text in fields) * 2 > len(fields)
