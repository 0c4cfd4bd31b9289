"""Where the values of a searched setting stand along an axis: plain, logarithmic, or in places."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mfgui.core.settings import SettingInfo
from mfgui.gui.widgets.plain_axis import tick_text
from mfgui.training.search_space import Range, value_text


@dataclass(frozen=True)
class ValueAxis:
    """The axis of one setting.

    Parameters
    ----------
    info : SettingInfo
    range : Range
        What was searched; a trial may lie outside, as the settings as they stand do.
    """

    info: SettingInfo
    range: Range

    @property
    def is_log(self) -> bool:
        """Whether equal factors are equally far apart."""
        return self.range.is_log and not self.range.values

    @property
    def places(self) -> Sequence[Any]:
        """The values that have a place each; empty where the axis is one of numbers."""
        return self.range.values

    def position(self, value: Any) -> float:
        """Return where a value stands, NaN where it has no place."""
        if self.places:
            return float(self.places.index(value)) if value in self.places else math.nan
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if not self.is_log:
                return float(value)
            return math.log10(value) if value > 0 else math.nan
        return math.nan

    @property
    def ends(self) -> tuple[float, float]:
        """Where the range begins and ends."""
        if self.places:
            return -0.4, len(self.places) - 0.6
        return self.position(self.range.low), self.position(self.range.high)

    def share(self, value: Any) -> float:
        """Return how far along the range a value stands: 0 to 1, a little beyond where outside."""
        low, high = self.ends
        return min(max((self.position(value) - low) / (high - low), -0.06), 1.06)

    def ticks(self) -> list[tuple[float, str]]:
        """Return the values with a place, and where they stand."""
        return [(float(place), value_text(value)) for place, value in enumerate(self.places)]

    def end_texts(self) -> tuple[str, str]:
        """Return the lowest and the highest value in words."""
        if self.places:
            return value_text(self.places[0]), value_text(self.places[-1])
        return tick_text(self.range.low), tick_text(self.range.high)
