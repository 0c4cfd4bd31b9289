"""How much the figures of the same settings vary from seed to seed, and two settings beside it.

Two trained models may differ surely while their settings do not: what another seed would change is
seen by training with other seeds alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

from mfgui.inspection.differences import NO_RESULT
from mfgui.inspection.student import t_quantile

NOT_COMPARED = {"seed", *NO_RESULT}


def is_same_but_seed(
    solver: str, settings: Mapping[str, Any], other_solver: str, other_settings: Mapping[str, Any],
) -> bool:
    """Return whether two runs differ in nothing but the seed."""
    def kept(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in values.items() if name not in NOT_COMPARED}

    return solver == other_solver and kept(settings) == kept(other_settings)


@dataclass(frozen=True)
class SeedSpread:
    """The validation RMSE of two settings over seeds.

    Parameters
    ----------
    n, other_n : int
        How many seeds each was trained with.
    mean, other_mean : float
    deviation, other_deviation : float or None
        Standard deviation from seed to seed; None where there is only one.
    is_same : bool
        Whether both are the same settings: then the two sides are the same runs.
    n_paired : int
        How many seeds both have, where ``difference`` is the mean of the differences seed by seed:
        the same seed holds out the same ratings. 1: of that seed alone. 0: it is the difference of
        the means.
    difference : float
        One less the other: below 0 the first is better; 0 where they are the same settings.
    low, high : float or None
        The 95 % interval of the difference by Student's t; None where no seeds repeat.
    """

    n: int
    other_n: int
    mean: float
    other_mean: float
    deviation: float | None
    other_deviation: float | None
    is_same: bool
    n_paired: int
    difference: float
    low: float | None
    high: float | None

    @property
    def winner(self) -> int | None:
        """0 or 1, the settings that are better; None where that cannot be said."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return None
        return 0 if self.high < 0 else 1


def seed_spread(
    figures: Mapping[int, float], other_figures: Mapping[int, float], *,
    is_same: bool = False, is_same_split: bool = True,
) -> SeedSpread | None:
    """Return the spread over seeds; None where one side has no figure.

    Parameters
    ----------
    figures, other_figures : mapping of int to float
        Validation RMSE by seed.
    is_same : bool
        Whether both are of the same settings.
    is_same_split : bool
        Whether the same seed holds out the same ratings in both.

    Notes
    -----
    Two seeds that both have, or more, are compared pair by pair. Else the two means are, with one
    standard deviation for both (the pooled t test), so that a single run can be set beside several;
    but not where that run has its seed in common with one of these: against others, which hold out
    other ratings, it would be measured by luck.
    """
    one, other = (dict(sorted(each.items())) for each in (figures, other_figures))
    if not (one and other):
        return None
    common = sorted(one.keys() & other.keys()) if is_same_split and not is_same else []
    is_paired = len(common) > 1 or (len(common) == 1 and 1 in (len(one), len(other)))
    apart = [one[seed] - other[seed] for seed in common] if is_paired else []
    difference = fmean(apart) if apart else fmean(one.values()) - fmean(other.values())
    half = None if is_same else _half(list(one.values()), list(other.values()), apart)
    return SeedSpread(
        len(one), len(other), fmean(one.values()), fmean(other.values()),
        _deviation(list(one.values())), _deviation(list(other.values())), is_same, len(apart),
        0.0 if is_same else difference,
        None if half is None else difference - half, None if half is None else difference + half)


def _half(one: list[float], other: list[float], apart: list[float]) -> float | None:
    """Return half the width of the interval of the difference; None where no seeds repeat."""
    if apart:
        return None if len(apart) == 1 else (
            stdev(apart) / math.sqrt(len(apart)) * t_quantile(len(apart) - 1))
    degrees = len(one) + len(other) - 2
    if not degrees:
        return None
    squares = sum((_deviation(each) or 0.0) ** 2 * (len(each) - 1) for each in (one, other))
    return math.sqrt(squares / degrees * (1 / len(one) + 1 / len(other))) * t_quantile(degrees)


def _deviation(values: list[float]) -> float | None:
    """Return the standard deviation; None of a single one."""
    return stdev(values) if len(values) > 1 else None
