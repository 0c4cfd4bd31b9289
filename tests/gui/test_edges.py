"""Bad input and edges, over the whole window: every panel shown, nothing raised, nothing warned."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from mfgui.gui.view_state import NEW_USER

_SPEC = importlib.util.spec_from_file_location(
    "edge_window", Path(__file__).with_name("edge_window.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
edges = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(edges)


@pytest.fixture
def edge(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    made = edges.EdgeWindow(qtbot, monkeypatch)
    yield made
    made.window.close()
    made.window.deleteLater()


SMALL = {
    "one cell": ({(0, 0): 3.0}, 1, 1),
    "one user": ({(0, m): 1.0 + m for m in range(4)}, 1, 4),
    "one item": ({(n, 0): 1.0 + n for n in range(4)}, 4, 1),
    "equal ratings": ({(n, m): 3.0 for n in range(3) for m in range(3) if n != m}, 3, 3),
    "a user and an item without ratings": (
        {(0, 0): 1.0, (0, 1): 5.0, (1, 0): 2.0, (1, 1): 3.0}, 3, 3),
}


@pytest.mark.parametrize("what", list(SMALL))
@pytest.mark.parametrize("solver", ["als", "implicit-als"])
def test_every_panel_shows(edge: Any, what: str, solver: str) -> None:
    cells, n_users, n_items = SMALL[what]
    edge.open_ratings(edges.make_ratings(cells, n_users, n_items))
    edge.show_all()
    edge.train(solver, n_factors=3, validation=0.0)
    edge.pin((n_users - 1, n_items - 1))
    edge.show_all()
    edge.pin((0, 0))
    edge.rate_all()
    edge.pin((NEW_USER, n_items - 1))
    edge.show_all()
    edge.sort_by_every_key()
