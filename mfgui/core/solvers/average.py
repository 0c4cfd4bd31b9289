"""An average of several models that differ by their seeds: what beats the Bayesian samplers.

Members are trained one after another and become one model: their factors side by side, each side
of a member scaled by ``1/sqrt(K)``, their biases and means averaged; it is clipped once, at the
end. So ``r_hat`` is the mean of the members' predictions, and everything that works on a model
works on an average too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, no_checkpoint
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings, describe, setting
from mfgui.core.solvers.adagrad import Adagrad
from mfgui.core.solvers.als import Als
from mfgui.core.solvers.base import Arrays, Checkpoint, Fit, Solver
from mfgui.core.solvers.gradient_descent import GradientDescent
from mfgui.core.solvers.nmf import Nmf
from mfgui.core.solvers.sgd import Sgd
from mfgui.core.solvers.svdpp import Svdpp
from mfgui.core.state_check import check_count

KINDS: dict[str, type[Solver]] = {
    kind.name: kind for kind in (Svdpp, Adagrad, Als, Nmf, GradientDescent, Sgd)}
# Whose initial spread is that of normalised factors; in the others it means something else, and
# they keep their own.
NORMALISED = (Svdpp, Adagrad, Als)


@dataclass(frozen=True)
class AverageSettings(RunSettings):
    """Settings of average; what is not here is at its default in each member."""

    n_epochs: int = setting(
        50, "Epochs", "How many times each member goes over the ratings at most.",
        minimum=1, maximum=1_000_000, unit="epochs", group="run")
    patience: int = setting(
        2, "Patience", "Stop a member after this many epochs without a better validation RMSE and "
        "keep its best factors; 0 never stops early and keeps the last.",
        minimum=0, maximum=1_000_000, unit="epochs", group="run")
    refit: bool = setting(
        True, "Refit on all", "Where ratings were held out, train each member again on all of them "
        "for its best number of epochs.", group="run")
    n_members: int = setting(
        8, "Members", "How many models are trained, each from another seed.",
        minimum=2, maximum=1000, unit="models", is_fixed_by_model=True)
    n_factors: int = setting(
        128, "Factors", "How many latent factors each member has.",
        minimum=1, maximum=1_000_000, is_fixed_by_model=True)
    initial_sd: float = setting(
        0.04, "Initial spread", "Standard deviation of the random factors that each member starts "
        "from; the larger, the less the members agree.",
        minimum=0, maximum=1000, is_open=True, is_log=True, is_fixed_by_model=True)
    kind: str = setting(
        Svdpp.name, "Kind of member", "The method of the members.", is_fixed_by_model=True,
        choices={name: kind.label for name, kind in KINDS.items()})
    other_kind: str = setting(
        "none", "Other members", "The method of every second member, where they are not all of "
        "one kind.", is_fixed_by_model=True,
        choices={"none": "The same", **{name: kind.label for name, kind in KINDS.items()}})


# Members that agree less average better: from an initial spread of 0.01, 0.03 and 0.05 ML-1M had
# RMSE 0.8325, 0.8311 and 0.8307, ML-100K 0.8952, 0.8938 and 0.8941; each member alone gets worse.


class Average(Solver):
    """The mean of the predictions of ``n_members`` models, each trained on its own.

    Each member minimizes the objective of its kind; the loss shown is that of the member under
    way.
    """

    name = "average"
    label = "Average of several models"
    summary = "The most accurate: several models from other seeds, for as many times the work."
    objective = ("For each member the objective of its method; r_hat is the mean of the members' "
                 "predictions.")
    settings_type = AverageSettings
    presets: ClassVar[dict[str, dict[str, object]]] = {
        "Quick": {"n_members": 4, "n_factors": 32, "kind": "adagrad"},
        "Accurate": {},
    }

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        self._member, self._seed = 0, 0
        self._finished: list[FactorModel] = []
        self._is_dropped = False
        self._current: Solver | None = None
        super().__init__(ratings, settings, pool, rng)
        self.n_members = settings.n_members
        self._current = self._new_member(int(rng.integers(0, 2**63)))

    def _new_member(self, seed: int) -> Solver:
        """Return the solver of the member whose turn it is, with a generator of its own."""
        self._seed = seed
        kinds = [self.settings.kind, self.settings.other_kind]
        name = kinds[self._member % 2] if kinds[1] != "none" else kinds[0]
        kind = KINDS[name]
        return kind(self.ratings, member_settings(kind, self.settings), self.pool,
                    np.random.default_rng(seed))

    @property
    def current(self) -> Solver:
        """The member that is trained now."""
        assert self._current is not None
        return self._current

    def begin_member(self) -> None:
        """Put the member just trained aside and begin the next one."""
        self._finished.append(self.current.model.copy())
        self._member += 1
        self._current = None  # what it holds is the next one's room
        self._current = self._new_member(int(self.rng.integers(0, 2**63)))
        self._model = None

    def drop_member(self) -> None:
        """Leave the member under way out; one at least is finished."""
        self._is_dropped, self._model = True, None

    # the member's own

    @property
    def rate_scale(self) -> float:
        """What the guard made of the member's rate."""
        return self.current.rate_scale if self._current is not None else 1.0

    @rate_scale.setter
    def rate_scale(self, scale: float) -> None:
        if self._current is not None:
            self._current.rate_scale = scale

    @property
    def learning_rate(self) -> float | None:
        """The member's."""
        return self.current.learning_rate

    @property
    def end_reason(self) -> str:
        """The member's."""
        return self.current.end_reason

    @property
    def member_model(self) -> FactorModel:
        """The member under way alone."""
        return self.current.model

    def run_epoch(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Train the member for an epoch."""
        self.current.run_epoch(checkpoint)
        self.n_epochs_done += 1

    def penalty(self) -> float:
        """Return the member's."""
        return self.current.penalty()

    def fit(self, checkpoint: Checkpoint = no_checkpoint) -> Fit:
        """Measure the member on the training ratings."""
        return self.current.fit(checkpoint)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the member's arrays."""
        return self.current.arrays()

    # all of them

    def model_of(self, arrays: Arrays) -> FactorModel:
        """Return the average of the finished members and, unless it was dropped, this one."""
        if self._is_dropped:
            return average_of(self._finished)
        return average_of([*self._finished, self.current.model_of(arrays)])

    def state(self) -> dict[str, Any]:
        """Return the member's state, the finished models and whose turn it is."""
        current = self.current.state()
        return {
            "arrays": current["arrays"], "current": current, "member": self._member,
            "seed": self._seed,
            "finished": tuple(self._finished), "n_epochs_done": self.n_epochs_done,
            "rng": self.rng.bit_generator.state}

    def check_state(self, state: Mapping[str, Any]) -> None:
        """Refuse what cannot be a state: whose turn it is, the finished models, the member's."""
        finished, settings = state["finished"], self.settings
        check_count(state["member"], highest=self.n_members - 1)
        check_count(state["seed"], highest=2**63 - 1)
        check_count(state["n_epochs_done"])
        sizes = self.ratings.n_users, self.ratings.n_items, settings.n_factors
        if len(finished) != state["member"] or any(
                (model.n_users, model.n_items, model.n_factors) != sizes
                or len(model.members) > 1 for model in finished):
            raise ValueError("finished members of other sizes")
        self._go_to(state)
        self.current.check_state(state["current"])

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from ``state``."""
        self._finished = list(state["finished"])
        self._go_to(state)
        self.current.restore(state["current"])
        self.n_epochs_done = state["n_epochs_done"]
        self.rng.bit_generator.state = state["rng"]

    def _go_to(self, state: Mapping[str, Any]) -> None:
        """Have the member of a state under way."""
        if state["member"] != self._member:
            self._member, self._current = state["member"], None
            self._current = self._new_member(state["seed"])  # its rows are dealt by it

    @classmethod
    def bytes_needed(cls, n_users: int, n_items: int, n_ratings: int, settings: Any) -> int:
        """Return the bytes: those of one member, and the factors of all in their copies.

        Six times: each member aside, all side by side, one shown, and the picture's prefix sums.
        """
        kinds = [KINDS[name] for name in (settings.kind, settings.other_kind) if name in KINDS]
        member = max(kind.bytes_needed(n_users, n_items, n_ratings, member_settings(kind, settings))
                     for kind in kinds)
        width = settings.n_members * settings.n_factors + 1
        return int(member + 6 * 4 * (n_users + 2 * n_items) * width)


def member_settings(kind: type[Solver], settings: RunSettings) -> RunSettings:
    """Return a member's settings: what it shares with the average, the rest at its defaults."""
    names = [info.name for info in describe(kind.settings_type) if hasattr(settings, info.name)
             and (info.name != "initial_sd" or kind in NORMALISED)]
    return kind.settings_type(**{name: getattr(settings, name) for name in names})


def average_of(models: list[FactorModel]) -> FactorModel:
    """Return one model whose prediction is the mean of the models', before clipping."""
    n, first = len(models), models[0]
    if n == 1:
        return first
    share = np.float32(n**-0.5)
    users = np.hstack([model.user_factors for model in models])
    items = np.hstack([model.item_factors for model in models])
    for rows in (users, items):
        rows *= share
    user_bias, item_bias = (
        np.mean([getattr(model, name) for model in models], axis=0, dtype=np.float64)
        for name in ("user_bias", "item_bias"))
    return FactorModel(
        users, items, np.asarray(user_bias, np.float32), np.asarray(item_bias, np.float32),
        float(np.mean([model.global_mean for model in models])), first.scale, first.clip,
        _implicit(models, share),
        tuple(np.cumsum([model.n_factors for model in models]).tolist()),
        rules=tuple(rule for model in models for rule in model.rules),
        member_user_bias=np.stack([model.user_bias for model in models]),
        member_item_bias=np.stack([model.item_bias for model in models]),
        member_means=tuple(model.global_mean for model in models))


def _implicit(models: list[FactorModel], share: np.float32) -> NDArray[np.float32] | None:
    """Return the members' Y side by side, 0 for those without; None where none has any."""
    if all(model.implicit_factors is None for model in models):
        return None
    parts = [np.zeros_like(model.item_factors) if model.implicit_factors is None
             else model.implicit_factors for model in models]
    stacked: NDArray[np.float32] = np.hstack(parts)
    stacked *= share
    return stacked
