"""What is to be measured, how lists are judged, how many folds, and the buttons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mfgui.core.settings import SettingInfo, setting
from mfgui.core.settings import describe as describe_settings
from mfgui.core.splits import LARGEST_FOLDS
from mfgui.core.top_metrics import MOST_PLACES
from mfgui.errors import SettingsError
from mfgui.gui.theme import set_role
from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.flow_row import FlowRow
from mfgui.gui.widgets.number_field import NumberField
from mfgui.gui.widgets.small_parts import small_button

PART_HELP = ("Which ratings the shown model is measured on: what its run held out, with the "
             "factors from before a refit; open ratings that it never saw; or the test file that "
             "is set at the left.")
EVALUATE_HELP = ("Measure the shown model and the simplest models on these ratings: errors of "
                 "predictions, and how good the first places of every user's list are.")
CROSS_HELP = ("Train the method and settings of the form on all folds but one and measure on that "
              "one, for each fold in turn. Folds come as they are done; Cancel keeps them. Each "
              "fold is kept as a run of the project.")
NOTHING = "Nothing yet"


@dataclass(frozen=True)
class EvaluationFields:
    """The numbers, declared as settings are."""

    n: int = setting(
        10, "Places", "How many of the first places of each user's list count: the N of "
        "precision@N.", minimum=1, maximum=MOST_PLACES)
    threshold: float | None = setting(
        None, "Relevant from", "An item is relevant to a user whose rating is at least this; "
        "empty: three quarters up the scale, 4 of 1 to 5, or whatever is above 0 where preferences "
        "are predicted.", minimum=-1e30, maximum=1e30, step=0.5, empty_text="auto")
    n_folds: int = setting(
        5, "Folds", "Into how many parts the ratings are dealt; as many runs are trained.",
        minimum=2, maximum=LARGEST_FOLDS)


def field_infos() -> dict[str, SettingInfo]:
    """Return what is known of each number."""
    declared: Any = EvaluationFields  # as settings are
    infos = describe_settings(declared)
    return {info.name: info for info in infos}


class EvaluationTools(QWidget):
    """The controls above the figures.

    Signals
    -------
    changed : another part was chosen or another number typed
    evaluate_clicked, cross_validate_clicked
    """

    changed = Signal()
    evaluate_clicked = Signal()
    cross_validate_clicked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part = QuietComboBox()
        self.part.setObjectName("evaluationPart")
        self.part.setSizeAdjustPolicy(QuietComboBox.SizeAdjustPolicy.AdjustToContents)
        describe(self.part, "Measure on", PART_HELP)
        self.fields = {name: self._field(info) for name, info in field_infos().items()}
        self.evaluate = small_button("Evaluate", "evaluateButton", EVALUATE_HELP)
        self.cross_validate = small_button("Cross-validate", "crossValidateButton", CROSS_HELP)
        self._pressed = self.evaluate
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setObjectName("evaluationMessage")
        self.message.hide()
        self._build()
        self.part.currentIndexChanged.connect(lambda _: self.changed.emit())
        self.evaluate.clicked.connect(self.evaluate_clicked)
        self.cross_validate.clicked.connect(self.cross_validate_clicked)

    def _field(self, info: SettingInfo) -> NumberField:
        field = NumberField(info)
        field.setObjectName(f"evaluation_{info.name}")
        field.setFixedWidth(78 if info.is_optional else 64)
        describe(field, info.label, info.help)
        field.value_changed.connect(self.changed)
        return field

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = FlowRow(spacing=14)
        row.add(_group("Measure on", self.part, self.evaluate))
        row.add(_group("Folds", self.fields["n_folds"], self.cross_validate))
        for name in ("n", "threshold"):
            row.add(_group(self.fields[name].info.label, self.fields[name]))
        column.addWidget(row)
        column.addWidget(self.message)

    def offer(self, parts: Mapping[str, str], wanted: str = "") -> None:
        """Offer what there is to measure on; what was chosen stays, if it is still there."""
        before = wanted or self.part_name
        self.part.blockSignals(True)
        self.part.clear()
        for name, words in parts.items():
            self.part.addItem(words, name)
        if not parts:
            self.part.addItem(NOTHING, "")
        self.part.setCurrentIndex(max(self.part.findData(before), 0))
        self.part.setEnabled(bool(parts))
        self.part.blockSignals(False)
        self.part.updateGeometry()

    @property
    def part_name(self) -> str:
        """What is to be measured on; "" where there is nothing."""
        return str(self.part.currentData() or "")

    def number(self, name: str) -> float | int | None:
        """Return a number.

        Raises
        ------
        SettingsError
            If what was typed is none that may be.
        """
        return self.fields[name].value()

    def error_of(self, *names: str) -> str:
        """Return what is wrong with some of the numbers, or ""."""
        for name in names:
            try:
                self.number(name)
            except SettingsError as error:
                return str(error)
        return ""

    def show_state(self, evaluate_refusal: str, cross_refusal: str, message: str) -> None:
        """Let what can be done be done, and say of the rest why not."""
        for button, refusal, help_text in (
                (self.evaluate, evaluate_refusal, EVALUATE_HELP),
                (self.cross_validate, cross_refusal, CROSS_HELP)):
            if button.hasFocus() and refusal:  # Qt would hand the keys to the next field
                self._pressed = button
                self.setFocus(Qt.FocusReason.OtherFocusReason)
            button.setEnabled(not refusal)
            button.setToolTip(refusal or help_text)
        if self.hasFocus() and self._pressed.isEnabled():
            self._pressed.setFocus(Qt.FocusReason.OtherFocusReason)
        set_role(self.message, "error")
        self.message.setText(message)
        self.message.setVisible(bool(message))


def _group(text: str, field: QWidget, button: QPushButton | None = None) -> QWidget:
    """Return a field with its label, and the button that belongs to it."""
    group, label = QWidget(), QLabel(text)
    label.setBuddy(field)
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    row.addWidget(label)
    row.addWidget(field)
    if button is not None:
        row.addWidget(button)
    return group
