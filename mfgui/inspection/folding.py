"""Texts as they are looked for: without case, accents and odd spaces."""

from __future__ import annotations

import re
import unicodedata

import numpy as np

from mfgui.core.ratings import TextArray

_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """Return a text in small letters without accents: "Ångström" and "ANGSTROM" are one."""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(" " if not sign.isprintable() else sign for sign in parts
                   if not unicodedata.combining(sign))


def fold_all(texts: TextArray) -> TextArray:
    """Return all texts folded; those of plain ASCII compiled, at 1 ns a letter."""
    from mfgui.core.kernels.find import fold_plain

    data, is_odd = np.empty_like(texts.data), np.empty(len(texts), np.bool_)
    fold_plain(texts.data, texts.offsets, data, is_odd)
    odd = np.flatnonzero(is_odd)
    if not odd.size:
        return TextArray(data, texts.offsets)
    lengths = np.diff(texts.offsets)
    pieces: list[bytes] = []
    done = 0
    for position in odd.tolist():
        folded = fold(texts[position]).encode("utf-8", "replace")
        pieces += [data[done : texts.offsets[position]].tobytes(), folded]
        done = int(texts.offsets[position + 1])
        lengths[position] = len(folded)
    pieces.append(data[done:].tobytes())
    offsets = np.zeros(lengths.size + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return TextArray(np.frombuffer(b"".join(pieces), np.uint8).copy(), offsets)


def fold_wanted(text: str) -> str:
    """Return what a person typed, folded, with single spaces and none at the ends."""
    return _SPACES.sub(" ", fold(text)).strip()
