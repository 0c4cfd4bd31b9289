"""The plain equations, in NumPy, to be read beside the formulas.

Model: ``R_hat = U V^T``. Loss: ``L = 1/2 sum over the observed (n, m) of (r_nm - r_hat_nm)^2``;
what is missing counts as 0 in R and in R_hat alike. With ``E = R_hat - R`` on the observed, 0
elsewhere (the negative of the residual shown to people): ``dL/dU = E V``, ``dL/dV = E^T U``.
One observed pair at a time: ``dL_nm/du_n = -(r_nm - r_hat_nm) v_m`` and
``dL_nm/dv_m = -(r_nm - r_hat_nm) u_n``.

Every fast path of the program is tested against these functions, and these against central
differences; the equations that are shown with their numbers are computed by them. The form is that
of Koren, Bell, Volinsky (2009), Matrix Factorization Techniques for Recommender Systems, Computer
42(8), there with biases (eq. 4, 5), here also without. What is given in float64 comes out in it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import Ratings

Array = NDArray[Any]


def predict(user_factors: Array, item_factors: Array) -> Array:
    """Return ``R_hat = U V^T``, shape (n_users, n_items)."""
    return user_factors @ item_factors.T


def dense_error(
    observed: Array, is_observed: Array, user_factors: Array, item_factors: Array
) -> Array:
    """Return ``E = R_hat - R``, shape (n_users, n_items), 0 where a rating is missing."""
    return np.where(is_observed, predict(user_factors, item_factors) - observed, 0.0)


def loss(error: Array) -> float:
    """Return ``L = 1/2 sum e_nm^2`` of a dense or sparse E."""
    return 0.5 * float(np.sum(np.square(error, dtype=np.float64)))


def dense_gradients(error: Array, user_factors: Array, item_factors: Array) -> tuple[Array, Array]:
    """Return ``(dL/dU, dL/dV) = (E V, E^T U)`` of a dense E.

    Parameters
    ----------
    error : ndarray, shape (n_users, n_items)
        ``E = R_hat - R``, 0 where missing.
    user_factors : ndarray, shape (n_users, n_factors)
    item_factors : ndarray, shape (n_items, n_factors)
    """
    return error @ item_factors, error.T @ user_factors


def sparse_error(ratings: Ratings, user_factors: Array, item_factors: Array) -> Array:
    """Return ``E = R_hat - R`` at the observed pairs only, shape (n_ratings,)."""
    users, items = ratings.user_index, ratings.item_index
    predicted: Array = np.einsum("kf,kf->k", user_factors[users], item_factors[items])
    return predicted - ratings.value


def gradients(
    ratings: Ratings, user_factors: Array, item_factors: Array, regularization: float = 0.0
) -> tuple[Array, Array]:
    """Return the gradients of the regularized loss with respect to both factor matrices.

    The objective is ``1/2 sum e_nm^2 + regularization/2 (|U|^2 + |V|^2)``: ``regularization``
    weighs every parameter once, not once per rating. With a sparse E the gradients are
    ``E V + regularization U`` and ``E^T U + regularization V``.

    Returns
    -------
    tuple of ndarray
        Shapes (n_users, n_factors) and (n_items, n_factors).
    """
    error = sparse_error(ratings, user_factors, item_factors)
    return sparse_gradients(ratings, error, user_factors, item_factors, regularization)


def sparse_gradients(
    ratings: Ratings, error: Array, user_factors: Array, item_factors: Array,
    regularization: float = 0.0,
) -> tuple[Array, Array]:
    """Return ``E V + regularization U`` and ``E^T U + regularization V`` of a sparse E."""
    users, items = ratings.user_index, ratings.item_index
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, error[:, None] * item_factors[items])
    np.add.at(item_gradient, items, error[:, None] * user_factors[users])
    return (user_gradient + regularization * user_factors,
            item_gradient + regularization * item_factors)


class Unknowns(NamedTuple):
    """All that is learned: U, V and both biases, which the plain form leaves at 0."""

    user_factors: Array
    item_factors: Array
    user_bias: Array
    item_bias: Array


def full_error(ratings: Ratings, at: Unknowns, mean: float = 0.0) -> Array:
    """Return ``e_nm = mean + b_n + b_m + u_n . v_m - r_nm`` at the observed pairs."""
    biases: Array = at.user_bias[ratings.user_index] + at.item_bias[ratings.item_index]
    return sparse_error(ratings, at.user_factors, at.item_factors) + mean + biases


def full_gradient(
    ratings: Ratings, error: Array, at: Unknowns, regularization: float = 0.0, *,
    has_biases: bool = False,
) -> Unknowns:
    """Return the gradient of ``1/2 sum e^2 + regularization/2 (|U|^2 + |V|^2 + |b|^2)``.

    Of a bias, the sum of its row's errors + regularization times the bias; 0 where the biases are
    not learned.
    """
    factors = sparse_gradients(ratings, error, at.user_factors, at.item_factors, regularization)
    biases = np.zeros_like(at.user_bias), np.zeros_like(at.item_bias)
    if has_biases:
        np.add.at(biases[0], ratings.user_index, error)
        np.add.at(biases[1], ratings.item_index, error)
        biases = (biases[0] + regularization * at.user_bias,
                  biases[1] + regularization * at.item_bias)
    return Unknowns(*factors, *biases)


def full_step(at: Unknowns, gradient: Unknowns, rate: float) -> Unknowns:
    """Return ``x - rate dL/dx`` of all that is learned: all from the old values."""
    return Unknowns(*(x - rate * slope for x, slope in zip(at, gradient, strict=True)))


def penalty(rows: Array, biases: Array, ridges: Array, bias_ridges: Array) -> float:
    """Return ``1/2 sum (ridge |row|^2 + bias_ridge bias^2)`` of one side.

    ``rows`` has shape (n, n_factors), the others (n,); a row's ridge is what it is weighed by:
    ``regularization``, or that times the number of its ratings.
    """
    squares = np.einsum("nf,nf->n", rows, rows)
    return 0.5 * float(squares @ ridges + np.square(biases) @ bias_ridges)


def row_error(values: Array, others: Array, row: Array, known: Array | float = 0.0) -> Array:
    """Return a row's ``e_nm = known + u_n . v_m - r_nm``: known are mean and biases."""
    return known + others @ row - values


