"""The row above the waterfall: how the prediction is split, by which model, and Copy."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QPushButton, QWidget

from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.inspector_words import waterfalls_of
from mfgui.inspection.explanation import Explanation

# Each way to split a prediction, and what it needs.
CHOICES = {"parts": "By parts", "own": "By own ratings", "raters": "By the item's raters"}
HELP = ("How the prediction is split into what adds up to it: by the parts of the model; by the "
        "user's ratings, or those of the item, that the row of factors comes from; of an average, "
        "by the parts of one member.")
MISSING = "The ratings that the model was trained on are not known here."
COPY_HELP = "Copy the whole explanation as text, every split of it."


class SplitRow(QWidget):
    """The choices of what the waterfall shows.

    Signals
    -------
    chosen : another split or another model is to be shown
    copy_requested
    """

    chosen = Signal()
    copy_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys: list[tuple[str, str, bool]] = []
        self._wish = "parts"
        self.split = QComboBox()
        self.split.setObjectName("splitChoice")
        describe(self.split, "How the prediction is split", HELP)
        self.split.activated.connect(self._on_split_chosen)
        self.model_buttons = (
            self._button("A", "modelAButton", "Show the open model's split."),
            self._button("B", "modelBButton", "Show the other model's split."))
        self.copy = self._button("Copy", "copyExplanationButton", COPY_HELP)
        self.copy.clicked.connect(self.copy_requested)
        self._build()

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        describe(button, tip.rstrip("."), tip)
        return button

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.split, 1)
        row.addSpacing(8)
        group = QButtonGroup(self)
        for button, segment in zip(self.model_buttons, ("first", "last"), strict=True):
            button.setCheckable(True)
            button.setProperty("segment", segment)
            button.clicked.connect(self.chosen)
            group.addButton(button)
            row.addWidget(button)
            button.hide()
        self.model_buttons[0].setChecked(True)
        row.addSpacing(8)
        self.copy.setProperty("isSmall", True)
        row.addWidget(self.copy)

    @property
    def key(self) -> str:
        """"parts", "own", "raters", or "member 1" and so on."""
        return str(self.split.currentData())

    @property
    def is_other(self) -> bool:
        """Whether the other model's waterfall is to be shown."""
        return self.model_buttons[1].isChecked() and not self.model_buttons[1].isHidden()

    def offer(self, explanation: Explanation | None, *, has_other: bool) -> None:
        """Offer what there is to choose; the last wish holds as soon as it can be met."""
        for button in self.model_buttons:
            button.setVisible(has_other)
        keys = _choices(explanation)
        if keys != self._keys:
            self._keys = keys
            self._fill(keys)
        offered = {key for key, _, is_there in keys if is_there}
        wish = self._wish if self._wish in offered else "parts"
        self.split.setCurrentIndex(self.split.findData(wish))

    def _fill(self, keys: list[tuple[str, str, bool]]) -> None:
        """Write the choices; what the ratings are needed for is greyed out without them."""
        self.split.clear()
        model: Any = self.split.model()
        for place, (key, text, is_there) in enumerate(keys):
            self.split.addItem(text, key)
            if not is_there:
                model.item(place).setEnabled(False)
                self.split.setItemData(place, MISSING, Qt.ItemDataRole.ToolTipRole)

    def _on_split_chosen(self) -> None:
        self._wish = self.key
        self.chosen.emit()


def _choices(explanation: Explanation | None) -> list[tuple[str, str, bool]]:
    """Return key, words and whether it is there, of each choice."""
    found = waterfalls_of(explanation) if explanation is not None else {}
    choices = [(key, text, key in found) for key, text in CHOICES.items()]
    members = [key for key in found if key not in CHOICES]
    return choices + [(key, f"By parts of {key}", True) for key in members]
