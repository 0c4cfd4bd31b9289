"""Buttons that train a copy by hand: one rating, one row, one epoch, and back."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mfgui.core.settings import RunSettings, describe, setting
from mfgui.errors import SettingsError
from mfgui.gui.theme import Theme, set_role
from mfgui.gui.widgets.number_field import NumberField, number_text
from mfgui.gui.widgets.step_curve import StepCurve
from mfgui.inspection.equation_desk import Answer

IDLE = "Step mode trains a copy by hand; the run's own model stays as it is."
WORKING = "Stepping…"
# Kind: label, tooltip, What's This.
STEPS = {
    "rating": (
        "One rating", "Take the step that the pinned rating asks for.",
        "Takes one step on a copy of the model, by the gradients of the pinned rating alone."),
    "row": (
        "One row", "Take the steps of all ratings of the pinned user; ALS solves the row.",
        "Takes the pinned user's ratings one after another; gradient descent steps down the row's "
        "whole gradient, and ALS solves the row."),
    "epoch": (
        "One epoch", "Go over all ratings once.",
        "Goes over all training ratings once, in their order; gradient descent takes one step "
        "with all of them, ALS solves all users, then all items."),
    "back": ("Back", "Take the last step back.",
             "Takes the last step back: the copy is again what it was, to the last bit."),
    "leave": ("Leave", "Throw the copy away and look at the run's model again.",
              "Ends step mode: the copy is thrown away, and matrices and numbers follow the run's "
              "own model again."),
}


@dataclass(frozen=True)
class StepSettings(RunSettings):
    """What a person can choose of a step."""

    step_rate: float | None = setting(
        None, "Rate", "The learning rate of the steps, as the method states it; empty: the run's.",
        minimum=0, maximum=1e30, is_open=True, is_log=True, empty_text="the run's")


class StepBar(QWidget):
    """Buttons, the rate, and the losses of the copy.

    Signals
    -------
    asked : "rating", "row", "epoch", "back" or "leave"
    rate_changed : another rate was typed, or none; read ``rate``
    """

    asked = Signal(str)
    rate_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stepBar")
        self.buttons = {kind: self._button(kind) for kind in STEPS}
        self.field = self._made_field()
        self.state = QLabel(IDLE)
        self.state.setObjectName("stepState")
        self.state.setWordWrap(True)
        self.state.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        set_role(self.state, "muted")
        self.curve = StepCurve()
        self.curve.hide()
        self._build()
        self.set_off("")

    def _button(self, kind: str) -> QPushButton:
        label, tip, more = STEPS[kind]
        button = QPushButton(label)
        button.setObjectName(f"{kind}StepButton")
        button.setProperty("isSmall", True)
        button.setAccessibleName(f"{label}: step by step")
        button.setToolTip(tip)
        button.setWhatsThis(more)
        button.clicked.connect(lambda: self.asked.emit(kind))
        return button

    def _made_field(self) -> NumberField:
        [info] = [info for info in describe(StepSettings) if info.name == "step_rate"]
        field = NumberField(info)
        field.setObjectName("step_rate")
        field.setAccessibleName("Rate of the steps")
        field.setToolTip(info.help)
        field.setWhatsThis(f"{info.help} AdaGrad, NMF and SVD++ state it for ratings divided by "
                           "their standard deviation.")
        field.value_changed.connect(self.rate_changed)
        return field

    def _build(self) -> None:
        steps, ends = QHBoxLayout(), QGridLayout()
        for kind in ("rating", "row", "epoch"):
            steps.addWidget(self.buttons[kind], 1)
        self._label = QLabel("Rate")
        self._label.setBuddy(self.field)
        ends.addWidget(self.buttons["back"], 0, 0)
        ends.addWidget(self.buttons["leave"], 0, 1)
        ends.addWidget(self._label, 0, 2)
        ends.addWidget(self.field, 0, 3)
        ends.setColumnStretch(3, 1)
        for layout in (steps, ends):
            layout.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addLayout(steps)
        column.addLayout(ends)
        column.addWidget(self.state)
        column.addWidget(self.curve, 1)
        column.addStretch(0)

    @property
    def rate(self) -> float | None:
        """The rate that was typed; None where there is none, or it is wrong."""
        try:
            value = self.field.value()
        except SettingsError:
            return None
        return None if value is None else float(value)

    def set_theme(self, theme: Theme) -> None:
        """Draw the losses in the theme's colours."""
        self.curve.set_theme(theme)

    def set_off(self, reason: str) -> None:
        """Switch all steps off, for a reason."""
        for kind, button in self.buttons.items():
            self._enable(kind, button, is_on=False, reason=reason)

    def show_working(self) -> None:
        """Say that a step takes a while."""
        self.state.setText(WORKING)
        set_role(self.state, "muted")

    def show_answer(self, answer: Answer) -> None:
        """Follow the copy: what can be done, what the loss is."""
        for kind in ("rating", "row", "epoch"):
            reason = answer.obstacle(kind)
            self._enable(kind, self.buttons[kind], is_on=not reason, reason=reason)
        self._enable("back", self.buttons["back"], is_on=answer.can_go_back,
                     reason="There is no step to take back.")
        self._enable("leave", self.buttons["leave"], is_on=answer.is_stepping,
                     reason="There is no copy to leave.")
        self._show_rate(answer)
        self._show_state(answer)

    def _enable(self, kind: str, button: QPushButton, *, is_on: bool, reason: str) -> None:
        """Switch a button, and say why it is off."""
        had_focus = button.hasFocus() and not is_on
        button.setEnabled(is_on)
        button.setToolTip(STEPS[kind][1] if is_on or not reason else reason)
        if had_focus:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_rate(self, answer: Answer) -> None:
        """Say which rate holds while none is typed; solvers of rows have none."""
        has_rate = answer.method is None or answer.method.kind != "rows"
        self.field.setVisible(has_rate)
        self._label.setVisible(has_rate)
        rate = answer.own_rate
        self.field.lineEdit().setPlaceholderText(
            "type one" if rate is None else number_text(float(f"{rate:.4g}")))

    def _show_state(self, answer: Answer) -> None:
        """Say how far the copy is, and show its losses."""
        if answer.message:
            text, role = answer.message, "warning"
        elif answer.is_stepping:
            n, loss = answer.n_steps, answer.losses[-1]
            steps = "1 step" if n == 1 else f"{n:,} steps"
            text, role = f"A copy, {steps} on: loss {loss:.6g}", "mark"
        else:
            text, role = IDLE, "muted"
        self.state.setText(text)
        set_role(self.state, role)
        self.curve.setVisible(answer.is_stepping)
        if answer.is_stepping:
            self.curve.show_losses(answer.losses, answer.n_steps)
