"""A factor model as a tree, and back with every part checked as in a model file."""

from __future__ import annotations

from typing import Any

import numpy as np

from mfgui.core.model import ARRAYS, FactorModel
from mfgui.errors import ProjectError
from mfgui.store.model_extras import model_extras
from mfgui.store.model_file import model_from_parts


def model_to_tree(model: FactorModel) -> dict[str, Any]:
    """Return a model as nested plain values and arrays; the arrays are the model's own."""
    _, card = model_extras(model)
    return {
        "arrays": {name: array for name in ARRAYS if (array := getattr(model, name)) is not None},
        "card": {"global_mean": model.global_mean, "scale": list(model.scale), "clip": model.clip,
                 "member_ends": list(model.member_ends), "target": model.target, **card}}


def model_from_tree(tree: Any) -> FactorModel:
    """Return the model of a tree.

    Raises
    ------
    ProjectError
        If a part is missing or not what it should be.
    """
    try:
        arrays, card = tree["arrays"], tree["card"]
        if not all(name in ARRAYS and isinstance(array, np.ndarray)
                   for name, array in arrays.items()):
            raise ValueError("factors are arrays")
        return model_from_parts(arrays, card)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProjectError(
            f"The factors that the project keeps are damaged ({error}): open a backup of it, or "
            "train again.") from error
