"""What costs much and stays the same while one model is looked at."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in import DoubleArray, gram_of, grams_of, rule_of
from mfgui.core.model import FactorModel
from mfgui.inspection.known import Known

N_SAMPLED = 100_000
MOST_VALUES = 20  # ratings of more different values are counted by ranges
PAIRS_PER_PART = 1 << 14
OF_RATINGS = ("values", "held_out")  # what stays where the model alone is another


class Memo:
    """Keeps what several explanations of one model need; built when first asked for.

    Used on one thread at a time. It forgets what is of another model or of other ratings than
    before, so that one of them serves all.
    """

    def __init__(self) -> None:
        self._model: FactorModel | None = None
        self._known: Known | None = None

    def look_at(self, model: FactorModel, known: Known) -> Memo:
        """Return this memo without what is of another model or of other ratings."""
        kept = {"_model": model, "_known": known}
        if known is self._known:
            kept |= {name: self.__dict__[name] for name in OF_RATINGS if name in self.__dict__}
        if model is not self._model or known is not self._known:
            self.__dict__.clear()
            self.__dict__.update(kept)
        return self

    @property
    def model(self) -> FactorModel:
        """What is looked at."""
        assert self._model is not None
        return self._model

    @property
    def known(self) -> Known:
        """The ratings that it is looked at with."""
        assert self._known is not None
        return self._known

    @cached_property
    def item_grams(self) -> tuple[DoubleArray | None, ...] | None:
        """``V^T V`` of each member whose rule needs it; None where none does."""
        model = self.model
        needs_it = any(rule_of(model, k).confidence for k in range(len(model.members)))
        return grams_of(model) if needs_it else None

    @cached_property
    def user_gram(self) -> DoubleArray:
        """``U^T U``, of a single model."""
        return gram_of(self.model.user_factors)

    @cached_property
    def values(self) -> NDArray[np.float64] | None:
        """The different ratings, rising, of ratings that have few; None where there are many.

        Looked for in an evenly spread sample.
        """
        value = self.known.training.value
        found = np.unique(value[:: max(value.size // N_SAMPLED, 1)])
        return found.astype(np.float64) if found.size <= MOST_VALUES else None

    @cached_property
    def held_out(self) -> HeldOut:
        """The held-out ratings, with what was known of their rows."""
        return HeldOut(self.known)


class HeldOut:
    """The ratings that were held out, and how well their users and items were known without them.

    Parameters
    ----------
    known : Known

    Attributes
    ----------
    ratings : Ratings
    n_of_user, n_of_item : ndarray of int64, shapes (n_users,), (n_items,)
        Ratings of each that were trained on beside them.
    user_counts, item_counts : ndarray of int64, shape (n_held_out,)
        The same, of each rating's user and item.
    user_logs, item_logs : ndarray of float32, shape (n_held_out,)
        ``log(1 + count)``.
    """

    def __init__(self, known: Known) -> None:
        self.ratings = known.held_out
        self.n_of_user, self.n_of_item = known.ratings.user_counts, known.ratings.item_counts
        for others in (self.ratings, known.unseen):
            self.n_of_user = self.n_of_user - others.user_counts
            self.n_of_item = self.n_of_item - others.item_counts
        self.user_counts = self.n_of_user[self.ratings.user_index]
        self.item_counts = self.n_of_item[self.ratings.item_index]
        self.user_logs = np.log1p(self.user_counts, dtype=np.float32)
        self.item_logs = np.log1p(self.item_counts, dtype=np.float32)

    def rmse(self, model: FactorModel, at: NDArray[np.int64]) -> float:
        """Return how far a model's predictions, as shown, are from the ratings at the positions."""
        users, items, values = (
            array[at] for array in (self.ratings.user_index, self.ratings.item_index,
                                    self.ratings.value))
        total = 0.0
        for begin in range(0, at.size, PAIRS_PER_PART):
            part = slice(begin, begin + PAIRS_PER_PART)
            errors = model.predict(users[part], items[part]).astype(np.float64) - values[part]
            total += float(errors @ errors)
        return float(np.sqrt(total / at.size))
