"""Non-negative matrix factorization of the observed ratings only.

Factors that cannot be negative can only add up, which makes them easier to read as parts. Lee,
Seung (1999), Learning the Parts of Objects by Non-negative Matrix Factorization, Nature 401, there
for full matrices; here by projected stochastic gradient steps on what was rated, with adagrad's
rates, in blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfgui.core.blocks import blocks_of, deal
from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.core.packed import PackedFactors
from mfgui.core.parallel import WorkerPool, no_checkpoint
from mfgui.core.ratings import FloatArray, Ratings
from mfgui.core.scaling import Scaling, scaling_of
from mfgui.core.settings import (
    RunSettings,
    epochs_setting,
    patience_setting,
    refit_setting,
    setting,
)
from mfgui.core.solvers.base import (
    Arrays,
    Checkpoint,
    Solver,
    factor_copies,
    factors_refusal,
    meaning_refusal,
    weighed_penalty,
)

N_EXTRA = 2  # a bias that stays 0, the accumulator


@dataclass(frozen=True)
class NmfSettings(RunSettings):
    """Settings of nmf; learning rate and weights are for ratings divided by their spread."""

    n_epochs: int = epochs_setting(100)
    patience: int = patience_setting(5)
    refit: bool = refit_setting(default=True)
    n_factors: int = setting(
        32, "Factors", "How many latent factors each user and each item gets.",
        minimum=1, maximum=1_000_000, is_fixed_by_model=True)
    learning_rate: float | None = setting(
        0.1, "Learning rate", "The size of the first steps; each row's own falls as it learns.",
        minimum=0, maximum=1e30, is_open=True, is_log=True, is_findable=True)
    regularization: float = setting(
        0.05, "Regularization", "How strongly large factors are held back at each rating; 0 not "
        "at all.", minimum=0, maximum=1e30, is_log=True)
    initial_sd: float = setting(
        0.3, "Initial spread", "How much the factors that training starts from differ, as a share "
        "of their size.", minimum=0, maximum=1000, is_open=True, is_log=True,
        is_fixed_by_model=True)


class Nmf(Solver):
    """``r_hat = offset + sd U V^T`` with all factors at 0 or above.

    Minimizes ``1/2 sum e^2 + regularization/2 sum (|u_n|^2 + |v_m|^2)``, both sums over the rated
    pairs, with ``e = (r - offset) / sd - u_n . v_m``. The offset is the lowest training rating
    where that is below 0, else 0; nothing is centred. There are no biases.
    """

    name = "nmf"
    label = "Non-negative factors (NMF)"
    group = "special"
    summary = "Factors that only add up, easier to read as parts; a little less accurate."
    objective = ("1/2 Σ (r' − u·v)² + regularization/2 · Σ (|u|² + |v|²), both sums over the rated "
                 "cells, all factors ≥ 0; r' = (r − offset) / standard deviation, the offset being "
                 "the lowest rating where that is negative, else 0.")
    settings_type = NmfSettings
    presets: ClassVar[dict[str, dict[str, object]]] = {
        "Quick": {"n_factors": 8, "n_epochs": 15, "refit": False},
        "Accurate": {"n_factors": 64, "n_epochs": 200},
    }

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        super().__init__(ratings, settings, pool, rng)
        offset = min(float(ratings.value.min()), 0.0)
        self._scaling = Scaling(offset, scaling_of(ratings).sd)
        dealing = deal(ratings, rng)
        self._packed = PackedFactors(
            dealing, settings.n_factors, N_EXTRA, self._scaling, pool)
        self._packed.set_column(1, 1.0)
        size = max((ratings.mean - offset) / self._scaling.sd, 0.0)
        self._pack([self._start(counts, size) for counts in (
            ratings.user_counts, ratings.item_counts)], 1.0)
        self._blocks = blocks_of(ratings, self._scaling, dealing, pool)

    def _start(self, counts: NDArray[np.int64], size: float) -> FloatArray:
        """Return random rows whose products are about ``size``; 0 without a rating."""
        n_factors = self.settings.n_factors
        rows = self.rng.standard_normal((counts.size, n_factors), np.float32)
        np.abs(1 + np.float32(self.settings.initial_sd) * rows, out=rows)
        rows *= np.float32((size / n_factors) ** 0.5)
        rows[counts == 0] = 0
        return rows

    def _pack(self, factors: list[FloatArray], scale: float) -> None:
        """Put factors of users and items into the packed rows."""
        zeros = [np.zeros(rows.shape[0], np.float32) for rows in factors]
        self._packed.pack((factors[0], factors[1], zeros[0], zeros[1]), scale, 1.0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the packed rows: factors, a bias of 0, accumulator."""
        return self._packed.arrays

    def model_of(self, arrays: Arrays) -> FactorModel:
        """Return the factors in the user's units; the offset is the model's mean."""
        return FactorModel(
            *self._packed.unpack(arrays), self._scaling.mean, self.ratings.scale,
            self.settings.clip, rules=(self.fold_in_rule(),))

    def fold_in_rule(self) -> FoldInRule:
        """Return the objective's, in the user's units."""
        return FoldInRule(self.settings.regularization * self._scaling.sd, is_nonnegative=True)

    @property
    def start_note(self) -> str:
        """Say what is taken off ratings below 0."""
        offset = self._scaling.mean
        return (f"Some ratings are below 0: the offset {offset:g} is taken off all of them, so "
                "that the factors can stay at 0 or above." if offset < 0 else "")

    @property
    def learning_rate(self) -> float | None:
        """What each row's step is ``1 / sqrt(G)`` of."""
        return float((self.settings.learning_rate or 0.1) * self.rate_scale)

    def run_epoch(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Visit every rating once, block by block."""
        from mfgui.core.kernels.nmf import visit_block_above_zero

        blocks, n_factors = self._blocks, self.settings.n_factors
        users, items = self._packed.arrays["users"], self._packed.arrays["items"]
        rate, regularization = (
            np.float32(number) for number in (self.learning_rate, self.settings.regularization))

        def work(begin: int, end: int) -> None:
            visit_block_above_zero(blocks.users, blocks.items, blocks.values, begin, end, users,
                                   items, n_factors, rate, regularization)

        blocks.visit(work, self.pool, self.rng, n_factors, checkpoint)
        self.n_epochs_done += 1

    def penalty(self) -> float:
        """Return what the class's objective adds to ``1/2 sum e^2``, times sd^2."""
        return weighed_penalty(
            self.model, self.ratings, self.settings.regularization * self._scaling.sd, 0.0)

    def take_model(self, model: FactorModel) -> None:
        """Begin from another model's factors; accumulators begin anew."""
        self._pack([model.user_factors, model.item_factors], 1 / self._scaling.root)
        self._packed.set_column(1, 1.0)

    @classmethod
    def refusal(cls, model: FactorModel, settings: Any) -> str:
        """Refuse negative factors, biases and another offset."""
        if reason := meaning_refusal(cls.label, model):
            return reason
        if model.user_factors.min() < 0 or model.item_factors.min() < 0:
            return "The model has negative factors, which NMF cannot begin from."
        if model.has_biases:
            return "The model has a mean or biases, which NMF does not have."
        if model.scale[0] < 0:
            return "Some ratings are below 0: NMF needs an offset, which the model does not have."
        return factors_refusal(model, settings)

    @classmethod
    def bytes_needed(cls, n_users: int, n_items: int, n_ratings: int, settings: Any) -> int:
        """Return the bytes: the ratings in blocks, 12 each, and the factors in their copies."""
        return 12 * n_ratings + factor_copies(n_users, n_items, settings.n_factors + 16)
