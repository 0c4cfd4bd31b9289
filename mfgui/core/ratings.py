"""Observed ratings as three parallel arrays, with the ids as they were written.

A rating of 0 is a rating: what is missing is simply not in the arrays (a sparse ``nonzero()``
would lose the zeros).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.sharing import shared

IntArray = NDArray[np.int32]
FloatArray = NDArray[np.float32]

CODES_PER_PART = 1 << 20


@dataclass(frozen=True, eq=False)
class TextArray:
    """Many short texts in two arrays: UTF-8 bytes end to end, and where each begins.

    Parameters
    ----------
    data : ndarray of uint8, shape (total_bytes,)
    offsets : ndarray of int64, shape (n + 1,)
        Text ``k`` is ``data[offsets[k]:offsets[k + 1]]``.
    """

    data: NDArray[np.uint8]
    offsets: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.offsets.ndim != 1 or self.offsets.size < 1 or self.data.ndim != 1:
            raise ValueError("offsets need one entry more than there are texts")
        if self.offsets[0] != 0 or self.offsets[-1] != self.data.size:
            raise ValueError("offsets do not span the bytes")
        if np.any(np.diff(self.offsets) < 0):
            raise ValueError("offsets must not fall")
        self.data.flags.writeable = False
        self.offsets.flags.writeable = False

    @classmethod
    def from_strings(cls, texts: Iterable[str]) -> TextArray:
        """Return the texts, in their order, as one array."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        lengths = np.fromiter((len(piece) for piece in encoded), np.int64, len(encoded))
        offsets = np.zeros(lengths.size + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8).copy(), offsets)

    def __len__(self) -> int:
        return int(self.offsets.size) - 1

    def __getitem__(self, position: int) -> str:
        if not 0 <= position < len(self):
            raise IndexError(position)
        begin, end = self.offsets[position], self.offsets[position + 1]
        return self.data[begin:end].tobytes().decode("utf-8", "replace")

    def __iter__(self) -> Iterator[str]:
        return (self[position] for position in range(len(self)))

    def take(self, index: NDArray[Any]) -> TextArray:
        """Return the texts at the positions ``index``, in that order."""
        begins = self.offsets[:-1][index]
        lengths = self.offsets[1:][index] - begins
        offsets = np.zeros(lengths.size + 1, np.int64)
        np.cumsum(lengths, out=offsets[1:])
        # Byte k of the result comes from byte k of the old array, moved by its text's shift.
        source = np.arange(int(offsets[-1])) + np.repeat(begins - offsets[:-1], lengths)
        return TextArray(self.data[source], offsets)

    @cached_property
    def positions(self) -> dict[str, int]:
        """Where each text stands; made at the first look-up, then kept."""
        return {text: position for position, text in enumerate(self)}


