"""The factor map: it follows the run, and what is selected in one place is selected in all."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings, TextArray
from mfgui.gui.panels.factor_map import FactorMapPanel
from mfgui.gui.run_model import Status
from mfgui.gui.theme import DARK, LIGHT
from mfgui.gui.view_state import NEW_USER, Places
from mfgui.inspection.new_user import new_user, with_rating

_SPEC = importlib.util.spec_from_file_location(
    "trained_run", Path(__file__).with_name("trained_run.py"))
runs = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(runs)


@pytest.fixture
def titled(planted: Ratings) -> Ratings:
    return replace(planted, item_titles=TextArray.from_strings(
        f"Film {m}" for m in range(planted.n_items)))


@pytest.fixture
def panel(qtbot: QtBot, titled: Ratings) -> Iterator[FactorMapPanel]:
    made = FactorMapPanel()
    qtbot.addWidget(made)
    made.run_model, made.state = runs.opened_run(titled, made)  # type: ignore[attr-defined]
    made.set_models(made.run_model, made.state)  # type: ignore[attr-defined]
    made.set_theme(LIGHT)
    made.resize(420, 700)
    made.show()
    yield made
    made.shut_down()


def shown(panel: FactorMapPanel, qtbot: QtBot, **settings: object) -> FactorMapPanel:
    """Train and wait for the picture of the newest factors, in its final place."""
    runs.train(panel.run_model, **settings)  # type: ignore[attr-defined]
    settle(panel, qtbot)
    return panel


def settle(panel: FactorMapPanel, qtbot: QtBot) -> None:
    """Wait until the picture of what is shown has found its place.

    A new key has the map laid out anew, and axes take their room when they are painted.
    """
    shapes: list[tuple[int, ...]] = []

    def is_settled() -> bool:
        panel.view.grab()
        picture = panel.view.picture
        is_newest = (picture is not None and picture.request.model is panel._model
                     and not panel._timer.isActive() and panel._lasso is None
                     and picture.rgba.shape[1::-1] == panel.view.pixels()
                     and picture.request.side == panel.tools.choice.side)
        shapes.append(panel.view.pixels() if is_newest else (len(shapes),))
        return len(set(shapes[-4:])) == 1 and len(shapes) >= 4

    qtbot.waitUntil(is_settled)


def place_of(panel: FactorMapPanel, index: int) -> QPoint:
    """Return where a point stands in the widget."""
    picture = panel.view.picture
    assert picture is not None
    points = picture.points.points
    box = panel.view.getPlotItem().vb
    return box.mapViewToScene(QPointF(points.x[index], points.y[index])).toPoint()  # type: ignore[no-any-return]


def lone(panel: FactorMapPanel) -> int:
    """Return the point that is farthest from all others on the screen."""
    picture = panel.view.picture
    assert picture is not None
    points = picture.points.points
    x0, x1, y0, y1 = picture.view
    at = np.column_stack([points.x / (x1 - x0), points.y / (y1 - y0)])
    gaps = np.hypot(*(at[:, None] - at).transpose(2, 0, 1)) + 9 * np.eye(len(at))
    return int(gaps.min(axis=1).argmax())


def test_before_training_there_is_a_sentence(panel: FactorMapPanel) -> None:
    assert panel._sentence.isVisible()
    assert not panel.view.isVisible()


def test_a_trained_model_is_drawn_and_other_ratings_take_it_away(
    panel: FactorMapPanel, qtbot: QtBot, tiny: Ratings
) -> None:
    shown(panel, qtbot)
    assert panel.view.picture.n_in_view == 40  # type: ignore[union-attr]
    assert "component 1" in panel.view.getPlotItem().getAxis("bottom").labelText
    model = panel.run_model  # type: ignore[attr-defined]
    model.set_ratings(tiny, model.report)
    assert panel._sentence.isVisible()


def test_the_map_follows_training_no_oftener_than_every_quarter_of_a_second(
    panel: FactorMapPanel, qtbot: QtBot
) -> None:
    shown(panel, qtbot)
    model = panel.run_model  # type: ignore[attr-defined]
    drawn: list[tuple[float, object]] = []
    panel._worker.done.connect(
        lambda answer: drawn.append((time.monotonic(), answer[0].request.model)))
    model.set_status(Status.TRAINING)
    end = time.monotonic() + 0.9
    while time.monotonic() < end:
        runs.step_on(model)
        qtbot.wait(20)
    models = [model for _, model in drawn]
    assert 2 <= len({id(model) for model in models}) <= 5
    model.set_status(Status.DONE)
    qtbot.waitUntil(lambda: panel.view.picture.request.model is model.shown)  # type: ignore[union-attr]


def test_a_hidden_map_is_not_painted_until_it_is_seen(
    panel: FactorMapPanel, qtbot: QtBot
) -> None:
    panel.hide()
    runs.train(panel.run_model)  # type: ignore[attr-defined]
    qtbot.wait(60)
    assert panel.view.picture is None
    panel.show()
    settle(panel, qtbot)


def test_users_and_factors_are_a_choice_away(panel: FactorMapPanel, qtbot: QtBot) -> None:
    shown(panel, qtbot)
    panel.tools.side.buttons["users"].click()
    panel.tools.kind.setCurrentIndex(1)
    panel.tools.kind.activated.emit(1)
    panel.tools.numbers[1].setValue(4)
    settle(panel, qtbot)
    qtbot.waitUntil(lambda: panel.view.picture.points.points.names == ("factor 1", "factor 4"))  # type: ignore[union-attr]
    assert panel.view.picture.n_in_view == 60  # type: ignore[union-attr]
    assert panel.tools.numbers[0].maximum() == 4


def test_every_colour_is_drawn_and_keyed(panel: FactorMapPanel, qtbot: QtBot) -> None:
    shown(panel, qtbot)
    words = set()
    for place in range(panel.tools.colouring.count()):
        panel.tools.colouring.setCurrentIndex(place)
        panel.tools.colouring.activated.emit(place)
        name = panel.tools.colouring.currentData()
        qtbot.waitUntil(lambda name=name: panel.view.picture.values.name == name)  # type: ignore[misc,union-attr]
        words.add(panel.body.key.accessibleDescription())
        assert panel.tools.n_clusters.isVisible() == (name == "cluster")
        panel.grab()
    assert len(words) == 5


def test_without_ratings_only_colours_that_need_none_can_be_chosen(
    panel: FactorMapPanel,
) -> None:
    panel.tools.offer(4, has_ratings=False)
    model = panel.tools.colouring.model()
    is_there = [bool(model.flags(model.index(k, 0)) & Qt.ItemFlag.ItemIsEnabled)
                for k in range(model.rowCount())]
    assert is_there == [False, False, False, True, True]


def test_one_factor_is_one_axis_and_a_sentence(panel: FactorMapPanel, qtbot: QtBot) -> None:
    shown(panel, qtbot, n_factors=1)
    assert "one factor" in panel.body.note.text()
    assert not panel.view.getPlotItem().getAxis("left").style["showValues"]
    assert not panel.tools.numbers[1].isEnabled()
    shown(panel, qtbot, n_factors=3)
    assert "rotation" in panel.body.note.text()
    assert panel.tools.numbers[1].value() == 2


# -- looking around ---------------------------------------------------------------------------


def test_a_zoomed_view_stays_and_fit_brings_all_back(panel: FactorMapPanel, qtbot: QtBot) -> None:
    shown(panel, qtbot)
    panel.view.setFocus()
    whole = panel.view.picture.view  # type: ignore[union-attr]
    for _ in range(3):
        qtbot.keyClick(panel.view, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: panel.view.picture.view[0] > whole[0])  # type: ignore[union-attr]
    near = panel.view.wanted_view
    assert near is not None
    runs.step_on(panel.run_model)  # type: ignore[attr-defined]
    settle(panel, qtbot)
    assert panel.view.wanted_view == near
    qtbot.mouseClick(panel.tools.fit, Qt.MouseButton.LeftButton)
    assert panel.view.wanted_view is None
    qtbot.waitUntil(lambda: panel.view.picture.n_in_view == 40)  # type: ignore[union-attr]


def test_the_picture_lies_where_its_points_are(panel: FactorMapPanel, qtbot: QtBot) -> None:
    shown(panel, qtbot)
    image = panel.view.grab().toImage()
    index = lone(panel)
    at = panel.view.mapFromScene(QPointF(place_of(panel, index)))
    assert image.pixelColor(at).name() != LIGHT.plot_ground


def test_hovering_reads_a_point_in_words(panel: FactorMapPanel, qtbot: QtBot) -> None:
    shown(panel, qtbot)
    assert panel.body.read_out.text() == "40 items in view"
    index = lone(panel)
    qtbot.mouseMove(panel.view.viewport(), place_of(panel, index))
    known = panel.run_model.known  # type: ignore[attr-defined]
    n_ratings = known.training.item_counts[index]
    assert panel.body.read_out.text() == f"“Film {index}”, item i{index}, {n_ratings} ratings"
    qtbot.mouseMove(panel.view.viewport(), QPoint(1, 1))
    assert "in view" in panel.body.read_out.text()


# -- selecting --------------------------------------------------------------------------------


def drag(
    panel: FactorMapPanel, qtbot: QtBot, corners: list[QPoint],
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    view, left = panel.view.viewport(), Qt.MouseButton.LeftButton
    qtbot.mousePress(view, left, keys, corners[0])
    for corner in corners[1:]:
        qtbot.mouseMove(view, corner)
    qtbot.mouseRelease(view, left, keys, corners[-1])


@pytest.mark.parametrize("mode", ["lasso", "box", "pan"])
def test_what_a_drag_encloses_is_selected(
    panel: FactorMapPanel, qtbot: QtBot, mode: str
) -> None:
    shown(panel, qtbot)
    state = panel.state  # type: ignore[attr-defined]
    state.set_selection(Places.of(users=[3]))
    panel.tools.mode.buttons[mode].click()
    box = panel.view.getPlotItem().vb.sceneBoundingRect()
    middle, right = box.center().toPoint(), int(box.right()) - 1
    corners = [QPoint(middle.x(), int(box.top()) + 1), QPoint(right, int(box.bottom()) - 1)]
    if mode != "box":
        corners = [corners[0], QPoint(right, corners[0].y()), corners[1],
                   QPoint(middle.x(), corners[1].y())]
    modifiers = Qt.KeyboardModifier
    keys = modifiers.ShiftModifier if mode == "pan" else modifiers.NoModifier
    with qtbot.waitSignal(state.selection_changed):
        drag(panel, qtbot, corners, keys)
    points = panel.view.picture.points.points  # type: ignore[union-attr]
    x = panel.view.getPlotItem().vb.mapSceneToView(QPointF(middle)).x()
    pixel = panel.view.getPlotItem().vb.viewPixelSize()[0]
    sure = np.abs(points.x - x) > pixel
    is_selected = np.isin(np.arange(40), state.selection.items)
    np.testing.assert_array_equal(is_selected[sure], (points.x > x)[sure])
    assert state.selection.users.tolist() == [3]  # what is selected of the other side stays
    qtbot.waitUntil(lambda: f"{is_selected.sum()} selected" in panel.body.read_out.text())


def test_a_lasso_round_nothing_clears_the_selection(
    panel: FactorMapPanel, qtbot: QtBot
) -> None:
    shown(panel, qtbot)
    state = panel.state  # type: ignore[attr-defined]
    state.set_selection(Places.of(users=[3], items=[4]))
    corner = panel.view.picture.view  # type: ignore[union-attr]
    x, y = corner[0], corner[2]
    panel.view.enclosed.emit(np.array([[x, y], [x + 1e-6, y], [x, y + 1e-6]]))
    qtbot.waitUntil(lambda: state.selection.is_empty)


def test_keys_select_what_is_in_view_and_let_it_go(panel: FactorMapPanel, qtbot: QtBot) -> None:
    shown(panel, qtbot)
    state = panel.state  # type: ignore[attr-defined]
    for n_zooms in (0, 4):
        for _ in range(n_zooms):
            qtbot.keyClick(panel.view, Qt.Key.Key_Plus)
        settle(panel, qtbot)
        picture = panel.view.picture
        assert picture is not None
        qtbot.keyClick(panel.view, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda n=picture.n_in_view: (  # type: ignore[misc]
            state.selection.items.size == n > 0))
        assert (picture.n_in_view == 40) == (n_zooms == 0)
        qtbot.keyClick(panel.view, Qt.Key.Key_Escape)
        assert state.selection.is_empty


def test_a_click_beside_all_points_clears_the_selection_in_lasso_mode(
    panel: FactorMapPanel, qtbot: QtBot
) -> None:
    shown(panel, qtbot)
    state = panel.state  # type: ignore[attr-defined]
    state.set_selection(Places.of(items=[4]))
    panel.tools.mode.buttons["lasso"].click()
    corner = panel.view.getPlotItem().vb.sceneBoundingRect().topLeft().toPoint() + QPoint(2, 2)
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=corner)
    assert state.selection.is_empty


def test_what_is_selected_and_found_elsewhere_is_marked_here(
    panel: FactorMapPanel, qtbot: QtBot
) -> None:
    shown(panel, qtbot)
    before = panel.view.picture.rgba  # type: ignore[union-attr]
    panel.state.set_selection(Places.of(users=[1, 2], items=[4, 5]))  # type: ignore[attr-defined]
    panel.state.set_hits(Places.of(items=[7]))  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: panel.body.read_out.text() == "40 items in view, 2 selected, 1 found")
    assert not np.array_equal(panel.view.picture.rgba, before)  # type: ignore[union-attr]
    texts = {label.text for label in panel.view.titles.labels}
    assert texts <= {"Film 4", "Film 5"}
    panel.tools.side.buttons["users"].click()
    qtbot.waitUntil(lambda: panel.body.read_out.text() == "60 users in view, 2 selected")


def test_a_click_pins_with_the_other_side_or_marks_alone(
    panel: FactorMapPanel, qtbot: QtBot
) -> None:
    shown(panel, qtbot)
    state = panel.state  # type: ignore[attr-defined]
    index = lone(panel)
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(panel, index))
    assert state.selection.items.tolist() == [index]
    state.set_pinned((12, 0))
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(panel, index))
    assert state.pinned == (12, index)
    points = panel.view.picture.points.points  # type: ignore[union-attr]
    np.testing.assert_allclose(
        panel.view.marks.pinned.getData(), [[points.x[index]], [points.y[index]]])
    state.set_pinned(None)
    assert panel.view.marks.pinned.getData()[0].size == 0


def test_what_is_pinned_out_of_view_is_brought_into_it(
    panel: FactorMapPanel, qtbot: QtBot
) -> None:
    shown(panel, qtbot)
    points = panel.view.picture.points.points  # type: ignore[union-attr]
    far, near = int(points.x.argmax()), int(points.x.argmin())
    x, y = float(points.x[near]), float(points.y[near])
    panel.view.getPlotItem().vb.setRange(xRange=(x - 0.1, x + 0.1), yRange=(y - 0.1, y + 0.1))
    qtbot.waitUntil(lambda: panel.view.picture.view[1] < points.x[far])  # type: ignore[union-attr]
    panel.state.show_cell(0, far)  # type: ignore[attr-defined]
    x0, x1, y0, y1 = panel.view.wanted_view  # type: ignore[misc]
    assert x0 < points.x[far] < x1
    assert y0 < points.y[far] < y1
    assert x1 - x0 == pytest.approx(0.2, rel=0.01)


# -- the new user -----------------------------------------------------------------------------


def test_the_new_users_point_follows_each_rating_without_a_new_picture(
    panel: FactorMapPanel, qtbot: QtBot
) -> None:
    shown(panel, qtbot)
    panel.tools.side.buttons["users"].click()
    settle(panel, qtbot)
    model = panel.run_model  # type: ignore[attr-defined]
    picture, guest = panel.view.picture, panel.view.marks.guest
    assert picture is not None
    user = new_user(model.shown, np.array([3]), np.array([1.0]))
    model.set_new_user(user)
    first = np.ravel(guest.getData())
    np.testing.assert_allclose(
        first, picture.points.points.place_of(user.folded.factors), rtol=1e-6)
    seconds = []
    for item in range(4, 24):
        user = with_rating(model.shown, user, item, 2.0)
        begin = time.perf_counter()
        model.set_new_user(user)
        seconds.append(time.perf_counter() - begin)
    assert not np.allclose(np.ravel(guest.getData()), first)
    assert panel.view.picture is picture
    assert np.median(seconds) < 0.016
    model.set_new_user(None)
    assert guest.getData()[0].size == 0


def test_a_pinned_new_user_is_no_trouble(panel: FactorMapPanel, qtbot: QtBot) -> None:
    shown(panel, qtbot)
    model, state = panel.run_model, panel.state  # type: ignore[attr-defined]
    model.set_new_user(new_user(model.shown, np.array([3]), np.array([1.0])))
    state.set_pinned((NEW_USER, 2))
    index = lone(panel)
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(panel, index))
    assert state.pinned == (NEW_USER, index)
    panel.tools.side.buttons["users"].click()
    settle(panel, qtbot)
    assert panel.view.marks.pinned.getData()[0].size == 0


# -- shape ------------------------------------------------------------------------------------


def test_nothing_is_cut_off_in_a_narrow_or_a_low_dock(
    panel: FactorMapPanel, qtbot: QtBot
) -> None:
    shown(panel, qtbot)
    for theme, (width, height) in ((LIGHT, (340, 620)), (DARK, (1000, 270))):
        panel.set_theme(theme)
        panel.resize(width, height)
        qtbot.waitUntil(lambda width=width: panel.width() == width)
        settle(panel, qtbot)
        tools = panel.tools
        for widget in (*tools.findChildren(QPushButton), *tools.findChildren(QComboBox),
                       *tools.findChildren(QSpinBox)):
            if widget.isVisible():
                corner = widget.mapTo(tools, widget.rect().bottomRight())
                assert corner.x() <= tools.width()
                assert corner.y() <= tools.height()
        assert panel.view.height() > 150
        assert not panel._scroll.verticalScrollBar().isVisible()


def test_every_control_is_named_and_explained(panel: FactorMapPanel) -> None:
    tools = panel.tools
    for widget in (*tools.side.buttons.values(), *tools.mode.buttons.values(), tools.kind,
                   *tools.numbers, tools.colouring, tools.n_clusters, tools.titles, tools.fit):
        assert widget.accessibleName()
        assert widget.toolTip()
        assert widget.whatsThis()
    assert panel.view.accessibleName()
