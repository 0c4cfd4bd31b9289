"""Long words that a label may break: paths and checksums, which would be cut off otherwise."""

from __future__ import annotations

import re

_LONG_WORD = re.compile(r"\S{24,}")
_SPACE = "\N{ZERO WIDTH SPACE}"


def breakable(text: str) -> str:
    """Return the text so that a path or checksum may be broken and is never cut off."""
    text = _LONG_WORD.sub(lambda word: re.sub(r"([/\\._:-])", rf"\1{_SPACE}", word[0]), text)
    return re.sub(rf"[^\s{_SPACE}]{{24,}}", lambda word: _SPACE.join(
        word[0][k:k + 16] for k in range(0, len(word[0]), 16)), text)
