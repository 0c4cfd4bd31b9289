"""The package of jobs: each is loaded when it is first used, and always the function."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import mfgui.jobs
from mfgui import jobs

SOURCE = Path(str(mfgui.jobs.__file__))
DEAR = ("sqlite3", "duckdb", "numba", "mfgui.store.project", "mfgui.jobs.recording",
        "mfgui.jobs.search", "mfgui.training.search", "mfgui.inspection.comparison")


def said(code: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.split()


def test_what_the_type_checker_sees_is_what_there_is() -> None:
    (block,) = [node for node in ast.parse(SOURCE.read_text()).body if isinstance(node, ast.If)]
    seen = {alias.name: node.module for node in block.body if isinstance(node, ast.ImportFrom)
            for alias in node.names}
    there = {name: f"mfgui.jobs.{place.partition('.')[0]}"
             for name, place in jobs._PLACES.items()}
    assert seen == there


def test_every_job_is_a_function_of_its_name() -> None:
    assert len(jobs.JOBS) > 40
    for job in jobs.JOBS.values():
        assert getattr(jobs, job.__name__) is job
        assert job.__name__ in dir(jobs)


def test_nothing_is_loaded_before_it_is_used() -> None:
    loaded = said("import sys, mfgui.jobs; print(*[name for name in sys.modules "
                  "if name.startswith('mfgui.jobs.')])")
    assert loaded == []


def test_a_module_does_not_take_the_place_of_the_job_it_is_named_after() -> None:
    assert said("""
import mfgui.jobs.train, mfgui.jobs.compare, mfgui.jobs.report, mfgui.jobs.evaluate
from mfgui import jobs
from mfgui.jobs import train, recorder
print(*[type(each).__name__ for each in (
    jobs.train, jobs.compare, jobs.report, jobs.evaluate, train, recorder)])
""") == ["function"] * 5 + ["module"]


def test_another_function_may_stand_in_for_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    before = jobs.train
    monkeypatch.setattr(jobs, "train", print)
    assert jobs.train is print
    monkeypatch.undo()
    assert jobs.train is before
    assert not isinstance(before, ModuleType)


def test_a_name_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(AttributeError, match="no attribute 'trian'"):
        jobs.trian  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(KeyError):
        jobs.JOBS["trian"]


def test_the_window_is_painted_without_what_is_dear_to_load() -> None:
    pytest.importorskip("PySide6")
    loaded = said("import sys, mfgui.gui.app, mfgui.gui.main_window; print(*sys.modules)")
    assert [name for name in DEAR if name in loaded] == []
