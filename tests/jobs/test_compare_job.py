"""Comparing with another model: matched by id, measured on what neither saw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.model import FactorModel
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.errors import ModelFileError
from mfgui.inspection.comparison import OtherModel
from mfgui.inspection.known import known_of
from mfgui.jobs.compare import Shown, compare
from mfgui.training.events import RunResult
from mfgui.training.session import TrainingSession


def run(ratings: Ratings, **settings: Any) -> RunResult:
    session = TrainingSession(
        "adagrad", SOLVERS["adagrad"].settings_type(n_epochs=4, n_factors=4, **settings), ratings)
    list(session.epochs())
    assert session.result is not None
    return session.result


def compared(path: Path, result: RunResult, ratings: Ratings) -> OtherModel:
    known = known_of(ratings, result.held_out, is_trained_on_all=result.is_refit)
    *_, last = compare(
        Control(), [path], Shown(result.model, ratings, known, result.before_refit))
    return last


def saved(path: Path, result: RunResult, ratings: Ratings, **how: Any) -> Path:
    list(jobs.save_run(Control(), path, result, ratings, **how))
    return path


def rmse(model: FactorModel, ratings: Ratings, at: np.ndarray) -> float:
    total = 0.0
    for k in at:
        predicted = model.predict(ratings.user_index[k:k + 1], ratings.item_index[k:k + 1])
        total += float(np.float64(predicted[0]) - ratings.value[k]) ** 2
    return float(np.sqrt(total / len(at)))


def test_both_are_measured_on_what_both_held_out(tmp_path: Path, planted: Ratings) -> None:
    one, other = run(planted, seed=1, refit=True), run(planted, seed=2, refit=False)
    path = saved(tmp_path / "b.npz", other, planted)
    found = compared(path, one, planted)
    shared = np.intersect1d(one.held_out, other.held_out)
    assert 0 < shared.size < one.held_out.size  # type: ignore[union-attr]
    assert found.figures is not None
    assert found.figures.n_ratings == shared.size
    assert one.before_refit is not None
    assert found.figures.rmse == pytest.approx(rmse(one.before_refit, planted, shared), abs=1e-6)
    assert found.figures.other_rmse == pytest.approx(rmse(other.model, planted, shared), abs=1e-6)
    assert "before the refit" in found.figures.note


def test_what_the_other_model_never_had_counts_as_never_seen(
    tmp_path: Path, planted: Ratings
) -> None:
    one = run(planted, seed=1, refit=False)
    assert one.held_out is not None
    hidden = one.held_out[::3]
    few = planted.take(np.setdiff1d(np.arange(planted.n_ratings), hidden))
    other = run(few, seed=1, refit=False, validation=0.0)
    figures = compared(saved(tmp_path / "b.npz", other, few), one, planted).figures
    assert figures is not None
    assert figures.n_ratings == hidden.size
    assert figures.other_rmse == pytest.approx(rmse(other.model, planted, hidden), abs=1e-6)


def test_what_the_other_model_was_trained_on_has_no_honest_figure(
    tmp_path: Path, planted: Ratings
) -> None:
    one = run(planted, seed=1, refit=False)
    other = run(planted, seed=1, refit=False, validation=0.0)
    figures = compared(saved(tmp_path / "b.npz", other, planted), one, planted).figures
    assert figures is not None
    assert (figures.n_ratings, figures.rmse) == (0, None)
    assert "honest" in figures.note


def test_an_error_in_ratings_is_not_set_beside_preferences(
    tmp_path: Path, planted: Ratings
) -> None:
    one = run(planted, seed=1)
    session = TrainingSession("implicit-als", SOLVERS["implicit-als"].settings_type(
        n_epochs=2, n_factors=4, seed=1), planted)
    list(session.epochs())
    assert session.result is not None
    path = saved(tmp_path / "b.npz", session.result, planted)
    mixed = compared(path, one, planted).figures
    assert mixed is not None
    assert (mixed.rmse, mixed.other_rmse) == (None, None)
    assert "preferences" in mixed.note
    both = compared(path, session.result, planted).figures
    assert both is not None
    assert both.rmse is None


def test_a_model_without_its_ratings_cannot_be_measured(
    tmp_path: Path, planted: Ratings
) -> None:
    one = run(planted)
    path = saved(tmp_path / "b.npz", one, planted, has_ratings=False)
    figures = compared(path, one, planted).figures
    assert figures is not None
    assert figures.rmse is None
    assert "nobody can know" in figures.note


def test_what_is_unmatched_is_counted(tmp_path: Path, planted: Ratings) -> None:
    result = run(planted)
    path = saved(tmp_path / "b.npz", result, planted)
    ids = [text if k else "a stranger" for k, text in enumerate(planted.user_ids)]
    renamed = Ratings(planted.user_index, planted.item_index, planted.value,
                      TextArray.from_strings(ids), planted.item_ids)
    other = compared(path, result, renamed)
    assert (other.n_unmatched_users, other.n_unmatched_items) == (1, 0)
    assert not other.has_user[0]
    assert other.has_user[1:].all()
    assert not other.model.user_factors[0].any()
    assert "1 user it does not know" in other.text


def test_strangers_are_refused_in_one_sentence(tmp_path: Path, planted: Ratings) -> None:
    result = run(planted)
    path = saved(tmp_path / "b.npz", result, planted)
    renamed = Ratings(
        planted.user_index, planted.item_index, planted.value, planted.user_ids,
        TextArray.from_strings(f"x{k}" for k in range(planted.n_items)))
    with pytest.raises(ModelFileError, match="no item in common"):
        compared(path, result, renamed)
