"""A full disk: training goes on, trouble is told, and all is written once there is room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from material import differences, integrity, lines_of, lost_records, undisturbed
from shim import built_shim, calls_of, environment

from mfgui.core.control import Control
from mfgui.jobs.runs import open_run
from mfgui.store.project import open_project

PROGRAM = Path(__file__).with_name("recording.py")
FULL = ("P.mfgui cannot be written (its disk is full): make room; what is shown since then is not "
        "in it yet, and is written as soon as that is possible.")


def run(folder: Path, told: Path, env: dict[str, str], *arguments: str) -> dict[str, Any]:
    """Return what the program told."""
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(folder), str(told), *arguments], env=env,
        capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def check_all_is_written(folder: Path, told: Path) -> None:
    """Check that the project is as if nothing had happened."""
    path = folder / "P.mfgui"
    assert os.listdir(folder) == [path.name]
    assert integrity(path) == []
    with open_project(path) as project:
        assert lost_records(project, lines_of(told)) == []
        *_, opened = open_run(Control(), project, 1)
        assert opened.info.status == "finished"
        assert differences(opened.result, undisturbed("sgd")) == []


def test_every_fiftieth_write_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    (folder := tmp_path / "files").mkdir()
    env = environment(built_shim(tmp_path), folder, log=tmp_path / "log", every=50)
    told = run(folder, tmp_path / "told", env, "--has-room-again")
    assert sum(call.op == "X" for call in calls_of(tmp_path / "log")) >= 2
    assert told["differences"] == []
    assert told["closing"] == ""
    assert set(told["troubles"]) == {FULL, ""}
    check_all_is_written(folder, tmp_path / "told")


def test_where_there_never_is_room_again_closing_says_so(tmp_path: Path) -> None:
    (folder := tmp_path / "files").mkdir()
    env = environment(built_shim(tmp_path), folder, switch=tmp_path / "full")
    told = run(folder, tmp_path / "told", env, "--switch", str(tmp_path / "full"))
    assert told["differences"] == []
    assert told["is_in_trouble"]
    assert told["shown"] == len(undisturbed("sgd").history)
    assert told["troubles"] == [FULL]
    assert told["closing"] == (
        "P.mfgui was closed without what was shown last, for it could not be written (its disk is "
        "full): make room before training again.")
    with open_project(folder / "P.mfgui") as project:
        (info,) = project.runs()
        epochs = [record.epoch for record in project.history(1)]
        assert info.status == "interrupted"
        assert epochs == list(range(len(epochs)))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of two megabytes; skip where none can be had."""
    (folder := tmp_path / "disk").mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True,
        text=True, check=False) if sys.platform == "linux" else None
    if done is None or done.returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("has_room_again", [True, False])
def test_a_disk_that_gets_full(
    small_disk: Path, tmp_path: Path, has_room_again: bool
) -> None:
    (folder := small_disk / "files").mkdir()
    told = run(folder, tmp_path / "told", dict(os.environ), "--room", str(small_disk / "room"),
               *(["--has-room-again"] if has_room_again else []))
    assert told["differences"] == []
    assert told["is_in_trouble"]
    assert told["troubles"] == ([FULL, ""] if has_room_again else [FULL])
    assert bool(told["closing"]) != has_room_again
    if has_room_again:
        check_all_is_written(folder, tmp_path / "told")
