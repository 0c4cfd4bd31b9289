"""Ids, titles and names as they are read, whatever the file holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection.words import isolated, item_words, one_line, user_words


@pytest.mark.parametrize(("text", "shown"), [
    ("a\tb\n c\u2028d", "a b c d"),
    ("\x1b[31mred\x07", "[31mred"),
    ("sep\u202eover", "sep over"),
    ("👩\u200d👧", "👩\u200d👧"),
    ("x" * 100_000, "x" * 79 + "…"),
    ("\x00 \x07", ""),
])
def test_a_title_is_one_line_of_what_can_be_seen(text: str, shown: str) -> None:
    assert one_line(text) == shown


def test_names_are_cut_where_they_are_too_long(tiny: Ratings) -> None:
    ratings = replace(
        tiny, item_titles=TextArray.from_strings(["y" * 500] * 5),
        user_names=TextArray.from_strings(["z" * 500] * 4))
    assert item_words(ratings, 0, 10) == f"“{'y' * 9}…”"
    assert user_words(ratings, 0, 10) == f"“{'z' * 9}…”"
    assert item_words(tiny, 0, 10) == "item 1"


def test_only_what_is_read_from_right_to_left_is_kept_apart() -> None:
    assert isolated("Toy Story (1995), 5") == "Toy Story (1995), 5"
    for text in ("שלום עולם", "فيلم عن البحر", "film שלום"):
        assert isolated(text) == f"\u2068{text}\u2069"
