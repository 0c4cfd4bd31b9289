"""One cell of a model with the few rows that belong to it, in float64."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in import DoubleArray, implicit_part, rule_of
from mfgui.core.model import FactorModel, float32_range
from mfgui.inspection.known import Known
from mfgui.inspection.new_user import NewUser

NEW_USER = -1


@dataclass(frozen=True, eq=False)
class Cell:
    """A user and an item of a model.

    Parameters
    ----------
    model : FactorModel
    known : Known
        Ratings in the model's numbering; perhaps none.
    user, item : int
        The user is -1 where it is ``new_user``.
    new_user : NewUser or None
    """

    model: FactorModel
    known: Known
    user: int
    item: int
    new_user: NewUser | None = None

    def __post_init__(self) -> None:
        if (self.user == NEW_USER) != (self.new_user is not None):
            raise ValueError("the user is -1 where there is a new user, and only there")

    @cached_property
    def user_row(self) -> tuple[NDArray[Any], NDArray[Any]]:
        """Items and values of the user's training ratings."""
        if self.new_user is not None:
            return self.new_user.items, self.new_user.values
        return self.known.user_row(self.user)

    @cached_property
    def user_factors(self) -> DoubleArray:
        """What predicts, of svd++ with its implicit part, shape (n_factors,)."""
        if self.new_user is not None:
            return self.new_user.folded.factors
        return np.asarray(self.model.user_factors[self.user], np.float64)

    @cached_property
    def item_factors(self) -> DoubleArray:
        """Shape (n_factors,)."""
        return np.asarray(self.model.item_factors[self.item], np.float64)

    @property
    def user_bias(self) -> float:
        """In the user's units, as all are."""
        if self.new_user is not None:
            return float(self.new_user.folded.bias)
        return float(self.model.user_bias[self.user])

    @property
    def item_bias(self) -> float:
        """In the user's units."""
        return float(self.model.item_bias[self.item])

    @cached_property
    def implicit(self) -> DoubleArray | None:
        """What svd++ adds to the user's factors; None where there is none, or nobody knows."""
        if self.model.implicit_factors is None:
            return None
        if self.new_user is None and not self.known.ratings.n_ratings:
            return None
        return implicit_part(self.model, self.user_row[0])

    @cached_property
    def raw(self) -> float:
        """The prediction, not clipped."""
        return float(self.model.global_mean + self.user_bias + self.item_bias
                     + self.user_factors @ self.item_factors)

    @property
    def shown(self) -> float:
        """The prediction, clipped where the model clips."""
        if not self.model.clip:
            return self.raw
        low, high = map(float, float32_range(*self.model.scale))
        return min(max(self.raw, low), high)

    @cached_property
    def observed(self) -> float | None:
        """The rating; None where there is none."""
        if self.new_user is not None:
            return self.new_user.rating(self.item)
        return None if self._place is None else float(self.known.ratings.value[self._place])

    @property
    def is_held_out(self) -> bool | None:
        """Whether the rating was held out; None where there is none, or nobody knows."""
        is_held_out = self.known.is_held_out
        if self.new_user is not None or is_held_out is None or self._place is None:
            return None
        return bool(is_held_out[self._place])

    @cached_property
    def _place(self) -> int | None:
        """Where the rating stands among all that are known."""
        return self.known.place_of(self.user, self.item)


def rows_of(model: FactorModel, users: NDArray[Any], items: NDArray[Any]) -> FactorModel:
    """Return a model of these users and items alone, in this order.

    Its members are as many small models: of a large average, one member whole is a copy of hundreds
    of megabytes.
    """
    implicit, own_user, own_item = (
        model.implicit_factors, model.member_user_bias, model.member_item_bias)
    return replace(
        model, rules=tuple(rule_of(model, position) for position in range(len(model.members))),
        user_factors=model.user_factors[users], item_factors=model.item_factors[items],
        user_bias=model.user_bias[users], item_bias=model.item_bias[items],
        implicit_factors=None if implicit is None else implicit[items],
        member_user_bias=None if own_user is None else own_user[:, users],
        member_item_bias=None if own_item is None else own_item[:, items])
