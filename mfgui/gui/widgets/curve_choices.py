"""What the curve is drawn over, and how far it is smoothed: choices on a page below a button."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.popup_button import PopupButton

HALF_LIVES = (0, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000)
X_HELP = ("What the curve is drawn over: epochs, or the seconds that training took, without "
          "measuring and waiting. Parts of a run (trained on, refit) stand end to end.")
SMOOTH_HELP = ("The straight line that fits best around each record, made from all records, the "
               "same at any zoom: one that lies so many epochs before or after counts half as "
               "much, one twice as far a quarter. The line as it was measured stays, faint, "
               "behind it.")


class CurveChoices(QWidget):
    """Two lists, each a few words long.

    Signals
    -------
    changed : another choice was made
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.over, self.smoothing = QComboBox(), QComboBox()
        self.over.setObjectName("curveX")
        self.over.addItem("epochs", False)
        self.over.addItem("seconds of training", True)
        describe(self.over, "Curve over", X_HELP)
        self.smoothing.setObjectName("curveSmoothing")
        for half_life in HALF_LIVES:
            self.smoothing.addItem(
                f"half at {half_life:,} epochs" if half_life else "none", half_life)
        describe(self.smoothing, "Smoothing", SMOOTH_HELP)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        for row, (word, box) in enumerate((("&Over", self.over), ("S&moothing", self.smoothing))):
            label = QLabel(word)
            label.setBuddy(box)
            grid.addWidget(label, row, 0)
            grid.addWidget(box, row, 1)
        note = QLabel(SMOOTH_HELP)
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        note.setMinimumWidth(320)
        grid.addWidget(note, 2, 0, 1, 2)
        for box in (self.over, self.smoothing):
            box.currentIndexChanged.connect(lambda _index: self.changed.emit())

    @property
    def is_seconds(self) -> bool:
        """Whether x is seconds."""
        return bool(self.over.currentData())

    @property
    def half_life(self) -> float:
        """How many epochs back a record counts half; 0 for no smoothing."""
        return float(self.smoothing.currentData())

    def choose(self, *, is_seconds: bool | None = None, half_life: float | None = None) -> None:
        """Choose for a person."""
        if is_seconds is not None:
            self.over.setCurrentIndex(self.over.findData(is_seconds))
        if half_life is not None:
            self.smoothing.setCurrentIndex(self.smoothing.findData(half_life))


class ChoicesButton(PopupButton):
    """Opens the page, and says what is chosen there."""

    def __init__(self, choices: CurveChoices, parent: QWidget | None = None) -> None:
        super().__init__("", choices, parent)
        self._choices = choices
        self.setObjectName("curveChoicesButton")
        describe(self, "Epochs or seconds, smoothing",
                 "Draw the curve over epochs or over seconds of training, and smooth it.")
        choices.changed.connect(self.show_choices)
        self.show_choices()

    def show_choices(self) -> None:
        """Write what is chosen on the button."""
        x = "By seconds" if self._choices.is_seconds else "By epoch"
        half_life = self._choices.half_life
        self.setText(f"{x}, smoothed {half_life:,.0f}" if half_life else x)
