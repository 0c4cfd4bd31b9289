"""The typical error of predictions like one: that of held-out ratings near it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.inspection.cell_rows import Cell
from mfgui.inspection.explanation import TypicalError
from mfgui.inspection.memo import HeldOut, Memo

N_NEAR = 500


def typical_error_of(
    cell: Cell, before_refit: FactorModel | None, memo: Memo
) -> TypicalError | None:
    """Return the RMSE of the held-out ratings whose rows are known about as well as this cell's.

    Near are those whose item and user both have about as many training ratings: within the least
    factor that takes in ``N_NEAR`` of them. None where none were held out, and for preferences,
    whose held-out ones are all of one kind.

    Parameters
    ----------
    before_refit : FactorModel or None
        What is measured where the model saw the held-out ratings too.
    memo : Memo
        Of the cell's model and ratings.
    """
    model = before_refit if cell.known.is_trained_on_all else cell.model
    if model is None or model.target != "rating" or cell.known.is_held_out is None:
        return None
    held_out = memo.held_out
    if not held_out.ratings.n_ratings:
        return None
    n_user = (int(held_out.n_of_user[cell.user]) if cell.new_user is None
              else cell.new_user.n_ratings)
    near = _near(held_out, n_user, int(held_out.n_of_item[cell.item]))
    return TypicalError(held_out.rmse(model, near), int(near.size), _how(held_out, near))


def _near(held_out: HeldOut, n_user: int, n_item: int) -> NDArray[np.int64]:
    """Return the positions of the held-out ratings within the least square that has enough.

    In the logarithms of both counts; so all held-out ratings between the least and the largest
    counts are among them, which makes the words true.
    """
    away = np.abs(held_out.user_logs - np.float32(np.log1p(n_user)))
    np.maximum(away, np.abs(held_out.item_logs - np.float32(np.log1p(n_item))), out=away)
    if away.size <= N_NEAR:
        return np.arange(away.size)
    return np.flatnonzero(away <= np.partition(away, N_NEAR - 1)[N_NEAR - 1])


def _how(held_out: HeldOut, near: NDArray[np.int64]) -> str:
    """Return which ratings these are, in words."""
    ranges = []
    for counts in (held_out.item_counts[near], held_out.user_counts[near]):
        low, high = int(counts.min()), int(counts.max())
        ranges.append(f"{low:,} to {high:,}" if low < high else f"{low:,}")
    return (f"RMSE of the {near.size:,} held-out ratings of items with {ranges[0]} ratings and "
            f"users with {ranges[1]}")
