"""Fields of a setting that is chosen, not typed: yes or no, or one of several words."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from mfgui.core.settings import SettingInfo

# Border, padding and scroll bar beside an entry of a list, in pixels.
_BESIDE_ENTRY = 24


class QuietComboBox(QComboBox):
    """A combo box that the wheel changes only while it has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the form around."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def showPopup(self) -> None:
        """Give the list the room that its longest entry needs, however narrow the box."""
        view = self.view()
        view.setMinimumWidth(max(self.width(), view.sizeHintForColumn(0) + _BESIDE_ENTRY))
        super().showPopup()


class CheckField(QCheckBox):
    """Yes or no, with the same interface as a number.

    Signals
    -------
    value_changed : it was switched
    """

    value_changed = Signal()

    def __init__(self, info: SettingInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self.error_text = ""
        self.setChecked(bool(info.default))
        self.toggled.connect(lambda _is_on: self.value_changed.emit())

    def value(self) -> bool:
        """Return whether it is on."""
        return self.isChecked()

    def set_value(self, value: object) -> None:
        """Show a value."""
        self.setChecked(bool(value))


class SelectField(QuietComboBox):
    """One of a setting's choices, with the same interface as a number.

    Signals
    -------
    value_changed : another one was chosen
    """

    value_changed = Signal()

    def __init__(self, info: SettingInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self.error_text = ""
        # Else the longest choice would make the form wider than its dock.
        self.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        for value, words in info.choices.items():
            self.addItem(words, value)
        self.set_value(info.default)
        self.currentIndexChanged.connect(lambda _position: self.value_changed.emit())

    def value(self) -> str:
        """Return the choice."""
        return str(self.currentData())

    def set_value(self, value: object) -> None:
        """Show a choice; what is none, as from a store of an older version, is passed over."""
        position = self.findData(value)
        if position >= 0:
            self.setCurrentIndex(position)
