"""Made-up ratings to try the program with: 3,000 people, 400 films, six tastes.

Nothing is shipped or downloaded: the sample is drawn from a seed in a tenth of a second. It has
what real ratings have (a few films that everybody saw and a long tail, generous and strict
people, better and worse films) and, on top, six tastes that follow the films' genres, so that the
factors a person sees have a meaning, and predict clearly better than the biases alone.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mfgui.core.ratings import FloatArray, IntArray, Ratings, TextArray
from mfgui.data.import_report import ImportReport
from mfgui.data.statistics import described
from mfgui.errors import StorageError

N_USERS, N_ITEMS = 3000, 400
SEED = 4
NAME = "sample"
SHARE = 0.125
FEWEST = 12
LINES_A_WRITE = 20_000

# Every title holds a name that was invented here, so that none is a real film's.
NAMES = (
    "Brindlemoor", "Ostervane", "Quillory", "Vellomere", "Tamsinford", "Pellandry", "Corvany",
    "Hollisterra", "Marrowick", "Sundrevale", "Ibberlane", "Farnquist", "Zephrine", "Dunmarlow",
    "Wexaby", "Ellorin", "Gantersea", "Nivelark", "Torvessa", "Abernook",
)
GENRES = {
    "comedy": ("Uncle {} and the {}", "Goat Teapot Wedding Ladder Parrot Tuba Pancake Neighbour"),
    "thriller": ("The {1} of {0}", "Ledger Witness Cellar Signal Alibi Stairwell Envelope Keyhole"),
    "space": ("{} {}", "Orbit Beacon Airlock Horizon Colony Eclipse Gravity Transmission"),
    "romance": ("A {1} in {0}", "Summer Letter Dance Promise Garden Waltz Ferry Harvest"),
    "family": ("Little {} and the {}", "Hedgehog Kite Snowman Lantern Otter Balloon Owl Puddle"),
    "history": ("The {1} of {0}", "Siege Queen Harbour Treaty Miners Cartographer Bridge Regiment"),
}


def sample_ratings() -> tuple[Ratings, ImportReport]:
    """Return the sample, the same at every call, and a report as if it had been read from CSV."""
    ratings = _draw()
    report = described(ImportReport(
        path=None, name=NAME, n_lines=ratings.n_ratings + 1, n_ratings=ratings.n_ratings,
        n_users=ratings.n_users, n_items=ratings.n_items, separator="comma", has_header=True,
        columns=("user", "item", "rating", "title"), scale=ratings.scale, n_header_lines=1,
        losses=(("header", 1),), how="comma-separated, a header",
    ), ratings)
    return ratings, report


def write_sample(path: str | os.PathLike[str]) -> None:
    """Write the sample as CSV: ``user,item,rating,title``.

    Parameters
    ----------
    path : str or path-like
        What stands there is replaced when the new file is complete, not before.

    Raises
    ------
    StorageError
        If the file cannot be written.
    """
    ratings, _ = sample_ratings()
    target = Path(path)
    if not target.name:
        raise StorageError(f"{target} is a folder: choose another place.")
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with open(beside, "xb") as file:
            file.write(b"user,item,rating,title\n")
            for begin in range(0, ratings.n_ratings, LINES_A_WRITE):
                file.write(_lines(ratings, begin, begin + LINES_A_WRITE))
        os.replace(beside, target)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not a file name"
        raise StorageError(
            f"{target.name or target} cannot be written ({reason}): choose another place."
        ) from error
    finally:
        _remove(beside)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except (OSError, ValueError):
        return  # the failure that led here is already being told


def _lines(ratings: Ratings, begin: int, end: int) -> bytes:
    assert ratings.item_titles is not None
    people, films, titles = _texts(ratings)
    rows = zip(
        ratings.user_index[begin:end].tolist(), ratings.item_index[begin:end].tolist(),
        ratings.value[begin:end].tolist(), strict=True,
    )
    return "".join(f"{people[n]},{films[m]},{r:g},{titles[m]}\n" for n, m, r in rows).encode()


def _texts(ratings: Ratings) -> tuple[list[str], list[str], list[str]]:
    titles = ratings.item_titles or ratings.item_ids
    return list(ratings.user_ids), list(ratings.item_ids), list(titles)


@lru_cache(maxsize=1)
def _draw() -> Ratings:
    rng = np.random.default_rng(SEED)
    genre = rng.permutation(np.arange(N_ITEMS) % len(GENRES))
    loadings = _film_loadings(rng, genre)
    tastes = rng.normal(0, 0.75, (N_USERS, len(GENRES)))
    tastes -= tastes.mean(axis=1, keepdims=True)  # who likes one genre likes another less
    affinity = tastes @ loadings.T
    quality = rng.normal(0, 0.35, N_ITEMS)
    users, items = np.nonzero(_is_seen(rng, affinity, quality))
    strictness = rng.normal(0, 0.35, N_USERS)
    raw = 3.4 + strictness[users] + quality[items] + affinity[users, items]
    raw += rng.normal(0, 0.45, users.size)
    value = np.clip(np.round(raw * 2) / 2, 0.5, 5.0).astype(np.float32)
    return _numbered(users.astype(np.int32), items, value, genre)


def _film_loadings(
    rng: np.random.Generator, genre: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return how much each film has of each genre: one in full, a second in part."""
    loadings = rng.normal(0, 0.12, (N_ITEMS, len(GENRES)))
    rows = np.arange(N_ITEMS)
    second = (genre + rng.integers(1, len(GENRES), N_ITEMS)) % len(GENRES)
    loadings[rows, genre] += 1.0
    loadings[rows, second] += rng.uniform(0.0, 0.6, N_ITEMS)
    return loadings


