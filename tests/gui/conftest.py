"""What the tests of the window share."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the window stores away from the person's own folders."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))


@pytest.fixture
def matrices_panel(qtbot: Any) -> Iterator[Any]:
    """Return a matrices panel with models of its own, shown; see ``matrices_driver.py``."""
    path = Path(__file__).with_name("matrices_driver.py")
    spec = importlib.util.spec_from_file_location("matrices_driver", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.DrivenPanel(qtbot)
    yield made
    made.shut_down()


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Any]:
    """Return a project to put runs into; see ``kept_project.py``."""
    path = Path(__file__).with_name("kept_project.py")
    spec = importlib.util.spec_from_file_location("kept_project", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.KeptProject(tmp_path)
    made.record = module.record
    yield made
    made.close()


@pytest.fixture
def program() -> Any:
    """Return how to run the program in a process of its own; see ``own_process.py``."""
    path = Path(__file__).with_name("own_process.py")
    spec = importlib.util.spec_from_file_location("own_process", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
