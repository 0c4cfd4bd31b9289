"""The ratings that a model is inspected with: what is known, and what training saw of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import FloatArray, IntArray, ItemOrder, Ratings, code_counts


@dataclass(frozen=True, eq=False)
class Known:
    """Ratings in a model's numbering, those held out marked.

    Parameters
    ----------
    ratings : Ratings
        All that are known.
    is_held_out : ndarray of bool, shape (n_ratings,), or None
        None where none was held out, or nobody knows.
    is_trained_on_all : bool
        Whether the model saw the held-out ones too, as one does after a refit.
    is_unseen : ndarray of bool, shape (n_ratings,), or None
        Ratings that the model never saw, not even in a refit: those of a file that was opened
        beside it. None where there are none.
    """

    ratings: Ratings
    is_held_out: NDArray[np.bool_] | None = None
    is_trained_on_all: bool = False
    is_unseen: NDArray[np.bool_] | None = None

    @cached_property
    def _is_left_out(self) -> NDArray[np.bool_] | None:
        """Which ratings the model was not trained on; None where it was on all."""
        held_out = None if self.is_trained_on_all else self.is_held_out
        others = [mask for mask in (held_out, self.is_unseen) if mask is not None]
        return np.logical_or.reduce(others) if others else None

    @cached_property
    def training(self) -> Ratings:
        """What the model was trained on: a copy, 12 bytes a rating, where some were left out."""
        left_out = self._is_left_out
        return self.ratings if left_out is None else self._at(np.flatnonzero(~left_out))

    @cached_property
    def training_counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Training ratings of each user and of each item, shapes (n_users,), (n_items,).

        Counted without the copy that ``training`` may be.
        """
        ratings, left_out = self.ratings, self._is_left_out
        if left_out is None:
            return ratings.user_counts, ratings.item_counts
        others = np.flatnonzero(left_out)
        return (ratings.user_counts - code_counts(ratings.user_index[others], ratings.n_users),
                ratings.item_counts - code_counts(ratings.item_index[others], ratings.n_items))

    @cached_property
    def held_out(self) -> Ratings:
        """What was held out, of a refit before it."""
        return self._marked(self.is_held_out)

    @cached_property
    def unseen(self) -> Ratings:
        """What the model never saw."""
        return self._marked(self.is_unseen)

    def _marked(self, mask: NDArray[np.bool_] | None) -> Ratings:
        """Return the ratings that are marked."""
        return self._at(np.empty(0, np.int64) if mask is None else np.flatnonzero(mask))

    def _at(self, places: NDArray[np.int64]) -> Ratings:
        """Return the ratings at rising places; when they were given is of no use here."""
        return self.ratings.take(places, has_time=False)

    @cached_property
    def by_item(self) -> ItemOrder:
        """The training ratings sorted by item; kept, 8 bytes a rating."""
        return self.training.by_item

    def before_refit(self) -> Known:
        """Return the same ratings as the factors from before a refit saw them."""
        return replace(self, is_trained_on_all=False) if self.is_trained_on_all else self

    def place_of(self, user: int, item: int) -> int | None:
        """Return where the rating of a user for an item stands among all; None: there is none."""
        ratings = self.ratings
        begin, end = ratings.row_pointers[user : user + 2].tolist()
        place = begin + int(np.searchsorted(ratings.item_index[begin:end], item))
        return place if place < end and ratings.item_index[place] == item else None

    def user_row(self, user: int) -> tuple[IntArray, FloatArray]:
        """Return items and values of a user's training ratings."""
        ratings, left_out = self.ratings, self._is_left_out
        begin, end = ratings.row_pointers[user : user + 2].tolist()
        items, values = ratings.item_index[begin:end], ratings.value[begin:end]
        if left_out is None:
            return items, values
        is_in = ~left_out[begin:end]
        return items[is_in], values[is_in]

    def item_row(self, item: int) -> tuple[IntArray, FloatArray]:
        """Return users and values of an item's training ratings."""
        order = self.by_item
        row = slice(int(order.pointers[item]), int(order.pointers[item + 1]))
        return order.user_index[row], order.value[row]


def known_of(
    ratings: Ratings, held_out: NDArray[np.int64] | None, *, is_trained_on_all: bool
) -> Known:
    """Return what is known where the ratings at the positions ``held_out`` were held out."""
    if held_out is None or not held_out.size:
        return Known(ratings, None, is_trained_on_all)
    is_held_out = np.zeros(ratings.n_ratings, bool)
    is_held_out[held_out] = True
    return Known(ratings, is_held_out, is_trained_on_all)


def cell_keys(ratings: Ratings) -> NDArray[np.int64]:
    """Return ``user * n_items + item`` of each rating, shape (n_ratings,); they rise."""
    keys = ratings.user_index.astype(np.int64)
    keys *= ratings.n_items
    keys += ratings.item_index
    return keys


def places_among(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where each wanted key stands among rising ones, -1 where it does not."""
    if not keys.size:
        return np.full(wanted.size, -1)
    at = np.searchsorted(keys, wanted)
    at[np.take(keys, at, mode="clip") != wanted] = -1
    return at
