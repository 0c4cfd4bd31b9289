"""Nested plain values with arrays in them: the values as JSON text, the arrays apart.

In the text ``{"d": {...}}`` is a dictionary and ``{"a": k}`` the k-th array.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.store.project.checks import Damage, json_in, json_out

Array = NDArray[Any]
DTYPES = frozenset({"|b1", "|i1", "|u1", *(f"<{kind}{size}" for kind, size in (
    ("i", 2), ("i", 4), ("i", 8), ("u", 2), ("u", 4), ("u", 8), ("f", 2), ("f", 4), ("f", 8)))})
MOST_AXES = 8
DEEPEST = 60


def take_apart(tree: Any) -> tuple[str, list[Array]]:
    """Return a tree's values as text, and its arrays, each once.

    Raises
    ------
    TypeError
        If it holds anything but None, switches, numbers, texts, lists, dictionaries by text and
        arrays of numbers.
    """
    arrays: list[Array] = []
    places: dict[int, int] = {}
    return json_out(_plain(tree, arrays, places, 0)), arrays


def _plain(value: Any, arrays: list[Array], places: dict[int, int], depth: int) -> Any:
    if depth > DEEPEST:
        raise TypeError("a tree is nested too deep")
    if isinstance(value, np.ndarray):
        if value.dtype.newbyteorder("<").str not in DTYPES or value.ndim > MOST_AXES:
            raise TypeError(f"arrays of {value.dtype} are not kept")
        place = places.setdefault(id(value), len(arrays))
        if place == len(arrays):
            arrays.append(value)
        return {"a": place}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dict):
        if not all(type(key) is str for key in value):
            raise TypeError("the keys of a tree are texts")
        return {"d": {key: _plain(each, arrays, places, depth + 1)
                      for key, each in value.items()}}
    if isinstance(value, (list, tuple)):
        return [_plain(each, arrays, places, depth + 1) for each in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a tree cannot hold a {type(value).__name__}")


def put_together(skeleton: str, arrays: list[Array]) -> Any:
    """Return the tree of a text and its arrays."""
    return _nested(json_in(skeleton), arrays, 0)


def _nested(value: Any, arrays: list[Array], depth: int) -> Any:
    if depth > DEEPEST + 1:
        raise Damage("a tree is nested too deep")
    if isinstance(value, list):
        return [_nested(each, arrays, depth + 1) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"a"} and type(value["a"]) is int and 0 <= value["a"] < len(arrays):
        return arrays[value["a"]]
    if set(value) == {"d"} and isinstance(value["d"], dict):
        return {key: _nested(each, arrays, depth + 1) for key, each in value["d"].items()}
    raise Damage("a tree is not as it was written")
