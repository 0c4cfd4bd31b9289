"""The cards of a user and of an item: how many ratings, how they lie, how well they are fitted."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in import DoubleArray
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.inspection.cell_rows import Cell
from mfgui.inspection.explanation import Card
from mfgui.inspection.memo import MOST_VALUES, Memo
from mfgui.inspection.words import name_of, one_line

N_RANGES = 10
LONG_TAIL = 1000.0  # a scale whose ends differ by this factor is cut by ratios
ROWS_PER_PART = 1 << 13


def user_card(cell: Cell, memo: Memo) -> Card:
    """Return the user's card, by training ratings, or by the new user's own."""
    items, values = cell.user_row
    ratings, new_user = cell.known.ratings, cell.new_user
    if new_user is not None:
        identity = "", one_line(new_user.name)
    else:
        identity = one_line(ratings.user_ids[cell.user]), name_of(ratings.user_names, cell.user)
    raw = _raw(cell.model, cell.user_factors, cell.user_bias, items, is_user=True)
    return _card(identity, values, raw, cell.user_bias, cell.user_factors, cell, memo)


def item_card(cell: Cell, memo: Memo) -> Card:
    """Return the item's card, by training ratings."""
    users, values = (cell.known.item_row(cell.item) if cell.known.training.n_ratings
                     else (np.empty(0, np.int32), np.empty(0, np.float32)))
    ratings = cell.known.ratings
    identity = one_line(ratings.item_ids[cell.item]), name_of(ratings.item_titles, cell.item)
    raw = _raw(cell.model, cell.item_factors, cell.item_bias, users, is_user=False)
    return _card(identity, values, raw, cell.item_bias, cell.item_factors, cell, memo)


def _card(
    identity: tuple[str, str], values: NDArray[Any], raw: DoubleArray, bias: float,
    factors: DoubleArray, cell: Cell, memo: Memo,
) -> Card:
    """Return a card."""
    values = values.astype(np.float64)
    targets = (values > 0).astype(np.float64) if cell.model.target == "preference" else values
    residuals = targets - raw
    has_any = values.size > 0
    return Card(
        *identity, int(values.size), histogram(values, memo.values, cell.known.training),
        float(values.mean()) if has_any else None, bias,
        float(np.sqrt(np.mean(residuals**2))) if has_any else None,
        float(np.linalg.norm(factors)))


def _raw(
    model: FactorModel, row: DoubleArray, bias: float, others: NDArray[Any], *, is_user: bool
) -> DoubleArray:
    """Return the unclipped predictions of one row for these of the other side."""
    factors, biases = ((model.item_factors, model.item_bias) if is_user
                       else (model.user_factors, model.user_bias))
    out = np.empty(others.size)
    for begin in range(0, others.size, ROWS_PER_PART):
        part = others[begin : begin + ROWS_PER_PART]
        out[begin : begin + part.size] = factors[part] @ row + biases[part]
    return out + (bias + model.global_mean)


def histogram(
    values: DoubleArray, known_values: DoubleArray | None, ratings: Ratings
) -> tuple[tuple[float, int], ...]:
    """Return how many ratings each value has, or each range of values, with its lower end.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
    known_values : ndarray of float64 or None
        The different values of all ratings; None where there are many.
    ratings : Ratings
        All, for their scale.
    """
    if not ratings.n_ratings and not values.size:
        return ()
    own = np.unique(values)
    bins = own if known_values is None else np.union1d(known_values, own)
    if known_values is None or bins.size > MOST_VALUES:
        bins = _lower_ends(ratings.scale, values)
    places = np.clip(np.searchsorted(bins, values, side="right") - 1, 0, None)
    counts = np.bincount(places, minlength=bins.size)
    return tuple(zip(bins.tolist(), counts.tolist(), strict=True))


def _lower_ends(scale: tuple[float, float], values: DoubleArray) -> DoubleArray:
    """Return the lower ends of ranges over the scale: even, or by ratio where its tail is long."""
    low = min(scale[0], float(values.min(initial=scale[0])))
    high = max(scale[1], float(values.max(initial=scale[1])))
    if low > 0 and high / low >= LONG_TAIL:
        return np.geomspace(low, high, N_RANGES + 1)[:-1]
    return np.linspace(low, high, N_RANGES + 1)[:-1]
