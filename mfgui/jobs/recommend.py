"""Top lists of a saved model: of one user, of an imaginary one, of all users as a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mfgui.core.control import Control
from mfgui.core.parallel import WorkerPool, even_blocks
from mfgui.core.predictions import shown_range
from mfgui.core.ratings import TextArray
from mfgui.data.options import ReadOptions
from mfgui.errors import DataError, ModelFileError
from mfgui.inspection.known import Known
from mfgui.inspection.new_user import NewUser, new_user
from mfgui.inspection.recommend import Filters, Recommendation, TopMemo, recommend
from mfgui.inspection.top_lists import TopLists, top_lists
from mfgui.jobs.export import ROWS_PER_BLOCK, TableWritten, write
from mfgui.jobs.files import check_place
from mfgui.jobs.ids import position_of
from mfgui.jobs.known_ratings import held_out_rmse, known_ratings
from mfgui.jobs.new_user_file import (
    NewUserFile,
    open_new_user,
    read_new_user,
    save_new_user,
    write_new_user,
)
from mfgui.store.columns import Block, Coded, Column
from mfgui.store.model_file import SavedModel, open_model

__all__ = [
    "NewUserFile", "TopList", "open_new_user", "read_new_user", "recommend_all",
    "recommend_all_file", "recommend_file", "save_new_user", "write_new_user",
]

Path = str | os.PathLike[str]
NO_RATINGS = ("The model file holds no ratings, so what a user rated could not be left out, and "
              "how many ratings an item has is not known: give the ratings with --ratings FILE.")
NO_COUNTS = ("The model file holds no ratings, so how many an item has is not known: give them "
             "with --ratings FILE.")


@dataclass(frozen=True, eq=False)
class TopList:
    """A user's top list, and what it takes to show it.

    Parameters
    ----------
    user : str
        The id, or the name of an imaginary user.
    is_new : bool
        Whether the user is imaginary.
    places : tuple of Recommendation
    item_ids : TextArray
    item_titles : TextArray or None
    scale : tuple of float
    target : str
        "rating" or "preference".
    notes : tuple of str
        Sentences on what is missing.
    """

    user: str
    is_new: bool
    places: tuple[Recommendation, ...]
    item_ids: TextArray
    item_titles: TextArray | None
    scale: tuple[float, float]
    target: str
    notes: tuple[str, ...] = ()


def recommend_file(
    control: Control, model_path: Path, *, user: str | None = None,
    new_user_path: Path | None = None, n: int = 10, filters: Filters | None = None,
    ratings_path: Path | None = None, options: ReadOptions | None = None,
) -> Iterator[TopList]:
    """Find the top list of a saved model for the user with this id, or for the one in a file.

    Parameters
    ----------
    ratings_path : path or None
        The ratings that it was trained on, for a model file that does not hold them.
    options : ReadOptions or None
        How to read these.

    Raises
    ------
    ModelFileError, DataError
        If a file cannot be read, or the filters need what is not in them.
    UnknownIdError
        If the model does not know the user.
    """
    if (user is None) == (new_user_path is None):
        raise ValueError("name either a user or a file of ratings")
    control.report(f"Opening {os.fspath(model_path)}")
    saved = open_model(model_path)
    number = None if user is None else position_of(saved.user_ids, user, "user")
    given = None if new_user_path is None else read_new_user(
        new_user_path, saved.item_ids, control.checkpoint)
    known = known_ratings(control, saved, ratings_path, options)
    memo, filters = TopMemo(saved.model, known, _names(saved)), filters or Filters()
    rmse = _checked_rmse(saved, known, memo, filters)
    who: int | NewUser
    if given is not None:
        who = new_user(saved.model, given.items, given.values, given.name, grams=memo.grams)
        shown, notes = given.name, [given.note]
    else:
        assert number is not None
        who, shown, notes = number, saved.user_ids[number], [_row_note(known, number)]
    control.report("Ranking the items")
    control.checkpoint()
    places = recommend(saved.model, known, who, n, filters, rmse, memo)
    if known is None:
        notes.append(NO_RATINGS if given is None and filters.is_unrated_only else NO_COUNTS)
    yield TopList(shown, given is not None, places, saved.item_ids, saved.item_titles,
                  saved.model.scale, saved.model.target, tuple(filter(None, notes)))


def recommend_all_file(
    control: Control, model_path: Path, path: Path, *, n: int = 10,
    filters: Filters | None = None, ratings_path: Path | None = None,
    options: ReadOptions | None = None, guards_formulas: bool = False,
    n_threads: int | None = None,
) -> Iterator[TableWritten]:
    """Write the top lists of all users of a saved model; as ``recommend_all``.

    Raises
    ------
    ModelFileError, DataError, StorageError
        As ``recommend_file``, or if the file cannot be written.
    """
    check_place(path)
    control.report(f"Opening {os.fspath(model_path)}")
    saved = open_model(model_path)
    known = known_ratings(control, saved, ratings_path, options)
    yield from recommend_all(control, saved, path, n, known=known, filters=filters,
                             guards_formulas=guards_formulas, n_threads=n_threads)


def recommend_all(
    control: Control, saved: SavedModel, path: Path, n: int = 10, *, known: Known | None = None,
    filters: Filters | None = None, guards_formulas: bool = False, n_threads: int | None = None,
) -> Iterator[TableWritten]:
    """Write the top lists of all users, a row for each place, as CSV or Parquet.

    The columns are user, rank, item, title (where there are titles) and prediction, as it is shown:
    clipped where the model clips, though ranked by what it is before.

    Parameters
    ----------
    saved : SavedModel
        Its own ratings count where ``known`` is None.
    guards_formulas : bool
        As ``write_table`` says.
    n_threads : int or None
        None: as many as the machine runs at once. The file is the same for any number.

    Raises
    ------
    ModelFileError
        If the filters need what the model file does not tell.
    StorageError
        If it cannot be written.
    """
    check_place(path)
    known, filters = known if known is not None else saved.known, filters or Filters()
    memo = TopMemo(saved.model, known, _names(saved))
    rmse = _checked_rmse(saved, known, memo, filters)
    columns = [Column("user", "text"), Column("rank", "whole"), Column("item", "text"),
               Column("title", "text"), Column("prediction", "number")]
    if saved.item_titles is None:
        del columns[3]
    with WorkerPool(n_threads or os.cpu_count() or 1) as pool:
        lists = top_lists(saved.model, known, n, pool=pool, control=control, filters=filters,
                          held_out_rmse=rmse, memo=memo)
        n_rows = write(control, path, columns, _blocks(saved, lists), pool,
                       is_reporting=False, guards_formulas=guards_formulas)
    notes = () if known is not None or not filters.is_unrated_only else (NO_RATINGS,)
    yield TableWritten(os.fspath(path), n_rows, notes)


def _blocks(saved: SavedModel, lists: Iterator[TopLists]) -> Iterator[Block]:
    """Yield the rows of the file, some users' at a time."""
    low, high = shown_range(saved.model)
    for part in lists:
        n_users = max(ROWS_PER_BLOCK // max(part.items.shape[1], 1), 1)
        for begin, end in even_blocks(part.items.shape[0], n_users):
            items, raw = part.items[begin:end], part.raw[begin:end]
            which, places = np.nonzero(items >= 0)
            codes = items[which, places]
            titles = saved.item_titles
            yield (Coded((which + part.first_user + begin).astype(np.int32), saved.user_ids),
                   places + 1, Coded(codes, saved.item_ids),
                   *([] if titles is None else [Coded(codes, titles)]),
                   np.clip(raw[which, places], low, high).astype(np.float32))


def _names(saved: SavedModel) -> TextArray:
    """Return what a title filter looks at."""
    return saved.item_ids if saved.item_titles is None else saved.item_titles


def _checked_rmse(
    saved: SavedModel, known: Known | None, memo: TopMemo, filters: Filters
) -> float | None:
    """Return the held-out RMSE, where it is known; refuse filters that need what is not."""
    rmse = held_out_rmse(saved, known)
    missing = memo.missing(filters, rmse)
    if missing and known is None:
        raise DataError(f"The model file does not tell {missing}, which the list was to go by: "
                        "give the ratings with --ratings FILE.")
    if missing and saved.model.target == "preference":
        raise ModelFileError("A model of preferences has no error in ratings, which a lower bound "
                             "needs: leave the lower bound out.")
    if missing:
        raise ModelFileError(f"The model file does not tell {missing}, which a lower bound needs: "
                             "train with a validation share, or leave the lower bound out.")
    return rmse


def _row_note(known: Known | None, user: int) -> str:
    """Return a sentence where the model knows nothing of the user's taste."""
    if known is None or known.user_row(user)[0].size:
        return ""
    return "This user has no training ratings: the list is the same for everybody like that."
