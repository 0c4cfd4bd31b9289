"""The main window: it places the panels, starts jobs, and hands their events to the RunModel.

It is made in two steps: the empty state needs no plots, so it is painted before pyqtgraph, half
of the time of a start, is loaded; ``complete`` makes the panels.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QMainWindow,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.settings import RunSettings, as_dict
from mfgui.core.solvers import DEFAULT_SOLVER, SOLVERS
from mfgui.errors import CancelledError, DataError, MfguiError, SettingsError
from mfgui.gui import theme as themes
from mfgui.gui.actions import Actions
from mfgui.gui.background import JobRunner
from mfgui.gui.bug_dialog import BugDialog
from mfgui.gui.reading_flow import ReadingFlow
from mfgui.gui.run_model import RunModel, Status
from mfgui.gui.stored_state import StoredState
from mfgui.gui.view_state import ViewState
from mfgui.gui.widgets.job_bar import JobBar
from mfgui.gui.widgets.message_bar import MessageBar
from mfgui.gui.widgets.welcome import WelcomePanel
from mfgui.jobs.train import check
from mfgui.training.events import Notice

if TYPE_CHECKING:
    from mfgui.data.options import ReadOptions
    from mfgui.gui.public_data_flow import PublicDataFlow
    from mfgui.jobs.files import OpenedModel, OpenedRatings

LOG = logging.getLogger("mfgui")
Remedy = Callable[[], tuple[()] | tuple[str, Callable[[], None]]]
SETUP_WIDTH = 280
CURVE_HEIGHT = 270  # at least: figures, rates and the sentence of the end take their share
WIDE = 1600  # from here on there is room for a third column
LONG_RUN_S = 60.0
UNDER_WAY = "A run is under way: stop it first, then open other ratings."


class MainWindow(QMainWindow):
    """The window; ``open_path`` opens a file, everything else is a press of a button away."""

    def __init__(self, state_path: Path | None = None) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setAcceptDrops(True)
        self.log_path: Path | None = None
        self.run_model, self.view_state = RunModel(self), ViewState(self)
        self.stored = StoredState(state_path)
        self.train_runner, self.job_runner = JobRunner(self), JobRunner(self)
        self._job_done: Callable[[Any], None] | None = None
        self._is_opening = False
        self._has_left_empty = False
        self._run_began_at = 0.0
        self._public_data: PublicDataFlow | None = None
        self.is_complete = False
        self._remedy: Remedy | None = None
        self._place_empty()
        self.reading = ReadingFlow(self)
        self.actions_ = Actions(self)
        self._connect_empty()
        self.set_theme(self.stored.choice("theme", "system"))
        self._restore_window()

    def complete(self) -> None:
        """Make what the empty state does not show: panels, docks, the rest of the menus."""
        if self.is_complete:
            return
        self.is_complete = True
        self._place_panels()
        self.actions_.complete()
        self._connect()
        self._theme_plots()
        self._restore_form()
        self._show_status()

    # -- placing ------------------------------------------------------------------------------

    def _place_empty(self) -> None:
        """Put the invitation in the centre and the job's bar below."""
        self.welcome, self.message_bar = WelcomePanel(self), MessageBar(self)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.welcome)
        centre = QWidget(self)
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.message_bar)
        layout.addWidget(self.pages, 1)
        self.setCentralWidget(centre)
        self.job_bar = JobBar(self)
        self.setStatusBar(self.job_bar)

    def _place_panels(self) -> None:
        """Put matrices in the centre, setup left, curve above, report right, messages below."""
        from mfgui.gui.panels import (
            CurvePanel,
            MatricesPanel,
            MessagesPanel,
            ReportPanel,
            SetupPanel,
        )

        self.setup_panel, self.curve_panel = SetupPanel(SOLVERS, DEFAULT_SOLVER), CurvePanel()
        self.matrices_panel, self.messages_panel = MatricesPanel(), MessagesPanel()
        self.report_panel = ReportPanel()
        for panel in (self.setup_panel, self.curve_panel, self.matrices_panel,
                      self.messages_panel, self.report_panel):
            panel.set_models(self.run_model, self.view_state)
        self.pages.addWidget(self.matrices_panel)
        self.setCorner(Qt.Corner.TopLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.TopRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        area = Qt.DockWidgetArea
        self.docks = {
            "setup": self._dock(self.setup_panel, "setupDock", area.LeftDockWidgetArea),
            "curve": self._dock(self.curve_panel, "curveDock", area.TopDockWidgetArea),
            "messages": self._dock(self.messages_panel, "messagesDock", area.BottomDockWidgetArea),
            "report": self._dock(self.report_panel, "reportDock", area.TopDockWidgetArea),
        }
        self.setTabPosition(area.TopDockWidgetArea, QTabWidget.TabPosition.North)
        self._place_report()
        for dock in self.docks.values():
            dock.hide()

    def _dock(self, panel: Any, name: str, area: Qt.DockWidgetArea) -> QDockWidget:
        """Return a dock around the panel."""
        dock = QDockWidget(panel.title, self)
        dock.setObjectName(name)
        dock.setWidget(panel)
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable
                         | QDockWidget.DockWidgetFeature.DockWidgetMovable)
        self.addDockWidget(area, dock)
        return dock

    def _place_report(self) -> None:
        """Put the report at the right where there is room, otherwise behind the curve."""
        report, area = self.docks["report"], Qt.DockWidgetArea
        if self.width() >= WIDE:
            self.addDockWidget(area.RightDockWidgetArea, report)
        else:
            self.addDockWidget(area.TopDockWidgetArea, report)
            self.tabifyDockWidget(self.docks["curve"], report)
        report.hide()

    def _restore_window(self) -> None:
        """Show the empty state at the size and place of last time."""
        screen = QApplication.primaryScreen().availableSize()
        self.resize(screen.boundedTo(QSize(1440, 900)))
        self.stored.restore_geometry(self)
        self.welcome.set_recent(self.stored.recent_files())
        self.actions_.set_recent(self.stored.recent_files())

    def _restore_form(self) -> None:
        """Choose the solver of last time with its settings; what does not fit any more is left."""
        self.setup_panel.set_solver(self.stored.choice("solver", DEFAULT_SOLVER))
        values = self.stored.solver_settings().get(self.setup_panel.solver_name, {})
        for name, value in values.items():
            try:
                self.setup_panel.form.set_value(name, value)
            except (KeyError, TypeError, ValueError):
                LOG.warning("the stored value of %s does not fit any more", name)

    def _keep_form(self) -> None:
        """Store solver and settings, if they are sound."""
        self.stored.set_choice("solver", self.setup_panel.solver_name)
        try:
            values = as_dict(self.setup_panel.form.settings())
        except SettingsError:
            return
        self.stored.set_solver_settings(
            {**self.stored.solver_settings(), self.setup_panel.solver_name: values})

    def reset_layout(self) -> None:
        """Put every dock back where it was at the very first start."""
        self.stored.forget_docks()
        area = Qt.DockWidgetArea
        for name, where in (("setup", area.LeftDockWidgetArea), ("curve", area.TopDockWidgetArea),
                            ("messages", area.BottomDockWidgetArea)):
            self.addDockWidget(where, self.docks[name])
            self.docks[name].setVisible(name != "messages")
        self._place_report()
        self.resizeDocks([self.docks["setup"]], [SETUP_WIDTH], Qt.Orientation.Horizontal)
        self.resizeDocks([self.docks["curve"]], [max(self.height() * 3 // 10, CURVE_HEIGHT)],
                         Qt.Orientation.Vertical)

    def show_centre(self) -> None:
        """Show what stands in the centre while no file is asked about."""
        self.pages.setCurrentWidget(
            self.matrices_panel if self._has_left_empty else self.welcome)

    def _leave_empty(self) -> None:
        """Show the panels, once there is something to show in them."""
        self.pages.setCurrentWidget(self.matrices_panel)
        if self._has_left_empty:
            return
        self._has_left_empty = True
        if not self.stored.restore_docks(self) or self.docks["setup"].isHidden():
            self.reset_layout()
        elif self.width() < WIDE and self.dockWidgetArea(
                self.docks["report"]) == Qt.DockWidgetArea.RightDockWidgetArea:
            self._place_report()  # the window was wider last time

    # -- wiring -------------------------------------------------------------------------------

    def _connect_empty(self) -> None:
        """Connect what the empty state can do, and the jobs."""
        self.welcome.open_requested.connect(self.actions_.choose_ratings)
        self.welcome.sample_requested.connect(self.open_sample)
        self.welcome.recent_requested.connect(self.open_path)
        self.train_runner.events.connect(self.run_model.add_events)
        self.train_runner.finished.connect(self._on_train_finished)
        self.job_runner.events.connect(self._on_job_events)
        self.job_runner.finished.connect(self._on_job_finished)
        self.job_bar.cancel_requested.connect(lambda: self.job_runner.control.stop())
        QApplication.styleHints().colorSchemeChanged.connect(self._on_system_theme)

    def _connect(self) -> None:
        """Connect panels and actions."""
        setup, model, data = self.setup_panel, self.run_model, self.actions_.data
        assert data is not None
        setup.open_requested.connect(self.actions_.choose_ratings)
        setup.test_file_requested.connect(self.actions_.choose_test_file)
        setup.change_requested.connect(self.reading.change)
        setup.report_requested.connect(data.show_report)
        self.report_panel.save_requested.connect(data.save_report)
        for panel in (setup, self.report_panel):
            panel.offer_chosen.connect(self.reading.set_options)
        setup.train_requested.connect(self.train)
        setup.train_on_requested.connect(self.train_on)
        setup.pause_requested.connect(self.pause)
        setup.resume_requested.connect(self.resume)
        setup.stop_requested.connect(self.stop)
        self.curve_panel.export_requested.connect(self.actions_.export_curve)
        self.curve_panel.rate_wanted.connect(
            lambda rate: setup.form.set_value("learning_rate", rate))
        self.matrices_panel.snapshot_wanted.connect(self._on_snapshot_wanted)
        self.matrices_panel.hover_text_changed.connect(self.job_bar.set_hover_text)
        model.status_changed.connect(self._show_status)
        model.records_added.connect(self._on_records_added)
        setup.form.changed.connect(lambda: self.actions_.follow(model))
        model.notice_added.connect(self._on_notice)

    def set_theme(self, choice: str) -> None:
        """Show the theme "light", "dark" or "system"."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self.stored.set_choice("theme", choice)
        self.theme_choice = choice if choice in ("light", "dark") else "system"
        themes.apply_theme(app, themes.chosen_theme(self.theme_choice))
        if self.is_complete:
            self._theme_plots()

    def _theme_plots(self) -> None:
        """Hand the theme to what draws itself."""
        for panel in (self.curve_panel, self.matrices_panel):
            panel.set_theme(themes.chosen_theme(self.theme_choice))

    def _on_system_theme(self) -> None:
        if self.theme_choice == "system":
            self.set_theme("system")

    # -- jobs ---------------------------------------------------------------------------------

    def start_job(
        self, text: str, job: Callable[[Control], Iterator[Any]],
        done: Callable[[Any], None] | None = None, *, is_opening: bool = False,
        remedy: Remedy | None = None,
    ) -> None:
        """Run a job of the status bar; ``done`` gets its last event, if it ends well.

        While a job ``is_opening`` other ratings, no run may begin on the old ones. ``remedy()``
        is a button, with what it does, beside the sentence of a file that cannot be read.
        """
        if self.job_runner.is_running:
            self.tell("Another job is running: wait for it, or cancel it at the bottom right.",
                      "warning")
            return
        self._job_done, self._is_opening, self._remedy = done, is_opening, remedy
        self._job_result: Any = None
        self.message_bar.hide()
        self.job_bar.begin(text, self.job_runner.start(job))

    def _on_job_events(self, events: list[Any]) -> None:
        self._job_result = events[-1]

    def _on_job_finished(self, error: BaseException | None) -> None:
        self.job_bar.end()
        self.complete()
        done, self._job_done = self._job_done, None
        if self._is_opening:  # that a run could not begin meanwhile is over
            self._is_opening = False
            self.setup_panel.show_error("")
        if isinstance(error, CancelledError):
            self.job_bar.set_hover_text("Cancelled.")
        elif error is not None:
            self._tell_failure(error)
        elif done is not None:
            done(self._job_result)

    def _tell_failure(self, error: BaseException) -> None:
        """Show what a user caused as its sentence, anything else as a bug."""
        if isinstance(error, MfguiError):
            remedy = self._remedy if isinstance(error, DataError) else None
            self.tell(str(error), "error", *(remedy() if remedy is not None else ()))
            self.run_model.add_notice(Notice("error", str(error)))
            return
        raise error

    def tell(
        self, text: str, kind: str = "error", remedy: str = "",
        action: Callable[[], None] | None = None,
    ) -> None:
        """Show one sentence across the top of the matrices."""
        self.message_bar.tell(text, kind, remedy, action)

    # -- opening ------------------------------------------------------------------------------

    def open_path(self, path: str | os.PathLike[str], options: ReadOptions | None = None) -> None:
        """Open a ratings file, or a model where it is one."""
        if self.is_free():
            self.reading.open(os.fspath(path), options)

    def open_sample(self) -> None:
        """Open the sample data."""
        if self.is_free():
            self.start_job("Making the sample data", jobs.open_sample, self.show_ratings,
                           is_opening=True)

    def open_text(self, text: str) -> None:
        """Open a pasted matrix."""
        if self.is_free():
            self.start_job("Reading the matrix", lambda control: jobs.open_text(control, text),
                           self.show_ratings, is_opening=True)

    def show_public_data(self) -> None:
        """Show the page of public data sets, in the place of what is shown now."""
        if self._public_data is None:
            from mfgui.gui.public_data_flow import PublicDataFlow

            try:
                self._public_data = PublicDataFlow(self)
            except MfguiError as error:  # there is no folder to keep data in
                self.tell(str(error))
                return
        self._public_data.show()

    def open_test_file(self, path: str) -> None:
        """Open ratings to measure the model on."""
        self.start_job(f"Reading {os.path.basename(path)}",
                       lambda control: jobs.open_file(control, path), self._take_test)

    def is_free(self) -> bool:
        """Say whether other data may come; a run under way is not thrown away unasked."""
        if not self.run_model.status.is_running:
            return True
        self.tell(UNDER_WAY, "warning", "Stop the run", self.stop)
        return False

    def show_ratings(self, opened: OpenedRatings, options: ReadOptions | None = None) -> None:
        """Show ratings that were read."""
        if opened.path:
            self.stored.add_recent(opened.path)
            self.actions_.set_recent(self.stored.recent_files())
        self.reading.leave_page()
        self.run_model.set_ratings(opened.ratings, opened.report, options)
        self._leave_empty()
        self.reading.follow(opened)
        self._show_title()

    def _take_test(self, opened: OpenedRatings) -> None:
        self.run_model.set_test_ratings(opened.ratings)

    def show_model(self, opened: OpenedModel) -> None:
        """Show a model from a file."""
        self.run_model.set_model(opened)
        self.reading.follow_model()
        self._leave_empty()
        self._show_title()

    # -- training -----------------------------------------------------------------------------

    def train(self, solver: str, settings: RunSettings) -> None:
        """Begin a run."""
        self._start_run(solver, settings, None)

    def train_on(self, solver: str, settings: RunSettings) -> None:
        """Go on from the kept factors of the last run."""
        self._start_run(solver, settings, self.run_model.result)

    def _start_run(self, solver: str, settings: RunSettings, start: Any) -> None:
        model = self.run_model
        if model.ratings is None or self.train_runner.is_running:
            return
        ratings, test = model.ratings, model.test_ratings
        if self._is_opening:
            self.setup_panel.show_error("A file is being opened: wait for it, or cancel it.")
            return
        if self.reading.is_choosing:
            self.tell("Use these ratings, or cancel, before you train.", "warning")
            return
        try:
            check(solver, settings, ratings, start)
        except MfguiError as error:  # before anything of the last run is given up
            self._tell_beside_train(error)
            return
        self.message_bar.hide()
        if not self.docks["curve"].isHidden():
            self.docks["curve"].raise_()  # the report may stand before it
        self._run_began_at = time.monotonic()
        model.start_run(solver, settings, is_continued=start is not None)
        self.train_runner.start(lambda control: jobs.train(
            control, solver, settings, ratings, test=test, start=start))
        self.matrices_panel.request_refresh()

    def pause(self) -> None:
        """Let the run wait."""
        self.train_runner.control.pause()
        self.run_model.set_status(Status.PAUSED)

    def resume(self) -> None:
        """Let the run go on."""
        self.train_runner.control.resume()
        self.run_model.set_status(Status.TRAINING)

    def stop(self) -> None:
        """End the run; it keeps its last whole epoch, or its best."""
        if self.train_runner.is_running:
            self.run_model.set_status(Status.STOPPING)
            self.train_runner.control.stop()

    def _on_snapshot_wanted(self) -> None:
        if self.train_runner.is_running:
            self.train_runner.control.request_snapshot()

    def _on_train_finished(self, error: BaseException | None) -> None:
        model = self.run_model
        model.set_status(Status.DONE if model.snapshot is not None else Status.READY)
        if self.message_bar.text == UNDER_WAY:
            self.message_bar.hide()
        self._show_title()
        if time.monotonic() - self._run_began_at > LONG_RUN_S and not self.isActiveWindow():
            QApplication.alert(self)
        if isinstance(error, CancelledError) or error is None:
            return
        if not isinstance(error, MfguiError):
            raise error
        self._tell_beside_train(error)

    def _tell_beside_train(self, error: MfguiError) -> None:
        """Show why a run did not begin where it was asked for, and in Messages."""
        self.run_model.add_notice(Notice("error", str(error)))
        self.setup_panel.show_error(str(error))

    def _on_records_added(self, records: list[Any]) -> None:
        self._show_title()
        if len(records) == len(self.run_model.history):  # there is a curve to export now
            self.actions_.follow(self.run_model)

    def _on_notice(self, notice: Notice) -> None:
        LOG.info("%s: %s", notice.kind, notice.text)

    def _show_status(self) -> None:
        self.actions_.follow(self.run_model)
        self._show_title()

    def _show_title(self) -> None:
        """Write file and progress into the title bar."""
        model = self.run_model
        parts = []
        if model.status.is_running and model.history and model.settings is not None:
            control = self.train_runner.control
            if control.progress.fraction is not None:
                parts.append(f"{self.setup_panel.progress_fraction:.0%}")
        if model.ratings is not None:
            parts.append(model.ratings.name)
        self.setWindowTitle(" - ".join([*parts, "mfgui"]))

    # -- the end ------------------------------------------------------------------------------

    def show_bug(self, text: str, log_path: Path | None) -> None:
        """Show that something unexpected happened, with its traceback."""
        # A timer, since the exception may have left a slot of a widget that is being painted.
        QTimer.singleShot(0, lambda: BugDialog(text, log_path, self).show())

    def changeEvent(self, event: QEvent) -> None:
        """Look at the open file when the window comes to the front."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.reading.watch.look()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open the first file dropped."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.open_path(paths[0])

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what runs, wait for its threads, keep the layout."""
        self.train_runner.shut_down()
        self.job_runner.shut_down()
        self.reading.shut_down()
        self.stored.save_layout(self, has_docks=self._has_left_empty)
        if self.is_complete:
            self.matrices_panel.shut_down()
            self._keep_form()
        self.stored.flush()
        event.accept()
