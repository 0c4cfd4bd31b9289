"""Files that go away, clocks that go back, places that cannot be written, and two processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from material import (
    beside,
    differences,
    integrity,
    lost_records,
    ratings,
    split_lines,
    timeless,
    train_into,
    undisturbed,
)

from mfgui.core.control import Control
from mfgui.errors import HeldError
from mfgui.jobs.recording import continue_run
from mfgui.jobs.runs import open_run
from mfgui.store.project import copy_project, create_project, open_project, writer_loop
from mfgui.training.events import EpochRecord, RunResult

HERE = Path(__file__).parent
NOBODY = 65534


@pytest.mark.skipif(sys.platform == "win32", reason="there an open file cannot be removed")
@pytest.mark.parametrize("is_replaced", [False, True], ids=["removed", "replaced"])
def test_a_project_that_goes_away_while_training_is_told_and_can_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_replaced: bool
) -> None:
    monkeypatch.setattr(writer_loop, "LOOK_S", 0.0)
    path = tmp_path / "P.mfgui"
    other = tmp_path / "other"
    other.write_bytes(b"something else")
    project = create_project(path)
    told: list[str] = []
    project.when_trouble(told.append)
    result = None
    for number, event in enumerate(train_into(project, "sgd")):
        if number == 20 and is_replaced:
            os.replace(other, path)
        elif number == 20:
            path.unlink()
        if isinstance(event, RunResult):
            result = event
    assert differences(result, undisturbed("sgd")) == []
    assert told == ["P.mfgui was moved, replaced or deleted while it was open: save the project "
                    "under another name, or it may be lost."]
    project.copy_to(tmp_path / "saved.mfgui")
    project.close()
    assert path.exists() == is_replaced
    if is_replaced:
        assert path.read_bytes() == b"something else"
    assert set(os.listdir(tmp_path)) <= {"P.mfgui", "other", "saved.mfgui"}
    with open_project(tmp_path / "saved.mfgui") as saved:
        *_, opened = open_run(Control(), saved, 1)
        assert opened.info.status == "finished"
        assert differences(opened.result, undisturbed("sgd")) == []


def test_a_clock_that_is_set_back_changes_neither_order_nor_durations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1.9e9

    def backwards() -> float:
        nonlocal now
        now -= 3600
        return now

    monkeypatch.setattr(time, "time", backwards)
    path = tmp_path / "P.mfgui"
    with create_project(path) as project:
        for _ in range(3):
            for _ in train_into(project, "als"):
                pass
        for kind in ("evaluation", "comparison"):
            project.add_entry(kind, {}, 3)
    with open_project(path) as project:
        runs, entries = project.runs(), project.entries()
        assert [run.number for run in runs] == [1, 2, 3]
        assert runs[0].created > runs[1].created > runs[2].created
        assert [entry.kind for entry in entries] == ["evaluation", "comparison"]
        for run in runs:
            records = project.history(run.id)
            seconds = [record.train_seconds for record in records]
            assert seconds == sorted(seconds)
            assert seconds[0] >= 0
            assert run.summary["train_seconds"] >= 0
            assert timeless(records) == timeless(undisturbed("als").history)


TRAIN = textwrap.dedent("""
    import sys
    from dataclasses import replace
    from pathlib import Path
    sys.path.append(sys.argv[2])
    import material
    from mfgui.core.control import Control
    from mfgui.jobs.projects import keep_source
    from mfgui.jobs.recording import RunRecord
    from mfgui.jobs.train import train
    from mfgui.store.project import create_project

    class Told:
        def say(self, *words):
            print(*words, flush=True)

    material.keep_often()
    project = create_project(sys.argv[1])
    record = RunRecord(project, keep_source(project, material.opened(), keep_ratings=True))
    settings = replace(material.settings_of("als"), n_epochs=10_000)
    material.show(Told(), train(Control(), "als", settings, material.ratings(), record=record))
