"""Ids and titles as people can read them, whatever the file holds."""

from __future__ import annotations

import unicodedata

from mfgui.core.ratings import Ratings, TextArray

LONGEST_TITLE = 80
JOINERS = "\u200c\u200d"  # not printable by themselves, but letters and emoji hang on them


def one_line(text: str, longest: int = LONGEST_TITLE) -> str:
    """Return a text on one line, without control signs, cut where it is too long."""
    shown = "".join(sign if sign.isprintable() or sign in JOINERS else " "
                    for sign in text[: 4 * longest])
    shown = " ".join(shown.split())
    return shown if len(shown) <= longest else f"{shown[: longest - 1].rstrip()}…"


def name_of(texts: TextArray | None, position: int, longest: int = LONGEST_TITLE) -> str:
    """Return a name or title on one line, "" where there is none."""
    return "" if texts is None else one_line(texts[position], longest)


def item_words(ratings: Ratings, item: int, longest: int = LONGEST_TITLE) -> str:
    """Return the item's title, quoted, else its id: “Toy Story (1995)”, item 661."""
    title = name_of(ratings.item_titles, item, longest)
    return f"“{title}”" if title else f"item {one_line(ratings.item_ids[item], longest)}"


def user_words(ratings: Ratings, user: int, longest: int = LONGEST_TITLE) -> str:
    """Return the user's name, quoted, else the user's id."""
    name = name_of(ratings.user_names, user, longest)
    return f"“{name}”" if name else f"user {one_line(ratings.user_ids[user], longest)}"


def isolated(text: str) -> str:
    """Return a text that what stands beside it is not drawn into: one from right to left is.

    Between the signs FSI and PDI of Unicode's bidirectional algorithm (UAX 9).
    """
    is_leftward = any(unicodedata.bidirectional(sign) in ("R", "AL", "AN") for sign in text)
    return f"\u2068{text}\u2069" if is_leftward else text
