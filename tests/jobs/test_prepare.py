"""Kernels compiled ahead, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from mfgui.core.control import Control
from mfgui.core.settings import describe
from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS
from mfgui.errors import CancelledError
from mfgui.jobs.prepare import Preparation, choices_of, prepared_parts


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


def test_a_part_is_waited_for_until_the_process_tells_it() -> None:
    preparation = Preparation()
    assert preparation.is_ready("reading")  # nobody is at it: it is compiled where it is needed
    preparation.start()
    try:
        control = Control()
        preparation.wait(DEFAULT_SOLVER, control)
        assert preparation.is_ready("reading")
        assert preparation.is_ready(DEFAULT_SOLVER)
    finally:
        preparation.stop()
    assert preparation.is_ready("no such part")


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
