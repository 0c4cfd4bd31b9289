"""The job that finds a learning rate."""

from __future__ import annotations

from collections.abc import Iterator

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.training import rate_finder
from mfgui.training.rate_finder import RateFound, RateTrial

__all__ = ["RateFound", "RateTrial", "find_rate"]


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
