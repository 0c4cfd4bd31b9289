"""Two models side by side, the second brought to the numbering of the first.

A figure of both is honest on ratings alone that neither was trained on: those that the first held
out, less those that the second trained on. Where a model was refit, the factors from before it are
measured; where a model does not know its ratings, nobody can know.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.inspection.known import Known

PAIRS_PER_PART = 1 << 18


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
    if known is None or other.known is None:
        whose = "The open model" if known is None else other.name
        return HeldOutFigures(0, None, None, f"{whose} does not know its ratings, so nobody can "
                              "know which ones neither model was trained on.")
    pairs, names = [], []
    for each, own, own_before, name in (
            (model, known, before_refit, "the open model"),
            (other.model, other.known, other.before_refit, other.name)):
        unseen, figure_model, note = _unseen(each, own, own_before, name)
        pairs.append((unseen, figure_model))
        names.append(note)
    keys = np.intersect1d(pairs[0][0].keys, pairs[1][0].keys, assume_unique=True)
    users, items = np.divmod(keys, known.ratings.n_items)
    is_shared = other.has_user[users] & other.has_item[items]
    users, items, keys = users[is_shared], items[is_shared], keys[is_shared]
    if not keys.size:
        return HeldOutFigures(0, None, None, "There is no rating that both models held out, so "
                              "neither figure would be honest.")
    values = known.ratings.value[pairs[0][0].positions(keys)]
    figures = [_rmse(pair[1], users, items, values) for pair in pairs]
    note = " ".join(filter(None, names))
    return HeldOutFigures(int(keys.size), figures[0], figures[1], (
        f"On {keys.size:,} ratings that neither model was trained on. {note}").strip())


@dataclass(frozen=True, eq=False)
class _Unseen:
    """Ratings by key ``user * n_items + item``, rising, and their positions among all."""

    keys: NDArray[np.int64]
    at: NDArray[np.int64]

    def positions(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        return self.at[np.searchsorted(self.keys, keys)]


def _unseen(
    model: FactorModel, known: Known, before: FactorModel | None, name: str
) -> tuple[_Unseen, FactorModel, str]:
    """Return what a model never saw, the factors that never saw it, and what to say of them."""
    held_out = (np.empty(0, np.int64) if known.is_held_out is None
                else np.flatnonzero(known.is_held_out))
    note = ""
    if known.is_trained_on_all and held_out.size:
        if before is None:
            held_out = held_out[:0]
        else:
            model = before
            note = f"Of {name} the factors from before its refit are measured."
    ratings = known.ratings
    keys = ratings.user_index[held_out].astype(np.int64) * ratings.n_items
    keys += ratings.item_index[held_out]
    return _Unseen(keys, held_out), model, note


def _rmse(
    model: FactorModel, users: NDArray[np.int64], items: NDArray[np.int64],
    values: NDArray[np.float32],
) -> float:
    """Return the RMSE of predictions as shown, by parts."""
    total = 0.0
    for begin in range(0, values.size, PAIRS_PER_PART):
        part = slice(begin, begin + PAIRS_PER_PART)
        error = model.predict(users[part], items[part]).astype(np.float64) - values[part]
        total += float(error @ error)
    return float(np.sqrt(total / values.size))
