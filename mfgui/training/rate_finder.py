"""Finding a learning rate: short runs over a sample, and the rate that lowered the loss most.

A few epochs at rates that rise by a factor, each from the same start; the suggestion is the rate
of the lowest loss, but never above half of the lowest rate that diverged: what holds for a few
epochs may not hold for many, for the largest stable rate shrinks as training goes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mfgui.core.control import Control
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, describe
from mfgui.core.solvers import SOLVERS
from mfgui.errors import TrainingError
from mfgui.training.checks import check_run
from mfgui.training.warm_up import warm_up

N_EPOCHS = 5
MAX_RATINGS = 500_000
FACTOR = 2.0
# How far from the solver's own rate is looked, each way, in steps of FACTOR.
N_STEPS = 8
WORSE = 1.5
MARGIN = 0.5


@dataclass(frozen=True)
class RateTrial:
    """One short run.

    Parameters
    ----------
    learning_rate : float
    loss : float
        After ``N_EPOCHS`` epochs, as a share of the loss at the start; infinite where it diverged.
    """

    learning_rate: float
    loss: float


@dataclass(frozen=True)
class RateFound:
    """What the finder suggests.

    Parameters
    ----------
    solver : str
    learning_rate : float
        With two digits.
    trials : tuple of RateTrial
        Rates rising.
    n_ratings : int
        On how many ratings they were run.
    """

    solver: str
    learning_rate: float
    trials: tuple[RateTrial, ...]
    n_ratings: int


def find_rate(
    solver: str, settings: RunSettings, ratings: Ratings, control: Control
) -> Iterator[RateTrial | RateFound]:
    """Yield each trial, then what was found.

    The ratings are those of at most ``MAX_RATINGS`` ratings' worth of seeded users, so that each
    row has what it has in a run.

    Raises
    ------
    TrainingError
        If the solver has no rate in these settings, or no rate lowered the loss.
    """
    check_run(SOLVERS[solver], settings, ratings)
    sample = _sampled(ratings, settings.seed)
    with WorkerPool(settings.n_threads) as pool:
        control.report("preparing")
        warm_up(SOLVERS[solver], settings, pool)
        finder = _Finder(solver, settings, sample, pool, control)
        yield from finder.trials()
        yield RateFound(solver, finder.suggestion(), finder.tried, sample.n_ratings)


class _Finder:
    """Runs the trials and keeps them."""

    def __init__(
        self, solver: str, settings: RunSettings, ratings: Ratings, pool: WorkerPool,
        control: Control,
    ) -> None:
        self._type, self._settings, self._ratings = SOLVERS[solver], settings, ratings
        self._pool, self._control = pool, control
        self._found: dict[float, float] = {}

    @property
    def tried(self) -> tuple[RateTrial, ...]:
        """All trials, rates rising."""
        return tuple(RateTrial(rate, loss) for rate, loss in sorted(self._found.items()))

    def trials(self) -> Iterator[RateTrial]:
        """Go up from the solver's own rate until it diverges, then down until it gets worse."""
        middle = self._own_rate()
        for direction in (1, -1):
            for step in range(0 if direction > 0 else 1, N_STEPS + 1):
                rate = middle * FACTOR ** (direction * step)
                self._control.report(f"trying rate {rate:.2g}",
                                     len(self._found) / (2 * N_STEPS + 1))
                trial = RateTrial(rate, self._loss_after(rate))
                self._found[rate] = trial.loss
                yield trial
                if self._is_far_enough(trial, direction):
                    break

    def _is_far_enough(self, trial: RateTrial, direction: int) -> bool:
        """Return whether going on that way can find nothing better."""
        if direction > 0:
            return not math.isfinite(trial.loss)
        best = min(self._found.values())
        # Two steps beyond the best one: a loss over rates is one valley.
        losses = [loss for _, loss in sorted(self._found.items())][:3]
        return math.isfinite(best) and trial.loss > best and losses == sorted(losses, reverse=True)

    def _own_rate(self) -> float:
        """Return the rate that the solver would begin with by itself."""
        settings = replace(self._settings, **self._without_rate())
        rate: float | None = self._solver(settings).learning_rate
        if rate is None or not self._without_rate():
            raise TrainingError(
                f"{self._type.label} has no learning rate in these settings: press Train.")
        return rate

    def _without_rate(self) -> dict[str, Any]:
        """Return the default of the rate's setting."""
        return {info.name: info.default for info in describe(type(self._settings))
                if info.is_findable}

    def _solver(self, settings: RunSettings) -> Any:
        """Return a new solver, from the same start each time."""
        return self._type(self._ratings, settings, self._pool,
                          np.random.default_rng(settings.seed))

    def _loss_after(self, rate: float) -> float:
        """Return the loss after a few epochs as a share of that at the start."""
        values: dict[str, Any] = dict.fromkeys(self._without_rate(), rate)
        solver = self._solver(replace(self._settings, **values))
        start = solver.fit(self._control.checkpoint).loss
        loss = math.inf
        for _ in range(N_EPOCHS):
            solver.run_epoch(self._control.checkpoint)
            loss = solver.fit(self._control.checkpoint).loss
            if not math.isfinite(loss) or loss > WORSE * start:
                return math.inf
        return loss / start if start > 0 else loss

    def suggestion(self) -> float:
        """Return the rate of the lowest loss, held away from what diverged.

        Raises
        ------
        TrainingError
            If none was finite.
        """
        finite = [(loss, rate) for rate, loss in self._found.items() if math.isfinite(loss)]
        if not finite:
            raise TrainingError("No learning rate was found that keeps the loss finite: look at "
                                "the ratings for very large values.")
        rate = min(finite)[1]
        diverged = [rate for rate, loss in self._found.items() if not math.isfinite(loss)]
        limit = MARGIN * min(diverged, default=math.inf)
        return float(f"{min(rate, max(limit, 0.0)):.2g}")


def _sampled(ratings: Ratings, seed: int) -> Ratings:
    """Return the ratings of as many seeded users as have ``MAX_RATINGS`` in all."""
    if ratings.n_ratings <= MAX_RATINGS:
        return ratings
    order = np.random.default_rng([seed, 2]).permutation(ratings.n_users)
    is_in = np.zeros(ratings.n_users, bool)
    n_users = int(np.searchsorted(np.cumsum(ratings.user_counts[order]), MAX_RATINGS)) + 1
    is_in[order[:n_users]] = True
    return ratings.take(np.flatnonzero(is_in[ratings.user_index]))
