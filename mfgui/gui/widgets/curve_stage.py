"""What a picture of the curve shows: plot and figures or legend, rates and how the run ended."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from mfgui.gui.theme import Theme
from mfgui.gui.widgets.curve_figures import CurveFigures
from mfgui.gui.widgets.curve_plot import CurvePlot
from mfgui.gui.widgets.curve_table import CurveTable
from mfgui.gui.widgets.rate_line import RateLine


class CurveStage(QWidget):
    """The plot, what stands beside it, and what stands below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot, self.figures, self.table = CurvePlot(), CurveFigures(), CurveTable()
        self.rate_line, self.end = RateLine(), QLabel()
        self.end.setObjectName("curveEnd")
        self.end.setWordWrap(True)
        self.end.setContentsMargins(8, 0, 0, 2)
        self.end.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._row = QSplitter(Qt.Orientation.Horizontal)
        self._row.setChildrenCollapsible(False)
        for widget in (self.plot, self.figures, self.table):
            self._row.addWidget(widget)
        self._row.setStretchFactor(0, 1)
        self.table.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._row, 1)
        column.addWidget(self.rate_line)
        column.addWidget(self.end)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the theme's colours."""
        self.plot.set_theme(theme)
        self.figures.set_theme(theme)
        self.table.set_theme(theme)

    def show_legend(self, *, is_several: bool) -> None:
        """Show the legend of several runs, or the figures of one."""
        if is_several != self.table.isHidden():
            return
        self.table.setVisible(is_several)
        self.figures.setVisible(not is_several)
        if is_several:
            wanted = max(self.width() * 3 // 10, self.table.minimumWidth())
            self._row.setSizes([max(self.width() - wanted, 100), 0, wanted])


class CurvePages(QStackedWidget):
    """The curve below its row of controls, or one sentence before there is one."""

    def __init__(self, head: QWidget, stage: CurveStage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.invitation = QLabel()
        self.invitation.setProperty("role", "muted")
        self.invitation.setWordWrap(True)
        self.invitation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.invitation.setContentsMargins(16, 12, 16, 12)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addWidget(head)
        column.addWidget(stage, 1)
        self.addWidget(self.invitation)
        self.addWidget(full)
