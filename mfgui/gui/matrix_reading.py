"""A cell of the matrices in words, and the numbers in view as a table."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mfgui.core.model import FactorModel
from mfgui.core.ratings import IntArray, Ratings, TextArray
from mfgui.gui.run_model import RunModel
from mfgui.gui.view_state import NEW_USER, Cell
from mfgui.gui.widgets.matrix_row import MARKED_TITLES, TITLES
from mfgui.inspection.cells import describe_cell
from mfgui.inspection.comparison import OtherModel
from mfgui.inspection.new_user import NewUser
from mfgui.inspection.order import FILE, ORDER_KEYS, OrderKey
from mfgui.inspection.pictures import Pictures
from mfgui.inspection.words import name_of, one_line

BETWEEN = "    "


def cell_text(model: RunModel, cell: Cell) -> str:
    """Return user, item and the numbers of a cell (user, item) in a line, "" where it is none."""
    ratings, (user, item) = model.ratings, cell
    if ratings is None or item >= ratings.n_items or user >= ratings.n_users:
        return ""
    if user == NEW_USER:
        return _new_user_text(ratings, model.shown, model.new_user, item)
    if model.other is not None and model.shown is not None:
        return _compared_text(ratings, model.shown, model.other, user, item)
    return describe_cell(ratings, model.shown, user, item)


def value_text(model: RunModel, cell: Cell | None) -> str:
    """Return the pinned cell as it is read aloud: "user 1193, item 661 “Title”, rated 3"."""
    return "" if cell is None else ", ".join(cell_text(model, cell).split(BETWEEN))


def _new_user_text(
    ratings: Ratings, model: FactorModel | None, new_user: NewUser | None, item: int
) -> str:
    """Return the cell of the imaginary row in words."""
    if new_user is None:
        return ""
    rating = new_user.rating(item)
    parts = [one_line(new_user.name), _item_words(ratings, item),
             "not rated" if rating is None else f"rated {rating:g}"]
    if model is not None and new_user.folded.factors.size == model.n_factors:
        raw = float(model.item_factors[item].astype(np.float64) @ new_user.folded.factors
                    + model.item_bias[item] + new_user.folded.bias + model.global_mean)
        parts += _prediction_words("predicted", raw, model)
        if rating is not None and model.target == "rating":
            parts.append(f"residual {rating - raw:+.2f}")
    return BETWEEN.join(parts)


def _compared_text(
    ratings: Ratings, model: FactorModel, other: OtherModel, user: int, item: int
) -> str:
    """Return what two models say of a cell."""
    pair = np.array([user]), np.array([item])
    raw, raw_other = (float(each.predict(*pair, is_clipped=False)[0])
                      for each in (model, other.model))
    parts = [describe_cell(ratings, None, user, item), *_prediction_words("A", raw, model)]
    if not (other.has_user[user] and other.has_item[item]):
        who = "user" if not other.has_user[user] else "item"
        parts.append(f"B does not know this {who}")
    return BETWEEN.join([*parts, *_prediction_words("B", raw_other, other.model),
                         f"A − B {raw - raw_other:+.2f}"])


def _prediction_words(name: str, raw: float, model: FactorModel) -> list[str]:
    """Return a prediction as shown, the raw one beside it where they differ."""
    shown = min(max(raw, model.scale[0]), model.scale[1]) if model.clip else raw
    beside = f" ({raw:.2f} before clipping)" if f"{raw:.2f}" != f"{shown:.2f}" else ""
    return [f"{name} {shown:.2f}{beside}"]


def _item_words(ratings: Ratings, item: int) -> str:
    title = name_of(ratings.item_titles, item)
    return f"item {one_line(ratings.item_ids[item])}{f' “{title}”' if title else ''}"


def view_table(
    pictures: Pictures | None, name: str
) -> tuple[list[str], Callable[[], Iterator[list[Any]]]]:
    """Return the numbers in view: the header, and a function that yields a row a user.

    Where a pixel holds many cells, rows and columns are named "first..last (mean of n)".
    """
    if pictures is None or name not in pictures.views:
        return ["user"], lambda: iter(())
    ratings, order = pictures.request.ratings, pictures.order
    window, values = pictures.blocks.window, pictures.views[name].values
    users = _labels(ratings.user_ids, order.rows, window.row_edges())
    items = _labels(ratings.item_ids, order.columns, window.column_edges())

    def rows() -> Iterator[list[Any]]:
        for user, line in zip(users, values, strict=True):
            numbers = [None if value != value else float(f"{value:.6g}") for value in line]
            yield [user, *numbers]

    return ["user", *items], rows


def _labels(ids: TextArray, order: IntArray, edges: Any) -> list[str]:
    """Return the id of each block of one cell, and "first..last (mean of n)" of larger ones."""
    labels = []
    for first, end in itertools.pairwise(edges.tolist()):
        name = ids[int(order[first])]
        n = end - first
        labels.append(name if n == 1 else f"{name}..{ids[int(order[end - 1])]} (mean of {n})")
    return labels


def sorted_words(key: OrderKey) -> str:
    """Return what a side is sorted by, "" where it stands as in the file."""
    if key.name == FILE:
        return ""
    words = {"factor": f"factor {key.factor + 1}", "cluster": f"{key.n_clusters} clusters"}
    return f", by {words.get(key.name, ORDER_KEYS[key.name])}"


def titles_of(model: RunModel) -> tuple[dict[str, str], str]:
    """Return what each of the matrices shows, and the mark on those that hold a model's numbers."""
    if model.other is not None and model.shown is not None:
        return {"observed": f"A: {one_line(model.other.shown_name, 24)}",
                "predicted": f"B: {one_line(model.other.name, 24)}", "residual": "A − B"}, ""
    if model.trial is not None:
        return MARKED_TITLES, "copy: step by step"
    return TITLES, ""
