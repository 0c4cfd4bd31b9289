"""One row solved anew from its ratings with everything else fixed, in float64.

With features ``x_i`` of what was rated (factors, and a 1 where a bias is solved for too), targets
``t_i`` and weights ``w_i``, the row is ``A^-1 sum w_i t_i x_i`` with ``A = sum w_i x_i x_i^T`` and
the ridges on its diagonal; so what it predicts for a feature x is a sum of one share for each
rating, ``w_i t_i x . A^-1 x_i``. Of ratings, targets are ``r - mean - the other's bias``, less
``v_i . z`` where svd++ gives the user an implicit part z, and weights 1; of preferences (Hu, Koren,
Volinsky 2008, eq. 4) targets are 1 and weights the confidences, and all other cells of the row are
in A by the other side's Gram matrix. Without regularization A may have no inverse: then its
pseudo-inverse gives the shortest of all solutions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.core.normal_equations import active_set, inverse_of

DoubleArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RowFit:
    """A row solved anew, and what it was solved from.

    Parameters
    ----------
    others : ndarray of int, shape (n_ratings,)
        The items of a user's row, the users of an item's.
    features : ndarray of float64, shape (n_ratings, width)
        Width is the number of factors, and one more, a 1, where there is a joint bias.
    targets, weights : ndarray of float64, shape (n_ratings,)
    inverse : ndarray of float64, shape (width, width)
        Of A; of a row that may not be negative, on its active set, 0 elsewhere.
    row : ndarray of float64, shape (width,)
    implicit : ndarray of float64, shape (n_factors,)
        What svd++ adds to a user's factors for what was rated at all; else 0.
    """

    others: NDArray[Any]
    features: DoubleArray
    targets: DoubleArray
    weights: DoubleArray
    inverse: DoubleArray
    row: DoubleArray
    implicit: DoubleArray

    @property
    def n_factors(self) -> int:
        """Number of latent factors."""
        return int(self.implicit.size)

    @property
    def factors(self) -> DoubleArray:
        """What predicts: the row's own factors and its implicit part, shape (n_factors,)."""
        return np.asarray(self.row[: self.n_factors] + self.implicit)

    @property
    def bias(self) -> float:
        """The row's bias; 0 where none is solved for."""
        return float(self.row[-1]) if self.row.size > self.n_factors else 0.0

    def feature(self, factors: NDArray[Any]) -> DoubleArray:
        """Return a feature of the other side: its factors, and a 1 where there is a bias."""
        return np.append(np.asarray(factors, np.float64),
                         np.ones(self.row.size - self.n_factors))

    def shares(self, factors: NDArray[Any]) -> DoubleArray:
        """Return what each rating gives to ``row . x``, shape (n_ratings,); they add up to it.

        Parameters
        ----------
        factors : ndarray, shape (n_factors,)
            Of the other side's row that is predicted.
        """
        solved = self.inverse @ self.feature(factors)
        return np.asarray(self.weights * self.targets * (self.features @ solved))


def rule_of(model: FactorModel, member: int = 0) -> FoldInRule:
    """Return a member's rule; of a model that carries none, that of the shortest row."""
    if model.rules:
        return model.rules[member]
    return FoldInRule(has_bias=model.has_biases)


def fold_in_user(
    model: FactorModel, rule: FoldInRule, items: NDArray[Any], values: NDArray[Any],
    gram: DoubleArray | None = None,
) -> RowFit:
    """Return a user's row solved from the user's ratings, the items fixed.

    Parameters
    ----------
    model : FactorModel
        A single one: of an average, ``model.member(k)``.
    items, values : ndarray, shape (n_ratings,)
    gram : ndarray of float64, shape (n_factors, n_factors), or None
        ``V^T V`` where the rule is of preferences; made here where it is None.
    """
    implicit = implicit_part(model, items)
    return _solve(rule, items, np.asarray(values, np.float64), model.item_factors,
                  model.item_bias, model.global_mean, implicit, gram)


def fold_in_item(
    model: FactorModel, rule: FoldInRule, users: NDArray[Any], values: NDArray[Any],
    gram: DoubleArray | None = None,
) -> RowFit:
    """Return an item's row solved from its raters' ratings, the users fixed; as ``fold_in_user``.

    The users' implicit parts are in their factors already.
    """
    implicit = np.zeros(model.n_factors)
    return _solve(rule, users, np.asarray(values, np.float64), model.user_factors,
                  model.user_bias, model.global_mean, implicit, gram)


