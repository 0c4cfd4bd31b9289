"""The ratings of a project: kept with where they came from, and found again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.ratings import Ratings
from mfgui.data.options import ReadOptions
from mfgui.errors import ProjectError
from mfgui.jobs.files import OpenedRatings
from mfgui.jobs.projects import keep_source, open_or_create, options_of, source_info
from mfgui.store.project import Project, create_project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = create_project(tmp_path / "P.mfgui")
    yield project
    project.close()


@pytest.fixture
def ratings_file(tmp_path: Path) -> Path:
    path = tmp_path / "ratings.txt"
    path.write_text("".join(f"i{m};u{n};{(n * m) % 5}\n" for n in range(20) for m in range(10)))
    return path


OPTIONS = ReadOptions(columns="user=2,item=1,rating=3", zeros="missing")


def last(events: Iterator[Any]) -> Any:
    *_, result = events
    return result


def read(path: Path, options: ReadOptions | None = None) -> OpenedRatings:
    return last(jobs.open_file(Control(), path, options))  # type: ignore[no-any-return]


def assert_same(one: Ratings, other: Ratings) -> None:
    for name in ("user_index", "item_index", "value"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert list(one.user_ids) == list(other.user_ids)
    assert list(one.item_ids) == list(other.item_ids)


def test_a_file_is_read_again_as_it_was_read(project: Project, ratings_file: Path) -> None:
    opened = read(ratings_file, OPTIONS)
    source_id = keep_source(project, opened, OPTIONS)
    info = project.source(source_id)
    assert (info.origin, info.path, info.n_ratings) == (
        "file", str(ratings_file), opened.ratings.n_ratings)
    assert info.checksum == opened.report.checksum
    assert options_of(info) == OPTIONS
    assert_same(last(jobs.open_source(Control(), project, source_id)).ratings, opened.ratings)
    assert keep_source(project, opened, OPTIONS) == source_id  # once


def test_a_file_that_moved_is_found_where_a_person_says(
    project: Project, ratings_file: Path, tmp_path: Path
) -> None:
    opened = read(ratings_file, OPTIONS)
    source_id = keep_source(project, opened, OPTIONS)
    moved = tmp_path / "elsewhere" / "other.txt"
    moved.parent.mkdir()
    ratings_file.rename(moved)
    with pytest.raises(ProjectError, match=r'"Locate..." or --locate FILE'):
        last(jobs.open_source(Control(), project, source_id))
    another = tmp_path / "another.txt"
    another.write_text("i1;u1;5\ni1;u2;4\n")
    with pytest.raises(ProjectError, match="has changed"):
        last(jobs.locate_source(Control(), project, source_id, another))
    with pytest.raises(ProjectError, match="none of the ratings files"):
        last(jobs.locate_file(Control(), project, another))
    with pytest.raises(ProjectError, match="cannot be read"):
        last(jobs.locate_file(Control(), project, tmp_path / "nothing.txt"))
    found = last(jobs.locate_file(Control(), project, moved))
    assert found.path == str(moved)
    assert_same(last(jobs.open_source(Control(), project, source_id)).ratings, opened.ratings)
    moved.rename(ratings_file)
    assert_same(last(jobs.locate_source(Control(), project, source_id, ratings_file)).ratings,
                opened.ratings)
    assert project.source(source_id).path == str(ratings_file)


def test_a_file_that_changed_is_refused(project: Project, ratings_file: Path) -> None:
    source_id = keep_source(project, read(ratings_file, OPTIONS), OPTIONS)
    ratings_file.write_text(ratings_file.read_text() + "i1;u77;3\n")
    with pytest.raises(ProjectError, match=r"ratings.txt has changed .* not continued"):
        last(jobs.open_source(Control(), project, source_id))


def test_ratings_kept_in_the_project_need_no_file(
    project: Project, ratings_file: Path
) -> None:
    opened = read(ratings_file, OPTIONS)
    source_id = keep_source(project, opened, OPTIONS, keep_ratings=True)
    ratings_file.unlink()
    back = last(jobs.open_source(Control(), project, source_id))
    assert_same(back.ratings, opened.ratings)
    assert back.report.n_ratings == opened.ratings.n_ratings
    assert back.report.scale == opened.ratings.scale


def test_sample_and_textbook_are_made_again_and_typed_ones_kept(project: Project) -> None:
    for job, origin in ((jobs.open_sample, "sample"), (jobs.open_textbook, "textbook")):
        opened = last(job(Control()))
        source_id = keep_source(project, opened)
        assert project.source(source_id).origin == origin
        assert not project.source(source_id).has_ratings
        assert_same(last(jobs.open_source(Control(), project, source_id)).ratings, opened.ratings)
    opened = last(jobs.open_text(Control(), "5 ? 1\n2 3 ?\n"))
    source_id = keep_source(project, opened)
    assert project.source(source_id).origin == "text"
    assert_same(last(jobs.open_source(Control(), project, source_id)).ratings, opened.ratings)


def test_a_sample_that_is_made_otherwise_now_is_refused(project: Project) -> None:
    opened = last(jobs.open_sample(Control()))
    info = replace(source_info(opened), checksum="sha256:0")
    source_id = project.add_source(info, opened.ratings)
    with pytest.raises(ProjectError, match="otherwise"):
        last(jobs.open_source(Control(), project, source_id))


def test_files_among_the_options_are_named_by_their_whole_path(
    project: Project, ratings_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ratings_file.parent)
    Path("titles.csv").write_text("item,title\ni1,One\n")
    options = replace(OPTIONS, titles="titles.csv")
    info = source_info(read(ratings_file, options), options)
    assert info.options["titles"] == str(ratings_file.parent / "titles.csv")


def test_options_that_are_none_are_refused_in_a_sentence(
    project: Project, ratings_file: Path
) -> None:
    opened = read(ratings_file, OPTIONS)
    for options in ({"zeros": "often"}, {"columns": 5}, {"minimum": "x"}, {"unknown": 1}):
        info = replace(source_info(opened, OPTIONS), options=options)
        try:
            options_of(info)
        except ProjectError as error:
            assert "\n" not in str(error)  # noqa: PT017  some are taken


def test_a_project_is_made_where_there_is_none_and_opened_where_there_is(tmp_path: Path) -> None:
    path = tmp_path / "new.mfgui"
    for _ in range(2):
        open_or_create(path).close()
    assert [each.name for each in tmp_path.iterdir()] == ["new.mfgui"]
