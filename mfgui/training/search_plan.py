"""What a search is to do, and what is refused before it begins."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import SOLVERS
from mfgui.errors import SettingsError, TrainingError
from mfgui.training.checks import check_run
from mfgui.training.search_samplers import (
    GridSampler,
    RandomSampler,
    Sampler,
    n_combinations,
)
from mfgui.training.search_space import Space, checked_space
from mfgui.training.search_tpe import TpeSampler, require_optuna

METHODS: dict[str, Callable[[Space, RunSettings, int], Sampler]] = {
    "random": RandomSampler, "grid": GridSampler, "tpe": TpeSampler,
}
BATCH = 4
# Beyond so many ratings a trial is worth all threads, and several at once would take the memory.
SIDE_BY_SIDE = 2_000_000
LARGEST_SEARCH = 100_000


@dataclass(frozen=True)
class SearchPlan:
    """What is searched, and for how long.

    Parameters
    ----------
    solver : str
    settings : RunSettings
        Trial 0, and what all others have in the settings that are not searched.
    space : Space
    method : str
        "random", "grid" or "tpe".
    n_trials : int or None
        With trial 0; None: no bound, or all of a grid.
    seconds : float or None
        After so many, waiting left out, no trial begins any more.
    seed : int
        Of the suggestions; the trials themselves have that of the settings.
    is_pruned : bool
        Whether a trial is cut short where its best so far is worse than the median of others.
    n_threads : int
    """

    solver: str
    settings: RunSettings
    space: Space
    method: str = "random"
    n_trials: int | None = 40
    seconds: float | None = None
    seed: int = 0
    is_pruned: bool = False
    n_threads: int = 1


def check_plan(plan: SearchPlan, ratings: Ratings | None = None) -> SearchPlan:
    """Return the plan as it is run: trials without a refit, a grid with its number of trials.

    Raises
    ------
    SettingsError, TrainingError
        If it cannot be.
    """
    settings_type = type(plan.settings)
    space = checked_space(plan.space, settings_type)
    if plan.method not in METHODS:
        raise SettingsError(f"The method must be one of {', '.join(METHODS)}, not "
                            f"{plan.method[:20]}.", "method")
    if not plan.settings.validation:
        raise TrainingError("A search compares trials on held-out ratings: set a validation share "
                            "above 0.")
    if plan.seconds is not None and not 0 < plan.seconds < math.inf:
        raise SettingsError("The time of a search must be above 0.", "time")
    n = plan.n_trials
    if plan.method == "grid":
        size = n_combinations(space, settings_type)
        n = size if n is None else min(n, size)
    if n is not None and not 1 <= n <= LARGEST_SEARCH:
        raise SettingsError(f"The number of trials is {n:,}, but must be at least 1 and at most "
                            f"{LARGEST_SEARCH:,}.", "n_trials")
    if n is None and plan.seconds is None:
        raise SettingsError("Say how many trials, or for how long.", "n_trials")
    if plan.method == "tpe":
        require_optuna()
    settings = replace(plan.settings, refit=False)
    if ratings is not None:
        check_run(SOLVERS[plan.solver], settings, ratings)
    return replace(plan, settings=settings, space=space, n_trials=n)
