"""What is asked of the equations' thread, from what is open, shown and pinned now."""

from __future__ import annotations

from typing import Any

from mfgui.core.settings import RunSettings
from mfgui.gui.run_model import RunModel
from mfgui.gui.view_state import ViewState
from mfgui.inspection.equation_desk import Question
from mfgui.inspection.methods import settings_of


def question_of(
    kind: str, model: RunModel, state: ViewState, typed_rate: float | None, member: int
) -> Question | None:
    """Return what is to be asked; None where nothing is open.

    Parameters
    ----------
    kind : str
        "look", or a step.
    member : int
        Of an average: the last one where it has fewer.
    """
    known = model.known
    if known is None:
        return None
    solver, settings = _solver_of(model)
    rate = model.history[-1].learning_rate if model.history else None
    cell = state.pinned
    if cell is not None and not (0 <= cell[0] < known.ratings.n_users
                                 and 0 <= cell[1] < known.ratings.n_items):
        cell = None
    own = model.snapshot.model if model.snapshot is not None else None
    member = min(member, len(own.members) - 1) if own is not None else 0
    return Question(kind, known, own, solver, settings, rate, typed_rate, cell, member)


def _solver_of(model: RunModel) -> tuple[str, RunSettings | None]:
    """Return the solver and the settings of the model that is shown."""
    opened = model.opened_model
    if model.settings is None and opened is None:
        return model.next_run  # before any run the steps are those of the method in the form
    if opened is None or model.result is not None or model.status.is_running:
        return model.solver, model.settings
    card: dict[str, Any] = opened.card
    solver = str(card.get("solver", ""))
    values = card.get("settings")
    return solver, settings_of(solver, values) if isinstance(values, dict) else None
