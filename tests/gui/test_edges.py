"""Bad input and edges over the whole window: every panel shown, nothing raised, nothing warned."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import TextArray
from mfgui.core.solvers import SOLVERS
from mfgui.gui.run_model import Status
from mfgui.gui.theme import DARK, LIGHT
from mfgui.gui.view_state import NEW_USER, Places, Range
from mfgui.inspection.colours import LevelChoice
from mfgui.store.model_file import save_model

_SPEC = importlib.util.spec_from_file_location(
    "edge_window", Path(__file__).with_name("edge_window.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
edges = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(edges)

Key, Modifier = Qt.Key, Qt.KeyboardModifier
# The docks that follow the pinned cell and the model.
OF_MODEL = ("inspector", "equations", "recommendations", "factor_map", "errors")
FOREVER = 1_000_000  # epochs
UNKNOWN = "The ratings it was trained on are not known here"
NOTHING_OBSERVED = "The ratings are not known here, so nothing is observed."
TITLES = ("x" * 10_000, "שלום עולם " * 40, "👩\u200d👩\u200d👧 film 🎬", "",
          "line\nbreak\ttab\x00\x07\x1b[31mred\u2028sep\u202eover", "<b>bold</b> & <img src='x'>")
NAMES = ("مرحبا", "", "n" * 10_000, "<script>alert(1)</script>", "\x1b]0;title\x07")


@pytest.fixture
def edge(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    made = edges.EdgeWindow(qtbot, monkeypatch)
    yield made
    made.window.close()
    made.window.deleteLater()


# -- small and empty --------------------------------------------------------------------------


@pytest.mark.parametrize(("solver", "cells", "n_users", "n_items"), [
    pytest.param("als", {(0, 0): 3.0}, 1, 1, id="one cell"),
    pytest.param("svd++", {(0, m): 1.0 + m for m in range(4)}, 1, 4, id="one user"),
    pytest.param("nmf", {(n, 0): 1.0 + n for n in range(4)}, 4, 1, id="one item"),
    pytest.param("sgd", {(n, m): 3.0 for n in range(3) for m in range(3) if n != m}, 3, 3,
                 id="equal ratings"),
    pytest.param("implicit-als", {(0, 0): 1.0, (0, 1): 5.0, (1, 0): 2.0, (1, 1): 3.0}, 3, 3,
                 id="a user and an item without ratings"),
])
def test_a_small_matrix_shows_in_every_panel(
    edge: Any, solver: str, cells: Any, n_users: int, n_items: int
) -> None:
    edge.open_ratings(edges.ratings_of(cells, n_users, n_items))
    edge.pin((n_users - 1, n_items - 1))
    edge.show_all()
    edge.train(solver, n_factors=3)
    edge.show_all(*OF_MODEL)
    edge.rate_all()
    edge.pin((NEW_USER, n_items - 1))
    edge.sort_by_every_key()
    edge.show_all()
    if (n_users, n_items) == (1, 1):
        edge.pin((0, 0))
        assert "1 user × 1 item\n1 rating (100 % rated), scale 3 to 3" in edge.words("setup")
        assert "1 item in view" in edge.words("factor_map")
        assert "Unclipped" not in edge.words("inspector")  # it differs by less than is printed


@pytest.mark.parametrize("solver", list(SOLVERS))
def test_every_method_shows_more_factors_than_rows_and_one(
    edge: Any, tmp_path: Path, solver: str
) -> None:
    other = tmp_path / "other.npz"
    save_model(other, edges.trained(edges.small_ratings(3, 4), "sgd"))
    edge.open_ratings(edges.small_ratings())
    edge.train(solver, n_factors=9, n_members=2)
    edge.pin((0, 0))  # which is not rated
    edge.rate_all()
    edge.sort_by_every_key()
    edge.state.set_display(levels=LevelChoice("hand", 3.0, 3.0, 0.0))
    edge.show_all()
    edge.pin((1, 0))
    edge.compare_with(other)
    assert "3 users and 4 items matched by id" in edge.panel("comparison").notes.text()
    edge.show_all(*OF_MODEL)
    edge.pin((NEW_USER, 5))
    edge.show("inspector")
    edge.window.actions_.models.end()
    edge.pin((1, 0))
    edge.show("equations")
    for kind in ("rating", "row", "epoch", "back", "back", "epoch", "leave"):
        edge.step(kind)
    edge.train(solver, n_factors=1, n_members=2)
    is_line = "The model has one factor" in edge.words("factor_map")
    assert is_line == (edge.run.shown.n_factors == 1)  # an average has one of each member


# -- model files ------------------------------------------------------------------------------


def test_a_model_without_ratings_says_in_each_panel_what_is_missing(
    edge: Any, tmp_path: Path
) -> None:
    path = tmp_path / "model.npz"
    save_model(path, replace(edges.trained(edges.small_ratings()), known=None))
    edge.open_path(path)
    edge.show_all()
    edge.pin((1, 1))
    assert UNKNOWN in edge.words("inspector")
    assert "What was rated is not known here" in edge.words("recommendations")
    edge.panel("new_user").what_if.click()
    edge.settle()
    assert "What this user rated is not known here" in edge.words("new_user")
    assert "not known here" in edge.words("errors")
    edge.rate_all()
    edge.pin((NEW_USER, 1))
    assert "Mean\n3.00" in edge.words("inspector")
    edge.show_all()


def test_models_of_every_method_without_ratings_are_shown(edge: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    for solver in SOLVERS:
        saved = edges.trained(edges.small_ratings(), solver, n_members=2)
        save_model(path, replace(saved, known=None))
        edge.open_path(path)
        assert NOTHING_OBSERVED in edges.words_of(edge.window.matrices_panel)
        edge.pin((1, 1))
        edge.show_all(*OF_MODEL)
        assert "Rated\nnot known" in edge.words("inspector")
        assert "rating not known, predicted" in edge.value_text
        assert np.isnan(edge.picture("residual")).all()
        edge.rate_all()
        edge.pin((NEW_USER, 1))
        edge.show_all("inspector", "recommendations", "new_user", "factor_map")


def test_a_model_of_other_ids_takes_the_place_of_the_ratings_and_says_so(
    edge: Any, tmp_path: Path
) -> None:
    path = tmp_path / "model.npz"
    save_model(path, edges.trained(edges.small_ratings(prefix="x")))
    edge.open_ratings(edges.small_ratings())
    edge.pin((1, 1))
    edge.open_path(path)
    assert edge.told.startswith("model.npz has no user or no item in common with ")
    edge.pin((1, 1))
    edge.show_all()
    assert "User xu1" in edge.words("inspector")


def test_a_model_of_some_of_the_ids_says_what_it_does_not_know(
    edge: Any, tmp_path: Path
) -> None:
    path, saved = tmp_path / "model.npz", edges.trained(edges.small_ratings(2, 3))
    for known in (saved.known, None):
        save_model(path, replace(saved, known=known))
        edge.open_ratings(edges.small_ratings())
        edge.open_path(path)
        assert "It knows 2 of 5 users and 3 of 6 items" in edge.told
        assert edge.run.notices[-1].text == edge.told
        edge.pin((4, 4))
        edge.rate_all()
        edge.show_all()
        # Without ratings in the file nobody knows that it was not trained on these.
        assert ("1, not trained on" in edge.words("inspector")) == (known is not None)
        assert edge.panel("recommendations").top.table.lines
        assert all(line.place.item != 4 for line in edge.panel("recommendations").top.table.lines)
        edge.pin((0, 1))
        edge.panel("new_user").what_if.click()
        edge.settle()
        assert edge.panel("new_user").flow.draft.based_on == 0


def with_card(path: Path, **changes: Any) -> None:
    """Write a model file again with other entries in its card."""
    with np.load(path, allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    card = json.loads(arrays["card"].tobytes()) | changes
    arrays["card"] = np.frombuffer(json.dumps(card).encode(), np.uint8)
    np.savez(path, **arrays)


def test_a_newer_model_is_refused_and_an_older_one_opens(edge: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    save_model(path, edges.trained(edges.small_ratings()))
    with_card(path, format_version=9)
    edge.open_path(path)
    assert "cannot read format 9, so update to open it" in edge.told
    save_model(path, replace(edges.trained(edges.small_ratings(), "svd++"), known=None))
    with_card(path, format_version=1, rules=[])
    edge.open_path(path)
    edge.pin((1, 1))
    edge.rate_all()
    edge.show_all()
    assert UNKNOWN in edge.words("inspector")


# -- titles and ids ---------------------------------------------------------------------------


def test_odd_titles_and_names_are_shown_and_found(edge: Any) -> None:
    edge.open_ratings(replace(
        edges.small_ratings(), item_titles=TextArray.from_strings(TITLES),
        user_names=TextArray.from_strings(NAMES)))
    edge.train("als")
    edge.rate_all()
    edge.show_all()
    for item in (0, 4, 1):
        edge.pin((item % 5, item))
        edge.show_all()
    edge.sort_by_every_key()
    finder = edge.window.matrices_panel.finder
    field = edge.window.matrices_panel.tools.find_field
    for text, hits in (("שלום", [1]), ("🎬", [2]), ("<b>", [5]), ("x" * 500, [0]),
                       ("line break", [4]), ("\x1b", []), ("", [])):
        finder.begin()
        field.setText(text)
        edge.settle()
        assert edge.state.hits.items.tolist() == hits
        edge.qtbot.keyClick(field, Key.Key_Return)
        edge.settle()
    edge.open_ratings(replace(
        edges.small_ratings(), item_ids=TextArray.from_strings(TITLES),
        user_ids=TextArray.from_strings(NAMES)))
    edge.train("als")
    edge.rate_all()
    for item in (0, 3):
        edge.pin((item % 5, item))
        edge.show_all()


# -- keys, zooms, selections ------------------------------------------------------------------


BORDER_KEYS = (Key.Key_Home, Key.Key_Left, Key.Key_Up, Key.Key_Up, Key.Key_PageUp, Key.Key_End,
               Key.Key_Right, Key.Key_Down, Key.Key_PageDown)


def test_keys_stop_at_the_borders(edge: Any) -> None:
    for ratings in (edges.ratings_of({(0, 0): 3.0}, 1, 1), edges.small_ratings()):
        edge.open_ratings(ratings)
        edge.train("als")
        edge.rate_all()
        view, n_columns = edge.window.matrices_panel.views["observed"], ratings.n_items
        view.setFocus()
        for modifier in (Modifier.NoModifier, Modifier.ControlModifier):
            for key in BORDER_KEYS:
                edge.qtbot.keyClick(view, key, modifier)
        edge.settle()
        assert edge.state.pinned == (ratings.n_users - 1, n_columns - 1)
        for key, n_seen in ((Key.Key_Plus, 1), (Key.Key_Minus, n_columns)):
            for _ in range(20):
                edge.qtbot.keyClick(view, key)
            edge.settle()
            assert edge.state.visible.x1 - edge.state.visible.x0 == pytest.approx(n_seen)
        for _ in range(2):
            edge.qtbot.keyClick(view, Key.Key_Escape)
        edge.settle()
        assert edge.state.pinned is None


def test_a_zoom_to_nothing_and_beyond_stays_in_the_matrix(edge: Any) -> None:
    edge.open_ratings(edges.small_ratings())
    edge.train("als")
    for wanted in (Range(0, 0, 0, 0), Range(5, 1, 5, 1), Range(-1e9, 1e9, -1e9, 1e9),
                   Range(1e9, 1e9 + 1, 1e9, 1e9 + 1), Range(0.5, 0.5 + 1e-9, 0.5, 0.5 + 1e-9)):
        edge.state.zoom_to(wanted)
        edge.settle()
        seen = edge.state.visible
        assert 0 <= seen.x0 <= seen.x1 - 1 <= 5
        assert 0 <= seen.y0 <= seen.y1 - 1 <= 4
    for _ in range(10):
        edge.state.go_back()
    for _ in range(10):
        edge.state.go_forward()
    for places in (Places(), Places.of(users=[0]), Places.of(items=[0]), Places()):
        edge.state.show_places(places)
        edge.show("factor_map")
    edge.settle()


def test_help_and_escape_answer_in_every_panel(edge: Any) -> None:
    edge.open_ratings(edges.small_ratings())
    edge.train("als")
    edge.pin((0, 1))
    for name, panel in edge.window.panels.items():
        if name in edge.window.docks:
            edge.show(name)
        panel.take_focus()
        control = QApplication.focusWidget()
        assert control is not None
        edge.qtbot.keyClick(control, Key.Key_F1)
        edge.settle()
        assert edge.panel("help").isVisible()
        assert edge.panel("help").text
        for _ in range(2):
            edge.qtbot.keyClick(control, Key.Key_Escape)


def test_the_theme_changes_with_every_dock_in_front(edge: Any) -> None:
    edge.open_ratings(edges.small_ratings())
    edge.train("als")
    edge.rate_all()
    edge.pin((0, 1))
    for name in edge.window.docks:
        edge.show(name)
        for theme in (DARK, LIGHT):
            edge.panel(name).set_theme(theme)
            edge.settle()
    for choice in ("dark", "light"):  # of all at once, which costs half a second
        edge.window.set_theme(choice)
        edge.settle()


# -- all at once ------------------------------------------------------------------------------


def test_other_ratings_come_while_panels_are_busy(edge: Any) -> None:
    edge.open_ratings(edges.random_ratings(300, 200))
    edge.train("als", validation=0.1)
    edge.rate_all()
    for turn, ratings in enumerate((edges.small_ratings(), edges.random_ratings(400, 100),
                                    edges.ratings_of({(0, 0): 1.0}, 1, 1))):
        for name in edge.window.docks:
            edge.window.layout_.show(name)
            edge.state.set_pinned((0, 0) if turn % 2 else (NEW_USER, 0))
        edge.show_ratings(ratings)
        if turn:
            QApplication.processEvents()
    edge.settle()
    assert edge.run.new_user is None
    edge.show_all()


def test_a_run_begins_while_stepping_and_comparing(edge: Any, tmp_path: Path) -> None:
    other = tmp_path / "other.npz"
    save_model(other, edges.trained(edges.small_ratings(), "sgd"))
    edge.open_ratings(edges.small_ratings())
    edge.train("als")
    edge.pin((0, 1))
    edge.rate_all()
    edge.compare_with(other)
    edge.show("equations")
    for kind in ("row", "epoch", "back"):
        edge.step(kind)
    assert edge.run.trial is not None
    assert "Step by step: a copy, 1 step." in edge.words("inspector")
    edge.show("equations")
    edge.panel("equations").bar.buttons["epoch"].click()
    edge.start("adagrad", n_epochs=FOREVER)
    assert edge.run.trial is None
    assert edge.run.other is None
    edge.qtbot.waitUntil(lambda: edge.run.new_user is not None, timeout=30_000)
    edge.state.set_pinned((NEW_USER, 2))
    for name in edge.window.docks:  # snapshots arrive under each
        before = edge.run.snapshot
        edge.window.layout_.show(name)
        edge.window.training.request_snapshot()
        edge.qtbot.waitUntil(lambda: edge.run.snapshot is not before, timeout=30_000)  # noqa: B023
    edge.panel("equations").bar.buttons["epoch"].click()
    edge.window.stop()
    edge.until(Status.DONE)
    assert edge.run.trial is None
    assert edge.state.pinned == (NEW_USER, 2)
    edge.show_all()


def test_ratings_read_again_say_what_is_gone(edge: Any, tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating\n" + "".join(
        f"u{n},i{m},{n * m % 5 + 1}\n" for n in range(9) for m in range(8) if (n + m) % 3))
    edge.open_path(path)
    edge.train("als")
    edge.rate_all()
    edge.pin((1, 1))
    edge.show("equations")
    edge.step("epoch")
    edge.window.reading.read_again()
    edge.settle()
    assert "The run and the new user that belonged to the ratings as they were" in edge.told
    assert (edge.run.trial, edge.run.new_user, edge.state.pinned) == (None, None, None)
    edge.show_all()


def test_it_closes_while_every_worker_is_busy(edge: Any, tmp_path: Path) -> None:
    other, ratings = tmp_path / "other.npz", edges.random_ratings(2000, 1500, 0.1)
    edge.open_ratings(ratings)
    edge.train("als", n_epochs=1)
    save_model(other, edges.trained(ratings, "sgd"))
    edge.pin((3, 3))
    edge.show("equations")
    edge.panel("new_user").flow.rate(1, 5.0)
    edge.panel("equations").bar.buttons["epoch"].click()
    for name in edge.window.docks:
        edge.window.layout_.show(name)
        edge.state.set_pinned((4, 5))
    edge.window.matrices_panel.tools.find_field.setText("Title 3")
    edge.start("adagrad", n_epochs=FOREVER)
    edge.window.actions_.models.compare_with([str(other)])
    edge.qtbot.waitUntil(lambda: len(edge.run.history) > 1, timeout=30_000)
    edge.window.close()  # no thread may be left, which every test is looked at for


def test_predictions_beyond_all_bounds_are_shown(edge: Any, tmp_path: Path) -> None:
    path, saved = tmp_path / "model.npz", edges.trained(edges.small_ratings())
    sign = np.where(np.arange(6) % 2, 1, -1)[:, None]
    huge = replace(saved.model, user_factors=np.full((5, 2), 3e38, np.float32),
                   item_factors=(3e38 * sign * np.ones((6, 2))).astype(np.float32))
    save_model(path, replace(saved, model=huge, before_refit=None))
    edge.open_path(path)
    edge.pin((0, 1))
    edge.rate_all()
    edge.show_all()
    edge.sort_by_every_key()
