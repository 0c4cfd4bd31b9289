"""A setting is declared once: a dataclass field with its label, bounds, unit and help.

Form, command line, help and saved runs derive from these fields, and the field's name is the
option's and the widget's. Checking happens in ``__post_init__``: settings that exist are valid.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from mfgui.errors import SettingsError


@dataclass(frozen=True)
class SettingInfo:
    """What is known of one setting.

    Parameters
    ----------
    name : str
        The field's name, also the option's and the widget's.
    label : str
        What people read beside it.
    help : str
        One sentence.
    kind : type
        bool, int, float or, for a choice, str.
    is_optional : bool
        Whether it may be empty (None): then the solver finds the value.
    minimum, maximum : float or None
        Bounds, both included unless ``is_open`` takes the minimum out.
    is_open : bool
        Whether the minimum itself is not allowed (a rate must be above 0).
    unit : str
        "epochs", "threads", ...; "" where there is none.
    is_log : bool
        Whether it is stepped by powers of ten.
    step : float
        Step of a spin box where it is not logarithmic.
    empty_text : str
        What an empty field says, where it may be empty.
    group : str
        "solver" or "run".
    is_fixed_by_model : bool
        Whether "train on" must keep it, because the factors or the split depend on it.
    choices : dict of str to str
        What a choice may be, and the word people read for each; empty for numbers and switches.
    applies : tuple of (str, tuple)
        Where it does something: each other setting named has one of the values beside it.
    is_findable : bool
        Whether the rate finder can find it ("auto" on the command line).
    default : bool, int, float, str or None
    """

    name: str
    label: str
    help: str
    kind: type
    is_optional: bool
    minimum: float | None
    maximum: float | None
    is_open: bool
    unit: str
    is_log: bool
    step: float
    empty_text: str
    group: str
    is_fixed_by_model: bool
    choices: Mapping[str, str]
    applies: tuple[tuple[str, tuple[Any, ...]], ...]
    is_findable: bool
    default: Any


def setting(
    default: Any, label: str, help: str, *,
    minimum: float | None = None, maximum: float | None = None, is_open: bool = False,
    unit: str = "", is_log: bool = False, step: float = 1, empty_text: str = "automatic",
    group: str = "solver", is_fixed_by_model: bool = False,
    choices: Mapping[str, str] | None = None,
    applies: tuple[tuple[str, tuple[Any, ...]], ...] = (), is_findable: bool = False,
) -> Any:
    """Return a dataclass field that carries what form, options and checks need."""
    metadata = {
        "label": label, "help": help, "minimum": minimum, "maximum": maximum, "is_open": is_open,
        "unit": unit, "is_log": is_log, "step": step, "empty_text": empty_text, "group": group,
        "is_fixed_by_model": is_fixed_by_model, "choices": dict(choices or {}),
        "applies": applies, "is_findable": is_findable,
    }
    return dataclasses.field(default=default, metadata=metadata)


def epochs_setting(default: int) -> Any:
    """Return the field of the number of epochs, with a solver's own default."""
    return setting(
        default, "Epochs", "How many times training goes over the ratings at most.",
        minimum=1, maximum=1_000_000, unit="epochs", group="run")


def patience_setting(default: int) -> Any:
    """Return the field of early stopping, with a solver's own default."""
    return setting(
        default, "Patience", "Stop after this many epochs without a better validation RMSE and "
        "keep the best factors; 0 never stops early and keeps the last.",
        minimum=0, maximum=1_000_000, unit="epochs", group="run")


def refit_setting(*, default: bool) -> Any:
    """Return the field of the final training on all ratings, with a solver's own default."""
    return setting(
        default, "Refit on all", "Where ratings were held out, train again on all of them for the "
        "best number of epochs.", group="run")


SPLITS = {
    "random": "A random share of all",
    "user": "A share of each user's",
    "leave-k": "A number of each user's",
    "time": "The latest share of all",
    "user-time": "The latest of each user's",
}


