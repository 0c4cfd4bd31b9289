"""Small widgets that look alike in several panels."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from mfgui.gui.widgets.described import describe


def small_button(text: str, name: str, help_text: str) -> QPushButton:
    """Return a small button."""
    button = QPushButton(text)
    button.setObjectName(name)
    describe(button, help_text.partition(":")[0].rstrip("."), help_text)
    button.setProperty("isSmall", True)
    return button


def sentence(text: str) -> QLabel:
    """Return a label that stands in the middle where there is nothing else yet."""
    label = QLabel(text)
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setContentsMargins(16, 12, 16, 12)
    return label