def implicit_part(model: FactorModel, items: NDArray[Any]) -> DoubleArray:
    """Return svd++'s z of a user with these items: their Y's sum over the root of their number.

    It is 0, of shape (n_factors,), where the model has no Y.
    """
    if model.implicit_factors is None or not items.size:
        return np.zeros(model.n_factors)
    return np.asarray(
        model.implicit_factors[items].sum(axis=0, dtype=np.float64) / np.sqrt(items.size))


def gram_of(factors: NDArray[Any]) -> DoubleArray:
    """Return ``factors^T factors`` in float64, by parts that fit the cache."""
    total = np.zeros((factors.shape[1], factors.shape[1]))
    for begin in range(0, factors.shape[0], 8192):
        part = factors[begin : begin + 8192].astype(np.float64)
        total += part.T @ part
    return total


def _solve(
    rule: FoldInRule, others: NDArray[Any], values: DoubleArray, factors: NDArray[Any],
    biases: NDArray[Any], mean: float, implicit: DoubleArray, gram: DoubleArray | None,
) -> RowFit:
    """Return the row."""
    own = factors[others].astype(np.float64)
    ridge, bias_ridge = rule.ridges(others.size)
    if rule.confidence:
        weights = rule.confidences(values)
        targets = (values > 0).astype(np.float64)
        matrix = (gram_of(factors) if gram is None else gram).copy()
        matrix += (own * (weights - 1)[:, None]).T @ own
        features = own
    else:
        weights = np.ones(others.size)
        targets = values - mean - biases[others].astype(np.float64) - own @ implicit
        features = np.hstack([own, np.ones((others.size, 1))]) if rule.has_bias else own
        matrix = features.T @ features
    width = matrix.shape[0]
    n_factors = own.shape[1]
    matrix[np.arange(n_factors), np.arange(n_factors)] += ridge
    if width > n_factors:
        matrix[-1, -1] += bias_ridge
    right = features.T @ (weights * targets)
    if not others.size:
        return RowFit(others, features, targets, weights, np.zeros((width, width)),
                      np.zeros(width), implicit)
    active = active_set(matrix, right) if rule.is_nonnegative else np.ones(width, bool)
    inverse = np.zeros((width, width))
    inverse[np.ix_(active, active)] = inverse_of(matrix[np.ix_(active, active)])
    return RowFit(others, features, targets, weights, inverse, inverse @ right, implicit)


@dataclass(frozen=True, eq=False)
class FoldedUser:
    """A user's row in a whole model, an average too, solved from ratings.

    Parameters
    ----------
    items, values : ndarray, shape (n_ratings,)
    factors : ndarray of float64, shape (n_factors,)
        Of all members side by side, as ``FactorModel.user_factors`` has them.
    bias : float
    fits : tuple of RowFit
        One for each member, in that member's own units.
    """

    items: NDArray[Any]
    values: NDArray[Any]
    factors: DoubleArray
    bias: float
    fits: tuple[RowFit, ...]


def fold_in(
    model: FactorModel, items: NDArray[Any], values: NDArray[Any],
    grams: tuple[DoubleArray | None, ...] | None = None,
) -> FoldedUser:
    """Return a user's row solved from ratings, member by member.

    Parameters
    ----------
    items, values : ndarray, shape (n_ratings,)
        Each item once.
    grams : tuple of ndarray or None
        What ``grams_of`` gave, where it is kept between calls.
    """
    n_members = len(model.members)
    fits = []
    for position in range(n_members):
        member, rule = model.member(position), rule_of(model, position)
        fits.append(fold_in_user(
            member, rule, items, values, grams[position] if grams is not None else None))
    factors = np.concatenate([fit.factors for fit in fits]) / np.sqrt(n_members)
    bias = float(np.mean([fit.bias for fit in fits]))
    return FoldedUser(items, values, factors, bias, tuple(fits))


def grams_of(model: FactorModel) -> tuple[DoubleArray | None, ...]:
    """Return each member's ``V^T V`` where its rule needs it, else None."""
    return tuple(
        gram_of(model.member(position).item_factors) if rule_of(model, position).confidence
        else None for position in range(len(model.members)))


def folded_predictions(model: FactorModel, folded: FoldedUser) -> DoubleArray:
    """Return the raw predictions of a folded-in user for all items, float64, shape (n_items,)."""
    # The product in float32, as the factors are: in float64 all of V would be copied first.
    products = model.item_factors @ folded.factors.astype(np.float32)
    return np.asarray(products.astype(np.float64) + model.item_bias + (
        folded.bias + model.global_mean))
