"""The card of a run in the window, a run done again, and the report on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from mfgui.gui.app import create_window
from mfgui.gui.main_window import MainWindow
from mfgui.gui.panels import CardPanel
from mfgui.gui.run_model import Status
from mfgui.gui.widgets.breakable import breakable
from mfgui.gui.widgets.run_menu import run_menu

LONG = 30_000


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    made = create_window()
    made.resize(1366, 768)
    made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def trained(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> MainWindow:
    """Return a window with one run of some epochs, its card in front."""
    rng = np.random.default_rng(0)
    path = tmp_path / "my ratings.csv"
    path.write_text("user,item,rating\n" + "".join(
        f"u{n},i{m},{rng.integers(1, 6)}\n" for n in range(60) for m in range(50)
        if rng.random() < 0.4))
    with qtbot.waitSignal(window.run_model.ratings_changed, timeout=LONG):
        window.open_path(path)
    qtbot.waitUntil(lambda: not window.job_runner.is_running, timeout=LONG)
    train(window, qtbot)
    show_card(window, "Run 1 AdaGrad", qtbot)
    return window


def show_card(window: MainWindow, head: str, qtbot: QtBot) -> None:
    window.layout_.show("card")  # a run brings the curve to the front
    qtbot.waitUntil(lambda: card_of(window).head.text() == head, timeout=LONG)


def train(window: MainWindow, qtbot: QtBot, button: str = "start") -> None:
    project = window.run_model.project
    n_runs = len(project.runs)
    for name, value in {"n_epochs": 3, "n_factors": 3, "patience": 0, "refit": False}.items():
        window.setup_panel.form.set_value(name, value)
    getattr(window.setup_panel.controls, button).click()
    qtbot.waitUntil(lambda: len(project.runs) > n_runs and project.running_run is None
                    and window.run_model.status is Status.DONE, timeout=LONG)


def card_of(window: MainWindow) -> CardPanel:
    panel = window.panels["card"]
    assert isinstance(panel, CardPanel)
    return panel


def message_button(window: MainWindow, name: str) -> QPushButton:
    button = window.message_bar.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    return button


def test_the_card_tells_what_it_takes_and_is_copied_as_command_and_script(
    trained: MainWindow,
) -> None:
    panel = card_of(trained)
    facts = dict(panel.facts.facts)
    assert panel.head.text() == "Run 1 AdaGrad"
    assert facts["ratings"].endswith("my ratings.csv")
    assert facts["checksum"].startswith("sha256:")
    assert facts["fingerprint"].startswith("sha256:")
    assert "numpy" in facts["versions"]
    assert facts["seed"] == "0"
    assert not panel.why_not.isVisible()
    panel.copy_command.click()
    command = QApplication.clipboard().text()
    assert command.startswith("mfgui train '")
    assert "--n-factors 3" in command
    assert "command is copied" in panel.status.text()
    panel.copy_script.click()
    compile(QApplication.clipboard().text(), "again.py", "exec")
    assert "fingerprint(result.model) == 'sha256:" in QApplication.clipboard().text()


def test_a_run_done_again_is_told_and_kept_with_the_run(
    trained: MainWindow, qtbot: QtBot
) -> None:
    panel, project = card_of(trained), trained.run_model.project
    panel.again.click()
    qtbot.waitUntil(lambda: "to the bit" in panel.again_lines.text(), timeout=LONG)
    assert "Run 1 came to the same model again, to the bit." in trained.message_bar.text
    assert project.project is not None
    (entry,) = project.project.entries("again")
    assert entry.run_id == 1
    assert entry.body["is_same"]
    assert len(project.runs) == 1  # it is no run of its own


def test_what_cannot_be_done_says_why_in_the_tooltip_and_in_a_sentence(
    trained: MainWindow, qtbot: QtBot
) -> None:
    train(trained, qtbot, "train_on")
    panel = card_of(trained)
    show_card(trained, "Run 2 AdaGrad", qtbot)
    qtbot.waitUntil(panel.why_not.isVisible)
    assert not panel.copy_command.isEnabled()
    assert "1 earlier run" in panel.copy_command.toolTip()
    assert "1 earlier run" in panel.why_not.text()
    assert panel.copy_script.isEnabled()
    assert ("trained on from", "run 1, AdaGrad, 3 epochs at most") in panel.facts.facts
    panel.again.click()
    qtbot.waitUntil(lambda: "Run 2 came to the same model" in panel.again_lines.text(),
                    timeout=LONG)


def test_while_a_run_trains_its_card_offers_nothing(trained: MainWindow, qtbot: QtBot) -> None:
    panel, project = card_of(trained), trained.run_model.project
    trained.setup_panel.form.set_value("n_epochs", 100_000)
    trained.setup_panel.controls.start.click()
    qtbot.waitUntil(lambda: project.running_run == 2 == project.shown_run, timeout=LONG)
    show_card(trained, "Run 2 AdaGrad", qtbot)
    assert not panel.copy_command.isEnabled()
    assert "when it is over" in panel.why_not.text()
    trained.stop()
    qtbot.waitUntil(lambda: project.running_run is None, timeout=LONG)
    qtbot.waitUntil(panel.copy_script.isEnabled, timeout=LONG)
    assert "stopped by hand" in panel.copy_command.toolTip()


def test_the_card_is_empty_without_a_run(window: MainWindow) -> None:
    window.complete()
    panel = card_of(window)
    panel.show()
    assert panel._pages.currentIndex() == 0


def test_the_report_is_written_and_opened(
    trained: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl",
                        lambda url: opened.append(url.toLocalFile()) or True)
    card_of(trained).report.click()
    dialog = trained.findChild(QFileDialog)
    assert dialog is not None
    assert dialog.selectedFiles()[0].endswith("run-1.html")
    target = tmp_path / "the report.html"
    dialog.filesSelected.emit([str(target)])
    dialog.close()
    qtbot.waitUntil(lambda: "The report is in" in trained.message_bar.text, timeout=LONG)
    assert "<h1>Run 1</h1>" in target.read_text(encoding="utf-8")
    message_button(trained, "messageRemedyButton").click()
    assert opened == [str(target)]
    trained.runs.reproduction.write_report(1, str(target))
    qtbot.waitUntil(lambda: "The report is in" in trained.message_bar.text, timeout=LONG)
    message_button(trained, "messageOtherButton").click()
    assert opened[1:] == [str(tmp_path)]


def test_a_report_that_cannot_be_written_says_so(
    trained: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    trained.runs.reproduction.write_report(1, str(tmp_path / "no such folder" / "x.html"))
    qtbot.waitUntil(lambda: "no such folder" in trained.message_bar.text, timeout=LONG)


def test_the_file_menu_and_the_menu_of_a_run_offer_the_report(
    trained: MainWindow, qtbot: QtBot
) -> None:
    file_menu = trained.actions_._menus["File"]
    action = next(each for each in file_menu.actions() if "Report on this" in each.text())
    assert action.isEnabled()
    project = trained.run_model.project
    menu: QMenu = run_menu(trained, project, [1], lambda: None)
    wanted: list[Any] = []
    project.report_wanted.connect(wanted.append)
    next(each for each in menu.actions() if each.text() == "Re&port...").trigger()
    assert wanted == [1]
    for dialog in trained.findChildren(QFileDialog):
        dialog.close()


def test_long_words_can_be_broken_and_short_ones_stay() -> None:
    assert breakable("a short one") == "a short one"
    long = "/home/somebody/some/where/ratings.csv"
    assert breakable(long) != long
    assert breakable(long).replace("\N{ZERO WIDTH SPACE}", "") == long
