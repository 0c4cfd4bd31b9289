"""A copy of a model that is changed step by step, in the place of the run's own."""

from __future__ import annotations

from dataclasses import dataclass

from mfgui.core.model import FactorModel


@dataclass(frozen=True, eq=False)
class Trial:
    """A copy that is looked at instead of the run's model.

    Parameters
    ----------
    model : FactorModel
    text : str
        What it is, for people: "a copy, 3 steps on".
    losses : tuple of float
        The solver's objective at the start and after each step.
    rmses : tuple of float
        The RMSE on the training ratings, raw, likewise; empty where the numbers are no ratings.
    """

    model: FactorModel
    text: str
    losses: tuple[float, ...] = ()
    rmses: tuple[float, ...] = ()
