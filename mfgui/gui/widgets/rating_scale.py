"""The scale on which a person rates: its steps, and what a typed rating may be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.gui.widgets.inspector_words import minus, rating

MOST_STEPS = 21  # beyond, no place on a bar can be told from the next
MOST_STARS = 5
LARGEST = 1e9  # of a number that has no scale
N_LOOKED_AT = 20_000  # ratings, to see how fine they are
_FINENESS = 100  # places on a bar without steps


@dataclass(frozen=True)
class RatingScale:
    """What a rating may be.

    Parameters
    ----------
    low, high : float
        Its ends, in the user's units.
    step : float
        Between two ratings; 0 where they are not a few.
    is_free : bool
        Any number may be typed, and there is no bar to click on.
    """

    low: float = 0.0
    high: float = 0.0
    step: float = 0.0
    is_free: bool = True

    @property
    def n_stars(self) -> int:
        """How many stars show the scale; 0 where a bar does."""
        is_starry = (0 <= self.low <= 1 < self.high <= MOST_STARS and self.high == int(self.high)
                     and self.step in (0.5, 1.0))
        return int(self.high) if is_starry else 0

    @property
    def longest(self) -> str:
        """The longest rating in words."""
        step = self.step or (self.high - self.low) / _FINENESS
        ends = (self.low, self.high, self.low + step, self.high - step)
        return max((minus(rating(float(f"{end:.6g}"))) for end in ends), key=len)

    def at(self, share: float) -> float:
        """Return the rating at a place on the drawn scale, 0 at its left end and 1 at its right."""
        share = min(max(share, 0.0), 1.0)
        if self.n_stars:
            value = math.ceil(share * self.n_stars / self.step) * self.step
        elif self.step:
            n_cells = round((self.high - self.low) / self.step) + 1
            value = self.low + min(int(share * n_cells), n_cells - 1) * self.step
        else:
            value = self.low + share * (self.high - self.low)
        return self._tidy(value)

    def share(self, value: float) -> float:
        """Return how much of the drawn scale a rating fills, 0 to 1."""
        if self.n_stars:
            filled = value / self.n_stars
        elif self.step:
            width = self.high - self.low
            filled = (value - self.low + self.step) / (width + self.step)
        else:
            filled = (value - self.low) / max(self.high - self.low, 1e-300)
        return min(max(filled, 0.0), 1.0)

    def stepped(self, value: float | None, n_steps: int) -> float:
        """Return the rating some steps up or down; from none, the middle of the scale."""
        if self.is_free:
            return min(max((0.0 if value is None else value) + n_steps, -LARGEST), LARGEST)
        if value is None:
            return self.at(0.5)
        step = self.step or (self.high - self.low) / _FINENESS * 5
        return self._tidy(value + n_steps * step)

    def parsed(self, text: str) -> tuple[float | None, str]:
        """Return the rating that was typed, or None and what is wrong with it in a sentence."""
        cleaned = text.strip().replace("\N{MINUS SIGN}", "-")
        if cleaned.count(",") == 1 and "." not in cleaned:
            cleaned = cleaned.replace(",", ".")
        try:
            value = float(cleaned)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            return None, f"“{text.strip()[:40]}” is no number: {self.words}."
        if self.is_free:
            is_sound = abs(value) <= LARGEST
        else:
            slack = 1e-6 * (self.high - self.low)
            is_sound = self.low - slack <= value <= self.high + slack
        if not is_sound:
            return None, f"{minus(rating(value))} cannot be a rating: {self.words}."
        return value, ""

    @property
    def words(self) -> str:
        """What a rating may be, in words."""
        if self.is_free:
            return "type a number, such as 1"
        return f"type a number from {minus(rating(self.low))} to {minus(rating(self.high))}"

    def _tidy(self, value: float) -> float:
        """Return the nearest rating that the scale has, as it would be typed."""
        step = self.step or (self.high - self.low) / _FINENESS
        value = self.low + round((value - self.low) / step) * step
        return float(f"{min(max(value, self.low), self.high):.6g}")


def scale_of(model: FactorModel | None, ratings: Ratings) -> RatingScale:
    """Return the scale that ratings for a model lie on."""
    low, high = model.scale if model is not None else ratings.scale
    is_preference = model is not None and model.target == "preference"
    if is_preference or not 0 < high - low < LARGEST:
        return RatingScale(low, high, 0.0, is_free=True)
    seen = ratings.value[:N_LOOKED_AT].astype(np.float64)
    for step in (1.0, 0.5):
        is_even = float(low / step).is_integer() and not np.any(seen / step % 1)
        if is_even and seen.size and round((high - low) / step) < MOST_STEPS:
            return RatingScale(low, high, step, is_free=False)
    return RatingScale(low, high, 0.0, is_free=False)
