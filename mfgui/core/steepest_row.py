"""The single row along which the objective curves most: a bound on the largest curvature.

Along a direction that moves one user's row alone, by the unit vector (w, w_b), the second
derivative of the objective is exactly ``sum over the user's items of (w . v_m + w_b)^2 +
regularization``: no error takes part. With the w that suits all users together, the strongest
direction of the other side's factors, it costs one number a rating.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.batch_objective import BatchObjective
from mfgui.core.parallel import no_checkpoint
from mfgui.core.parameters import Parameters
from mfgui.core.ratings import FloatArray

Checkpoint = Callable[[], None]
Vector = NDArray[np.float64]

N_POWER_STEPS = 5


@dataclass(frozen=True, eq=False)
class RowDirection:
    """A direction of length 1 that moves one row.

    Parameters
    ----------
    factor_part, bias_part : str
        Which of the parameters' parts.
    row : int
    factors : ndarray of float32, shape (n_factors,)
    bias : float
    curvature : float
        The second derivative of the objective along it.
    """

    factor_part: str
    bias_part: str
    row: int
    factors: FloatArray
    bias: float
    curvature: float

    def along(self, x: Parameters) -> float:
        """Return its inner product with ``x``."""
        parts = x.views()
        row = parts[self.factor_part][self.row].astype(np.float64)
        return float(row @ self.factors + self.bias * float(parts[self.bias_part][self.row]))

    def add_to(self, x: Parameters, scale: float) -> None:
        """Add ``scale`` times it to ``x``."""
        parts = x.views()
        parts[self.factor_part][self.row] += np.float32(scale) * self.factors
        parts[self.bias_part][self.row] += np.float32(scale * self.bias)


def steepest_row(
    objective: BatchObjective, at: Parameters, checkpoint: Checkpoint = no_checkpoint
) -> RowDirection | None:
    """Return the row of the steepest curvature, of users and items; None if it is not finite."""
    users = ("user_factors", "user_bias", objective.users, objective.user_blocks,
             at.item_factors, objective.items)
    items = ("item_factors", "item_bias", objective.items, objective.item_blocks,
             at.user_factors, objective.users)
    best: RowDirection | None = None
    for factor_part, bias_part, side, blocks, others, other_side in (users, items):
        with np.errstate(all="ignore"):
            found = _steepest_of_side(objective, side, blocks, others, other_side, checkpoint)
        if found is None:
            return None
        row, direction, bias, curvature = found
        if best is None or curvature > best.curvature:
            best = RowDirection(factor_part, bias_part, row, direction, bias, curvature)
    return best


def _steepest_of_side(
    objective: BatchObjective, side: Any, blocks: Any, others: FloatArray, other_side: Any,
    checkpoint: Checkpoint,
) -> tuple[int, FloatArray, float, float] | None:
    """Return row, factors, bias and curvature of one side's steepest row."""
    from mfgui.core.kernels.gradient import row_sums

    counts = np.diff(other_side[0])
    w, w_bias = _strongest_direction(others, counts, objective.has_biases, checkpoint)
    squares = (_times(others, w) + w_bias) ** 2
    pointers, columns, _ = side
    sums = np.empty(pointers.size - 1)
    objective.pool.run(
        lambda begin, end: row_sums(pointers, columns, begin, end, squares, sums), blocks,
        checkpoint)
    row = int(sums.argmax())
    curvature = float(sums[row]) + objective.regularization
    if not math.isfinite(curvature):
        return None
    return row, w.astype(np.float32), w_bias, curvature


def _strongest_direction(
    rows: FloatArray, counts: NDArray[np.int64], has_biases: bool, checkpoint: Checkpoint
) -> tuple[Vector, float]:
    """Return the unit vector (w, w_b) that rows (v, 1), each as often as it is rated, follow most.

    A few steps of the power method from the row that weighs most; w_b is 0 without biases.
    """
    one = 1.0 if has_biases else 0.0
    heaviest = int(np.argmax(counts * np.einsum("nf,nf->n", rows, rows)))
    w, w_bias = _unit(rows[heaviest].astype(np.float64), one)
    for _ in range(N_POWER_STEPS):
        along = counts * (_times(rows, w) + one * w_bias)
        w, w_bias = _unit(
            (along.astype(np.float32) @ rows).astype(np.float64), one * float(along.sum()))
        checkpoint()
    return w, w_bias


def _unit(w: Vector, w_bias: float) -> tuple[Vector, float]:
    """Return (w, w_b) at length 1; of zeros, the first axis."""
    length = math.sqrt(float(w @ w) + w_bias**2)
    if length == 0:
        return np.eye(1, w.size)[0], 0.0
    return w / length, w_bias / length


def _times(rows: FloatArray, w: Vector) -> Vector:
    """Return ``rows w``, made in float32: a copy in float64 would take longer than all the rest."""
    return (rows @ w.astype(np.float32)).astype(np.float64)
