"""Settings as options of the command line, and back."""

from __future__ import annotations

import argparse
from typing import Any

from mfgui.core.settings import (
    RunSettings,
    SettingInfo,
    as_dict,
    bounds_text,
    describe,
    does_apply,
)
from mfgui.core.solvers import SOLVERS
from mfgui.data.options import OptionInfo, ReadOptions, describe_options
from mfgui.jobs.find_rate import N_EPOCHS

AUTO = "auto"  # found by trying, before the run
EMPTY = "none"  # as an empty field of the form: the method's own choice


def option_name(name: str) -> str:
    """Return the option of a setting: ``n_factors`` is ``--n-factors``."""
    return "--" + name.replace("_", "-")


def add_settings(
    parser: argparse._ActionsContainer, settings_type: type[RunSettings]
) -> None:
    """Add an option for each setting; a switch as ``--biases`` / ``--no-biases``."""
    for info in describe(settings_type):
        parser.add_argument(
            option_name(info.name), dest=info.name, default=argparse.SUPPRESS,
            help=_help(info).replace("%", "%%"), **_action(info))


def _action(info: SettingInfo) -> dict[str, Any]:
    """Return how the parser takes a setting; whether a choice is one is left to the settings."""
    if info.kind is bool:
        return {"action": argparse.BooleanOptionalAction}
    if info.choices:
        return {"metavar": "|".join(info.choices)}
    if info.is_findable:
        return {"type": _number_or_word, "metavar": f"X|{AUTO}|{EMPTY}"}
    return {"type": info.kind, "metavar": "N" if info.kind is int else "X"}


def _number_or_word(text: str) -> float | str | None:
    """Return what was typed as a number, the word that has it found, or None."""
    if text in (AUTO, EMPTY):
        return AUTO if text == AUTO else None
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is neither a number nor {AUTO} nor {EMPTY}") from None


def _help(info: SettingInfo) -> str:
    """Return the sentence of help with bounds and default, and where it applies."""
    parts = [info.help, _values_text(info)]
    if info.applies:
        parts.append(f"Only with {_applies_text(info)}.")
    return " ".join(parts)


def _values_text(info: SettingInfo) -> str:
    """Return what a setting may be, and its default."""
    if info.kind is bool:
        return f"Default: {'on' if info.default else 'off'}."
    if info.choices:
        words = ", ".join(f"{value}: {text}" for value, text in info.choices.items())
        return f"{words}; default: {info.default}."
    default = info.empty_text if info.default is None else f"{info.default:g}"
    bounds = bounds_text(info)
    if info.is_findable:
        bounds += (f", or {AUTO}: the one that lowers the training loss most in the first "
                   f"{N_EPOCHS} epochs, found before the run; or {EMPTY}: the method's own choice")
    return f"{bounds[0].upper()}{bounds[1:]}; default: {default}."


def _applies_text(info: SettingInfo) -> str:
    """Return what must be set for a setting to do something: "--step adam or fixed"."""
    return " and ".join(
        " or ".join(_option_text(name, value) for value in values)
        for name, values in info.applies)


def _option_text(name: str, value: Any) -> str:
    """Return a setting with its value as it is typed."""
    if isinstance(value, bool):
        return option_name(name if value else f"no_{name}")
    return option_name(name) if value is None else f"{option_name(name)} {value}"


def idle_options(namespace: argparse.Namespace, settings: RunSettings) -> list[str]:
    """Return a sentence on each option that was given and does nothing beside the others."""
    values, given = as_dict(settings), vars(namespace)
    return [f"{option_name(info.name)} does nothing here: it needs {_applies_text(info)}."
            for info in describe(type(settings))
            if info.name in given and not does_apply(info, values)]


def settings_from(namespace: argparse.Namespace, settings_type: type[RunSettings]) -> RunSettings:
    """Return the settings that the options name, the others at their defaults.

    What is to be found (``AUTO``) is at its default until it is.

    Raises
    ------
    SettingsError
        If one is out of bounds.
    """
    names = {info.name for info in describe(settings_type)} - {auto_name(namespace)}
    return settings_type(**{key: value for key, value in vars(namespace).items() if key in names})


def auto_name(namespace: argparse.Namespace) -> str:
    """Return the name of the setting that is to be found, or ""."""
    return next((name for name, value in vars(namespace).items()
                 if isinstance(value, str) and value == AUTO and name in findable_names()), "")


def findable_names() -> dict[str, str]:
    """Return the label of each setting that can be found, by name, of whatever solver."""
    return {info.name: info.label for solver in SOLVERS.values()
            for info in describe(solver.settings_type) if info.is_findable}


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
