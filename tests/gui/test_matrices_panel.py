"""The three matrices: linked, painted off the GUI thread, read by hovering."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings
from mfgui.core.solvers import SOLVERS
from mfgui.data.small_matrix import parse_matrix
from mfgui.gui.panels.matrices import MatricesPanel
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.theme import DARK, LIGHT
from mfgui.gui.view_state import Range, ViewState
from mfgui.inspection.painter import VIEWS
from mfgui.training.events import Snapshot
from mfgui.training.session import TrainingSession

SEED_MATRIX = "5 3 ? 1 ?\n4 ? ? 1 1\n1 1 ? 5 ?\n? 1 5 4 4"


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[MatricesPanel]:
    made = MatricesPanel()
    qtbot.addWidget(made)
    made.run_model, made.state = RunModel(made), ViewState(made)  # type: ignore[attr-defined]
    made.set_models(made.run_model, made.state)  # type: ignore[attr-defined]
    made.set_theme(LIGHT)
    made.resize(1100, 460)
    made.show()
    yield made
    made.shut_down()


def opened(panel: MatricesPanel, qtbot: QtBot, ratings: Ratings | None = None) -> ViewState:
    """Open ratings and wait for their first picture."""
    found = parse_matrix(SEED_MATRIX)
    panel.run_model.set_ratings(ratings or found[0], found[1])  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: panel._pictures is not None)
    return panel.state  # type: ignore[attr-defined,no-any-return]


def trained(panel: MatricesPanel, qtbot: QtBot) -> None:
    """Give the panel a trained model's snapshot and wait for its pictures."""
    model = panel.run_model  # type: ignore[attr-defined]
    settings = SOLVERS["sgd"].settings_type(n_factors=2, n_epochs=5)
    session = TrainingSession("sgd", settings, model.ratings)
    list(session.epochs())
    assert session.result is not None
    model.snapshot = Snapshot(5, session.result.model)
    model.snapshot_changed.emit()
    qtbot.waitUntil(lambda: panel._pictures is not None and len(panel._pictures.views) == 3)


def test_only_the_observed_is_shown_before_training(panel: MatricesPanel, qtbot: QtBot) -> None:
    opened(panel, qtbot)
    assert panel.views["observed"].image.isVisible()
    assert not panel.views["predicted"].image.isVisible()
    assert "Train" in panel.views["predicted"]._hint.toPlainText()
    assert panel.bars["predicted"].isHidden()
    assert not panel.views["predicted"].getPlotItem().getAxis("left").isVisible()
    assert panel.views["observed"].getPlotItem().getAxis("left").isVisible()


def test_a_snapshot_brings_all_three(panel: MatricesPanel, qtbot: QtBot) -> None:
    opened(panel, qtbot)
    trained(panel, qtbot)
    for name in VIEWS:
        assert panel.views[name].image.isVisible()
        assert panel.views[name].image.image.shape == (4, 5, 4)


def test_no_ratings_are_no_trouble(panel: MatricesPanel, qtbot: QtBot) -> None:
    panel.set_theme(DARK)
    panel.request_refresh()
    qtbot.wait(60)
    assert panel._pictures is None
    assert panel.hover_text() == ""


def test_the_views_are_equally_wide_and_show_one_range(
    panel: MatricesPanel, qtbot: QtBot, planted: Ratings
) -> None:
    state = opened(panel, qtbot, planted)
    trained(panel, qtbot)
    state.zoom_to(Range(3, 20, 5, 30))
    qtbot.waitUntil(lambda: panel._pictures.request.rows == (5, 30))
    widths = {view.width() for view in panel.views.values()}
    assert len(widths) == 1
    ranges = [view.getPlotItem().vb.viewRange() for view in panel.views.values()]
    for found in ranges:
        np.testing.assert_allclose(found, [[3, 20], [5, 30]], atol=1e-6)


def test_the_wheel_zooms_all_three_at_the_pointer(
    panel: MatricesPanel, qtbot: QtBot, planted: Ratings
) -> None:
    state = opened(panel, qtbot, planted)
    view = panel.views["observed"]
    place = view.getPlotItem().vb.sceneBoundingRect().center() + QPointF(3, 3)
    cell = view.cell_at(place)
    for _ in range(3):
        QApplication.sendEvent(view.viewport(), QWheelEvent(
            place, QPointF(view.viewport().mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 240),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False))
    assert state.visible.x1 - state.visible.x0 < planted.n_items
    assert view.cell_at(place) == cell
    other = panel.views["residual"].getPlotItem().vb.viewRange()
    np.testing.assert_allclose(other[0], [state.visible.x0, state.visible.x1])
    state.go_back()
    state.go_back()
    state.go_back()
    assert state.visible == state.whole


def test_a_view_stays_inside_the_matrix(
    panel: MatricesPanel, qtbot: QtBot, planted: Ratings
) -> None:
    state = opened(panel, qtbot, planted)
    state.set_visible(Range(-500, -400, 1000, 1010))
    assert (state.visible.x0, state.visible.y1) == (0, planted.n_users)
    state.set_visible(Range(3.2, 3.3, 4, 4))
    assert state.visible.x1 - state.visible.x0 == 1


