"""A prediction by ratings: what each rating of the user, or of the item, gives to it.

The row is solved anew from its ratings with everything else fixed (``core/fold_in.py``). What the
solved row predicts is then mean, the other side's bias and a signed share for each rating; how far
the trained row is from it, which is older than the last sweep or was never solved to the end, is
the last bar but for clipping. Of an average, each rating's share is the mean of its members'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in import (
    DoubleArray,
    RowFit,
    fold_in,
    fold_in_item,
    rule_of,
)
from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.inspection.bars import (
    Addend,
    clipping_addends,
    largest_first,
    mean_addends,
    value_text,
    waterfall,
)
from mfgui.inspection.cell_rows import Cell, rows_of
from mfgui.inspection.explanation import Waterfall
from mfgui.inspection.memo import Memo
from mfgui.inspection.words import item_words, user_words


@dataclass(frozen=True, eq=False)
class Shares:
    """What each rating of a row gives to one prediction.

    Parameters
    ----------
    others : ndarray of int, shape (n_ratings,)
        Items or users, in the model's numbering.
    values : ndarray of float, shape (n_ratings,)
        The ratings.
    by_value : ndarray of float64, shape (n_ratings,)
        What the rating gives.
    by_presence : ndarray of float64, shape (n_ratings,)
        What svd++ adds because it was rated at all.
    n_zeros : int
        Of a row that may not be negative: how many factors are at 0.
    """

    others: NDArray[Any]
    values: NDArray[Any]
    by_value: DoubleArray
    by_presence: DoubleArray
    n_zeros: int = 0


def own_ratings_of(cell: Cell, n_ratings: int, memo: Memo) -> Waterfall | None:
    """Return the bars of the user's own ratings; None where no training ratings are known.

    Parameters
    ----------
    n_ratings : int
        How many bars the ratings get beside the one of all others.
    """
    if cell.new_user is None and not cell.known.training.n_ratings:
        return None
    model, ratings = cell.model, cell.known.ratings
    shares = user_shares(cell, memo)
    addends = [*mean_addends(model), *_other_bias("item", model, cell.item_bias)]
    row = "user" if cell.new_user is None else ""
    return _by_ratings(
        "by own ratings", cell, shares, addends, n_ratings,
        lambda item: f": {item_words(ratings, item)}", row)


def raters_of(cell: Cell, n_ratings: int, memo: Memo) -> Waterfall | None:
    """Return the bars of the item's raters; None where no training ratings are known."""
    if not cell.known.training.n_ratings:
        return None
    model, ratings = cell.model, cell.known.ratings
    shares = rater_shares(cell, memo)
    addends = [*mean_addends(model), *_other_bias("user", model, cell.user_bias)]
    return _by_ratings("by the item's raters", cell, shares, addends, n_ratings,
                       lambda user: f" by {user_words(ratings, user)}", "item")


def user_shares(cell: Cell, memo: Memo) -> Shares:
    """Return what each of the user's ratings gives to the prediction."""
    items, values = cell.user_row
    few = rows_of(cell.model, np.array([], np.int64), np.append(items, cell.item))
    if cell.new_user is not None:
        fits = cell.new_user.folded.fits
    else:
        fits = fold_in(few, np.arange(items.size), values, memo.item_grams).fits
    members = [few.member(position) for position in range(len(fits))]
    by_value = [fit.shares(member.item_factors[-1])
                for fit, member in zip(fits, members, strict=True)]
    by_presence = [_presence_shares(member) for member in members]
    return Shares(items, values, np.mean(by_value, axis=0), np.mean(by_presence, axis=0),
                  sum(_n_zeros(rule, fit) for rule, fit in zip(few.rules, fits, strict=True)))


def _presence_shares(member: FactorModel) -> DoubleArray:
    """Return ``v . y_i / sqrt(n)`` of all items of a small model but the last, which v is of."""
    n = member.n_items - 1
    if member.implicit_factors is None or not n:
        return np.zeros(n)
    implicit = member.implicit_factors[:-1].astype(np.float64)
    return np.asarray(implicit @ member.item_factors[-1] / np.sqrt(n))


