"""The runs below the form: shown by a click, ticked, starred, renamed, deleted."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from mfgui.gui.project_model import ProjectModel
from mfgui.gui.theme import DARK, LIGHT, Theme, apply_theme
from mfgui.gui.widgets.run_list import RunList
from mfgui.gui.widgets.runs_box import RunsBox

Left = Qt.MouseButton.LeftButton


@pytest.fixture
def model(kept: Any, qapp: Any) -> ProjectModel:
    kept.add("adagrad", 0.9, n_factors=8)
    kept.add("adagrad", 0.8, n_factors=64)
    kept.add("als", 0.7, status="interrupted")
    made = ProjectModel()
    made.set_project(kept.project, kept.project.runs())
    return made


@pytest.fixture
def box(model: ProjectModel, qtbot: QtBot) -> RunsBox:
    made = RunsBox(model)
    qtbot.addWidget(made)
    made.resize(280, 200)
    made.show()
    return made


def place(runs: RunList, number: int, part: str = "text") -> QPoint:
    """Return the middle of a part of a run's row."""
    index = runs.runs.index_of(number)
    box: QPoint = runs.delegate.boxes(runs.visualRect(index))[part].center()
    return box


def test_rows_say_what_tells_runs_apart_and_how_they_stand(box: RunsBox) -> None:
    runs = box.list.runs
    texts = [runs.index(row).data() for row in range(runs.rowCount())]
    assert texts == ["3 ALS, interrupted", "2 AdaGrad, F=64", "1 AdaGrad, F=8"]


def test_it_is_hidden_while_there_is_no_run(box: RunsBox, model: ProjectModel) -> None:
    assert box.isVisible()
    model.set_project(None)
    assert not box.isVisible()


