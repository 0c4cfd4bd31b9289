"""Alternating least squares on ratings: all users at once, then all items, each row solved anew.

With one side fixed the other's rows are least squares problems of their own (Zhou, Wilkinson,
Schreiber, Pan 2008, Large-Scale Parallel Collaborative Filtering for the Netflix Prize, AAIM),
each solved by a few conjugate gradient steps from where it stands (Takács, Pilászy, Tikk 2011,
Applications of the Conjugate Gradient Method for Implicit Feedback Collaborative Filtering,
RecSys) or exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, no_checkpoint
from mfgui.core.parameters import Parameters
from mfgui.core.ratings import Ratings
from mfgui.core.row_solves import (
    NONE,
    RowMethod,
    RowSide,
    RowSolves,
    Targets,
    ridges_of,
    row_bytes,
)
from mfgui.core.scaling import scaling_of
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
    mean_shift_refusal,
    random_factors,
    weighed_penalty,
)


@dataclass(frozen=True)
class RowSettings(RunSettings):
    """The settings of solvers that solve row by row."""

    n_factors: int = setting(
        64, "Factors", "How many latent factors each user and each item gets.",
        minimum=1, maximum=1_000_000, is_fixed_by_model=True)
    inner: str = setting(
        "cg", "Rows solved by", "A few conjugate gradient steps are as good in the end as solving "
        "each row exactly, and much quicker.",
        choices={"cg": "Conjugate gradient", "cholesky": "Cholesky (exact)"})
    cg_steps: int = setting(
        3, "Conjugate gradient steps", "How many steps each row takes in an epoch.",
        minimum=1, maximum=1000, applies=(("inner", ("cg",)),))

    @property
    def n_steps(self) -> int:
        """Conjugate gradient steps; 0 where rows are solved exactly."""
        return self.cg_steps if self.inner == "cg" else 0


@dataclass(frozen=True)
class AlsSettings(RowSettings):
    """Settings of als; the weights are for ratings of mean 0 and spread 1."""

    n_epochs: int = epochs_setting(20)
    patience: int = patience_setting(3)
    refit: bool = refit_setting(default=True)
    regularization: float = setting(
        0.05, "Regularization", "How strongly large factors are held back at each rating; 0 not "
        "at all.", minimum=0, maximum=1e30, is_log=True)
    biases: bool = setting(
        True, "Biases", "Give each user and each item a bias of its own beside the mean.",
        is_fixed_by_model=True)
    bias_regularization: float = setting(
        0.04, "Bias regularization", "How strongly large biases are held back at each rating.",
        minimum=0, maximum=1e30, is_log=True, applies=(("biases", (True,)),))
    damping: float = setting(
        100.0, "Damping", "Each user and item is held back as if it had this many ratings more: "
        "those with few are drawn towards the mean; 0: by their ratings alone.",
        minimum=0, maximum=1e9, unit="ratings", is_log=True)
    initial_sd: float = setting(
        0.01, "Initial spread", "Standard deviation of the random factors that training starts "
        "from.", minimum=0, maximum=1000, is_open=True, is_log=True, is_fixed_by_model=True)


class Als(Solver):
    """ALS with biases on normalised ratings ``r' = (r - mean) / sd``.

    Minimizes ``1/2 sum e^2 + 1/2 sum (count + damping) (regularization |row|^2
    + bias_regularization bias^2)``, the first sum over the rated pairs, with
    ``e = r' - b_n - b_m - u_n . v_m``, the second over the users and items that have ratings,
    ``count`` of them. Mean and standard deviation are those of the training ratings; a standard
    deviation of 0 counts as 1. With a damping of 0 each row is weighed once per rating of it.

    Damping is what rows with few ratings need: without it the held-out RMSE was higher by 0.003 on
    a million ratings, by 0.01 on 100,000, and where most rows have one rating it was above that of
    mean and biases.

    An epoch solves all users, then all items; a row's bias is one more unknown of it, beside a
    feature that is 1. Neither half raises the objective. Where a row has no unique solution (a
    regularization of 0 and fewer ratings than factors) the exact way adds a 100,000th of each
    diagonal entry to the matrix, and the row moves little further than it must.
    """

    name = "als"
    label = "Alternating least squares"
    summary = "No learning rate to choose: solves for all users, then for all items, in turn."
    objective = ("1/2 Σ (r' − r_hat')² over the rated cells + 1/2 Σ (count + damping) · "
                 "(regularization · |row|² + bias regularization · bias²) over users and items, "
                 "count being a row's number of ratings; r' = (r − mean) / standard deviation.")
    settings_type = AlsSettings
    # Measured against the defaults, held-out RMSE on ML-1M and ML-100K (mean of u1 to u5): Quick
    # 0.849, 0.913 in a third of the time; Accurate 0.844, 0.908; the defaults 0.845, 0.908.
    presets: ClassVar[dict[str, dict[str, object]]] = {
        "Quick": {"n_factors": 32, "n_epochs": 8, "refit": False},
        "Accurate": {"n_factors": 128, "n_epochs": 40},
    }

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        super().__init__(ratings, settings, pool, rng)
        self._scaling = scaling_of(ratings)
        live = self._live = Parameters(ratings.n_users, ratings.n_items, settings.n_factors)
        live.user_factors[:], live.item_factors[:] = random_factors(
            ratings, settings.n_factors, settings.initial_sd, rng)
        method = RowMethod(settings.n_steps, settings.biases)
        by_item = ratings.by_item
        users = RowSide(
            ratings.row_pointers, ratings.item_index, live.user_factors, live.user_bias,
            live.item_factors, *self._ridges(ratings.user_counts), NONE)
        items = RowSide(
            by_item.pointers, by_item.user_index, live.item_factors, live.item_bias,
            live.user_factors, *self._ridges(ratings.item_counts), NONE)
        self._sides = (
            (users, RowSolves(users, method), ratings.value, live.item_bias),
            (items, RowSolves(items, method), by_item.value, live.user_bias))
        self._ones = np.ones(max(solves.largest for _, solves, _, _ in self._sides), np.float32)

    def _ridges(self, counts: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return what holds each row's factors and its bias back."""
        weights, settings = counts + self.settings.damping, self.settings
        return (ridges_of(settings.regularization, weights),
                ridges_of(settings.bias_regularization, weights))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return factors and biases, in normalised units."""
        return self._live.views()

    def model_of(self, arrays: Arrays) -> FactorModel:
        """Return factors and biases in the user's units, as arrays of their own."""
        root, sd = np.float32(self._scaling.root), np.float32(self._scaling.sd)
        return FactorModel(
            arrays["user_factors"] * root, arrays["item_factors"] * root,
            arrays["user_bias"] * sd, arrays["item_bias"] * sd, self._scaling.mean,
            self.ratings.scale, self.settings.clip,
            rules=(self.fold_in_rule(),))

    def fold_in_rule(self) -> FoldInRule:
        """Return the objective's, in the user's units."""
        settings = self.settings
        return FoldInRule(
            settings.regularization * self._scaling.sd, settings.bias_regularization,
            damping=settings.damping, has_bias=settings.biases)

    def run_epoch(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Solve all users, then all items."""
        for side in (0, 1):
            self.half_sweep(side, checkpoint)
        self.n_epochs_done += 1

    def half_sweep(self, side: int, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Solve the users (0) or the items (1), the other side fixed."""
        from mfgui.core.kernels.als import fill_targets

        rows, solves, values, other_bias = self._sides[side]
        mean, inverse_sd = self._scaling.mean, 1.0 / self._scaling.sd

        def targets_of(begin: int, end: int) -> Targets:
            first, last = int(rows.pointers[begin]), int(rows.pointers[end])
            targets = np.empty(last - first, np.float32)
            fill_targets(rows.columns, values, first, last, mean, inverse_sd, other_bias, targets)
            return targets, self._ones[: last - first]

        solves.run(targets_of, self.pool, checkpoint)

    def penalty(self) -> float:
        """Return what the class's objective adds to ``1/2 sum e^2``, times sd^2."""
        settings, live = self.settings, self._live
        normalised = FactorModel(live.user_factors, live.item_factors, live.user_bias,
                                 live.item_bias, 0.0, (0.0, 0.0))
        return self._scaling.sd**2 * weighed_penalty(
            normalised, self.ratings, settings.regularization, settings.bias_regularization,
            settings.damping)

    def take_model(self, model: FactorModel) -> None:
        """Begin from another model's factors and biases.

        What its mean differs by goes into the users' biases.
        """
        live, root, sd = self._live, self._scaling.root, self._scaling.sd
        shift = model.global_mean - self._scaling.mean
        with np.errstate(over="ignore", invalid="ignore"):  # the guard looks at the loss
            live.user_factors[:] = model.user_factors / np.float32(root)
            live.item_factors[:] = model.item_factors / np.float32(root)
            live.user_bias[:] = (model.user_bias + shift) / sd
            live.item_bias[:] = model.item_bias / sd

    @classmethod
    def refusal(cls, model: FactorModel, settings: Any) -> str:
        """Refuse what would be lost."""
        return mean_shift_refusal(cls.label, model, settings)

    @classmethod
    def bytes_needed(cls, n_users: int, n_items: int, n_ratings: int, settings: Any) -> int:
        """Return the bytes: the ratings by item, 8 each, room for rows, copies of the factors."""
        rows = super().bytes_needed(n_users, n_items, n_ratings, settings)
        return 8 * n_ratings + rows + row_bytes(settings.n_factors, settings)
