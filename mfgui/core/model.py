"""The factor model: everything a prediction needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.ratings import FloatArray

ARRAYS = ("user_factors", "item_factors", "user_bias", "item_bias", "implicit_factors",
          "member_user_bias", "member_item_bias")


@dataclass(frozen=True, eq=False)
class FactorModel:
    """A matrix factorization: ``r_hat_nm = global_mean + user_bias_n + item_bias_m + u_n . v_m``.

    In the plain form mean and biases are 0, so ``R_hat = U V^T``. The row of a user or item
    without a training rating is 0: the prediction is then what mean and bias say.

    Parameters
    ----------
    user_factors : ndarray of float32, shape (n_users, n_factors)
    item_factors : ndarray of float32, shape (n_items, n_factors)
    user_bias : ndarray of float32, shape (n_users,)
    item_bias : ndarray of float32, shape (n_items,)
    global_mean : float
    scale : tuple of float
        Smallest and largest training rating, in the user's units.
    clip : bool
        Whether predictions that are shown, exported or measured are clipped to ``scale``.
    implicit_factors : ndarray of float32, shape (n_items, n_factors), or None
        SVD++'s Y. ``user_factors`` already hold ``u_n + sum of y_m / sqrt(count)``; Y is kept
        because a new user's row needs it.
    member_ends : tuple of int
        Where each member of an average ends among the factors; empty for a single model. Each
        side of a member is scaled by 1/sqrt(number of members).
    target : str
        "rating", or "preference" where 1 means that a user has anything to do with an item.
    rules : tuple of FoldInRule
        How each member solves for one row; empty where that is not known.
    member_user_bias, member_item_bias : ndarray of float32, or None
        Each member's own biases, shapes (n_members, n_users), (n_members, n_items).
    member_means : tuple of float
        Each member's own mean.
    """

    user_factors: FloatArray
    item_factors: FloatArray
    user_bias: FloatArray
    item_bias: FloatArray
    global_mean: float
    scale: tuple[float, float]
    clip: bool = True
    implicit_factors: FloatArray | None = None
    member_ends: tuple[int, ...] = ()
    target: str = "rating"
    rules: tuple[FoldInRule, ...] = ()
    member_user_bias: FloatArray | None = None
    member_item_bias: FloatArray | None = None
    member_means: tuple[float, ...] = ()

    @property
    def members(self) -> tuple[int, ...]:
        """Where each member ends among the factors."""
        return self.member_ends or (self.n_factors,)

    @property
    def n_users(self) -> int:
        """Number of users."""
        return int(self.user_factors.shape[0])

    @property
    def n_items(self) -> int:
        """Number of items."""
        return int(self.item_factors.shape[0])

    @property
    def n_factors(self) -> int:
        """Number of latent factors."""
        return int(self.user_factors.shape[1])

    @property
    def has_biases(self) -> bool:
        """Whether mean or biases take part, that is whether the form is not the plain one."""
        return bool(self.global_mean != 0 or self.user_bias.any() or self.item_bias.any())

    def copy(self) -> FactorModel:
        """Return a model whose arrays are its own."""
        arrays: dict[str, Any] = {
            name: None if (array := getattr(self, name)) is None else array.copy()
            for name in ARRAYS}
        return replace(self, **arrays)

    def member(self, position: int) -> FactorModel:
        """Return one member of an average as a model of its own; a single model itself.

        The mean of what the members predict is what the average predicts. Where their own biases
        are not known, each has the average's.
        """
        ends = self.members
        if len(ends) == 1:
            return self
        part = slice(0 if position == 0 else ends[position - 1], ends[position])
        root = np.float32(len(ends) ** 0.5)
        factors: dict[str, Any] = {
            name: np.ascontiguousarray(array[:, part]) * root for name, array in (
                ("user_factors", self.user_factors), ("item_factors", self.item_factors),
                ("implicit_factors", self.implicit_factors)) if array is not None}
        own_user, own_item = self.member_user_bias, self.member_item_bias
        return replace(
            self, **factors, member_ends=(), member_means=(),
            user_bias=self.user_bias if own_user is None else own_user[position],
            item_bias=self.item_bias if own_item is None else own_item[position],
            global_mean=self.member_means[position] if self.member_means else self.global_mean,
            member_user_bias=None, member_item_bias=None,
            rules=self.rules[position : position + 1])

    def predict(
        self, user_index: NDArray[Any], item_index: NDArray[Any], *, is_clipped: bool | None = None
    ) -> FloatArray:
        """Return the predicted ratings of the pairs.

        Parameters
        ----------
        user_index, item_index : ndarray of int, shape (n_pairs,)
            -1 stands for a user or item the model does not know: mean and the other's bias.
        is_clipped : bool or None
            Clip to ``scale``; None follows ``clip``.

        Returns
        -------
        ndarray of float32, shape (n_pairs,)
        """
        known_user, known_item = user_index >= 0, item_index >= 0
        users, items = np.where(known_user, user_index, 0), np.where(known_item, item_index, 0)
        with np.errstate(over="ignore", invalid="ignore"):  # looked at below
            result: FloatArray = np.einsum(
                "kf,kf->k", self.user_factors[users], self.item_factors[items])
            result[~(known_user & known_item)] = 0
            result += np.where(known_user, self.user_bias[users], 0)
            result += np.where(known_item, self.item_bias[items], 0)
            result += np.float32(self.global_mean)
        if not np.isfinite(result).all():
            self._predict_carefully(result, users, items, known_user, known_item)
        if self.clip if is_clipped is None else is_clipped:
            low, high = float32_range(*self.scale)
            np.clip(result, low, high, out=result)
        return result

    def _predict_carefully(
        self, result: FloatArray, users: NDArray[Any], items: NDArray[Any],
        known_user: NDArray[Any], known_item: NDArray[Any],
    ) -> None:
        """Write anew, by float64, what is not finite: sums of large factors may cancel out."""
        for k in np.flatnonzero(~np.isfinite(result)):
            n, m = users[k], items[k]
            value = np.float64(self.global_mean)
            if known_user[k]:
                value += self.user_bias[n]
            if known_item[k]:
                value += self.item_bias[m]
            if known_user[k] and known_item[k]:
                value += self.user_factors[n].astype(np.float64) @ self.item_factors[m]
            result[k] = float32_range(value, value)[0]


def float32_range(low: float, high: float) -> tuple[np.float32, np.float32]:
    """Return two numbers as float32, the largest there is for what lies beyond.

    A scale is written with seven digits, which may lie just beyond the largest float32.
    """
    largest = float(np.finfo(np.float32).max)
    return (np.float32(min(max(low, -largest), largest)),
            np.float32(min(max(high, -largest), largest)))
