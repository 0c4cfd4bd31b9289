"""Cross-validation: every rating measured once, nothing of a fold trained or stopped on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.core.splits import folds, others
from mfgui.errors import CancelledError, ProjectError, SettingsError, TrainingError
from mfgui.jobs.cross_validate import (
    CrossValidation,
    FoldDone,
    as_plain,
    cross_validate,
    cross_validation_table,
)
from mfgui.jobs.folds import fold_known, fold_positions, fold_training
from mfgui.jobs.recording import continue_run, open_run
from mfgui.jobs.runs import export_run
from mfgui.store.model_file import open_model
from mfgui.store.project import Project, SourceInfo, create_project, ratings_checksum
from mfgui.training.session import TrainingSession


def some_ratings(n_users: int = 60, n_items: int = 40, *, has_time: bool = False) -> Ratings:
    rng = np.random.default_rng(0)
    users, items = np.nonzero(rng.random((n_users, n_items)) < 0.4)
    low = rng.normal(size=(n_users, 2)) @ rng.normal(size=(2, n_items))
    value = np.clip(np.rint(3 + low[users, items]), 1, 5)
    return Ratings(
        users.astype(np.int32), items.astype(np.int32), value.astype(np.float32),
        TextArray.from_strings(map(str, range(n_users))),
        TextArray.from_strings(map(str, range(n_items))),
        time=rng.random(users.size) if has_time else None)


def settings_of(solver: str = "adagrad", **values: Any) -> Any:
    return SOLVERS[solver].settings_type(**{"n_epochs": 4, "n_factors": 3, "seed": 2, **values})


def run(ratings: Ratings, **how: Any) -> tuple[list[FoldDone], CrossValidation]:
    settings = how.pop("settings", settings_of())
    *done, whole = cross_validate(
        how.pop("control", Control()), how.pop("solver", "adagrad"), settings, ratings, **how)
    assert isinstance(whole, CrossValidation)
    return done, whole  # type: ignore[return-value]


def test_folds_come_one_by_one_and_every_rating_is_measured_once() -> None:
    ratings = some_ratings()
    done, whole = run(ratings, n_folds=3)
    assert [each.fold for each in done] == [1, 2, 3]
    assert sum(each.evaluation.counts.n_ratings for each in done) == ratings.n_ratings
    assert all(each.n_training + each.evaluation.counts.n_ratings == ratings.n_ratings
               for each in done)
    assert whole.is_whole
    assert whole.folds == tuple(done)
    values = [each.evaluation.figure("model", "rmse").value for each in done]
    rmse = next(row for row in whole.rows if row.name == "model").figures["rmse"]
    assert rmse.value == pytest.approx(np.mean(values))
    assert rmse.error == pytest.approx(np.std(values, ddof=1))
    assert {row.name for row in whole.rows} == {
        "model", "mean", "user_mean", "item_mean", "bias", "popular"}


def test_a_folds_figure_is_that_of_a_run_on_the_other_folds_alone() -> None:
    ratings, settings = some_ratings(), settings_of(refit=True, patience=2)
    done, _ = run(ratings, settings=settings, n_folds=3)
    part = folds(ratings, 3, settings.seed)[1]
    *_, result = TrainingSession(
        "adagrad", settings, ratings.take(others(ratings.n_ratings, part))).epochs()
    errors = result.model.predict(ratings.user_index[part], ratings.item_index[part]) - (
        ratings.value[part].astype(float))
    # NumPy's own predictions: float32 sums in another order.
    assert done[1].evaluation.figure("model", "rmse").value == pytest.approx(
        np.sqrt(np.mean(errors**2)), rel=1e-6)
    assert done[1].kept_epoch == result.kept_epoch


@pytest.mark.parametrize("solver", ["adagrad", "implicit-als"])
def test_the_bits_are_the_same_for_any_number_of_threads(solver: str) -> None:
    ratings = some_ratings()
    one, three = (run(ratings, solver=solver, settings=settings_of(solver, n_threads=n))[1].rows
                  for n in (1, 3))
    assert one == three


def test_preferences_are_judged_by_lists_alone() -> None:
    _, whole = run(some_ratings(), solver="implicit-als", settings=settings_of("implicit-als"))
    assert [row.name for row in whole.rows] == ["model", "popular"]
    assert "rmse" not in whole.rows[0].figures
    assert whole.rows[0].figures["ndcg"].value is not None


def test_a_split_per_user_deals_each_users_ratings_out() -> None:
    ratings = some_ratings()
    done, whole = run(ratings, settings=settings_of(split="leave-k", n_left_out=1), n_folds=4)
    sizes = [each.evaluation.counts.n_ratings for each in done]
    assert sizes == [part.size for part in folds(ratings, 4, 2, per_user=True)]
    assert any("each user's ratings dealt out evenly" in line for line in whole.lines)


def test_what_early_stopping_needs_is_held_out_of_the_other_folds_by_time() -> None:
    _, whole = run(some_ratings(has_time=True), settings=settings_of(split="time", patience=2))
    assert whole.is_whole


@pytest.mark.parametrize(("how", "error"), [
    ({"n_folds": 1}, TrainingError), ({"n_folds": 10_000}, TrainingError),
    ({"n": 0}, SettingsError), ({"threshold": float("nan")}, SettingsError),
    ({"settings": settings_of(split="time")}, TrainingError),
])
def test_what_cannot_begin_is_refused_before_anything_is_trained(
    how: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        run(some_ratings(), **how)


def test_a_stop_keeps_the_folds_that_are_done() -> None:
    control = Control()
    events = cross_validate(control, "adagrad", settings_of(), some_ratings(), n_folds=4)
    first = next(events)
    control.stop()
    *_, whole = events
    assert isinstance(whole, CrossValidation)
    assert whole.folds == (first,)
    assert not whole.is_whole
    assert any("1 of 4 folds are done" in line for line in whole.lines)


def test_a_stop_before_the_first_fold_leaves_nothing() -> None:
    control = Control()
    control.stop()
    with pytest.raises(CancelledError):
        run(some_ratings(), control=control)


def test_progress_rises_from_fold_to_fold() -> None:
    class Watched(Control):
        def __init__(self) -> None:
            super().__init__()
            self.told: list[tuple[str, float]] = []

        def report(self, text: str, fraction: float | None = None) -> None:
            super().report(text, fraction)
            if fraction is not None:
                self.told.append((text, fraction))

    control = Watched()
    run(some_ratings(), control=control, n_folds=3, settings=settings_of(refit=True))
    fractions = [fraction for _, fraction in control.told]
    assert fractions == sorted(fractions)
    assert fractions[-1] <= 1
    assert control.told[0][0].startswith("Fold 1 of 3: ")


def source_of(ratings: Ratings) -> SourceInfo:
    return SourceInfo(0, "text", "", "some", ratings_checksum(ratings), {}, {}, ratings.n_users,
                      ratings.n_items, ratings.n_ratings, has_ratings=True)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = create_project(tmp_path / "p.mfgui")
    yield project
    project.close()


def test_a_project_keeps_each_fold_as_a_run_and_the_whole_as_an_entry(project: Project) -> None:
    ratings = some_ratings()
    source_id = project.add_source(source_of(ratings), ratings, keep_ratings=True)
    done, whole = run(ratings, n_folds=3, project=project, source_id=source_id)
    entry, = project.entries("cross_validation")
    assert entry.id == whole.entry_id
    assert entry.body == json.loads(json.dumps(as_plain(whole)))
    assert [each.run_id for each in done] == [info.id for info in project.runs()]
    for each, info in zip(done, project.runs(), strict=True):
        assert info.origin["fold"] == each.fold
        assert info.origin["cross_validation"] == entry.id
        assert info.status in ("finished", "early_stopping")
        *_, opened = open_run(Control(), project, info.id, ratings)
        part = folds(ratings, 3, 2)[each.fold - 1]
        assert opened.known.unseen.n_ratings == part.size
        assert opened.known.held_out.n_ratings == opened.result.n_validation
        assert not (opened.known.is_held_out & opened.known.is_unseen).any()
        np.testing.assert_array_equal(np.flatnonzero(opened.known.is_unseen), part)
    heading, lines = cross_validation_table(entry.body)
    assert heading[:2] == ["", "RMSE"]
    assert lines[0][0] == "This model"


def test_what_a_project_says_of_a_fold_is_checked() -> None:
    ratings = some_ratings()
    assert fold_positions(ratings, {}) is None
    assert fold_training(ratings, {}) is ratings
    for origin in ({"fold": 4, "n_folds": 3}, {"fold": "1", "n_folds": 3},
                   {"fold": 0, "n_folds": 3}, {"fold": 1, "n_folds": 3, "fold_seed": -1}):
        with pytest.raises(ProjectError, match="damaged"):
            fold_known(ratings, origin, None, is_trained_on_all=False)
    assert cross_validation_table({"rows": [{"name": 3}], "n": "x"}) == ([], [])


def test_the_job_is_registered() -> None:
    assert jobs.JOBS["cross-validate"] is cross_validate


def test_a_folds_run_goes_on_and_is_saved_with_the_ratings_it_was_given(
    project: Project, tmp_path: Path
) -> None:
    ratings = some_ratings()
    source_id = project.add_source(source_of(ratings), ratings, keep_ratings=True)
    settings = settings_of(validation=0.2, patience=0, refit=False)
    run(ratings, settings=settings, n_folds=3, project=project, source_id=source_id)
    first = project.runs()[0]
    part = folds(ratings, 3, 2)[0]
    given = ratings.take(others(ratings.n_ratings, part))
    *_, result = continue_run(Control(), project, first.id, ratings, n_epochs=2)
    again = project.runs()[-1]
    assert again.origin["fold"] == 1
    assert again.continued_from == first.id
    assert result.held_out.max() < given.n_ratings
    *_, opened = open_run(Control(), project, again.id, ratings)
    np.testing.assert_array_equal(np.flatnonzero(opened.known.is_unseen), part)
    path = tmp_path / "m.npz"
    list(export_run(Control(), project, first.id, path))
    saved = open_model(path)
    assert saved.known.ratings.n_ratings == given.n_ratings
    np.testing.assert_array_equal(
        np.flatnonzero(saved.known.is_held_out), project.held_out(first.id))
