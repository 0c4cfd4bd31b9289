"""What a solver is: it makes one epoch; it does not loop.

Stopping, timing, validation and records are written once, in ``training``. A new solver is one
file beside this one and one line in ``SOLVERS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, no_checkpoint
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, setting


@dataclass(frozen=True)
class FactorSettings(RunSettings):
    """The settings of solvers that descend on two factor matrices."""

    n_factors: int = setting(
        32, "Factors", "How many latent factors each user and each item gets.",
        minimum=1, maximum=1_000_000, is_fixed_by_model=True)
    learning_rate: float | None = setting(
        None, "Learning rate", "How far each step goes down the gradient; empty: found from the "
        "ratings and shown.", minimum=0, maximum=1e30, is_open=True, is_log=True)
    regularization: float = setting(
        0.0, "Regularization", "How strongly large factors are held back; 0 not at all.",
        minimum=0, maximum=1e30, is_log=True)
    biases: bool = setting(
        False, "Biases", "Add the global mean and a bias for each user and each item; off: the "
        "plain form U V^T.", is_fixed_by_model=True)
    initial_sd: float = setting(
        0.1, "Initial spread", "Standard deviation of the random factors that training starts "
        "from.", minimum=0, maximum=1000, is_open=True, is_log=True, is_fixed_by_model=True)


class Solver:
    """Base of the solvers: factors, random generator, state.

    Parameters
    ----------
    ratings : Ratings
        The training ratings; at least one.
    settings : RunSettings
        Of the solver's ``settings_type``.
    pool : WorkerPool
    rng : numpy.random.Generator

    Attributes
    ----------
    name, label, summary, objective : str
        The option's word, the name people read, when to use it, what it minimizes in full.
    settings_type : type
    presets : dict
        By name what a button puts into the form: values by setting, the others at their defaults.
    learning_rate : float or None
        The rate of the next epoch.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    summary: ClassVar[str]
    objective: ClassVar[str]
    settings_type: ClassVar[type[FactorSettings]]
    presets: ClassVar[dict[str, dict[str, object]]] = {}

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        self.ratings, self.settings, self.pool, self.rng = ratings, settings, pool, rng
        self.n_epochs_done = 0
        self.model = self._starting_model()

    def _starting_model(self) -> FactorModel:
        """Return random factors; rows without a training rating are 0, for nothing is known."""
        settings, ratings = self.settings, self.ratings
        parts = []
        for counts in (ratings.user_counts, ratings.item_counts):
            rows = self.rng.standard_normal((counts.size, settings.n_factors), np.float32)
            rows *= np.float32(settings.initial_sd)
            rows[counts == 0] = 0
            parts.append(rows)
        return FactorModel(
            parts[0], parts[1],
            np.zeros(ratings.n_users, np.float32), np.zeros(ratings.n_items, np.float32),
            float(np.float32(ratings.mean)) if settings.biases else 0.0, ratings.scale,
            settings.clip)

    @property
    def learning_rate(self) -> float | None:
        """The rate of the next epoch; None where the solver has none."""
        return None

    def run_epoch(self, checkpoint: Callable[[], None] = no_checkpoint) -> None:
        """Go over the ratings once; the factors are usable afterwards.

        ``checkpoint`` is called between blocks and may raise to end the epoch half-way; the
        caller then restores the state from before it.
        """
        raise NotImplementedError

    def penalty(self) -> float:
        """Return what the objective adds to ``1/2 sum e^2``."""
        raise NotImplementedError

    def state(self) -> dict[str, object]:
        """Return all that the next epochs depend on, as a copy of its own."""
        return {
            "model": self.model.copy(), "n_epochs_done": self.n_epochs_done,
            "rng": self.rng.bit_generator.state,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from ``state``: the same bits as a run that was never interrupted."""
        self.model = replace(state["model"].copy(), clip=self.settings.clip)
        self.n_epochs_done = state["n_epochs_done"]
        self.rng.bit_generator.state = state["rng"]

    @classmethod
    def bytes_needed(cls, n_users: int, n_items: int, settings: Any) -> int:
        """Return the bytes a run takes beside the ratings.

        Ten times the factors: live and spare, kept and best, one being copied, one shown, and the
        picture's prefix sums in float64, twice while they are replaced.
        """
        return int(10 * 4 * (n_users + n_items) * (settings.n_factors + 1))


def squared_norms(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Return ``|row|^2`` of each row in float64, infinite rather than warned of where too large."""
    with np.errstate(over="ignore", invalid="ignore"):
        norms: NDArray[np.float64] = np.einsum("nf,nf->n", rows, rows, dtype=np.float64)
    return norms
