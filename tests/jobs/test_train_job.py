"""What the training job says before and after a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.settings import RunSettings
from mfgui.core.solvers import SOLVERS
from mfgui.jobs.reached import reached_text
from mfgui.jobs.solver_groups import by_heading
from mfgui.jobs.train import Refusal, memory_text, refusal, summary
from mfgui.training.events import Baselines, RunResult


def settings(solver: str, **values: Any) -> RunSettings:
    return SOLVERS[solver].settings_type(**values)


def run(ratings: Ratings, solver: str, **values: Any) -> RunResult:
    events: Iterator[Any] = jobs.train(Control(), solver, settings(solver, **values), ratings)
    *_, result = events
    assert isinstance(result, RunResult)
    return result


def test_a_run_can_go_on_with_its_own_settings(planted: Ratings) -> None:
    start = run(planted, "sgd", n_factors=3, n_epochs=1)
    assert refusal(start, "sgd", settings("sgd", n_factors=3, n_epochs=9), planted) is None


def test_a_refusal_names_the_setting_that_stands_in_the_way(planted: Ratings) -> None:
    start = run(planted, "sgd", n_factors=3, n_epochs=1)
    for solver in ("sgd", "adagrad"):
        found = refusal(start, solver, settings(solver, n_factors=4), planted)
        assert found is not None
        assert found.remedy == (("n_factors", 3),)
        assert "actors" in found.reason
        assert refusal(start, solver, settings(solver, n_factors=3), planted) is None


def test_a_refusal_may_take_several_settings_or_a_switch(planted: Ratings) -> None:
    start = run(planted, "sgd", n_factors=3, n_epochs=1, seed=5)
    found = refusal(start, "adagrad", settings("adagrad", n_factors=4, biases=False), planted)
    assert found is not None
    assert dict(found.remedy) == {"n_factors": 3, "biases": True, "seed": 5}


def test_a_refusal_that_no_setting_helps_has_no_remedy(planted: Ratings, tiny: Ratings) -> None:
    start = run(planted, "sgd", n_factors=3, n_epochs=1)
    found = refusal(start, "sgd", settings("sgd", n_factors=3), tiny)
    assert found == Refusal("These factors belong to other ratings: press Train to begin anew.")


def test_the_memory_of_a_run_is_told_with_its_unit(
    tiny: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n_bytes, text in ((1_300_000, "1.3 MB"), (250_000_000, "250 MB"), (12.4e9, "12 GB"),
                          (999_700_000, "1 GB"), (400, "less than 0.1 MB")):
        monkeypatch.setattr(
            SOLVERS["sgd"], "bytes_needed", lambda *_, n=n_bytes: int(n))
        assert memory_text("sgd", settings("sgd"), tiny) == text


def test_the_summary_has_the_figures_to_beat(planted: Ratings) -> None:
    result = run(planted, "sgd", n_factors=3, n_epochs=1)
    told = summary(result, planted)
    assert isinstance(result.baselines, Baselines)
    assert told["mean_validation_rmse"] == result.baselines.mean_validation
    assert told["bias_validation_rmse"] == result.baselines.bias_validation
    assert told["mean_test_rmse"] is told["bias_test_rmse"] is None
    told = summary(replace(result, baselines=None), planted)
    assert told["mean_validation_rmse"] is None


def test_the_summary_has_the_ranking_of_the_kept_model(planted: Ratings) -> None:
    result = run(planted, "sgd", n_factors=3, n_epochs=1)
    record = replace(result.last_record, validation_ndcg=0.2, test_recall=0.3)
    told = summary(replace(result, last_record=record), planted)
    assert (told["validation_ndcg"], told["test_recall"]) == (0.2, 0.3)
    assert told["validation_precision"] is told["test_ndcg"] is None


def test_what_had_to_be_beaten_before_a_refit_still_has_when_it_is_gone_on_from(
    planted: Ratings,
) -> None:
    values = {"n_factors": 3, "n_epochs": 1, "refit": True}
    start = run(planted, "sgd", **values)
    assert start.is_refit
    assert start.baselines is not None
    events: Iterator[Any] = jobs.train(
        Control(), "sgd", settings("sgd", **values), planted, start=start)
    *_, result = events
    assert result.validation_rmse == start.validation_rmse
    assert result.baselines == start.baselines


NOTHING: dict[str, Any] = {
    **dict.fromkeys(f"{part}_{name}" for part in ("validation", "test")
                    for name in ("rmse", "ndcg", "precision", "recall")),
    **dict.fromkeys(f"{kind}_{part}_rmse" for part in ("validation", "test")
                    for kind in ("mean", "bias")),
    "n_validation": 0, "n_test": 0, "n_unseen_validation": 0, "n_unseen_test": 0,
    "is_refit": False, "train_rmse": None}


@pytest.mark.parametrize(("figures", "text"), [
    ({}, ""),
    ({"train_rmse": 0.5}, "RMSE 0.500 on the ratings it was trained on; none were held out, so "
     "that of other ratings is not known."),
    ({"validation_rmse": 0.8388, "n_validation": 100_021, "is_refit": True,
      "mean_validation_rmse": 1.117, "bias_validation_rmse": 0.908},
     "RMSE 0.839 on 100,021 held-out ratings, measured before the final training on all; always "
     "guessing the average: 1.117; user and item bias: 0.908."),
    ({"validation_rmse": 1.0, "n_validation": 1, "mean_validation_rmse": 0.9},
     "RMSE 1.000 on 1 held-out rating; always guessing the average: 0.900, which is better."),
    ({"test_rmse": 123.456, "n_test": 30, "n_unseen_test": 7},
     "RMSE 123 on 30 test ratings (7 of a user or item unseen in training)."),
    ({"validation_rmse": 0.00123, "n_validation": 9, "test_rmse": 0.5, "n_test": 3},
     "RMSE 0.00123 on 9 held-out ratings. RMSE 0.500 on 3 test ratings."),
    ({"validation_ndcg": 0.1912, "validation_precision": 0.12, "n_validation": 40},
     "NDCG@10 0.191, where 1 is a perfect order, on 40 held-out ratings; precision@10 0.120."),
])
def test_what_was_reached_is_said_in_a_sentence(figures: dict[str, Any], text: str) -> None:
    assert reached_text({**NOTHING, **figures}) == text


def test_solvers_stand_below_their_headings_in_order() -> None:
    class _Solver:
        def __init__(self, group: str) -> None:
            self.group = group

    solvers = {"a": _Solver("textbook"), "b": _Solver("own"), "c": _Solver("recommended"),
               "d": _Solver("textbook")}
    found = by_heading(solvers)
    assert list(found) == ["Recommended", "Textbook", "Own"]
    assert list(found["Textbook"]) == ["a", "d"]
