"""Compacting gives the room of deleted runs and old trials back, and keeps the rest."""

from __future__ import annotations

import collections
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mfgui.errors import CancelledError, StorageError
from mfgui.store.project import Project, RunInfo, open_project

Begin = Callable[..., RunInfo]
Helper = Callable[..., Any]
MB = 1 << 20


def trial(project: Project, begin: Begin, record: Helper, k: int, rmse: float | None,
          search: int = 1) -> RunInfo:
    """Keep a trial of a search with a megabyte of factors."""
    run = begin(origin={"search": search, "trial": k})
    project.add_records(run.id, [record(0, validation_rmse=rmse)])
    project.keep_tree(run.id, "result", {"x": np.random.default_rng(run.id).random(MB // 8)})
    project.change_run(run.id, status="finished")
    return run


def test_deleted_runs_and_old_trials_give_their_room_back(
    path: Path, project: Project, begin: Begin, record: Helper
) -> None:
    search = project.add_entry("search", {})
    for k in range(30):
        trial(project, begin, record, k, 1.0 - k / 100, search)
    trial(project, begin, record, 30, None, search)
    other = trial(project, begin, record, 0, 9.0, search + 1)
    project.change_run(1, is_starred=True)
    project.change_run(2, is_ticked=True)
    project.change_run(3, status="running")
    project.delete_run(30)
    project.set_value("n_kept_trials", 5)
    project.flush()
    before = path.stat().st_size + path.with_name(path.name + "-wal").stat().st_size
    shares: list[float] = []
    given_back = project.compact(shares.append)
    assert given_back > 21 * MB
    assert before - path.stat().st_size == given_back
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 5
    # The best five of the search, what is marked or runs, and the other search's.
    assert [run.id for run in project.runs() if run.roles] == [
        1, 2, 3, 25, 26, 27, 28, 29, other.id]
    assert [run.id for run in project.runs()] == [*range(1, 30), 31, 32]
    project.change_run(3, status="stopped")
    project.close()
    with open_project(path) as again:
        for run in again.runs():
            assert len(again.history(run.id)) == 1
            tree = again.tree(run.id, "result")
            if run.roles:
                assert tree is not None
                np.testing.assert_array_equal(
                    tree["x"], np.random.default_rng(run.id).random(MB // 8))
            else:
                assert tree is None
        assert again.compact() > MB // 2  # run 3 runs no more
        assert again.compact() == 0


def test_old_trials_are_bounded_by_twenty(project: Project, begin: Begin, record: Helper) -> None:
    for k in range(23):
        trial(project, begin, record, k, 1.0 + k)
    project.flush()
    assert project.drop_old_trials() == [21, 22, 23]
    project.flush()
    assert project.drop_old_trials() == []


def test_the_best_trials_are_those_that_the_search_found_best(
    project: Project, begin: Begin, record: Helper
) -> None:
    """By the model that was kept, be it judged by RMSE or NDCG; pruned ones come last."""
    for k in range(4):
        run = trial(project, begin, record, k, 0.5 if k == 0 else 0.9)
        project.change_run(run.id, summary={"validation_rmse": 1.0 - k / 10})
    for k in range(4):
        run = trial(project, begin, record, k, None, search=2)
        project.change_run(run.id, summary={"validation_rmse": None, "validation_ndcg": k / 10})
    project.change_run(4, origin={"search": 1, "trial": 3, "pruned": 2})
    alone = begin(origin={"search": 1, "best_trial": 0})
    project.keep_tree(alone.id, "result", {"x": np.zeros(3)})
    project.change_run(alone.id, status="finished")
    project.set_value("n_kept_trials", 2)
    project.flush()
    assert sorted(project.drop_old_trials()) == [1, 4, 5, 6]
    project.set_value("n_kept_trials", -1)  # of a file: what cannot be is as if nothing were said
    project.flush()
    assert project.drop_old_trials() == []


def test_it_may_be_stopped_and_leaves_all_as_it_was(
    path: Path, project: Project, begin: Begin, record: Helper
) -> None:
    for k in range(20):
        trial(project, begin, record, k, 1.0)
    project.flush()
    project.delete_run(1)

    def stop(share: float) -> None:
        if share > 0.3:
            raise CancelledError("Stopped.")

    with pytest.raises(CancelledError):
        project.compact(stop)
    assert len(project.runs()) == 19
    project.add_records(2, [record(1)])
    project.flush()
    assert project.trouble == ""
    assert project.compact() > MB // 2
    assert len(project.history(2)) == 2


def test_without_room_it_is_refused_in_a_sentence(
    project: Project, begin: Begin, record: Helper, monkeypatch: pytest.MonkeyPatch
) -> None:
    for k in range(3):
        trial(project, begin, record, k, 1.0)
    project.flush()
    project.delete_run(1)
    usage = collections.namedtuple("usage", "total used free")
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda place: usage(100 * MB, 99 * MB, MB))
        with pytest.raises(StorageError, match=r"takes \d+ MB of room in .*, where 1 MB are free"):
            project.compact()
    assert len(project.runs()) == 2
    assert project.compact() > 0


def test_training_goes_on_while_it_is_compacted(
    project: Project, begin: Begin, record: Helper
) -> None:
    for k in range(10):
        trial(project, begin, record, k, 1.0)
    project.flush()
    project.delete_run(1)
    run = begin()
    told: list[int] = []
    for epoch in range(50):
        project.add_records(run.id, [record(epoch)], lambda epoch=epoch: told.append(epoch))
    assert project.compact() > 0
    project.flush()
    assert told == list(range(50))
    assert project.run(run.id).n_records == 50
