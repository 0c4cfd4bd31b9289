"""The model file: one ``.npz`` that ``numpy.load(allow_pickle=False)`` reads.

Arrays: ``user_factors``, ``item_factors`` (float32, (n, n_factors)), ``user_bias``, ``item_bias``
(float32, (n,)), ids and titles as UTF-8 bytes with int64 offsets (``user_ids_bytes``,
``user_ids_offsets``, ...; text k is ``bytes[offsets[k]:offsets[k + 1]]``), and ``card``: a JSON
text as bytes with format version, mean, scale, clip, solver, settings, figures and history; a model
of SVD++ also ``implicit_factors`` (Y, float32, (n_items, n_factors)), an average in the card
``member_ends``, a model of preferences ``target``. What else there may be: ``model_extras``.
The file is untrusted: sizes are looked at before anything is read into memory.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import zipfile
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from mfgui.core.memory import available_bytes
from mfgui.core.model import FactorModel
from mfgui.core.ratings import TextArray
from mfgui.errors import ModelFileError
from mfgui.inspection.known import Known
from mfgui.store import model_extras as extras
from mfgui.store.files import write_beside

FORMAT_VERSION = 3
FACTORS = ("user_factors", "item_factors", "user_bias", "item_bias")
TEXTS = ("user_ids", "item_ids")
# What the card says of the model itself, whatever card a model was opened with.
OURS = ("format", "format_version", "global_mean", "scale", "clip", "member_ends", "target",
        "rules", "member_means", "ratings_scale", "before_refit")


@dataclass(frozen=True, eq=False)
class SavedModel:
    """A model with what it takes to use it.

    Parameters
    ----------
    model : FactorModel
    user_ids, item_ids : TextArray
    item_titles : TextArray or None
    card : dict
        "solver", "settings", "summary", "history" (a list of dicts), all plain values.
    known : Known or None
        The ratings, held-out ones marked; None where the file does not carry them.
    before_refit : FactorModel or None
        The factors that never saw the held-out ratings, where ``model`` is a refit.
    """

    model: FactorModel
    user_ids: TextArray
    item_ids: TextArray
    item_titles: TextArray | None
    card: dict[str, Any]
    known: Known | None = None
    before_refit: FactorModel | None = None

    @property
    def is_refit(self) -> bool:
        """Whether the model was trained on the held-out ratings too."""
        return is_refit_card(self.card)


def is_refit_card(card: dict[str, Any]) -> bool:
    """Return whether a card says that its model was trained on the held-out ratings too."""
    summary = card.get("summary")
    return isinstance(summary, dict) and summary.get("is_refit") is True


def save_model(path: str | os.PathLike[str], saved: SavedModel) -> None:
    """Write the model beside ``path`` and rename it.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    model = saved.model
    arrays: dict[str, NDArray[Any]] = {name: getattr(model, name) for name in FACTORS}
    if model.implicit_factors is not None:
        arrays["implicit_factors"] = model.implicit_factors
    more, extra_card = _extras(saved)
    arrays |= more
    card = {
        "format": "mfgui model", "format_version": _version_needed(saved, more, extra_card),
        "global_mean": model.global_mean, "scale": list(model.scale), "clip": model.clip,
        "member_ends": list(model.member_ends), "target": model.target, **extra_card,
        **{key: value for key, value in saved.card.items() if key not in OURS},
    }
    texts = {"user_ids": saved.user_ids, "item_ids": saved.item_ids}
    if saved.item_titles is not None:
        texts["item_titles"] = saved.item_titles
    for name, text in texts.items():
        arrays[f"{name}_bytes"], arrays[f"{name}_offsets"] = text.data, text.offsets
    encoded = json.dumps(card, allow_nan=False).encode()
    arrays["card"] = np.frombuffer(encoded, np.uint8)
    with write_beside(path) as temporary, temporary.open("wb") as file:
        _write_arrays(file, arrays)


