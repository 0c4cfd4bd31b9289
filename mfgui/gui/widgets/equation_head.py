"""How the equations are shown: decimals, long vectors, which member, copies."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QWidget,
)

from mfgui.core.settings import RunSettings, describe, setting
from mfgui.errors import SettingsError
from mfgui.gui.widgets.number_field import NumberField

_ONE_ROW = 470  # pixels; narrower, the copies stand below
DECIMALS = 4


@dataclass(frozen=True)
class ViewSettings(RunSettings):
    """What a person can choose of how equations are shown."""

    decimals: int = setting(
        DECIMALS, "Decimals", "How many decimals the numbers of the equations have.",
        minimum=1, maximum=8)


class EquationHead(QWidget):
    """A row of controls above the equations.

    Signals
    -------
    decimals_changed : another sound number of decimals
    whole_changed : whether long vectors are shown whole
    member_changed : the member of an average whose equations are shown
    copy_requested : "text" or "latex"
    """

    decimals_changed = Signal(int)
    whole_changed = Signal(bool)
    member_changed = Signal(int)
    copy_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.decimals = self._made_decimals()
        self.whole = QCheckBox("Whole vectors")
        self.whole.setObjectName("wholeVectors")
        self.whole.setAccessibleName("Whole vectors")
        self.whole.setToolTip("Show all entries of long vectors; a copy always has them all.")
        self.whole.setWhatsThis("A vector of more than eight numbers is cut to its beginning and "
                                "its end. Switched on, all are shown; a copy always has them all.")
        self.whole.toggled.connect(self.whole_changed)
        self.member = QComboBox()
        self.member.setObjectName("equationMember")
        self.member.setAccessibleName("Member of the average")
        self.member.setToolTip("Whose equations are shown: each member is trained by itself.")
        self.member.setWhatsThis("An average is made of several models, each trained by itself; "
                                 "the equations are those of one of them.")
        self.member.currentIndexChanged.connect(self._on_member_changed)
        self.member.hide()
        self.copies = {kind: self._copy_button(kind, label) for kind, label in (
            ("text", "Copy text"), ("latex", "Copy LaTeX"))}
        self._build()

    def _made_decimals(self) -> NumberField:
        [info] = [info for info in describe(ViewSettings) if info.name == "decimals"]
        field = NumberField(info)
        field.setObjectName("decimals")
        field.setAccessibleName("Decimals")
        field.setToolTip(info.help)
        field.setWhatsThis(f"{info.help} 1 to 8. A number that would be written as 0 has a power "
                           "of ten.")
        field.setFixedWidth(64)
        field.value_changed.connect(self._on_decimals_changed)
        return field

    def _copy_button(self, kind: str, label: str) -> QPushButton:
        button = QPushButton(label)
        button.setObjectName(f"{kind}CopyButton")
        button.setProperty("isSmall", True)
        button.setAccessibleName(f"{label} of the equations")
        words = "plain text" if kind == "text" else "LaTeX"
        button.setToolTip(f"Copy all equations of this cell as {words}.")
        button.setWhatsThis(f"Puts all equations of the pinned cell on the clipboard as {words}, "
                            "with the decimals chosen and vectors whole.")
        button.clicked.connect(lambda: self.copy_requested.emit(kind))
        return button

    def _build(self) -> None:
        label = QLabel("Decimals")
        label.setBuddy(self.decimals)
        first, second = QHBoxLayout(), QHBoxLayout()
        for widget in (label, self.decimals, self.whole, self.member):
            first.addWidget(widget)
        first.addStretch(1)
        for button in self.copies.values():
            second.addWidget(button)
        second.addStretch(1)
        self._rows = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(4)
        self._rows.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._rows.addLayout(first, 1)
        self._rows.addLayout(second)
        self._first, self._second = first, second

    def minimumSizeHint(self) -> QSize:
        """Return the size of the two rows below each other, or of one where that is what is."""
        first, second = self._first.minimumSize(), self._second.minimumSize()
        is_one_row = self._rows.direction() == QBoxLayout.Direction.LeftToRight
        height = (max(first.height(), second.height()) if is_one_row
                  else first.height() + second.height() + self._rows.spacing())
        return QSize(max(first.width(), second.width()), height)

    def sizeHint(self) -> QSize:
        """Return no more height than is needed."""
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the copies below where there is no room beside."""
        super().resizeEvent(event)
        direction = QBoxLayout.Direction
        wanted = direction.LeftToRight if self.width() >= _ONE_ROW else direction.TopToBottom
        if wanted != self._rows.direction():
            self._rows.setDirection(wanted)
            self.updateGeometry()

    def set_members(self, n_members: int) -> None:
        """Offer so many members; with one there is nothing to choose."""
        if n_members == max(self.member.count(), 1):
            return
        self.member.blockSignals(True)
        self.member.clear()
        if n_members > 1:
            self.member.addItems([f"Member {k + 1} of {n_members}" for k in range(n_members)])
        self.member.blockSignals(False)
        self.member.setVisible(n_members > 1)

    def set_has_equations(self, has_equations: bool) -> None:
        """Switch the copies on where there is something to copy."""
        for button in self.copies.values():
            button.setEnabled(has_equations)

    def _on_decimals_changed(self) -> None:
        try:
            value = self.decimals.value()
        except SettingsError:
            return  # the field shows that it is wrong
        if value is not None:
            self.decimals_changed.emit(int(value))

    def _on_member_changed(self, index: int) -> None:
        self.member_changed.emit(max(index, 0))
