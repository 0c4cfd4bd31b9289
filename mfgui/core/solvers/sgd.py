"""Stochastic gradient descent, the textbook's form: one observed pair at a time.

``dL_nm/du_n = -(r_nm - r_hat_nm) v_m`` and ``dL_nm/dv_m = -(r_nm - r_hat_nm) u_n``. Shuffled, the
textbook's order is drawn anew each epoch from the seed, and one thread goes through it, for each
step builds on the one before; blocked, several threads take blocks that share no row
(``core/blocks.py``), and memory is read from front to back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from mfgui.core.blocks import RatingBlocks, blocks_of, deal
from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.parallel import (
    RATINGS_PER_BLOCK,
    WorkerPool,
    even_blocks,
    no_checkpoint,
    ratings_per_block,
)
from mfgui.core.ratings import Ratings
from mfgui.core.scaling import Scaling, scaling_of
from mfgui.core.settings import epochs_setting, setting
from mfgui.core.solvers.base import (
    Checkpoint,
    FactorSettings,
    PlainSolver,
    squared_norms,
    weighed_sum,
)

LARGEST_RATE = 1e30  # what the setting allows, too


@dataclass(frozen=True)
class SgdSettings(FactorSettings):
    """Settings of sgd."""

    n_epochs: int = epochs_setting(30)
    regularization: float = setting(
        0.08, "Regularization", "How strongly large factors are held back at each rating; 0 not "
        "at all.", minimum=0, maximum=1e30, is_log=True)
    order: str = setting(
        "blocked", "Order", "In which order the ratings are visited: block by block, which is "
        "quick and can use several threads, or shuffled anew each epoch, which is the textbook's.",
        choices={"blocked": "Blocked", "shuffled": "Shuffled"})
    decay: float = setting(
        0.9, "Decay", "The learning rate is multiplied by this after each epoch; 1 keeps it.",
        minimum=0, maximum=1, is_open=True, step=0.05)


class Sgd(PlainSolver):
    """SGD on ``1/2 sum e^2 + regularization/2 sum (|u_n|^2 + |v_m|^2 + b_n^2 + b_m^2)``.

    Both sums run over the observed ratings: ``regularization`` weighs each row once per rating
    of it. An empty learning rate is 0.12 over the root mean square of the ratings: the curvature
    of one pair is ``|u|^2 + |v|^2``, of the ratings' size.
    """

    name = "sgd"
    group = "textbook"
    label = "Stochastic gradient descent"
    summary = "The textbook's fast method: a small step after each single rating."
    objective = ("1/2 Σ (r − r_hat)² + regularization/2 · Σ (|u|² + |v|²), both sums over the "
                 "rated cells, so each row is weighed once per rating; with biases also their "
                 "squares.")
    settings_type = SgdSettings
    # Measured against the defaults, validation RMSE on ML-1M, ML-100K and the sample:
    # Quick 0.880, 0.929, 0.569 in a third of the time; Accurate 0.848, 0.911, 0.527 before its
    # refit; the defaults 0.854, 0.904, 0.534.
    presets: ClassVar[dict[str, dict[str, object]]] = {
        "Quick": {"n_factors": 8, "n_epochs": 10},
        "Accurate": {
            "n_factors": 128, "n_epochs": 60, "decay": 0.95, "patience": 10, "refit": True},
    }

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        super().__init__(ratings, settings, pool, rng)
        self._order = np.empty(ratings.n_ratings if settings.order == "shuffled" else 0, np.int32)
        self._blocks = (blocks_of(ratings, Scaling(), deal(ratings, rng, is_renumbered=False), pool)
                        if settings.order == "blocked" else None)
        self._block_size = ratings_per_block(settings.n_factors)
        self._rate = float(settings.learning_rate or self._default_rate())

    @property
    def learning_rate(self) -> float | None:
        """The rate of the next epoch, decay included."""
        return float(self._rate * self.rate_scale * self.settings.decay**self.n_epochs_done)

    def fold_in_rule(self) -> FoldInRule:
        """Return the objective's: each row weighed once per rating of it."""
        return replace(super().fold_in_rule(), is_per_rating=True)

    def run_epoch(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Visit every rating once."""
        live, settings = self._live, self.settings
        factors = (live["user_factors"], live["item_factors"], live["user_bias"],
                   live["item_bias"])
        constants = (np.float32(self._global_mean), np.float32(self.learning_rate),
                     np.float32(settings.regularization), settings.biases)
        if self._blocks is not None:
            self._visit_blocks(self._blocks, factors, constants, checkpoint)
        else:
            self._visit_shuffled(factors, constants, checkpoint)
        self.n_epochs_done += 1

    def _visit_blocks(
        self, blocks: RatingBlocks, factors: Any, constants: Any, checkpoint: Checkpoint
    ) -> None:
        """Go block by block, on all threads."""
        from mfgui.core.kernels.sgd import visit_plain_block

        def work(begin: int, end: int) -> None:
            visit_plain_block(
                blocks.users, blocks.items, blocks.values, begin, end, *factors, *constants)

        blocks.visit(work, self.pool, self.rng, self.settings.n_factors, checkpoint)

    def _visit_shuffled(self, factors: Any, constants: Any, checkpoint: Checkpoint) -> None:
        """Go through a new random order, on one thread."""
        from mfgui.core.kernels.descend import visit_pairs

        self._shuffle(checkpoint)
        ratings = self.ratings
        for begin, end in even_blocks(ratings.n_ratings, self._block_size):
            checkpoint()
            visit_pairs(self._order, ratings.user_index, ratings.item_index, ratings.value, begin,
                        end, *factors, *constants)

    def _shuffle(self, checkpoint: Checkpoint) -> None:
        """Draw the order of this epoch."""
        from mfgui.core.kernels.descend import shuffle_part

        order = self._order
        order[:] = np.arange(order.size, dtype=np.int32)
        state = self.rng.integers(0, 2**64, 1, np.uint64)
        for first in range(order.size - 1, 0, -8 * RATINGS_PER_BLOCK):
            checkpoint()
            shuffle_part(order, first, max(first - 8 * RATINGS_PER_BLOCK, 0), state)

    @classmethod
    def bytes_needed(cls, n_users: int, n_items: int, n_ratings: int, settings: Any) -> int:
        """Return the bytes: the ratings in blocks, 12 each, or their order, 4, and the factors."""
        rows = super().bytes_needed(n_users, n_items, n_ratings, settings)
        return (12 if settings.order == "blocked" else 4) * n_ratings + rows

    def penalty(self) -> float:
        """Return ``regularization/2`` times the squares, each row once per rating of it."""
        model, ratings = self.model, self.ratings
        users = squared_norms(model.user_factors) + squared_norms(model.user_bias[:, None])
        items = squared_norms(model.item_factors) + squared_norms(model.item_bias[:, None])
        total = weighed_sum(users, ratings.user_counts) + weighed_sum(items, ratings.item_counts)
        return 0.5 * float(self.settings.regularization) * total

    def _default_rate(self) -> float:
        """Return 0.12 over the root mean square of the ratings, as the class says."""
        return min(0.12 / scaling_of(self.ratings, is_centred=False).sd, LARGEST_RATE)
