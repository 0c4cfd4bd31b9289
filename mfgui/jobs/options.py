"""Settings as options of the command line, and back."""

from __future__ import annotations

import argparse
from typing import Any

from mfgui.core.settings import RunSettings, SettingInfo, bounds_text, describe


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
