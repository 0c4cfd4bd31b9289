"""Why nothing can be written at present: it stays until there is room again."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget


class TroubleBar(QFrame):
    """One sentence that nobody can close, for it tells of what is still so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messageBar")
        self.setProperty("kind", "error")
        self.setAccessibleName("Trouble with writing the project")
        self._text = QLabel(self)
        self._text.setObjectName("troubleText")
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.addWidget(self._text, 1)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown, "" while there is no trouble."""
        return "" if self.isHidden() else self._text.text()

    def show_trouble(self, text: str) -> None:
        """Say what is the matter; "" when all is well again."""
        self._text.setText(text)
        self._text.setAccessibleName(text)
        self.setVisible(bool(text))
