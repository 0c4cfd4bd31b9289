"""The row above the curve: which view, which axes, what is under the pointer, and Fit."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from mfgui.gui.widgets.curve_data import CurveData
from mfgui.gui.widgets.described import describe

# What each view's button says; which of them there are depends on what the records have.
BUTTONS = {"loss": "Loss", "rmse": "RMSE", "ranking": "Ranking"}
HELP = {
    "loss": "Show what training makes small, and its data term alone, epoch by epoch.",
    "rmse": "Show the error of predictions in the units of the ratings, on training, held-out and "
            "test ratings.",
    "ranking": "Show how well lists of 10 items are ordered: NDCG, precision and recall on "
               "held-out ratings.",
}


class CurveHead(QWidget):
    """Buttons for what there is to see, and the one record that is read.

    Signals
    -------
    view_changed : another view is shown
    log_changed : an axis became logarithmic, or linear again
    fit_requested
    """

    view_changed = Signal(str)
    log_changed = Signal()
    fit_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view, self._wants_loss, self._n_segments = "rmse", False, 0
        self._views = {name: self._view_button(name) for name in BUTTONS}
        self.log_x, self.log_y = self._log_box("logX", "epoch"), self._log_box("logY", "value")
        self.read_out, self._fit = QLabel(), QPushButton("Fit")
        self._build()

    def _build(self) -> None:
        """Place everything in one row."""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        group = QButtonGroup(self)
        for button in self._views.values():
            group.addButton(button)
            row.addWidget(button)
        group.buttonClicked.connect(lambda button: self.choose(button.property("view")))
        row.addSpacing(10)
        for box in (self.log_x, self.log_y):
            row.addWidget(box)
            row.addSpacing(4)
        row.addSpacing(6)
        self.read_out.setObjectName("curveReadOut")
        self.read_out.setMinimumWidth(1)
        row.addWidget(self.read_out, 1)
        self._fit.setObjectName("fitCurveButton")
        self._fit.setProperty("segment", "only")
        describe(self._fit, "Show the whole curve",
                 "Show the whole curve and follow it again (double click on the plot).")
        self._fit.clicked.connect(self.fit_requested)
        row.addWidget(self._fit)

    def _view_button(self, name: str) -> QPushButton:
        button = QPushButton(BUTTONS[name])
        button.setObjectName(f"{name}Button")
        button.setCheckable(True)
        button.setChecked(name == self.view)
        button.setProperty("segment", "first" if name == "loss" else "last")
        button.setProperty("view", name)
        describe(button, f"Show {BUTTONS[name]}", HELP[name])
        return button

    def _log_box(self, name: str, axis: str) -> QCheckBox:
        box = QCheckBox(f"log {name[-1].lower()}")
        box.setObjectName(name)
        describe(box, f"Logarithmic {axis} axis",
                 f"Logarithmic {axis} axis; what it cannot show, as 0, is left out.")
        box.toggled.connect(lambda _is_on: self.log_changed.emit())
        return box

    def choose(self, view: str) -> None:
        """Show "loss", "rmse" or "ranking"; the next runs show the loss or how good they are."""
        self._wants_loss = view == "loss"
        self._show(view)

    def _show(self, view: str) -> None:
        self.view = view
        for name, button in self._views.items():
            button.setChecked(name == view)
        self.view_changed.emit(view)

    def begin(self) -> None:
        """Look anew at what the next run has."""
        self._n_segments = 0

    def follow(self, data: CurveData) -> None:
        """Offer what there is to draw; show what the newest segment has, where it has another."""
        views = data.views
        if not views:
            return
        for name, button in self._views.items():
            button.setVisible(name in views)
        if self._n_segments == len(data.segments) and self.view in views:
            return
        self._n_segments = len(data.segments)
        newest = [view for view in data.drawn_segments[-1].views if view != "loss"]
        if self._wants_loss or not (newest or self.view in views):
            self._show("loss")
        elif newest and self.view not in newest:  # a refit may have none: then nothing changes
            self._show(newest[0])
