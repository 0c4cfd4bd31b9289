"""The items or users of a saved model that are nearest to one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from mfgui.core.control import Control
from mfgui.core.ratings import TextArray
from mfgui.data.options import ReadOptions
from mfgui.inspection.similar import Neighbour, similar_items, similar_users
from mfgui.jobs.ids import position_of
from mfgui.jobs.known_ratings import known_ratings
from mfgui.store.model_file import open_model

Path = str | os.PathLike[str]
NO_RATINGS = ("The model file holds no ratings, so numbers of ratings are not known: give the "
              "ratings with --ratings FILE.")


@dataclass(frozen=True, eq=False)
class SimilarList:
    """What is near one item or user, and what it takes to show it.

    Parameters
    ----------
    side : str
        "item" or "user".
    asked : int
    neighbours : tuple of Neighbour
    ids : TextArray
        Of the side.
    titles : TextArray or None
    notes : tuple of str
        Sentences on what is missing.
    """

    side: str
    asked: int
    neighbours: tuple[Neighbour, ...]
    ids: TextArray
    titles: TextArray | None
    notes: tuple[str, ...] = ()


def similar_file(
    control: Control, model_path: Path, *, item: str | None = None, user: str | None = None,
    n: int = 10, ratings_path: Path | None = None, options: ReadOptions | None = None,
) -> Iterator[SimilarList]:
    """Find what is nearest, in a saved model, to the item or the user with this id.

    Parameters
    ----------
    ratings_path : path or None
        The ratings that it was trained on, for a model file that does not hold them.
    options : ReadOptions or None
        How to read these.

    Raises
    ------
    ModelFileError, DataError
        If the model or the ratings cannot be read.
    UnknownIdError
        If the model does not know the id.
    """
    if (item is None) == (user is None):
        raise ValueError("name either an item or a user")
    control.report(f"Opening {os.fspath(model_path)}")
    saved = open_model(model_path)
    side, wanted = ("item", item) if item is not None else ("user", user)
    ids = saved.item_ids if side == "item" else saved.user_ids
    titles = saved.item_titles if side == "item" else None
    asked = position_of(ids, wanted or "", side, titles)
    known = known_ratings(control, saved, ratings_path, options)
    control.report("Comparing the factors")
    control.checkpoint()
    find = similar_items if side == "item" else similar_users
    neighbours = find(saved.model, known, asked, n)
    notes = [] if known is not None else [NO_RATINGS]
    if not neighbours and n > 0:
        notes.append(f"Nothing is near this {side}: its factors are 0, or all others' are.")
    yield SimilarList(side, asked, neighbours, ids,
                      saved.item_titles if side == "item" else None, tuple(notes))
