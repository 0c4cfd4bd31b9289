"""All notices of this session, so that none is lost when the next one takes its place."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.widgets.described import describe
from mfgui.training.events import Notice

_COLUMNS = ("Time", "Kind", "Epoch", "Message")


class MessagesPanel(Panel):
    """A table of the session's notices, oldest first."""

    title = "Messages"
    area = "bottom"
    keys = "Ctrl+Shift+G"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("messagesPanel")
        self._empty = QLabel("Nothing has been reported in this session.")
        self._empty.setProperty("role", "muted")
        self._table = QTableWidget(0, len(_COLUMNS))
        self._copy = QPushButton("Copy details")
        self._copy.setObjectName("copyDetailsButton")
        describe(self._copy, "Copy all messages",
                 "Copy all messages as text, to paste into a report.")
        self._copy.clicked.connect(self._on_copy_clicked)
        self._build()

    def _build(self) -> None:
        table = self._table
        table.setHorizontalHeaderLabels(_COLUMNS)
        describe(table, "Messages", "Every notice of this session, oldest first: when it came, "
                 "in which epoch, and what it says.")
        table.setToolTip("")  # it would lie over what one reads
        table.verticalHeader().hide()
        table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        table.setTabKeyNavigation(False)
        table.setWordWrap(True)
        table.setShowGrid(False)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.horizontalHeader().setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().sectionResized.connect(table.resizeRowsToContents)
        table.hide()
        self._copy.setEnabled(False)
        row = QHBoxLayout()
        row.addWidget(self._empty, 1)
        row.addStretch(0)
        row.addWidget(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        layout.addWidget(table, 1)
        layout.addLayout(row)

    def set_models(self, run_model: RunModel, view_state: Any) -> None:
        """Listen to a run model."""
        run_model.notice_added.connect(self.add_notice)

    def add_notice(self, notice: Notice) -> None:
        """List a notice with the time of day."""
        line = self._table.rowCount()
        self._table.insertRow(line)
        texts = (datetime.now().strftime("%H:%M:%S"), notice.kind,
                 "" if notice.epoch is None else f"{notice.epoch:,}", notice.text)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setTextAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            self._table.setItem(line, column, item)
        self._table.resizeRowToContents(line)
        self._table.scrollToBottom()
        self._table.show()
        self._empty.setText("")
        self._copy.setEnabled(True)

    def details(self) -> str:
        """Return all messages as text, one a line, separated by tabs."""
        rows = range(self._table.rowCount())
        return "\n".join("\t".join(
            item.text() for column in range(len(_COLUMNS))
            if (item := self._table.item(row, column)) is not None) for row in rows)

    def _on_copy_clicked(self) -> None:
        QApplication.clipboard().setText(self.details())
