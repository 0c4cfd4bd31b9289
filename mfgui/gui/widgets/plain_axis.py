"""A plot axis with plain numbers: no SI prefix, whole epochs, useful ticks on a log scale.

pyqtgraph labels a logarithmic axis with one digit and powers of ten only, so that RMSE between
0.8 and 0.95 has no tick at all.
"""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg

from mfgui.gui.widgets.number_field import number_text

_NICE = (1.0, 2.0, 5.0)
_NICE_LOG = ((1,), (2, 5), (3, 7), (1.5, 4))


class PlainAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis whose ticks are round numbers in the units of the data."""

    def __init__(self, orientation: str, *, is_whole: bool = False, room: int = 90) -> None:
        super().__init__(orientation)
        self._is_whole, self._room = is_whole, room  # pixels from one tick to the next, across
        self.enableAutoSIPrefix(False)
        self.setStyle(hideOverlappingLabels=True, tickLength=-4, tickTextOffset=5, maxTickLevel=0,
                      tickAlpha=255)

    def set_whole(self, is_whole: bool) -> None:
        """Tick whole numbers only, or any."""
        self._is_whole = is_whole
        self.picture = None  # what pyqtgraph has drawn of it

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, Any]]:
        """Return one level of ticks, in the axis' own (perhaps logarithmic) coordinates."""
        room = self._room if self.orientation in ("bottom", "top") else 30
        n_ticks = max(2, int(size / room))
        low, high = min(minVal, maxVal), max(minVal, maxVal)
        if not (math.isfinite(low) and math.isfinite(high)) or high - low <= 0:
            return []
        if not self.logMode:
            step, values = round_ticks(low, high, n_ticks, is_whole=self._is_whole)
            return [(step, values)]
        return [(1.0, log_ticks(low, high, n_ticks, is_whole=self._is_whole))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Return the ticks as text with the digits that tell them apart."""
        if self.logMode:
            return [tick_text(10.0 ** value) for value in values]
        if values and max(map(abs, values)) >= 1e9:
            return [f"{value:.4g}".replace("e+0", "e").replace("e+", "e") for value in values]
        digits = max(0, -math.floor(math.log10(spacing) + 1e-9)) if spacing > 0 else 0
        if digits > 6:
            return [number_text(float(f"{value:.6g}")) for value in values]
        return [f"{value + 0.0:,.{digits}f}" for value in values]


def round_ticks(
    low: float, high: float, n_ticks: int, *, is_whole: bool
) -> tuple[float, list[float]]:
    """Return the step (1, 2 or 5 times a power of ten) and its multiples within the range."""
    rough = (high - low) / n_ticks
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in (*_NICE, 10.0) if nice * power >= rough * 0.999)
    if is_whole:
        step = max(step, 1.0)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last - first > 100:
        return step, []
    return step, [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def log_ticks(low: float, high: float, n_ticks: int, *, is_whole: bool) -> list[float]:
    """Return logarithms of round numbers between 10^low and 10^high.

    Powers of ten come first, then 2 and 5, then the rest, each only where there is room.
    """
    if high > 300 or low < -300:
        return []
    if high - low < 0.7:
        _, values = round_ticks(10.0 ** low, 10.0 ** high, n_ticks, is_whole=is_whole)
        return [math.log10(value) for value in values if value > 0]
    first, last = math.floor(low), math.ceil(high)
    stride, gap = max(1, math.ceil((last - first) / n_ticks)), 0.7 * (high - low) / n_ticks
    smallest = max(low, 0.0) if is_whole else low
    chosen: list[float] = []
    for mantissas in _NICE_LOG if stride == 1 else _NICE_LOG[:1]:
        for power in range(first - first % stride, last + 1, stride):
            for tick in (power + math.log10(mantissa) for mantissa in mantissas):
                is_inside = smallest - 1e-9 <= tick <= high + 1e-9
                if is_inside and all(abs(tick - other) >= gap for other in chosen):
                    chosen.append(tick)
    return sorted(chosen)


def tick_text(value: float) -> str:
    """Return a number without noise of the logarithm: 10,000, 0.05, 1e-7."""
    value = float(f"{value:.6g}")
    if 1000 <= value < 1e9:
        return f"{value:,.0f}"
    return number_text(value)
