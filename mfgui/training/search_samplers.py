"""What the next trials try: at random, over a grid, or (``search_tpe``) where it was good before.

A sampler is asked for batches, one after another, and is told trials in the order of their
numbers; so the same seed asks for the same trials on any number of threads, and a search that was
broken off comes to the same ones by asking and telling again.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from mfgui.core.settings import RunSettings
from mfgui.training.search_space import Space, info_of, steps_of, value_at

_STREAM = 4  # of the seed: a split of the same seed draws other numbers

Values = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What a sampler learns of a trial.

    Parameters
    ----------
    trial : int
    score : float
        The less the better; infinite where the trial came to nothing.
    curve : tuple of float
        The best score so far at each epoch, from epoch 1 on.
    is_pruned : bool
    values : mapping
        What it tried.
    """

    trial: int
    score: float
    curve: tuple[float, ...] = ()
    is_pruned: bool = False
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        """Whether the score is a number to learn from."""
        return math.isfinite(self.score)


class Sampler(Protocol):
    """Suggests trials; trial 0, the settings as they stand, is not asked for."""

    def n_trials(self) -> int | None:
        """Return how many there are beside trial 0; None where there is no end."""

    def ask(self, trials: Sequence[int]) -> list[Values]:
        """Return the searched settings of the next trials."""

    def tell(self, told: Sequence[Told]) -> None:
        """Learn of the next trials in order, trial 0 first."""


class RandomSampler:
    """Draws each setting of its range, independently; equal factors equally likely where log.

    Trial k has a generator of its own that seed and k make, so that any trial can be drawn again
    without those before it.
    """

    def __init__(self, space: Space, settings: RunSettings, seed: int) -> None:
        self._ranges = [(each, info_of(each.name, type(settings))) for each in space.ranges]
        self._seed = seed

    def n_trials(self) -> int | None:
        """There is no end."""
        return None

    def ask(self, trials: Sequence[int]) -> list[Values]:
        """Return a draw for each trial."""
        return [self._draw(trial) for trial in trials]

    def _draw(self, trial: int) -> Values:
        shares = np.random.default_rng([self._seed, _STREAM, trial]).random(len(self._ranges))
        return {each.name: value_at(each, float(share), info)
                for (each, info), share in zip(self._ranges, shares, strict=True)}

    def tell(self, told: Sequence[Told]) -> None:
        """Learn nothing."""


class GridSampler:
    """Tries all combinations, the last setting changing first."""

    def __init__(self, space: Space, settings: RunSettings, seed: int) -> None:
        steps = [steps_of(each, info_of(each.name, type(settings))) for each in space.ranges]
        self._names, self._steps = space.names, steps

    def n_trials(self) -> int | None:
        """Return the number of combinations."""
        return math.prod(len(values) for values in self._steps)

    def ask(self, trials: Sequence[int]) -> list[Values]:
        """Return the combinations of these numbers, from 1 on."""
        return [self._combination(trial - 1) for trial in trials]

    def _combination(self, place: int) -> Values:
        digits = []
        for values in reversed(self._steps):
            place, digit = divmod(place, len(values))
            digits.append(values[digit])
        return dict(zip(self._names, reversed(digits), strict=True))

    def tell(self, told: Sequence[Told]) -> None:
        """Learn nothing."""


def n_combinations(space: Space, settings_type: type[RunSettings]) -> int:
    """Return how many trials a grid has, trial 0 among them."""
    return 1 + math.prod(
        len(steps_of(each, info_of(each.name, settings_type))) for each in space.ranges)


def median_rule(
    curve: Sequence[float], told: Sequence[Told], *, n_least: int = 5, n_epochs_least: int = 3
) -> float | None:
    """Return the median that a trial's curve is worse than at its last epoch, or None.

    The median is that of the best score so far, at the same epoch, of the trials told before
    (their last one where they ended sooner): the rule of Golovin et al. (2017), Google Vizier: A
    Service for Black-Box Optimization, KDD, section 3.2.2, with the best so far for the mean so
    far, since early stopping keeps the best.

    Parameters
    ----------
    curve : sequence of float
        The best score so far, from epoch 1 on.
    told : sequence of Told
    n_least, n_epochs_least : int
        Without so many trials to compare with, and before so many epochs, nothing is pruned.
    """
    epoch = len(curve)
    others = [each for each in told if each.is_sound and each.curve]
    if epoch < n_epochs_least or len(others) < n_least:
        return None
    # A pruned one that had not come this far was worse by then than half of the others already.
    at_epoch = [each.curve[min(epoch, len(each.curve)) - 1] for each in others]
    median = float(np.median(at_epoch))
    return median if curve[-1] > median or math.isnan(curve[-1]) else None


def best_so_far(scores: Sequence[float]) -> tuple[float, ...]:
    """Return the least of the scores up to each."""
    return tuple(itertools.accumulate(
        (score if math.isfinite(score) else math.inf for score in scores), min))
