"""How well a model ranks: NDCG, precision and recall of the ten best items of each user.

Of each user the held-out items with a rating above 0 are to be found among all items but those of
the training part. An item found in place k, from 1, gains ``1 / log2(k + 1)``; NDCG is the sum over
the ten best, divided by the largest that as many held-out items could gain (Järvelin, Kekäläinen
2002, with gains of 0 and 1).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, even_blocks, no_checkpoint
from mfgui.core.ratings import FloatArray, IntArray, Ratings

N_TOP = 10
MAX_USERS = 2000
# Scores at once and multiplications at once, in a block: 4 MB, and some milliseconds.
SCORES_PER_BLOCK = 1 << 20
WORK_PER_BLOCK = 1 << 27


class HeldOutItems:
    """What each user's ranking should find.

    Parameters
    ----------
    pairs : Pairs
        Held out. Pairs of a user without a training rating are left out: nothing is known of
        their taste. An item that the model does not know, or that the user has in training as
        well, counts as not found.
    training : Ratings
    seed : int
        Draws the users, where there are more than ``max_users``.
    max_users : int

    Attributes
    ----------
    users : ndarray of int64, shape (n,)
        Rising.
    """

    def __init__(
        self, pairs: Pairs, training: Ratings, seed: int, max_users: int = MAX_USERS
    ) -> None:
        self._training = training
        is_wanted = (pairs.value > 0) & (pairs.user_index >= 0)
        is_wanted &= training.user_counts[np.maximum(pairs.user_index, 0)] > 0
        users, items = pairs.user_index[is_wanted], pairs.item_index[is_wanted]
        self.users = _some_of(np.unique(users), max_users, seed).astype(np.int64)
        is_drawn = np.zeros(training.n_users, bool)
        is_drawn[self.users] = True
        users, items = users[is_drawn[users]], items[is_drawn[users]]
        order = np.argsort(users, kind="stable")
        self._items: IntArray = items[order]
        self._pointers = np.searchsorted(users[order], [*self.users, np.iinfo(np.int32).max])

    def figures(
        self, model: FactorModel, pool: WorkerPool,
        checkpoint: Callable[[], None] = no_checkpoint,
    ) -> dict[str, float]:
        """Return "ndcg", "precision" and "recall" at 10, means over the users; {} without any."""
        if not self.users.size:
            return {}
        blocks = even_blocks(self.users.size, _users_per_block(model))
        parts = pool.run(lambda begin, end: self._hits(model, begin, end), blocks, checkpoint)
        gains, hits = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
        n_held = np.diff(self._pointers)
        ideal = np.cumsum(1 / np.log2(np.arange(2, N_TOP + 2)))[np.minimum(n_held, N_TOP) - 1]
        means = {"ndcg": gains / ideal, "precision": hits / N_TOP, "recall": hits / n_held}
        return {name: math.fsum(each) / each.size for name, each in means.items()}

    def _hits(
        self, model: FactorModel, begin: int, end: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return gains and numbers of hits of the users begin..end."""
        from mfgui.core.kernels.ranking import count_hits

        users = self.users[begin:end]
        gains, hits = np.empty(users.size), np.empty(users.size)
        count_hits(
            _scores(model, users), users, self._training.row_pointers, self._training.item_index,
            self._pointers[begin : end + 1], self._items, min(N_TOP, model.n_items), gains, hits)
        return gains, hits


def _scores(model: FactorModel, users: NDArray[np.int64]) -> FloatArray:
    """Return what orders all items for these users: the prediction less what is the user's own."""
    with np.errstate(over="ignore", invalid="ignore"):  # where training has diverged
        scores: FloatArray = model.user_factors[users] @ model.item_factors.T
        scores += model.item_bias
    return scores


def _users_per_block(model: FactorModel) -> int:
    """Return how many users make a block: from the size of the model only."""
    n_cells = max(model.n_items, 1)
    return max(min(SCORES_PER_BLOCK // n_cells, WORK_PER_BLOCK // (n_cells * model.n_factors)), 1)


def _some_of(values: NDArray[np.int32], n: int, seed: int) -> NDArray[np.int32]:
    """Return at most ``n`` of the rising values, drawn by the seed, rising."""
    if values.size <= n:
        return values
    drawn = np.random.default_rng(seed).choice(values.size, n, replace=False)
    return values[np.sort(drawn)]
