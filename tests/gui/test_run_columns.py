"""Columns of the runs table, and what its filter understands."""

from __future__ import annotations

from typing import Any

import pytest

from mfgui.gui.run_columns import figure_columns, ordered, own_columns, setting_columns, sort_key
from mfgui.gui.run_filter import parse_filter
from mfgui.gui.run_words import run_figure, spoken
from mfgui.store.project import RunInfo


def columns_of(runs: list[RunInfo]) -> list[Any]:
    own = own_columns({run.id: run.number for run in runs}, lambda: None)
    return ordered([*own, *setting_columns(runs), *figure_columns()], runs)[0]


@pytest.fixture
def runs(kept: Any) -> list[RunInfo]:
    kept.add("adagrad", 0.9123, n_factors=16)
    kept.add("adagrad", 0.85, n_factors=64, learning_rate=0.1)
    kept.add("als", None, n_factors=64, status="diverged")
    kept.project.change_run(1, note="the first one", name="baseline")
    return list(kept.project.runs())


def test_what_the_runs_differ_in_stands_before_what_they_share(runs: list[RunInfo]) -> None:
    keys = [column.key for column in columns_of(runs)]
    assert keys[:6] == ["ticked", "star", "run", "name", "solver", "validation_rmse"]
    assert keys.index("n_factors") < keys.index("seed")
    assert keys.index("learning_rate") < keys.index("seed")
    assert keys.index("status") < keys.index("seed")
    assert set(runs[0].settings) | set(runs[2].settings) <= set(keys)


def test_settings_are_written_as_people_write_them(runs: list[RunInfo]) -> None:
    columns = {column.key: column for column in columns_of(runs)}

    def texts(key: str) -> list[str]:
        return [columns[key].text(columns[key].value(run)) for run in runs]

    assert texts("n_factors") == ["16", "64", "64"]
    assert texts("guard") == ["on", "on", "on"]
    assert texts("learning_rate") == ["0.05", "0.1", ""]  # als has none
    assert texts("validation_rmse") == ["0.9123", "0.8500", ""]
    assert texts("status") == ["finished", "finished", "diverged"]


@pytest.mark.parametrize(("text", "numbers"), [
    ("", [1, 2, 3]),
    ("adagrad", [1, 2]),
    ("ADA", [1, 2]),
    ("n_factors>32", [2, 3]),
    ("Factors>=64 adagrad", [2]),
    ("n_factors<=16", [1]),
    ("validation_rmse<0.9", [2]),
    ("validation_rmse=0.9123", [1]),
    ("learning_rate=0,1", [2]),
    ("learning_rate!=0.1", [1, 3]),
    ("status=diverged", [3]),
    ('note="the first one"', [1]),
    ("first", [1]),
    ("2", [2]),
    ('"the fir', [1]),  # while one types
    ("nothing", []),
])
def test_words_and_conditions_choose_runs(
    runs: list[RunInfo], text: str, numbers: list[int]
) -> None:
    chosen = parse_filter(text, columns_of(runs))
    assert chosen.error == ""
    assert [run.number for run in runs if chosen.holds(run)] == numbers


@pytest.mark.parametrize(("text", "words"), [
    ("factrs>3", "There is no column “factrs”"),
    ("n_factors>many", "“many” is not a number to compare Factors with."),
    ("n_factors>", "“n_factors>” needs a value behind it."),
])
def test_what_cannot_be_understood_is_said_and_lists_all(
    runs: list[RunInfo], text: str, words: str
) -> None:
    chosen = parse_filter(text, columns_of(runs))
    assert words in chosen.error
    assert all(chosen.holds(run) for run in runs)


def test_a_run_is_known_by_the_best_figure_it_has(runs: list[RunInfo]) -> None:
    assert run_figure(runs[0]).text == "0.9123"
    assert run_figure(runs[0]).name == "validation RMSE"
    assert run_figure(runs[2]).name == "training RMSE"  # nothing was held out
    assert spoken(runs[0], is_shown=True) == (
        "Run 1, baseline, validation RMSE 0.9123, finished, shown")


def test_values_of_all_kinds_can_be_sorted() -> None:
    values = [None, "b", 3, "", "A", True, 2.5]
    assert sorted(values, key=sort_key) == [True, 2.5, 3, "A", "b", None, ""]
