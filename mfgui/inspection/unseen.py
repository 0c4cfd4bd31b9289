"""Which ratings neither of two models was trained on, and by which factors each is judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.metrics import Pairs
from mfgui.core.model import FactorModel
from mfgui.core.ratings import IntArray, Ratings
from mfgui.inspection.known import Known, cell_keys, places_among

REFIT_NOTE = "Of {} the factors from before the refit are measured."


@dataclass(frozen=True, eq=False)
class Judged:
    """A model as it can be judged.

    Parameters
    ----------
    known : Known
    unseen : ndarray of int64
        Rising places of the ratings that ``model`` never saw.
    model : FactorModel
        Those from before a refit, where there was one and something was held out.
    note : str
        What to say of the factors.
    is_lost : bool
        Whether it held out ratings, was refit, and its factors from before it are not kept.
    """

    known: Known
    unseen: NDArray[np.int64]
    model: FactorModel
    note: str = ""
    is_lost: bool = False


def judged(model: FactorModel, known: Known, before: FactorModel | None, name: str) -> Judged:
    """Return the factors that never saw some ratings, which ones, and what to say of them."""
    held_out, never = known.is_held_out, _never_had(known)
    if held_out is None or not held_out.any():
        return Judged(known, never, model)
    if known.is_trained_on_all and before is None:
        return Judged(known, never, model, is_lost=True)
    unseen = np.union1d(np.flatnonzero(held_out), never)
    if before is None or not known.is_trained_on_all:
        return Judged(known, unseen, model)
    return Judged(known, unseen, before, REFIT_NOTE.format(name))


def _never_had(known: Known) -> NDArray[np.int64]:
    """Return where the ratings stand that came beside a model, of users and items it knows."""
    if known.is_unseen is None:
        return np.empty(0, np.int64)
    never, ratings = np.flatnonzero(known.is_unseen), known.ratings
    return never[_is_its_own(known, ratings.user_index[never], ratings.item_index[never])]


def _is_its_own(known: Known, users: IntArray, items: IntArray) -> NDArray[np.bool_]:
    """Return whether user and item of each pair are of the model, not only of what came beside."""
    if known.is_unseen is None:
        return np.ones(users.size, bool)
    ratings, own = known.ratings, np.flatnonzero(~known.is_unseen)
    has_user, has_item = np.zeros(ratings.n_users, bool), np.zeros(ratings.n_items, bool)
    has_user[ratings.user_index[own]] = True
    has_item[ratings.item_index[own]] = True
    result: NDArray[np.bool_] = has_user[users] & has_item[items]
    return result


def neither_saw(
    one: Judged, other: Judged, has_user: NDArray[np.bool_], has_item: NDArray[np.bool_]
) -> Pairs:
    """Return the ratings that neither saw, of users and items that both know.

    Those that one held out and the other held out too or never had, and the other way round; of a
    cell that both have, the rating of one.

    Parameters
    ----------
    one, other : Judged
        In one numbering.
    has_user, has_item : ndarray of bool, shapes (n_users,), (n_items,)
        What the other knows.
    """
    ratings, theirs = one.known.ratings, other.known.ratings
    users, items = ratings.user_index[one.unseen], ratings.item_index[one.unseen]
    is_left = has_user[users] & has_item[items]
    is_same = np.array_equal(ratings.user_index, theirs.user_index) and np.array_equal(
        ratings.item_index, theirs.item_index)
    at = one.unseen if is_same else places_among(cell_keys(theirs), _keys(users, items, theirs))
    is_unseen = np.zeros(theirs.n_ratings + 1, bool)
    is_unseen[other.unseen] = True
    is_unseen[-1] = True  # where -1 leads, the places of cells that the other has not
    is_left &= is_unseen[at]
    own = Pairs(users[is_left], items[is_left], ratings.value[one.unseen[is_left]])
    return own if is_same else _joined(own, _of_other_alone(one, other))


def _of_other_alone(one: Judged, other: Judged) -> Pairs:
    """Return the other's unseen ratings of cells that the first has no rating of."""
    ratings = other.known.ratings
    users, items = ratings.user_index[other.unseen], ratings.item_index[other.unseen]
    is_left = places_among(cell_keys(one.known.ratings), _keys(users, items, ratings)) < 0
    is_left &= _is_its_own(one.known, users, items)
    return Pairs(users[is_left], items[is_left], ratings.value[other.unseen[is_left]])


def _keys(users: IntArray, items: IntArray, ratings: Ratings) -> NDArray[np.int64]:
    """Return the keys of cells, as ``cell_keys`` makes them."""
    result: NDArray[np.int64] = users.astype(np.int64) * ratings.n_items + items
    return result


def _joined(one: Pairs, other: Pairs) -> Pairs:
    """Return both, one behind the other."""
    return Pairs(np.concatenate([one.user_index, other.user_index]),
                 np.concatenate([one.item_index, other.item_index]),
                 np.concatenate([one.value, other.value]))


def remedy(own: Judged, theirs: Judged) -> str:
    """Return what would make figures possible, as another sentence."""
    if own.is_lost or theirs.is_lost:
        return " The factors from before a refit, which could have been measured, are not kept."
    return (" Train both with the same seed and the same validation share, so that both hold out "
            "the same ratings.")
