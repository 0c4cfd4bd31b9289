"""Steps to the lowest point along a line: steepest descent and conjugate gradients.

- **line-search**: steepest descent; along a line the loss is a quartic in the step, so its lowest
  point is a root of a cubic (``core/line_search.py``).
- **conjugate-gradient**: the same along ``d = -g + beta d'`` with
  ``beta = g . (g - g') / |g'|^2`` (Polak, Ribiere), g' and d' from the step before; steepest
  descent again where beta is not above 0 or d does not lead down (Nocedal, Wright (2006),
  Numerical Optimization, 5.2).

A step is measured after it was taken, with the float32 numbers that it led to, and taken back
unless the loss is below the one before: so the loss never rises. Where even steepest descent
finds no lower one, training has ended. There is no rate to choose, so none that the guard could
halve: the step just taken is told as ``step_taken``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.metrics import ErrorSums
from mfgui.core.parallel import no_checkpoint
from mfgui.core.parameters import Parameters, combine, inner_product
from mfgui.core.step_rules import StepRule

Checkpoint = Callable[[], None]

ZERO_GRADIENT = "The gradient is zero: no step changes anything any more."
NO_LOWER = "No step down the gradient lowers the loss any further."
TOO_LARGE = ("The gradient is too large for single-precision numbers, so training cannot go on "
             "from here: divide the ratings by a large number.")


class LineSearch(StepRule):
    """Steepest descent with the exact step."""

    def __init__(self, *where: Any) -> None:
        super().__init__(*where)
        self.before = self.at.alike()

    def take(self, rate: float, checkpoint: Checkpoint = no_checkpoint) -> str:
        """Go to the lowest point down the gradient."""
        square = inner_product(self.pool, self.gradient, self.gradient, checkpoint)
        if reason := self._end(square):
            return reason
        return "" if self._go(self.gradient, -1.0, checkpoint) else NO_LOWER

    def _end(self, square: float) -> str:
        """Return why a gradient of this squared norm allows no step, or ""."""
        if not math.isfinite(square):
            return TOO_LARGE
        return "" if square else ZERO_GRADIENT

    def _loss(self, errors: ErrorSums) -> float:
        """Return the objective at ``at``."""
        return 0.5 * errors.raw + self.objective.penalty(self.at)

    def _go(self, direction: Parameters, sign: float, checkpoint: Checkpoint) -> bool:
        """Go to the lowest point along a direction; return whether there is a lower one."""
        errors = self.errors or self.measure(checkpoint)
        loss = self._loss(errors)
        line = self.objective.along(self.at, direction, checkpoint)
        step = line.best_step() if line.is_finite else 0.0
        if step:
            np.copyto(self.before.flat, self.at.flat)
            combine(self.pool, 1.0, self.at, step, direction, self.at, checkpoint)
            self.errors = self.measure(checkpoint)
            if self._loss(self.errors) < loss:
                self.step_taken = sign * step
                return True
            np.copyto(self.at.flat, self.before.flat)
        self.errors, self.step_taken = errors, 0.0
        return False


class ConjugateGradient(LineSearch):
    """Polak and Ribiere's conjugate gradients with exact steps."""

    def __init__(self, *where: Any) -> None:
        super().__init__(*where)
        # Between two steps the place of ``before`` keeps the gradient.
        self.previous, self.direction = self.before, self.at.alike()
        self.previous_square = 0.0

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the gradient and the direction of the step before."""
        return {"previous_gradient": self.previous.flat, "direction": self.direction.flat}

    def numbers(self) -> dict[str, Any]:
        """Return the squared norm of the gradient before; 0 for none."""
        return {"previous_square": self.previous_square}

    def set_numbers(self, numbers: Mapping[str, Any]) -> None:
        """Take back what ``numbers`` gave."""
        super().set_numbers(numbers)
        self.previous_square = numbers["previous_square"]

    def reset(self) -> None:
        """Forget the direction: the next step is one of steepest descent."""
        super().reset()
        self.previous_square = 0.0

    def take(self, rate: float, checkpoint: Checkpoint = no_checkpoint) -> str:
        """Go to the lowest point along the conjugate direction, or else down the gradient."""
        square = inner_product(self.pool, self.gradient, self.gradient, checkpoint)
        if reason := self._end(square):
            return reason
        is_steepest = not self._turn(square, checkpoint)
        has_moved = self._go(self.direction, 1.0, checkpoint)
        if not has_moved and not is_steepest:
            self._turn_steepest()
            has_moved = self._go(self.direction, 1.0, checkpoint)
        np.copyto(self.previous.flat, self.gradient.flat)
        self.previous_square = square
        return "" if has_moved else NO_LOWER

    def _turn(self, square: float, checkpoint: Checkpoint) -> bool:
        """Make the new direction; return whether it is more than the gradient's."""
        if self.previous_square:
            overlap = inner_product(self.pool, self.gradient, self.previous, checkpoint)
            beta = (square - overlap) / self.previous_square
            if beta > 0 and math.isfinite(beta):
                combine(self.pool, -1.0, self.gradient, beta, self.direction, self.direction,
                        checkpoint)
                if inner_product(self.pool, self.gradient, self.direction, checkpoint) < 0:
                    return True
        self._turn_steepest()
        return False

    def _turn_steepest(self) -> None:
        """Point the direction down the gradient."""
        combine(self.pool, -1.0, self.gradient, 0.0, self.gradient, self.direction)
