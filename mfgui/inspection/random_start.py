"""Where step mode begins before any training: small random factors, in the plain form."""

from __future__ import annotations

import numpy as np

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.core.solvers.base import random_factors

SOLVER = "sgd"
N_FACTORS = 2
INITIAL_SD = 0.6
REGULARIZATION = 0.02


def random_start(ratings: Ratings, seed: int = 0) -> FactorModel:
    """Return a model of two random factors on each side, as plain sgd could begin from."""
    users, items = random_factors(ratings, N_FACTORS, INITIAL_SD, np.random.default_rng(seed))
    return FactorModel(
        users, items, np.zeros(ratings.n_users, np.float32), np.zeros(ratings.n_items, np.float32),
        0.0, ratings.scale, clip=False, rules=(FoldInRule(REGULARIZATION, REGULARIZATION),))
