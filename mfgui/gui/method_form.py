"""The choice of the method with all that belongs to it: presets, settings, what it minimizes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from mfgui.core.ratings import Ratings
from mfgui.gui.settings_form import SettingsForm
from mfgui.gui.widgets.preset_row import PresetRow
from mfgui.gui.widgets.solver_box import SolverBox
from mfgui.jobs.train import memory_text


class MethodForm(QWidget):
    """Solver box, when to use it, presets, the form of its settings, its objective.

    Signals
    -------
    form_replaced : another method's settings are about to be shown
    changed : the method, or anything in the form, changed
    method_changed : another method was chosen; ``changed`` follows
    """

    form_replaced = Signal()
    changed = Signal()
    method_changed = Signal()

    def __init__(self, solvers: Mapping[str, Any], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._solvers = solvers
        self.solver, self.presets, self.form = SolverBox(solvers), PresetRow(), SettingsForm()
        self._summary, self._objective, self._memory = QLabel(), QLabel(), QLabel()
        self._build()
        self.solver.currentIndexChanged.connect(self._on_solver_changed)
        self.presets.preset_chosen.connect(self._on_preset_chosen)
        self.form.changed.connect(self.changed)

    def _build(self) -> None:
        """Place all below each other."""
        label = QLabel("&Method")
        label.setProperty("role", "heading")
        label.setBuddy(self.solver)
        for text in (self._summary, self._objective, self._memory):
            text.setWordWrap(True)
            text.setProperty("role", "muted")
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        choice = QVBoxLayout()
        choice.setSpacing(4)
        for widget in (label, self.solver, self._summary, self.presets):
            choice.addWidget(widget)
        heading = QLabel("What this minimizes")
        heading.setProperty("role", "heading")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(choice)
        for part in (self.form, heading, self._objective, self._memory):
            column.addWidget(part)

    @property
    def solver_name(self) -> str:
        """The chosen solver's name."""
        return self.solver.name

    @property
    def solver_label(self) -> str:
        """The word that people read for it."""
        return str(self._solvers[self.solver_name].label)

    def set_solver(self, name: str) -> None:
        """Choose a solver; one that does not exist is passed over."""
        if self.solver.set_name(name):
            self._on_solver_changed()

    def show_memory(self, ratings: Ratings | None) -> None:
        """Say what a run takes, before it begins."""
        is_known = ratings is not None and not self.form.error_text
        self._memory.setVisible(is_known)
        if is_known and ratings is not None:
            text = memory_text(self.solver_name, self.form.settings(), ratings)
            about = "" if text.startswith("less") else "about "
            self._memory.setText(f"A run takes {about}{text} of memory beside the ratings.")

    def tab_widgets(self) -> list[QWidget]:
        """Return what Tab goes through, in order."""
        return [self.solver, *self.presets.tab_widgets(), *self.form.tab_widgets()]

    def _on_solver_changed(self) -> None:
        solver = self._solvers[self.solver_name]
        self._summary.setText(solver.summary)
        self._objective.setText(solver.objective)
        if self.form.settings_type is not solver.settings_type:
            self.form_replaced.emit()
            self.form.set_settings_type(solver.settings_type)
        self.presets.show_presets(self.solver_name, self._solvers)
        self.method_changed.emit()
        self.changed.emit()

    def _on_preset_chosen(self, solver: str, values: dict[str, Any]) -> None:
        self.set_solver(solver)
        self.form.reset()
        for name, value in values.items():
            self.form.set_value(name, value)
