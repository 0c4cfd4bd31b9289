"""One field for every number a setting can be: whole, fractional, a rate, or empty.

Qt's own spin boxes refuse keys, round to fixed decimals and follow the locale's comma. Here any
text may be typed, what is wrong is said in words (``error_text``), and the text is the truth.
"""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from mfgui.core.settings import SettingInfo, checked
from mfgui.errors import SettingsError

Number = int | float | None
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
# A step down from here reaches 0, where 0 is allowed; without a floor it never would.
_SMALLEST_STEP = 1e-4
# Border, padding and arrows beside the text, in pixels.
_AROUND = 40


def number_text(value: Number) -> str:
    """Return a number as a person writes it: 20, 0.05, 1e-5; "" for none."""
    if value is None:
        return ""
    if isinstance(value, int) or (abs(value) < 1e6 and value == int(value)):
        return str(int(value))
    mantissa, _, exponent = f"{value:.10g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def parsed(text: str, info: SettingInfo) -> Number:
    """Return the number that was typed; a comma is a decimal point, never a thousand's mark.

    Raises
    ------
    SettingsError
        If the text is no number, or not one that this setting may be.
    """
    cleaned = text.strip().replace("\N{MINUS SIGN}", "-")
    if not cleaned:
        if info.is_optional:
            return None
        raise SettingsError(f"{info.label} is empty; type a number.", info.name)
    if info.kind is not int and cleaned.count(",") == 1 and "." not in cleaned:
        cleaned = cleaned.replace(",", ".")
    if not _NUMBER.fullmatch(cleaned):
        example = "a whole number such as 20" if info.kind is int else "a number such as 0.01"
        raise SettingsError(f"{info.label} is “{text.strip()}”, but must be {example}.", info.name)
    try:
        value: Number = checked(info, float(cleaned) if info.kind is float else _whole(cleaned))
    except SettingsError as error:
        raise SettingsError(str(error).replace(f" ({info.name})", ""), info.name) from None
    return value


def _whole(text: str) -> int | float:
    """Return the number as int where it is written as one, so that large seeds stay exact."""
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def stepped(value: float, steps: int, *, is_floored: bool) -> float:
    """Return the value ``steps`` along 1, 2, 5, 10, ...; ten steps are a power of ten."""
    if abs(steps) >= 10:
        result = value * 10.0 ** (1 if steps > 0 else -1)
    else:
        result = value
        for _ in range(abs(steps)):
            result = _next_rung(result, steps > 0, is_floored)
    return float(f"{result:.6g}")


def _next_rung(value: float, is_up: bool, is_floored: bool) -> float:
    """Return the next of 1, 2, 5 times a power of ten."""
    if value <= 0:
        return _SMALLEST_STEP if is_up else 0.0
    if is_floored and not is_up and value <= _SMALLEST_STEP * 1.0001:
        return 0.0
    power = math.floor(math.log10(value) + 1e-9)
    rungs = [m * 10.0 ** (power + p) for p in (-1, 0, 1) for m in (1, 2, 5)]
    if is_up:
        return next(rung for rung in rungs if rung > value * 1.0001)
    return next(rung for rung in reversed(rungs) if rung < value * 0.9999)


class NumberField(QAbstractSpinBox):
    """A number with steps that suit it, empty where the setting may be.

    Signals
    -------
    value_changed : the text changed; read ``error_text`` or ``value()``
    """

    value_changed = Signal()

    def __init__(self, info: SettingInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.lineEdit().setPlaceholderText(info.empty_text if info.is_optional else "")
        self.lineEdit().textChanged.connect(self._on_text_changed)
        self.editingFinished.connect(self._on_editing_finished)
        self.set_value(info.default)

    def value(self) -> Number:
        """Return the number, or None where the field is empty and may be.

        Raises
        ------
        SettingsError
            If the text is not a number that this setting may be.
        """
        return parsed(self.text(), self.info)

    def set_value(self, value: Number) -> None:
        """Show a value."""
        self.lineEdit().setText(number_text(value))

    def setValue(self, value: Number) -> None:
        """Show a value, under the name that Qt's spin boxes have."""
        self.set_value(value)

    @property
    def error_text(self) -> str:
        """What is wrong with the text, as one sentence, or ""."""
        try:
            self.value()
        except SettingsError as error:
            return str(error)
        return ""

    def stepBy(self, steps: int) -> None:
        """Go up or down; from an empty or wrong text begin at the default."""
        self.set_value(self._after(steps))
        self.lineEdit().selectAll()

    def _after(self, steps: int) -> Number:
        """Return the value some steps on, held within the bounds."""
        info = self.info
        try:
            now = self.value()
        except SettingsError:
            now = info.default
        if now is None:
            return self._held(0.01 if info.is_log else (info.minimum or 0) + info.step)
        if info.is_log:
            is_floored = info.minimum is not None and info.minimum <= 0 and not info.is_open
            return self._held(stepped(now, steps, is_floored=is_floored))
        return self._held(float(f"{now + steps * info.step:.10g}") if info.kind is float
                          else now + steps * int(info.step))

    def _held(self, value: float) -> Number:
        """Return the value within the bounds; at an open bound the last sound one stays."""
        info = self.info
        if info.is_open and info.minimum is not None and value <= info.minimum:
            value = info.minimum + (10 * info.step if info.is_log else info.step)
        if info.minimum is not None:
            value = max(value, info.minimum)
        if info.maximum is not None:
            value = min(value, info.maximum)
        return int(value) if info.kind is int else float(value)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Allow steps except past a bound."""
        flags = QAbstractSpinBox.StepEnabledFlag
        try:
            now = self.value()
        except SettingsError:
            now = None
        up = now is None or self.info.maximum is None or now < self.info.maximum
        down = now is None or self.info.minimum is None or now > self.info.minimum
        result = flags.StepNone
        if up:
            result |= flags.StepUpEnabled
        if down:
            result |= flags.StepDownEnabled
        return result

    def validate(self, text: str, position: int) -> object:
        """Let every key in: what is wrong is said beside the field."""
        return QValidator.State.Acceptable, text, position

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Step only where the field has the focus; otherwise the form scrolls."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Select the number, ready to be replaced."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason,
                              Qt.FocusReason.ShortcutFocusReason):
            self.lineEdit().selectAll()

    def sizeHint(self) -> QSize:
        """Return room for nine digits and the arrows."""
        width = self.fontMetrics().horizontalAdvance("0" * 9) + _AROUND
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return room for the empty text or seven digits."""
        metrics = self.fontMetrics()
        words = self.info.empty_text if self.info.is_optional else ""
        width = max(metrics.horizontalAdvance("0" * 7), metrics.horizontalAdvance(words))
        return QSize(width + _AROUND, super().minimumSizeHint().height())

    def _on_text_changed(self, _text: str) -> None:
        has_error = bool(self.error_text)
        if self.property("hasError") != has_error:
            self.setProperty("hasError", has_error)
            self.style().unpolish(self)
            self.style().polish(self)
        self.update()
        self.value_changed.emit()

    def _on_editing_finished(self) -> None:
        """Write the number the way it is always written (0,001 becomes 0.001)."""
        if not self.error_text:
            tidy = number_text(self.value())
            if tidy != self.text():
                self.lineEdit().setText(tidy)
