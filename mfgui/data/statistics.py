"""Figures of ratings for the report: histogram, ratings per user and item, what looks odd."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import Ratings
from mfgui.data.import_report import Bin, ImportReport, Offer, Spread
from mfgui.data.options import ReadOptions

MOST_BARS = 40
CHUNK = 1 << 20
ZERO_SHARE = 1 / 3
HEAVY_TAIL = 20.0


def described(report: ImportReport, ratings: Ratings) -> ImportReport:
    """Return the report with the figures of the ratings in it."""
    return replace(
        report, density=ratings.density, mean=ratings.mean, histogram=histogram(ratings.value),
        per_user=spread(ratings.user_counts), per_item=spread(ratings.item_counts))


def histogram(value: NDArray[np.float32]) -> tuple[Bin, ...]:
    """Return the ratings by value where there are at most 40 values, else by 20 equal ranges."""
    known = np.unique(value[:CHUNK])
    counts = np.zeros(known.size, np.int64)
    for begin in range(0, value.size, CHUNK):
        part = value[begin : begin + CHUNK]
        place = np.minimum(np.searchsorted(known, part), known.size - 1)
        if (known[place] != part).any():
            new = np.union1d(known, part)
            counts = _moved(counts, known, new)
            known, place = new, np.searchsorted(new, part)
        if known.size > MOST_BARS:
            return _ranges(value)
        counts += np.bincount(place, minlength=known.size)
    return tuple(
        Bin(_short(each), _short(each), number)
        for each, number in zip(known.tolist(), counts.tolist(), strict=True))


def _moved(
    counts: NDArray[np.int64], known: NDArray[np.float32], new: NDArray[np.float32]
) -> NDArray[np.int64]:
    """Return the counts of ``known`` at their places in ``new``."""
    result = np.zeros(new.size, np.int64)
    result[np.searchsorted(new, known)] = counts
    return result


def _ranges(value: NDArray[np.float32]) -> tuple[Bin, ...]:
    low, high = float(value.min()), float(value.max())
    edges = np.linspace(low, high, 21)
    counts = np.zeros(20, np.int64)
    for begin in range(0, value.size, CHUNK):
        counts += np.histogram(value[begin : begin + CHUNK], edges)[0]
    return tuple(
        Bin(_short(a), _short(b), number)
        for a, b, number in zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(),
                                strict=True))


def _short(value: float) -> float:
    """Return a float32 as it was written: 3.3, not 3.299999952316284."""
    return float(f"{value:.7g}")


def spread(counts: NDArray[np.int64]) -> Spread:
    """Return least, median and most, and a histogram whose edges double."""
    if not counts.size:
        return Spread(0, 0.0, 0)
    most = int(counts.max())
    exponents = np.floor(np.log2(np.maximum(counts, 1))).astype(np.int64)
    numbers = np.bincount(exponents)
    bins = tuple(Bin(2**k, 2 ** (k + 1) - 1, int(number)) for k, number in enumerate(numbers))
    return Spread(int(counts.min()), float(np.median(counts)), most, bins)


def offers(ratings: Ratings, n_zeros: int, options: ReadOptions) -> tuple[Offer, ...]:
    """Return other readings that may be the right one."""
    if options.zeros != "rating" or options.binarize is not None:
        return ()
    low, high = ratings.scale
    if n_zeros < ZERO_SHARE * ratings.n_ratings or low != 0 or high <= 1:
        return ()
    share = n_zeros / ratings.n_ratings
    return (Offer(
        f"{share:.0%} of the ratings are 0 on a scale up to {high:g}: 0 may stand for none.",
        "Read 0 as missing", {"zeros": "missing"}),)


def looks_like_counts(ratings: Ratings) -> bool:
    """Return whether the ratings are counts rather than opinions.

    They are where all are whole and positive, and the largest lies far beyond the rest: a heavy
    tail, and no top of the scale where many meet.
    """
    value = ratings.value[:CHUNK]
    if ratings.n_ratings < 100 or ratings.scale[0] < 0:
        return False
    positive = value[value > 0]
    if not positive.size or (positive != np.floor(positive)).any():
        return False
    middle = float(np.median(positive))
    at_top = float((positive == positive.max()).mean())
    return bool(ratings.scale[1] > HEAVY_TAIL * max(middle, 1.0) and at_top < 0.01)
