"""The ratings that a model is inspected with: what is known, and what training saw of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import FloatArray, IntArray, ItemOrder, Ratings


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
    def training(self) -> Ratings:
        """What the model was trained on."""
        held_out = None if self.is_trained_on_all else self.is_held_out
        others = [mask for mask in (held_out, self.is_unseen) if mask is not None]
        if not others:
            return self.ratings
        return self.ratings.take(np.flatnonzero(~np.logical_or.reduce(others)))

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
        return self.ratings.take(
            np.empty(0, np.int64) if mask is None else np.flatnonzero(mask))

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
        pointers = self.training.row_pointers
        row = slice(int(pointers[user]), int(pointers[user + 1]))
        return self.training.item_index[row], self.training.value[row]

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
