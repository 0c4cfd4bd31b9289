"""Evaluation of a model on a test file and on what it held out, and what has to be said of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui import jobs
from mfgui.core.baselines import bias_model
from mfgui.core.control import Control
from mfgui.core.figures import Figure
from mfgui.core.parallel import WorkerPool
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.errors import CancelledError, SettingsError, TrainingError
from mfgui.jobs.evaluate import (
    Subject,
    evaluate,
    evaluation_lines,
    evaluation_table,
    subject_of,
)
from mfgui.jobs.evaluation_words import as_dict, figure_text, from_dict
from mfgui.jobs.honesty import Facts, honesty_lines, run_honesty
from mfgui.jobs.train import saved_model, summary
from mfgui.store.project import create_project
from mfgui.training.evaluation import Evaluation
from mfgui.training.session import TrainingSession
from tests.jobs.test_cross_validate_job import settings_of, some_ratings


def trained(ratings: Ratings, solver: str = "adagrad", **settings: Any) -> Subject:
    *_, result = TrainingSession(solver, settings_of(solver, **settings), ratings).epochs()
    return subject_of(saved_model(result, ratings), "a model")


def measured(subject: Subject, test: Ratings | None = None, **how: Any) -> Evaluation:
    *_, found = evaluate(how.pop("control", Control()), subject, test, **how)
    return found


def file_of(ratings: Ratings, positions: Any, **ids: Any) -> Ratings:
    return replace(ratings.take(np.asarray(positions)), name="test.csv", **ids)


def test_held_out_ratings_are_measured_with_the_factors_from_before_a_refit() -> None:
    ratings, settings = some_ratings(), settings_of(refit=True, validation=0.2)
    *_, result = TrainingSession("adagrad", settings, ratings).epochs()
    found = measured(subject_of(saved_model(result, ratings), "a model"))
    # The validation RMSE sums in blocks of another size.
    assert found.figure("model", "rmse").value == pytest.approx(result.validation_rmse, rel=1e-6)
    assert found.figure("bias", "rmse").value == pytest.approx(
        result.baselines.bias_validation, rel=1e-6)
    assert found.figure("mean", "rmse").value == pytest.approx(
        result.baselines.mean_validation, rel=1e-6)
    assert found.counts.n_ratings == result.n_validation
    assert any("from before that, which never saw" in line for line in found.lines)
    assert any("chose the number of epochs" in line for line in found.lines)


def test_the_figures_of_each_baseline_are_those_of_plain_means() -> None:
    ratings = some_ratings()
    subject = trained(ratings, refit=False)
    found = measured(subject)
    known = subject.known
    assert known is not None
    training, held = known.training, known.held_out
    for name, index, counts, of in (
            ("user_mean", held.user_index, training.user_counts, training.user_index),
            ("item_mean", held.item_index, training.item_counts, training.item_index)):
        sums = np.bincount(of, training.value.astype(float), counts.size)
        means = np.where(counts > 0, sums / np.maximum(counts, 1), training.mean)
        errors = np.clip(means[index], *training.scale) - held.value
        assert found.figure(name, "rmse").value == pytest.approx(
            np.sqrt(np.mean(errors**2)), rel=1e-6)  # biases are float32
    with WorkerPool() as pool:
        errors = bias_model(training, pool).predict(held.user_index, held.item_index) - held.value
    assert found.figure("bias", "mae").value == pytest.approx(np.mean(np.abs(errors)), rel=1e-6)


def test_ratings_of_a_test_file_that_were_trained_on_are_counted_and_left_out() -> None:
    ratings = some_ratings()
    training = ratings.take(np.arange(0, ratings.n_ratings, 2))
    subject = trained(training, refit=True)
    test = file_of(ratings, np.arange(0, ratings.n_ratings, 3))
    found = measured(subject, test)
    is_doubled = np.arange(0, ratings.n_ratings, 3) % 2 == 0
    assert found.counts.n_duplicates == is_doubled.sum()
    assert found.counts.n_ratings == (~is_doubled).sum()
    assert any(f"{is_doubled.sum():,} ratings of the file are of a user and an item that the model "
               "was trained on: left out." == line for line in found.lines)
    alone = file_of(ratings, np.arange(0, ratings.n_ratings, 3)[~is_doubled])
    assert measured(subject, alone).rows == found.rows


def test_a_test_file_of_training_ratings_alone_is_refused() -> None:
    ratings = some_ratings()
    with pytest.raises(TrainingError, match="would tell nothing: choose a file of other ratings"):
        measured(trained(ratings, refit=True), file_of(ratings, np.arange(50)))


def test_a_test_file_of_other_ids_is_refused() -> None:
    ratings = some_ratings()
    others = TextArray.from_strings(f"u{k}" for k in range(ratings.n_users))
    with pytest.raises(TrainingError, match=r"knows none of the users of test\.csv"):
        measured(trained(ratings), file_of(ratings, np.arange(50), user_ids=others))


def test_unseen_users_and_items_are_counted_and_it_is_said_how_they_are_predicted() -> None:
    ratings = some_ratings()
    is_seen = (ratings.user_index < 50) & (ratings.item_index < 35)
    subject = trained(ratings.take(np.flatnonzero(is_seen)), refit=True)
    found = measured(subject, file_of(ratings, np.flatnonzero(~is_seen)))
    no_user, no_item = ratings.user_index >= 50, ratings.item_index >= 35
    assert found.counts.n_unseen_users == no_user.sum()
    assert found.counts.n_unseen_items == no_item.sum()
    assert found.counts.n_unseen == (no_user | no_item).sum()
    assert found.counts.n_unknown_users == 10
    line = next(line for line in found.lines if "without a training rating (" in line)
    assert f"{no_user.sum():,} by user and {no_item.sum():,} by item" in line
    assert "predicted by the mean and the bias that is known" in line


def test_an_unseen_users_prediction_is_that_of_mean_and_item_bias() -> None:
    ratings = some_ratings()
    subject = trained(ratings.take(np.flatnonzero(ratings.user_index < 50)), refit=True)
    test = file_of(ratings, np.flatnonzero(ratings.user_index >= 50))
    found = measured(subject, test)
    model = subject.model
    shown = np.clip(model.global_mean + model.item_bias[test.item_index], *model.scale)
    assert found.figure("model", "rmse").value == pytest.approx(
        np.sqrt(np.mean((shown - test.value) ** 2)), rel=1e-6)


def test_without_held_out_ratings_it_says_what_to_do() -> None:
    with pytest.raises(TrainingError, match="choose a test file"):
        measured(trained(some_ratings(), validation=0.0))


def test_a_refit_without_the_factors_from_before_says_what_to_do() -> None:
    subject = replace(trained(some_ratings(), refit=True), before_refit=None)
    with pytest.raises(TrainingError, match="factors from before are not kept"):
        measured(subject)


def test_without_known_ratings_there_are_errors_alone_and_it_is_said() -> None:
    ratings = some_ratings()
    subject = replace(trained(ratings), known=None)
    found = measured(subject, file_of(ratings, np.arange(60)))
    assert [row.name for row in found.rows] == ["model"]
    assert set(found.names) == {"rmse", "mae"}
    assert any("--ratings" in line for line in found.lines)


def test_the_figures_are_the_same_for_any_number_of_threads() -> None:
    subject = trained(some_ratings())
    assert measured(subject, n_threads=1) == measured(subject, n_threads=3)


@pytest.mark.parametrize("threshold", [2.0, 5.0])
def test_a_threshold_changes_what_is_relevant(threshold: float) -> None:
    subject = trained(some_ratings())
    found = measured(subject, threshold=threshold)
    assert found.threshold == threshold
    assert found.figure("model", "precision") != measured(subject).figure("model", "precision")
    assert any(f"at least {threshold:g}" in line for line in found.lines)


def test_by_default_three_quarters_up_the_scale_is_relevant() -> None:
    assert measured(trained(some_ratings())).threshold == 4.0


def test_of_preferences_whatever_is_above_0_is_relevant() -> None:
    found = measured(trained(some_ratings(), "implicit-als"))
    assert found.threshold is None
    assert [row.name for row in found.rows] == ["model", "popular"]
    assert any("whatever has a value above 0" in line for line in found.lines)


@pytest.mark.parametrize("how", [{"n": 0}, {"n": 101}, {"threshold": float("inf")}])
def test_lists_that_cannot_be_are_refused(how: dict[str, Any]) -> None:
    with pytest.raises(SettingsError):
        measured(trained(some_ratings()), **how)


def test_it_can_be_stopped() -> None:
    subject, control = trained(some_ratings()), Control()
    control.stop()
    with pytest.raises(CancelledError):
        measured(subject, control=control)


def test_an_evaluation_is_the_same_after_a_way_through_a_project(tmp_path: Path) -> None:
    project = create_project(tmp_path / "p.mfgui")
    try:
        found = measured(trained(some_ratings()), project=project)
        entry, = project.entries("evaluation")
    finally:
        project.close()
    body = json.loads(json.dumps(entry.body))
    assert from_dict(body) == found
    heading, lines = evaluation_table(body)
    assert heading[0:3] == ["", "RMSE", "MAE"]
    assert [line[0] for line in lines] == [row.label for row in found.rows]
    assert sum("best" in line[1] for line in lines) == 1
    assert evaluation_lines(body)[1:] == list(found.lines)


@pytest.mark.parametrize("change", [
    {"rows": 3}, {"counts": {}}, {"threshold": "4"}, {"scale": [1]}, {"n": -1}, {"lines": None},
    {"rows": [{"name": "model", "label": "x", "figures": {"rmse": {"value": 1e999, "error": 0}}}]},
])
def test_a_damaged_evaluation_is_no_evaluation(change: dict[str, Any]) -> None:
    body = {**as_dict(measured(trained(some_ratings()))), **change}
    with pytest.raises(ValueError, match=r"."):
        from_dict(body)
    assert evaluation_table(body) == ([], [])
    assert evaluation_lines(body) == []


@pytest.mark.parametrize(("figure", "text"), [
    (Figure(None), "–"), (Figure(0.91234), "0.9123"), (Figure(0.91234, 0.0031), "0.9123 ± 0.0031"),
    (Figure(0.91234, 0.000012), "0.91234 ± 0.00001"), (Figure(1234.5, 12.0), "1,234.5 ± 12.0"),
    (Figure(0.0, 0.0), "0.0000"), (Figure(0.5, 0.017), "0.5000 ± 0.0170"),
    (Figure(123456.0), "123,456"),
])
def test_figures_have_as_many_decimals_as_their_error_has_sense_for(
    figure: Figure, text: str
) -> None:
    assert figure_text(figure) == text


def test_a_run_picked_by_a_search_says_so_and_offers_a_test() -> None:
    ratings = some_ratings()
    *_, result = TrainingSession("adagrad", settings_of(patience=3, refit=False), ratings).epochs()
    lines = run_honesty(summary(result, ratings), {"search": 3, "trial": 7})
    assert any(line.startswith("These ratings chose the settings and the number of epochs")
               and "ratings never touched" in line for line in lines)
    plain = run_honesty(summary(result, ratings), {})
    assert not any("search" in line or "chose the settings" in line for line in plain)
    subject = replace(trained(ratings.take(np.arange(300))), origin={"search": 3})
    found = measured(subject, file_of(ratings, np.arange(300, ratings.n_ratings)))
    assert any("picked by a search on its held-out ratings; these here chose nothing" in line
               for line in found.lines)


@pytest.mark.parametrize(("split", "words"), [
    ("random", "a random share of all, 0.2 of them"), ("user", "a share of each user's"),
    ("leave-k", "2 of each user's"), ("time", "the latest share of all"),
    ("user-time", "the latest of each user's"),
])
def test_the_split_is_told(split: str, words: str) -> None:
    ratings = some_ratings(has_time=True)
    settings = settings_of(split=split, n_left_out=2, validation=0.2, patience=0, refit=False)
    *_, result = TrainingSession("adagrad", settings, ratings).epochs()
    lines = run_honesty(summary(result, ratings), {})
    assert words in lines[0]
    assert lines[0].startswith(f"Measured on {result.n_validation:,} held-out ratings: ")


def test_users_with_too_few_ratings_to_hold_out_are_counted() -> None:
    lines = honesty_lines(Facts("validation", 10, split="leave-k", n_left_out=3,
                                n_users_left_out=4))
    assert "4 users had too few ratings to hold any out" in lines[0]


def test_run_figures_that_make_no_sense_are_passed_over() -> None:
    assert run_honesty({"n_validation": "many", "settings": 3}, {}) == ()
    lines = run_honesty({"n_validation": 5, "settings": {"split": 7, "validation": "x"}}, {})
    assert lines[0] == "Measured on 5 held-out ratings."


def test_a_model_file_is_evaluated_with_its_own_ratings_or_with_those_named(
    tmp_path: Path
) -> None:
    ratings = some_ratings()
    half = ratings.take(np.arange(0, ratings.n_ratings, 2))
    *_, result = TrainingSession("adagrad", settings_of(refit=True), half).epochs()

    def write(name: str, part: Ratings) -> Path:
        rows = zip(part.user_index.tolist(), part.item_index.tolist(), part.value.tolist(),
                   strict=True)
        path = tmp_path / name
        path.write_text("user,item,rating\n" + "".join(f"{u},{i},{v}\n" for u, i, v in rows))
        return path

    def saved(name: str, *, has_ratings: bool) -> Path:
        path = tmp_path / name
        list(jobs.save_run(Control(), path, result, half, has_ratings=has_ratings))
        return path

    test = write("test.csv", ratings.take(np.arange(0, ratings.n_ratings, 3)))
    train = write("train.csv", half)
    own, = jobs.evaluate_file(Control(), saved("a.npz", has_ratings=True), test)
    named, = jobs.evaluate_file(
        Control(), saved("b.npz", has_ratings=False), test, ratings_path=train)
    alone, = jobs.evaluate_file(Control(), saved("c.npz", has_ratings=False), test)
    assert own.rows == named.rows
    assert own.counts.n_duplicates > 0
    assert len(alone.rows) == 1


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_solvers_model_can_be_evaluated(solver: str) -> None:
    found = measured(trained(some_ratings(), solver, n_epochs=2))
    assert found.figure("model", "ndcg").value is not None


def test_open_ratings_that_it_never_saw_are_measured_with_the_model_itself() -> None:
    ratings = some_ratings()
    is_unseen = np.arange(ratings.n_ratings) % 4 == 0
    subject = trained(ratings.take(np.flatnonzero(~is_unseen)), refit=True)
    assert subject.known is not None
    beside = replace(subject, known=replace(
        subject.known, ratings=ratings, is_held_out=None, is_unseen=is_unseen))
    found = measured(beside, part="unseen")
    on_file = measured(subject, file_of(ratings, np.flatnonzero(is_unseen)))
    assert found.rows == on_file.rows
    assert "that the model never saw" in " ".join(found.lines)
    with pytest.raises(TrainingError, match="no open ratings that this model never saw"):
        measured(subject, part="unseen")
