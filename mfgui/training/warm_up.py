"""Compiling what a run needs, on two made-up ratings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from mfgui.core.baselines import bias_model
from mfgui.core.metrics import Pairs
from mfgui.core.parallel import WorkerPool, no_checkpoint
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import Solver
from mfgui.training.measures import MEASURES, AverageSoFar


def two_ratings() -> Ratings:
    """Return two made-up ratings, to compile on."""
    texts = TextArray.from_strings(("a", "b"))
    index, value = np.arange(2, dtype=np.int32), np.ones(2, np.float32)
    return Ratings(index, index.copy(), value, texts, texts)


def warm_up(solver_type: type[Solver], settings: RunSettings, pool: WorkerPool) -> None:
    """Compile what the run needs, so that no epoch's time holds a compilation.

    Two epochs on two made-up ratings, the second for steps that look back at the first: it works
    for any solver.
    """
    ratings = two_ratings()
    small: dict[str, Any] = {"n_factors": 1} if hasattr(settings, "n_factors") else {}
    solver = solver_type(ratings, replace(settings, **small), pool, np.random.default_rng(0))
    for _ in range(2):
        solver.run_epoch()
        solver.look_around()
    solver.fit()
    # Pairs are measured on arrays that can be written, ratings are not: another compilation.
    pairs = Pairs(ratings.user_index.copy(), ratings.item_index.copy(), ratings.value.copy())
    measure = MEASURES[solver_type.measure](pairs, ratings, 0)
    measure.figures(solver.member_model, pool, no_checkpoint)
    bias_model(ratings, pool)
    if solver.n_members > 1:
        AverageSoFar(pairs).add(solver.member_model, pool)
