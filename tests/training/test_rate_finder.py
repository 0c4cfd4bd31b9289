"""The rate finder: short runs, and a rate that holds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.errors import CancelledError, TrainingError
from mfgui.training import rate_finder
from mfgui.training.rate_finder import RateFound, RateTrial, find_rate
from mfgui.training.session import TrainingSession

WITH_RATE = [name for name, each in SOLVERS.items()
             if hasattr(each.settings_type, "learning_rate")]


def found(solver: str, ratings: Ratings, **values: Any) -> tuple[list[RateTrial], RateFound]:
    settings = SOLVERS[solver].settings_type(n_factors=4, **values)
    *trials, last = find_rate(solver, settings, ratings, Control())
    assert isinstance(last, RateFound)
    assert all(isinstance(trial, RateTrial) for trial in trials)
    return trials, last  # type: ignore[return-value]


@pytest.mark.parametrize("solver", WITH_RATE)
def test_the_suggestion_lies_below_what_diverged_and_lowers_the_loss(
    solver: str, planted: Ratings
) -> None:
    trials, result = found(solver, planted)
    assert result.trials == tuple(sorted(trials, key=lambda trial: trial.learning_rate))
    diverged = [trial.learning_rate for trial in trials if not math.isfinite(trial.loss)]
    assert result.learning_rate <= 0.5 * min(diverged, default=math.inf) * 1.01
    assert min(trial.loss for trial in trials) < 1


def test_a_run_at_the_suggested_rate_does_not_diverge_and_beats_a_timid_one(
    planted: Ratings
) -> None:
    _, result = found("gradient-descent", planted)

    def loss_at(rate: float) -> float:
        settings = SOLVERS["gradient-descent"].settings_type(
            n_factors=4, n_epochs=30, learning_rate=rate, validation=0)
        session = TrainingSession("gradient-descent", settings, planted)
        list(session.epochs())
        assert session.result is not None
        return session.result.train_loss

    assert loss_at(result.learning_rate) < loss_at(result.learning_rate / 20)


def test_the_rate_in_the_form_does_not_change_what_is_found(planted: Ratings) -> None:
    assert found("sgd", planted)[1] == found("sgd", planted, learning_rate=1e9)[1]


def test_many_ratings_are_sampled_by_whole_users(
    planted: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_finder, "MAX_RATINGS", 300)
    _, result = found("sgd", planted)
    assert 300 <= result.n_ratings < 300 + int(planted.user_counts.max())
    sample = rate_finder._sampled(planted, 0)
    counts = sample.user_counts
    assert ((counts == 0) | (counts == planted.user_counts)).all()


def test_it_can_be_stopped_at_any_trial(planted: Ratings) -> None:
    control = Control()
    events = find_rate("sgd", SOLVERS["sgd"].settings_type(n_factors=4), planted, control)
    next(events)
    control.stop()
    with pytest.raises(CancelledError):
        list(events)


def test_ratings_too_large_to_train_on_are_said_so() -> None:
    texts = TextArray.from_strings("ab")
    index = np.arange(2, dtype=np.int32)
    huge = Ratings(index, index.copy(), np.full(2, 3e38, np.float32), texts, texts)
    with pytest.raises(TrainingError, match="more than can be trained on"):
        found("nmf", huge, validation=0)


def test_an_average_has_no_rate_of_its_own_to_find(planted: Ratings) -> None:
    with pytest.raises(TrainingError, match="no learning rate"):
        found("average", planted)
