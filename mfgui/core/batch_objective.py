"""The objective of gradient-descent over all ratings together, and its derivatives.

``L = 1/2 sum e^2 + regularization/2 (|U|^2 + |V|^2 + |b|^2)``, the sum over the observed ratings,
each parameter weighed once; ``E = R_hat - R``, the negative of the residual shown to people. The
same equations in NumPy stand in ``core/objective.py``. Every pass goes over blocks of whole rows,
and sums are added in the blocks' order: the same bits for any number of threads.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mfgui.core.line_search import Quartic
from mfgui.core.parallel import WorkerPool, no_checkpoint, ratings_per_block, row_blocks
from mfgui.core.parameters import Parameters, inner_product, ordered_sum
from mfgui.core.ratings import Ratings

Checkpoint = Callable[[], None]


class BatchObjective:
    """The objective on given ratings.

    Parameters
    ----------
    ratings : Ratings
    n_factors : int
    global_mean : float
        Part of every prediction; not learned.
    regularization : float
        Weighs every parameter once.
    has_biases : bool
        Whether the biases are learned.
    pool : WorkerPool
    """

    def __init__(
        self, ratings: Ratings, n_factors: int, global_mean: float, regularization: float,
        has_biases: bool, pool: WorkerPool,
    ) -> None:
        self.global_mean, self.regularization = global_mean, regularization
        self.has_biases, self.pool = has_biases, pool
        by_item = ratings.by_item
        self.users = ratings.row_pointers, ratings.item_index, ratings.value
        self.items = by_item.pointers, by_item.user_index, by_item.value
        size = ratings_per_block(n_factors)
        self.user_blocks = row_blocks(ratings.row_pointers, size)
        self.item_blocks = row_blocks(by_item.pointers, size)

    def gradient(
        self, at: Parameters, out: Parameters, checkpoint: Checkpoint = no_checkpoint
    ) -> None:
        """Write ``dL/dU = E V + regularization U``, ``dL/dV = E^T U + regularization V``.

        Of a bias, the sum of its row's errors + regularization times the bias.
        """
        from mfgui.core.kernels.gradient import gradient_rows

        mean, regularization = np.float32(self.global_mean), np.float32(self.regularization)

        def users(begin: int, end: int) -> None:
            gradient_rows(*self.users, begin, end, at.user_factors, at.item_factors, at.user_bias,
                          at.item_bias, mean, regularization, self.has_biases,
                          out.user_factors, out.user_bias)

        def items(begin: int, end: int) -> None:
            gradient_rows(*self.items, begin, end, at.item_factors, at.user_factors, at.item_bias,
                          at.user_bias, mean, regularization, self.has_biases,
                          out.item_factors, out.item_bias)

        self.pool.run(users, self.user_blocks, checkpoint)
        self.pool.run(items, self.item_blocks, checkpoint)

    def curvature(
        self, at: Parameters, direction: Parameters, out: Parameters,
        checkpoint: Checkpoint = no_checkpoint,
    ) -> None:
        """Write the Hessian at ``at`` times ``direction``; it costs two to three gradients."""
        from mfgui.core.kernels.gradient import curvature_rows

        mean, regularization = np.float32(self.global_mean), np.float32(self.regularization)
        d = direction

        def users(begin: int, end: int) -> None:
            curvature_rows(*self.users, begin, end, at.user_factors, at.item_factors,
                           at.user_bias, at.item_bias, d.user_factors, d.item_factors,
                           d.user_bias, d.item_bias, mean, regularization, self.has_biases,
                           out.user_factors, out.user_bias)

        def items(begin: int, end: int) -> None:
            curvature_rows(*self.items, begin, end, at.item_factors, at.user_factors,
                           at.item_bias, at.user_bias, d.item_factors, d.user_factors,
                           d.item_bias, d.user_bias, mean, regularization, self.has_biases,
                           out.item_factors, out.item_bias)

        self.pool.run(users, self.user_blocks, checkpoint)
        self.pool.run(items, self.item_blocks, checkpoint)

    def along(
        self, at: Parameters, direction: Parameters, checkpoint: Checkpoint = no_checkpoint
    ) -> Quartic:
        """Return the objective at ``at + t direction`` as a polynomial in t; exact, one pass."""
        from mfgui.core.kernels.gradient import quartic_sums

        mean, d = np.float32(self.global_mean), direction

        def work(begin: int, end: int) -> tuple[float, ...]:
            sums: tuple[float, ...] = quartic_sums(
                *self.users, begin, end, at.user_factors, at.item_factors, at.user_bias,
                at.item_bias, d.user_factors, d.item_factors, d.user_bias, d.item_bias, mean)
            return sums

        blocks = self.pool.run(work, self.user_blocks, checkpoint)
        fit = [ordered_sum(list(parts)) for parts in zip(*blocks, strict=True)]
        half = 0.5 * self.regularization
        fit[0] += half * inner_product(self.pool, at, at, checkpoint)
        fit[1] += 2 * half * inner_product(self.pool, at, d, checkpoint)
        fit[2] += half * inner_product(self.pool, d, d, checkpoint)
        return Quartic(*fit)

    def penalty(self, at: Parameters) -> float:
        """Return ``regularization/2 (|U|^2 + |V|^2 + |b|^2)``."""
        return 0.5 * self.regularization * inner_product(self.pool, at, at)
