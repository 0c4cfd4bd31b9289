"""What step mode changes: a model's numbers in double precision, and its loss.

Few ratings are gone through by ``core/objective.py`` itself; with more its passes are compiled
loops that do the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from mfgui.core import objective
from mfgui.core.fold_in import gram_of, rule_of
from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.core.objective import Pair, Unknowns
from mfgui.core.parallel import no_checkpoint
from mfgui.core.ratings import Ratings
from mfgui.inspection.formula import DoubleArray
from mfgui.inspection.known import Known
from mfgui.inspection.methods import Method

Checkpoint = Callable[[], None]
FEW_RATINGS = 5_000  # one after another in NumPy some 20 ms a thousand
PART = 1 << 18  # ratings between two looks whether to stop


class TrialState:
    """A float64 copy of a single model with the objective it is trained by.

    Parameters
    ----------
    model : FactorModel
        Not an average; not changed.
    known : Known
    method : Method

    Attributes
    ----------
    at : Unknowns
        The copy; with svd++ its user factors hold ``u_n + z_n``, and z stays.
    implicit : ndarray of float64, shape (n_users, n_factors) or (0, n_factors)
    """

    def __init__(self, model: FactorModel, known: Known, method: Method) -> None:
        self.base, self.known, self.method = model, known, method
        self.training = training = known.training
        self.rule: FoldInRule = rule_of(model)
        self.at = Unknowns(*(np.array(array, np.float64) for array in (
            model.user_factors, model.item_factors, model.user_bias, model.item_bias)))
        self.mean = float(model.global_mean)
        self.implicit = _implicit_parts(model, training)
        self.ridges = self._ridges(training.user_counts), self._ridges(training.item_counts)
        self._fixed = self._fixed_penalty()

    def _ridges(self, counts: np.ndarray) -> tuple[DoubleArray, DoubleArray]:
        """Return what weighs each row and each bias of a side in the objective."""
        has_cells = (counts > 0) | bool(self.rule.confidence)
        weights = [self.rule.ridges(int(count)) for count in np.unique(counts)]
        place = np.searchsorted(np.unique(counts), counts)
        ridges, bias_ridges = np.array(weights, np.float64).reshape(-1, 2)[place].T
        is_biased = has_cells & self.rule.has_bias
        return np.where(has_cells, ridges, 0.0), np.where(is_biased, bias_ridges, 0.0)

    def _fixed_penalty(self) -> float:
        """Return what svd++'s Y adds to the objective."""
        rows = self.base.implicit_factors
        if rows is None or not self.method.implicit_ridge:
            return 0.0
        weights = self.method.implicit_ridge * self.training.item_counts
        zeros = np.zeros(rows.shape[0])
        return objective.penalty(rows.astype(np.float64), zeros, weights, zeros)

    # as a model

    @property
    def exact_model(self) -> FactorModel:
        """The copy as a model of float64 arrays that share its memory; not to be kept."""
        # Whatever reads a model's rows takes float64 ones as well.
        return replace(self.base, **self.at._asdict())

    @property
    def model(self) -> FactorModel:
        """The copy as it is shown and kept: float32, arrays of its own."""
        with np.errstate(over="ignore"):  # where a rate was far too large
            arrays = {name: array.astype(np.float32) for name, array in self.at._asdict().items()}
        return replace(self.base, **arrays)

    # what it does

    def own_factors(self) -> DoubleArray:
        """Return the users' own rows, z taken off."""
        users = self.at.user_factors
        return users - self.implicit if self.implicit.shape[0] else users

    def pair(self, user: int, item: int, rating: float) -> Pair:
        """Return a rated cell with its share of the objective."""
        at = self.at
        z = self.implicit[user] if self.implicit.shape[0] else 0.0
        (user_ridges, user_bias_ridges), (item_ridges, item_bias_ridges) = self.ridges
        n, m = self.training.user_counts[user], self.training.item_counts[item]
        return Pair(
            rating, at.user_factors[user] - z, at.item_factors[item].copy(), self.mean,
            float(at.user_bias[user]), float(at.item_bias[item]), user_ridges[user] / n,
            item_ridges[item] / m, user_bias_ridges[user] / n, item_bias_ridges[item] / m, z)

    @property
    def bias_rate(self) -> float:
        """The rate of the biases; 0 where none are learned."""
        return self.method.bias_rate if self.rule.has_bias else 0.0

    def step_pair(self, user: int, item: int, rating: float) -> None:
        """Take one pair's step."""
        before, at = self.pair(user, item, rating), self.at
        moved = objective.pair_step(before, self.method.factor_rate, self.bias_rate,
                                    is_nonnegative=self.method.way.is_nonnegative)
        at.user_factors[user] = moved.user_row + moved.implicit
        at.item_factors[item] = moved.item_row
        at.user_bias[user], at.item_bias[item] = moved.user_bias, moved.item_bias

    def step_pairs(self, begin: int, end: int, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Take the steps of the ratings begin..end, one after another."""
        ratings = self.training
        if end - begin <= FEW_RATINGS:
            for k in range(begin, end):
                checkpoint()
                self.step_pair(int(ratings.user_index[k]), int(ratings.item_index[k]),
                               float(ratings.value[k]))
            return
        from mfgui.core.kernels.exact_steps import step_pairs

        (user_ridges, user_bias_ridges), (item_ridges, item_bias_ridges) = self.ridges
        counts = (np.maximum(side, 1) for side in (ratings.user_counts, ratings.item_counts))
        n, m = counts
        weights = user_ridges / n, item_ridges / m, user_bias_ridges / n, item_bias_ridges / m
        for first in range(begin, end, PART):
            checkpoint()
            step_pairs(ratings.user_index, ratings.item_index, ratings.value, first,
                       min(first + PART, end), *self.at, self.implicit, self.mean,
                       self.method.factor_rate, self.bias_rate, *weights,
                       self.method.way.is_nonnegative)

    def predicted(self, checkpoint: Checkpoint = no_checkpoint) -> DoubleArray:
        """Return what is predicted of each training rating, shape (n_ratings,)."""
        ratings = self.training
        if ratings.n_ratings <= FEW_RATINGS:
            return np.asarray(
                objective.full_error(ratings, self.at, self.mean) + ratings.value, np.float64)
        from mfgui.core.kernels.exact_steps import predict_pairs

        out = np.empty(ratings.n_ratings)
        for first in range(0, ratings.n_ratings, PART):
            checkpoint()
            predict_pairs(ratings.user_index, ratings.item_index, first,
                          min(first + PART, ratings.n_ratings), *self.at, self.mean, out)
        return out

    def gradient(self, checkpoint: Checkpoint = no_checkpoint) -> Unknowns:
        """Return the gradient of the whole objective, each number weighed once."""
        weight, has_biases, ratings = self.rule.regularization, self.rule.has_bias, self.training
        if ratings.n_ratings <= FEW_RATINGS:
            error = objective.full_error(ratings, self.at, self.mean)
            return objective.full_gradient(ratings, error, self.at, weight, has_biases=has_biases)
        from mfgui.core.kernels.gradient import gradient_rows

        at, by_item = self.at, self.known.by_item
        out = Unknowns(*(np.zeros_like(array) for array in at))
        rest = self.mean, weight, has_biases
        users = (ratings.row_pointers, ratings.item_index, ratings.value)
        items = (by_item.pointers, by_item.user_index, by_item.value)
        for first in range(0, ratings.n_users, 4096):
            checkpoint()
            gradient_rows(*users, first, min(first + 4096, ratings.n_users), *at, *rest,
                          out.user_factors, out.user_bias)
        mirrored = at.item_factors, at.user_factors, at.item_bias, at.user_bias
        for first in range(0, ratings.n_items, 1024):
            checkpoint()
            gradient_rows(*items, first, min(first + 1024, ratings.n_items), *mirrored, *rest,
                          out.item_factors, out.item_bias)
        return out

    def loss(self, checkpoint: Checkpoint = no_checkpoint) -> float:
        """Return the solver's objective on the training ratings, in the user's units."""
        return self.fit(checkpoint)[0]

    def fit(self, checkpoint: Checkpoint = no_checkpoint) -> tuple[float, float | None]:
        """Return the objective and the RMSE, raw; None where the numbers are no ratings."""
        at, held = self.at, self._fixed
        for rows, bias, (ridges, bias_ridges) in (
                (self.own_factors(), at.user_bias, self.ridges[0]),
                (at.item_factors, at.item_bias, self.ridges[1])):
            held += objective.penalty(rows, bias, ridges, bias_ridges)
        predicted, values = self.predicted(checkpoint), self.training.value
        if not self.rule.confidence:
            data_term = objective.loss(predicted - values)
            return held + data_term, float(np.sqrt(2 * data_term / max(values.size, 1)))
        return held + objective.preference_loss(
            predicted, (values > 0).astype(np.float64),
            self.rule.confidences(values.astype(np.float64)), gram_of(at.user_factors),
            gram_of(at.item_factors)), None


def _implicit_parts(model: FactorModel, training: Ratings) -> DoubleArray:
    """Return svd++'s z of all users; of a model without Y, none."""
    if model.implicit_factors is None:
        return np.zeros((0, model.n_factors))
    from mfgui.core.kernels.svdpp import implicit_sums

    parts = np.zeros((model.n_users, model.n_factors))
    implicit_sums(training.row_pointers, training.item_index, 0, model.n_users,
                  model.implicit_factors.astype(np.float64), parts)
    return parts