def _is_seen(
    rng: np.random.Generator, affinity: NDArray[np.float64], quality: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Return who saw what: popular films, busy people, and more of what one likes."""
    popularity = 1.0 / (rng.permutation(N_ITEMS) + 12.0) ** 0.8 * np.exp(0.5 * quality)
    activity = rng.lognormal(0, 0.7, N_USERS)
    chance = activity[:, None] * popularity * np.exp(0.4 * affinity)
    chance = np.minimum(chance * (SHARE * chance.size / chance.sum()) * 1.08, 0.9)
    order = rng.random(chance.shape) / chance
    least = np.partition(order, FEWEST - 1, axis=1)[:, FEWEST - 1 : FEWEST]
    seen: NDArray[np.bool_] = order <= np.maximum(least, 1.0)
    return seen


def _numbered(
    users: IntArray, items: NDArray[np.int64], value: FloatArray, genre: NDArray[np.int64]
) -> Ratings:
    """Return the sample with films numbered by first appearance, as the reader numbers them."""
    films, first = np.unique(items, return_index=True)
    appearance = films[np.argsort(first)]
    number = np.empty(N_ITEMS, np.int32)
    number[appearance] = np.arange(appearance.size, dtype=np.int32)
    new_items = number[items]
    order = np.lexsort((new_items, users))
    return Ratings(
        users[order], new_items[order], value[order],
        TextArray.from_strings(f"person-{n:04}" for n in range(1, N_USERS + 1)),
        TextArray.from_strings(f"film-{m:03}" for m in range(1, appearance.size + 1)),
        TextArray.from_strings(_titles(genre[appearance])),
        NAME,
    )


def _titles(genre: NDArray[np.int64]) -> list[str]:
    """Return one title for each film, no two alike, its genre behind it."""
    names = list(GENRES)
    used = dict.fromkeys(names, 0)
    titles = []
    for number in genre.tolist():
        name = names[number]
        pattern, words = GENRES[name]
        turn = used[name]
        used[name] += 1
        nouns = words.split()
        # Both lists turn with every film; the shift after a full round keeps pairs distinct.
        noun = nouns[(turn + turn // (len(NAMES) * 2)) % len(nouns)]
        titles.append(f"{pattern.format(NAMES[(turn * 3 + number) % len(NAMES)], noun)} ({name})")
    return titles
