"""Numbers rounded so that those printed add up to the printed total.

Each addend is first rounded down; what the total has more is given, one unit of the last digit
each, to those that lost most (the method of the largest remainder, after Hare and Hamilton).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

MOST_UNITS = 1e13
MOST_DECIMALS = 6  # beyond, and for what is larger than 9 digits, a power of ten is written


def decimals_of(scale: tuple[float, float]) -> int:
    """Return how many decimals tell a scale's numbers apart: 2 on a scale from 1 to 5.

    Some hundreds of steps to the scale's width, and whole numbers up to 2.5 thousand millions,
    for wide scales have long tails; a width of 0 counts as 1. Negative beyond: -7 rounds to tens of
    millions.
    """
    decimals = 2 - math.floor(math.log10(_width(scale) / 2.5))
    return decimals if decimals > 0 or decimals < -MOST_DECIMALS else 0


def least_of(scale: tuple[float, float]) -> float:
    """Return the size up to which a number on a scale is nothing: a millionth of its width."""
    return 1e-6 * _width(scale)


def _width(scale: tuple[float, float]) -> float:
    """Return a scale's width; one of 0 counts as 1, one too large for a float as its ends' size."""
    width = scale[1] - scale[0]
    if 0 < width < math.inf:
        return width
    return 1.0 if width == 0 else max(abs(scale[0]), abs(scale[1]))


def number_text(value: float, decimals: int, *, is_signed: bool = False) -> str:
    """Return a number in words, with a plus sign before what is above 0 where ``is_signed``."""
    if _is_beyond(value, decimals):
        return f"{value:+.4g}" if is_signed else f"{value:.4g}"
    return _written(_units(value, decimals), decimals, is_signed)


def rounded_texts(
    values: Sequence[float], total: float, decimals: int
) -> tuple[list[str], str]:
    """Return the numbers, signed, and their total in words; those written add up to it exactly.

    Parameters
    ----------
    values : sequence of float
        Their sum is ``total`` but for rounding.
    total : float
    decimals : int

    Notes
    -----
    Numbers that are not finite, or thousands of millions of times the scale's width, as of a model
    that has diverged, are written with four digits each, and add up to nothing.
    """
    if any(_is_beyond(value, decimals) for value in [*values, total]):
        return ([number_text(value, decimals, is_signed=True) for value in values],
                number_text(total, decimals))
    scaled = [_scaled(value, decimals) for value in values]
    units = [math.floor(each) for each in scaled]
    whole = _units(total, decimals)
    missing = whole - sum(units) if units else 0
    by_loss = sorted(range(len(units)), key=lambda k: units[k] - scaled[k])
    each, more = divmod(missing, len(units) or 1)
    for rank, k in enumerate(by_loss):
        units[k] += each + (rank < more)
    return ([_written(unit, decimals, True) for unit in units],
            _written(whole, decimals, False))


def _is_beyond(value: float, decimals: int) -> bool:
    """Return whether a number is not finite or too large to be written to the last digit."""
    return not abs(_scaled(value, decimals)) < MOST_UNITS


def _scaled(value: float, decimals: int) -> float:
    """Return the number in units of the last digit."""
    return value * 10.0**decimals if decimals >= 0 else value / 10.0**-decimals


def _units(value: float, decimals: int) -> int:
    """Return the number rounded to whole units of the last digit, as Python's format rounds."""
    if 0 <= decimals <= MOST_DECIMALS:
        return int(f"{value:.{decimals}f}".replace(".", ""))
    return round(_scaled(value, decimals))


def _written(units: int, decimals: int, is_signed: bool) -> str:
    """Return so many units of the last digit in words."""
    sign = "-" if units < 0 else "+" if is_signed and units > 0 else ""
    size = abs(units)
    if decimals == 0:
        return f"{sign}{size:,}"
    if 0 < decimals <= MOST_DECIMALS:
        return f"{sign}{size // 10**decimals:,}.{size % 10**decimals:0{decimals}}"
    return f"{sign}{size // 100}.{size % 100:02}e{2 - decimals:+d}"
