"""Settings as options of the command line, and back."""

from __future__ import annotations

import argparse
from typing import Any

from mfgui.core.settings import RunSettings, SettingInfo, bounds_text, describe
from mfgui.data.options import OptionInfo, ReadOptions, describe_options


def option_name(name: str) -> str:
    """Return the option of a setting: ``n_factors`` is ``--n-factors``."""
    return "--" + name.replace("_", "-")


def add_settings(
    parser: argparse._ActionsContainer, settings_type: type[RunSettings]
) -> None:
    """Add an option for each setting; a switch as ``--biases`` / ``--no-biases``."""
    for info in describe(settings_type):
        action: dict[str, Any] = (
            {"action": argparse.BooleanOptionalAction} if info.kind is bool
            else {"type": info.kind, "metavar": "N" if info.kind is int else "X"})
        parser.add_argument(
            option_name(info.name), dest=info.name, default=argparse.SUPPRESS,
            help=_help(info).replace("%", "%%"), **action)


def _help(info: SettingInfo) -> str:
    """Return the sentence of help with bounds and default."""
    if info.kind is bool:
        return f"{info.help} Default: {'on' if info.default else 'off'}."
    default = info.empty_text if info.default is None else f"{info.default:g}"
    return f"{info.help} {bounds_text(info)[0].upper()}{bounds_text(info)[1:]}; default: {default}."


def settings_from(namespace: argparse.Namespace, settings_type: type[RunSettings]) -> RunSettings:
    """Return the settings that the options name, the others at their defaults.

    Raises
    ------
    SettingsError
        If one is out of bounds.
    """
    names = {info.name for info in describe(settings_type)}
    return settings_type(**{key: value for key, value in vars(namespace).items() if key in names})


READING_GROUPS = {
    "layout": "how the file is laid out (what is not given is found)",
    "values": "what a rating is",
    "names": "titles and names",
    "filters": "which ratings are kept",
}


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add an option for each way to read a file, by the words of the import page."""
    for group, title in READING_GROUPS.items():
        place = parser.add_argument_group(title)
        for info in describe_options():
            if info.group == group:
                place.add_argument(
                    option_name(info.name), dest=info.name, default=argparse.SUPPRESS,
                    help=_reading_help(info).replace("%", "%%"), **_reading_action(info))


def _reading_action(info: OptionInfo) -> dict[str, Any]:
    """Return how the parser takes an option."""
    if info.kind == "switch":
        return {"action": argparse.BooleanOptionalAction}
    if info.kind == "choice":
        return {"metavar": "|".join(info.choices)}
    kinds: dict[str, type] = {"number": float, "count": int}
    return {"type": kinds.get(info.kind, str), "metavar": info.metavar or "TEXT"}


def _reading_help(info: OptionInfo) -> str:
    default = f" Default: {info.default}." if info.default is not None else ""
    return f"{info.help}{default}"


def reading_from(namespace: argparse.Namespace) -> ReadOptions:
    """Return the reading options that were given.

    Raises
    ------
    DataError
        If one is none that there is.
    """
    names = {info.name for info in describe_options()}
    return ReadOptions(**{key: value for key, value in vars(namespace).items() if key in names})
