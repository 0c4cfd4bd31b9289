"""Predictions of many pairs, on the pool: what is exported."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, even_blocks, no_checkpoint, ratings_per_block
from mfgui.core.ratings import FloatArray, IntArray


def shown_range(model: FactorModel) -> tuple[float, float]:
    """Return what predictions are limited to where they are shown, each end a float32.

    The scale where the model clips; else the largest float32, for a larger sum would be infinite.
    """
    largest = float(np.finfo(np.float32).max)
    low, high = model.scale if model.clip else (-largest, largest)
    return max(low, -largest), min(high, largest)


def predict_many(
    model: FactorModel, user_index: IntArray, item_index: IntArray, pool: WorkerPool,
    checkpoint: Callable[[], None] = no_checkpoint,
) -> FloatArray:
    """Return the predicted ratings of the pairs as they are shown.

    A pair's prediction is made in float64 and rounded to float32, so it does not depend on the
    other pairs, nor on the number of threads.

    Parameters
    ----------
    user_index, item_index : ndarray of int32, shape (n_pairs,)
        -1 stands for a user or item the model does not know: mean and the other's bias.

    Returns
    -------
    ndarray of float32, shape (n_pairs,)
    """
    from mfgui.core.kernels.predict import predict_pairs

    low, high = shown_range(model)
    result = np.empty(user_index.size, np.float32)

    def work(begin: int, end: int) -> None:
        predict_pairs(user_index, item_index, begin, end, model.user_factors, model.item_factors,
                      model.user_bias, model.item_bias, float(model.global_mean), low, high,
                      result)

    pool.run(work, even_blocks(user_index.size, ratings_per_block(model.n_factors)), checkpoint)
    return result
