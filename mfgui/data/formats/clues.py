"""What a table of rows looks like: ratings, or a list of titles, users or tags."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Protocol

from mfgui.data.formats.numbers import is_number, is_time, number_of

TITLES = "looks like a list of titles or names, one line for each item"
ENOUGH_ROWS = 10
"""Fewer rows show nothing: three lines are neither sorted nor of few values."""

WORDS = {
    "user": "user users userid uid username customer customerid reviewer reviewerid person "
            "personid people reader readerid student studentid rater raterid member memberid "
            "respondent respondentid account accountid visitor visitorid userindex useridx",
    "item": "item items itemid iid movie movieid film filmid book bookid isbn product productid "
            "asin parentasin artist artistid song songid track trackid game gameid joke jokeid "
            "anime animeid food lecturer business businessid recipe recipeid beer beerid "
            "itemindex itemidx article articleid restaurant restaurantid venueid course courseid",
    "rating": "rating ratings ratingvalue bookrating userrating score scores stars star overall "
              "value weight frequency preference grade plays playcount count listens",
    "time": "time timestamp unixtime unixreviewtime date datetime tid ratedat createdat "
            "reviewtime",
    "title": "title titles itemtitle movietitle booktitle itemname",
}
ROLE_OF_WORD = {word: role for role, words in WORDS.items() for word in words.split()}
PERSON_WORDS = {"age", "gender", "sex", "occupation", "zip", "zipcode", "email", "birthday"}
TAG_WORDS = {"tag", "tags", "tagid", "review", "reviewtext", "comment", "text"}


class Sample(Protocol):
    """The beginning of a table; see `mfgui.data.formats.layout.Table`."""

    @property
    def names(self) -> tuple[str, ...]: ...  # noqa: D102 - told in Table
    @property
    def rows(self) -> tuple[tuple[str, ...], ...]: ...  # noqa: D102
    @property
    def width(self) -> int: ...  # noqa: D102

    def column(self, number: int) -> list[str]: ...  # noqa: D102


def role_of(name: str) -> str | None:
    """Return what a column of this name holds, where the name says so.

    ``user-id``, ``UserID`` and RecBole's ``user_id:token`` are all the same.
    """
    word = re.sub(r"[^a-z0-9]", "", name.lower().partition(":")[0])
    return ROLE_OF_WORD.get(word)


def not_ratings(table: Sample, named: set[str]) -> str:
    """Return what a table looks like by its header if it is no ratings, else nothing."""
    words = [re.sub(r"[^a-z]", "", name.lower()) for name in table.names]
    if "user" not in named and "rating" not in named:
        if "title" in named or ("item" not in named and words[-1] in ("name", "label")):
            return TITLES
        others = [name for name in table.names if role_of(name) != "item"]
        if named == {"item"} and all(name.lower().endswith("id") for name in others):
            return "looks like a list of other ids for each item"
    if "item" not in named and "rating" not in named and PERSON_WORDS & set(words):
        return "looks like a list of users, one line for each"
    if {"user", "item"} <= named and "rating" not in named and TAG_WORDS & set(words):
        numbers = [n for n in range(1, table.width + 1) if role_of(table.names[n - 1]) is None
                   and is_numeric(table.column(n))] if table.names else []
        if not numbers:
            return "looks like a list of tags or comments, without ratings"
    return ""


def side_file(table: Sample) -> str:
    """Return what a table without header looks like if it has one line for each user or item."""
    first, second, third = (table.column(number) for number in (1, 2, 3))
    numbers = [int(text) for text in first if re.fullmatch(r"\d{1,12}", text)]
    is_rising = all(low < high for low, high in itertools.pairwise(numbers))
    if len(numbers) < max(ENOUGH_ROWS, len(first)) or not is_rising:
        return ""
    if not is_numeric(third) and not is_numeric(second):
        return TITLES
    if not is_numeric(third) or (len(set(second)) <= 3 and not is_numeric(second)):
        return "looks like a list of users, one line for each"
    return ""


def rating_likeness(fields: Sequence[str]) -> float:
    """Return 0 to 1: few values in a small range, in no order, are ratings."""
    numbers = [value for value in map(number_of, fields) if value is not None]
    if len(numbers) * 10 < len(fields) * 9 or not numbers:
        return 0.5 if len(numbers) * 2 > len(fields) else 0.0
    if is_time(fields):
        return 0.0
    if len(fields) < ENOUGH_ROWS:
        return 0.8
    n_values = len(set(fields))
    n_changes = sum(a != b for a, b in itertools.pairwise(fields))
    if n_values > 1 and n_changes < 1.5 * n_values:
        return 0.3  # sorted, as ids are
    if max(numbers) - min(numbers) > 100:
        return 0.4
    if any(value != int(value) for value in numbers):
        return 1.0  # ids are whole
    return 1.0 if n_values <= max(12, len(fields) // 10) else 0.6


def is_numeric(fields: Sequence[str]) -> bool:
    """Return whether most fields are numbers."""
    return bool(fields) and sum(map(is_number, fields)) * 2 > len(fields)
