"""A project gives back what it was given, whatever happens in between."""

from __future__ import annotations

import math
import sqlite3
import struct
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.core.ratings import Ratings, TextArray
from mfgui.errors import ProjectError, StorageError
from mfgui.store.project import (
    NewRun,
    Project,
    RunInfo,
    create_project,
    open_project,
    ratings_checksum,
)
from mfgui.store.project.schema import APPLICATION_ID, RECORD_FIELDS, VERSION
from mfgui.training.events import EpochRecord, Notice

Begin = Callable[..., RunInfo]
Helper = Callable[..., Any]


def test_every_field_of_a_record_has_a_column() -> None:
    # A new field needs a new version of the tables, and a migration.
    assert set(RECORD_FIELDS) == {field.name for field in fields(EpochRecord)}


def test_a_closed_project_is_one_file_that_says_whose_it_is(
    path: Path, project: Project, names: Helper
) -> None:
    assert len(names(path)) > 1  # the log and the lock
    project.close()
    assert names(path) == [path.name]
    head = path.read_bytes()[:100]
    assert head[68:72] == b"mfgu"
    assert int.from_bytes(head[68:72], "big") == APPLICATION_ID
    assert int.from_bytes(head[60:64], "big") == VERSION


def test_what_is_there_is_not_written_over(path: Path, project: Project, names: Helper) -> None:
    with pytest.raises(ProjectError, match="open in"):
        create_project(path)
    project.close()
    with pytest.raises(StorageError, match="is there already: open it, or choose another name"):
        create_project(path)
    assert names(path) == [path.name]


def test_a_project_where_there_is_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be written"):
        create_project(tmp_path / "nowhere" / "p.mfgui")
    with pytest.raises(ProjectError, match="cannot be opened"):
        open_project(tmp_path / "p.mfgui")


def test_a_run_is_committed_when_it_has_begun(path: Path, project: Project, begin: Begin) -> None:
    info = begin(name="first", card={"versions": {"numpy": "2"}}, origin={"again": 1})
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT id, name, status FROM runs").fetchall() == [
            (1, "first", "running")]
    other.close()
    assert (info.number, info.status, info.n_records, info.last_epoch) == (1, "running", 0, -1)
    assert project.runs() == [info]


def test_records_are_told_after_the_commit_and_in_order(
    path: Path, project: Project, begin: Begin, record: Helper
) -> None:
    run = begin()
    told: list[int] = []
    seen: list[int] = []
    other = sqlite3.connect(path, check_same_thread=False)

    def then(epoch: int) -> Callable[[], None]:
        def look() -> None:
            told.append(epoch)
            seen.append(other.execute("SELECT max(epoch) FROM records").fetchone()[0])
        return look

    for epoch in range(300):
        project.add_records(run.id, [record(epoch)], then(epoch))
    project.flush()
    other.close()
    assert told == list(range(300))
    assert all(there >= epoch for epoch, there in zip(told, seen, strict=True))
    info = project.run(run.id)
    assert (info.n_records, info.last_epoch, info.last_record) == (300, 299, record(299))
    assert info.best_validation_rmse == record(299).validation_rmse


def test_numbers_come_back_bit_for_bit(
    path: Path, project: Project, begin: Begin, record: Helper
) -> None:
    run = begin()
    odd = [math.nan, math.inf, -math.inf, -0.0, 5e-324, 0.1 + 0.2, 1e308, 3.0, None]
    records = [record(epoch, validation_rmse=value, loss=0.0 if value is None else value,
                      learning_rate=value) for epoch, value in enumerate(odd)]
    project.add_records(run.id, records)
    project.close()
    with open_project(path) as again:
        found = again.history(run.id)
        info = again.run(run.id)

    def bits(value: float | None) -> bytes | None:
        return None if value is None else struct.pack("<d", value)

    for name in ("loss", "validation_rmse", "learning_rate", "train_seconds"):
        assert [bits(getattr(each, name)) for each in found] == [
            bits(getattr(each, name)) for each in records]
    assert info.best_validation_rmse == 0.0
    assert info.last_record == records[-1]


def test_a_record_of_the_same_epoch_replaces_the_one_before_it(
    path: Path, project: Project, begin: Begin, record: Helper
) -> None:
    run = begin()
    project.add_records(run.id, [record(epoch) for epoch in range(10)])
    project.close()
    with open_project(path) as again:
        for epoch in (6, 7, 8, 9, 10):
            again.add_records(run.id, [record(epoch, train_seconds=77.0)])
        again.add_records(run.id, [record(1, segment=1, is_refit=True, validation_rmse=0.1)])
        again.flush()
        found = again.history(run.id)
        assert [each.epoch for each in found] == [*range(11), 1]
        assert [each.train_seconds == 77.0 for each in found[:11]] == [False] * 6 + [True] * 5
        info = again.run(run.id)
        assert (info.n_records, info.last_epoch) == (12, 1)
        assert info.last_record is not None
        assert info.last_record.is_refit
        assert info.best_validation_rmse == record(10).validation_rmse  # of none of the refit


