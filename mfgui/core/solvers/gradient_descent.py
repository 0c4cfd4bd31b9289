"""Batch gradient descent, the textbook's form: all gradients from the old factors.

``E = R_hat - R`` on the observed, 0 where missing; ``dL/dU = E V + regularization U``,
``dL/dV = E^T U + regularization V``; then ``U -= rate dL/dU``, ``V -= rate dL/dV``.
The same equations in NumPy stand in ``core/objective.py``; what else can be done with the
gradient, the step that textbooks leave out, in ``core/step_rules.py`` and ``core/exact_steps.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mfgui.core.batch_objective import BatchObjective
from mfgui.core.curvature import LargestCurvature
from mfgui.core.default_rates import adam_rate, fixed_rate
from mfgui.core.exact_steps import ConjugateGradient, LineSearch
from mfgui.core.metrics import ErrorSums, all_pairs, squared_error_sums
from mfgui.core.model import FactorModel
from mfgui.core.parallel import WorkerPool, no_checkpoint
from mfgui.core.ratings import Ratings
from mfgui.core.scaling import scaling_of
from mfgui.core.settings import epochs_setting, setting
from mfgui.core.solvers.base import (
    Checkpoint,
    FactorSettings,
    Fit,
    PlainSolver,
    factor_copies,
)
from mfgui.core.step_rules import Adam, FixedStep, StepRule

STEPS = {"fixed": "Fixed rate", "line-search": "Line search (exact)",
         "conjugate-gradient": "Conjugate gradient (exact steps)", "adam": "Adam"}


@dataclass(frozen=True)
class GradientDescentSettings(FactorSettings):
    """Settings of gradient-descent."""

    n_epochs: int = epochs_setting(200)
    learning_rate: float | None = setting(
        None, "Learning rate", "How far each step goes down the gradient; empty: found from the "
        "ratings and shown.", minimum=0, maximum=1e30, is_open=True, is_log=True, is_findable=True,
        applies=(("step", ("fixed", "adam")),))
    step: str = setting(
        "fixed", "Step", "How each step is made: by one fixed rate, which is the textbook's; to "
        "the lowest point down the gradient; to the lowest point along a direction conjugate to "
        "the one before; or by Adam, a rate of its own for each number.", choices=STEPS)
    centre: bool = setting(
        False, "Centre", "Subtract the mean of the training ratings and learn what is left; off: "
        "the plain form U V^T.", is_fixed_by_model=True, applies=(("biases", (False,)),))


class GradientDescent(PlainSolver):
    """Batch gradient descent on ``1/2 sum e^2 + regularization/2 (|U|^2 + |V|^2 + |b|^2)``.

    The sum runs over the observed ratings, ``regularization`` weighs every parameter once, and
    the biases take part where ``biases`` is on; then, or with ``centre``, ``r_hat`` includes the
    mean of the training ratings. Each ``step`` uses the gradient of all ratings:

    - ``fixed``: ``x -= rate dL/dx``, the plain equations. An empty rate is a fifth of
      ``2 / sigma_max(R)``: near a solution the factors' largest squared singular value is about
      ``sigma_max(R)``, and with it the largest curvature of either half of the problem. With
      the mean subtracted R is less its mean, and the curvature of two biases, at most the two
      counts of a rated pair together, counts too. ``rate_limit`` is 2 over the largest curvature
      where training stands, as measured after the first epoch and every 40 (``core/curvature.py``).
    - ``line-search``: steepest descent, each step exactly to the lowest point of the line.
    - ``conjugate-gradient``: Polak and Ribiere's directions with exact steps.
    - ``adam``: an empty rate is ``0.1 sd / sqrt(n_factors rms)``, the standard deviation and root
      mean square (less the mean, where it is subtracted) those of the ratings: a factor is about
      ``sqrt(rms / n_factors)``.

    The two exact ones never raise the loss, have no rate (``step_taken`` tells the step) and end
    the run where no step lowers the loss.
    """

    name = "gradient-descent"
    group = "textbook"
    label = "Gradient descent (batch)"
    summary = ("The textbook's method: one step down the gradient of all ratings together; with "
               "conjugate gradients the step needs no rate, and tens of epochs do.")
    objective = ("1/2 Σ (r − r_hat)² over the rated cells + regularization/2 · (|U|² + |V|²), "
                 "each parameter weighed once; with biases also their squares. Every step follows "
                 "the gradient of this whole sum.")
    settings_type = GradientDescentSettings
    # Measured against the defaults, validation RMSE on ML-1M, ML-100K and the sample: Accurate
    # 0.902, 0.935, 0.513 before its refit; the defaults 0.901, 0.958, 0.546.
    presets: ClassVar[dict[str, dict[str, object]]] = {
        "Quick": {"n_factors": 8, "n_epochs": 100},
        "Accurate": {"n_factors": 16, "n_epochs": 1000, "regularization": 3.0, "patience": 100,
                     "refit": True},
    }

    def __init__(
        self, ratings: Ratings, settings: Any, pool: WorkerPool, rng: np.random.Generator
    ) -> None:
        super().__init__(ratings, settings, pool, rng)
        self._is_centred = settings.biases or settings.centre
        self._global_mean = float(np.float32(ratings.mean)) if self._is_centred else 0.0
        self._gradient = self._at.alike()
        self._objective = BatchObjective(
            ratings, settings.n_factors, self._global_mean, settings.regularization,
            settings.biases, pool)
        self._rule = self._step_rule()
        self._curvature = (
            LargestCurvature(self._objective, self._at) if settings.step == "fixed" else None)
        self._end_reason = ""
        self._rate = self._first_rate()

    def _step_rule(self) -> StepRule:
        """Return what makes the steps."""
        where = self._objective, self._at, self._gradient, self._measure
        if self.settings.step == "adam":
            spread = scaling_of(self.ratings, is_centred=self._is_centred).sd
            return Adam(*where, spread=spread)
        rules: dict[str, type[StepRule]] = {
            "fixed": FixedStep, "line-search": LineSearch,
            "conjugate-gradient": ConjugateGradient}
        return rules[self.settings.step](*where)

    @property
    def learning_rate(self) -> float | None:
        """The rate of fixed and adam; None for exact steps, which have none to choose or halve."""
        return self._rate * self.rate_scale if self._rate is not None else None

    @property
    def step_taken(self) -> float | None:
        """The exact step just taken; None before the first, and where the rate says it."""
        return self._rule.step_taken

    @property
    def rate_limit(self) -> float | None:
        """2 / the largest curvature, in epochs that measured it; an upper bound."""
        curvature = self._curvature
        if curvature is None or curvature.epoch != self.n_epochs_done or curvature.largest <= 0:
            return None
        return 2 / curvature.largest

    @property
    def end_reason(self) -> str:
        """Why no step lowers the loss."""
        return self._end_reason

    def run_epoch(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Make the gradient of both factor matrices, then one step with both."""
        self._objective.gradient(self._at, self._gradient, checkpoint)
        self._end_reason = self._rule.take(self.learning_rate or 0.0, checkpoint)
        self.n_epochs_done += 1

    def look_around(self, checkpoint: Checkpoint = no_checkpoint) -> None:
        """Measure the largest curvature, where it is time to and a fixed rate could be too large.

        The gradient's place serves as scratch.
        """
        if self._curvature is not None:
            self._curvature.look(self.n_epochs_done, self._gradient, checkpoint)

    def penalty(self) -> float:
        """Return ``regularization/2 (|U|^2 + |V|^2 + |b|^2)``."""
        return self._objective.penalty(self._at)

    def fit(self, checkpoint: Checkpoint = no_checkpoint) -> Fit:
        """Measure the training ratings, unless the step had to."""
        sums = self._rule.errors or self._measure(checkpoint)
        return Fit(0.5 * sums.raw + self.penalty(), 0.5 * sums.raw, sums.rmse)

    def _measure(self, checkpoint: Checkpoint) -> ErrorSums:
        """Return the squared errors on the training ratings."""
        return squared_error_sums(self.model, all_pairs(self.ratings), self.pool, checkpoint)

    # going on

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return factors, biases and what the step and the curvature keep."""
        watched = {} if self._curvature is None else {
            "curvature_vector": self._curvature.vector.flat}
        return {**self._live, **self._rule.arrays(), **watched}

    def numbers(self) -> dict[str, Any]:
        """Return the mean and what the step and the curvature keep."""
        return {
            "global_mean": self._global_mean, "step": self.settings.step,
            "rule": self._rule.numbers(),
            "curvature": None if self._curvature is None else self._curvature.numbers()}

    def set_numbers(self, numbers: Mapping[str, Any]) -> None:
        """Take back what ``numbers`` gave; of another step's, the mean alone."""
        self._set_mean(numbers["global_mean"])
        self._end_reason = ""
        if numbers["step"] != self.settings.step:
            self._forget()
            return
        self._rule.set_numbers(numbers["rule"])
        if self._curvature is not None:
            self._curvature.set_numbers(numbers["curvature"])

    def check_state(self, state: Mapping[str, Any]) -> None:
        """Refuse what cannot be a state; of one of another step the factors alone matter."""
        arrays, numbers = state["arrays"], state["numbers"]
        if numbers["step"] != self.settings.step and numbers["step"] in STEPS:
            arrays = {**self.arrays(), **{name: arrays[name] for name in self._live}}
            numbers = {**self.numbers(), "global_mean": numbers["global_mean"]}
        super().check_state({**state, "arrays": arrays, "numbers": numbers})

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from ``state``; from one of another step, with the factors alone."""
        arrays = {**self.arrays(), **state["arrays"]}
        super().restore({**state, "arrays": arrays})

    def take_model(self, model: FactorModel) -> None:
        """Begin from another model's factors, biases and mean, with no step before it."""
        super().take_model(model)
        self._set_mean(model.global_mean)
        self._forget()

    def _set_mean(self, mean: float) -> None:
        self._global_mean = self._objective.global_mean = mean

    def _forget(self) -> None:
        """Forget the steps before."""
        self._rule.reset()
        if self._curvature is not None:
            self._curvature.reset()

    @classmethod
    def refusal(cls, model: FactorModel, settings: Any) -> str:
        """Refuse what the settings would lose: biases, or the mean."""
        reason = super().refusal(replace(model, global_mean=0.0), settings)
        if not reason and model.global_mean and not (settings.biases or settings.centre):
            reason = f"The model has a mean: switch Centre on to go on with {cls.label}."
        return reason

    @classmethod
    def bytes_needed(cls, n_users: int, n_items: int, n_ratings: int, settings: Any) -> int:
        """Return the bytes: the ratings by item, 8 each, and the factors in their copies.

        Beside the gradient a step needs vectors of its own (live), of which some belong to the
        state (kept three times: last, best, lowest).
        """
        live, kept = {"fixed": (2, 1), "line-search": (1, 0), "conjugate-gradient": (2, 2),
                      "adam": (2, 2)}[settings.step]
        width = int(settings.n_factors) + 1
        vectors = 4 * (n_users + n_items) * width * (live + 3 * kept)
        return 8 * n_ratings + factor_copies(n_users, n_items, width) + vectors

    def _first_rate(self) -> float | None:
        """Return the rate asked for, or found from the ratings; None for exact steps."""
        if self.settings.step not in ("fixed", "adam"):
            return None
        if self.settings.learning_rate is not None:
            return float(self.settings.learning_rate)
        if self.settings.step == "adam":
            return adam_rate(
                self.ratings, self.settings.n_factors, is_centred=self._is_centred)
        return fixed_rate(self._objective, self.ratings, self.rng)