def _extras(saved: SavedModel) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return arrays and card entries of all that is not factors."""
    arrays, card = extras.model_extras(saved.model)
    if saved.known is not None:
        arrays |= extras.known_arrays(saved.known)
        card["ratings_scale"] = list(saved.known.ratings.scale)
    if saved.before_refit is not None:
        more, card["before_refit"] = extras.before_refit_arrays(saved.before_refit)
        arrays |= more
    return arrays, card


def _version_needed(
    saved: SavedModel, arrays: dict[str, NDArray[Any]], card: dict[str, Any]
) -> int:
    """Return the oldest format that can say all of it: older programs then open it."""
    if arrays or card:
        return FORMAT_VERSION
    model = saved.model
    is_plain = model.implicit_factors is None and not model.member_ends
    return 1 if is_plain and model.target == "rating" else 2


def _write_arrays(file: BinaryIO, arrays: dict[str, NDArray[Any]]) -> None:
    """Write an ``.npz``: ``numpy.savez`` of 2.0 leaves its archive open where the disk is full."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)


def open_model(path: str | os.PathLike[str]) -> SavedModel:
    """Return the model in ``path`` after checking shapes, sizes and finiteness.

    Raises
    ------
    ModelFileError
        If the file cannot be read, is not ours, is damaged, or was made by a newer version.
    """
    name = os.path.basename(os.fspath(path))
    try:
        arrays, unknown = _read_arrays(path, name)
        card = json.loads(arrays.pop("card").tobytes().decode())
        json.dumps(card, allow_nan=False)  # what could not be saved again was not saved
        _check_version(card, name, unknown)
        model = _model(arrays, card)
        return _with_texts(model, arrays, card)
    except ModelFileError:
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ModelFileError(f"{name} cannot be opened ({reason}): choose another file.") from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, AttributeError,
            NotImplementedError, RuntimeError, SyntaxError, MemoryError, RecursionError) as error:
        # All that NumPy, zipfile and json raise on bytes that are not what they say.
        raise ModelFileError(
            f"{name} is not a model of mfgui, or is damaged ({type(error).__name__}): choose a "
            "file that was saved by File > Save model.") from error


def _read_arrays(
    path: str | os.PathLike[str], name: str
) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """Return the arrays of the file, once their sizes are known to be sound, and unknown names."""
    texts = (f"{text}_{part}" for text in (*TEXTS, "item_titles") for part in ("bytes", "offsets"))
    known = {*FACTORS, "implicit_factors", "card", *texts, *extras.EXTRA_ARRAYS}
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        total = sum(entry.file_size for entry in entries)
        free = available_bytes()
        if total > 100 * os.path.getsize(path) or (free is not None and total > free):
            raise ModelFileError(
                f"{name} would unpack to {total / 2**30:.1f} GiB, more than can be: it is damaged.")
        unknown = {entry.filename.removesuffix(".npy") for entry in entries} - known
        for entry in entries:
            _check_header(archive, entry)
    with np.load(path, allow_pickle=False) as file:
        return {key: file[key] for key in file.files if key in known}, sorted(unknown)


