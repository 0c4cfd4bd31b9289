"""Finds items, or users, for a search field; the index over ids and titles is shared."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from mfgui.core.ratings import Ratings
from mfgui.gui.widgets.find_field import FoundRow
from mfgui.gui.widgets.naming import item_name
from mfgui.inspection.find import FindIndex, nearest_id
from mfgui.inspection.words import name_of, one_line

# By the number of the ratings object, which its index keeps alive; an index lives while a field
# uses it.
_indexes: WeakValueDictionary[int, FindIndex] = WeakValueDictionary()
_lock = threading.Lock()


@dataclass(frozen=True)
class Found:
    """What was found for a text.

    Parameters
    ----------
    text : str
    rows : tuple of FoundRow
        The best hits first.
    n : int
        How many hits there are in all.
    nearest : str
        Where there is none: the id that is spelled most alike, "" where none is.
    """

    text: str
    rows: tuple[FoundRow, ...] = ()
    n: int = 0
    nearest: str = ""


Find = Callable[[str, int], Found]


def item_finder(ratings: Ratings) -> Find:
    """Return what finds items by id or title."""
    return _Finder(ratings, is_user=False)


def user_finder(ratings: Ratings) -> Find:
    """Return what finds users by id or name."""
    return _Finder(ratings, is_user=True)


class _Finder:
    """Finds one side; called on the thread of a search field."""

    def __init__(self, ratings: Ratings, *, is_user: bool) -> None:
        self._ratings, self._is_user = ratings, is_user
        self._index: FindIndex | None = None

    def __call__(self, text: str, n: int) -> Found:
        """Return the best ``n`` hits."""
        if self._index is None:
            self._index = shared_index(self._ratings)
        hits, ratings = self._index.find(text), self._ratings
        numbers = hits.users if self._is_user else hits.items
        ids = ratings.user_ids if self._is_user else ratings.item_ids
        nearest = "" if len(numbers) else nearest_id(ids, text) or ""
        return Found(text, tuple(map(self._row, numbers[:n].tolist())), len(numbers),
                     one_line(nearest))

    def _row(self, number: int) -> FoundRow:
        ratings = self._ratings
        ids = ratings.user_ids if self._is_user else ratings.item_ids
        its_id = one_line(ids[number], 24)
        name = (name_of(ratings.user_names, number) or its_id if self._is_user
                else item_name(ratings, number))
        counts = ratings.user_counts if self._is_user else ratings.item_counts
        return FoundRow(self._is_user, number, name, its_id, int(counts[number]))


def shared_index(ratings: Ratings) -> FindIndex:
    """Return the index of these ratings, made by whoever looks first."""
    with _lock:
        index = _indexes.get(id(ratings))
        if index is None:
            index = FindIndex(ratings)
            _indexes[id(ratings)] = index
        return index
