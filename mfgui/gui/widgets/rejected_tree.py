"""The lines that are no ratings: a row a reason with its number, below it the first lines."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from mfgui.data.import_report import ImportReport
from mfgui.gui.report_lines import reasons


class RejectedTree(QTreeWidget):
    """Reasons that open on their first lines; hidden where nothing was rejected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rejectedTree")
        self.setAccessibleName("Rejected lines by reason")
        self.setWhatsThis("The lines of the file that are no ratings, by reason; Right opens a "
                          "reason on its first lines, Left closes it.")
        self.setColumnCount(2)
        self.setUniformRowHeights(True)
        self.setRootIsDecorated(True)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.setHorizontalScrollMode(QTreeWidget.ScrollMode.ScrollPerPixel)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.hide()

    def show_report(self, report: ImportReport | None, *, is_open: bool = False) -> None:
        """List what a report's file had to leave out; ``is_open`` unfolds the first reason."""
        self.clear()
        found = reasons(report) if report is not None else []
        self.setVisible(bool(found))
        if report is None or not found:
            return
        self.setHeaderLabels([f"Rejected {report.noun}s", "Text"])
        for kind, count, lines in found:
            shown = "" if count == len(lines) else f", the first {len(lines)}"
            top = QTreeWidgetItem(self, [f"{kind[:1].upper()}{kind[1:]}: {count:,}{shown}", ""])
            for line in lines:
                row = QTreeWidgetItem(top, [f"{report.noun} {line.line:,}", line.text])
                row.setToolTip(1, line.reason)
        first = self.topLevelItem(0)
        if is_open and first is not None:
            self.expandItem(first)
