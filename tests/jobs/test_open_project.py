"""A project opened with its ratings and the run that was looked at, saved elsewhere, copied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.solvers import SOLVERS
from mfgui.errors import ProjectError
from mfgui.jobs.open_project import (
    ProjectHeld,
    ProjectOpened,
    SourceMissing,
    SourceOpened,
    open_run_with_source,
)
from mfgui.jobs.projects import keep_source
from mfgui.jobs.recording import RunRecord
from mfgui.jobs.runs import OpenedRun
from mfgui.store.project import Project, create_project, open_project


@pytest.fixture
def ratings_file(tmp_path: Path) -> Path:
    path = tmp_path / "r.csv"
    path.write_text("user,item,rating\n" + "".join(
        f"u{n},i{m},{(3 * n + m) % 5 + 1}\n" for n in range(20) for m in range(15)
        if (n * m) % 3))
    return path


@pytest.fixture
def path(tmp_path: Path, ratings_file: Path) -> Path:
    """Return a project with two runs, closed."""
    place = tmp_path / "P.mfgui"
    with create_project(place) as project:
        *_, opened = jobs.open_file(Control(), ratings_file)
        source_id = keep_source(project, opened)
        settings = SOLVERS["als"].settings_type(n_epochs=2, n_factors=2)
        for _ in range(2):
            list(jobs.train(Control(), "als", settings, opened.ratings,
                            record=RunRecord(project, source_id)))
    return place


def opened_by(path: Path, mode: str = "write") -> tuple[list[Any], list[Project]]:
    projects: list[Project] = []
    events = list(jobs.open_whole_project(Control(), path, mode, projects.append))
    return events, projects


def test_the_run_that_was_looked_at_comes_with_its_ratings(path: Path) -> None:
    with open_project(path) as project:
        project.set_value("view", {"source": 1, "run": 1})
    events, (project,) = opened_by(path)
    assert [type(event) for event in events] == [ProjectOpened, SourceOpened, OpenedRun]
    assert events[0].project is project
    assert [run.number for run in events[0].runs] == [1, 2]
    assert events[2].info.id == 1
    assert events[2].ratings is events[1].opened.ratings
    project.close()


def test_without_a_view_it_is_the_last_run(path: Path) -> None:
    events, (project,) = opened_by(path)
    assert events[-1].info.id == 2
    project.close()


@pytest.mark.parametrize("view", [
    {"source": 7, "run": 99}, {"source": None, "run": None}, {"source": [], "run": True}, [1], "x"])
def test_a_view_of_what_is_not_there_opens_the_ratings(path: Path, view: Any) -> None:
    with open_project(path) as project:
        project.set_value("view", view)
    events, (project,) = opened_by(path)
    assert isinstance(events[0], ProjectOpened)
    assert any(isinstance(event, SourceOpened) for event in events)
    project.close()


def test_one_that_is_held_is_said_and_nothing_is_opened(path: Path) -> None:
    with open_project(path):
        events, projects = opened_by(path)
        assert [type(event) for event in events] == [ProjectHeld]
        assert projects == []
        read, (project,) = opened_by(path, "read")
        assert read[0].project.is_read_only
        project.close()


def test_ratings_that_are_gone_leave_the_run_to_be_looked_at(
    path: Path, ratings_file: Path
) -> None:
    ratings_file.unlink()
    events, (project,) = opened_by(path)
    missing = next(event for event in events if isinstance(event, SourceMissing))
    assert missing.is_moved
    assert "r.csv is no longer at" in missing.sentence
    run = events[-1]
    assert run.model is not None
    assert run.ratings.n_ratings == 0
    assert run.ratings.n_users == 13  # of the twenty, those who have rated
    project.close()


def test_a_run_comes_with_ratings_that_are_not_open(path: Path) -> None:
    with open_project(path) as project:
        first, second = open_run_with_source(Control(), project, 1)
        assert isinstance(first, SourceOpened)
        assert isinstance(second, OpenedRun)
        assert second.ratings is first.opened.ratings


def test_saving_elsewhere_takes_everything_along(path: Path, tmp_path: Path) -> None:
    to = tmp_path / "Q.mfgui"
    with open_project(path) as project:
        project.change_run(1, name="mine")  # not written yet, perhaps
        (made,) = jobs.save_project_as(Control(), lambda: project, project, to)
        with made:
            assert made.path == to
            assert [run.name for run in made.runs()] == ["mine", ""]
            assert made.history(1) == project.history(1)


def test_saving_over_itself_or_over_another_file_is_refused(
    path: Path, ratings_file: Path
) -> None:
    with open_project(path) as project:
        for to in (path, ratings_file):
            with pytest.raises(ProjectError):
                list(jobs.save_project_as(Control(), lambda: project, project, to))
    assert ratings_file.read_text().startswith("user,item")


def test_with_nothing_open_a_new_project_is_made(tmp_path: Path) -> None:
    (made,) = jobs.save_project_as(Control(), lambda: None, None, tmp_path / "N.mfgui")
    assert made.runs() == []
    made.close()


def test_a_copy_is_made_of_one_that_is_open(path: Path, tmp_path: Path) -> None:
    with open_project(path):
        (written,) = jobs.copy_project_file(Control(), path, tmp_path / "copy.mfgui")
    with open_project(written.path) as copy:
        assert len(copy.runs()) == 2


def test_compacting_gives_back_what_deleted_runs_took(path: Path) -> None:
    with open_project(path) as project:
        project.delete_run(1)
        (n_bytes,) = jobs.compact_project(Control(), project)
        assert n_bytes >= 0
        assert [run.id for run in project.runs()] == [2]
