"""The learning curve, live: each record of the run, drawn at most 30 times a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import Theme
from mfgui.gui.widgets.curve_data import CurveData, columns_of, figure, read_out
from mfgui.gui.widgets.curve_figures import CurveFigures
from mfgui.gui.widgets.curve_head import CurveHead
from mfgui.gui.widgets.curve_plot import CurvePlot
from mfgui.gui.widgets.picture import picture_of
from mfgui.gui.widgets.rate_line import RateLine
from mfgui.gui.widgets.run_end import end_text
from mfgui.inspection.trial import Trial
from mfgui.jobs.reached import reached_text
from mfgui.jobs.train import summary
from mfgui.training.events import EpochRecord, Notice

REDRAW_MS = 33
EMPTY_TEXT = "The loss curve grows here once you press Train."
PREPARING_TEXT = ("Preparing; the loss curve begins in a moment. After an installation the methods "
                  "are compiled once, which takes some seconds.")


class CurvePanel(Panel):
    """Loss, RMSE or ranking by epoch, with the figures of the newest epoch beside it.

    Signals
    -------
    export_requested : "picture" or "values", from the plot's menu
    rate_wanted : a learning rate for the next run
    """

    title = "Curve"
    area = "top"
    is_shown_first = True
    keys = "Ctrl+2"
    export_requested = Signal(str)
    rate_wanted = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curvePanel")
        self._run_model: RunModel | None = None
        self._data = CurveData()
        self._pointed: int | None = None
        self._early_notices: list[Notice] = []
        self._n_before = 0
        self.head = CurveHead()
        self.plot, self.figures, self.rate_line = CurvePlot(), CurveFigures(), RateLine()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MS)
        self._timer.timeout.connect(self._redraw)
        self._build()
        self.head.view_changed.connect(self._on_view_changed)
        self.head.log_changed.connect(self._on_log_changed)
        self.head.fit_requested.connect(self.plot.fit)
        self.plot.record_pointed.connect(self._on_record_pointed)
        self.plot.export_requested.connect(self.export_requested)
        self.rate_line.rate_wanted.connect(self.rate_wanted)

    # building

    def _build(self) -> None:
        """Place the row of controls, the plot and the figures; before a run one sentence."""
        self._empty = QLabel(EMPTY_TEXT)
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setContentsMargins(16, 12, 16, 12)
        full = QWidget()
        column = QVBoxLayout(full)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addWidget(self.head)
        column.addWidget(self._made_stage(), 1)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(full)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self.setFocusProxy(self.plot)  # whoever comes by keyboard comes to read

    def _made_stage(self) -> QWidget:
        """Return what a picture shows: plot and figures, rates and how the run ended below."""
        self._stage, self._end = QWidget(), QLabel()
        self._end.setObjectName("curveEnd")
        self._end.setWordWrap(True)
        self._end.setContentsMargins(8, 0, 0, 2)
        self._end.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.plot, 1)
        row.addWidget(self.figures)
        stage = QVBoxLayout(self._stage)
        stage.setContentsMargins(0, 0, 0, 0)
        stage.setSpacing(2)
        stage.addLayout(row, 1)
        stage.addWidget(self.rate_line)
        stage.addWidget(self._end)
        return self._stage

    # models

    def set_models(self, run_model: RunModel, view_state: Any) -> None:
        """Follow a run model; what is looked at elsewhere does not matter here."""
        self._run_model = run_model
        run_model.run_started.connect(self._on_run_started)
        run_model.ratings_changed.connect(self._on_run_started)
        run_model.status_changed.connect(self._on_status_changed)
        run_model.records_added.connect(self._on_records_added)
        run_model.notice_added.connect(self._on_notice_added)
        run_model.baselines_changed.connect(self._on_baselines_changed)
        run_model.result_changed.connect(self._on_result_changed)
        run_model.shown_changed.connect(self._on_shown_changed)
        self._on_run_started()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the theme's colours."""
        self.plot.set_theme(theme)
        self.figures.set_theme(theme)

    def set_view(self, view: str) -> None:
        """Show "loss", "rmse" or "ranking"."""
        self.head.choose(view)

    def set_log(self, *, is_log_x: bool, is_log_y: bool) -> None:
        """Make axes logarithmic."""
        self.head.log_x.setChecked(is_log_x)
        self.head.log_y.setChecked(is_log_y)

    @property
    def view(self) -> str:
        """"loss", "rmse" or "ranking"."""
        return self.head.view

    def _on_view_changed(self, view: str) -> None:
        self.plot.set_view(view)
        self._show_figures()

    def _on_log_changed(self) -> None:
        self.plot.set_log(is_log_x=self.head.log_x.isChecked(),
                          is_log_y=self.head.log_y.isChecked())

    def _on_run_started(self) -> None:
        """Begin anew, or go on where the history was kept."""
        model = self._run_model
        assert model is not None
        self._end.setText("")
        self._end.hide()
        self._n_before, self._early_notices = len(model.history), []
        if len(model.history) == len(self._data.records) and model.history:
            return
        self._data = CurveData(model.n_members)
        self._data.append(model.history)
        self._data.set_baselines(model.baselines)
        self._pointed = None
        self.head.begin()
        self.plot.set_data(self._data)
        self._redraw()
        if model.result is not None:
            self._on_result_changed()

    def _on_status_changed(self) -> None:
        """Say what to expect while there is no record."""
        assert self._run_model is not None
        is_running = self._run_model.status.is_running
        self._empty.setText(PREPARING_TEXT if is_running else EMPTY_TEXT)

    def _on_baselines_changed(self) -> None:
        assert self._run_model is not None
        self._data.set_baselines(self._run_model.baselines)

    def _on_records_added(self, records: list[EpochRecord]) -> None:
        self._data.append(records)
        for notice in self._early_notices:
            self.plot.add_mark(notice)
        self._early_notices = []
        if not self._timer.isActive():
            self._timer.start()

    def _on_notice_added(self, notice: Notice) -> None:
        """Mark a notice; one from before the run's first record waits for it to know its place."""
        if len(self._data.records) == self._n_before:
            self._early_notices.append(notice)
        else:
            self.plot.add_mark(notice)

    def _on_result_changed(self) -> None:
        """Say how the run ended."""
        model = self._run_model
        assert model is not None
        result = model.result
        if result is not None and model.ratings is not None:
            self._end.setText(f"{end_text(result)} {reached_text(summary(result, model.ratings))}")
            self._end.show()
        self._redraw()

    def _on_shown_changed(self) -> None:
        """Follow a copy that is trained step by step, or leave it."""
        model = self._run_model
        assert model is not None
        trial = model.trial
        if trial is None and self._data.trial is None:
            return
        self._data.set_trial(trial.losses if trial else (), trial.rmses if trial else ())
        self._show_trial(trial)
        self._pages.setCurrentIndex(1 if self._data.drawn_segments else 0)
        self.head.follow(self._data)
        if self.is_seen:
            self.plot.draw_trial()

    def _show_trial(self, trial: Trial | None) -> None:
        """Say what the dotted line is, in the place of how the run ended."""
        if trial is None:
            self._end.hide()
            self._on_result_changed()
            return
        figures = [f"loss {figure(trial.losses[-1])}"] if trial.losses else []
        figures += [f"training RMSE {figure(trial.rmses[-1])}"] if trial.rmses else []
        self._end.setText(f"Dotted: {trial.text}; {', '.join(figures)}. The run's own curve stays.")
        self._end.show()

    # drawing

    def catch_up(self) -> None:
        """Catch up with what came while it was hidden."""
        self._redraw()

    def _redraw(self) -> None:
        """Draw what came; hidden, nothing."""
        self._timer.stop()
        self._pages.setCurrentIndex(1 if self._data.drawn_segments else 0)
        self.head.follow(self._data)
        if self.is_seen:
            self.plot.draw()
            self._show_figures()

    def _show_figures(self) -> None:
        data = self._data
        self.figures.show_data(data, self.view, self.plot.visible_values)
        self.rate_line.show_rates(data.records[-1] if data.records else None, data.limit_record)
        self._show_read_out()

    def _on_record_pointed(self, position: int | None) -> None:
        self._pointed = position
        self._show_read_out()

    def _show_read_out(self) -> None:
        """Write the record under the pointer, and the notice of that epoch."""
        if self._pointed is None or self._pointed >= len(self._data.records):
            self.head.read_out.setText("")
            self.plot.tell_record("")
            return
        told = self.plot.marks.texts_at(self._data.x_at(self._pointed))
        more = [f"({len(told) - 1} more there, in Messages)"] if len(told) > 1 else []
        text = "   ".join(
            [read_out(self._data.records[self._pointed], self.view), *told[-1:], *more])
        self.head.read_out.setText(text)
        self.plot.tell_record(text)

    # export

    def values(self) -> tuple[tuple[str, ...], Callable[[], Iterator[tuple[Any, ...]]]]:
        """Return the names of the columns, and what yields a row a record, on any thread.

        None stands where there is no value.
        """
        records = tuple(self._data.records)
        columns = columns_of(records)
        return columns, lambda: (
            tuple(getattr(record, name) for name in columns) for record in records)

    def picture(self, path: str | Path) -> Callable[[], bytes]:
        """Return what makes a picture of the plot with its figures, SVG or PNG by the name."""
        self.plot.draw()
        return picture_of(self._stage, path)
