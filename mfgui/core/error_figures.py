"""RMSE and MAE of predictions as they are shown, each with its standard error over users."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mfgui.core.figures import NOTHING, Figure, Numbers, ratio_figure, root_figure
from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel, float32_range
from mfgui.core.parallel import WorkerPool, no_checkpoint, ratings_per_block, row_blocks


def error_figures(
    model: FactorModel, pairs: Pairs, owners: NDArray[np.int32], pool: WorkerPool,
    checkpoint: Callable[[], None] = no_checkpoint,
) -> dict[str, Figure]:
    """Return "rmse", ``sqrt(mean e^2)``, and "mae", ``mean |e|``, with e = r_hat - r.

    Predictions are clipped where the model clips. Sums are made user by user and added in order.

    Parameters
    ----------
    owners : ndarray of int32, shape (n_pairs,)
        Whose rating each is, rising; users that the model does not know have a number here too.
    """
    if not owners.size:
        return {"rmse": NOTHING, "mae": NOTHING}
    begins = np.flatnonzero(np.diff(owners, prepend=owners[0] - 1))
    pointers = np.append(begins, owners.size)

    def work(begin: int, end: int) -> tuple[Numbers, Numbers]:
        errors = _errors(model, pairs, int(pointers[begin]), int(pointers[end]))
        at = pointers[begin:end] - pointers[begin]
        return np.add.reduceat(np.square(errors), at), np.add.reduceat(np.abs(errors), at)

    blocks = row_blocks(pointers, ratings_per_block(model.n_factors))
    parts = pool.run(work, blocks, checkpoint)
    squares, sizes = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
    counts = np.diff(pointers).astype(np.float64)
    return {"rmse": root_figure(ratio_figure(squares, counts)),
            "mae": ratio_figure(sizes, counts)}


def _errors(model: FactorModel, pairs: Pairs, begin: int, end: int) -> Numbers:
    """Return what the predictions of the pairs begin..end are off by, shape (end - begin,)."""
    from mfgui.core.kernels.baseline import predict_pairs

    predicted = np.empty(end - begin, np.float32)
    predict_pairs(pairs.user_index[begin:end], pairs.item_index[begin:end], 0, end - begin,
                  model.user_factors, model.item_factors, model.user_bias, model.item_bias,
                  np.float32(model.global_mean), predicted)
    if model.clip:
        low, high = float32_range(*model.scale)
        np.clip(predicted, low, high, out=predicted)
    return predicted.astype(np.float64) - pairs.value[begin:end]
