"""Tooltips: the mouse goes through them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QPushButton, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from mfgui.gui.widgets.described import describe


def test_a_tooltip_catches_no_click_of_what_lies_below(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    button = QPushButton("Save", window)
    describe(button, "Save", "Write the list to a file. " * 9)
    window.show()
    point = QPoint(3, 3)
    QApplication.sendEvent(button, QHelpEvent(
        QEvent.Type.ToolTip, point, button.mapToGlobal(point)))
    [tip] = [each for each in QApplication.topLevelWidgets()
             if each.inherits("QTipLabel") and each.isVisible()]
    assert tip.windowHandle().flags() & Qt.WindowType.WindowTransparentForInput
    assert tip.width() < 700  # it is broken into lines
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
