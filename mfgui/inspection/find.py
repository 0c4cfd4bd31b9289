"""Users and items found by id, title or name, at every key stroke.

Texts are folded once (no case, no accents); then each search is one pass over their bytes without
the GIL, 5 ms for 100,000 titles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import IntArray, Ratings, TextArray
from mfgui.inspection.folding import fold_all, fold_wanted

ID_EQUAL, TITLE_EQUAL, BEGINS, WORD_BEGINS, CONTAINS, HAS_ALL_WORDS, NOT_FOUND = range(7)
MOST_WORDS = 8
LONGEST_ID = 200  # bytes; of longer ones none is looked for that is spelled alike


@dataclass(frozen=True, eq=False)
class Hits:
    """What was found, the best first; of equally good ones the one with more ratings.

    Parameters
    ----------
    users, items : ndarray of int32
        Their numbers.
    """

    users: IntArray
    items: IntArray

    @property
    def total(self) -> int:
        """Number of hits."""
        return int(self.users.size + self.items.size)


class FindIndex:
    """Searches the users and items of some ratings.

    It takes half a second to make for a million users: not for the window's own thread.
    """

    def __init__(self, ratings: Ratings) -> None:
        self.ratings = ratings
        self._users = _Side(ratings.user_ids, ratings.user_names, ratings.user_counts)
        self._items = _Side(ratings.item_ids, ratings.item_titles, ratings.item_counts)

    def find(self, text: str) -> Hits:
        """Return what matches a text as a person types it.

        Best is an id that is just this, then a title that is; then what begins so, has a word
        that begins so, holds it anywhere, holds all of its words anywhere.
        """
        wanted = fold_wanted(text)
        return Hits(self._users.find(wanted), self._items.find(wanted))


class _Side:
    """The users, or the items."""

    def __init__(
        self, ids: TextArray, titles: TextArray | None, counts: NDArray[np.int64]
    ) -> None:
        self._ids = fold_all(ids)
        self._titles = None if titles is None else fold_all(titles)
        self._by_count = np.argsort(-counts, kind="stable").astype(np.int32)

    def find(self, wanted: str) -> IntArray:
        """Return the hits, the best first."""
        if not wanted:
            return np.empty(0, np.int32)
        ranks = self._ranks(wanted)
        words = wanted.split()[:MOST_WORDS]
        if len(words) > 1:
            has_all = np.logical_and.reduce([self._ranks(word) < NOT_FOUND for word in words])
            ranks[has_all & (ranks == NOT_FOUND)] = HAS_ALL_WORDS
        in_order = ranks[self._by_count]
        return np.concatenate([self._by_count[in_order == rank] for rank in range(NOT_FOUND)])

    def _ranks(self, wanted: str) -> NDArray[np.uint8]:
        """Return how well each matches by id or title, the smaller the better."""
        ranks = _matches(self._ids, wanted, ID_EQUAL)
        if self._titles is not None:
            np.minimum(ranks, _matches(self._titles, wanted, TITLE_EQUAL), out=ranks)
        return ranks


def _matches(texts: TextArray, wanted: str, equal: int) -> NDArray[np.uint8]:
    """Return how well each text matches; ``equal`` is the rank of one that is just this."""
    from mfgui.core.kernels.find import match_texts

    found = np.empty(len(texts), np.uint8)
    match_texts(texts.data, texts.offsets, _bytes(wanted), found)
    table = np.full(256, NOT_FOUND, np.uint8)
    table[:4] = equal, BEGINS, WORD_BEGINS, CONTAINS
    return table[found]


def nearest_id(texts: TextArray, wanted: str) -> str | None:
    """Return the id that is spelled most alike, None where none is near.

    Near is at most one typing error in three letters, but one at least; case and accents do not
    count.
    """
    from mfgui.core.kernels.find import nearest_text

    letters = _bytes(fold_wanted(wanted))
    if not 0 < letters.size <= LONGEST_ID:
        return None
    folded = fold_all(texts)
    place = int(nearest_text(folded.data, folded.offsets, letters, max(letters.size // 3, 1)))
    return texts[place] if place >= 0 else None


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8", "replace"), np.uint8)