def rater_shares(cell: Cell, memo: Memo) -> Shares:
    """Return what each rating of the item gives to the prediction."""
    model = cell.model
    users, values = cell.known.item_row(cell.item)
    few = rows_of(model, users, np.array([], np.int64))
    root, begin, by_value, n_zeros = len(model.members) ** 0.5, 0, np.zeros(users.size), 0
    for position, end in enumerate(model.members):  # one fit at a time: an item may have 70,000
        rule = rule_of(model, position)
        gram = memo.user_gram if rule.confidence else None
        fit = fold_in_item(few.member(position), rule, np.arange(users.size), values, gram)
        by_value += fit.shares(cell.user_factors[begin:end] * root) / len(model.members)
        n_zeros += _n_zeros(rule, fit)
        begin = end
    return Shares(users, values, by_value, np.zeros(users.size), n_zeros)


def _n_zeros(rule: FoldInRule, fit: RowFit) -> int:
    """Return how many factors of a row that may not be negative are at 0."""
    return int(np.count_nonzero(fit.row == 0)) if rule.is_nonnegative else 0


def _other_bias(side: str, model: FactorModel, bias: float) -> list[Addend]:
    """Return the other side's bias, which stays as it is."""
    if not bias and not any(rule.has_bias for rule in model.rules):
        return []
    return [Addend(f"{side}_bias", f"bias of this {side}", bias)]


def _by_ratings(
    name: str, cell: Cell, shares: Shares, addends: list[Addend], n_shown: int,
    words: Callable[[int], str], row: str,
) -> Waterfall:
    """Return a waterfall: first the given addends, then the ratings, then what is left.

    Parameters
    ----------
    words : callable
        What follows "rated 5" in words: ": “Toy Story (1995)”".
    row : str
        "user" or "item": whose trained row differs; "" where the row shown is the solved one.
    """
    addends = addends + _rating_addends(shares, n_shown, words)
    if row:
        is_several = len(cell.model.members) > 1
        label = f"the trained row{'s' * is_several} differ{'s' * (not is_several)} by"
        left = cell.raw - float(sum(addend.value for addend in addends))
        addends.append(Addend("remainder", label, left))
    addends += clipping_addends(cell)
    return waterfall(name, addends, cell.shown, cell.model.scale, _note(cell.model, shares, name))


def _rating_addends(
    shares: Shares, n_shown: int, words: Callable[[int], str]
) -> list[Addend]:
    """Return the largest shares of both kinds, and one addend for all the others."""
    n = shares.others.size
    both = np.concatenate([shares.by_value, shares.by_presence]
                          if shares.by_presence.any() else [shares.by_value])

    def shown(k: int) -> Addend:
        other, value = int(shares.others[k % n]), shares.values[k % n]
        if k >= n:
            return Addend("implicit_share", f"rated at all{words(other)}", float(both[k]), other)
        return Addend("rating", f"rated {value_text(value)}{words(other)}", float(both[k]), other,
                      float(value))

    def rest(others: NDArray[np.int64], total: float) -> Addend:
        if both.size == n:
            return Addend("ratings", f"the other {others.size:,} ratings", total)
        return Addend("ratings", f"all other shares of the {n:,} ratings", total)

    return largest_first(both, n_shown, shown, rest)


def _note(model: FactorModel, shares: Shares, name: str) -> str:
    """Return what is special about this row."""
    rules = [rule_of(model, position) for position in range(len(model.members))]
    if not shares.others.size:
        whose = "user" if name == "by own ratings" else "item"
        return f"This {whose} has no training ratings."
    if not model.rules:
        return ("How the method holds rows back is not known: solved as the shortest row that "
                "fits best.")
    return " ".join(filter(None, (_rule_note(rules), _zeros_note(model, shares))))


def _rule_note(rules: Sequence[FoldInRule]) -> str:
    """Return how a row without regularization is solved."""
    if any(rule.is_minimum_norm for rule in rules):
        return "Nothing holds the row back: of all that fit best it is the shortest."
    return ""


def _zeros_note(model: FactorModel, shares: Shares) -> str:
    """Return how many factors of a row that may not be negative are at 0."""
    if not shares.n_zeros:
        return ""
    verb = "is" if shares.n_zeros == 1 else "are"
    return (f"In the solved row {shares.n_zeros:,} of the {model.n_factors:,} factors {verb} at 0, "
            "the lowest that they may be.")
