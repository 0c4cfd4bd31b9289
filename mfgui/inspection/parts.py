"""A prediction by parts: mean, biases, what svd++ adds, and each factor's product."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mfgui.core.fold_in import DoubleArray
from mfgui.core.model import FactorModel
from mfgui.inspection.bars import Addend, clipping_addends, largest_first, mean_addends, waterfall
from mfgui.inspection.cell_rows import Cell, rows_of
from mfgui.inspection.explanation import Waterfall

NO_RATINGS = ("What was rated at all is not told apart from the user's own factors, for the "
              "ratings are not known.")


def parts_of(cell: Cell, n_factors: int) -> Waterfall:
    """Return the bars of a prediction as shown, those of an average over all members' factors.

    Parameters
    ----------
    n_factors : int
        How many factors have a bar of their own.
    """
    model = cell.model
    addends = [*mean_addends(model),
               *bias_addends(model, cell.user_bias, cell.item_bias),
               *factor_addends(cell.user_factors, cell.item_factors, cell.implicit, n_factors,
                               _labels(model)),
               *clipping_addends(cell)]
    return waterfall("by parts", addends, cell.shown, model.scale, _note(cell))


def member_parts(cell: Cell, n_factors: int) -> tuple[Waterfall, ...]:
    """Return the parts of each member of an average; what they come to is its mean, unclipped.

    Empty for a single model.
    """
    n_members = len(cell.model.members)
    if n_members == 1:
        return ()
    return tuple(_member_parts(cell, position, n_factors) for position in range(n_members))


def _member_parts(cell: Cell, position: int, n_factors: int) -> Waterfall:
    """Return the parts of one member."""
    item = np.array([cell.item])
    users = np.array([], np.int64) if cell.new_user is not None else np.array([cell.user])
    member = rows_of(cell.model, users, item).member(position)
    root = len(cell.model.members) ** 0.5
    begin, end = (0, *cell.model.members)[position : position + 2]
    user_factors = cell.user_factors[begin:end] * root
    user_bias = (cell.new_user.folded.fits[position].bias if cell.new_user is not None
                 else float(member.user_bias[0]))
    item_factors, item_bias = member.item_factors[0].astype(np.float64), float(member.item_bias[0])
    implicit = None if cell.implicit is None else cell.implicit[begin:end] * root
    addends = [*mean_addends(member), *bias_addends(member, user_bias, item_bias),
               *factor_addends(user_factors, item_factors, implicit, n_factors, factor_label)]
    total = float(member.global_mean + user_bias + item_bias + user_factors @ item_factors)
    return waterfall(f"member {position + 1}", addends, total, cell.model.scale)


def bias_addends(model: FactorModel, user_bias: float, item_bias: float) -> list[Addend]:
    """Return both biases; nothing where the model has none."""
    if not (user_bias or item_bias or any(rule.has_bias for rule in model.rules)):
        return []
    return [Addend("user_bias", "bias of this user", user_bias),
            Addend("item_bias", "bias of this item", item_bias)]


def factor_addends(
    user_factors: DoubleArray, item_factors: DoubleArray, implicit: DoubleArray | None,
    n_shown: int, label: Callable[[int], str],
) -> list[Addend]:
    """Return the products of the factors, largest first; what svd++ adds apart, before them.

    Parameters
    ----------
    user_factors : ndarray of float64, shape (n_factors,)
        With the implicit part in them.
    implicit : ndarray of float64, shape (n_factors,), or None
    """
    addends = []
    if implicit is not None and implicit.any():
        addends.append(Addend("implicit", "what was rated at all",
                              float(implicit @ item_factors)))
        user_factors = user_factors - implicit
    products = user_factors * item_factors
    return addends + largest_first(
        products, n_shown,
        lambda f: Addend("factor", label(f), float(products[f]), f),
        lambda others, total: Addend("factors", f"the other {others.size:,} factors", total))


def factor_label(factor: int) -> str:
    """Return what a factor is called; people count from 1."""
    return f"factor {factor + 1}"


def _labels(model: FactorModel) -> Callable[[int], str]:
    """Return what names a factor, of an average with its member."""
    ends = np.array(model.members)
    if ends.size == 1:
        return factor_label

    def label(factor: int) -> str:
        member = int(np.searchsorted(ends, factor, side="right"))
        begin = int(ends[member - 1]) if member else 0
        return f"member {member + 1}, {factor_label(factor - begin)}"

    return label


def _note(cell: Cell) -> str:
    """Return what is missing."""
    is_svdpp = cell.model.implicit_factors is not None
    return NO_RATINGS if is_svdpp and cell.implicit is None else ""
