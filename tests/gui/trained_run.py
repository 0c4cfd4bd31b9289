"""A run model with a run in it, for tests of what is shown of a model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject

from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.data.small_matrix import parse_matrix
from mfgui.gui.run_model import RunModel
from mfgui.gui.view_state import ViewState
from mfgui.inspection.order import Order, OrderChoice
from mfgui.training.events import Snapshot
from mfgui.training.session import TrainingSession


def opened_run(ratings: Ratings, parent: QObject) -> tuple[RunModel, ViewState]:
    """Return the models of a window in which ratings were opened, shown as in the file."""
    model, state = RunModel(parent), ViewState(parent)
    model.set_ratings(ratings, parse_matrix("1 2\n3 4")[1])
    state.set_size(ratings.n_users, ratings.n_items)
    state.set_order(Order(OrderChoice(), np.arange(ratings.n_users, dtype=np.int32),
                          np.arange(ratings.n_items, dtype=np.int32)))
    return model, state


def train(model: RunModel, solver: str = "als", **settings: object) -> None:
    """Train on the open ratings, as the window does."""
    assert model.ratings is not None
    values = {"n_factors": 4, "n_epochs": 4, **settings}
    chosen = SOLVERS[solver].settings_type(**values)  # type: ignore[arg-type]
    model.start_run(solver, chosen)
    model.add_events(list(TrainingSession(solver, chosen, model.ratings).epochs()))


def step_on(model: RunModel, by: float = 1.01) -> None:
    """Show newer factors, a little longer than those before."""
    assert model.snapshot is not None
    factors = model.snapshot.model
    moved = replace(factors, user_factors=factors.user_factors * np.float32(by))
    model.snapshot = Snapshot(model.snapshot.epoch + 1, moved, model.snapshot.is_refit)
    model.snapshot_changed.emit()
