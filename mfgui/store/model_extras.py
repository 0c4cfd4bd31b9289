"""What a model file holds beside factors: fold-in rules, members' biases, ratings, earlier factors.

Arrays, each left out where there is nothing to say: ``member_user_bias``, ``member_item_bias``
(float32, (n_members, n)); the ratings that are known, ``rated_pointers`` (int64, (n_users + 1,)),
``rated_items`` (int32), ``rated_values`` (float32) and ``rated_held_out`` (uint8, a bit a rating,
the first in the highest bit); and ``before_refit_...``: the factors of ``FactorModel`` that never
saw the held-out ratings. In the card: ``rules``, ``member_means`` and ``before_refit``.
"""

from __future__ import annotations

import math
from dataclasses import asdict, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.fold_in_rule import FoldInRule
from mfgui.core.model import ARRAYS, FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection.known import Known

Arrays = dict[str, NDArray[Any]]
BEFORE = "before_refit_"
MEMBER_BIASES = ("member_user_bias", "member_item_bias")
RATED = ("rated_pointers", "rated_items", "rated_values", "rated_held_out")
EXTRA_ARRAYS = (*MEMBER_BIASES, *RATED, *(BEFORE + name for name in ARRAYS))


def model_extras(model: FactorModel) -> tuple[Arrays, dict[str, Any]]:
    """Return arrays and card entries of what a model knows beside its factors."""
    arrays = {name: array for name in MEMBER_BIASES
              if (array := getattr(model, name)) is not None}
    card: dict[str, Any] = {}
    if model.rules:
        card["rules"] = [asdict(rule) for rule in model.rules]
    if model.member_means:
        card["member_means"] = list(model.member_means)
    return arrays, card


def with_extras(model: FactorModel, arrays: Arrays, card: dict[str, Any]) -> FactorModel:
    """Return the model with rules and members' biases, each part checked."""
    n_members = len(model.members)
    biases: dict[str, Any] = {name: _floats(arrays[name], (n_members, n)) for name, n in (
        (MEMBER_BIASES[0], model.n_users), (MEMBER_BIASES[1], model.n_items)) if name in arrays}
    means = card.get("member_means", [])
    if not isinstance(means, list) or len(means) not in (0, n_members):
        raise ValueError("a mean for each member")
    rules = card.get("rules", [])
    if not isinstance(rules, list) or len(rules) not in (0, n_members):
        raise ValueError("a rule for each member")
    return replace(model, **biases, member_means=tuple(_finite(mean) for mean in means),
                   rules=tuple(_rule(rule) for rule in rules))


def _rule(entry: Any) -> FoldInRule:
    """Return a rule of the card, each value of the type and sign it must have."""
    if not isinstance(entry, dict):
        raise ValueError("a rule is a set of values")
    values: dict[str, Any] = {}
    for field in fields(FoldInRule):
        if field.name not in entry:
            continue
        value, kind = entry[field.name], type(field.default)
        if kind is float:
            value = _finite(value)
            if value < 0 or (field.name == "median" and value == 0):
                raise ValueError("weights of a rule are not negative")
        elif type(value) is not kind:
            raise ValueError("a rule has values of another type")
        values[field.name] = value
    rule = FoldInRule(**values)
    if rule.confidence not in ("", "log", "linear"):
        raise ValueError("an unknown confidence")
    return rule


def known_arrays(known: Known) -> Arrays:
    """Return the arrays of known ratings, 8 bytes a rating and a bit where some were held out.

    What the model never saw, of a file that was opened beside it, is none of its ratings.
    """
    if known.is_unseen is not None:
        own = np.flatnonzero(~known.is_unseen)
        known = Known(known.ratings.take(own),
                      None if known.is_held_out is None else known.is_held_out[own],
                      known.is_trained_on_all)
    ratings = known.ratings
    arrays: Arrays = {"rated_pointers": ratings.row_pointers, "rated_items": ratings.item_index,
                      "rated_values": ratings.value}
    if known.is_held_out is not None:
        arrays["rated_held_out"] = np.packbits(known.is_held_out)
    return arrays


def read_known(
    arrays: Arrays, card: dict[str, Any], user_ids: TextArray, item_ids: TextArray,
    titles: TextArray | None, *, is_refit: bool,
) -> Known | None:
    """Return the known ratings of a file, every index checked; None where it has none."""
    if "rated_pointers" not in arrays:
        return None
    pointers, items, values = (arrays[name] for name in RATED[:3])
    if pointers.dtype != np.int64 or pointers.shape != (len(user_ids) + 1,) or pointers[0] != 0 or (
            np.any(np.diff(pointers) < 0) or pointers[-1] != items.size):
        raise ValueError("row pointers must rise to the number of ratings")
    users = np.repeat(np.arange(len(user_ids), dtype=np.int32), np.diff(pointers))
    scale = card.get("ratings_scale")
    ratings = Ratings(users, items, values, user_ids, item_ids, titles,
                      str(card.get("ratings_name", "model")),
                      given_scale=_scale(scale) if scale is not None else None)
    packed = arrays.get("rated_held_out")
    if packed is None:
        return Known(ratings, None, is_refit)
    if packed.dtype != np.uint8 or packed.shape != ((items.size + 7) // 8,):
        raise ValueError("a bit for each rating")
    return Known(ratings, np.unpackbits(packed, count=items.size).astype(bool), is_refit)


def before_refit_arrays(model: FactorModel) -> tuple[Arrays, dict[str, Any]]:
    """Return arrays and the card's entry of the factors from before a refit."""
    arrays = {BEFORE + name: array for name in ARRAYS
              if (array := getattr(model, name)) is not None}
    _, card = model_extras(model)
    return arrays, {**card, "global_mean": model.global_mean, "scale": list(model.scale)}


def read_before_refit(
    arrays: Arrays, card: dict[str, Any], model: FactorModel
) -> FactorModel | None:
    """Return the factors from before a refit, every part checked; None where there are none."""
    entry = card.get("before_refit")
    if not isinstance(entry, dict):
        return None
    shapes = {"user_factors": model.user_factors.shape, "item_factors": model.item_factors.shape,
              "user_bias": (model.n_users,), "item_bias": (model.n_items,)}
    parts: dict[str, Any] = {
        name: _floats(arrays[BEFORE + name], shape) for name, shape in shapes.items()}
    implicit = None
    if model.implicit_factors is not None:
        implicit = _floats(arrays[BEFORE + "implicit_factors"], model.item_factors.shape)
    before = FactorModel(
        **parts, global_mean=_finite(entry["global_mean"]), scale=_scale(entry["scale"]),
        clip=model.clip, implicit_factors=implicit, member_ends=model.member_ends,
        target=model.target)
    members = {name: arrays[BEFORE + name] for name in MEMBER_BIASES if BEFORE + name in arrays}
    return with_extras(before, members, entry)


def _floats(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return a finite float32 array of the shape."""
    if array.dtype != np.float32 or array.shape != shape or not np.isfinite(array).all():
        raise ValueError(f"finite float32 of shape {shape}")
    return np.ascontiguousarray(array)


def _finite(value: Any) -> float:
    """Return a number that is finite."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("a finite number")
    return float(value)


def _scale(value: Any) -> tuple[float, float]:
    """Return the two ends of a scale."""
    low, high = (_finite(end) for end in value)
    if low > high:
        raise ValueError("a scale rises")
    return low, high