def row_gradient(error: Array, others: Array, row: Array, regularization: float = 0.0) -> Array:
    """Return a row of ``E V + regularization U``: ``sum over m of e_nm v_m + regularization u_n``.

    ``error`` and ``others``, the other side's rows, are of the row's observed pairs. With users
    and items exchanged it is a row of ``E^T U + regularization V``.
    """
    return error @ others + regularization * row


def normal_equations(
    features: Array, targets: Array, weights: Array, ridges: Array, all_others: Array | None = None
) -> tuple[Array, Array]:
    """Return A and b of ``A x = b``, which the row x with the lowest objective solves.

    The objective is ``1/2 sum w (x . x_m - t_m)^2 + 1/2 sum ridge_f x_f^2``, so that
    ``A = sum w x_m x_m^T + diag(ridge)`` and ``b = sum w t_m x_m``. Of preferences the cells
    without a rating count too, with weight 1 and target 0: A begins from ``all_others``, the Gram
    matrix of all features, and a rated one adds ``w - 1``.

    ``features``, of shape (n_ratings, width), are the other side's rows, and a 1 where a bias is
    solved for; ``ridges`` has shape (width,).
    """
    begin, own = (0.0, weights) if all_others is None else (all_others, weights - 1)
    matrix: Array = begin + (features * own[:, None]).T @ features + np.diag(ridges)
    return matrix, features.T @ (weights * targets)


def row_loss(
    features: Array, targets: Array, weights: Array, ridges: Array, row: Array,
    all_others: Array | None = None,
) -> float:
    """Return what ``normal_equations`` minimizes, at a row: the row's part of the objective."""
    predicted = features @ row
    total = float(weights @ np.square(predicted - targets) + ridges @ np.square(row))
    if all_others is not None:  # all cells at a target of 0, less those counted above
        total += float(row @ all_others @ row - predicted @ predicted)
    return 0.5 * total


def preference_loss(
    predicted: Array, targets: Array, weights: Array, user_gram: Array, item_gram: Array
) -> float:
    """Return ``1/2 sum over all cells of c (p - x . y)^2``; the first three are of the rated cells.

    The sum of ``(x . y)^2`` over all cells is the inner product of ``X^T X`` and ``Y^T Y``.
    """
    rated = weights @ np.square(predicted - targets) - predicted @ predicted
    return 0.5 * float(rated + np.vdot(user_gram, item_gram))


