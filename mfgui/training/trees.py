"""What a run remembers as plain nested values and arrays, and back from an untrusted file.

A tree has two parts: ``arrays``, where each array stands once however often it is named, and
``value``: None, switches, whole numbers, numbers, texts, lists and dictionaries by text. An array
is named there as ``{"array": k}``. Models, records and states of solvers are dictionaries.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import ARRAYS, FactorModel
from mfgui.errors import ProjectError
from mfgui.training.events import Baselines, EpochRecord

LARGEST_COUNT = 2**53  # of whole numbers but those of a random generator
KINDS = ("f", "i", "u", "b")  # of arrays
_DEEPEST = 12
_NEEDED = ("epoch", "segment", "is_refit", "loss", "data_term", "train_seconds")
_Value = TypeVar("_Value")


class TreeError(ValueError):
    """A tree that is not what it says; told as a ProjectError by ``reading``."""


class TreeWriter:
    """Writes one tree; the arrays of what it was given, each once."""

    def __init__(self) -> None:
        self.arrays: list[NDArray[Any]] = []
        self._places: dict[int, int] = {}

    def array(self, array: NDArray[Any]) -> dict[str, int]:
        """Return how an array is named."""
        place = self._places.setdefault(id(array), len(self.arrays))
        if place == len(self.arrays):
            self.arrays.append(array)
        return {"array": place}

    def model(self, model: FactorModel) -> dict[str, Any]:
        """Return a model as plain values."""
        arrays = {name: self.array(array) for name in ARRAYS
                  if (array := getattr(model, name)) is not None}
        return {
            "arrays": arrays, "global_mean": float(model.global_mean),
            "scale": [float(end) for end in model.scale], "clip": bool(model.clip),
            "member_ends": [int(end) for end in model.member_ends],
            "target": model.target, "rules": [asdict(rule) for rule in model.rules],
            "member_means": [float(mean) for mean in model.member_means]}

    def state(self, state: Any) -> Any:
        """Return the state of a solver as plain values, whatever it holds."""
        if isinstance(state, np.ndarray):
            return self.array(state)
        if isinstance(state, FactorModel):
            return {"model": self.model(state)}
        if isinstance(state, Mapping):
            return {"items": {key: self.state(value) for key, value in state.items()}}
        if isinstance(state, (tuple, list)):
            return {"list": [self.state(value) for value in state]}
        if isinstance(state, np.generic):
            return state.item()
        return state

    def tree(self, value: Any) -> dict[str, Any]:
        """Return the tree with ``value``."""
        return {"arrays": list(self.arrays), "value": value}


class TreeReader:
    """Reads one tree, every part checked.

    Parameters
    ----------
    tree : object
        From an untrusted file.

    Raises
    ------
    TreeError
        If it is no tree.
    """

    def __init__(self, tree: Any) -> None:
        if not isinstance(tree, dict) or not isinstance(tree.get("arrays"), list):
            raise TreeError("no tree")
        self.value: Any = tree.get("value")
        self._arrays = [self._sound(array) for array in tree["arrays"]]

    @staticmethod
    def _sound(array: Any) -> NDArray[Any]:
        if not isinstance(array, np.ndarray) or array.dtype.kind not in KINDS:
            raise TreeError("an array of numbers")
        return np.ascontiguousarray(array)

    def array(self, name: Any) -> NDArray[Any]:
        """Return the array that is named."""
        place = name.get("array") if isinstance(name, dict) else None
        if type(place) is not int or not 0 <= place < len(self._arrays):
            raise TreeError("an array that is not there")
        return self._arrays[place]

    def model(self, value: Any) -> FactorModel:
        """Return a model, checked as that of a model file is."""
        named = mapping(value, "arrays")
        parts = {name: self.array(where) for name, where in named.items()}
        model = _model_of(parts, value)
        rules = value.get("rules")
        if not isinstance(rules, list) or len(rules) not in (0, len(model.members)):
            raise TreeError("a rule for each member")
        return FactorModel(**{**vars(model), "rules": tuple(map(_rule, rules))})

    def state(self, value: Any, depth: int = 0) -> Any:
        """Return the state of a solver; whether it is one, ``check_state`` says."""
        if depth > _DEEPEST:
            raise TreeError("too deep")
        if not isinstance(value, dict):
            return scalar(value)
        (kind, inner), *others = value.items() or [("", None)]
        if others:
            raise TreeError("one thing at a time")
        if kind == "array":
            return self.array(value)
        if kind == "model":
            return self.model(inner)
        if kind == "items" and isinstance(inner, dict):
            return {str(key): self.state(each, depth + 1) for key, each in inner.items()}
        if kind == "list" and isinstance(inner, list):
            return tuple(self.state(each, depth + 1) for each in inner)
        raise TreeError("a state holds arrays, models and plain values")


def reading(what: str, read: Callable[[], _Value]) -> _Value:
    """Return what ``read`` returns.

    Raises
    ------
    ProjectError
        If what it reads is not what it says.
    """
    try:
        return read()
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError,
            RecursionError, MemoryError) as error:
        # All that Python and NumPy raise on values that are not what they say.
        raise ProjectError(
            f"{what} cannot be used: it is damaged, or a newer version of mfgui made it "
            f"({str(error)[:60] or type(error).__name__}).") from error


def mapping(value: Any, name: str) -> dict[str, Any]:
    """Return a dictionary that stands in another one."""
    inner = value.get(name) if isinstance(value, dict) else None
    if not isinstance(inner, dict):
        raise TreeError(f"{name}: a set of values")
    return inner


def scalar(value: Any) -> Any:
    """Return a plain value."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TreeError("a plain value")