def test_a_hundred_thousand_records_are_read_in_well_under_a_second(
    project: Project, begin: Begin, record: Helper
) -> None:
    run = begin()
    project.add_records(run.id, [record(epoch) for epoch in range(100_000)])
    project.flush()
    started = time.thread_time()  # not the clock: the machine may be busy
    found = project.history(run.id)
    # 0.5 s on the machine it was written on; the rest is room for a slower one.
    assert time.thread_time() - started < 2.0
    assert len(found) == 100_000
    assert found[77_777] == record(77_777)


def test_notices_come_back_in_their_order(path: Path, project: Project, begin: Begin) -> None:
    run, told = begin(), []
    notices = (Notice("information", "It begins."),
               Notice("warning", "The loss\nrose.", 3, "Halve the rate",
                      (("learning_rate", 0.5), ("patience", None), ("has_bias", True))),
               Notice("error", 'It "burst" <b>.', 4))
    for notice in notices:
        project.add_notice(run.id, notice, lambda: told.append(1))
    project.flush()
    assert len(told) == 3
    project.close()
    with open_project(path) as again:
        assert again.notices(run.id) == notices


def test_a_run_changes_at_once_and_for_good(path: Path, project: Project, begin: Begin) -> None:
    run = begin()
    project.change_run(run.id, status="finished", ended=12.5, summary={"test_rmse": math.inf},
                       name="naïve «run» 🎲", note="two\nlines", is_starred=True)
    project.change_run(run.id, is_ticked=True, card={"n_threads": 2})
    changed = project.run(run.id)
    assert (changed.name, changed.is_ticked, changed.summary) == (
        "naïve «run» 🎲", True, {"test_rmse": math.inf})
    with pytest.raises(TypeError, match="solver of a run cannot be changed"):
        project.change_run(run.id, solver="als")
    with pytest.raises(ValueError, match="no status"):
        project.change_run(run.id, status="gone")
    project.close()
    with open_project(path) as again:
        assert again.run(run.id) == changed
        assert again.note == ""


def test_a_text_that_is_no_utf8_comes_back(
    path: Path, project: Project, tiny: Ratings, source_of: Helper
) -> None:
    odd = "caf\udce9 \ud83d"  # a file's name in Latin-1, and half a sign
    source_id = project.add_source(source_of(tiny, path=f"/{odd}.csv", name=odd), tiny)
    run = project.begin_run(NewRun("als", {"x": odd}, source_id, name=odd))
    project.change_run(run.id, note=odd, status="stopped")
    project.add_notice(run.id, Notice("warning", odd, None, odd, ((odd, odd),)))
    project.set_value("view", [odd])
    project.close()
    with open_project(path) as again:
        assert again.source(source_id).path == f"/{odd}.csv"
        found = again.run(run.id)
        assert (found.name, found.note, found.settings) == (odd, odd, {"x": odd})
        assert again.notices(run.id) == (Notice("warning", odd, None, odd, ((odd, odd),)),)
        assert again.value("view") == [odd]


def test_numbers_are_never_given_twice(
    path: Path, project: Project, begin: Begin, record: Helper
) -> None:
    first, second = begin(), begin()
    project.change_run(first.id, status="finished")
    project.change_run(second.id, status="finished")
    project.add_records(second.id, [record(0)])
    entry = project.add_entry("evaluation", {}, second.id)
    project.delete_run(second.id)
    assert [run.id for run in project.runs()] == [first.id]
    assert project.entries() == []
    with pytest.raises(ProjectError, match=r"has no run 2: it has 1\."):
        project.run(second.id)
    project.undelete_run(second.id)
    assert [run.id for run in project.runs()] == [first.id, second.id]
    project.delete_run(second.id)
    project.close()
    with open_project(path) as again:
        assert [run.id for run in again.runs()] == [first.id]
        third = again.begin_run(NewRun("als", {}, first.source_id))
        assert third.number == 3
        again.change_run(third.id, status="stopped")
        assert again.add_entry("evaluation", {}) == entry + 1
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT count(*) FROM records").fetchone() == (0,)
    other.close()


def test_a_run_is_found_by_number_or_name(project: Project, begin: Begin) -> None:
    with pytest.raises(ProjectError, match="has no run 1: it has none yet"):
        project.find_run("1")
    begin(name="Slow")
    begin(name="twin")
    begin(name="twin")
    begin()
    assert project.find_run("1").number == project.find_run("slow").number == 1
    assert project.find_run("#4").number == 4
    with pytest.raises(ProjectError, match="Runs 2 and 3 are both named twin: say the number"):
        project.find_run("twin")
    with pytest.raises(ProjectError, match=r"has no run fast: it has 1 \(Slow\), 2 \(twin\)"):
        project.find_run("fast")


