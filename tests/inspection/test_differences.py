"""Where two models differ: rows by squares and by damped RMSE, settings in words, a row's cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mfgui.core.metrics import all_pairs
from mfgui.core.settings import as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.inspection.differences import (
    DAMPING,
    RowDifferences,
    furthest_cell,
    setting_differences,
)
from mfgui.inspection.paired import pair_sums

SUMS = np.array([
    # n, squares of A and of B, sizes
    [100, 90.0, 100.0, 80, 90],  # A better by 10
    [0, 0.0, 0.0, 0, 0],
    [1, 0.0, 9.0, 0, 3],  # a single rating: by 9, but one only
    [50, 60.0, 40.0, 50, 45],  # B better by 20
    [40, 10.0, 18.0, 20, 25],  # A better by 8, and surely so
])


def test_rows_are_ranked_by_squared_errors_in_both_directions() -> None:
    rows = RowDifferences(SUMS)
    assert [line.index for line in rows.lines("squares", better=0)] == [0, 2, 4]
    assert [line.index for line in rows.lines("squares", better=1)] == [3]
    line = rows.lines("squares")[0]
    assert (line.n_ratings, line.squares) == (100, -10)
    assert (line.rmse, line.other_rmse) == pytest.approx((0.9**0.5, 1.0))
    assert rows.n_rows == 4


def test_one_rating_does_not_lead_by_its_rmse() -> None:
    rows = RowDifferences(SUMS)
    by_change = rows.lines("change", better=0)
    assert [line.index for line in by_change] == [4, 0]  # undamped row 2 would lead by 3
    total = SUMS.sum(axis=0)
    a, b = ((SUMS[4, k] + DAMPING * total[k] / total[0]) / (40 + DAMPING) for k in (1, 2))
    found = next(line for line in by_change if line.index == 4)
    assert found.change == pytest.approx(a**0.5 - b**0.5)


def test_no_more_lines_than_asked_and_none_without_ratings() -> None:
    assert len(RowDifferences(SUMS).lines(n_most=2)) == 2
    assert RowDifferences(np.zeros((3, 5))).lines() == ()


def test_the_furthest_cell_is_the_one_of_a_plain_loop(draws: Any) -> None:
    ratings = draws.ratings(25, 15, 0.4)
    one, other = draws.model(ratings), draws.model(ratings, seed=4)

    def apart(k: int) -> float:
        pair = ratings.user_index[k : k + 1], ratings.item_index[k : k + 1]
        a, b = (float(model.predict(*pair)[0] - ratings.value[k]) ** 2 for model in (one, other))
        return abs(a - b)

    for is_user, side in ((True, ratings.user_index), (False, ratings.item_index)):
        for row in range(12):
            at = np.flatnonzero(side == row)
            found = furthest_cell(one, other, ratings, row, is_user=is_user)
            if not at.size:
                assert found is None
                continue
            k = max(at, key=apart)
            assert found == (ratings.user_index[k], ratings.item_index[k])


def test_a_sum_over_users_is_the_sum_over_items(draws: Any) -> None:
    ratings = draws.ratings(25, 15, 0.4)
    sums = pair_sums(draws.model(ratings), draws.model(ratings, seed=4), all_pairs(ratings))
    np.testing.assert_allclose(sums.users.sum(axis=0), sums.items.sum(axis=0))


def settings(solver: str, **values: Any) -> dict[str, Any]:
    return as_dict(SOLVERS[solver].settings_type(**values))


def test_settings_that_differ_are_told_by_label_and_in_words() -> None:
    found = setting_differences(
        "adagrad", settings("adagrad", n_factors=64, biases=False, seed=1),
        "adagrad", settings("adagrad", n_factors=8, seed=2, n_threads=2))
    assert [(each.label, each.value, each.other_value) for each in found] == [
        ("Factors", "64", "8"), ("Biases", "off", "on"), ("Seed", "1", "2")]


def test_what_only_one_solver_has_stands_beside_a_dash() -> None:
    found = {each.name: each for each in setting_differences(
        "adagrad", settings("adagrad"), "als", settings("als"))}
    assert (found["solver"].value, found["solver"].other_value) == ("AdaGrad", "ALS")
    assert found["learning_rate"].other_value == "–"
    assert "n_threads" not in found


def test_settings_of_an_older_version_or_another_program_are_told_as_they_are() -> None:
    old = settings("als")
    del old["n_factors"]
    found = setting_differences("als", old, "foreign", {"rank": 7, "note": "x" * 99, "on": True})
    texts = {each.name: (each.value, each.other_value) for each in found}
    assert texts["rank"] == ("–", "7")
    assert texts["on"] == ("–", "on")
    assert len(texts["note"][1]) <= 40
    assert texts["solver"][1] == "foreign"
