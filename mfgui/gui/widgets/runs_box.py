"""The list of runs with its heading, hidden while there is no run."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mfgui.gui.project_model import ProjectModel
from mfgui.gui.widgets.run_list import RunList
from mfgui.gui.widgets.small_parts import small_button


class RunsBox(QWidget):
    """The runs, and what two ticked ones allow.

    Signals
    -------
    table_wanted : all figures of all runs are wanted
    """

    table_wanted = Signal()

    def __init__(self, project: ProjectModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runsBox")
        self._project = project
        self.list = RunList(project)
        self._heading = QLabel("Runs")
        self._heading.setProperty("role", "heading")
        self.compare = small_button(
            "Compare", "compareRunsButton", "Compare the two ticked runs: show both in the same "
            "panels, curves together, matrices as A, B and A − B.")
        self.table = small_button(
            "Table", "runsTableButton", "Open the table of runs: every setting and figure, sorted "
            "and filtered.")
        self._build()
        self.compare.clicked.connect(self._on_compare)
        self.table.clicked.connect(self.table_wanted)
        project.runs_changed.connect(self._follow)
        project.ticks_changed.connect(self._follow)
        self._follow()

    def _build(self) -> None:
        rule = QFrame()
        rule.setProperty("role", "rule")
        row = QHBoxLayout()
        row.setContentsMargins(10, 0, 10, 0)
        row.setSpacing(6)
        row.addWidget(self._heading)
        row.addStretch(1)
        row.addWidget(self.compare)
        row.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(4)
        layout.addWidget(rule)
        layout.addLayout(row)
        around = QHBoxLayout()
        around.setContentsMargins(6, 0, 6, 0)
        around.addWidget(self.list)
        layout.addLayout(around)

    def tab_widgets(self) -> list[QWidget]:
        """Return what Tab goes through, in order."""
        return [self.compare, self.table, self.list]

    def _follow(self) -> None:
        self.setVisible(bool(self._project.runs))
        self.compare.setVisible(len(self._project.ticked) == 2)
        self.list.updateGeometry()

    def _on_compare(self) -> None:
        ticked = self._project.ticked
        if len(ticked) == 2:
            self._project.compare_wanted.emit(*ticked)
