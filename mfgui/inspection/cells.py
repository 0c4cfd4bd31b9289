"""One cell in words."""

from __future__ import annotations

import numpy as np

from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings
from mfgui.inspection.words import name_of, one_line


def observed_rating(ratings: Ratings, user: int, item: int) -> float | None:
    """Return the rating of a user for an item, None where it is missing."""
    begin, end = ratings.row_pointers[user], ratings.row_pointers[user + 1]
    row = ratings.item_index[begin:end]
    place = int(np.searchsorted(row, item))
    if place == row.size or row[place] != item:
        return None
    return float(ratings.value[begin + place])


def describe_cell(
    ratings: Ratings, model: FactorModel | None, user: int, item: int
) -> str:
    """Return ids, title, observed, predicted and residual of one cell in a line.

    The prediction is shown clipped where the model clips, with the raw one beside it where they
    differ; the residual, observed minus predicted, uses the raw one. Where the model predicts
    preferences, the observed is 1 for a rating above 0, else 0, and every cell has a residual.
    Of a model shown without any rating nobody knows what is rated.
    """
    title = name_of(ratings.item_titles, item)
    parts = [f"user {one_line(ratings.user_ids[user])}",
             f"item {one_line(ratings.item_ids[item])}{f' “{title}”' if title else ''}"]
    observed = observed_rating(ratings, user, item)
    is_known = ratings.n_ratings > 0 or model is None
    without = "not rated" if is_known else "rating not known"
    parts.append(without if observed is None else f"rated {observed:g}")
    if model is not None and model.target == "preference" and is_known:
        observed = float(observed is not None and observed > 0)
        parts.append(f"preference {observed:g}")
    if model is not None:
        pair = np.array([user]), np.array([item])
        raw = float(model.predict(*pair, is_clipped=False)[0])
        shown = float(model.predict(*pair)[0])
        beside = f" ({raw:.2f} before clipping)" if f"{raw:.2f}" != f"{shown:.2f}" else ""
        parts.append(f"predicted {shown:.2f}{beside}")
        if observed is not None:
            parts.append(f"residual {observed - raw:+.2f}")
    return "    ".join(parts)
