"""The three matrices: linked, painted off the GUI thread, read by hovering and pinning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from mfgui.core.ratings import Ratings
from mfgui.gui.run_model import Status
from mfgui.gui.theme import DARK
from mfgui.gui.view_state import Range
from mfgui.inspection.colours import LevelChoice
from mfgui.inspection.order import OrderChoice, OrderKey
from mfgui.inspection.pictures import VIEWS
from mfgui.inspection.trial import Trial
from mfgui.training.events import Snapshot

Panel = Any  # DrivenPanel of matrices_driver.py


@pytest.fixture
def panel(matrices_panel: Panel) -> Panel:
    return matrices_panel


def test_only_the_observed_is_shown_before_training(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    assert panel.views["observed"].image.isVisible()
    assert not panel.views["predicted"].image.isVisible()
    assert "Train" in panel.views["predicted"]._hint.toPlainText()
    assert panel.bars["predicted"].isHidden()
    for side in ("left", "top", "right", "bottom"):
        assert not panel.views["predicted"].getPlotItem().getAxis(side).isVisible()
        assert panel.views["observed"].getPlotItem().getAxis(side).isVisible()


def test_a_snapshot_brings_all_three(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    panel.train()
    for name in VIEWS:
        assert panel.views[name].image.isVisible()
        assert panel.views[name].image.image.shape == (4, 5, 4)


def test_no_ratings_are_no_trouble(panel: Panel, qtbot: QtBot) -> None:
    panel.set_theme(DARK)
    panel.request_refresh()
    qtbot.wait(60)
    assert panel._pictures is None
    assert panel.hover_text() == ""


def test_the_views_are_equally_wide_and_show_one_range(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    panel.train()
    state.zoom_to(Range(3, 20, 5, 30))
    qtbot.waitUntil(lambda: panel._pictures is not None
                    and panel._pictures.request.rows == (5, 30))
    assert len({view.width() for view in panel.views.values()}) == 1
    assert len({view.pixels() for view in panel.views.values()}) == 1
    for view in panel.views.values():
        np.testing.assert_allclose(
            view.getPlotItem().vb.viewRange(), [[3, 20], [5, 30]], atol=1e-6)


def test_the_wheel_zooms_all_three_at_the_pointer(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
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
    for _ in range(3):
        state.go_back()
    assert state.visible == state.whole


def test_a_view_stays_inside_the_matrix(panel: Panel, qtbot: QtBot, planted: Ratings) -> None:
    state = panel.open(planted)
    state.set_visible(Range(-500, -400, 1000, 1010))
    assert (state.visible.x0, state.visible.y1) == (0, planted.n_users)
    state.set_visible(Range(3.2, 3.3, 4, 4))
    assert state.visible.x1 - state.visible.x0 == 1


def test_hovering_reads_the_cell_in_words(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    panel.train()
    view, told = panel.views["predicted"], []
    panel.hover_text_changed.connect(told.append)
    qtbot.mouseMove(view.viewport(), panel.centre_of("predicted", 0, 0))
    assert "user 1    item 1    rated 5    predicted" in told[-1]
    qtbot.mouseMove(view.viewport(), panel.centre_of("predicted", 0, 2))
    assert "item 3    not rated    predicted" in told[-1]
    for other in panel.views.values():
        assert other._cross[0].isVisible()
        assert [line.value() for line in other._cross] == [2, 0, 3, 1]  # a frame round the cell


def test_large_cells_print_their_number(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    view = panel.views["observed"]
    assert min(view.numbers.cell_size()) >= 28
    with_numbers = view.grab().toImage()
    view.numbers.set_cells(None, 0, 0)
    assert view.grab().toImage() != with_numbers


def test_a_moving_cross_hair_does_not_have_the_numbers_painted_anew(
    panel: Panel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = panel.open()
    panel.settle()
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


def test_three_views_are_equally_wide_at_any_width(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    panel.train()
    for width in (1080, 1081, 1082, 620):
        panel.resize(width, 430)
        qtbot.waitUntil(lambda width=width: panel._row.width() == width - 16)
        assert len({view.width() for view in panel.views.values()}) == 1
        panel.settle()
        assert len({view.pixels() for view in panel.views.values()}) == 1


def test_tools_and_titles_fit_at_half_as_much_again_on_a_small_screen(
    panel: Panel, qtbot: QtBot
) -> None:
    panel.open()
    panel.train()
    panel.run_model.set_trial(Trial(panel.run_model.shown.copy(), "one step on"))
    panel.resize(620, 330)
    qtbot.waitUntil(lambda: panel.width() == 620)
    panel.settle()
    for widget in (*panel.toggles.values(), panel.stretch, panel.tools.order_button,
                   panel.tools.levels_button, panel.tools.find_field, panel.fit_button,
                   panel.cell_button):
        assert widget.width() >= widget.minimumSizeHint().width()
        right = widget.mapTo(panel, widget.rect().topRight()).x()
        assert right < panel.width()
    for view in panel.views.values():
        title = view.getPlotItem().titleLabel.item.boundingRect().width()
        assert title <= view.getPlotItem().vb.width()


def test_keys_toggle_the_views_and_the_last_one_stays(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    for name in VIEWS:
        panel.toggles[name].click()
    assert [name for name in VIEWS if panel.views[name].isVisible()] == ["residual"]


def test_a_double_click_shows_one_alone_and_again_all(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    view = panel.views["predicted"]
    centre = view.viewport().rect().center()
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=centre)  # it leaves it down
    assert [name for name in VIEWS if panel.views[name].isVisible()] == ["predicted"]
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=centre)  # it leaves it down
    assert all(panel.views[name].isVisible() for name in VIEWS)


def test_stretching_changes_the_levels_of_the_bar(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    panel.train()
    assert panel._pictures is not None
    before = panel._pictures.views["predicted"].levels
    panel.stretch.click()
    qtbot.waitUntil(lambda: panel._pictures is not None
                    and panel._pictures.request.levels == LevelChoice("view"))
    assert panel._pictures.views["predicted"].levels != before
    panel.stretch.click()
    assert panel.state.display.levels == LevelChoice("scale")


def test_a_snapshot_is_asked_for_again_only_after_the_last_was_drawn(
    panel: Panel, qtbot: QtBot
) -> None:
    panel.open()
    panel.train()
    panel.settle()
    asked: list[bool] = []
    panel.snapshot_wanted.connect(lambda: asked.append(True))
    panel.run_model.set_status(Status.TRAINING)
    qtbot.wait(350)
    assert asked == []
    panel.state.zoom_to(Range(0, 2, 0, 2))
    qtbot.waitUntil(lambda: panel._pictures is not None
                    and panel._pictures.request.rows == (0, 2))
    assert not panel.flow.live_timer.isActive()  # a pan is no reason to ask
    model = panel.run_model
    assert model.snapshot is not None
    model.snapshot = Snapshot(6, model.snapshot.model.copy())
    model.snapshot_changed.emit()
    qtbot.waitUntil(lambda: len(asked) == 1)
    panel.run_model.set_status(Status.DONE)


def test_a_picture_and_the_numbers_in_view_are_exported(
    panel: Panel, qtbot: QtBot, tmp_path: Path
) -> None:
    panel.open()
    (tmp_path / "o.png").write_bytes(panel.exportables()[0].picture("o.png")())
    assert not QImage(str(tmp_path / "o.png")).isNull()
    header, rows = panel.view_table("observed")
    assert header == ["user", "1", "2", "3", "4", "5"]
    assert next(rows()) == ["1", 5.0, 3.0, None, 1.0, None]
    assert list(panel.view_table("residual")[1]()) == []


def test_every_control_has_a_name_and_help(panel: Panel) -> None:
    for widget in (*panel.views.values(), *panel.bars.values()):
        assert widget.accessibleName()
    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for widget in panel.tools.findChildren(kind):
            if widget.objectName() in ("", "qt_spinbox_lineedit", "_q_qlineeditclearaction"):
                continue  # a part of a control
            assert widget.accessibleName(), widget.objectName()
            assert widget.whatsThis(), widget.objectName()


# -- levels and order -----------------------------------------------------------------------------


def test_levels_by_hand_begin_at_those_on_the_screen(panel: Panel, qtbot: QtBot) -> None:
    panel.open()
    panel.train()
    box = panel.tools.levels
    box.span.setCurrentIndex(box.span.findData("hand"))
    box.span.activated.emit(box.span.currentIndex())
    assert panel.state.display.levels == LevelChoice("hand", 1.0, 5.0, 2.0)
    box.high.lineEdit().setText("3")
    qtbot.waitUntil(lambda: panel._pictures is not None
                    and panel._pictures.views["observed"].levels.high == 3)


def test_rows_and_columns_are_sorted_by_their_own_key(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    panel.sort("count", "file")
    assert state.order is not None
    assert state.order.columns.tolist() == list(range(planted.n_items))
    counts = planted.user_counts[state.order.rows]
    assert (np.diff(counts) <= 0).all()
    assert "by number of ratings" in panel.views["observed"].rows.labelText
    assert panel.views["observed"].columns.labelText == "item"


def test_sorting_keeps_the_pinned_cell_at_its_place_on_the_screen_and_is_undone(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    panel.train()
    panel.sort("file", "file")
    state.zoom_to(Range(10, 20, 20, 30))
    state.set_pinned((25, 15))
    before, first = state.visible, state.order
    panel.sort("mean", "mean")
    assert state.order is not None
    row, column = int(state.order.row_ranks[25]), int(state.order.column_ranks[15])
    shown = state.visible
    inside = Range(column - 5, column + 5, row - 5, row + 5).inside(60, 40)
    assert (shown.x0, shown.y0) == (inside.x0, inside.y0)
    assert panel._row.updatesEnabled()
    assert panel._pictures is not None
    assert panel._pictures.request.rows == (shown.y0, shown.y1)
    state.go_back()
    qtbot.waitUntil(lambda: state.order is not None and first is not None
                    and state.order.choice == first.choice)
    assert state.visible == before


def test_sort_again_follows_a_newer_model_and_nothing_else_does(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    panel.train(n_factors=2)
    panel.sort("residual", "file")
    kept = state.order
    panel.train(n_factors=4)
    panel.settle()
    assert state.order is kept
    panel.tools.order.again.click()
    qtbot.waitUntil(lambda: state.order is not kept)
    assert state.order is not None
    assert state.order.choice.serial == 1
    assert kept is not None
    assert (state.order.rows != kept.rows).any()


def test_borders_are_drawn_between_clusters(
    panel: Panel, qtbot: QtBot, planted: Ratings
) -> None:
    state = panel.open(planted)
    panel.train()
    panel.sort("cluster", "cluster", n_clusters=3)
    assert state.order is not None
    assert state.order.row_borders.size == 2
    picture = panel.views["observed"].grab().toImage()
    object.__setattr__(state.order, "row_borders", np.empty(0, np.int64))
    panel.views["observed"].marks.update()
    assert panel.views["observed"].grab().toImage() != picture


def test_what_could_not_be_sorted_is_said(panel: Panel, qtbot: QtBot, planted: Ratings) -> None:
    panel.open(planted)
    told: list[tuple[str, str]] = []
    panel.told.connect(lambda text, kind: told.append((text, kind)))
    panel.sort("factor", "file")
    assert told[0][1] == "information"
    assert "no model" in told[0][0]
    assert panel.tools.order.note.text() == told[0][0]


def test_a_picture_that_comes_late_is_marked_and_the_sorting_told(
    panel: Panel, qtbot: QtBot, planted: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.open(planted)
    panel.settle()
    painter, real = panel.flow._maker._painter, panel.flow._maker._painter.paint
    may_go_on = []

    def slow(request: Any, control: Any) -> Any:
        control.report("Sorting the rows", 0.4)
        while not may_go_on:
            control.checkpoint()
        return real(request, control)

    monkeypatch.setattr(painter, "paint", slow)
    panel.state.sort(OrderChoice(OrderKey("mean"), OrderKey("mean")))
    view = panel.views["observed"]
    qtbot.waitUntil(lambda: view.chip.isVisible())
    assert view.chip.text() == "coarse"
    assert view.image.isVisible()
    qtbot.waitUntil(lambda: "Sorting the rows ... 40%" in panel.notes.note.text())
    may_go_on.append(True)
    qtbot.waitUntil(lambda: not view.chip.isVisible())
    assert panel.notes.note.text() == ""


def test_a_picture_that_lacks_only_newer_factors_is_not_marked(
    panel: Panel, qtbot: QtBot, planted: Ratings, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel.open(planted)
    model = panel.train()
    painter, real = panel.flow._maker._painter, panel.flow._maker._painter.paint
    may_go_on: list[bool] = []

    def slow(request: Any, control: Any) -> Any:
        while not may_go_on:
            control.checkpoint()
        return real(request, control)

    monkeypatch.setattr(painter, "paint", slow)
    panel.run_model.snapshot = Snapshot(6, model.copy())
    panel.run_model.snapshot_changed.emit()
    qtbot.wait(250)
    assert not panel.views["observed"].chip.isVisible()
    panel.state.set_visible(Range(0, 9, 0, 9))
    qtbot.waitUntil(panel.views["observed"].chip.isVisible)
    may_go_on.append(True)
    qtbot.waitUntil(lambda: not panel.views["observed"].chip.isVisible())
