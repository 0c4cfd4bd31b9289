"""How far a model is from given ratings."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mfgui.core.model import FactorModel, float32_range
from mfgui.core.parallel import WorkerPool, even_blocks, no_checkpoint, ratings_per_block
from mfgui.core.ratings import FloatArray, IntArray, Ratings


@dataclass(frozen=True, eq=False)
class Pairs:
    """Rated pairs to measure a model on.

    Parameters
    ----------
    user_index, item_index : ndarray of int32, shape (n_pairs,)
        -1 for what the model does not know.
    value : ndarray of float32, shape (n_pairs,)
    n_unseen : int
        How many have a user or an item without a training rating.
    """

    user_index: IntArray
    item_index: IntArray
    value: FloatArray
    n_unseen: int = 0


def all_pairs(ratings: Ratings) -> Pairs:
    """Return all of the ratings as pairs."""
    return Pairs(ratings.user_index, ratings.item_index, ratings.value)


def no_pairs() -> Pairs:
    """Return pairs to measure nothing on."""
    return Pairs(np.empty(0, np.int32), np.empty(0, np.int32), np.empty(0, np.float32))


@dataclass(frozen=True)
class ErrorSums:
    """Sums of squared errors.

    Parameters
    ----------
    raw : float
        Of the predictions as they are, for the loss.
    shown : float
        Of the predictions as they are shown: clipped where the model clips.
    n_pairs : int
    """

    raw: float
    shown: float
    n_pairs: int

    @property
    def rmse(self) -> float:
        """Root of the mean squared error as shown; 0 for no pairs."""
        return math.sqrt(self.shown / self.n_pairs) if self.n_pairs else 0.0


def squared_error_sums(
    model: FactorModel, pairs: Pairs, pool: WorkerPool,
    checkpoint: Callable[[], None] = no_checkpoint,
) -> ErrorSums:
    """Return the sums of squared errors, made per block and added in order, in float64."""
    from mfgui.core.kernels.evaluate import squared_errors

    low, high = float32_range(*model.scale)
    mean = pairs.value.dtype.type(model.global_mean)

    def work(begin: int, end: int) -> tuple[float, float]:
        raw, clipped = squared_errors(
            pairs.user_index, pairs.item_index, pairs.value, begin, end, model.user_factors,
            model.item_factors, model.user_bias, model.item_bias, mean, low, high)
        return float(raw), float(clipped)

    blocks = even_blocks(pairs.value.size, ratings_per_block(model.n_factors))
    sums = pool.run(work, blocks, checkpoint)
    raw = math.fsum(part[0] for part in sums) if all(map(_is_sound, sums)) else math.nan
    clipped = math.fsum(part[1] for part in sums) if raw == raw else math.nan
    return ErrorSums(raw, clipped if model.clip else raw, int(pairs.value.size))


def _is_sound(part: tuple[float, float]) -> bool:
    """Return whether both sums are finite."""
    return math.isfinite(part[0]) and math.isfinite(part[1])
