"""The job that finds a learning rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, as_dict, describe, does_apply
from mfgui.training import rate_finder
from mfgui.training.rate_finder import N_EPOCHS, RateFound, RateTrial

__all__ = [
    "N_EPOCHS", "RateFound", "RateTrial", "find_rate", "findable", "found_text",
    "is_same_search",
]


def find_rate(
    control: Control, solver: str, settings: RunSettings, ratings: Ratings
) -> Iterator[RateTrial | RateFound]:
    """Yield short runs at several rates, then the suggestion.

    Raises
    ------
    TrainingError, SettingsError
        As ``training.rate_finder`` says.
    """
    yield from rate_finder.find_rate(solver, settings, ratings, control)


def findable(settings: RunSettings) -> str:
    """Return the name of the setting that can be found here, or "" where none does anything."""
    values = as_dict(settings)
    return next((info.name for info in describe(type(settings))
                 if info.is_findable and does_apply(info, values)), "")


def is_same_search(before: RunSettings, now: RunSettings) -> bool:
    """Return whether the search would find the same with other settings.

    How long a run is, what it holds out and when it stops does not matter to it.
    """
    if type(before) is not type(now):
        return False
    run: dict[str, Any] = {
        info.name: info.default for info in describe(type(now))
        if info.is_findable or (info.group == "run" and info.name != "seed")}
    return replace(before, **run) == replace(now, **run)


def found_text(found: RateFound) -> str:
    """Return in words what a suggestion is worth, and on what it was tried."""
    best = min(found.trials, key=lambda trial: (trial.loss, trial.learning_rate)).learning_rate
    best = float(f"{best:.2g}")
    text = (f"{best:g} lowers the training loss most in the first {N_EPOCHS} epochs, of "
            f"{len(found.trials)} rates tried on {found.n_ratings:,} ratings.")
    if found.learning_rate < best:
        text += (f" {found.learning_rate:g} is half of the lowest rate that diverged: what holds "
                 "for a few epochs may not hold for many.")
    return text + " A lower rate takes more epochs and is often better on ratings not seen."
