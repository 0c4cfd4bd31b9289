"""A model from a file beside ratings: matched by id."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import FloatArray, IntArray, Ratings
from mfgui.core.splits import match_ids, positions
from mfgui.data.import_report import counted
from mfgui.inspection.known import Known, cell_keys, places_among
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


@dataclass(frozen=True, eq=False)
class Matched:
    """A model from a file in the numbering of other ratings.

    Parameters
    ----------
    model : FactorModel
        What it does not know has rows of 0: mean and bias alone predict it.
    known : Known or None
        The file's own ratings, as far as their users and items are known here.
    before_refit : FactorModel or None
    users, items : ndarray of int32, shapes (n_users,), (n_items,)
        Where each user and item stands in the file, -1 where it does not.
    n_in_file : (int, int)
        How many users and items the file has.
    """

    model: FactorModel
    known: Known | None
    before_refit: FactorModel | None
    users: IntArray
    items: IntArray
    n_in_file: tuple[int, int]

    @property
    def text(self) -> str:
        """What could not be matched, in a sentence or two; "" where all was."""
        sides = [(word, where.size, int((where >= 0).sum()), n) for word, where, n in zip(
            ("user", "item"), (self.users, self.items), self.n_in_file, strict=True)]
        known = [f"{n_known:,} of {counted(n, word)}" for word, n, n_known, _ in sides]
        own = [counted(n_own - n_known, word) for word, _, n_known, n_own in sides
               if n_own > n_known]
        text = ""
        if any(n_known < n for _, n, n_known, _ in sides):
            text = (f"It knows {' and '.join(known)}, by their ids; the others are predicted by "
                    "its mean and biases alone.")
        if own:
            text += f" It has {' and '.join(own)} that the ratings have not."
        return text.strip()


def match_model(saved: SavedModel, ratings: Ratings) -> Matched | None:
    """Return the model in the numbering of ``ratings``; None where no user or no item is known."""
    users = positions(ratings.user_ids, saved.user_ids)
    items = positions(ratings.item_ids, saved.item_ids)
    if not ((users >= 0).any() and (items >= 0).any()):
        return None
    before, known = saved.before_refit, saved.known
    n_in_file = saved.model.n_users, saved.model.n_items
    if _is_same(users, n_in_file[0]) and _is_same(items, n_in_file[1]):
        # The common case, its own ratings opened again: of 25 million nothing is to be sorted anew.
        return Matched(saved.model, known and _renamed(known, ratings), before, users, items,
                       n_in_file)
    known = known and _matched_known(known, ratings)
    return Matched(_matched(saved.model, users, items), known,
                   None if before is None else _matched(before, users, items), users, items,
                   n_in_file)


def _is_same(where: IntArray, n: int) -> bool:
    """Return whether each of n stands where it stood."""
    return where.size == n and bool((where == np.arange(n)).all())


def _renamed(known: Known, ratings: Ratings) -> Known:
    """Return known ratings with the ids and titles of ``ratings``, which are numbered alike."""
    own = known.ratings
    return replace(known, ratings=_like(
        ratings, own.user_index, own.item_index, own.value, own.scale))


def _matched(model: FactorModel, users: IntArray, items: IntArray) -> FactorModel:
    """Return a model's rows at the positions."""
    sides = {"user_factors": users, "user_bias": users, "member_user_bias": users,
             "item_factors": items, "item_bias": items, "member_item_bias": items,
             "implicit_factors": items}
    rows: dict[str, Any] = {
        name: None if (array := getattr(model, name)) is None
        else _rows(array, where, axis=int(name.startswith("member")))
        for name, where in sides.items()}
    return replace(model, **rows)


def _rows(array: NDArray[Any], where: IntArray, axis: int = 0) -> NDArray[Any]:
    """Return the rows at the positions, 0 for those at -1; along the axis."""
    rows = np.take(array, np.maximum(where, 0), axis=axis)
    if axis:
        rows[:, where < 0] = 0
    else:
        rows[where < 0] = 0
    return rows


def _matched_known(known: Known, ratings: Ratings) -> Known:
    """Return the known ratings whose user and item ``ratings`` knows, in its numbering."""
    users, items, values = match_ids(known.ratings, ratings)
    at = np.flatnonzero((users >= 0) & (items >= 0))
    at = at[np.lexsort((items[at], users[at]))]
    # A file that has an id twice has cells twice here; one of each counts.
    at = at[(np.diff(users[at], prepend=-1) != 0) | (np.diff(items[at], prepend=-1) != 0)]
    is_held_out = None if known.is_held_out is None else known.is_held_out[at]
    return Known(_like(ratings, users[at], items[at], values[at], known.ratings.scale),
                 is_held_out, known.is_trained_on_all)


def _like(
    ratings: Ratings, users: IntArray, items: IntArray, values: FloatArray,
    scale: tuple[float, float],
) -> Ratings:
    """Return other ratings of the same users and items."""
    return Ratings(users, items, values, ratings.user_ids, ratings.item_ids, ratings.item_titles,
                   ratings.name, user_names=ratings.user_names, given_scale=scale)


def with_unseen(known: Known, ratings: Ratings) -> Known:
    """Return a model's known ratings, and those of ``ratings`` beside them that it never saw.

    Parameters
    ----------
    known : Known
        In the numbering of ``ratings``; of a cell that both have, its rating stays.
    """
    keys, others = cell_keys(known.ratings), cell_keys(ratings)
    if np.array_equal(keys, others):  # the model's own ratings, opened again
        return known
    at = np.flatnonzero(places_among(keys, others) < 0)
    if not at.size:
        return known
    order = np.argsort(np.concatenate([keys, others[at]]), kind="stable")
    users, items, values = (
        np.concatenate([getattr(known.ratings, name), getattr(ratings, name)[at]])[order]
        for name in ("user_index", "item_index", "value"))
    is_unseen = np.repeat([False, True], [keys.size, at.size])[order]
    is_held_out = known.is_held_out
    if is_held_out is not None:
        is_held_out = np.append(is_held_out, np.zeros(at.size, bool))[order]
    return Known(_like(ratings, users, items, values, known.ratings.scale), is_held_out,
                 known.is_trained_on_all, is_unseen)


def known_from(saved: SavedModel, ratings: Ratings | None = None) -> Known | None:
    """Return what is known of a model's ratings, in the model's own numbering.

    What the file carries comes before ``ratings``, which are matched by id and taken as what the
    model was trained on; None where there is neither.
    """
    if saved.known is not None or ratings is None:
        return saved.known
    return _matched_known(Known(ratings), unrated(saved))


def ratings_of(saved: SavedModel) -> Ratings:
    """Return the ratings that a model is looked at with alone: its own, or none of them."""
    return saved.known.ratings if saved.known is not None else unrated(saved)


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
