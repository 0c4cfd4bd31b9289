"""Formulas as plain values, to be drawn, copied as text or as LaTeX, with decimals chosen then.

A formula is a tuple of parts. Numbers stay numbers until somebody writes them, so that the same
equations serve any number of decimals.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DoubleArray = NDArray[np.float64]
MINUS = "\N{MINUS SIGN}"
LARGEST_PLAIN = 1e9  # from here on with a power of ten
SHORT = 8  # a vector with more entries may be shortened ...
KEPT = 5  # ... to its first ones, and the last


@dataclass(frozen=True)
class Sign:
    """Words or signs between others: `` = `` has blanks around, ``½`` none.

    A line may be broken before one with ``can_break``.
    """

    text: str
    can_break: bool = False


@dataclass(frozen=True)
class Symbol:
    """A letter with an index: ``r_nm``, with a hat where it is predicted, after a step primed."""

    letter: str
    index: str = ""
    has_hat: bool = False
    is_primed: bool = False

    def primed(self) -> Symbol:
        """Return what the letter stands for after a step."""
        return Symbol(self.letter, self.index, self.has_hat, True)


@dataclass(frozen=True)
class Number:
    """A number: with the decimals chosen, or exactly as it was given (a rating, a count).

    Below 0 it is put in brackets where ``is_bracketed`` is set, as after another sign.
    """

    value: float
    is_given: bool = False
    is_bracketed: bool = False


@dataclass(frozen=True, eq=False)
class Vector:
    """Numbers in a row, shape (n,)."""

    values: DoubleArray


@dataclass(frozen=True, eq=False)
class Matrix:
    """Numbers in a square or a column, shape (n_rows, n_columns)."""

    values: DoubleArray


@dataclass(frozen=True)
class Fraction:
    """One formula above another."""

    top: tuple[Sign | Symbol | Number, ...]
    bottom: tuple[Sign | Symbol | Number, ...]


Part = Sign | Symbol | Number | Vector | Matrix | Fraction
Formula = tuple[Part, ...]

EQUALS, PLUS, MINUS_SIGN, BECOMES = (
    Sign(f" {sign} ", can_break=True) for sign in ("=", "+", MINUS, "←"))
TIMES, SQUARED, HALF, OPEN, CLOSE = (Sign(sign) for sign in ("·", "²", "½", "(", ")"))


def given(value: float) -> Number:
    """Return a number that is written as it was given."""
    return Number(value, is_given=True)


def after(value: float) -> Number:
    """Return a number that follows another sign: in brackets where it is below 0."""
    return Number(value, is_bracketed=True)


def joined(parts: list[Formula], sign: Sign) -> Formula:
    """Return the formulas with the sign between."""
    result: list[Part] = []
    for position, part in enumerate(parts):
        result.extend((sign, *part) if position else part)
    return tuple(result)


def number_parts(value: float, decimals: int, *, is_given: bool = False) -> tuple[str, int | None]:
    """Return a number's digits and, where they alone would not do, its power of ten.

    What would be written as 0 without being it, or has too many digits before the point, is
    written with a power of ten.
    """
    if math.isnan(value):
        return "undefined", None
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞", None
    if is_given and 1e-4 <= abs(value) < LARGEST_PLAIN:
        return f"{value:.7g}".replace("-", MINUS), None
    if value and not 0.5 * 10.0**-decimals <= abs(value) < LARGEST_PLAIN:
        digits, power = f"{value:.{1 if is_given else min(decimals, 2)}e}".split("e")
        return digits.replace("-", MINUS), int(power)
    return f"{value + 0.0:.{0 if is_given else decimals}f}".replace("-", MINUS), None


def is_cut(values: DoubleArray, *, is_whole: bool) -> bool:
    """Return whether a vector is shown without its middle."""
    return values.size > SHORT and not is_whole


def shown_entries(values: DoubleArray, *, is_whole: bool) -> list[float | None]:
    """Return the entries of a vector that are shown; None stands for those left out."""
    if not is_cut(values, is_whole=is_whole):
        return [float(value) for value in values]
    return [*(float(value) for value in values[:KEPT]), None, float(values[-1])]


@dataclass(frozen=True)
class Line:
    """One equation.

    Parameters
    ----------
    name : str
        What it is, in a word or two.
    symbols : Formula
        In letters, as in a book.
    numbers : Formula
        What follows it with this cell's numbers put in; it begins with its own `` = ``.
    note : str
        A sentence for people, or "".
    """

    name: str
    symbols: Formula
    numbers: Formula = ()
    note: str = ""

    @property
    def formula(self) -> Formula:
        """Letters and numbers in one."""
        return (*self.symbols, *self.numbers)


@dataclass(frozen=True)
class Section:
    """Equations that belong together."""

    title: str
    lines: tuple[Line, ...]
