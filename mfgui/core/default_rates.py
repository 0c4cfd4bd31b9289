"""Rates of gradient-descent where none is asked for, found from the training ratings."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.batch_objective import BatchObjective
from mfgui.core.parallel import even_blocks
from mfgui.core.ratings import Ratings
from mfgui.core.scaling import scaling_of

Vector = NDArray[np.float64]

PAIRS_PER_PART = 1 << 20
FIXED_SHARE = 0.2
ADAM_SHARE = 0.1
WITHOUT_CURVATURE = 0.1


def fixed_rate(objective: BatchObjective, ratings: Ratings, rng: np.random.Generator) -> float:
    """Return a fifth of 2 / the largest curvature that is to be expected near a solution.

    Of the factors that is sigma_max of R (less the mean where it is subtracted, missing cells 0);
    of two biases at most the two counts of a rated pair together.
    """
    curvature = largest_singular_value(objective, rng)
    if objective.has_biases:
        curvature = max(curvature, largest_pair_of_counts(ratings))
    return FIXED_SHARE * 2 / curvature if curvature > 0 else WITHOUT_CURVATURE


def largest_pair_of_counts(ratings: Ratings) -> float:
    """Return the most ratings that a user and an item who have one together have."""
    largest = 0
    for begin, end in even_blocks(ratings.n_ratings, PAIRS_PER_PART):
        users, items = ratings.user_index[begin:end], ratings.item_index[begin:end]
        largest = max(largest, int((ratings.user_counts[users] + ratings.item_counts[items]).max()))
    return float(largest)


def adam_rate(ratings: Ratings, n_factors: int, *, is_centred: bool) -> float:
    """Return ``0.1 sd / sqrt(n_factors rms)``, rms that of the ratings, less their mean if centred.

    Factors are about ``sqrt(rms / n_factors)`` each. If all of them grow by the rate, r_hat does
    by ``2 rate sqrt(n_factors rms)``, a fifth of a standard deviation, and goes on so for the ten
    steps that Adam's momentum lasts: without a mean twice the rate raised the loss 1.7 times over
    on the way (ML-1M, ML-100K, 8 to 128 factors), this one at most 1.2.
    """
    spread = scaling_of(ratings).sd
    size = scaling_of(ratings, is_centred=is_centred).sd
    return ADAM_SHARE * spread / math.sqrt(n_factors * size)


def largest_singular_value(objective: BatchObjective, rng: np.random.Generator) -> float:
    """Return sigma_max of R less the objective's mean, missing cells 0.

    Power iteration on R^T R, from a vector of ones, which is close for positive ratings.
    """
    n_items = objective.items[0].size - 1
    right = np.full(n_items, n_items**-0.5)
    right += rng.normal(0, 0.01 * right[0], right.size)
    size = 0.0
    for _ in range(100):
        left = _multiply(objective, objective.users, objective.user_blocks, right)
        right = _multiply(objective, objective.items, objective.item_blocks, left)
        norm = float(np.linalg.norm(right))
        if norm == 0:
            return 0.0
        right /= norm
        before, size = size, norm**0.5
        if abs(size - before) <= 1e-4 * size:
            break
    return size


def _multiply(objective: BatchObjective, side: Any, blocks: Any, vector: Vector) -> Vector:
    """Return R x, or with the items' side R^T x, in float64."""
    from mfgui.core.kernels.evaluate import multiply_rows

    pointers, columns, values = side
    shift, out = np.float32(objective.global_mean), np.empty(pointers.size - 1)
    objective.pool.run(lambda begin, end: multiply_rows(
        pointers, columns, values, begin, end, shift, vector, out), blocks)
    return out
