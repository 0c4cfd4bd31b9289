"""One row of the settings form: label, field, reset button, and a line below where needed."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton

from mfgui.core.settings import RunSettings, SettingInfo
from mfgui.gui.theme import set_role
from mfgui.gui.widgets.number_field import CheckField, NumberField, number_text


class SettingRow:
    """The widgets of one setting.

    Parameters
    ----------
    info : SettingInfo
    text : str
        The label, "&" before its mnemonic.
    """

    def __init__(self, info: SettingInfo, text: str) -> None:
        self.info = info
        self.field: NumberField | CheckField
        self.label: QLabel | None = None
        if info.kind is bool:
            self.field = CheckField(info)
            self.field.setText(text)
        else:
            self.field = NumberField(info)
            self.field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.label = QLabel(text)
            self.label.setBuddy(self.field)
            self.label.setToolTip(info.help)
        self._describe_field()
        self.reset = self._reset_button()
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.hide()

    def _describe_field(self) -> None:
        """Give the field its name, its help and what a screen reader says."""
        field, info = self.field, self.info
        field.setObjectName(info.name)
        field.setToolTip(info.help)
        field.setWhatsThis(info.help)
        field.setAccessibleName(label_text(info))
        field.setAccessibleDescription(info.help)

    def _reset_button(self) -> QToolButton:
        """Return the button that brings the default back; hidden, it keeps its room."""
        button, info = QToolButton(), self.info
        button.setObjectName(f"{info.name}Reset")
        button.setProperty("isQuiet", True)
        text = f"Back to {value_text(info, info.default)}"
        button.setToolTip(text)
        button.setAccessibleName(f"{info.label}: {text[0].lower()}{text[1:]}")
        button.setFixedSize(22, 22)
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        button.setSizePolicy(policy)
        button.clicked.connect(lambda: self.field.set_value(info.default))
        return button

    def add_to(self, grid: QGridLayout) -> None:
        """Put the row below what the grid holds."""
        line = grid.rowCount()
        if self.label is None:
            grid.addWidget(self.field, line, 0, 1, 2)
        else:
            grid.addWidget(self.label, line, 0)
            grid.addWidget(self.field, line, 1)
        grid.addWidget(self.reset, line, 2)
        grid.addWidget(self.note, line + 1, 0, 1, 3)

    @property
    def is_default(self) -> bool:
        """Whether the field holds the default."""
        return not self.field.error_text and self.field.value() == self.info.default

    def show_note(self, text: str, role: str) -> None:
        """Show a sentence below the field, or take it away."""
        set_role(self.note, role)
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def mark(self, running: RunSettings | None) -> str:
        """Return the mark of a field that differs from the running run, or ""."""
        name = self.info.name
        if running is None or not hasattr(running, name):
            return ""
        value = getattr(running, name)
        if not self.field.error_text and value == self.field.value():
            return ""
        return f"for the next run (this run: {value_text(self.info, value)})"


def value_text(info: SettingInfo, value: object) -> str:
    """Return a setting's value in words: "on", "0.05", "automatic"."""
    if isinstance(value, bool):
        return "on" if value else "off"
    assert value is None or isinstance(value, (int, float))
    return number_text(value) or info.empty_text


def label_text(info: SettingInfo) -> str:
    """Return the label, with the unit where the label does not already say it."""
    if not info.unit or info.unit.lower() in info.label.lower():
        return info.label
    return f"{info.label} ({info.unit})"


def with_mnemonic(text: str, letters: set[str]) -> str:
    """Return the text with "&" before its first letter that is still free, and take that."""
    for position, letter in enumerate(text):
        if letter.isalpha() and letter.lower() not in letters:
            letters.add(letter.lower())
            return f"{text[:position]}&{text[position:]}"
    return text