@dataclass(frozen=True, eq=False)
class Ratings:
    """The observed ratings of ``n_users`` users and ``n_items`` items, sorted by (user, item).

    Parameters
    ----------
    user_index, item_index : ndarray of int32, shape (n_ratings,)
        Users and items numbered from 0 by first appearance in the file.
    value : ndarray of float32, shape (n_ratings,)
        Finite; in the units of the file.
    user_ids, item_ids : TextArray
        The ids exactly as written (``007`` is not ``7``), one for each user and item.
    item_titles : TextArray or None
        A name to show for each item, where there is one.
    name : str
        Where they come from.
    time : ndarray of float64, shape (n_ratings,), or None
        When each was given, in seconds since 1970 (UTC); NaN where that is not known.
    user_names : TextArray or None
        A name to show for each user, where there is one.
    given_scale : (float, float) or None
        The ends of the scale, where a person set them rather than the ratings themselves.

    Raises
    ------
    ValueError
        If shapes differ, an index is out of range, a value is not finite, or the pairs are
        not strictly increasing by (user, item).
    """

    user_index: IntArray
    item_index: IntArray
    value: FloatArray
    user_ids: TextArray
    item_ids: TextArray
    item_titles: TextArray | None = None
    name: str = field(default="ratings", compare=False)
    time: NDArray[np.float64] | None = None
    user_names: TextArray | None = None
    given_scale: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        self._check()
        for array in (self.user_index, self.item_index, self.value, self.time):
            if array is not None:
                array.flags.writeable = False

    def _check(self) -> None:
        users, items, value = self.user_index, self.item_index, self.value
        if not users.shape == items.shape == value.shape == (value.size,):
            raise ValueError("user_index, item_index and value must have one common length")
        if users.dtype != np.int32 or items.dtype != np.int32 or value.dtype != np.float32:
            raise ValueError("indices are int32, values float32")
        if self.item_titles is not None and len(self.item_titles) != len(self.item_ids):
            raise ValueError("item_titles need one text for each item")
        if self.user_names is not None and len(self.user_names) != len(self.user_ids):
            raise ValueError("user_names need one text for each user")
        if self.time is not None and (
                self.time.shape != value.shape or self.time.dtype != np.float64):
            raise ValueError("time needs one float64 for each rating")
        if value.size == 0:
            return
        if users.min() < 0 or users.max() >= self.n_users:
            raise ValueError("user_index out of range")
        if items.min() < 0 or items.max() >= self.n_items:
            raise ValueError("item_index out of range")
        if not np.isfinite(value).all():
            raise ValueError("ratings must be finite")
        same_user = users[1:] == users[:-1]
        rising = (users[1:] > users[:-1]) | (same_user & (items[1:] > items[:-1]))
        if not rising.all():
            raise ValueError("pairs must be sorted by (user, item) and distinct")

    @property
    def n_users(self) -> int:
        """Number of users, those without a rating in this part included."""
        return len(self.user_ids)

    @property
    def n_items(self) -> int:
        """Number of items, those without a rating in this part included."""
        return len(self.item_ids)

    @property
    def n_ratings(self) -> int:
        """Number of observed ratings."""
        return int(self.value.size)

    @property
    def density(self) -> float:
        """Share of all cells that are observed, 0 to 1."""
        cells = self.n_users * self.n_items
        return self.n_ratings / cells if cells else 0.0

    @cached_property
    def scale(self) -> tuple[float, float]:
        """Smallest and largest rating, or the ends that were set; (0, 0) where there is none."""
        if self.given_scale is not None:
            return self.given_scale
        if not self.n_ratings:
            return 0.0, 0.0
        # As written: the float32 nearest to 5.1 is 5.0999999 in float64.
        low, high = (float(f"{end:.7g}") for end in (self.value.min(), self.value.max()))
        return low, high

    @cached_property
    def mean(self) -> float:
        """Mean of the ratings, summed in float64; 0 where there is none."""
        return float(self.value.mean(dtype=np.float64)) if self.n_ratings else 0.0

    @cached_property
    def row_pointers(self) -> NDArray[np.int64]:
        """Where each user's ratings begin, int64, shape (n_users + 1,)."""
        rows = np.arange(self.n_users + 1, dtype=np.int32)  # int64 would copy the whole index
        return np.searchsorted(self.user_index, rows).astype(np.int64)

    @property
    def by_item(self) -> ItemOrder:
        """The same ratings sorted by (item, user); made anew each time, 8 bytes a rating.

        Unless it is shared (``core/sharing.py``).
        """
        return shared(self, "by_item", self._ordered_by_item)

    def _ordered_by_item(self) -> ItemOrder:
        # Dealt out by a kernel: argsort would take five times as long, and 12 bytes a rating more.
        from mfgui.core.kernels.order import distribute

        pointers = np.concatenate(([0], np.cumsum(self.item_counts)))
        users, values = np.empty(self.n_ratings, np.int32), np.empty(self.n_ratings, np.float32)
        no_times = np.empty(0)
        distribute(self.item_index, self.user_index, self.value, no_times, pointers[:-1].copy(),
                   users, values, no_times)
        # As those of the ratings are: kernels then are compiled once for both orders.
        users.flags.writeable = values.flags.writeable = False
        return ItemOrder(users, values, pointers)

    @cached_property
    def user_counts(self) -> NDArray[np.int64]:
        """Number of ratings of each user, shape (n_users,)."""
        return np.diff(self.row_pointers)

    @cached_property
    def item_counts(self) -> NDArray[np.int64]:
        """Number of ratings of each item, shape (n_items,)."""
        return code_counts(self.item_index, self.n_items)

    def take(self, index: NDArray[np.int64], *, has_time: bool = True) -> Ratings:
        """Return the ratings at the rising positions ``index``, users and items unchanged.

        ``has_time`` off leaves out when they were given: 8 bytes a rating.
        """
        return Ratings(
            self.user_index[index], self.item_index[index], self.value[index],
            self.user_ids, self.item_ids, self.item_titles, self.name,
            self.time[index] if self.time is not None and has_time else None,
            self.user_names, self.given_scale,
        )


def code_counts(codes: NDArray[Any], n: int) -> NDArray[np.int64]:
    """Return how often each of ``n`` codes occurs.

    By parts: ``bincount`` holds the GIL, 80 ms for 20 million, and with it the window.
    """
    counts = np.zeros(n, np.int64)
    for begin in range(0, codes.size, CODES_PER_PART):
        counts += np.bincount(codes[begin : begin + CODES_PER_PART], minlength=n)
    return counts


@dataclass(frozen=True, eq=False)
class ItemOrder:
    """Ratings sorted by (item, user): ``pointers[m]:pointers[m + 1]`` are those of item m.

    Parameters
    ----------
    user_index : ndarray of int32, shape (n_ratings,)
    value : ndarray of float32, shape (n_ratings,)
    pointers : ndarray of int64, shape (n_items + 1,)
    """

    user_index: IntArray
    value: FloatArray
    pointers: NDArray[np.int64]
