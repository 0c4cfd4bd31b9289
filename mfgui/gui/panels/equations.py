"""The equations of the pinned cell with its numbers, and step mode.

Everything is computed on a thread of its own, one question after another: what is looked at may be
dropped where something newer is asked, a step may not.
"""

from __future__ import annotations

import time
from collections import deque
from functools import partial

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QLabel,
    QLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mfgui.core.control import Control
from mfgui.gui.background import LatestWorker
from mfgui.gui.equation_question import question_of
from mfgui.gui.pace import Pace
from mfgui.gui.panels.base import Panel
from mfgui.gui.run_model import RunModel
from mfgui.gui.theme import Theme
from mfgui.gui.view_state import NEW_USER, ViewState
from mfgui.gui.widgets.equation_head import EquationHead
from mfgui.gui.widgets.equation_view import EquationView
from mfgui.gui.widgets.step_bar import StepBar
from mfgui.inspection.equation_desk import Answer, EquationDesk, Question
from mfgui.inspection.equations import equations_latex, equations_text

WIDE = 640  # pixels; narrower, the steps stand below the equations
BAR_WIDTH, BAR_HEIGHT = 250, 250
WORKING_MS = 150  # a step that takes longer is said to be under way
UNBOUNDED = 16_777_215  # Qt's own largest size
NO_RATINGS = "Open ratings and train: the equations of any cell stand here with its numbers."
NO_MODEL = ("Train, or step from random factors with “One epoch”: then the equations of the pinned "
            "cell stand here with its numbers.")
NO_CELL = "Pin a cell to see its equations with its numbers: click it in a matrix."
IMAGINARY = ("The new user is no row of the model, so no step follows its ratings: pin a cell of "
             "another row.")
RUNNING = "While training runs the numbers follow it: stop it to go step by step."


