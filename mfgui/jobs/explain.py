"""Why a model from a file predicts what it does for one user and one item."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from mfgui.core.control import Control
from mfgui.data.options import ReadOptions
from mfgui.inspection.explain import explain
from mfgui.inspection.explanation import Explanation
from mfgui.inspection.known import Known
from mfgui.jobs.ids import position_of
from mfgui.jobs.known_ratings import known_ratings
from mfgui.jobs.models import unrated
from mfgui.store.model_file import open_model

Path = str | os.PathLike[str]
NO_RATINGS = ("The model file holds no ratings, so nothing is told of the rating itself, by own "
              "ratings or by raters: give the ratings with --ratings FILE.")


@dataclass(frozen=True)
class Explained:
    """An explanation, and how to read it.

    Parameters
    ----------
    explanation : Explanation
    scale : tuple of float
        Of the model: how many decimals tell its numbers apart.
    note : str
        One sentence on what is missing and how to give it; else "".
    """

    explanation: Explanation
    scale: tuple[float, float]
    note: str = ""


def explain_file(
    control: Control, model_path: Path, user: str, item: str, ratings_path: Path | None = None,
    options: ReadOptions | None = None,
) -> Iterator[Explained]:
    """Explain the prediction of a saved model for the user and the item with these ids.

    Parameters
    ----------
    ratings_path : path or None
        The ratings that it was trained on, for a model file that does not hold them.
    options : ReadOptions or None
        How to read these.

    Raises
    ------
    ModelFileError, DataError
        If the model or the ratings cannot be read, or have no user and item in common.
    UnknownIdError
        If the model does not know the user or the item.
    """
    control.report(f"Opening {os.fspath(model_path)}")
    saved = open_model(model_path)
    users = position_of(saved.user_ids, user, "user")
    items = position_of(saved.item_ids, item, "item", saved.item_titles)
    known = known_ratings(control, saved, ratings_path, options)
    control.report("Explaining the prediction")
    control.checkpoint()
    explanation = explain(saved.model, known or Known(unrated(saved)), users, items,
                          before_refit=saved.before_refit)
    yield Explained(explanation, saved.model.scale, "" if known is not None else NO_RATINGS)
