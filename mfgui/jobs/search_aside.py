"""Ratings that a search never touches: set aside before it, measured on once, at its end."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.error_figures import error_figures
from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.errors import TrainingError
from mfgui.training.measures import MEASURES
from mfgui.training.search import SearchPlan

_STREAM = 6  # of the seed: not that of the validation share, nor of anything drawn in training
LARGEST_SHARE = 0.5


@dataclass(frozen=True)
class AsideFigure:
    """What the best trial's model came to on the ratings set aside.

    Parameters
    ----------
    trial : int
    name : str
        "rmse" or "ndcg".
    value : float
    error : float or None
        Standard error over users, where it was worked out.
    n_ratings, n_unseen : int
        How many, and how many of them have a user or item without a training rating.
    n_looks : int
        How often they were measured on by now: more than once where the search went on and found
        a better one, which makes the figure a little too good.
    """

    trial: int
    name: str
    value: float
    error: float | None
    n_ratings: int
    n_unseen: int
    n_looks: int = 1

    def as_plain(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def set_aside(
    ratings: Ratings, share: float, seed: int
) -> tuple[Ratings, NDArray[np.int64], NDArray[np.int64]]:
    """Return the ratings of a search, their rising positions, and those set aside.

    Parameters
    ----------
    share : float
        0 to 0.5; 0 sets none aside.

    Raises
    ------
    TrainingError
        If the share is none, or leaves nothing on one side.
    """
    if not share:
        return ratings, np.arange(ratings.n_ratings), np.empty(0, np.int64)
    n = round(share * ratings.n_ratings) if 0 < share <= LARGEST_SHARE else 0  # NaN is none
    if not 0 < n < ratings.n_ratings:
        raise TrainingError(
            f"A share of {share:g} cannot be set aside of {ratings.n_ratings:,} ratings: it must "
            f"be above 0, at most {LARGEST_SHARE:g}, and hold at least one.")
    is_aside = np.zeros(ratings.n_ratings, bool)
    rng = np.random.default_rng([seed, _STREAM])
    is_aside[rng.choice(ratings.n_ratings, n, replace=False)] = True
    rest = np.flatnonzero(~is_aside)
    return ratings.take(rest), rest, np.flatnonzero(is_aside)


def measure_aside(
    control: Control, plan: SearchPlan, best: tuple[int, FactorModel], ratings: Ratings,
    training: Ratings, aside: NDArray[np.int64],
) -> AsideFigure | None:
    """Return a model's RMSE on the ratings set aside, or its NDCG where it predicts none.

    Parameters
    ----------
    best : (int, FactorModel)
        The trial and its model.
    ratings : Ratings
        All of them.
    training : Ratings
        What the model was trained on, in the numbering of ``ratings``.
    aside : ndarray of int64
        Positions in ``ratings``, rising.
    """
    users, items = ratings.user_index[aside], ratings.item_index[aside]
    is_seen = (training.user_counts[users] > 0) & (training.item_counts[items] > 0)
    pairs = Pairs(users, items, ratings.value[aside], int(np.count_nonzero(~is_seen)))
    name, model = SOLVERS[plan.solver].measure, best[1]
    with WorkerPool(plan.n_threads) as pool:
        if name == "rmse":
            figure = error_figures(model, pairs, users, pool, control.checkpoint)["rmse"]
            value, error = figure.value, figure.error
        else:
            measure = MEASURES[name](pairs, training, plan.settings.seed)
            figures = measure.figures(model, pool, control.checkpoint)
            value, error = figures.get(name), None
    if value is None:
        return None
    return AsideFigure(best[0], name, value, error, int(aside.size), pairs.n_unseen)
