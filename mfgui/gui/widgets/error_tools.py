"""Which page of the errors is shown, and of which ratings."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QWidget

from mfgui.gui.widgets.choice_fields import QuietComboBox
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.flow_row import FlowRow
from mfgui.gui.widgets.segments import Segments

VALUE, USER, ITEM, DECILE = "value", "users", "items", "decile"
DENSITY, RESIDUAL, LARGEST = "density", "residual", "largest"
PAGES = {
    VALUE: "By observed value", USER: "By user", ITEM: "By item", DECILE: "By popularity of items",
    DENSITY: "Predicted against observed", RESIDUAL: "Residuals", LARGEST: "Largest residuals"}
PART_CHOICES = {
    "training": ("Training", "Lists and clicks are about the ratings the model was trained on."),
    "validation": ("Validation", "Lists and clicks are about the ratings that were held out.")}


class ErrorTools(FlowRow):
    """The choices above the errors.

    Signals
    -------
    changed : another page or part was chosen
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.page_box = QuietComboBox()
        self.page_box.setObjectName("errorPage")
        describe(self.page_box, "What errors are shown by", "By what the errors are shown.")
        for key, text in PAGES.items():
            self.page_box.addItem(text, key)
        self.page_box.activated.connect(self.changed)
        self.parts = Segments("Ratings", PART_CHOICES)
        self.parts.chosen.connect(lambda _key: self.changed.emit())
        self.legend = QLabel()
        self.legend.setObjectName("errorLegend")
        for widget in (self.page_box, self.parts, self.legend):
            self.add(widget)

    @property
    def page(self) -> str:
        """A key of ``PAGES``."""
        return str(self.page_box.currentData())

    @property
    def part(self) -> str:
        """"training" or "validation"."""
        return self.parts.key

    def offer(self, parts: tuple[str, ...]) -> None:
        """Offer the parts that there are."""
        if "validation" not in parts:
            self.parts.choose("training")
        self.parts.setVisible(len(parts) > 1)
