"""Ids and titles as people can read them, whatever the file holds."""

from __future__ import annotations

from mfgui.core.ratings import Ratings, TextArray

LONGEST_TITLE = 80
JOINERS = "\u200c\u200d"  # not printable by themselves, but letters and emoji hang on them


def one_line(text: str, longest: int = LONGEST_TITLE) -> str:
    """Return a text on one line, without control signs, cut where it is too long."""
    shown = "".join(sign if sign.isprintable() or sign in JOINERS else " "
                    for sign in text[: 4 * longest])
    shown = " ".join(shown.split())
    return shown if len(shown) <= longest else f"{shown[: longest - 1].rstrip()}…"


def name_of(texts: TextArray | None, position: int) -> str:
    """Return a name or title on one line, "" where there is none."""
    return "" if texts is None else one_line(texts[position])


def item_words(ratings: Ratings, item: int) -> str:
    """Return the item's title, quoted, else its id: “Toy Story (1995)”, item 661."""
    title = name_of(ratings.item_titles, item)
    return f"“{title}”" if title else f"item {one_line(ratings.item_ids[item])}"


def user_words(ratings: Ratings, user: int) -> str:
    """Return the user's name, quoted, else the user's id."""
    name = name_of(ratings.user_names, user)
    return f"“{name}”" if name else f"user {one_line(ratings.user_ids[user])}"
