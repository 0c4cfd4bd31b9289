"""The largest stable rate: 2 over the largest curvature, from above.

One fixed step multiplies the error along an eigenvector of the Hessian by ``1 - rate lambda``: it
shrinks while ``rate < 2 / lambda``, so the largest *positive* eigenvalue sets the limit. The
Hessian of a factorization is indefinite (at the start it has -lambda beside lambda). What is
found here are Rayleigh-Ritz values, which come from below: the limit is an upper bound.

- After the first epoch, 12 steps of Lanczos's method (Golub, Van Loan (2013), Matrix
  Computations, 10.1): three vectors, nothing orthogonalized anew, for an eigenvalue that was
  found twice is still the largest.
- Then, every 40 epochs, one step from a kept vector x: the largest Ritz value of x and b, and the
  power method's next x, ``H x + shift x``; the shift weighs down what is negative, as far as that
  was seen, and the middle of the rest. With a product that costs two to three gradients that took
  5 to 8 % of the training's time; how often is a matter of counting, not of the clock.

b moves one row alone, the one of the steepest curvature. The vector found at the start says
nothing of what comes after (measured on ML-1M: 0.004 of the largest curvature at epoch 21), while
the largest eigenvector soon sits on the user or item with the most ratings: b, which costs next to
nothing, gave 0.8 of the largest curvature at epoch 16 and 0.99 from epoch 21 on. With both, what
was found was 0.89 to 1.00 of the true value at all times on ML-1M and ML-100K, and 0.7 of it on
125 ratings, where many curvatures are close together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mfgui.core.batch_objective import BatchObjective
from mfgui.core.parallel import no_checkpoint
from mfgui.core.parameters import Parameters, combine, inner_product
from mfgui.core.steepest_row import RowDirection, steepest_row

Checkpoint = Callable[[], None]

N_LANCZOS_STEPS = 12
EPOCHS_PER_STEP = 40


class LargestCurvature:
    """Follows the largest positive eigenvalue of the Hessian of an objective.

    Parameters
    ----------
    objective : BatchObjective
    at : Parameters
        Where it is measured; changed by whoever trains.

    Attributes
    ----------
    vector : Parameters
        x; 0 before the first look.
    largest : float
        The eigenvalue as last found, from below; 0 where it is not known.
    epoch : int
        When that was; -1 for never.
    """

    def __init__(self, objective: BatchObjective, at: Parameters) -> None:
        self._objective, self._at, self._pool = objective, at, objective.pool
        self.vector = at.alike()
        self.reset()

    def reset(self) -> None:
        """Forget what was seen."""
        self.vector.flat[:] = 0
        self.largest = self._lowest = 0.0
        self.epoch = -1

    def numbers(self) -> dict[str, Any]:
        """Return what beside ``vector`` the next look depends on."""
        return {"largest": self.largest, "lowest": self._lowest, "epoch": self.epoch}

    def set_numbers(self, numbers: Mapping[str, Any]) -> None:
        """Take back what ``numbers`` gave."""
        self.largest, self._lowest = numbers["largest"], numbers["lowest"]
        self.epoch = numbers["epoch"]

    def look(
        self, epoch: int, gradient: Parameters, checkpoint: Checkpoint = no_checkpoint
    ) -> None:
        """Measure, where it is time to.

        Parameters
        ----------
        epoch : int
        gradient : Parameters
            The last gradient, where Lanczos's method begins; overwritten.
        """
        if self.epoch >= 0 and epoch < self.epoch + EPOCHS_PER_STEP:
            return
        row = steepest_row(self._objective, self._at, checkpoint)
        if row is None:
            return
        if self.epoch < 0:
            largest = self._lanczos(row, gradient, checkpoint)
        else:
            largest = self._step(row, gradient, checkpoint)
        if math.isfinite(largest):
            self.largest, self.epoch = max(largest, row.curvature), epoch

    def _lanczos(self, row: RowDirection, product: Parameters, checkpoint: Checkpoint) -> float:
        """Return the largest Ritz value of 12 steps; ``product`` holds the gradient."""
        pool, at, x, before = self._pool, self._at, self._at.alike(), self.vector
        self._mix(product, row, out=x)
        diagonal, beside = [], [0.0]
        for _ in range(N_LANCZOS_STEPS):
            self._objective.curvature(at, x, product, checkpoint)
            diagonal.append(inner_product(pool, x, product, checkpoint))
            combine(pool, 1.0, product, -diagonal[-1], x, product, checkpoint)
            combine(pool, 1.0, product, -beside[-1], before, product, checkpoint)
            beside.append(math.sqrt(inner_product(pool, product, product, checkpoint)))
            if not beside[-1] > 1e-6 * max(map(abs, diagonal)):  # all directions seen, or NaN
                break
            before, x = x, before
            combine(pool, 1 / beside[-1], product, 0.0, product, x)
        self._mix(at, row, out=self.vector)
        if not all(map(math.isfinite, diagonal + beside)):
            return math.nan
        inner = beside[1 : len(diagonal)]
        values = np.linalg.eigvalsh(np.diag(diagonal) + np.diag(inner, 1) + np.diag(inner, -1))
        self._lowest = float(values[0])
        return float(values[-1])

    def _step(self, row: RowDirection, product: Parameters, checkpoint: Checkpoint) -> float:
        """Return the largest Ritz value of x and b, and make the next x; ``product`` is scratch."""
        x = self.vector
        self._objective.curvature(self._at, x, product, checkpoint)
        own = inner_product(self._pool, x, product)
        if not math.isfinite(own):
            return math.nan
        largest, of_x, of_row = _larger_of_two(
            own, row.along(product), row.curvature, row.along(x))
        self._lowest = min(0.5 * self._lowest, own)  # training leaves the saddle behind
        if own < 0.5 * largest:  # what x was is gone
            self._mix(self._at, row, out=x)
            return largest
        shift = -min(self._lowest, 0.0) - 0.25 * largest
        combine(self._pool, of_x, product, of_x * shift, x, x)
        row.add_to(x, of_row * (largest + shift))
        self._normalize(x)
        return largest

    def _mix(self, one: Parameters, row: RowDirection, out: Parameters) -> None:
        """Write the direction of factors, of ``one`` and of the row, in equal parts."""
        at = self._at
        combine(self._pool, self._inverse_length(at), at, self._inverse_length(one), one, out)
        row.add_to(out, 1.0)
        self._normalize(out)

    def _normalize(self, x: Parameters) -> None:
        combine(self._pool, self._inverse_length(x), x, 0.0, x, x)

    def _inverse_length(self, x: Parameters) -> float:
        """Return 1 / |x|, 0 of a vector of 0."""
        length = math.sqrt(inner_product(self._pool, x, x))
        return 1 / length if length else 0.0


def _larger_of_two(
    own: float, across: float, other: float, overlap: float
) -> tuple[float, float, float]:
    """Return the larger Ritz value of two unit vectors x and b, and its vector's shares of both.

    Parameters
    ----------
    own, across, other, overlap : float
        ``x . H x``, ``b . H x``, ``b . H b`` and ``b . x``.
    """
    rest = 1 - overlap**2
    if rest < 1e-6:
        return max(own, other), 1.0, 0.0
    # b less its part along x, of length 1
    across_rest = (across - overlap * own) / math.sqrt(rest)
    own_rest = (other - 2 * overlap * across + overlap**2 * own) / rest
    values, vectors = np.linalg.eigh([[own, across_rest], [across_rest, own_rest]])
    of_x, of_rest = vectors[:, 1]
    share = float(of_rest) / math.sqrt(rest)
    return float(values[1]), float(of_x) - overlap * share, share
