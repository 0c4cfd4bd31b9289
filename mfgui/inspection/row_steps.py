"""What step mode does with whole rows: steps down their gradients, and rows solved anew."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core import objective
from mfgui.core.fold_in import fold_in_item, fold_in_user, gram_of
from mfgui.core.parallel import no_checkpoint
from mfgui.inspection.row_lines import user_side
from mfgui.inspection.trial_state import Checkpoint, TrialState


def descend_user(state: TrialState, user: int) -> None:
    """Step down the gradient of one user's row alone."""
    at, rule = state.at, state.rule
    side = user_side(state.exact_model, state.known, user)
    errors = side.errors
    slope = objective.row_gradient(errors, side.others, side.row, rule.regularization)
    at.user_factors[user] -= state.method.factor_rate * slope
    if rule.has_bias:
        at.user_bias[user] -= state.bias_rate * (
            float(errors.sum()) + rule.bias_regularization * side.bias)


def descend(state: TrialState, checkpoint: Checkpoint = no_checkpoint) -> None:
    """Step down the gradient of all ratings."""
    moved = objective.full_step(state.at, state.gradient(checkpoint), state.method.factor_rate)
    for array, result in zip(state.at, moved, strict=True):
        array[...] = result


def solve_user(state: TrialState, user: int, gram: NDArray[Any] | None = None) -> None:
    """Solve a user's row, the items fixed.

    ``gram`` is ``V^T V``, where the objective counts all cells; made where it is None.
    """
    items, values = state.known.user_row(user)
    row = fold_in_user(state.exact_model, state.rule, items, values, gram).row
    _put(state, state.at.user_factors, state.at.user_bias, user, row)


def solve_item(state: TrialState, item: int, gram: NDArray[Any] | None = None) -> None:
    """Solve an item's row, the users fixed; as ``solve_user``."""
    users, values = state.known.item_row(item)
    row = fold_in_item(state.exact_model, state.rule, users, values, gram).row
    _put(state, state.at.item_factors, state.at.item_bias, item, row)


def solve_all(state: TrialState, checkpoint: Checkpoint = no_checkpoint) -> None:
    """Solve all users, then all items; a row without a rating stays."""
    sides = ((state.training.user_counts, state.at.item_factors, solve_user),
             (state.training.item_counts, state.at.user_factors, solve_item))
    for counts, others, solve in sides:
        gram = gram_of(others) if state.rule.confidence else None
        for row in np.flatnonzero(counts):
            checkpoint()
            solve(state, int(row), gram)


def _put(
    state: TrialState, factors: NDArray[Any], biases: NDArray[Any], place: int, row: NDArray[Any]
) -> None:
    """Write a solved row, its bias at its end."""
    factors[place] = row[: factors.shape[1]]
    if state.rule.has_bias:
        biases[place] = row[-1]
