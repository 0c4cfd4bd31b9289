"""A search space as it is typed: ``learning_rate=1e-3:1e-1:log,n_factors=16,32,64``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mfgui.core.settings import RunSettings, SettingInfo, checked
from mfgui.errors import SettingsError
from mfgui.training.search_space import (
    N_STEPS,
    Range,
    Space,
    checked_range,
    checked_space,
    default_range,
    info_of,
    searchable,
)

_ON, _OFF = ("on", "yes", "true"), ("off", "no", "false")


def space_from(
    text: str | Sequence[str], settings_type: type[RunSettings]
) -> Space:
    """Return the space that was typed; several texts are one after another.

    Raises
    ------
    SettingsError
        If a part is none, or a value may not be what its setting is.
    """
    texts = [text] if isinstance(text, str) else list(text)
    names = {info.name for info in searchable(settings_type)}
    parts: list[str] = []
    for piece in (piece.strip() for each in texts for piece in each.split(",")):
        is_name = piece.replace("-", "_") in names  # alone: its default range
        if "=" in piece or is_name or not parts or not piece:
            parts.append(piece)
        else:
            parts[-1] += f",{piece}"  # another value of the same setting
    ranges = [range_from(*_named(part), settings_type) for part in parts if part]
    return checked_space(Space(tuple(ranges)), settings_type)


def _named(part: str) -> tuple[str, str]:
    """Return the setting's name and what is said of it."""
    name, _, said = part.partition("=")
    return name.strip().replace("-", "_"), said.strip()


def range_from(name: str, said: str, settings_type: type[RunSettings]) -> Range:
    """Return the range that was typed for a setting; nothing said is its default range.

    Raises
    ------
    SettingsError
        If there is no such setting, or what is said is no range of it.
    """
    info = info_of(name, settings_type)
    if not said:
        return default_range(info)
    is_range = ":" in said and not info.choices and info.kind is not bool
    found = _bounds_from(info, said) if is_range else Range(name, values=tuple(
        value_from(info, word.strip()) for word in said.split(",")))
    return checked_range(found, info)


def _bounds_from(info: SettingInfo, said: str) -> Range:
    """Return ``LOW:HIGH``, with ``:log`` or ``:linear`` and ``:STEPS`` where they are said."""
    low, high, *more = (word.strip() for word in said.split(":"))
    is_log, n_steps = info.is_log, N_STEPS
    for word in more:
        if word in ("log", "linear"):
            is_log = word == "log"
        elif word.isascii() and word.isdigit() and len(word) < 6:
            n_steps = int(word)
        else:
            raise SettingsError(
                f"{info.name}={said[:60]}: after LOW:HIGH comes log, linear or a number of steps, "
                f"not {word[:20]!r}.", info.name)
    return Range(info.name, value_from(info, low), value_from(info, high), is_log, n_steps)


def value_from(info: SettingInfo, word: str) -> Any:
    """Return the value of a setting that was typed.

    Raises
    ------
    SettingsError
        If it may not be.
    """
    if info.kind is bool:
        if word.lower() not in _ON + _OFF:
            raise SettingsError(f"{info.label} ({info.name}) is on or off, not {word[:20]!r}.",
                                info.name)
        return word.lower() in _ON
    if info.choices:
        return checked(info, word)
    try:
        number = float(word.replace(",", "."))
    except ValueError:
        raise SettingsError(f"{info.label} ({info.name}) must be a number, not {word[:20]!r}.",
                            info.name) from None
    return checked(info, number)
