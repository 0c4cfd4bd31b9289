"""Residuals of all ratings of a part, by parts that fit the cache, and the largest of them.

Residual = observed minus predicted; the prediction is raw, never clipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.parallel import no_checkpoint
from mfgui.core.ratings import FloatArray, IntArray, Ratings

RATINGS_PER_PART = 1 << 16
N_LARGEST = 200
ALL = np.array([[-np.inf, np.inf]] * 3)


@dataclass(frozen=True, eq=False)
class PredictedPart:
    """Consecutive ratings with what the model says of them, each of shape (n,).

    Parameters
    ----------
    begin : int
        Position of the first among all.
    users, items : ndarray of int32
    values, predicted : ndarray of float32
        Observed, and predicted without clipping; valid until the next part is asked for.
    """

    begin: int
    users: IntArray
    items: IntArray
    values: FloatArray
    predicted: FloatArray


def predicted_parts(model: FactorModel, ratings: Ratings) -> Iterator[PredictedPart]:
    """Yield all ratings part by part; the GIL is not held while one is made."""
    from mfgui.core.kernels.baseline import predict_pairs

    predicted = np.empty(RATINGS_PER_PART, np.float32)
    mean = np.float32(model.global_mean)
    for begin in range(0, ratings.n_ratings, RATINGS_PER_PART):
        part = slice(begin, begin + RATINGS_PER_PART)
        users, items = ratings.user_index[part], ratings.item_index[part]
        predict_pairs(users, items, 0, users.size, model.user_factors, model.item_factors,
                      model.user_bias, model.item_bias, mean, predicted)
        yield PredictedPart(begin, users, items, ratings.value[part], predicted[: users.size])


@dataclass(frozen=True, eq=False)
class LargestResiduals:
    """Rated cells, the one with the largest residual first, each of shape (n,).

    Parameters
    ----------
    users, items : ndarray of int32
    observed, predicted, residuals : ndarray of float32
        Predicted without clipping; a residual is observed minus predicted.
    """

    users: IntArray
    items: IntArray
    observed: FloatArray
    predicted: FloatArray
    residuals: FloatArray

    def __len__(self) -> int:
        return int(self.users.size)


class LargestHeap:
    """Keeps the largest residuals of the parts it is shown.

    Parameters
    ----------
    n_most : int
    limits : ndarray of float64, shape (3, 2)
        Observed value, prediction and residual that count, from the first number to below the
        second.
    """

    def __init__(self, n_most: int = N_LARGEST, limits: NDArray[np.float64] = ALL) -> None:
        self._sizes, self._positions = np.zeros(n_most), np.zeros(n_most, np.int64)
        self._limits, self._n_kept = limits, 0

    def add(self, part: PredictedPart) -> None:
        """Look through some ratings."""
        from mfgui.core.kernels.errors import keep_largest

        self._n_kept = int(keep_largest(
            part.values, part.predicted, part.begin, self._limits, self._sizes, self._positions,
            self._n_kept))

    def table(self, model: FactorModel, ratings: Ratings) -> LargestResiduals:
        """Return what was kept; of equal sizes the earlier rating comes first."""
        sizes, positions = self._sizes[: self._n_kept], self._positions[: self._n_kept]
        chosen = positions[np.lexsort((positions, -sizes))]
        users, items = ratings.user_index[chosen], ratings.item_index[chosen]
        observed = ratings.value[chosen]
        predicted = model.predict(users, items, is_clipped=False)
        return LargestResiduals(users, items, observed, predicted, observed - predicted)


def largest_residuals(
    model: FactorModel, ratings: Ratings, limits: NDArray[np.float64] = ALL,
    n_most: int = N_LARGEST, checkpoint: Callable[[], None] = no_checkpoint,
) -> LargestResiduals:
    """Return the rated cells with the largest residuals among those within the limits.

    Parameters
    ----------
    model : FactorModel
    ratings : Ratings
        In the model's numbering.
    limits : ndarray of float64, shape (3, 2)
        As ``LargestHeap`` has them.
    n_most : int
    checkpoint : callable
        Called between parts; what it raises ends the work.
    """
    heap = LargestHeap(n_most, limits)
    for part in predicted_parts(model, ratings):
        checkpoint()
        heap.add(part)
    return heap.table(model, ratings)
