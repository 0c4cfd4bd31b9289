"""How good the shown model is, and how good the settings of the form are: figures to believe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QStackedLayout, QVBoxLayout, QWidget

from mfgui import jobs
from mfgui.core.control import Control
from mfgui.core.solvers import SOLVERS
from mfgui.errors import MfguiError
from mfgui.gui.evaluation_subject import TEST_FILE, parts, shown_subject
from mfgui.gui.job_watch import JobWatch
from mfgui.gui.panels.base import Panel
from mfgui.gui.project_keeper import begin_record
from mfgui.gui.run_model import RunModel
from mfgui.gui.view_state import ViewState
from mfgui.gui.widgets.evaluation_tools import EvaluationTools
from mfgui.gui.widgets.evaluation_view import EvaluationView
from mfgui.gui.widgets.scrolling import Content, Scrolling
from mfgui.gui.widgets.small_parts import sentence, small_button
from mfgui.jobs.cross_validate import CrossValidation, FoldDone
from mfgui.jobs.evaluate import Subject
from mfgui.jobs.evaluation_words import from_dict
from mfgui.training.checks import check_run
from mfgui.training.evaluation import Evaluation
from mfgui.training.events import Notice

INVITATION = ("Evaluate measures the shown model on ratings that it never saw, beside the simplest "
              "models. Cross-validate trains the settings of the form on every fold.")
COPY_HELP = "Copy values: title, tables and sentences as text, with tabs between the columns."
NO_MODEL = "Train first, or open a model."
NO_PART = ("There are no ratings that this model never saw: set a test file at the left, or train "
           "with a validation share above 0.")
NO_RATINGS = "Open ratings first."


class EvaluationPanel(Panel):
    """Two actions and what they came to."""

    title: ClassVar[str] = "Evaluation"
    # Its tables are too wide for the column at the right, whose tabs would be cut off by one more.
    area: ClassVar[str] = "top"
    keys: ClassVar[str] = "Ctrl+Shift+E"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluationPanel")
        self._run_model: RunModel | None = None
        self._folds: list[FoldDone] = []
        self._label = ""
        self._n_folds = 0
        self._is_running = False
        self.tools, self.view = EvaluationTools(), EvaluationView()
        self.copy = small_button("Copy values", "evaluationCopy", COPY_HELP)
        self._invitation = sentence(INVITATION)
        # The page behind it may be taller than what is seen.
        self._invitation.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self._build()
        self.tools.changed.connect(self._show_state)
        self.tools.evaluate_clicked.connect(self.evaluate)
        self.tools.cross_validate_clicked.connect(self.cross_validate)
        self.copy.clicked.connect(lambda: QApplication.clipboard().setText(self.view.text))

    def _build(self) -> None:
        body, figures = Content(), QWidget()
        rows = QVBoxLayout(figures)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(6)
        rows.addWidget(self.view)
        rows.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)
        rows.addStretch(1)
        self._pages = QStackedLayout()
        column = QVBoxLayout(body)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(8)
        column.addWidget(self.tools)
        column.addLayout(self._pages, 1)
        # Only now: it shows its first page, which without a parent was a window of its own.
        self._pages.addWidget(self._invitation)
        self._pages.addWidget(figures)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(Scrolling(body))

    def set_models(self, run_model: RunModel, view_state: ViewState) -> None:
        """Follow the shown model, the form and the test file."""
        self._run_model = run_model
        run_model.ratings_changed.connect(self._on_ratings_changed)
        for changed in (run_model.shown_changed, run_model.test_ratings_changed,
                        run_model.result_changed, run_model.next_run_changed):
            changed.connect(self._on_changed)
        run_model.project.shown_run_changed.connect(self._show_kept)
        self._on_changed()

    # -- what can be done ---------------------------------------------------------------------

    def catch_up(self) -> None:
        """Offer what there is to measure on now."""
        self._on_changed()

    def _on_ratings_changed(self) -> None:
        """Show nothing of other ratings any more."""
        if not self._is_running:
            self._pages.setCurrentIndex(0)
        self._on_changed()

    def _on_changed(self) -> None:
        if self._run_model is not None and self.is_seen:
            self.tools.offer(parts(self._run_model))
            self._show_state()

    def _show_state(self) -> None:
        """Say why something cannot be done."""
        lists = self.tools.error_of("n", "threshold")
        folds = self.tools.error_of("n_folds")
        busy = "This panel is measuring already." if self._is_running else ""
        self.tools.show_state(busy or lists or self._evaluate_refusal(),
                              busy or lists or folds or self._cross_refusal(), lists or folds)

    def _evaluate_refusal(self) -> str:
        model = self._run_model
        if model is None or model.snapshot is None or model.ratings is None:
            return NO_MODEL
        return "" if self.tools.part_name else NO_PART

    def _cross_refusal(self) -> str:
        model = self._run_model
        if model is None or model.ratings is None or not model.ratings.n_ratings:
            return NO_RATINGS
        solver, settings = model.next_run
        if settings is None:
            return "Mend the settings in the form at the left first."
        try:
            check_run(SOLVERS[solver], settings, model.ratings)
        except MfguiError as error:
            return str(error)
        return ""

    # -- evaluating ---------------------------------------------------------------------------

    def evaluate(self) -> None:
        """Measure the shown model."""
        model = self._run_model
        assert model is not None
        subject, part = shown_subject(model), self.tools.part_name
        if subject is None or not part:
            return
        test = model.test_ratings if part == TEST_FILE else None
        how = {"n": self.tools.number("n"), "threshold": self.tools.number("threshold"),
               **({} if test is not None else {"part": part}), **self._kept_with(subject)}
        self.job_wanted.emit(
            "Evaluating", lambda control: jobs.evaluate(control, subject, test, **how),
            JobWatch(self._show_evaluation, on_start=self._on_started, on_end=self._on_ended))

    def _kept_with(self, subject: Subject) -> dict[str, Any]:
        """Return where the evaluation is kept: with the run, where a project has it."""
        model = self._run_model
        assert model is not None
        project, run_id = model.project.project, model.track.run_id
        if project is None or project.is_read_only or not model.project.has(run_id):
            return {}
        return {"project": project, "run_id": run_id}

    def _show_evaluation(self, found: Evaluation) -> None:
        self.view.show_evaluation(found)
        self._pages.setCurrentIndex(1)

    def _show_kept(self) -> None:
        """Show the newest evaluation that the project keeps of the run that is shown now."""
        model = self._run_model
        if model is None or self._is_running:
            return
        project, run_id = model.project.project, model.project.shown_run
        entries = project.entries("evaluation") if project is not None else []
        for entry in reversed(entries):
            if run_id is not None and entry.run_id == run_id:
                try:
                    self._show_evaluation(from_dict(entry.body))
                except ValueError:  # another program wrote it: as if there were none
                    break
                return
        self._pages.setCurrentIndex(0)

    # -- cross-validating ---------------------------------------------------------------------

    def cross_validate(self) -> None:
        """Train and measure each fold with the settings of the form."""
        model = self._run_model
        assert model is not None
        (solver, settings), ratings = model.next_run, model.ratings
        if settings is None or ratings is None:
            return
        keeper = model.project.keeper
        how: dict[str, Any] = {name: self.tools.number(name)
                               for name in ("n", "threshold", "n_folds")}
        self._folds, self._label, self._n_folds = [], SOLVERS[solver].label, how["n_folds"]

        def job(control: Control) -> Iterator[Any]:
            record = None
            if keeper is not None:
                record = yield from begin_record(keeper, ratings)
            kept: dict[str, Any] = {} if record is None else {
                "project": record.project, "source_id": record.source_id}
            yield from jobs.cross_validate(control, solver, settings, ratings, **how, **kept)

        self.job_wanted.emit("Cross-validating", job, JobWatch(
            on_start=self._on_started, on_events=self._on_events, on_end=self._on_ended))

    def _on_events(self, events: list[Any]) -> None:
        """Show folds as they come."""
        project = self._run_model.project if self._run_model is not None else None
        for event in events:
            if isinstance(event, Notice):
                self.told.emit(event.text, event.kind)
            elif isinstance(event, FoldDone):
                self._folds.append(event)
                self.view.show_folds(self._label, self._folds, self._n_folds)
                self._pages.setCurrentIndex(1)
                if project is not None and project.project is not None and (
                        event.run_id is not None):
                    project.put(project.project.run(event.run_id))
            elif isinstance(event, CrossValidation):
                self.view.show_cross_validation(self._label, event)
                self._pages.setCurrentIndex(1)

    def _on_started(self, _control: Control) -> None:
        self._is_running = True
        self._show_state()

    def _on_ended(self, _error: BaseException | None) -> None:
        self._is_running = False
        self._on_changed()
        self._show_state()
