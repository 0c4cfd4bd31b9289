"""The items with the highest predictions for one user, and why.

Ranked by the prediction as it is, not as it is clipped: many clipped ones would tie at the end of
the scale. The products over all items are made in float32; the best of them, and some more, are
then predicted anew in float64, which decides their order, here as in ``top_lists``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in import DoubleArray, FoldedUser, folded_predictions
from mfgui.core.model import FactorModel
from mfgui.inspection.best import best_places
from mfgui.inspection.known import Known
from mfgui.inspection.new_user import NewUser, solved_row
from mfgui.inspection.rounding import least_of
from mfgui.inspection.top_memo import Filters, TopMemo

__all__ = [
    "Filters", "Reason", "Recommendation", "TopMemo", "known_items", "rating_shares", "recommend",
    "shown",
]

N_REASONS = 3
N_SPARE = 3  # how many more are predicted in float64, which may change places


@dataclass(frozen=True)
class Reason:
    """One of the user's ratings and what it gives to a prediction.

    Parameters
    ----------
    item : int
    observed : float
        The rating.
    share : float
        Signed, in the units of the prediction.
    """

    item: int
    observed: float
    share: float


@dataclass(frozen=True)
class Recommendation:
    """One place of a top list.

    Parameters
    ----------
    item : int
    rank : int
        From 1.
    raw, shown : float
        The prediction, and as it is shown: clipped where the model clips.
    n_ratings : int or None
        Training ratings of the item; None where they are not known.
    lower_bound : float or None
        ``raw - held-out RMSE / sqrt(n_ratings)``; None where either is not known, or there is no
        rating.
    why : tuple of Reason
        The ratings of the user that weigh most, largest first, at most three; empty where they are
        not known.
    """

    item: int
    rank: int
    raw: float
    shown: float
    n_ratings: int | None
    lower_bound: float | None
    why: tuple[Reason, ...]


def recommend(
    model: FactorModel, known: Known | None, user: int | NewUser, n: int = 10,
    filters: Filters | None = None, held_out_rmse: float | None = None,
    memo: TopMemo | None = None,
) -> tuple[Recommendation, ...]:
    """Return a user's top list, at most ``n`` long.

    Parameters
    ----------
    model : FactorModel
    known : Known or None
        None: what the user rated cannot be left out, nor be a reason.
    user : int or NewUser
        A user of the model, whose trained row predicts and whose training row solved anew explains;
        or a new one.
    filters : Filters or None
        None: those by default.
    held_out_rmse : float or None
        For the lower bound.
    memo : TopMemo or None
        Kept between calls; made for this one where it is None or of another model.

    Raises
    ------
    ValueError
        If the filters need what is not known (``TopMemo.missing`` says so beforehand).
    """
    filters = filters or Filters()
    if memo is None or not memo.is_of(model, known):
        memo = TopMemo(model, known)
    known = memo.known
    penalties = memo.penalties(filters, held_out_rmse)
    row, constant, scores = _predicted(model, user)
    with np.errstate(invalid="ignore"):  # infinity less infinity: left out, as is meant
        scores -= penalties
    if filters.is_unrated_only:
        scores[known_items(known, user)] = -np.inf
    places = best_places(scores, n + N_SPARE)
    raw = _exactly(model, row, constant, places)
    order = best_places(raw - penalties[places], n)
    places, raw = places[order], raw[order]
    why = _reasons(model, _solved(model, known, user, memo) if places.size else None, places)
    return tuple(
        Recommendation(item, rank, value, shown(model, value), memo.count(item),
                       memo.lower_bound(item, value, held_out_rmse), why[rank - 1])
        for rank, (item, value) in enumerate(
            zip(places.tolist(), raw.tolist(), strict=True), 1))


def shown(model: FactorModel, raw: float) -> float:
    """Return a prediction as it is shown: clipped where the model clips."""
    low, high = model.scale
    return min(max(raw, low), high) if model.clip else raw


def known_items(known: Known | None, user: int | NewUser) -> NDArray[Any]:
    """Return what a user is known to have rated, held-out ratings included.

    Of a new user who is based on an existing one: the new user's ratings, and what was held out of
    the existing one's; a rating that was taken away does not count.
    """
    based_on = user.based_on if isinstance(user, NewUser) else user
    rated = user.items if isinstance(user, NewUser) else np.empty(0, np.int32)
    if known is None or based_on is None:
        return rated
    pointers = known.ratings.row_pointers
    row = known.ratings.item_index[pointers[based_on] : pointers[based_on + 1]]
    if not isinstance(user, NewUser):
        return row
    return np.union1d(rated, np.setdiff1d(row, known.user_row(based_on)[0]))


def rating_shares(
    model: FactorModel, folded: FoldedUser, items: NDArray[Any]
) -> DoubleArray:
    """Return what each of the user's ratings gives to the predictions of some items.

    Of an average the mean over its members of ``RowFit.shares``. Where svd++ gives the user an
    implicit part, a rating's share holds what it adds there too, ``v . y_i / sqrt(n)``.

    Returns
    -------
    ndarray of float64, shape (n_ratings, n_items)
    """
    rows = model.item_factors[items].astype(np.float64)
    total = np.zeros((folded.items.size, items.size))
    if not folded.items.size:
        return total
    root, begin = len(model.members) ** 0.5, 0
    for fit, end in zip(folded.fits, model.members, strict=True):
        features = np.array([fit.feature(row) for row in rows[:, begin:end] * root])
        shares = fit.features @ (fit.inverse @ features.T)
        total += (fit.weights * fit.targets)[:, None] * shares / len(model.members)
        begin = end
    if model.implicit_factors is not None:
        implicit = model.implicit_factors[folded.items].astype(np.float64)
        total += implicit @ rows.T / np.sqrt(folded.items.size)
    return total


def _reasons(
    model: FactorModel, folded: FoldedUser | None, items: NDArray[np.int64]
) -> list[tuple[Reason, ...]]:
    """Return of each item the ratings that weigh most, ties by item; none that weighs nothing."""
    if folded is None:
        return [()] * items.size
    shares, least = rating_shares(model, folded, items), least_of(model.scale)

    def reason(place: int, share: float) -> Reason:
        return Reason(int(folded.items[place]), float(folded.values[place]), share)

    return [tuple(reason(int(place), float(column[place]))
                  for place in best_places(np.abs(column), N_REASONS)
                  if abs(column[place]) > least) for column in shares.T]


def _solved(
    model: FactorModel, known: Known | None, user: int | NewUser, memo: TopMemo
) -> FoldedUser | None:
    """Return the row solved from the user's ratings; None where these are not known."""
    if isinstance(user, NewUser):
        return user.folded
    return None if known is None else solved_row(model, *known.user_row(user), memo.grams)


def _predicted(
    model: FactorModel, user: int | NewUser
) -> tuple[DoubleArray, float, DoubleArray]:
    """Return the user's factors, mean with the user's bias, and what is predicted of all items."""
    if isinstance(user, NewUser):
        folded = user.folded
    else:
        folded = FoldedUser(np.empty(0), np.empty(0), model.user_factors[user].astype(np.float64),
                            float(model.user_bias[user]), ())
    with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is left out
        scores = folded_predictions(model, folded)
    return folded.factors, model.global_mean + folded.bias, scores


def _exactly(
    model: FactorModel, row: DoubleArray, constant: float, items: NDArray[np.int64]
) -> DoubleArray:
    """Return the predictions of some items in float64, equal ones for equal rows."""
    products = np.einsum("kf,f->k", model.item_factors[items].astype(np.float64), row)
    return np.asarray(products + model.item_bias[items] + constant)
