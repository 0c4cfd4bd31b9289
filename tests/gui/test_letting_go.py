"""Other ratings take the place of those before: nothing keeps these, and nothing shows them."""

from __future__ import annotations

import gc
import importlib.util
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from mfgui.inspection.colours import LevelChoice
from mfgui.jobs.files import OpenedModel
from mfgui.store.model_file import save_model

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


def seen_everywhere(edge: Any) -> None:
    """Train, pin, search, rate and step, and look at every panel."""
    edge.open_ratings(edges.small_ratings())
    edge.train("als")
    edge.pin((1, 1))
    edge.rate_all()
    edge.show_all()
    edge.pin((1, 2))
    field = edge.window.matrices_panel.tools.find_field
    field.setText("u1")
    edge.settle()
    edge.show("equations")
    edge.step("epoch")
    edge.panel("recommendations").tabs.setCurrentIndex(1)
    edge.show_all()


def test_other_ratings_are_all_that_is_kept(edge: Any) -> None:
    seen_everywhere(edge)
    run = edge.run
    refs = {name: weakref.ref(each) for name, each in (
        ("ratings", run.ratings), ("known", run.known), ("model", run.snapshot.model),
        ("copy", run.shown))}
    edge.show("curve")
    edge.window.actions_.models.unsaved._forget()  # a model not saved yet is kept on purpose
    edge.open_ratings(edges.small_ratings(4, 3, prefix="x"))
    edge.settle()
    gc.collect()
    assert [name for name, ref in refs.items() if ref() is not None] == []


def test_what_is_known_of_other_ratings_is_not_shown_meanwhile(edge: Any, qtbot: QtBot) -> None:
    edge.open_ratings(edges.small_ratings())
    edge.train("als")
    edge.show("errors")
    panel = edge.panel("errors")
    assert panel.view.isVisible()
    ratings = edges.small_ratings(4, 3, prefix="x")
    other = edges.trained(ratings)
    assert other.known is not None
    edge.window.show_model(OpenedModel(other, other.model, ratings, other.known))
    assert not panel.view.isVisible()  # its lines would lead to rows that are no more
    assert not panel.view.lists.cells.lines
    edge.settle()
    assert panel.view.isVisible()


def test_the_map_follows_the_points_of_other_ratings(edge: Any) -> None:
    edge.open_ratings(edges.small_ratings())
    edge.train("als")
    edge.show("factor_map")
    view = edge.panel("factor_map").view
    view.getPlotItem().vb.scaleBy((0.01, 0.01))
    assert view.wanted_view is not None
    edge.open_ratings(edges.small_ratings(4, 3, prefix="x"))
    assert view.picture is None
    edge.train("als")
    assert view.wanted_view is None


def test_levels_set_by_hand_go_with_their_numbers(edge: Any) -> None:
    edge.open_ratings(edges.small_ratings())
    edge.state.set_display(levels=LevelChoice("hand", 1.0, 2.0, 1.0), colour_map="cividis")
    edge.open_ratings(edges.small_ratings(4, 3, prefix="x"))
    assert edge.state.display.levels == LevelChoice()
    assert edge.state.display.colour_map == "cividis"


def test_a_comparison_that_comes_after_another_run_began_is_not_shown(
    edge: Any, tmp_path: Path
) -> None:
    path = tmp_path / "other.npz"
    save_model(path, edges.trained(edges.small_ratings()))
    edge.open_ratings(edges.small_ratings())
    edge.train("als")
    edge.window.actions_.models.compare_with([str(path)])
    edge.train("als")  # before the comparison could be told
    assert edge.run.other is None
    assert "compare again" in edge.told
    edge.compare_with(path)
    assert edge.run.other is not None
