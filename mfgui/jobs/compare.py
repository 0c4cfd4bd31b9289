"""A second model beside the one that is shown: matched by id, measured on what neither saw."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.errors import ModelFileError
from mfgui.inspection.comparison import OtherModel, compare_held_out
from mfgui.inspection.known import Known
from mfgui.jobs.models import match_model
from mfgui.store.foreign_models import is_foreign, open_foreign
from mfgui.store.model_file import SavedModel, open_model

Path = str | os.PathLike[str]


def read_model(paths: Sequence[Path], ratings: Ratings | None = None) -> SavedModel:
    """Return a model of ours, or factors of another program.

    Raises
    ------
    ModelFileError
        If they cannot be read.
    """
    return open_foreign(paths, ratings) if is_foreign(paths) else open_model(paths[0])


def compare(
    control: Control, paths: Sequence[Path], ratings: Ratings, model: FactorModel,
    known: Known | None, before_refit: FactorModel | None = None,
) -> Iterator[OtherModel]:
    """Read another model and bring it beside ``model``, which is in the numbering of ``ratings``.

    Raises
    ------
    ModelFileError
        If it cannot be read, or has no user or no item in common with the ratings.
    """
    name = " and ".join(os.path.basename(os.fspath(path)) for path in paths)
    control.report(f"Opening {name}")
    saved = read_model(paths, ratings)
    control.checkpoint()
    matched = match_model(saved, ratings)
    if matched is None:
        raise ModelFileError(f"{name} has no user or no item in common with {ratings.name}: the "
                             "ids of both must be written alike to be compared.")
    users, items = matched.users >= 0, matched.items >= 0
    other = OtherModel(
        name, matched.model, users, items, saved.model.n_users - int(users.sum()),
        saved.model.n_items - int(items.sum()), matched.known, matched.before_refit)
    control.report("Measuring both on ratings that neither saw")
    yield replace(other, figures=compare_held_out(model, known, before_refit, other))
