"""The exact step along a line: of a factorization the loss is then a quartic in the step.

A prediction ``(u + t p) . (v + t q)`` is quadratic in t, its squared error a polynomial of degree
four. So the best of all steps is a root of a cubic, and costs one pass over the ratings.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np


@dataclass(frozen=True)
class Quartic:
    """``c0 + c1 t + c2 t^2 + c3 t^3 + c4 t^4``, in float64."""

    c0: float
    c1: float
    c2: float
    c3: float
    c4: float

    @property
    def is_finite(self) -> bool:
        """Whether all five coefficients are."""
        return all(map(math.isfinite, astuple(self)))

    def change(self, t: float) -> float:
        """Return the value at t less that at 0: without ``c0`` small changes stay exact."""
        return t * (self.c1 + t * (self.c2 + t * (self.c3 + t * self.c4)))

    def slope(self, t: float) -> float:
        """Return the derivative at t."""
        return self.c1 + t * (2 * self.c2 + t * (3 * self.c3 + t * 4 * self.c4))

    def best_step(self) -> float:
        """Return where the value is lowest: of all roots of the derivative, 0 if none is lower.

        A complex root counts by its real part, for rounding can part a double root so; whatever
        is no extremum is no harm, as the values decide. Each is polished by Newton's method.
        """
        best, lowest = 0.0, 0.0
        for root in _real_parts([self.c1, 2 * self.c2, 3 * self.c3, 4 * self.c4]):
            for t in (root, self._polished(root)):
                if math.isfinite(t) and self.change(t) < lowest:  # false where it is NaN
                    best, lowest = t, self.change(t)
        return best

    def _polished(self, t: float) -> float:
        """Return t after a few steps of Newton's method on the derivative."""
        for _ in range(3):
            bend = 2 * self.c2 + t * (6 * self.c3 + t * 12 * self.c4)
            step = self.slope(t) / bend if bend else 0.0
            if not math.isfinite(step):
                break
            t -= step
        return t


def _real_parts(coefficients: list[float]) -> list[float]:
    """Return the real parts of a polynomial's roots other than 0, the lowest power first.

    The roots of ``a0 + a1 t + ...`` are found as 1/w, t in units of the smallest
    ``|a0 / ak|^(1/k)``: w then solves a monic polynomial with no coefficient above 1, whatever
    the size of the ratings.
    """
    while coefficients and coefficients[0] == 0:
        coefficients = coefficients[1:]
    while coefficients and coefficients[-1] == 0:
        coefficients = coefficients[:-1]
    if not coefficients:
        return []
    first = abs(coefficients[0])
    sizes = [(first / abs(a)) ** (1 / k) for k, a in enumerate(coefficients) if k and a]
    unit = min(sizes, default=0.0)
    reverse, power = [], 1.0
    for a in coefficients:
        reverse.append(a / coefficients[0] * power)
        power *= unit
    if not unit or not all(map(math.isfinite, reverse)):
        return []
    inverse = [float(w.real) for w in np.roots(reverse)]
    return [unit / w for w in inverse if w]
