"""Implicit alternating least squares: what people have to do with at all, and how sure that is.

Hu, Koren, Volinsky (2008), Collaborative Filtering for Implicit Feedback Datasets, ICDM. All cells
count, those without a rating as "no preference, and not sure of it"; their sum is had from the
Gram matrix of the other side (eq. 4), so that only the ratings are visited.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.core.parallel import (
    WorkerPool,
    even_blocks,
    no_checkpoint,
    ratings_per_block,
    row_blocks,
)
from mfgui.core.parameters import Parameters
from mfgui.core.ratings import FloatArray, Ratings
from mfgui.core.row_solves import (
    RowMethod,
    RowSide,
    RowSolves,
    Targets,
    ridges_of,
    row_bytes,
)
from mfgui.core.settings import epochs_setting, refit_setting, setting
from mfgui.core.solvers.als import RowSettings
from mfgui.core.solvers.base import Arrays, Checkpoint, Fit, Solver, random_factors, squared_norms

GRAM_WORK = 1 << 24  # multiplications in a block, about a millisecond
BLOCKS_AT_ONCE = 8  # Gram matrices of blocks that are held at a time


@dataclass(frozen=True)
class ImplicitAlsSettings(RowSettings):
    """Settings of implicit-als."""

    n_epochs: int = epochs_setting(20)
    patience: int = setting(
        3, "Patience", "Stop after this many epochs without a better validation NDCG and keep the "
        "best factors; 0 never stops early and keeps the last.",
        minimum=0, maximum=1_000_000, unit="epochs", group="run")
    refit: bool = refit_setting(default=True)
    confidence: str = setting(
        "log", "Confidence", "How sure a larger number makes that there is a preference: counts "
        "have long tails, and the logarithm tames them.",
        choices={"log": "1 + alpha log(1 + r / median)", "linear": "1 + alpha r"})
    alpha: float = setting(
        4.0, "Alpha", "How much more a preference weighs than a cell without a rating.",
        minimum=0, maximum=1e30, is_log=True)
    regularization: float = setting(
        20.0, "Regularization", "How strongly large factors are held back; 0 not at all.",
        minimum=0, maximum=1e30, is_log=True)
    initial_sd: float = setting(
        0.01, "Initial spread", "Standard deviation of the random factors that training starts "
        "from.", minimum=0, maximum=1000, is_open=True, is_log=True, is_fixed_by_model=True)


class ImplicitAls(Solver):
    """Weighted ALS on preferences: ``p_nm = 1`` where ``r_nm > 0``, else 0.

    Minimizes ``1/2 sum over all cells of c_nm (p_nm - x_n . y_m)^2
    + regularization/2 (|X|^2 + |Y|^2)``, each parameter weighed once. The confidence ``c_nm`` is
    ``1 + alpha log(1 + r_nm / median)`` where ``r_nm > 0``, the median being that of the positive
    training ratings, or ``1 + alpha r_nm``; it is 1 in all other cells, so that a rating of 0 or
    below is like none.

    An epoch solves all users, then all items; neither half raises the objective. What is said of
    rows without a unique solution at ``Als`` holds here too.
    """

    name = "implicit-als"
    label = "Implicit ALS"
    summary = ("For counts, clicks and plays rather than ratings: ranks what a person would have "
               "to do with.")
    objective = ("1/2 Σ c · (p − x · y)² over all cells + regularization/2 · (|X|² + |Y|²), each "
                 "parameter weighed once; p = 1 where r > 0, else 0; c = 1 + alpha · log(1 + r / "
                 "median of the positive r), or 1 + alpha · r, where r > 0, else 1.")
    group = "special"
    measure = "ndcg"
    settings_type = ImplicitAlsSettings
    # Measured on Last.fm, held-out NDCG@10, mean of three splits: Quick 0.196 in a fifth of the
    # time, Accurate 0.213, the defaults 0.209. The defaults are near the best of a grid there.
    presets: ClassVar[dict[str, dict[str, object]]] = {
        "Quick": {"n_factors": 32, "n_epochs": 8, "refit": False},
        "Accurate": {"n_factors": 128},
    }

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        super().__init__(ratings, settings, pool, rng)
        live = self._live = Parameters(ratings.n_users, ratings.n_items, settings.n_factors)
        live.user_factors[:], live.item_factors[:] = random_factors(
            ratings, settings.n_factors, settings.initial_sd, rng)
        median = self._median = positive_median(ratings.value)
        by_item, by_user = ratings.by_item, np.empty_like(ratings.value)
        by_item.value.flags.writeable = True  # made for this solver alone
        self._sides = (
            self._side(ratings.row_pointers, ratings.item_index, live.user_factors,
                       live.user_bias, live.item_factors,
                       self._excess(ratings.value, median, by_user)),
            self._side(by_item.pointers, by_item.user_index, live.item_factors, live.item_bias,
                       live.user_factors, self._excess(by_item.value, median, by_item.value)))

    def _excess(self, values: FloatArray, median: float, out: FloatArray) -> FloatArray:
        """Write the confidences less 1 to ``out``, which may be the values' own array."""
        from mfgui.core.kernels.implicit import fill_excess

        is_log, alpha = self.settings.confidence == "log", float(self.settings.alpha)
        self.pool.run(lambda begin, end: fill_excess(
            values, begin, end, alpha, median, is_log, out), even_blocks(values.size))
        return out

    def _side(
        self, pointers: NDArray[np.int64], columns: NDArray[np.int32], rows: FloatArray,
        bias: FloatArray, others: FloatArray, excess: FloatArray,
    ) -> tuple[RowSide, RowSolves, FloatArray]:
        """Return the rows of a side, what solves them, and the confidences less 1."""
        from mfgui.core.kernels.implicit import fill_scales

        scales = np.empty(rows.shape[0], np.float32)
        self.pool.run(lambda begin, end: fill_scales(
            pointers, excess, begin, end, scales), row_blocks(pointers))
        ridges = ridges_of(self.settings.regularization, scales)
        side = RowSide(pointers, columns, rows, bias, others, ridges, np.zeros_like(ridges), scales)
        return side, RowSolves(side, RowMethod(self.settings.n_steps, False)), excess

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the factors."""
        return {"user_factors": self._live.user_factors, "item_factors": self._live.item_factors}

    def model_of(self, arrays: Arrays) -> FactorModel:
        """Return the model of preferences; its factors are not copied."""
        users, items = arrays["user_factors"], arrays["item_factors"]
        return FactorModel(
            users, items, np.zeros(users.shape[0], np.float32),
            np.zeros(items.shape[0], np.float32), 0.0, (0.0, 1.0), self.settings.clip,
            target="preference", rules=(self.fold_in_rule(),))

    def fold_in_rule(self) -> FoldInRule:
        """Return the objective's: over all cells of the row, each parameter weighed once."""
        settings = self.settings
        return FoldInRule(
            settings.regularization, is_per_rating=False, confidence=settings.confidence,
            alpha=settings.alpha, median=self._median)

    def run_epoch(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Solve all users, then all items."""
        for side in (0, 1):
            self.half_sweep(side, checkpoint)
        self.n_epochs_done += 1

    def half_sweep(self, side: int, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Solve the users (0) or the items (1), the other side fixed."""
        from mfgui.core.kernels.implicit import fill_targets

        rows, solves, excess = self._sides[side]

        def targets_of(begin: int, end: int) -> Targets:
            count = int(rows.pointers[end] - rows.pointers[begin])
            targets, weights = np.empty(count, np.float32), np.empty(count, np.float32)
            fill_targets(rows.pointers, excess, rows.scales, begin, end, targets, weights)
            return targets, weights

        base = gram(rows.others, self.pool, checkpoint).astype(np.float32)
        solves.run(targets_of, self.pool, checkpoint, base)

    def fit(self, checkpoint: Checkpoint = no_checkpoint) -> Fit:
        """Measure the objective over all cells."""
        data_term = self._data_term(checkpoint)
        return Fit(data_term + self.penalty(), data_term, None)

    def penalty(self) -> float:
        """Return ``regularization/2 (|X|^2 + |Y|^2)``."""
        total = sum(float(squared_norms(rows).sum()) for rows in self.arrays().values())
        return 0.5 * float(self.settings.regularization) * total

    def _data_term(self, checkpoint: Checkpoint) -> float:
        """Return ``1/2 sum of c (p - x.y)^2`` over all cells, in float64.

        The sum of (x.y)^2 over all cells is the inner product of the two Gram matrices.
        """
        from mfgui.core.kernels.implicit import preferred_sum

        rows, _, excess = self._sides[0]
        sums = self.pool.run(lambda begin, end: float(preferred_sum(
            rows.pointers, rows.columns, excess, begin, end, rows.rows, rows.others)),
            row_blocks(rows.pointers, ratings_per_block(rows.rows.shape[1])), checkpoint)
        users, items = (gram(each, self.pool, checkpoint) for each in self.arrays().values())
        with np.errstate(over="ignore", invalid="ignore"):
            sums.append(float(np.vdot(users, items)))
        return 0.5 * math.fsum(sums) if all(map(math.isfinite, sums)) else math.nan

    @classmethod
    def bytes_needed(cls, n_users: int, n_items: int, n_ratings: int, settings: Any) -> int:
        """Return the bytes: users by item and confidences twice, 4 each, matrices, the factors."""
        rows = super().bytes_needed(n_users, n_items, n_ratings, settings)
        # Each block has its rows in float64, its matrix, and what BLAS takes to multiply them.
        matrices = 8 * 4 * BLOCKS_AT_ONCE * settings.n_factors**2
        room = row_bytes(settings.n_factors, settings)
        return int(12 * n_ratings + rows + matrices + room)


def positive_median(values: FloatArray) -> float:
    """Return the median of the values above 0; 1 where there is none."""
    positive = values[values > 0]
    if not positive.size:
        return 1.0
    middle = [(positive.size - 1) // 2, positive.size // 2]
    positive.partition(middle)  # np.median would copy, and overflow where values are large
    return float(positive[middle].astype(np.float64).mean())


def gram(
    rows: FloatArray, pool: WorkerPool, checkpoint: Checkpoint = no_checkpoint
) -> NDArray[np.float64]:
    """Return ``rows^T rows`` in float64, made by blocks and added in their order.

    Parameters
    ----------
    rows : ndarray of float32, shape (n, n_factors)

    Returns
    -------
    ndarray of float64, shape (n_factors, n_factors)
    """
    n, n_factors = rows.shape
    total = np.zeros((n_factors, n_factors))

    def work(begin: int, end: int) -> NDArray[np.float64]:
        part = rows[begin:end].astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore"):  # where training has diverged
            product: NDArray[np.float64] = part.T @ part
        return product

    blocks = even_blocks(n, max(GRAM_WORK // n_factors**2, 16))
    for first in range(0, len(blocks), BLOCKS_AT_ONCE):
        for product in pool.run(work, blocks[first : first + BLOCKS_AT_ONCE], checkpoint):
            total += product
    return total
