"""How a solver's model solves for one row: what a new user, or an explanation, needs to know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FoldInRule:
    """One row's least squares problem with the other side fixed, in the user's units.

    Minimizes ``1/2 sum w e^2 + ridge/2 |row|^2 + bias_ridge/2 bias^2``, the sum over the row's
    ratings (over all cells of the row where ``confidence`` is set).

    Parameters
    ----------
    regularization, bias_regularization : float
        In the user's units: of a solver on normalised ratings its own times their standard
        deviation, and its own.
    is_per_rating : bool
        Whether they weigh once per rating of the row, and ``damping`` times more, or once.
    damping : float
        In ratings.
    has_bias : bool
        Whether the row's bias is solved for together with its factors.
    is_nonnegative : bool
        Whether no factor may be below 0.
    confidence : str
        "" for ratings; of preferences how sure a number makes: "log" or "linear".
    alpha, median : float
        Of the confidence: ``1 + alpha log(1 + r / median)``, or ``1 + alpha r``.
    """

    regularization: float = 0.0
    bias_regularization: float = 0.0
    is_per_rating: bool = True
    damping: float = 0.0
    has_bias: bool = False
    is_nonnegative: bool = False
    confidence: str = ""
    alpha: float = 0.0
    median: float = 1.0

    @property
    def is_minimum_norm(self) -> bool:
        """Whether nothing holds the row back: of many solutions the shortest is taken."""
        return self.regularization == 0

    def ridges(self, n_ratings: int) -> tuple[float, float]:
        """Return what holds the factors and the bias of a row with so many ratings back."""
        weight = n_ratings + self.damping if self.is_per_rating else 1.0
        return self.regularization * weight, self.bias_regularization * weight

    def confidences(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how sure each value makes that there is a preference; 1 where it is none."""
        positive = np.maximum(values, 0.0)
        if self.confidence == "log":
            return np.asarray(1 + self.alpha * np.log1p(positive / self.median))
        return np.asarray(1 + self.alpha * positive)
