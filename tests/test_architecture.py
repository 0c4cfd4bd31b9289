"""The house: imports point one way, Qt lives in gui alone, start-up loads nothing heavy."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mfgui

PACKAGE = Path(str(mfgui.__file__)).parent
MODULES = sorted(path.relative_to(PACKAGE.parent) for path in PACKAGE.rglob("*.py"))

# What each room may use beside itself, of our own rooms.
ROOMS = {
    "errors": set(),
    "core": {"errors"},
    "data": {"errors", "core"},
    "training": {"errors", "core"},
    "inspection": {"errors", "core"},
    "store": {"errors", "core", "data", "training", "inspection"},
    "jobs": {"errors", "core", "data", "training", "inspection", "store"},
    "gui": {"errors", "core", "data", "training", "inspection", "store", "jobs"},
    "cli": {"errors", "core", "data", "training", "inspection", "store", "jobs", "gui"},
}
# Where each library may be imported.
LIBRARIES = {
    "PySide6": ("mfgui/gui/",),
    "pyqtgraph": ("mfgui/gui/",),
    "numba": ("mfgui/core/kernels/",),
    "threadpoolctl": ("mfgui/core/parallel.py",),
    "duckdb": ("mfgui/data/", "mfgui/store/"),
    "optuna": ("mfgui/training/search",),
}


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of everything a module imports, inside functions too."""
    for node in ast.walk(ast.parse((PACKAGE.parent / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield str(node.module)
            if node.module == "mfgui":
                yield from (f"mfgui.{alias.name}" for alias in node.names)


def room_of(path: Path) -> str:
    return path.parts[1].removesuffix(".py")


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_uses_only_the_rooms_to_its_left(path: Path) -> None:
    room = room_of(path)
    if room in ("__init__", "__main__"):
        return
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "mfgui" and len(parts) > 1 and parts[1] not in ("__version__", room):
            assert parts[1] in ROOMS[room], f"{path} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_library_is_imported_only_where_it_belongs(path: Path) -> None:
    for name in imported(path):
        places = LIBRARIES.get(name.split(".")[0])
        assert places is None or path.as_posix().startswith(places), f"{path} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_no_kernel_is_parallel_and_nothing_but_the_command_line_prints(path: Path) -> None:
    for node in ast.walk(ast.parse((PACKAGE.parent / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr != "prange"
        if isinstance(node, ast.keyword) and node.arg == "parallel":
            pytest.fail(f"{path} asks for parallel kernels")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "print" or room_of(path) == "cli", f"{path} prints"


def modules_loaded(code: str) -> set[str]:
    """Return the modules that a fresh interpreter has loaded after running the code."""
    code += "\nimport sys; print(' '.join({name.split('.')[0] for name in sys.modules}))"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120,
                          check=True, env=environment)
    return set(done.stdout.split())


def test_everything_but_the_window_loads_no_qt() -> None:
    names = [".".join(path.with_suffix("").parts) for path in MODULES
             if room_of(path) not in ("gui", "__main__")]
    loaded = modules_loaded("\n".join(f"import {name}" for name in names))
    assert not loaded & {"PySide6", "pyqtgraph", "shiboken6"}


def test_the_window_starts_without_numba_and_duckdb() -> None:
    loaded = modules_loaded("import mfgui.gui.app, mfgui.gui.main_window")
    assert "PySide6" in loaded
    assert not loaded & {"numba", "duckdb", "scipy", "pandas"}


def test_qt_calls_lose_no_reference_to_none_and_true() -> None:
    """PySide6 6.12.0 on Python 3.11 loses one at each call, and aborts after a while."""
    code = """
import sys
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget
app = QApplication([])
class Teller(QObject):
    told = Signal(object)
teller, widget = Teller(), QWidget()
teller.told.connect(lambda value: None)
before = sys.getrefcount(None), sys.getrefcount(True)
for _ in range(1000):
    widget.setEnabled(True); widget.isEnabled(); widget.update()
for _ in range(100):
    teller.told.emit(None)
after = sys.getrefcount(None), sys.getrefcount(True)
# What is immortal (Python 3.12) does not move at all.
assert after[0] > before[0] - 50 and after[1] > before[1] - 50, (before, after)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60,
                   env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
