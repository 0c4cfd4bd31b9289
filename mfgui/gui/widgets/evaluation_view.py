"""What an evaluation or a cross-validation came to: title, tables, and what has to be known."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from mfgui.gui.theme import set_role
from mfgui.gui.widgets.evaluation_tables import FigureTable
from mfgui.gui.widgets.flow_row import FlowRow
from mfgui.jobs.cross_validate import CrossValidation, FoldDone
from mfgui.jobs.evaluation_grids import error_grid, fold_grid, list_grid
from mfgui.jobs.evaluation_words import verdict
from mfgui.training.evaluation import Evaluation, Row

ERRORS_HELP = ("How far predictions are off, of this model and of the simplest ones, ± how far "
               "chance moves the figure. Less is better; the best of a column is bold and has the "
               "word best beside it.")
LISTS_HELP = ("How good the first places of every user's list are, of this model and of the list "
              "of the most popular items. More is better; the best of a line is bold and has the "
              "word best beside it.")
FOLDS_HELP = "The figures of each fold, as it is done; ± is the standard error over users."


class EvaluationView(QWidget):
    """The figures and the sentences below them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel()
        self.title.setWordWrap(True)
        self.title.setObjectName("evaluationTitle")
        self.title.setTextFormat(Qt.TextFormat.PlainText)  # it has a file's name in it
        set_role(self.title, "heading")
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.setObjectName("evaluationVerdict")
        self.errors = FigureTable("evaluationErrors", ERRORS_HELP)
        self.errors.setAccessibleName("Errors of predictions")
        self.lists = FigureTable("evaluationLists", LISTS_HELP)
        self.lists.setAccessibleName("Figures of lists")
        self.folds = FigureTable("evaluationFolds", FOLDS_HELP)
        self.folds.setAccessibleName("Figures of the folds")
        self.tables = (self.errors, self.lists, self.folds)
        self.lines = QLabel()
        self.lines.setWordWrap(True)
        self.lines.setObjectName("evaluationLines")
        self.lines.setTextFormat(Qt.TextFormat.RichText)
        self.lines.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.lines.setAccessibleName("What has to be known of the figures")
        self.lines.setWhatsThis("What has to be known to believe the figures.")
        self._lines: tuple[str, ...] = ()
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        row = FlowRow(spacing=10)
        for table in self.tables:
            row.add(table)
            row.flow.setAlignment(table, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.title)
        column.addWidget(self.verdict)
        column.addWidget(row)
        column.addWidget(self.lines)
        column.addStretch(1)

    def show_evaluation(self, found: Evaluation) -> None:
        """Show the figures of a model on some ratings."""
        self._show(f"{found.subject} on {found.tested_on}", found.rows, found.n, (), found.lines)

    def show_folds(self, label: str, folds: Sequence[FoldDone], n_folds: int) -> None:
        """Show folds while further ones are trained."""
        text = f"{label}, cross-validation: {len(folds)} of {n_folds} folds are done"
        self._show(text, (), 0, folds, ())

    def show_cross_validation(self, label: str, found: CrossValidation) -> None:
        """Show what the folds came to."""
        done = len(found.folds)
        of = f"{done} folds" if found.is_whole else f"{done} of {found.n_folds} folds"
        self._show(f"{label}, cross-validation: mean of {of}", found.rows, found.n, found.folds,
                   found.lines)

    def _show(
        self, title: str, rows: tuple[Row, ...], n: int, folds: Sequence[FoldDone],
        lines: tuple[str, ...],
    ) -> None:
        self.title.setText(title)
        self.errors.show_grid(error_grid(rows, n))
        self.lists.show_grid(list_grid(rows, n))
        self.folds.show_grid(fold_grid(folds))
        said = verdict(rows, n)
        self._lines = tuple(line for line in lines if line != said)
        for label, text in ((self.verdict, said), (self.lines, _paragraphs(self._lines))):
            label.setText(text)
            label.setVisible(bool(text))

    @property
    def text(self) -> str:
        """All of it as text, to be copied."""
        tables = [table.grid_.text for table in self.tables if table.grid_.lines]
        return "\n\n".join(filter(None, (
            self.title.text(), self.verdict.text(), *tables, "\n".join(self._lines))))


def _paragraphs(lines: Sequence[str]) -> str:
    """Return sentences as paragraphs that can be told apart; names in them are shown as text."""
    return "".join(f'<p style="margin: 0 0 4px 0">{escape(line)}</p>' for line in lines)
