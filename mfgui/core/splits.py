"""Which ratings are held out, as index arrays; all chance comes from the seed.

A share of all ratings, of each user's or of the latest ones; a number of each user's; folds of
which each rating is in exactly one. Every way leaves a user some rating to train on, except that a
random share or the latest ratings of all may take the last one of a user: these are counted as
unseen where they are measured.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mfgui.core.parallel import WorkerPool, row_blocks
from mfgui.core.ratings import FloatArray, IntArray, Ratings, TextArray
from mfgui.core.settings import RunSettings
from mfgui.errors import TrainingError

Positions = NDArray[np.int64]

BY_TIME = ("time", "user-time")
PER_USER = ("user", "leave-k", "user-time")
TIMES_PER_LOOK = 1 << 16
LARGEST_FOLDS = 100


def held_out(ratings: Ratings, settings: RunSettings, share: float) -> tuple[Positions, Positions]:
    """Return the rising positions of the training and of the held-out ratings.

    Parameters
    ----------
    ratings : Ratings
    settings : RunSettings
        Its ``split``, ``n_left_out`` and ``seed`` say how.
    share : float
        0 to 0.5; 0 holds out none, whatever the split.

    Raises
    ------
    TrainingError
        If there is no time to split by, or nothing is left to validate on or to train on.
    """
    if settings.split == "random" or not share:
        return hold_out(ratings.n_ratings, share, settings.seed)
    check_split(ratings, settings, share)
    is_held_out = np.zeros(ratings.n_ratings, bool)
    if settings.split == "time":
        _mark_latest(ratings, share, is_held_out)
    else:
        _mark_per_user(ratings, settings, share, is_held_out)
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)


def hold_out(n_ratings: int, share: float, seed: int) -> tuple[Positions, Positions]:
    """Return the rising positions of the training and of a random share of held-out ratings.

    Parameters
    ----------
    n_ratings : int
    share : float
        0 to 0.5; the number held out is rounded to the nearest.
    seed : int
        Its own stream: the split does not depend on what else is drawn.

    Raises
    ------
    TrainingError
        If a share above 0 leaves nothing to validate on or nothing to train on.
    """
    is_held_out = np.zeros(n_ratings, bool)
    rng = np.random.default_rng([seed, 1])
    is_held_out[rng.choice(n_ratings, n_held_out(n_ratings, share), replace=False)] = True
    return np.flatnonzero(~is_held_out), np.flatnonzero(is_held_out)


def check_split(ratings: Ratings, settings: RunSettings, share: float) -> None:
    """Refuse a split that cannot be made, without making it.

    Raises
    ------
    TrainingError
        As ``held_out`` says.
    """
    if not share:
        return
    if settings.split in BY_TIME and not _has_time(ratings):
        raise TrainingError(
            "These ratings have no time to split by: choose another split, or name the column of "
            "times where the file is opened.")
    if settings.split not in PER_USER:
        n_held_out(ratings.n_ratings, share)
    elif not n_wanted(ratings, settings, share).any():
        raise TrainingError(
            f"No user has more than {settings.n_left_out:,} "
            f"rating{'s' * (settings.n_left_out != 1)}, so none can be left out: leave out fewer "
            "of each user, or choose the random split." if settings.split == "leave-k" else
            f"No user has enough ratings to hold out a share of {share:g}: raise the validation "
            "share, or choose the random split.")


def n_held_out(n_ratings: int, share: float) -> int:
    """Return how many ratings a share of all holds out.

    Raises
    ------
    TrainingError
        If a share above 0 leaves nothing to validate on or nothing to train on.
    """
    n = round(share * n_ratings)
    if share > 0 and n in (0, n_ratings):
        what = "validate on" if n == 0 else "train on"
        raise TrainingError(
            f"A validation share of {share:g} leaves nothing to {what} with {n_ratings} "
            f"rating{'s' * (n_ratings != 1)}: set the validation share to 0.")
    return n


def n_wanted(ratings: Ratings, settings: RunSettings, share: float) -> Positions:
    """Return how many ratings of each user a split per user holds out, shape (n_users,).

    Every user keeps at least one in training: who has no more than are to be left out keeps all.
    """
    counts: Positions = ratings.user_counts
    if settings.split == "leave-k":
        return np.where(counts > settings.n_left_out, settings.n_left_out, 0).astype(np.int64)
    wanted: Positions = np.rint(share * counts).astype(np.int64)
    return np.minimum(wanted, np.maximum(counts - 1, 0))


def n_users_left_out(ratings: Ratings, held_out: Positions) -> int:
    """Return how many users with ratings have none held out."""
    has_some = np.zeros(ratings.n_users, bool)
    has_some[ratings.user_index[held_out]] = True
    return int(np.count_nonzero((ratings.user_counts > 0) & ~has_some))


def _has_time(ratings: Ratings) -> bool:
    """Return whether any rating has a time; the first look mostly tells."""
    if ratings.time is None:
        return False
    return any(bool((~np.isnan(ratings.time[begin : begin + TIMES_PER_LOOK])).any())
               for begin in range(0, ratings.n_ratings, TIMES_PER_LOOK))


def _times(ratings: Ratings) -> NDArray[np.float64]:
    """Return when each rating was given; before all others where that is not known."""
    assert ratings.time is not None
    return np.where(np.isnan(ratings.time), -np.inf, ratings.time)


def _mark_latest(ratings: Ratings, share: float, is_held_out: NDArray[np.bool_]) -> None:
    """Mark the latest share of all; of equal times those that stand last."""
    times, n = _times(ratings), n_held_out(ratings.n_ratings, share)
    least = np.partition(times, times.size - n)[times.size - n]
    np.greater(times, least, out=is_held_out)
    equal = np.flatnonzero(times == least)
    is_held_out[equal[equal.size - (n - int(np.count_nonzero(is_held_out))) :]] = True


def _mark_per_user(
    ratings: Ratings, settings: RunSettings, share: float, is_held_out: NDArray[np.bool_]
) -> None:
    """Mark as many of each user's ratings as are wanted: the latest, or drawn by the seed."""
    from mfgui.core.kernels.splits import mark_last

    wanted, pointers = n_wanted(ratings, settings, share), ratings.row_pointers
    keys = (_times(ratings) if settings.split in BY_TIME
            else np.random.default_rng([settings.seed, 1]).random(ratings.n_ratings))
    WorkerPool(holds_blas=False).run(
        lambda begin, end: mark_last(pointers, keys, wanted, begin, end, is_held_out),
        row_blocks(pointers))


