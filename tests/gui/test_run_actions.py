"""The Run menu leads to evaluation, cross-validation and search, and compares what is ticked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.panels import EvaluationPanel
from mfgui.gui.run_model import Status


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.resize(1366, 768)
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def opened(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.open_sample()
    qtbot.waitUntil(lambda: window.run_model.status is Status.READY, timeout=30_000)
    qtbot.waitUntil(window.isActiveWindow)
    return window


def entry(window: MainWindow, words: str) -> QAction:
    """Return the entry of the Run menu that begins so."""
    [found] = [action for action in window.actions_._menus["Run"].actions()
               if action.text().replace("&", "").startswith(words)]
    return found


def train(window: MainWindow, qtbot: QtBot, seed: int) -> None:
    values = {"n_epochs": 2, "n_factors": 4, "patience": 0, "refit": False, "seed": seed}
    for name, value in values.items():
        window.setup_panel.form.set_value(name, value)
    window.setup_panel.controls.start.click()
    qtbot.waitUntil(lambda: window.run_model.status is Status.DONE and len(
        window.run_model.project.runs) == seed, timeout=60_000)


def test_nothing_can_be_done_before_ratings_are_open(window: MainWindow) -> None:
    for words in ("Evaluate", "Cross-validate", "Find settings", "Compare ticked runs"):
        assert not entry(window, words).isEnabled()


@pytest.mark.parametrize(("words", "panel", "control"), [
    ("Evaluate", "evaluation", "evaluateButton"),
    ("Cross-validate", "evaluation", "evaluation_n_folds"),
    ("Find settings", "search", "searchStart")])
def test_an_entry_leads_to_its_panel_and_starts_nothing(
    opened: MainWindow, qtbot: QtBot, words: str, panel: str, control: str
) -> None:
    if words == "Evaluate":
        train(opened, qtbot, 1)
    entry(opened, words).trigger()
    qtbot.waitUntil(lambda: opened.panels[panel].is_seen)
    qtbot.waitUntil(lambda: (focus := QApplication.focusWidget()) is not None and control in (
        focus.objectName(), focus.parentWidget().objectName()))
    assert not opened.job_runner.is_running


def test_two_ticked_runs_are_compared(opened: MainWindow, qtbot: QtBot) -> None:
    for seed in (1, 2):
        train(opened, qtbot, seed)
    project, compare = opened.run_model.project, entry(opened, "Compare ticked runs")
    for place, run in enumerate(project.runs):
        project.tick(run.id, True)
        assert compare.isEnabled() == (place == 1)
    compare.trigger()
    qtbot.waitUntil(lambda: opened.run_model.other is not None, timeout=30_000)
    assert opened.panels["comparison"].is_seen
    project.tick(project.runs[0].id, False)
    assert not compare.isEnabled()


def test_a_job_is_cancelled_by_its_key(opened: MainWindow, qtbot: QtBot) -> None:
    menu, cancel = opened.actions_._menus["Run"], entry(opened, "Cancel job")
    menu.aboutToShow.emit()
    assert not cancel.isEnabled()
    menu.aboutToHide.emit()
    opened.run_model.set_next_run("adagrad", opened.setup_panel.form.settings())
    panel = opened.panels["evaluation"]
    assert isinstance(panel, EvaluationPanel)
    panel.cross_validate()
    assert opened.job_runner.is_running
    menu.aboutToShow.emit()
    assert cancel.isEnabled()
    cancel.trigger()
    qtbot.waitUntil(lambda: not opened.job_runner.is_running, timeout=60_000)
    assert opened.message_bar.text == ""
