"""A small matrix, typed or pasted, keeps its shape and tells where it is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from mfgui.core.ratings import Ratings
from mfgui.data.small_matrix import MAX_CELLS, parse_matrix, ratings_from_cells
from mfgui.errors import DataError


def _cells(ratings: Ratings) -> dict[tuple[int, int], float]:
    return {
        (n, m): value for n, m, value in zip(
            ratings.user_index.tolist(), ratings.item_index.tolist(), ratings.value.tolist(),
            strict=True,
        )
    }


EXPECTED = {(0, 0): 5.0, (0, 1): 3.0, (0, 3): 1.0, (1, 0): 4.0, (1, 3): 1.0}


@pytest.mark.parametrize("text", [
    "5 3 ? 1\n4 ? ? 1",
    "  5   3 ? 1  \n4 ?  ? 1\n\n",
    "5\t3\t\t1\n4\t\t\t1\n",
    "5,3,,1\n4,,?,1",
    "5, 3, NA, 1\r\n4, ., -, 1\r\n",
    "5;3;;1\n4;;;1",
    "\ufeff5;3;n/a;1\n4;NaN;;1",
    "\n5 3 ? 1\n\n4 ? ? 1",
])
def test_all_ways_of_writing_give_the_same_matrix(text: str) -> None:
    ratings, report = parse_matrix(text)
    assert _cells(ratings) == EXPECTED
    assert (ratings.n_users, ratings.n_items) == (2, 4)
    assert report.n_lines == 8 == report.n_ratings + report.n_missing


def test_the_4_by_5_example_is_read_as_typed() -> None:
    text = "5 3 ? 1 ?\n4 ? ? 1 1\n1 1 ? 5 ?\n? 1 5 4 4"
    ratings, report = parse_matrix(text)
    assert (ratings.n_users, ratings.n_items, ratings.n_ratings) == (4, 5, 13)
    assert list(ratings.user_ids) == ["1", "2", "3", "4"]
    assert list(ratings.item_ids) == ["1", "2", "3", "4", "5"]
    assert report.summary() == "a matrix of 4 x 5; 7 cells missing"


def test_rows_and_columns_without_a_number_stay() -> None:
    ratings, _ = parse_matrix("? ? ?\n? 2 ?\n? ? ?")
    assert (ratings.n_users, ratings.n_items, ratings.n_ratings) == (3, 3, 1)


def test_a_row_of_nothing_but_tabs_is_a_row() -> None:
    ratings, _ = parse_matrix("1\t2\n\t\n3\t4")
    assert ratings.n_users == 3


def test_zero_and_negative_numbers_are_ratings() -> None:
    ratings, _ = parse_matrix("0 -1.5\n-0.25 1e1")
    assert ratings.value.tolist() == [0.0, -1.5, -0.25, 10.0]


def test_a_decimal_comma_is_understood_beside_tab_or_semicolon() -> None:
    ratings, _ = parse_matrix("3,5\t4\n1\t2,25")
    assert ratings.value.tolist() == [3.5, 4.0, 1.0, 2.25]


@pytest.mark.parametrize(("text", "words"), [
    ("1 2 3\n1 2", ["Row 2", "2 fields", "row 1 has 3"]),
    ("1 2\n1 2 3", ["Row 2", "3 fields"]),
    ("1 2 3\n1 x 3", ["Row 2, column 2", "'x'"]),
    ("1\t2\n1\t1,000", ["Row 2, column 2", "'1,000'"]),
    ("1 2\n1 inf", ["Row 2, column 2", "finite"]),
    ("1 2\n1e39 2", ["Row 2, column 1", "finite"]),
    ("1 1_0", ["Row 1, column 2"]),
    ("1,2 3", ["Row 1, column 2", "'2 3'"]),
    ("? ?\n? ?", ["no number"]),
    ("", ["no number"]),
    ("  \n \n", ["no number"]),
    ("1 " + "x" * 1000, ["Row 1, column 2", "..."]),
])
def test_what_is_no_matrix_names_row_and_column(text: str, words: list[str]) -> None:
    with pytest.raises(DataError) as caught:
        parse_matrix(text)
    message = str(caught.value)
    assert all(word in message for word in words), message
    assert "\n" not in message
    assert message.endswith(".")


def test_a_table_too_large_to_type_is_refused_before_it_is_read() -> None:
    with pytest.raises(DataError, match="too large"):
        parse_matrix("1 2\n" * MAX_CELLS)


def test_cells_of_a_table_become_ratings() -> None:
    ratings = ratings_from_cells([[5.0, 3.0, None, 1.0], [4.0, None, None, 1.0]])
    assert _cells(ratings) == EXPECTED
    assert ratings.value.dtype == np.float32


@pytest.mark.parametrize("rows", [[], [[]], [[None]], [[1.0], []], [[float("nan")]]])
def test_cells_that_are_no_matrix_are_refused(rows: list[list[float | None]]) -> None:
    with pytest.raises(DataError):
        ratings_from_cells(rows)
