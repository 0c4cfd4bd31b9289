"""Predictions for pairs of ids."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mfgui.core.control import Control
from mfgui.core.parallel import WorkerPool
from mfgui.core.predictions import predict_many
from mfgui.core.ratings import IntArray
from mfgui.data.options import ReadOptions
from mfgui.store.model_file import SavedModel, open_model

PAIRS_PER_BATCH = 1 << 16


@dataclass(frozen=True)
class Predictions:
    """Predictions of one batch of pairs.

    Parameters
    ----------
    rows : tuple of (user, item, prediction)
        Ids as they came, predictions in the user's units.
    n_unknown : int
        How many pairs have a user or an item that the model does not know; these are predicted
        by mean and bias.
    """

    rows: tuple[tuple[str, str, float], ...]
    n_unknown: int


@dataclass(frozen=True, eq=False)
class IndexedPairs:
    """A batch of pairs in a model's numbering.

    Parameters
    ----------
    pairs : list of (user, item)
    users, items : ndarray of int32, shape (n_pairs,)
        -1 where the model does not know the id.
    """

    pairs: list[tuple[str, str]]
    users: IntArray
    items: IntArray

    @property
    def n_unknown(self) -> int:
        """How many pairs have a user or an item that the model does not know."""
        return int(np.count_nonzero((self.users < 0) | (self.items < 0)))


def index_pairs(
    saved: SavedModel, pairs: Iterable[tuple[str, str]], n_pairs: int = PAIRS_PER_BATCH
) -> Iterator[IndexedPairs]:
    """Yield the pairs in the model's numbering, ``n_pairs`` at a time, in their order."""
    users, items = saved.user_ids.positions, saved.item_ids.positions
    rest = iter(pairs)
    while batch := list(itertools.islice(rest, n_pairs)):
        yield IndexedPairs(
            batch, np.fromiter((users.get(user, -1) for user, _ in batch), np.int32, len(batch)),
            np.fromiter((items.get(item, -1) for _, item in batch), np.int32, len(batch)))


def predict_pairs(
    control: Control, saved: SavedModel, pairs: Iterable[tuple[str, str]]
) -> Iterator[Predictions]:
    """Yield predictions batch by batch, in the order of the pairs."""
    with WorkerPool(1) as pool:
        for batch in index_pairs(saved, pairs):
            control.checkpoint()
            values = predict_many(saved.model, batch.users, batch.items, pool).tolist()
            rows = tuple((user, item, value)
                         for (user, item), value in zip(batch.pairs, values, strict=True))
            yield Predictions(rows, batch.n_unknown)


def predict_one(control: Control, model_path: str, user: str, item: str) -> Iterator[Predictions]:
    """Yield the prediction of one pair.

    Raises
    ------
    ModelFileError
        If the model cannot be opened.
    """
    yield from predict_pairs(control, open_model(model_path), [(user, item)])


def predict_file(
    control: Control, model_path: str | os.PathLike[str], pairs_path: str | os.PathLike[str],
    options: ReadOptions | None = None,
) -> Iterator[Predictions]:
    """Yield the predictions of a file of pairs: user and item, further columns ignored.

    Raises
    ------
    ModelFileError, DataError
        If the model or the pairs cannot be read.
    """
    from mfgui.data.pairs import read_pairs

    saved = open_model(model_path)
    control.report(f"Reading {pairs_path}")
    yield from predict_pairs(control, saved, read_pairs(pairs_path, options))
