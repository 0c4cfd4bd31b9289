"""The textbook's step and Adam's: what gradient-descent does with its gradient.

- **fixed**: ``x -= rate dL/dx``.
- **adam**: each parameter goes its own way, by running means of its gradient and of its square
  (Kingma, Ba (2015), Adam: A Method for Stochastic Optimization, arXiv 1412.6980).

The rules without a rate stand in ``core/exact_steps.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.batch_objective import BatchObjective
from mfgui.core.metrics import ErrorSums
from mfgui.core.parallel import even_blocks, no_checkpoint
from mfgui.core.parameters import NUMBERS_PER_BLOCK, Parameters, combine

Checkpoint = Callable[[], None]
Measure = Callable[[Checkpoint], ErrorSums]


class StepRule:
    """Takes one step from where a model stands.

    Parameters
    ----------
    objective : BatchObjective
    at : Parameters
        What the step changes.
    gradient : Parameters
        The gradient there; written before each step.
    measure : callable
        Returns the squared errors of the model at ``at``.

    Attributes
    ----------
    step_taken : float or None
        The exact step just taken, in units of the direction.
    errors : ErrorSums or None
        What was measured at ``at``, where a step had to measure it.
    """

    def __init__(
        self, objective: BatchObjective, at: Parameters, gradient: Parameters, measure: Measure
    ) -> None:
        self.objective, self.pool = objective, objective.pool
        self.at, self.gradient, self.measure = at, gradient, measure
        self.step_taken: float | None = None
        self.errors: ErrorSums | None = None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what the next step depends on beside ``at``, by name."""
        return {}

    def numbers(self) -> dict[str, Any]:
        """Return what else it depends on."""
        return {}

    def set_numbers(self, numbers: Mapping[str, Any]) -> None:
        """Take back what ``numbers`` gave."""
        self.step_taken = self.errors = None

    def reset(self) -> None:
        """Forget the steps before."""
        self.step_taken = self.errors = None
        for array in self.arrays().values():
            array[...] = 0

    def take(self, rate: float, checkpoint: Checkpoint = no_checkpoint) -> str:
        """Change ``at`` by one step; return why there can be no further one, or ""."""
        raise NotImplementedError


class FixedStep(StepRule):
    """``U -= rate dL/dU``, ``V -= rate dL/dV``, biases likewise: the textbook's step."""

    def take(self, rate: float, checkpoint: Checkpoint = no_checkpoint) -> str:
        """Go ``rate`` times the gradient down."""
        combine(self.pool, 1.0, self.at, -rate, self.gradient, self.at, checkpoint)
        return ""


class Adam(StepRule):
    """Adam with its authors' settings: moments kept by 0.9 and 0.999.

    Parameters
    ----------
    spread : float
        Root mean square of what the factors have to make up for. A bias, in units of the ratings,
        goes the root of it as far as a factor, in units of their root.
    """

    KEEP_FIRST, KEEP_SECOND, TINY = 0.9, 0.999, 1e-8

    def __init__(self, *where: Any, spread: float) -> None:
        super().__init__(*where)
        self.spread = spread
        self.first, self.second = self.at.alike(), self.at.alike()
        self.n_steps = 0

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return both moments."""
        return {"first_moment": self.first.flat, "second_moment": self.second.flat}

    def numbers(self) -> dict[str, Any]:
        """Return how many steps the moments have seen."""
        return {"n_steps": self.n_steps}

    def set_numbers(self, numbers: Mapping[str, Any]) -> None:
        """Take back what ``numbers`` gave."""
        super().set_numbers(numbers)
        self.n_steps = numbers["n_steps"]

    def reset(self) -> None:
        """Forget the moments."""
        super().reset()
        self.n_steps = 0

    def take(self, rate: float, checkpoint: Checkpoint = no_checkpoint) -> str:
        """Go by ``rate m / sqrt(v)``, both moments corrected for their start from 0."""
        from mfgui.core.kernels.vectors import adam_step

        self.n_steps += 1
        root = math.sqrt(1 - self.KEEP_SECOND**self.n_steps)
        rate *= root / (1 - self.KEEP_FIRST**self.n_steps)
        keep = np.float32(self.KEEP_FIRST), np.float32(self.KEEP_SECOND)
        tiny, first_bias = np.float32(self.TINY * root), self.at.bias_begin
        with np.errstate(over="ignore"):
            of_factors, of_biases = np.float32(rate), np.float32(rate * math.sqrt(self.spread))

        def work(begin: int, end: int) -> None:
            size = of_factors if end <= first_bias else of_biases
            adam_step(self.at.flat, self.gradient.flat, self.first.flat, self.second.flat, *keep,
                      size, tiny, begin, end)

        blocks = even_blocks(first_bias, NUMBERS_PER_BLOCK)
        blocks += [(first_bias + begin, first_bias + end) for begin, end in even_blocks(
            self.at.flat.size - first_bias, NUMBERS_PER_BLOCK)]
        self.pool.run(work, blocks, checkpoint)
        return ""
