"""What a search may try: a range or a list of values for each setting that is searched.

Ranges come from the settings' declarations: log where a setting goes by powers of ten, whole
numbers, choices, switches. In words a space is ``learning_rate=1e-3:1e-1:log,n_factors=16,32,64``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from mfgui.core.settings import RunSettings, SettingInfo, checked, describe
from mfgui.errors import SettingsError

# Of the settings that every run has, those that change neither what is held out nor what an
# epoch does: trials that hold out other ratings could not be compared.
_FREE_RUN_SETTINGS = ("n_epochs", "patience")
# What a search begins with, where the solver has it.
_FIRST = ("n_factors", "learning_rate", "regularization", "alpha")
_SEARCHABLE: WeakKeyDictionary[type[RunSettings], tuple[SettingInfo, ...]] = WeakKeyDictionary()
N_STEPS = 4  # of a range in a grid, where nothing is said
_MOST_STEPS = 1000
_LOG_SPAN = 10.0
_RATE_SPAN = 4.0  # upwards: beyond it a rate that serves soon diverges
_NO_RATE, _NO_DEFAULT = (1e-4, 0.1), (0.01, 100.0)


@dataclass(frozen=True)
class Range:
    """What one setting may be.

    Parameters
    ----------
    name : str
        The setting.
    low, high : float
        Ends, both included; not used where there are values.
    is_log : bool
        Whether equal factors, not equal differences, are equally likely.
    n_steps : int
        How many values a grid takes of it, the ends among them.
    values : tuple
        The values themselves; empty where there is a range.
    """

    name: str
    low: float = 0.0
    high: float = 0.0
    is_log: bool = False
    n_steps: int = N_STEPS
    values: tuple[Any, ...] = ()

    def text(self) -> str:
        """Return it as it is typed."""
        if self.values:
            return f"{self.name}={','.join(map(value_text, self.values))}"
        parts = [short(self.low), short(self.high), *(["log"] if self.is_log else [])]
        if self.n_steps != N_STEPS:
            parts.append(str(self.n_steps))
        return f"{self.name}={':'.join(parts)}"


@dataclass(frozen=True)
class Space:
    """The ranges of a search, each of another setting."""

    ranges: tuple[Range, ...]

    def text(self) -> str:
        """Return it as it is typed."""
        return ",".join(each.text() for each in self.ranges)

    @property
    def names(self) -> tuple[str, ...]:
        """The settings that are searched."""
        return tuple(each.name for each in self.ranges)


def searchable(settings_type: type[RunSettings]) -> tuple[SettingInfo, ...]:
    """Return the settings that may be searched, the solver's own first; worked out once a type."""
    if settings_type not in _SEARCHABLE:
        _SEARCHABLE[settings_type] = tuple(
            info for info in describe(settings_type)
            if info.group != "run" or info.name in _FREE_RUN_SETTINGS)
    return _SEARCHABLE[settings_type]


def default_space(settings_type: type[RunSettings]) -> Space:
    """Return the space that a search of this solver begins with."""
    return Space(tuple(
        default_range(info) for info in searchable(settings_type)
        if info.name in _FIRST and info.default is not None))


