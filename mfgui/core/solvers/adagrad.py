"""AdaGrad: stochastic gradient descent whose rate falls by itself, row by row.

One accumulator a row, as in Chin, Zhuang, Juan, Lin (2015), A Learning-rate Schedule for
Stochastic Gradient Methods to Matrix Factorization, PAKDD: ``G += mean over the factors of g^2``,
steps of ``rate / sqrt(G)``. On normalised ratings, with biases, in blocks that several threads
take at once (``core/blocks.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfgui.core.blocks import blocks_of
from mfgui.core.model import FactorModel
from mfgui.core.packed import PackedFactors
from mfgui.core.parallel import WorkerPool, no_checkpoint
from mfgui.core.ratings import Ratings
from mfgui.core.scaling import scaling_of
from mfgui.core.settings import setting
from mfgui.core.solvers.base import (
    Arrays,
    Checkpoint,
    FactorSettings,
    Solver,
    factor_copies,
    mean_shift_refusal,
    random_factors,
    weighed_penalty,
)

# A bias moves by this share of its row's rate: with all of it the RMSE was higher by 0.002.
BIAS_RATE = 0.3
N_EXTRA = 3  # bias, accumulator, norm


@dataclass(frozen=True)
class AdagradSettings(FactorSettings):
    """Settings of adagrad; learning rate and weights are for ratings of mean 0 and spread 1."""

    n_epochs: int = setting(
        30, "Epochs", "How many times training goes over the ratings at most.",
        minimum=1, maximum=1_000_000, unit="epochs", group="run")
    patience: int = setting(
        2, "Patience", "Stop after this many epochs without a better validation RMSE and keep "
        "the best factors; 0 never stops early and keeps the last.",
        minimum=0, maximum=1_000_000, unit="epochs", group="run")
    refit: bool = setting(
        True, "Refit on all", "Where ratings were held out, train again on all of them for the "
        "best number of epochs.", group="run")
    n_factors: int = setting(
        64, "Factors", "How many latent factors each user and each item gets.",
        minimum=1, maximum=1_000_000, is_fixed_by_model=True)
    learning_rate: float | None = setting(
        0.05, "Learning rate", "The size of the first steps; each row's own falls as it learns. "
        "0.1 is quicker and a little less exact.",
        minimum=0, maximum=1e30, is_open=True, is_log=True, is_findable=True)
    regularization: float = setting(
        0.045, "Regularization", "How strongly large factors are held back at each rating; 0 not "
        "at all.", minimum=0, maximum=1e30, is_log=True)
    bias_regularization: float = setting(
        0.01, "Bias regularization", "How strongly large biases are held back at each rating.",
        minimum=0, maximum=1e30, is_log=True, applies=(("biases", (True,)),))
    biases: bool = setting(
        True, "Biases", "Give each user and each item a bias of its own beside the mean.",
        is_fixed_by_model=True)
    initial_sd: float = setting(
        0.01, "Initial spread", "Standard deviation of the random factors that training starts "
        "from.", minimum=0, maximum=1000, is_open=True, is_log=True, is_fixed_by_model=True)


class Adagrad(Solver):
    """SGD with row-wise AdaGrad and biases on normalised ratings ``r' = (r - mean) / sd``.

    Minimizes ``1/2 sum e^2 + regularization/2 sum (|u_n|^2 + |v_m|^2)
    + bias_regularization/2 sum (b_n^2 + b_m^2)``, all sums over the rated pairs, so that each row
    is weighed once per rating of it, with ``e = r' - b_n - b_m - u_n . v_m``. Mean and standard
    deviation are those of the training ratings; a standard deviation of 0 counts as 1.
    """

    name = "adagrad"
    label = "AdaGrad"
    summary = "The one to begin with: fast, accurate, with a rate that looks after itself."
    objective = ("1/2 Σ (r' − r_hat')² + regularization/2 · Σ (|u|² + |v|²) + bias "
                 "regularization/2 · Σ (b_user² + b_item²), all sums over the rated cells, so each "
                 "row is weighed once per rating; r' = (r − mean) / standard deviation.")
    settings_type = AdagradSettings
    presets: ClassVar[dict[str, dict[str, object]]] = {
        "Quick": {"n_factors": 32, "learning_rate": 0.1, "n_epochs": 10, "refit": False},
        "Accurate": {"solver": "average"},
    }

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        super().__init__(ratings, settings, pool, rng)
        self._scaling = scaling_of(ratings)
        self._blocks = blocks_of(ratings, self._scaling, rng)
        self._packed = PackedFactors(
            self._blocks, settings.n_factors, N_EXTRA, self._scaling, pool)
        self._packed.set_column(1, 1.0)  # G starts at 1
        users, items = random_factors(ratings, settings.n_factors, settings.initial_sd, rng)
        self._packed.pack(
            (users, items, np.zeros(ratings.n_users, np.float32),
             np.zeros(ratings.n_items, np.float32)), 1.0, 1.0)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the packed rows: factors, bias, accumulator, norm."""
        return self._packed.arrays

    def model_of(self, arrays: Arrays) -> FactorModel:
        """Return factors and biases in the user's units, as arrays of their own."""
        return FactorModel(
            *self._packed.unpack(arrays), self._scaling.mean, self.ratings.scale,
            self.settings.clip)

    @property
    def learning_rate(self) -> float | None:
        """What each row's step is ``1 / sqrt(G)`` of."""
        return float((self.settings.learning_rate or 0.05) * self.rate_scale)

    def run_epoch(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Visit every rating once, block by block."""
        from mfgui.core.kernels.adagrad import set_norms, visit_block

        settings, blocks, n_factors = self.settings, self._blocks, self.settings.n_factors
        users, items = self._packed.arrays["users"], self._packed.arrays["items"]
        self._packed.for_each(lambda rows, begin, end: set_norms(rows, n_factors, begin, end))
        constants = [np.float32(number) for number in (
            self.learning_rate, settings.regularization, BIAS_RATE if settings.biases else 0.0,
            settings.bias_regularization)]

        def work(begin: int, end: int) -> None:
            visit_block(blocks.users, blocks.items, blocks.values, begin, end, users, items,
                        n_factors, *constants)

        blocks.visit(work, self.pool, self.rng, n_factors, checkpoint)
        self.n_epochs_done += 1

    def penalty(self) -> float:
        """Return what the class's objective adds to ``1/2 sum e^2``, times sd^2."""
        return weighed_penalty(
            self.model, self.ratings, self.settings.regularization * self._scaling.sd,
            self.settings.bias_regularization)

    def take_model(self, model: FactorModel) -> None:
        """Begin from another model's factors and biases; accumulators begin anew."""
        shift = np.float32(model.global_mean - self._scaling.mean)
        scaling = self._scaling
        self._packed.pack(
            (model.user_factors, model.item_factors, model.user_bias + shift, model.item_bias),
            1 / scaling.root, 1 / scaling.sd)
        self._packed.set_column(1, 1.0)

    @classmethod
    def refusal(cls, model: FactorModel, settings: Any) -> str:
        """Refuse what would be lost."""
        return mean_shift_refusal(cls.label, model, settings)

    @classmethod
    def bytes_needed(cls, n_users: int, n_items: int, n_ratings: int, settings: Any) -> int:
        """Return the bytes: the ratings in blocks, 12 each, and the factors in their copies."""
        return 12 * n_ratings + factor_copies(n_users, n_items, settings.n_factors + 16)
