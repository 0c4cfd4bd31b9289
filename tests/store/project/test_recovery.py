"""What was shown is there after the program was killed at any moment."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mfgui.core.ratings import Ratings
from mfgui.store.project import NewRun, Project, RunInfo, create_project, open_project

Begin = Callable[..., RunInfo]
Helper = Callable[..., Any]

TRAIN = textwrap.dedent("""
    import sys
    import numpy as np
    from mfgui.store.project import NewRun, open_project
    from mfgui.training.events import EpochRecord, Notice

    project = open_project(sys.argv[1])
    run = project.begin_run(NewRun("sgd", {}, 1, held_out=np.arange(1000)))
    print("run", run.id, flush=True)
    rng = np.random.default_rng(0)

    def show(*words):
        print(*words, flush=True)

    for epoch in range(100_000):
        record = EpochRecord(epoch, 0, False, 1.0 / (epoch + 1), 1.0, None, None, None, 0.0, None)
        project.add_records(run.id, [record], lambda epoch=epoch: show("epoch", epoch))
        if epoch % 40 == 0:
            state = {"epoch": epoch, "x": np.full(1_500_000, epoch), "same": np.arange(9)}
            project.keep_tree(run.id, "state", state, lambda epoch=epoch: show("state", epoch))
        if epoch % 100 == 0:
            project.add_notice(run.id, Notice("information", str(epoch)),
                               lambda epoch=epoch: show("notice", epoch))
        if epoch % 10 == 0:
            project.flush()
""")


def killed_training(path: Path, after_lines: int) -> dict[str, list[int]]:
    """Return what a process showed before it was killed."""
    shown: dict[str, list[int]] = {"run": [], "epoch": [], "state": [], "notice": []}
    with subprocess.Popen([sys.executable, "-c", TRAIN, str(path)], stdout=subprocess.PIPE,
                          text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if len(line.split()) == 2 and line.endswith("\n"):
                shown[line.split()[0]].append(int(line.split()[1]))
            if sum(map(len, shown.values())) == after_lines:
                process.kill()
    return shown


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_was_shown_is_lost(
    path: Path, tiny: Ratings, seed: int, source_of: Helper, names: Helper
) -> None:
    with create_project(path) as project:
        project.add_source(source_of(tiny), tiny)
    rng = random.Random(seed)
    for number in (1, 2):
        shown = killed_training(path, rng.randrange(1, 400))
        assert shown["run"] == [number]
        with open_project(path) as project:
            assert f"Run {number} was interrupted" in project.note
            info = project.run(number)
            assert info.status == "interrupted"
            history = project.history(number)
            assert [record.epoch for record in history] == list(range(len(history)))
            assert len(history) >= len(shown["epoch"])
            assert info.n_records == len(history)
            assert {int(notice.text) for notice in project.notices(number)} >= set(shown["notice"])
            state = project.tree(number, "state")
            if shown["state"]:
                assert state is not None
                assert state["epoch"] >= max(shown["state"])
            if state is not None:
                assert (state["x"] == state["epoch"]).all()
            held_out = project.held_out(number)
            assert held_out is not None
            assert held_out.size == 1000
        assert names(path) == [path.name]
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        # What a tree that was not finished left behind has been removed.
        assert connection.execute(
            "SELECT count(*) FROM arrays WHERE id NOT IN (SELECT array_id FROM tree_arrays)"
        ).fetchone() == (0,)
        connection.close()


def test_an_interrupted_run_goes_on_and_what_is_computed_again_replaces(
    path: Path, tiny: Ratings, source_of: Helper, record: Helper
) -> None:
    with create_project(path) as project:
        project.add_source(source_of(tiny), tiny)
    shown = killed_training(path, 100)
    with open_project(path) as project:
        before = project.history(1)
        state = project.tree(1, "state")
        assert state is not None
        project.change_run(1, status="running")
        again = range(int(state["epoch"]) + 1, len(before) + 5)
        project.add_records(1, [record(epoch) for epoch in again])
        project.change_run(1, status="finished", ended=5.0)
    with open_project(path) as project:
        assert project.note == ""
        assert [each.epoch for each in project.history(1)] == list(range(len(before) + 5))
        assert project.run(1).n_records == len(before) + 5
        assert project.history(1)[: state["epoch"]] == before[: state["epoch"]]
    assert len(shown["epoch"]) <= len(before)


def test_deleted_runs_of_a_killed_program_are_removed_at_the_next_close(
    path: Path, tiny: Ratings, source_of: Helper
) -> None:
    with create_project(path) as project:
        source_id = project.add_source(source_of(tiny), tiny)
        for _ in range(3):
            run = project.begin_run(NewRun("sgd", {}, source_id))
            project.change_run(run.id, status="stopped")
    code = ("import os, sys; from mfgui.store.project import open_project; "
            "project = open_project(sys.argv[1]); project.delete_run(2); project.flush(); "
            "os._exit(0)")
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    with open_project(path) as project:
        assert [run.id for run in project.runs()] == [1, 3]
    with open_project(path) as project, project._reading() as connection:
        assert connection.execute("SELECT id FROM runs").fetchall() == [(1,), (3,)]


def test_a_program_that_forgets_to_close_ends_and_loses_nothing(path: Path) -> None:
    code = ("import sys; from mfgui.store.project import create_project; "
            "project = create_project(sys.argv[1]); project.set_value('a', 1)")
    subprocess.run([sys.executable, "-c", code, str(path)], check=True, timeout=60)
    with open_project(path) as project:
        assert project.value("a") == 1


def test_many_threads_may_read_and_write(
    path: Path, project: Project, begin: Begin, record: Helper
) -> None:
    runs = [begin() for _ in range(4)]
    failures: list[BaseException] = []

    def work(run: RunInfo) -> None:
        try:
            for epoch in range(200):
                project.add_records(run.id, [record(epoch)])
                if epoch % 20 == 0:
                    project.history(run.id)
                    project.runs()
                    project.change_run(run.id, note=str(epoch))
        except BaseException as error:  # noqa: BLE001  told below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    project.close()
    with open_project(path) as again:
        for run in again.runs():
            assert (run.n_records, run.note, len(again.history(run.id))) == (200, "180", 200)
