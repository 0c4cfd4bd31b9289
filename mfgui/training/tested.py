"""Ratings to measure a model on, in its own numbering, without those that it was trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.metrics import Pairs
from mfgui.core.parallel import WorkerPool, even_blocks
from mfgui.core.ratings import FloatArray, IntArray, Ratings
from mfgui.core.splits import match_ids


@dataclass(frozen=True, eq=False)
class Tested:
    """Ratings to measure on, in a model's numbering.

    Parameters
    ----------
    pairs : Pairs
        None of them is a training rating.
    owners : ndarray of int32, shape (n_pairs,)
        Whose rating each is, rising; those the model does not know have a number here too.
    n_duplicates : int
        How many were left out, because the model was trained on the same user and item.
    """

    pairs: Pairs
    owners: IntArray
    n_duplicates: int = 0


def tested_positions(ratings: Ratings, positions: NDArray[np.int64]) -> Tested:
    """Return some of the ratings that a model knows the users and items of."""
    users = ratings.user_index[positions]
    return _tested(users, ratings.item_index[positions], ratings.value[positions], users)


def tested_file(test: Ratings, training: Ratings, pool: WorkerPool) -> Tested:
    """Return ratings of a file of their own, matched by id, without those that were trained on."""
    users, items, values = match_ids(test, training)
    is_trained = rated_pairs(users, items, training, pool)
    left = np.flatnonzero(~is_trained)
    return _tested(users[left], items[left], values[left], test.user_index[left],
                   int(np.count_nonzero(is_trained)))


def rated_pairs(
    users: IntArray, items: IntArray, training: Ratings, pool: WorkerPool
) -> NDArray[np.bool_]:
    """Return which pairs are among the ratings; -1 for a user or item that is not known."""
    from mfgui.core.kernels.splits import mark_rated

    is_rated = np.zeros(users.size, bool)
    pool.run(lambda begin, end: mark_rated(
        training.row_pointers, training.item_index, users, items, begin, end, is_rated),
        even_blocks(users.size))
    return is_rated


def _tested(
    users: IntArray, items: IntArray, values: FloatArray, owners: IntArray,
    n_duplicates: int = 0,
) -> Tested:
    """Return pairs that nobody changes: kernels are compiled once for those of any origin."""
    for array in (users, items, values):
        array.flags.writeable = False
    return Tested(Pairs(users, items, values), owners, n_duplicates)
