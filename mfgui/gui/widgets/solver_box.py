"""The choice of the solver: grouped below headings, each with when to use it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QSizePolicy, QWidget

from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.jobs.solver_groups import by_heading

HELP = "The method that finds the factors."


class SolverBox(QuietComboBox):
    """A combo box of solvers by name; headings stand among them where there is more than one.

    Parameters
    ----------
    solvers : mapping of str to object
        By name, with ``label``, ``summary``, ``objective`` and ``group``.
    """

    def __init__(self, solvers: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("solver")
        self.setAccessibleName("Solver")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._solvers = solvers
        items = QStandardItemModel(self)
        groups = by_heading(solvers)
        for heading, members in groups.items():
            if len(groups) > 1:
                items.appendRow(_heading(heading))
            for name, solver in members.items():
                items.appendRow(_entry(name, solver))
        self.setModel(items)
        self.currentIndexChanged.connect(lambda _position: self._describe())
        self.set_name(next(iter(solvers)))
        self._describe()

    @property
    def name(self) -> str:
        """The chosen solver's name."""
        return str(self.currentData())

    def set_name(self, name: str) -> bool:
        """Choose a solver; return whether there is one of that name."""
        position = self.findData(name)
        if position < 0:
            return False
        self.setCurrentIndex(position)
        return True

    def _describe(self) -> None:
        """Say what the chosen solver is for and what it minimizes."""
        solver = self._solvers[self.name]
        self.setToolTip(f"{HELP} {solver.label}: {solver.summary}")
        self.setWhatsThis(f"<p>{HELP}</p><p><b>{escape(solver.label)}</b>: "
                          f"{escape(solver.summary)}</p>"
                          f"<p>It minimizes {escape(solver.objective)}</p>")


def _heading(text: str) -> QStandardItem:
    """Return a row that cannot be chosen: neither the keys nor the wheel stop at it."""
    item = QStandardItem(text)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    font = item.font()
    font.setBold(True)
    item.setFont(font)
    return item


def _entry(name: str, solver: Any) -> QStandardItem:
    item = QStandardItem(solver.label)
    item.setData(name, Qt.ItemDataRole.UserRole)
    item.setToolTip(solver.summary)
    return item
