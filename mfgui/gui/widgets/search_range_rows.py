"""A row of the table of what is searched: what was typed for a setting, right or wrong."""

from __future__ import annotations

from dataclasses import dataclass

from mfgui.core.settings import RunSettings, SettingInfo
from mfgui.errors import SettingsError
from mfgui.training.search_space import (
    N_STEPS,
    Range,
    default_range,
    default_space,
    searchable,
    value_text,
)
from mfgui.training.search_words import range_from


@dataclass(frozen=True)
class RangeRow:
    """A row: what was typed in each field, right or wrong."""

    info: SettingInfo
    is_on: bool = False
    low: str = ""
    high: str = ""
    is_log: bool = False
    steps: str = str(N_STEPS)
    values: str = ""

    @property
    def has_range(self) -> bool:
        """Whether a range can be given: not of switches and choices."""
        return self.info.kind is not bool and not self.info.choices

    @property
    def is_range(self) -> bool:
        """Whether the range counts, not the values."""
        return self.has_range and not self.values.strip()

    @classmethod
    def of(cls, info: SettingInfo, each: Range, *, is_on: bool) -> RangeRow:
        """Return the row of a range."""
        if each.values:
            return cls(info, is_on, values=", ".join(map(value_text, each.values)))
        return cls(info, is_on, value_text(each.low), value_text(each.high), each.is_log,
                   str(each.n_steps))

    def range(self, settings_type: type[RunSettings]) -> Range:
        """Return the range.

        Raises
        ------
        SettingsError
            If what was typed is none.
        """
        if not self.is_range:
            return range_from(self.info.name, self.values, settings_type)
        if not self.low.strip() or not self.high.strip():
            raise SettingsError(f"{self.info.label}: give a lowest and a highest value, or values.",
                                self.info.name)
        scale = "log" if self.is_log else "linear"
        said = f"{self.low.strip()}:{self.high.strip()}:{scale}:{self.steps.strip() or N_STEPS}"
        return range_from(self.info.name, said, settings_type)


def suggested_rows(settings_type: type[RunSettings]) -> list[RangeRow]:
    """Return a row for each setting that may be searched; ticked is what a search begins with."""
    first = default_space(settings_type).names
    return [RangeRow.of(info, default_range(info), is_on=info.name in first)
            for info in searchable(settings_type)]
