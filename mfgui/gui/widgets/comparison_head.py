"""The two models that are compared: how each is drawn, what it is called, and its errors."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from mfgui.gui.run_looks import SWATCH, swatch
from mfgui.gui.widgets.elided_label import ElidedLabel
from mfgui.inspection.paired import Paired

_MEASURES = {
    "RMSE": "Root of the mean squared error of the predictions as they are shown, on ratings that "
            "neither was trained on.",
    "MAE": "Mean absolute error of the predictions as they are shown, on the same ratings."}


@dataclass(frozen=True)
class Look:
    """How a run is drawn wherever it is: ``#rrggbb`` and line style."""

    colour: str
    style: Qt.PenStyle


class ComparisonHead(QWidget):
    """A line for A and one for B."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("The two models")
        self._swatches: list[QLabel] = []
        self.names: list[ElidedLabel] = []
        self.values: list[list[QLabel]] = []
        self._measures: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(2, 1)
        self._build()

    def _build(self) -> None:
        for column, (name, tip) in enumerate(_MEASURES.items(), 3):
            label = QLabel(name)
            label.setProperty("role", "muted")
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            label.setToolTip(tip)
            label.setWhatsThis(tip)
            self._grid.addWidget(label, 0, column)
            self._measures.append(label)
        for row, letter in enumerate("AB", 1):
            sign, called = QLabel(), ElidedLabel("title")
            values = [QLabel() for _ in _MEASURES]
            sign.setFixedSize(*SWATCH)
            self._grid.addWidget(sign, row, 0)
            self._grid.addWidget(QLabel(letter), row, 1)
            self._grid.addWidget(called, row, 2)
            for column, value in enumerate(values, 3):
                value.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._grid.addWidget(value, row, column)
            self._swatches.append(sign)
            self.names.append(called)
            self.values.append(values)

    def show_models(
        self, names: tuple[str, str], looks: tuple[Look, Look], paired: Paired | None
    ) -> None:
        """Show two models, with their figures where there are any."""
        for label in self._measures:
            label.setVisible(paired is not None)
        for place, (name, look) in enumerate(zip(names, looks, strict=True)):
            icon = swatch(look.colour, look.style, self.devicePixelRatioF())
            self._swatches[place].setPixmap(icon.pixmap(*SWATCH))
            self.names[place].show_text(name)
            figures = () if paired is None else (paired.rmse, paired.mae)
            texts = [f"{(each.value, each.other_value)[place]:.4f}" for each in figures]
            for value, text in zip(self.values[place], texts or ("", ""), strict=True):
                value.setText(text)
        self.setAccessibleDescription("; ".join(
            " ".join([letter, name.text(), *(value.text() for value in values)])
            for letter, name, values in zip("AB", self.names, self.values, strict=True)))