class EquationsPanel(Panel):
    """Formulas with the pinned cell's numbers, and a copy of the model trained by hand."""

    title = "Equations"
    area = "top"
    is_shown_first = True
    keys = "Ctrl+5"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("equationsPanel")
        self._run_model: RunModel | None = None
        self._view_state: ViewState | None = None
        self._desk, self._control = EquationDesk(), Control()
        self._steps: deque[str] = deque()
        self._is_busy, self._is_stale, self._member, self._asked_at = False, False, 0, 0.0
        self._is_stepping, self._is_showing = False, False
        self.answer: Answer | None = None
        self.head, self.view, self.bar = EquationHead(), EquationView(), StepBar()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(WORKING_MS)
        self._timer.timeout.connect(self.bar.show_working)
        self._pace = Pace(self)
        self._pace.due.connect(self._look)
        self._worker = LatestWorker(self)
        self._worker.done.connect(self._on_done)
        self._worker.failed.connect(self._on_failed)
        self._build()
        self._connect()

    def _build(self) -> None:
        self._words = QLabel(NO_RATINGS)
        self._words.setObjectName("equationsWords")
        self._words.setProperty("role", "muted")
        self._words.setWordWrap(True)
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setContentsMargins(16, 12, 16, 12)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._words)
        self._pages.addWidget(self.view)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.head)
        column.addWidget(self._pages, 1)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._parts.setContentsMargins(8, 4, 8, 6)
        self._parts.setSpacing(8)
        self._parts.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._parts.addWidget(left, 1)
        self._parts.addWidget(self.bar, 0)
        self.head.set_has_equations(False)

    def _connect(self) -> None:
        self.head.decimals_changed.connect(self.view.set_decimals)
        self.head.whole_changed.connect(self.view.set_whole)
        self.head.member_changed.connect(self._on_member_changed)
        self.head.copy_requested.connect(self._on_copy_requested)
        self.view.copy_requested.connect(self._on_copy_requested)
        self.bar.asked.connect(self._on_asked)
        self.bar.rate_changed.connect(self._look)

    def minimumSizeHint(self) -> QSize:
        """Return the least that a narrow column needs; its layout changes with the width."""
        return QSize(max(self.head.minimumSizeHint().width(),
                         self.bar.minimumSizeHint().width()) + 16, 200)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the steps beside the equations where there is room, else below."""
        super().resizeEvent(event)
        is_wide, direction = self.width() >= WIDE, QBoxLayout.Direction
        self._parts.setDirection(direction.LeftToRight if is_wide else direction.TopToBottom)
        width = max(BAR_WIDTH, self.bar.minimumSizeHint().width())
        self.bar.setMaximumSize(*((width, UNBOUNDED) if is_wide else (UNBOUNDED, BAR_HEIGHT)))

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow what is shown and what is pinned."""
        self._run_model, self._view_state = run_model, view_state
        run_model.ratings_changed.connect(self._on_ratings_changed)
        run_model.shown_changed.connect(self._on_shown_changed)
        run_model.status_changed.connect(self._look)
        run_model.next_run_changed.connect(self._look)
        view_state.pinned_changed.connect(self._look)
        self._look()

    def set_theme(self, theme: Theme) -> None:
        """Draw in the theme's colours."""
        self.view.set_theme(theme)
        self.bar.set_theme(theme)

    def shut_down(self) -> None:
        """Stop what is being worked out, and wait for it."""
        self._steps.clear()
        self._pace.stop()
        self._control.stop()
        self._worker.shut_down()

    def catch_up(self) -> None:
        """Catch up with what changed while it was hidden."""
        self._look()

    def _on_ratings_changed(self) -> None:
        """Keep nothing of models and ratings that are no longer open."""
        self._desk, self.answer = EquationDesk(), None
        self.view.show_equations(None)
        self._show_words(NO_MODEL)

    def _on_shown_changed(self) -> None:
        """Look at other numbers; where the copy was put away by somebody else, leave it.

        While training as often as that is cheap: the method at another rate looks at all ratings.
        """
        assert self._run_model is not None
        if self._is_showing:
            return  # the panel's own doing: what is shown now is what was answered
        if self._is_stepping and self._run_model.trial is None:
            self._is_stepping = False
            self._steps.clear()
            self._steps.append("leave")
        if self._run_model.status.is_running and self._run_model.shown is not None:
            self._pace.want()
        else:
            self._look()

    def _on_asked(self, kind: str) -> None:
        """Take a step, after those before it; leaving does not wait for them."""
        if kind == "leave":
            self._steps.clear()
            self._control.stop()
            self._control = Control()
        self._steps.append(kind)
        self._ask()

    def _on_member_changed(self, member: int) -> None:
        self._member = member
        self._look()

    def _look(self) -> None:
        """Have the equations worked out anew, in a moment."""
        self._is_stale = True
        self._ask()

    def _ask(self) -> None:
        """Ask the next question, once the last is answered."""
        if self._is_busy or not (self._steps or (self._is_stale and self.is_seen)):
            return
        question = self._question(self._steps.popleft() if self._steps else "look")
        self._is_stale = False
        if question is None:
            self._steps.clear()
            self._show_words(NO_RATINGS)
            self.bar.set_off(NO_RATINGS)
            return
        self._is_busy, self._asked_at = True, time.perf_counter()
        self._pace.begin()
        if question.kind != "look":
            self._timer.start()
        self._worker.ask(partial(self._desk.answer, question, self._control.checkpoint))

    def _question(self, kind: str) -> Question | None:
        """Return what is to be asked of what is there now; None where nothing is open."""
        model, state = self._run_model, self._view_state
        if model is None or state is None:
            return None
        own = model.snapshot.model if model.snapshot is not None else None
        self.head.set_members(len(own.members) if own is not None else 1)
        return question_of(kind, model, state, self.bar.rate, self._member)

    def _on_done(self, answer: Answer) -> None:
        """Show what was worked out, and ask on."""
        self._is_busy, self.answer = False, answer
        self._timer.stop()
        self._pace.end(time.perf_counter() - self._asked_at)
        if answer.is_stepping and self._is_outdated(answer.question):
            self._steps.clear()
            self._steps.append("leave")
        if not (self._steps and self._steps[0] == "leave"):
            self._is_stepping = answer.is_stepping
            self._set_trial(answer)
            self._show(answer)
        self._ask()

    def _is_outdated(self, question: Question) -> bool:
        """Return whether the copy is of ratings or factors that are no longer there."""
        model = self._run_model
        assert model is not None
        own = model.snapshot.model if model.snapshot is not None else None
        return (model.status.is_running or model.known is not question.known
                or own is not question.model)

    def _set_trial(self, answer: Answer) -> None:
        """Have matrices and curve follow the copy, or the run again."""
        assert self._run_model is not None
        self._is_showing = True
        try:
            if answer.trial is not None:
                self._run_model.set_trial(answer.trial)
            elif answer.question.kind == "leave":
                self._run_model.set_trial(None)
        finally:
            self._is_showing = False

    def _on_failed(self, error: Exception) -> None:
        """Hand a bug on to the bug report; what a person can cause is an answer's message."""
        self._is_busy = False
        self._pace.end(0.0)
        raise error

    def _show(self, answer: Answer) -> None:
        """Show equations and what can be stepped."""
        assert self._run_model is not None
        self.view.show_equations(answer.equations)
        self.head.set_has_equations(answer.equations is not None)
        if answer.equations is None:
            self._show_words(self._reason(answer))
        else:
            self._pages.setCurrentIndex(1)
        self.bar.show_answer(answer)
        if self._run_model.status.is_running:
            self.bar.set_off(RUNNING)

    def _reason(self, answer: Answer) -> str:
        """Return why there are no equations."""
        state = self._view_state
        if answer.question.model is None and not answer.is_stepping:
            return NO_MODEL
        if state is not None and state.pinned is not None and state.pinned[0] == NEW_USER:
            return IMAGINARY
        return NO_CELL

    def _show_words(self, words: str) -> None:
        """Say why there is nothing to show."""
        self._words.setText(words)
        self._pages.setCurrentIndex(0)
        self.head.set_has_equations(False)

    def _on_copy_requested(self, kind: str) -> None:
        """Put the equations on the clipboard."""
        if self.answer is None or self.answer.equations is None:
            return
        write = equations_text if kind == "text" else equations_latex
        QApplication.clipboard().setText(write(self.answer.equations, self.view.page.decimals))
        self.told.emit("The equations were copied.", "information")
