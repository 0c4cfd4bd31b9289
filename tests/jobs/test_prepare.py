"""Kernels compiled ahead, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from mfgui.core.control import Control
from mfgui.core.settings import describe
from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS
from mfgui.errors import CancelledError
from mfgui.jobs import preparation as preparations
from mfgui.jobs import prepared
from mfgui.jobs.preparation import Preparation
from mfgui.jobs.prepare import choices_of, part_names, prepared_parts


def test_all_parts_are_prepared_what_is_needed_first_before_the_rest() -> None:
    parts = list(prepared_parts())
    assert parts[:3] == ["reading", DEFAULT_SOLVER, "views"]
    assert sorted(parts[1:2] + parts[3:]) == sorted(SOLVERS)


def test_each_value_of_each_choice_is_among_the_settings_prepared() -> None:
    for solver in SOLVERS.values():
        made = list(choices_of(solver.settings_type))
        for info in describe(solver.settings_type):
            assert {getattr(each, info.name) for each in made} >= set(info.choices)


def test_a_run_after_it_compiles_nothing_more(tmp_path: Path) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    words = ("from mfgui.jobs.prepare import prepared_parts\n"
             "for part in prepared_parts():\n"
             f"    if part == '{DEFAULT_SOLVER}':\n"
             "        break\n")
    subprocess.run([sys.executable, "-c", words], check=True, env=environment, timeout=200)
    compiled = set(tmp_path.rglob("*.nbc"))
    assert compiled
    subprocess.run(
        [sys.executable, "-m", "mfgui", "train", "--sample", "--n-epochs", "2"], check=True,
        env=environment, timeout=200, capture_output=True)
    assert set(tmp_path.rglob("*.nbc")) == compiled


@pytest.fixture(autouse=True)
def _nothing_is_noted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every part be waited for, whatever earlier starts have compiled and noted."""
    if "own_note" not in request.fixturenames:
        monkeypatch.setattr(preparations, "noted_parts", frozenset)


@pytest.fixture
def own_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the note stands in a folder of the test's own."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    return prepared.note_path()


def test_what_was_compiled_at_an_earlier_start_is_not_waited_for(own_note: Path) -> None:
    assert prepared.noted_parts() == frozenset()
    prepared.note_parts(["reading", "sgd"])
    assert prepared.noted_parts() == {"reading", "sgd"}
    preparation = Preparation()
    preparation.start()
    try:
        assert preparation.is_ready("sgd")
        assert not preparation.is_ready("views")
    finally:
        preparation.stop()


@pytest.mark.parametrize("content", [
    "", "no JSON", "[]", "{}", '{"key": "of other sources", "parts": ["sgd"]}'])
def test_a_note_of_other_sources_or_a_broken_one_is_none(own_note: Path, content: str) -> None:
    own_note.parent.mkdir()
    own_note.write_text(content)
    assert prepared.noted_parts() == frozenset()


def test_where_nothing_can_be_written_there_is_no_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file"))
    prepared.note_parts(["sgd"])
    assert (tmp_path / "file").read_text() == ""


def test_the_process_leaves_no_file_behind_when_it_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    preparation = Preparation()
    preparation.start()
    assert list(tmp_path.iterdir())
    preparation.stop()
    assert not list(tmp_path.iterdir())


def test_a_job_waits_for_its_part_and_then_works() -> None:
    preparation, control = Preparation(), Control()
    preparation._n_alive = 1  # as if a process were at it
    events = preparation.before("sgd", lambda control: iter((control.progress.text,)))(control)
    told: list[str] = []
    thread = threading.Thread(target=lambda: told.extend(events))
    thread.start()
    while control.progress.text != "preparing":
        thread.join(0.01)
        assert thread.is_alive()
    with preparation._changed:
        preparation._ready.add("sgd")
        preparation._changed.notify_all()
    thread.join(60)
    preparation.stop()
    assert told == ["preparing"]
    assert list(preparation.before("", lambda control: iter((1, 2)))(control)) == [1, 2]


def test_a_part_is_waited_for_until_the_process_tells_it() -> None:
    preparation = Preparation()
    assert preparation.is_ready("reading")  # nobody is at it: it is compiled where it is needed
    preparation.start()
    try:
        assert not preparation.is_ready("reading")
        preparation.wait("reading", Control())
        assert "reading" in preparation._ready
        assert preparation.is_ready("reading")
    finally:
        preparation.stop()
    assert preparation.is_ready("no such part")


def test_what_is_waited_for_before_its_turn_gets_a_process_to_itself() -> None:
    preparation = Preparation()
    preparation.start()
    last = part_names()[-1]
    try:
        preparation.wait(last, Control())
        assert last in preparation._ready
        everything, hastened = preparation.processes
        assert everything.args[-1] != last  # type: ignore[index]
        assert hastened.args[-1] == last  # type: ignore[index]
        preparation.wait(last, Control())
        assert len(preparation.processes) == 2
    finally:
        preparation.stop()


def test_the_part_under_way_is_waited_for_without_another_process(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparations, "PATIENCE_S", 1e9)
    preparation = Preparation()
    preparation.start()
    try:
        preparation.wait(part_names()[0], Control())
        assert len(preparation.processes) == 1
    finally:
        preparation.stop()


def test_the_process_is_this_program_whatever_lies_where_it_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mfgui.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    preparation = Preparation()
    preparation.start()
    try:
        preparation.wait(DEFAULT_SOLVER, Control())
        assert DEFAULT_SOLVER in preparation._ready
    finally:
        preparation.stop()


def test_what_was_stopped_is_not_started_again() -> None:
    preparation = Preparation()
    preparation.stop()
    preparation.start()
    assert not preparation.processes


def test_waiting_ends_where_the_job_is_stopped_and_where_the_process_dies() -> None:
    preparation = Preparation()
    preparation.start()
    control = Control()
    control.stop()
    with pytest.raises(CancelledError):
        preparation.wait("no such part", control)
    waiting = threading.Thread(target=preparation.wait, args=("no such part", Control()))
    waiting.start()
    preparation.stop()
    waiting.join(10)
    assert not waiting.is_alive()
