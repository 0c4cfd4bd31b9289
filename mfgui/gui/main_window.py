"""The main window: it holds the panels, what they look at, and what their buttons start.

Where the panels stand is ``window_layout``; jobs, runs, readings and the search for a rate each
have a flow of their own.

It is made in two steps: the empty state needs no plots, so it is painted before pyqtgraph, half
of the time of a start, is loaded; ``complete`` makes the panels.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from mfgui.gui.actions import Actions
from mfgui.gui.closing import Closing
from mfgui.gui.end_notice import EndNotice
from mfgui.gui.going_on import GoingOn
from mfgui.gui.help_flow import HelpFlow
from mfgui.gui.job_flow import Job, JobFlow
from mfgui.gui.job_watch import Done
from mfgui.gui.kept_display import keep_display, kept_display
from mfgui.gui.kept_form import restore_form
from mfgui.gui.project_flow import ProjectFlow
from mfgui.gui.project_session import ProjectSession
from mfgui.gui.project_view import ProjectView
from mfgui.gui.rate_flow import RateFlow
from mfgui.gui.reading_flow import ReadingFlow
from mfgui.gui.run_flow import RunFlow
from mfgui.gui.run_model import RunModel
from mfgui.gui.stored_state import StoredState
from mfgui.gui.textbook_flow import TextbookFlow
from mfgui.gui.title_flow import TitleFlow
from mfgui.gui.training_flow import TrainingFlow
from mfgui.gui.view_state import ViewState
from mfgui.gui.widgets.job_bar import JobBar
from mfgui.gui.widgets.message_bar import MessageBar
from mfgui.gui.widgets.trouble_bar import TroubleBar
from mfgui.gui.widgets.welcome import WelcomePanel
from mfgui.gui.window_layout import WindowLayout
from mfgui.gui.window_opening import OpeningPart
from mfgui.jobs.preparation import Preparation
from mfgui.training.events import Notice

if TYPE_CHECKING:
    from mfgui.gui.panels import (
        CurvePanel,
        HelpPanel,
        MatricesPanel,
        MessagesPanel,
        Panel,
        ReportPanel,
        RunsPanel,
        SetupPanel,
    )

LOG = logging.getLogger("mfgui")
# What a window manager puts around a window: how much is not known before it is shown, and without
# this room the status line would lie below the screen's edge.
FRAME = QSize(16, 48)


class MainWindow(OpeningPart):
    """The window; ``open_path`` opens a file, everything else is a press of a button away.

    Attributes
    ----------
    preparation : Preparation
        Compiles kernels ahead once ``app.run`` starts it; jobs wait for what they need of it.
    """

    def __init__(self, state_path: Path | None = None, *, is_fresh: bool = False) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setAcceptDrops(True)
        self.log_path: Path | None = None
        self.preparation = Preparation()
        self.run_model, self.view_state = RunModel(self), ViewState(self)
        self.stored = StoredState(state_path)
        self.stored.is_fresh = is_fresh
        self.is_complete = False
        self._place_empty()
        self.layout_ = WindowLayout(self)
        self.docks = self.layout_.docks
        self.session, self.projects = ProjectSession(self), ProjectFlow(self)
        self.project_view = ProjectView(self)
        self.job_flow, self.training, self.rates = JobFlow(self), TrainingFlow(self), RateFlow(self)
        self.runs = RunFlow(self)
        self.job_runner = self.job_flow.runner
        self.reading, self.help = ReadingFlow(self), HelpFlow(self)
        self.textbook = TextbookFlow(self)
        self.title, self.end_notice = TitleFlow(self), EndNotice(self)
        self.going_on, self.closing = GoingOn(self), Closing(self)
        for bar in (self.end_notice.bar, self.closing.bar):
            self.bars.addWidget(bar)
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
        self.help.complete()
        self._connect()
        self._theme_plots()
        restore_form(self.stored, self.setup_panel)
        self.matrices_panel.take_display(kept_display(self.stored))
        self._show_status()

    # -- placing ------------------------------------------------------------------------------

    def _place_empty(self) -> None:
        """Put the invitation in the centre and the job's bar below."""
        self.welcome, self.message_bar = WelcomePanel(self), MessageBar(self)
        self.trouble_bar = TroubleBar(self)
        self.pages = QStackedWidget(self)
        self.pages.addWidget(self.welcome)
        centre = QWidget(self)
        layout, self.bars = QVBoxLayout(centre), QVBoxLayout()
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(self.bars)
        for bar in (self.trouble_bar, self.message_bar):
            self.bars.addWidget(bar)
        layout.addWidget(self.pages, 1)
        self.setCentralWidget(centre)
        self.job_bar = JobBar(self)
        self.setStatusBar(self.job_bar)

    def _place_panels(self) -> None:
        """Put the matrices in the centre and the other panels around."""
        from mfgui.gui.panels import PANELS

        self.panels = {name: kind() for name, kind in PANELS.items()}
        # Those that the window itself has to do with, by name.
        self.setup_panel: SetupPanel = self.panels["setup"]  # type: ignore[assignment]
        self.curve_panel: CurvePanel = self.panels["curve"]  # type: ignore[assignment]
        self.matrices_panel: MatricesPanel = self.panels["matrices"]  # type: ignore[assignment]
        self.messages_panel: MessagesPanel = self.panels["messages"]  # type: ignore[assignment]
        self.report_panel: ReportPanel = self.panels["report"]  # type: ignore[assignment]
        self.help_panel: HelpPanel = self.panels["help"]  # type: ignore[assignment]
        self.runs_panel: RunsPanel = self.panels["runs"]  # type: ignore[assignment]
        for panel in self.panels.values():
            panel.set_models(self.run_model, self.view_state)
        self.pages.addWidget(self.matrices_panel)
        self.layout_.place(self.panels)

    def _restore_window(self) -> None:
        """Show the empty state at the size and place of last time."""
        screen = QApplication.primaryScreen().availableSize()
        self.resize((screen - FRAME).boundedTo(QSize(1760, 1000)))
        self.stored.restore_geometry(self)
        self.welcome.set_recent(self.recent())
        self.actions_.set_recent(self.stored.recent_files())

    def reset_layout(self) -> None:
        """Put every dock back where it was at the very first start."""
        self.layout_.reset()

    # -- wiring -------------------------------------------------------------------------------

    def _connect_empty(self) -> None:
        """Connect what the empty state can do."""
        self.welcome.open_requested.connect(self.actions_.choose_ratings)
        self.welcome.sample_requested.connect(self.open_sample)
        self.welcome.recent_requested.connect(self.open_path)
        QApplication.styleHints().colorSchemeChanged.connect(self._on_system_theme)

    def _connect(self) -> None:
        """Connect panels and actions."""
        setup, model, data = self.setup_panel, self.run_model, self.actions_.data
        assert data is not None
        setup.open_requested.connect(self.actions_.choose_ratings)
        setup.test_file_requested.connect(self.actions_.choose_test_file)
        setup.change_requested.connect(self.reading.change)
        setup.report_requested.connect(data.show_report)
        setup.runs_requested.connect(lambda: self.layout_.show("runs"))
        self.report_panel.save_requested.connect(data.save_report)
        for offering in (setup, self.report_panel):
            offering.offer_chosen.connect(self.reading.set_options)
        for panel in self.panels.values():
            self._connect_panel(panel)
        self.training.complete()
        self.project_view.complete()
        self.rates.complete()
        self.curve_panel.export_requested.connect(self.actions_.exports.ask_curve)
        self.curve_panel.rate_wanted.connect(
            lambda rate: setup.form.set_value("learning_rate", rate))
        self.matrices_panel.hover_text_changed.connect(self.job_bar.set_hover_text)
        self.matrices_panel.tools.display_wanted.connect(partial(keep_display, self.stored))
        model.status_changed.connect(self._show_status)
        model.live_records_added.connect(self._on_records_added)
        setup.form.changed.connect(lambda: self.actions_.follow(model))
        model.notice_added.connect(self._on_notice)

    def _connect_panel(self, panel: Panel) -> None:
        """Connect what any panel may ask for."""
        actions = self.actions_
        panel.job_wanted.connect(lambda text, job, done: self.start_job(text, job, done))
        panel.save_wanted.connect(actions.ask_save)
        panel.open_wanted.connect(actions.ask_open)
        panel.table_wanted.connect(actions.exports.ask_table)
        panel.export_wanted.connect(actions.exports.start)
        panel.told.connect(self.tell)
        panel.settings_wanted.connect(self._fill_form)
        panel.train_wanted.connect(self.training.train)
        panel.inspector_wanted.connect(self.show_inspector)
        panel.snapshot_wanted.connect(self.training.request_snapshot)

    def _fill_form(self, solver: str, values: dict[str, Any]) -> None:
        """Put settings into the form, as a search found them."""
        self.setup_panel.set_solver(solver)
        for name, value in values.items():
            self.setup_panel.form.set_value(name, value)
        self.layout_.show("setup")

    def show_inspector(self) -> None:
        """Bring the explanation of the pinned cell to the front."""
        self.layout_.show("inspector")

    # -- jobs ---------------------------------------------------------------------------------

    def start_job(self, text: str, job: Job, done: Done = None, **how: Any) -> None:
        """Run a job of the status bar, as ``JobFlow.start`` says."""
        self.job_flow.start(text, job, done, **how)

    def tell(
        self, text: str, kind: str = "error", remedy: str = "",
        action: Callable[[], None] | None = None, other: str = "",
        other_action: Callable[[], None] | None = None,
    ) -> None:
        """Show one sentence across the top of the matrices."""
        self.message_bar.tell(text, kind, remedy, action, other, other_action)

    # -- training -----------------------------------------------------------------------------

    def stop(self) -> None:
        """End the run; it keeps its last whole epoch, or its best."""
        self.training.stop()

    def _on_records_added(self, records: list[Any]) -> None:
        self.show_title()
        if len(records) == len(self.run_model.live.history):  # there is a curve to export now
            self.actions_.follow(self.run_model)

    def _on_notice(self, notice: Notice) -> None:
        LOG.info("%s: %s", notice.kind, notice.text)

    def _show_status(self) -> None:
        self.actions_.follow(self.run_model)
        self.show_title()

    def show_title(self) -> None:
        """Write file and progress into the title bar."""
        self.title.show()

    # -- the end ------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Look at the open file when the window comes to the front."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.closing.is_closed:
            self.end_notice.follow_front()
            if self.isActiveWindow():
                self.reading.watch.look()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what runs, wait for its threads, keep the layout; ask where something is lost."""
        self.closing.on_close(event)
