"""An imaginary user, and an existing one with other ratings: rows solved while one looks on.

Nothing of the model changes: the items stay as they are, and the user's row is solved from the
user's ratings by the model's own rule (``core/fold_in.py``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in import (
    DoubleArray,
    FoldedUser,
    fold_in,
    folded_predictions,
    grams_of,
    rule_of,
)
from mfgui.core.model import FactorModel
from mfgui.core.ratings import FloatArray, IntArray
from mfgui.inspection.best import best_places
from mfgui.inspection.known import Known

Grams = tuple[DoubleArray | None, ...]


@dataclass(frozen=True, eq=False)
class NewUser:
    """A user who is not in the model, and the row that the model's rule gives.

    Parameters
    ----------
    items : ndarray of int32, shape (n_ratings,)
        What the user rated, rising.
    values : ndarray of float32, shape (n_ratings,)
        The ratings, in the user's units.
    name : str
        For people.
    based_on : int or None
        The user of the model whose training ratings these were at first; None for an imaginary
        one.
    folded : FoldedUser
        The row solved from the ratings.
    """

    items: IntArray
    values: FloatArray
    name: str
    based_on: int | None
    folded: FoldedUser

    @property
    def n_ratings(self) -> int:
        """Number of ratings."""
        return int(self.items.size)

    def rating(self, item: int) -> float | None:
        """Return the rating of an item, None where it is missing."""
        place = int(np.searchsorted(self.items, item))
        if place == self.items.size or self.items[place] != item:
            return None
        return float(self.values[place])


@dataclass(frozen=True)
class Move:
    """How far one prediction moved.

    Parameters
    ----------
    item : int
    before, after : float
        Unclipped.
    """

    item: int
    before: float
    after: float

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after - self.before


def new_user(
    model: FactorModel, items: NDArray[Any], values: NDArray[Any], name: str = "new user",
    based_on: int | None = None, grams: Grams | None = None,
) -> NewUser:
    """Return a user with these ratings, the row solved.

    Parameters
    ----------
    items, values : ndarray, shape (n_ratings,)
        In any order; there may be none.
    grams : tuple of ndarray or None
        What ``core.fold_in.grams_of`` gave for the model, where it is kept between calls.

    Raises
    ------
    ValueError
        If an item is not the model's or comes twice, or a value is not finite.
    """
    items, values = np.asarray(items, np.int32), np.asarray(values, np.float32)
    if items.shape != values.shape or items.ndim != 1:
        raise ValueError("items and values must have one common length")
    order = np.argsort(items, kind="stable")
    items, values = items[order], values[order]
    if items.size and (items[0] < 0 or items[-1] >= model.n_items):
        raise ValueError("item out of range")
    if (items[1:] == items[:-1]).any():
        raise ValueError("each item is rated once")
    if not np.isfinite(values).all():
        raise ValueError("ratings must be finite")
    items.flags.writeable = values.flags.writeable = False
    return NewUser(items, values, name, based_on, solved_row(model, items, values, grams))


def solved_row(
    model: FactorModel, items: NDArray[Any], values: NDArray[Any], grams: Grams | None = None
) -> FoldedUser:
    """Return the row that ratings give, as ``core.fold_in.fold_in``.

    Only the rated items' rows are looked at: of an average, every member whole would be copied,
    20 ms with 138,000 users.
    """
    n_members = len(model.members)
    implicit, own_bias = model.implicit_factors, model.member_item_bias
    few = replace(
        model, rules=tuple(rule_of(model, position) for position in range(n_members)),
        user_factors=model.user_factors[:0], user_bias=model.user_bias[:0],
        item_factors=model.item_factors[items], item_bias=model.item_bias[items],
        implicit_factors=None if implicit is None else implicit[items],
        member_user_bias=None,
        member_item_bias=None if own_bias is None else own_bias[:, items])
    folded = fold_in(few, np.arange(items.size), values, grams or grams_of(model))
    fits = tuple(replace(fit, others=items) for fit in folded.fits)
    return replace(folded, items=items, fits=fits)


def with_rating(
    model: FactorModel, new: NewUser, item: int, value: float | None,
    grams: Grams | None = None,
) -> NewUser:
    """Return the user with one rating set or changed; None takes it away.

    Raises
    ------
    ValueError
        As ``new_user``.
    """
    is_other = new.items != item
    items, values = new.items[is_other], new.values[is_other]
    if value is not None:
        items, values = np.append(items, np.int32(item)), np.append(values, np.float32(value))
    return new_user(model, items, values, new.name, new.based_on, grams)


def what_if(
    model: FactorModel, known: Known, user: int, grams: Grams | None = None
) -> NewUser:
    """Return an existing user's training ratings and the row solved from them, nothing changed.

    That row differs from the trained one a little: so what a change does is seen against this one.
    """
    names = known.ratings.user_names
    own = names[user] if names is not None else ""
    return new_user(model, *known.user_row(user), own or f"user {known.ratings.user_ids[user]}",
                    user, grams)


def moves(
    model: FactorModel, before: NewUser, after: NewUser, n: int = 10
) -> tuple[Move, ...]:
    """Return the items whose prediction moved most, the largest move first, ties by item.

    Items that did not move are left out; what was rated is not.

    Parameters
    ----------
    before : NewUser
        Solved too, as by ``what_if``: not the trained row.
    """
    first, second = (folded_predictions(model, user.folded) for user in (before, after))
    size = np.abs(second - first)
    size[~np.isfinite(size)] = 0
    order = best_places(size, n)
    return tuple(Move(int(item), float(first[item]), float(second[item]))
                 for item in order if size[item] > 0)
