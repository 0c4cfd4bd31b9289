"""The plain equations, in NumPy, to be read beside the formulas.

Model: ``R_hat = U V^T``. Loss: ``L = 1/2 sum over the observed (n, m) of (r_nm - r_hat_nm)^2``;
what is missing counts as 0 in R and in R_hat alike. With ``E = R_hat - R`` on the observed, 0
elsewhere (the negative of the residual shown to people): ``dL/dU = E V``, ``dL/dV = E^T U``.
One observed pair at a time: ``dL_nm/du_n = -(r_nm - r_hat_nm) v_m`` and
``dL_nm/dv_m = -(r_nm - r_hat_nm) u_n``.

Every fast path of the program is tested against these functions, and these against central
differences. The form is that of Koren, Bell, Volinsky (2009), Matrix Factorization Techniques for
Recommender Systems, Computer 42(8), there with biases (eq. 4, 5), here also without.
"""

from __future__ import annotations

from typing import Any

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
    error = sparse_error(ratings, user_factors, item_factors)[:, None]
    users, items = ratings.user_index, ratings.item_index
    user_gradient, item_gradient = np.zeros_like(user_factors), np.zeros_like(item_factors)
    np.add.at(user_gradient, users, error * item_factors[items])
    np.add.at(item_gradient, items, error * user_factors[users])
    return (user_gradient + regularization * user_factors,
            item_gradient + regularization * item_factors)


def pair_gradients(
    rating: float, user_row: Array, item_row: Array, regularization: float = 0.0
) -> tuple[Array, Array]:
    """Return the gradients of one observed pair's loss, each of shape (n_factors,).

    ``dL_nm/du_n = -(r_nm - r_hat_nm) v_m + regularization u_n``, and likewise for ``v_m``: here
    ``regularization`` weighs once per rating of the row.
    """
    residual = rating - user_row @ item_row
    return (-residual * item_row + regularization * user_row,
            -residual * user_row + regularization * item_row)
