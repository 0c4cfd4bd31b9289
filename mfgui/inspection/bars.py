"""Addends, and the waterfall that they become once they are rounded together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.inspection.cell_rows import Cell
from mfgui.inspection.explanation import Bar, Waterfall
from mfgui.inspection.rounding import decimals_of, least_of, rounded_texts


@dataclass(frozen=True)
class Addend:
    """A bar that is not rounded yet; as ``Bar``."""

    kind: str
    label: str
    value: float
    index: int | None = None
    observed: float | None = None


def waterfall(
    name: str, addends: Sequence[Addend], total: float, scale: tuple[float, float], note: str = ""
) -> Waterfall:
    """Return the addends as bars whose printed numbers add up to the printed total."""
    printed, printed_total = rounded_texts(
        [addend.value for addend in addends], total, decimals_of(scale))
    bars = tuple(Bar(addend.kind, addend.label, addend.value, text, addend.index, addend.observed)
                 for addend, text in zip(addends, printed, strict=True))
    return Waterfall(name, bars, total, printed_total, note)


def largest_first(
    values: NDArray[np.float64], n_shown: int, shown: Callable[[int], Addend],
    rest: Callable[[NDArray[np.int64], float], Addend],
) -> list[Addend]:
    """Return the addends of largest size, and one for all the others.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
    n_shown : int
        One more is shown where it would be the only one left.
    shown : callable
        Makes the addend of one position.
    rest : callable
        Makes the addend of all the other positions, given these and their sum.
    """
    order = np.argsort(-np.abs(values), kind="stable")
    if values.size <= n_shown + 1:
        n_shown = values.size
    others = order[n_shown:]
    addends = [shown(int(k)) for k in order[:n_shown]]
    return [*addends, rest(others, float(values[others].sum()))] if others.size else addends


def mean_addends(model: FactorModel) -> list[Addend]:
    """Return the mean, or nmf's offset, that every prediction begins with; nothing if 0."""
    if model.global_mean == 0:
        return []
    if model.rules and all(rule.is_nonnegative for rule in model.rules):
        return [Addend("offset", "offset", model.global_mean)]
    return [Addend("mean", "mean of the ratings", model.global_mean)]


def clipping_addends(cell: Cell) -> list[Addend]:
    """Return what clipping to the scale does, where it does anything."""
    change = cell.shown - cell.raw
    low, high = cell.model.scale
    if not abs(change) > least_of((low, high)):  # nor where it is NaN
        return []
    return [Addend("clipped", f"clipped to the scale, {low:g} to {high:g}", change)]


def value_text(value: Any) -> str:
    """Return a rating as it was given: 4, 3.5, 1,034."""
    return f"{float(value):,.7g}"
