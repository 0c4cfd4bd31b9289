"""The project that runs are recorded into, made when it is needed, by whoever needs it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mfgui.core.control import Control
from mfgui.data.small_matrix import parse_matrix
from mfgui.errors import StorageError
from mfgui.gui.project_keeper import ProjectKeeper, ProjectReady, Source, begin_record
from mfgui.jobs import projects
from mfgui.jobs.files import OpenedRatings, open_file
from mfgui.store.project import Project, create_project, open_project
from mfgui.training.events import Notice


def small_source() -> Source:
    return Source(OpenedRatings(*parse_matrix("1 2\n2 1")))


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[ProjectKeeper]:
    made = ProjectKeeper(tmp_path / "projects")
    yield made
    project = made.close()
    if project is not None:
        project.close()


def recorded(keeper: ProjectKeeper, source: Source) -> tuple[list[Any], Any]:
    """Return what a job would be told, and the record."""
    events: list[Any] = []
    record = None

    def job() -> Iterator[Any]:
        nonlocal record
        record = yield from begin_record(keeper, source.ratings)

    events.extend(job())
    return events, record


def test_nothing_open_makes_no_project(keeper: ProjectKeeper, tmp_path: Path) -> None:
    assert keeper.keep() is None
    assert not (tmp_path / "projects").exists()


def test_a_run_that_comes_first_makes_the_project_itself(keeper: ProjectKeeper) -> None:
    source = small_source()
    keeper.set_source(source)
    events, record = recorded(keeper, source)
    assert isinstance(events[0], ProjectReady)
    assert record.project is keeper.project
    assert record.source_id == keeper.source_id
    assert record.test_source_id is None
    assert keeper.keep() is record.project  # once


def test_test_ratings_are_kept_as_such(keeper: ProjectKeeper) -> None:
    source, test = small_source(), Source(OpenedRatings(*parse_matrix("1 2\n2 2")), is_test=True)
    keeper.set_source(source)
    keeper.set_test(test)
    _, record = recorded(keeper, source)
    assert record.project.source(record.test_source_id).is_test


def test_the_window_waits_for_no_disk(
    keeper: ProjectKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_writing, may_go_on = threading.Event(), threading.Event()
    keep_source = projects.keep_source

    def slow(*args: Any, **kwargs: Any) -> int:
        is_writing.set()
        assert may_go_on.wait(30)
        return keep_source(*args, **kwargs)

    monkeypatch.setattr(projects, "keep_source", slow)
    keeper.set_source(small_source())
    thread = threading.Thread(target=keeper.keep)
    thread.start()
    assert is_writing.wait(30)
    try:  # all that the GUI thread does comes back though the disk works
        assert keeper.source_id is None
        assert keeper.project is not None
        keeper.set_test(None)
        keeper.set_keeps_ratings(False)
    finally:
        may_go_on.set()
        thread.join()
    assert keeper.source_id == 1


def test_ratings_have_a_number_of_their_own_in_each_project(
    keeper: ProjectKeeper, tmp_path: Path
) -> None:
    keeper.set_source(small_source())
    first = keeper.keep()
    assert first is not None
    with create_project(tmp_path / "other.mfgui") as other:
        keeper.set_project(other)
        assert keeper.source_id is None
        assert keeper.keep() is other
        assert keeper.source_id == 1
        keeper.set_project(first)


def test_a_project_that_was_opened_meanwhile_is_not_replaced(
    keeper: ProjectKeeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.set_source(small_source())
    with create_project(tmp_path / "opened.mfgui") as opened:
        make = keeper._made

        def made_while_another_opens() -> Project:
            project = make()
            keeper.set_project(opened)
            return project

        monkeypatch.setattr(keeper, "_made", made_while_another_opens)
        assert keeper.keep() is opened
        assert list((tmp_path / "projects").iterdir()) == []
        keeper.set_project(None)


def test_a_read_only_project_keeps_nothing(keeper: ProjectKeeper, tmp_path: Path) -> None:
    path = tmp_path / "p.mfgui"
    create_project(path).close()
    with open_project(path, "read") as project:
        keeper.set_project(project)
        source = small_source()
        keeper.set_source(source)
        assert recorded(keeper, source) == ([], None)
        keeper.set_project(None)


def test_where_nothing_can_be_written_a_run_is_told_so_and_trains(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    keeper = ProjectKeeper(blocked / "projects")
    source = small_source()
    keeper.set_source(source)
    with pytest.raises(StorageError, match="runs are not kept"):
        keeper.keep()
    (notice,), record = recorded(keeper, source)
    assert isinstance(notice, Notice)
    assert notice.text.startswith("This run is not kept")
    assert record is None



def test_ratings_are_kept_in_the_project_where_one_asks_for_it(
    keeper: ProjectKeeper, tmp_path: Path
) -> None:
    path = tmp_path / "r.csv"
    path.write_text("user,item,rating\n1,1,5\n1,2,3\n2,1,4\n")
    *_, opened = open_file(Control(), path)
    keeper.set_source(Source(opened))
    project = keeper.keep()
    assert project is not None
    assert not project.source(1).has_ratings
    keeper.set_keeps_ratings(True)
    keeper.keep()
    assert project.source(1).has_ratings
    assert keeper.source_id == 1
