"""Factors that other programs wrote: two NumPy arrays, and the text model of LIBMF.

Neither carries ids: row k stands for the id ``k`` as it is written, counted from 0, or for the k-th
user or item of the open ratings where the two agree in number. Neither carries a scale or how it
was trained, so nothing is clipped and a new row is folded in by minimum norm.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfgui.core.memory import available_bytes
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.errors import ModelFileError
from mfgui.store.model_file import SavedModel

LIBMF_KEYS = ("f", "m", "n", "k", "b")
ONE_CLASS = (10, 11, 12)  # LIBMF's losses of preferences
N_SAMPLED = 200  # rows of each side whose products tell the scale
ARCHIVE = b"PK\x03\x04"  # how a zip begins, and so an .npz
SIDES = ("user", "item")
WORDS = ({"u", "user", "users", "p"}, {"v", "i", "item", "items", "q"})


def is_foreign(paths: Sequence[str | os.PathLike[str]]) -> bool:
    """Return whether the files are factors of another program rather than a model of ours."""
    if len(paths) > 1 or Path(paths[0]).suffix.lower() == ".npy":
        return True
    try:
        with open(paths[0], "rb") as file:
            head = file.read(64)
    except OSError:
        return False
    return head.startswith(b"f ") and b"\nm " in head


def open_foreign(
    paths: Sequence[str | os.PathLike[str]], ratings: Ratings | None = None
) -> SavedModel:
    """Return the factors in two ``.npy`` files, or in a text model of LIBMF, as a model.

    Parameters
    ----------
    paths : sequence of path
        Two arrays of shape (n, n_factors), users and items in any order; or one text model.
    ratings : Ratings or None
        The open ones: they name the rows where the numbers of users and items agree.

    Raises
    ------
    ModelFileError
        If they cannot be read, or do not fit together.
    """
    names = " and ".join(os.path.basename(os.fspath(path)) for path in paths)
    try:
        if len(paths) > 2:
            raise ModelFileError(f"{len(paths)} files are no model: choose one model file, or two "
                                 ".npy files, the users' and the items'.")
        if len(paths) == 2:
            users, items = _sides([_array(path) for path in paths], paths, ratings)
            target = "rating"
        elif Path(paths[0]).suffix.lower() == ".npy":
            raise ModelFileError(f"{names} holds one side's factors alone: choose both .npy files "
                                 "together, the users' and the items'.")
        else:
            users, items, target = _libmf(paths[0])
    except ModelFileError:
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ModelFileError(
            f"{names} cannot be opened ({reason}): choose another file.") from error
    except (ValueError, KeyError, IndexError, EOFError, MemoryError, OverflowError, SyntaxError,
            TokenError) as error:
        # All that NumPy and Python's own readers raise on bytes that are not what they say.
        raise ModelFileError(f"{names} cannot be read as factors ({error}): choose two .npy files "
                             "of shape (n, n_factors), or a text model of LIBMF.") from error
    return _saved(users, items, target, names, ratings)


def _array(path: str | os.PathLike[str]) -> NDArray[np.float32]:
    """Return one side's factors."""
    with open(path, "rb") as file:
        if file.read(len(ARCHIVE)) == ARCHIVE:
            raise ValueError(f"{os.path.basename(os.fspath(path))} is an archive of several arrays")
    # Not numpy.load, which takes archives too, and leaves a damaged one open.
    array: NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
    free = available_bytes()
    if free is not None and array.nbytes > free:
        raise ValueError("larger than the free memory")
    if array.ndim != 2 or not array.size or array.dtype.kind not in "fiu":
        raise ValueError("factors are numbers of shape (n, n_factors)")
    return _finite(array)


def _finite(array: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        result = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(result).all():
        raise ValueError("factors must be finite")
    return result


def _sides(
    arrays: list[NDArray[np.float32]], paths: Sequence[str | os.PathLike[str]],
    ratings: Ratings | None,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return users and items: by the numbers of the open ratings, else by the files' names."""
    first, second = arrays
    if first.shape[1] != second.shape[1]:
        raise ValueError(f"{first.shape[1]} and {second.shape[1]} factors")
    sizes = (first.shape[0], second.shape[0])
    if ratings is not None and sizes[0] != sizes[1]:
        if sizes == (ratings.n_users, ratings.n_items):
            return first, second
        if sizes == (ratings.n_items, ratings.n_users):
            return second, first
    words = [_words(path) for path in paths]
    if words[0] & WORDS[1] and words[1] & WORDS[0] and not words[0] & WORDS[0]:
        return second, first
    return first, second


def _words(path: str | os.PathLike[str]) -> set[str]:
    stem = Path(path).stem.lower()
    return set("".join(sign if sign.isalpha() else " " for sign in stem).split())


def _libmf(
    path: str | os.PathLike[str],
) -> tuple[NDArray[np.float32], NDArray[np.float32], str]:
    """Return the factors of a text model: lines ``p0 T 0.1 0.2``, ``F`` where nothing is known.

    Such a row is 0 here.
    """
    with open(path, encoding="ascii", errors="strict") as file:
        head = {}
        for _ in LIBMF_KEYS:
            key, value = file.readline().split()
            head[key] = float(value)
        n_users, n_items, n_factors = (int(head[key]) for key in "mnk")
        size = os.path.getsize(path)
        if min(n_users, n_items, n_factors) < 1 or (n_users + n_items) * n_factors * 2 > size:
            raise ValueError("the file is shorter than its head says")
        sides = [_libmf_side(file, sign, n, n_factors)
                 for sign, n in (("p", n_users), ("q", n_items))]
    target = "preference" if int(head["f"]) in ONE_CLASS else "rating"
    return _finite(sides[0]), _finite(sides[1]), target


def _libmf_side(file: Any, sign: str, n: int, n_factors: int) -> NDArray[np.float32]:
    """Return the rows of one side."""
    rows = np.zeros((n, n_factors), np.float32)
    for k in range(n):
        name, known, *numbers = file.readline().split()
        if name != f"{sign}{k}" or len(numbers) != n_factors:
            raise ValueError(f"a line '{sign}{k}' of {n_factors} factors was expected")
        if known == "T":
            rows[k] = [float(number) for number in numbers]
    return rows


def _saved(
    users: NDArray[np.float32], items: NDArray[np.float32], target: str, name: str,
    ratings: Ratings | None,
) -> SavedModel:
    """Return the factors as a model with ids."""
    is_same = ratings is not None and (
        (users.shape[0], items.shape[0]) == (ratings.n_users, ratings.n_items))
    if is_same and ratings is not None:
        user_ids, item_ids = ratings.user_ids, ratings.item_ids
    else:
        user_ids, item_ids = (TextArray.from_strings(map(str, range(rows.shape[0])))
                              for rows in (users, items))
    model = FactorModel(
        users, items, np.zeros(users.shape[0], np.float32), np.zeros(items.shape[0], np.float32),
        0.0, _scale(users, items, ratings), clip=False, target=target)
    card: dict[str, Any] = {"solver": "", "settings": {}, "summary": {}, "history": [],
                            "ratings_name": name}
    return SavedModel(model, user_ids, item_ids, None, card)


def _scale(
    users: NDArray[np.float32], items: NDArray[np.float32], ratings: Ratings | None
) -> tuple[float, float]:
    """Return the open ratings' scale, or what a sample of predictions spans."""
    if ratings is not None and ratings.n_ratings:
        return ratings.scale
    parts = [rows[:: max(rows.shape[0] // N_SAMPLED, 1)] for rows in (users, items)]
    products = parts[0].astype(np.float64) @ parts[1].T
    return float(products.min()), float(products.max())
