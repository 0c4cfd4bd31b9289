"""From what stands in a file to `Ratings` and the report: zeros, range, duplicates, filters.

Everything that is the same for every format happens here, once, on arrays.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.data.arrange import Columns, arrange
from mfgui.data.filters import filtered, has_ratings
from mfgui.data.import_report import FilterStep, RejectedLine, counted
from mfgui.data.options import ReadOptions
from mfgui.data.raw import NOT_REJECTED, RawRatings
from mfgui.data.rows import reading_threads
from mfgui.data.source import EXPECTED
from mfgui.errors import DataError

N_SHOWN = 100


@dataclass
class Outcome:
    """What the policies made of a file's ratings.

    Parameters
    ----------
    ratings : Ratings
    losses : Counter
        Those of the file and those of the policies.
    rejected : list of RejectedLine
    filters : tuple of FilterStep
    n_zeros : int
    """

    ratings: Ratings
    losses: Counter[str]
    rejected: list[RejectedLine]
    filters: tuple[FilterStep, ...] = ()
    n_zeros: int = 0
    notes: list[str] = field(default_factory=list)


def apply_policies(
    raw: RawRatings, options: ReadOptions, name: str, control: Control
) -> Outcome:
    """Return the ratings that count.

    Parameters
    ----------
    raw : RawRatings
        Its arrays may be used again.
    options : ReadOptions
    name : str
        The file's name for sentences.
    control : Control

    Raises
    ------
    DataError
        If nothing is left, or more than half is rejected.
    CancelledError
        If the control was stopped.
    """
    losses, rejected = Counter(raw.losses), list(raw.rejected)
    time = raw.time if raw.time is not None else np.empty(0)
    columns = Columns(raw.user, raw.item, raw.value, time)
    is_zero = columns.value == 0
    n_left = int(is_zero.sum())
    n_zeros = n_left + losses["zeros taken as missing"]  # a dense array drops its own
    if options.zeros == "missing" and n_left:
        losses["zeros taken as missing"] += n_left
        columns = columns.take(~is_zero)
    del is_zero
    columns = _in_range(columns, raw, options, losses, rejected)
    _refuse_unless_ratings(columns.n, losses, rejected, name, raw.noun)
    n_users, n_items = len(raw.user_ids), len(raw.item_ids)
    n_before = columns.n
    has_time = raw.time is not None
    raw_ids = (raw.user_ids, raw.item_ids, raw.item_titles)
    columns = arrange(columns, n_users, options.duplicates, reading_threads(), control)
    if options.duplicates == "sum" and not np.isfinite(columns.value).all():
        raise DataError(f"{name} has ratings of one pair whose sum is beyond all numbers: choose "
                        "another way to treat duplicates.")
    if columns.n < n_before:
        losses["duplicates"] += n_before - columns.n
    if not columns.n:
        raise DataError(f"{name} rates every pair more than once, and all are rejected: choose "
                        "another way to treat duplicates.")
    columns, steps = filtered(columns, n_users, n_items, options, control)
    removed = sum(step.n_ratings for step in steps)
    if removed:
        losses["filtered out"] += removed
    ratings = _ratings(columns, raw_ids, has_time, options, name)
    return Outcome(ratings, losses, rejected, steps, n_zeros)


def _in_range(
    columns: Columns, raw: RawRatings, options: ReadOptions, losses: Counter[str],
    rejected: list[RejectedLine],
) -> Columns:
    """Leave out ratings beyond the ends that were set."""
    if (options.minimum is not None and options.maximum is not None
            and options.minimum > options.maximum):
        raise DataError(f"The smallest rating ({options.minimum:g}) is above the largest "
                        f"({options.maximum:g}): exchange them.")
    for end, words in ((options.minimum, "below the minimum"), (options.maximum,
                                                                "above the maximum")):
        if end is None:
            continue
        is_out = columns.value < end if words.startswith("below") else columns.value > end
        if is_out.any():
            kind = f"rating is {words}"
            losses[kind] += int(is_out.sum())
            rejected.extend(_out_of_range(columns, raw, is_out, kind, words, end))
            columns = columns.take(~is_out)
    return columns


def _out_of_range(
    columns: Columns, raw: RawRatings, is_out: NDArray[np.bool_], kind: str, words: str, end: float
) -> list[RejectedLine]:
    """Return the first of them; their lines are not known any more."""
    result = []
    for k in np.flatnonzero(is_out)[:N_SHOWN].tolist():
        value = f"{columns.value[k]:g}"
        user, item = raw.user_ids[int(columns.user[k])], raw.item_ids[int(columns.item[k])]
        result.append(RejectedLine(
            0, f"rating {value} is {words} {end:g}", f"user {user}, item {item}: {value}", kind))
    return result


def _refuse_unless_ratings(
    n_good: int, losses: Counter[str], rejected: list[RejectedLine], name: str, noun: str
) -> None:
    bad = {kind: n for kind, n in losses.items() if is_rejection(kind)}
    n_bad = sum(bad.values())
    if not n_good and not n_bad:
        if losses.get("zeros taken as missing"):
            raise DataError(f"{name} holds no rating but 0: read 0 as a rating.")
        raise DataError(f"{name} holds a header and no ratings: {EXPECTED}."
                        if losses.get("header") else f"{name} holds no ratings: {EXPECTED}.")
    first = name
    if rejected:
        place = f", {noun} {rejected[0].line}" if rejected[0].line else ""
        first = f"{name}{place}: {rejected[0].reason}"
    if not n_good:
        raise DataError(f"{first}; no {noun} of the file is a rating: {EXPECTED}.")
    if n_bad > n_good:
        commonest = max(bad, key=lambda kind: bad[kind])
        raise DataError(
            f"{first}; {n_bad:,} of {counted(n_good + n_bad, noun)} are no ratings, most often "
            f"because {commonest}: {EXPECTED}, so check the separator and the columns.")


def is_rejection(kind: str) -> bool:
    """Return whether a loss is a fault of the file's lines."""
    return kind not in NOT_REJECTED and kind not in (
        "duplicates", "zeros taken as missing", "filtered out")


