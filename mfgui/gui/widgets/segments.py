"""Buttons side by side, one of which is down."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from mfgui.gui.widgets.described import describe


class Segments(QWidget):
    """One choice of a few.

    Signals
    -------
    chosen : the key that a person chose
    """

    chosen = Signal(str)

    def __init__(
        self, name: str, choices: dict[str, tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        group = QButtonGroup(self)
        self.buttons: dict[str, QPushButton] = {}
        for place, (key, (text, help_text)) in enumerate(choices.items()):
            button = QPushButton(text)
            button.setObjectName(f"{key}Button")
            button.setCheckable(True)
            button.setChecked(place == 0)
            segment = {0: "first", len(choices) - 1: "last"}.get(place, "middle")
            button.setProperty("segment", segment)
            describe(button, f"{name}: {text}", help_text)
            button.clicked.connect(lambda _is_on, key=key: self.chosen.emit(key))
            group.addButton(button)
            row.addWidget(button)
            self.buttons[key] = button

    @property
    def key(self) -> str:
        """The choice."""
        return next(key for key, button in self.buttons.items() if button.isChecked())

    def choose(self, key: str) -> None:
        """Put a button down, as if nobody had chosen it."""
        self.buttons[key].setChecked(True)
