"""What the search for a rate says, and what it depends on."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from mfgui.core.solvers import SOLVERS
from mfgui.jobs.find_rate import RateFound, RateTrial, findable, found_text, is_same_search


def test_the_sentence_names_rate_epochs_and_what_it_was_tried_on() -> None:
    trials = (RateTrial(0.05, 0.7), RateTrial(0.1, 0.4), RateTrial(0.2, 0.5))
    assert found_text(RateFound("sgd", 0.1, trials, 80_000)) == (
        "0.1 lowers the training loss most in the first 5 epochs, of 3 rates tried on 80,000 "
        "ratings. A lower rate takes more epochs and is often better on ratings not seen.")


def test_a_suggestion_below_the_best_trial_is_explained() -> None:
    trials = (RateTrial(0.05, 0.7), RateTrial(0.1, math.inf), RateTrial(0.2, 0.4))
    told = found_text(RateFound("sgd", 0.05, trials, 1000))
    assert told.startswith("0.2 lowers the training loss most")
    assert "0.05 is half of the lowest rate that diverged" in told


@pytest.mark.parametrize("values", [
    {"learning_rate": 0.3}, {"n_epochs": 3}, {"validation": 0.0}, {"patience": 4},
    {"refit": False}, {"n_threads": 2}])
def test_what_the_search_does_not_look_at_does_not_make_it_another(
    values: dict[str, object]
) -> None:
    settings = SOLVERS["adagrad"].settings_type()
    assert is_same_search(settings, replace(settings, **values))  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [{"n_factors": 3}, {"regularization": 1.0}, {"seed": 4}])
def test_what_the_search_looks_at_makes_it_another(values: dict[str, object]) -> None:
    settings = SOLVERS["adagrad"].settings_type()
    assert not is_same_search(settings, replace(settings, **values))  # type: ignore[arg-type]
    assert not is_same_search(settings, SOLVERS["sgd"].settings_type())


def test_a_rate_is_findable_only_where_it_does_something() -> None:
    plain = SOLVERS["gradient-descent"].settings_type
    assert findable(plain()) == "learning_rate"
    assert findable(plain(step="line-search")) == ""  # type: ignore[call-arg]
    assert findable(SOLVERS["average"].settings_type()) == ""
