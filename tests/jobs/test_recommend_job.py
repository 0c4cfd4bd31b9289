"""Top lists and neighbours from a model file: with its ratings, with those of a file, or none."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings, TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.errors import (
    CancelledError,
    DataError,
    ModelFileError,
    StorageError,
    UnknownIdError,
)
from mfgui.inspection.recommend import Filters, recommend
from mfgui.inspection.similar import similar_items, similar_users
from mfgui.jobs.known_ratings import held_out_rmse
from mfgui.jobs.recommend import TopList, recommend_all, recommend_all_file, recommend_file
from mfgui.jobs.similar import SimilarList, similar_file
from mfgui.store.model_file import open_model
from mfgui.training.events import RunResult
from mfgui.training.session import TrainingSession

ALL = Filters(is_unrated_only=False)


@pytest.fixture(scope="module")
def titled(planted: Ratings) -> Ratings:
    titles = TextArray.from_strings(f"Film, the {m}th" for m in range(planted.n_items))
    return replace(planted, item_titles=titles)


@pytest.fixture(scope="module")
def result(titled: Ratings) -> RunResult:
    settings = SOLVERS["als"].settings_type(n_epochs=3, n_factors=4, seed=1, refit=True)
    session = TrainingSession("als", settings, titled)
    list(session.epochs())
    assert session.result is not None
    return session.result


def save(path: Path, result: RunResult, ratings: Ratings, **how: Any) -> Path:
    list(jobs.save_run(Control(), path, result, ratings, **how))
    return path


@pytest.fixture
def path(tmp_path: Path, result: RunResult, titled: Ratings) -> Path:
    return save(tmp_path / "model.npz", result, titled)


@pytest.fixture
def bare_path(tmp_path: Path, result: RunResult, titled: Ratings) -> Path:
    return save(tmp_path / "bare.npz", result, titled, has_ratings=False)


@pytest.fixture
def ratings_path(tmp_path: Path, planted: Ratings) -> Path:
    file = tmp_path / "ratings.csv"
    rows = zip(planted.user_index, planted.item_index, planted.value, strict=True)
    file.write_text("user,item,rating\n" + "".join(f"u{n},i{m},{r}\n" for n, m, r in rows))
    return file


def listed(*arguments: Any, **how: Any) -> TopList:
    *_, last = recommend_file(Control(), *arguments, **how)
    return last


def near(*arguments: Any, **how: Any) -> SimilarList:
    *_, last = similar_file(Control(), *arguments, **how)
    return last


def test_the_file_alone_gives_the_list_of_the_run(path: Path, result: RunResult) -> None:
    saved = open_model(path)
    found = listed(path, user="u7", n=5)
    assert found.places == recommend(
        saved.model, saved.known, 7, 5, held_out_rmse=result.validation_rmse)
    assert (found.user, found.is_new, found.notes) == ("u7", False, ())
    assert found.item_titles is not None
    assert all(place.why and place.lower_bound is not None for place in found.places)


def test_without_ratings_the_note_says_how_to_give_them(
    bare_path: Path, ratings_path: Path, path: Path
) -> None:
    bare = listed(bare_path, user="u7", n=40)
    assert len(bare.places) == 40
    assert len(bare.notes) == 1
    assert "could not be left out" in bare.notes[0]
    assert "--ratings FILE" in bare.notes[0]
    assert "left out" not in listed(bare_path, user="u7", filters=ALL).notes[0]
    given = listed(bare_path, user="u7", n=40, ratings_path=ratings_path)
    whole = listed(path, user="u7", n=40)
    assert [place.item for place in given.places] == [place.item for place in whole.places]
    assert given.notes == ()


def test_filters_that_need_what_is_not_known_are_refused_in_a_sentence(
    bare_path: Path, path: Path, result: RunResult, titled: Ratings, tmp_path: Path
) -> None:
    for filters in (Filters(min_count=2), Filters(by_lower_bound=True)):
        with pytest.raises(DataError, match=r"how many ratings each item has.*--ratings FILE"):
            listed(bare_path, user="u7", filters=filters)
    assert listed(path, user="u7", filters=Filters(by_lower_bound=True)).places
    unheld = replace(result, validation_rmse=None, held_out=None, is_refit=False)
    file = save(tmp_path / "unheld.npz", unheld, titled)
    with pytest.raises(ModelFileError, match="the error on held-out ratings"):
        listed(file, user="u7", filters=Filters(by_lower_bound=True))


def test_a_lower_bound_of_preferences_is_refused_in_a_sentence_of_its_own(
    result: RunResult, titled: Ratings, tmp_path: Path
) -> None:
    of_preferences = replace(result, model=replace(result.model, target="preference"))
    file = save(tmp_path / "preferences.npz", of_preferences, titled)
    with pytest.raises(ModelFileError, match=r"preferences .* leave the lower bound out"):
        listed(file, user="u7", filters=Filters(by_lower_bound=True))


def test_the_held_out_error_is_the_card_s_else_measured(path: Path, result: RunResult) -> None:
    saved = open_model(path)
    assert held_out_rmse(saved, saved.known) == result.validation_rmse
    silent = replace(saved, card={**saved.card, "summary": {"validation_rmse": "good"}})
    assert held_out_rmse(silent, saved.known) == pytest.approx(result.validation_rmse, abs=1e-6)
    assert held_out_rmse(silent, None) is None
    preferences = replace(saved, model=replace(saved.model, target="preference"))
    assert held_out_rmse(preferences, saved.known) is None


def test_a_file_of_ratings_is_a_new_user(path: Path, tmp_path: Path) -> None:
    file = tmp_path / "Ada.csv"
    file.write_text("item,rating\ni3,2\ni8,-1\nunknown,1\n")
    found = listed(path, new_user_path=file, n=40)
    assert (found.user, found.is_new) == ("Ada", True)
    assert len(found.places) == 38
    assert {reason.item for reason in found.places[0].why} == {3, 8}
    assert len(found.notes) == 1
    assert "does not know" in found.notes[0]
    assert not {3, 8} & {place.item for place in found.places}


def test_a_user_without_training_ratings_is_told_so(
    tmp_path: Path, result: RunResult, titled: Ratings
) -> None:
    few = titled.take(np.flatnonzero(titled.user_index != 7))
    file = save(tmp_path / "few.npz", replace(result, held_out=None), few)
    found = listed(file, user="u7")
    assert len(found.places) == 10
    assert "no training ratings" in found.notes[0]
    assert {place.why for place in found.places} == {()}


def test_an_unknown_id_names_the_one_spelled_nearest(path: Path) -> None:
    with pytest.raises(UnknownIdError, match="knows no user u7x: did you mean u7"):
        listed(path, user="u7x")
    with pytest.raises(UnknownIdError, match="knows no item I39: did you mean i39"):
        near(path, item="I39")
    with pytest.raises(UnknownIdError, match="knows no user"):
        near(path, user="")


def test_neighbours_are_those_of_the_model(
    path: Path, bare_path: Path, ratings_path: Path
) -> None:
    saved = open_model(path)
    items, users = near(path, item="i3", n=4), near(path, user="u3", n=4)
    assert items.neighbours == similar_items(saved.model, saved.known, 3, 4)
    assert users.neighbours == similar_users(saved.model, saved.known, 3, 4)
    assert (items.asked, items.side, items.notes) == (3, "item", ())
    assert items.titles is not None
    assert users.titles is None
    bare = near(bare_path, item="i3", n=4)
    assert [each.index for each in bare.neighbours] == [each.index for each in items.neighbours]
    assert "--ratings FILE" in bare.notes[0]
    assert near(bare_path, item="i3", n=4, ratings_path=ratings_path).neighbours == items.neighbours


def test_a_row_of_zeros_has_no_neighbours_and_says_so(path: Path, tmp_path: Path) -> None:
    saved = open_model(path)
    factors = saved.model.item_factors.copy()
    factors[3] = 0
    flat = replace(saved, model=replace(saved.model, item_factors=factors))
    file = tmp_path / "flat.npz"
    list(jobs.save_model_file(Control(), file, flat))
    found = near(file, item="i3")
    assert found.neighbours == ()
    assert "factors are 0" in found.notes[0]


def rows_of(file: Path) -> list[list[str]]:
    with file.open(newline="", encoding="utf-8") as opened:
        return list(csv.reader(opened))


def test_all_lists_are_written_for_any_number_of_threads(path: Path, tmp_path: Path) -> None:
    saved = open_model(path)
    contents = set()
    for n_threads in (1, 2, None):
        file = tmp_path / "lists.csv"
        *_, written = recommend_all_file(Control(), path, file, n=3, n_threads=n_threads)
        contents.add(file.read_bytes())
        assert (written.n_rows, written.notes) == (180, ())
    assert len(contents) == 1
    header, *rows = rows_of(file)
    assert header == ["user", "rank", "item", "title", "prediction"]
    places = recommend(saved.model, saved.known, 7, 3)
    assert rows[21:24] == [
        ["u7", str(place.rank), f"i{place.item}", f"Film, the {place.item}th",
         str(np.float32(place.shown))] for place in places]


def test_all_lists_without_titles_or_ratings(
    bare_path: Path, ratings_path: Path, tmp_path: Path
) -> None:
    file = tmp_path / "lists.csv"
    untitled = replace(open_model(bare_path), item_titles=None)
    *_, written = recommend_all(Control(), untitled, file, 2)
    assert rows_of(file)[0] == ["user", "rank", "item", "prediction"]
    assert "could not be left out" in written.notes[0]
    *_, written = recommend_all(Control(), untitled, file, 2, filters=ALL)
    assert written.notes == ()
    *_, written = recommend_all_file(
        Control(), bare_path, file, n=1000, ratings_path=ratings_path)
    assert written.notes == ()
    assert written.n_rows < 60 * 40
    *_, written = recommend_all(Control(), untitled, file, 2,
                                filters=Filters(title_contains="nothing"))
    assert written.n_rows == 0


def test_a_place_that_cannot_be_written_is_refused_before_the_work(
    path: Path, tmp_path: Path
) -> None:
    with pytest.raises(StorageError):
        list(recommend_all_file(Control(), path, tmp_path))
    with pytest.raises(StorageError):
        list(recommend_all_file(Control(), path, tmp_path / "no" / "folder.csv"))


@pytest.mark.parametrize("job", ["one", "all", "near"])
def test_each_job_can_be_stopped_and_leaves_no_file(job: str, path: Path, tmp_path: Path) -> None:
    control, file = Control(), tmp_path / "lists.csv"
    file.write_text("before")
    control.stop()
    started: dict[str, Iterator[Any]] = {
        "one": recommend_file(control, path, user="u7"),
        "all": recommend_all_file(control, path, file),
        "near": similar_file(control, path, item="i7")}
    with pytest.raises(CancelledError):
        list(started[job])
    assert file.read_text() == "before"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["lists.csv", "model.npz"]


def test_either_a_user_or_a_file_is_named(path: Path) -> None:
    with pytest.raises(ValueError, match="either"):
        listed(path)
    with pytest.raises(ValueError, match="either"):
        near(path, item="i1", user="u1")


def test_what_a_model_file_holds_is_enough_for_a_model_of_preferences(
    planted: Ratings, tmp_path: Path
) -> None:
    counts = replace(planted, value=np.abs(planted.value) * 10)
    settings = SOLVERS["implicit-als"].settings_type(n_epochs=2, n_factors=4)
    session = TrainingSession("implicit-als", settings, counts)
    list(session.epochs())
    assert session.result is not None
    found = listed(save(tmp_path / "counts.npz", session.result, counts), user="u7")
    assert found.target == "preference"
    assert len(found.places) == 10
    assert all(place.why for place in found.places)


