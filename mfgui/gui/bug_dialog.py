"""The report of a bug: what happened was not the person's doing, and it says so."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

BUG_TEXT = "This is a bug in mfgui, not a mistake of yours. Nothing that was open is lost."


class BugDialog(QDialog):
    """Shows the details of an unexpected failure and lets them be copied."""

    def __init__(
        self, traceback_text: str, log_path: str | Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("bugDialog")
        self.setWindowTitle("A bug in mfgui")
        self.resize(640, 400)
        self._details = QPlainTextEdit(traceback_text)
        self._details.setReadOnly(True)
        self._details.setTabChangesFocus(True)
        self._details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._details.setAccessibleName("Details of the bug")
        told = QLabel(BUG_TEXT)
        told.setProperty("role", "title")
        hint = QLabel("You can go on working. To have it mended, copy the details into a report."
                      + (f" They are also in {log_path}." if log_path else ""))
        for label in (told, hint):
            label.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        for widget in (told, hint, self._details):
            layout.addWidget(widget)
        layout.addLayout(self._buttons())
        self._close.setFocus()

    def _buttons(self) -> QHBoxLayout:
        copy, close = QPushButton("&Copy details"), QPushButton("C&lose")
        self._close = close
        copy.setObjectName("copyDetailsButton")
        close.setObjectName("closeButton")
        close.setDefault(True)
        close.setProperty("isPrimary", True)
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.details))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        return row

    @property
    def details(self) -> str:
        """The traceback."""
        return self._details.toPlainText()
