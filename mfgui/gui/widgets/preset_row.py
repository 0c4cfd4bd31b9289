"""Small buttons that fill the form: each solver says what is quick and what is accurate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from mfgui.core.settings import RunSettings, describe
from mfgui.gui.widgets.setting_row import value_text

DEFAULTS = "Defaults"


class PresetRow(QWidget):
    """One button a preset, and one that brings all defaults back.

    Signals
    -------
    preset_chosen : the values by setting; what is not named gets its default
    """

    preset_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._buttons: list[QPushButton] = []

    def show_presets(
        self, presets: Mapping[str, Mapping[str, Any]], settings_type: type[RunSettings]
    ) -> None:
        """Offer another solver's presets."""
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(name, values, settings_type)
                         for name, values in {**presets, DEFAULTS: {}}.items()]
        for button in self._buttons:
            self._row.addWidget(button, 1)

    def tab_widgets(self) -> list[QWidget]:
        """Return what Tab goes through, in order."""
        return list(self._buttons)

    def _button(
        self, name: str, values: Mapping[str, Any], settings_type: type[RunSettings]
    ) -> QPushButton:
        button = QPushButton(name)
        button.setObjectName(f"preset{name}Button")
        button.setProperty("isSmall", True)
        button.setAccessibleName(f"Fill the form: {name}")
        told = ", ".join(f"{info.label} {value_text(info, values[info.name])}"
                         for info in describe(settings_type) if info.name in values)
        button.setToolTip(f"{told}; all others at their defaults." if told else
                          "Every setting at its default.")
        button.clicked.connect(lambda: self.preset_chosen.emit(dict(values)))
        return button
