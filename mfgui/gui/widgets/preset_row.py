"""Small buttons that fill the form: each solver says what is quick and what is accurate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from mfgui.core.settings import describe
from mfgui.gui.widgets.described import describe as describe_widget
from mfgui.gui.widgets.setting_row import value_text

RESET = "Reset"
SOLVER = "solver"  # the key of a preset that names another solver


class PresetRow(QWidget):
    """One button a preset, and one that brings all defaults back.

    Signals
    -------
    preset_chosen : the solver's name, and the values by setting; what is not named gets its default
    """

    preset_chosen = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._buttons: list[QPushButton] = []

    def show_presets(self, name: str, solvers: Mapping[str, Any]) -> None:
        """Offer the presets of a solver, except where they name one that there is not."""
        had_focus = any(button.hasFocus() for button in self._buttons)
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.setParent(None)
            button.deleteLater()  # not at once: it may be the one that was pressed
        self._buttons = []
        for word, preset in {**solvers[name].presets, RESET: {}}.items():
            target = str(preset.get(SOLVER, name))
            if target in solvers:
                values = {key: value for key, value in preset.items() if key != SOLVER}
                told = _told(solvers[target], values, is_other=target != name)
                self._buttons.append(self._button(word, target, values, told))
        for button in self._buttons:
            self._row.addWidget(button, 1)
        if had_focus:
            self._buttons[-1].setFocus()

    def tab_widgets(self) -> list[QWidget]:
        """Return what Tab goes through, in order."""
        return list(self._buttons)

    def _button(
        self, word: str, solver: str, values: Mapping[str, Any], told: str
    ) -> QPushButton:
        button = QPushButton(word)
        button.setObjectName(f"preset{word}Button")
        button.setProperty("isSmall", True)
        describe_widget(button, f"Fill the form: {word}", told)
        button.clicked.connect(lambda: self.preset_chosen.emit(solver, dict(values)))
        return button


def _told(solver: Any, values: Mapping[str, Any], *, is_other: bool) -> str:
    """Return what a preset does: "Factors 8, Epochs 10; all others at their defaults."."""
    named = ", ".join(f"{info.label} {value_text(info, values[info.name])}"
                      for info in describe(solver.settings_type) if info.name in values)
    rest = "all others at their defaults." if named else "every setting at its default."
    parts = [f"the method “{solver.label}”" if is_other else "", named, rest]
    text = "; ".join(part for part in parts if part)
    return text[0].upper() + text[1:]
