"""Whether a state that may come from a file can be one of a solver: shapes, kinds and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

LARGEST_COUNT = 2**53


def check_arrays(live: Mapping[str, NDArray[Any]], kept: Mapping[str, Any]) -> None:
    """Refuse arrays that are not of the same names, shapes and kinds as the live ones.

    Raises
    ------
    ValueError
    """
    if set(live) != set(kept):
        raise ValueError("other arrays than this method has")
    for name, array in live.items():
        check_array(name, array, kept[name])


def check_array(name: str, live: NDArray[Any], kept: Any) -> None:
    """Refuse an array of another shape or kind.

    Raises
    ------
    ValueError
    """
    if getattr(kept, "shape", None) != live.shape or kept.dtype != live.dtype:
        raise ValueError(f"{name} has another shape")


def check_numbers(own: Any, kept: Any) -> None:
    """Refuse plain values that are not of the same names and kinds as the solver's own.

    Raises
    ------
    ValueError
    """
    if isinstance(own, Mapping):
        if not isinstance(kept, Mapping) or set(own) != set(kept):
            raise ValueError("other numbers than this method has")
        for name, value in own.items():
            check_numbers(value, kept[name])
    elif isinstance(own, (bool, int)):
        check_count(kept, -1)
    elif isinstance(own, float):
        if isinstance(kept, bool) or not isinstance(kept, (int, float)) or (
                abs(kept) > 1e300 and isinstance(kept, int)):
            raise ValueError("a number was expected")
    elif type(kept) is not type(own):
        raise ValueError("a value of another kind")


def check_count(value: Any, lowest: int = 0, highest: int = LARGEST_COUNT) -> None:
    """Refuse what is no whole number within bounds.

    Raises
    ------
    ValueError
    """
    if type(value) is not int or not lowest <= value <= highest:
        raise ValueError("a whole number within bounds was expected")