def folds(
    ratings: Ratings, n_folds: int, seed: int, *, per_user: bool = False
) -> list[Positions]:
    """Return the rising positions of each fold; every rating is in exactly one.

    Parameters
    ----------
    n_folds : int
        2 to 100. The sizes of the folds differ by at most one.
    seed : int
        A stream of its own.
    per_user : bool
        Each user's ratings are dealt out too, so that a user's numbers differ by at most one.

    Raises
    ------
    TrainingError
        If there are fewer ratings than folds, or the number of folds is none that may be.
    """
    if not 2 <= n_folds <= LARGEST_FOLDS:
        raise TrainingError(
            f"The number of folds is {n_folds}, but must be at least 2 and at most "
            f"{LARGEST_FOLDS}.")
    if n_folds > ratings.n_ratings:
        raise TrainingError(
            f"{ratings.n_ratings} ratings are too few for {n_folds} folds: choose fewer folds.")
    rng = np.random.default_rng([seed, 2])
    if per_user:  # dealt like cards: each user's ratings in random order, one user after another
        order = np.argsort(ratings.user_index + rng.random(ratings.n_ratings), kind="stable")
    else:
        order = rng.permutation(ratings.n_ratings)
    fold_of = np.empty(ratings.n_ratings, np.int8)
    fold_of[order] = np.arange(ratings.n_ratings) % n_folds
    return [np.flatnonzero(fold_of == fold) for fold in range(n_folds)]


def others(n_ratings: int, positions: Positions) -> Positions:
    """Return the rising positions that are not among ``positions``."""
    is_other = np.ones(n_ratings, bool)
    is_other[positions] = False
    return np.flatnonzero(is_other)


def match_ids(other: Ratings, ratings: Ratings) -> tuple[IntArray, IntArray, FloatArray]:
    """Return the pairs of ``other`` in the numbering of ``ratings``.

    Returns
    -------
    user_index, item_index : ndarray of int32, shape (other.n_ratings,)
        -1 where ``ratings`` does not know the id.
    value : ndarray of float32, shape (other.n_ratings,)
    """
    users = positions(other.user_ids, ratings.user_ids)
    items = positions(other.item_ids, ratings.item_ids)
    return users[other.user_index], items[other.item_index], other.value


def positions(texts: TextArray, known: TextArray) -> IntArray:
    """Return where each text stands among the known ones, int32, -1 where it does not."""
    where = known.positions
    return np.fromiter((where.get(text, -1) for text in texts), np.int32, len(texts))
