"""The reproducibility card of the shown run: what it takes to train it again, to the same bits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QStackedLayout, QVBoxLayout, QWidget

from mfgui.errors import MfguiError
from mfgui.gui.background import LatestWorker
from mfgui.gui.panels.base import Panel
from mfgui.gui.theme import set_role
from mfgui.gui.widgets.described import describe
from mfgui.gui.widgets.fact_grid import FactGrid
from mfgui.gui.widgets.flow_row import FlowRow
from mfgui.gui.widgets.scrolling import Content, Scrolling
from mfgui.gui.widgets.small_parts import sentence, small_button
from mfgui.gui.window_words import in_window
from mfgui.jobs.reproducibility import SAME, Reproducibility, reproducibility

if TYPE_CHECKING:
    from mfgui.gui.project_model import ProjectModel
    from mfgui.gui.run_model import RunModel
    from mfgui.gui.view_state import ViewState
    from mfgui.store.project import Project

NOTHING = "Train a run, or choose one in the list: its card tells what it takes to train it again."
COMMAND_HELP = "Copy as command: a line for a shell that trains the run again, to the same bits."
SCRIPT_HELP = ("Copy as Python script: it trains the run again, and those it was trained on from, "
               "and says whether the bits are the same.")
AGAIN_HELP = ("Run again and compare bits: train once more, with the same settings on the same "
              "ratings, and see whether the model is the same to the bit. Nothing of the run "
              "changes.")
REPORT_HELP = ("Report: write a page that opens in any browser, with ratings, settings, curve, "
               "matrices, figures and this card.")
COPIED = {"command": "The command is copied: paste it into a shell.",
          "script": "The script is copied: paste it into a file, and run it with Python."}


@dataclass(frozen=True, eq=False)
class Answer:
    """The card of a run, or why there is none."""

    project: Project
    run_id: int
    card: Reproducibility | None
    trouble: str = ""


class CardPanel(Panel):
    """Shows the card of the run that is shown; it is worked out off the GUI thread."""

    title: ClassVar[str] = "Card"
    area: ClassVar[str] = "right"
    keys: ClassVar[str] = "Ctrl+Shift+B"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cardPanel")
        self._project: ProjectModel | None = None
        self._answer: Answer | None = None
        self._told: dict[int, list[str]] = {}  # of a project that keeps nothing
        self._is_stale = False
        self._worker = LatestWorker(self)
        self.head, self.why_not, self.status = QLabel(), QLabel(), QLabel()
        self.again_heading, self.again_lines = QLabel("Run again"), QLabel()
        self.facts = FactGrid()
        self.copy_command = small_button("Copy as command", "copyCommandButton", COMMAND_HELP)
        self.copy_script = small_button("Copy as Python script", "copyScriptButton", SCRIPT_HELP)
        self.again = small_button("Run again and compare bits", "runAgainButton", AGAIN_HELP)
        self.report = small_button("Report...", "cardReportButton", REPORT_HELP)
        self._pages = QStackedLayout(self)
        self._build()
        self.copy_command.clicked.connect(lambda: self._copy("command"))
        self.copy_script.clicked.connect(lambda: self._copy("script"))
        self._worker.done.connect(self._on_card)
        self._worker.failed.connect(self._on_failed)

    def _build(self) -> None:
        body = Content()
        column = QVBoxLayout(body)
        column.setContentsMargins(10, 6, 10, 8)
        column.setSpacing(8)
        same = QLabel(SAME)
        for label, role, name in (
                (self.head, "title", "cardHead"), (same, "muted", "cardSame"),
                (self.why_not, "warning", "cardWhyNot"), (self.status, "muted", "cardStatus"),
                (self.again_heading, "heading", "cardAgainHeading"),
                (self.again_lines, "", "cardAgain")):
            label.setObjectName(name)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            if role:
                set_role(label, role)
        self.again_lines.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons = FlowRow()
        for button in (self.copy_command, self.copy_script, self.again, self.report):
            buttons.add(button)
        for widget in (self.head, same, buttons, self.status, self.why_not, self.again_heading,
                       self.again_lines, self.facts):
            column.addWidget(widget)
        column.addStretch(1)
        self._pages.addWidget(sentence(NOTHING))
        self._pages.addWidget(Scrolling(body))
        self._show_nothing()

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the run that is shown."""
        self._project = project = run_model.project
        for signal in (project.shown_run_changed, project.project_changed, project.runs_changed,
                       project.running_run_changed):
            signal.connect(self._ask)
        project.project_changed.connect(self._told.clear)
        project.again_done.connect(self._on_again)
        self.again.clicked.connect(lambda: self._emit(project.again_wanted))
        self.report.clicked.connect(lambda: self._emit(project.report_wanted))
        self._ask()

    def _emit(self, signal: object) -> None:
        """Ask for something with the run whose card is seen."""
        if self._answer is not None:
            signal.emit(self._answer.run_id)  # type: ignore[attr-defined]

    def shut_down(self) -> None:
        """End the thread that works cards out."""
        self._worker.shut_down()

    def catch_up(self) -> None:
        """Work out the card that was not while nobody saw it."""
        if self._is_stale:
            self._ask()

    # -- showing ------------------------------------------------------------------------------

    def _ask(self) -> None:
        """Have the card of the shown run worked out; the newest question wins."""
        model = self._project
        if model is None:
            return
        project, run_id = model.project, model.shown_run
        if project is None or run_id is None or not model.has(run_id):
            self._show_nothing()
            return
        if self._answer is not None and self._answer.run_id != run_id:
            self._show_nothing()
        self._is_stale = not self.is_seen
        if not self._is_stale:
            self._worker.ask(lambda: _answer(project, run_id))

    def _show_nothing(self) -> None:
        self._answer = None
        self.status.hide()
        self._pages.setCurrentIndex(0)

    def _on_card(self, answer: Answer) -> None:
        model = self._project
        if model is None or model.project is not answer.project or (
                model.shown_run != answer.run_id):
            return
        is_other = self._answer is None or self._answer.run_id != answer.run_id
        self._answer = answer
        if is_other:
            self.status.hide()
        self.head.setText(f"Run {model.label(answer.run_id)}")
        self.facts.show_facts(answer.card.lines if answer.card is not None else ())
        self._show_buttons(answer, is_running=model.running_run == answer.run_id)
        self._show_again(answer)
        self._pages.setCurrentIndex(1)

    def _show_buttons(self, answer: Answer, *, is_running: bool) -> None:
        """Switch on what can be done; what cannot says why, in its tooltip and in a sentence."""
        card = answer.card
        whys = ((answer.trouble,) * 3 if card is None else
                (card.why_no_command, card.why_no_script, card.why_not_again))
        if is_running:
            whys = ("The run is being trained: it can be done again when it is over.",) * 3
        buttons = (self.copy_command, self.copy_script, self.again)
        for button, why, help_text in zip(
                buttons, whys, (COMMAND_HELP, SCRIPT_HELP, AGAIN_HELP), strict=True):
            button.setEnabled(not why)
            describe(button, button.text(), why or help_text)
        self.report.setEnabled(not is_running and not answer.trouble)
        told = "\n".join(dict.fromkeys(why for why in whys if why))
        self.why_not.setText(told)
        self.why_not.setVisible(bool(told))

    def _show_again(self, answer: Answer) -> None:
        """Show what came of running it again."""
        lines = [*reversed(self._told.get(answer.run_id, [])),
                 *(answer.card.again if answer.card is not None else ())]
        self.again_lines.setText("\n".join(lines))
        self.again_heading.setVisible(bool(lines))
        self.again_lines.setVisible(bool(lines))

    def _on_failed(self, error: BaseException) -> None:
        raise error  # a bug: the hook shows it

    def _on_again(self, run_id: int, text: str) -> None:
        """Show what came of running a run again."""
        model = self._project
        if model is not None and model.is_read_only:
            self._told.setdefault(run_id, []).append(text)
        self._ask()

    # -- copying ------------------------------------------------------------------------------

    def _copy(self, what: str) -> None:
        card = self._answer.card if self._answer is not None else None
        if card is not None:
            QApplication.clipboard().setText(getattr(card, what))
            self.status.setText(COPIED[what])
            self.status.show()


def _answer(project: Project, run_id: int) -> Answer:
    """Return the card of a run; on the worker's thread."""
    try:
        return Answer(project, run_id, reproducibility(project, run_id))
    except MfguiError as error:
        return Answer(project, run_id, None, in_window(str(error)))
