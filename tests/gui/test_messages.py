"""No notice is lost."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from mfgui.gui.panels.messages import MessagesPanel
from mfgui.gui.run_model import RunModel
from mfgui.training.events import Notice


def test_all_notices_are_listed_and_can_be_copied(qtbot: QtBot) -> None:
    panel, model = MessagesPanel(), RunModel()
    qtbot.addWidget(panel)
    panel.set_models(model, None)
    button = panel.findChild(QPushButton, "copyDetailsButton")
    assert button is not None
    assert not button.isEnabled()
    model.add_notice(Notice("warning", "The loss rises.", 1200))
    model.add_notice(Notice("error", "It diverged."))
    button.click()
    lines = QApplication.clipboard().text().splitlines()
    assert [line.split("\t")[1:] for line in lines] == [
        ["warning", "1,200", "The loss rises."], ["error", "", "It diverged."]]
