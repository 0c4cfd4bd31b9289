"""Which items, and which users, are nearest by the direction of their factors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.model import FactorModel
from mfgui.core.ratings import FloatArray
from mfgui.inspection.best import best_places
from mfgui.inspection.known import Known

ROWS_PER_PART = 8192


@dataclass(frozen=True)
class Neighbour:
    """An item or user, and how near it is to the one asked for.

    Parameters
    ----------
    index : int
    cosine : float
        Of the angle between the two rows of factors: 1 is the same direction.
    n_ratings : int or None
        Training ratings; None where they are not known.
    n_common : int or None
        How many users rated both items, or items both users rated; None where that is not known.
    """

    index: int
    cosine: float
    n_ratings: int | None
    n_common: int | None


def similar_items(
    model: FactorModel, known: Known | None, item: int, n: int = 10
) -> tuple[Neighbour, ...]:
    """Return the items whose factors point most nearly the same way, nearest first, ties by item.

    Rows of 0, of items without a training rating, point nowhere and are left out; of such an item
    there are no neighbours. Biases take no part.

    Parameters
    ----------
    known : Known or None
        For the numbers of ratings; those of training count.
    """
    near = _nearest(model.item_factors, item, n)
    if known is None or not known.ratings.n_ratings:
        return tuple(Neighbour(index, cosine, None, None) for index, cosine in near)
    return _counted(near, known.item_row, item)


def similar_users(
    model: FactorModel, known: Known | None, user: int, n: int = 10
) -> tuple[Neighbour, ...]:
    """Return the users whose factors point most nearly the same way; as ``similar_items``."""
    near = _nearest(model.user_factors, user, n)
    if known is None or not known.ratings.n_ratings:
        return tuple(Neighbour(index, cosine, None, None) for index, cosine in near)
    return _counted(near, known.user_row, user)


def _counted(
    near: list[tuple[int, float]], row: Callable[[int], tuple[NDArray[Any], NDArray[Any]]],
    asked: int,
) -> tuple[Neighbour, ...]:
    """Return neighbours with their numbers of ratings, all and common."""
    own = row(asked)[0]
    found = []
    for index, cosine in near:
        theirs = row(index)[0]
        n_common = np.intersect1d(own, theirs, assume_unique=True).size
        found.append(Neighbour(index, cosine, int(theirs.size), int(n_common)))
    return tuple(found)


def _nearest(factors: FloatArray, asked: int, n: int) -> list[tuple[int, float]]:
    """Return the rows of largest cosine with one row, and that cosine; in float64, by parts."""
    own = factors[asked].astype(np.float64)
    length = float(np.sqrt(np.einsum("f,f", own, own)))
    if length == 0:
        return []
    cosines = np.empty(factors.shape[0])
    for begin in range(0, cosines.size, ROWS_PER_PART):
        part = factors[begin : begin + ROWS_PER_PART].astype(np.float64)
        lengths = np.sqrt(np.einsum("kf,kf->k", part, part))
        with np.errstate(divide="ignore", invalid="ignore"):  # rows of 0 become NaN: left out
            cosines[begin : begin + ROWS_PER_PART] = np.einsum(
                "kf,f->k", part, own / length) / lengths
    cosines[asked] = np.nan
    places = best_places(cosines, n)
    return [(int(place), float(np.clip(cosines[place], -1, 1))) for place in places]