def default_range(info: SettingInfo) -> Range:
    """Return the range of a setting that its declaration suggests: around its default."""
    if info.kind is bool:
        return Range(info.name, values=(False, True))
    if info.choices:
        return Range(info.name, values=tuple(info.choices))
    if info.kind is int:
        low, high = max(_floor_of(info), info.default // 4), max(2 * info.default, 1)
        return Range(info.name, low, _at_most(info, high), is_log=info.name == "n_factors")
    if not info.is_log:
        return Range(info.name, _floor_of(info), _at_most(info, max(2 * info.default, 1.0)))
    low, high = _NO_RATE if info.is_findable else _NO_DEFAULT
    if info.default:
        span = _RATE_SPAN if info.is_findable else _LOG_SPAN
        low, high = info.default / _LOG_SPAN, info.default * span
    return Range(info.name, _one_digit(low), _at_most(info, _one_digit(high)), is_log=True)


def _floor_of(info: SettingInfo) -> float:
    """Return the least value of a setting, a little above a bound that is not allowed."""
    if info.minimum is None:
        return 0
    if not info.is_open:
        return info.minimum
    return info.minimum + (info.step if info.kind is float else 1)


def _at_most(info: SettingInfo, value: float) -> float:
    return value if info.maximum is None else min(value, info.maximum)


def _one_digit(value: float) -> float:
    return float(f"{value:.1g}")


def info_of(name: str, settings_type: type[RunSettings]) -> SettingInfo:
    """Return what is known of a setting that is to be searched.

    Raises
    ------
    SettingsError
        If there is none of this name, or it may not be searched.
    """
    infos = {info.name: info for info in searchable(settings_type)}
    if name in infos:
        return infos[name]
    own = {info.name: info for info in describe(settings_type)}
    if name in own:
        raise SettingsError(
            f"{own[name].label} ({name}) cannot be searched: it is the same in all trials, so "
            "that they can be compared.", name)
    raise SettingsError(
        f"There is no setting {name[:40]!r} to search; there are {', '.join(infos)}.", name)


def value_text(value: Any) -> str:
    """Return a value of a setting as it is typed."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return short(value) if isinstance(value, (int, float)) else str(value)


def short(number: float) -> str:
    """Return a number that reads back as itself, whole ones without a point."""
    return f"{number:g}" if float(f"{number:g}") == number else repr(number)


def checked_range(found: Range, info: SettingInfo) -> Range:
    """Return a range whose values its setting may be.

    Raises
    ------
    SettingsError
        If one may not be, or the range is none.
    """
    name = info.name
    if found.values:
        values = tuple(dict.fromkeys(checked(info, value) for value in found.values))
        return Range(name, values=values)
    low, high = checked(info, found.low), checked(info, found.high)
    if info.kind is bool or info.choices:
        raise SettingsError(f"{info.label} ({name}) has values, not a range: write "
                            f"{default_range(info).text()}.", name)
    if low >= high:
        raise SettingsError(f"{info.label} ({name}): the range from {short(low)} to "
                            f"{short(high)} is empty; the first number is the lower one.", name)
    if found.is_log and low <= 0:
        raise SettingsError(f"{info.label} ({name}): a log range begins above 0, not at "
                            f"{short(low)}; give a small number, or leave log out.", name)
    if not 2 <= found.n_steps <= _MOST_STEPS:
        raise SettingsError(f"{info.label} ({name}): a grid takes 2 to {_MOST_STEPS} steps of a "
                            f"range, not {found.n_steps}.", name)
    return Range(name, low, high, found.is_log, found.n_steps)


def checked_space(space: Space, settings_type: type[RunSettings]) -> Space:
    """Return a space that has at least one range, and one for each setting at most.

    Raises
    ------
    SettingsError
        Else, and as ``checked_range`` says.
    """
    if not space.ranges:
        raise SettingsError("There is nothing to search: name at least one setting with a range.")
    seen = set()
    for each in space.ranges:
        if each.name in seen:
            raise SettingsError(f"{each.name} has two ranges: give one.", each.name)
        seen.add(each.name)
    return Space(tuple(
        checked_range(each, info_of(each.name, settings_type)) for each in space.ranges))


def steps_of(each: Range, info: SettingInfo) -> tuple[Any, ...]:
    """Return the values that a grid takes of a range, rising."""
    if each.values:
        return each.values
    shares = [step / (each.n_steps - 1) for step in range(each.n_steps)]
    return tuple(dict.fromkeys(value_at(each, share, info, 3) for share in shares))


def value_at(each: Range, share: float, info: SettingInfo, n_digits: int = 4) -> Any:
    """Return the value at a share, 0 to 1, of the way through a range; ends are met exactly."""
    if each.values:
        return each.values[min(int(share * len(each.values)), len(each.values) - 1)]
    if share in (0.0, 1.0):
        return info.kind(each.high if share else each.low)
    if each.is_log:
        value = math.exp(math.log(each.low) + share * (math.log(each.high) - math.log(each.low)))
    else:
        value = each.low + share * (each.high - each.low)
    value = float(f"{value:.{n_digits}g}")
    value = min(max(value, each.low), each.high)
    return round(value) if info.kind is int else value


def space_to_plain(space: Space) -> list[dict[str, Any]]:
    """Return a space as plain values."""
    return [{"name": each.name, "values": list(each.values)} if each.values else
            {"name": each.name, "low": each.low, "high": each.high, "is_log": each.is_log,
             "n_steps": each.n_steps} for each in space.ranges]


def space_from_plain(
    plain: Sequence[Mapping[str, Any]], settings_type: type[RunSettings]
) -> Space:
    """Return what ``space_to_plain`` gave; it comes from a file, and is checked.

    Raises
    ------
    SettingsError
        If a value may not be.
    """
    ranges = tuple(
        Range(each["name"], values=tuple(each["values"])) if "values" in each else
        Range(each["name"], each["low"], each["high"], bool(each["is_log"]), int(each["n_steps"]))
        for each in plain)
    return checked_space(Space(ranges), settings_type)
