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

from mfgui.gui.widgets.described import describe

BUG_TEXT = "This is a bug in mfgui, not a mistake of yours. Nothing that was open is lost."
MOST_SHOWN = 10  # different bugs in one dialog


class BugDialog(QDialog):
    """Shows the details of an unexpected failure and lets them be copied.

    ``details`` is what a report needs beside the traceback: versions, screen, the log's last lines.
    """

    def __init__(
        self, traceback_text: str, log_path: str | Path | None = None,
        parent: QWidget | None = None, details: str = "",
    ) -> None:
        super().__init__(parent)
        self.setObjectName("bugDialog")
        self.setWindowTitle("A bug in mfgui")
        self.resize(640, 420)
        self._bugs, self._about = [traceback_text], details
        self._details = QPlainTextEdit()
        self._details.setReadOnly(True)
        self._details.setTabChangesFocus(True)
        self._details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._details.setAccessibleName("Details of the bug")
        told = QLabel(BUG_TEXT)
        told.setProperty("role", "title")
        hint = QLabel("You can go on working. To have it mended, copy the details into a report; "
                      "they hold no ratings and no ids, but paths on this computer."
                      + (f" The traceback is also in {log_path}." if log_path else ""))
        self._more = QLabel()
        self._more.setObjectName("moreBugsText")
        for label in (told, hint, self._more):
            label.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        for widget in (told, hint, self._more, self._details):
            layout.addWidget(widget)
        layout.addLayout(self._buttons())
        self._more.hide()
        self._fill()
        self._close.setFocus()

    def _buttons(self) -> QHBoxLayout:
        copy, close = QPushButton("&Copy details"), QPushButton("C&lose")
        self._close = close
        copy.setObjectName("copyDetailsButton")
        describe(copy, "Copy details", "Copy what is shown below, to paste into a report.")
        close.setObjectName("closeButton")
        describe(close, "Close", "Close this report and go on working.")
        close.setDefault(True)
        close.setProperty("isPrimary", True)
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.details))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(copy)
        row.addWidget(close)
        return row

    def _fill(self) -> None:
        self._details.setPlainText("\n\n".join(filter(None, (*self._bugs, self._about))))

    def add(self, traceback_text: str, n_more: int) -> None:
        """Show another bug below those that are shown; of very many the first are enough."""
        if len(self._bugs) < MOST_SHOWN:
            self._bugs.append(traceback_text)
            self._fill()
        self.set_n_more(n_more)

    def set_n_more(self, n_more: int) -> None:
        """Say how many came after the first."""
        self._more.setText("It happened once more since." if n_more == 1 else
                           f"It, or another one, happened {n_more:,} more times since.")
        self._more.setVisible(n_more > 0)

    @property
    def details(self) -> str:
        """The traceback, and what a report needs beside it."""
        return self._details.toPlainText()
