"""One process at a time writes a project; others may read it or copy it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.errors import HeldError, ProjectError, StorageError
from mfgui.store.project import Project, RunInfo, copy_project, create_project, open_project

Begin = Callable[..., RunInfo]
Helper = Callable[..., Any]

HOLD = textwrap.dedent("""
    import sys
    from mfgui.store.project import NewRun, open_project
    from mfgui.training.events import EpochRecord
    project = open_project(sys.argv[1])
    run = project.begin_run(NewRun("sgd", {}, 1))
    print("held", flush=True)
    for epoch, _ in enumerate(sys.stdin):
        project.add_records(run.id, [EpochRecord(
            epoch, 0, False, 1.0, 1.0, None, None, None, 0.0, None)])
        project.flush()
        print(epoch, flush=True)
    project.close()
""")


@contextmanager
def held(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Hold a project in another process until the end, which comes by itself."""
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.stdin.close()
        process.wait(60)


def step(process: subprocess.Popen[str]) -> None:
    """Have the other process write one more record."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    process.stdout.readline()


@pytest.fixture
def other(path: Path, project: Project, begin: Begin) -> Iterator[subprocess.Popen[str]]:
    """Return another process that has the project, with one run of its own."""
    project.close()
    with held(path) as process:
        yield process


def test_the_second_is_told_who_has_it(path: Path, other: subprocess.Popen[str]) -> None:
    with pytest.raises(HeldError, match=r"lab notes.mfgui is open in process \d+ on .*, since "
                                        r"\d\d:\d\d: close it there, open it read-only") as found:
        open_project(path)
    assert f"process {other.pid} on " in found.value.holder
    text = path.with_name(path.name + ".lock").read_text()
    assert set(json.loads(text)) == {"pid", "host", "since"}


def test_a_held_project_is_read_while_it_is_written(
    path: Path, other: subprocess.Popen[str]
) -> None:
    with open_project(path, "read") as project:
        assert project.is_read_only
        assert [run.status for run in project.runs()] == ["running"]  # it does run
        assert project.note == ""
        for n_records in range(1, 6):
            step(other)
            assert project.run(1).n_records == n_records
            assert len(project.history(1)) == n_records
        with pytest.raises(ProjectError, match="opened read-only and keeps nothing"):
            project.change_run(1, name="x")


def test_reading_keeps_the_writer_from_nothing(
    path: Path, other: subprocess.Popen[str], names: Helper
) -> None:
    with open_project(path, "read") as project:
        step(other)
        assert len(project.history(1)) == 1
        assert other.stdin is not None
        other.stdin.close()
        other.wait(60)
        assert names(path) == [path.name]
        assert len(project.history(1)) == 1
    assert names(path) == [path.name]


def test_who_reads_from_before_sees_what_another_writes(
    path: Path, project: Project, begin: Begin, names: Helper
) -> None:
    project.close()
    with open_project(path, "read") as reader:
        assert reader.runs() == []
        with held(path) as other:
            step(other)
            assert reader.run(1).status == "running"
            assert len(reader.history(1)) == reader.run(1).n_records == 1
        assert names(path) == [path.name]
        assert reader.run(1).status == "interrupted"


def test_those_who_read_all_the_time_do_not_keep_others_from_opening(
    path: Path, project: Project, begin: Begin, names: Helper
) -> None:
    begin(held_out=np.arange(50_000) * 7)
    project.close()
    stop = threading.Event()

    def read() -> None:
        with open_project(path, "read") as reader:
            while not stop.is_set():
                reader.held_out(1)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for k in range(10):
            with open_project(path) as writer:
                writer.set_value("k", k)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    with open_project(path) as writer:
        assert writer.value("k") == 9
    assert names(path) == [path.name]


def test_a_held_project_is_copied_whole(
    path: Path, tmp_path: Path, other: subprocess.Popen[str], names: Helper
) -> None:
    step(other)
    copy = tmp_path / "a copy.mfgui"
    copy_project(path, copy)
    assert "a copy.mfgui-wal" not in names(path)
    step(other)
    with open_project(copy) as project:
        assert len(project.history(1)) == 1
        assert "Run 1 was interrupted" in project.note
        with pytest.raises(HeldError):
            copy_project(path, copy)
    with pytest.raises(StorageError, match="is the project itself"):
        copy_project(path, path)
    with pytest.raises(HeldError):
        copy_project(copy, path)
    copy_project(path, copy)
    with open_project(copy) as project:
        assert len(project.history(1)) == 2


def test_the_lock_of_a_killed_process_is_taken_over(
    path: Path, project: Project, begin: Begin, names: Helper
) -> None:
    project.close()
    with held(path) as process:
        process.kill()
        process.wait(60)
    assert path.name + ".lock" in names(path)
    with open_project(path) as again:
        assert "Run 1 was interrupted" in again.note
    assert names(path) == [path.name]


def test_two_in_one_process_are_two_as_well(path: Path, project: Project, begin: Begin) -> None:
    begin()
    for same in (path, path.parent / "." / path.name, os.path.relpath(path)):
        with pytest.raises(HeldError, match="open in this very program"):
            open_project(same)
    link = path.with_name("link.mfgui")
    link.symlink_to(path)
    with pytest.raises(HeldError):
        open_project(link)
    with open_project(link, "read") as reader:
        assert reader.runs()[0].status == "running"
    project.set_value("still", "writable")
    project.close()
    with open_project(link) as again:
        assert again.value("still") == "writable"
        assert again.path == link


def test_a_lock_file_with_anything_in_it_is_taken_over(path: Path, project: Project) -> None:
    project.close()
    lock = path.with_name(path.name + ".lock")
    for content in (b"", b"{", b'{"pid": "x", "host": 1, "since": NaN}', b"\xff" * 10_000):
        lock.write_bytes(content)
        with open_project(path):
            pass
        assert not lock.exists()


def test_a_copy_takes_the_place_of_an_older_file_whole(
    path: Path, tmp_path: Path, project: Project, begin: Begin, names: Helper
) -> None:
    run = begin()
    project.keep_tree(run.id, "state", {"x": np.arange(3_000_000)})
    target = tmp_path / "saved.mfgui"
    with create_project(target) as old:
        old.set_value("old", 1)
    # A log that lies there belongs to what is replaced, and would spoil the new one.
    target.with_name(target.name + "-wal").write_bytes(b"left over")
    project.copy_to(target)
    assert set(names(path)) >= {"saved.mfgui"}
    assert "saved.mfgui-wal" not in names(path)
    with open_project(target) as copy:
        assert copy.value("old") is None
        tree = copy.tree(run.id, "state")
        assert tree is not None
        np.testing.assert_array_equal(tree["x"], np.arange(3_000_000))
    with pytest.raises(StorageError, match="could not be written"):
        project.copy_to(tmp_path / "nowhere" / "x.mfgui")


def test_a_file_that_is_moved_while_it_is_open_is_told_and_can_be_saved(
    path: Path, tmp_path: Path, project: Project, begin: Begin, record: Helper
) -> None:
    run = begin()
    path.rename(tmp_path / "moved.mfgui")
    told = threading.Event()
    project.when_trouble(lambda text: "was moved" in text and told.set())
    while not told.wait(0.1):
        project.set_value("moment", 1)  # whether it is there is looked at once a second
    project.add_records(run.id, [record(0)])
    project.flush()
    with pytest.raises(ProjectError, match="was moved, replaced or deleted while it was open"):
        project.history(run.id)
    project.copy_to(tmp_path / "saved.mfgui")
    with open_project(tmp_path / "saved.mfgui") as copy:
        assert copy.history(run.id) == (record(0),)
