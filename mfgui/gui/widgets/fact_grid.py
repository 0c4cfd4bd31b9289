"""Names with their values, a line each; values are broken where they are long, never cut off."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from mfgui.gui.theme import set_role
from mfgui.gui.widgets.breakable import breakable


class FactGrid(QWidget):
    """Shows lines; those of before go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facts: tuple[tuple[str, str], ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._labels: list[tuple[QLabel, QLabel]] = []

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Write names and values; the labels that there are take the new texts."""
        self.facts = tuple(facts)
        while len(self._labels) < len(self.facts):
            self._add_line()
        for k, (name, value) in enumerate(self._labels):
            is_used = k < len(self.facts)
            name.setVisible(is_used)
            value.setVisible(is_used)
            if is_used:
                self._write(name, value, *self.facts[k])

    def _add_line(self) -> None:
        row, name, value = len(self._labels), QLabel(), QLabel()
        set_role(name, "muted")
        name.setAlignment(Qt.AlignmentFlag.AlignTop)
        value.setAlignment(Qt.AlignmentFlag.AlignTop)
        value.setWordWrap(True)
        for label in (name, value):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(value, row, 1)
        self._labels.append((name, value))

    @staticmethod
    def _write(name: QLabel, value: QLabel, word: str, text: str) -> None:
        name.setText(word)
        value.setText(breakable(text))
        value.setAccessibleName(f"{word}: {text}")
        # What is copied must not bring marks that cannot be seen.
        is_plain = value.text() == text
        value.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse if is_plain
            else Qt.TextInteractionFlag.NoTextInteraction)
