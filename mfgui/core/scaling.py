"""Mean and spread of ratings: what a solver that works in normalised units takes off.

With ``r = mean + sd r'`` the same settings serve any scale. A model of normalised factors
``U'``, ``V'`` and biases ``b'`` is, in the user's units, ``U = sqrt(sd) U'``, ``V = sqrt(sd) V'``,
``b = sd b'``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from mfgui.core.ratings import FloatArray, Ratings

VALUES_PER_PART = 1 << 20


@dataclass(frozen=True)
class Scaling:
    """What is taken off the ratings before training.

    Parameters
    ----------
    mean : float
    sd : float
        Above 0.
    """

    mean: float = 0.0
    sd: float = 1.0

    @property
    def root(self) -> float:
        """``sqrt(sd)``: what a normalised factor is multiplied by in the user's units."""
        return math.sqrt(self.sd)

    def normalised(self, values: FloatArray) -> FloatArray:
        """Return ``(values - mean) / sd`` as float32, worked out in float64 by parts."""
        result = np.empty(values.size, np.float32)
        for begin in range(0, values.size, VALUES_PER_PART):
            part = values[begin : begin + VALUES_PER_PART].astype(np.float64)
            result[begin : begin + VALUES_PER_PART] = (part - self.mean) / self.sd
        return result


def scaling_of(ratings: Ratings, *, is_centred: bool = True) -> Scaling:
    """Return mean and standard deviation of the ratings, summed in float64.

    Parameters
    ----------
    is_centred : bool
        Off: a mean of 0, and the root mean square in place of the standard deviation.

    Returns
    -------
    Scaling
        A spread of 0, as all of constant ratings have, counts as 1.
    """
    mean = ratings.mean if is_centred else 0.0
    total = 0.0
    for begin in range(0, ratings.n_ratings, VALUES_PER_PART):
        part = ratings.value[begin : begin + VALUES_PER_PART].astype(np.float64) - mean
        total += float(np.square(part).sum())
    spread = math.sqrt(total / ratings.n_ratings) if ratings.n_ratings else 0.0
    # What rounding leaves of constant ratings is no spread.
    return Scaling(mean, spread if spread > 1e-6 * abs(mean) else 1.0)
