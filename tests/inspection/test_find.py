"""Find: what a person types finds what was meant, at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mfgui.core.ratings import Ratings, TextArray
from mfgui.inspection.find import FindIndex, nearest_id
from mfgui.inspection.folding import fold, fold_all

TITLES = ["Matrix, The (1999)", "Toy Story (1995)", "Amélie", "Story of Us, The", "History",
          "Toy", "3", "Ångström"]


@pytest.fixture
def ratings() -> Ratings:
    """Return eight items with titles, the fifth rated most, and three users with names."""
    users, items = np.array([0, 0, 1, 2], np.int32), np.array([1, 4, 4, 7], np.int32)
    return Ratings(
        users, items, np.ones(4, np.float32), TextArray.from_strings(["12", "3", "x3"]),
        TextArray.from_strings(map(str, range(1, 9))), TextArray.from_strings(TITLES),
        user_names=TextArray.from_strings(["Ann", "Bob", "Ann Lee"]))


def titles_found(ratings: Ratings, text: str) -> list[str]:
    return [TITLES[item] for item in FindIndex(ratings).find(text).items]


def test_what_begins_so_stands_before_a_word_that_does_and_what_holds_it(ratings: Ratings) -> None:
    assert titles_found(ratings, "story") == ["Story of Us, The", "Toy Story (1995)", "History"]


def test_an_id_stands_first_then_a_title_that_is_just_this(ratings: Ratings) -> None:
    assert titles_found(ratings, "3")[:2] == [TITLES[2], "3"]
    assert titles_found(ratings, "toy") == ["Toy", "Toy Story (1995)"]
    assert FindIndex(ratings).find("3").users.tolist() == [1, 2]


@pytest.mark.parametrize("text", ["AMELIE", "amélie", " Amélie ", "mélie", "AMÉ"])
def test_case_accents_and_spaces_at_the_ends_do_not_count(ratings: Ratings, text: str) -> None:
    assert titles_found(ratings, text) == ["Amélie"]


def test_all_words_in_any_order_are_found_too(ratings: Ratings) -> None:
    assert titles_found(ratings, "the matrix") == ["Matrix, The (1999)"]
    assert titles_found(ratings, "matrix, the") == ["Matrix, The (1999)"]
    assert titles_found(ratings, "the toy") == []


def test_of_equally_good_ones_the_most_rated_stands_first(ratings: Ratings) -> None:
    same = replace(ratings, item_titles=TextArray.from_strings(["Film"] * 8))
    assert FindIndex(same).find("film").items.tolist() == [4, 1, 7, 0, 2, 3, 5, 6]


def test_users_are_found_by_name(ratings: Ratings) -> None:
    hits = FindIndex(ratings).find("ann")
    assert hits.users.tolist() == [0, 2]
    assert hits.total == 2


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "nothing of the kind", "\ud800", "🎬"])
def test_nothing_is_found_where_nothing_is_meant(ratings: Ratings, text: str) -> None:
    assert FindIndex(ratings).find(text).total == 0


def test_odd_titles_are_searched_like_others(ratings: Ratings) -> None:
    odd = ["x" * 10_000 + " end", "שלום עולם", "🎬 Film 🎥", "tab\tand\x00null", "İstanbul",
           "Straße", "", "ﬁlm"]
    index = FindIndex(replace(ratings, item_titles=TextArray.from_strings(odd)))
    for text, expected in (("end", 0), ("עולם", 1), ("🎥", 2), ("tab and", 3), ("istanbul", 4),
                           ("STRASSE", 5), ("film", 7)):
        assert expected in index.find(text).items.tolist(), text


def test_folding_all_is_folding_each() -> None:
    texts = ["ABC", "", "Ünï", "plain", "İ", "a\x1fb", "末", "ÀÉ ö"]
    folded = fold_all(TextArray.from_strings(texts))
    assert list(folded) == [fold(text) for text in texts]


def test_a_search_is_one_pass_over_the_bytes_for_the_text_and_one_for_each_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """How long that takes is for ``benchmarks/find.py``: at most 50 ms for 100,000 titles."""
    from mfgui.core.kernels import find as kernel

    ids = TextArray.from_strings(map(str, range(1000)))
    titles = TextArray.from_strings(f"the story of {k}" for k in range(1000))
    none = np.empty(0, np.int32)
    index = FindIndex(Ratings(none, none, np.empty(0, np.float32), ids, ids, titles))
    once = 2 * fold_all(ids).data.size + fold_all(titles).data.size
    seen, real = [], kernel.match_texts

    def counted(data: Any, offsets: Any, *rest: Any) -> None:
        seen.append(data.size)
        real(data, offsets, *rest)

    monkeypatch.setattr(kernel, "match_texts", counted)
    for text, n_passes in (("s", 1), ("zzz", 1), ("999", 1), ("the story of", 4)):
        seen.clear()
        index.find(text)
        assert sum(seen) == n_passes * once, text


@pytest.mark.parametrize(("wanted", "nearest"), [
    ("1139", "1193"), ("119", "1193"), ("11933", "1193"), ("ALISE", "Alice"), ("alice", "Alice"),
    ("u-0071", "u-007"), ("b0b", "bob"), ("99999999", None), ("", None), ("x" * 500, None)])
def test_the_nearest_spelled_id_is_named_or_none(wanted: str, nearest: str | None) -> None:
    ids = TextArray.from_strings(["1193", "Alice", "u-007", "bob", "4711"])
    assert nearest_id(ids, wanted) == nearest


def test_of_equally_near_ids_the_one_that_begins_alike_is_named() -> None:
    ids = TextArray.from_strings(["9994", "1995", "1994"])
    assert nearest_id(ids, "1999") == "1995"
    assert nearest_id(TextArray.from_strings([]), "7") is None


def test_errors_are_counted_as_a_person_makes_them() -> None:
    """Against the plain definition, over random words of few letters."""
    from mfgui.core.kernels.find import nearest_text

    def errors(a: str, b: str) -> int:
        table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
        for i in range(1, len(a) + 1):
            for j in range(1, len(b) + 1):
                table[i, j] = min(table[i - 1, j] + 1, table[i, j - 1] + 1,
                                  table[i - 1, j - 1] + (a[i - 1] != b[j - 1]))
                if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                    table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
        return table[len(a), len(b)]

    rng = np.random.default_rng(1)
    for _ in range(200):
        words = ["".join(rng.choice(list("abc"), rng.integers(1, 8))) for _ in range(12)]
        wanted = "".join(rng.choice(list("abc"), rng.integers(1, 8)))
        texts = TextArray.from_strings(words)
        place = nearest_text(texts.data, texts.offsets,
                             np.frombuffer(wanted.encode(), np.uint8), 3)
        least = min(errors(word, wanted) for word in words)
        assert place == -1 if least > 3 else errors(words[place], wanted) == least