def test_a_click_asks_for_the_run_and_what_is_shown_is_the_chosen_row(
    box: RunsBox, model: ProjectModel, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(model.show_wanted) as wanted:
        qtbot.mouseClick(box.list.viewport(), Left, pos=place(box.list, 2))
    assert wanted.args == [2]
    model.set_shown(1)
    assert box.list.current_ids() == [1]
    model.set_shown(None)
    assert not box.list.selectionModel().hasSelection()


def test_a_click_on_the_box_ticks_without_showing(
    box: RunsBox, model: ProjectModel, qtbot: QtBot
) -> None:
    with qtbot.assertNotEmitted(model.show_wanted, wait=300):
        qtbot.mouseClick(box.list.viewport(), Left, pos=place(box.list, 2, "tick"))
        qtbot.mouseClick(box.list.viewport(), Left, pos=place(box.list, 1, "star"))
    assert model.ticked == (2,)
    assert model.run(1).is_starred


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_box_of_the_chosen_row_stands_on_a_ground_of_its_own(
    box: RunsBox, model: ProjectModel, qapp: Any, theme: Theme
) -> None:
    apply_theme(qapp, theme)
    model.set_shown(2)
    image = box.list.viewport().grab().toImage()
    row = box.list.visualRect(box.list.runs.index_of(2))
    parts = box.list.delegate.boxes(row)
    for part in ("tick", "line"):
        corner = parts[part].topLeft() - QPoint(1, 1)
        assert image.pixelColor(corner * image.devicePixelRatio()) == QColor(theme.base), part


def test_arrow_keys_show_only_where_one_stops(
    box: RunsBox, model: ProjectModel, qtbot: QtBot
) -> None:
    model.set_shown(3)
    box.list.setFocus()
    wanted: list[int] = []
    model.show_wanted.connect(wanted.append)
    qtbot.keyClick(box.list, Qt.Key.Key_Down)
    qtbot.keyClick(box.list, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: wanted == [1])


def test_keys_tick_rename_delete_and_bring_back(
    box: RunsBox, model: ProjectModel, qtbot: QtBot
) -> None:
    runs = box.list
    model.set_shown(2)
    runs.setFocus()
    qtbot.keyClick(runs, Qt.Key.Key_Space)
    assert model.ticked == (2,)
    qtbot.keyClick(runs, Qt.Key.Key_F2)
    editor = runs.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "mine")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: model.run(2).name == "mine")
    qtbot.waitUntil(lambda: runs.findChild(QLineEdit) is None)
    qtbot.keyClick(runs, Qt.Key.Key_Delete)
    assert not model.has(2)
    qtbot.keyClick(runs, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert model.has(2)


def test_two_ticked_runs_can_be_compared(
    box: RunsBox, model: ProjectModel, qtbot: QtBot
) -> None:
    assert not box.compare.isVisible()
    model.tick(1, True)
    model.tick(3, True)
    assert box.compare.isVisible()
    with qtbot.waitSignal(model.compare_wanted) as wanted:
        box.compare.click()
    assert wanted.args == [1, 3]
    model.tick(2, True)
    assert not box.compare.isVisible()


def test_the_menu_offers_what_can_be_done_with_a_run(
    box: RunsBox, model: ProjectModel, qtbot: QtBot
) -> None:
    menu = box.list.menu_of(3)
    assert isinstance(menu, QMenu)
    actions = {action.text().replace("&", ""): action for action in menu.actions()}
    assert actions["Continue"].isEnabled()
    assert not actions["Export model..."].isEnabled()  # no factors are kept
    for text, signal in (("Continue", model.continue_wanted), ("Show", model.show_wanted),
                         ("Settings into the form", model.duplicate_wanted)):
        with qtbot.waitSignal(signal) as wanted:
            actions[text].trigger()
        assert wanted.args == [3]
    actions["Star"].trigger()
    assert model.run(3).is_starred
    menu.deleteLater()


def test_the_menu_key_opens_the_menu_of_the_chosen_run(
    box: RunsBox, model: ProjectModel, qtbot: QtBot
) -> None:
    model.set_shown(1)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(box.list.viewport(), event)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.close()


def test_trials_of_a_search_are_listed_where_they_are_asked_for(
    box: RunsBox, model: ProjectModel, kept: Any
) -> None:
    kept.add("als", 0.6, origin={"search": 1, "trial": 0})
    trial = kept.add("als", 0.65, origin={"search": 1, "trial": 1})
    model.set_runs(kept.project.runs())
    assert box.list.runs.ids == [3, 2, 1]
    model.star(trial.id, True)
    assert box.list.runs.ids == [trial.id, 3, 2, 1]
    model.show_trials(True)
    assert len(box.list.runs.ids) == 5


def test_what_a_screen_reader_says_is_all_of_a_row(box: RunsBox, model: ProjectModel) -> None:
    model.set_shown(2)
    model.tick(2, True)
    role = Qt.ItemDataRole.AccessibleTextRole
    assert box.list.runs.index_of(2).data(role) == (
        "Run 2, AdaGrad, validation RMSE 0.8000, finished, shown, drawn on the curve")
    assert box.list.accessibleName() == "List of runs"


def test_a_run_that_begins_keeps_the_others_in_place(
    box: RunsBox, model: ProjectModel, kept: Any, qtbot: QtBot
) -> None:
    inserted: list[Any] = []
    box.list.runs.rowsInserted.connect(lambda *args: inserted.append(args))
    with qtbot.assertNotEmitted(box.list.runs.modelReset):
        model.put(kept.add("sgd", 0.95, status="running"))
    assert len(inserted) == 1
    assert box.list.runs.ids[0] == 4


def test_a_trial_is_listed_while_it_is_shown(
    box: RunsBox, model: ProjectModel, kept: Any
) -> None:
    trial = kept.add("als", 0.6, origin={"search": 1, "trial": 0})
    model.put(trial)
    assert trial.id not in box.list.runs.ids
    model.set_shown(trial.id)
    assert box.list.current_ids() == [trial.id]
    model.set_shown(1)
    assert trial.id not in box.list.runs.ids
    assert box.list.current_ids() == [1]
