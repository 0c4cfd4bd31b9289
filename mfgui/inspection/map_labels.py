"""Titles on the factor map: those of what has most ratings, as many as fit without overlap."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import Ratings
from mfgui.inspection.words import name_of, one_line

LONGEST = 32  # signs of a title on the map
N_CANDIDATES = 300  # of the points in view: more would be titles of what nobody knows
TITLE_GAP = 6.0  # pixels from a point to its title
FIRST_WIDE = 0x1100  # below, no sign is twice as wide as a letter


@dataclass(frozen=True)
class Font:
    """How wide text is, so that the room it takes is known without drawing it.

    Parameters
    ----------
    widths : tuple of float
        Of the signs 32 to 126, in pixels.
    other : float
        Of a sign that is not among them; signs of double width count twice.
    height : float
        Of a line.
    """

    widths: tuple[float, ...]
    other: float
    height: float

    def width(self, text: str) -> float:
        """Return the width of a text, in pixels."""
        return sum(_sign_width(self, sign) for sign in text)


@lru_cache(maxsize=4096)
def _sign_width(font: Font, sign: str) -> float:
    code = ord(sign)
    if 32 <= code < 32 + len(font.widths):
        return font.widths[code - 32]
    is_wide = code >= FIRST_WIDE and unicodedata.east_asian_width(sign) in "WF"
    return font.other * (2 if is_wide else 1)


@dataclass(frozen=True)
class MapLabel:
    """A title beside its point.

    Parameters
    ----------
    x, y : float
        The point.
    text : str
    is_right : bool
        Whether it stands at the right of its point, else at the left.
    width : float
        The room it was given, in pixels.
    """

    x: float
    y: float
    text: str
    is_right: bool
    width: float


class Titles:
    """The titles of one side and how wide they are, kept once they were asked for."""

    def __init__(self, ratings: Ratings, side: str, font: Font) -> None:
        self.of = ratings, side, font
        self._names, self._ids = ((ratings.user_names, ratings.user_ids) if side == "users"
                                  else (ratings.item_titles, ratings.item_ids))
        self._kept: dict[int, tuple[str, float]] = {}

    def get(self, index: int) -> tuple[str, float]:
        """Return title or name, the id where there is none, on one line, and its width."""
        if index not in self._kept:
            text = one_line(name_of(self._names, index) or self._ids[index], LONGEST)
            self._kept[index] = text, self.of[2].width(text)
        return self._kept[index]


def place_titles(
    columns: NDArray[np.float64], rows: NDArray[np.float64], widths: NDArray[np.float64],
    font: Font, picture: tuple[float, float],
) -> NDArray[np.int8]:
    """Return on which side of its point each title stands: 1 right, -1 left, 0 no room for it.

    Parameters
    ----------
    columns, rows : ndarray of float64, shape (n,)
        Points in pixels, the most important first.
    widths : ndarray of float64, shape (n,)
        Of the titles; 0 of a title that is empty, which has no place.
    font : Font
    picture : tuple of float
        Width and height in pixels.
    """
    from mfgui.core.kernels.maps import place_labels

    sides = np.zeros(widths.size, np.int8)
    is_there = widths > 0
    placed = np.zeros(int(is_there.sum()), np.int8)
    place_labels(columns[is_there], rows[is_there], widths[is_there], font.height, TITLE_GAP,
                 *picture, placed)
    sides[is_there] = placed
    return sides
