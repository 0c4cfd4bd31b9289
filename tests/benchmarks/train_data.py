"""The data of the training benchmark, split as the rivals' scripts split it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mfgui.core.metrics import Pairs
from mfgui.core.ratings import Ratings, TextArray

TEST_SHARE = 0.1


@dataclass(frozen=True)
class Split:
    """One data set, 90/10 by rating, seed 0.

    Parameters
    ----------
    name : str
        What rows call it.
    path : Path
        The .npz file that the rivals' scripts read: arrays u, i and r.
    training : Ratings
    test : Pairs
    """

    name: str
    path: Path
    training: Ratings
    test: Pairs

    @property
    def n(self) -> int:
        """Number of training ratings."""
        return self.training.n_ratings

    def test_ratings(self) -> Ratings:
        """Return the test part as ratings of the same users and items."""
        training, test = self.training, self.test
        return Ratings(test.user_index, test.item_index, test.value, training.user_ids,
                       training.item_ids)


def load_split(path: Path, name: str) -> Split:
    """Return the ratings of an .npz file: ids made dense, a permutation's first tenth held out.

    This is what ``datasets.load`` and ``datasets.split`` of the rivals' scripts do.
    """
    with np.load(path) as file:
        users, items, values = file["u"], file["i"], file["r"]
    users, items = (dense(codes) for codes in (users, items))
    order = np.random.default_rng(0).permutation(values.size)
    n_test = int(values.size * TEST_SHARE)
    held_out, trained = np.sort(order[:n_test]), np.sort(order[n_test:])
    del order
    training = ratings_of(users[trained], items[trained], values[trained],
                          int(users.max()) + 1, int(items.max()) + 1)
    test = Pairs(users[held_out], items[held_out], values[held_out].astype(np.float32))
    return Split(name, path, training, test)


def load_whole(path: Path) -> Ratings:
    """Return all ratings of an .npz file."""
    with np.load(path) as file:
        users, items = dense(file["u"]), dense(file["i"])
        return ratings_of(users, items, file["r"], int(users.max()) + 1, int(items.max()) + 1)


def dense(codes: Any) -> Any:
    """Return codes renumbered 0..n-1 in their order, int32."""
    return np.unique(codes, return_inverse=True)[1].astype(np.int32)


def ratings_of(users: Any, items: Any, values: Any, n_users: int, n_items: int) -> Ratings:
    """Return ratings sorted by (user, item); the ids are the numbers."""
    keys = users.astype(np.int64) * n_items + items
    if (np.diff(keys) <= 0).any():
        order = np.argsort(keys, kind="stable")
        users, items, values = users[order], items[order], values[order]
    return Ratings(
        users, items, values.astype(np.float32),
        TextArray.from_strings(map(str, range(n_users))),
        TextArray.from_strings(map(str, range(n_items))))
