"""A point of the factor map in words."""

from __future__ import annotations

from mfgui.core.ratings import Ratings
from mfgui.inspection.map_colours import COUNT, MapValues
from mfgui.inspection.map_picture import MapPicture
from mfgui.inspection.words import item_words, one_line, user_words


def point_words(picture: MapPicture, index: int | None) -> str:
    """Return id, title, number of ratings and value of a point; of none, what is marked."""
    request = picture.request
    if index is None:
        return _marked_words(picture)
    parts = [f"{request.side[:-1]} {index + 1}"]
    if request.known is not None:
        ratings = request.known.ratings
        parts = [_name(ratings, request.side, index)]
        n_ratings = int(request.known.training_counts[request.side == "items"][index])
        parts.append(f"{n_ratings:,} rating{'s' * (n_ratings != 1)}")
    value = _value_words(picture.values, index)
    return ", ".join(filter(None, (*parts, value)))


def _name(ratings: Ratings, side: str, index: int) -> str:
    """Return title or name with the id."""
    words = user_words(ratings, index) if side == "users" else item_words(ratings, index)
    ids = ratings.user_ids if side == "users" else ratings.item_ids
    return words if not words.startswith("“") else f"{words}, {side[:-1]} {one_line(ids[index])}"


def _value_words(values: MapValues, index: int) -> str:
    value = float(values.values[index])
    if values.name == COUNT or not values.unit or value != value:
        return ""
    if values.clusters is not None:
        return f"cluster {int(value) + 1}"
    return f"{values.unit} {value:.2f}"


def _marked_words(picture: MapPicture) -> str:
    """Return how many points are selected, found and in view."""
    request = picture.request
    n, side = picture.n_in_view, request.side
    parts = [f"{n:,} {side if n != 1 else side.removesuffix('s')} in view"]
    parts += [f"{marked.size:,} {word}" for word, marked in (
        ("selected", request.selected), ("found", request.found)) if marked.size]
    return ", ".join(parts)
