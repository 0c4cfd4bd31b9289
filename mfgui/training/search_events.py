"""What a search tells, one frozen object at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.settings import RunSettings
from mfgui.training.events import RunResult
from mfgui.training.search_trials import Outcome
from mfgui.training.segment import Event


@dataclass(frozen=True, eq=False)
class TrialBegun:
    """A trial is about to run, or is known already.

    Parameters
    ----------
    trial : int
    values : dict
        The searched settings.
    settings : RunSettings
        All of them.
    held_out : ndarray of int64
        Positions of the ratings that no trial is trained on, rising.
    is_known : bool
        Whether it ended in an earlier sitting.
    """

    trial: int
    values: dict[str, Any]
    settings: RunSettings
    held_out: NDArray[np.int64]
    is_known: bool = False


@dataclass(frozen=True)
class Waiting:
    """Nothing new: told several times a second, for whoever has something else to look after."""


@dataclass(frozen=True)
class TrialEvent:
    """What the run of a trial tells."""

    trial: int
    event: Event


@dataclass(frozen=True, eq=False)
class TrialEnded:
    """A trial is over.

    Parameters
    ----------
    trial : int
    outcome : Outcome or None
        None where it was cut off with the search.
    result : RunResult or None
        None where it ran in an earlier sitting, or failed.
    seconds : float
        What the search took until then, waiting left out.
    """

    trial: int
    outcome: Outcome | None
    result: RunResult | None
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class SearchResult:
    """How a search ended.

    Parameters
    ----------
    outcomes : tuple of Outcome
        By trial.
    best : Outcome or None
    result : RunResult or None
        Of the best trial, where it ran in this sitting.
    is_complete : bool
        Whether all trials that were asked for are there.
    seconds : float
        Since the very beginning, waiting left out.
    """

    outcomes: tuple[Outcome, ...]
    best: Outcome | None
    result: RunResult | None
    is_complete: bool
    seconds: float


SearchEvent = TrialBegun | TrialEvent | TrialEnded | Waiting | SearchResult
