"""How the matrices are drawn: colours, what they span, means, margins."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from mfgui.core.settings import SettingInfo
from mfgui.errors import SettingsError
from mfgui.gui.view_state import Display
from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.number_field import NumberField
from mfgui.inspection.colours import COLOUR_MAPS, LevelChoice, Levels

SPANS = {"scale": "the scale of the ratings", "view": "what is in view", "hand": "set by hand"}
MEANS = {"rated": "its rated cells", "all": "all of its cells"}


class LevelsBox(QWidget):
    """Fields for everything of ``Display`` but the order.

    Signals
    -------
    changed : the changes of Display that are wanted, as a dictionary
    """

    changed = Signal(dict)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("levelsBox")
        self._seen: tuple[Levels, Levels] | None = None
        self._is_following = False
        self.colours = _choice("colourChoice", "Colours", COLOUR_MAPS, (
            "Colours of observed and predicted; all three can be told apart by colour-blind "
            "eyes."))
        self.span = _choice("spanChoice", "What the colours span", SPANS, (
            "The whole scale shows how high a value is; what is in view shows small differences; "
            "by hand keeps your own numbers."))
        self.mean = _choice("meanChoice", "Predicted: mean over", MEANS, (
            "Where a pixel holds many cells: the predicted as the mean over its rated cells can "
            "be compared with the observed; over all cells it shows what is not rated too."))
        self.low = _number("lowField", "First colour", "The value of the first colour.")
        self.high = _number("highField", "Last colour", "The value of the last colour.")
        self.reach = _number("reachField", "Reach of residuals", (
            "Residuals are coloured from minus this number to plus this number."), minimum=0.0)
        self.margins = QCheckBox("&Counts and means along the sides")
        self.margins.setObjectName("marginsBox")
        describe(self.margins, "Counts and means along the sides", (
            "Beside each row and above each column: the number of its ratings and their mean."))
        self.error = QLabel()
        self.error.setObjectName("levelsError")
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self._build()
        self._connect()
        self.show_display(Display())

    def _build(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(6)
        form.addRow("&Colours", self.colours)
        form.addRow("C&olours span", self.span)
        self._hand = QWidget()
        line = QHBoxLayout(self._hand)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        for field, words in ((self.low, ""), (self.high, "to"), (self.reach, "residuals ±")):
            if words:
                line.addWidget(QLabel(words))
            line.addWidget(field)
        form.addRow("From", self._hand)
        self._hand_label = form.labelForField(self._hand)
        form.addRow("A pixel's &predicted is the mean of", self.mean)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(form)
        layout.addWidget(self.error)
        layout.addWidget(self.margins)

    def _connect(self) -> None:
        self.colours.activated.connect(
            lambda: self.changed.emit({"colour_map": self.colours.currentData()}))
        self.mean.activated.connect(
            lambda: self.changed.emit({"is_over_all": self.mean.currentData() == "all"}))
        self.margins.clicked.connect(
            lambda is_on: self.changed.emit({"has_margins": is_on}))
        self.span.activated.connect(self._on_span_chosen)
        for field in (self.low, self.high, self.reach):
            field.value_changed.connect(self._on_number_changed)

    def show_display(self, display: Display) -> None:
        """Show how the matrices are drawn now."""
        self._is_following = True
        self.colours.setCurrentIndex(self.colours.findData(display.colour_map))
        self.mean.setCurrentIndex(self.mean.findData("all" if display.is_over_all else "rated"))
        self.margins.setChecked(display.has_margins)
        self.span.setCurrentIndex(self.span.findData(display.levels.kind))
        is_by_hand = display.levels.kind == "hand"
        if is_by_hand and display.levels != self._typed():
            self._show_numbers(display.levels)
        for widget in (self._hand, self._hand_label):
            widget.setVisible(is_by_hand)
        self.error.setVisible(is_by_hand and bool(self.error.text()))
        self._is_following = False
        self._fit()

    def _fit(self) -> None:
        """Let the page around follow, where a line came or went."""
        window = self.window()
        if window is not self and window.isVisible() and window.objectName() == "popup":
            window.adjustSize()

    def set_seen(self, levels: Levels, residual: Levels | None) -> None:
        """Note the levels on the screen: setting them by hand begins there."""
        self._seen = levels, residual or Levels(-1.0, 1.0)

    def _show_numbers(self, levels: LevelChoice) -> None:
        for field, value in ((self.low, levels.low), (self.high, levels.high),
                             (self.reach, levels.reach)):
            field.set_value(value)

    def _typed(self) -> LevelChoice | None:
        """Return what stands in the fields; None where it is no range."""
        try:
            low, high, reach = (field.value() for field in (self.low, self.high, self.reach))
        except SettingsError:
            return None
        if low is None or high is None or not reach or low >= high:
            return None
        return LevelChoice("hand", float(low), float(high), float(reach))

    def _on_span_chosen(self) -> None:
        kind = self.span.currentData()
        if kind != "hand":
            self.changed.emit({"levels": LevelChoice(kind)})
            return
        low, high, reach = 0.0, 1.0, 1.0
        if self._seen is not None:
            levels, residual = self._seen
            low, high, reach = (
                float(f"{value:.3g}") for value in (levels.low, levels.high, residual.high))
        if low >= high:
            high = low + 1
        self.changed.emit({"levels": LevelChoice("hand", low, high, reach)})

    def _on_number_changed(self) -> None:
        """Follow the fields as soon as they make a range, else say what is wrong."""
        if self._is_following:
            return
        levels = self._typed()
        self.error.setText("" if levels else self._problem())
        self.error.setVisible(levels is None)
        self._fit()
        if levels is not None:
            self.changed.emit({"levels": levels})

    def _problem(self) -> str:
        for field in (self.low, self.high, self.reach):
            if field.error_text:
                return field.error_text
        if self.low.value() >= self.high.value():  # type: ignore[operator]
            return "The first colour's value must lie below the last one's."
        return "The reach of residuals must be above 0."


def _choice(name: str, words: str, choices: dict[str, str], help_text: str) -> QuietComboBox:
    box = QuietComboBox()
    box.setObjectName(name)
    for key, text in choices.items():
        box.addItem(text, key)
    describe(box, words, help_text)
    return box


def _number(name: str, words: str, help_text: str, minimum: float | None = None) -> NumberField:
    field = NumberField(SettingInfo(
        name, words, help_text, float, False, minimum, None, False, "", False, 0.1, "", "", False,
        {}, (), False, 0.0))
    field.setObjectName(name)
    describe(field, words, help_text)
    return field

