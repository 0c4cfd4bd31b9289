"""The writer: order, what replaces what, and what happens while nothing can be written."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.errors import StorageError
from mfgui.store.project import Project, RunInfo, open_project
from mfgui.store.project import writer_loop as writer_module
from mfgui.training.events import Notice

Begin = Callable[..., RunInfo]
Helper = Callable[..., Any]
LONG_WAIT_S = 30.0


def fill_disk(project: Project) -> None:
    """Let SQLite say that the disk is full; the file may grow by nothing."""
    assert project.writer is not None
    project.writer.call_alone(lambda connection: connection.execute(
        f"PRAGMA max_page_count = {connection.execute('PRAGMA page_count').fetchone()[0]}"))


def make_room(project: Project) -> None:
    assert project.writer is not None
    project.writer.call_alone(lambda connection: connection.execute(
        "PRAGMA max_page_count = 1000000"))


def test_what_has_one_key_is_written_once(project: Project) -> None:
    writer, written, told = project.writer, [], []
    assert writer is not None
    held, go = threading.Event(), threading.Event()

    def hold(connection: sqlite3.Connection) -> None:
        held.set()
        assert go.wait(LONG_WAIT_S)

    writer.submit(hold)
    assert held.wait(LONG_WAIT_S)
    for k in range(5):
        writer.submit(lambda connection, k=k: written.append(k), lambda k=k: told.append(k), "key")
        writer.submit(lambda connection, k=k: written.append(10 + k))
    go.set()
    writer.flush()
    assert written == [10, 11, 12, 13, 4, 14]
    assert told == [0, 1, 2, 3, 4]


def test_neighbouring_rows_are_written_by_one_statement(project: Project) -> None:
    writer, statements, = project.writer, []
    assert writer is not None
    writer.call_alone(lambda connection: connection.set_trace_callback(statements.append))
    gate = threading.Event()
    writer.submit(lambda connection: gate.wait(LONG_WAIT_S) and None)
    for k in range(100):
        writer.submit_rows("INSERT OR REPLACE INTO counters VALUES (?, ?)", [(f"test {k}", k)])
    gate.set()
    writer.flush()
    writer.call_alone(lambda connection: connection.set_trace_callback(None))
    assert sum(text.startswith("INSERT") for text in statements) == 100
    assert sum(text == "COMMIT" for text in statements) <= 4


def test_a_bug_is_raised_to_who_waits_and_keeps_nothing_of_its_own(
    path: Path, project: Project
) -> None:
    writer = project.writer
    assert writer is not None

    def half(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO settings VALUES ('half', '1')")
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        writer.call(half)
    gate = threading.Event()
    writer.submit(lambda connection: gate.wait(LONG_WAIT_S) and None)
    project.set_value("before", 1)
    told: list[int] = []
    writer.submit(half, lambda: told.append(1))
    project.set_value("after", 2)
    gate.set()
    with pytest.raises(ZeroDivisionError):
        project.flush()
    project.flush()  # told once
    assert told == [1]
    assert project.trouble == ""
    project.close()
    with open_project(path) as again:
        assert [again.value(name) for name in ("before", "half", "after")] == [1, None, 2]


def test_a_bug_in_what_follows_does_not_end_the_writing(project: Project) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a bug")

    assert project.writer is not None
    project.writer.submit(lambda connection: None, fail)
    with pytest.raises(ZeroDivisionError):
        project.flush()
    project.set_value("a", 1)
    project.flush()


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "RETRY_S", 0.1)
    monkeypatch.setattr(writer_module, "CLOSE_S", 0.3)


@pytest.mark.usefixtures("_quick")
def test_with_a_full_disk_training_goes_on_and_all_is_written_once_there_is_room(
    path: Path, project: Project, begin: Begin, record: Helper
) -> None:
    run = begin()
    project.add_records(run.id, [record(0)])
    project.flush()
    troubles: list[str] = []
    calm = threading.Event()
    project.when_trouble(lambda text: (troubles.append(text), text or calm.set())[0])
    fill_disk(project)
    told: list[int] = []
    all_told = threading.Event()
    factors = np.random.default_rng(0).random((500_000,))
    for epoch in range(1, 3000):
        project.add_records(run.id, [record(epoch)], lambda epoch=epoch: told.append(epoch))
    project.add_notice(run.id, Notice("warning", "Look."))
    project.keep_tree(run.id, "state", {"factors": factors}, all_told.set)
    project.change_run(run.id, name="while full")
    second = begin(held_out=np.arange(100_000) * 3)
    project.add_records(second.id, [record(0)])
    project.flush()
    assert all_told.wait(LONG_WAIT_S)
    assert told == list(range(1, 3000))
    assert project.trouble == troubles[-1]
    assert "its disk is full" in project.trouble
    assert "written as soon as that is possible" in project.trouble
    # Seen all the same:
    assert len(project.history(run.id)) == 3000
    assert len(project.notices(run.id)) == 1
    kept = project.tree(run.id, "state")
    assert kept is not None
    assert kept["factors"] is factors
    assert [info.name for info in project.runs()] == ["while full", ""]
    assert project.run(run.id).n_records == 3000

    make_room(project)
    while project.trouble:  # on the way a write so small that it fits may have called it off
        calm.clear()
        assert not project.trouble or calm.wait(LONG_WAIT_S)
        project.flush()
    assert troubles[-1] == ""
    project.close()
    with open_project(path) as again:
        assert again.history(run.id) == tuple(record(epoch) for epoch in range(3000))
        assert again.run(run.id).name == "while full"
        assert again.run(run.id).n_records == 3000
        assert len(again.notices(run.id)) == 1
        tree = again.tree(run.id, "state")
        assert tree is not None
        np.testing.assert_array_equal(tree["factors"], factors)
        assert again.run(second.id).n_records == 1
        held_out = again.held_out(second.id)
        assert held_out is not None
        assert held_out.size == 100_000


@pytest.mark.usefixtures("_quick")
def test_a_large_tree_that_cannot_be_finished_makes_way_for_a_newer_one(
    project: Project, begin: Begin
) -> None:
    run = begin()
    assert project.writer is not None
    project.writer.call_alone(lambda connection: connection.execute(
        "PRAGMA max_page_count = 5000"))  # 40 MB
    told: list[str] = []
    project.keep_tree(run.id, "state", {"x": np.zeros(12_000_000)}, lambda: told.append("large"))
    project.flush()
    assert "its disk is full" in project.trouble
    project.keep_tree(run.id, "state", {"x": np.ones(4_000_000)}, lambda: told.append("newer"))
    while project.trouble:
        project.flush()
    project.flush()
    assert told == ["large", "newer"]
    with project._reading() as connection:
        assert connection.execute("SELECT max(n_bytes) FROM arrays").fetchone() == (32_000_000,)


@pytest.mark.usefixtures("_quick")
def test_closing_with_a_full_disk_gives_up_and_says_so(
    path: Path, project: Project, begin: Begin, names: Helper, record: Helper
) -> None:
    run = begin()
    project.add_records(run.id, [record(0)])
    project.flush()
    fill_disk(project)
    project.add_records(run.id, [record(epoch) for epoch in range(1, 5000)])
    with pytest.raises(StorageError, match=r"closed without what was shown last.*disk is full"):
        project.close()
    with open_project(path) as again:
        assert again.history(run.id) == (record(0),)
    assert names(path) == [path.name]


@pytest.mark.usefixtures("_quick")
def test_a_copy_made_while_the_disk_is_full_has_everything(
    tmp_path: Path, project: Project, begin: Begin, record: Helper
) -> None:
    run = begin()
    fill_disk(project)
    factors = np.arange(3_000_000)
    project.add_records(run.id, [record(epoch) for epoch in range(5000)])
    project.keep_tree(run.id, "state", {"factors": factors})
    project.flush()
    assert project.trouble
    project.copy_to(tmp_path / "elsewhere.mfgui")
    with open_project(tmp_path / "elsewhere.mfgui") as copy:
        assert copy.run(run.id).n_records == 5000
        tree = copy.tree(run.id, "state")
        assert tree is not None
        np.testing.assert_array_equal(tree["factors"], factors)
    make_room(project)


def test_the_log_stays_small(path: Path, project: Project, begin: Begin) -> None:
    run = begin()
    rng = np.random.default_rng(0)
    largest = 0
    for _ in range(6):
        project.keep_tree(run.id, "state", {"factors": rng.random(4_000_000)})  # 32 MB
        project.flush()
        largest = max(largest, path.with_name(path.name + "-wal").stat().st_size)
    assert largest < 64 << 20
    project.close()
    assert path.stat().st_size < 3 * 32 << 20  # the old one's room is used again


class Large:
    """What a nearly full disk takes in small pieces only."""

    def __init__(self, n_bytes: int, most: int) -> None:
        self._left, self._next, self._most = n_bytes, n_bytes, most

    def write(self, connection: sqlite3.Connection, n_bytes: int) -> bool:
        """Write a piece, unless it is too large."""
        if n_bytes > self._most:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        self._next = self._left - n_bytes
        return self._next <= 0

    def committed(self) -> None:
        """Go on behind it."""
        self._left = self._next


@pytest.mark.usefixtures("_quick")
def test_what_is_too_large_for_a_nearly_full_disk_is_written_in_smaller_pieces(
    project: Project
) -> None:
    assert project.writer is not None
    is_written = threading.Event()
    project.writer.submit_long(Large(300_000, 100_000), done=is_written.set)
    assert is_written.wait(LONG_WAIT_S)
    project.flush()
    assert project.trouble == ""
