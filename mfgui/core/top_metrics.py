"""How good the first N of each user's list are: precision, recall, NDCG, MAP, hit rate, coverage.

Definitions, for a user u with the relevant items T among those tested, and the list L of the N
candidates with the highest predictions; places k count from 1, ``rel_k`` is 1 where the item in
place k is in T, else 0:

- precision ``|L & T| / N``, recall ``|L & T| / |T|``, hit rate 1 where ``L & T`` is not empty, else
  0 (Deshpande, Karypis 2004, ACM TOIS 22);
- NDCG ``sum rel_k / log2(k + 1)`` over the largest that it can be, ``min(N, |T|)`` hits at the top
  (Järvelin, Kekäläinen 2002, ACM TOIS 20, with gains of 0 and 1 and the discount log2(k + 1), as
  scikit-learn's ``ndcg_score`` and LensKit's ``NDCG`` with ``LogRankWeight(offset=1)``);
- MAP, the mean over users of ``sum rel_k precision@k / min(N, |T|)`` (as LensKit's
  ``AveragePrecision``; for N of all items scikit-learn's ``average_precision_score``);
- coverage, the share of all candidates that are in the list of at least one user judged (Ge,
  Delgado-Battenfeld, Jannach 2010, RecSys, "catalog coverage").

Candidates are all items with a training rating, less what the user has in training. A relevant item
that is no candidate cannot be found, and counts in T. LensKit's recall divides by ``min(N, |T|)``
and its precision by the length of a list that ends early: where these differ, ours is the smaller.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.figures import NOTHING, Figure, Numbers, mean_figure, sound
from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, even_blocks, no_checkpoint
from mfgui.core.ratings import FloatArray, IntArray, Ratings

NAMES = ("precision", "recall", "ndcg", "map", "hit", "coverage")
MOST_PLACES = 100
USERS_PER_BLOCK, ITEMS_PER_TILE = 512, 512  # a megabyte of scores at a time, as for top lists
N_SPARE = 3  # how many more are predicted in float64, which may change places


@dataclass(frozen=True, eq=False)
class RelevantItems:
    """What the lists should find.

    Parameters
    ----------
    users : ndarray of int64, shape (n,)
        Those who are judged: known from training, with a relevant item in the test.
    keys : ndarray of int64
        ``place among users * n_items + item`` of each relevant item the model knows, rising.
    n_relevant : ndarray of int64, shape (n,)
        How many relevant items each has, those that the model does not know included.
    n_without, n_unknown : int
        Users left out: without a relevant item; without a training rating.
    """

    users: NDArray[np.int64]
    keys: NDArray[np.int64]
    n_relevant: NDArray[np.int64]
    n_without: int
    n_unknown: int


def relevant_items(
    pairs: Pairs, owners: IntArray, training: Ratings, threshold: float | None
) -> RelevantItems:
    """Return who is judged by what.

    Parameters
    ----------
    pairs : Pairs
        Tested; none of them is in ``training``.
    owners : ndarray of int32, shape (n_pairs,)
        Whose rating each is, rising.
    threshold : float or None
        Ratings from here on are relevant; None: those above 0.
    """
    begins = np.flatnonzero(np.diff(owners, prepend=-1))
    users = pairs.user_index[begins]
    is_known = (users >= 0) & (training.user_counts[np.maximum(users, 0)] > 0)
    is_relevant = pairs.value > 0 if threshold is None else pairs.value >= np.float32(threshold)
    n_relevant = (np.add.reduceat(is_relevant.astype(np.int64), begins) if begins.size
                  else np.empty(0, np.int64))
    is_judged = is_known & (n_relevant > 0)
    place = np.cumsum(is_judged) - 1
    group = np.repeat(np.arange(begins.size), np.diff(np.append(begins, owners.size)))
    at = np.flatnonzero(is_relevant & is_judged[group] & (pairs.item_index >= 0))
    keys = place[group[at]] * training.n_items + pairs.item_index[at]
    return RelevantItems(
        users[is_judged].astype(np.int64), np.sort(keys), n_relevant[is_judged],
        int(np.count_nonzero(is_known & (n_relevant == 0))), int(np.count_nonzero(~is_known)))


def top_figures(
    model: FactorModel, relevant: RelevantItems, training: Ratings, n: int, pool: WorkerPool,
    checkpoint: Callable[[], None] = no_checkpoint,
) -> dict[str, Figure]:
    """Return the figures of ``NAMES`` at n, means over all users judged, with standard errors.

    The standard error of the coverage is the jackknife's over users. The same bits for any number
    of threads.

    Parameters
    ----------
    n : int
        1 to 100.
    """
    if not relevant.users.size:
        return dict.fromkeys(NAMES, NOTHING)
    lists = _Lists(model, training, n)
    parts = pool.run(lambda begin, end: lists.of(relevant.users[begin:end], checkpoint),
                     even_blocks(relevant.users.size, USERS_PER_BLOCK), checkpoint)
    items = np.concatenate(parts)
    figures = {name: mean_figure(values)
               for name, values in _by_user(items, relevant, training.n_items, n).items()}
    return {**figures, "coverage": _coverage(items, lists.n_candidates, training.n_items)}


def _by_user(
    items: IntArray, relevant: RelevantItems, n_items: int, n: int
) -> dict[str, Numbers]:
    """Return each figure of each user, shape (n_users,)."""
    rows = np.arange(items.shape[0], dtype=np.int64)[:, np.newaxis]
    keys = np.where(items >= 0, rows * n_items + items, -1)
    at = np.searchsorted(relevant.keys, keys)
    is_hit = (np.take(relevant.keys, at, mode="clip") == keys if relevant.keys.size
              else np.zeros(keys.shape, bool))
    places = np.arange(1, items.shape[1] + 1)
    hits = np.cumsum(is_hit, axis=1)
    n_hits, most = hits[:, -1], np.minimum(relevant.n_relevant, n)
    gains = np.cumsum(1 / np.log2(np.arange(2, n + 2)))
    gained = (is_hit / np.log2(places + 1)).sum(axis=1)
    return {"precision": n_hits / n, "recall": n_hits / relevant.n_relevant,
            "ndcg": gained / gains[most - 1],
            "map": (is_hit * hits / places).sum(axis=1) / most,
            "hit": (n_hits > 0).astype(np.float64)}


def _coverage(items: IntArray, n_candidates: int, n_items: int) -> Figure:
    """Return the share of candidates in any list; without one user, those only in it are lost."""
    listed = np.where(items >= 0, items, n_items)
    counts = np.bincount(listed.ravel(), minlength=n_items + 1)
    counts[n_items] = 0
    n_own = (counts[listed] == 1).sum(axis=1).astype(np.float64)
    share = float(np.count_nonzero(counts)) / n_candidates if n_candidates else math.nan
    n = n_own.size
    if n < 2:
        return sound(share, math.nan)
    squares = math.fsum(np.square(n_own - math.fsum(n_own) / n))
    return sound(share, math.sqrt((n - 1) / n * squares) / n_candidates)


class _Lists:
    """The lists of some users: tiles of scores, the best kept, their order decided in float64."""

    def __init__(self, model: FactorModel, training: Ratings, n: int) -> None:
        self._model, self._n = model, n
        self._rated, self._pointers = training.item_index, training.row_pointers
        is_candidate = training.item_counts > 0
        self.n_candidates = int(np.count_nonzero(is_candidate))
        self._offsets: FloatArray = np.where(
            is_candidate, model.item_bias, np.float32(-np.inf)).astype(np.float32)

    def of(self, users: NDArray[np.int64], checkpoint: Callable[[], None]) -> IntArray:
        """Return each user's list, shape (n_users, n), -1 where no candidate is left."""
        from mfgui.core.kernels.top import keep_best

        model, factors = self._model, self._model.user_factors[users]
        best = np.empty((users.size, min(self._n + N_SPARE, model.n_items)), np.float32)
        which, n_best = np.full(best.shape, -1, np.int32), np.zeros(users.size, np.int64)
        at, ends = self._pointers[users], self._pointers[users + 1]
        for first, last in even_blocks(model.n_items, ITEMS_PER_TILE):
            checkpoint()
            with np.errstate(over="ignore", invalid="ignore"):  # no heap takes what is not finite
                scores = factors @ model.item_factors[first:last].T
            keep_best(scores, self._offsets[first:last], first, self._rated, at, ends, best, which,
                      n_best)
        return self._ranked(users, factors, which, n_best)

    def _ranked(
        self, users: NDArray[np.int64], factors: FloatArray, which: IntArray,
        n_best: NDArray[np.int64],
    ) -> IntArray:
        """Return the first n of what was kept, in the order of their predictions."""
        from mfgui.core.kernels.top import predict_kept

        model, raw = self._model, np.full(which.shape, np.nan)
        constants = model.user_bias[users].astype(np.float64) + model.global_mean
        predict_kept(factors, model.item_factors, model.item_bias, constants, which, n_best, raw)
        keys = np.where(np.isnan(raw), np.inf, -raw)
        order = np.lexsort((which, keys), axis=1)[:, : self._n]
        items = np.full((users.size, self._n), -1, np.int32)
        items[:, : order.shape[1]] = np.take_along_axis(which, order, 1)
        return items