def _ratings(
    columns: Columns, ids: tuple[TextArray, TextArray, TextArray | None], has_time: bool,
    options: ReadOptions, name: str,
) -> Ratings:
    """Return the ratings, with the users and items that have any, numbered anew if need be."""
    user_ids, item_ids, titles = ids
    users = np.unique(columns.user[_first_of_runs(columns.user)])
    items = np.flatnonzero(has_ratings(columns.item, len(item_ids)))
    user, item = columns.user, columns.item
    if users.size < len(user_ids):
        user = _renumbered(user, users, len(user_ids))
        user_ids = user_ids.take(users)
    if items.size < len(item_ids):
        item = _renumbered(item, items, len(item_ids))
        item_ids = item_ids.take(items)
        titles = titles.take(items) if titles is not None else None
    if titles is not None:
        titles = with_ids(titles, item_ids)
    return Ratings(
        user, item, columns.value, user_ids, item_ids, titles, name,
        columns.time if has_time else None, given_scale=_given_scale(columns, options))


def _first_of_runs(codes: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return where another code begins; of sorted codes, one place for each."""
    is_first = np.ones(codes.size, np.bool_)
    np.not_equal(codes[1:], codes[:-1], out=is_first[1:])
    return np.flatnonzero(is_first)


def _renumbered(
    codes: NDArray[np.int32], kept: NDArray[Any], n: int
) -> NDArray[np.int32]:
    number = np.zeros(n, np.int32)
    number[kept] = np.arange(kept.size, dtype=np.int32)
    result: NDArray[np.int32] = number[codes]
    return result


def with_ids(names: TextArray, ids: TextArray) -> TextArray:
    """Return the names, with the id where a name is empty."""
    is_empty = np.diff(names.offsets) == 0
    if not is_empty.any():
        return names
    return TextArray.from_strings(
        ids[k] if empty else names[k] for k, empty in enumerate(is_empty.tolist()))


def _given_scale(columns: Columns, options: ReadOptions) -> tuple[float, float] | None:
    """Return the ends that were set; one that was not, or that a sum exceeds, is the ratings'."""
    if (options.minimum is None and options.maximum is None) or options.binarize is not None:
        return None
    low, high = float(columns.value.min()), float(columns.value.max())
    if options.minimum is not None and low >= np.float32(options.minimum):
        low = options.minimum
    if options.maximum is not None and high <= np.float32(options.maximum):
        high = options.maximum
    return low, high
