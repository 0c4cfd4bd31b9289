"""One cell as the objective of its solver sees it: what ``core/objective.py`` computes with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mfgui.core.fold_in import implicit_part, rule_of
from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.core.objective import Pair
from mfgui.inspection.cells import observed_rating
from mfgui.inspection.formula import DoubleArray
from mfgui.inspection.known import Known
from mfgui.inspection.methods import Method


@dataclass(frozen=True, eq=False)
class Cell:
    """A cell of a single model.

    Parameters
    ----------
    pair : Pair
        Its ``rating`` is 0 where there is none.
    rule : FoldInRule
    observed : float or None
        As the person gave it.
    is_in_loss : bool
        Whether the objective counts it: it was trained on, or all cells are.
    counts : tuple of int
        How many cells of the user's and of the item's row the objective counts.
    n_user_ratings : int
    """

    pair: Pair
    rule: FoldInRule
    observed: float | None
    is_in_loss: bool
    counts: tuple[int, int]
    n_user_ratings: int

    @property
    def has_penalty(self) -> bool:
        """Whether large rows are held back at all."""
        return bool(self.pair.user_ridge or self.pair.item_ridge)

    @property
    def has_bias_penalty(self) -> bool:
        """Whether large biases are."""
        return bool(self.pair.user_bias_ridge or self.pair.item_bias_ridge)


def cell_of(model: FactorModel, known: Known, method: Method, user: int, item: int) -> Cell:
    """Return a cell of a single model (of an average, of ``model.member(k)``), in float64."""
    rule = rule_of(model)
    items, values = known.user_row(user)
    place = int(np.searchsorted(items, item))
    is_trained = place < items.size and items[place] == item
    n_raters = int(known.training_counts[1][item])
    observed = observed_rating(known.ratings, user, item)
    rating, confidence, counts = observed or 0.0, 1.0, (items.size, n_raters)
    if rule.confidence:
        trained = float(values[place]) if is_trained else 0.0
        rating, counts = float(trained > 0), (model.n_items, model.n_users)
        confidence = float(rule.confidences(np.array([trained]))[0])
    implicit = implicit_part(model, items)
    (user_ridge, user_bias_ridge), (item_ridge, item_bias_ridge) = (
        _shares(rule, count) for count in counts)
    pair = Pair(
        rating, _row(model.user_factors[user]) - implicit, _row(model.item_factors[item]),
        float(model.global_mean), float(model.user_bias[user]), float(model.item_bias[item]),
        user_ridge, item_ridge, user_bias_ridge, item_bias_ridge,
        implicit if model.implicit_factors is not None else 0.0, confidence,
        _fixed(model, method, item))
    return Cell(pair, rule, observed, bool(is_trained or rule.confidence), counts, items.size)


def _row(row: object) -> DoubleArray:
    return np.asarray(row, np.float64)


def _shares(rule: FoldInRule, count: int) -> tuple[float, float]:
    """Return how a row's factors and bias are weighed at each of so many cells."""
    if not count:
        return 0.0, 0.0
    ridge, bias_ridge = rule.ridges(count)
    return ridge / count, bias_ridge / count if rule.has_bias else 0.0


def _fixed(model: FactorModel, method: Method, item: int) -> float:
    """Return what svd++'s Y adds to a cell."""
    if model.implicit_factors is None or not method.implicit_ridge:
        return 0.0
    row = _row(model.implicit_factors[item])
    return 0.5 * method.implicit_ridge * float(row @ row)
