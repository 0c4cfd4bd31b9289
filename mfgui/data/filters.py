"""Which ratings are kept: filters, applied in one fixed order, each a step in the report.

The order: the time range, the sample of users, binarizing, then the least number of ratings per
user and item, which is iterated until nothing more is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mfgui.core.control import Control
from mfgui.core.ratings import code_counts
from mfgui.data.arrange import Columns
from mfgui.data.import_report import FilterStep
from mfgui.data.options import ReadOptions
from mfgui.data.times import parse_time
from mfgui.errors import DataError

SAMPLE_SEED = 0


def filtered(
    columns: Columns, n_users: int, n_items: int, options: ReadOptions, control: Control
) -> tuple[Columns, tuple[FilterStep, ...]]:
    """Return the ratings that pass every filter, and what each left out.

    Raises
    ------
    DataError
        If a filter cannot be applied, or leaves nothing.
    CancelledError
        If the control was stopped.
    """
    steps = []
    for text, kept in _filters(columns, n_users, n_items, options):
        control.checkpoint()
        before = columns
        columns = kept
        steps.append(_step(text, before, columns, n_users, n_items))
        if not columns.n:
            raise DataError(f"No rating is left after the filter '{text}': choose a milder one.")
    return columns, tuple(steps)


def _filters(
    columns: Columns, n_users: int, n_items: int, options: ReadOptions
) -> Iterator[tuple[str, Columns]]:
    """Yield each filter that is set, in words, with the ratings it leaves."""
    if options.since is not None or options.until is not None:
        columns = _in_time(columns, options)
        words = [f"{word} {when}" for word, when in
                 (("since", options.since), ("until", options.until)) if when is not None]
        yield f"rated {' '.join(words)}", columns
    if options.sample_users is not None:
        columns = _sampled(columns, n_users, options.sample_users)
        yield f"a sample of {options.sample_users:,} users", columns
    if options.binarize is not None:
        value = (columns.value > np.float32(options.binarize)).astype(np.float32)
        columns = Columns(columns.user, columns.item, value, columns.time)
        yield f"1 above {options.binarize:g}, else 0", columns
    per_user, per_item = options.min_ratings_per_user, options.min_ratings_per_item
    if per_user is not None or per_item is not None:
        columns = _with_enough(columns, n_users, n_items, per_user or 1, per_item or 1)
        words = [f"{least:,} ratings per {side}" for least, side in
                 ((per_user, "user"), (per_item, "item")) if least is not None]
        yield f"at least {' and '.join(words)}", columns


def _in_time(columns: Columns, options: ReadOptions) -> Columns:
    if not columns.time.size:
        raise DataError("The ratings have no times, so none can be chosen: clear the time range, "
                        "or say which column holds the time.")
    kept = ~np.isnan(columns.time)
    if options.since is not None:
        kept &= columns.time >= _moment(options.since)
    if options.until is not None:
        kept &= columns.time < _moment(options.until)
    return columns.take(kept)


def _moment(words: str) -> float:
    """Return the seconds since 1970 of a day, a month or a year too."""
    full = {4: f"{words}-01-01", 7: f"{words}-01"}.get(len(words), words)
    seconds = parse_time(full)
    if np.isnan(seconds):
        raise DataError(f"{words!r} is no day or moment: write for example 2005-01-31.")
    return seconds


def _sampled(columns: Columns, n_users: int, n_wanted: int) -> Columns:
    """Keep ``n_wanted`` of the users that have ratings, drawn by a fixed seed."""
    present = np.flatnonzero(has_ratings(columns.user, n_users))
    rng = np.random.default_rng(SAMPLE_SEED)
    is_kept = np.zeros(n_users, np.bool_)
    is_kept[rng.choice(present, min(n_wanted, present.size), replace=False)] = True
    return columns.take(is_kept[columns.user])


def _with_enough(
    columns: Columns, n_users: int, n_items: int, per_user: int, per_item: int
) -> Columns:
    """Leave out users and items with too few ratings until none has."""
    while columns.n:
        few_users = code_counts(columns.user, n_users) < per_user
        few_items = code_counts(columns.item, n_items) < per_item
        kept = ~(few_users[columns.user] | few_items[columns.item])
        if kept.all():
            break
        columns = columns.take(kept)
    return columns


def has_ratings(codes: NDArray[np.int32], n: int) -> NDArray[np.bool_]:
    """Return for each of ``n`` codes whether it occurs."""
    result = np.zeros(n, np.bool_)
    result[codes] = True
    return result


def _step(text: str, before: Columns, after: Columns, n_users: int, n_items: int) -> FilterStep:
    def lost(side: str, n: int) -> int:
        one, other = getattr(before, side), getattr(after, side)
        return int(has_ratings(one, n).sum() - has_ratings(other, n).sum())

    return FilterStep(text, before.n - after.n, lost("user", n_users), lost("item", n_items))
