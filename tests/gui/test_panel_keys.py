"""Every panel is reached by keyboard: by a key of its own, and by F6 from the one before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.panels import PANELS
from mfgui.gui.run_model import Status
from mfgui.gui.widgets.focus_frame import FocusFrame

Key = Qt.Key
# Report and help are reached by the keys of other menus, too.
KEYS = {name: kind.keys for name, kind in PANELS.items() if kind.keys}


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.resize(1366, 768)
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def trained(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """Return the window with a short run on the sample, a cell pinned."""
    window.open_sample()
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY, timeout=30_000)
    for name, value in {"n_epochs": 2, "n_factors": 4, "patience": 0, "refit": False}.items():
        window.setup_panel.form.set_value(name, value)
    window.setup_panel.controls.start.click()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=60_000)
    window.view_state.set_pinned((3, 5))
    qtbot.waitUntil(window.isActiveWindow)
    return window


def press(window: MainWindow, keys: str, qtbot: QtBot) -> None:
    combination = QKeySequence(keys)[0]
    widget = QApplication.focusWidget() or window
    qtbot.keyClick(widget, combination.key(), combination.keyboardModifiers())


def place_of_focus(window: MainWindow) -> str:
    """Return the panel that has the keys, "" for none."""
    focus = QApplication.focusWidget()
    return next((name for name, panel in window.panels.items()
                 if focus is not None and panel.isAncestorOf(focus)), "")


def test_only_the_report_has_the_key_of_another_menu(window: MainWindow) -> None:
    assert set(PANELS) - set(KEYS) == {"report"}
    data = window.actions_.data
    assert data is not None
    assert data.report.shortcut().toString() == "Ctrl+I"


@pytest.mark.parametrize("name", KEYS)
def test_a_key_leads_to_each_panel_be_it_closed_or_behind_another(
    trained: MainWindow, qtbot: QtBot, name: str
) -> None:
    panel = trained.panels[name]
    if name in trained.docks:
        trained.docks[name].close()
    trained.setup_panel.controls.start.setFocus()
    if name == "setup":
        press(trained, KEYS["matrices"], qtbot)
    press(trained, KEYS[name], qtbot)
    qtbot.waitUntil(panel.isVisible)
    if name == "messages":
        assert panel.first_control() is None  # there is nothing to read, or to copy
    else:
        qtbot.waitUntil(lambda: place_of_focus(trained) == name)


def test_f6_goes_from_panel_to_panel_and_comes_back(trained: MainWindow, qtbot: QtBot) -> None:
    press(trained, KEYS["matrices"], qtbot)
    seen = [name for name, panel in trained.panels.items()
            if panel.is_seen and panel.first_control() is not None]
    assert len(seen) >= 3
    assert len(seen) < sum(panel.isVisible() for panel in trained.panels.values())  # tabs
    visited = []
    for _ in seen:
        press(trained, "F6", qtbot)
        visited.append(place_of_focus(trained))
    assert sorted(visited) == sorted(seen)
    assert visited[-1] == "matrices"
    press(trained, "Shift+F6", qtbot)
    assert place_of_focus(trained) == visited[-2]


def test_an_empty_window_is_not_disturbed(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.isActiveWindow)
    for keys in (KEYS["matrices"], "F6", "Shift+F6"):
        press(window, keys, qtbot)
        assert window.welcome.isVisible()
        assert not any(dock.isVisible() for dock in window.docks.values())


def test_the_keys_stay_with_the_buttons_of_a_run(window: MainWindow, qtbot: QtBot) -> None:
    window.open_sample()
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY, timeout=30_000)
    controls = window.setup_panel.controls
    for name, value in {"n_epochs": 100_000, "patience": 0, "refit": False}.items():
        window.setup_panel.form.set_value(name, value)
    controls.start.setFocus()
    qtbot.keyClick(controls.start, Key.Key_Space)
    qtbot.waitUntil(lambda: window.run_model.status is Status.TRAINING, timeout=60_000)
    qtbot.waitUntil(controls.pause.hasFocus)
    qtbot.keyClick(controls.pause, Key.Key_Tab)
    assert controls.stop.hasFocus()
    qtbot.keyClick(controls.stop, Key.Key_Space)
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE, timeout=60_000)
    qtbot.waitUntil(controls.start.hasFocus)


def test_tab_goes_round_every_panel_that_is_seen_and_is_caught_nowhere(
    trained: MainWindow, qtbot: QtBot
) -> None:
    trained.layout_.show("inspector")
    qtbot.waitUntil(lambda: trained.panels["inspector"].first_control() is not None,
                    timeout=20_000)
    visited, first = list[str](), trained.setup_panel.controls.start
    first.setFocus()
    for _ in range(200):
        focus = QApplication.focusWidget()
        assert focus is not None
        visited.append(place_of_focus(trained))
        qtbot.keyClick(focus, Key.Key_Tab)
        if QApplication.focusWidget() is first:
            break
    else:
        pytest.fail("Tab never came back")
    assert {"setup", "matrices", "inspector"} <= set(visited)
    turns = [name for k, name in enumerate(visited) if name and name != visited[k - 1]]
    assert len(turns) <= 2 * len(set(visited)), turns  # not to and fro between panels


def test_a_digit_typed_as_a_rating_is_one(trained: MainWindow, qtbot: QtBot) -> None:
    ratings = trained.panels["new_user"].ratings  # type: ignore[attr-defined]
    press(trained, KEYS["new_user"], qtbot)
    ratings.added.emit(7)
    qtbot.waitUntil(ratings.table.hasFocus)
    qtbot.keyClick(ratings.table, Key.Key_2)  # elsewhere it hides the predicted matrix
    field = QApplication.focusWidget()
    assert field is not None
    assert field is not ratings.table
    qtbot.keyClick(field, Key.Key_Return)
    qtbot.waitUntil(lambda: dict(ratings.table.rows) == {7: 2.0})
    ratings.strip.setFocus()
    trained.view_state.set_pinned((3, 9))
    qtbot.keyClick(ratings.strip, Key.Key_3)
    qtbot.waitUntil(lambda: dict(ratings.table.rows) == {7: 2.0, 9: 3.0})
    assert all(toggle.isChecked() for toggle in trained.matrices_panel.toggles.values())
    press(trained, KEYS["matrices"], qtbot)
    qtbot.keyClick(trained.matrices_panel.views["observed"], Key.Key_2)
    assert not trained.matrices_panel.toggles["predicted"].isChecked()


def test_a_plot_with_the_keys_has_a_frame_that_no_picture_shows(
    trained: MainWindow, qtbot: QtBot
) -> None:
    press(trained, KEYS["curve"], qtbot)
    plot = trained.curve_panel.plot
    qtbot.waitUntil(plot.hasFocus)
    [frame] = plot.findChildren(FocusFrame)
    assert frame.isVisible()
    assert frame.geometry() == plot.rect()
    with_keys = trained.curve_panel.picture("curve.png")()
    assert frame.isVisible()
    press(trained, KEYS["matrices"], qtbot)
    assert not frame.isVisible()
    assert trained.curve_panel.picture("curve.png")() == with_keys


def test_no_key_means_two_things(window: MainWindow) -> None:
    keys = [sequence.toString() for action in window.findChildren(QAction)
            for sequence in action.shortcuts()]
    keys += [shortcut.key().toString() for shortcut in window.findChildren(QShortcut)
             if shortcut.context() is not Qt.ShortcutContext.WidgetWithChildrenShortcut]
    keys += [button.shortcut().toString() for button in window.findChildren(QAbstractButton)
             if "&" not in button.text() and not is_hidden_page(button, window)]
    twice = [key for key, count in Counter(filter(None, keys)).items() if count > 1]
    assert twice == []


def is_hidden_page(widget: QWidget, window: MainWindow) -> bool:
    """Return whether a widget stands on the invitation, which goes before panels come."""
    return window.welcome.isAncestorOf(widget)
