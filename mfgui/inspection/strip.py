"""The row of a new user on top of the pictures: block means along the columns in view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in import folded_predictions
from mfgui.core.model import FactorModel
from mfgui.core.ratings import IntArray
from mfgui.inspection.new_user import NewUser, new_user
from mfgui.inspection.painter import painted
from mfgui.inspection.pictures import Picture, Pictures, Request
from mfgui.inspection.window import Axis

DoubleArray = NDArray[np.float64]


def in_other(request: Request, user: NewUser) -> NewUser | None:
    """Return the new user folded into the other model, by the items it knows; None without one."""
    if request.other is None:
        return None
    is_known = (np.ones(user.items.size, np.bool_) if request.other_has_item is None
                else request.other_has_item[user.items])
    return new_user(request.other, user.items[is_known], user.values[is_known], user.name,
                    user.based_on)


def paint_row(
    pictures: Pictures, new_user: NewUser, other_user: NewUser | None = None
) -> dict[str, Picture]:
    """Return a picture of one row for each view: the new user's ratings, predictions, residuals.

    In the colours and columns of the pictures below it, and over the same cells. ``other_user`` is
    the same user as ``in_other`` returns it.
    """
    request, columns = pictures.request, pictures.blocks.window.columns
    model = request.model
    if model is None:
        return {}
    values = row_values(request, model, new_user, other_user, is_cells=columns.is_cells)
    found = {}
    for name, picture in pictures.views.items():
        row = row_means(values[name], pictures.order.columns, columns)
        found[name] = painted(request, name, row[None, :], picture.levels)
    return found


def row_values(
    request: Request, model: FactorModel, new_user: NewUser, other_user: NewUser | None = None,
    *, is_cells: bool
) -> dict[str, DoubleArray]:
    """Return the new user's numbers of all items by view, NaN where there is none.

    Of two models compared there is a row by the second where the user was folded into it too.
    """
    raw = folded_predictions(model, new_user.folded)
    shown = np.clip(raw, *model.scale) if is_cells and model.clip else raw
    observed = np.full(raw.size, np.nan)
    if request.other is not None:
        if other_user is None:
            return {"observed": shown, "predicted": observed, "residual": observed}
        other = request.other
        others = folded_predictions(other, other_user.folded)
        return {"observed": shown, "residual": raw - others,
                "predicted": np.clip(others, *other.scale) if is_cells and other.clip else others}
    observed[new_user.items] = new_user.values
    if request.is_preference:  # what is missing is a preference of 0; it is shown as missing
        preference = np.where(observed > 0, 1.0, 0.0)
        observed = preference if not is_cells else np.where(np.isnan(observed), np.nan, preference)
        return {"observed": observed, "predicted": shown, "residual": preference - raw}
    is_over_all = request.is_over_all or is_cells
    predicted = shown if is_over_all else np.where(np.isnan(observed), np.nan, raw)
    return {"observed": observed, "predicted": predicted, "residual": observed - raw}


def row_means(values: DoubleArray, places: IntArray, columns: Axis) -> DoubleArray:
    """Return the mean of what is there of a row in each block of columns, NaN where nothing is.

    Parameters
    ----------
    values : ndarray of float64, shape (n_items,)
    places : ndarray of int32, shape (n_items,)
        Which item is shown at each place.
    columns : Axis
    """
    inside = values[places[columns.first : columns.last]]
    is_there = np.isfinite(inside)
    starts = columns.edges()[:-1] - columns.first
    counts = np.add.reduceat(is_there, starts, dtype=np.int64)
    sums = np.add.reduceat(np.where(is_there, inside, 0.0), starts)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
