"""Explaining from a model file: its own ratings, those of another file, or none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.errors import CancelledError, DataError, UnknownIdError
from mfgui.inspection.explain import explain
from mfgui.inspection.known import known_of
from mfgui.jobs.explain import Explained, explain_file
from mfgui.training.events import RunResult
from mfgui.training.session import TrainingSession


@pytest.fixture(scope="module")
def result(planted: Ratings) -> RunResult:
    settings = SOLVERS["svd++"].settings_type(n_epochs=3, n_factors=4, seed=1, refit=True)
    session = TrainingSession("svd++", settings, planted)
    list(session.epochs())
    assert session.result is not None
    return session.result


def saved(path: Path, result: RunResult, ratings: Ratings, **how: Any) -> Path:
    list(jobs.save_run(Control(), path, result, ratings, **how))
    return path


def explained(*arguments: Any) -> Explained:
    *_, last = explain_file(Control(), *arguments)
    return last


def test_a_model_file_with_its_ratings_is_explained_as_the_run_itself(
    tmp_path: Path, result: RunResult, planted: Ratings
) -> None:
    found = explained(saved(tmp_path / "a.npz", result, planted), "u7", "i3")
    known = known_of(planted, result.held_out, is_trained_on_all=result.is_refit)
    assert found.explanation == explain(
        result.model, known, 7, 3, before_refit=result.before_refit)
    assert found.explanation.typical_error is not None
    assert found.scale == planted.scale
    assert found.note == ""


def test_without_ratings_the_note_says_how_to_give_them(
    tmp_path: Path, result: RunResult, planted: Ratings
) -> None:
    path = saved(tmp_path / "a.npz", result, planted, has_ratings=False)
    found = explained(path, "u7", "i3")
    assert found.explanation.own_ratings is None
    assert "--ratings FILE" in found.note
    file = tmp_path / "ratings.csv"
    rows = zip(planted.user_index, planted.item_index, planted.value, strict=True)
    file.write_text("user,item,rating\n" + "".join(f"u{n},i{m},{r}\n" for n, m, r in rows))
    given = explained(path, "u7", "i3", file)
    whole = explained(saved(tmp_path / "b.npz", result, planted), "u7", "i3")
    assert given.note == ""
    assert given.explanation.own_ratings == whole.explanation.own_ratings
    assert given.explanation.raters == whole.explanation.raters


def test_ratings_of_others_are_refused(
    tmp_path: Path, result: RunResult, planted: Ratings
) -> None:
    path = saved(tmp_path / "a.npz", result, planted, has_ratings=False)
    file = tmp_path / "others.csv"
    file.write_text("user,item,rating\n" + "".join(f"x{n},y{n % 3},4\n" for n in range(9)))
    with pytest.raises(DataError, match=r"others\.csv has no rating of a user and an item"):
        explained(path, "u7", "i3", file)


def test_an_unknown_id_names_the_one_spelled_nearest(
    tmp_path: Path, result: RunResult, planted: Ratings
) -> None:
    path = saved(tmp_path / "a.npz", result, planted)
    with pytest.raises(UnknownIdError, match="knows no user u7x: did you mean u7"):
        explained(path, "u7x", "i3")
    with pytest.raises(UnknownIdError, match="knows no item I39: did you mean i39"):
        explained(path, "u7", "I39")


def test_it_can_be_stopped(tmp_path: Path, result: RunResult, planted: Ratings) -> None:
    path, control = saved(tmp_path / "a.npz", result, planted), Control()
    control.stop()
    with pytest.raises(CancelledError):
        list(explain_file(control, path, "u7", "i3"))


def test_a_title_given_as_an_id_leads_to_the_id() -> None:
    from mfgui.core.ratings import TextArray
    from mfgui.errors import UnknownIdError
    from mfgui.jobs.ids import position_of

    ids, titles = (TextArray.from_strings(texts) for texts in (["a1", "b2"], ["Alien", "Brazil"]))
    with pytest.raises(UnknownIdError, match="by its id, b2"):
        position_of(ids, "Brazil", "item", titles)
