"""Why a model predicts what it does for one cell, rated or not.

What is printed in the window and by ``mfgui explain`` comes from here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from mfgui.core.model import FactorModel
from mfgui.inspection.cards import item_card, user_card
from mfgui.inspection.cell_rows import Cell
from mfgui.inspection.explanation import Explanation
from mfgui.inspection.known import Known
from mfgui.inspection.memo import Memo
from mfgui.inspection.new_user import NewUser
from mfgui.inspection.own_ratings import own_ratings_of, raters_of
from mfgui.inspection.parts import member_parts, parts_of
from mfgui.inspection.typical_error import typical_error_of


def explain(
    model: FactorModel, known: Known, user: int, item: int, *,
    new_user: NewUser | None = None, before_refit: FactorModel | None = None,
    n_factors: int = 6, n_ratings: int = 12, memo: Memo | None = None,
) -> Explanation:
    """Return a prediction taken apart, by parts and by ratings.

    Parameters
    ----------
    model : FactorModel
    known : Known
        Ratings in the model's numbering; where there are none, nothing is taken apart by ratings.
    user, item : int
        The user is -1 where it is ``new_user``.
    new_user : NewUser or None
        Solved with this model.
    before_refit : FactorModel or None
        Of a refit the factors from before it: what the typical error is measured with.
    n_factors, n_ratings : int
        How many factors and ratings get a bar of their own.
    memo : Memo or None
        Kept between calls, it spares what is the same for all cells.

    Returns
    -------
    Explanation
        Bars add up to the prediction as shown.
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a model that has diverged is explained too
        return _explained(Cell(model, known, user, item, new_user), before_refit, n_factors,
                          n_ratings, (memo or Memo()).look_at(model, known))


def _explained(
    cell: Cell, before_refit: FactorModel | None, n_factors: int, n_ratings: int, memo: Memo
) -> Explanation:
    """Return the explanation of a cell."""
    users, items = user_card(cell, memo), item_card(cell, memo)
    unit: Literal["rating", "preference"] = (
        "preference" if cell.model.target == "preference" else "rating")
    found = Explanation(
        cell.user, cell.item, users.id, items.id, users.name, items.name, cell.observed,
        cell.is_held_out, cell.shown, cell.raw, residual=None, parts=parts_of(cell, n_factors),
        own_ratings=own_ratings_of(cell, n_ratings, memo),
        raters=raters_of(cell, n_ratings, memo), members=member_parts(cell, n_factors),
        typical_error=typical_error_of(cell, before_refit, memo), user_card=users,
        item_card=items, unit=unit)
    target = found.target
    return found if target is None else replace(found, residual=target - cell.raw)
