"""Whether what a project file holds is what it says: the file is untrusted."""

from __future__ import annotations

import json
import math
import struct
from typing import Any

from mfgui.store.project.schema import LONGEST_JSON

LARGEST = 2**53
"""Of whole numbers: all of them are exact as numbers too."""


MOST = 2**40
"""Of the numbers that things are given: there is always a next one."""


class Damage(ValueError):
    """Something in the file is not what it says; told as a ``ProjectError`` by ``reading``."""


def text_out(value: str) -> str | bytes:
    """Return a text as it is stored: as bytes where it is no UTF-8, as a file's name may be."""
    return value if is_utf8(value) else value.encode("utf-8", "surrogatepass")


def text(value: Any) -> str:
    """Return a text as it was before it was stored."""
    if isinstance(value, str) and is_utf8(value):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise Damage("a text is not one") from error
    raise Damage("a text was expected")


def is_utf8(value: str) -> bool:
    """Return whether a text can be written as it should be: it may hold half a sign."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def whole(value: Any, low: int = 0, high: int = LARGEST) -> int:
    """Return a whole number from ``low`` to ``high``."""
    if type(value) is not int or not low <= value <= high:
        raise Damage("a whole number was expected")
    return value


def whole_or_none(value: Any, low: int = 0) -> int | None:
    """Return a whole number, or None."""
    return None if value is None else whole(value, low)


def switch(value: Any) -> bool:
    """Return what is kept as 0 or 1."""
    return bool(whole(value, 0, 1))


def seconds(value: Any) -> float:
    """Return a moment, seconds since 1970."""
    if not isinstance(value, (int, float)) or not math.isfinite(value) or abs(value) > LARGEST:
        raise Damage("a moment was expected")
    return float(value)


def number_out(value: Any) -> Any:
    """Return a number as it is stored: NaN as its eight bytes, for SQLite takes it for NULL."""
    if value is None:
        return None
    value = float(value)
    return struct.pack("<d", value) if math.isnan(value) else value


def number_in(value: Any) -> float | None:
    """Return a number as it was before it was stored."""
    if value is None or type(value) is float:
        return value
    if type(value) is int and abs(value) <= LARGEST:
        return float(value)
    if isinstance(value, bytes) and len(value) == 8:
        (result,) = struct.unpack("<d", value)
        return float(result)
    raise Damage("a number was expected")


def json_out(value: Any) -> str:
    """Return plain values as text.

    Raises
    ------
    TypeError
        If a value is not plain.
    ValueError
        If the text is longer than any that is read.
    """
    result = json.dumps(value, separators=(",", ":"))
    if len(result) > LONGEST_JSON:
        raise ValueError(f"{len(result):,} letters are more than a project keeps in one place")
    return result


def json_in(value: Any) -> Any:
    """Return the plain values of a text."""
    if len(text(value)) > LONGEST_JSON:
        raise Damage("a text is longer than any that was written")
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Damage("a text is not JSON") from error


def object_in(value: Any) -> dict[str, Any]:
    """Return the plain values of a text that names each of them."""
    result = json_in(value)
    if not isinstance(result, dict):
        raise Damage("named values were expected")
    return result