def count(value: Any, largest: int = LARGEST_COUNT) -> int:
    """Return a whole number from 0."""
    if type(value) is not int or not 0 <= value <= largest:
        raise TreeError("a whole number from 0")
    return value


def number(value: Any, *, is_finite: bool = True) -> float:
    """Return a number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TreeError("a number")
    if is_finite and not math.isfinite(value):
        raise TreeError("a finite number")
    return float(value)


def switch(value: Any) -> bool:
    """Return True or False."""
    if not isinstance(value, bool):
        raise TreeError("yes or no")
    return value


def text(value: Any) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise TreeError("a text")
    return value


def optional(value: Any, read: Callable[[Any], _Value]) -> _Value | None:
    """Return None or what ``read`` returns."""
    return None if value is None else read(value)


def record_of(value: Any) -> EpochRecord:
    """Return a record; its figures may be infinite where nothing can be predicted so far off."""
    if not isinstance(value, dict) or not set(_NEEDED) <= set(value):
        raise TreeError("a record")
    names = {field.name for field in fields(EpochRecord)}
    if not set(value) <= names:
        raise TreeError("a record has no more")
    figures = {name: optional(value.get(name), _any_number) for name in names - set(_NEEDED)}
    return EpochRecord(
        epoch=count(value["epoch"]), segment=count(value["segment"]),
        is_refit=switch(value["is_refit"]), loss=_any_number(value["loss"]),
        data_term=_any_number(value["data_term"]), train_seconds=number(value["train_seconds"]),
        **figures)


def baselines_of(value: Any) -> Baselines:
    """Return what had to be beaten."""
    names = [field.name for field in fields(Baselines)]
    if not isinstance(value, dict) or set(value) != set(names):
        raise TreeError("baselines")
    return Baselines(**{name: optional(value[name], _any_number) for name in names})


def _any_number(value: Any) -> float:
    return number(value, is_finite=False)


def positions_of(array: NDArray[Any]) -> NDArray[np.int64]:
    """Return rising positions from 0 on."""
    if array.dtype != np.int64 or array.ndim != 1 or (
            array.size and (array[0] < 0 or bool(np.any(array[1:] <= array[:-1])))):
        raise TreeError("positions rise")
    return array


def _model_of(parts: dict[str, Any], value: dict[str, Any]) -> FactorModel:
    """Return a model without its rules."""
    users, items = parts["user_factors"], parts["item_factors"]
    if users.ndim != 2 or items.ndim != 2 or users.shape[1] != items.shape[1] or 0 in (
            *users.shape, items.shape[0]):
        raise TreeError("factors differ in shape")
    n_users, n_items, n_factors = users.shape[0], items.shape[0], users.shape[1]
    ends, means = value.get("member_ends"), value.get("member_means")
    low, high = (number(end) for end in value["scale"])
    if not isinstance(ends, list) or not isinstance(means, list) or low > high:
        raise TreeError("members and scale")
    bounds = [0, *(count(end, n_factors) for end in ends)]
    if ends and (ends[-1] != n_factors or any(
            one >= two for one, two in itertools.pairwise(bounds))):
        raise TreeError("member ends rise to the number of factors")
    n_members = max(len(ends), 1)
    shapes = {
        "user_factors": users.shape, "item_factors": items.shape, "user_bias": (n_users,),
        "item_bias": (n_items,), "implicit_factors": items.shape,
        "member_user_bias": (n_members, n_users), "member_item_bias": (n_members, n_items)}
    if not set(ARRAYS[:4]) <= set(parts) <= set(shapes) or len(means) not in (0, n_members):
        raise TreeError("what a model has")
    for name, array in parts.items():
        if array.dtype != np.float32 or array.shape != shapes[name] or not is_finite(array):
            raise TreeError(f"{name}: finite float32")
    if value.get("target") not in ("rating", "preference"):
        raise TreeError("a model predicts ratings or preferences")
    return FactorModel(
        **parts, global_mean=number(value["global_mean"]), scale=(low, high),
        clip=switch(value["clip"]), member_ends=tuple(ends), target=value["target"],
        member_means=tuple(number(mean) for mean in means))


def _rule(value: Any) -> FoldInRule:
    """Return a fold-in rule, each value of the type and sign it must have."""
    names = {field.name: type(field.default) for field in fields(FoldInRule)}
    if not isinstance(value, dict) or set(value) != set(names):
        raise TreeError("a rule")
    for name, kind in names.items():
        if kind is float and (number(value[name]) < 0 or (name == "median" and not value[name])):
            raise TreeError("weights of a rule are not negative")
        if kind is not float and type(value[name]) is not kind:
            raise TreeError("a rule has values of another type")
    if value["confidence"] not in ("", "log", "linear"):
        raise TreeError("an unknown confidence")
    values: dict[str, Any] = {
        name: float(each) if names[name] is float else each for name, each in value.items()}
    return FoldInRule(**values)


def is_finite(array: NDArray[Any]) -> bool:
    """Return whether all numbers are finite; by parts, so that little memory is taken."""
    flat = array.reshape(-1)
    return all(bool(np.isfinite(flat[begin : begin + (1 << 20)]).all())
               for begin in range(0, flat.size, 1 << 20))