""")


@pytest.fixture
def trains(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[str]]]:
    """Return a project that another process trains into, and that process."""
    path = tmp_path / "P.mfgui"
    with subprocess.Popen([sys.executable, "-c", TRAIN, str(path), str(HERE)], text=True,
                          stdout=subprocess.PIPE) as process:
        yield path, process
        process.kill()


def test_a_second_process_reads_copies_and_takes_over(
    trains: tuple[Path, subprocess.Popen[str]], tmp_path: Path
) -> None:
    path, process = trains
    assert process.stdout is not None
    shown = [process.stdout.readline() for _ in range(12)]
    with pytest.raises(HeldError, match=r"P.mfgui is open in process \d+ on .*, since .*: close it "
                       r"there, open it read-only, or open a copy\.") as found:
        open_project(path)
    assert f"process {process.pid} " in found.value.holder
    with open_project(path, "read") as seen:
        assert lost_records(seen, split_lines("".join(shown))) == []
        assert seen.run(1).status == "running"
        before = len(seen.history(1))
        while len(seen.history(1)) <= before:  # what it shows may be behind what it has written
            shown.append(process.stdout.readline())
            assert shown[-1], "the other process has ended"
        assert lost_records(seen, split_lines("".join(shown))) == []
    copy_project(path, tmp_path / "copy.mfgui")
    shown += [process.stdout.readline() for _ in range(12)]
    process.kill()
    shown += process.stdout.readlines()
    with open_project(tmp_path / "copy.mfgui") as copy:
        assert copy.run(1).status == "interrupted"
        assert lost_records(copy, split_lines("".join(shown[:24]))) == []
    with open_project(path) as project:
        assert project.note.startswith("Run 1 was interrupted")
        assert lost_records(project, split_lines("".join(shown))) == []
        n_epochs = project.run(1).last_epoch + 5
        events = continue_run(Control(), project, 1, ratings(), n_epochs=5)
        records = [event for event in events if isinstance(event, EpochRecord)]
        assert records[-1].epoch == n_epochs
        assert project.run(1).status == "finished"
    assert beside(path) == []
    assert integrity(path) == []


LOOK = textwrap.dedent("""
    import json, os, sys
    sys.path.append(sys.argv[2])
    import material
    import mfgui.jobs.open_project
    from mfgui.core.control import Control
    from mfgui.core.memory import available_bytes
    from mfgui.errors import MfguiError
    from mfgui.jobs.open_project import open_whole_project, save_project_as
    from mfgui.jobs.recording import continue_run
    from mfgui.training.result_tree import result_from_tree
    available_bytes()
    if len(sys.argv) > 3:
        os.setgid(int(sys.argv[3]))
        os.setuid(int(sys.argv[3]))
    *_, run = events = list(open_whole_project(Control(), sys.argv[1]))
    project = events[0].project
    found = {"note": project.note, "status": run.info.status, "n_records": len(run.history),
             "factors": run.model.item_factors.tobytes().hex()}
    try:
        list(continue_run(Control(), project, 1, run.ratings))
    except MfguiError as error:
        found["refusal"] = str(error)
    *_, saved = save_project_as(
        Control(), lambda: project, project, os.path.join(os.environ["TMPDIR"], "saved.mfgui"))
    project.close()
    found["saved"] = [saved.is_read_only, len(saved.history(1))]
    saved.close()
    found["left"] = sorted(os.listdir(os.environ["TMPDIR"]))
    print(json.dumps(found))
""")


@pytest.fixture
def shared() -> Iterator[Path]:
    """Return a folder that others reach, unlike those of pytest; removed in the end."""
    folder = Path(os.path.realpath(tempfile.gettempdir())) / f"mfgui-places-{os.getpid()}"
    folder.mkdir()
    yield folder
    subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="there a folder cannot be made read-only so")
@pytest.mark.parametrize("what", ["the folder", "the file"])
def test_an_ordinary_user_opens_a_run_where_nothing_can_be_written(
    shared: Path, what: str
) -> None:
    (place := shared / "place").mkdir()
    (temporary := shared / "tmp").mkdir()
    path = place / "P.mfgui"
    with create_project(path) as project:
        for _ in train_into(project, "als"):
            pass
    path.chmod(0o444)
    for folder, mode in ((place, 0o555 if what == "the folder" else 0o777), (temporary, 0o777)):
        folder.chmod(mode)
    shared.chmod(0o755)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(path), str(HERE), *([str(NOBODY)] if is_root else [])],
        env={**os.environ, "TMPDIR": str(temporary), "HOME": str(temporary)}, text=True,
        capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert "lies where nothing can be written: it is open read-only and keeps nothing" in (
        found["note"])
    other = undisturbed("als")
    assert (found["status"], found["n_records"]) == ("finished", len(other.history))
    assert found["factors"] == other.model.item_factors.tobytes().hex()
    assert found["refusal"].endswith("save it as another one to go on.")
    assert found["saved"] == [False, len(other.history)]
    assert found["left"] == ["saved.mfgui"]
    assert os.listdir(place) == ["P.mfgui"]