@dataclass(frozen=True, eq=False)
class Pair:
    """One cell and all that its share of the objective is made of.

    The share is ``1/2 c e^2 + 1/2 (ridge_n |u|^2 + ridge_m |v|^2 + bias_ridge_n b_n^2
    + bias_ridge_m b_m^2)``, with ``e = mean + b_n + b_m + v . (u + z) - r``; summed over all cells
    it is the whole objective, where a row's ridge is its weight there over its number of cells.
    Rows have shape (n_factors,). ``rating`` is, of preferences, 1 or 0, and ``confidence`` their c;
    ``implicit`` is the z of svd++, ``fixed`` what its Y adds to the share.
    """

    rating: float
    user_row: Array
    item_row: Array
    mean: float = 0.0
    user_bias: float = 0.0
    item_bias: float = 0.0
    user_ridge: float = 0.0
    item_ridge: float = 0.0
    user_bias_ridge: float = 0.0
    item_bias_ridge: float = 0.0
    implicit: Array | float = 0.0
    confidence: float = 1.0
    fixed: float = 0.0


class PairGradient(NamedTuple):
    """The gradients of one pair's share: two of shape (n_factors,), two numbers."""

    user_row: Array
    item_row: Array
    user_bias: float
    item_bias: float


def predict_pair(pair: Pair) -> float:
    """Return ``r_hat_nm = mean + b_n + b_m + v_m . (u_n + z_n)``."""
    product = float(pair.item_row @ (pair.user_row + pair.implicit))
    return pair.mean + pair.user_bias + pair.item_bias + product


def pair_error(pair: Pair) -> float:
    """Return ``e_nm = r_hat_nm - r_nm``: the negative of the residual shown to people."""
    return predict_pair(pair) - pair.rating


def pair_loss(pair: Pair) -> float:
    """Return the pair's share of the objective, as the class ``Pair`` says."""
    held_back = (pair.user_ridge * float(pair.user_row @ pair.user_row)
                 + pair.item_ridge * float(pair.item_row @ pair.item_row)
                 + pair.user_bias_ridge * pair.user_bias * pair.user_bias
                 + pair.item_bias_ridge * pair.item_bias * pair.item_bias)
    error = pair_error(pair)
    return 0.5 * (pair.confidence * error * error + held_back) + pair.fixed


def pair_gradient(pair: Pair) -> PairGradient:
    """Return the gradient of ``pair_loss`` by u, v and both biases.

    ``dL_nm/du_n = c e v_m + ridge_n u_n``, ``dL_nm/dv_m = c e (u_n + z_n) + ridge_m v_m``,
    ``dL_nm/db_n = c e + bias_ridge_n b_n``, and likewise for ``b_m``.
    """
    error = pair.confidence * pair_error(pair)
    return PairGradient(
        error * pair.item_row + pair.user_ridge * pair.user_row,
        error * (pair.user_row + pair.implicit) + pair.item_ridge * pair.item_row,
        error + pair.user_bias_ridge * pair.user_bias,
        error + pair.item_bias_ridge * pair.item_bias)


def pair_step(
    pair: Pair, rate: float, bias_rate: float = 0.0, *, is_nonnegative: bool = False
) -> Pair:
    """Return the pair after ``x -= rate dL_nm/dx``, all from the values before the step.

    With a ``bias_rate`` of 0 the biases stay; ``is_nonnegative`` puts what fell below 0 to 0.
    """
    slope = pair_gradient(pair)
    user_row = pair.user_row - rate * slope.user_row
    item_row = pair.item_row - rate * slope.item_row
    if is_nonnegative:
        user_row, item_row = np.maximum(user_row, 0.0), np.maximum(item_row, 0.0)
    return replace(
        pair, user_row=user_row, item_row=item_row,
        user_bias=pair.user_bias - bias_rate * slope.user_bias,
        item_bias=pair.item_bias - bias_rate * slope.item_bias)


def pair_gradients(
    rating: float, user_row: Array, item_row: Array, regularization: float = 0.0
) -> tuple[Array, Array]:
    """Return the gradients of one observed pair's loss, each of shape (n_factors,).

    ``dL_nm/du_n = -(r_nm - r_hat_nm) v_m + regularization u_n``, and likewise for ``v_m``: here
    ``regularization`` weighs once per rating of the row.
    """
    slope = pair_gradient(Pair(rating, user_row, item_row, user_ridge=regularization,
                               item_ridge=regularization))
    return slope.user_row, slope.item_row
