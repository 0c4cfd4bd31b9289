"""Runs that were given a part of the ratings: which part, and what each never saw.

A fold's run is trained on the ratings of the other folds, a trial of a search that set a share
aside on the rest; so what it held out are positions among these, and what it was not given is dealt
out anew from its origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import Ratings
from mfgui.core.splits import folds, others
from mfgui.errors import ProjectError
from mfgui.inspection.known import Known, known_of
from mfgui.jobs.search_aside import set_aside


def fold_positions(ratings: Ratings, origin: Mapping[str, Any]) -> NDArray[np.int64] | None:
    """Return which of the ratings a recorded fold was measured on; None where it was no fold.

    Parameters
    ----------
    origin : dict
        A run's: "fold" from 1, "n_folds", "fold_seed", "per_user"; untrusted.

    Raises
    ------
    ProjectError
        If the origin is none that can be.
    TrainingError
        If these ratings cannot be dealt out so.
    """
    fold: Any = origin.get("fold")
    n_folds: Any = origin.get("n_folds")
    if fold is None or n_folds is None:
        return None
    seed = origin.get("fold_seed", 0)
    if not all(type(value) is int and value >= 0 for value in (fold, n_folds, seed)) or not (
            1 <= fold <= n_folds):
        raise ProjectError("The project says of a fold's run what cannot be: it is damaged; "
                           "cross-validate again.")
    parts = folds(ratings, n_folds, seed, per_user=origin.get("per_user") is True)
    return parts[int(fold) - 1]


def withheld_positions(ratings: Ratings, origin: Mapping[str, Any]) -> NDArray[np.int64] | None:
    """Return which of the ratings a recorded run was not given; None where it had all.

    Raises
    ------
    ProjectError
        If the origin is none that can be.
    TrainingError
        If these ratings cannot be dealt out so.
    """
    holdout = origin.get("holdout")
    if holdout is None:
        return fold_positions(ratings, origin)
    share, seed = (holdout.get(name) if isinstance(holdout, Mapping) else None
                   for name in ("share", "seed"))
    if not isinstance(share, float) or type(seed) is not int or seed < 0:
        raise ProjectError("The project says of a trial's run what cannot be: it is damaged; "
                           "search again.")
    return set_aside(ratings, share, seed)[2]


def fold_training(ratings: Ratings, origin: Mapping[str, Any]) -> Ratings:
    """Return what a recorded run was given: all ratings, or those that were not withheld.

    The positions that such a run held out are positions among these.
    """
    left_out = withheld_positions(ratings, origin) if ratings.n_ratings else None
    return ratings if left_out is None else ratings.take(others(ratings.n_ratings, left_out))


def fold_known(
    ratings: Ratings, origin: Mapping[str, Any], held_out: NDArray[np.int64] | None, *,
    is_trained_on_all: bool,
) -> Known:
    """Return what is known of the ratings of a recorded run; what was withheld it never saw."""
    left_out = withheld_positions(ratings, origin) if ratings.n_ratings else None
    if left_out is None:
        return known_of(ratings, held_out, is_trained_on_all=is_trained_on_all)
    given = others(ratings.n_ratings, left_out)
    known = known_of(ratings, None if held_out is None else given[held_out],
                     is_trained_on_all=is_trained_on_all)
    is_unseen = np.zeros(ratings.n_ratings, bool)
    is_unseen[left_out] = True
    return replace(known, is_unseen=is_unseen)


TAKEN_OVER = ("search", "holdout", "fold", "n_folds", "fold_seed", "per_user", "cross_validation")


def origin_of_next(origin: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a run that trains on from a recorded one takes over of its origin.

    That is what was withheld, and the search that chose its settings. It is no trial itself: the
    search would take it for its own, and let its factors go with those of old trials.
    """
    return {name: origin[name] for name in TAKEN_OVER if name in origin}
