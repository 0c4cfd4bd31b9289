"""The learning curve, live: each record of the run, drawn at most 30 times a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import Theme
from mfgui.gui.widgets.curve_data import COLUMNS, CurveData, read_out
from mfgui.gui.widgets.curve_figures import CurveFigures
from mfgui.gui.widgets.curve_plot import CurvePlot
from mfgui.gui.widgets.picture import picture_of
from mfgui.training.events import EpochRecord, Notice, RunResult, StopReason

REDRAW_MS = 33
EMPTY_TEXT = "The loss curve grows here once you press Train."
PREPARING_TEXT = "Preparing; the loss curve begins in a moment."


class CurvePanel(QWidget):
    """Loss or RMSE by epoch, with the figures of the newest epoch beside it.

    Signals
    -------
    export_requested : "picture" or "values", from the plot's menu
    """

    title = "Curve"
    export_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curvePanel")
        self._run_model: RunModel | None = None
        self._data = CurveData()
        self._view = "rmse"
        self._pointed: int | None = None
        self.plot, self.figures = CurvePlot(), CurveFigures()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MS)
        self._timer.timeout.connect(self._redraw)
        self._build()
        self.plot.record_pointed.connect(self._on_record_pointed)
        self.plot.export_requested.connect(self.export_requested)

    # building

    def _build(self) -> None:
        """Place the row of controls, the plot and the figures; before a run one sentence."""
        self._empty = QLabel(EMPTY_TEXT)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(16, 12, 16, 12)
        self._stage = QWidget()
        stage = QHBoxLayout(self._stage)
        stage.setContentsMargins(0, 0, 0, 0)
        stage.setSpacing(0)
        stage.addWidget(self.plot, 1)
        stage.addWidget(self.figures)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addLayout(self._controls())
        column.addWidget(self._stage, 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(full)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)

    def _controls(self) -> QHBoxLayout:
        """Return the row above the plot."""
        row = QHBoxLayout()
        row.setSpacing(0)
        self._views = QButtonGroup(self)
        for text, name, place in (("Loss", "loss", "first"), ("RMSE", "rmse", "last")):
            button = QPushButton(text)
            button.setObjectName(f"{name}Button")
            button.setCheckable(True)
            button.setChecked(name == self._view)
            button.setProperty("segment", place)
            button.setProperty("view", name)
            button.setAccessibleName(f"Show {text}")
            self._views.addButton(button)
            row.addWidget(button)
        self._views.buttonClicked.connect(lambda button: self.set_view(button.property("view")))
        row.addSpacing(10)
        self._log_x, self._log_y = QCheckBox("log x"), QCheckBox("log y")
        for box, name, axis in ((self._log_x, "logX", "epoch"), (self._log_y, "logY", "value")):
            box.setObjectName(name)
            box.setAccessibleName(f"Logarithmic {axis} axis")
            box.setToolTip(f"Logarithmic {axis} axis; what it cannot show, as 0, is left out.")
            box.toggled.connect(self._on_log_toggled)
            row.addWidget(box)
            row.addSpacing(4)
        row.addSpacing(6)
        self._read_out = QLabel()
        self._read_out.setObjectName("curveReadOut")
        self._read_out.setAccessibleName("Value under the pointer")
        self._read_out.setMinimumWidth(1)
        row.addWidget(self._read_out, 1)
        row.addWidget(self._fit_button())
        return row

    def _fit_button(self) -> QPushButton:
        button = QPushButton("Fit")
        button.setObjectName("fitCurveButton")
        button.setProperty("segment", "only")
        button.setToolTip("Show the whole curve and follow it again (double click on the plot).")
        button.clicked.connect(self.plot.fit)
        return button

    # models

    def set_models(self, run_model: RunModel, view_state: Any) -> None:
        """Follow a run model; what is looked at elsewhere does not matter here."""
        self._run_model = run_model
        run_model.run_started.connect(self._on_run_started)
        run_model.ratings_changed.connect(self._on_run_started)
        run_model.status_changed.connect(self._on_status_changed)
        run_model.records_added.connect(self._on_records_added)
        run_model.notice_added.connect(self._on_notice_added)
        run_model.result_changed.connect(self._on_result_changed)
        self._on_run_started()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the theme's colours."""
        self.plot.set_theme(theme)
        self.figures.set_theme(theme)

    def set_view(self, view: str) -> None:
        """Show "loss" or "rmse"."""
        self._view = view
        for button in self._views.buttons():
            button.setChecked(button.property("view") == view)
        self.plot.set_view(view)
        self._show_figures()

    def set_log(self, *, is_log_x: bool, is_log_y: bool) -> None:
        """Make axes logarithmic."""
        self._log_x.setChecked(is_log_x)
        self._log_y.setChecked(is_log_y)

    @property
    def view(self) -> str:
        """"loss" or "rmse"."""
        return self._view

    def _on_log_toggled(self) -> None:
        self.plot.set_log(is_log_x=self._log_x.isChecked(), is_log_y=self._log_y.isChecked())

    def _on_run_started(self) -> None:
        """Begin anew, or go on where the history was kept."""
        assert self._run_model is not None
        history = self._run_model.history
        self.figures.show_end("")
        if len(history) == len(self._data.records) and history:
            return
        self._data = CurveData()
        self._data.append(history)
        self._pointed = None
        self.plot.set_data(self._data)
        for notice in self._run_model.notices:
            self.plot.add_mark(notice)
        self._redraw()
        if self._run_model.result is not None:
            self._on_result_changed()

    def _on_status_changed(self) -> None:
        """Say what to expect while there is no record."""
        assert self._run_model is not None
        is_running = self._run_model.status.is_running
        self._empty.setText(PREPARING_TEXT if is_running else EMPTY_TEXT)

    def _on_records_added(self, records: list[EpochRecord]) -> None:
        self._data.append(records)
        if not self._timer.isActive():
            self._timer.start()

    def _on_notice_added(self, notice: Notice) -> None:
        self.plot.add_mark(notice)

    def _on_result_changed(self) -> None:
        """Say how the run ended."""
        assert self._run_model is not None
        result = self._run_model.result
        self.figures.show_end(end_text(result) if result is not None else "")
        self._redraw()

    # drawing

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what came while it was hidden."""
        super().showEvent(event)
        self._redraw()

    def _redraw(self) -> None:
        """Draw what came; hidden, nothing."""
        self._timer.stop()
        self._pages.setCurrentIndex(1 if self._data.records else 0)
        if self.isVisible():
            self.plot.draw()
            self._show_figures()

    def _show_figures(self) -> None:
        self.figures.show_data(self._data, self._view)
        self._show_read_out()

    def _on_record_pointed(self, position: int | None) -> None:
        self._pointed = position
        self._show_read_out()

    def _show_read_out(self) -> None:
        """Write the record under the pointer, and the notice of that epoch."""
        if self._pointed is None or self._pointed >= len(self._data.records):
            self._read_out.setText("")
            return
        record = self._data.records[self._pointed]
        notices = self._run_model.notices if self._run_model is not None else []
        told = [notice.text for notice in notices if notice.epoch == record.epoch]
        self._read_out.setText("   ".join([read_out(record, self._view), *told[:1]]))

    # export

    def values(self) -> tuple[tuple[str, ...], Callable[[], Iterator[tuple[Any, ...]]]]:
        """Return the names of the columns, and what yields a row a record, on any thread.

        None stands where there is no value.
        """
        records = tuple(self._data.records)
        return COLUMNS, lambda: (
            tuple(getattr(record, name) for name in COLUMNS) for record in records)

    def picture(self, path: str | Path) -> Callable[[], bytes]:
        """Return what makes a picture of the plot with its figures, SVG or PNG by the name."""
        self.plot.draw()
        return picture_of(self._stage, path)


def end_text(result: RunResult) -> str:
    """Return how a run ended, in one or two sentences."""
    n_epochs = f"{result.n_epochs_run:,} epoch{'' if result.n_epochs_run == 1 else 's'}"
    first = {
        StopReason.FINISHED: f"Done: {n_epochs} in {duration_text(result.train_seconds)}.",
        StopReason.EARLY_STOPPING: f"Stopped early after {n_epochs}; epoch {result.best_epoch:,} "
                                   "was best and is kept.",
        StopReason.STOPPED: f"Stopped after {n_epochs}.",
        StopReason.DIVERGED: f"Diverged after {n_epochs}; the last sound factors are kept.",
    }[result.stopped_because]
    return " ".join([first, *_notes(result)])


def _measured(what: str, n: int, n_unseen: int) -> str:
    """Return "100,021 validation ratings, 7 unseen": of a user or item without training rating."""
    unseen = f", {n_unseen:,} unseen" if n_unseen else ""
    return f"{n:,} {what} rating{'s' * (n != 1)}{unseen}."


def _notes(result: RunResult) -> list[str]:
    """Return on what the figures were measured, as far as it is not plain."""
    notes = []
    if result.n_validation:
        notes.append(_measured("validation", result.n_validation, result.n_unseen_validation))
    if result.n_test:
        notes.append(_measured("test", result.n_test, result.n_unseen_test))
    if result.is_refit:
        notes.append("Refitted on all ratings.")
    return notes


def duration_text(seconds: float) -> str:
    """Return a time as people say it: 0.8 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