def _check_header(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Refuse an array that says another size than it has: NumPy would make room for it."""
    readers = {(1, 0): np.lib.format.read_array_header_1_0,
               (2, 0): np.lib.format.read_array_header_2_0}
    with archive.open(entry) as member:
        shape, _, dtype = readers[np.lib.format.read_magic(member)](member)
        n_bytes = math.prod(shape) * dtype.itemsize
        if dtype.hasobject or n_bytes != entry.file_size - member.tell():
            raise ValueError("an array is larger or smaller than it says")


def _check_version(card: dict[str, Any], name: str, unknown: list[str]) -> None:
    """Refuse what a newer version wrote, and what nobody did."""
    if card["format"] != "mfgui model":
        raise ValueError("another format")
    if card["format_version"] > FORMAT_VERSION:
        what = f", which holds {unknown[0][:40]!r}" if unknown else ""
        raise ModelFileError(
            f"{name} was saved by a newer version of mfgui: this one reads models up to format "
            f"{FORMAT_VERSION} and cannot read format {card['format_version']}{what}, so update "
            "to open it.")
    if unknown:
        raise ModelFileError(
            f"{name} holds {unknown[0][:40]!r}, which no model of mfgui has: choose a file that "
            "was saved by File > Save model.")


def _model(arrays: dict[str, NDArray[Any]], card: dict[str, Any]) -> FactorModel:
    """Return the model, every part checked."""
    parts = [arrays[key] for key in FACTORS]
    users, items, user_bias, item_bias = parts
    if any(part.dtype != np.float32 or not np.isfinite(part).all() for part in parts):
        raise ValueError("factors must be finite float32")
    if users.ndim != 2 or items.ndim != 2 or users.shape[1] != items.shape[1] or not users.shape[1]:
        raise ValueError("factors differ in shape")
    if not users.shape[0] or not items.shape[0]:
        raise ValueError("a model has users and items")
    if user_bias.shape != users.shape[:1] or item_bias.shape != items.shape[:1]:
        raise ValueError("biases differ in shape")
    low, high = (float(bound) for bound in card["scale"])
    mean = float(card["global_mean"])
    if not all(map(math.isfinite, (low, high, mean))) or low > high:
        raise ValueError("scale and mean must be finite")
    users, items = np.ascontiguousarray(users), np.ascontiguousarray(items)
    return FactorModel(
        users, items, user_bias, item_bias, mean, (low, high), bool(card["clip"]),
        _implicit(arrays, items), _member_ends(card, users.shape[1]), _target(card))


def model_from_parts(arrays: dict[str, NDArray[Any]], card: dict[str, Any]) -> FactorModel:
    """Return the model of arrays and card, every part checked; ValueError or KeyError if not."""
    return extras.with_extras(_model(arrays, card), arrays, card)


def _implicit(
    arrays: dict[str, NDArray[Any]], items: NDArray[Any]
) -> NDArray[np.float32] | None:
    """Return Y where there is one, checked."""
    implicit = arrays.get("implicit_factors")
    if implicit is None:
        return None
    if implicit.dtype != np.float32 or implicit.shape != items.shape or (
            not np.isfinite(implicit).all()):
        raise ValueError("implicit factors must be finite float32 in the shape of the items'")
    return np.ascontiguousarray(implicit)


def _member_ends(card: dict[str, Any], n_factors: int) -> tuple[int, ...]:
    """Return where the members of an average end: rising, the last at the end."""
    ends = card.get("member_ends", [])
    if not isinstance(ends, list) or not all(type(end) is int for end in ends):
        raise ValueError("member ends are whole numbers")
    if ends and (ends[-1] != n_factors or any(
            one >= two for one, two in itertools.pairwise([0, *ends]))):
        raise ValueError("member ends must rise to the number of factors")
    return tuple(ends)


def _target(card: dict[str, Any]) -> str:
    """Return what the model predicts."""
    target = card.get("target", "rating")
    if target not in ("rating", "preference"):
        raise ValueError("a model predicts ratings or preferences")
    return str(target)


def _with_texts(
    model: FactorModel, arrays: dict[str, NDArray[Any]], card: dict[str, Any]
) -> SavedModel:
    """Return the model with its ids and titles, every length checked."""
    user_ids, item_ids = (_texts(arrays, text) for text in TEXTS)
    titles = _texts(arrays, "item_titles") if "item_titles_offsets" in arrays else None
    lengths = (len(user_ids), len(item_ids), len(titles) if titles else len(item_ids))
    if lengths != (model.n_users, model.n_items, model.n_items):
        raise ValueError("ids and factors differ in number")
    if not isinstance(card.get("settings"), dict) or not isinstance(card.get("history"), list):
        raise ValueError("the card has no settings or history")
    model = extras.with_extras(model, arrays, card)
    known = extras.read_known(
        arrays, card, user_ids, item_ids, titles, is_refit=is_refit_card(card))
    before = extras.read_before_refit(arrays, card, model)
    return SavedModel(model, user_ids, item_ids, titles, card, known, before)


def _texts(arrays: dict[str, NDArray[Any]], name: str) -> TextArray:
    """Return one text array."""
    data, offsets = arrays[f"{name}_bytes"], arrays[f"{name}_offsets"]
    if data.dtype != np.uint8 or offsets.dtype != np.int64:
        raise ValueError("texts are bytes with int64 offsets")
    return TextArray(data, offsets)
