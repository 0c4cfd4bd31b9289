"""What a model has to beat: always the mean, each user's or item's mean, biases, popularity."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.metrics import Pairs, squared_error_sums
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, even_blocks, no_checkpoint
from mfgui.core.ratings import Ratings

# Counts as this many ratings at the mean: rows with few ratings are drawn towards it.
DAMPING = 5.0
N_SWEEPS = 4


def mean_model(ratings: Ratings, *, clip: bool = True) -> FactorModel:
    """Return the model that always says the mean of the ratings."""
    return _model(ratings, np.zeros(ratings.n_users), np.zeros(ratings.n_items), clip)


def bias_model(
    ratings: Ratings, pool: WorkerPool, checkpoint: Callable[[], None] = no_checkpoint, *,
    clip: bool = True
) -> FactorModel:
    """Return ``r_hat_nm = mean + b_n + b_m``, fitted by alternating damped means.

    ``b_m = sum over its users of (r_nm - mean - b_n) / (count + 5)`` and likewise for the users,
    four times in turn: alternating least squares of ``1/2 sum e^2 + 5/2 (|b_n|^2 + |b_m|^2)``.
    """
    from mfgui.core.kernels.baseline import add_bias_sums

    counts = (ratings.user_counts, ratings.item_counts)
    biases = [np.zeros(ratings.n_users), np.zeros(ratings.n_items)]
    blocks = even_blocks(ratings.n_ratings, 1 << 20)
    for _ in range(N_SWEEPS):
        for side in (1, 0):
            sums = np.zeros(counts[side].size)
            for begin, end in blocks:  # one thread: each block adds to any row
                checkpoint()
                add_bias_sums(ratings.user_index, ratings.item_index, ratings.value, begin, end,
                              ratings.mean, biases[0], biases[1], side == 1, sums)
            biases[side] = sums / (counts[side] + DAMPING)
    return _model(ratings, biases[0], biases[1], clip)


def user_mean_model(ratings: Ratings, *, clip: bool = True) -> FactorModel:
    """Return ``r_hat_nm`` = the mean of user n's ratings, that of all where there are none."""
    return _model(ratings, _deviations(ratings, is_item=False), np.zeros(ratings.n_items), clip)


def item_mean_model(ratings: Ratings, *, clip: bool = True) -> FactorModel:
    """Return ``r_hat_nm`` = the mean of item m's ratings, that of all where there are none."""
    return _model(ratings, np.zeros(ratings.n_users), _deviations(ratings, is_item=True), clip)


def popular_model(ratings: Ratings) -> FactorModel:
    """Return what ranks items by their number of ratings: for lists, not for predictions."""
    model = _model(ratings, np.zeros(ratings.n_users), ratings.item_counts, False)
    return replace(model, global_mean=0.0, target="preference")


def _deviations(ratings: Ratings, *, is_item: bool) -> NDArray[np.float64]:
    """Return how far the mean of each item's or user's ratings lies from that of all."""
    from mfgui.core.kernels.baseline import add_bias_sums

    counts = ratings.item_counts if is_item else ratings.user_counts
    nothing = np.zeros(ratings.n_users), np.zeros(ratings.n_items)
    sums = np.zeros(counts.size)
    for begin, end in even_blocks(ratings.n_ratings, 1 << 20):
        add_bias_sums(ratings.user_index, ratings.item_index, ratings.value, begin, end,
                      ratings.mean, *nothing, is_item, sums)
    return sums / np.maximum(counts, 1)


def _model(
    ratings: Ratings, user_bias: NDArray[Any], item_bias: NDArray[Any], clip: bool
) -> FactorModel:
    """Return a model of one factor that is 0."""
    return FactorModel(
        np.zeros((ratings.n_users, 1), np.float32), np.zeros((ratings.n_items, 1), np.float32),
        user_bias.astype(np.float32), item_bias.astype(np.float32), ratings.mean, ratings.scale,
        clip)


def rmse_of(model: FactorModel, pairs: Pairs, pool: WorkerPool) -> float | None:
    """Return a model's RMSE on the pairs; None where there are none or it is not finite."""
    if not pairs.value.size:
        return None
    value = squared_error_sums(model, pairs, pool).rmse
    return value if math.isfinite(value) else None
