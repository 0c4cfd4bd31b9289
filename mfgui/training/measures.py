"""What a run is judged by on held-out pairs: a solver names its measure, this finds it.

A measure gives figures by name; a record has them as ``validation_<name>`` and ``test_<name>``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mfgui.core.metrics import Pairs, squared_error_sums
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, even_blocks, ratings_per_block
from mfgui.core.ranking import HeldOutItems
from mfgui.core.ratings import Ratings
from mfgui.training.events import EpochRecord

Checkpoint = Callable[[], None]


class Measure(Protocol):
    """Judges a model on pairs it was not trained on."""

    def figures(
        self, model: FactorModel, pool: WorkerPool, checkpoint: Checkpoint
    ) -> dict[str, float]:
        """Return the figures by name; empty where there is nothing to measure on."""


class RmseMeasure:
    """The root of the mean squared error of the predictions as they are shown."""

    def __init__(self, pairs: Pairs, training: Ratings, seed: int) -> None:
        self._pairs = pairs

    def figures(
        self, model: FactorModel, pool: WorkerPool, checkpoint: Checkpoint
    ) -> dict[str, float]:
        """Return "rmse"."""
        if not self._pairs.value.size:
            return {}
        return {"rmse": squared_error_sums(model, self._pairs, pool, checkpoint).rmse}


class RankingMeasure:
    """NDCG, precision and recall of the ten best items, of at most 2,000 users."""

    def __init__(self, pairs: Pairs, training: Ratings, seed: int) -> None:
        self._held_out = HeldOutItems(pairs, training, seed)

    def figures(
        self, model: FactorModel, pool: WorkerPool, checkpoint: Checkpoint
    ) -> dict[str, float]:
        """Return "ndcg", "precision" and "recall"."""
        return self._held_out.figures(model, pool, checkpoint)


MEASURES: dict[str, Callable[[Pairs, Ratings, int], Measure]] = {
    "rmse": RmseMeasure,
    "ndcg": RankingMeasure,
}


def watched(record: EpochRecord) -> float:
    """Return what "best" means, the less the better.

    The validation RMSE, or NDCG the other way round, or the loss where nothing is held out.
    """
    if record.validation_rmse is not None:
        return record.validation_rmse
    if record.validation_ndcg is not None:
        return -record.validation_ndcg
    return record.loss


class AverageSoFar:
    """The RMSE of an average of the members trained until now.

    Each finished member's predictions are kept in a sum, so that no average model has to be built
    in order to be measured.
    """

    def __init__(self, pairs: Pairs) -> None:
        self._pairs, self._n_members = pairs, 0
        self._sum = np.zeros(pairs.value.size)

    def add(self, model: FactorModel, pool: WorkerPool) -> None:
        """Take a finished member in."""
        self._sum += self._predictions(model, pool)
        self._n_members += 1

    def rmse(self, model: FactorModel, pool: WorkerPool) -> float | None:
        """Return the RMSE of the finished members with one under way; None for no pairs."""
        if not self._pairs.value.size:
            return None
        mean = (self._sum + self._predictions(model, pool)) / (self._n_members + 1)
        if model.clip:
            np.clip(mean, *model.scale, out=mean)
        value = math.sqrt(float(np.mean(np.square(mean - self._pairs.value))))
        return value if math.isfinite(value) else None

    def _predictions(self, model: FactorModel, pool: WorkerPool) -> NDArray[np.float32]:
        """Return the unclipped predictions of all pairs."""
        from mfgui.core.kernels.baseline import predict_pairs

        pairs, out = self._pairs, np.empty(self._pairs.value.size, np.float32)
        mean = np.float32(model.global_mean)

        def work(begin: int, end: int) -> None:
            predict_pairs(pairs.user_index, pairs.item_index, begin, end, model.user_factors,
                          model.item_factors, model.user_bias, model.item_bias, mean, out)

        pool.run(work, even_blocks(out.size, ratings_per_block(model.n_factors)))
        return out
