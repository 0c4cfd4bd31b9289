"""A model from a file beside ratings: matched by id."""

from __future__ import annotations

import os
import zipfile
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import IntArray, Ratings
from mfgui.core.splits import positions
from mfgui.store.model_file import SavedModel
from mfgui.training.events import Baselines, EpochRecord


def is_model_file(path: str | os.PathLike[str]) -> bool:
    """Return whether an ``.npz`` is to be opened as a model rather than as ratings.

    A damaged one is: the model's reader says what is wrong with it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return True
    return "card.npy" in names or "user_factors.npy" in names


def match_model(saved: SavedModel, ratings: Ratings) -> FactorModel | None:
    """Return the model in the numbering of ``ratings``; None where no user or no item is known.

    What the model does not know gets rows of 0: mean and bias alone predict it.
    """
    users = positions(ratings.user_ids, saved.user_ids)
    items = positions(ratings.item_ids, saved.item_ids)
    if not ((users >= 0).any() and (items >= 0).any()):
        return None
    model = saved.model
    return replace(
        model,
        user_factors=_rows(model.user_factors, users), user_bias=_rows(model.user_bias, users),
        item_factors=_rows(model.item_factors, items), item_bias=_rows(model.item_bias, items),
        implicit_factors=(None if model.implicit_factors is None
                          else _rows(model.implicit_factors, items)))


def _rows(array: NDArray[Any], where: IntArray) -> NDArray[Any]:
    """Return the rows at the positions, 0 for those at -1."""
    rows = array[np.maximum(where, 0)]
    rows[where < 0] = 0
    return rows


def unrated(saved: SavedModel) -> Ratings:
    """Return the model's users and items without any rating, to look at a model alone."""
    nothing = np.empty(0, np.int32)
    return Ratings(nothing, nothing.copy(), np.empty(0, np.float32), saved.user_ids,
                   saved.item_ids, saved.item_titles, str(saved.card.get("ratings_name", "model")))


def sound_history(saved: SavedModel) -> tuple[EpochRecord, ...]:
    """Return the records of a model's card; it is untrusted, what does not fit is left out."""
    needed = ("epoch", "segment", "is_refit", "loss", "data_term", "train_seconds")
    numbers = ("loss", "data_term", "train_seconds")
    optional = [field.name for field in fields(EpochRecord) if field.name not in needed]
    names = {field.name for field in fields(EpochRecord)}
    absent = dict.fromkeys(optional)  # an older version had fewer
    records: list[EpochRecord] = []
    for entry in saved.card["history"]:
        if not isinstance(entry, dict) or not set(needed) <= set(entry) <= names:
            continue
        entry = {**absent, **entry}
        is_sound = (
            all(isinstance(entry[name], int) and 0 <= entry[name] < 2**53
                for name in ("epoch", "segment"))
            and isinstance(entry["is_refit"], bool)
            and all(_is_number(entry[name]) for name in numbers)
            and all(entry[name] is None or _is_number(entry[name]) for name in optional))
        if is_sound:
            records.append(EpochRecord(**entry))
    return tuple(sorted(records, key=lambda record: (record.segment, record.epoch)))


def sound_baselines(saved: SavedModel) -> Baselines | None:
    """Return what a model's card says had to be beaten; None where it does not."""
    summary = saved.card.get("summary")
    if not isinstance(summary, dict):
        return None
    values = {field.name: summary.get(f"{field.name}_rmse") for field in fields(Baselines)}
    sound = {name: value if _is_number(value) else None for name, value in values.items()}
    return Baselines(**sound) if any(value is not None for value in sound.values()) else None


def _is_number(value: object) -> bool:
    """Return whether a value of a JSON text is a finite number."""
    return (isinstance(value, (int, float)) and not isinstance(value, bool)
            and abs(value) < 1e300)
