"""Where the ratings of runs came from, and what a project keeps of them."""

from __future__ import annotations

import hashlib
import sqlite3
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mfgui.core.ratings import Ratings, TextArray
from mfgui.store.project.checks import (
    MOST,
    Damage,
    json_out,
    object_in,
    switch,
    text,
    text_out,
    whole,
)

IDS = "ids"
RATINGS = "ratings"
ORIGINS = ("file", "sample", "textbook", "text")
_COLUMNS = ("id", "origin", "path", "name", "checksum", "options", "report", "n_users", "n_items",
            "n_ratings", "has_ratings", "is_test")


@dataclass(frozen=True)
class SourceInfo:
    """Where ratings came from and how they were read.

    Parameters
    ----------
    id : int
        0 before it is stored.
    origin : str
        "file", "sample", "textbook" or "text" (a pasted matrix).
    path : str
        Absolute; "" where the origin is no file.
    name : str
    checksum : str
        Of the file as the reader gives it; else ``ratings_checksum``.
    options : dict
        ``ReadOptions`` as plain values, only what was given.
    report : dict
        ``ImportReport.as_dict()``.
    n_users, n_items, n_ratings : int
    has_ratings : bool
        Whether the ratings themselves are kept in the project.
    is_test : bool
    """

    id: int
    origin: str
    path: str
    name: str
    checksum: str
    options: dict[str, Any] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    n_users: int = 0
    n_items: int = 0
    n_ratings: int = 0
    has_ratings: bool = False
    is_test: bool = False


def ratings_checksum(ratings: Ratings) -> str:
    """Return ``sha256:`` and the digest of ratings with their ids: the same for the same ones."""
    digest = hashlib.sha256()
    arrays: list[Any] = [ratings.user_index, ratings.item_index, ratings.value]
    for texts in (ratings.user_ids, ratings.item_ids):
        arrays += [texts.offsets, texts.data]
    if ratings.time is not None:
        arrays.append(ratings.time)
    for array in arrays:
        digest.update(f"{array.dtype.str} {array.size};".encode())
        digest.update(np.ascontiguousarray(array).data)
    return f"sha256:{digest.hexdigest()}"


def is_same_source(one: SourceInfo, two: SourceInfo) -> bool:
    """Return whether two stand for the same ratings, read in the same way."""
    return all(getattr(one, name) == getattr(two, name)
               for name in ("checksum", "origin", "options", "is_test", "n_users", "n_items",
                            "n_ratings"))


def source_row(info: SourceInfo) -> tuple[str, tuple[Any, ...]]:
    """Return the statement that puts a source into the file, and its values."""
    values = [getattr(info, name) for name in _COLUMNS]
    changes = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
    return (f"INSERT INTO sources ({', '.join(_COLUMNS)}) VALUES "
            f"({', '.join('?' * len(_COLUMNS))}) ON CONFLICT (id) DO UPDATE SET {changes}",
            tuple(json_out(value) if isinstance(value, dict)
                  else text_out(value) if isinstance(value, str) else int(value)
                  for value in values))


def read_sources(connection: sqlite3.Connection) -> dict[int, SourceInfo]:
    """Return all sources by id, every value checked."""
    result = {}
    for row in connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM sources ORDER BY id"):
        values = dict(zip(_COLUMNS, row, strict=True))
        info = SourceInfo(
            whole(values["id"], 1, MOST), text(values["origin"]), text(values["path"]),
            text(values["name"]), text(values["checksum"]), object_in(values["options"]),
            object_in(values["report"]), whole(values["n_users"]), whole(values["n_items"]),
            whole(values["n_ratings"]), switch(values["has_ratings"]), switch(values["is_test"]))
        if info.origin not in ORIGINS:
            raise Damage("ratings of an unknown origin")
        result[info.id] = info
    return result


def ids_tree(ratings: Ratings) -> dict[str, Any]:
    """Return ids, titles and names as a tree."""
    texts = {"users": ratings.user_ids, "items": ratings.item_ids, "titles": ratings.item_titles,
             "names": ratings.user_names}
    return {name: None if each is None else {"data": each.data, "offsets": each.offsets}
            for name, each in texts.items()}


def ratings_tree(ratings: Ratings) -> dict[str, Any]:
    """Return the ratings themselves as a tree, without ids."""
    scale = ratings.given_scale
    return {"user_index": ratings.user_index, "item_index": ratings.item_index,
            "value": ratings.value, "time": ratings.time,
            "given_scale": None if scale is None else list(scale)}


def ids_from(tree: Any) -> tuple[TextArray, TextArray, TextArray | None, TextArray | None]:
    """Return users, items, titles of items and names of users."""
    users, items, titles, names = (
        _texts(_part(tree, name)) for name in ("users", "items", "titles", "names"))
    if users is None or items is None:
        raise Damage("ids are missing")
    return users, items, titles, names


def ratings_from(tree: Any, ids: Any, name: str) -> Ratings:
    """Return the ratings of two trees, checked as all ratings are."""
    users, items, titles, names = ids_from(ids)
    scale = _part(tree, "given_scale")
    if scale is not None and (not isinstance(scale, list) or len(scale) != 2 or not all(
            isinstance(end, (int, float)) and np.isfinite(end) for end in scale)):
        raise Damage("a scale has two ends")
    arrays = [_part(tree, key) for key in ("user_index", "item_index", "value")]
    time = _part(tree, "time")
    if not all(isinstance(array, np.ndarray) for array in arrays) or (
            time is not None and not isinstance(time, np.ndarray)):
        raise Damage("ratings are arrays")
    try:
        return Ratings(
            arrays[0], arrays[1], arrays[2], users, items, titles, name, time, names,
            None if scale is None else (float(scale[0]), float(scale[1])))
    except ValueError as error:
        raise Damage(str(error)) from error


def _part(tree: Any, name: str) -> Any:
    if not isinstance(tree, dict) or name not in tree:
        raise Damage("a part of the ratings is missing")
    return tree[name]


def _texts(part: Any) -> TextArray | None:
    if part is None:
        return None
    data, offsets = _part(part, "data"), _part(part, "offsets")
    if not all(isinstance(array, np.ndarray) for array in (data, offsets)) or (
            data.dtype != np.uint8 or offsets.dtype != np.int64):
        raise Damage("texts are bytes with int64 offsets")
    try:
        return TextArray(data, offsets)
    except ValueError as error:
        raise Damage(str(error)) from error
