"""The learning curve, live: each record of the run, drawn at most 30 times a second.

Where other runs are ticked they are drawn over each other, one column of each; what belongs to one
run alone (its notices, its figures) gives way to a legend that reads all of them out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mfgui.gui.exportable import Exportable
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import Theme
from mfgui.gui.widgets.curve_data import CurveData
from mfgui.gui.widgets.curve_export import curve_picture, curve_values
from mfgui.gui.widgets.curve_head import CurveHead
from mfgui.gui.widgets.curve_history import CurveHistory
from mfgui.gui.widgets.curve_one import OneCurve
from mfgui.gui.widgets.curve_runs import RunCurves
from mfgui.gui.widgets.curve_several import SeveralCurves
from mfgui.gui.widgets.curve_stage import CurvePages, CurveStage
from mfgui.gui.widgets.curve_words import trial_text
from mfgui.gui.widgets.picture import Drawing
from mfgui.gui.widgets.run_end import end_text
from mfgui.inspection.trial import Trial
from mfgui.jobs.reached import reached_text
from mfgui.jobs.run_curves import RecordColumns
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
    export_requested : "picture", "values", "copy picture" or "copy values", from the plot's menu
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
        self._early_notices: list[Notice] = []
        self._n_before, self._drawn_at = 0, 0.0
        self.head, self.stage = CurveHead(), CurveStage()
        self.plot, self.figures = self.stage.plot, self.stage.figures
        self.rate_line, self._end = self.stage.rate_line, self.stage.end
        self.runs = RunCurves(self._shown_columns, self)
        self.several = SeveralCurves(self.runs, self.head, self.stage, self)
        self.one = OneCurve(self.head, self.plot, self)
        self._history = CurveHistory(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._redraw)
        self._pages = CurvePages(self.head, self.stage)
        self._empty = self._pages.invitation
        self._empty.setText(EMPTY_TEXT)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self.setFocusProxy(self.plot)  # whoever comes by keyboard comes to read
        self._connect()

    def _connect(self) -> None:
        self.head.view_changed.connect(self._on_view_changed)
        self.head.scale_changed.connect(lambda: self.plot.set_scale(self.head.scale))
        self.head.smoothing_changed.connect(
            lambda: self.plot.set_smoothing(self.head.choices.half_life))
        self.head.fit_requested.connect(self.plot.fit)
        self.plot.export_requested.connect(self.export_requested)
        self.rate_line.rate_wanted.connect(self.rate_wanted)
        self.runs.changed.connect(self._redraw)
        self.runs.grown.connect(self._redraw_soon)
        self._history.made.connect(self._take_data)

    # models

    def set_models(self, run_model: RunModel, view_state: Any) -> None:
        """Follow a run model; what is looked at elsewhere does not matter here."""
        self._run_model = run_model
        run_model.run_started.connect(self._on_run_started)
        run_model.ratings_changed.connect(self._on_run_started)
        run_model.run_shown.connect(self._begin_data)
        run_model.status_changed.connect(self._on_status_changed)
        run_model.records_added.connect(self._on_records_added)
        run_model.notice_added.connect(self._on_notice_added)
        run_model.baselines_changed.connect(self._on_baselines_changed)
        run_model.result_changed.connect(self._on_result_changed)
        run_model.shown_changed.connect(self._on_shown_changed)
        self._on_run_started()
        self.runs.set_models(run_model)

    def set_theme(self, theme: Theme) -> None:
        """Draw in the theme's colours."""
        self.runs.theme = theme
        self.stage.set_theme(theme)
        self._redraw()

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

    def _on_run_started(self) -> None:
        """Begin anew, or go on where the history was kept."""
        model = self._run_model
        assert model is not None
        self._end.setText("")
        self._end.hide()
        self._n_before, self._early_notices = len(model.history), []
        if len(model.history) == len(self._data.records) and model.history:
            return
        self._begin_data()

    def _begin_data(self) -> None:
        """Take the records of the shown run from their beginning."""
        model = self._run_model
        assert model is not None
        self._end.hide()
        self._n_before, self._early_notices = 0, []
        self._history.make(model.history, model.n_members)

    def _take_data(self, data: CurveData) -> None:
        """Show the records of a run that were laid out."""
        model = self._run_model
        assert model is not None
        self._data = data
        data.set_baselines(model.baselines)
        self.head.begin()
        self.plot.set_data(data)
        self.one.set_data(data)
        for notice in model.notices:
            self.plot.add_mark(notice)
        self._redraw()
        if model.result is not None and not (model.status.is_running and model.is_live_shown):
            self._on_result_changed()

    def _shown_columns(self) -> RecordColumns:
        """Return the records of the shown run; none while a worker lays them out."""
        return RecordColumns() if self._history.is_making else self._data.columns

    def _on_status_changed(self) -> None:
        """Say what to expect while there is no record."""
        assert self._run_model is not None
        is_running = self._run_model.status.is_running
        self._empty.setText(PREPARING_TEXT if is_running else EMPTY_TEXT)

    def _on_baselines_changed(self) -> None:
        assert self._run_model is not None
        self._data.set_baselines(self._run_model.baselines)

    def _on_records_added(self, records: list[EpochRecord]) -> None:
        if self._history.is_making:  # it takes them with it
            self._history.add(records)
            return
        self._data.append(records)
        for notice in self._early_notices:
            self.plot.add_mark(notice)
        self._early_notices = []
        self._redraw_soon()

    def _redraw_soon(self) -> None:
        if not self._timer.isActive():
            since_ms = 1000 * (time.monotonic() - self._drawn_at)
            self._timer.start(max(round(REDRAW_MS - since_ms), 0))

    def _on_notice_added(self, notice: Notice) -> None:
        """Mark a notice; one from before the run's first record waits for it to know its place."""
        assert self._run_model is not None
        if self._history.is_making or all(
                notice is not each for each in self._run_model.notices[-1:]):
            return  # it comes with all of them, or belongs to a run that is not shown
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
        self._show_page()
        self.head.follow(self._data)
        if self.is_seen:
            self.plot.draw_trial()

    def _show_trial(self, trial: Trial | None) -> None:
        """Say what the dotted line is, in the place of how the run ended."""
        if trial is None:
            self._end.hide()
            self._on_result_changed()
            return
        self._end.setText(trial_text(trial))
        self._end.show()

    # drawing

    def catch_up(self) -> None:
        """Catch up with what came while it was hidden."""
        self._redraw()

    def shut_down(self) -> None:
        """End the threads."""
        self._timer.stop()
        for each in (self.runs, self.plot, self._history):
            each.shut_down()

    def _show_page(self) -> None:
        has_curves = bool(self._data.drawn_segments) or self.several.is_on
        self._pages.setCurrentIndex(1 if has_curves else 0)

    def _redraw(self) -> None:
        """Draw what came; hidden, nothing."""
        is_growth = self._timer.isActive() or self.sender() is self._timer
        self._timer.stop()
        self._drawn_at = time.monotonic()
        self._show_page()
        self.head.follow(self._data)
        if not self.is_seen:
            return
        self.several.follow(is_growth=is_growth)
        self.plot.draw()
        self._show_figures()

    def _show_figures(self) -> None:
        data = self._data
        if not self.several.is_on:
            self.figures.show_data(data, self.view, self.plot.visible_values)
            self.one.show()
        self.rate_line.show_rates(data.records[-1] if data.records else None, data.limit_record)

    # export

    def values(self) -> tuple[tuple[str, ...], Callable[[], Iterator[tuple[Any, ...]]]]:
        """Return the names of the columns, and what yields a row a record, on any thread.

        All runs that are drawn; None stands where there is no value.
        """
        return curve_values(self._data, self.view, self.runs, self.head.choices.half_life)

    def picture(self, path: str | Path) -> Drawing:
        """Return a picture of the plot with its figures."""
        self.plot.draw()
        return curve_picture(self.stage, path)

    def exportables(self) -> tuple[Exportable, ...]:
        """Return the curve."""
        return (Exportable("curve", "Curve", lambda: self._pages.currentIndex() == 1,
                           self.picture, self.values),)
