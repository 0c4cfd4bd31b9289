"""Runs beside each other are called by what differs between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from mfgui.core.settings import as_dict
from mfgui.core.solvers import SOLVERS
from mfgui.jobs.run_names import differing_settings, names_by_difference


@dataclass(frozen=True)
class Run:
    """What of a RunInfo names a run."""

    id: int
    number: int
    solver: str = "adagrad"
    name: str = ""
    settings: dict[str, Any] = field(default_factory=dict)


def named(*runs: Run) -> list[str]:
    return list(names_by_difference(cast(Any, runs)).values())


def run(number: int, solver: str = "adagrad", name: str = "", **settings: Any) -> Run:
    declared = as_dict(SOLVERS[solver].settings_type())
    return Run(100 + number, number, solver, name, {**declared, **settings})


def test_one_run_is_called_by_its_solver() -> None:
    assert names_by_difference(cast(Any, [run(1)])) == {101: "adagrad"}
    assert named() == []


def test_runs_of_one_solver_are_told_apart_by_the_settings_that_differ() -> None:
    assert named(run(1, n_factors=64), run(2, n_factors=128)) == [
        "adagrad, F=64", "adagrad, F=128"]
    assert named(run(1, n_factors=64, seed=1), run(2, n_factors=64, seed=2)) == [
        "adagrad, seed=1", "adagrad, seed=2"]


def test_rates_have_the_digits_that_tell_them_apart() -> None:
    assert named(run(1, learning_rate=0.001), run(2, learning_rate=None)) == [
        "adagrad, rate=0.001", "adagrad, rate automatic"]
    assert named(run(1, learning_rate=1.00001e-5), run(2, learning_rate=1e-5)) == [
        "adagrad, rate=1.00001e-5", "adagrad, rate=1e-5"]


def test_switches_are_said_in_words() -> None:
    assert named(run(1, biases=True), run(2, biases=False)) == [
        "adagrad, biases", "adagrad, no biases"]


def test_solvers_are_told_apart_by_name_and_their_defaults_are_not_said() -> None:
    assert named(run(1), run(2, "als"), run(3, "sgd")) == ["adagrad", "als", "sgd"]


def test_what_a_person_changed_is_said_of_all_solvers() -> None:
    names = named(run(1), run(2, "als", n_factors=7), run(3, "sgd"))
    default = {name: SOLVERS[name].settings_type().n_factors for name in ("adagrad", "sgd")}
    assert names == [f"adagrad, F={default['adagrad']}", "als, F=7", f"sgd, F={default['sgd']}"]


def test_runs_of_the_same_settings_have_their_number() -> None:
    assert named(run(1), run(2), run(3, n_factors=7)) == [
        "adagrad, F=64, run 1", "adagrad, F=64, run 2", "adagrad, F=7"]


def test_a_name_that_a_person_gave_comes_first() -> None:
    assert named(run(1, name="first\ntry", n_factors=64), run(2, n_factors=128)) == [
        "first try (F=64)", "adagrad, F=128"]
    assert named(run(1, name="one"), run(2, name="two")) == ["one", "two"]


def test_threads_change_nothing_and_are_not_named() -> None:
    assert differing_settings(cast(Any, [run(1, n_threads=1), run(2, n_threads=2)])) == []


def test_solvers_and_settings_of_another_version_are_called_as_they_are() -> None:
    assert named(Run(1, 1, "new-solver", settings={"depth": 1, "odd": [1]}),
                 Run(2, 2, "new-solver", settings={"depth": 2, "odd": [2]})) == [
        "new-solver, depth=1, odd=[1]", "new-solver, depth=2, odd=[2]"]


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_every_solvers_settings_can_be_named(solver: str) -> None:
    assert len(set(named(run(1, solver, seed=1), run(2, solver, seed=2)))) == 2
