"""A new user's ratings as files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.gui.new_user_flow import as_typed
from mfgui.gui.new_user_history import Draft
from mfgui.gui.widgets.rating_scale import RatingScale
from mfgui.jobs.files import Written
from mfgui.jobs.new_user_file import NewUserFile, open_new_user, save_new_user

Rows = Sequence[tuple[int, float]]


def save_job(path: str, draft: Draft, ratings: Ratings) -> Callable[[Control], Iterator[Written]]:
    """Return the job that writes a draft's ratings as CSV."""
    items = np.array(list(draft.ratings), np.int32)
    values = np.array(list(draft.ratings.values()), np.float32)
    return lambda control: save_new_user(
        control, path, items, values, ratings.item_ids, ratings.item_titles)


def load_job(path: str, ratings: Ratings) -> Callable[[Control], Iterator[NewUserFile]]:
    """Return the job that reads ratings of these items from a CSV file."""
    return lambda control: open_new_user(control, path, ratings.item_ids)


def rows_of(found: NewUserFile) -> Rows:
    """Return items and ratings of a file, as a person would write them."""
    return list(zip(found.items.tolist(), map(as_typed, found.values.tolist()), strict=True))


def notes_on(found: NewUserFile, rows: Rows, scale: RatingScale) -> str:
    """Return what a person should know of what was read; "" where there is nothing."""
    n_outside = sum(bool(scale.parsed(repr(value))[1]) for _, value in rows)
    outside = f"{n_outside:,} of the ratings lie outside the scale." if n_outside else ""
    return " ".join(filter(None, (found.note, outside)))
