"""Which predictions are to be written; not modal, for the window lives on beside it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.errors import DataError
from mfgui.gui.asker import Asker
from mfgui.gui.data_actions import ratings_filter
from mfgui.gui.run_model import RunModel
from mfgui.gui.top_files import shown_model
from mfgui.gui.widgets.described import describe
from mfgui.gui.window_words import in_window
from mfgui.jobs.export_plan import plan_pairs, size_text
from mfgui.store.model_file import SavedModel

MOST_COUNT = 1_000_000
ALL_HELP = ("Predict every item for every user, where both have at least so many training ratings; "
            "rated pairs are among them.")
COUNT_HELP = "The least number of training ratings of a user and of an item; 0 takes all of them."
PAIRS_HELP = "Predict the pairs of a file that has a user and an item in each line."
SETTLE_MS = 150


@dataclass(frozen=True, eq=False)
class _Request:
    """All pairs whose number is wanted."""

    saved: SavedModel
    min_count: int


class PredictionsDialog(QDialog):
    """A file of pairs, or all pairs above a count, with what they come to.

    Signals
    -------
    pairs_wanted : dialog's title, filters, then(path): a file of pairs is to be chosen
    table_wanted : job(control, model, path, guards_formulas)
    """

    pairs_wanted = Signal(str, str, object)
    table_wanted = Signal(object)

    def __init__(self, run_model: RunModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run_model, self._pairs_path = run_model, ""
        self.setWindowTitle("Export predictions")
        self.setObjectName("exportPredictionsDialog")
        self.all_pairs, self.some_pairs = QRadioButton("&All pairs of users and items with at "
                                                       "least"), QRadioButton("A &file of pairs:")
        self.count, self.choose = QSpinBox(), QPushButton("&Choose...")
        self.size_text, self._file = QLabel(), QLabel("none chosen")
        self._asker = Asker(self._on_planned, self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._ask)
        self._build()
        self._describe()
        group = QButtonGroup(self)
        for button in (self.all_pairs, self.some_pairs):
            group.addButton(button)
            button.toggled.connect(self._follow)
        self.count.valueChanged.connect(self._timer.start)
        self.choose.clicked.connect(self._on_choose)
        run_model.shown_changed.connect(self._on_shown_changed)
        self.all_pairs.setChecked(True)

    def _build(self) -> None:
        every = QHBoxLayout()
        some = QHBoxLayout()
        rows: tuple[tuple[QHBoxLayout, tuple[QWidget, ...]], ...] = (
            (every, (self.all_pairs, self.count, QLabel("training ratings each"))),
            (some, (self.some_pairs, self._file, self.choose)))
        for row, widgets in rows:
            for widget in widgets:
                row.addWidget(widget)
            row.addStretch(1)
        for label in (self.size_text, self._file):
            label.setProperty("role", "muted")
        self.size_text.setWordWrap(True)
        self.size_text.setMinimumWidth(420)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.buttons.button(QDialogButtonBox.StandardButton.Close).setObjectName(
            "closePredictionsButton")
        self.save = self.buttons.addButton("&Save as...", QDialogButtonBox.ButtonRole.ActionRole)
        self.save.setObjectName("savePredictionsButton")
        self.save.setDefault(True)
        self.save.clicked.connect(self._on_save)
        self.buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        column.addLayout(every)
        column.addWidget(self.size_text)
        column.addLayout(some)
        column.addSpacing(6)
        column.addWidget(self.buttons)

    def _describe(self) -> None:
        self.count.setObjectName("leastRatingsBox")
        self.count.setRange(0, MOST_COUNT)
        self.size_text.setObjectName("exportSizeText")
        self.choose.setObjectName("choosePairsButton")
        for widget, name, text in (
                (self.all_pairs, "All pairs above a count", ALL_HELP),
                (self.some_pairs, "A file of pairs", PAIRS_HELP),
                (self.count, "Least number of ratings", COUNT_HELP),
                (self.choose, "Choose the file of pairs", PAIRS_HELP),
                (self.save, "Save the predictions",
                 "Choose where to write them: CSV, or Parquet where the name ends so.")):
            describe(widget, name, text)

    def begin(self) -> None:
        """Show the dialog for the model that is shown."""
        self.show()
        self.raise_()
        self.activateWindow()
        self._on_shown_changed()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Work nothing out any more."""
        self._timer.stop()
        super().closeEvent(event)

    def shut_down(self) -> None:
        """End the thread that counts."""
        self._timer.stop()
        self._asker.shut_down()

    # -- how large ----------------------------------------------------------------------------

    def _on_shown_changed(self) -> None:
        if not self.isVisible():
            return
        self._timer.start()
        self._follow()

    def _follow(self) -> None:
        has_model, known = self._run_model.shown is not None, self._run_model.known
        has_counts = known is not None and known.ratings.n_ratings > 0
        self.count.setEnabled(has_counts and self.all_pairs.isChecked())
        self.choose.setEnabled(self.some_pairs.isChecked())
        self.save.setEnabled(has_model and (self.all_pairs.isChecked() or bool(self._pairs_path)))

    def _ask(self) -> None:
        saved = shown_model(self._run_model)
        if saved is None:
            self.size_text.setText("There is no model to predict with: train one, or open one.")
            return
        request = _Request(saved, self.count.value())
        self._asker.ask(lambda: _planned(request))

    def _on_planned(self, text: str) -> None:
        self.size_text.setText(text)
        self.size_text.setAccessibleName(text)

    # -- what is wanted -----------------------------------------------------------------------

    def _on_choose(self) -> None:
        self.pairs_wanted.emit("Open a file of pairs", ratings_filter(), self._on_chosen)

    def _on_chosen(self, path: str) -> None:
        self._pairs_path = path
        self._file.setText(os.path.basename(path))
        self._file.setToolTip(path)
        self._follow()

    def _on_save(self) -> None:
        self.table_wanted.emit(self.job())

    def job(self) -> Callable[[Control, SavedModel, str, bool], Iterator[Any]]:
        """Return the job that writes what is chosen."""
        min_count, pairs = self.count.value(), self._pairs_path
        if self.some_pairs.isChecked():
            return lambda control, saved, path, guards: jobs.export_pairs(
                control, saved, path, pairs, guards_formulas=guards)
        return lambda control, saved, path, guards: jobs.export_all_pairs(
            control, saved, path, min_count=min_count, guards_formulas=guards)


def _planned(request: _Request) -> str:
    """Return how many rows and bytes there will be, in words; on the worker's thread."""
    try:
        plans = {name: plan_pairs(request.saved, request.saved.known, request.min_count,
                                  f"predictions.{name}") for name in ("csv", "parquet")}
    except DataError as error:
        return in_window(str(error))
    plan = plans["csv"]
    return (f"{plan.users.size:,} users × {plan.items.size:,} items = {plan.n_rows:,} rows: about "
            f"{size_text(plan.n_bytes)} as CSV, {size_text(plans['parquet'].n_bytes)} as Parquet.")
