"""The settings in which two models differ, as a table as high as it has lines."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from mfgui.gui.widgets.line_table import Column, LineTable
from mfgui.inspection.differences import SettingDifference

_MOST_LINES = 12


class ComparisonSettings(QWidget):
    """The table, or a sentence where nothing differs or nobody knows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentence = QLabel()
        self.sentence.setProperty("role", "muted")
        self.sentence.setWordWrap(True)
        self.table = LineTable((
            Column("Setting", lambda line: line.label),
            Column("A", lambda line: line.value),
            Column("B", lambda line: line.other_value)), 0, lambda line: line.name)
        self.table.setObjectName("comparisonSettings")
        self.table.setAccessibleName("Settings that differ")
        self.table.setWhatsThis("The settings in which A and B differ; a dash stands where a "
                                "method has no such setting.")
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.sentence)
        column.addWidget(self.table)

    def show_settings(self, lines: Sequence[SettingDifference], *, is_known: bool) -> None:
        """Show what differs."""
        self.table.show_lines(tuple(lines), lines)
        self.table.setVisible(bool(lines))
        self.sentence.setText(
            "No setting differs." if is_known else "The settings of one of the two are not known.")
        self.sentence.setVisible(not lines)
        shown = min(len(lines), _MOST_LINES)
        row = self.table.verticalHeader().defaultSectionSize()
        self.table.setFixedHeight(
            self.table.horizontalHeader().sizeHint().height() + shown * row + 4)
