"""Two models side by side, the second brought to the numbering of the first.

A figure of both is honest on ratings alone that neither was trained on: those that the first held
out, less those that the second trained on. Where a model was refit, the factors from before it are
measured; where a model does not know its ratings, nobody can know. Of preferences there is no such
figure, least of all beside one of ratings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.metrics import Pairs, squared_error_sums
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings
from mfgui.inspection.known import Known, cell_keys, places_among


@dataclass(frozen=True)
class HeldOutFigures:
    """RMSE of both models on ratings that neither was trained on.

    Parameters
    ----------
    n_ratings : int
        0 where there is none, or nobody can know.
    rmse, other_rmse : float or None
    note : str
        Which ratings and factors, or why there is no figure.
    """

    n_ratings: int
    rmse: float | None
    other_rmse: float | None
    note: str


@dataclass(frozen=True, eq=False)
class OtherModel:
    """The model that the shown one is compared with, in the shown one's numbering.

    Parameters
    ----------
    name : str
    model : FactorModel
        Rows of 0 where it does not know a user or item.
    has_user, has_item : ndarray of bool, shapes (n_users,), (n_items,)
        What it knows.
    n_unmatched_users, n_unmatched_items : int
        Its own that the shown one does not know.
    known : Known or None
        Its ratings in the same numbering, as far as their users and items are known here.
    before_refit : FactorModel or None
    figures : HeldOutFigures or None
        Of both, on ratings that neither was trained on.
    """

    name: str
    model: FactorModel
    has_user: NDArray[np.bool_]
    has_item: NDArray[np.bool_]
    n_unmatched_users: int = 0
    n_unmatched_items: int = 0
    known: Known | None = None
    before_refit: FactorModel | None = None
    figures: HeldOutFigures | None = None

    @property
    def text(self) -> str:
        """What was matched, in a sentence."""
        n_users, n_items = int(self.has_user.sum()), int(self.has_item.sum())
        text = f"{self.name}: {n_users:,} users and {n_items:,} items matched by id"
        left = [f"{n:,} {side}{'s' * (n != 1)} {which}" for n, side, which in (
            (self.n_unmatched_users, "user", "of its own"),
            (self.n_unmatched_items, "item", "of its own"),
            (self.has_user.size - n_users, "user", "it does not know"),
            (self.has_item.size - n_items, "item", "it does not know")) if n]
        return f"{text}; left out: {', '.join(left)}." if left else f"{text}."


def compare_held_out(
    model: FactorModel, known: Known | None, before_refit: FactorModel | None, other: OtherModel,
) -> HeldOutFigures:
    """Return the RMSE of both on the ratings that neither saw, of users and items both know."""
    if reason := _refusal(model, known, other):
        return HeldOutFigures(0, None, None, reason)
    assert known is not None
    assert other.known is not None
    own = _judged(model, known, before_refit, "the open model")
    theirs = _judged(other.model, other.known, other.before_refit, other.name)
    pairs = _left(known.ratings, own.held_out, other, theirs.held_out)
    if not pairs.value.size:
        return HeldOutFigures(0, None, None, "There is no rating that the open model held out and "
                              f"{other.name} was not trained on, so neither figure would be "
                              "honest.")
    pool = WorkerPool()
    figures = [squared_error_sums(each.model, pairs, pool).rmse for each in (own, theirs)]
    note = " ".join(filter(None, (own.note, theirs.note)))
    return HeldOutFigures(int(pairs.value.size), figures[0], figures[1], (
        f"On {pairs.value.size:,} ratings that neither model was trained on. {note}").strip())


def _refusal(model: FactorModel, known: Known | None, other: OtherModel) -> str:
    """Return why there can be no figures of both; "" where there can."""
    if model.target != other.model.target:
        return ("One of the two predicts ratings and the other preferences: no error measures "
                "both.")
    if model.target == "preference":
        return ("Both predict preferences, and all that was held out is of one kind: its error "
                "would tell nothing.")
    if known is None or other.known is None:
        whose = "The open model" if known is None else other.name
        return (f"{whose} does not know its ratings, so nobody can know which ones neither model "
                "was trained on.")
    return ""


@dataclass(frozen=True, eq=False)
class _Judged:
    """The factors that are measured, and where the ratings that they never saw stand, rising."""

    held_out: NDArray[np.int64]
    model: FactorModel
    note: str = ""


def _judged(model: FactorModel, known: Known, before: FactorModel | None, name: str) -> _Judged:
    """Return the factors that never saw what was held out, and what to say of them."""
    nothing = np.empty(0, np.int64)
    held_out = nothing if known.is_held_out is None else np.flatnonzero(known.is_held_out)
    if not (known.is_trained_on_all and held_out.size):
        return _Judged(held_out, model)
    if before is None:
        return _Judged(nothing, model)
    return _Judged(held_out, before, f"Of {name} the factors from before its refit are measured.")


def _left(
    ratings: Ratings, held_out: NDArray[np.int64], other: OtherModel,
    others_held_out: NDArray[np.int64],
) -> Pairs:
    """Return those held out whose user and item the other model knows, and which it never saw."""
    assert other.known is not None
    users, items = ratings.user_index[held_out], ratings.item_index[held_out]
    is_left = other.has_user[users] & other.has_item[items]
    theirs = other.known.ratings
    at = places_among(cell_keys(theirs), users.astype(np.int64) * theirs.n_items + items)
    is_left &= (at < 0) | np.isin(at, others_held_out)
    return Pairs(users[is_left], items[is_left], ratings.value[held_out[is_left]])