def test_hovering_reads_the_cell_in_words(panel: MatricesPanel, qtbot: QtBot) -> None:
    opened(panel, qtbot)
    trained(panel, qtbot)
    view, told = panel.views["predicted"], []
    panel.hover_text_changed.connect(told.append)
    box = view.getPlotItem().vb
    qtbot.mouseMove(view.viewport(), box.mapViewToScene(QPointF(0.5, 0.5)).toPoint())
    assert "user 1    item 1    rated 5    predicted" in told[-1]
    qtbot.mouseMove(view.viewport(), box.mapViewToScene(QPointF(2.5, 0.5)).toPoint())
    assert "item 3    not rated    predicted" in told[-1]
    for other in panel.views.values():
        assert other._cross[0].isVisible()
        assert [line.value() for line in other._cross] == [2, 0, 3, 1]  # a frame round the cell


def test_large_cells_print_their_number(panel: MatricesPanel, qtbot: QtBot) -> None:
    opened(panel, qtbot)
    view = panel.views["observed"]
    assert min(view.numbers.cell_size()) >= 28
    with_numbers = view.grab().toImage()
    view.numbers.set_cells(None, 0, 0)
    assert view.grab().toImage() != with_numbers


def test_a_moving_cross_hair_does_not_have_the_numbers_painted_anew(
    panel: MatricesPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = opened(panel, qtbot)
    view, painted = panel.views["observed"], []
    view.grab()
    state.set_hover((0, 0))
    qtbot.wait(30)
    real = view.numbers._text
    monkeypatch.setattr(
        view.numbers, "_text", lambda *words: painted.append(words) or real(*words))
    state.set_hover((1, 3))
    qtbot.wait(30)
    assert view._cross[0].value() == 3
    assert painted == []


def test_axes_number_the_cells_from_one_at_their_middle(
    panel: MatricesPanel, qtbot: QtBot
) -> None:
    opened(panel, qtbot)
    axis = panel.views["observed"].getPlotItem().getAxis("bottom")
    [(step, places)] = axis.tickValues(0, 5, 300)
    assert places == [0.5, 1.5, 2.5, 3.5, 4.5]
    assert axis.tickStrings(places, 1, step) == ["1", "2", "3", "4", "5"]


def test_three_views_are_equally_wide_at_any_width(panel: MatricesPanel, qtbot: QtBot) -> None:
    opened(panel, qtbot)
    trained(panel, qtbot)
    for width in (1080, 1081, 1082):
        panel.resize(width, 430)
        qtbot.waitUntil(lambda width=width: panel._row.width() == width - 16)
        assert len({view.width() for view in panel.views.values()}) == 1


def test_keys_toggle_the_views_and_the_last_one_stays(panel: MatricesPanel, qtbot: QtBot) -> None:
    opened(panel, qtbot)
    for name in VIEWS:
        panel.toggles[name].click()
    shown = [name for name in VIEWS if panel.views[name].isVisible()]
    assert shown == ["residual"]


def test_a_double_click_shows_one_alone_and_again_all(panel: MatricesPanel, qtbot: QtBot) -> None:
    opened(panel, qtbot)
    view = panel.views["predicted"]
    centre = view.viewport().rect().center()
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert [name for name in VIEWS if panel.views[name].isVisible()] == ["predicted"]
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert all(panel.views[name].isVisible() for name in VIEWS)


def test_stretching_changes_the_levels_of_the_bar(panel: MatricesPanel, qtbot: QtBot) -> None:
    opened(panel, qtbot)
    trained(panel, qtbot)
    before = panel._pictures.views["predicted"].levels
    panel.stretch.click()
    qtbot.waitUntil(lambda: panel._pictures.request.is_stretched)
    assert panel._pictures.views["predicted"].levels != before


def test_a_snapshot_is_asked_for_again_only_after_the_last_was_drawn(
    panel: MatricesPanel, qtbot: QtBot
) -> None:
    opened(panel, qtbot)
    trained(panel, qtbot)
    qtbot.wait(100)  # what was asked for while it was shown is painted
    asked: list[bool] = []
    panel.snapshot_wanted.connect(lambda: asked.append(True))
    panel.run_model.set_status(Status.TRAINING)  # type: ignore[attr-defined]
    qtbot.wait(350)
    assert asked == []
    panel.state.zoom_to(Range(0, 2, 0, 2))  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: panel._pictures.request.rows == (0, 2))
    assert not panel._live_timer.isActive()  # a pan is no reason to ask
    model = panel.run_model  # type: ignore[attr-defined]
    model.snapshot = Snapshot(6, model.snapshot.model.copy())
    model.snapshot_changed.emit()
    qtbot.waitUntil(lambda: len(asked) == 1)
    panel.run_model.set_status(Status.DONE)  # type: ignore[attr-defined]


def test_a_picture_and_the_numbers_in_view_are_exported(
    panel: MatricesPanel, qtbot: QtBot, tmp_path: Path
) -> None:
    opened(panel, qtbot)
    (tmp_path / "o.png").write_bytes(panel.picture("observed", "o.png")())
    assert not QImage(str(tmp_path / "o.png")).isNull()
    header, rows = panel.view_table("observed")
    assert header == ["user", "1", "2", "3", "4", "5"]
    assert next(rows()) == ["1", 5.0, 3.0, None, 1.0, None]
    assert list(panel.view_table("residual")[1]()) == []


def test_every_control_has_a_name_for_those_who_do_not_see_it(panel: MatricesPanel) -> None:
    for widget in (*panel.toggles.values(), panel.order, panel.colours, panel.mean, panel.stretch,
                   panel.fit_button, panel.cell_button, *panel.views.values(),
                   *panel.bars.values()):
        assert widget.accessibleName()
