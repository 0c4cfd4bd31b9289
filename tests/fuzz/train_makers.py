"""Ratings that are hard to train on, each kind a function of one random generator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import Ratings, TextArray

Maker = Callable[[np.random.Generator], Ratings]


def made(users: Any, items: Any, values: Any, n_users: int = 0, n_items: int = 0) -> Ratings:
    """Return ratings of the pairs in any order, of a pair given twice the first."""
    users, items = np.asarray(users, np.int64), np.asarray(items, np.int64)
    n_users = max(n_users, int(users.max()) + 1)
    n_items = max(n_items, int(items.max()) + 1)
    keys, first = np.unique(users * n_items + items, return_index=True)
    return Ratings(
        (keys // n_items).astype(np.int32), (keys % n_items).astype(np.int32),
        np.asarray(values, np.float32)[first],
        TextArray.from_strings(f"u{n}" for n in range(n_users)),
        TextArray.from_strings(f"i{m}" for m in range(n_items)))


def some_pairs(rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return pairs of a few to a thousand users and items."""
    n_users, n_items = (int(n) for n in np.exp(rng.uniform(0.7, 6.9, 2)))
    n = int(rng.integers(2, 8 * (n_users + n_items)))
    return rng.integers(0, n_users, n), rng.integers(0, n_items, n)


def filled(rng: np.random.Generator, draw: Callable[[int], Any]) -> Ratings:
    """Return some pairs with the values that ``draw`` gives for their number."""
    users, items = some_pairs(rng)
    return made(users, items, draw(users.size))


def ordinary(rng: np.random.Generator) -> Ratings:
    """Return 1 to 5, of a low rank with noise: here the settings alone are hostile."""
    users, items = some_pairs(rng)
    left, right = rng.normal(0, 1, (1000, 2)), rng.normal(0, 1, (1000, 2))
    exact = 3 + np.einsum("kf,kf->k", left[users], right[items])
    return made(users, items, np.clip(np.round(exact + rng.normal(0, 0.3, users.size)), 1, 5))


def constant(rng: np.random.Generator) -> Ratings:
    value = rng.choice([1.0, 3.0, -2.0, 1e-30, 1e30, 0.1])
    return filled(rng, lambda n: np.full(n, value))


def zeros(rng: np.random.Generator) -> Ratings:
    return filled(rng, np.zeros)


def one_user(rng: np.random.Generator) -> Ratings:
    n = int(rng.integers(2, 200))
    return made(np.zeros(n), np.arange(n), rng.integers(1, 6, n))


def one_item(rng: np.random.Generator) -> Ratings:
    n = int(rng.integers(2, 200))
    return made(np.arange(n), np.zeros(n), rng.integers(1, 6, n))


def one_rating(rng: np.random.Generator) -> Ratings:
    return made([0], [0], [rng.choice([0, 1, 5, -3, 1e30, 1e-30, 3e38, 1e-45])])


def two_ratings(rng: np.random.Generator) -> Ratings:
    return made([0, rng.integers(2)], [0, 1], rng.choice([0, 1, 5, -1e30, 1e30], 2))


def of_size(size: float, rng: np.random.Generator) -> Ratings:
    """Return normal values of one size, below 0 too where that is drawn."""
    shift = rng.choice([0.0, 3.0])
    return filled(rng, lambda n: size * np.clip(rng.normal(shift, 1, n), -3.4, 3.4))


def both_sizes(rng: np.random.Generator) -> Ratings:
    return filled(rng, lambda n: rng.choice([1e30, 1e-30, -1e30, 3.0], n))


def limits(rng: np.random.Generator) -> Ratings:
    """Return what float32 ends at."""
    return filled(rng, lambda n: rng.choice([3.4e38, -3.4e38, 1e-45, 0.0], n))


def negatives(rng: np.random.Generator) -> Ratings:
    return filled(rng, lambda n: -rng.integers(1, 11, n))


def nearly_constant(rng: np.random.Generator) -> Ratings:
    return filled(rng, lambda n: 5 + rng.choice([0, 5e-7, 1e-5], n))


def far_from_zero(rng: np.random.Generator) -> Ratings:
    return filled(rng, lambda n: 1e6 + rng.integers(0, 3, n))


def reader_of_all(rng: np.random.Generator) -> Ratings:
    """Return one user with everything beside users with one or two."""
    n_items, n_others = int(rng.integers(2, 2000)), int(rng.integers(1, 100))
    users = np.concatenate([np.zeros(n_items, int), rng.integers(1, n_others + 1, 2 * n_others)])
    items = np.concatenate([np.arange(n_items), rng.integers(0, n_items, 2 * n_others)])
    return made(users, items, rng.integers(1, 6, users.size))


def long_tail(rng: np.random.Generator) -> Ratings:
    """Return counts up to hundred thousands, on users and items of a long tail."""
    n = int(rng.integers(10, 3000))
    users, items = (np.minimum(rng.zipf(1.3, n), 2000) - 1 for _ in range(2))
    return made(users, items, np.ceil(rng.lognormal(4, 3, n)))


def lonely_users(rng: np.random.Generator) -> Ratings:
    """Return users with one rating each, so that what is held out leaves many with nothing."""
    n, n_items = int(rng.integers(2, 300)), int(rng.integers(1, 20))
    return made(np.arange(n), rng.integers(0, n_items, n), rng.integers(1, 6, n))


def strangers(rng: np.random.Generator) -> Ratings:
    """Return ratings of three of many known users and items."""
    return made([5, 50, 500], [7, 70, 700], [1, 3, 5], 1000, 900)


def few_items(rng: np.random.Generator) -> Ratings:
    """Return fewer items than there are factors in most draws."""
    n = int(rng.integers(3, 400))
    return made(rng.integers(0, 150, n), rng.integers(0, 3, n), rng.integers(1, 11, n))


def full_matrix(rng: np.random.Generator) -> Ratings:
    n_users, n_items = (int(n) for n in rng.integers(1, 60, 2))
    users, items = np.divmod(np.arange(n_users * n_items), n_items)
    return made(users, items, rng.uniform(-10, 10, users.size))


def crowd(rng: np.random.Generator) -> Ratings:
    """Return 100,000 users with one rating each, or the same of items."""
    many, few = np.arange(100_000), rng.integers(0, int(rng.choice([1, 50, 3000])), 100_000)
    sides = (many, few) if rng.random() < 0.7 else (few, many)
    return made(*sides, rng.integers(1, 6, many.size))


MAKERS: dict[str, Maker] = {
    "ordinary": ordinary, "constant": constant, "zeros": zeros, "one user": one_user,
    "one item": one_item, "one rating": one_rating, "two ratings": two_ratings,
    "1e30": partial(of_size, 1e30), "1e-30": partial(of_size, 1e-30),
    "1e38": partial(of_size, 1e38), "both sizes": both_sizes, "limits": limits,
    "negatives": negatives, "nearly constant": nearly_constant, "far from 0": far_from_zero,
    "a user with everything": reader_of_all, "long tail": long_tail,
    "lonely users": lonely_users, "strangers": strangers, "few items": few_items,
    "full matrix": full_matrix,
}
