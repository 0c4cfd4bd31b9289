"""Ctrl+Z goes past a text field that has nothing to undo."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLineEdit, QMainWindow, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from mfgui.gui.undo_keys import UndoKeys


class _Window(QMainWindow):
    """Two fields that are meant, one that is not, and an action on Ctrl+Z."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[str] = []
        self.line, self.spin, self.other = QLineEdit(), QSpinBox(), QLineEdit()
        centre = QWidget()
        layout = QVBoxLayout(centre)
        for field in (self.line, self.spin, self.other):
            layout.addWidget(field)
        self.setCentralWidget(centre)
        action = QAction("Undo", self)
        action.setShortcut(QKeySequence("Ctrl+Z"))
        action.triggered.connect(lambda: self.told.append("undo"))
        self.addAction(action)
        self.keys = UndoKeys(lambda widget: widget in (self.line, self.spin), self)


@pytest.fixture
def window(qtbot: QtBot) -> _Window:
    made = _Window()
    qtbot.addWidget(made)
    made.show()
    qtbot.waitActive(made)
    return made


def press(qtbot: QtBot, field: QWidget) -> None:
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.parametrize("name", ["line", "spin"])
def test_a_field_that_was_not_edited_lets_the_key_through(
    window: _Window, name: str, qtbot: QtBot
) -> None:
    press(qtbot, getattr(window, name))
    assert window.told == ["undo"]


def test_a_field_that_was_edited_takes_its_own_letters_back_first(
    window: _Window, qtbot: QtBot
) -> None:
    window.line.setFocus()
    qtbot.keyClicks(window.line, "abc")
    press(qtbot, window.line)
    assert window.line.text() == ""
    assert window.told == []
    press(qtbot, window.line)
    assert window.told == ["undo"]


def test_a_field_elsewhere_keeps_the_key(window: _Window, qtbot: QtBot) -> None:
    press(qtbot, window.other)
    assert window.told == []
