"""SVD++: AdaGrad with what a user rated at all, whatever the rating, as a second description.

Koren (2008), Factorization Meets the Neighborhood, KDD, eq. 15, with one update of the implicit
part per visit of a user: an update per rating would touch all of the user's items each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.core.parallel import Block, WorkerPool, no_checkpoint, ratings_per_block, row_blocks
from mfgui.core.ratings import Ratings
from mfgui.core.scaling import scaling_of
from mfgui.core.settings import epochs_setting, setting
from mfgui.core.solvers.adagrad import BIAS_RATE, AdagradSettings, damping_shares
from mfgui.core.solvers.base import (
    Arrays,
    Checkpoint,
    Solver,
    mean_shift_refusal,
    random_factors,
    squared_norms,
    weighed_penalty,
    weighed_sum,
)


@dataclass(frozen=True)
class SvdppSettings(AdagradSettings):
    """Settings of svd++; rates and weights are for ratings of mean 0 and spread 1."""

    n_epochs: int = epochs_setting(50)
    regularization: float = setting(
        0.05, "Regularization", "How strongly large factors are held back at each rating; 0 not "
        "at all.", minimum=0, maximum=1e30, is_log=True)
    implicit_rate: float = setting(
        0.005, "Implicit rate", "How far each visit of a user moves the implicit factors (Y) of "
        "that user's items.", minimum=0, maximum=1e30, is_open=True, is_log=True)
    implicit_regularization: float = setting(
        0.1, "Implicit regularization", "How strongly large implicit factors (Y) are held back at "
        "each visit.", minimum=0, maximum=1e30, is_log=True)


class Svdpp(Solver):
    """``r_hat = mean + b_n + b_m + v_m . (u_n + z_n)`` on normalised ratings.

    ``z_n`` is the sum of ``y_m`` over the items that the user rated in training, divided by the
    square root of their number; 0 for a user without any. Minimizes ``1/2 sum e^2
    + implicit_regularization/2 sum |y_m|^2 + 1/2 sum (count + damping) (regularization |row|^2
    + bias_regularization bias^2)``, the first two sums over the rated pairs, the third over the
    users and items that have ratings, ``count`` of them, a row being ``u_n`` or ``v_m``.

    One thread: each visit builds on the Y that the one before left.
    """

    name = "svd++"
    label = "SVD++"
    summary = "More accurate than AdaGrad for some times its work: what was rated counts too."
    objective = ("1/2 Σ (r' − r_hat')² + implicit regularization/2 · Σ |y|² over the rated cells + "
                 "1/2 Σ (count + damping) · (regularization · |row|² + bias regularization · bias²)"
                 " over users and items, count being a row's number of ratings; r_hat' = b_user + "
                 "b_item + v · (u + Σ y / √n), r' = (r − mean) / standard deviation.")
    settings_type = SvdppSettings
    presets: ClassVar[dict[str, dict[str, object]]] = {
        "Quick": {"n_factors": 20, "learning_rate": 0.1, "n_epochs": 12, "refit": False},
        "Accurate": {"n_factors": 128},
    }

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        super().__init__(ratings, settings, pool, rng)
        self._scaling = scaling_of(ratings)
        users, items = random_factors(
            ratings, settings.n_factors, settings.initial_sd, rng, pool)
        self._live = {
            "users": users, "items": items, "implicit": np.zeros_like(items),
            "user_bias": np.zeros(ratings.n_users, np.float32),
            "item_bias": np.zeros(ratings.n_items, np.float32),
            "user_squares": np.ones(ratings.n_users, np.float32),
            "item_squares": np.ones(ratings.n_items, np.float32)}
        self._shares = [damping_shares(counts, settings.damping) for counts in (
            ratings.user_counts, ratings.item_counts)]
        self._scratch = np.zeros((2, settings.n_factors), np.float32)
        self._blocks = row_blocks(
            ratings.row_pointers, ratings_per_block(settings.n_factors) // 2)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return factors, Y, biases and accumulators, in normalised units."""
        return self._live

    def model_of(self, arrays: Arrays) -> FactorModel:
        """Return the model in the user's units; its user factors are ``u_n + z_n``."""
        root, sd = np.float32(self._scaling.root), np.float32(self._scaling.sd)
        users = self._implicit_sums(arrays["implicit"])
        with np.errstate(over="ignore", invalid="ignore"):  # the guard looks at the loss
            users += arrays["users"]
            users *= root
            return FactorModel(
                users, arrays["items"] * root, arrays["user_bias"] * sd, arrays["item_bias"] * sd,
                self._scaling.mean, self.ratings.scale, self.settings.clip,
                implicit_factors=arrays["implicit"] * root, rules=(self.fold_in_rule(),))

    def fold_in_rule(self) -> FoldInRule:
        """Return the objective's, in the user's units."""
        settings = self.settings
        return FoldInRule(
            settings.regularization * self._scaling.sd, settings.bias_regularization,
            damping=settings.damping, has_bias=settings.biases)

    def _implicit_sums(self, implicit: NDArray[Any]) -> NDArray[np.float32]:
        """Return all z_n."""
        from mfgui.core.kernels.svdpp import implicit_sums

        ratings, out = self.ratings, np.empty_like(self._live["users"])
        self.pool.run(lambda begin, end: implicit_sums(
            ratings.row_pointers, ratings.item_index, begin, end, implicit, out), self._blocks)
        return out

    @property
    def learning_rate(self) -> float | None:
        """What each row's step is ``1 / sqrt(G)`` of."""
        return float((self.settings.learning_rate or 0.05) * self.rate_scale)

    def run_epoch(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Visit every user once."""
        from mfgui.core.kernels.svdpp import visit_users

        settings, ratings, live = self.settings, self.ratings, self._live
        constants = [np.float32(number) for number in (
            self.learning_rate, settings.regularization, BIAS_RATE if settings.biases else 0.0,
            settings.bias_regularization, settings.implicit_rate * self.rate_scale,
            settings.implicit_regularization)]
        order = self.rng.permutation(ratings.n_users).astype(np.int32)
        for begin, end in self._visits(order):
            checkpoint()
            visit_users(
                order, ratings.row_pointers, ratings.item_index, ratings.value, begin, end,
                self._scaling.mean, 1.0 / self._scaling.sd, live["users"], live["items"],
                live["implicit"], live["user_bias"], live["item_bias"], live["user_squares"],
                live["item_squares"], *self._shares, *constants, self._scratch)
        self.n_epochs_done += 1

    def _visits(self, order: NDArray[np.int32]) -> list[Block]:
        """Return parts of the order with some milliseconds of work each."""
        pointers = np.concatenate(([0], np.cumsum(self.ratings.user_counts[order])))
        return row_blocks(pointers, ratings_per_block(self.settings.n_factors) // 2)

    def penalty(self) -> float:
        """Return what the class's objective adds to ``1/2 sum e^2``, times sd^2."""
        live, settings, sd = self._live, self.settings, self._scaling.sd
        plain = FactorModel(
            live["users"], live["items"], live["user_bias"], live["item_bias"], 0.0, (0.0, 0.0))
        own = weighed_penalty(
            plain, self.ratings, settings.regularization, settings.bias_regularization,
            settings.damping)
        implicit = weighed_sum(squared_norms(live["implicit"]), self.ratings.item_counts)
        return sd**2 * (own + 0.5 * float(settings.implicit_regularization) * implicit)

    def take_model(self, model: FactorModel) -> None:
        """Begin from another model's factors and biases; Y begins at 0."""
        scaling, live = self._scaling, self._live
        root, sd = np.float32(scaling.root), np.float32(scaling.sd)
        with np.errstate(over="ignore", invalid="ignore"):  # the guard looks at the loss
            np.divide(model.user_factors, root, out=live["users"])
            np.divide(model.item_factors, root, out=live["items"])
            np.divide(model.user_bias + np.float32(model.global_mean - scaling.mean), sd,
                      out=live["user_bias"])
            np.divide(model.item_bias, sd, out=live["item_bias"])
        live["implicit"][:] = 0
        for name in ("user_squares", "item_squares"):
            live[name][:] = 1

    @classmethod
    def refusal(cls, model: FactorModel, settings: Any) -> str:
        """Refuse what would be lost."""
        return mean_shift_refusal(cls.label, model, settings)

    @classmethod
    def bytes_needed(cls, n_users: int, n_items: int, n_ratings: int, settings: Any) -> int:
        """Return the bytes: users, items and Y in their copies."""
        rows = super().bytes_needed(n_users, n_items, n_ratings, settings)
        return int(rows + 5 * 4 * n_items * (settings.n_factors + 1))