@dataclass(frozen=True)
class RunSettings:
    """The settings that every run has, whatever its solver.

    Raises
    ------
    SettingsError
        If a value is of the wrong type or out of bounds; ``field`` names it.
    """

    n_epochs: int = epochs_setting(20)
    validation: float = setting(
        0.1, "Validation share", "The share of the ratings that is held out by the seed and "
        "never trained on, so that the error on unseen ratings can be watched; 0 holds out none.",
        minimum=0, maximum=0.5, step=0.05, group="run", is_fixed_by_model=True)
    split: str = setting(
        "random", "Split", "Which ratings are held out, by the validation share; a number of each "
        "user's takes its place. The latest need a time. A share of 0 holds out none.",
        group="run", is_fixed_by_model=True, choices=SPLITS)
    n_left_out: int = setting(
        1, "Left out per user", "How many ratings of each user are held out in place of a share; "
        "users who have no more than these keep all of theirs in training.",
        minimum=1, maximum=10_000, group="run", is_fixed_by_model=True,
        applies=(("split", ("leave-k",)),))
    patience: int = patience_setting(0)
    refit: bool = refit_setting(default=False)
    guard: bool = setting(
        True, "Recover from divergence", "Where the loss leaps up, go back to the last sound "
        "factors, halve the learning rate and go on, up to ten times; off: stop there.",
        group="run")
    clip: bool = setting(
        True, "Clip predictions", "Limit predictions that are shown, exported or measured to the "
        "scale of the ratings; loss, residuals and means of many cells are never clipped.",
        group="run")
    seed: int = setting(
        0, "Seed", "The same seed gives the same split, the same start and the same result.",
        minimum=0, maximum=2**31 - 1, group="run", is_fixed_by_model=True)
    n_threads: int = setting(
        1, "Threads", "How many threads train at once; the result is the same for any number.",
        minimum=1, maximum=256, unit="threads", group="run")

    def __post_init__(self) -> None:
        for info in describe(type(self)):
            object.__setattr__(self, info.name, checked(info, getattr(self, info.name)))


def describe(settings_type: type[RunSettings]) -> list[SettingInfo]:
    """Return what is known of each setting: the solver's own first, then those of every run."""
    # mypy takes the class for one of its instances here, which it finds not hashable.
    return list(_described(settings_type))  # type: ignore[arg-type]


@cache
def _described(settings_type: type[RunSettings]) -> tuple[SettingInfo, ...]:
    """Return the same, worked out once: resolving the types takes 2 ms."""
    hints = get_type_hints(settings_type)
    result = []
    for each in dataclasses.fields(settings_type):
        kinds = get_args(hints[each.name]) or (hints[each.name],)
        result.append(SettingInfo(
            name=each.name, kind=next(kind for kind in kinds if kind is not type(None)),
            is_optional=type(None) in kinds, default=each.default, **each.metadata))
    return tuple(sorted(result, key=lambda info: info.group == "run"))


def checked(info: SettingInfo, value: Any) -> Any:
    """Return ``value`` as the setting's own type.

    Raises
    ------
    SettingsError
        If it is of the wrong type, not finite or out of bounds.
    """
    if value is None and info.is_optional:
        return None
    if info.kind is bool:
        if not isinstance(value, bool):
            raise SettingsError(f"{info.label} ({info.name}) must be yes or no.", info.name)
        return value
    if info.choices:
        if value not in info.choices:
            raise SettingsError(
                f"{info.label} ({info.name}) must be one of {', '.join(info.choices)}, not "
                f"{str(value)[:40]}.", info.name)
        return value
    number = _as_number(info, value)
    if not _is_within(info, number):
        raise SettingsError(
            f"{info.label} ({info.name}) is {_shown(number)}, but must be {bounds_text(info)}.",
            info.name)
    return number


def _shown(number: float) -> str:
    """Return a number that may be a whole one of a thousand digits."""
    return f"{number:g}" if abs(number) < 1e300 else "too large"


def _as_number(info: SettingInfo, value: Any) -> Any:
    """Return a finite number of the setting's kind."""
    word = "whole number" if info.kind is int else "number"
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and isinstance(value, float):
        is_number = math.isfinite(value) and (info.kind is float or value == value // 1)
    if not is_number:
        raise SettingsError(f"{info.label} ({info.name}) must be a {word}, not {value}.", info.name)
    try:
        return info.kind(value)
    except OverflowError:  # a whole number beyond any float
        return math.inf


def _is_within(info: SettingInfo, number: float) -> bool:
    """Return whether the number lies in the setting's bounds."""
    if info.minimum is not None and number < info.minimum:
        return False
    if info.is_open and number == info.minimum:
        return False
    return info.maximum is None or number <= info.maximum


def does_apply(info: SettingInfo, values: Mapping[str, Any]) -> bool:
    """Return whether a setting does anything beside the other settings' values."""
    return all(values.get(name) in allowed for name, allowed in info.applies)


def bounds_text(info: SettingInfo) -> str:
    """Return the bounds in words: "above 0 and at most 10"."""
    if info.choices:
        return "one of " + ", ".join(info.choices)
    parts = []
    if info.minimum is not None:
        parts.append(f"{'above' if info.is_open else 'at least'} {_bound_text(info.minimum)}")
    if info.maximum is not None:
        parts.append(f"at most {_bound_text(info.maximum)}")
    return " and ".join(parts) or "a number"


def _bound_text(bound: float) -> str:
    """Return a bound as people write it: 1,000,000, 0.5, 1e+30."""
    return f"{bound:,.0f}" if bound == bound // 1 and bound < 1e12 else f"{bound:g}"


def as_dict(settings: RunSettings) -> dict[str, Any]:
    """Return the settings as plain values, in the order of their declaration."""
    return dataclasses.asdict(settings)
