"""The setup's form from one start to the next: the solver of last time with its settings."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from mfgui.core.settings import as_dict
from mfgui.core.solvers import DEFAULT_SOLVER
from mfgui.errors import SettingsError
from mfgui.gui.stored_state import StoredState

if TYPE_CHECKING:
    from mfgui.gui.panels.setup import SetupPanel

LOG = logging.getLogger("mfgui")


def restore_form(stored: StoredState, setup: SetupPanel) -> None:
    """Choose the solver of last time with its settings; what does not fit any more is left."""
    setup.set_solver(stored.choice("solver", DEFAULT_SOLVER))
    values = stored.solver_settings().get(setup.solver_name, {})
    for name, value in values.items():
        try:
            setup.form.set_value(name, value)
        except (KeyError, TypeError, ValueError):
            LOG.warning("the stored value of %s does not fit any more", name)


def keep_form(stored: StoredState, setup: SetupPanel) -> None:
    """Store solver and settings, if they are sound."""
    stored.set_choice("solver", setup.solver_name)
    try:
        values = as_dict(setup.form.settings())
    except SettingsError:
        return
    stored.set_solver_settings({**stored.solver_settings(), setup.solver_name: values})
