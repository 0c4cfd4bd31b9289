"""Predictions for pairs of ids."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from mfgui.core.control import Control
from mfgui.data.options import ReadOptions
from mfgui.store.model_file import SavedModel, open_model

PAIRS_PER_BATCH = 10_000


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


def predict_pairs(
    control: Control, saved: SavedModel, pairs: Iterable[tuple[str, str]]
) -> Iterator[Predictions]:
    """Yield predictions batch by batch, in the order of the pairs."""
    users, items = saved.user_ids.positions, saved.item_ids.positions
    for batch in _batches(pairs):
        control.checkpoint()
        user_index = np.array([users.get(user, -1) for user, _ in batch], np.int64)
        item_index = np.array([items.get(item, -1) for _, item in batch], np.int64)
        values = saved.model.predict(user_index, item_index).tolist()
        rows = tuple((user, item, value) for (user, item), value in zip(batch, values, strict=True))
        yield Predictions(rows, int(np.count_nonzero((user_index < 0) | (item_index < 0))))


def _batches(pairs: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Yield the pairs in lists of ``PAIRS_PER_BATCH``."""
    rest = iter(pairs)
    while batch := list(itertools.islice(rest, PAIRS_PER_BATCH)):
        yield batch


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
