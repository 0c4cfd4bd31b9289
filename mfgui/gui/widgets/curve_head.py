"""The row above the curve: which view, which axes, what is under the pointer, and Fit."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from mfgui.gui.widgets.curve_choices import ChoicesButton, CurveChoices
from mfgui.gui.widgets.curve_data import VIEWS, CurveData
from mfgui.gui.widgets.curve_lines import Scale
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.elided_label import ElidedLabel
from mfgui.jobs.run_curves import MEASURES

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
    measure_changed : another column of several runs is shown
    scale_changed : an axis became logarithmic, or linear again, or x is another
    smoothing_changed
    fit_requested
    """

    view_changed = Signal(str)
    measure_changed = Signal(str)
    scale_changed = Signal()
    smoothing_changed = Signal()
    fit_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view, self._wants_loss, self._n_segments = "rmse", False, 0
        self._views = {name: self._view_button(name) for name in BUTTONS}
        self.log_x, self.log_y = self._log_box("logX", "epoch"), self._log_box("logY", "value")
        self.choices, self.measures = CurveChoices(), QComboBox()
        self.read_out, self._fit = ElidedLabel(), QPushButton("Fit")
        self._was_seconds = False
        self._build()
        self.choices.changed.connect(self._on_choices_changed)
        self.measures.activated.connect(
            lambda _index: self.measure_changed.emit(self.measures.currentData()))

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
        self.measures.setObjectName("curveMeasure")
        self.measures.hide()
        describe(self.measures, "What is drawn of each run",
                 "What is drawn of each run; those that have not measured it say so beside it.")
        row.addWidget(self.measures)
        row.addSpacing(10)
        for box in (self.log_x, self.log_y):
            row.addWidget(box)
            row.addSpacing(4)
        row.addWidget(ChoicesButton(self.choices))
        row.addSpacing(8)
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
        box.toggled.connect(lambda _is_on: self.scale_changed.emit())
        return box

    @property
    def scale(self) -> Scale:
        """What the axes are."""
        return Scale(self.log_x.isChecked(), self.log_y.isChecked(), self.choices.is_seconds)

    def _on_choices_changed(self) -> None:
        """Tell what of the two is another."""
        is_seconds = self.choices.is_seconds
        if is_seconds != self._was_seconds:
            self._was_seconds = is_seconds
            self.scale_changed.emit()
        else:
            self.smoothing_changed.emit()

    def show_measures(self, measures: list[str], chosen: str) -> None:
        """Offer what there is of several runs; none: the views of one run."""
        is_several = bool(measures)
        if [self.measures.itemData(k) for k in range(self.measures.count())] != measures:
            self.measures.clear()
            for name in measures:
                word = MEASURES[name]
                self.measures.addItem(word[:1].upper() + word[1:], name)
        self.measures.setCurrentIndex(self.measures.findData(chosen))
        self.measures.setVisible(is_several)
        if is_several:
            for button in self._views.values():
                button.hide()

    def show_view_of(self, measure: str) -> None:
        """Show the view that a column belongs to, where one run is left of several."""
        view = next(view for view, columns in VIEWS.items() if measure in columns)
        if view != self.view:
            self.choose(view)

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
            button.setVisible(name in views and self.measures.isHidden())
        if self._n_segments == len(data.segments) and self.view in views:
            return
        self._n_segments = len(data.segments)
        newest = [view for view in data.drawn_segments[-1].views if view != "loss"]
        if self._wants_loss or not (newest or self.view in views):
            self._show("loss")
        elif newest and self.view not in newest:  # a refit may have none: then nothing changes
            self._show(newest[0])
