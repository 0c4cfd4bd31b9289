"""Which ratings are held out, as index arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import FloatArray, IntArray, Ratings, TextArray
from mfgui.errors import TrainingError


def hold_out(
    n_ratings: int, share: float, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rising positions of the training and of the held-out ratings.

    Parameters
    ----------
    n_ratings : int
    share : float
        0 to 0.5; the number held out is rounded to the nearest.
    seed : int
        Its own stream: the split does not depend on what else is drawn.

    Raises
    ------
    TrainingError
        If a share above 0 leaves nothing to validate on or nothing to train on.
    """
    is_held_out = np.zeros(n_ratings, bool)
    rng = np.random.default_rng([seed, 1])
    is_held_out[rng.choice(n_ratings, n_held_out(n_ratings, share), replace=False)] = True
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)


def n_held_out(n_ratings: int, share: float) -> int:
    """Return how many ratings a share holds out.

    Raises
    ------
    TrainingError
        If a share above 0 leaves nothing to validate on or nothing to train on.
    """
    n = round(share * n_ratings)
    if share > 0 and n in (0, n_ratings):
        what = "validate on" if n == 0 else "train on"
        raise TrainingError(
            f"A validation share of {share:g} leaves nothing to {what} with {n_ratings} "
            f"rating{'s' * (n_ratings != 1)}: set the validation share to 0.")
    return n


def match_ids(other: Ratings, ratings: Ratings) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the pairs of ``other`` in the numbering of ``ratings``.

    Returns
    -------
    user_index, item_index : ndarray of int32, shape (other.n_ratings,)
        -1 where ``ratings`` does not know the id.
    value : ndarray of float32, shape (other.n_ratings,)
    """
    users = positions(other.user_ids, ratings.user_ids)
    items = positions(other.item_ids, ratings.item_ids)
    return users[other.user_index], items[other.item_index], other.value


def positions(texts: TextArray, known: TextArray) -> IntArray:
    """Return where each text stands among the known ones, int32, -1 where it does not."""
    where = known.positions
    return np.fromiter((where.get(text, -1) for text in texts), np.int32, len(texts))