def test_settings_and_entries_come_back(path: Path, project: Project, begin: Begin) -> None:
    run = begin()
    assert project.value("layout", "none") == "none"
    project.set_value("layout", {"panels": ["curve"], "size": [1, 2.5, None]})
    project.set_value("layout", {"panels": []})
    search = project.add_entry("search", {"trials": 40})
    own = project.add_entry("evaluation", {"rmse": 0.9}, run.id)
    project.change_entry(search, {"trials": 41})
    assert [entry.id for entry in project.entries()] == [search, own]
    with pytest.raises(TypeError):
        project.set_value("odd", {1, 2})
    project.close()
    with open_project(path) as again:
        assert again.value("layout") == {"panels": []}
        assert again.value("odd") is None
        (found,) = again.entries("search")
        assert (found.id, found.body, found.run_id) == (search, {"trials": 41}, None)
        assert again.entries("evaluation")[0].run_id == run.id


def test_the_same_ratings_are_the_same_source(
    project: Project, tiny: Ratings, source_of: Helper
) -> None:
    info = source_of(tiny, origin="file", path="/somewhere/a.csv", options={"zeros": "missing"})
    one = project.add_source(info, tiny)
    moved = source_of(tiny, origin="file", path="/elsewhere/b.csv", options={"zeros": "missing"})
    assert project.add_source(moved, tiny) == one
    assert project.source(one).path == "/elsewhere/b.csv"
    other = source_of(tiny, origin="file", path="/somewhere/a.csv", options={})
    assert project.add_source(other, tiny) == one + 1
    test = source_of(tiny, origin="file", options={}, is_test=True)
    assert project.add_source(test, tiny) == one + 2
    with pytest.raises(ProjectError, match="no ratings with the number 9"):
        project.source(9)


def test_ids_are_kept_always_and_ratings_where_asked_for(
    path: Path, project: Project, tiny: Ratings, source_of: Helper
) -> None:
    titled = Ratings(
        tiny.user_index, tiny.item_index, tiny.value, tiny.user_ids, tiny.item_ids,
        TextArray.from_strings(["Ä", "", "<c>", "d\n", "e"]), "titled",
        np.arange(tiny.n_ratings, dtype=np.float64), given_scale=(0.0, 6.0))
    bare = project.add_source(source_of(tiny), tiny)
    kept = project.add_source(source_of(titled), titled, keep_ratings=True)
    assert project.source_ratings(bare) is None
    project.close()
    with open_project(path) as again:
        users, items, titles = again.source_ids(bare)
        assert (list(users), list(items)) == (list(tiny.user_ids), list(tiny.item_ids))
        assert titles is None
        found = again.source_ratings(kept)
        assert found is not None
        assert ratings_checksum(found) == ratings_checksum(titled)
        assert found.item_titles is not None
        assert list(found.item_titles) == ["Ä", "", "<c>", "d\n", "e"]
        assert found.scale == (0.0, 6.0)
        again.change_source(bare, ratings=tiny, path="/new/place.csv")
        assert again.source(bare).has_ratings
        back = again.source_ratings(bare)
        assert back is not None
        assert ratings_checksum(back) == ratings_checksum(tiny)


def test_a_checksum_of_ratings_follows_ids_values_and_times(tiny: Ratings) -> None:
    other_ids = Ratings(tiny.user_index, tiny.item_index, tiny.value,
                        TextArray.from_strings("wxyz"), tiny.item_ids)
    with_time = Ratings(tiny.user_index, tiny.item_index, tiny.value, tiny.user_ids, tiny.item_ids,
                        time=np.zeros(tiny.n_ratings))
    assert len({ratings_checksum(each) for each in (tiny, other_ids, with_time)}) == 3
    assert ratings_checksum(tiny) == ratings_checksum(tiny.take(np.arange(tiny.n_ratings)))


def test_held_out_positions_come_back(path: Path, project: Project, begin: Begin) -> None:
    rng = np.random.default_rng(3)
    some = [np.array([], np.int64), np.array([0], np.int64), np.array([5, 1_000_000], np.int64),
            np.flatnonzero(rng.random(10_000) < 0.1)]
    runs = [begin(held_out=positions) for positions in some]
    none = begin()
    assert all(run.roles == () for run in project.runs())
    project.close()
    with open_project(path) as again:
        for run, positions in zip(runs, some, strict=True):
            found = again.held_out(run.id)
            assert found is not None
            assert found.dtype == np.int64
            np.testing.assert_array_equal(found, positions)
        assert again.held_out(none.id) is None


def test_runs_with_the_same_split_keep_it_once(project: Project, begin: Begin) -> None:
    held_out = np.flatnonzero(np.random.default_rng(3).random(100_000) < 0.1)
    for _ in range(5):
        begin(held_out=held_out.copy())
    with project._reading() as connection:
        assert connection.execute("SELECT count(*) FROM arrays").fetchone()[0] < 5 + 5


def test_a_closed_project_says_so(project: Project, begin: Begin, record: Helper) -> None:
    run = begin()
    project.close()
    project.close()
    with pytest.raises(ProjectError, match="has been closed: open it again"):
        project.add_records(run.id, [record(0)])
    with pytest.raises(ProjectError, match="has been closed: open it again"):
        project.history(run.id)
