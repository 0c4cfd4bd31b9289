"""The top lists of all users: tiles of scores, the best of each user kept as they come.

A tile of scores is the float32 product of some users' factors and some items'; each thread writes
all its tiles to one buffer that fits the cache, and a compiled loop keeps each user's best. These
are predicted anew in float64, which decides their order: so a user's list is the one that
``recommend`` gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.fold_in import DoubleArray
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, even_blocks
from mfgui.core.ratings import FloatArray, IntArray
from mfgui.inspection.known import Known
from mfgui.inspection.recommend import N_SPARE
from mfgui.inspection.top_memo import Filters, TopMemo

USERS_PER_TILE, ITEMS_PER_TILE = 512, 512  # a megabyte of scores, measured as the quickest
TILES_PER_CHUNK = 32
BYTES_PER_CHUNK = 1 << 26


@dataclass(frozen=True, eq=False)
class TopLists:
    """The top lists of some users.

    Parameters
    ----------
    first_user : int
        The number of the first of them.
    items : ndarray of int32, shape (n_users, n)
        Best first, of equal predictions the smaller item; -1 where there is no further one.
    raw : ndarray of float64, shape (n_users, n)
        Their predictions, unclipped; NaN where there is none.
    """

    first_user: int
    items: IntArray
    raw: DoubleArray


def top_lists(
    model: FactorModel, known: Known | None, n: int = 10, *, pool: WorkerPool, control: Control,
    filters: Filters | None = None, held_out_rmse: float | None = None,
    memo: TopMemo | None = None,
) -> Iterator[TopLists]:
    """Yield the top lists of all users, some thousand at a time, in the order of the users.

    The same for any number of threads.

    Parameters
    ----------
    known : Known or None
        None: what users rated cannot be left out.
    pool : WorkerPool
        Open.
    control : Control
        Looked at after each tile; told how far it is.

    Raises
    ------
    ValueError
        If the filters need what is not known.
    CancelledError
        If the control was stopped.
    """
    if memo is None or not memo.is_of(model, known):
        memo = TopMemo(model, known)
    filters = filters or Filters()
    search = _Search(model, memo.known if filters.is_unrated_only else None,
                     memo.penalties(filters, held_out_rmse), n, pool.n_threads, control)
    n_longest = max(min(n, model.n_items), 1)
    n_users = max(min(USERS_PER_TILE * TILES_PER_CHUNK, BYTES_PER_CHUNK // (12 * n_longest)), 1)
    for begin, end in even_blocks(model.n_users, n_users):
        blocks = [(begin + first, begin + last)
                  for first, last in even_blocks(end - begin, USERS_PER_TILE)]
        parts = pool.run(search.best_of, blocks, control.checkpoint)
        yield TopLists(begin, np.concatenate([items for items, _ in parts]),
                       np.concatenate([raw for _, raw in parts]))


class _Search:
    """What the blocks of users share."""

    def __init__(
        self, model: FactorModel, known: Known | None, penalties: DoubleArray, n: int,
        n_threads: int, control: Control,
    ) -> None:
        self._model, self._penalties, self._n, self._control = model, penalties, n, control
        self._offsets: FloatArray = (model.item_bias - penalties).astype(np.float32)
        self._rated = np.empty(0, np.int32) if known is None else known.ratings.item_index
        self._rated.flags.writeable = False  # as those of ratings are: compiled once for both
        self._pointers = (np.zeros(model.n_users + 1, np.int64) if known is None
                          else known.ratings.row_pointers)
        self._n_kept = min(n + N_SPARE, model.n_items)
        self._buffers = [np.empty(USERS_PER_TILE * ITEMS_PER_TILE, np.float32)
                         for _ in range(n_threads)]  # a thread takes one and puts it back

    def best_of(self, begin: int, end: int) -> tuple[IntArray, DoubleArray]:
        """Return items and predictions of the users begin..end."""
        from mfgui.core.kernels.top import keep_best

        users = self._model.user_factors[begin:end]
        best = np.empty((end - begin, self._n_kept), np.float32)
        which = np.full(best.shape, -1, np.int32)
        n_best = np.zeros(end - begin, np.int64)
        at = self._pointers[begin:end].copy()
        buffer = self._buffers.pop()
        for first, last in even_blocks(self._model.n_items, ITEMS_PER_TILE):
            self._control.checkpoint()
            scores = buffer[: users.shape[0] * (last - first)].reshape(users.shape[0], -1)
            with np.errstate(over="ignore", invalid="ignore"):  # no heap takes what is not finite
                np.matmul(users, self._model.item_factors[first:last].T, out=scores)
            keep_best(scores, self._offsets[first:last], first, self._rated, at,
                      self._pointers[begin + 1 : end + 1], best, which, n_best)
        self._buffers.append(buffer)
        self._control.report("Ranking the items of each user", end / self._model.n_users)
        return self._ranked(begin, end, which, n_best)

    def _ranked(
        self, begin: int, end: int, which: IntArray, n_best: NDArray[np.int64]
    ) -> tuple[IntArray, DoubleArray]:
        """Return the first n of what was kept, in order."""
        from mfgui.core.kernels.top import predict_kept

        model = self._model
        raw = np.full(which.shape, np.nan)
        constants = model.user_bias[begin:end].astype(np.float64) + model.global_mean
        predict_kept(model.user_factors[begin:end], model.item_factors, model.item_bias,
                     constants, which, n_best, raw)
        keys = np.where(np.isnan(raw), np.inf, self._penalties[which] - raw)
        order = np.lexsort((which, keys), axis=1)[:, : self._n]
        return (np.take_along_axis(which, order, 1), np.take_along_axis(raw, order, 1))
