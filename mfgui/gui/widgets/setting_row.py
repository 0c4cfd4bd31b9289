"""One row of the settings form: label, field, reset button, and what stands below where needed.

Below it stands a line that says what is wrong, and where the value can be found by trying, what
finds it.
"""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QToolButton, QWidget

from mfgui.core.settings import RunSettings, SettingInfo
from mfgui.gui.theme import set_role
from mfgui.gui.widgets.choice_fields import CheckField, SelectField
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.number_field import NumberField, number_text
from mfgui.gui.widgets.rate_finder import RateFinder

# What stands beside its field is at most this wide, and both together, where the dock is 280.
_WIDEST_LABEL = 118
_WIDEST_PAIR = 210
# Border, padding and arrow beside the words of a choice.
_AROUND = 46


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
        self.is_shown = True
        self.field: NumberField | CheckField | SelectField
        self.label: QLabel | None = None
        if info.kind is bool:
            self.field = CheckField(info)
            self.field.setText(text)
        else:
            self.field = SelectField(info) if info.choices else NumberField(info)
            self.field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.label = QLabel(text)
            self.label.setBuddy(self.field)
            self.label.setToolTip(info.help)
        self._describe_field()
        self.reset = self._reset_button()
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.hide()
        self.finder = RateFinder() if info.is_findable else None
        if self.finder is not None:
            self.finder.rate_chosen.connect(self._on_rate_chosen)

    def _on_rate_chosen(self, rate: float) -> None:
        self.field.set_value(rate)

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
        describe(button, f"{info.label}: {text[0].lower()}{text[1:]}", f"{text}, the default.")
        button.setFixedSize(22, 22)
        button.clicked.connect(lambda: self.field.set_value(info.default))
        return button

    def add_to(self, grid: QGridLayout) -> None:
        """Put the row below what the grid holds; a long one takes two lines."""
        line = grid.rowCount()
        if self.label is None:
            grid.addWidget(self.field, line, 0, 1, 2)
        elif self._is_long():
            grid.addWidget(self.label, line, 0, 1, 2)
            line += 1
            grid.addWidget(self.field, line, 0, 1, 2)
        else:
            grid.addWidget(self.label, line, 0)
            grid.addWidget(self.field, line, 1)
        grid.addWidget(self.reset, line, 2)
        grid.addWidget(self.note, line + 1, 0, 1, 3)
        if self.finder is not None:
            grid.addWidget(self.finder, line + 2, 0, 1, 3)
        self.refresh()

    def _is_long(self) -> bool:
        """Return whether label and field need more room than there is side by side."""
        metrics, info = self.field.fontMetrics(), self.info
        label = metrics.horizontalAdvance(label_text(info))
        words = max(map(metrics.horizontalAdvance, info.choices.values()), default=0)
        return label > _WIDEST_LABEL or (bool(words) and label + words + _AROUND > _WIDEST_PAIR)

    def show_row(self, is_shown: bool) -> None:
        """Show the row, or take it away: what is in its field stays."""
        self.is_shown = is_shown
        self.refresh()

    def refresh(self) -> None:
        """Let every part be seen that has something to say."""
        policy = self.reset.sizePolicy()
        if policy.retainSizeWhenHidden() != self.is_shown:  # no field jumps when it comes
            policy.setRetainSizeWhenHidden(self.is_shown)
            self.reset.setSizePolicy(policy)
        self.field.setVisible(self.is_shown)
        if self.label is not None:
            self.label.setVisible(self.is_shown)
        self.reset.setVisible(self.is_shown and not self.is_default)
        self.note.setVisible(self.is_shown and bool(self.note.text()))
        if self.finder is not None:
            self.finder.setVisible(self.is_shown)

    def tab_widgets(self) -> list[QWidget]:
        """Return what Tab goes through, in order."""
        more = self.finder.tab_widgets() if self.finder is not None else []
        return [self.field, self.reset, *more]

    @property
    def is_default(self) -> bool:
        """Whether the field holds the default."""
        return not self.field.error_text and self.field.value() == self.info.default

    def show_note(self, text: str, role: str) -> None:
        """Show a sentence below the field, or take it away."""
        set_role(self.note, role)
        self.note.setText(text)
        self.note.setVisible(self.is_shown and bool(text))

    def mark(self, running: RunSettings | None) -> str:
        """Return the mark of a field that differs from the running run, or ""."""
        name = self.info.name
        if running is None or not self.is_shown or not hasattr(running, name):
            return ""
        value = getattr(running, name)
        if not self.field.error_text and value == self.field.value():
            return ""
        return f"for the next run (this run: {value_text(self.info, value)})"


def value_text(info: SettingInfo, value: object) -> str:
    """Return a setting's value in words: "on", "0.05", "automatic", or a choice's own."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return info.choices.get(value, value)
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
