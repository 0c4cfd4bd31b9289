"""Batch gradient descent, the textbook's form: all gradients from the old factors.

``E = R_hat - R`` on the observed, 0 where missing; ``dL/dU = E V + regularization U``,
``dL/dV = E^T U + regularization V``; then ``U -= rate dL/dU``, ``V -= rate dL/dV``.
The same equations in NumPy stand in ``core/objective.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from mfgui.core.parallel import WorkerPool, no_checkpoint, ratings_per_block, row_blocks
from mfgui.core.ratings import Ratings
from mfgui.core.settings import setting
from mfgui.core.solvers.base import FactorSettings, PlainSolver, squared_norms


@dataclass(frozen=True)
class GradientDescentSettings(FactorSettings):
    """Settings of gradient-descent."""

    n_epochs: int = setting(
        200, "Epochs", "How many times training goes over the ratings at most.",
        minimum=1, maximum=1_000_000, unit="epochs", group="run")


class GradientDescent(PlainSolver):
    """Batch gradient descent on ``1/2 sum e^2 + regularization/2 (|U|^2 + |V|^2 + |b|^2)``.

    The sum runs over the observed ratings, ``regularization`` weighs every parameter once, and
    the biases take part where ``biases`` is on. An empty learning rate is a fifth of
    ``2 / sigma_max(R)``: near a solution the factors' largest squared singular value is about
    ``sigma_max(R)``, and with it the largest curvature of either half of the problem. With
    biases R is less its mean, and the curvature of two biases, at most the two counts of a
    rated pair together, counts too.
    """

    name = "gradient-descent"
    group = "textbook"
    label = "Gradient descent (batch)"
    summary = "The textbook's method: one step down the gradient of all ratings together."
    objective = ("1/2 Σ (r − r_hat)² over the rated cells + regularization/2 · (|U|² + |V|²), "
                 "each parameter weighed once; with biases also their squares.")
    settings_type = GradientDescentSettings
    # Measured against the defaults, validation RMSE on ML-1M, ML-100K and the sample: Accurate
    # 0.902, 0.935, 0.513 before its refit; the defaults 0.901, 0.958, 0.546.
    presets: ClassVar[dict[str, dict[str, object]]] = {
        "Quick": {"n_factors": 8, "n_epochs": 100},
        "Accurate": {"n_factors": 16, "n_epochs": 1000, "regularization": 3.0, "patience": 100,
                     "refit": True},
    }

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        super().__init__(ratings, settings, pool, rng)
        self._sides = (
            (ratings.row_pointers, ratings.item_index, ratings.value),
            (ratings.by_item.pointers, ratings.by_item.user_index, ratings.by_item.value))
        size = ratings_per_block(settings.n_factors)
        self._blocks = [row_blocks(pointers, size) for pointers, _, _ in self._sides]
        self._spare = {name: array.copy() for name, array in self._live.items()}
        self._rate = float(settings.learning_rate or self._default_rate())

    @property
    def learning_rate(self) -> float | None:
        """The fixed step."""
        return self._rate * self.rate_scale

    def run_epoch(self, checkpoint: Callable[[], None] = no_checkpoint) -> None:
        """Take one step with both factor matrices; the old ones stay until both are made."""
        old, new = self._live, self._spare
        self._step(0, old["user_factors"], old["item_factors"], old["user_bias"],
                   old["item_bias"], new["user_factors"], new["user_bias"], checkpoint)
        self._step(1, old["item_factors"], old["user_factors"], old["item_bias"],
                   old["user_bias"], new["item_factors"], new["item_bias"], checkpoint)
        self._live, self._spare = new, old
        self.n_epochs_done += 1

    def _step(
        self, side: int, rows: Any, others: Any, bias: Any, other_bias: Any,
        new_rows: Any, new_bias: Any, checkpoint: Callable[[], None],
    ) -> None:
        """Write one side's step, block by block."""
        from mfgui.core.kernels.descend import descend_rows

        pointers, columns, values = self._sides[side]
        mean, rate = np.float32(self._global_mean), np.float32(self.learning_rate)
        regularization = np.float32(self.settings.regularization)

        def work(begin: int, end: int) -> None:
            descend_rows(pointers, columns, values, begin, end, rows, others, bias, other_bias,
                         mean, rate, regularization, self.settings.biases, new_rows, new_bias)

        self.pool.run(work, self._blocks[side], checkpoint)

    def penalty(self) -> float:
        """Return ``regularization/2 (|U|^2 + |V|^2 + |b|^2)``."""
        model = self.model
        parts = (squared_norms(model.user_factors), squared_norms(model.item_factors),
                 squared_norms(model.user_bias[:, None]), squared_norms(model.item_bias[:, None]))
        total = sum(float(part.sum()) for part in parts)
        return 0.5 * float(self.settings.regularization) * total

    def _default_rate(self) -> float:
        """Return a fifth of 2 / the largest curvature, as the class says."""
        curvature = self._largest_singular_value()
        if self.settings.biases:
            ratings = self.ratings
            pairs = (ratings.user_counts[ratings.user_index]
                     + ratings.item_counts[ratings.item_index])
            curvature = max(curvature, float(pairs.max()))
        return 0.4 / curvature if curvature > 0 else 0.1

    def _largest_singular_value(self) -> float:
        """Return sigma_max of R (less the mean where there are biases), missing cells 0.

        Power iteration on R^T R, from a vector of ones, which is close for positive ratings.
        """
        shift = np.float32(self._global_mean)
        right = np.full(self.ratings.n_items, self.ratings.n_items**-0.5)
        right += self.rng.normal(0, 0.01 * right[0], right.size)
        size = 0.0
        for _ in range(100):
            right = self._multiply(1, shift, self._multiply(0, shift, right))
            norm = float(np.linalg.norm(right))
            if norm == 0:
                return 0.0
            right /= norm
            before, size = size, norm**0.5
            if abs(size - before) <= 1e-4 * size:
                break
        return size

    def _multiply(self, side: int, shift: np.float32, vector: Any) -> Any:
        """Return R x (side 0) or R^T x (side 1) in float64."""
        from mfgui.core.kernels.evaluate import multiply_rows

        pointers, columns, values = self._sides[side]
        out = np.empty(pointers.size - 1)
        self.pool.run(lambda begin, end: multiply_rows(
            pointers, columns, values, begin, end, shift, vector, out), self._blocks[side])
        return out
